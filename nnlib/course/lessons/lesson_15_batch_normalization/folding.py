"""Lesson 15: batch norm folded into the linear layer before it."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only
from nnlib.course.lessons.lesson_15_batch_normalization.batch_norm import (
    FLOAT32,
    LESSON,
    statistics,
)


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
fold_batch_norm.slip(
    "a[:, None] * W",
    "a @ W",
    "`a @ W` sums over the units. Each row of W keeps to itself and gets its own factor: a[:,"
    " None] * W.",
)
fold_batch_norm.slip(
    "np.sqrt(var + eps)",
    "var",
    "You divide by row 1 of running. It holds variances: divide by √(var + ε).",
)
fold_batch_norm.slip(
    "-mean if b is None else b - mean",
    "np.zeros(W.shape[1]) - mean if b is None else b - mean",
    "In place of None you take as many 0s as there are inputs. b has one entry per unit: "
    "W.shape[0].",
)
fold_batch_norm.slip(
    "-mean if b is None else b - mean",
    "(0 if b is None else b) - W.sum(axis=1) * mean",
    "You send the running mean through W. It is the mean of the pre-activations Wx + b, so it"
    " is subtracted as it is.",
)
fold_batch_norm.slip(
    "b is None",
    "not b",
    "Your test whether there is a bias fails on an array: `not b` and `b == None` ask each "
    "entry. Ask `b is None`.",
)
fold_batch_norm.slip(
    "return a[:, None] * W",
    "return (a[:, None] * W).astype(W.dtype)",
    "Your W_new takes over the type of W. Where W holds whole numbers, the fractions are cut off.",
)
