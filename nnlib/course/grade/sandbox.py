"""A worker's surroundings: what it sees, what it may use up, and how it is spoken with.

With bubblewrap a worker sees, and this is the whole list:

- Python itself, read-only, with every `site-packages` and `dist-packages` hidden;
- the shared libraries of the system, read-only;
- the packages that the exercise declares, read-only, and nnlib without its classroom if declared;
- six files of the grader, compiled: `worker.py`, `cells.py`, `stand_ins.py`, `codec.py`,
  `calling.py`, `syscalls.py`;
- an empty `/tmp` of 64 MB, `/proc` of its own processes, a bare `/dev`.

No network, no home, no submissions, no specifications, no environment variables. What it may not
ask of the kernel is in `syscalls.py`, what it may use up in `LIMITS` and `cgroups.py`.
"""

import importlib.util
import json
import os
import py_compile
import selectors
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from nnlib.course.grade import cgroups, codec, syscalls
from nnlib.course.kit import calling

GRADER = [
    *(Path(__file__).parent / name for name in ("worker.py", "cells.py", "stand_ins.py")),
    *(Path(str(part.__file__)) for part in (codec, calling, syscalls)),
]
MEGABYTE = 1 << 20
LIMITS = {
    "as": 2048 * MEGABYTE,
    "cpu": 120,
    "fsize": 50 * MEGABYTE,
    "nproc": 32,
    "nofile": 128,
    "core": 1,  # 0 would still start a program that the system may have for dumps
}
FIRST_USER = 1 << 30  # as root each worker is a user of its own, whom no other worker can touch
CONTAINER_USERS = range(20_000, 60_000)  # containers may have no more than 65,536
DISK = 64 * MEGABYTE
MOST_OUTPUT = 16 * MEGABYTE
MOST_EVENTS = 20_000
CELL_SECONDS = 10.0  # for one statement of a cell
NOTEBOOK_SECONDS = 60.0  # for all cells together
TOTAL_SECONDS = 120.0
HIDDEN = "nnlib/course", "nnlib/viz"

Event = dict[str, Any]


class NoIsolation(RuntimeError):
    """Answers must not be run unprotected; the message says what to do."""


@dataclass
class Run:
    """What a worker told, and how it ended.

    "ok", "timeout" of one statement or exercise, "overrun" of all cells together, "output", "died".
    """

    events: list[Event] = field(default_factory=list)
    ended: str = "ok"


# ── What a worker sees ───────────────────────────────────────────────────────────────────────────


@lru_cache
def command(isolation: str, uses: tuple[str, ...]) -> tuple[str, ...]:
    """The command line that starts a worker."""
    if isolation == "container":
        folder = _linked(uses)
        return (sys.executable, "-I", "-S", f"{folder}/grader/worker.pyc", f"{folder}/packages")
    # Root sets up the mounts, and the worker itself gives up root; others need a user namespace.
    privileges = ["--unshare-user"]
    if os.getuid() == 0:
        privileges = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    shown = [*_system(), *_packages(uses), (_compiled(), Path("/grader"))]
    return (
        *["bwrap", "--die-with-parent", "--new-session", *privileges],
        *["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"],
        *["--perms", "1777", "--size", str(DISK), "--tmpfs", "/tmp"],  # Python may be under it
        *_folders(target for _, target in shown),
        *(part for source, target in shown for part in _shown(source, target)),
        *(
            part
            for folder in _hidden(shown)
            for part in ("--tmpfs", folder, "--remount-ro", folder)
        ),
        *["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"],
        *["--clearenv", "--setenv", "HOME", "/tmp", "--setenv", "OPENBLAS_NUM_THREADS", "1"],
        *["--remount-ro", "/", "--chdir", "/tmp"],
        *[str(_python()), "-I", "-S", "/grader/worker.pyc", "/packages"],
    )


Shown = tuple[Path, Path]  # what is seen, and where

_kept: list[tempfile.TemporaryDirectory[str]] = []  # until the end


def _python() -> Path:
    return Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}").resolve()


