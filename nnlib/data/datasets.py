"""Sets to learn on, made on the spot: truth tables, points of the plane, numbers and sequences.

Every ``make_…`` function returns X (n_samples, …) in float64, and y (n_samples,): class labels in
int64, numbers in float64. Names are those of scikit-learn where it has the set. Points of the plane
come in the order of their classes, equally many of each, not shuffled: ``DataLoader(...,
shuffle=True)`` does that. Layers of nnlib take float32 by default: write ``X.astype(np.float32)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib import random
from nnlib.arguments import (
    FiniteNonNegative,
    FinitePositive,
    Generator,
    HalfOpenUnit,
    PositiveInt,
    UnitInterval,
    checked,
    numbers,
)

__all__ = [
    "make_blobs", "make_circles", "make_first_sign", "make_flats", "make_gaussian_classes",
    "make_glm", "make_lecun_classes", "make_moons", "make_sine", "make_spirals", "make_xor",
    "ring_of_gaussians", "tiny_grammar", "truth_table",
]  # fmt: skip

Floats = NDArray[np.float64]
Labeled = tuple[Floats, NDArray[np.int64]]
Table = tuple[Floats, Floats]

NAMES = ("ana", "ben", "eva", "ida", "leo", "mila", "omar", "rosa")
ADJECTIVES = ("red", "old", "shy", "big", "sad", "tiny", "wild", "calm")
ANIMALS = ("cat", "dog", "hen", "fox", "owl", "duck", "goat", "frog")

TABLES = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "xor": [0, 1, 1, 0]}


@checked
def truth_table(name: str) -> Labeled:
    """The inputs 00, 01, 10, 11 as X (4, 2), and what the named function makes of them as y (4,).

    Raises ValueError for another ``name`` than "and", "or" and "xor".

    >>> X, y = truth_table("and")
    >>> X.tolist(), y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 0, 0, 1])
    """
    if name not in TABLES:
        raise ValueError(f"truth_table: name must be one of {', '.join(TABLES)}, not {name!r}")
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, np.array(TABLES[name], dtype=np.int64)


@checked
def make_xor(
    n_samples: PositiveInt = 200, *, noise: FiniteNonNegative = 0.1, generator: Generator = None
) -> Labeled:
    """Points around the corners 00, 01, 10, 11 of the square, in turn; class 1 where the bits differ.

    ``noise`` is the standard deviation around a corner. Without noise, four samples are the table.
    Raises ValueError unless ``n_samples`` is a multiple of 4, and for negative noise. Minsky and
    Papert (1969).

    >>> X, y = make_xor(4, noise=0)
    >>> X.tolist(), y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    rounds = _share("make_xor", n_samples, 4)
    corners, labels = truth_table("xor")
    return _noisy(np.tile(corners, (rounds, 1)), noise, generator), np.tile(labels, rounds)


@checked
def make_circles(
    n_samples: PositiveInt = 200, *, noise: FiniteNonNegative = 0.05, factor: HalfOpenUnit = 0.5,
    generator: Generator = None,
) -> Labeled:  # fmt: skip
    """A circle of radius 1 (class 0) around one of radius ``factor`` (class 1).

    As scikit-learn's make_circles, but angles are drawn uniformly. Raises ValueError unless
    ``n_samples`` is even and ``factor`` from 0 to below 1, and for negative noise.

    >>> X, y = make_circles(4, noise=0)
    >>> np.hypot(X[:, 0], X[:, 1]).round(3).tolist(), y.tolist()
    ([1.0, 1.0, 0.5, 0.5], [0, 0, 1, 1])
    """
    n = _share("make_circles", n_samples, 2)
    rng = random.generator(generator)
    X = _polar(np.repeat([1.0, factor], n), rng.uniform(0, 2 * np.pi, n_samples))
    return _noisy(X, noise, rng), _labels(2, n)


@checked
def make_moons(
    n_samples: PositiveInt = 200, *, noise: FiniteNonNegative = 0.1, generator: Generator = None
) -> Labeled:
    """Two half circles, each reaching into the other: the upper one is class 0, the lower class 1.

    As scikit-learn's make_moons, but both moons have the same angles, drawn uniformly. Raises
    ValueError unless ``n_samples`` is even, and for negative noise.

    >>> X, y = make_moons(100, generator=np.random.default_rng(0))
    >>> X.shape, int(y.sum())
    ((100, 2), 50)
    """
    n = _share("make_moons", n_samples, 2)
    rng = random.generator(generator)
    angle = rng.uniform(0, np.pi, n)
    upper = _polar(1, angle)
    return _noisy(np.concatenate([upper, [1, 0.5] - upper]), noise, rng), _labels(2, n)


