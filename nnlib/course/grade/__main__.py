"""Grade the notebooks of a class.

    python -m nnlib.course.grade SUBMISSIONS --assignment 01a_neuron --out GRADES
    python -m nnlib.course.grade regrade SUBMISSIONS --assignment 01a_neuron --out GRADES --exercise ID

SUBMISSIONS is a folder or a zip: nbgrader's `submitted`, a folder for each student, or what Moodle,
Canvas or Blackboard export. Beside it may be a course.toml (roster, due dates, late rule, points)
and an overrides.csv. GRADES/grades.csv has the marks, GRADES/status.csv what became of each
notebook. The same command again goes on where it was interrupted.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from textwrap import indent

from nnlib.missing import needs

with needs("nnlib.course.grade", "grade"):
    from nnlib.course.grade import (
        batch,
        csv_files,
        marks,
        output_folder,
        record,
        regrade,
        reports,
    )
    from nnlib.course.grade import course_toml as courses
    from nnlib.course.grade.assignment import Assignment, NoAssignment, find
    from nnlib.course.grade.record import Record
    from nnlib.course.grade.run_notebook import WorkerFailed
    from nnlib.course.grade.sandbox import NoIsolation
    from nnlib.course.grade.submissions import Collected, collect
    from nnlib.course.lessons import LESSONS

    if find_spec("nbgrader") is None:  # imported at the end alone, when a class has been graded
        raise ModuleNotFoundError(name="nbgrader")

UNGRADED = "missing", "unclear", "invalid", "empty", "crashed"
TO_MEND = (NoAssignment, courses.CourseError, output_folder.BadFolder, NoIsolation, OSError)


class NothingHandedIn(courses.CourseError):
    """There is no notebook, or none whose student is known."""


def main(arguments: Sequence[str]) -> int:
    """0: graded. 1: not all could be graded. 2: something is to be mended first."""
    try:
        return _grade(_options(arguments))
    except TO_MEND as error:
        print(f"Cannot grade: {error}", file=sys.stderr)
        return 2
    except (batch.SelfTestFailed, WorkerFailed) as error:
        print(f"Grading stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. What is graded is kept; the same command goes on.", file=sys.stderr)
        return 130


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    again = list(arguments[:1]) == ["regrade"]
    usage, _, about = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m nnlib.course.grade" + " regrade" * again,
        description=usage,
        epilog=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help="a folder or a zip")
    parser.add_argument(
        "--assignment", required=True, metavar="NAME", help="01a_neuron, for example"
    )
    parser.add_argument(
        "--out", required=True, type=Path, metavar="GRADES", help="a private folder"
    )
    parser.add_argument("--seed", type=_whole, help="of the hidden inputs; drawn if left out")
    parser.add_argument("--isolation", choices=["bubblewrap", "container"], default="bubblewrap")
    parser.add_argument("--scheduler", default="", metavar="ADDRESS", help="of a Dask cluster")
    parser.add_argument(
        "--workers", type=_whole, default=0, help="processes; all cores if left out"
    )
    parser.add_argument("--exercises", type=Path, metavar="DIR", help="your own exercises")
    parser.add_argument("--anonymous", action="store_true", help="codes in place of names")
    if again:
        parser.add_argument("--exercise", required=True, metavar="ID", help="the one to regrade")
    else:
        parser.add_argument("--student", default="", metavar="ID", help="grade this one again")
    options = parser.parse_args(arguments[again:])
    options.exercise = options.exercise if again else ""
    options.student = "" if again else options.student
    options.submissions, options.out = options.submissions.resolve(), options.out.resolve()
    options.exercises = str(options.exercises.resolve()) if options.exercises else ""
    return options


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"should be a whole number, 0 or more, and is {text!r}")
    return int(text)


def _grade(options: argparse.Namespace) -> int:
    assigned = find(options.assignment, options.exercises)
    if options.exercise and options.exercise not in assigned.points:
        raise NoAssignment(
            f"{assigned.name} has no exercise {options.exercise!r}; it has: "
            + ", ".join(assigned.points)
        )
    if not options.submissions.exists():
        raise NothingHandedIn(f"there is no {options.submissions}")
    course = courses.read(options.submissions, assigned)
    output_folder.prepare(options.out, options.submissions)
    with output_folder.alone(options.out):
        return _grade_alone(options, assigned, course)


def _grade_alone(options: argparse.Namespace, assigned: Assignment, course: courses.Course) -> int:
    output_folder.clear_if_names_change(options.out, options.anonymous)
    seed = output_folder.seed(options.out, options.seed)
    collected = _collected(options, assigned, course)
    course = replace(course, handed=collected.handed)
    before, records = _graded(options, assigned, collected, seed)
    from nnlib.course.grade import gradebook  # seconds to import, and every worker imports us

    by_hand = gradebook.write(options.out, assigned, records, collected.notebooks)
    course = replace(course, by_hand=by_hand)
    totals = {s: marks.of(one, assigned, course, s).total for s, one in records.items()}
    gradebook.settle(options.out, assigned, totals)
    if options.anonymous:
        names = _codes(collected, seed)
        before, records, course = _coded(before, names), _coded(records, names), course.coded(names)
        codes = sorted((code, student) for student, code in names.items())
        csv_files.write(options.out / "names.csv", [("code", "student"), *codes])
    reports.write(options.out, assigned, records, course)
    changed = list(regrade.changes(before, records, assigned, course))
    _tell_changes(options.out, changed, always=bool(options.exercise or options.student))
    regrade.finish(options.out, assigned)
    if options.student:
        _tell_student(
            names[options.student] if options.anonymous else options.student,
            assigned,
            records,
            course,
        )
    return _summary(options, assigned, records, course, collected)


def _graded(
    options: argparse.Namespace, assigned: Assignment, collected: Collected, seed: int
) -> tuple[Mapping[str, Record], Mapping[str, Record]]:
    """The records before and now."""
    before = regrade.begin(options.out, assigned)
    before = {name: old for name, old in before.items() if name in collected.notebooks}
    if options.exercise:
        return before, _regraded(options, assigned, collected, seed, before)
    if not options.student:
        return before, _judged(options, collected.notebooks, options.out, seed)
    if options.student not in collected.notebooks:
        raise courses.CourseError(f"--student: nobody is called {options.student}")
    (options.out / "records" / assigned.name / f"{options.student}.json").unlink(missing_ok=True)
    own = {options.student: collected.notebooks[options.student]}
    now = before | dict(_judged(options, own, options.out, seed))
    return before, dict(sorted(now.items()))


def _regraded(
    options: argparse.Namespace,
    assigned: Assignment,
    collected: Collected,
    seed: int,
    before: Mapping[str, Record],
) -> dict[str, Record]:
    """One exercise anew, and the others as they were."""
    known = {name for name, found in before.items() if found["exercises"]}
    notebooks, scratch = collected.notebooks, regrade.folder(options.out, assigned)
    new = {name: path for name, path in notebooks.items() if path and name not in known}
    again = {name: path for name, path in notebooks.items() if name not in new}
    fresh = dict(_judged(options, again, scratch, seed, options.exercise))
    if new:
        fresh |= _judged(options, new, scratch, seed)
    keys = {name: record.key(path, assigned, seed) for name, path in notebooks.items()}
    after = dict(sorted(regrade.merge(before, fresh, keys).items()))
    for student, found in after.items():
        record.save(found, options.out / "records" / assigned.name / f"{student}.json")
    return after


def _judged(
    options: argparse.Namespace,
    notebooks: Mapping[str, Path | None],
    out: Path,
    seed: int,
    only: str = "",
) -> Mapping[str, Record]:
    return batch.grade_all(
        notebooks,
        options.assignment,
        out,
        seed,
        private=options.exercises,
        only=only,
        isolation=options.isolation,
        scheduler=options.scheduler,
        workers=options.workers,
    )


def _collected(
    options: argparse.Namespace, assigned: Assignment, course: courses.Course
) -> Collected:
    """Each student's notebook, copied into GRADES, so that it stays what was graded."""
    private = Path(options.exercises).glob("*.py") if options.exercises else ()
    others = {path.stem for path in private} if options.exercises else set(LESSONS)
    others.discard(assigned.name)
    submitted = options.out / "submitted"
    collected = collect(options.submissions, assigned.name, others, course, submitted)
    unmatched = "".join(f"{line}\n" for line in collected.unmatched)
    (options.out / "unmatched.txt").write_text(unmatched, encoding="utf-8")
    if not any(collected.notebooks.values()):
        listed = "\n".join(["", *collected.unmatched[:10]])
        raise NothingHandedIn(f"no student's notebook was found in {options.submissions}{listed}")
    if unknown := {student for student, _ in course.overrides} - collected.notebooks.keys():
        raise courses.CourseError(f"overrides.csv: nobody is called {', '.join(sorted(unknown))}")
    return collected


