"""What an instructor is given of a class: tables of all assignments, pages, zips; and what is told."""

import csv
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from nnlib.course.grade import (
    class_report,
    html,
    marks_csv,
    output_folder,
    parcels,
    reports,
    similarity,
)
from nnlib.course.grade import course_toml as courses
from nnlib.course.grade.assignment import COURSE, Assignment, find
from nnlib.course.grade.course_toml import Course, CourseError, Handed, Override, Student
from nnlib.course.grade.record import Record

from .conftest import FROZEN

POINTS = {"shape": 1.0, "values": 2.0, "inputs": 1.0}


def judged(wrong: str = "", mistake: str = "", behavior: str = "b", code: str = "") -> Record:
    """One answer: right, or with a property that does not hold."""
    findings = [{"property": p, "holds": p != wrong, "detail": "", "call": ""} for p in POINTS]
    earned = POINTS | ({wrong: 0.0} if wrong else {})
    points, mistakes = sum(earned.values()), [mistake] * bool(mistake)
    about = {"points": points, "earned": earned, "passed": not wrong, "written": True}
    told = {"mistakes": mistakes, "findings": findings, "behavior": behavior}
    return about | told | {"notes": [], "code": code}


def graded(assigned: Assignment, **answers: Record) -> Record:
    exercises = {name: answers.get(name, judged()) for name in assigned.points}
    return {"state": "ok", "exercises": exercises, "problems": {}}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def page(path: Path) -> str:
    return " ".join(path.read_text(encoding="utf-8").split())


# Tables


def test_a_second_assignment_adds_to_the_tables(assigned: Assignment, tmp_path: Path) -> None:
    other = find("01_neuron", FROZEN)
    roster = {"ada": Student("ada", "Ada"), "bob": Student("bob", "=Bob")}
    course = Course(roster=roster, overrides={("bob", ""): Override(-1, "a joke")})
    for each in (assigned, other, assigned):
        records = {"ada": graded(each), "bob": graded(each)}
        marks_csv.write(tmp_path, each, records, replace(course, overrides={}))
    marks_csv.write(tmp_path, assigned, {"ada": graded(assigned), "bob": graded(assigned)}, course)
    grades = rows(tmp_path / "grades.csv")
    assert [(row["student"], row["assignment"]) for row in grades] == [
        *(("ada", "01_neuron"), ("bob", "01_neuron")),
        *(("ada", "tiny"), ("bob", "tiny")),
    ]
    assert [row["neuron"] for row in grades] == ["4", "4", "", ""]
    assert [row["forward"] for row in grades] == ["", "", "4", "4"]
    assert grades[3]["total"] == "-1" and grades[3]["name"] == "'=Bob"
    before = (tmp_path / "grades.csv").read_bytes()
    marks_csv.write(
        tmp_path, other, {"ada": graded(other), "bob": graded(other)}, Course(roster=roster)
    )
    assert (tmp_path / "grades.csv").read_bytes() == before, "what is kept stays as it is"
    status = rows(tmp_path / "status.csv")
    assert [row["assignment"] for row in status] == ["01_neuron"] * 2 + ["tiny"] * 2


def test_excel_is_told_the_encoding_and_platforms_are_not(
    assigned: Assignment, tmp_path: Path
) -> None:
    course = Course(roster={"ada": Student("ada", "Çelik")})
    reports.write(tmp_path, assigned, {"ada": graded(assigned)}, course)
    for name in ("grades.csv", "status.csv"):
        assert (tmp_path / name).read_bytes().startswith(b"\xef\xbb\xbf")
    for name in ("moodle.csv", "canvas.csv", "blackboard.csv"):
        assert not (tmp_path / "lms" / "tiny" / name).read_bytes().startswith(b"\xef")


def test_between_names_and_codes_no_page_stays(tmp_path: Path) -> None:
    for place in ("feedback/tiny/ada.html", "lms/tiny/moodle.csv", "grades.csv", "status.csv",
                  "class-tiny.html", "alike-tiny.html", "records/tiny/ada.json"):  # fmt: skip
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    output_folder.clear_if_names_change(tmp_path, anonymous=False)
    assert (tmp_path / "grades.csv").exists()
    output_folder.clear_if_names_change(tmp_path, anonymous=True)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["ada.json"], "a record"
    (tmp_path / "names.csv").touch()
    (tmp_path / "grades.csv").touch()
    output_folder.clear_if_names_change(tmp_path, anonymous=True)
    assert (tmp_path / "grades.csv").exists()
    output_folder.clear_if_names_change(tmp_path, anonymous=False)
    assert not (tmp_path / "grades.csv").exists() and not (tmp_path / "names.csv").exists()


