"""An instructor's decisions, and the marks, tables and reports that follow from them."""

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nnlib.course.grade import course_toml as courses
from nnlib.course.grade import csv_files, lms_csv, marks, marks_csv, record, regrade
from nnlib.course.grade.assignment import Assignment, find
from nnlib.course.grade.course_toml import Course, CourseError, Handed, Override, Student
from nnlib.course.grade.record import Record

DUE = datetime(2026, 10, 5, 12, tzinfo=UTC)
FULL = {"shape": 1.0, "values": 2.0, "inputs": 1.0}
TOML = """
roster = "students.csv"
[late]
percent_per_day = 10
grace_minutes = 15
[assignments.tiny]
due = 2026-10-05T14:00:00+02:00
column = "Tiny (4711)"
extensions = { bob = 2026-10-07T12:00:00Z }
handed_in = { cyd = 2026-10-06T12:00:00Z }
points.total = { values = 8, inputs = 0 }
[assignments.another]
due = 2026-11-05T14:00:00+02:00
"""
CSV = "\ufeffid;name;lms;tutorial\nada;Ada L;501;x\nbob;Bob;502;x\ncyd;=Cyd;503;y\n"
OVERRIDES = """assignment,student,exercise,points,reason
tiny,ada,total,1.5,"shown, in class"
tiny,bob,,9,oral exam
another,ada,whatever,1,of another assignment
"""

Lay = Callable[..., Path]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """A course beside an empty folder of submissions, whose path it gives."""

    def write(toml: str = TOML, roster: str = CSV, overrides: str = OVERRIDES) -> Path:
        for name, text in (("course.toml", toml), ("students.csv", roster)):
            (tmp_path / name).write_text(text, encoding="utf-8")
        if overrides:
            (tmp_path / "overrides.csv").write_text(overrides, encoding="utf-8")
        (tmp_path / "submitted").mkdir(exist_ok=True)
        return tmp_path / "submitted"

    return write


def graded(assigned: Assignment, **earned: dict[str, float]) -> Record:
    exercises = {name: {"earned": FULL | earned.get(name, {})} for name in assigned.points}
    return {"state": "ok", "exercises": exercises, "problems": {}}


NOTHING: Record = {"state": "missing", "exercises": {}, "problems": {}}


def test_course_toml(lay: Lay, assigned: Assignment) -> None:
    course = courses.read(lay(), assigned)
    assert course.roster["cyd"] == Student("cyd", "=Cyd", "503")
    assert course.due == DUE and course.grace == timedelta(minutes=15)
    assert course.percent_per_day == 10 and course.column == "Tiny (4711)"
    assert course.points == {"total": {"values": 8, "inputs": 0}}
    assert course.overrides == {
        ("ada", "total"): Override(1.5, "shown, in class"),
        ("bob", ""): Override(9, "oral exam"),
    }


def test_the_guide_says_nothing_that_is_refused(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "grading.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.+?)```", guide, re.DOTALL)
    assert len(blocks) == 3
    [roster] = re.findall(r"```\n(id,name,.+?)```", guide, re.DOTALL)
    (tmp_path / "students.csv").write_text(roster, encoding="utf-8")
    for text in blocks:
        (tmp_path / "course.toml").write_text(text, encoding="utf-8")
        name = re.findall(r"assignments\.(\w+)", text)[0]
        course = courses.read(tmp_path / "submitted", find(name))
        assert course.due or course.points or course.times
        assert not course.roster or set(course.teams.values()) == {"red"}
    [table] = re.findall(r"```\n(assignment,student.+?)```", guide, re.DOTALL)
    (tmp_path / "course.toml").unlink()
    (tmp_path / "overrides.csv").write_text(table, encoding="utf-8")
    overrides = courses.read(tmp_path / "submitted", find("01a_neuron")).overrides
    assert [override.points for override in overrides.values()] == [3, 12]


def test_without_any_file_nothing_is_decided(tmp_path: Path, assigned: Assignment) -> None:
    assert courses.read(tmp_path / "x.zip", assigned) == Course()


def test_a_roster_within_course_toml(lay: Lay, assigned: Assignment) -> None:
    toml = '[[roster]]\nid = "ada"\nname = "Ada L"\n[[roster]]\nid = "bob"\nlms = "7"\n'
    course = courses.read(lay(toml, overrides=""), assigned)
    assert list(course.roster.values()) == [Student("ada", "Ada L"), Student("bob", "", "7")]


