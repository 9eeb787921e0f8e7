"""Lesson 15: batch norm in training and in eval mode, with its running statistics."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, Tolerance, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only

LESSON = "15_batch_normalization"
FLOAT32 = Tolerance(1e-5, 1e-5, "float32 inputs, which an answer may keep or widen")


def spread(rng: np.random.Generator, N: int, C: int) -> Array:
    """Random multiples of 1/4, (N, C), no two columns of one mean and none without a spread."""
    Z: Array = quarters(rng, N, C) + 3.0 * np.arange(C) - 1.0
    Z[0] += 4.0
    Z[-1] -= 3.0
    return Z


def statistics(rng: np.random.Generator, C: int) -> Array:
    """Running statistics (2, C): means, and variances from 1/4 to 4."""
    return np.stack([quarters(rng, C), rng.integers(1, 17, C) / 4])


# ── batch_norm ───────────────────────────────────────────────────────────────────────────────────


def forward_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, Z: Array, running: Array | None, training: bool, eps: float = 0.25) -> Case:
        C = Z.shape[1]
        gamma, beta = rng.integers(2, 9, C) / 4, quarters(rng, C) + 0.125
        names = ("Z", "gamma", "beta", "running", "training", "momentum", "eps")
        return Case(
            what, dict(zip(names, (Z, gamma, beta, running, training, 0.1, eps), strict=True))
        )

    yield case("the first batch, of two", np.array([[1.0], [3.0]]), None, True, 1e-5)
    yield case("a first batch", spread(rng, 4, 3), None, True)
    for N, C in ((4, 2), (3, 3)):
        yield case("a later batch", spread(rng, N, C), statistics(rng, C), True)
        yield case("eval mode", spread(rng, N, C), statistics(rng, C), False)
    yield case("eval mode before any batch", spread(rng, 4, 2), None, False)
    yield case("eval mode, one example", spread(rng, 1, 3), statistics(rng, 3), False)
    yield case("training on one example", quarters(rng, 1, 3), statistics(rng, 3), True)
    constant = np.column_stack([np.full(4, 2.0), spread(rng, 4, 1)])
    yield case("a unit that never varies", constant, None, True, 1e-5)
    yield case("whole numbers", rng.integers(-9, 10, (5, 2)), None, True)
    yield case("float32", spread(rng, 5, 2).astype(np.float32), None, True)
    strided = spread(rng, 8, 4)[::2, ::2]
    yield case("every other row and column of a larger array", strided, statistics(rng, 2), True)
    fixed = read_only(spread(rng, 4, 2)), read_only(statistics(rng, 2))
    yield case("arrays that must not be written to", *fixed, True)


@exercise(
    lesson=LESSON,
    returns=("Y", "running"),
    inputs=forward_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
    hints=(
        (
            "First decide which mean and variance normalize Z: the batch's own in training, the rows "
            "of `running` in eval mode. Then one line gives Y for both. Every mean and variance is "
            "one number per unit, so `axis=0`."
        ),
        (
            "In training, `new = np.stack([Z.mean(axis=0), Z.var(axis=0, ddof=1)])` is what moves "
            "`running`: (1 − momentum) · running + momentum · new, as a new array. What normalizes "
            "is Z.var(axis=0), without ddof."
        ),
    ),
)
def batch_norm(
    Z: Array, gamma: Array, beta: Array, running: Array | None,
    training: bool, momentum: float, eps: float,
) -> tuple[Array, Array]:  # fmt: skip
    N, C = Z.shape
    if training and N < 2:
        raise ValueError("a batch of one is its own mean")
    if running is None:
        running = np.stack([np.zeros(C), np.ones(C)])
    mean, var = running
    if training:
        mean = Z.mean(axis=0)
        var = Z.var(axis=0)
        new = np.stack([mean, Z.var(axis=0, ddof=1)])
        running = (1 - momentum) * running + momentum * new
    Y = gamma * ((Z - mean) / np.sqrt(var + eps)) + beta
    return Y, running


batch_norm.slip(
    "((Z - mean) / np.sqrt(var + eps)) + beta",
    "Z + beta",
    "Y is γ Z + β: you scale what came in, not what was normalized. y = γ ẑ + β, equation (4).",
)
batch_norm.slip(
    "gamma * ((Z - mean) / np.sqrt(var + eps)) + beta",
    "(Z - mean) / np.sqrt(var + eps)",
    "γ and β are missing: you return Ẑ. The unit gets its scale and its shift back: Y = γ Ẑ + β.",
)
batch_norm.slip(
    "gamma * ((Z - mean) / np.sqrt(var + eps)) + beta",
    "gamma * ((Z - mean) / np.sqrt(var + eps) + beta)",
    "γ also multiplies your β. First γ Ẑ, then β is added: Y = γ Ẑ + β.",
)
batch_norm.slip(
    "np.sqrt(var + eps)",
    "(var + eps)",
    "You divide by the variance. Divide by its square root: ẑ = (z − z̄) / √(v + ε).",
)
batch_norm.slip(
    "np.sqrt(var + eps)",
    "(np.sqrt(var) + eps)",
    "Your ε stands outside the root. It is added to the variance: √(v + ε), not √v + ε.",
)
batch_norm.slip(
    "var + eps",
    "var",
    "ε is missing: √(v + ε). Without it a unit that never varies divides 0 by 0.",
)
batch_norm.slip(
    "Z.var(axis=0, ddof=1)",
    "var",
    "You store the biased variance. It normalizes this batch, but the running statistics keep the "
    "unbiased one, N / (N − 1) times as large (`ddof=1`).",
)
batch_norm.slip(
    "Z.var(axis=0, ddof=1)",
    "var * (N - 1) / N",
    "Your unbiased variance is smaller than the biased one. It is larger: v · N / (N − 1).",
)
batch_norm.slip(
    "var = Z.var(axis=0)\n",
    "var = Z.var(axis=0, ddof=1)\n",
    "You normalize with the unbiased variance. It is stored in the running statistics, but this "
    "batch is divided by the root of its own, biased one: `Z.var(axis=0)`, without ddof.",
)
batch_norm.slip(
    "(1 - momentum) * running + momentum * new",
    "momentum * running + (1 - momentum) * new",
    "Your momentum weighs the old statistics. Here, as in PyTorch, it weighs the new batch: "
    "(1 − m) · running + m · new. (Keras has it the other way round.)",
)
batch_norm.slip(
    "(1 - momentum) * running + momentum * new",
    "new",
    "Your running statistics are those of the last batch. Keep 1 − m of what was there, and add m "
    "times the new.",
)
batch_norm.slip(
    "(1 - momentum) * running + momentum * new",
    "running + momentum * new",
    "Your running statistics only grow: of the old ones 1 − m is kept, not all.",
)
batch_norm.slip(
    "np.ones(C)",
    "np.zeros(C)",
    "Your running variance starts at 0. It starts at 1 (and the mean at 0): before any batch, eval "
    "mode leaves Z as it is, but for γ, β and ε.",
)
batch_norm.slip(
    "    if training:\n",
    "    if True:\n",
    "Your eval mode still uses the batch. There z̄ and v are the rows of `running`, which stay as "
    "they are.",
)
batch_norm.slip(
    "training and N < 2",
    "N < 2",
    "You refuse a single example in eval mode too. There it is welcome: the running statistics do "
    "not come from it. Only training needs two.",
)
batch_norm.slip(
    "training and N < 2",
    "False",
    "Training on one example goes through. It is its own mean, so nothing would be left of it: "
    "raise a ValueError.",
)


batch_norm.slip(
    "    Y = ",
    "    mean, var = running\n    Y = ",
    "In training you normalize by the running statistics. They are for eval mode; a training batch "
    "is normalized by its own mean and variance.",
)
batch_norm.slip(
    "    Y = ",
    "    if training: mean, var = Z.mean(axis=1)[:, None], Z.var(axis=1)[:, None]\n    Y = ",
    "You normalize each example over its units. Batch norm treats each unit by itself, over the "
    "batch: axis=0, one mean and one variance per column.",
)
batch_norm.slip(
    "    Y = ",
    "    if training: mean, var = Z.mean(), Z.var()\n    Y = ",
    "You take one mean and one variance of the whole batch. Each unit has its own: axis=0.",
)
batch_norm.slip(
    "running = np.stack([np.zeros(C), np.ones(C)])\n",
    "running, momentum = np.stack([np.zeros(C), np.ones(C)]), 1.0\n",
    "Your first batch becomes the running statistics as it is. It only moves them, by the factor "
    "m = momentum, from their start at mean 0 and variance 1.",
)
batch_norm.slip(
    "    return Y, running",
    "    new = np.stack([Z.mean(axis=0), Z.var(axis=0) * N / max(N - 1, 1)])\n"
    "    if not training: running = (1 - momentum) * running + momentum * new\n"
    "    return Y, running",
    "Eval mode moves your running statistics. Only training does: else the answers would depend on "
    "what was asked before.",
)
batch_norm.slip(
    ") + beta",
    ")",
    "β is missing: Y = γ Ẑ + β.",
)
batch_norm.slip(
    "gamma * (",
    "(",
    "γ is missing: Y = γ Ẑ + β.",
)
batch_norm.slip(
    "gamma * ((Z - mean) / np.sqrt(var + eps)) + beta",
    "beta * ((Z - mean) / np.sqrt(var + eps)) + gamma",
    "γ and β have changed places: γ multiplies, β is added.",
)
batch_norm.slip(
    "(Z - mean)",
    "Z",
    "The mean is not subtracted: ẑ = (z − z̄) / √(v + ε).",
)
batch_norm.slip(
    "((Z - mean) / np.sqrt(var + eps))",
    "(Z - mean)",
    "You only subtract the mean. Divide by √(v + ε), too.",
)
batch_norm.slip(
    "return Y, running",
    "return Y, running[::-1]",
    "The rows of your running statistics are in the wrong order: first the means, then the "
    "variances.",
)
batch_norm.slip(
    "return Y, running",
    "return running, Y",
    "The two results are in the other order: return Y first, then running.",
)
batch_norm.slip(
    "(1 - momentum) * running + momentum * new",
    "running",
    "Your running statistics never move. In training, return (1 − m) · running + m · (the "
    "batch's).",
)
batch_norm.slip(
    "(1 - momentum) * running + momentum * new",
    "np.stack([mean, var])",
    "You return the batch's own mean and biased variance. They move the running statistics by "
    "the factor m, and the variance that does so is the unbiased one.",
)
batch_norm.slip(
    "(1 - momentum) * running + momentum * new",
    "(1 - momentum) * running + new",
    "What is new is not weighed: it comes in by the factor m, (1 − m) · running + m · new.",
)
batch_norm.slip(
    "Z.var(axis=0, ddof=1)",
    "Z.std(axis=0, ddof=1)",
    "You store standard deviations. Row 1 of running holds variances.",
)
batch_norm.slip(
    "Z.var(axis=0, ddof=1)",
    "Z.var(axis=0, ddof=1) + eps",
    "You store the variance with ε. ε is added where it is divided by, not in the statistics.",
)
batch_norm.slip(
    "    if running is None:\n        running = np.stack([np.zeros(C), np.ones(C)])\n",
    "",
    "Before the first batch, running is None: take means of 0 and variances of 1 in its "
    "place, before you use it.",
)
batch_norm.slip(
    "raise ValueError",
    "raise AssertionError",
    'A batch of one has to raise a ValueError: `raise ValueError("…")`, not an assert.',
)
batch_norm.slip(
    "        new = np.stack([mean, Z.var(axis=0, ddof=1)])\n",
    "    if training or N > 1:\n        new = np.stack([Z.mean(axis=0), Z.var(axis=0, ddof=1)])\n",
    "The line that moves running is reached in eval mode too. There running is returned as it is.",
)
batch_norm.slip(
    "np.stack([np.zeros(C), np.ones(C)])",
    "np.stack([Z.mean(axis=0), Z.var(axis=0, ddof=1)])",
    "Where running is None you start it at this batch's statistics. It starts at means of 0 "
    "and variances of 1, in both modes.",
)
batch_norm.slip(
    "np.stack([mean, Z.var(axis=0, ddof=1)])",
    "np.stack([Z.var(axis=0, ddof=1), mean])",
    "The new statistics come as variance, mean: they move the wrong rows of running. Row 0 "
    "holds the means.",
)
batch_norm.slip(
    "mean, var = running",
    "var, mean = running",
    "You read running the wrong way round: row 0 holds the means, row 1 the variances.",
)
batch_norm.slip(
    "return Y, running",
    "return Y, (None if not training and (running.T == [0, 1]).all() else running)",
    "In eval mode before any batch you return None as running. Return the 0s and 1s it stands for.",
)
batch_norm.slip(
    "N < 2",
    "N <= 2",
    "You refuse a batch of two. Only a batch of one has no spread.",
)
batch_norm.slip(
    "running is None",
    "running == None",
    "Where running is an array, your test for None fails: `running == None` and `not running`"
    " ask each entry. Ask `running is None`.",
)
