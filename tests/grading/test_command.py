"""The command as an instructor types it, on a small private assignment."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nnlib.course.grade import __main__ as command
from nnlib.course.grade import batch, sandbox

from .conftest import needs_sandbox, notebook
from .hostile import FORWARD, RIGHT

NAME = "tiny"
WRONG = RIGHT | {"forward": FORWARD.replace("maximum", "minimum")}
TOML = """
[[roster]]
id = "ada"
name = "Ada Lovelace"
[[roster]]
id = "bob"
name = "Bob Berg"
[[roster]]
id = "eve"
name = "Eve Adams"
"""


def cells(answers: dict[str, str]) -> str:
    ids = [f"{name}-answer" for name in answers]
    return notebook([*answers.values(), "import numpy as np"], ids)


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """Right, one mistake, nothing; and a file of nobody."""
    root = tmp_path / "class" / "submitted"
    for student, answers in (("ada", RIGHT), ("bob", WRONG), ("stranger", RIGHT)):
        path = root / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(cells(answers), encoding="utf-8")
    (root.parent / "course.toml").write_text(TOML, encoding="utf-8")
    return root


def grade(handed_in: Path, tiny: Path, *options: str, out: str = "GRADES") -> int:
    again = list(options[:1]) if options[:1] == ("regrade",) else []
    return command.main(
        [
            *again,
            str(handed_in),
            *("--assignment", NAME, "--out", str(handed_in.parents[1] / out)),
            *("--exercises", str(tiny), "--workers", "1"),
            *options[len(again) :],
        ]
    )


def content(out: Path) -> dict[str, bytes]:
    """All files but nbgrader's, whose database has times and random ids in it."""
    files = {p.relative_to(out): p for p in sorted(out.rglob("*")) if p.is_file()}
    return {str(k): p.read_bytes() for k, p in files.items() if k.parts[0] != "nbgrader"}


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))


