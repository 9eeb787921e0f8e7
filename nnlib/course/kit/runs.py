"""Trainings for widgets: nnlib's own networks and optimizers, kept as far as they were asked for.

A slider over steps is quick because the way is remembered: a later step trains on from the last one
seen, an earlier one is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from itertools import chain
from typing import Any, ClassVar, TypeVar

import numpy as np

from nnlib import Tensor, nn, use
from nnlib.engine import Array
from nnlib.optim import Optimizer

Batch = tuple[Any, Any]
M = TypeVar("M", bound=nn.Module)


class Run:
    """A training that goes on where it stopped, with a snapshot after every few steps.

    `batches` gives (x, y) for ever. Each of `parts` takes the place of nnlib's op of that name, as in
    `nnlib.use`: a backward pass that is wrong, for example. With generators of its own, where a run
    comes to depends on nothing but its settings.

        class Run(runs.Run):
            def keep(self) -> None:
                super().keep()
                self.losses.append(…)
    """

    every: ClassVar[int] = 10  # steps from snapshot to snapshot

    def __init__(
        self,
        model: nn.Module,
        optimizer: Optimizer,
        loss: Callable[[Tensor, Any], Tensor],
        batches: Iterator[Batch],
        **parts: Callable[..., Any],
    ) -> None:
        self.model, self.optimizer, self.loss, self.parts = model, optimizer, loss, parts
        self.parameters = list(model.parameters())
        self.batch = next(batches)  # that of the last step; before it, of the first
        self._batches = chain([self.batch], batches)
        self._shown = deepcopy(model).eval()
        self.weights: list[dict[str, Any]] = []  # after 0, every, 2 every, … steps
        self.keep()

    def keep(self) -> None:
        """Take a snapshot; a subclass looks at more than the weights."""
        self.weights.append(self.model.state_dict())

    def step(self) -> None:
        """One step of the optimizer, on the next batch."""
        self.batch = next(self._batches)
        self.gradients()
        self.optimizer.step()

    def gradients(self) -> list[Array]:
        """The gradient of the loss on the batch: every parameter's `grad`, made anew."""
        x, y = self.batch
        self.optimizer.zero_grad()
        with use(**self.parts):
            self.loss(self.model(x), y).backward()
        return [p.grad for p in self.parameters if p.grad is not None]

    def upto(self, step: int) -> int:
        """Train on to that step, if need be; the number of its snapshot."""
        with np.errstate(over="ignore", invalid="ignore"):  # one that diverges is shown to do so
            while len(self.weights) <= step // self.every:
                for _ in range(self.every):
                    self.step()
                self.keep()
        return step // self.every

    def at(self, step: int) -> nn.Module:
        """The network as it was after so many steps, in eval mode, without gradients; until the next call."""
        self._shown.load_state_dict(self.weights[self.upto(step)])
        self._shown.zero_grad()
        return self._shown


def started(model: M, weights: Callable[..., Tensor], generator: np.random.Generator) -> M:
    """The model in float64, its weights drawn by one of `nn.init`'s functions, its biases 0."""
    for p in model.double().parameters():
        if p.ndim > 1:
            weights(p, generator=generator)
        else:
            nn.init.zeros_(p)
    return model


def epochs(loader: Iterable[Batch]) -> Iterator[Batch]:
    """Its batches, pass after pass."""
    while True:
        yield from loader
