"""One step on a batch that does not fit into memory: its gradient is added up in parts."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only

Gradient = Callable[[Array, Array], Array]

# Forty examples with two features; large ones among them, so that no two parts look alike.
FEATURES = np.column_stack([np.linspace(-2, 3, 40), np.linspace(1, -1, 40) ** 3])
TARGETS = np.linspace(-1, 2, 40) ** 2 + np.arange(40) % 3


def of_squares(w: Array, rows: Array) -> Array:
    """The mean gradient of ½ (x · w − y)² over some examples."""
    x = FEATURES[rows]
    mean: Array = (x @ w - TARGETS[rows]) @ x / len(x)
    return mean


def of_waves(w: Array, rows: Array) -> Array:
    """The mean gradient of 1 − cos(x · w − y) over some examples."""
    x = FEATURES[rows]
    mean: Array = np.sin(x @ w - TARGETS[rows]) @ x / len(x)
    return mean


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, gradient: Gradient, n: int, limit: int, lr: float = 0.5) -> Case:
        rows = rng.choice(40, n, replace=False)
        w = rng.choice([-1, 1], 2) * rng.integers(2, 13, 2) / 8
        arguments = {"gradient": gradient, "w": w, "rows": rows, "lr": lr, "limit": limit}
        return Case(what, arguments)

    for gradient in (of_squares, of_waves):
        yield case("7 rows, at most 3 at once", gradient, 7, 3)
        yield case("8 rows, at most 4 at once", gradient, 8, 4, 0.25)
        yield case("9 rows, at most 8 at once", gradient, 9, 8)
        yield case("17 rows, at most 5 at once", gradient, 17, 5, 0.125)
        yield case("3 rows, at most 5 at once", gradient, 3, 5)
        yield case("5 rows, one at a time", gradient, 5, 1)
    single = case("float32", of_squares, 11, 4)
    single.args["w"] = single.args["w"].astype(np.float32)
    yield single
    strided = case("every other number of larger arrays", of_waves, 14, 4)
    strided.args["w"] = np.repeat(strided.args["w"], 2)[::2]
    strided.args["rows"] = strided.args["rows"][::2]
    yield strided
    fixed = case("arrays that must not be written to", of_squares, 10, 4)
    for name in ("w", "rows"):
        fixed.args[name] = read_only(fixed.args[name])
    yield fixed


def with_little_memory(
    answer: Callable[..., Any], gradient: Gradient, w: Array, rows: Array, lr: float, limit: int
) -> Any:
    """The call, with a gradient that looks at no more than `limit` rows at once."""

    def limited(w: Array, rows: Array) -> Array:
        rows = np.atleast_1d(np.asarray(rows))
        if len(rows) > limit:
            raise MemoryError("more rows at once than the limit allows")
        if not len(rows):
            raise ValueError("gradient was asked for the mean of no rows at all")
        return gradient(w, rows)

    return answer(limited, w, rows, lr, limit)


@exercise(
    returns=("w",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    probe=with_little_memory,
    tolerance=FLOAT32_SMALL,
)
def big_step(gradient: Gradient, w: Array, rows: Array, lr: float, limit: int) -> Array:
    total = np.zeros(len(w))
    for k in range(0, len(rows), limit):
        part = rows[k : k + limit]
        total = total + len(part) * gradient(w, part)
    return w - lr * total / len(rows)
