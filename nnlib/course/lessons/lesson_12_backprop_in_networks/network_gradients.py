"""Lesson 12: a weighted cross-entropy and its gradient at the logits."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, Tolerance, exercise

LESSON = "12_backprop_in_networks"
FLOATS = Tolerance(1e-5, 1e-6, "float32 inputs, which an answer may keep or widen")


def read_only(a: Array) -> Array:
    a.flags.writeable = False
    return a


def softmax_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, Z: Array, y: Array, omega: Array) -> Case:
        return Case(what, {"Z": Z, "y": y, "omega": omega})

    yield case(
        "the example of the task", np.array([[0.0, 0], [0, 0]]), np.array([0, 1]), np.ones(2)
    )
    for N, K in ((1, 3), (5, 3), (4, 4)):
        Z, y = rng.normal(size=(N, K)), rng.integers(0, K, N)
        yield case(f"{N} examples of {K} classes, all weights 1", Z, y, np.ones(N))
        yield case(f"{N} examples, unequal weights", Z.copy(), y.copy(), rng.uniform(0.5, 3, N))
    Z, y = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    yield case("weights of 0", Z, y, np.array([1.0, 0, 2, 0, 0, 0.5]))
    yield case("no label names the last class, nor class 1", rng.normal(size=(5, 4)),
               np.array([0, 2, 2, 0, 2]), rng.uniform(0.5, 3, 5))  # fmt: skip
    far = np.array([[1000.0, 0, -1000], [-1000, -999, -1001], [3, 1000, 2]])
    yield case("logits of ±1000", far, np.array([2, 1, 1]), np.array([1.0, 2, 1]))
    whole = rng.integers(-3, 4, (4, 3))
    yield case("whole numbers", whole, rng.integers(0, 3, 4), np.array([1, 2, 3, 4]))
    single = rng.normal(size=(5, 3)).astype(np.float32)
    yield case("float32", single, rng.integers(0, 3, 5), np.linspace(1, 2, 5).astype(np.float32))
    strided = rng.normal(size=(8, 6))[::2, ::2]
    yield case("every other row and column of a larger array", strided, np.array([2, 0, 0, 1]),
               rng.uniform(1, 2, 4))  # fmt: skip
    fixed = read_only(rng.normal(size=(4, 3))), read_only(rng.integers(0, 3, 4))
    yield case("arrays that must not be written to", *fixed, read_only(rng.uniform(1, 2, 4)))


@exercise(
    lesson=LESSON,
    returns=("loss", "dZ"),
    inputs=softmax_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOATS,
    hints=(
        (
            "The loss is a sum of N terms; term n is ωₙ / Σω times ℓₙ. So row n of dZ is the "
            "lesson's p − e for that row, times the same factor."
        ),
        (
            "Stay with logarithms: ln p = s − ln Σ exp(s), where s is z minus its row's largest "
            "entry (`Z.max(axis=1, keepdims=True)`). P is `np.exp` of that. The entries at the "
            "labels are `P[np.arange(N), y]`, and `share[:, None] * P` scales whole rows."
        ),
    ),
)
def softmax_ce(Z: Array, y: Array, omega: Array) -> tuple[Array, Array]:
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    share = omega / omega.sum()
    n = np.arange(len(Z))
    loss = -(share * log_p[n, y]).sum()
    dZ = np.exp(log_p)
    dZ[n, y] -= 1
    dZ = share[:, None] * dZ
    return loss, dZ


softmax_ce.slip(
    "omega / omega.sum()",
    "omega / len(Z)",
    "You divide by N. The loss is a weighted mean: in it, and in its gradient, divide by the sum of "
    "the weights, which is N only where all of them are 1.",
)
softmax_ce.slip(
    "omega / omega.sum()",
    "omega * 1.0",
    "It is Σω times too large. The factor of example n is ωₙ / Σω, in the loss and in dZ alike: "
    "divide by the sum of the weights.",
)
softmax_ce.slip(
    "dZ = share[:, None] * dZ",
    "dZ = dZ / len(Z)",
    "Your dZ ignores the weights: it is (P − E) / N. Row n of it carries the factor ωₙ / Σω.",
)
softmax_ce.slip(
    "dZ = share[:, None] * dZ",
    "dZ = 1.0 * dZ",
    "Your dZ is P − E, the gradient of each example's own loss. In L that loss is multiplied by "
    "ωₙ / Σω, and so is row n of dZ.",
)
softmax_ce.slip(
    "-(share * log_p[n, y]).sum()",
    "-log_p[n, y].mean()",
    "Your loss ignores the weights: it is the plain mean. Multiply each ℓₙ by ωₙ / Σω and add up.",
)
softmax_ce.slip(
    "-(share * log_p[n, y]).sum()",
    "(share * log_p[n, y]).sum()",
    "Your loss is negative: ℓ = −ln p, and ln of a probability is never positive.",
)
softmax_ce.slip(
    "-(share * log_p[n, y]).sum()",
    "-(share * log_p[n, y])",
    "You return one loss per example. L is one number: add them up.",
)
softmax_ce.slip(
    "return loss, dZ",
    "return loss, -dZ",
    "Your dZ has the wrong sign: it is P − E, what the network said minus what was true. "
    "At the label it is negative: raising that logit lowers the loss.",
)
softmax_ce.slip(
    "share[:, None] * dZ",
    "share * dZ",
    "The weights meet the wrong axis: (N,) times (N, K) pairs them with the classes. Write "
    "`[:, None]` behind them, which makes a column of them, one weight per row.",
)
softmax_ce.slip(
    "share[:, None] * dZ",
    "share[:, None] * dZ / len(Z)",
    "Your dZ is N times too small: Σω is the whole division. It takes the place of the 1/N.",
)
softmax_ce.slip(
    "np.exp(shifted).sum(axis=1, keepdims=True)",
    "np.exp(shifted).sum()",
    "Your probabilities add up to 1 over the whole batch. Each row is an example of its own: sum "
    "over `axis=1`.",
)
softmax_ce.slip(
    ", keepdims=True",
    "",
    "The sum or maximum over a row has lost its axis: shape (N,) instead of (N, 1), which NumPy "
    "then pairs with the columns. Write `keepdims=True`.",
)
softmax_ce.slip(
    "return loss, dZ",
    "return loss",
    "One is missing: return the loss and dZ.",
)
softmax_ce.slip(
    "return loss, dZ",
    "return dZ, loss",
    "The two results are in the other order: return the loss first, then dZ.",
)
softmax_ce.slip(
    "return loss, dZ",
    "return loss, dZ.T",
    "Your dZ is transposed: like Z it has one row per example.",
)
softmax_ce.slip(
    "return loss, dZ",
    "return loss, dZ * np.exp(log_p) * (1 - np.exp(log_p))",
    "There is a factor p (1 − p) too many. The derivative of the softmax is already in P − E: "
    "there the two cancel, as in step 3 of the lesson's derivation.",
)
softmax_ce.slip(
    "axis=1",
    "axis=0",
    "Your softmax runs down the columns. Each row is one example, and its probabilities add up to "
    "1: sum over `axis=1`.",
)
softmax_ce.slip(
    "Z.max(axis=1, keepdims=True)",
    "Z.max()",
    "You subtract the largest of all logits. A row that lies 1000 below it becomes exp(−1000) = 0 "
    "everywhere: subtract each row's own largest.",
)
softmax_ce.slip(
    "dZ[n, y] -= 1",
    "dZ[:, y] -= 1",
    "`[:, y]` takes the 1 from whole columns. Pair each row with its own label: "
    "`[np.arange(N), y]`.",
)
softmax_ce.slip(
    "    dZ[n, y] -= 1\n",
    "",
    "Your dZ is P alone: the one-hot row of the label has to be subtracted, dZ ∝ P − E.",
)
softmax_ce.slip(
    "dZ[n, y] -= 1",
    "dZ -= np.eye(y.max() + 1)[y]",
    "Your one-hot rows are as long as the largest label in this batch asks for. They need one entry "
    "per class, as many as Z has columns: `np.eye(Z.shape[1])[y]`.",
)
softmax_ce.slip(
    "dZ[n, y] -= 1",
    "dZ -= np.eye(len(np.unique(y)))[y]",
    "Your one-hot rows have one entry per class that occurs in this batch, but some class may not "
    "occur. Count the columns of Z: `np.eye(Z.shape[1])[y]`.",
)
softmax_ce.slip(
    "dZ[n, y] -= 1",
    "dZ = dZ - y[:, None]",
    "You subtract the label's number. What is true is a row with a 1 at the label and 0 elsewhere: "
    "`np.eye(Z.shape[1])[y]`, or subtract 1 at `[np.arange(N), y]`.",
)
softmax_ce.slip(
    "dZ[n, y] -= 1\n    dZ = share[:, None] * dZ",
    "dZ = share[:, None] * dZ\n    dZ[n, y] -= 1 / omega.sum()",
    "Your weights multiply P alone, not the one-hot row: brackets, share · (P − E).",
)
softmax_ce.slip(
    "dZ[n, y] -= 1\n    dZ = share[:, None] * dZ",
    "dZ[n, y] -= omega\n    dZ = dZ / omega.sum()",
    "Your weights multiply the one-hot row alone, not P: brackets, share · (P − E).",
)
softmax_ce.slip(
    "dZ = share[:, None] * dZ",
    "dZ = share[:, None] * dZ * np.eye(Z.shape[1])[y]",
    "Only the label's logit gets a gradient. All the others count as well, for the probabilities "
    "share one sum: at class j ≠ y the gradient is p_j, times the factor of the example.",
)
softmax_ce.slip(
    "np.exp(shifted).sum(axis=1, keepdims=True)",
    "np.exp(shifted).sum(axis=0, keepdims=True)",
    "You add up the exponentials of a column, over the examples. The probabilities of one example "
    "add up to 1: sum over `axis=1`.",
)
for others in ("share", "share[:, None]"):
    softmax_ce.slip(
        "share * log_p[n, y]",
        f"{others} * log_p[:, y]",
        "`log_p[:, y]` pairs every row with every label, (N, N) in all, and you multiply it by "
        f"`{others}`. Pair each row with its own label: `log_p[np.arange(N), y]`.",
    )


@softmax_ce.mistake(
    "exp of a logit of 1000 overflows. Subtract each row's largest logit first: softmax stays the "
    "same, and no exponent is positive."
)
def overflows(Z, y, omega):  # type: ignore[no-untyped-def]
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    share, n = omega / omega.sum(), np.arange(len(Z))
    loss = -(share * np.log(P[n, y])).sum()
    P[n, y] -= 1
    return loss, share[:, None] * P


@softmax_ce.mistake(
    "You take ln of a probability that has become exactly 0. Take the logarithm before the "
    "exponential: ln p = s − ln Σ exp(s), with s the logits minus their row's largest."
)
def logarithm_of_zero(Z, y, omega):  # type: ignore[no-untyped-def]
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    share, n = omega / omega.sum(), np.arange(len(Z))
    loss = -(share * np.log(P[n, y])).sum()
    P[n, y] -= 1
    return loss, share[:, None] * P


@softmax_ce.mistake(
    "You subtract one number from all logits, and a row far below it becomes 0/0. Subtract each "
    "row's own largest: `Z.max(axis=1, keepdims=True)`."
)
def divides_zero_by_zero(Z, y, omega):  # type: ignore[no-untyped-def]
    P = np.exp(Z - Z.max())
    P /= P.sum(axis=1, keepdims=True)
    share, n = omega / omega.sum(), np.arange(len(Z))
    loss = -(share * np.log(P[n, y])).sum()
    P[n, y] -= 1
    return loss, share[:, None] * P


for eps in ("1e-7", "1e-8", "1e-9", "1e-10", "1e-12", "1e-15", "1e-300"):
    softmax_ce.slip(
        "-(share * log_p[n, y])",
        f"-(share * np.log(np.exp(log_p[n, y]) + {eps}))",
        f"ln(p + {eps}) is not ln p: where p is as good as 0 your loss stops growing. Take the "
        "logarithm before the exponential: ln p = s − ln Σ exp(s), with s the shifted logits.",
    )


@softmax_ce.mistake(
    "That is the gradient at the probabilities, −1/p at the label. Go one step further back, "
    "through the softmax, to the logits."
)
def stops_at_the_probabilities(Z, y, omega):  # type: ignore[no-untyped-def]
    loss = softmax_ce.reference(Z, y, omega)[0]
    share, n = omega / omega.sum(), np.arange(len(Z))
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    dP = np.zeros(Z.shape)
    dP[n, y] = -share / np.maximum(P[n, y], 1e-300)
    return loss, dP


@softmax_ce.mistake(
    "`Z -= …` changes the caller's array. Write `Z = Z - …`, which makes a new one."
)
def changes_z(Z, y, omega):  # type: ignore[no-untyped-def]
    Z -= Z.max(axis=1, keepdims=True)
    return softmax_ce.reference(Z, y, omega)
