"""Lesson 11: one weight is poked. What its slope promises, and what happens.

As in `neuron`, random numbers are multiples of 1/4, so that sums are exact and z = 0 comes up.
"""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only

LESSON = "11_backprop_on_graphs"

Arrays = tuple[Array, Array, Array]

# ── poke ─────────────────────────────────────────────────────────────────────────────────────────


def poke_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, arrays: Arrays, i: int = 1, j: int = 1, new: float = 1.0) -> Case:
        x, W, v = arrays
        return Case(what, {"x": x, "W": W, "v": v, "i": i, "j": j, "new": new})

    def drawn(m: int, d: int) -> Arrays:
        return quarters(rng, d), quarters(rng, m, d), quarters(rng, m)

    def net() -> Arrays:
        x, W = np.array([2.0, -1.0]), np.array([[1.0, -3.0], [-2.0, 0.0], [2.0, 1.0]])
        return x, W, np.array([-2.0, 4.0, -1.0])

    yield case("the −13 net, 0 → 1", net())
    yield case("the −13 net, a unit that is on", net(), i=0, new=-2.0)
    yield case("the −13 net: the last weight", net(), i=2, new=2.0)
    yield case("the −13 net: a unit wakes", net(), new=-10.0)
    yield case("the −13 net: a unit falls asleep", net(), i=0, j=0, new=-6.0)
    for what, row in [("a unit with z = 0", [0.5, 1.0]), ("a unit just on", [0.5, 0.5])]:
        x, W, v = net()
        W[1] = row
        yield case(what, (x, W, v), new=0.25)
    for m, d in [(4, 2), (2, 4), (3, 3), (3, 3), (5, 3)]:
        i, j = int(rng.integers(m)), int(rng.integers(d))
        new = float(quarters(rng, 1)[0])
        yield case(f"{m} units, {d} inputs", drawn(m, d), i, j, new)
    whole = rng.integers(1, 4, 3), rng.integers(1, 5, (4, 3)), rng.integers(1, 4, 4)
    yield case("whole numbers, and a fraction as the new weight", whole, i=3, j=2, new=0.5)
    x, W, v = (a.astype(np.float32) for a in drawn(3, 2))
    yield case("float32", (x, W, v), i=2, j=0, new=-0.25)
    x, W, v = drawn(8, 6)
    strided = x[::2], W[::2, ::2], v[::2]
    yield case("every other row and column of a larger array", strided, i=3, j=2)
    x, W, v = (read_only(a) for a in drawn(3, 2))
    yield case("arrays that must not be written to", (x, W, v), i=2, j=1, new=-1.5)


@exercise(
    lesson=LESSON,
    returns=("before", "after", "promised"),
    inputs=poke_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    hints=(
        (
            "`before` and `after` are the same formula with two matrices: change one entry of a "
            "*copy* of W. `promised` needs no second run: it is `before` plus slope times how far "
            "the weight moves."
        ),
        (
            "One path leads from W[i, j] to the output, so the slope is one product: x[j] into z[i], "
            "through the gate (1 where z[i] > 0, else 0, with the old z), times v[i]. The weight "
            "moves by new − W[i, j]."
        ),
    ),
)
def poke(x: Array, W: Array, v: Array, i: int, j: int, new: float) -> tuple[float, float, float]:
    z = W @ x
    before = output(z, v)
    moved = np.array(W, dtype=float)
    moved[i, j] = new
    after = output(moved @ x, v)
    slope = v[i] * (z[i] > 0) * x[j]
    return before, after, before + slope * (new - W[i, j])


def output(z: Array, v: Array) -> float:
    return float(np.sum(v * np.maximum(z, 0)))


poke.slip(
    "v[i] * (z[i] > 0) * x[j]",
    "v[i] * x[j]",
    "Your promise forgets the gate. Where z[i] ≤ 0 the ReLU passes nothing on, so the slope is 0.",
)

poke.slip(
    "(z[i] > 0)",
    "(z[i] >= 0)",
    "Your gate is open at z[i] = 0. The task takes the slope of the ReLU there as 0: `z[i] > 0`.",
)

poke.slip(
    "(z[i] > 0)",
    "((moved @ x)[i] > 0)",
    "Your gate looks at z after the poke. The slope belongs to the network as it was: it is "
    "known before anything moves.",
)

poke.slip(
    "(z[i] > 0)",
    "max(z[i], 0)",
    "You multiply by the ReLU's value h[i]. On the path stands its slope: 1 where z[i] > 0, else 0.",
)

