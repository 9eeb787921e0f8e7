"""Lesson 12: an autoencoder with tied weights, whose one matrix is reached by two paths."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, exercise
from nnlib.course.lessons.lesson_12_backprop_in_networks.network_gradients import (
    FLOATS,
    LESSON,
    read_only,
)


def tied_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, d: int, n: int) -> Case:
        parts = rng.normal(size=(N, d)), rng.normal(size=(n, d)), rng.normal(size=n)
        return Case(what, dict(zip("XWbc", (*parts, rng.normal(size=d)), strict=True)))

    yield case("one example", 1, 3, 2)
    yield case("five examples", 5, 3, 2)
    yield case("as many hidden units as inputs", 4, 3, 3)
    yield case("as many examples as inputs and units", 3, 3, 3)
    yield case("more hidden units than inputs", 6, 2, 5)
    args = case("", 4, 3, 2).args
    yield Case("whole numbers", args | {"X": rng.integers(-2, 3, (4, 3)), "b": np.array([1, 0])})
    yield Case("float32", {k: a.astype(np.float32) for k, a in case("", 5, 3, 2).args.items()})
    args = case("", 4, 3, 2).args
    strided = {"X": rng.normal(size=(8, 6))[::2, ::2], "W": rng.normal(size=(4, 6))[::2, ::2]}
    yield Case("every other row and column of larger arrays", args | strided)
    fixed = {k: read_only(a) for k, a in case("", 4, 2, 3).args.items()}
    yield Case("arrays that must not be written to", fixed)


@exercise(
    lesson=LESSON,
    returns=("dW", "db", "dc"),
    inputs=tied_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOATS,
    hints=(
        (
            "Pretend first that the two W are different matrices, U in the encoder and V in the "
            "decoder. Find dU and dV layer by layer, from Y back. Then dW = dU + dV."
        ),
        (
            "From the loss: dY = (Y − X) / N. The decoder is Y = H V + c, without a transpose: "
            "dV = Hᵀ dY, dc sums dY's rows, dH = dY Vᵀ. Then dZ = dH ⊙ (1 − H²), and the encoder is "
            "the lesson's linear layer: dU = dZᵀ X."
        ),
    ),
)
def tied_backward(X: Array, W: Array, b: Array, c: Array) -> tuple[Array, Array, Array]:
    H = np.tanh(X @ W.T + b)
    dY = (H @ W + c - X) / len(X)
    dZ = (dY @ W.T) * (1 - H**2)
    dW = dZ.T @ X + H.T @ dY
    db = dZ.sum(axis=0)
    dc = dY.sum(axis=0)
    return dW, db, dc


tied_backward.slip(
    "dZ.T @ X + H.T @ dY",
    "dZ.T @ X",
    "Your dW holds the encoder's path only. W is used a second time, in the decoder: two uses, "
    "two paths, and their gradients add up.",
)
tied_backward.slip(
    "dZ.T @ X + H.T @ dY",
    "H.T @ dY",
    "Your dW holds the decoder's path only. W is used in the encoder, too: two uses, two paths, "
    "and their gradients add up.",
)
tied_backward.slip(
    "dZ.T @ X + H.T @ dY",
    "dZ.T @ X + dY.T @ H",
    "The decoder's part of dW is transposed. In Y = H W + c the matrix is not transposed, so its "
    "gradient is Hᵀ dY, which has the shape of W.",
)
tied_backward.slip(
    "dZ.T @ X + H.T @ dY",
    "(dZ.T @ X + H.T @ dY) / 2",
    "Your dW is half of what it should be: the gradients of the two uses are added, not averaged. "
    "If db and dc are half as well, the ½ is in dY: there the square's 2 cancels it.",
)
tied_backward.slip(
    "(H @ W + c - X) / len(X)",
    "H @ W + c - X",
    "Your gradients are N times too large: the loss is a mean over the batch, so dY = (Y − X) / N.",
)
tied_backward.slip(
    "(H @ W + c - X) / len(X)",
    "(H @ W + c - X) / X.size",
    "You divide by N · d. The loss is divided by N only; over the d entries of a row it sums.",
)
tied_backward.slip(
    "(H @ W + c - X) / len(X)",
    "2 * (H @ W + c - X) / len(X)",
    "Your gradients are twice too large: the loss has a factor ½, which the square's 2 cancels.",
)
tied_backward.slip(
    "(H @ W + c - X) / len(X)",
    "(X - H @ W - c) / len(X)",
    "Your gradients have the wrong sign: dY = (Y − X) / N, what came out minus what should have.",
)
tied_backward.slip(
    "(1 - H**2)",
    "1",
    "The activation's derivative is missing: dZ = dH ⊙ tanh′(Z), and tanh′ = 1 − tanh².",
)
tied_backward.slip(
    "(1 - H**2)",
    "(1 - np.tanh(H) ** 2)",
    "You take φ′ at H. tanh′(Z) = 1 − tanh(Z)², which is 1 − H²: another tanh of H is one too many.",
)
tied_backward.slip(
    "(1 - H**2)",
    "(1 - (X @ W.T + b) ** 2)",
    "You write 1 − Z². tanh′(Z) = 1 − tanh(Z)², and tanh(Z) is H: 1 − H².",
)
tied_backward.slip(
    "(1 - H**2)",
    "(H * (1 - H))",
    "H (1 − H) is the derivative of the sigmoid. That of tanh is 1 − H².",
)
tied_backward.slip(
    "dY @ W.T",
    "dY @ W",
    "On the way back to H you multiply by W. Forward the decoder multiplies by W, "
    "so backward it is Wᵀ: dH = dY Wᵀ.",
)
tied_backward.slip(
    ".sum(axis=0)",
    ".mean(axis=0)",
    "You take a mean over the batch for a bias. The 1/N is in dY already: here the rows are added "
    "up.",
)
tied_backward.slip(
    "return dW, db, dc",
    "return dW, dc, db",
    "db and dc are swapped: b belongs to the hidden units, c to the output.",
)
tied_backward.slip(
    "return dW, db, dc",
    "return dW, db",
    "One is missing: return dW, db and dc.",
)
tied_backward.slip(
    ".sum(axis=0)",
    ".sum(axis=1)",
    "Your db and dc sum over the wrong axis. Examples are rows: `axis=0` adds them up.",
)
tied_backward.slip(
    ".sum(axis=0)",
    ".sum(axis=0, keepdims=True)",
    "A bias has shape (n,), and so has its gradient: no keepdims.",
)
tied_backward.slip(
    "dY = (H @ W + c - X) / len(X)",
    "Y = np.tanh(H @ W + c)\n    dY = (Y - X) / len(X) * (1 - Y**2)",
    "The decoder has no activation: Y = H W + c as it is.",
)
tied_backward.slip(
    "H @ W + c - X",
    "H @ W - X",
    "c is missing in the way forward: Y = H W + c.",
)
tied_backward.slip(
    "X @ W.T + b",
    "X @ W.T",
    "b is missing in the way forward: H = tanh(X Wᵀ + b).",
)
tied_backward.slip(
    "return dW, db, dc",
    "return dW.T, db, dc",
    "Your dW is transposed: it has the shape of W, (n, d).",
)
tied_backward.slip(
    "(H @ W + c - X) / len(X)",
    "(H @ W + c) / len(X)",
    "The target is missing from your dY: it is (Y − X) / N, for the network is to give X back.",
)
tied_backward.slip(
    "(1 - H**2)",
    "(1 - H)",
    "You write 1 − H. tanh′ = 1 − tanh²: H has to be squared.",
)
tied_backward.slip(
    "(1 - H**2)",
    "(1 + H**2)",
    "You write 1 + H². tanh′ = 1 − tanh², with a minus: where tanh is flat, at ±1, it is 0.",
)
tied_backward.slip(
    "(1 - H**2)",
    "(1 - H**2) ** 2",
    "The factor 1 − H² is there twice. The activation is passed once on the way back.",
)
tied_backward.slip(
    "dZ.T @ X + H.T @ dY",
    "2 * dZ.T @ X",
    "You double the encoder's gradient. That W is used twice means two different paths: the "
    "decoder's is Hᵀ dY.",
)
tied_backward.slip(
    "dZ.T @ X + H.T @ dY",
    "2 * H.T @ dY",
    "You double the decoder's gradient. That W is used twice means two different paths: the "
    "encoder's is dZᵀ X.",
)
tied_backward.slip(
    "dZ.T @ X + H.T @ dY",
    "dZ.T @ X - H.T @ dY",
    "You subtract the decoder's path. The gradients of two uses of one matrix add up.",
)
tied_backward.slip(
    "return dW, db, dc",
    "return db, dW, dc",
    "dW and db are swapped: return dW, db, dc.",
)
tied_backward.slip(
    "return dW, db, dc",
    "return dZ.T @ X, H.T @ dY, db, dc",
    "You return one gradient for each use of W. There is one W, so add the two to one dW.",
)
