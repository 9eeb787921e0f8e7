"""What can be done after each epoch of :func:`nnlib.train.fit`: stop, save, slow down, look inside.

A callback is any function of a :class:`Training`; if it returns a sentence, training stops for that
reason. One that has ``state_dict`` and ``load_state_dict`` is part of a checkpoint.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnlib import random, serialize
from nnlib.arguments import File, FiniteNonNegative, Function, PositiveInt, checked
from nnlib.autodiff import _backpropagate, _record
from nnlib.engine import Array, Tensor
from nnlib.nn.module import Module
from nnlib.nn.summary import watching
from nnlib.optim.lr_scheduler import ReduceLROnPlateau
from nnlib.optim.optimizer import Optimizer

__all__ = [
    "Callback", "Checkpoint", "EarlyStopping", "History", "LayerRecord", "LayerStatistics",
    "Schedule", "Training", "evaluating", "layer_records",
]  # fmt: skip


@dataclass
class History:
    """One row of numbers per epoch; ``history["train_loss"]`` is a column of them.

    ``stopped`` says in words why training ended before its last epoch, if it did. Raises KeyError
    that lists the columns for one that is not there. As Keras's History.

    >>> History([{"train_loss": 2.0}, {"train_loss": 1.5}])["train_loss"]
    [2.0, 1.5]
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
    """What a callback sees after each epoch: all that training consists of.

    ``state_dict`` holds all that the next epoch depends on; loading raises ValueError where this
    training is set up differently.

    >>> from nnlib import nn, optim
    >>> model = nn.MLP([2, 1])
    >>> sorted(Training(model, optim.SGD(model.parameters()), History()).state_dict())
    ['callbacks', 'generators', 'history', 'model', 'optimizer']
    """

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
            saved = len(state_dict[name])
            if saved != len(own):
                message = f"the checkpoint has {saved} {name} with a state, here are {len(own)}"
                raise ValueError(f"resume: {message}; set everything up as it was")
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
        owners = (*self.loaders, *self.model.modules(), *self.callbacks)
        owned = [value for o in owners for value in getattr(o, "__dict__", {}).values()]
        drawn = [random.generator(), *(v for v in owned if isinstance(v, np.random.Generator))]
        return list({id(generator): generator for generator in drawn}.values())


Callback = Callable[[Training], str | None]


class Checkpoint:
    """Write all that training needs to go on to the file ``path``, after every epoch.

    ``fit(…, resume=path)`` goes on from there and ends with the very same bits as if it had never
    been interrupted: model, optimizer, history, generators, and the state of the other callbacks
    are restored. Let it be the last callback, so that it sees what the others did. Raises
    TypeError for what is no file name. As Keras's BackupAndRestore.

    >>> Checkpoint("training.npz").path
    'training.npz'
    """

    @checked
    def __init__(self, path: File) -> None:
        self.path = path

    def __call__(self, training: Training) -> None:
        serialize.save(training.state_dict(), self.path)


class EarlyStopping:
    """Stop when ``monitor`` has not fallen by more than ``min_delta`` for ``patience`` epochs.

    When it stops, with ``restore_best``, the model goes back to the parameters of its best epoch,
    ``best_epoch`` (counted from 1). Raises ValueError for a ``patience`` below 1 epoch. Source:
    Prechelt (1998).

    >>> from nnlib import nn, optim
    >>> model, stop = nn.MLP([2, 1]), EarlyStopping(patience=2)
    >>> training = Training(model, optim.SGD(model.parameters()), History())
    >>> for loss in (1.0, 2.0, 3.0):
    ...     training.history.rows.append({"valid_loss": loss})
    ...     reason = stop(training)
    >>> reason
    'valid_loss has not improved for 2 epochs: best was 1 in epoch 1'
    """

    @checked
    def __init__(
        self, patience: PositiveInt = 5, monitor: str = "valid_loss", min_delta: FiniteNonNegative = 0.0,
        restore_best: bool = True,
    ) -> None:  # fmt: skip
        self.patience, self.monitor = patience, monitor
        self.min_delta, self.restore_best = min_delta, restore_best
        self._keep(math.inf, 0, {})

    def _keep(self, best: float, best_epoch: int, best_state: dict[str, Array]) -> None:
        self.best, self.best_epoch, self._best_state = best, best_epoch, best_state

    def __call__(self, training: Training) -> str | None:
        epoch, value = len(training.history), _last("EarlyStopping", training.history, self.monitor)
        if epoch == 1:  # another fit: what an earlier model reached does not count
            self._keep(math.inf, 0, {})
        if value < self.best - self.min_delta:
            self._keep(value, epoch, training.model.state_dict())
        if epoch - self.best_epoch < self.patience:
            return None
        if self.restore_best and self._best_state:
            training.model.load_state_dict(self._best_state)
        best = f"best was {self.best:.4g} in epoch {self.best_epoch}"
        return f"{self.monitor} has not improved for {self.patience} epochs: {best}"

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "best_epoch": self.best_epoch, "best_state": self._best_state}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._keep(**state_dict)


