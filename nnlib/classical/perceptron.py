"""Threshold units, the perceptron with its learning rule, and Rosenblatt's machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from nnlib import random
from nnlib.arguments import Generator, PositiveInt, checked, numbers
from nnlib.classical.linear_model import Floats, Labels, LinearClassifier, labeled

__all__ = [
    "MarkIPerceptron", "Perceptron", "Step", "heaviside", "mcp", "mistake_bound",
    "perceptron_steps",
]  # fmt: skip


def heaviside(z: ArrayLike) -> Any:
    """H(z) = 1 where z ≥ 0, else 0, for z of any shape.

    Some texts call this step "sign", but sgn(z) is −1, 0 or 1: at 0 it is 0 where H is 1. The
    threshold of McCulloch & Pitts (1943). Raises TypeError for what is no number.

    >>> heaviside([-2.0, 0.0, 3.0])
    array([0., 1., 1.])
    """
    return np.heaviside(numbers("heaviside", "z", z), 1.0)


@checked
def mcp(x: ArrayLike, w: ArrayLike, theta: float) -> Any:
    """h = 1 where Σᵢ wᵢ xᵢ ≥ θ, else 0: a McCulloch–Pitts unit.

    ``x`` is one binary pattern (p,) or a batch (N, p), ``w`` is (p,); the result is 0 or 1 per
    pattern. The unit fires on *every* pattern on its side of the threshold, not on a single one.
    Raises ValueError for other shapes.

    McCulloch & Pitts (1943) counted excitatory inputs and let one active inhibitory input silence
    the unit; weights and their sum are the form in which later texts write it.

    >>> patterns = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> mcp(patterns, w=[1, 1], theta=2)  # AND
    array([0, 0, 0, 1])
    """
    x, w = numbers("mcp", "x", x), numbers("mcp", "w", w, "(p,)")
    if x.ndim not in (1, 2) or x.shape[-1] != len(w):
        raise ValueError(f"mcp: x must be (p,) or (N, p), w (p,); x is {x.shape}, w is {w.shape}")
    return (x @ w >= theta).astype(np.int64)


class Step(NamedTuple):
    """One look at one example: what was predicted, and the weights after it; see perceptron_steps.

    >>> Step(epoch=0, example=3, prediction=0, weight=np.zeros(2), bias=0.0, mistake=True).mistake
    True
    """

    epoch: int
    example: int
    prediction: int
    weight: Floats
    bias: float
    mistake: bool


@checked
def perceptron_steps(X: ArrayLike, y: ArrayLike, epochs: PositiveInt = 100) -> Iterator[Step]:
    """w ← w + (y − ŷ) x,  b ← b + (y − ŷ): the perceptron's training, one example at a time.

    Starts at w = 0, b = 0 and takes the examples in their order, over and over, until an epoch
    passes without a mistake or ``epochs`` have passed. ``X`` is (N, d), ``y`` holds 0s and 1s.
    ``Perceptron.fit`` runs through these steps; take them yourself to watch it learn. Raises
    ValueError for other shapes and labels, and for less than one epoch. Rosenblatt (1958).

    >>> for step in perceptron_steps([[0.0], [1.0]], [0, 1], epochs=1):
    ...     print(step.example, step.prediction, step.weight, step.bias)
    0 1 [0.] -1.0
    1 0 [1.] 0.0
    """
    X, y = labeled(X, y)
    w, b = np.zeros(X.shape[1]), 0.0
    for epoch in range(epochs):
        mistakes = 0
        for i, (x, target) in enumerate(zip(X, y, strict=True)):
            prediction = int(heaviside(w @ x + b))
            error = int(target) - prediction  # 0 when right, else +1 or −1
            w, b = w + error * x, b + error
            mistakes += abs(error)
            yield Step(epoch, i, prediction, w, b, error != 0)
        if mistakes == 0:
            return


class Perceptron(LinearClassifier):
    """ŷ = H(w·x + b), trained by w ← w + (y − ŷ) x.

    After ``fit``: ``weight`` (d,), ``bias``, and ``errors``, the number of mistakes in each epoch.
    If a line (a hyperplane) separates the classes the last epoch has none; if not, mistakes never
    stop (Minsky & Papert 1969), and ``epochs`` ends the search. Errors as in
    :func:`perceptron_steps`.

    The usual form of Rosenblatt's rule (1958–62); it converges: Novikoff (1962), see
    ``mistake_bound``.

    >>> X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> p = Perceptron().fit(X, [0, 0, 0, 1])
    >>> p.weight, p.bias, p.errors
    (array([2., 1.]), -3.0, [2, 3, 3, 2, 1, 0])
    >>> p.predict(X)
    array([0, 0, 0, 1])
    """

    errors: list[int]

    def fit(self, X: ArrayLike, y: ArrayLike, epochs: int = 100) -> Perceptron:
        """Train on X (N, d) and labels y (N,) in {0, 1}; returns the perceptron itself."""
        self.errors = []
        for step in perceptron_steps(X, y, epochs):
            if step.example == 0:
                self.errors.append(0)
            self.errors[-1] += step.mistake
        self.weight, self.bias = step.weight, step.bias
        return self


@checked
def mistake_bound(X: ArrayLike, y: ArrayLike, w: ArrayLike, b: float) -> float:
    """(R / γ)²: the perceptron makes at most this many mistakes, however long it trains.

    The bias counts as the weight of a constant input 1: R is the largest ‖(x, 1)‖, and γ, the
    margin, the smallest distance of a point (x, 1) from the hyperplane (w, b) through the origin.
    Every (w, b) that separates the classes gives a bound; the widest margin gives the best one.

    Shapes: X (N, d), y (N,), w (d,). Raises ValueError for others, and when (w, b) leaves a point
    on its boundary or on the wrong side.

    Novikoff (1962). The best separator of AND promises at most 51 mistakes; training makes 11:

    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    >>> mistake_bound(X, y, w=[2, 2], b=-3)
    51.0
    >>> sum(Perceptron().fit(X, y).errors)
    11
    """
    X, y = labeled(X, y)
    points = np.column_stack([X, np.ones(len(X))])
    w = numbers("mistake_bound", "w", w, f"({X.shape[1]},)")
    separator = np.append(w, b)
    sides = np.where(y == 1, 1, -1) * (points @ separator)  # positive where a point is right
    if sides.min() <= 0:
        raise ValueError("mistake_bound: w and b must put every example strictly on its side")
    # R²/γ² with γ = min(sides) / ‖separator‖: dividing last keeps whole numbers exact.
    return float((points**2).sum(1).max() * (separator @ separator) / sides.min() ** 2)


class MarkIPerceptron:
    """S-units → A-units → R-units: Rosenblatt's machine of 1960, in miniature.

    - Sensory units, the retina: photocell i is on where its pixel is brighter than 0.5.
    - Association units: each is wired, once and at random, to ``fan_in`` photocells with weights
      +1 or −1, and fires when its sum reaches 1. This wiring (``wiring``) never learns.
    - Response units, one per class: perceptrons (``responses``) on the A-units' outputs. Only these
      weights learn. The class whose unit has the largest z is the answer.

    Images are (N, n_pixels) or (N, height, width), labels (N,) whole numbers. Raises ValueError for
    others, and for sizes that cannot be.

    The hardware had 400 photocells, 512 A-units and 8 R-units, its learned weights were
    potentiometers turned by motors. The original proposal also had links among A- and R-units and
    feedback, left out here. Cornell Aeronautical Laboratory, *Mark I Perceptron Operators' Manual*
    (1960).

    >>> bar, row = np.zeros((5, 5)), np.zeros((5, 5))
    >>> bar[:, 2], row[2, :] = 1, 1
    >>> machine = MarkIPerceptron(25, generator=np.random.default_rng(0))
    >>> machine.fit([bar, row], [0, 1]).predict([row, bar])
    array([1, 0])
    """

    @checked
    def __init__(
        self, n_pixels: PositiveInt, n_association: PositiveInt = 512, fan_in: PositiveInt = 8, *,
        generator: Generator = None,
    ) -> None:  # fmt: skip
        if fan_in > n_pixels:
            raise ValueError(f"MarkIPerceptron: fan_in {fan_in} is more than n_pixels {n_pixels}")
        rng = random.generator(generator)
        every_pixel = np.tile(np.arange(n_pixels), (n_association, 1))
        chosen = rng.permuted(every_pixel, axis=1)[:, :fan_in]
        self.wiring = np.zeros((n_association, n_pixels))
        np.put_along_axis(self.wiring, chosen, rng.choice([-1.0, 1.0], chosen.shape), axis=1)
        self.responses: list[Perceptron] = []

    def association(self, images: ArrayLike) -> Floats:
        """What the A-units say: images (N, n_pixels) or (N, height, width) → (N, n_association)."""
        images = numbers("MarkIPerceptron", "images", images).astype(float)
        retina = images.reshape(len(images), -1) if images.ndim in (2, 3) else images
        if retina.ndim != 2 or retina.shape[1] != self.wiring.shape[1]:
            message = f"(N, {self.wiring.shape[1]}) or (N, height, width) with as many pixels"
            raise ValueError(f"images must be {message}, not {images.shape}")
        if not ((retina >= 0) & (retina <= 1)).all():
            raise ValueError("images must have pixels between 0 (dark) and 1 (bright)")
        return ((retina > 0.5) @ self.wiring.T >= 1).astype(float)

    def fit(self, images: ArrayLike, labels: ArrayLike, epochs: int = 100) -> MarkIPerceptron:
        """Train one response unit per class, labels being 0, 1, …; returns the machine itself."""
        features, labels = self.association(images), numbers("fit", "labels", labels)
        if labels.shape != (len(features),) or labels.dtype.kind not in "iu" or labels.min() < 0:
            raise ValueError(f"labels must be {len(features)} whole numbers from 0 on")
        self.responses = [
            Perceptron().fit(features, labels == k, epochs) for k in range(labels.max() + 1)
        ]
        return self

    def predict(self, images: ArrayLike) -> Labels:
        """The class of each image (N,): that of the response unit with the largest z."""
        if not self.responses:
            raise ValueError("this machine has not learned yet: call fit(images, labels) first")
        features = self.association(images)
        answers: Labels = np.argmax([u.preactivation(features) for u in self.responses], axis=0)
        return answers
