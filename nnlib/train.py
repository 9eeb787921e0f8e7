"""The training loop: what every lesson's own loop grows into.

>>> from nnlib import nn, optim, data
>>> X, y = data.make_xor(4, noise=0)
>>> batches = data.DataLoader(data.TensorDataset(X.astype(np.float32), y), batch_size=4)
>>> model = nn.MLP([2, 8, 2], generator=np.random.default_rng(0))
>>> optimizer = optim.SGD(model.parameters(), lr=0.5)
>>> history = fit(model, batches, nn.CrossEntropyLoss(), optimizer, epochs=200)
>>> history["train_loss"][-1] < 0.1 < history["train_loss"][0]
True
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnlib.engine import Array, Tensor, no_grad
from nnlib.nn.module import Module
from nnlib.optim.optimizer import Optimizer

__all__ = [
    "EarlyStopping",
    "History",
    "Training",
    "TrainingDiverged",
    "accuracy",
    "evaluate",
    "fit",
]

Loss = Callable[[Any, Any], Tensor]
Metric = Callable[[Any, Any], Any]


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
    """What a callback sees after each epoch."""

    model: Module
    optimizer: Optimizer
    history: History


Callback = Callable[[Training], str | None]


class TrainingDiverged(FloatingPointError):
    """The loss became NaN or infinite. ``history`` holds the epochs before that."""

    def __init__(self, words: str, history: History) -> None:
        super().__init__(words)
        self.history = history


def fit(
    model: Module,
    batches: Iterable[Any],
    loss: Loss,
    optimizer: Optimizer,
    epochs: int,
    *,
    validation: Iterable[Any] | None = None,
    metrics: Mapping[str, Metric] | None = None,
    callbacks: Iterable[Callback] = (),
    progress: bool = True,
) -> History:
    """Train: for every batch (x, y) of every epoch, one step down the gradient of loss(model(x), y).

    ``batches`` and ``validation`` are DataLoaders, or lists of (x, y). After each epoch the model
    is evaluated on ``validation`` (in eval mode) and the callbacks are called; one that returns a
    sentence stops the training for that reason. Interrupting the kernel does so too, and keeps
    the model and the history. Returns the History: "train_loss", and per metric "train_…"; the
    same with "valid_…". Training values are the means over an epoch's batches, as they came.

    Raises :class:`TrainingDiverged` at a NaN or infinite loss: it names the step and the layer,
    and the model keeps the parameters it had before that step.
    """
    training = Training(model, optimizer, History())
    mode = model.training
    bar = _progress_bar(epochs, progress)
    try:
        for epoch in range(epochs):
            row = _train_epoch(training, batches, loss, metrics or {}, epoch)
            if validation is not None:
                values = evaluate(model, validation, loss, metrics)
                row |= {f"valid_{name}": value for name, value in values.items()}
            training.history.rows.append(row)
            _advance(bar, row)
            reasons = [reason for callback in callbacks if (reason := callback(training))]
            if reasons:
                training.history.stopped = "; ".join(reasons)
                break
    except KeyboardInterrupt:
        training.history.stopped = f"interrupted after {len(training.history)} epochs"
    finally:
        model.train(mode)
        if bar is not None:
            bar.close()
    return training.history


def _train_epoch(
    training: Training,
    batches: Iterable[Any],
    loss: Loss,
    metrics: Mapping[str, Metric],
    epoch: int,
) -> dict[str, float]:
    model, optimizer, mean = training.model, training.optimizer, _Mean()
    model.train()
    for i, (x, y) in enumerate(batches):
        optimizer.zero_grad()
        output = model(x)
        value = loss(output, y)
        if not math.isfinite(value.item()):
            where = f"epoch {epoch + 1}, batch {i + 1}"
            raise TrainingDiverged(_why(model, x, value, optimizer, where), training.history)
        value.backward()
        optimizer.step()
        mean.add(len(x), {"loss": value} | {k: f(output, y) for k, f in metrics.items()})
    return {f"train_{name}": number for name, number in mean.result("batches").items()}


def evaluate(
    model: Module,
    batches: Iterable[Any],
    loss: Loss,
    metrics: Mapping[str, Metric] | None = None,
) -> dict[str, float]:
    """The mean loss and metrics over all examples, in eval mode and without gradients."""
    mean, mode = _Mean(), model.training
    model.eval()
    try:
        with no_grad():
            for x, y in batches:
                output = model(x)
                scores = {name: f(output, y) for name, f in (metrics or {}).items()}
                mean.add(len(x), {"loss": loss(output, y)} | scores)
    finally:
        model.train(mode)
    return mean.result("validation batches")


def accuracy(output: Any, target: Any) -> float:
    """The share of rows whose largest entry stands at the label; output (N, C), target (N,).

    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    0.5
    """
    scores, labels = np.asarray(_values(output)), np.asarray(_values(target))
    if scores.ndim != 2 or labels.shape != scores.shape[:1]:
        raise ValueError(
            f"accuracy: output must be (N, classes) and target (N,), not {scores.shape} and "
            f"{labels.shape}"
        )
    return float((scores.argmax(1) == labels).mean())


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


class _Mean:
    """Means over examples of numbers that come batch by batch."""

    def __init__(self) -> None:
        self.examples = 0
        self.sums: dict[str, float] = {}

    def add(self, examples: int, values: Mapping[str, Any]) -> None:
        self.examples += examples
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(_values(value)) * examples

    def result(self, what: str) -> dict[str, float]:
        if not self.examples:
            raise ValueError(f"fit: the {what} hold no examples")
        return {name: total / self.examples for name, total in self.sums.items()}


def _values(x: Any) -> Any:
    return x.data if isinstance(x, Tensor) else x


def _why(model: Module, x: Any, value: Tensor, optimizer: Optimizer, where: str) -> str:
    rates = ", ".join(str(group["lr"]) for group in optimizer.param_groups)
    return (
        f"the loss became {value.item()} at {where}. {_first_fault(model, x)} Usual causes: a "
        f"learning rate that is too large (lr={rates}), inputs that are not scaled, or a logarithm "
        "or division of 0. The model keeps the parameters it had before this step."
    )


def _first_fault(model: Module, x: Any) -> str:
    """Run the batch once more and say where the first NaN or infinity stands."""
    if not np.isfinite(_values(x)).all():
        return "The inputs of this batch hold NaN or infinity."
    for name, p in model.named_parameters():
        if not np.isfinite(p.data).all():
            return f"The parameter {name} holds NaN or infinity since the step before."
    first: list[str] = []
    watched = list(model.named_modules())

    def watch(name: str, module: Module) -> None:
        forward = module.forward

        def watching(*inputs: Any, **options: Any) -> Any:
            output = forward(*inputs, **options)
            if not np.isfinite(_values(output)).all():  # a part is done before the whole
                layer = f"layer {name!r} ({module})" if name else "the model itself"
                first.append(f"It first appears in the output of {layer}.")
            return output

        module.forward = watching  # type: ignore[method-assign]

    try:
        for name, module in watched:
            watch(name, module)
        with no_grad():
            model(x)
    finally:
        for _, module in watched:
            vars(module).pop("forward", None)
    return first[0] if first else "All layers' outputs are finite: it comes from the loss."


def _progress_bar(epochs: int, wanted: bool) -> Any:
    """A bar on stderr or in the notebook; none in CI, and none where tqdm is not installed."""
    if not wanted or "CI" in os.environ:
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(total=epochs, unit="epoch", leave=False)


def _advance(bar: Any, row: Mapping[str, float]) -> None:
    if bar is not None:
        bar.set_postfix({name: f"{value:.3g}" for name, value in row.items()}, refresh=False)
        bar.update()
