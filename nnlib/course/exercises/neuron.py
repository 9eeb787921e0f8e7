"""Lesson 01: a neuron, what a threshold unit fires on, the perceptron rule, and two layers.

Random numbers are multiples of 1/4: their sums are exact in whatever order they are added up, and
z = 0 comes up often. Both matter to a step, which a rounding error could flip.
"""

from collections.abc import Callable, Iterator

import numpy as np

from nnlib.course.exercises.specification import (
    Arguments,
    Array,
    Case,
    Tolerance,
    Unfit,
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


@neuron.mistake(
    "Your step is 0 at z = 0. In this course H(0) = 1: the neuron fires where z ≥ 0, "
    "so the boundary itself belongs to the firing side."
)
def strict_step(x: Array, w: Array, b: float, phi: str) -> Array:
    z = x @ w + b
    return np.where(z > 0, 1.0, 0.0) if phi == "heaviside" else activate(z, phi)


@neuron.mistake(
    "Your step gives −1, 0 and 1: that is the sign function. "
    "The Heaviside step gives 0 where z < 0 and 1 where z ≥ 0, also at z = 0."
)
def sign_for_step(x: Array, w: Array, b: float, phi: str) -> Array:
    z = x @ w + b
    return np.sign(z) if phi == "heaviside" else activate(z, phi)


@neuron.mistake("The bias is missing: z = ⟨w, x⟩ + b. Without b every boundary passes through 0.")
def no_bias(x: Array, w: Array, b: float, phi: str) -> Array:
    return activate(x @ w, phi)


@neuron.mistake(
    "The bias is missing where x is a batch. It belongs to every row: z = x @ w + b, and NumPy "
    "adds the one number b to all of them."
)
def no_bias_in_a_batch(x: Array, w: Array, b: float, phi: str) -> Array:
    return activate(x @ w + b if x.ndim == 1 else x @ w, phi)


@neuron.mistake(
    "The bias is missing where x is a single input. A batch gets it, but one row alone is the "
    "same neuron: z = x @ w + b for both."
)
def no_bias_for_one_input(x: Array, w: Array, b: float, phi: str) -> Array:
    return activate(x @ w + b if x.ndim == 2 else x @ w, phi)


@neuron.mistake(
    "You subtract b. The bias is added, z = ⟨w, x⟩ + b; "
    "only a threshold θ is subtracted, and b = −θ."
)
def bias_subtracted(x: Array, w: Array, b: float, phi: str) -> Array:
    return activate(x @ w - b, phi)


@neuron.mistake("You add b after the activation. First z = ⟨w, x⟩ + b, then h = φ(z).")
def bias_after_activation(x: Array, w: Array, b: float, phi: str) -> Array:
    return activate(x @ w, phi) + b


@neuron.mistake(
    "Your σ overflows: exp of a large number is too large for a float. `np.where` alone does not "
    "prevent it, for it computes both branches for every z. Take `e = np.exp(-np.abs(z))` once: "
    "1 / (1 + e) for z ≥ 0, e / (1 + e) otherwise."
)
def overflowing_sigmoid(x: Array, w: Array, b: float, phi: str) -> Array:
    z = x @ w + b
    return 1 / (1 + np.exp(-z)) if phi == "sigmoid" else activate(z, phi)


@neuron.mistake(
    "`w @ x` sums over the rows of a batch. One example is a row, so the sum must run over the "
    "last axis of x: `x @ w`. (With as many rows as weights the wrong product even runs.)"
)
def weights_on_the_left(x: Array, w: Array, b: float, phi: str) -> Array:
    return activate(w @ x + b, phi)


@neuron.mistake(
    "You sum over the whole batch, so all examples melt into one number. "
    "Sum over the features only (`axis=-1`, or `x @ w`): one h for each row of x."
)
def sum_over_everything(x: Array, w: Array, b: float, phi: str) -> Array:
    return activate(np.sum(x * w) + b, phi)


@neuron.mistake(
    "A batch of one is still a batch: for x of shape (1, d) the answer has shape (1,), "
    "not (). Look where an axis is squeezed away."
)
def squeezed(x: Array, w: Array, b: float, phi: str) -> Array:
    return np.squeeze(activate(x @ w + b, phi))


@neuron.mistake(
    "A name of φ that does not exist passes unnoticed, and h is not what its caller asked for. "
    "End with `raise ValueError(...)`, not with an `else` that takes everything."
)
def anything_goes(x: Array, w: Array, b: float, phi: str) -> Array:
    z = x @ w + b
    return activate(z, phi) if phi in ACTIVATIONS else z


@neuron.mistake(
    "An unknown φ gives a KeyError, from looking it up in a dict. "
    "The task asks for a ValueError that says what is wrong: test `phi` first."
)
def key_error(x: Array, w: Array, b: float, phi: str) -> Array:
    return activate(x @ w + b, {name: name for name in ACTIVATIONS}[phi])


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
    return patterns, np.where(patterns @ w >= theta, 1, 0)


def all_patterns(p: int) -> Array:
    place = 2 ** np.arange(p)[::-1]
    return np.arange(2**p)[:, None] // place % 2


Pair = tuple[Array, Array]


@firing_patterns.mistake(
    "At w·x = θ your unit is silent. It fires where w·x ≥ θ: reaching the threshold is enough."
)
def strict_threshold(w: Array, theta: float) -> Pair:
    patterns = all_patterns(len(w))
    return patterns, 1 * (patterns @ w > theta)


@firing_patterns.mistake(
    "Your rows have the lowest digit first: in your second row the first column is on. "
    "In counting order the last column changes fastest: 00, 01, 10, 11."
)
def lowest_digit_first(w: Array, theta: float) -> Pair:
    patterns = all_patterns(len(w))[:, ::-1]
    return patterns, 1 * (patterns @ w >= theta)


@firing_patterns.mistake("Your rows count down. Begin with the row of zeros and end with all ones.")
def counting_down(w: Array, theta: float) -> Pair:
    patterns = 1 - all_patterns(len(w))
    return patterns, 1 * (patterns @ w >= theta)


@firing_patterns.mistake(
    "One row is missing: there are 2ᵖ patterns, and the first one is all zeros "
    "(Python's range and np.arange begin at 0 unless told otherwise)."
)
def zeros_forgotten(w: Array, theta: float) -> Pair:
    patterns = all_patterns(len(w))[1:]
    return patterns, 1 * (patterns @ w >= theta)


@firing_patterns.mistake(
    "Your patterns always have 4 columns, as in the lesson. There are as many inputs as weights: "
    "p = len(w), and 2ᵖ rows."
)
def always_16_rows(w: Array, theta: float) -> Pair:
    patterns = all_patterns(4)
    return patterns, 1 * (patterns @ w >= theta)


@firing_patterns.mistake(
    "Your patterns hold −1 and 1. The inputs of a McCulloch–Pitts unit are 0 (off) and 1 (on)."
)
def plus_minus_one(w: Array, theta: float) -> Pair:
    patterns = 2 * all_patterns(len(w)) - 1
    return patterns, 1 * (patterns @ w >= theta)


@firing_patterns.mistake(
    "You add θ. The threshold is what w·x has to reach: w·x ≥ θ, which is w·x − θ ≥ 0."
)
def threshold_added(w: Array, theta: float) -> Pair:
    patterns = all_patterns(len(w))
    return patterns, 1 * (patterns @ w + theta >= 0)


@firing_patterns.mistake(
    "Your unit fires on one pattern only, the one that looks like w. A threshold unit fires on "
    "every pattern with w·x ≥ θ: all that lie on its side of a plane."
)
def one_pattern_only(w: Array, theta: float) -> Pair:
    patterns = all_patterns(len(w))
    return patterns, 1 * np.all(patterns == (w > 0), axis=1)


@firing_patterns.mistake(
    "You return only the patterns on which the unit fires. "
    "Return all 2ᵖ patterns, and beside them a 1 or a 0 for each."
)
def firing_ones_only(w: Array, theta: float) -> Pair:
    patterns = all_patterns(len(w))
    fires = patterns @ w >= theta
    return patterns[fires], 1 * fires


@firing_patterns.mistake(
    "The two results are in the other order: return the patterns first, then who fires."
)
def other_way_round(w: Array, theta: float) -> Pair:
    patterns = all_patterns(len(w))
    return 1 * (patterns @ w >= theta), patterns


# ── perceptron_fit ───────────────────────────────────────────────────────────────────────────────

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def perceptron_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, X: Array, y: Array, epochs: int) -> Case:
        return Case(what, {"X": X, "y": y, "epochs": epochs})

    yield case("AND", CORNERS.copy(), np.array([0, 0, 0, 1]), 20)
    yield case("OR", CORNERS.astype(float), np.array([0, 1, 1, 1]), 20)
    yield case("XOR, which never ends by itself", CORNERS.copy(), np.array([0, 1, 1, 0]), 9)
    yield case("AND, stopped after 3 epochs", CORNERS.copy(), np.array([0, 0, 0, 1]), 3)
    yield case("all labels 1: nothing to learn", quarters(rng, 3, 2), np.ones(3), 5)
    yield case("all labels 0", quarters(rng, 3, 2), np.zeros(3), 8)
    X = quarters(rng, 7, 3)
    y = 1.0 * (X @ np.array([1.0, -2.0, 0.5]) >= 0.75)
    yield case("7 examples of 3 features", X, y, 40)
    yield case("as many examples as features", quarters(rng, 3, 3), np.array([1, 0, 1]), 12)
    yield case("labels at random", quarters(rng, 6, 2), rng.integers(0, 2, 6), 7)
    strided = quarters(rng, 10, 4).astype(np.float32)[::2, ::2]
    yield case(
        "every other row and column of a float32 array", strided, np.array([1, 0, 0, 1, 0]), 6
    )
    fixed = read_only(quarters(rng, 5, 2)), read_only(np.array([0, 1, 0, 1, 1]))
    yield case("arrays that must not be written to", *fixed, 6)


