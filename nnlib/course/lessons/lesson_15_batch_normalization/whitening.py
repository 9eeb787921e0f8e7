"""Lesson 15: true whitening, judged by what all whitenings have in common."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import (
    Arguments,
    Array,
    Case,
    Tolerance,
    Unfit,
    exercise,
)
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only
from nnlib.course.lessons.lesson_15_batch_normalization.batch_norm import LESSON


def correlated(rng: np.random.Generator, N: int, d: int) -> Array:
    """(N, d) with features that go together, and of full rank."""
    mix = np.eye(d) + np.tri(d, k=-1)
    return rng.normal(size=(N, d)) @ (mix * (1.0 + np.arange(d))).T + quarters(rng, d) + 4.0


def whiten_inputs(rng: np.random.Generator) -> Iterator[Case]:
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
    lesson=LESSON,
    returns=("Y",),
    inputs=whiten_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    observe=whitened,
    facts=("the mean of Y", "the covariance of Y", "what of X cannot be had back from Y"),
    tolerance=Tolerance(1e-4, 1e-4, "float32 inputs; eigenvalues differ by a factor of 100"),
    hints=(
        (
            "Center X, and compute C = Xcᵀ Xc / N, of shape (d, d). `np.linalg.eigh(C)` gives the "
            "variances λ along its own directions, and these directions as the *columns* of U."
        ),
        (
            "`Xc @ U` are the coordinates along these directions: uncorrelated, with the variances "
            "λ. Divide each by its standard deviation, √λ."
        ),
    ),
)
def whiten(X: Array) -> Array:
    N = len(X)
    Xc = X - X.mean(axis=0)
    variance, U = np.linalg.eigh(Xc.T @ Xc / N)
    turned = Xc @ U
    Y: Array = turned / np.sqrt(variance)
    return Y


whiten.slip(
    "turned / np.sqrt(variance)",
    "Xc / Xc.std(axis=0)",
    "You standardize, as batch norm does: each feature has variance 1, but they are as correlated "
    "as before. First turn to the directions U in which there is no correlation.",
)
whiten.slip(
    "turned / np.sqrt(variance)",
    "turned",
    "You turn, but do not rescale: no correlation is left, but the variances are λ. Divide each "
    "column by √λ.",
)
whiten.slip(
    "turned / np.sqrt(variance)",
    "turned / variance",
    "You divide by λ. λ is a variance; what is divided by is the standard deviation, √λ.",
)
whiten.slip(
    "turned / np.sqrt(variance)",
    "turned * np.sqrt(variance)",
    "You multiply by √λ, which makes large variances larger. Divide.",
)
whiten.slip(
    "X - X.mean(axis=0)",
    "X",
    "You do not center X: subtract the mean of each feature first, also for the covariance.",
)
whiten.slip(
    "turned = Xc @ U",
    "turned = X @ U",
    "Your covariance is right, but you turn X itself: its mean is still in Y. Turn the centered Xc.",
)
whiten.slip(
    "Xc @ U",
    "Xc @ U.T",
    "The eigenvectors are the columns of U: the coordinates along them are Xc @ U, not Xc @ U.T.",
)
whiten.slip(
    "Xc.T @ Xc / N",
    "Xc.T @ Xc / (N - 1)",
    "You divide the covariance by N − 1. In this task, as in batch norm, it is N.",
)
whiten.slip(
    "Xc.T @ Xc / N",
    "Xc.T @ Xc",
    "The covariance lacks its 1/N: it is a mean over the examples.",
)
whiten.slip(
    "X.mean(axis=0)",
    "X.mean()",
    "You subtract one mean of the whole table. Each feature has its own: axis=0.",
)
whiten.slip(
    "X.mean(axis=0)",
    "X.mean(axis=1, keepdims=True)",
    "You subtract the mean of each example. The mean of each feature is asked for: axis=0.",
)
whiten.slip(
    "turned / np.sqrt(variance)",
    "Xc / Xc.std(axis=0) @ U",
    "You scale the features first and turn them afterwards: then their correlation comes back as "
    "unequal variances. Turn first, then divide by √λ.",
)
whiten.slip(
    "turned / np.sqrt(variance)",
    "(Xc @ U.T / np.sqrt(variance)) @ U",
    "U and Uᵀ have changed places: Xc @ U are the coordinates along the directions, and @ U.T "
    "turns back.",
)
whiten.slip(
    "turned / np.sqrt(variance)",
    "Xc @ (U / np.sqrt(variance)[:, None])",
    "You divide the rows of U by √λ. Each λ belongs to a *column* of U, and so of Xc @ U.",
)
whiten.slip(
    "turned / np.sqrt(variance)",
    "Xc @ np.linalg.inv(np.linalg.cholesky(Xc.T @ Xc / N))",
    "With C = L Lᵀ, A is the *transpose* of L⁻¹ for examples in rows: Xc @ inv(L).T.",
)
whiten.slip(
    "turned / np.sqrt(variance)",
    "turned / np.sqrt(variance) + X.mean(axis=0)",
    "You add the mean back. White data have mean 0.",
)
whiten.slip(
    "turned / np.sqrt(variance)",
    "turned / turned.std()",
    "You divide by one number for all. Each direction has its own standard deviation, √λ.",
)
whiten.slip(
    "variance, U =",
    "U, variance =",
    "`np.linalg.eigh` gives the λ first, then U. You have them the other way round.",
)
whiten.slip(
    "Xc.T @ Xc / N",
    "np.corrcoef(X.T)",
    "You take the directions of the correlation matrix, but turn data that are not "
    "standardized. Take the covariance, Xcᵀ Xc / N.",
)
whiten.slip(
    "np.linalg.eigh(Xc.T @ Xc / N)",
    "np.linalg.eigh(np.cov(X.T))",
    "`np.cov` divides by N − 1 (and of one feature it makes a number, no matrix). Compute Xcᵀ"
    " Xc / N.",
)
whiten.slip(
    "np.linalg.eigh(Xc.T @ Xc / N)",
    "np.linalg.eigh(np.cov(X.T, bias=True))",
    "Of one feature `np.cov` makes a number, and `eigh` needs a matrix. Xcᵀ Xc / N is (1, 1).",
)
whiten.slip(
    "Xc.T @ Xc / N",
    "Xc @ Xc.T / N",
    "No call comes to its end. If it is the shapes: the covariance is Xcᵀ Xc, (d, d), while "
    "Xc Xcᵀ is (N, N).",
)
whiten.slip(
    "Xc.T @ Xc / N",
    "Xc.T @ Xc / X.shape[1]",
    "You divide the covariance by the number of features. It is a mean over the N examples.",
)
whiten.slip(
    "turned / np.sqrt(variance)",
    "Xc / np.sqrt(variance)",
    "You divide by √λ without turning: the λ belong to the directions U, not to the features."
    " Divide Xc @ U.",
)
whiten.slip(
    "turned / np.sqrt(variance)",
    "turned / X.std(axis=0)",
    "You turn, but then divide by the spreads of the features. Along the directions U they are √λ.",
)
whiten.slip(
    "np.sqrt(variance)",
    "np.sqrt(variance + 1e-5)",
    "You add an ε, as batch norm does. Here no λ is 0, and the variances have to be exactly 1.",
)
whiten.slip(
    "turned / np.sqrt(variance)",
    "Xc @ np.linalg.inv(Xc.T @ Xc / N)",
    "You multiply by C⁻¹. That is too much by a root: A has to fulfill Aᵀ C A = I.",
)
whiten.slip(
    "return Y",
    "return Y, U",
    "You return more than Y, or rows of unequal length. Return the array Y alone.",
)
