"""Lesson 17, continued: the way back through a layer with dropout, and its mask."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.exercises.batch_norm import FLOAT32
from nnlib.course.exercises.dropout import LESSON
from nnlib.course.exercises.neuron import quarters, read_only
from nnlib.course.exercises.specification import Array, Case, exercise


def backward_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, n: int, K: int, p: float) -> Case:
        arrays = quarters(rng, N, K), quarters(rng, N, n), rng.random((N, n)) < 1 - p
        arguments = dict(zip(("dY", "Z", "keep"), arrays, strict=True))
        return Case(what, {**arguments, "V": quarters(rng, K, n), "p": p})

    dY, Z, V = np.array([[1.0]]), np.array([[2.0, 3.0]]), np.array([[5.0, 7.0]])
    keep = np.array([[True, False]])
    yield Case("the example of the task", {"dY": dY, "Z": Z, "keep": keep, "V": V, "p": 0.5})
    for N, n, K in ((6, 4, 3), (4, 4, 4), (5, 6, 2)):
        yield case(f"{N} examples, {n} units, {K} outputs", N, n, K, 0.2)
    yield case("p = 0.75", 5, 8, 2, 0.75)
    yield case("nothing dropped", 3, 4, 2, 0.0)
    zero = case("pre-activations of exactly 0", 4, 4, 3, 0.2)
    zero.args["Z"][:, ::2], zero.args["keep"][:] = 0.0, True
    yield zero
    whole = case("whole numbers, and a mask of 0 and 1", 4, 3, 2, 0.2)
    whole.args.update({"Z": rng.integers(-4, 5, (4, 3)), "keep": whole.args["keep"].astype(int)})
    yield whole
    narrow = case("float32", 5, 4, 3, 0.2)
    narrow.args.update({name: narrow.args[name].astype(np.float32) for name in ("dY", "Z", "V")})
    yield narrow
    strided = case("every other row and column of larger arrays", 4, 3, 3, 0.2)
    strided.args.update({"Z": quarters(rng, 8, 6)[::2, ::2], "dY": quarters(rng, 8, 6)[::2, ::2]})
    yield strided
    fixed = case("arrays that must not be written to", 4, 3, 2, 0.2)
    for name in ("dY", "Z", "keep", "V"):
        read_only(fixed.args[name])
    yield fixed


@exercise(
    lesson=LESSON,
    returns=("dZ", "dV", "dc"),
    inputs=backward_inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32,
    hints=(
        (
            "Write the forward pass first: H = relu(Z), H2 = keep ⊙ H / q, Y = H2 Vᵀ + c. Then walk "
            "back from Y, one step at a time. V has only ever met H2."
        ),
        (
            "dV = dYᵀ H2 and dc = the sum of dY's rows; dH2 = dY V. The mask and the 1/q then "
            "multiply on the way back exactly as they did on the way forward, and relu lets through "
            "what had Z > 0."
        ),
    ),
)
def dropout_backward(
    dY: Array, Z: Array, keep: Array, V: Array, p: float
) -> tuple[Array, Array, Array]:
    q = 1 - p
    H = np.maximum(Z, 0)
    H2 = H * keep / q
    dH2 = dY @ V
    dH = dH2 * keep / q
    dZ = dH * (Z > 0)
    return dZ, dY.T @ H2, dY.sum(axis=0)


dropout_backward.slip(
    "dH2 * keep / q",
    "dH2 / q",
    "The mask is missing on the way back: a unit that was dropped had no effect, so its gradient "
    "is 0.",
)
dropout_backward.slip(
    "dH2 * keep / q",
    "dH2 * keep",
    "dZ lacks the factor 1/q: what was scaled up on the way forward has its gradient scaled up too.",
)
dropout_backward.slip(
    "dH2 * keep / q",
    "dH2",
    "dZ is that of a network without dropout: multiply by keep / q on the way back.",
)
dropout_backward.slip(
    "dH2 * keep / q",
    "dH2 * keep * q",
    "On the way back you multiply by q. The derivative of keep · h / q is keep / q: divide.",
)
dropout_backward.slip(
    "dH2 * keep / q",
    "dH2 * keep / q**2",
    "You divide dZ by q twice. Once on the way forward, once on the way back: dZ contains only the "
    "latter.",
)
dropout_backward.slip(
    "dH2 * keep / q",
    "dH2 * (1 - keep) / q",
    "You let through the gradients of the *dropped* units: keep is True where a unit was kept.",
)
dropout_backward.slip(
    "dY.T @ H2",
    "dY.T @ H",
    "Your dV uses H. What V multiplied in this pass is H2, with units dropped and the others "
    "scaled up.",
)
dropout_backward.slip(
    "H * keep / q",
    "H * keep",
    "In your dV the 1/q is missing: V multiplied H2 = keep ⊙ H / q.",
)
dropout_backward.slip(
    "H * keep / q",
    "H / q",
    "In your dV the mask is missing: V multiplied H2 = keep ⊙ H / q.",
)
dropout_backward.slip(
    "q = 1 - p",
    "q = p",
    "You divide by p. p is the probability to drop; divide by the one to keep, q = 1 − p.",
)
dropout_backward.slip(
    "dH * (Z > 0)",
    "dH",
    "relu's derivative is missing in dZ: where Z ≤ 0 the gradient is 0.",
)
dropout_backward.slip(
    "dH * (Z > 0)",
    "dH * (Z >= 0)",
    "At Z = 0 exactly, this course (as PyTorch) takes 0 for relu's derivative: Z > 0.",
)
dropout_backward.slip(
    "dH * (Z > 0)",
    "dH * H",
    "You multiply by relu(Z) itself. Its derivative is 1 where Z > 0, else 0.",
)
dropout_backward.slip(
    "H = np.maximum(Z, 0)",
    "H = Z",
    "Your dV comes from Z without relu: H = max(Z, 0), then the mask.",
)
dropout_backward.slip(
    "H = np.maximum(Z, 0)",
    "H = dY @ V",
    "Your dV uses a gradient where the layer's input belongs: dV = dYᵀ H2.",
)
dropout_backward.slip(
    "dY.T @ H2",
    "H2.T @ dY",
    "Your dV is transposed: like V it is (K, n), so dYᵀ H2.",
)
dropout_backward.slip(
    "dY.T @ H2",
    "dY.T @ H2 / len(dY)",
    "Your dV is divided by N. The mean over the batch is in dY already.",
)
dropout_backward.slip(
    "dY.sum(axis=0)",
    "dY.mean(axis=0)",
    "Your dc is a mean over the batch. It is a sum: a 1/N, if the loss has one, is in dY already.",
)
dropout_backward.slip(
    "dY.sum(axis=0)",
    "dY.sum(axis=1)",
    "Your dc sums over the outputs. Sum over the examples, axis=0.",
)
dropout_backward.slip(
    "dY.sum(axis=0)",
    "dY.sum(axis=0) / q",
    "Your dc is divided by q. The bias c comes after dropout: no mask and no scale touches it.",
)
dropout_backward.slip(
    "dY.sum(axis=0)",
    "dY.sum(axis=0, keepdims=True)",
    "Your dc has shape (1, K), of a kept axis. It is (K,), as c is.",
)
dropout_backward.slip(
    "return dZ, dY.T @ H2, dY.sum(axis=0)",
    "return dY.T @ H2, dY.sum(axis=0), dZ",
    "The three results are in another order: return dZ, dV, dc.",
)
dropout_backward.slip(
    "dH * (Z > 0)",
    "np.maximum(dH, 0)",
    "You apply relu to the gradient. Multiply by relu's derivative instead: 1 where Z > 0, else 0.",
)
dropout_backward.slip(
    "dZ = dH * (Z > 0)",
    "dZ = dH2",
    "Your dZ is ∂L/∂H2. On the way to Z the mask, 1/q and relu's derivative are still to come.",
)
dropout_backward.slip(
    "dY @ V",
    "dY @ V.T",
    "You multiply dY by Vᵀ. On the way forward it was Vᵀ, so back it is V itself: dH2 = dY V.",
)
dropout_backward.slip(
    "dY.sum(axis=0)",
    "dY.sum()",
    "Your dc is one number. c has K entries, one per output: sum over the examples only, axis=0.",
)
dropout_backward.slip(
    "dH2 * keep / q",
    "np.where(~keep, 0, dH2) / q",
    "~keep goes wrong where the mask has 0 and 1: ~1 is −2, which counts as True. Multiply by "
    "keep.",
)
