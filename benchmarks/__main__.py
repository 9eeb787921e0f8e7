"""Time nnlib against PyTorch and two peers: `make bench` prints one table of ratios, made in one run.
A second table is about grading: see grading.py.

Same layers, same weights, same batch, Adam; both sides do zero_grad, forward, loss, backward, step.
PyTorch runs at whichever number of threads suits it better. "alone" is nnlib's time in a process
without PyTorch; "memory" compares what training needs at its peak (aim 1.5). A part of a row's name after the
command picks rows: `make bench ARGS=LSTM`, or `make bench ARGS=grading` for the second table.
"""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata

from benchmarks import timing
from benchmarks.networks import ROWS, Row, ours, theirs
from benchmarks.peers import PEERS, ROW
from nnlib.testing import copy_weights

MEMORY_AIM = 1.5
HEAD = ("a training step", "batch", "nnlib", "alone", "other", "threads", "ratio", "aim", "memory")


def print_row(*cells: object) -> None:
    name, *others = (f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in cells)
    print(f"{name:24}" + "".join(f"{cell:>9}" for cell in others), flush=True)


def missed(ratio: float, aim: float, memory: float = 0) -> str:
    what = ["time"] * (ratio > aim) + ["memory"] * (memory > MEMORY_AIM)
    return f"  missed: {', '.join(what)}" if what else ""


def against_torch(row: Row) -> None:
    model, mine = ours(row)
    twin, other = theirs(row)
    copy_weights(model, twin)
    threads = timing.with_better_threads(other)
    ratio, x, y = timing.ratio(mine, other)
    memory = timing.memory_ratio(row)
    print_row(
        row.name, row.shape[0], round(x), round(timing.fresh("alone", row)), round(y), threads,
        ratio, row.aim, "" if memory is None else memory, missed(ratio, row.aim, memory or 0),
    )  # fmt: skip


def against_peer(name: str) -> None:
    make, aim = PEERS[name]
    ratio, x, y = timing.ratio(*make())
    print_row(name, ROW.shape[0], round(x), "", round(y), "", ratio, aim, "", missed(ratio, aim))


def versions() -> str:
    names = ("numpy", "torch", "mygrad", "scikit-learn")
    found = []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found)


def main(*wanted: str) -> int:
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(versions())
    if wanted != ("grading",):
        networks(*wanted)
    if not wanted or "grading" in wanted:
        against_nbgrader()
    return 0


def networks(*wanted: str) -> None:
    if not wanted:
        print(f"import nnlib / import numpy: {timing.import_ratio():.2f} (aim 1.30)")
    print(f"Times in µs, medians of {timing.ROUNDS} rounds; ratios are nnlib's share.\n")
    print_row(*HEAD)
    comparisons = {row.name: (against_torch, row) for row in ROWS}
    comparisons |= {name: (against_peer, name) for name in PEERS}
    for name, (compare, subject) in comparisons.items():
        if wanted and not any(part.lower() in name.lower() for part in wanted):
            continue
        try:
            compare(subject)
        except (ImportError, AttributeError) as lacking:  # a peer, or a layer that is not built yet
            print_row(name, f" skipped: {lacking}")


def against_nbgrader() -> None:
    try:
        from benchmarks import grading

        print()
        grading.table()
    except (ImportError, RuntimeError) as lacking:  # nbgrader, or bubblewrap
        print(f"grading skipped: {lacking}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