@lru_cache
def _system() -> list[Shown]:
    """Python and the system's libraries."""
    trees = {_python(), Path(sysconfig.get_path("stdlib"))}
    trees |= {Path("/etc/alternatives"), Path("/etc/ld.so.cache")}
    if sys.base_prefix != "/usr":
        trees |= {Path(sys.base_prefix, folder) for folder in ("lib", "lib64")}
    for folder in map(Path, ("/usr/lib", "/usr/lib64", "/lib", "/lib64")):
        # Debian's are in a folder of their own, among those of whatever else is installed.
        trees |= set(() if folder.is_symlink() else folder.glob("*-linux-gnu*")) or {folder}
    return [(tree, tree) for tree in sorted(trees) if tree.exists()]


def _packages(uses: tuple[str, ...]) -> Iterator[Shown]:
    """What the exercises declare."""
    return ((path.resolve(), Path("/packages", path.name)) for path in _found(uses))


def _hidden(shown: list[Shown]) -> Iterator[str]:
    """What lies inside of it and is not to be seen: all installed packages, nnlib's classroom."""
    for source, target in shown:
        if target == Path("/packages/nnlib"):
            yield from (f"/packages/{part}" for part in HIDDEN)
        elif source == target and source.is_dir() and not source.is_symlink():
            for kind in ("site-packages", "dist-packages"):
                yield from map(str, [*source.glob(kind), *source.glob(f"python*/{kind}")])


def _folders(targets: Iterable[Path]) -> Iterator[str]:
    """The folders above the targets, open to read: bubblewrap itself would make them private."""
    for folder in sorted({parent for target in targets for parent in target.parents}):
        yield from ("--perms", "0755", "--dir", str(folder))


def _shown(source: Path, target: Path) -> tuple[str, str, str]:
    if source.is_symlink():
        return ("--symlink", os.readlink(source), str(target))
    return ("--ro-bind", str(source), str(target))


@lru_cache
def _found(uses: tuple[str, ...]) -> list[Path]:
    found = []
    for name in uses:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise NoIsolation(f"an exercise declares {name}, which is not installed here")
        path = Path(spec.origin)
        package = path.parent if spec.submodule_search_locations else path
        found += [part for part in (package, package.with_name(f"{name}.libs")) if part.exists()]
    return found


@lru_cache
def _temporary(name: str) -> Path:
    """A folder that goes when this process ends, open to read for the users that root makes."""
    _kept.append(tempfile.TemporaryDirectory(prefix=f"nnlib-{name}-"))
    folder = Path(_kept[-1].name)
    folder.chmod(0o755)
    return folder


@lru_cache
def _compiled() -> Path:
    """The grader's files as bytecode: a worker that compiled them would take a sixth longer."""
    folder = _temporary("grader")
    for file in GRADER:
        py_compile.compile(str(file), str(folder / f"{file.stem}.pyc"), file.name, doraise=True)
    return folder


@lru_cache
def _linked(uses: tuple[str, ...]) -> str:
    """A folder like the one a sandbox has, for a worker whose surroundings are a container."""
    folder = _temporary("worker-" + "-".join(uses))
    (folder / "grader").symlink_to(_compiled())
    (folder / "packages").mkdir()
    for path in _found(uses):
        place = folder / "packages" / path.name
        if path.name != "nnlib":
            place.symlink_to(path)
            continue
        place.mkdir()
        for part in path.iterdir():
            if f"nnlib/{part.name}" not in HIDDEN:
                (place / part.name).symlink_to(part)
    return str(folder)


# ── How it is spoken with ────────────────────────────────────────────────────────────────────────


def check(isolation: str) -> None:
    """Raise NoIsolation, with what to do, where answers cannot be kept apart from this computer."""
    cgroups.sweep()
    if isolation == "container":
        return
    if shutil.which("bwrap") is None:
        raise NoIsolation(
            "Answers are run in bubblewrap, and it is not installed here. On Debian or Ubuntu: "
            "`apt install bubblewrap`. Where each worker is a container or a virtual machine of "
            "its own already, say so with `--isolation container`; nothing is ever run unprotected."
        )
    tried = run({"cells": [], "exercises": [], "uses": ["numpy"]}, isolation, {})
    if not tried.events:
        raise NoIsolation(
            "bubblewrap is installed, but cannot start a worker. Some systems forbid user "
            "namespaces (see `sysctl kernel.unprivileged_userns_clone` and, on Ubuntu, "
            "`kernel.apparmor_restrict_unprivileged_userns`); inside Docker use "
            "`--isolation container`."
        )
    if not cgroups.parents():
        print(
            "Memory is bounded per process, not per notebook: control groups cannot be made here.",
            file=sys.stderr,
        )