@exercise(
    lesson=LESSON,
    returns=("w", "b", "errors"),
    inputs=perceptron_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    hints=(
        (
            "Two loops: over the epochs, and inside it over the examples in their order. Count the "
            "mistakes of one epoch in a variable that begins at 0 in each epoch."
        ),
        (
            "For one example: `y_hat = 1 if w @ x + b >= 0 else 0`. If it differs from its label, "
            "count it and do w = w + (y − ŷ) x and b = b + (y − ŷ) at once, so that the next example "
            "already meets the new w. After the examples append the count; if it is 0, stop."
        ),
    ),
)
def perceptron_fit(X: Array, y: Array, epochs: int) -> tuple[Array, float, list[int]]:
    w, b, errors = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes = 0
        for x, label in zip(X, y, strict=True):
            error = label - step(w @ x + b)
            if error != 0:
                w = w + error * x
                b = b + error
                mistakes = mistakes + 1
        errors.append(mistakes)
        if mistakes == 0:
            break
    return w, b, errors


def step(z: Array | float) -> int:
    return 1 if z >= 0 else 0


Fit = tuple[Array, float, list[int]]


Visit = Callable[[Array, float, Array, float], tuple[Array, float, int]]


def passes(X: Array, y: Array, epochs: int, visit: Visit) -> Fit:
    """The two loops of the perceptron around another, mistaken, visit to one example."""
    w, b, errors = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes = 0
        for x, label in zip(X, y, strict=True):
            w, b, mistake = visit(w, b, x, label)
            mistakes += mistake
        errors.append(mistakes)
        if mistakes == 0:
            break
    return w, b, errors


