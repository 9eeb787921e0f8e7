"""nbgrader's own gradebook and folders, filled with our marks.

GRADES/nbgrader is a course as nbgrader lays it out, so that its feedback, its export, Formgrader
and grading by hand go on from here. What a person gave in Formgrader is read back and stays.
"""

import copy
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

# jsonschema would make parsers of all web addresses, which takes seconds. Notebooks need none.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import nbformat
import nbgrader
from alembic.script import ScriptDirectory
from nbformat.v4 import new_output
from nbgrader import api, utils
from nbgrader.api import Gradebook, MissingEntry
from tqdm import tqdm

from nnlib.course.grade import sanitize
from nnlib.course.grade.assignment import Assignment, source
from nnlib.course.grade.course_toml import ByHand
from nnlib.course.grade.notebooks import UNREADABLE, cells_of, read
from nnlib.course.grade.record import Record

CONFIG = """# Written by nnlib.course.grade: its marks are in gradebook.db.
c = get_config()
c.CourseDirectory.course_id = "nnlib"
c.CourseDirectory.root = "."
"""
MOST_TEXT = 20_000  # characters of an answer
ELSEWHERE = "\n\n(The notebook holds text of the student's own elsewhere: look into `submitted`.)"
AT_ONCE = 50  # students, between two commits
EARLIER = "score_of_an_earlier_answer"

# Which version a new gradebook's tables have, nbgrader asks of a program of its own, for seconds.
_scripts = ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic"))
api.get_alembic_version = _scripts.get_current_head

Given = dict[tuple[str, str], ByHand]  # by student and part