@checked
def make_spirals(
    n_samples: PositiveInt = 200, *, noise: FiniteNonNegative = 0.02, generator: Generator = None
) -> Labeled:
    """Two spirals around each other, from the center out to radius 1, in one and a half turns.

    The second spiral (class 1) is the first one turned by half a circle. Raises ValueError unless
    ``n_samples`` is even, and for negative noise. Lang and Witbrock (1988).

    >>> X, y = make_spirals(2, noise=0)
    >>> np.allclose(X[0], -X[1]), y.tolist()
    (True, [0, 1])
    """
    n = _share("make_spirals", n_samples, 2)
    rng = random.generator(generator)
    radius = np.tile(np.sqrt(rng.uniform(0, 1, n)), 2)  # √: as dense outside as inside
    X = _polar(radius, 3 * np.pi * radius + np.repeat([0, np.pi], n))
    return _noisy(X, noise, rng), _labels(2, n)


@checked
def make_blobs(
    n_samples: PositiveInt = 200, *, centers: ArrayLike = ((-1.5, -1.5), (1.5, 1.5)),
    cluster_std: FiniteNonNegative = 1.0, generator: Generator = None,
) -> Labeled:  # fmt: skip
    """One round Gaussian cloud per center; class k belongs to ``centers[k]``.

    ``centers`` is (K, d), ``cluster_std`` the standard deviation of each coordinate. X is
    (n_samples, d). Raises ValueError for other centers, unless ``n_samples`` is a multiple of K,
    and for a negative ``cluster_std``. As scikit-learn's make_blobs, but in the order of the
    classes.

    >>> X, y = make_blobs(6, centers=[[0, 0], [9, 9], [-9, 9]], generator=np.random.default_rng(0))
    >>> X.shape, y.tolist()
    ((6, 2), [0, 0, 1, 1, 2, 2])
    """
    means = numbers("make_blobs", "centers", centers, "(K, d)")
    n = _share("make_blobs", n_samples, len(means))
    return _noisy(np.repeat(means, n, axis=0), cluster_std, generator), _labels(len(means), n)


@checked
def make_gaussian_classes(
    n_samples: PositiveInt = 1000, *, means: ArrayLike = ((0.0, 0.0), (2.0, 1.0)),
    covariance: ArrayLike = ((1.0, 0.6), (0.6, 2.0)), prior: UnitInterval = 0.3, generator: Generator = None,
) -> Labeled:  # fmt: skip
    """x | y ~ N(m_y, Σ) with P(y = 1) = π: two Gaussian clouds of one shape, in random order.

    ``means`` is (2, d), ``covariance`` Σ (d, d), ``prior`` π. X is (n_samples, d). It is the
    setting in which the posterior of class 1 is exactly a logistic function of x: Fisher (1936).
    Raises ValueError for other shapes, a Σ that is not symmetric and positive definite, π outside
    [0, 1].

    >>> X, y = make_gaussian_classes(5, generator=np.random.default_rng(0))
    >>> X.shape, y.tolist()
    ((5, 2), [0, 1, 1, 1, 0])
    """
    m = numbers("make_gaussian_classes", "means", means, "(2, d)")
    d = m.shape[1]
    sigma = numbers("make_gaussian_classes", "covariance", covariance, f"({d}, {d})")
    if not np.array_equal(sigma, sigma.T) or np.linalg.eigvalsh(sigma)[0] <= 0:
        raise ValueError("make_gaussian_classes: covariance must be symmetric, positive definite")
    rng = random.generator(generator)
    y = (rng.random(n_samples) < prior).astype(np.int64)
    return m[y] + rng.normal(size=(n_samples, d)) @ np.linalg.cholesky(sigma).T, y


