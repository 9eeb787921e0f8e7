"""Ridge regression with a bias that is not penalized."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, d: int, lam: float) -> Case:
        X = rng.normal(size=(N, d)) * rng.uniform(0.5, 2, d) + rng.uniform(1, 3, d)
        y = X @ rng.normal(size=d) + rng.uniform(2, 4) + rng.normal(size=N)
        return Case(what, {"X": X, "y": y, "lam": lam})

    yield case("12 examples, 3 features", 12, 3, 0.5)
    yield case("one feature", 8, 1, 0.25)
    yield case("one example more than features", 5, 4, 0.7)
    yield case("two examples of one feature", 2, 1, 0.3)
    yield case("a strong penalty", 10, 2, 20.0)
    yield case("a weak penalty", 30, 4, 0.01)
    high = case("a y far from 0", 9, 2, 0.4).args
    yield Case("a y far from 0", high | {"y": high["y"] + 50})
    single = case("", 12, 3, 0.6).args
    yield Case("float32", {k: v.astype(np.float32) for k, v in arrays(single)} | {"lam": 0.6})
    strided = case("", 20, 4, 0.35).args
    yield Case(
        "every other example and feature of larger arrays",
        {"X": strided["X"][::2, ::2], "y": strided["y"][::2], "lam": 0.35},
    )
    fixed = case("", 7, 2, 0.8).args
    what = "arrays that must not be written to"
    yield Case(what, {k: read_only(v) for k, v in arrays(fixed)} | {"lam": 0.8})


def arrays(args: dict[str, Array]) -> list[tuple[str, Array]]:
    return [(name, args[name]) for name in ("X", "y")]


@exercise(
    returns=("w", "b"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def ridge_fit(X: Array, y: Array, lam: float) -> tuple[Array, Array]:
    N, d = X.shape
    mean = X.mean(axis=0)
    Z = X - mean  # its columns add up to 0, so that any constant in y drops out
    w = np.linalg.solve(Z.T @ Z / N + lam * np.eye(d), Z.T @ y / N)
    return w, y.mean() - np.sum(mean * w)
