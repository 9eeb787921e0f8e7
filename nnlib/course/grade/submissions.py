"""Whose notebook is where, in the layouts that submissions come in.

- nbgrader's `submitted/STUDENT/ASSIGNMENT/NB.ipynb`;
- a folder for each student, with the notebook, or a zip, anywhere in it;
- what Moodle, Canvas and Blackboard export: files in one folder, or Moodle's folders;
- a zip of any of these.

Whose file it is, the first part of its path says, never a name that a student chose. What is not
used is told, with its reason.
"""

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from nnlib.course.grade import owners
from nnlib.course.grade.archives import UNREADABLE, File, Refused, files, shown
from nnlib.course.grade.course_toml import Course, Handed, safe
from nnlib.course.grade.notebooks import (
    MOST_BYTES,
    MOST_PICTURE_BYTES,
    MOST_PICTURES,
    PICTURE_SUFFIXES,
)
from nnlib.course.grade.owners import Owner

MOODLE = re.compile(r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_[a-z]+_?(?P<file>.*)")
CANVAS = re.compile(
    r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<user>\w+?)_\d+_(?P<file>.+\.\w+)", re.IGNORECASE
)
BLACKBOARD = re.compile(
    r"(?P<names>.+?)_attempt_(?P<time>\d{4}(-\d\d){5})(_(?P<file>.+)|\.txt)", re.DOTALL
)
RESUBMITTED = re.compile(r"(?P<stem>.+)-(?P<number>\d{1,3})")  # Canvas numbers them
COPIED = re.compile(  # browsers and systems do: name (1), name - Copy (2), name-Copy1
    r"(?P<stem>.+?)( ?\((?P<number>\d{1,3})\)|[ _-]+copy ?\(?(?P<copy>\d{0,3})\)?)", re.IGNORECASE
)
NOTEBOOK = re.compile(r"(?P<name>.*\.ipynb)(\.txt|\.json)?", re.IGNORECASE | re.DOTALL)
INSTRUCTORS = ".csv", ".toml"  # in the folder of the submissions itself
TIMESTAMP = "timestamp.txt"
OF_NBGRADER = TIMESTAMP, "submission_secret.txt"  # what it writes beside a notebook
BY_OWNERS_CSV = "owners.csv"


@dataclass(frozen=True)
class _Piece:
    """A file of a student, called as the student called it."""

    file: File
    name: str
    label: str = ""  # what its owner is called where it comes from
    attempt: str = ""
    late: bool = False
    resubmission: int = 0
    collected: bool = False  # by nbgrader, which wrote its timestamp.txt

    @property
    def stem(self) -> str:
        return Path(self.name).stem

    @property
    def is_notebook(self) -> bool:
        return self.name.lower().endswith(".ipynb")

    @property
    def is_picture(self) -> bool:
        return self.file.suffix in PICTURE_SUFFIXES


@dataclass
class Collected:
    """What is to be graded, what is known beside it, and each file that is not used, with why."""

    notebooks: dict[str, Path | None] = field(default_factory=dict)
    handed: dict[str, Handed] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)

    def leave_out(self, pieces: Sequence[_Piece], reason: str) -> None:
        self.unmatched += [f"{piece.file}: {reason}" for piece in pieces]