def write(
    out: Path,
    assigned: Assignment,
    records: Mapping[str, Record],
    notebooks: Mapping[str, Path | None],
) -> Given:
    """Fill GRADES/nbgrader, and give back what people gave there. One process writes."""
    root, name = out / "nbgrader", assigned.name
    for kind, notebook in (("source", assigned.solution), ("release", assigned.release)):
        place = root / kind / name / f"{name}.ipynb"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(notebook, place)
    (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    skeleton = nbformat.read(assigned.solution, as_version=4)
    given: Given = {}
    with Gradebook(f"sqlite:///{(root / 'gradebook.db').as_posix()}", "nnlib") as book:
        _define(book, skeleton, name)
        students = iter(tqdm(records, unit="student", desc="gradebook"))
        while some := list(islice(students, AT_ONCE)):
            fresh = {}
            with _one_commit(book):
                for student in some:
                    if notebooks.get(student) is None:
                        _forget(book, name, student)
                        continue
                    place = root / "autograded" / student / name / f"{name}.ipynb"
                    handed_in = _HandedIn.of(notebooks[student], assigned)
                    before = _HandedIn.of(place, assigned).cells
                    one = _Student(student, records[student], handed_in, before)
                    fresh[place] = one.notebook(skeleton, assigned)
                    given |= one.enter(book, fresh[place], assigned)
            for place, graded in fresh.items():  # after the gradebook, which knows what waits
                place.parent.mkdir(parents=True, exist_ok=True)
                # It is what nbgrader wrote, with texts in it: nothing that has to be validated anew.
                place.write_text(nbformat.v4.writes(graded) + "\n", encoding="utf-8")
    return given


@contextmanager
def _one_commit(book: Any) -> Iterator[None]:
    """nbgrader commits several times for each student, and each time waits for the disk."""
    commit, book.db.commit = book.db.commit, book.db.flush
    try:
        yield
    finally:
        book.db.commit = commit
    book.db.commit()


def settle(out: Path, assigned: Assignment, totals: Mapping[str, float | None]) -> None:
    """Let nbgrader's export say our totals: what lateness, weights and overrides change.

    It has one field for all of this, the late penalty. Who still waits keeps the points so far.
    """
    name = assigned.name
    with Gradebook(f"sqlite:///{(out / 'nbgrader' / 'gradebook.db').as_posix()}", "nnlib") as book:
        for submission in book.assignment_submissions(name):
            total = totals.get(submission.student_id)
            for notebook in submission.notebooks:
                apart = 0.0 if total is None else round(submission.score - total, 6)
                notebook.late_submission_penalty = apart
        book.db.commit()


def _forget(book: Any, name: str, student: str) -> None:
    """Who has handed in nothing has no submission that looks like a 0."""
    book.update_or_create_student(student)
    with suppress(MissingEntry):
        book.remove_submission(name, student)


def _define(book: Any, skeleton: Any, name: str) -> None:
    """The assignment, its notebook and its cells, as `nbgrader generate_assignment` has them."""
    book.update_or_create_assignment(name)
    book.update_or_create_notebook(name, name)
    for cell in skeleton.cells:
        if not utils.is_grade(cell) and not utils.is_solution(cell):
            continue
        about = cell.metadata.nbgrader
        kind = {"cell_type": cell.cell_type}
        if utils.is_grade(cell):
            book.update_or_create_grade_cell(
                about.grade_id, name, name, max_score=float(about.points), **kind
            )
        if utils.is_solution(cell):
            book.update_or_create_solution_cell(about.grade_id, name, name)
        locked, text = utils.is_locked(cell), cell.source
        book.update_or_create_source_cell(
            about.grade_id, name, name, locked=locked, source=text, **kind
        )


def check_id(exercise: str) -> str:
    return f"{exercise.replace('_', '-')}-check"


Cells = Mapping[str, list[dict[str, Any]]]  # by grade id; a student may have copied one


@dataclass(frozen=True)
class _HandedIn:
    """What a person may have to read: answers, words elsewhere, pictures beside the notebook."""

    cells: Cells
    elsewhere: bool = False
    pictures: sanitize.Pictures = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path | None, assigned: Assignment) -> "_HandedIn":
        """Of a notebook that may be anything. A text cell beneath an answer belongs to it."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        elsewhere, above = False, None
        try:
            cells = cells_of(read(path)) if path else []
        except UNREADABLE:
            return cls({})
        for cell in cells:
            own = cell["cell_type"] == "markdown" and assigned.is_own(cell["source"])
            grade_id = _grade_id(cell)
            if grade_id:
                found[grade_id].append(cell)
            elif own and above and above in assigned.by_hand:
                found[above].append(cell)
                continue
            elsewhere |= own and not grade_id
            above = grade_id
        return cls(found, elsewhere, sanitize.beside(path) if path else {})


@dataclass(frozen=True)
class _Student:
    """One student's notebook on its way into the gradebook, and as it went there last time."""

    name: str
    record: Record
    handed_in: _HandedIn
    before: Cells

    def notebook(self, skeleton: Any, assigned: Assignment) -> Any:
        """The student's answers on the released notebook, and our verdict beneath each check."""
        graded = copy.deepcopy(skeleton)
        verdicts = {check_id(n): verdict for n, verdict in self.record["exercises"].items()}
        for cell in graded.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            if utils.is_solution(cell):
                self.answer(cell, self.handed_in.cells.get(grade_id, []), assigned)
            elif utils.is_grade(cell):
                verdict = verdicts.get(grade_id)
                text = told(verdict) if verdict else f"Not graded: {self.record['state']}."
                cell.outputs = [new_output("stream", name="stdout", text=text)]
        return graded

    def answer(self, cell: Any, copies: list[dict[str, Any]], assigned: Assignment) -> None:
        """Put the answer into the cell. Of code the last copy counts, as it ran; of words all do."""
        texts = [source(found)[:MOST_TEXT] for found in copies]
        answers = list(dict.fromkeys(text for text in texts if not _blank(text, assigned)))
        lost = f"# {cell.metadata.nbgrader.grade_id}: no cell of this id (look into `submitted`)"
        cell.source = texts[-1] if texts else lost
        if utils.is_grade(cell) and answers:
            cell.source = "\n\n".join(answers)
        elif utils.is_grade(cell) and self.handed_in.elsewhere:
            cell.source += ELSEWHERE
        if cell.cell_type == "markdown":
            sanitize.tame(cell, copies, self.handed_in.pictures if utils.is_grade(cell) else {})

    def enter(self, book: Any, graded: Any, assigned: Assignment) -> Given:
        """Our points into the gradebook; what was given by hand out of it."""
        book.update_or_create_student(self.name)
        with book.db.no_autoflush:  # nbgrader adds a submission to its session last
            book.update_or_create_submission(assigned.name, self.name)
        parts = {check_id(name): name for name in assigned.points}
        given: Given = {}
        for cell in filter(utils.is_grade, graded.cells):
            place = cell.metadata.nbgrader.grade_id, assigned.name, assigned.name, self.name
            grade = book.find_grade(*place)
            if not utils.is_solution(cell):
                verdict = self.record["exercises"].get(parts.get(grade.name))
                grade.auto_score = float(verdict["points"]) if verdict else 0.0
                grade.needs_manual_grade = False
                comment = ""
            else:
                self.judge_by_hand(grade, cell, assigned)
                comment = book.find_comment(*place).comment or ""
            if (points := self.by_hand(grade, utils.is_solution(cell))) is not None:
                given[self.name, parts.get(grade.name, grade.name)] = ByHand(points, comment)
        book.db.commit()
        return given

    def judge_by_hand(self, grade: Any, cell: Any, assigned: Assignment) -> None:
        """An answer that a person grades: nothing is worth 0, anything waits for its score.

        A score that was given for another answer stays, and waits for a second look.
        """
        copies = self.handed_in.cells.get(grade.name, [])
        written = any(not _blank(source(found), assigned) for found in copies)
        nothing = not (written or sanitize.pictures(copies) or self.handed_in.pictures)
        nothing &= not self.handed_in.elsewhere
        deleted = bool(self.record["exercises"]) and not copies
        grade.auto_score = 0.0 if nothing and not deleted else None
        score = grade.auto_score if grade.manual_score is None else grade.manual_score
        before = self.before.get(grade.name, [])[-1:]
        if before and _differ(before[0], cell):
            earlier = grade.manual_score
        else:  # Formgrader takes the mark away when somebody has looked
            seen = before[0]["metadata"].get(EARLIER) if before else None
            earlier = seen if grade.needs_manual_grade else None
        waits = score is None or (earlier is not None and score == earlier)
        grade.needs_manual_grade = waits
        cell.metadata.update({EARLIER: earlier} if waits and earlier is not None else {})

    def by_hand(self, grade: Any, for_a_person: bool) -> float | None:
        """The points that a person gave, or that nothing written is worth; None if neither."""
        if grade.needs_manual_grade:
            return None
        asked = grade.manual_score is not None or grade.extra_credit
        if not asked and not (for_a_person and self.record["exercises"]):
            return None
        own = grade.auto_score if grade.manual_score is None else grade.manual_score
        return float(own or 0) + float(grade.extra_credit or 0)


def _grade_id(cell: dict[str, Any]) -> str | None:
    about = cell.get("metadata")
    for key in ("nbgrader", "grade_id"):
        about = about.get(key) if isinstance(about, dict) else None
    return about if isinstance(about, str) else None


def _blank(text: str, assigned: Assignment) -> bool:
    return not text.strip() or assigned.is_stub(text)


def _differ(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return source(old) != source(new) or old.get("attachments", {}) != new.get("attachments", {})


def told(exercise: Record) -> str:
    """A verdict in plain text, without what was expected."""
    marks = {True: "pass", False: "fail", None: "not judged"}
    lines = list(exercise["mistakes"]) if exercise["written"] else ["Not written yet."]
    for finding in exercise["findings"]:
        lines.append(
            f"{marks[finding['holds']]}: {finding['property']} {finding['detail']}".strip()
        )
        lines += [f"    {finding['call']}"] if finding["call"] else []
    return "\n".join(lines)[:10_000] + "\n"
