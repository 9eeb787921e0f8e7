"""A proximal step that switches off whole rows."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, rows: int, columns: int, lr: float, lam: float) -> Case:
        W, G = rng.normal(size=(2, rows, columns))
        W[:: max(rows // 2, 1)] *= 4  # some rows are long
        return Case(what, {"W": W, "G": G, "lr": lr, "lam": lam})

    W, G = np.array([[3.0, 4.0], [0.3, -0.4]]), np.zeros((2, 2))
    yield Case("no gradient", {"W": W, "G": G, "lr": 0.5, "lam": 2.0})
    yield case("5 rows of 3", 5, 3, 0.5, 2.0)
    yield case("as many rows as columns", 4, 4, 0.25, 3.0)
    yield case("a single row", 1, 4, 0.1, 4.0)
    yield case("a single column: each row is one number", 6, 1, 0.5, 1.0)
    yield case("no penalty", 3, 2, 0.2, 0.0)
    yield case("a penalty that switches off all rows", 4, 3, 0.5, 100.0)
    zeros = case("", 4, 3, 0.5, 1.5).args
    zeros["W"][1], zeros["G"][1] = 0, 0
    yield Case("a row is 0, and has no gradient", zeros)
    gone = case("", 3, 3, 0.5, 1.0).args
    gone["W"][2] = 0.5 * gone["G"][2]
    yield Case("a row lands on 0 by its gradient alone", gone)
    single = case("", 4, 2, 0.3, 1.2).args
    yield Case("float32", single | {k: single[k].astype(np.float32) for k in ("W", "G")})
    larger = case("", 8, 6, 0.4, 1.5).args
    parts = {k: larger[k][::2, ::2] for k in ("W", "G")}
    yield Case("every other row and column of larger arrays", larger | parts)
    fixed = case("", 3, 4, 0.2, 2.5).args
    what = "arrays that must not be written to"
    yield Case(what, fixed | {k: read_only(fixed[k]) for k in ("W", "G")})


@exercise(
    returns=("new W",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def rows_step(W: Array, G: Array, lr: float, lam: float) -> Array:
    U = W - lr * G
    lengths = np.linalg.norm(U, axis=1, keepdims=True)
    left = np.maximum(lengths - lr * lam, 0)
    new: Array = U * left / np.where(lengths > 0, lengths, np.inf)
    return new
