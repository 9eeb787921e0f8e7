"""GRADES, the folder of one grading: closed to others, outside of any repository, with its seed."""

import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


class BadFolder(ValueError):
    """Grades must not be written there; the message says why."""


def prepare(out: Path, submissions: Path) -> None:
    """Make the folder, for this user alone. Raises BadFolder where marks would be seen by others."""
    if out.exists() and not out.is_dir():
        raise BadFolder(f"{out} is a file; name a folder for --out")
    if out == submissions or submissions in out.parents or out in submissions.parents:
        raise BadFolder(f"{out} and the submissions must not lie within each other")
    repository = next((folder for folder in out.parents if (folder / ".git").exists()), None)
    if repository and not _ignored(repository, out):
        raise BadFolder(
            f"{out} lies in the git repository {repository}, where marks could be committed. "
            "Choose a folder elsewhere, or add it to .gitignore."
        )
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    out.chmod(0o700)


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Nobody else grades into the folder meanwhile. Raises BadFolder where somebody does already."""
    try:  # however this process ends, the system opens the lock
        held = FileLock(out / ".lock").acquire(timeout=0)
    except Timeout:
        raise BadFolder(
            f"somebody is grading into {out} right now. Wait until they are done, or choose "
            "another folder."
        ) from None
    with held:
        yield


def _ignored(repository: Path, out: Path) -> bool:
    git = shutil.which("git")
    if git is None:
        return False
    # With its slash, for a pattern may mean folders only and this one need not exist yet.
    asked = [git, "-C", str(repository), "check-ignore", "--quiet", f"{out}/"]
    return subprocess.run(asked, capture_output=True, timeout=60, check=False).returncode == 0


def clear_if_names_change(out: Path, anonymous: bool) -> None:
    """Of a folder that was written with names, let no page stay in one with codes; nor the reverse.

    They are made of records, which stay: the command of each assignment writes its pages again.
    """
    codes = out / "names.csv"
    if anonymous == codes.exists():
        return
    for folder in ("feedback", "lms"):
        shutil.rmtree(out / folder, ignore_errors=True)
    for pattern in ("grades.csv", "status.csv", "changes.csv", "names.csv", "*.html"):
        for file in out.glob(pattern):
            file.unlink()


def seed(out: Path, wanted: int | None) -> int:
    """The seed of all gradings into this folder: recorded once, drawn if nobody gave one."""
    file = out / "seed.txt"
    if not file.exists():
        chosen = secrets.randbelow(1 << 32) if wanted is None else wanted
        file.write_text(f"{chosen}\n", encoding="ascii")
        return chosen
    text = file.read_text(encoding="ascii", errors="replace").strip()
    if not text.isdecimal():
        raise BadFolder(f"{file} should hold a whole number, and holds {text[:40]!r}")
    if wanted is not None and wanted != int(text):
        raise BadFolder(
            f"{out} was graded with the seed {text}. Leave --seed out to keep to it, or choose "
            "another folder: marks of two seeds are not to be mixed."
        )
    return int(text)