def collect(root: Path, assignment: str, others: set[str], course: Course, out: Path) -> Collected:
    """Copy each student's notebook to OUT/STUDENT/ASSIGNMENT/NAME.ipynb, under the student's name.

    Students of the roster without a notebook have None. `others` are the other assignments: their
    notebooks are no submissions for this one.
    """
    collected, refused = Collected(), list[Refused]()
    found = files(root, refused)
    top = _top(found, root, assignment, others, course)
    reader = _Reader(assignment, course, top)
    pieces: dict[str, list[_Piece]] = defaultdict(list)
    hints: dict[str, list[str]] = defaultdict(list)  # what a student's line should tell
    doubtful: set[str] = set()  # whose work may be among what cannot be told
    elsewhere: Counter[str] = Counter()
    closed = {one.parts for one in refused}
    for file in found:
        if len(file.parts) == 1 and file.suffix in INSTRUCTORS:
            continue
        if file.suffix == ".zip" and file.parts in closed:
            continue
        if other := next((name for name in others if _of_another(file, top, name)), ""):
            elsewhere[other] += 1
            continue
        owner, piece = reader.owner(file.parts, file)
        if owner.student and safe(owner.student):
            pieces[owner.student].append(piece)
            hints[owner.student] += [owner.note] if owner.note else []
        elif not (file.suffix == ".zip" and any(f.parts[:-1] == file.parts for f in found)):
            collected.leave_out([piece], owner.doubt or owners.UNKNOWN.doubt)
            for student in owner.perhaps:
                hints[student].append(f"{file}: {owner.doubt}")
                doubtful.add(student)
    for one in refused:
        collected.unmatched.append(str(one) if one.parts else f"{shown(root.name)}{one}")
        if one.parts and (student := reader.owner(one.parts)[0].student):
            hints[student].append(str(one))
    for student in sorted(pieces.keys() | course.roster.keys()):
        own, doubt = _of_one_owner(pieces[student], collected)
        place = out / student / assignment
        path, handed = _taken(own, place, assignment, collected)
        if path is None and student in doubtful:
            doubt = doubt or owners.UNKNOWN.doubt
        notes = (*dict.fromkeys(hints[student]), *handed.notes)
        collected.notebooks[student] = path
        time = course.times.get(student, handed.time)  # the instructor's word goes first
        collected.handed[student] = replace(handed, time=time, notes=notes, doubt=doubt)
    _share(collected, assignment, course, out)
    collected.unmatched += [
        f"{name}: {count} files of this other assignment"
        for name, count in sorted(elsewhere.items())
    ]
    return collected


def _top(found: list[File], root: Path, assignment: str, others: set[str], course: Course) -> int:
    """1 where everything lies in one folder that is no student's (the zip's own name), else 0."""
    notebooks = [file.parts for file in found if NOTEBOOK.fullmatch(file.name) or file.suffix == ".zip"]  # fmt: skip
    tops = {parts[0] for parts in notebooks}
    if len(tops) != 1 or any(len(parts) == 1 for parts in notebooks):
        return 0
    [top] = tops
    seconds = {parts[1] for parts in notebooks}
    a_student = MOODLE.fullmatch(top) or (course.roster and _is_known(top, course))
    if a_student or seconds & {assignment, *others}:
        return 0
    folders = {parts[1] for parts in notebooks if len(parts) > 2}
    exported = any(
        pattern.fullmatch(s) for pattern in (MOODLE, CANVAS, BLACKBOARD) for s in seconds
    )
    known = any(_is_known(second, course) for second in seconds) and bool(course.roster)
    return int(top in ("submitted", root.stem) or len(folders) > 1 or exported or known)


def _is_known(folder: str, course: Course) -> bool:
    return bool(owners.of_folder(folder, course.roster).student)


@dataclass(frozen=True)
class _Reader:
    """Reads from a path whose file it is, and what the student called it."""

    assignment: str
    course: Course
    top: int

    def owner(self, path: tuple[str, ...], file: File | None = None) -> tuple[Owner, _Piece]:
        """By what platforms write; but what the instructor wrote in owners.csv goes before it."""
        file = file or File(path, (), lambda _: b"")
        parts = path[self.top :] or path
        number, owner, piece = self.read(parts, file)
        piece = replace(piece, name=_as_notebook(piece.name))
        called = ["/".join(p[:end]) for p in (path, parts) for end in range(len(p), 0, -1)]
        for name in map(owners.composed, [*called, number]):
            if name in self.course.owners:
                student = self.course.owners[name]
                given = Owner(student, doubt="" if student else "nobody's, says owners.csv")
                return given, replace(piece, label=BY_OWNERS_CSV)
        return owner, piece

    def read(self, parts: tuple[str, ...], file: File) -> tuple[str, Owner, _Piece]:
        """The platform's own number of the student, the owner, and the file."""
        first, name, alone = parts[0], parts[-1], len(parts) == 1
        roster = self.course.roster
        if match := BLACKBOARD.fullmatch(first):
            own = match["file"] or "" if alone else name
            piece = _Piece(file, own, match["names"], attempt=match["time"])
            return "", owners.in_blackboard(match["names"], roster), piece
        if match := MOODLE.fullmatch(first):
            piece = _Piece(
                file, match["file"] if alone else name, f"{match['name']}_{match['user']}"
            )
            return match["user"], owners.in_moodle(match["name"], match["user"], roster), piece
        if (match := CANVAS.fullmatch(first)) and _numbered(match):
            own, number = _first_name(match["file"]) if alone else (name, 0)
            late = bool(match["late"])
            piece = _Piece(file, own, match["user"], late=late, resubmission=number)
            return match["user"], owners.in_canvas(match["name"], match["user"], roster), piece
        if alone or (len(parts) > 1 and first.lower().endswith(".zip")):
            stem = _without_copy(Path(_as_notebook(first)).stem.replace(self.assignment, ""))
            stem = stem.strip("_- .")
            owner = owners.of_folder(stem, roster) if roster else owners.UNKNOWN
            return "", owner, _Piece(file, name, stem)
        collected = len(parts) == 3 and parts[1] == self.assignment
        return "", owners.of_folder(first, roster), _Piece(file, name, first, collected=collected)


