"""Polynomials that learn a wave from noisy examples: the exact risk, and what makes it up.

y = sin 2πx + noise for x uniform on [−1, 1], fitted by sums of Legendre polynomials P₀ … P_d. These
are orthogonal, so that the risk of every fit is known exactly, without any test set.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.polynomial.legendre import legvander
from numpy.typing import NDArray

from nnlib import Tensor, optim
from nnlib.course.kit.scene import Floats

DEGREES = (1, 3, 5, 7, 9)  # the wave is odd: even ones change nothing
TERMS = DEGREES[-1] + 1
NOISE = 0.3
RUNS, MIDDLE = 100, slice(40, 60)  # data sets, and those that are neither lucky nor unlucky
RATE = 0.9  # of the largest safe rate
FIRST_RATE, HALVED_AFTER = 0.2, 50  # of one pass: η = 0.2 / (1 + t / 50)


class Parts(NamedTuple):
    """The three parts of the excess error."""

    app: float
    est: float
    opt: float

    @property
    def total(self) -> float:
        return self.app + self.est + self.opt


def target(x: Floats) -> Floats:
    """The best prediction of all, f_B."""
    wave: Floats = np.sin(2 * np.pi * x)
    return wave


@lru_cache
def expansion() -> tuple[Floats, Floats]:
    """The coefficients of the target, and the mean square of each polynomial, as far as they count.

    >>> expansion()[0][:4].round(3)
    array([ 0.   , -0.477,  0.   , -0.691])
    """
    grid = (np.arange(20000) + 0.5) / 10000 - 1
    P = legvander(grid, 2 * TERMS)
    sizes = np.mean(P**2, axis=0)
    return np.round(np.mean(P * target(grid)[:, None], axis=0) / sizes, 12) + 0, sizes


def excess(w: Floats) -> Floats:
    """How far the risk of each fit, (…, terms), is above the lowest of all: a mean square distance.

    >>> float(excess(np.zeros(1)).round(3))
    0.5
    """
    c, sizes = expansion()
    gaps = np.broadcast_to(c, (*w.shape[:-1], len(c))).copy()
    gaps[..., : w.shape[-1]] -= w
    left: Floats = gaps**2 @ sizes
    return left


def approximation(degree: int) -> float:
    """E_app: what even the best polynomial of this degree leaves."""
    return float(excess(expansion()[0][: degree + 1]))


def draw(N: int, seed: int) -> tuple[Floats, Floats]:
    """One data set: inputs and targets. The same as the lesson draws by its own code."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, N)
    return x, target(x) + NOISE * rng.normal(size=N)


@lru_cache
def examples(N: int) -> tuple[Floats, Floats]:
    """Inputs and targets of all data sets of this size, (RUNS, N) each."""
    x, y = zip(*(draw(N, seed) for seed in range(RUNS)), strict=True)
    return np.array(x), np.array(y)


@lru_cache
def features(N: int) -> Floats:
    """P₀ … P₉ of all inputs, (RUNS, N, TERMS)."""
    return legvander(examples(N)[0], TERMS - 1)


@lru_cache
def moments(N: int) -> tuple[Floats, Floats]:
    """X⊤X/N and X⊤y/N of each data set."""
    X, y = features(N), examples(N)[1]
    XT = X.swapaxes(1, 2)
    return XT @ X / N, (XT @ y[..., None])[..., 0] / N


@lru_cache
def fits(N: int, degree: int) -> Floats:
    """The lowest point of the training loss, for each data set: (RUNS, degree + 1)."""
    G, b = moments(N)
    n = degree + 1
    solved: Floats = np.linalg.solve(G[:, :n, :n], b[:, :n, None])[..., 0]
    return solved


@lru_cache
def order(N: int, degree: int) -> NDArray[np.intp]:
    """The data sets from the smallest to the largest E_est."""
    return np.argsort(excess(fits(N, degree)))


def typical(N: int, degree: int, trained: Floats | None = None) -> Parts:
    """The parts as they are on the data sets in the middle; trained to the end if no w is given.

    A mean over all would be ruled by a few wild fits, and medians of parts would not add up.
    """
    rows = order(N, degree)[MIDDLE]
    app = approximation(degree)
    lowest = excess(fits(N, degree)[rows])
    now = lowest if trained is None else excess(trained[rows])
    return Parts(app, float(lowest.mean()) - app, float((now - lowest).mean()))


class Learner:
    """One training for every data set and degree, side by side, which goes on where it stopped."""

    def __init__(self) -> None:
        self.kept = {0: np.zeros((RUNS, len(DEGREES), TERMS))}
        self.used = np.arange(TERMS) <= np.array(DEGREES)[:, None]  # of each degree's terms

    def gradient(self, w: Floats, t: int) -> Floats:
        raise NotImplementedError

    def rate(self, t: int) -> float:
        raise NotImplementedError

    def at(self, step: int, degree: int) -> Floats:
        """The weights after so many steps, (RUNS, degree + 1)."""
        if step not in self.kept:
            begun = max(t for t in self.kept if t < step)
            w = Tensor(self.kept[begun].copy(), requires_grad=True)
            optimizer = optim.SGD([w], lr=1.0)
            for t in range(begun, step):
                optimizer.param_groups[0]["lr"] = self.rate(t)
                w.grad = self.gradient(w.data, t) * self.used
                optimizer.step()
            self.kept[step] = w.data
        return self.kept[step][:, DEGREES.index(degree), : degree + 1]


class Batch(Learner):
    """Gradient descent on N examples, each run's rate measured by its own curvature."""

    def __init__(self, N: int) -> None:
        super().__init__()
        self.G, self.b = moments(N)
        tops = [np.linalg.eigvalsh(self.G[:, : d + 1, : d + 1])[:, -1] for d in DEGREES]
        self.steepest = np.stack(tops, axis=1)[..., None]

    def gradient(self, w: Floats, t: int) -> Floats:
        slope: Floats = 2 * (w @ self.G - self.b[:, None]) / self.steepest  # G is symmetric
        return slope

    def rate(self, t: int) -> float:
        return RATE


class OnePass(Learner):
    """Stochastic gradient descent: each of N examples once, with a rate that falls."""

    def __init__(self, N: int) -> None:
        super().__init__()
        self.X, self.y = features(N), examples(N)[1]

    def gradient(self, w: Floats, t: int) -> Floats:
        x, y = self.X[:, t, :, None], self.y[:, t, None, None]
        slope: Floats = 2 * (w @ x - y) * x.swapaxes(1, 2)  # x is (RUNS, TERMS, 1)
        return slope

    def rate(self, t: int) -> float:
        return FIRST_RATE / (1 + t / HALVED_AFTER)


@lru_cache
def batch(N: int) -> Batch:
    return Batch(N)


@lru_cache
def one_pass(N: int) -> OnePass:
    return OnePass(N)
