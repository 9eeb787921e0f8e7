"""The files of a folder or of a zip, read with care: students chose their names and contents.

Nothing is unpacked to disk here. A file is opened only when it is asked for, and never read further
than asked, so that no zip bomb can go off.
"""

import io
import os
import stat
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from lzma import LZMAError
from pathlib import Path

from nnlib.course.grade.notebooks import MOST_BYTES

MOST_ZIPPED = 100 << 20  # bytes of a zip within a zip
MOST_FILES = 100_000
MOST_UNPACKED = 2 << 30  # bytes of all the files of a zip, or so many times its own size
MOST_RATIO = 100
PASSED_OVER = "__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"
CHECKPOINTS = ".ipynb_checkpoints"
IS_CHECKPOINT = "a checkpoint, which Jupyter keeps for itself"

UNREADABLE = (
    OSError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    EOFError,
    ValueError,
)


@dataclass(frozen=True)
class File:
    """Where it lies, when it was last changed, and `read(n)` for its first n bytes."""

    parts: tuple[str, ...]
    changed: tuple[int, ...]
    read: Callable[[int], bytes]

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def suffix(self) -> str:
        return Path(self.name).suffix.lower()

    def __str__(self) -> str:
        return shown("/".join(self.parts))


@dataclass(frozen=True)
class Refused:
    """A file that is not read, and why. Without a place in the submissions it is the whole zip."""

    parts: tuple[str, ...]
    reason: str

    def __str__(self) -> str:
        return f"{shown('/'.join(self.parts))}: {self.reason}"


def shown(text: str) -> str:
    """A student's words as a terminal may have them: one line, cut, without escapes."""
    return "".join(c if c.isprintable() else "�" for c in text[:200])


def files(root: Path, refused: list[Refused]) -> list[File]:
    """The files of a folder or zip and of the zips in it; the others go to `refused`."""
    if root.is_dir():
        found = list(_folder(root, refused))
    else:
        found = list(_zip(root, root.stat().st_size, (), refused))
    for file in [file for file in found if file.suffix == ".zip"]:
        content = _content(file, refused)
        found += _zip(io.BytesIO(content), len(content), file.parts, refused)
    return sorted(found, key=lambda file: file.parts)


def _content(file: File, refused: list[Refused]) -> bytes:
    try:
        return file.read(MOST_ZIPPED)
    except UNREADABLE as error:
        refused.append(Refused(file.parts, f"cannot be read ({shown(str(error))})"))
        return b""


def _folder(root: Path, refused: list[Refused]) -> Iterator[File]:
    def tell(error: OSError) -> None:
        place = Path(error.filename or root).relative_to(root).parts
        refused.append(Refused(place, f"not read ({shown(error.strerror or '')})"))

    for place, folders, names in os.walk(root, onerror=tell):
        here = Path(place)
        for name in sorted([*folders, *names]):
            path = here / name
            parts = path.relative_to(root).parts
            status = path.lstat()
            if _passed_over(parts) or stat.S_ISDIR(status.st_mode):
                continue
            if not stat.S_ISREG(status.st_mode):
                refused.append(Refused(parts, "a link or a device, not followed"))
                continue
            if CHECKPOINTS in parts:
                refused.append(Refused(parts, IS_CHECKPOINT))
                continue
            yield File(parts, time.gmtime(status.st_mtime)[:6], partial(_start, path))


def _start(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


def _zip(
    source: Path | io.BytesIO, size: int, above: tuple[str, ...], refused: list[Refused]
) -> Iterator[File]:
    """The files of a zip. One that is broken or a bomb is told of and has none."""
    try:
        archive = zipfile.ZipFile(source)
        members = [member for member in archive.infolist() if not member.is_dir()]
        unpacked = sum(min(member.file_size, MOST_BYTES) for member in members)
        if len(members) > MOST_FILES or unpacked > max(MOST_UNPACKED, MOST_RATIO * size):
            raise ValueError(f"{len(members)} files of {unpacked >> 20} MB: taken for a bomb")
    except UNREADABLE as error:
        refused.append(Refused(above, f"a zip that is not opened ({shown(str(error))})"))
        return
    for member in members:
        parts = tuple(part for part in member.filename.replace("\\", "/").split("/") if part)
        if _passed_over(parts):
            continue
        if reason := _reason_against(member):
            # Where it leads out, its words are no place in the submissions.
            told = (member.filename,) if _leads_out(member) else parts
            refused.append(Refused((*above, *told), reason))
        if not _leads_out(member) and CHECKPOINTS not in parts:
            yield File((*above, *parts), member.date_time, partial(_member, archive, member))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(member) as file:
        return file.read(most)


def _reason_against(member: zipfile.ZipInfo) -> str:
    if _leads_out(member):
        return "a link or a path that leads out, refused"
    if CHECKPOINTS in member.filename.split("/"):
        return IS_CHECKPOINT
    if member.file_size > (MOST_BYTES if not member.filename.endswith(".zip") else MOST_ZIPPED):
        return (
            f"{member.file_size >> 20} MB when unpacked, read no further than {MOST_BYTES >> 20} MB"
        )
    return ""


def _leads_out(member: zipfile.ZipInfo) -> bool:
    name = member.filename.replace("\\", "/")
    climbs = ".." in name.split("/") or name.startswith("/") or ":" in name.split("/")[0]
    return climbs or not name.strip("/") or stat.S_ISLNK(member.external_attr >> 16)


def _passed_over(parts: tuple[str, ...]) -> bool:
    """What systems and editors leave behind."""
    return any(part in PASSED_OVER or part.startswith("._") for part in parts)