class Schedule:
    """Step a learning-rate ``scheduler`` of :mod:`nnlib.optim` after each epoch.

    The rate that an epoch had stands in its row of the history, as "lr". ``monitor`` names the
    column that a ReduceLROnPlateau watches; other schedulers take none. Raises TypeError for what
    has no ``step``, ValueError for a ReduceLROnPlateau that is to watch nothing. As Keras's LearningRateScheduler.

    >>> from nnlib import nn, optim
    >>> optimizer = optim.SGD(nn.MLP([2, 1]).parameters(), lr=1.0)
    >>> callback = Schedule(optim.lr_scheduler.StepLR(optimizer, step_size=1))
    >>> callback(Training(nn.MLP([2, 1]), optimizer, History([{}])))
    >>> optimizer.param_groups[0]["lr"]
    0.1
    """

    @checked
    def __init__(self, scheduler: Any, monitor: str | None = None) -> None:
        if not hasattr(scheduler, "step"):
            raise TypeError(f"Schedule: scheduler must have a step(), not {scheduler!r:.60}")
        if isinstance(scheduler, ReduceLROnPlateau) and monitor is None:
            raise ValueError("Schedule: ReduceLROnPlateau watches a column: monitor='valid_loss'")
        self.scheduler, self.monitor = scheduler, monitor

    def __call__(self, training: Training) -> None:
        history = training.history
        history.rows[-1]["lr"] = float(training.optimizer.param_groups[0]["lr"])
        watched = [] if self.monitor is None else [_last("Schedule", history, self.monitor)]
        self.scheduler.step(*watched)

    def state_dict(self) -> dict[str, Any]:
        return dict(self.scheduler.state_dict())

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.scheduler.load_state_dict(state_dict)


def made(function: str, **options: Any) -> None:
    """Raise TypeError for a class where one of its objects was meant, such as CrossEntropyLoss.

    >>> made("fit", loss=Checkpoint)
    Traceback (most recent call last):
    TypeError: fit: loss is the class Checkpoint itself; write Checkpoint(…)
    """
    for name, thing in options.items():
        if isinstance(thing, type):
            kind = thing.__name__
            raise TypeError(f"{function}: {name} is the class {kind} itself; write {kind}(…)")