@perceptron_fit.mistake(
    "Your updates go the wrong way: (ŷ − y) moves w away from an example that should fire. "
    "Add (y − ŷ) x: towards x when the neuron should have fired, away when it should not."
)
def wrong_direction(X: Array, y: Array, epochs: int) -> Fit:
    def visit(w: Array, b: float, x: Array, label: float) -> tuple[Array, float, int]:
        error = step(w @ x + b) - label
        return w + error * x, b + error, int(error != 0)

    return passes(X, y, epochs, visit)


@perceptron_fit.mistake(
    "Your neuron does not fire at z = 0. With H(0) = 1 the very first prediction, with w = 0 and "
    "b = 0, is 1. Use `z >= 0`."
)
def strict_prediction(X: Array, y: Array, epochs: int) -> Fit:
    def visit(w: Array, b: float, x: Array, label: float) -> tuple[Array, float, int]:
        error = label - int(w @ x + b > 0)
        return w + error * x, b + error, int(error != 0)

    return passes(X, y, epochs, visit)


@perceptron_fit.mistake(
    "Your bias stays 0. It learns as well, like the weight of an input that is always 1: "
    "b ← b + (y − ŷ)."
)
def bias_never_learns(X: Array, y: Array, epochs: int) -> Fit:
    def visit(w: Array, b: float, x: Array, label: float) -> tuple[Array, float, int]:
        error = label - step(w @ x)
        return w + error * x, b, int(error != 0)

    return passes(X, y, epochs, visit)


@perceptron_fit.mistake(
    "Your predictions are −1 and 1, but the labels are 0 and 1, so y − ŷ is never 0 where y = 0. "
    "Use the step H, not np.sign."
)
def sign_for_prediction(X: Array, y: Array, epochs: int) -> Fit:
    def visit(w: Array, b: float, x: Array, label: float) -> tuple[Array, float, int]:
        error = label - (1 if w @ x + b >= 0 else -1)
        return w + error * x, b + error, int(error != 0)

    return passes(X, y, epochs, visit)


