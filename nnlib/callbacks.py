"""What can be done after each epoch of :func:`nnlib.train.fit`: stop, save, slow down, look inside.

A callback is any function of a :class:`Training`; if it returns a sentence, training stops for that
reason. One that has ``state_dict`` and ``load_state_dict`` is part of a checkpoint.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnlib import random, serialize
from nnlib.diagnostics import layer_records
from nnlib.engine import Array, Tensor
from nnlib.nn.module import Module
from nnlib.optim.optimizer import Optimizer

__all__ = [
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "History",
    "LayerStatistics",
    "Schedule",
    "Training",
]


@dataclass
class History:
    """One row of numbers per epoch; ``history["train_loss"]`` is a column of them.

    ``stopped`` says in words why training ended before its last epoch, if it did.
    """

    rows: list[dict[str, float]] = field(default_factory=list)
    stopped: str = ""

    def __getitem__(self, name: str) -> list[float]:
        if not any(name in row for row in self.rows):
            known = sorted({key for row in self.rows for key in row})
            raise KeyError(f"history has no {name!r}; it has {known}")
        return [row[name] for row in self.rows]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass
class Training:
    """What a callback sees after each epoch: all that training consists of."""

    model: Module
    optimizer: Optimizer
    history: History
    loaders: tuple[Any, ...] = ()
    callbacks: tuple[Callback, ...] = ()

    def state_dict(self) -> dict[str, Any]:
        """Copies of everything that the next epoch depends on."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "history": [dict(row) for row in self.history.rows],
            "callbacks": [c.state_dict() for c in self._with_state()],
            "generators": [g.bit_generator.state for g in self._generators()],
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where the training that gave ``state_dict`` stood; it was set up like this one."""
        parts = {"callbacks": self._with_state(), "generators": self._generators()}
        for name, own in parts.items():
            if len(own) != len(state_dict[name]):
                raise ValueError(
                    f"resume: the checkpoint has {len(state_dict[name])} {name} with a state, here "
                    f"are {len(own)}; set everything up as it was"
                )
        self.model.load_state_dict(state_dict["model"])
        self.optimizer.load_state_dict(state_dict["optimizer"])
        self.history.rows[:] = state_dict["history"]
        for callback, state in zip(parts["callbacks"], state_dict["callbacks"], strict=True):
            callback.load_state_dict(state)
        for generator, state in zip(parts["generators"], state_dict["generators"], strict=True):
            generator.bit_generator.state = state

    def _with_state(self) -> list[Any]:
        return [c for c in self.callbacks if hasattr(c, "load_state_dict")]

    def _generators(self) -> list[Any]:
        """Everything that chance is drawn from, each once: nnlib's own, the loaders', the layers'."""
        found = {id(g): g for g in [random.generator(), *self._owned()]}
        return list(found.values())

    def _owned(self) -> Iterator[np.random.Generator]:
        for owner in (*self.loaders, *self.model.modules(), *self.callbacks):
            for value in getattr(owner, "__dict__", {}).values():
                if isinstance(value, np.random.Generator):
                    yield value


Callback = Callable[[Training], str | None]


class Checkpoint:
    """Write all that training needs to go on to the file ``path``, after every ``every`` epochs.

    ``fit(…, resume=path)`` goes on from there and ends with the very same bits as if it had never
    been interrupted: model, optimizer, history, generators, and the state of the other callbacks
    are restored. Let it be the last callback, so that it sees what the others did.
    """

    def __init__(self, path: str | os.PathLike[str], every: int = 1) -> None:
        if every < 1:
            raise ValueError(f"Checkpoint: every must be at least 1 epoch, not {every}")
        self.path, self.every = path, every

    def __call__(self, training: Training) -> None:
        if len(training.history) % self.every == 0:
            serialize.save(training.state_dict(), self.path)


class EarlyStopping:
    """Stop when ``monitor`` has not fallen by more than ``min_delta`` for ``patience`` epochs.

    When it stops, with ``restore_best``, the model goes back to the parameters of its best epoch,
    ``best_epoch`` (counted from 1). Source: Prechelt (1998).
    """

    def __init__(
        self,
        patience: int = 5,
        monitor: str = "valid_loss",
        min_delta: float = 0.0,
        restore_best: bool = True,
    ) -> None:
        if patience < 1:
            raise ValueError(f"EarlyStopping: patience must be at least 1 epoch, not {patience}")
        self.patience, self.monitor, self.min_delta = patience, monitor, min_delta
        self.restore_best = restore_best
        self._start()

    def _start(self) -> None:
        self.best, self.best_epoch = math.inf, 0
        self._best_state: dict[str, Array] = {}

    def __call__(self, training: Training) -> str | None:
        epoch, value = len(training.history), training.history[self.monitor][-1]
        if epoch == 1:  # another fit: what an earlier model reached does not count
            self._start()
        if value < self.best - self.min_delta:
            self.best, self.best_epoch = value, epoch
            self._best_state = training.model.state_dict()
        if epoch - self.best_epoch < self.patience:
            return None
        if self.restore_best and self._best_state:
            training.model.load_state_dict(self._best_state)
        return (
            f"{self.monitor} has not improved for {self.patience} epochs: best was "
            f"{self.best:.4g} in epoch {self.best_epoch}"
        )

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "best_epoch": self.best_epoch, "best_state": self._best_state}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.best, self.best_epoch = state_dict["best"], state_dict["best_epoch"]
        self._best_state = state_dict["best_state"]


class Schedule:
    """Step a learning-rate ``scheduler`` of :mod:`nnlib.optim` after each epoch.

    The rate that an epoch had stands in its row of the history, as "lr". ``monitor`` names the column
    that a ReduceLROnPlateau watches; other schedulers take none.
    """

    def __init__(self, scheduler: Any, monitor: str | None = None) -> None:
        self.scheduler, self.monitor = scheduler, monitor

    def __call__(self, training: Training) -> None:
        history = training.history
        history.rows[-1]["lr"] = float(training.optimizer.param_groups[0]["lr"])
        if self.monitor is None:
            self.scheduler.step()
        else:
            self.scheduler.step(history[self.monitor][-1])

    def state_dict(self) -> dict[str, Any]:
        return dict(self.scheduler.state_dict())

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.scheduler.load_state_dict(state_dict)


class LayerStatistics:
    """Keep the statistics of activations and gradients per layer on one batch, epoch by epoch.

    ``rows`` holds a dict per layer and epoch: "epoch", "layer", "kind" and the numbers of
    :meth:`LayerRecord.statistics`. The batch (x, y) runs in eval mode beside the training, and leaves
    no trace in it. Source: Glorot and Bengio (2010).
    """

    def __init__(self, x: Any, y: Any, loss: Callable[[Any, Any], Tensor], every: int = 1) -> None:
        if every < 1:
            raise ValueError(f"LayerStatistics: every must be at least 1 epoch, not {every}")
        self.x, self.y, self.loss, self.every = x, y, loss, every
        self.rows: list[dict[str, Any]] = []

    def __call__(self, training: Training) -> None:
        epoch, mode = len(training.history), training.model.training
        if epoch % self.every:
            return
        training.model.eval()
        try:
            records = layer_records(training.model, self.x, self.y, self.loss)
        finally:
            training.model.train(mode)
        for record in records:
            place = {"epoch": epoch, "layer": record.name, "kind": record.kind}
            self.rows.append(place | record.statistics())

    def state_dict(self) -> dict[str, Any]:
        return {"rows": [dict(row) for row in self.rows]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.rows = state_dict["rows"]