@checked
def make_lecun_classes(
    n_samples: PositiveInt = 100,
    *,
    largest_eigenvalue: FinitePositive = 0.84,
    generator: Generator = None,
) -> Table:
    """Two clouds at ±(0.4, 0.8), scaled so that XᵀX / N has the ``largest_eigenvalue``.

    X is (n_samples, 2), y (n_samples,) holds +1.0 for the first half and −1.0 for the second.
    Gradient descent on ½ mean (y − Xw)² diverges from η = 2 / largest_eigenvalue on: the figure of
    LeCun, Bottou, Orr and Müller (1998), "Efficient BackProp".

    Raises ValueError unless ``n_samples`` is even and the eigenvalue above 0.

    >>> X, y = make_lecun_classes(generator=np.random.default_rng(0))
    >>> np.linalg.eigvalsh(X.T @ X / 100).round(4).tolist()
    [0.0323, 0.84]
    """
    n = _share("make_lecun_classes", n_samples, 2)
    y = np.repeat([1.0, -1.0], n)
    X = _noisy(np.outer(y, [0.4, 0.8]), 0.2, generator)
    return X * np.sqrt(largest_eigenvalue / np.linalg.eigvalsh(X.T @ X / n_samples)[-1]), y


@checked
def make_sine(
    n_samples: PositiveInt = 200, *, noise: FiniteNonNegative = 0.1, low: float = 0.0, high: float = 1.0,
    generator: Generator = None,
) -> Table:  # fmt: skip
    """y = sin 2πx + noise at uniform x from ``low`` to ``high``: X is (n_samples, 1), y (n_samples,).

    Raises ValueError unless ``low`` is below ``high``, and for negative noise. The curve of Bishop
    (2006).

    >>> X, y = make_sine(3, noise=0, generator=np.random.default_rng(0))
    >>> bool(np.allclose(y, np.sin(2 * np.pi * X[:, 0])))
    True
    """
    if not -np.inf < low < high < np.inf:
        raise ValueError(f"make_sine: low must be below high, but they are {low} and {high}")
    rng = random.generator(generator)
    X = rng.uniform(low, high, size=(n_samples, 1))
    return X, _noisy(np.sin(2 * np.pi * X[:, 0]), noise, rng)


@checked
def make_flats(
    n_samples: PositiveInt = 500, *, noise: FiniteNonNegative = 20.0, generator: Generator = None
) -> Table:
    """price = 50 + area · (2 + floor / 10) + noise: what a square meter costs depends on the floor.

    X (n_samples, 2) holds area in m² (25 to 120) and floor (1 to 20), y the price in 1000 €. A
    linear model cannot say a product of two features; that is what the set is for. Raises
    ValueError for negative noise or no samples.

    >>> X, y = make_flats(2, noise=0, generator=np.random.default_rng(0))
    >>> np.column_stack([X, y]).round(1).tolist()
    [[85.5, 7.0, 280.9], [50.6, 1.0, 156.3]]
    """
    rng = random.generator(generator)
    area, floor = rng.uniform(25, 120, size=n_samples), rng.integers(1, 21, size=n_samples)
    return np.column_stack([area, floor]), _noisy(50 + area * (2 + floor / 10), noise, rng)


@checked
def make_glm(
    n_samples: PositiveInt = 200, *, weight: ArrayLike = (1.0, -2.0, 0.5), bias: float = 0.0,
    family: Literal["gaussian", "bernoulli", "poisson"] = "gaussian", noise: FiniteNonNegative = 1.0, generator: Generator = None,
) -> Table:  # fmt: skip
    """y drawn around t(w·x + b): the data that a generalized linear model assumes.

    X ~ N(0, 1) is (n_samples, d) for a ``weight`` of d numbers, y (n_samples,). With z = Xw + b the
    ``family`` is "gaussian": y = z + noise; "bernoulli": y = 1 with probability σ(z); or "poisson":
    counts with mean exp(z). Raises ValueError for another family or weight, negative noise, and
    where exp(z) is too large to count. Source: Nelder and Wedderburn (1972).

    >>> X, y = make_glm(4, family="poisson", generator=np.random.default_rng(0))
    >>> X.shape, y.tolist()
    ((4, 3), [1.0, 4.0, 0.0, 0.0])
    """
    w = numbers("make_glm", "weight", weight, "(d,)")
    rng = random.generator(generator)
    X = rng.normal(size=(n_samples, len(w)))
    z = X @ w + bias
    if family == "gaussian":
        return X, _noisy(z, noise, rng)
    if family == "bernoulli":
        return X, (rng.random(len(z)) < 1 / (1 + np.exp(-z))).astype(float)
    if not z.max() < 40:
        raise ValueError(f"make_glm: weight and bias make exp(z) too large: z = {z.max():.3g}")
    return X, rng.poisson(np.exp(z)).astype(float)


