"""Lesson 03: the one layer that a ReLU network is, near a point.

As in `neuron`, random numbers are multiples of 1/4, so that sums are exact in any order.
"""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only
from nnlib.course.lessons.lesson_03_mlp.conventions import LESSON


def point_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, *arrays: Array) -> Case:
        return Case(what, dict(zip(("x", "W1", "b1", "W2", "b2"), arrays, strict=True)))

    def drawn(d: int, m: int, K: int) -> list[Array]:
        """Some units on and some off, wherever there is more than one."""
        while True:
            arrays = [quarters(rng, *s) for s in ((d,), (m, d), (m,), (K, m), (K,))]
            z = arrays[1] @ arrays[0] + arrays[2]
            if len(set(z > 0)) == 2 and z.all():
                return arrays

    W1, W2 = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[1.0, -2.0]])
    xor = W1, np.array([0.0, -1.0]), W2, np.array([0.0])
    yield case("XOR's network: one unit on", np.array([0.25, 0.5]), *xor)
    yield case("XOR's network: both on", np.array([1.0, 1.0]), *xor)
    yield case("XOR's network: the second just off", np.array([0.5, 0.4375]), *xor)
    yield case("both off, and b2 = 0.5", np.array([-1.0, -0.5]), *xor[:3], np.array([0.5]))
    for d, m, K in ((3, 4, 2), (2, 5, 3), (4, 3, 1), (2, 6, 2), (3, 5, 4)):
        yield case(f"{d} inputs, {m} units, {K} outputs", *drawn(d, m, K))
    yield case("as many of all", *drawn(3, 3, 3))
    x, W1, b1, W2, b2 = drawn(3, 5, 2)
    b1[1:3] = -(W1 @ x)[1:3]
    yield case("two units at z = 0 exactly", x, W1, b1, W2, b2)
    whole = [rng.integers(-4, 5, s) for s in ((2,), (4, 2), (4,), (3, 4), (3,))]
    yield case("whole numbers", *whole)
    yield case("float32", *(a.astype(np.float32) for a in drawn(2, 4, 2)))
    x, W1, b1, W2, b2 = drawn(3, 4, 2)
    strided = [np.repeat(a, 2, axis=0)[::2] for a in (W1, b1, W2)]
    yield case("every other row of a larger array", x, *strided, b2)
    yield case("arrays that must not be written to", *(read_only(a) for a in drawn(2, 3, 2)))


@exercise(
    lesson=LESSON,
    returns=("W", "b"),
    inputs=point_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    hints=(
        (
            "Compute z at x, and see which units are on (z > 0). Near x a unit that is on passes "
            "its z through unchanged; one that is off gives 0, whatever x does. So near x the "
            "network is two *linear* layers made of the units that are on."
        ),
        (
            "With the mask `on = W1 @ x + b1 > 0`, the rows `W1[on]`, `b1[on]` and the columns "
            "`W2[:, on]` are what is left. Put these two layers into the lesson's formula for "
            "two linear layers in a row: W = VU, b = Va + c."
        ),
    ),
)
def one_layer_at(x: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array]:
    on = W1 @ x + b1 > 0
    W = W2[:, on] @ W1[on]
    b = W2[:, on] @ b1[on] + b2
    return W, b


one_layer_at.slip(
    "W1 @ x + b1 > 0",
    "b1 == b1",
    "Units that are off still count in what you return, as if there were no ReLU. Near x only "
    "units with z > 0 pass anything on: leave the others out of W and of b.",
)

one_layer_at.slip(
    "+ b1 > 0",
    "+ b1 >= 0",
    "A unit with z = 0 counts as off in this task, and yours is on: use `z > 0`.",
)

one_layer_at.slip(
    "+ b1 > 0",
    "+ b1 <= 0",
    "You keep the units that are off. ReLU passes on where z > 0.",
)

one_layer_at.slip(
    "W1 @ x + b1 > 0",
    "W1 @ x > 0",
    "You decide which units are on without the bias. A unit is on where W1 x + b1 > 0.",
)

one_layer_at.slip(
    "W2[:, on] @ b1[on] + b2",
    "b2",
    "Your b is b2 alone. The hidden units' biases come through the second layer too: W2 b1 + b2, "
    "for the units that are on.",
)

