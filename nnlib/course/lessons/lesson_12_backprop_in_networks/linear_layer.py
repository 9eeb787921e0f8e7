"""Lesson 12: the way back through a linear layer, for inputs of any shape."""

import math
from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, exercise
from nnlib.course.lessons.lesson_12_backprop_in_networks.network_gradients import (
    FLOATS,
    LESSON,
    read_only,
)


def linear_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, lead: tuple[int, ...], inputs: int, outputs: int) -> Case:
        g, x = rng.normal(size=(*lead, outputs)), rng.normal(size=(*lead, inputs))
        return Case(what, {"g": g, "x": x, "W": rng.normal(size=(outputs, inputs))})

    yield case("a batch of 4", (4,), 3, 2)
    yield case("as many examples as inputs and outputs", (3,), 3, 3)
    yield case("a batch of 1", (1,), 3, 2)
    yield case("a single example, without an axis of examples", (), 3, 2)
    yield case("a single example, square W", (), 2, 2)
    yield case("2 batches of 4", (2, 4), 3, 5)
    yield case("axes of 2, 3 and 2, square W", (2, 3, 2), 2, 2)
    numbers = rng.integers(-3, 4, (4, 2)), rng.integers(-3, 4, (4, 3)), rng.integers(-3, 4, (2, 3))
    yield Case("whole numbers", dict(zip("gxW", numbers, strict=True)))
    single = case("float32", (5,), 3, 2).args
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    strided = case("", (8,), 6, 4).args
    yield Case("every other row and column of larger arrays",
               {name: a[::2, ::2] for name, a in strided.items()})  # fmt: skip
    fixed = case("", (4,), 2, 3).args
    yield Case("arrays that must not be written to", {k: read_only(a) for k, a in fixed.items()})


