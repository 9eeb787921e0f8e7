"""What is timed. Each network is built from `nn`, which is nnlib's or PyTorch's: the names agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

Step = Callable[[], object]


@dataclass
class Row:
    """A line of the table: a network, its batch, and the ratio to PyTorch that is aimed at."""

    name: str
    build: Callable[[Any], Any]
    shape: tuple[int, ...]
    classes: int
    aim: float

    def batch(self) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(0)
        x = rng.normal(size=self.shape).astype(np.float32)
        return x, rng.integers(0, self.classes, self.shape[0])


def mlp(*sizes: int) -> Callable[[Any], Any]:
    def build(nn: Any) -> Any:
        layers = [layer for a, b in pairwise(sizes) for layer in (nn.Linear(a, b), nn.ReLU())]
        return nn.Sequential(*layers[:-1])

    return build


def regularized(nn: Any) -> Any:
    def hidden(n_in: int, n_out: int) -> list[Any]:
        return [nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.ReLU(), nn.Dropout(0.2)]

    return nn.Sequential(*hidden(64, 128), *hidden(128, 128), nn.Linear(128, 10))


def convnet(side: int) -> Callable[[Any], Any]:
    def build(nn: Any) -> Any:
        def stage(n_in: int, n_out: int) -> list[Any]:
            return [nn.Conv2d(n_in, n_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]

        return nn.Sequential(
            *stage(1, 8), *stage(8, 16), nn.Flatten(), nn.Linear(16 * (side // 4) ** 2, 10)
        )

    return build


def lstm(nn: Any) -> Any:
    class Reader(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.memory = nn.LSTM(8, 32, batch_first=True)
            self.output = nn.Linear(32, 10)

        def forward(self, x: Any) -> Any:
            h, _ = self.memory(x)
            return self.output(h[:, -1])

    return Reader()


ROWS = [
    Row("MLP 2-16-16-2", mlp(2, 16, 16, 2), (32, 2), 2, 0.35),
    Row("MLP 64-64-10", mlp(64, 64, 10), (64, 64), 10, 0.5),
    Row("MLP 784-256-10", mlp(784, 256, 10), (64, 784), 10, 0.9),
    Row("MLP 784-1000-10", mlp(784, 1000, 10), (128, 784), 10, 1.0),
    Row("batch norm + dropout", regularized, (64, 64), 10, 0.5),
    Row("ConvNet 8×8", convnet(8), (64, 1, 8, 8), 10, 0.8),
    Row("ConvNet 28×28", convnet(28), (64, 1, 28, 28), 10, 1.0),
    Row("LSTM, 50 steps", lstm, (32, 50, 8), 10, 1.3),
]


def training(nn: Any, optim: Any, model: Any, x: Any, y: Any) -> Step:
    """One step of training, in words that nnlib and PyTorch share."""
    optimizer = optim.Adam(model.parameters(), lr=1e-3)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    return step


def ours(row: Row) -> tuple[Any, Step]:
    from nnlib import nn, optim

    model = row.build(nn)
    return model, training(nn, optim, model, *row.batch())


def theirs(row: Row) -> tuple[Any, Step]:
    import torch

    model = row.build(torch.nn)
    return model, training(torch.nn, torch.optim, model, *map(torch.tensor, row.batch()))
