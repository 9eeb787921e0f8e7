"""One head of attention learns where to look: by place, without places, or by content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nnlib.nn.functional as F
from nnlib import Tensor, nn, no_grad, optim
from nnlib.course.kit import runs
from nnlib.course.kit.scene import Floats, Heat, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, steps, widget

Ints = NDArray[np.int64]
LETTERS, LENGTH, WIDTH = 10, 8, 32
KEYS = 8  # of 8 keys each example has 4, each with one of 8 values
LAST, EVERY = 120, 4
TASKS = {
    "reverse": "reverse 8 letters",
    "bag": "reverse, without positions",
    "recall": "find the value of a key",
}
TRIED = 300  # new examples at each snapshot
SHOWN = 8


class Reverser(nn.Module):
    """Letters, with or without their places, one head of attention, and a layer that reads it out."""

    def __init__(self, positions: bool, generator: np.random.Generator) -> None:
        self.letter = nn.Embedding(LETTERS, WIDTH, generator=generator)
        self.place = nn.Embedding(LENGTH, WIDTH, generator=generator) if positions else None
        self.look = nn.MultiheadAttention(WIDTH, 1, batch_first=True, generator=generator)
        self.read = nn.Linear(WIDTH, LETTERS, generator=generator)

    def attend(self, letters: Ints) -> Any:
        h = self.letter(letters)
        if self.place is not None:
            h = h + self.place(np.arange(LENGTH))
        return self.look(h, h, h)

    def forward(self, letters: Ints) -> Tensor:
        return self.read(self.attend(letters)[0])  # type: ignore[no-any-return]


class Recaller(nn.Module):
    """Four pairs of key and value, added; a fifth key asks."""

    def __init__(self, generator: np.random.Generator) -> None:
        self.key = nn.Embedding(KEYS, WIDTH, generator=generator)
        self.value = nn.Embedding(KEYS, WIDTH, generator=generator)
        self.look = nn.MultiheadAttention(WIDTH, 1, batch_first=True, generator=generator)
        self.read = nn.Linear(WIDTH, KEYS, generator=generator)

    def attend(self, given: Ints) -> Any:
        """`given` (N, 9): four keys, their four values, and the key that is asked for."""
        pairs = self.key(given[:, :4]) + self.value(given[:, 4:8])
        return self.look(self.key(given[:, 8:]), pairs, pairs)

    def forward(self, given: Ints) -> Tensor:
        return self.read(self.attend(given)[0])  # type: ignore[no-any-return]


def examples(task: str, n: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """What is given (N, 8) or (N, 9), and what is to be said (N, 8) or (N, 1)."""
    if task != "recall":
        letters = rng.integers(LETTERS, size=(n, LENGTH))
        return letters, letters[:, ::-1]
    keys = np.argsort(rng.random((n, KEYS)), axis=1)[:, :4]
    values, asked = rng.integers(KEYS, size=(n, 4)), rng.integers(4, size=(n, 1))
    at = np.take_along_axis
    return np.hstack([keys, values, at(keys, asked, 1)]), at(values, asked, 1)


def loss(scores: Tensor, targets: Ints) -> Tensor:
    return F.cross_entropy(scores.reshape(-1, scores.shape[-1]), targets.reshape(-1))


class Run(runs.Run):
    """Keeps how many new examples come out right, and where was looked."""

    every = EVERY
    model: Reverser | Recaller

    def __init__(self, task: str) -> None:
        rng = np.random.default_rng(1)
        model = Recaller(rng) if task == "recall" else Reverser(task == "reverse", rng)
        self.trial = examples(task, TRIED, np.random.default_rng(100))
        self.right: list[float] = []
        self.looks: list[Floats] = []

        def batches() -> Iterator[tuple[Ints, Ints]]:
            while True:
                yield examples(task, 64, rng)

        super().__init__(model, optim.Adam(model.parameters(), lr=0.005), loss, batches())

    def keep(self) -> None:
        super().keep()
        given, wanted = self.trial
        with no_grad():
            out, weights = self.model.attend(given)
            said = self.model.read(out).data.argmax(axis=-1)
        self.right.append(float(np.mean(said == wanted)))
        self.looks.append(weights.data.astype(float))


@lru_cache(maxsize=3)
def training(task: str) -> Run:
    return Run(task)


@dataclass(frozen=True)
class LearnToLook(Model):
    """After `step` steps of Adam on a `task`: the weights of the attention, and what comes out right."""

    title = "Learning where to look"
    goal = "every letter looks at its mirror place, with a weight above 0.95"

    task: str = choice("Task", TASKS, at="reverse")
    step: int = steps(LAST, Button("on", f"+ {EVERY} steps", by=EVERY), each=EVERY)

    @property
    def look(self) -> Floats:
        """Reversal: the mean weights (to, from). Recall: those of eight examples."""
        run = training(self.task)
        looks = run.looks[run.upto(self.step)]
        return looks[:SHOWN, 0] if self.task == "recall" else looks.mean(axis=0)

    @property
    def right(self) -> float:
        run = training(self.task)
        return run.right[run.upto(self.step)]

    def wanted(self) -> Ints:
        """For each row of `look` the column that it should look at."""
        if self.task != "recall":
            return np.arange(LENGTH)[::-1]
        given = training(self.task).trial[0][:SHOWN]
        asked: Ints = np.argmax(given[:, :4] == given[:, 8:], axis=1)
        return asked

    def given(self) -> Floats:
        """The weight that each row gives to the column that it should look at."""
        look = self.look
        weights: Floats = look[np.arange(len(look)), self.wanted()]
        return weights

    def reached(self) -> bool:
        return self.task == "reverse" and bool(self.given().min() > 0.95)

    def scene(self) -> Scene:
        return Scene((self.weights(), self.curve()), self.words(), columns=2)

    def weights(self) -> Panel:
        look, wanted = self.look, self.wanted()
        rows, columns = look.shape
        ticks = ((0.0, "0"), (0.5, "½"), (1.0, "1"))
        extent = (0.5, columns + 0.5, 0.5, rows + 0.5)
        mirror = np.column_stack([wanted + 1.0, np.arange(rows) + 1.0])
        items: tuple[Item, ...] = (
            Heat(look, ticks, 0.0, "weight", extent),
            Points(mirror, "diamond", "blue", "where it should look", "small"),
        )
        recall = self.task == "recall"
        down = "example" if recall else "place that is written"
        across = "pair" if recall else "place that is looked at"
        limits = (0.5, columns + 0.5), (0.5, rows + 0.5)
        return Panel(*limits, across, down, items, 0.9, whole=True)

    def curve(self) -> Panel:
        run = training(self.task)
        last = run.upto(self.step)
        done = np.column_stack([np.arange(last + 1) * EVERY, run.right[: last + 1]])
        items: tuple[Item, ...] = (Line(done, "blue"), Points(done[-1:], "square", "blue"))
        return Panel((-5, LAST + 5), (0, 1.05), "step", "right on new examples", items, 0.9)

    def words(self) -> str:
        given = self.given()
        where = "the right pair" if self.task == "recall" else "the mirror place"
        return (
            f"Step {self.step}: {self.right:.1%} of new answers are right. {where.capitalize()} "
            f"gets a weight of {given.min():.2f} to {given.max():.2f}."
        )


learn_to_look = widget(LearnToLook)
