"""How it is timed: in rounds that take turns, so that a slow moment of the machine slows both."""

from __future__ import annotations

import compileall
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import nnlib
from benchmarks.networks import ROWS, Row, Step, ours, theirs

ROUNDS = 15
SECONDS = 0.15  # per side and round


def microseconds(step: Step, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        step()
    return (time.perf_counter() - start) / times * 1e6


def repeats(step: Step) -> int:
    microseconds(step, 5)  # warm up
    return max(3, int(SECONDS * 1e6 / microseconds(step, 5)))


def ratio(mine: Step, other: Step) -> tuple[float, float, float]:
    """The median over rounds of the ratio within a round, and both median times in µs."""
    a, b = repeats(mine), repeats(other)
    rounds = [(microseconds(mine, a), microseconds(other, b)) for _ in range(ROUNDS)]
    x, y = (statistics.median(side) for side in zip(*rounds, strict=True))
    return statistics.median(x / y for x, y in rounds), x, y


def with_better_threads(step: Step) -> int:
    """Give PyTorch the number of threads that suits this step better, and return it."""
    import torch

    times: dict[int, float] = {}
    for threads in {1, os.cpu_count() or 1}:
        torch.set_num_threads(threads)
        times[threads] = statistics.median(microseconds(step, repeats(step)) for _ in range(3))
    best = min(times, key=lambda threads: times[threads])
    torch.set_num_threads(best)
    return best


def fresh(function: str, row: Row, *arguments: object) -> float:
    """Call a function of this module in a process of its own."""
    code = (
        "from benchmarks.timing import *; "
        f"print({function}(ROWS[{ROWS.index(row)}], *{arguments!r}))"
    )
    return float(json.loads(subprocess.check_output([sys.executable, "-c", code], text=True)))


def alone(row: Row) -> float:
    """nnlib's time where PyTorch was never imported: its memory allocator helps both."""
    _, step = ours(row)
    times = repeats(step)
    return statistics.median(microseconds(step, times) for _ in range(ROUNDS))


def memory_ratio(row: Row) -> float | None:
    """Only Linux counts it, and below a megabyte there is nothing to compare."""
    if sys.platform != "linux":
        return None
    mine, other = (fresh("megabytes", row, side) for side in ("ours", "theirs"))
    return mine / other if min(mine, other) > 1 else None


def megabytes(row: Row, side: str) -> float:
    """What training needs at its peak, beyond the imported library."""
    make = {"ours": ours, "theirs": theirs}[side]
    make(ROWS[0])[1]()  # libraries load parts of themselves when first used
    process = Path("/proc/self")
    (process / "clear_refs").write_text("5")  # the peak starts anew from here
    before = _kilobytes(process, "VmRSS")
    _, step = make(row)
    for _ in range(10):
        step()
    return (_kilobytes(process, "VmHWM") - before) / 1024


def _kilobytes(process: Path, field: str) -> int:
    lines = (process / "status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


def import_ratio() -> float:
    """Time of `import nnlib` over that of `import numpy`, each in fresh processes.

    Both find their bytecode, as they do from the second import on; where Python is told not to write
    any, nnlib's would be compiled anew each time, and NumPy's not.
    """
    compileall.compile_dir(Path(nnlib.__file__).parent, quiet=1)

    def seconds(module: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
        return time.perf_counter() - start

    seconds("nnlib")
    return statistics.median(seconds("nnlib") / seconds("numpy") for _ in range(ROUNDS))