one_layer_at.slip(
    "W2[:, on] @ b1[on] + b2",
    "W2[:, on] @ b1[on]",
    "b2 is missing from your b: b = W2 b1 + b2, for the units that are on.",
)

one_layer_at.slip(
    "W2[:, on] @ b1[on] + b2",
    "W2 @ np.maximum(W1 @ x + b1, 0) + b2",
    "Your b is what the network gives at x. It must be what W x + b needs in order to give that: "
    "subtract W x.",
)

one_layer_at.slip(
    "W2[:, on] @ W1[on]",
    "W2 @ (on * W1)",
    "Your mask has one entry per hidden unit, and `on * W1` lays it along the inputs. The units "
    "are the rows of W1: `on[:, None] * W1`, or `W1[on]`.",
)

one_layer_at.slip(
    "W = W2[:, on] @ W1[on]\n    b = W2[:, on] @ b1[on] + b2",
    "W = W2 @ np.maximum(W1, 0)\n    b = W2 @ np.maximum(b1, 0) + b2",
    "You take the ReLU of the parameters. It acts on z: a unit that is on keeps its weights and "
    "its bias as they are, negative ones too.",
)

one_layer_at.slip(
    "W = W2[:, on] @ W1[on]",
    "W = W1[on].T @ W2[:, on].T",
    "Your W comes back as (d, K). In this course it is (K, d): one row per output.",
)

one_layer_at.slip(
    "return W, b",
    "return b, W",
    "The two results are in the other order: return W first, then b.",
)

one_layer_at.slip(
    "return W, b",
    "up = W2[:, on] @ (W1[on] @ x + b1[on]) + b2 > 0\n    return W * up[:, None], b * up",
    "You put a ReLU behind the output as well. Only the hidden layer has one.",
)

one_layer_at.slip(
    "W1 @ x + b1 > 0",
    "W1 @ x - b1 > 0",
    "You subtract b1 when you decide which units are on. A unit is on where W1 x + b1 > 0.",
)

one_layer_at.slip(
    "W1 @ x + b1 > 0",
    "b1 > 0",
    "You decide which units are on by their bias alone. That depends on x: W1 x + b1 > 0.",
)

one_layer_at.slip(
    "W2[:, on] @ b1[on] + b2",
    "b1 + b2",
    "You add b1 and b2. The hidden biases belong to hidden units, and come through the second "
    "layer first: W2 b1 + b2, for the units that are on.",
)

one_layer_at.slip(
    "W2[:, on]",
    "W2",
    "You leave units out of W1 and b1, but not out of W2, so the shapes no longer fit. Hidden "
    "unit i is row i of W1 and *column* i of W2: `W2[:, on]`.",
)

one_layer_at.slip(
    "W2[:, on] @ W1[on]",
    "W1[on] @ W2[:, on]",
    "You multiply in the other order. x meets W1 first, so W1 stands on the right: W2 W1.",
)


@one_layer_at.mistake(
    "You multiply by h, the units' values. The mask is 1 where a unit is on and 0 where it is off: "
    "h > 0, not h itself."
)
def weighs_by_h(x: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array]:
    h = np.maximum(W1 @ x + b1, 0)
    return (W2 * h) @ W1, (W2 * h) @ b1 + b2


one_layer_at.slip(
    "+ b1 > 0",
    "+ b1 < 0",
    "You keep the units whose z is negative. Those are off: ReLU passes on where z > 0.",
)

one_layer_at.slip(
    "W1 @ x + b1 > 0",
    "x @ W1 + b1 > 0",
    "You compute z by x @ W1. Here the units are the rows of W1: z = W1 @ x + b1.",
)

one_layer_at.slip(
    "b1[on] + b2",
    "b1[on] + b2 * on.any()",
    "Where all units are off, b2 is lost. The network still gives b2 there: W is 0, but b is b2.",
)

one_layer_at.slip(
    "b1[on] + b2",
    "b1[on] + b2 * on.sum()",
    "You add b2 once for every unit that is on. It is the output's bias, and comes once.",
)

one_layer_at.slip(
    "W1 @ x + b1 > 0",
    "(W1 @ x + b1 > 0) & (np.arange(len(b1)) == 0)",
    "Only the first hidden unit goes into your W and b. Is the `return` inside the loop?",
)
