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
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from nnlib.arguments import File, Function, Named, NonNegativeInt, Parts, checked, numbers, require
from nnlib.callbacks import *  # offered from here, beside fit
from nnlib.callbacks import Callback, History, Training, evaluating, made
from nnlib.engine import Tensor, no_grad
from nnlib.nn.module import Module
from nnlib.nn.summary import watching
from nnlib.optim.optimizer import Optimizer
from nnlib.serialize import load

__all__ = [
    "Callback", "Checkpoint", "EarlyStopping", "History", "LayerRecord", "LayerStatistics",
    "Schedule", "Training", "TrainingDiverged", "accuracy", "evaluate", "fit", "layer_records",
]  # fmt: skip


class TrainingDiverged(FloatingPointError):
    """The loss became NaN or infinite. ``history`` holds the epochs before that.

    >>> TrainingDiverged("the loss became nan", History()).history.rows
    []
    """

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


@checked
def fit(
    model: Module, batches: Iterable[Any], loss: Function, optimizer: Optimizer, epochs: NonNegativeInt, *,
    validation: Iterable[Any] | None = None, metrics: Named | None = None,
    callbacks: Parts = (), progress: bool = True,
    resume: File | None = None,
) -> History:  # fmt: skip
    """Train: for every batch (x, y) of every epoch, one step down the gradient of loss(model(x), y).

    ``batches`` and ``validation`` are DataLoaders, or lists of (x, y). After each epoch the model
    is evaluated on ``validation`` (in eval mode) and the callbacks are called; one that returns a
    sentence stops the training for that reason. Interrupting the kernel does so too, and keeps
    the model and the history. Returns the History: "train_loss", and per metric "train_…"; the
    same with "valid_…". Training values are the means over an epoch's batches, as they came.

    ``resume`` is a file of a :class:`Checkpoint`: training goes on after its last epoch, up to
    ``epochs`` in all, as if it had never been interrupted. Everything else is given as it was then.

    Raises ValueError where there are no examples or ``optimizer`` belongs to another model,
    TypeError where ``model``, ``loss`` or ``optimizer`` is something else, TrainingDiverged at a NaN or infinite loss: it names the step
    and the layer, and the model keeps the parameters it had before that step. As Keras's Model.fit.

    >>> from nnlib import nn, optim
    >>> model, x, y = nn.Linear(1, 1), np.ones((4, 1), np.float32), np.ones((4, 1), np.float32)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> history = fit(model, [(x, y)], nn.MSELoss(), optimizer, epochs=50)
    >>> len(history), history["train_loss"][-1] < 1e-6
    (50, True)
    """
    loaders = (batches,) if validation is None else (batches, validation)
    training = Training(model, optimizer, History(), loaders, tuple(callbacks))
    made("fit", loss=loss)
    trained = {p for group in optimizer.param_groups for p in group["params"]}
    if trained.isdisjoint(model.parameters()):
        message = "trains no parameter of this model: make it anew, of model.parameters()"
        raise ValueError(f"fit: optimizer {message}")
    for callback in training.callbacks:
        require(Function, "fit", callbacks=callback)
        made("fit", callbacks=callback)
    for metric in (metrics or {}).values():
        require(Function, "fit", metrics=metric)
    if resume is not None:
        training.load_state_dict(load(resume))
    done, mode = len(training.history), model.training
    bar = _progress_bar(epochs - done, progress)
    try:
        for epoch in range(done, epochs):
            row = _train_epoch(training, batches, loss, metrics or {}, epoch)
            if validation is not None:
                values = evaluate(model, validation, loss, metrics)
                row |= {f"valid_{name}": value for name, value in values.items()}
            training.history.rows.append(row)
            if bar is not None:
                bar.set_postfix({name: f"{x:.3g}" for name, x in row.items()}, refresh=False)
                bar.update()
            reasons = [reason for c in training.callbacks if (reason := c(training))]
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
    training: Training, batches: Iterable[Any], loss: Function, metrics: Named, epoch: int
) -> dict[str, float]:
    model, optimizer, scored = training.model, training.optimizer, []
    model.train()
    for i, (x, y) in enumerate(_pairs(batches)):
        optimizer.zero_grad()
        output = model(x)
        value = loss(output, y)
        if not math.isfinite(value.item()):
            where = f"epoch {epoch + 1}, batch {i + 1}"
            raise TrainingDiverged(_why(model, x, value, optimizer, where), training.history)
        value.backward()
        optimizer.step()
        scored.append((_count(x, y), _scores(value, output, y, metrics)))
    return {f"train_{name}": number for name, number in _means(scored, "batches").items()}


