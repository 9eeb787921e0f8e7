"""Time nnlib against PyTorch eager: `make bench` prints one table of ratios, made in one run.

Same layers, same initial weights, same batch, same optimizer; both do zero_grad, forward, loss,
backward, step. A round times both, one after the other; the ratio is taken within a round, so that
a machine that slows down for a while slows both. PyTorch runs at whichever number of threads suits
it better. "alone" is nnlib's time in a process without PyTorch, whose memory allocator helps both.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from nnlib import nn, optim
from nnlib.nn import functional as F
from nnlib.testing import copy_weights

ROUNDS = 15
SECONDS = 0.15  # per side and round
NETWORKS = {
    "2-16-16-2": (32, 0.35),
    "64-64-10": (64, 0.5),
    "784-256-10": (64, 0.9),
    "784-1000-10": (128, 1.0),
}
Step = Callable[[], object]


def batch(sizes: list[int], n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, sizes[0])).astype(np.float32), rng.integers(0, sizes[-1], n)


def ours(sizes: list[int], n: int) -> tuple[nn.MLP, Step]:
    x, y = batch(sizes, n)
    model = nn.MLP(sizes, generator=np.random.default_rng(0))
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    return model, step


def theirs(sizes: list[int], n: int, model: nn.MLP) -> Step:
    import torch

    x, y = map(torch.tensor, batch(sizes, n))
    layers = [f(a, b) for a, b in pairwise(sizes) for f in (_linear, _relu)]
    twin = torch.nn.Sequential(*layers[:-1])
    copy_weights(model, twin)
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.01, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(twin(x), y).backward()
        optimizer.step()

    return step


def _linear(n_in: int, n_out: int) -> object:
    import torch

    return torch.nn.Linear(n_in, n_out)


def _relu(n_in: int, n_out: int) -> object:
    import torch

    return torch.nn.ReLU()


def microseconds(step: Step, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        step()
    return (time.perf_counter() - start) / times * 1e6


def repeats(step: Step) -> int:
    microseconds(step, 20)  # warm up
    return max(3, int(SECONDS * 1e6 / microseconds(step, 20)))


def compare(name: str, n: int) -> tuple[float, float, float, int]:
    """Median ratio, both median times in µs, and PyTorch's better number of threads."""
    import torch

    sizes = [int(size) for size in name.split("-")]
    model, mine = ours(sizes, n)
    other = theirs(sizes, n, model)
    times: dict[int, float] = {}
    for threads in {1, os.cpu_count() or 1}:
        torch.set_num_threads(threads)
        times[threads] = statistics.median(microseconds(other, repeats(other)) for _ in range(3))
    best = min(times, key=lambda threads: times[threads])
    torch.set_num_threads(best)
    a, b = repeats(mine), repeats(other)
    rounds = [(microseconds(mine, a), microseconds(other, b)) for _ in range(ROUNDS)]
    ratio = statistics.median(x / y for x, y in rounds)
    return ratio, *(statistics.median(side) for side in zip(*rounds, strict=True)), best


def alone(name: str, n: int) -> float:
    """nnlib's time in a fresh process that never imports PyTorch."""
    code = f"from benchmarks.__main__ import *; print(json.dumps(time_alone({name!r}, {n})))"
    return float(json.loads(subprocess.check_output([sys.executable, "-c", code], text=True)))


def time_alone(name: str, n: int) -> float:
    _, step = ours([int(size) for size in name.split("-")], n)
    times = repeats(step)
    return statistics.median(microseconds(step, times) for _ in range(ROUNDS))


def import_ratio() -> float:
    """Time of `import nnlib` over that of `import numpy`, each in fresh processes."""

    def seconds(module: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
        return time.perf_counter() - start

    seconds("nnlib")
    return statistics.median(seconds("nnlib") / seconds("numpy") for _ in range(ROUNDS))


def main() -> int:
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"import nnlib / import numpy: {import_ratio():.2f} (aim 1.30)")
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed, so there is nothing to compare with.")
        return 0
    print(f"NumPy {np.__version__}, PyTorch {torch.__version__}\n")
    print("A training step of an MLP, SGD with momentum, times in µs, medians of", ROUNDS, "rounds")
    print(f"{'network':14}{'batch':>6}{'nnlib':>9}{'alone':>9}{'PyTorch':>9}{'threads':>9}", end="")
    print(f"{'ratio':>8}{'aim':>7}")
    for name, (n, aim) in NETWORKS.items():
        ratio, mine, other, threads = compare(name, n)
        print(f"{name:14}{n:6}{mine:9.0f}{alone(name, n):9.0f}{other:9.0f}{threads:9}", end="")
        print(f"{ratio:8.2f}{aim:7.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