@checked
def make_first_sign(
    n_samples: PositiveInt = 64,
    length: PositiveInt = 30,
    *,
    noise: FiniteNonNegative = 0.5,
    generator: Generator = None,
) -> Labeled:
    """Sequences to remember: the first input is ±1, all others are noise; y = 1 where it was +1.

    X is (n_samples, length, 1), y (n_samples,). A network that reads X step by step can only answer
    if it keeps the first input for ``length`` − 1 steps: Bengio, Simard and Frasconi (1994). Raises
    ValueError for negative noise, no samples or no steps.

    >>> X, y = make_first_sign(4, 3, generator=np.random.default_rng(0))
    >>> X[:, 0, 0].tolist(), y.tolist()
    ([1.0, 1.0, 1.0, -1.0], [1, 1, 1, 0])
    """
    rng = random.generator(generator)
    y = rng.integers(0, 2, size=n_samples)
    X = _noisy(np.zeros((n_samples, length, 1)), noise, rng)
    X[:, 0, 0] = 2 * y - 1
    return X, y


@checked
def ring_of_gaussians(
    n_samples: PositiveInt = 128, *, modes: PositiveInt = 8, radius: FinitePositive = 2.0,
    std: FiniteNonNegative = 0.1, generator: Generator = None,
) -> Labeled:  # fmt: skip
    """Small round Gaussian clouds, evenly spaced on a circle: each point belongs to one by chance.

    X is (n_samples, 2), y (n_samples,) says which cloud, counted from the right against the clock. A
    generator that forgets some of the clouds is easily caught: Metz et al. (2017). Raises ValueError
    for a negative ``std`` or ``radius``, no points or no clouds.

    >>> X, y = ring_of_gaussians(4, modes=4, std=0, generator=np.random.default_rng(0))
    >>> X.round().tolist(), y.tolist()
    ([[-0.0, -2.0], [-2.0, 0.0], [-2.0, 0.0], [0.0, 2.0]], [3, 2, 2, 1])
    """
    rng = random.generator(generator)
    y = rng.integers(modes, size=n_samples)
    return _noisy(_polar(radius, 2 * np.pi * y / modes), std, rng), y


@checked
def tiny_grammar(names: Sequence[str] = NAMES, verb: str = "likes") -> list[str]:
    r"""Every sentence of a small language, each with its line's end; for 8 names there are 1,024.

    A name, an adjective and an animal are told first, then told again in one of two orders. Where all
    sentences are equally likely, each has exactly log₂ 1,024 = 10 bits: the best that a model of this
    text can reach is known, as Shannon (1951) asks. Raises TypeError where a name is no word.

    >>> sentences = tiny_grammar()
    >>> len(sentences), sentences[1]
    (1024, 'ana has a red cat. the red cat likes ana.\n')
    """
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"tiny_grammar: names must be a list of words, not {names!r}")
    return [
        f"{name} has a {adjective} {animal}. {again}.\n"
        for name, adjective, animal in product(names, ADJECTIVES, ANIMALS)
        for again in (
            f"{name} {verb} the {adjective} {animal}",
            f"the {adjective} {animal} {verb} {name}",
        )
    ]


def _share(function: str, n_samples: int, parts: int) -> int:
    """How many examples each of ``parts`` equal classes gets."""
    if not parts or n_samples % parts:
        message = f"a multiple of {parts}, for {parts} equal groups, not {n_samples}"
        raise ValueError(f"{function}: n_samples must be {message}")
    return n_samples // parts


def _labels(classes: int, n: int) -> NDArray[np.int64]:
    return np.repeat(np.arange(classes, dtype=np.int64), n)


def _polar(radius: ArrayLike, angle: Floats) -> Floats:
    """The points (N, 2) at these distances and directions from the origin."""
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _noisy(X: Floats, noise: float, generator: Generator) -> Floats:
    return X + noise * random.generator(generator).normal(size=X.shape)