def test_nobodys_page_stays_who_is_no_longer_here(assigned: Assignment, tmp_path: Path) -> None:
    html.write(tmp_path, assigned, {"ada": graded(assigned), "bob": graded(assigned)}, Course())
    html.write(tmp_path, assigned, {"ada": graded(assigned)}, Course())
    assert [p.name for p in (tmp_path / "feedback" / "tiny").iterdir()] == ["ada.html"]


def test_nothing_of_a_class_can_be_committed_by_accident(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True, timeout=60)
    (tmp_path / ".gitignore").write_bytes((COURSE / ".gitignore").read_bytes())
    names = ["submitted/ada/01_neuron/01_neuron.ipynb", "gradebook.db", "students.csv", "course.toml",
             "overrides.csv", "owners.csv", "export.zip", "GRADES/grades.csv", "feedback/x/ada.html",
             "autograded/ada/x/x.ipynb"]  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    told = ["git", "-C", tmp_path, "status", "--porcelain", "--untracked-files=all"]
    seen = subprocess.run(told, check=True, capture_output=True, text=True, timeout=60).stdout
    assert seen.split() == ["??", ".gitignore"]


# What may be a slip


def read(tmp_path: Path, assigned: Assignment, **files: str) -> Course:
    for name, text in files.items():
        name = name.replace("_", ".")
        (tmp_path / name).write_text(text, encoding="utf-8")
    return courses.read(tmp_path / "submitted", assigned)


def test_names_of_no_assignment_are_told(tmp_path: Path) -> None:
    neuron = find("01_neuron", FROZEN)
    course = read(
        tmp_path,
        neuron,
        course_toml="[assignments.1_neuron]\n[assignments.12_backprop_in_networks]",
        overrides_csv="assignment,student,exercise,points,reason\n01_neurom,a1,neuron,3,because\n",
        owners_csv="file,student,assignment\n880008,a1,3a_layer\n",
    )
    assert course.warnings == (
        "course.toml: there is no assignment '1_neuron', and nothing comes of it. Is '01_neuron' meant?",
        "overrides.csv: there is no assignment '01_neurom', and nothing comes of it. Is '01_neuron' meant?",
        "owners.csv: there is no assignment '3a_layer', and nothing comes of it. Is '03a_layers' meant?",
    )  # fmt: skip
    assert reports.warnings(neuron, {}, course) == list(course.warnings)


def test_points_above_what_there_is_are_told(assigned: Assignment) -> None:
    given = {
        ("ada", "forward"): 99.0,
        ("ada", ""): 12.5,
        ("bob", "forward"): 4.0,
        ("eve", ""): -1.0,
    }
    course = Course(overrides={key: Override(points, "") for key, points in given.items()})
    assert reports.warnings(assigned, {}, course) == [
        "overrides.csv gives ada 12.5 of 12 points in all.",
        "overrides.csv gives ada 99 of 4 points for forward.",
        "overrides.csv gives eve -1 of 12 points in all.",
    ]


def test_what_european_spreadsheets_write(assigned: Assignment, tmp_path: Path) -> None:
    table = "assignment;student;exercise;points;reason\ntiny;ada;forward;2,5;on paper\n"
    course = read(tmp_path, assigned, overrides_csv=table)
    assert course.overrides["ada", "forward"].points == 2.5
    (tmp_path / "overrides.csv").write_bytes(table.replace("on paper", "gehört").encode("cp1252"))
    with pytest.raises(CourseError, match=r"save it as .CSV UTF-8"):
        courses.read(tmp_path / "submitted", assigned)


def test_owners_csv(assigned: Assignment, tmp_path: Path) -> None:
    toml = '[[roster]]\nid = "ada"\n[[roster]]\nid = "bob"\n'
    table = "file,student,assignment\n880008,ada,\n880009,bob,03a_layers\nx/,,tiny\n"
    course = read(tmp_path, assigned, course_toml=toml, owners_csv=table)
    assert course.owners == {"880008": "ada", "x": ""}
    for line, words in (("7,zoe,", "not in the roster"), ("8,ada,\n8,bob,", "named twice"), (",ada,", "or not at all")):  # fmt: skip
        with pytest.raises(CourseError, match=words):
            read(tmp_path, assigned, owners_csv=f"file,student,assignment\n{line}\n")


def test_what_was_not_graded_for_a_doubt_is_not_called_missing(
    assigned: Assignment, tmp_path: Path
) -> None:
    missing: Record = {"state": "missing", "exercises": {}, "problems": {}}
    course = Course(handed={"ada": Handed(doubt="handed in under 2 names: A, a")})
    reports.write(tmp_path, assigned, {"ada": missing}, course)
    state = "unclear: handed in under 2 names: A, a"
    assert rows(tmp_path / "status.csv")[0]["state"] == state
    assert f"Nothing could be graded: {state}" in page(tmp_path / "feedback" / "tiny" / "ada.html")