@perceptron_fit.mistake(
    "You add y x at every example, mistaken or not. The perceptron learns from mistakes only, "
    "and from both kinds: w ← w + (y − ŷ) x."
)
def learns_when_right(X: Array, y: Array, epochs: int) -> Fit:
    def visit(w: Array, b: float, x: Array, label: float) -> tuple[Array, float, int]:
        return w + label * x, b + label, int(label != step(w @ x + b))

    return passes(X, y, epochs, visit)


@perceptron_fit.mistake(
    "You go on after an epoch without a mistake. Nothing can change any more: "
    "append its 0 to `errors`, then stop."
)
def never_stops_early(X: Array, y: Array, epochs: int) -> Fit:
    w, b, errors = perceptron_fit.reference(X, y, epochs)
    return w, b, errors + [0] * (epochs - len(errors))


@perceptron_fit.mistake(
    "The epoch without a mistake is missing from `errors`: append the count first, then stop."
)
def last_epoch_not_counted(X: Array, y: Array, epochs: int) -> Fit:
    w, b, errors = perceptron_fit.reference(X, y, epochs)
    return w, b, [count for count in errors if count > 0]


@perceptron_fit.mistake(
    "Your counts only grow: set the counter of mistakes to 0 at the start of every epoch."
)
def counter_never_reset(X: Array, y: Array, epochs: int) -> Fit:
    w, b, total, errors = np.zeros(X.shape[1]), 0.0, 0, []
    for _ in range(epochs):
        w, b, [mistakes] = one_epoch(X, y, w, b)
        total += mistakes
        errors.append(total)
        if mistakes == 0:
            break
    return w, b, errors


def one_epoch(X: Array, y: Array, w: Array, b: float) -> Fit:
    """One pass over the examples, from the given weights."""
    mistakes = 0
    for x, label in zip(X, y, strict=True):
        error = label - step(w @ x + b)
        w, b, mistakes = w + error * x, b + error, mistakes + int(error != 0)
    return w, b, [mistakes]


@perceptron_fit.mistake(
    "You count the mistakes after the epoch, with its last weights. Count each one as it occurs, "
    "with the weights of that moment, before the update."
)
def counted_afterwards(X: Array, y: Array, epochs: int) -> Fit:
    w, b, errors = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        w, b, _ = one_epoch(X, y, w, b)
        errors.append(int(np.sum((X @ w + b >= 0) != y)))
        if errors[-1] == 0:
            break
    return w, b, errors


@perceptron_fit.mistake(
    "You predict the whole epoch with the same weights and update at its end. The perceptron "
    "updates at once: the next example already meets the new w and b."
)
def updates_after_the_epoch(X: Array, y: Array, epochs: int) -> Fit:
    w, b, errors = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        error = y - 1.0 * (X @ w + b >= 0)
        w, b = w + error @ X, b + float(error.sum())
        errors.append(int(np.sum(error != 0)))
        if errors[-1] == 0:
            break
    return w, b, errors


# ── logic_network ────────────────────────────────────────────────────────────────────────────────


def table_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, table: Array) -> Case:
        return Case(what, {"table": table})

    yield case("XOR", np.array([0, 1, 1, 0]))
    yield case("AND", np.array([0, 0, 0, 1]))
    yield case("NOT, of one input", np.array([1.0, 0.0]))
    yield case("is the first of two inputs on?", np.array([0, 0, 1, 1]))
    yield case("parity of three inputs", all_patterns(3).sum(axis=1) % 2)
    yield case("never: a table of zeros", np.zeros(8))
    yield case("always: a table of ones", np.ones(4, dtype=int))
    for p in (2, 3, 4):
        yield case(f"a random table of {p} inputs", rng.integers(0, 2, 2**p))
    yield case(
        "every other entry of a larger array", rng.integers(0, 2, 16).astype(np.float32)[::2]
    )
    yield case("an array that must not be written to", read_only(rng.integers(0, 2, 8)))


