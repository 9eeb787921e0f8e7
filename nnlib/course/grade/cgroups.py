"""Bounds on all processes of a worker together, where this user may set them.

Limits of a process leave a way out: twenty processes may use twenty times as much. Control groups
count a worker as a whole. Root may make them, and a user whom the system lends a part of the tree
(`systemd-run --user --scope`).
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import count
from pathlib import Path

MEMORY = 2560 << 20
JOIN = 'while [ "$1" != -- ]; do echo $$ >"$1"; shift; done; shift; exec "$@"'
PROCESSES = 40  # and threads: a few more than the worker's own limit, for bubblewrap itself

_numbers = count()
Limits = dict[str, int]


@contextmanager
def group() -> Iterator[list[str]]:
    """What a command line begins with to be held in a new group; nothing where none can be made.

    The shell joins the group before anything else is started, so that no process is outside of it.
    """
    name = f"nnlib-{os.getpid()}-{next(_numbers)}"
    folders, joined = [], []
    for parent, limits in parents():
        folder = parent / name
        with suppress(OSError):
            folder.mkdir()
            folders.append(folder)
            for file, limit in limits.items():
                (folder / file).write_text(str(limit), encoding="ascii")
            joined.append(str(folder / "cgroup.procs"))
    try:
        yield ["/bin/sh", "-c", JOIN, "sh", *joined, "--"] if joined else []
    finally:
        for folder in folders:
            _remove(folder)


def sweep() -> None:
    """Remove what gradings left behind that were killed. A group that is in use cannot be removed."""
    for parent, _ in parents():
        for folder in parent.glob("nnlib-*-*"):
            _, process, _ = folder.name.split("-", 2)
            if not Path("/proc", process).exists():
                with suppress(OSError):
                    folder.rmdir()


def _remove(folder: Path) -> None:
    for attempt in range(60):  # the last of its processes may take a moment to die
        with suppress(OSError):
            folder.rmdir()
            return
        time.sleep(min(0.001 * 1.5**attempt, 0.02))


@lru_cache
def parents(
    root: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")
) -> list[tuple[Path, Limits]]:
    """Where groups can be made, and their limits: version 2 of cgroups, else version 1, else none.

    Version 2 gives them beneath the nearest group above this process that hands on both kinds.
    """
    groups = dict(line.rsplit(":", 1) for line in _lines(membership))
    own = root / groups.get("0:", "/").lstrip("/")
    for parent in (own, *own.parents):
        handed = " ".join(_lines(parent / "cgroup.subtree_control")).split()
        if {"memory", "pids"} <= set(handed) and _may_add(parent):
            return [
                (parent, {"memory.max": MEMORY, "memory.swap.max": 0, "pids.max": PROCESSES}),
            ]
    kinds = {
        "memory": {"memory.limit_in_bytes": MEMORY},
        "pids": {"pids.max": PROCESSES},
        "cpu": {"cpu.shares": 1024},  # as much as any other worker, however many processes
    }
    return [(root / kind, limits) for kind, limits in kinds.items() if _may_add(root / kind)]


def _may_add(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK)


def _lines(file: Path) -> list[str]:
    with suppress(OSError):
        return file.read_text(encoding="ascii").splitlines()
    return []
