"""make.py's decisions: when it installs, and which PyTorch it asks for. pip itself is replaced."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def make(tmp_path, monkeypatch):
    """The module make.py, at work in an empty checkout; `asked` holds what pip was asked for."""
    path = Path(__file__).resolve().parents[1] / "make.py"
    spec = importlib.util.spec_from_file_location("make_py", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]", encoding="utf-8")
    (tmp_path / "constraints.txt").write_text("numpy==2.4.6\ntorch==2.13.0\n", encoding="utf-8")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "installed.txt")
    monkeypatch.setattr(module, "CONSTRAINTS", tmp_path / "constraints.txt")
    monkeypatch.setattr(module, "usable", lambda: True)
    monkeypatch.setattr(module.sys, "platform", "linux")
    module.asked = []
    module.failing = set()

    def pip(*arguments, **_):
        module.asked.append(list(map(str, arguments)))
        return int(bool(module.failing & set(module.asked[-1])))

    monkeypatch.setattr(module, "pip", pip)
    return module


def installed(make):
    """The extras of each time that nnlib was installed."""
    return [asked[-1] for asked in make.asked if "-e" in asked]


def test_it_installs_once(make):
    make.prepare({"course"})
    assert installed(make) == [".[course,torch]"]
    make.asked.clear()
    make.prepare({"course"})
    assert make.asked == []


def test_tests_add_their_tools_and_lab_keeps_them(make):
    make.prepare({"course"})
    make.prepare({"course", "test"})
    make.prepare({"course"})
    assert installed(make) == [".[course,torch]", ".[course,test,torch]"]


@pytest.mark.parametrize("file", ["constraints.txt", "pyproject.toml"])
def test_changed_pins_install_again(make, tmp_path, file):
    make.prepare({"course", "test"})
    with (tmp_path / file).open("a", encoding="utf-8") as changed:
        changed.write("\n# changed")
    make.prepare({"course"})
    assert installed(make) == [".[course,test,torch]", ".[course,torch]"]


def test_an_interrupted_installation_is_taken_up_again(make):
    make.failing = {"-e"}
    with pytest.raises(SystemExit, match="The same command goes on"):
        make.prepare({"course"})
    make.failing = set()
    make.prepare({"course"})
    assert len(installed(make)) == 2


def test_linux_asks_pytorchs_own_index_first_and_never_for_cuda(make):
    make.failing = {make.TORCH_CPU_INDEX}
    assert make.install_torch()
    first, second = make.asked
    assert make.TORCH_CPU_INDEX in first
    assert first[-5:-1] == ["--timeout", "5", "--retries", "0"]
    assert make.TORCH_CPU_INDEX not in second
    assert first[-1] == second[-1] == "torch==2.13.0+cpu"


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_pip_finds_the_cpu_build(make, monkeypatch, platform):
    monkeypatch.setattr(make.sys, "platform", platform)
    assert make.install_torch()
    assert [asked[-1] for asked in make.asked] == ["torch==2.13.0"]


def test_without_torch_the_course_is_installed_and_says_so(make, capsys):
    make.failing = {"torch==2.13.0+cpu"}
    make.prepare({"course"})
    assert installed(make) == [".[course]"]
    assert "the course works, its proofs in PyTorch are skipped" in capsys.readouterr().out


def test_a_failed_step_does_not_hide_the_next_and_is_named(make, monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(make, "run", lambda step: ran.append(step) or int(step == ["second"]))
    steps = {name: [name] for name in ("first", "second", "third")}
    assert make.run_all(steps, ()) == 1
    assert ran == [["first"], ["second"], ["third"]]
    assert "Failed: second" in capsys.readouterr().out


def test_students_get_the_course_without_solutions_and_grading(make, tmp_path, monkeypatch):
    root, target = Path(__file__).resolve().parents[1], tmp_path / "students"
    monkeypatch.setattr(make, "ROOT", root)
    assert make.main("student-release", str(target)) == 0
    assert (target / "exercises" / "01_neuron" / "01_neuron.ipynb").exists()
    assert not (target / "nnlib" / "course" / "grade").exists()
    assert {path.name for path in target.iterdir()} <= set(make.RELEASED)
    check = "from nnlib.course.check import check, progress; import nnlib.course.lessons"
    subprocess.run([sys.executable, "-c", check], cwd=target, check=True, timeout=60)
    with pytest.raises(SystemExit, match="is there already"):
        make.main("student-release", str(target))


def test_a_student_release_needs_a_folder(make, capsys):
    assert make.main("student-release") == 2
    assert "student-release FOLDER" in capsys.readouterr().out