# The class


def a_class(assigned: Assignment) -> dict[str, Record]:
    """Twenty: `backward` is wrong for seven, in three ways; `forward` for one."""
    told = [judged()] * 13 + [judged("values", "You forgot the sign.")] * 3
    told += [judged("shape", behavior="odd")] * 3 + [judged("inputs", behavior="alone")]
    records = {f"s{i:02}": graded(assigned, backward=answer) for i, answer in enumerate(told)}
    records["s00"]["exercises"]["forward"] = judged("values", behavior="loud")
    return records


def test_the_instructors_report_is_exact(assigned: Assignment, tmp_path: Path) -> None:
    html.write(tmp_path, assigned, a_class(assigned), Course())
    text = page(tmp_path / "class-tiny.html").replace("> <", "><")
    assert "<p>20 students. All counts are exact" in text
    assert text.index("<code>backward</code>") < text.index("<code>forward</code>"), (
        "the hardest first"
    )
    assert "<td>13</td><td>7</td><td>0</td></tr>" in text
    assert "<td>19</td><td>1</td><td>0</td></tr>" in text
    assert '<td class="count">3</td><td>You forgot the sign.</td>' in text
    for words, count in ((html.PROPERTIES["shape"], 3), (html.PROPERTIES["inputs"], 1)):
        assert f'<td class="count">{count}</td><td>{words}</td>' in text
    assert "5 or more" not in text and "fewer than 5" not in text
    assert "11.4 of 12 points on average; the median is 12. 20 have a total." in text


def test_who_handed_in_nothing_has_no_answer(assigned: Assignment, tmp_path: Path) -> None:
    """The column counts them too; that they wrote nothing is not known of them."""
    records = a_class(assigned) | {"s20": {**graded(assigned), "exercises": {}}}
    html.write(tmp_path, assigned, records, Course())
    text = page(tmp_path / "class-tiny.html").replace("> <", "><")
    assert '<th scope="col">no answer</th></tr>' in text and "not written" not in text
    assert "<td>13</td><td>7</td><td>1</td></tr>" in text


def test_the_page_to_show_keeps_its_fives(assigned: Assignment, tmp_path: Path) -> None:
    html.write(tmp_path, assigned, a_class(assigned), Course())
    text = page(tmp_path / "class-tiny-to-show.html")
    assert "no count points at a person" in text
    assert "<td>7</td>" in text and '<td class="count">fewer than 5</td>' in text
    assert not any(f">{count}</td>" in text for count in range(1, 5))
    assert "You forgot the sign." in text and not any(f"s{i:02}" in text for i in range(20))


def test_the_spread_of_totals(assigned: Assignment) -> None:
    records = {f"s{i}": graded(assigned) for i in range(6)}
    records["s0"]["exercises"] = {name: judged("values") for name in assigned.points}  # 6 of 12
    records["s1"] = {"state": "missing", "exercises": {}, "problems": {}}
    found = {
        name: class_report.marks.of(one, assigned, Course(), name) for name, one in records.items()
    }
    spread = class_report.spread(found, class_report.exact)
    assert spread["counts"] == ["0", "0", "0", "0", "0", "1", "0", "0", "0", "4"]
    assert (spread["graded"], spread["mean"], spread["median"]) == (5, 10.8, 12)
    shown = class_report.spread(found, class_report.guarded)
    assert shown["counts"][5] == shown["counts"][9] == "fewer than 5"


def test_the_trend_over_lessons(assigned: Assignment, tmp_path: Path) -> None:
    neuron = find("01_neuron", FROZEN)
    for each, wrong in ((neuron, ""), (assigned, "values")):
        record = graded(each, **dict.fromkeys(each.points, judged(wrong)))
        marks_csv.write(tmp_path, each, {f"s{i}": record for i in range(6)}, Course())
    trend = class_report.trend(tmp_path / "grades.csv")
    assert [one["name"] for one in trend] == ["01_neuron", "tiny"]
    assert trend[1]["mean"] == 0.5 and trend[1]["graded"] == 6 and not trend[1]["small"]
    html.write(tmp_path, assigned, {"ada": graded(assigned)}, Course())
    assert "Over the lessons" in page(tmp_path / "class-tiny.html")


# Answers that are alike

