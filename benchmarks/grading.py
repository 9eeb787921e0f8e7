"""How fast a class is graded, and nbgrader's own autograde beside it.

`make bench ARGS=grading` prints one table. docs/scale.md has what larger classes took:

    python -m benchmarks.grading 1000 2      1000 submissions, 2 workers; memory on the way
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from nnlib.course.grade import sandbox
from nnlib.course.grade.assignment import COURSE, find, read, source
from nnlib.course.grade.gradebook import CONFIG

LESSON = "01a_neuron"  # two small exercises
WORKERS = 2
CLASS = 200  # submissions
AIM, OVERHEAD_AIM = 8.0, 0.25
HEAD = ("grading 01a_neuron", "each second", "core seconds", "aim")


def hand_in(folder: Path, count: int, kinds: tuple[str, ...]) -> None:
    """`count` submissions of these kinds by turns, no two of the same bytes."""
    assigned = find(LESSON)
    right = read(assigned.solution)
    made = {"right": right, "stubs": read(assigned.release), "wrong": _mistaken(right)}
    for i in range(count):
        notebook = made[kinds[i % len(kinds)]]
        notebook["metadata"]["student"] = i
        place = folder / f"student{i:05}" / LESSON / f"{LESSON}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(notebook), encoding="utf-8")


def _mistaken(right: dict[str, Any]) -> dict[str, Any]:
    wrong = copy.deepcopy(right)
    for cell in wrong["cells"]:
        cell["source"] = source(cell).replace("z >= 0", "z > 0")
    return wrong


class Graded(NamedTuple):
    """How a class was graded: submissions in a second, and megabytes after so many of them."""

    rate: float  # between the first record and the last
    all_in: float  # from the command to its end: start, test of itself, gradebook, reports
    megabytes: dict[int, float]


def grade(count: int, workers: int, kinds: tuple[str, ...] = ("right", "wrong", "stubs")) -> Graded:
    with tempfile.TemporaryDirectory() as folder:
        submitted, out = Path(folder, "submitted"), Path(folder, "GRADES")
        hand_in(submitted, count, kinds)
        how = ["--assignment", LESSON, "--out", str(out), "--seed", "1", "--workers", str(workers)]
        command = [sys.executable, "-m", "nnlib.course.grade", str(submitted), *how]
        start = time.monotonic()
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        records = out / "records" / LESSON
        megabytes: dict[int, float] = {}
        while run.poll() is None:
            done = len(list(records.glob("*.json")))
            megabytes[done] = max(megabytes.get(done, 0.0), _megabytes(run.pid))
            time.sleep(0.2)
        seconds = time.monotonic() - start
        times = sorted(path.stat().st_mtime for path in records.glob("*.json"))
        if run.returncode or len(times) != count:
            raise RuntimeError(
                f"{len(times)} of {count} graded, and it ended with {run.returncode}"
            )
        return Graded((count - 1) / (times[-1] - times[0]), count / seconds, megabytes)


def _megabytes(pid: int) -> float:
    try:
        return float(psutil.Process(pid).memory_info().rss) / (1 << 20)
    except psutil.Error:  # it has just ended
        return 0.0


def nbgrader(count: int) -> float:
    """Submissions in a second by `nbgrader autograde`, without what it takes to start."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        place = root / "source" / LESSON / f"{LESSON}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_bytes(find(LESSON).solution.read_bytes())
        hand_in(root / "submitted", count, ("right",))
        # nbgrader calls alembic by its name, which lies beside Python; its kernels import nnlib.
        beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        environment = os.environ | {"PATH": beside, "PYTHONPATH": str(COURSE)}
        for command in ("generate_assignment", "autograde"):
            asked = [sys.executable, "-m", "nbgrader", command, LESSON]
            subprocess.run(asked, cwd=root, env=environment, check=True, capture_output=True)
        files = (root / "autograded").glob(f"*/{LESSON}/{LESSON}.ipynb")
        times = sorted(path.stat().st_mtime for path in files)
        return (count - 1) / (times[-1] - times[0])


def table() -> None:
    """All in one run, so that they meet the same machine."""
    sandbox.check("bubblewrap")
    row(*HEAD)
    mixed = grade(CLASS, WORKERS)
    row(f"nnlib, {WORKERS} workers", mixed.rate, WORKERS / mixed.rate, "")
    row(f"the same, {CLASS} all in", mixed.all_in, WORKERS / mixed.all_in, f"{AIM} each second")
    empty = grade(60, WORKERS, ("stubs",)).rate
    row("nnlib, nothing written", empty, WORKERS / empty, f"{OVERHEAD_AIM} core seconds")
    other = nbgrader(8)
    row("nbgrader autograde", other, 1 / other, "")
    row("nnlib / nbgrader", mixed.rate / other, "", "")


def row(name: str, *cells: object) -> None:
    texts = (f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in cells)
    print(f"{name:24}" + "".join(f"{text:>20}" for text in texts), flush=True)


def main(count: str, workers: str) -> None:
    rate, all_in, megabytes = grade(int(count), int(workers))
    print(f"{count} submissions, {workers} workers: {rate:.2f} each second, {all_in:.2f} all in")
    for wanted in (int(count) // 10, int(count) // 2, int(count) - 1):
        done = min(megabytes, key=lambda seen: abs(seen - wanted))
        print(f"{megabytes[done]:.0f} MB in the grading process after {done}")
    print(f"{max(megabytes.values()):.0f} MB at most, with nbgrader's gradebook and all reports")


if __name__ == "__main__":
    main(*sys.argv[1:])