def _numbered(canvas: re.Match[str]) -> bool:
    """Without names Canvas writes letters and digits, else its number."""
    return canvas["user"].isdecimal() or canvas["name"].casefold() == "anon"


def _as_notebook(name: str) -> str:
    """Browsers save NAME.ipynb as NAME.ipynb.txt or NAME.ipynb.json."""
    match = NOTEBOOK.fullmatch(name)
    return match["name"] if match else name


def _without_copy(stem: str) -> str:
    match = COPIED.fullmatch(stem)
    return match["stem"] if match else stem


def _first_name(name: str) -> tuple[str, int]:
    path = Path(name)
    if match := RESUBMITTED.fullmatch(path.stem):
        return match["stem"] + path.suffix, int(match["number"])
    return name, 0


def _of_another(file: File, top: int, other: str) -> bool:
    stem = Path(_as_notebook(file.name)).stem
    return other in (stem, _without_copy(stem), *file.parts[top:-1])


def _of_one_owner(pieces: list[_Piece], collected: Collected) -> tuple[list[_Piece], str]:
    """The pieces of the one place where the student's work is; of two places none, and why."""
    decided = [piece for piece in pieces if piece.label == BY_OWNERS_CSV]
    labels = sorted({owners.composed(piece.label) for piece in decided or pieces})
    if len(labels) > 1:
        doubt = f"handed in under {len(labels)} names: {shown(', '.join(labels))}"
        collected.leave_out(pieces, doubt)
        return [], doubt
    if decided and len(decided) < len(pieces):
        rest = [piece for piece in pieces if piece not in decided]
        collected.leave_out(rest, "owners.csv names another file of this student")
    return decided or pieces, ""


def _taken(
    pieces: list[_Piece], place: Path, assignment: str, collected: Collected
) -> tuple[Path | None, Handed]:
    """Copy the notebook that counts: of the last attempt the rightly named, else the newest."""
    last = max((piece.attempt for piece in pieces), default="")
    collected.leave_out([p for p in pieces if p.attempt != last], "of an earlier attempt")
    pieces = [piece for piece in pieces if piece.attempt == last]
    notebooks = [piece for piece in pieces if piece.is_notebook]
    shutil.rmtree(place, ignore_errors=True)
    if not notebooks:
        rest = [piece for piece in pieces if not _has_done(piece, pieces)]
        collected.leave_out(rest, "no notebook")
        names = ", ".join(shown(piece.name) for piece in rest)
        return None, Handed(notes=(f"no notebook, but {names[:200]}",) if names else ())
    taken = max(notebooks, key=lambda piece: _rank(piece, assignment))
    notes = []
    if len(notebooks) > 1:
        notes.append(f"{len(notebooks)} notebooks, taken: {shown(taken.name)}")
    try:
        content = taken.file.read(MOST_BYTES + 1)
    except UNREADABLE as error:
        content = b""
        notes.append(f"cannot be read: {shown(str(error))}")
    path = place / (f"{assignment}.ipynb" if _is_named(taken, assignment) else _plain(taken.name))
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    pictures = list(_pictures(pieces, place))
    notes += [f"pictures beside it: {', '.join(shown(p.name) for p in pictures)}"] * bool(pictures)
    for piece in pieces:
        if piece is not taken and piece not in pictures and not _has_done(piece, pieces):
            another = f"not taken, for {shown(taken.name)} is"
            collected.leave_out([piece], another if piece.is_notebook else "no notebook")
    return path, Handed(
        _time(taken, pieces), taken.late, tuple(notes), label=_label(taken.file.parts)
    )


