"""The perceptron learning rule, one example at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self

import numpy as np

from nnlib.classical import Labels, Step, perceptron_steps
from nnlib.course.kit import plane
from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Bars, Floats, Item, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, steps, widget

EPOCHS = 100
ORDERS = {"cyclic": "first to last", "reversed": "last to first"}
SHOWN = 12  # epochs side by side: more would make slivers of the bars


@lru_cache
def ordered(data: str, order: str) -> tuple[Floats, Labels]:
    """The examples in the order in which the perceptron meets them, over and over."""
    X, y = plane.examples(data)
    return (X, y) if order == "cyclic" else (X[::-1], y[::-1])


@lru_cache
def history(data: str, order: str) -> tuple[Step, ...]:
    """The whole training: it ends after the first epoch without a mistake, or after 100."""
    return tuple(perceptron_steps(*ordered(data, order), EPOCHS))


@lru_cache
def repeats(data: str, order: str) -> tuple[int, int] | None:
    """The first epoch that ends with the weights of an earlier one, and that one; else None.

    An epoch depends on nothing but the weights it starts from, so from there on all repeats.
    """
    ends: dict[tuple[float, ...], int] = {(0.0, 0.0, 0.0): 0}
    last = len(ordered(data, order)[0]) - 1
    mistakes = 0
    for step in history(data, order):
        mistakes += step.mistake
        if step.example < last:
            continue
        weights = tuple(np.round([*step.weight, step.bias], 9) + 0.0)
        if mistakes and weights in ends:
            return step.epoch + 1, ends[weights]
        ends.setdefault(weights, step.epoch + 1)
        mistakes = 0
    return None


@dataclass(frozen=True)
class PerceptronStepper(Model):
    """w ← w + (y − ŷ) x, b ← b + (y − ŷ), from w = 0 and b = 0: the perceptron's training, by hand.

    `order` "cyclic" goes from first to last, again and again; `step` is how many examples were
    seen. It stops after an epoch without a mistake, or after 100. This is the usual form of
    Rosenblatt's rule (1958–62).
    """

    title = "The perceptron, step by step"
    goal = "an epoch without a mistake"

    data: str = choice("Data", plane.DATA, at="and")
    order: str = choice("Order", ORDERS, at="cyclic")
    step: int = steps(
        lambda model: model.last,
        Button("back", "Back", by=-1),
        Button("step", "Next", by=1),
        Button("mistake", "To next mistake"),
        Button("step", "Play", by=1, plays=True),
    )

    @property
    def last(self) -> int:
        return len(history(self.data, self.order))

    @property
    def done(self) -> tuple[Step, ...]:
        """The steps up to now."""
        return history(self.data, self.order)[: self.step]

    def weights(self, step: int) -> tuple[Floats, float]:
        """w and b after so many steps."""
        if step == 0:
            return np.zeros(2), 0.0
        taken = history(self.data, self.order)[step - 1]
        return taken.weight, taken.bias

    def errors(self) -> list[int]:
        """Mistakes in each epoch so far; the last one may not be over."""
        counts = [0] * (self.done[-1].epoch + 1 if self.done else 0)
        for step in self.done:
            counts[step.epoch] += step.mistake
        return counts

    def reached(self) -> bool:
        return bool(self.done) and self.step == self.last and self.errors()[-1] == 0

    def changed(self, **settings: Any) -> Self:
        """Other examples, or another order, begin anew."""
        anew = {} if "step" in settings else {"step": 0}
        return super().changed(**settings, **anew)

    def mistake(self) -> Self:
        """Just after the next mistake."""
        taken = history(self.data, self.order)
        later = (k for k in range(self.step + 1, self.last + 1) if taken[k - 1].mistake)
        return replace(self, step=next(later, self.last))

    def scene(self) -> Scene:
        return Scene((self.plane_panel(), self.errors_panel()), self.words())

    def plane_panel(self) -> Panel:
        X, y = ordered(self.data, self.order)
        w, b = self.weights(self.step)
        now: tuple[Item, ...] = ()
        before: tuple[Item, ...] = ()
        if self.done:
            step = self.done[-1]
            now = (Points(X[[step.example]], "diamond", "purple", "example of this step"),)
            if step.mistake:
                before = plane.boundary(*self.weights(self.step - 1), "z = 0 before", dashed=True)
        items = (
            plane.decision(w, b),
            *before,
            *plane.boundary(w, b, "z = 0 now"),
            *plane.weight_arrow(w, b),
            *plane.class_points(X, y),
            *now,
        )
        return Panel(plane.WINDOW, plane.WINDOW, "x₁", "x₂", items)

    def errors_panel(self) -> Panel:
        errors = self.errors()
        epochs = history(self.data, self.order)[-1].epoch + 1
        first = min(max(len(errors) - SHOWN + 2, 0), max(epochs - SHOWN, 0))
        bars = Bars(np.array(errors, dtype=float), "green")
        top = len(plane.examples(self.data)[0]) if self.data != "blobs" else 8
        xlim, ylim = (first + 0.4, first + SHOWN + 0.6), (0.0, top + 0.5)
        return Panel(xlim, ylim, "epoch", "mistakes", (bars,), height=0.3, whole=True)

    def words(self) -> str:
        if not self.done:
            return (
                "Before the first step: w = (0, 0) and b = 0, so there is no line yet: "
                "z = 0 everywhere, and H(0) = 1 puts every point in class 1."
            )
        step = self.done[-1]
        X, y = ordered(self.data, self.order)
        where = f"Step {self.step}, epoch {step.epoch + 1}: x = {vector(X[step.example])}"
        answer = f"y = {y[step.example]}, ŷ = {step.prediction}"
        return f"{where}, {answer}: {self.update_in_words(X[step.example])}{self.end_in_words()}"

    def update_in_words(self, x: Floats) -> str:
        """What the last step did to w and b, in numbers."""
        (w, b), (new_w, new_b) = self.weights(self.step - 1), self.weights(self.step)
        if not self.done[-1].mistake:
            return f"right, so w = {vector(w)} and b = {number(b)} stay."
        sign = "−" if self.done[-1].prediction else "+"
        return (
            f"a mistake. w = {vector(w)} {sign} {vector(x)} = {vector(new_w)}, "
            f"b = {number(b)} {sign} 1 = {number(new_b)}."
        )

    def end_in_words(self) -> str:
        """How the training ended, or that it never will; nothing in between."""
        epoch = self.done[-1].epoch + 1
        if self.reached():
            return f" Epoch {epoch} had no mistake: the line separates the classes, and it stops."
        again = repeats(self.data, self.order)
        if again and epoch > again[0]:
            start = f"epoch {again[1]}" if again[1] else "the start"
            return (
                f" Epoch {again[0]} ended with the weights of {start}: "
                "from there on everything repeats, and the mistakes never stop."
            )
        return ""


def vector(x: Floats) -> str:
    """A point as it is read: (0, 1)."""
    return f"({', '.join(number(v) for v in x)})"


perceptron_stepper = widget(PerceptronStepper)
