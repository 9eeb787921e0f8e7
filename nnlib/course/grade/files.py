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
from lzma import LZMAError
from pathlib import Path

from nnlib.course.grade.notebooks import MOST_BYTES

MOST_ZIPPED = 100 << 20  # bytes of a zip within a zip
MOST_FILES = 100_000
MOST_UNPACKED = 2 << 30, 100  # bytes of a zip's files together, beyond so many times its own size
PASSED_OVER = "__MACOSX", ".ipynb_checkpoints"

UNREADABLE = (OSError, RuntimeError, zipfile.BadZipFile, zlib.error, LZMAError, EOFError, ValueError)


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


def shown(text: str) -> str:
    """A student's words as a terminal may have them: one line, cut, without escapes."""
    return "".join(c if c.isprintable() else "�" for c in text[:200])


def files(root: Path, refused: list[str]) -> list[File]:
    """The files of a folder or zip and of the zips in it; words on the others go to `refused`."""
    found = list(_folder(root, refused) if root.is_dir() else _zip(_whole(root), (), refused))
    for file in [file for file in found if file.suffix == ".zip"]:
        found += _zip(file, file.parts, refused)
    return sorted(found, key=lambda file: file.parts)


def _whole(path: Path) -> File:
    return File((path.name,), (), lambda most: path.read_bytes())


def _folder(root: Path, refused: list[str]) -> Iterator[File]:
    for place, folders, names in os.walk(root):
        here = Path(place)
        for name in sorted([*folders, *names]):
            path = here / name
            parts = path.relative_to(root).parts
            status = path.lstat()
            if _passed_over(parts) or stat.S_ISDIR(status.st_mode):
                continue
            if not stat.S_ISREG(status.st_mode):
                refused.append(f"{shown('/'.join(parts))}: a link or a device, not followed")
                continue
            yield File(parts, time.gmtime(status.st_mtime)[:6], lambda n, path=path: _start(path, n))


def _start(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


def _zip(file: File, above: tuple[str, ...], refused: list[str]) -> Iterator[File]:
    """The files of a zip. One that is broken or a bomb is told of and has none."""
    try:
        content = file.read(MOST_ZIPPED)
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [member for member in archive.infolist() if not member.is_dir()]
        size = sum(min(member.file_size, MOST_BYTES) for member in members)
        if len(members) > MOST_FILES or size > max(MOST_UNPACKED[0], MOST_UNPACKED[1] * len(content)):
            raise ValueError(f"{len(members)} files of {size >> 20} MB, which is taken for a bomb")
    except UNREADABLE as error:
        refused.append(f"{file}: a zip that is not opened ({shown(str(error))})")
        return
    for member in members:
        parts = tuple(part for part in member.filename.replace("\\", "/").split("/") if part)
        if _passed_over(parts):
            continue
        if reason := _reason_against(member):
            refused.append(f"{file}: {shown(member.filename)}: {reason}")
        if not _leads_out(member):
            yield File((*above, *parts), member.date_time, _reader(archive, member))


def _reader(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        with archive.open(member) as file:
            return file.read(most)

    return read


def _reason_against(member: zipfile.ZipInfo) -> str:
    if _leads_out(member):
        return "a link or a path that leads out, refused"
    if member.file_size > (MOST_BYTES if not member.filename.endswith(".zip") else MOST_ZIPPED):
        return f"{member.file_size >> 20} MB when unpacked, read no further than {MOST_BYTES >> 20} MB"
    return ""


def _leads_out(member: zipfile.ZipInfo) -> bool:
    name = member.filename.replace("\\", "/")
    climbs = ".." in name.split("/") or name.startswith("/") or ":" in name.split("/")[0]
    return climbs or not name.strip("/") or stat.S_ISLNK(member.external_attr >> 16)


def _passed_over(parts: tuple[str, ...]) -> bool:
    return any(part in PASSED_OVER or part.startswith("._") for part in parts) or parts[-1:] in (
        (".DS_Store",),
        ("Thumbs.db",),
    )