def _codes(collected: Collected, seed: int) -> dict[str, str]:
    """A code for each student, the same in every run."""
    return {
        student: "s-" + sha256(f"{seed} {student}".encode()).hexdigest()[:10]
        for student in collected.notebooks
    }


def _coded(records: Mapping[str, Record], names: Mapping[str, str]) -> dict[str, Record]:
    return dict(sorted((names[name], found) for name, found in records.items() if name in names))


def _tell_changes(out: Path, changed: list[regrade.Change], always: bool) -> None:
    """Whatever the reason is: another notebook, another exercise, another mind."""
    regrade.write(out, changed)
    for student, exercise, was, now in changed:
        print(f"{student}: {exercise}: {_points(was)} → {_points(now)}")
    if changed or always:
        print(f"{len(changed)} marks changed; they are listed in {out / 'changes.csv'}.")


def _tell_student(
    student: str, assigned: Assignment, records: Mapping[str, Record], course: courses.Course
) -> None:
    """All that is known of one, as for an answer to an appeal."""
    own, worth = (
        marks.of(records[student], assigned, course, student),
        marks.worth(assigned, course),
    )
    print(f"{student}: {course.state(student, records[student])}")
    for name, exercise in records[student]["exercises"].items():
        print(f"\n{name}: {_points(own.exercises.get(name))} of {worth[name]:g} points")
        for finding in exercise["findings"]:
            holds = {True: "holds", False: "fails", None: "not judged"}[finding["holds"]]
            call = finding.get("repeat") or finding["call"]
            print(f"  {finding['property']}: {holds}")
            for told in filter(None, (finding["detail"], finding.get("expected"), call)):
                print(indent(told, "    "))
    print()