WRONG = {
    "no TOML": ("due = ", "Invalid value"),
    "a typo": ("[lats]", "there is no lats; there are: assignments, late, roster"),
    "a typo within": ("[late]\npercent = 3", "there is no percent"),
    "no zone": ("[assignments.tiny]\ndue = 2026-10-05T14:00:00", "with its zone"),
    "only a date": ("[assignments.tiny]\ndue = 2026-10-05", "with its zone"),
    "a negative number": ("[late]\npercent_per_day = -10", "0 or more"),
    "a word for a number": ('[late]\npercent_per_day = "10"', "should be a number"),
    "no such exercise": ("[assignments.tiny]\npoints.foo = { values = 1 }", "there is no foo"),
    "no such property": ("[assignments.tiny]\npoints.total = { speed = 1 }", "there is no speed"),
    "nobody's extension": (
        'roster = "students.csv"\n[assignments.tiny]\nextensions = { zoe = 2026-10-05T14:00:00Z }',
        "nobody in the roster has the id zoe",
    ),
    "a switch among times": (
        'roster = "students.csv"\n[assignments.tiny.handed_in]\nshow_expected = true',
        "stands above this table",
    ),
    "no such roster": ('roster = "nowhere.csv"', "nowhere.csv"),
    "an id that is a path": ('[[roster]]\nid = "../ada"', "cannot be a student's id"),
    "one id twice": ('[[roster]]\nid = "ada"\n[[roster]]\nid = "ada"', "two students have the id"),
    "one LMS id twice": (
        '[[roster]]\nid = "a"\nlms = "1"\n[[roster]]\nid = "b"\nlms = "1"',
        "two students have the lms",
    ),
    "no table": ("late = 3", "should be a table"),
}


