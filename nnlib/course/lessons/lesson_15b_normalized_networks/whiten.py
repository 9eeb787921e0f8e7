"""True whitening, judged by what all whitenings have in common."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import (
    Arguments,
    Array,
    Case,
    Tolerance,
    Unfit,
    exercise,
    quarters,
    read_only,
)


def correlated(rng: np.random.Generator, N: int, d: int) -> Array:
    """(N, d) with features that go together, and of full rank."""
    mix = np.eye(d) + np.tri(d, k=-1)
    return rng.normal(size=(N, d)) @ (mix * (1.0 + np.arange(d))).T + quarters(rng, d) + 4.0


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    for N, d in ((6, 2), (12, 3), (40, 4)):
        yield Case(f"{N} examples of {d} correlated features", {"X": correlated(rng, N, d)})
    yield Case("one feature", {"X": correlated(rng, 5, 1)})
    yield Case("whole numbers", {"X": np.array([[0, 0], [2, 3], [4, 1], [6, 8]])})
    tilted = np.array([[1.0, 1.0], [-1.0, -1.0], [2.0, -2.0], [-2.0, 2.0]]) + 1.0
    yield Case("features of equal variance, correlated", {"X": tilted})
    yield Case("features of small variance", {"X": correlated(rng, 12, 2) / 100})
    yield Case("float32", {"X": correlated(rng, 12, 2).astype(np.float32)})
    strided = correlated(rng, 16, 4)[::2, ::2]
    yield Case("every other row and column of a larger array", {"X": strided})
    yield Case("an array that must not be written to", {"X": read_only(correlated(rng, 8, 2))})


def whitened(arguments: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """What all whitenings have in common, however they are turned."""
    X, Y = arguments["X"].astype(float), outputs[0].astype(float)
    if Y.shape != X.shape:
        turned = " It looks transposed." if Y.shape == X.T.shape else ""
        raise Unfit(f"Y has shape {Y.shape}, expected {X.shape}: one example per row.{turned}")
    if not np.isfinite(Y).all():
        raise Unfit("Y holds numbers that are not finite.")
    centered = Y - Y.mean(axis=0)
    known = np.column_stack([Y, np.ones(len(Y))])
    lost = X - known @ np.linalg.lstsq(known, X, rcond=None)[0]
    return {
        "the mean of Y": Y.mean(axis=0),
        "the covariance of Y": centered.T @ centered / len(Y),
        "what of X cannot be had back from Y": lost,
    }


@exercise(
    returns=("Y",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    observe=whitened,
    facts=("the mean of Y", "the covariance of Y", "what of X cannot be had back from Y"),
    tolerance=Tolerance(1e-4, 1e-4, "float32 inputs; eigenvalues differ by a factor of 100"),
)
def whiten(X: Array) -> Array:
    N = len(X)
    Xc = X - X.mean(axis=0)
    variance, U = np.linalg.eigh(Xc.T @ Xc / N)
    turned = Xc @ U
    Y: Array = turned / np.sqrt(variance)
    return Y
