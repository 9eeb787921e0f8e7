"""Whose notebook is where, in the layouts that submissions come in.

- nbgrader's `submitted/STUDENT/ASSIGNMENT/NB.ipynb`;
- a folder for each student, with the notebook, or a zip, anywhere in it;
- what Moodle, Canvas and Blackboard export: files in one folder, or Moodle's folders;
- a zip of any of these.

Whose file it is, the first part of its path says, never a name that a student chose.
"""

import re
import shutil
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nnlib.course.grade.archives import UNREADABLE, File, files, shown
from nnlib.course.grade.course_toml import Course, Handed, safe
from nnlib.course.grade.notebooks import (
    MOST_BYTES,
    MOST_PICTURE_BYTES,
    MOST_PICTURES,
    PICTURE_SUFFIXES,
)

MOODLE = re.compile(r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_[a-z]+_?(?P<file>.*)")
CANVAS = re.compile(
    r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<user>\d+)_\d+_(?P<file>.+\.(ipynb|zip))", re.IGNORECASE
)
BLACKBOARD = re.compile(
    r"(?P<names>.+?)_attempt_(?P<time>\d{4}(-\d\d){5})(_(?P<file>.+)|\.txt)", re.DOTALL
)
RESUBMITTED = re.compile(r"(?P<stem>.+)-(?P<number>\d{1,3})")  # Canvas numbers them
WITHOUT_MEANING = ".txt", ".csv", ".toml", ".zip"


@dataclass(frozen=True)
class _Piece:
    """A file of a student, called as the student called it."""

    file: File
    name: str
    attempt: str = ""
    late: bool = False
    resubmission: int = 0

    @property
    def stem(self) -> str:
        return Path(self.name).stem


@dataclass
class Collected:
    """What is to be graded, what is known beside it, and what belongs to nobody."""

    notebooks: dict[str, Path | None] = field(default_factory=dict)
    handed: dict[str, Handed] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)


def collect(root: Path, assignment: str, others: set[str], course: Course, out: Path) -> Collected:
    """Copy each student's notebook to OUT/STUDENT/ASSIGNMENT/NAME.ipynb, under the student's name.

    Students of the roster without a notebook have None. `others` are the other assignments: their
    notebooks are no submissions for this one.
    """
    collected = Collected()
    pieces: dict[str, list[_Piece]] = defaultdict(list)
    found = files(root, collected.unmatched)
    top = _top(found, root, assignment, others, course)
    for file in found:
        student, piece = _owner(file, file.parts[top:], assignment, course)
        if student and safe(student):
            pieces[student].append(piece)
        elif file.suffix not in WITHOUT_MEANING:
            collected.unmatched.append(f"{file}: whose it is cannot be told")
    for student in sorted(pieces.keys() | course.roster.keys()):
        own = [p for p in pieces[student] if not _of_another(p, top, others)]
        place = out / student / assignment
        collected.notebooks[student], collected.handed[student] = _taken(own, place, assignment)
    return collected


def _top(found: list[File], root: Path, assignment: str, others: set[str], course: Course) -> int:
    """1 where everything lies in one folder that is no student's (the zip's own name), else 0."""
    notebooks = [file.parts for file in found if file.suffix in (".ipynb", ".zip")]
    tops = {parts[0] for parts in notebooks}
    if len(tops) != 1 or any(len(parts) == 1 for parts in notebooks):
        return 0
    [top] = tops
    seconds = {parts[1] for parts in notebooks}
    a_student = MOODLE.fullmatch(top) or (course.roster and _folder_owner(top, course))
    if a_student or seconds & {assignment, *others}:
        return 0
    folders = {parts[1] for parts in notebooks if len(parts) > 2}
    exported = any(
        pattern.fullmatch(s) for pattern in (MOODLE, CANVAS, BLACKBOARD) for s in seconds
    )
    known = any(_folder_owner(second, course) for second in seconds) and bool(course.roster)
    return int(top in ("submitted", root.stem) or len(folders) > 1 or exported or known)


def _owner(
    file: File, parts: tuple[str, ...], assignment: str, course: Course
) -> tuple[str, _Piece]:
    """The student, "" if unknown, and the file as the student named it."""
    first, name = parts[0], parts[-1]
    alone = len(parts) == 1
    if match := BLACKBOARD.fullmatch(first):
        own = match["file"] or "" if alone else name
        return _blackboard(match["names"], course), _Piece(file, own, attempt=match["time"])
    if match := MOODLE.fullmatch(first):
        own = match["file"] if alone else name
        student = course.named(match["name"]) or course.called(match["user"])
        return student if course.roster else f"{match['name']}_{match['user']}", _Piece(file, own)
    if match := CANVAS.fullmatch(first):
        own, number = _first_name(match["file"]) if alone else (name, 0)
        student = course.called(match["user"]) or course.named(match["name"])
        return (
            student if course.roster else f"{match['name']}_{match['user']}",
            _Piece(file, own, late=bool(match["late"]), resubmission=number),
        )
    if alone:
        stem = Path(name).stem.replace(assignment, "").strip("_- .")
        return _folder_owner(stem, course) if course.roster else "", _Piece(file, name)
    return _folder_owner(first, course), _Piece(file, name)


