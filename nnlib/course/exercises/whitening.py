"""Lesson 15, continued: true whitening, and batch norm folded into the layer before it."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.exercises.batch_norm import FLOAT32, LESSON, statistics
from nnlib.course.exercises.neuron import quarters, read_only
from nnlib.course.exercises.specification import (
    Arguments,
    Array,
    Case,
    Tolerance,
    Unfit,
    exercise,
)

# ── whiten ───────────────────────────────────────────────────────────────────────────────────────


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
    "np.corrcoef(X.T).reshape(X.shape[1], -1)",
    "You take the directions of the correlation matrix, but turn data that are not "
    "standardized. Take the covariance, Xcᵀ Xc / N.",
)


# ── fold_batch_norm ──────────────────────────────────────────────────────────────────────────────


def fold_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, W: Array, bias: bool = True, eps: float = 0.25) -> Case:
        out = len(W)
        b = quarters(rng, out) + 0.125 if bias else None
        gamma, beta = rng.integers(2, 9, out) / 4, quarters(rng, out) + 0.375
        running = statistics(rng, out)
        names = ("W", "b", "gamma", "beta", "running", "eps")
        return Case(what, dict(zip(names, (W, b, gamma, beta, running, eps), strict=True)))

    yield Case(
        "the example of the task",
        {
            "W": np.array([[2.0]]),
            "b": np.array([1.0]),
            "gamma": np.array([3.0]),
            "beta": np.array([10.0]),
            "running": np.array([[5.0], [4.0]]),
            "eps": 0.0,
        },
    )
    for shape in ((2, 3), (3, 3), (4, 1)):
        yield case(f"{shape[1]} inputs, {shape[0]} units", quarters(rng, *shape))
    yield case("no bias", quarters(rng, 3, 2), bias=False)
    yield case("whole numbers", rng.integers(-5, 6, (3, 2)))
    yield case("float32", quarters(rng, 2, 3).astype(np.float32))
    yield case("every other row and column of a larger array", quarters(rng, 6, 4)[::2, ::2])
    fixed = case("arrays that must not be written to", quarters(rng, 2, 2))
    for array in fixed.args.values():
        if isinstance(array, np.ndarray):
            read_only(array)
    yield fixed


@exercise(
    lesson=LESSON,
    returns=("W_new", "b_new"),
    inputs=fold_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
    hints=(
        (
            "Write out γ (Wx + b − mean) / √(var + ε) + β for one unit, and collect what multiplies "
            "x and what does not. Both contain the same factor a = γ / √(var + ε)."
        ),
        (
            "W_new is a times W, where a has one entry per *row* of W: `a[:, None] * W`. The rest is "
            "a (b − mean) + β, with b = 0 where there is none."
        ),
    ),
)
def fold_batch_norm(
    W: Array, b: Array | None, gamma: Array, beta: Array, running: Array, eps: float
) -> tuple[Array, Array]:
    mean, var = running
    a = gamma / np.sqrt(var + eps)
    shift = -mean if b is None else b - mean
    return a[:, None] * W, a * shift + beta


fold_batch_norm.slip(
    "a[:, None] * W",
    "a * W",
    "You scale the columns of W (or it does not run). Units are rows: each row has its own factor, "
    "`a[:, None] * W`.",
)
fold_batch_norm.slip(
    "a[:, None] * W",
    "W",
    "W stays as it was. The factor γ / √(var + ε) also multiplies Wx.",
)
fold_batch_norm.slip(
    "a * shift + beta",
    "shift + beta",
    "The bias is not scaled: b − mean stands inside the fraction, so it is multiplied by "
    "γ / √(var + ε) as well.",
)
fold_batch_norm.slip(
    "a * shift + beta",
    "a * shift",
    "β is missing in the new bias.",
)
fold_batch_norm.slip(
    "a * shift + beta",
    "a * (shift + beta)",
    "You scale β too. It is added at the very end: a (b − mean) + β.",
)
fold_batch_norm.slip(
    "-mean if b is None else b - mean",
    "0 * mean if b is None else b",
    "The running mean is missing in the new bias. It is subtracted from every pre-activation: "
    "a (b − mean) + β.",
)
fold_batch_norm.slip(
    "-mean if b is None else b - mean",
    "mean if b is None else b + mean",
    "You add the running mean. Batch norm subtracts it: a (b − mean) + β.",
)
fold_batch_norm.slip(
    "-mean if b is None else b - mean",
    "-mean",
    "The old bias b is lost. The layer adds it before the mean is subtracted: a (b − mean) + β.",
)
fold_batch_norm.slip(
    "np.sqrt(var + eps)",
    "(var + eps)",
    "You divide by the variance. Divide by its square root, √(var + ε).",
)
fold_batch_norm.slip(
    "np.sqrt(var + eps)",
    "np.sqrt(var)",
    "ε is missing: √(var + ε). The folded layer must do exactly what batch norm did.",
)
fold_batch_norm.slip(
    "np.sqrt(var + eps)",
    "(np.sqrt(var) + eps)",
    "Your ε stands outside the root. It is added to the variance: √(var + ε).",
)
fold_batch_norm.slip(
    "gamma / np.sqrt",
    "1 / np.sqrt",
    "γ is missing: the factor is γ / √(var + ε).",
)
fold_batch_norm.slip(
    "gamma / np.sqrt(var + eps)",
    "gamma * np.sqrt(var + eps)",
    "You multiply by √(var + ε). Batch norm divides by it.",
)
fold_batch_norm.slip(
    "mean, var = running",
    "var, mean = running",
    "You read mean and variance the wrong way round: running[0] is the mean, running[1] the variance.",
)
fold_batch_norm.slip(
    "-mean if b is None else b - mean",
    "b - mean",
    "Where b is None it is not handled: such a layer adds nothing, as if b were 0.",
)
fold_batch_norm.slip(
    "-mean if b is None else b - mean",
    "0 * mean if b is None else b - mean",
    "Where b is None you forget the running mean as well. It is still subtracted: b' = −a · "
    "mean + β.",
)
fold_batch_norm.slip(
    "a * shift + beta",
    "None if b is None else a * shift + beta",
    "Where b is None you return no new bias. There always is one: the running mean and β are "
    "in it.",
)
fold_batch_norm.slip(
    "a * shift + beta",
    "shift + mean - a * mean + beta",
    "The old bias is not scaled. It passes through batch norm as Wx does: a b.",
)
fold_batch_norm.slip(
    "a * shift + beta",
    "a * (shift + mean) - mean + beta",
    "The running mean is not scaled. It is subtracted before γ / √(var + ε) multiplies: a (b "
    "− mean).",
)
fold_batch_norm.slip(
    "a * shift + beta",
    "(a * shift + beta)[:, None]",
    "Your b_new is a column, (out, 1). It has shape (out,), as b has.",
)
fold_batch_norm.slip(
    "a * shift + beta",
    "a * shift - beta",
    "You subtract β. Batch norm adds it.",
)
fold_batch_norm.slip(
    "a[:, None] * W",
    "(a[:, None] * W).T",
    "Your W_new is transposed. It is (out, in), as W is: a unit per row.",
)
fold_batch_norm.slip(
    "return a[:, None] * W, a * shift + beta",
    "return a * shift + beta, a[:, None] * W",
    "The two results are in the other order: return W_new first, then b_new.",
)