@exercise(
    lesson=LESSON,
    returns=("dx", "dW", "db"),
    inputs=linear_inputs,
    points={"shape": 2, "values": 2, "inputs": 1},
    tolerance=FLOATS,
    hints=(
        (
            "For a batch of rows the three gradients are in the lesson. All other shapes become "
            "that case when you lay the examples beneath each other, whatever axes they came in."
        ),
        (
            "`x.reshape(-1, x.shape[-1])` gives one row per example, also for a single one. Do the "
            "same with g for dW and db; dx = g W needs no reshaping, `@` works on the last axis."
        ),
    ),
)
def linear_backward(g: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    rows_g, rows_x = as_rows(g), as_rows(x)
    dx = g @ W
    dW = rows_g.T @ rows_x
    db = rows_g.sum(axis=0)
    return dx, dW, db


def as_rows(a: Array) -> Array:
    return a.reshape(math.prod(a.shape[:-1]), a.shape[-1])


linear_backward.slip(
    "g @ W",
    "g @ W.T",
    "dx = g Wᵀ does not fit: g has one entry per output, and W has one row per output. "
    "Forward multiplies by Wᵀ, backward by W.",
)
linear_backward.slip(
    "rows_g.T @ rows_x",
    "rows_x.T @ rows_g",
    "Your dW is transposed. A gradient has the shape of its own array: W is (out, in), so dW is "
    "gᵀ x.",
)
linear_backward.slip(
    "rows_g.sum(axis=0)",
    "rows_g.sum(axis=1)",
    "Your db sums over the outputs. Sum over the examples, `axis=0`: b has one entry per output.",
)
linear_backward.slip(
    "rows_g.sum(axis=0)",
    "rows_g.sum()",
    "Your db is one number. Sum over the examples only: b has one entry per output.",
)
linear_backward.slip(
    "rows_g.sum(axis=0)",
    "g",
    "Your db is g itself, one row per example. b is shared by all examples: add their rows up.",
)
linear_backward.slip(
    "rows_g.sum(axis=0)",
    "rows_g.sum(axis=0, keepdims=True)",
    "Your db has shape (1, out). b is (out,), and its gradient has the same shape: no keepdims.",
)
linear_backward.slip(
    "return dx, dW, db",
    "return dW, db, dx",
    "The three are in another order: return dx, dW, db, like the inputs x, W, b.",
)
linear_backward.slip(
    "return dx, dW, db",
    "return dx, dW",
    "One is missing: return dx, dW and db. The bias learns, too.",
)
linear_backward.slip(
    "g @ W",
    "rows_g @ W",
    "Your dx has one row per example, whatever came in. It needs the shape of x: "
    "reshape it back, or multiply g as it came.",
)
linear_backward.slip(
    "return dx, dW, db",
    "return -dx, -dW, -db",
    "The sign is wrong: return the gradients themselves. The minus stands in the step w − η dw.",
)
linear_backward.slip(
    "rows_g.sum(axis=0)",
    "g.sum(axis=-1)",
    "Your db sums over the last axis, the outputs. Sum over all the others: b has one entry per "
    "output.",
)
linear_backward.slip(
    "return dx, dW, db",
    "return dx, db, dW",
    "dW and db are swapped: return dx, dW, db, in the order of x, W, b.",
)
linear_backward.slip(
    "a.reshape(math.prod(a.shape[:-1]), a.shape[-1])",
    "a.reshape(a.shape[-1], -1).T",
    "`reshape(in, -1)` is no transpose: it cuts the numbers, in the order in which they lie, into "
    "new rows, and mixes the examples. Keep the last axis last: `x.reshape(-1, x.shape[-1])`.",
)
linear_backward.slip(
    "rows_g.T @ rows_x",
    "np.outer(rows_g.sum(axis=0), rows_x.sum(axis=0))",
    "You multiply sums: add up g and x first, and an example's g meets another one's x. "
    "Multiply example by example, then add up: gᵀ x does both.",
)
linear_backward.slip(
    "rows_g.T @ rows_x",
    "np.outer(g, x)",
    "`np.outer` lays all of g and all of x flat: it pairs every example with every other one. It is "
    "right for a single example; for rows it is gᵀ x.",
)
linear_backward.slip(
    "dW = rows_g.T @ rows_x\n    db = rows_g.sum(axis=0)",
    "dW = np.outer(rows_g[-1], rows_x[-1])\n    db = rows_g[-1]",
    "Only the last example counts. If you loop, then each turn overwrites the one before: begin "
    "with zeros and write `+=`.",
)
linear_backward.slip(
    "dW = rows_g.T @ rows_x\n    db = rows_g.sum(axis=0)",
    "dW = rows_g.T @ rows_x / len(x)\n    db = rows_g.sum(axis=0) / len(x)",
    "You divide by the length of the first axis. Nothing is to be divided: W and b are used by each "
    "example, so their gradients are sums, and the 1/N of a mean is in g already.",
)
linear_backward.slip(
    "g @ W",
    "g @ W / len(rows_g)",
    "You divide dx by the number of examples. If the loss is a mean, the 1/N is in g already.",
)
linear_backward.slip(
    "g @ W",
    "x @ W.T",
    "x Wᵀ is the way forward. Going back, it is g that meets W: dx = g W.",
)


@linear_backward.mistake(
    "Your dW is transposed: it should be (out, in), gᵀ x. And your formulas take a batch of rows "
    "only: for other shapes lay the examples beneath each other first."
)
def for_rows_and_transposed(g, x, W):  # type: ignore[no-untyped-def]
    return g @ W, x.T @ g, g.sum(axis=0)


@linear_backward.mistake(
    "dx = g Wᵀ does not fit, it is g W. And your formulas take a batch of rows only: for other "
    "shapes lay the examples beneath each other first."
)
def for_rows_and_w_transposed(g, x, W):  # type: ignore[no-untyped-def]
    return g @ W.T, g.T @ x, g.sum(axis=0)


@linear_backward.mistake(
    "Both products are turned around: dx is g W, and dW is gᵀ x, which has the shape of W. Then "
    "think of inputs that are no batch of rows."
)
def for_rows_and_both_transposed(g, x, W):  # type: ignore[no-untyped-def]
    return g @ W.T, x.T @ g, g.sum(axis=0)


@linear_backward.mistake(
    "One example and a batch of rows work, but an input may have more axes, as (N, T, in) has. "
    "`x.reshape(-1, x.shape[-1])` makes rows of any of them."
)
def for_one_axis_or_two(g, x, W):  # type: ignore[no-untyped-def]
    if x.ndim == 1:
        return g @ W, np.outer(g, x), g
    return g @ W, g.T @ x, g.sum(axis=0)


@linear_backward.mistake(
    "For an input with three axes you give one dW per batch. There is one W, used by all examples: "
    "add up over every axis but the last."
)
def keeps_the_batches_apart(g, x, W):  # type: ignore[no-untyped-def]
    if x.ndim == 1:
        return g @ W, np.outer(g, x), g
    return g @ W, np.swapaxes(g, -1, -2) @ x, g.sum(axis=-2)


@linear_backward.mistake(
    "You divide by N, which is in g already if the loss is a mean: W and b are used by each "
    "example, so their gradients are sums. And inputs may have other axes than (N, in)."
)
def for_rows_and_averaged(g, x, W):  # type: ignore[no-untyped-def]
    return g @ W, g.T @ x / len(x), g.mean(axis=0)


@linear_backward.mistake(
    "With more axes than (N, in) you give one dW per batch, and a single example has no axis −2. "
    "Lay all examples beneath each other first: `x.reshape(-1, x.shape[-1])`."
)
def for_two_axes_from_the_right(g, x, W):  # type: ignore[no-untyped-def]
    return g @ W, np.swapaxes(g, -1, -2) @ x, g.sum(axis=-2)


@linear_backward.mistake(
    "Your formulas are those for a batch of rows, (N, in). For one example, (in,), or more axes, "
    "lay the examples beneath each other first: `x.reshape(-1, x.shape[-1])`, and g likewise."
)
def for_rows_only(g, x, W):  # type: ignore[no-untyped-def]
    return g @ W, g.T @ x, g.sum(axis=0)


@linear_backward.mistake(
    "You divide by the number of examples. W and b are used by each of them, so their gradients "
    "are sums; if the loss is a mean, the 1/N is in g already."
)
def averages_again(g, x, W):  # type: ignore[no-untyped-def]
    dx, dW, db = linear_backward.reference(g, x, W)
    N = dx.size // dx.shape[-1]
    return dx, dW / N, db / N