@needs_sandbox()
def test_grade_and_grade_again(
    handed_in: Path, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "GRADES"
    assert grade(handed_in, tiny) == 0
    told = capsys.readouterr().out
    assert (
        "3 students: 2 graded, 1 missing; 0 of the graded ones unusual." in told
        and "Files left out: 1." in told
    )
    assert out.stat().st_mode & 0o777 == 0o700 or sys.platform == "win32"
    assert [row[0:8:7] for row in rows(out / "grades.csv")[1:]] == [
        ["ada", "12"], ["bob", "9"], ["eve", ""]
    ]  # fmt: skip
    assert [row[3] for row in rows(out / "status.csv")[1:]] == ["ok", "ok", "missing"]
    assert (out / "unmatched.txt").read_text(encoding="utf-8").startswith("stranger/")
    assert int((out / "seed.txt").read_text(encoding="ascii")) >= 0
    first = content(out)
    assert grade(handed_in, tiny) == 0
    assert content(out) == first


@needs_sandbox()
def test_an_interrupted_run_goes_on_and_ends_with_the_same_bytes(
    handed_in: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert grade(handed_in, tiny, "--seed", "4", out="whole") == 0

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("nnlib.course.grade.lms_csv.write", interrupted)
        assert grade(handed_in, tiny, "--seed", "4", out="cut") == 130
    assert grade(handed_in, tiny, out="cut") == 0
    assert content(tmp_path / "cut") == content(tmp_path / "whole")


@needs_sandbox()
def test_regrade_touches_one_exercise_and_keeps_overrides(
    handed_in: Path, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "GRADES"
    assert grade(handed_in, tiny) == 0
    seed = (out / "seed.txt").read_bytes()
    header = "assignment,student,exercise,points,reason\n"
    overrides = handed_in.parent / "overrides.csv"
    overrides.write_text(f"{header}tiny,bob,backward,0.5,copied\n", encoding="utf-8")
    new = dict(WRONG, forward=RIGHT["forward"], total="def total(x):\n    return 1")
    path = handed_in / "bob" / NAME / f"{NAME}.ipynb"
    path.write_text(cells(new), encoding="utf-8")
    capsys.readouterr()

    assert grade(handed_in, tiny, "regrade", "--exercise", "forward") == 0
    told = capsys.readouterr().out
    assert "bob: forward: 1 → 4" in told and "bob: all exercises: 5.5 → 8.5" in told
    assert "2 marks changed" in told and "total: " not in told
    assert rows(out / "changes.csv")[1:] == [
        ["bob", "forward", "1", "4"],
        ["bob", "all exercises", "5.5", "8.5"],
    ]
    assert (out / "seed.txt").read_bytes() == seed and not (out / "regrade").exists()
    assert "copied" in rows(out / "grades.csv")[2][-1]

    assert grade(handed_in, tiny) == 0, "and a later run keeps what the regrade left alone"
    assert rows(out / "grades.csv")[2][3:8] == ["4", "0.5", "4", "0", "8.5"]


@needs_sandbox()
def test_a_run_lists_every_mark_that_moved(
    handed_in: Path,
    tiny: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """After a pull in the middle of the term, say: here `forward` has become another exercise."""
    out = tmp_path / "GRADES"
    assert grade(handed_in, tiny) == 0
    assert "changed" not in capsys.readouterr().out
    assert rows(out / "changes.csv") == [["student", "exercise", "before", "after"]]

    changed = tmp_path / "changed"
    shutil.copytree(tiny, changed)
    for path in (changed / "tiny.py", *changed.rglob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        text = text.replace("np.maximum", "np.minimum")
        text = text.replace('"maximum", "minimum"', '"minimum", "maximum"')  # the known mistake
        path.write_text(text, encoding="utf-8")
    assert grade(handed_in, changed) == 0
    told = capsys.readouterr().out
    assert "ada: forward: 4 → 1" in told and "bob: forward: 1 → 4" in told
    assert f"4 marks changed; they are listed in {out / 'changes.csv'}." in told
    assert ["bob", "all exercises", "9", "12"] in rows(out / "changes.csv")


@needs_sandbox()
def test_one_student_again(
    handed_in: Path, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "GRADES"
    assert grade(handed_in, tiny) == 0
    first = content(out)
    others = (out / "records" / NAME / "ada.json").stat().st_mtime_ns
    capsys.readouterr()
    assert grade(handed_in, tiny, "--student", "bob") == 0
    told = capsys.readouterr().out
    assert "bob: ok\n\nforward: 1 of 4 points\n" in told and "  values: fails\n" in told
    assert "Expected " in told and "    forward(\n" in told, "with a call that can be repeated"
    assert "0 marks changed" in told and content(out) == first
    assert (out / "records" / NAME / "ada.json").stat().st_mtime_ns == others
    assert grade(handed_in, tiny, "--student", "zoe") == 2
    assert "nobody is called zoe" in capsys.readouterr().err


@needs_sandbox()
def test_anonymous(
    handed_in: Path, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert grade(handed_in, tiny, "--anonymous") == 0
    out = tmp_path / "GRADES"
    codes = {student: code for code, student in rows(out / "names.csv")[1:]}
    assert codes.keys() == {"ada", "bob", "eve"}
    for name in ("grades.csv", "status.csv"):
        text = (out / name).read_text(encoding="utf-8")
        assert not [word for word in ("ada", "bob", "Ada", "Berg") if word in text]
    marks = {row[0]: row[7] for row in rows(out / "grades.csv")[1:]}
    assert marks == {codes["ada"]: "12", codes["bob"]: "9", codes["eve"]: ""}
    assert not (out / "lms").exists() and "ada" not in capsys.readouterr().out
    pages = {page.stem for page in (out / "feedback" / NAME).iterdir()}
    assert pages == {*codes.values()}
    assert grade(handed_in, tiny) == 0, "and with names again"
    assert not (out / "names.csv").exists() and (out / "lms" / NAME / "moodle.csv").exists()
    assert {page.stem for page in (out / "feedback" / NAME).iterdir()} == {"ada", "bob", "eve"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--assignment", "nothing"), "there is no"),
        (("regrade", "--exercise", "nothing"), "has no exercise 'nothing'"),
    ],
)
def test_what_is_to_be_mended_first(
    options: tuple[str, ...],
    words: str,
    handed_in: Path,
    tiny: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert grade(handed_in, tiny, *options) == 2
    told = capsys.readouterr().err
    assert words in told and "Traceback" not in told
    assert not (tmp_path / "GRADES").exists()


def test_nothing_handed_in(tmp_path: Path, tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "class" / "submitted"
    assert grade(root, tiny) == 2
    assert "there is no" in capsys.readouterr().err
    assert not (tmp_path / "GRADES").exists()
    root.mkdir(parents=True)
    (root / "nobody.ipynb").touch()
    assert grade(root, tiny) == 2
    assert "nobody.ipynb: whose it is cannot be told" in capsys.readouterr().err


def test_grades_stay_out_of_git_unless_ignored(
    handed_in: Path, tiny: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True, timeout=60)
    assert grade(handed_in, tiny) == 2
    assert "could be committed" in capsys.readouterr().err
    assert not (tmp_path / "GRADES").exists()
    (tmp_path / ".gitignore").write_text("GRADES/\n", encoding="utf-8")
    command.output_folder.prepare(tmp_path / "GRADES", handed_in)
    assert (tmp_path / "GRADES").is_dir()


def test_grades_are_not_among_the_submissions(
    handed_in: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert grade(handed_in, tiny, "--out", str(handed_in / "GRADES")) == 2
    assert grade(handed_in, tiny, "--out", str(handed_in.parents[1])) == 2
    assert capsys.readouterr().err.count("within each other") == 2


def test_two_do_not_grade_into_one_folder(
    handed_in: Path, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "GRADES"
    out.mkdir()
    with command.output_folder.alone(out):
        assert grade(handed_in, tiny, "--out", str(out)) == 2
    assert f"somebody is grading into {out} right now" in capsys.readouterr().err
    assert not (out / "seed.txt").exists()
    with command.output_folder.alone(out):  # the lock is open again
        pass


def test_two_seeds_are_not_mixed(tmp_path: Path) -> None:
    assert command.output_folder.seed(tmp_path, 7) == 7
    assert command.output_folder.seed(tmp_path, None) == 7
    with pytest.raises(command.output_folder.BadFolder, match="with the seed 7"):
        command.output_folder.seed(tmp_path, 8)
    (tmp_path / "seed.txt").write_text("?", encoding="ascii")
    with pytest.raises(command.output_folder.BadFolder, match="whole number"):
        command.output_folder.seed(tmp_path, None)


def test_it_refuses_where_nothing_can_be_graded_safely(
    handed_in: Path,
    tiny: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sandbox.shutil, "which", lambda _: None)
    assert grade(handed_in, tiny) == 2
    assert "apt install bubblewrap" in capsys.readouterr().err

    def broken(*_: object) -> None:
        raise batch.SelfTestFailed("the solution gets 0 points")

    monkeypatch.setattr(batch, "self_test", broken)
    assert grade(handed_in, tiny) == 1
    assert "the solution gets 0 points" in capsys.readouterr().err


def test_it_says_how_it_is_used() -> None:
    run = [sys.executable, "-m", "nnlib.course.grade", "--help"]
    told = subprocess.run(run, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "SUBMISSIONS" in told and "--isolation {bubblewrap,container}" in told


def test_workers_need_not_wait_for_nbgrader() -> None:
    """Each process of a local cluster imports the command, and only the one that writes grades."""
    code = (
        "import nnlib.course.grade.__main__, sys\nprint({'nbformat', 'nbgrader'} & {*sys.modules})"
    )
    run = [sys.executable, "-c", code]
    told = subprocess.run(run, capture_output=True, text=True, timeout=60, check=True).stdout
    assert told == "set()\n"
