"""How far each weight is from what holds where a loss with an L1 penalty is lowest."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, nonzero, quarters, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, w: Array, lam: float) -> Case:
        X, y = nonzero(rng, N, len(w)), quarters(rng, N)
        return Case(what, {"X": X, "y": y, "w": w, "lam": lam})

    yield case("no weight is 0", 4, nonzero(rng, 3), 0.5)
    yield case("all weights are 0", 5, np.zeros(4), 0.5)
    yield case("all weights are 0, and λ is large", 5, np.zeros(4), 1000.0)
    for lam in (0.25, 2.0, 8.0):
        w = nonzero(rng, 6) * np.array([1, 0, 1, 0, 1, 0])
        yield case("every other weight is 0", 8, w, lam)
    yield case("one weight is tiny, and not 0", 4, np.array([1e-9, -1e-9, 1.5, 0.0]), 3.0)
    yield case("more features than examples", 2, quarters(rng, 5), 1.0)
    yield case("no penalty", 5, np.array([0.0, 1.0, -2.0]), 0.0)
    yield lowest(rng)
    single = case("", 6, np.array([0.5, 0.0, -0.75]), 0.75).args
    single |= {k: single[k].astype(np.float32) for k in ("X", "y", "w")}
    yield Case("float32", single)
    larger = case("", 8, np.array([0.5, 9.0, 0.0, 9.0, -2.0, 9.0]), 0.5).args
    parts = {"X": larger["X"][::2, ::2], "y": larger["y"][::2], "w": larger["w"][::2], "lam": 0.5}
    yield Case("every other entry of larger arrays", parts)
    fixed = case("", 4, np.array([1.0, 0.0, -1.25]), 1.5).args
    fixed |= {k: read_only(fixed[k]) for k in ("X", "y", "w")}
    yield Case("arrays that must not be written to", fixed)


def lowest(rng: np.random.Generator) -> Case:
    """A w at which all gaps are 0: the features do not disturb each other, XᵀX / N = I."""
    X = 2.0 * np.eye(4)
    u, lam = np.array([2.0, -1.5, 0.25, -0.25]), 1.0
    w = np.sign(u) * np.maximum(np.abs(u) - lam / 2, 0)
    return Case("the lowest point itself", {"X": X, "y": X @ u, "w": w, "lam": lam})


@exercise(
    returns=("gaps",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def lasso_gaps(X: Array, y: Array, w: Array, lam: float) -> Array:
    g = 2 / len(y) * X.T @ (X @ w - y)
    too_strong = np.maximum(np.abs(g) - lam, 0)
    gaps: Array = np.where(w == 0, too_strong, np.abs(g + lam * np.sign(w)))
    return gaps