@pytest.mark.parametrize(("toml", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_course_toml(
    toml: str, words: str, lay: Lay, assigned: Assignment
) -> None:
    with pytest.raises(CourseError, match=r"course\.toml|\.csv") as told:
        courses.read(lay(toml, overrides=""), assigned)
    assert words in str(told.value)


HEAD = "assignment,student,exercise,points,reason\n"
WRONG_OVERRIDES = {
    "no reason": ("tiny,ada,total,1,", "line 2: a reason is missing"),
    "no such exercise": ("tiny,ada,foo,1,why", "no exercise 'foo'"),
    "no number": ("tiny,ada,total,many,why", "should be a number"),
    "no finite number": ("tiny,ada,total,nan,why", "should be finite"),
    "nobody": ("tiny,zoe,total,1,why", "'zoe' is not in the roster"),
    "twice": ("tiny,ada,total,1,why\ntiny,ada,total,2,why", "line 3: the second of its kind"),
}


@pytest.mark.parametrize(("rows", "words"), WRONG_OVERRIDES.values(), ids=WRONG_OVERRIDES)
def test_what_is_wrong_in_overrides(rows: str, words: str, lay: Lay, assigned: Assignment) -> None:
    with pytest.raises(CourseError) as told:
        courses.read(lay(overrides=HEAD + rows), assigned)
    assert words in str(told.value)


def test_a_header_that_lacks_a_column(lay: Lay, assigned: Assignment) -> None:
    with pytest.raises(CourseError, match="no column reason"):
        courses.read(lay(overrides="assignment,student,exercise,points\n"), assigned)


def test_two_courses_are_one_too_many(lay: Lay, assigned: Assignment) -> None:
    place = lay()
    (place / "course.toml").write_text("", encoding="utf-8")
    with pytest.raises(CourseError, match="which one is meant"):
        courses.read(place, assigned)


LATE = {
    "in time": (timedelta(), 0),
    "within the grace": (timedelta(minutes=15), 0),
    "a second over": (timedelta(minutes=15, seconds=1), 1),
    "a day": (timedelta(days=1), 1),
    "a day begun": (timedelta(days=1, seconds=1), 2),
}


@pytest.mark.parametrize(("over", "days"), LATE.values(), ids=LATE)
def test_days_late(over: timedelta, days: int) -> None:
    course = Course(due=DUE, grace=timedelta(minutes=15), handed={"ada": Handed(DUE + over)})
    assert course.days_late("ada") == days
    # Blackboard's time has no zone: it is the campus's, as the due date is.
    local = replace(course, handed={"ada": Handed((DUE + over).replace(tzinfo=None))})
    assert local.days_late("ada") == days


def test_extensions_and_times_by_hand() -> None:
    handed = {name: Handed(DUE + timedelta(days=2)) for name in ("ada", "bob", "cyd")}
    later, earlier = DUE + timedelta(days=3), DUE - timedelta(days=3)
    course = Course(due=DUE, extensions={"bob": later}, times={"cyd": earlier}, handed=handed)
    assert [course.days_late(name) for name in ("ada", "bob", "cyd", "nobody")] == [2, 0, 0, 0]


def test_marks_after_weights_lateness_and_overrides(lay: Lay, assigned: Assignment) -> None:
    course = courses.read(lay(), assigned)
    assert sum(marks.worth(assigned, course).values()) == 4 + 4 + 9
    found = graded(assigned, total={"values": 1.0})
    ada = marks.of(found, assigned, course, "ada")
    assert ada.exercises == {"forward": 4, "backward": 4, "total": 1.5}
    assert (ada.total, ada.late, ada.reason) == (9.5, "", "total: shown, in class")
    cyd = marks.of(found, assigned, course, "cyd")
    assert cyd.exercises["total"] == 1 + 8 / 2
    assert (cyd.days_late, cyd.taken_off, cyd.total) == (1, 1.3, 11.7)
    assert cyd.late == "late, 1 day"
    assert marks.of(found, assigned, course, "bob").total == 9


def test_lateness_takes_no_more_than_there_is(assigned: Assignment) -> None:
    handed = {"ada": Handed(DUE + timedelta(days=30))}
    course = Course(due=DUE, percent_per_day=10, handed=handed)
    assert marks.of(graded(assigned), assigned, course, "ada").total == 0


def test_the_lms_says_late_and_not_by_how_much(assigned: Assignment) -> None:
    course = Course(due=DUE, percent_per_day=10, handed={"ada": Handed(late=True)})
    ada = marks.of(graded(assigned), assigned, course, "ada")
    assert ada.total == 12 and "nothing is taken off" in ada.late


def test_what_could_not_be_graded_is_no_0(assigned: Assignment) -> None:
    assert marks.of(NOTHING, assigned, Course(), "ada").total is None
    given = Course(overrides={("ada", "forward"): Override(3, "on paper")})
    assert marks.of(NOTHING, assigned, given, "ada").total == 3


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_reports_and_what_an_lms_imports(lay: Lay, assigned: Assignment, tmp_path: Path) -> None:
    course = courses.read(lay(), assigned)
    course = replace(course, handed={"ada": Handed(notes=("2 notebooks",))})
    records = {"ada": graded(assigned), "bob": NOTHING, "cyd": graded(assigned)}
    out = tmp_path / "out"
    for _ in range(2):
        marks_csv.write(out, assigned, records, course)
        lms_csv.write(out, assigned, records, course)
    head, *rows = read_csv(out / "grades.csv")
    assert head[:6] == ["student", "name", "assignment", "forward", "backward", "total"]
    assert rows[0][:8] == ["ada", "Ada L", "tiny", "4", "4", "1.5", "0", "9.5"]
    assert rows[2][1] == "'=Cyd", "a name is no formula"
    status = read_csv(out / "status.csv")
    assert [row[3] for row in status] == ["state", "ok", "missing", "ok"]
    assert status[1][5] == "2 notebooks"
    marked = [["501", "9.5"], ["502", "9"], ["503", "15.3"]]
    assert read_csv(out / "lms" / "tiny" / "blackboard.csv") == [
        ["Username", "Tiny (4711)"],
        *marked,
    ]
    canvas = read_csv(out / "lms" / "tiny" / "canvas.csv")
    assert canvas[:2] == [
        ["Student", "ID", "SIS Login ID", "Section", "Tiny (4711)"],
        ["Points Possible", "", "", "", "17"],
    ]
    assert [[row[1], row[4]] for row in canvas[2:]] == marked
    assert [[row[0], row[2]] for row in read_csv(out / "lms" / "tiny" / "moodle.csv")[1:]] == marked


def test_who_has_no_mark_is_not_in_what_an_lms_imports(
    assigned: Assignment, tmp_path: Path
) -> None:
    course = Course(roster={"ada": Student("ada"), "bob": Student("bob")})
    lms_csv.write(tmp_path, assigned, {"ada": NOTHING, "bob": graded(assigned)}, course)
    assert read_csv(tmp_path / "lms" / "tiny" / "moodle.csv")[1:] == [["bob", "", "12"]]
    lms_csv.write(tmp_path / "none", assigned, {"bob": graded(assigned)}, Course())
    assert not (tmp_path / "none").exists(), "without a roster nobody's name there is known"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\n=1", " =1", "\x1b=\ud800"])
def test_no_cell_is_a_formula(text: str, tmp_path: Path) -> None:
    csv_files.write(tmp_path / "x.csv", [[text, -1.0]])
    [[cell, number]] = read_csv(tmp_path / "x.csv")
    assert cell.startswith("'") and number == "-1"


def test_coded_courses_know_no_names(lay: Lay, assigned: Assignment) -> None:
    course = replace(courses.read(lay(), assigned), handed={"ada": Handed(late=True)})
    told = Handed(notes=("handed in by Ada",), doubt="Ada or Eve", label="Ada_3")
    course = replace(course, handed={**course.handed, "bob": told}, teams={"ada": "red"})
    coded = course.coded({"ada": "s-1", "bob": "s-2", "cyd": "s-3"})
    for plain, code in (("ada", "s-1"), ("bob", "s-2"), ("cyd", "s-3")):
        before, after = (
            marks.of(graded(assigned), assigned, which, name)
            for which, name in ((course, plain), (coded, code))
        )
        assert before == after
        assert coded.student(code).name == ""
    assert "Ada" not in str(coded.handed["s-2"]) and coded.handed["s-2"].doubt
    assert coded.teams == {"s-1": "red"}


def test_changes_are_listed(assigned: Assignment) -> None:
    before = {"ada": graded(assigned), "bob": NOTHING}
    after = {"ada": graded(assigned, total={"values": 1.0}), "bob": NOTHING}
    changed = list(regrade.changes(before, after, assigned, Course()))
    assert changed == [("ada", "total", 4, 3), ("ada", "all exercises", 12, 11)]


def test_a_regrade_takes_one_exercise_and_gives_new_students_all(assigned: Assignment) -> None:
    old = {"ada": graded(assigned), "bob": graded(assigned), "eve": NOTHING}
    worse = graded(assigned, total={"values": 0.0})
    worse["exercises"] = {"total": worse["exercises"]["total"]}
    fresh = {"ada": worse, "bob": worse, "eve": graded(assigned)}
    fresh = {name: {**found, "key": "of one"} for name, found in fresh.items()}
    fresh["ada"]["notes"] = ["renamed"]
    worse["exercises"]["total"]["notes"] = ["stopped"]
    old["bob"]["exercises"]["forward"]["notes"] = ["stopped"]
    after = regrade.merge(old, fresh, dict.fromkeys(fresh, "of all"))
    assert {found["key"] for found in after.values()} == {"of all"}
    states = [found["state"] for found in after.values()]
    assert states == ["renamed; stopped: total", "stopped: forward, total", "ok"]
    changed = list(regrade.changes(old, after, assigned, Course()))
    assert [change for change in changed if change[0] != "eve"] == [
        ("ada", "total", 4, 2),
        ("ada", "all exercises", 12, 10),
        ("bob", "total", 4, 2),
        ("bob", "all exercises", 12, 10),
    ]
    assert ("eve", "all exercises", None, 12) in changed


def test_an_interrupted_regrade_finds_what_was_before(assigned: Assignment, tmp_path: Path) -> None:
    place = tmp_path / "records" / "tiny" / "ada.json"
    record.save(graded(assigned), place)
    before = regrade.begin(tmp_path, assigned)
    record.save(NOTHING, place)  # and here it ends
    assert regrade.begin(tmp_path, assigned) == before == {"ada": graded(assigned)}
    regrade.finish(tmp_path, assigned)
    assert [path.name for path in tmp_path.iterdir()] == ["records"]


def test_an_id_that_is_no_canvas_number_goes_where_canvas_looks_for_logins(
    assigned: Assignment, tmp_path: Path
) -> None:
    course = Course(
        roster={n: Student(n, lms=lms) for n, lms in {"7": "", "8": "ada", "9": "5"}.items()}
    )
    lms_csv.write(tmp_path, assigned, dict.fromkeys(course.roster, graded(assigned)), course)
    rows = read_csv(tmp_path / "lms" / "tiny" / "canvas.csv")[2:]
    assert [row[1:3] for row in rows] == [["", "7"], ["", "ada"], ["5", ""]]