def _label(parts: tuple[str, ...]) -> str:
    """The part of a path that Moodle or Canvas wrote, by which they know the student again."""
    return next((part for part in parts if MOODLE.fullmatch(part) or CANVAS.fullmatch(part)), "")


def _has_done(piece: _Piece, pieces: list[_Piece]) -> bool:
    """What is no notebook and needs no word: times, receipts, and zips that were opened."""
    opened = any(piece.file.parts == other.file.parts[: len(piece.file.parts)] for other in pieces if other is not piece)  # fmt: skip
    receipt = bool(piece.attempt) and not piece.name
    return receipt or opened or (piece.collected and piece.name in OF_NBGRADER)


def _share(collected: Collected, assignment: str, course: Course, out: Path) -> None:
    """Who hands in with others has their notebook, if exactly one of the team handed in."""
    teams: dict[str, list[str]] = defaultdict(list)
    for one in course.roster.values():
        teams[one.team].append(one.id)
    for team, members in teams.items():
        handed_in = [student for student in members if collected.notebooks[student]]
        without = [student for student in members if student not in handed_in]
        if not team or not handed_in or not without:
            continue
        first, path = handed_in[0], collected.notebooks[handed_in[0]]
        for student in without:
            handed = collected.handed[student]
            if len(handed_in) > 1 or not path:
                told = f"no notebook of one's own, and the team has {len(handed_in)}"
            else:
                shutil.copytree(path.parent, out / student / assignment)
                collected.notebooks[student] = out / student / assignment / path.name
                handed = replace(collected.handed[first], label="")
                told = f"handed in by {first}, of the team {team}"
            collected.handed[student] = replace(handed, notes=(*handed.notes, told))


def _pictures(pieces: list[_Piece], place: Path) -> Iterator[_Piece]:
    """Keep the pictures beside a notebook, for whoever reads its derivations."""
    kept = 0
    for piece in pieces:
        stem = re.sub(r"[^\w ()+-]", "_", piece.stem)[:80].strip()
        if piece.is_picture and stem and kept < MOST_PICTURES:
            with suppress(*UNREADABLE):
                content = piece.file.read(MOST_PICTURE_BYTES + 1)
                if len(content) <= MOST_PICTURE_BYTES:
                    (place / f"{stem}{Path(piece.name).suffix}").write_bytes(content)
                    kept += 1
                    yield piece


def _is_named(piece: _Piece, assignment: str) -> bool:
    return assignment in (piece.stem, _without_copy(piece.stem))


def _rank(piece: _Piece, assignment: str) -> tuple[object, ...]:
    """Of a file and its copies the newest counts, and of two as old the later copy."""
    parts, copy = piece.file.parts, COPIED.fullmatch(piece.stem)
    in_its_folder, named = assignment in parts[:-1], _is_named(piece, assignment)
    copies = int(copy["number"] or copy["copy"] or 1) if copy and piece.stem != assignment else 0
    return in_its_folder, named, piece.resubmission, piece.file.changed, copies, parts


def _plain(name: str) -> str:
    """A student's name for a file, as every system can store it."""
    stem = re.sub(r"[^\w ()+-]", "_", Path(name).stem)[:80].strip() or "notebook"
    return f"{stem}.ipynb"


def _time(taken: _Piece, pieces: list[_Piece]) -> datetime | None:
    """When it was handed in, from nbgrader's timestamp.txt or from Blackboard's file name.

    Nothing else is believed: files get the time when somebody copied or unpacked them, and a
    timestamp.txt within what a student packed is the student's.
    """
    if taken.attempt:
        with suppress(ValueError):
            return datetime.strptime(taken.attempt, "%Y-%m-%d-%H-%M-%S")
    for piece in pieces:
        if taken.collected and piece.collected and piece.name == TIMESTAMP:
            with suppress(*UNREADABLE):
                text = piece.file.read(100).decode().strip().removesuffix("UTC").strip()
                time = datetime.fromisoformat(text)
                return time if time.tzinfo else time.replace(tzinfo=UTC)
    return None
