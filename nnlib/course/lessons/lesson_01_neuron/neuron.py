"""Lesson 01: a neuron, what a threshold unit fires on, the perceptron rule, and two layers.

Random numbers are multiples of 1/4: their sums are exact in whatever order they are added up, and
z = 0 comes up often. Both matter to a step, which a rounding error could flip.
"""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import (
    Array,
    Case,
    Tolerance,
    exercise,
)

LESSON = "01_neuron"


def quarters(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 1/4 in [−3, 3]."""
    return rng.integers(-12, 13, shape) / 4


def read_only(a: Array) -> Array:
    a.flags.writeable = False
    return a


# ── neuron ───────────────────────────────────────────────────────────────────────────────────────

ACTIVATIONS = ("heaviside", "sigmoid", "tanh", "relu", "identity")


def neuron_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, x: Array, w: Array, b: float, phi: str) -> Case:
        return Case(what, {"x": x, "w": w, "b": b, "phi": phi})

    w = np.array([2.0, -1.0])
    yield case("one input with z = 0", np.array([1.0, 2.0]), w, 0.0, "heaviside")
    yield case("one input", np.array([1.0, 1.0]), w.copy(), 0.5, "identity")
    for phi in ACTIVATIONS:
        yield case("a batch", quarters(rng, 5, 3), quarters(rng, 3), 0.75, phi)
        yield case("as many inputs as weights", quarters(rng, 3, 3), quarters(rng, 3), -0.5, phi)
        near = np.linspace(-1, 1, 9)[:, None]
        yield case("z from −1 to 1", near, np.ones(1), 0.0, phi)
    yield case("a batch of one", quarters(rng, 1, 3), quarters(rng, 3), -1.25, "tanh")
    yield case("an empty batch", np.zeros((0, 3)), quarters(rng, 3), 1.0, "relu")
    whole = rng.integers(-4, 5, (6, 2))
    yield case("whole numbers", whole, np.array([1, -1]), 0, "heaviside")
    far = np.array([[1000.0], [-1000.0], [0.0]])
    yield case("z = 1000, −1000 and 0", far, np.ones(1), 0.0, "sigmoid")
    single = quarters(rng, 4, 3).astype(np.float32)
    yield case("float32", single, quarters(rng, 3).astype(np.float32), 0.25, "sigmoid")
    strided = quarters(rng, 8, 6)[::2, ::2]
    yield case(
        "every other row and column of a larger array", strided, quarters(rng, 3), 0.5, "tanh"
    )
    fixed = read_only(quarters(rng, 4, 2)), read_only(quarters(rng, 2))
    yield case("arrays that must not be written to", *fixed, 0.5, "relu")
    yield case(
        "an activation that does not exist", quarters(rng, 2, 3), quarters(rng, 3), 0.0, "step"
    )


@exercise(
    lesson=LESSON,
    returns=("h",),
    inputs=neuron_inputs,
    points={"shape": 1, "values": 2, "inputs": 1},
    tolerance=Tolerance(1e-5, 1e-6, "float32 inputs, which an answer may keep or widen"),
    hints=(
        (
            "Two steps, in this order: the pre-activation z, one number per input, then φ of it. "
            "`x @ w` is right for one input and for a batch alike, because it sums over the last axis."
        ),
        (
            "Write one branch per name of φ and end with `raise ValueError(...)` for all other names. "
            "The step is 1 where `z >= 0`. For σ compute `np.exp(-abs(z))`, which never overflows: "
            "call it e; then σ(z) is 1 / (1 + e) where z ≥ 0 and e / (1 + e) where z < 0."
        ),
    ),
)
def neuron(x: Array, w: Array, b: float, phi: str) -> Array:
    return activate(x @ w + b, phi)


def activate(z: Array, phi: str) -> Array:
    if phi == "heaviside":
        return np.where(z >= 0, 1.0, 0.0)
    if phi == "sigmoid":
        e = np.exp(-np.abs(z))
        return np.where(z < 0, e, 1.0) / (1.0 + e)
    if phi == "tanh":
        return np.tanh(z)
    if phi == "relu":
        return np.maximum(z, 0.0)
    if phi == "identity":
        return z
    raise ValueError(f"phi must be one of {', '.join(ACTIVATIONS)}; got {phi!r}")


neuron.slip(
    "np.where(z >= 0, 1.0, 0.0)",
    "np.where(z > 0, 1.0, 0.0)",
    "Your step is 0 at z = 0. In this course H(0) = 1: the neuron fires where z ≥ 0, "
    "so the boundary itself belongs to the firing side.",
)

neuron.slip(
    "np.where(z >= 0, 1.0, 0.0)",
    "np.sign(z)",
    "Your step gives −1, 0 and 1: that is the sign function. "
    "The Heaviside step gives 0 where z < 0 and 1 where z ≥ 0, also at z = 0.",
)

neuron.slip(
    "x @ w + b",
    "x @ w",
    "The bias is missing: z = ⟨w, x⟩ + b. Without b every boundary passes through 0.",
)

neuron.slip(
    "x @ w + b",
    "x @ w + b * (x.ndim == 1)",
    "The bias is missing where x is a batch. It belongs to every row: z = x @ w + b, and NumPy "
    "adds the one number b to all of them.",
)

neuron.slip(
    "x @ w + b",
    "x @ w + b * (x.ndim == 2)",
    "The bias is missing where x is a single input. A batch gets it, but one row alone is the "
    "same neuron: z = x @ w + b for both.",
)

neuron.slip(
    "x @ w + b",
    "x @ w - b",
    "You subtract b. The bias is added, z = ⟨w, x⟩ + b; "
    "only a threshold θ is subtracted, and b = −θ.",
)

neuron.slip(
    "activate(x @ w + b, phi)",
    "activate(x @ w, phi) + b",
    "You add b after the activation. First z = ⟨w, x⟩ + b, then h = φ(z).",
)

neuron.slip(
    "np.where(z < 0, e, 1.0) / (1.0 + e)",
    "1 / (1 + np.exp(-z))",
    "Your σ overflows: exp of a large number is too large for a float. `np.where` alone does not "
    "prevent it, for it computes both branches for every z. Take `e = np.exp(-np.abs(z))` once: "
    "1 / (1 + e) for z ≥ 0, e / (1 + e) otherwise.",
)

neuron.slip(
    "x @ w",
    "w @ x",
    "`w @ x` sums over the rows of a batch. One example is a row, so the sum must run over the "
    "last axis of x: `x @ w`. (With as many rows as weights the wrong product even runs.)",
)

neuron.slip(
    "x @ w",
    "np.sum(x * w)",
    "You sum over the whole batch, so all examples melt into one number. "
    "Sum over the features only (`axis=-1`, or `x @ w`): one h for each row of x.",
)

neuron.slip(
    "activate(x @ w + b, phi)",
    "np.squeeze(activate(x @ w + b, phi))",
    "A batch of one is still a batch: for x of shape (1, d) the answer has shape (1,), "
    "not (). Look where an axis is squeezed away.",
)

neuron.slip(
    'phi == "identity"',
    "True",
    "A name of φ that does not exist passes unnoticed, and h is not what its caller asked for. "
    "End with `raise ValueError(...)`, not with an `else` that takes everything.",
)

neuron.slip(
    "ValueError",
    "KeyError",
    "An unknown φ gives a KeyError, from looking it up in a dict. "
    "The task asks for a ValueError that says what is wrong: test `phi` first.",
)


# ── firing_patterns ──────────────────────────────────────────────────────────────────────────────


def firing_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, w: Array, theta: float) -> Case:
        return Case(what, {"w": w, "theta": theta})

    yield case("the unit of the lesson", np.array([1, 1, 1, -1]), 2)
    yield case("AND", np.array([1.0, 1.0]), 2.0)
    yield case("one input", np.array([0.5]), 0.5)
    yield case("an inhibiting input", np.array([-1.5]), -1.0)
    yield case("a threshold never reached", np.array([1.0, 2.0, -1.0]), 4.0)
    yield case("a threshold of 0, which no input at all reaches", quarters(rng, 3), 0.0)
    for p in (2, 3, 5):
        w = quarters(rng, p)
        yield case(f"{p} inputs, θ = w₁: a tie", w, float(w[0]))
        yield case(f"{p} inputs", quarters(rng, p), float(quarters(rng, 1)[0]))
    w = quarters(rng, 4).astype(np.float32)
    yield case("float32", w, float(w[1] + w[2]))
    yield case("every other weight of a larger array", quarters(rng, 6)[::2], 0.25)
    yield case("an array that must not be written to", read_only(quarters(rng, 3)), -0.5)


@exercise(
    lesson=LESSON,
    returns=("patterns", "fires"),
    inputs=firing_inputs,
    points={"shape": 1, "values": 2, "inputs": 1},
    hints=(
        (
            "The rows are the numbers 0, 1, …, 2ᵖ − 1 written in binary with p digits. "
            "Once you have them in one array of shape (2ᵖ, p), a single comparison gives `fires`."
        ),
        (
            "Column j, counted from the left, changes every 2^(p−1−j) rows: it is "
            "`rows // 2**(p - 1 - j) % 2` with `rows = np.arange(2**p)`. "
            "The unit fires on the rows of `patterns @ w >= theta`."
        ),
    ),
)
def firing_patterns(w: Array, theta: float) -> tuple[Array, Array]:
    patterns = all_patterns(len(w))
    fires = np.where(patterns @ w >= theta, 1, 0)
    return patterns, fires


def all_patterns(p: int) -> Array:
    place = 2 ** np.arange(p)[::-1]
    return np.arange(2**p)[:, None] // place % 2


firing_patterns.slip(
    ">= theta",
    "> theta",
    "At w·x = θ your unit is silent. It fires where w·x ≥ θ: reaching the threshold is enough.",
)

firing_patterns.slip(
    "np.arange(p)[::-1]",
    "np.arange(p)",
    "Your rows have the lowest digit first: in your second row the first column is on. "
    "In counting order the last column changes fastest: 00, 01, 10, 11.",
)

firing_patterns.slip(
    "np.arange(2**p)",
    "np.arange(2**p)[::-1]",
    "Your rows count down. Begin with the row of zeros and end with all ones.",
)

firing_patterns.slip(
    "np.arange(2**p)",
    "np.arange(1, 2**p)",
    "One row is missing: there are 2ᵖ patterns, and the first one is all zeros "
    "(Python's range and np.arange begin at 0 unless told otherwise).",
)

firing_patterns.slip(
    "len(w)",
    "4",
    "Your patterns always have 4 columns, as in the lesson. There are as many inputs as weights: "
    "p = len(w), and 2ᵖ rows.",
)

firing_patterns.slip(
    "place % 2",
    "place % 2 * 2 - 1",
    "Your patterns hold −1 and 1. The inputs of a McCulloch–Pitts unit are 0 (off) and 1 (on).",
)

firing_patterns.slip(
    "@ w >= theta",
    "@ w + theta >= 0",
    "You add θ. The threshold is what w·x has to reach: w·x ≥ θ, which is w·x − θ ≥ 0.",
)

firing_patterns.slip(
    "patterns @ w >= theta",
    "np.all(patterns == (w > 0), axis=1)",
    "Your unit fires on one pattern only, the one that looks like w. A threshold unit fires on "
    "every pattern with w·x ≥ θ: all that lie on its side of a plane.",
)

firing_patterns.slip(
    "return patterns, fires",
    "return patterns[fires == 1], fires[fires == 1]",
    "You return only the patterns on which the unit fires. "
    "Return all 2ᵖ patterns, and beside them a 1 or a 0 for each.",
)

firing_patterns.slip(
    "patterns, fires",
    "fires, patterns",
    "The two results are in the other order: return the patterns first, then who fires.",
)
