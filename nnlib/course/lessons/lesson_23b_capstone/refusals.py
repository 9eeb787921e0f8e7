"""A classifier that may say “I don't know”: what it answers, and the mistakes that remain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

import nnlib.nn.functional as F
from nnlib import nn, optim
from nnlib.classical import Labels
from nnlib.course.kit import runs
from nnlib.course.kit.numbers import counted, number
from nnlib.course.kit.scene import Floats, Heat, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, slider, widget
from nnlib.data import DataLoader, TensorDataset, load_digits_split

STEPS = 600
RIGHT, ANSWERED = 0.99, 0.9  # of the goal
SHOWN = 8
INK = (0.0, ""), (0.5, ""), (1.0, "")


@lru_cache
def answers() -> tuple[Floats, Labels, Labels, Floats]:
    """Of 597 new digits: the images, what they show, what a network says, and how sure it is."""
    X, y, new, new_y = load_digits_split(dtype=np.float64)
    rng = np.random.default_rng(0)
    model = runs.started(nn.MLP([64, 32, 10]), nn.init.kaiming_normal_, rng)
    batches = runs.epochs(
        DataLoader(TensorDataset(X[:600], y[:600]), 30, shuffle=True, generator=rng)
    )
    run = runs.Run(model, optim.Adam(model.parameters(), lr=0.003), F.cross_entropy, batches)
    P = F.softmax(run.at(STEPS)(new), 1).data
    images = load_digits_split(dtype=np.float64, standardize=False)[2]
    return images, new_y, P.argmax(axis=1), P.max(axis=1)


@dataclass(frozen=True)
class Refusals(Model):
    """A network answers where its highest probability is `threshold` or more."""

    title = "Better no answer than a wrong one"
    goal = f"of what is answered {RIGHT:.0%} right, and at least {ANSWERED:.0%} answered"

    threshold: float = slider("Threshold", 0.0, 0.99, 0.01, at=0.0)

    @property
    def answered(self) -> NDArray[np.bool_]:
        return answers()[3] >= self.threshold

    def rates(self) -> tuple[float, float]:
        """The share answered, and the share of these that is right."""
        _, shows, said, _ = answers()
        return float(self.answered.mean()), float((said == shows)[self.answered].mean())

    def wrong(self) -> NDArray[np.intp]:
        """The images that are answered wrongly."""
        _, shows, said, _ = answers()
        return np.flatnonzero(self.answered & (said != shows))

    def reached(self) -> bool:
        share, right = self.rates()
        return right >= RIGHT and share >= ANSWERED

    def scene(self) -> Scene:
        return Scene((self.trade(), self.mistakes()), self.words(), columns=2)

    def trade(self) -> Panel:
        share, right = self.rates()
        items: tuple[Item, ...] = (
            Line(100 * curve(), "gray"),
            Line(100 * np.array([[ANSWERED, RIGHT], [1.0, RIGHT]]), "green", style="dashed"),
            Line(100 * np.array([[ANSWERED, RIGHT], [ANSWERED, 1.0]]), "green", style="dashed"),
            Points(100 * np.array([[share, right]]), "square", "blue"),
        )
        title = f"answers where it is {number(self.threshold)} sure or more"
        limits = (60, 100.5), (92, 100.3)
        return Panel(*limits, "answered, in %", "right of these, in %", items, 0.85, title=title)

    def mistakes(self) -> Panel:
        """The wrong answers that were the surest, largest confidence first."""
        images, shows, said, sure = answers()
        wrong = self.wrong()
        items: list[Item] = []
        for k, i in enumerate(wrong[np.argsort(-sure[wrong])][:SHOWN]):
            x, y = k % 4, 1 - k // 4
            picture = images[i].reshape(8, 8)[::-1]
            items.append(Heat(picture, INK, 0.0, extent=(x + 0.1, x + 0.9, y + 0.3, y + 0.95)))
            items.append(
                Label(
                    (x + 0.5, y + 0.14), f"{said[i]}, is {shows[i]} ({sure[i]:.0%})", size="small"
                )
            )
        title = f"{counted(len(wrong), 'wrong answer')} left"
        return Panel((0.0, 4.0), (0.0, 2.0), "", "", tuple(items), 0.6, title=title, axes=False)

    def words(self) -> str:
        share, right = self.rates()
        return (
            f"Threshold {number(self.threshold)}: {share:.1%} of 597 images are answered, "
            f"{right:.1%} of these right. {counted(len(self.wrong()), 'wrong answer')} left."
        )


@lru_cache
def curve() -> Floats:
    """(share answered, share right of these) for every threshold of the slider."""
    rates = [Refusals(t / 100).rates() for t in range(100)]
    return np.array(rates)


refusals = widget(Refusals)
