"""Lesson 15: the backward pass of batch norm, in training and in eval mode."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only
from nnlib.course.lessons.lesson_15_batch_normalization.batch_norm import (
    FLOAT32,
    LESSON,
    spread,
    statistics,
)


def backward_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, dY: Array, Z: Array, running: Array | None, eps: float = 0.25) -> Case:
        gamma = rng.integers(2, 9, Z.shape[1]) / 4
        return Case(what, {"dY": dY, "Z": Z, "gamma": gamma, "running": running, "eps": eps})

    def gradient(N: int, C: int) -> Array:
        return quarters(rng, N, C) + np.arange(C) + 0.5  # never of mean 0

    yield case("two examples", np.array([[1.0], [2.0]]), np.array([[1.0], [3.0]]), None)
    for N, C in ((4, 2), (3, 3)):
        yield case("training", gradient(N, C), spread(rng, N, C), None)
        yield case("eval mode", gradient(N, C), spread(rng, N, C), statistics(rng, C))
    yield case("eval mode, one example", gradient(1, 3), spread(rng, 1, 3), statistics(rng, 3))
    constant = np.column_stack([np.full(4, 2.0), spread(rng, 4, 1)])
    yield case("a unit that never varies", gradient(4, 2), constant, None)
    whole = np.cumsum(rng.integers(1, 9, (5, 2)), axis=0)
    yield case("whole numbers", rng.integers(1, 9, (5, 2)), whole, None)
    single = gradient(5, 2).astype(np.float32), spread(rng, 5, 2).astype(np.float32)
    yield case("float32", *single, None)
    strided = gradient(8, 4)[::2, ::2], spread(rng, 8, 4)[::2, ::2]
    yield case("every other row and column of larger arrays", *strided, None)
    fixed = read_only(gradient(4, 2)), read_only(spread(rng, 4, 2)), read_only(statistics(rng, 2))
    yield case("arrays that must not be written to", *fixed)


@exercise(
    lesson=LESSON,
    returns=("dZ", "dgamma", "dbeta"),
    inputs=backward_inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32,
    hints=(
        (
            "Compute s = √(v + ε) and Ẑ first, from the batch or from `running`. ∂L/∂γ and ∂L/∂β are "
            "sums over the batch, the same in both modes. Then ask what of Ẑ depends on Z in each "
            "mode: in eval mode, s and the mean are constants."
        ),
        (
            "In eval mode only the direct way is left: dZ = γ / s · dY. In training subtract two "
            "means over the batch from dY, as in equation (7): that of dY, and Ẑ times that of dY · Ẑ."
        ),
    ),
)
def batch_norm_backward(
    dY: Array, Z: Array, gamma: Array, running: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    mean, var = (Z.mean(axis=0), Z.var(axis=0)) if running is None else running
    s = np.sqrt(var + eps)
    Z_hat = (Z - mean) / s
    left = dY
    if running is None:
        left = dY - dY.mean(axis=0) - Z_hat * (dY * Z_hat).mean(axis=0)
    dgamma = (dY * Z_hat).sum(axis=0)
    dbeta = dY.sum(axis=0)
    dZ = gamma / s * left
    return dZ, dgamma, dbeta


batch_norm_backward.slip(
    "    if running is None:\n",
    "    if False:\n",
    "Your training mode treats z̄ and s as constants. They depend on every z of the batch: "
    "two more ways lead from Ẑ back to Z, and each gives a term of (7).",
)
batch_norm_backward.slip(
    "    if running is None:\n",
    "    if True:\n",
    "Your eval mode has the terms of the training mode. There z̄ and s are running numbers "
    "that do not depend on Z, so only the direct way is left.",
)
batch_norm_backward.slip(
    "(Z.mean(axis=0), Z.var(axis=0)) if running is None else running",
    "(Z.mean(axis=0), Z.var(axis=0)); running = None",
    "You never look at running: in eval mode it holds z̄ and v, and only the direct way is left.",
)
batch_norm_backward.slip(
    "(Z.mean(axis=0), Z.var(axis=0)) if running is None else running",
    "(Z.mean(axis=0), Z.var(axis=0))",
    "Your eval mode takes mean and variance from the batch. They are the rows of running.",
)
batch_norm_backward.slip(
    "(Z.mean(axis=0), Z.var(axis=0)) if running is None else running",
    "running",
    "In training, running is None, and cannot be taken apart: z̄ and v are then the batch's own.",
)
batch_norm_backward.slip(
    "dY - dY.mean(axis=0) - Z_hat * (dY * Z_hat).mean(axis=0)",
    "dY - Z_hat * (dY * Z_hat).mean(axis=0)",
    "The way through the mean is missing: subtract the mean of dY over the batch.",
)
batch_norm_backward.slip(
    "dY - dY.mean(axis=0) - Z_hat * (dY * Z_hat).mean(axis=0)",
    "dY - dY.mean(axis=0)",
    "The way through the spread is missing: subtract Ẑ times the mean of dY · Ẑ over the batch.",
)
batch_norm_backward.slip(
    "dY - dY.mean(axis=0) - Z_hat * (dY * Z_hat).mean(axis=0)",
    "dY - dY.sum(axis=0) - Z_hat * (dY * Z_hat).sum(axis=0)",
    "1/N is missing in both ways: what is subtracted are *means* over the batch, not sums.",
)
batch_norm_backward.slip(
    "(dY * Z_hat).mean(axis=0)",
    "(dY * Z_hat).sum(axis=0)",
    "In the way through the spread a 1/N is missing: it is Ẑ times the *mean* of dY · Ẑ.",
)
batch_norm_backward.slip(
    "dY - dY.mean(axis=0)",
    "dY - dY.sum(axis=0)",
    "In the way through the mean a 1/N is missing: subtract the *mean* of dY, not the sum.",
)
batch_norm_backward.slip(
    "- Z_hat *",
    "+ Z_hat *",
    "The way through the spread has the wrong sign: a larger s makes Ẑ smaller, so its term "
    "is subtracted.",
)
batch_norm_backward.slip(
    "dY - dY.mean",
    "dY + dY.mean",
    "The way through the mean has the wrong sign: z̄ is subtracted from Z, so its term is too.",
)
batch_norm_backward.slip(
    "dY - dY.mean(axis=0) - Z_hat * (dY * Z_hat).mean(axis=0)",
    "dY + dY.mean(axis=0) + Z_hat * (dY * Z_hat).mean(axis=0)",
    "Both means have the wrong sign in dZ: they are subtracted from dY.",
)
batch_norm_backward.slip(
    "- Z_hat * (dY",
    "- (dY",
    "A factor Ẑ is missing: the mean of dY · Ẑ is one number per unit, and each example gets "
    "its own ẑ times that.",
)
batch_norm_backward.slip(
    "dY - dY.mean(axis=0) - Z_hat * (dY * Z_hat).mean(axis=0)",
    "dY - dY.mean(axis=0) - (Z - mean) * (dY * (Z - mean)).mean(axis=0)",
    "In the way through the spread you use Z − z̄. Both factors are Ẑ, which is divided by s.",
)
batch_norm_backward.slip(
    "dY - dY.mean(axis=0) - Z_hat * (dY * Z_hat).mean(axis=0)",
    "dY - dY.mean() - Z_hat * (dY * Z_hat).mean()",
    "Your means run over all units. Each unit has its own: axis=0.",
)
batch_norm_backward.slip(
    "dY - dY.mean(axis=0) - Z_hat * (dY * Z_hat).mean(axis=0)",
    "dY - (dY.mean(axis=0) + Z_hat * (dY * Z_hat).mean(axis=0)) / gamma",
    "γ multiplies only the direct way. It multiplies all three: ∂L/∂ẑ = γ ∂L/∂y.",
)
batch_norm_backward.slip(
    "gamma / s * left",
    "left / s",
    "γ is missing in dZ: it stands between Ẑ and Y, so ∂L/∂ẑ = γ ∂L/∂y.",
)
batch_norm_backward.slip(
    "gamma / s * left",
    "gamma * left",
    "dZ is not divided by s: ẑ = (z − z̄) / s, so the gradient is divided by s as well.",
)
batch_norm_backward.slip(
    "gamma / s * left",
    "gamma / s**2 * left",
    "dZ is divided by s² (or by v + ε). Once by s is enough: s = √(v + ε).",
)
batch_norm_backward.slip(
    "gamma / s * left",
    "gamma / s * left / len(Z)",
    "dZ is divided by N. Only the two means in it have a 1/N.",
)
batch_norm_backward.slip(
    "(dY * Z_hat).sum",
    "(dY * Z).sum",
    "Your dγ sums dY · Z. What γ multiplies is Ẑ: dγ = Σ dY · Ẑ.",
)
batch_norm_backward.slip(
    "(dY * Z_hat).sum",
    "(dY * (Z - mean)).sum",
    "Your dγ sums dY · (Z − z̄). What γ multiplies is Ẑ, which is divided by s.",
)
batch_norm_backward.slip(
    "(dY * Z_hat).sum",
    "(gamma * dY * Z_hat).sum",
    "γ is in your dγ. y = γ ẑ + β, so ∂y/∂γ = ẑ alone.",
)
batch_norm_backward.slip(
    "dbeta = dY.sum",
    "dbeta = (gamma * dY).sum",
    "γ is in your dβ. y = γ ẑ + β, so ∂y/∂β = 1.",
)
batch_norm_backward.slip(
    "np.sqrt(var + eps)",
    "np.sqrt(var)",
    "ε is missing in s = √(v + ε). The backward pass must use the very s of the forward pass.",
)
batch_norm_backward.slip(
    "np.sqrt(var + eps)",
    "(var + eps)",
    "You take s = v + ε, without the root: s = √(v + ε).",
)
batch_norm_backward.slip(
    "np.sqrt(var + eps)",
    "(np.sqrt(var) + eps)",
    "Your ε stands outside the root: s = √(v + ε).",
)
batch_norm_backward.slip(
    "Z.var(axis=0)",
    "Z.var(axis=0, ddof=1)",
    "You use the unbiased variance. The forward pass normalizes with the biased one, "
    "`Z.var(axis=0)`.",
)
batch_norm_backward.slip(
    ".sum(axis=0)",
    ".sum(axis=0, keepdims=True)",
    "Your dγ and dβ have shape (1, C), of a kept axis. They are (C,), as γ and β are.",
)
batch_norm_backward.slip(
    ".sum(axis=0)",
    ".sum()",
    "Your dγ and dβ are sums over all units. Each unit has its own: axis=0.",
)
batch_norm_backward.slip(
    ".sum(axis=0)",
    ".sum(axis=1)",
    "Your dγ and dβ are sums over the units. Sum over the batch, axis=0: one number per unit.",
)
batch_norm_backward.slip(
    "return dZ, dgamma, dbeta",
    "return dZ, dbeta, dgamma",
    "dγ and dβ come in the wrong order: return dZ, dgamma, dbeta.",
)
batch_norm_backward.slip(
    "return dZ, dgamma, dbeta",
    "return dZ, dgamma / len(Z), dbeta / len(Z)",
    "Your dγ and dβ are means over the batch. They are sums: the 1/N of the loss is in dY already.",
)
batch_norm_backward.slip(
    "gamma / s * left",
    "(1 if running is None else gamma) / s * left",
    "In training, γ is missing in dZ: it stands between Ẑ and Y, so ∂L/∂ẑ = γ ∂L/∂y.",
)
batch_norm_backward.slip(
    "gamma / s * left",
    "(gamma if running is None else 1) / s * left",
    "In eval mode, γ is missing in dZ: y = γ ẑ + β there too, so dZ = γ / s · dY.",
)
batch_norm_backward.slip(
    "gamma / s * left",
    "gamma * s * left",
    "You multiply by s. ẑ = (z − z̄) / s, so the gradient is divided by s as well.",
)
batch_norm_backward.slip(
    "gamma / s * left",
    "-gamma / s * left",
    "dZ has the wrong sign as a whole.",
)
batch_norm_backward.slip(
    "    left = dY\n",
    "    left = dY - dY.mean(axis=0)\n    if running is None: left = dY\n",
    "In eval mode you still subtract the mean of dY. The mean is a fixed number there: "
    "nothing comes back through it.",
)
batch_norm_backward.slip(
    "    left = dY\n",
    "    left = dY - Z_hat * (dY * Z_hat).mean(axis=0)\n",
    "In eval mode you still subtract the term of the spread. s is a fixed number there: "
    "nothing comes back through it.",
)
batch_norm_backward.slip(
    "- Z_hat * (dY * Z_hat).mean",
    "- Z * (dY * Z).mean",
    "In the way through the spread you use Z itself. Both factors are Ẑ, centered and divided"
    " by s.",
)
batch_norm_backward.slip(
    "dY - dY.mean(axis=0) - Z_hat * (dY * Z_hat).mean(axis=0)",
    "dY - dY.mean(axis=1)[:, None] - Z_hat * (dY * Z_hat).mean(axis=1)[:, None]",
    "Your means run over the units of one example. They run over the batch: axis=0.",
)
batch_norm_backward.slip(
    "s = np.sqrt(var + eps)",
    "s = np.sqrt(var + eps) if running is None else var",
    "In eval mode you divide by row 1 of running. It holds variances: s = √(v + ε) as in training.",
)
batch_norm_backward.slip(
    "return dZ, dgamma, dbeta",
    "return (dZ, dgamma, dbeta) if running is None else (dZ, 0 * dgamma, 0 * dbeta)",
    "In eval mode your dγ and dβ are 0. Only mean and variance are fixed there; y still "
    "depends on γ and β.",
)
batch_norm_backward.slip(
    "else running",
    "else running[::-1]",
    "You read running the wrong way round: row 0 holds the means, row 1 the variances.",
)
batch_norm_backward.slip(
    "return dZ, dgamma, dbeta",
    "return dgamma, dbeta, dZ",
    "dZ comes last. The order is dZ, dgamma, dbeta.",
)
