"""make.py's decisions: when it installs, which PyTorch it asks for, and what each command runs.

pip is replaced, and no command is really run.
"""

import importlib.util
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

REAL = Path(__file__).resolve().parents[1]
PYTEST = tomllib.loads((REAL / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"][
    "ini_options"
]


@pytest.fixture
def make(tmp_path, monkeypatch):
    """The module make.py, at work in an empty checkout; `asked` holds what pip was asked for."""
    spec = importlib.util.spec_from_file_location("make_py", REAL / "make.py")
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


@pytest.fixture
def steps(make, monkeypatch):
    """What a command runs, as lines."""
    ran = []
    monkeypatch.setattr(make, "run", lambda step: ran.append(" ".join(step)) or 0)

    def of(*command):
        ran.clear()
        assert make.main(*command) == 0
        return list(ran)

    return of


STYLE = ["ruff check", "ruff format --check"]


def marks(line):
    """What -m says on a line of a command; without it pyproject's default holds."""
    _, mark, said = line.rpartition(" -m ")
    default = PYTEST["addopts"][PYTEST["addopts"].index("-m") + 1]
    return said if mark else default


def test_quick_leaves_out_what_is_slow_or_heavy(steps):
    *lint, tests = steps("quick")
    assert lint == [*STYLE, "mypy"] == steps("lint")
    assert tests.startswith("pytest ")
    assert marks(tests) == "not slow and not heavy"


def test_the_test_leaves_out_only_what_is_slow(steps):
    *lint, tests, stored = steps("test")
    assert lint == [*STYLE, "mypy"]
    assert tests.startswith("pytest ")
    assert marks(tests) == marks(stored) == "not slow"
    assert " --nbval " in stored
    assert stored.endswith(" notebooks solutions")


def test_full_leaves_out_nothing_and_reports_coverage(make, steps):
    *lint, site, tests, stored, combine, report = steps("full")[:8]
    assert lint == [*STYLE, "mypy"]
    assert site == "nnlib.course.site --lite"
    assert tests.startswith("coverage run -m pytest ")
    assert marks(tests) == ""
    assert stored == steps("test")[-1]
    assert [combine, report] == ["coverage combine --quiet", "coverage report"]


@pytest.mark.parametrize(
    ("machine", "flags", "kernels"),
    [
        ("x86_64", "flags : sse avx2 avx512f", ["Prescott", "Haswell", "SkylakeX"]),
        ("AMD64", "flags : sse avx2", ["Prescott", "Haswell"]),
        ("arm64", None, []),
    ],
)
def test_full_repeats_the_stored_outputs_under_each_kernel_that_the_processor_has(
    make, monkeypatch, tmp_path, machine, flags, kernels
):
    monkeypatch.setattr(make.platform, "machine", lambda: machine)
    monkeypatch.setattr(make, "CPU", tmp_path / "cpuinfo")
    if flags:
        make.CPU.write_text(flags, encoding="utf-8")
    stored = make.TEST["stored outputs"]
    repeated = [step for name, step in make.full().items() if name.startswith("stored outputs, ")]
    assert repeated == [[f"OPENBLAS_CORETYPE={kernel}", *stored] for kernel in kernels]


def test_settings_before_a_step_go_into_its_environment(make, monkeypatch):
    called = {}
    monkeypatch.setattr(make.subprocess, "call", lambda *a, **k: called.update(k, command=a[0]))
    make.run(["OPENBLAS_CORETYPE=Haswell", "pytest", "--dist=load"])
    assert called["command"] == [make.PYTHON, "-m", "pytest", "--dist=load"]
    assert called["env"] == os.environ | {"OPENBLAS_CORETYPE": "Haswell"}


@pytest.fixture
def lessons(tmp_path):
    """Lessons of which 10 has two parts, 17 a solution and 27 none."""
    stored = [f"notebooks/{name}.ipynb" for name in ("index", "07_a", "10a_b", "10b_c", "27_f")]
    for path in [*stored, "notebooks/17_dropout.ipynb", "solutions/17_dropout/17_dropout.ipynb"]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()


def test_a_lesson_is_tested_alone(steps, lessons):
    *style, tests, stored = steps("test", "--lesson", "17")
    assert style == STYLE
    assert tests.startswith("pytest ")
    assert tests.endswith(" -k 17_dropout")
    assert marks(tests) == "not slow"
    assert " --nbval " in stored
    assert stored.endswith(" notebooks/17_dropout.ipynb solutions/17_dropout/17_dropout.ipynb")


@pytest.mark.parametrize(
    ("number", "names"),
    [("10", "10a_b or 10b_c"), ("10a", "10a_b"), ("7", "07_a"), ("07", "07_a"), ("27", "27_f")],
)
def test_a_lesson_is_named_by_its_number(steps, lessons, number, names):
    _, _, tests, stored = steps("test", "--lesson", number)
    assert tests.endswith(f" -k {names}")
    assert all(f" notebooks/{name}.ipynb" in stored for name in names.split(" or "))


@pytest.mark.parametrize("number", ["1", "99", "", "index"])
def test_a_lesson_that_is_not_there_is_answered_with_those_that_are(make, lessons, number):
    with pytest.raises(SystemExit, match=f"no lesson {number}. There are: 07_a, 10a_b, .*27_f"):
        make.main("test", "--lesson", number)
    assert make.asked == []


def test_make_hands_the_lesson_on():
    asked = ["make", "--no-print-directory", "--dry-run", "test", "LESSON=17", "PYTHON=py", "ARGS="]
    try:
        said = subprocess.run(asked, cwd=REAL, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("there is no make here")
    assert said.split() == ['"py"', "make.py", "test", "--lesson", "17"]


@pytest.mark.heavy
def test_every_test_of_a_lesson_is_found_by_the_lessons_name():
    """As make.py chooses them: those of its folder, exercises, notebooks and widgets."""
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-k", "17_dropout"]
    said = subprocess.run(asked, cwd=REAL, capture_output=True, text=True, check=True)
    tests = [line for line in said.stdout.splitlines() if "::" in line]
    assert all("17_dropout" in test for test in tests)
    for part in (
        "lesson_17_dropout/test_exercises.py::",
        "test_specifications.py::test_every_mutant_of_the_reference_is_rejected[17_dropout/",
        "test_nbgrader.py::test_stubs_earn_nothing[17_dropout]",
        "test_stored.py::test_the_notebook_is_stored_normalized[notebooks/17_dropout.ipynb]",
        "test_stored.py::test_the_notebook_is_stored_normalized[solutions/17_dropout/",
        "test_stored.py::test_an_exercise_is_what_nbgrader_makes_of_its_solution[solutions/17_dropout/",
        "test_widgets.py::test_a_widget_answers[17_dropout/dropout_masks]",
    ):
        assert any(part in test for test in tests), part


def test_every_marker_that_a_command_names_is_known():
    assert "--strict-markers" in PYTEST["addopts"]
    assert [mark.partition(":")[0] for mark in PYTEST["markers"]] == ["slow", "heavy"]


def test_pre_commit_checks_style_by_what_is_installed_here(make):
    hooks = yaml.safe_load((REAL / ".pre-commit-config.yaml").read_text("utf-8"))
    (repository,) = hooks["repos"]
    assert repository["repo"] == "local"
    assert all(hook["language"] == "system" for hook in repository["hooks"])
    checks = [hook["entry"].removesuffix(" --force-exclude") for hook in repository["hooks"]]
    assert checks == [f".venv/bin/python -m {' '.join(step)}" for step in make.STYLE.values()]


@pytest.mark.parametrize(("file", "command"), [("test", "test"), ("full", "full")])
def test_ci_runs_the_commands_with_a_limit_and_tells_the_slowest(file, command):
    flow = yaml.safe_load((REAL / ".github" / "workflows" / f"{file}.yml").read_text("utf-8"))
    (job,) = flow["jobs"].values()
    assert job["timeout-minutes"]
    step = job["steps"][-1]
    assert step["run"] == f"python make.py {command}"
    assert step["env"]["PYTEST_ADDOPTS"] == "--durations=15"


def test_the_pages_are_published_when_they_were_tested():
    flow = yaml.safe_load((REAL / ".github" / "workflows" / "pages.yml").read_text("utf-8"))
    build, deploy = flow["jobs"].values()
    assert build["timeout-minutes"]
    assert deploy["needs"] == "build"
    assert "python make.py test-site" in [step.get("run") for step in build["steps"]]
    assert {"path": "build/site/html"} in [step.get("with") for step in build["steps"]]


def test_ci_tries_every_python_and_full_runs_weekly():
    flows = {
        name: yaml.safe_load((REAL / ".github" / "workflows" / f"{name}.yml").read_text("utf-8"))
        for name in ("test", "full")
    }
    pythons = flows["test"]["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert pythons == ["3.11", "3.12", "3.13", "3.14"]
    weekly = flows["full"][True]["schedule"]  # YAML reads `on` as true
    assert [line["cron"].split()[2:4] for line in weekly] == [["*", "*"]]
    assert weekly[0]["cron"].split()[4] != "*"


def test_a_failed_step_does_not_hide_the_next_and_is_named(make, monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(make, "run", lambda step: ran.append(step) or int(step == ["second"]))
    steps = {name: [name] for name in ("first", "second", "third")}
    assert make.run_all(steps, ()) == 1
    assert ran == [["first"], ["second"], ["third"]]
    assert "Failed: second" in capsys.readouterr().out


def test_students_get_the_course_without_solutions_and_grading(make, tmp_path, monkeypatch):
    target = tmp_path / "students"
    monkeypatch.setattr(make, "ROOT", REAL)
    assert make.main("student-release", str(target)) == 0
    assert (target / "exercises" / "01a_neuron" / "01a_neuron.ipynb").exists()
    assert not (target / "nnlib" / "course" / "grade").exists()
    assert {path.name for path in target.iterdir()} <= set(make.RELEASED)
    check = "from nnlib.course.check import check, progress; import nnlib.course.lessons"
    subprocess.run([sys.executable, "-c", check], cwd=target, check=True, timeout=60)
    with pytest.raises(SystemExit, match="is there already"):
        make.main("student-release", str(target))


def test_a_student_release_into_its_repository(make, monkeypatch, tmp_path):
    root, target = tmp_path / "course", tmp_path / "for-students"
    for place in ("notebooks/1.ipynb", "solutions/1.ipynb", ".git/config", "README.md"):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text("new", "utf-8")
    for place in ("notebooks/0.ipynb", "README.md", "of_my_own.md", ".git/config"):
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        (target / place).write_text("old", "utf-8")
    monkeypatch.setattr(make, "ROOT", root)
    assert make.main("student-release", str(target)) == 0
    found = {
        p.relative_to(target).as_posix(): p.read_text("utf-8")
        for p in target.rglob("*.*")
        if p.is_file()
    }
    assert found == {"notebooks/1.ipynb": "new", "README.md": "new", "of_my_own.md": "old"}
    assert (target / ".git" / "config").read_text("utf-8") == "old"
    with pytest.raises(SystemExit, match="is there already"):
        make.main("student-release", str(root))
    assert (root / "solutions" / "1.ipynb").exists(), "never into the course itself"


def test_a_student_release_needs_a_folder(make, capsys):
    assert make.main("student-release") == 2
    assert "student-release FOLDER" in capsys.readouterr().out