def _last(callback: str, history: History, monitor: str) -> float:
    """The last number of the column that a callback watches."""
    try:
        return history[monitor][-1]
    except KeyError as error:
        message = "give fit validation=, or the callback monitor="
        raise KeyError(f"{callback}: {error.args[0]}; {message}'train_loss'") from None


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Eval mode for a while: dropout and batch norm as in use, and then as they were.

    >>> model = Module()
    >>> with evaluating(model):
    ...     print(model.training)
    False
    >>> model.training
    True
    """
    mode = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(mode)


@dataclass
class LayerRecord:
    """What one layer did to one batch: its ``name``, ``kind``, and three arrays.

    ``activation`` is its output h, ``gradient`` is ∂L/∂h, ``weight_gradient`` is ∂L/∂W of its
    weight; the last two are None where there is none.

    >>> LayerRecord("1", "ReLU", np.array([0.0, 2.0])).statistics()["zeros"]
    0.5
    """

    name: str
    kind: str
    activation: Array
    gradient: Array | None = None
    weight_gradient: Array | None = None

    def statistics(self) -> dict[str, float]:
        """Mean and standard deviation of h, the share of exact zeros, the spread of both gradients.

        >>> LayerRecord("1", "ReLU", np.array([0.0, 2.0])).statistics()
        {'mean': 1.0, 'std': 1.0, 'zeros': 0.5, 'gradient_std': nan, 'weight_gradient_std': nan}
        """
        h, gradients = self.activation, (self.gradient, self.weight_gradient)
        numbers = [h.mean(), h.std(), (h == 0).mean()]
        numbers += [math.nan if g is None else np.std(g) for g in gradients]
        names = ("mean", "std", "zeros", "gradient_std", "weight_gradient_std")
        return {name: float(x) for name, x in zip(names, numbers, strict=True)}


@checked
def layer_records(model: Module, x: Any, y: Any, loss: Function) -> list[LayerRecord]:
    """What each layer without parts does to the batch (x, y): forward, and backward from loss(ŷ, y).

    One record per call, in the order of the forward pass. The model runs in the mode it is in; its
    parameters and their ``.grad`` are left as they were. x and y have any shape that model and loss
    take. Raises TypeError where ``loss`` is no function. Source: Glorot and Bengio (2010).

    >>> from nnlib import nn
    >>> x, y = np.ones((4, 2), np.float32), np.zeros(4, np.int64)
    >>> records = layer_records(nn.MLP([2, 3, 2]), x, y, nn.CrossEntropyLoss())
    >>> [(r.name, r.kind, r.activation.shape, r.gradient.shape) for r in records]
    [('0', 'Linear', (4, 3), (4, 3)), ('1', 'ReLU', (4, 3), (4, 3)), ('2', 'Linear', (4, 2), (4, 2))]
    """
    made("layer_records", loss=loss)
    seen: list[tuple[str, Module, Tensor]] = []

    def see(name: str, module: Module, output: Any) -> None:
        h = output[0] if isinstance(output, tuple) else output  # recurrent layers give a state too
        if not any(module.children()) and isinstance(h, Tensor):
            seen.append((name, module, h))

    with watching(model, see):
        value, tape = _record(lambda: loss(model(x), y), [])
    gradients, _ = _backpropagate(tape, value)
    return [
        LayerRecord(
            name, type(module).__name__, h.data, gradients.get(id(h)),
            gradients.get(id(getattr(module, "weight", None))),
        )
        for name, module, h in seen
    ]  # fmt: skip


class LayerStatistics:
    """Keep the statistics of activations and gradients per layer on one batch, epoch by epoch.

    ``rows`` holds a dict per layer and epoch: "epoch", "layer", "kind" and the numbers of
    :meth:`LayerRecord.statistics`. The batch (x, y), of any shape that the model takes, runs in
    eval mode beside the training, and leaves no trace in it. Raises TypeError where ``loss`` is no
    function. Source: Glorot and Bengio (2010).

    >>> from nnlib import nn, optim
    >>> model = nn.MLP([2, 3, 2])
    >>> x, y = np.ones((4, 2), np.float32), np.zeros(4, np.int64)
    >>> watch = LayerStatistics(x, y, nn.CrossEntropyLoss())
    >>> watch(Training(model, optim.SGD(model.parameters()), History([{}])))
    >>> [(row["epoch"], row["layer"]) for row in watch.rows]
    [(1, '0'), (1, '1'), (1, '2')]
    """

    @checked
    def __init__(self, x: Any, y: Any, loss: Function) -> None:
        made("LayerStatistics", loss=loss)
        self.x, self.y, self.loss = x, y, loss
        self.rows: list[dict[str, Any]] = []

    def __call__(self, training: Training) -> None:
        with evaluating(training.model):
            records = layer_records(training.model, self.x, self.y, self.loss)
        for record in records:
            place = {"epoch": len(training.history), "layer": record.name, "kind": record.kind}
            self.rows.append(place | record.statistics())