def computed_table(args: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """What the network answers to every pattern: all that counts about it."""
    W1, b1, w2, b2 = (output.astype(float) for output in outputs)
    patterns = all_patterns(int(np.log2(len(args["table"]))))
    rows, p = patterns.shape
    if W1.size == 0:
        W1 = W1.reshape(0, p)
    units = b1.size
    for name, got, wanted in [
        ("W1", W1.shape, (units, p)),
        ("b1", b1.shape, (units,)),
        ("w2", w2.shape, (units,)),
        ("b2", b2.shape, ()),
    ]:
        if got != wanted:
            kind = f"{counted(units)} (the size of b1) and p = {p}"
            turned = " It looks transposed: each hidden unit is a row." if got == (p, units) else ""
            raise Unfit(f"{name} has shape {got}; with {kind} it must be {wanted}.{turned}")
    if units > rows:
        raise Unfit(f"Your network has {counted(units)}; it must do with {rows}.")
    hidden = patterns @ W1.T + b1 >= 0
    return {"the table it computes": 1 * (hidden @ w2 + b2 >= 0)}


def counted(units: int) -> str:
    return f"{units} hidden unit" if units == 1 else f"{units} hidden units"


@exercise(
    lesson=LESSON,
    returns=("W1", "b1", "w2", "b2"),
    inputs=table_inputs,
    observe=computed_table,
    facts=("the table it computes",),
    points={"shape": 1, "values": 3, "inputs": 1},
    hints=(
        (
            "Give each pattern whose entry is 1 a hidden unit of its own, which fires on that pattern "
            "and on no other. The output unit then has only to say whether any of them fired."
        ),
        (
            "For the pattern (1, 0, 1) the unit H(x₁ − x₂ + x₃ − 2) does it: weight +1 where the "
            "pattern is 1, −1 where it is 0, and a bias of minus the number of ones: z is 0 there and "
            "at most −1 elsewhere. The output adds up who fired: H(h₁ + h₂ + … − 1)."
        ),
    ),
)
def logic_network(table: Array) -> tuple[Array, Array, Array, float]:
    patterns = all_patterns(int(np.log2(len(table))))
    detected = patterns[table == 1]
    W1 = 2 * detected - 1
    b1 = -detected.sum(axis=1)
    return W1, b1, np.ones(len(W1)), -1.0


Network = tuple[Array, Array, Array, float]


def detect(patterns: Array) -> tuple[Array, Array]:
    """Hidden units that fire on one of the patterns each."""
    return 2 * patterns - 1, -patterns.sum(axis=1)


def chosen(table: Array, value: int = 1) -> Array:
    listed: Array = all_patterns(int(np.log2(len(table))))[table == value]
    return listed


@logic_network.mistake(
    "Your output fires even when no hidden unit does: with H(0) = 1 a bias of 0 lets it fire "
    "always. It should need at least one: any bias b2 with −1 ≤ b2 < 0 does it."
)
def output_always_fires(table: Array) -> Network:
    W1, b1 = detect(chosen(table))
    return W1, b1, np.ones(len(W1)), 0.0


@logic_network.mistake(
    "Your network computes the opposite table: its hidden units watch for the zeros of the table. "
    "Watch for the ones."
)
def zeros_detected(table: Array) -> Network:
    W1, b1 = detect(chosen(table, 0))
    return W1, b1, np.ones(len(W1)), -1.0


@logic_network.mistake(
    "Your hidden units also fire on patterns with more inputs on than their own. An input that "
    "must be off needs the weight −1; with the weight 0 the unit does not look at it."
)
def off_inputs_ignored(table: Array) -> Network:
    detected = chosen(table)
    return detected, -detected.sum(axis=1), np.ones(len(detected)), -1.0


@logic_network.mistake(
    "Your hidden units never fire: their z stays below 0 even on their own pattern. "
    "There w·x equals the number of ones, so a bias of minus that number brings z to exactly 0."
)
def hidden_never_fires(table: Array) -> Network:
    W1, b1 = detect(chosen(table))
    return W1, b1 - 1, np.ones(len(W1)), -1.0


@logic_network.mistake(
    "Your b1 has the wrong sign: with weights ±1 the unit's bias is minus the number of its ones. "
    "A bias of plus that number lets it fire on almost everything."
)
def bias_sign_flipped(table: Array) -> Network:
    W1, b1 = detect(chosen(table))
    return W1, -b1, np.ones(len(W1)), -1.0


@logic_network.mistake(
    "Your hidden units also fire on the patterns that differ from their own in one input: the "
    "bias is 1 too large. On its own pattern z should just reach 0."
)
def neighbors_too(table: Array) -> Network:
    W1, b1 = detect(chosen(table))
    return W1, b1 + 1, np.ones(len(W1)), -1.0


@logic_network.mistake(
    "Your output waits until all hidden units fire, but no two of them ever fire together. "
    "It should fire when any one does: OR, not AND."
)
def output_is_and(table: Array) -> Network:
    W1, b1 = detect(chosen(table))
    return W1, b1, np.ones(len(W1)), -float(len(W1))


@logic_network.mistake(
    "You read the patterns with the lowest digit first. In counting order the last column changes "
    "fastest: entry 1 of a table of two inputs belongs to (0, 1)."
)
def table_read_backwards(table: Array) -> Network:
    W1, b1 = detect(chosen(table)[:, ::-1])
    return W1, b1, np.ones(len(W1)), -1.0
