"""Lesson 01's exercises of November 2026 as a private assignment, which no lesson changes."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import (
    FLOAT32_SMALL,
    Arguments,
    Array,
    Case,
    Unfit,
    exercise,
    quarters,
    read_only,
)

# ── A neuron: h = φ(w·x + b), for one input or a batch ───────────────────────────────────────────


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
    returns=("h",),
    inputs=neuron_inputs,
    points={"shape": 1, "values": 2, "inputs": 1},
    tolerance=FLOAT32_SMALL,
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


# ── On which inputs a threshold unit fires ───────────────────────────────────────────────────────


def firing_patterns_inputs(rng: np.random.Generator) -> Iterator[Case]:
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
    returns=("patterns", "fires"),
    inputs=firing_patterns_inputs,
    points={"shape": 1, "values": 2, "inputs": 1},
)
def firing_patterns(w: Array, theta: float) -> tuple[Array, Array]:
    patterns = all_patterns(len(w))
    fires = np.where(patterns @ w >= theta, 1, 0)
    return patterns, fires


def all_patterns(p: int) -> Array:
    place = 2 ** np.arange(p)[::-1]
    return np.arange(2**p)[:, None] // place % 2


# ── The perceptron's learning rule, one example at a time ────────────────────────────────────────


CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def perceptron_fit_inputs(rng: np.random.Generator) -> Iterator[Case]:
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
    returns=("w", "b", "errors"),
    inputs=perceptron_fit_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
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


# ── A network of two layers for any truth table ──────────────────────────────────────────────────


def logic_network_inputs(rng: np.random.Generator) -> Iterator[Case]:
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
    returns=("W1", "b1", "w2", "b2"),
    inputs=logic_network_inputs,
    observe=computed_table,
    facts=("the table it computes",),
    points={"shape": 1, "values": 3, "inputs": 1},
)
def logic_network(table: Array) -> tuple[Array, Array, Array, float]:
    patterns = all_patterns(int(np.log2(len(table))))
    detected = patterns[table == 1]
    W1 = 2 * detected - 1
    b1 = -detected.sum(axis=1)
    return W1, b1, np.ones(len(W1)), -1.0


EXERCISES = [neuron, firing_patterns, perceptron_fit, logic_network]