def _folder_owner(name: str, course: Course) -> str:
    if not course.roster:
        return name
    return name if name in course.roster else course.called(name) or course.named(name)


def _blackboard(names: str, course: Course) -> str:
    """The user in TITLE_USER; both may have underscores, and then the roster decides."""
    words = names.split("_")
    if not course.roster:
        return words[-1]
    users = ("_".join(words[start:]) for start in range(1, len(words)))
    return next((found for user in users if (found := _folder_owner(user, course))), "")


def _first_name(name: str) -> tuple[str, int]:
    path = Path(name)
    if match := RESUBMITTED.fullmatch(path.stem):
        return match["stem"] + path.suffix, int(match["number"])
    return name, 0


def _of_another(piece: _Piece, top: int, others: set[str]) -> bool:
    return piece.stem in others or any(part in others for part in piece.file.parts[top:-1])


def _taken(pieces: list[_Piece], place: Path, assignment: str) -> tuple[Path | None, Handed]:
    """Copy the notebook that counts: of the last attempt the rightly named, else the newest."""
    last = max((piece.attempt for piece in pieces), default="")
    pieces = [piece for piece in pieces if piece.attempt == last]
    notebooks = [piece for piece in pieces if Path(piece.name).suffix.lower() == ".ipynb"]
    shutil.rmtree(place, ignore_errors=True)
    if not notebooks:
        names = [shown(p.name) for p in pieces if p.file.suffix not in WITHOUT_MEANING]
        return None, Handed(notes=(f"no notebook, but {', '.join(names)[:200]}",) if names else ())
    taken = max(notebooks, key=lambda piece: _rank(piece, assignment))
    notes = []
    if len(notebooks) > 1:
        notes.append(f"{len(notebooks)} notebooks, taken: {shown(taken.name)}")
    try:
        content = taken.file.read(MOST_BYTES + 1)
    except UNREADABLE as error:
        content = b""
        notes.append(f"cannot be read: {shown(str(error))}")
    path = place / (f"{assignment}.ipynb" if taken.stem == assignment else _plain(taken.name))
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    notes += _pictures(pieces, place)
    return path, Handed(_time(taken, pieces), taken.late, tuple(notes))


def _pictures(pieces: list[_Piece], place: Path) -> list[str]:
    """Keep the pictures beside a notebook, for whoever reads its derivations; say which."""
    kept: list[str] = []
    for piece in pieces:
        stem, suffix = re.sub(r"[^\w ()+-]", "_", piece.stem)[:80].strip(), piece.file.suffix
        if suffix in PICTURE_SUFFIXES and stem and len(kept) < MOST_PICTURES:
            with suppress(*UNREADABLE):
                content = piece.file.read(MOST_PICTURE_BYTES + 1)
                if len(content) <= MOST_PICTURE_BYTES:
                    (place / f"{stem}{Path(piece.name).suffix}").write_bytes(content)
                    kept.append(shown(piece.name))
    return [f"pictures beside it: {', '.join(kept)}"] if kept else []


def _rank(piece: _Piece, assignment: str) -> tuple[object, ...]:
    parts = piece.file.parts
    in_its_folder, named = assignment in parts[:-1], piece.stem == assignment
    return in_its_folder, named, piece.resubmission, piece.file.changed, parts


def _plain(name: str) -> str:
    """A student's name for a file, as every system can store it."""
    stem = re.sub(r"[^\w ()+-]", "_", Path(name).stem)[:80].strip() or "notebook"
    return f"{stem}.ipynb"


def _time(taken: _Piece, pieces: list[_Piece]) -> datetime | None:
    """When it was handed in, from nbgrader's timestamp.txt or from Blackboard's file name.

    Nothing else is believed: files get the time when somebody copied or unpacked them.
    """
    if taken.attempt:
        with suppress(ValueError):
            return datetime.strptime(taken.attempt, "%Y-%m-%d-%H-%M-%S")
    here = taken.file.parts[:-1]
    for piece in pieces:
        if piece.file.parts == (*here, "timestamp.txt"):
            with suppress(*UNREADABLE):
                text = piece.file.read(100).decode().strip().removesuffix("UTC").strip()
                time = datetime.fromisoformat(text)
                return time if time.tzinfo else time.replace(tzinfo=UTC)
    return None
