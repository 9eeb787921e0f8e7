"""Lesson 01, its second half: the perceptron rule, and networks of two layers.

As in `neuron`, random numbers are multiples of 1/4.
"""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Arguments, Array, Case, Unfit, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import LESSON, all_patterns, quarters, read_only

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


perceptron_fit.slip(
    "label - step(w @ x + b)",
    "step(w @ x + b) - label",
    "Your updates go the wrong way: (ŷ − y) moves w away from an example that should fire. "
    "Add (y − ŷ) x: towards x when the neuron should have fired, away when it should not.",
)

perceptron_fit.slip(
    "z >= 0",
    "z > 0",
    "Your neuron does not fire at z = 0. With H(0) = 1 the very first prediction, with w = 0 and "
    "b = 0, is 1. Use `z >= 0`.",
)

perceptron_fit.slip(
    "b = b + error",
    "b = 0.0",
    "Your bias stays 0. It learns as well, like the weight of an input that is always 1: "
    "b ← b + (y − ŷ).",
)

perceptron_fit.slip(
    "1 if z >= 0 else 0",
    "1 if z >= 0 else -1",
    "Your predictions are −1 and 1, but the labels are 0 and 1, so y − ŷ is never 0 where y = 0. "
    "Use the step H, not np.sign.",
)


@perceptron_fit.mistake(
    "You add y x at every example, mistaken or not. The perceptron learns from mistakes only, "
    "and from both kinds: w ← w + (y − ŷ) x."
)
def learns_when_right(X: Array, y: Array, epochs: int) -> tuple[Array, float, list[int]]:
    w, b, errors = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        errors.append(0)
        for x, label in zip(X, y, strict=True):
            errors[-1] += int(label != step(w @ x + b))
            w, b = w + label * x, b + label
        if errors[-1] == 0:
            break
    return w, b, errors


perceptron_fit.slip(
    "mistakes == 0",
    "False",
    "You go on after an epoch without a mistake. Nothing can change any more: "
    "append its 0 to `errors`, then stop.",
)

perceptron_fit.slip(
    "return w, b, errors",
    "return w, b, [count for count in errors if count > 0]",
    "The epoch without a mistake is missing from `errors`: append the count first, then stop.",
)

perceptron_fit.slip(
    "errors.append(mistakes)",
    "errors.append(mistakes + sum(errors[-1:]))",
    "Your counts only grow: set the counter of mistakes to 0 at the start of every epoch.",
)


perceptron_fit.slip(
    "errors.append(mistakes)",
    "mistakes = int(np.sum((X @ w + b >= 0) != y))\n        errors.append(mistakes)",
    "You count the mistakes after the epoch, with its last weights. Count each one as it occurs, "
    "with the weights of that moment, before the update.",
)


@perceptron_fit.mistake(
    "You predict the whole epoch with the same weights and update at its end. The perceptron "
    "updates at once: the next example already meets the new w and b."
)
def updates_after_the_epoch(X: Array, y: Array, epochs: int) -> tuple[Array, float, list[int]]:
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


logic_network.slip(
    "-1.0",
    "0.0",
    "Your output fires even when no hidden unit does: with H(0) = 1 a bias of 0 lets it fire "
    "always. It should need at least one: any bias b2 with −1 ≤ b2 < 0 does it.",
)

logic_network.slip(
    "table == 1",
    "table == 0",
    "Your network computes the opposite table: its hidden units watch for the zeros of the table. "
    "Watch for the ones.",
)

logic_network.slip(
    "2 * detected - 1",
    "detected",
    "Your hidden units also fire on patterns with more inputs on than their own. An input that "
    "must be off needs the weight −1; with the weight 0 the unit does not look at it.",
)

logic_network.slip(
    "-detected.sum(axis=1)",
    "-detected.sum(axis=1) - 1",
    "Your hidden units never fire: their z stays below 0 even on their own pattern. "
    "There w·x equals the number of ones, so a bias of minus that number brings z to exactly 0.",
)

logic_network.slip(
    "-detected.sum(axis=1)",
    "detected.sum(axis=1)",
    "Your b1 has the wrong sign: with weights ±1 the unit's bias is minus the number of its ones. "
    "A bias of plus that number lets it fire on almost everything.",
)

logic_network.slip(
    "-detected.sum(axis=1)",
    "-detected.sum(axis=1) + 1",
    "Your hidden units also fire on the patterns that differ from their own in one input: the "
    "bias is 1 too large. On its own pattern z should just reach 0.",
)

logic_network.slip(
    "-1.0",
    "-float(len(W1))",
    "Your output waits until all hidden units fire, but no two of them ever fire together. "
    "It should fire when any one does: OR, not AND.",
)

logic_network.slip(
    "patterns[table == 1]",
    "patterns[table == 1][:, ::-1]",
    "You read the patterns with the lowest digit first. In counting order the last column changes "
    "fastest: entry 1 of a table of two inputs belongs to (0, 1).",
)