COPIED = """
def total(x):
    '''Add them up.'''
    result = 0.0
    seen = []
    for row, value in enumerate(x.reshape(-1)):
        if row in seen: continue
        seen.append(row)
        result = result + float(value) * 1.0
    return np.float64(result)
"""
RENAMED = """
# all mine
def total(values):
    n = []
    s = 0.0
    for i, v in enumerate(values.reshape(-1)):
        if i in n:
            continue
        n.append(i)
        s = s + float(v) * 1.0
    return np.float64(s)
"""
OWN = (
    "def total(x):\n    return np.einsum('ij->', x) if x.ndim == 2 else x.sum(dtype=float)",
    "def total(x):\n    parts = [row.sum() for row in np.atleast_2d(x)]\n    return sum(parts, 0.0)",
    "def total(x):\n    ones = np.ones(x.shape)\n    return (ones * x).ravel() @ ones.ravel()",
    "def total(x):\n    while x.ndim:\n        x = np.add.reduce(x, axis=0)\n    return x + 0.0",
    "import math\ndef total(x):\n    return math.fsum(float(v) for v in x.flat)",
)


def compared(codes: Mapping[str, str], **teams: str) -> similarity.Comparison:
    answers = {student: {"total": code} for student, code in codes.items()}
    return similarity.compare(answers, ["import numpy"], teams)


def test_a_copy_is_found_beyond_its_names_comments_and_order() -> None:
    codes = dict(zip("abcde", OWN, strict=True)) | {"x": COPIED, "y": RENAMED}
    found = compared(codes)
    assert [(pair.one, pair.other) for pair in found.shown] == [("x", "y")]
    assert found.pairs == 21 and found.above == 1 and found.shown[0].as_alike == 1
    assert found.usual < 0.2, "half of the pairs have little in common"
    assert compared(codes, x="red", y="red").shown == (), "who hands in together"


def test_what_all_write_alike_is_told_to_be_usual(assigned: Assignment, tmp_path: Path) -> None:
    codes = {f"s{i}": COPIED for i in range(6)}
    found = compared(codes)
    assert found.above == found.pairs == 15 and found.shown[0].as_alike == 15
    answers = {student: {"total": code} for student, code in codes.items()}
    html.write_alike(tmp_path, assigned, found, answers)
    text = page(tmp_path / "alike-tiny.html")
    assert "it accuses nobody" in text and "15 (1e+02 % of all)" not in text
    assert "15 (100 % of all)" in text and "So few pairs say little" in text
    assert "as alike as 15 of 15 pairs" in text


def test_what_cannot_be_compared(assigned: Assignment, tmp_path: Path) -> None:
    found = compared({"a": "def total(x:\n", "b": "%%time\ntotal = sum", "c": ""})
    assert found.pairs == 0 and found.shown == ()
    html.write_alike(tmp_path, assigned, found, {})
    assert "There are not two answers" in page(tmp_path / "alike-tiny.html")


def test_answers_are_escaped(assigned: Assignment, tmp_path: Path) -> None:
    loud = COPIED.replace("Add them up.", "<script>alert(1)</script>")
    codes = {"x": loud, "y": loud, **dict(zip("abcde", OWN, strict=True))}
    html.write_alike(
        tmp_path, assigned, compared(codes), {s: {"total": c} for s, c in codes.items()}
    )
    text = page(tmp_path / "alike-tiny.html")
    assert "&lt;script&gt;" in text and "<script" not in text


# Feedback goes back


def test_feedback_as_the_zip_that_platforms_take_back(assigned: Assignment, tmp_path: Path) -> None:
    labels = {
        "ada": "Ada Lovelace_3_assignsubmission_file_",
        "bob": "Bob Berg_4_assignsubmission_file_tiny.ipynb",
        "cem": "demircem_LATE_1003_556_hw.zip",
        "dan": "deandan_1004_557_tiny-2.ipynb",
        "eve": "",
    }
    course = Course(handed={student: Handed(label=label) for student, label in labels.items()})
    for _ in range(2):
        html.write(tmp_path, assigned, dict.fromkeys(labels, graded(assigned)), course)
        parcels.write(tmp_path, "tiny", course)
        sent = [
            (tmp_path / "feedback" / f"tiny-for-{p}.zip").read_bytes() for p in ("moodle", "canvas")
        ]
    parcels.write(tmp_path, "tiny", course)
    for platform, names, before in (
        ("moodle", ["Ada Lovelace_3_assignsubmission_file_/feedback-tiny.html",
                    "Bob Berg_4_assignsubmission_file_/feedback-tiny.html"], sent[0]),
        ("canvas", ["demircem_LATE_1003_556_hw-feedback.html",
                    "deandan_1004_557_tiny-2-feedback.html"], sent[1]),
    ):  # fmt: skip
        parcel = tmp_path / "feedback" / f"tiny-for-{platform}.zip"
        assert parcel.read_bytes() == before, "the same bytes in every run"
        with zipfile.ZipFile(parcel) as archive:
            assert archive.namelist() == names
            assert b"Feedback on tiny" in archive.read(names[0])
    parcels.write(tmp_path, "tiny", Course())
    assert not list((tmp_path / "feedback").glob("*.zip")), "and none where no platform is known"