def _limits(isolation: str, number: int, uses: tuple[str, ...]) -> dict[str, int]:
    if isolation == "container":
        user = CONTAINER_USERS[number % len(CONTAINER_USERS)]
        if _may_be_another(uses):
            return LIMITS | {"user": user}
        # Its user stays, and may have other processes.
        return {name: value for name, value in LIMITS.items() if name != "nproc"}
    return LIMITS | {"user": FIRST_USER + number}


@lru_cache
def _may_be_another(uses: tuple[str, ...]) -> bool:
    """Whether root can make another user of a worker, who still reads all that the worker needs."""
    if os.getuid() != 0:
        return False
    folder, user = _linked(uses), CONTAINER_USERS[0]
    # A package whose files cannot be read is imported all the same, as an empty one of no file.
    code = "import sys\nsys.path[:0] = sys.argv[1:3]\n"
    code += "for name in sys.argv[3:]: assert __import__(name).__file__"
    places = f"{folder}/grader", f"{folder}/packages"
    tried = [sys.executable, "-I", "-S", "-c", code, *places, "codec", "calling", *uses]
    who: dict[str, Any] = {"user": user, "group": user, "extra_groups": [], "cwd": "/"}
    try:
        subprocess.run(tried, **who, capture_output=True, timeout=60, check=True)
        return True
    except (OSError, subprocess.SubprocessError):
        return False


def run(job: dict[str, Any], isolation: str, seconds: dict[str, float]) -> Run:
    """Run one job. `seconds` bounds each exercise by its name."""
    with cgroups.group() as held:
        process = subprocess.Popen(
            [*held, *command(isolation, tuple(job["uses"]))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", ""), "OPENBLAS_NUM_THREADS": "1"},
        )
        assert process.stdin and process.stdout
        limits = _limits(isolation, process.pid, tuple(job["uses"]))
        try:
            with suppress(BrokenPipeError):
                whole = {"skip": [], "extent": 0, **job, "limits": limits}
                process.stdin.write(json.dumps(whole).encode())
                process.stdin.close()
                return _listen(process.stdout, seconds)
            return Run(ended="died")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()
            process.stdout.close()


def _listen(stream: IO[bytes], seconds: dict[str, float]) -> Run:
    """Collect events until the last, or until one is overdue."""
    told, buffer, size = Run(), b"", 0
    started = time.monotonic()
    end, cells_end = started + TOTAL_SECONDS, started + NOTEBOOK_SECONDS
    due = end  # until it is ready
    selector = selectors.DefaultSelector()
    selector.register(stream, selectors.EVENT_READ)
    while True:
        left = min(due, end) - time.monotonic()
        if left <= 0 or not selector.select(left):
            told.ended = "overrun" if due == cells_end else "timeout"
            return told
        chunk = os.read(stream.fileno(), 1 << 16)
        size += len(chunk)
        if not chunk or size > MOST_OUTPUT or len(told.events) > MOST_EVENTS:
            told.ended = "output" if chunk else "died"
            return told
        *lines, buffer = (buffer + chunk).split(b"\n")
        for event in filter(None, map(_event, lines)):
            told.events.append(event)
            if "end" in event:
                return told
            if "cell" in event:
                due = min(time.monotonic() + CELL_SECONDS, cells_end)
            elif isinstance(name := event.get("exercise"), str) and "case" not in event:
                due = time.monotonic() + seconds.get(name, CELL_SECONDS)


def _event(line: bytes) -> Event | None:
    """One line as an event, unless it is nonsense: a notebook may find this channel and write."""
    with suppress(ValueError, RecursionError):
        event = json.loads(line)
        return event if isinstance(event, dict) else None
    return None