def _points(points: float | None) -> str:
    return "none" if points is None else f"{points:g}"


def _summary(
    options: argparse.Namespace,
    assigned: Assignment,
    records: Mapping[str, Record],
    course: courses.Course,
    collected: Collected,
) -> int:
    """A few words at the end; 1 where a notebook is to be graded again."""
    states = [course.state(name, found) for name, found in records.items()]
    kinds = Counter(next((k for k in UNGRADED if s.startswith(k)), "graded") for s in states)
    usual = "ok", record.NOT_WRITTEN, *UNGRADED
    unusual = sum(not all(p.startswith(usual) for p in state.split("; ")) for state in states)
    counted = ", ".join(f"{kinds[kind]} {kind}" for kind in ("graded", *UNGRADED) if kinds[kind])
    print(f"{len(records)} students: {counted}; {unusual} of the graded ones unusual.")
    found = [marks.of(one, assigned, course, name) for name, one in records.items()]
    graded = [own.total for own in found if own.total is not None]
    if waiting := sum(bool(own.waiting) for own in found):
        print(f"{waiting} of them wait to be graded by hand, and have no total yet.")
    elif graded:
        mean, most = sum(graded) / len(graded), found[0].most
        print(f"On average {mean:.1f} of {most:g} points.")
    if course.due and (unknown := _without_time(collected)):
        print(
            f"When {unknown} of them handed in is not known, and nothing is taken off for "
            "lateness: course.toml can say it under handed_in."
        )
    if collected.unmatched:
        print(f"Files left out: {len(collected.unmatched)}. Why: {options.out / 'unmatched.txt'}.")
    for warning in reports.warnings(assigned, records, course):
        print(warning)
    print(
        f"Marks: {options.out / 'grades.csv'}. What became of each: {options.out / 'status.csv'}."
    )
    return int(kinds["crashed"] > 0)


def _without_time(collected: Collected) -> int:
    handed_in = [name for name, path in collected.notebooks.items() if path]
    return sum(collected.handed[name].time is None for name in handed_in)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
