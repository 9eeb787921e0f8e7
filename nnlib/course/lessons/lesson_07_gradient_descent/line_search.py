"""A backtracking line search: halve the rate until the loss has fallen by its share."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import (
    FLOAT32,
    Array,
    Case,
    exercise,
    nonzero,
    read_only,
)

Loss = Callable[[Array], float]


def bowl(w: Array) -> float:
    return float((w * w).sum() / 2)


def bowl_gradient(w: Array) -> Array:
    return w.copy()


def ravine(w: Array) -> float:
    return float((STEEPNESS[: len(w)] * w * w).sum() / 2)


def ravine_gradient(w: Array) -> Array:
    gradient: Array = STEEPNESS[: len(w)].astype(w.dtype) * w
    return gradient


def two_valleys(w: Array) -> float:
    return float((w**4 / 4 - w**2 / 2 + 0.15 * w).sum())


def two_valleys_gradient(w: Array) -> Array:
    gradient: Array = w**3 - w + w.dtype.type(0.15)
    return gradient


def until_an_edge(w: Array) -> float:
    """w − ln w, which is no number where a w is below 0."""
    return float((w - np.log(w)).sum()) if (w > 0).all() else float("nan")


def until_an_edge_gradient(w: Array) -> Array:
    return 1 - 1 / w


STEEPNESS = np.array([1.0, 9.0, 4.0, 30.0])
GRADIENTS: dict[Loss, Callable[[Array], Array]] = {
    bowl: bowl_gradient,
    ravine: ravine_gradient,
    two_valleys: two_valleys_gradient,
    until_an_edge: until_an_edge_gradient,
}


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, f: Loss, w: Array, first: float, c: float) -> Case:
        return Case(what, {"f": f, "w": w, "g": GRADIENTS[f](w), "first": first, "c": c})

    yield case("the example of the task", ravine, np.array([0.0, 2.0]), 1.0, 0.125)
    yield case("a bowl, where 1 passes", bowl, nonzero(rng, 3), 1.0, 1e-4)
    yield case("a bowl, with a large first rate", bowl, nonzero(rng, 3), 10.0, 0.2531)
    yield case("f falls by exactly what is asked", bowl, np.array([2.0]), 1.0, 0.5)
    yield case("exactly again, after three failures", bowl, np.array([3.0, -4.0]), 4.0, 0.75)
    yield case("nearly all is asked", bowl, np.array([2.0, 2.0]), 2.0, 0.8977)
    yield case("much is asked", ravine, nonzero(rng, 4), 1.0, 0.8731)
    yield case("little is asked", ravine, nonzero(rng, 4), 3.0, 1e-4)
    far = np.array([-1.75, 1.5]) * rng.choice([1, -1])
    yield case("two valleys", two_valleys, far, 2.0, 0.3019)
    yield case("a small gradient", ravine, np.array([0.01, -0.02, 0.04]), 1.0, 0.5077)
    yield case("a large gradient", ravine, 100 * nonzero(rng, 4), 1.0, 0.5077)
    steep = np.array([0.75, 0.125, 1.5])
    yield case("at first f is not a number", until_an_edge, steep, 5.0, 0.1)
    yield case("float32", ravine, np.array([1.0, -0.5, 2.0], dtype=np.float32), 6.0, 0.6)
    wide = nonzero(rng, 6)
    yield case("every other number of a larger array", ravine, wide[::2], 2.0, 0.6971)
    fixed = case("arrays that must not be written to", ravine, nonzero(rng, 3), 1.5, 0.2077)
    yield Case(
        fixed.what,
        fixed.args | {"w": read_only(fixed.args["w"]), "g": read_only(fixed.args["g"])},
    )
    # On a bowl what passes is η ≤ 2 (1 − c): here the mean of g² lets 1.5 pass, half of c 0.75.
    yield case("nearly all is asked, four weights", bowl, nonzero(rng, 4), 1.5, 0.8977)


MOST = 40  # tries: no right search needs more than 10


def ended(
    answer: Callable[..., Any], f: Loss, w: Array, g: Array, first: float, c: float
) -> tuple[float, int]:
    """The answer, unless its search goes on for ever: then f itself ends it, and says where it is."""
    start, computed = w.copy(), 0

    def counted(place: Array) -> float:
        nonlocal computed
        computed += not np.array_equal(place, start)  # f(w) itself may be computed often
        if computed > MOST:
            where = _where(place, start, g, first)
            raise RuntimeError(f"f was computed at {MOST} places{where}: this search does not end")
        return f(place)

    found: tuple[float, int] = answer(counted, w, g, first, c)
    return found


def _where(place: Array, w: Array, g: Array, first: float) -> str:
    """How far from w a try is, in rates: what differs between searches that never end."""
    rate = float((w - place) @ g) / float(g @ g) if np.shape(place) == w.shape else 0.0
    if rate < 0:
        return ", the last time uphill of w"
    if rate > 2.5 * first:
        return ", the last time far beyond the first rate"
    return ", the last time beyond the first rate" if rate > 1.01 * first else ""


@exercise(
    returns=("η", "tries"),
    inputs=inputs,
    probe=ended,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
    seconds=3.0,
)
def line_search(f: Loss, w: Array, g: Array, first: float, c: float) -> tuple[float, int]:
    here, slope = f(w), (g * g).sum()
    eta, tries = first, 1
    while not f(w - eta * g) <= here - c * eta * slope:
        eta, tries = eta / 2, tries + 1
    return eta, tries