@checked
def evaluate(
    model: Module, batches: Iterable[Any], loss: Function, metrics: Named | None = None
) -> dict[str, float]:
    """The mean loss and metrics over all examples, in eval mode and without gradients.

    Raises ValueError where there are no examples. As Keras's Model.evaluate.

    >>> from nnlib import nn
    >>> evaluate(nn.Identity(), [(np.zeros(2), np.ones(2))], nn.MSELoss())
    {'loss': 1.0}
    """
    made("evaluate", loss=loss)
    scored = []
    with evaluating(model), no_grad():
        for x, y in _pairs(batches):
            output = model(x)
            scored.append((_count(x, y), _scores(loss(output, y), output, y, metrics or {})))
    return _means(scored, "validation batches")


def accuracy(output: Any, target: Any) -> float:
    """The share of rows whose largest entry stands at the label; output (N, C), target (N,).

    Raises ValueError for other shapes, such as the (N, 1) of one logit per example, and for labels
    other than 0 … C − 1. As scikit-learn's accuracy_score.

    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    0.5
    """
    scores = numbers("accuracy", "output", output, "(N, C)")
    labels = numbers("accuracy", "target", target, f"({len(scores)},)")
    N, C = scores.shape
    if C == 1:
        message = "a row's only entry is its largest; of one logit z per example write "
        raise ValueError(f"accuracy: output is ({N}, 1): {message}((z.data[:, 0] > 0) == y).mean()")
    if not np.isin(labels, np.arange(C)).all():
        raise ValueError(f"accuracy: target must hold labels 0 … {C - 1}, not {labels!r:.60}")
    return float((scores.argmax(1) == labels).mean())


def _pairs(batches: Any) -> Iterator[tuple[Any, Any]]:
    for batch in batches if isinstance(batches, Iterable) else [batches]:
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise TypeError(f"fit: batches must hold pairs (x, y), not {batch!r:.60}")
        yield batch[0], batch[1]


def _count(x: Any, y: Any) -> int:
    """The number of examples in a batch; a dict of parts would count its keys."""
    return len(x if hasattr(x, "shape") else y)


def _scores(value: Tensor, output: Any, y: Any, metrics: Named) -> dict[str, float]:
    found = {"loss": value} | {name: metric(output, y) for name, metric in metrics.items()}
    return {name: float(number) for name, number in found.items()}


def _means(scored: list[tuple[int, dict[str, float]]], what: str) -> dict[str, float]:
    """Means over examples of what was scored batch by batch: (how many examples, their scores)."""
    examples = sum(n for n, _ in scored)
    if not examples:
        raise ValueError(f"fit: the {what} hold no examples")
    return {key: sum(n * scores[key] for n, scores in scored) / examples for key in scored[0][1]}


def _why(model: Module, x: Any, value: Tensor, optimizer: Optimizer, where: str) -> str:
    rates = ", ".join(str(group["lr"]) for group in optimizer.param_groups)
    return (
        f"the loss became {value.item()} at {where}. {_first_fault(model, x)} Usual causes: a "
        f"learning rate that is too large (lr={rates}), inputs that hold NaN or are not scaled, or a "
        "logarithm or division of 0. The model keeps the parameters it had before this step."
    )


def _first_fault(model: Module, x: Any) -> str:
    """Run the batch once more and say where the first NaN or infinity stands.

    A part of a model is done before the whole.
    """
    first: list[str] = []

    def look(name: str, module: Module, output: Any) -> None:
        h = output[0] if isinstance(output, tuple) else output  # recurrent layers give a state too
        if isinstance(h, Tensor) and not np.isfinite(h.data).all():
            layer = f"layer {name!r} ({module})" if name else "the model itself"
            first.append(f"It first appears in the output of {layer}.")

    with watching(model, look), no_grad():
        model(x)
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