poke.slip(
    "(z[i] > 0) * x[j]",
    "(z[i] > 0)",
    "x[j] is missing from your slope: z[i] = … + W[i, j] x[j] + …, so ∂z[i]/∂W[i, j] = x[j].",
)

poke.slip(
    "v[i] * (z[i] > 0)",
    "(z[i] > 0)",
    "v[i] is missing from your slope. The path from W[i, j] to the output goes on through v[i].",
)

poke.slip(
    "v[i] * (z[i] > 0) * x[j]",
    "W[i, j] * v[i] * (z[i] > 0)",
    "You multiply by the weight itself. That is the slope in x[j]; the slope in the weight has "
    "the other factor, x[j].",
)

poke.slip(
    "v[i] * (z[i] > 0) * x[j]",
    "v[i] * (z[i] > 0) * np.sum(x)",
    "You multiply by the sum of x. Of all inputs, W[i, j] meets only one: x[j].",
)

poke.slip(
    "(z[i] > 0)",
    "(before > 0)",
    "Your gate looks at the output. The ReLU stands at the hidden unit: open where z[i] > 0.",
)

poke.slip(
    "moved[i, j] = new",
    "moved[i] = new",
    "You replace the whole row i. Only one weight is poked: the one with both indices, i and j.",
)

poke.slip(
    "before + slope * (new - W[i, j])",
    "after + slope * (new - W[i, j])",
    "Your promise begins at `after`, which holds the change already. Begin at `before`.",
)

poke.slip(
    "slope * (new - W[i, j])",
    "slope * new",
    "You multiply the slope by the new weight. What counts is how far it moves: new − W[i, j].",
)

poke.slip(
    "new - W[i, j]",
    "W[i, j] - new",
    "Your promise goes the wrong way: the weight moves by new − W[i, j], not by the opposite.",
)

poke.slip(
    "before + slope * (new - W[i, j])",
    "slope * (new - W[i, j])",
    "Your `promised` is the change alone. Add it to `before`: it promises an output.",
)

poke.slip(
    "before + slope * (new - W[i, j])",
    "slope",
    "Your `promised` is the slope. Multiply it by how far the weight moves, and add `before`.",
)

poke.slip(
    "before + slope * (new - W[i, j])",
    "after",
    "Your `promised` is what really happens. It should come from the slope alone, and may be wrong. "
    "Return before, after, promised, in this order.",
)

poke.slip(
    "np.array(W, dtype=float)",
    "W",
    "You write the new weight into W itself: the caller's matrix changes, and new − W[i, j] is "
    "then 0. Work on a copy.",
)

poke.slip(
    "np.array(W, dtype=float)",
    "W.copy()",
    "A copy of a matrix of whole numbers holds whole numbers: the new weight 0.5 becomes 0 in it. "
    "Copy it as floats: `np.array(W, dtype=float)`.",
)

poke.slip(
    "moved[i, j] = new",
    "moved[i, j] += new",
    "You add `new` to the weight. It is to be replaced: W[i, j] becomes new.",
)

poke.slip(
    "output(moved @ x, v)",
    "output(W @ x, v)",
    "Your `after` is the output of the old W. Take the copy in which the weight was changed, and "
    "return in this order: before, after, promised.",
)

poke.slip(
    "np.maximum(z, 0)",
    "z",
    "The ReLU is missing from your outputs: ŷ is the sum of v[i] · max(z[i], 0).",
)

poke.slip(
    "float(np.sum(v * np.maximum(z, 0)))",
    "float(np.maximum(np.sum(v * z), 0))",
    "The ReLU stands in the wrong place: it acts on each hidden z[i], not on the output.",
)

poke.slip(
    "before, after, before + slope * (new - W[i, j])",
    "before, after",
    "The promise is missing: return before, after, promised.",
)


@poke.mistake(
    "Row and column are mixed up: W[i, j] leads from input j to hidden unit i, so its slope has "
    "v[i] and x[j], and the copy is changed at [i, j]."
)
def pokes_the_mirror_image(
    x: Array, W: Array, v: Array, i: int, j: int, new: float
) -> tuple[float, float, float]:
    z, moved = W @ x, np.array(W, dtype=float)
    moved[j, i] = new
    slope = v[j] * (z[j] > 0) * x[i]
    return output(z, v), output(moved @ x, v), output(z, v) + slope * (new - W[j, i])
