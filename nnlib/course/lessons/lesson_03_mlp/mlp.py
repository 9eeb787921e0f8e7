"""Lesson 03: the forward pass of an MLP whose parameters are one vector.

As in `neuron`, random numbers are multiples of 1/4, so that sums are exact in any order.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from nnlib.course.kit.exercise import Array, Case, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only
from nnlib.course.lessons.lesson_03_mlp.conventions import LESSON


def forward_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, theta: Array, sizes: list[int], X: Array) -> Case:
        return Case(what, {"theta": theta, "sizes": sizes, "X": X})

    def drawn(sizes: list[int], N: int) -> tuple[Array, list[int], Array]:
        return quarters(rng, parameters(sizes)), sizes, quarters(rng, N, sizes[0])

    theta = np.array([1, 1, 1, 1, 0, -1, 1, -2, 0])
    yield case("XOR's network", theta, [2, 2, 1], np.array([[0, 0], [0, 1], [1, 0], [1, 1]]))
    for sizes in ([3, 4, 2], [2, 5, 3, 2], [4, 2, 3, 5, 1], [3, 3, 3], [2, 4, 4, 3]):
        yield case("–".join(map(str, sizes)), *drawn(sizes, 6))
    yield case("a batch of one", *drawn([3, 2, 4], 1))
    yield case("one unit in each layer", *drawn([1, 1, 1], 3))
    yield case("as many examples as units", *drawn([4, 4, 4], 4))
    theta, sizes, X = drawn([2, 3, 2], 5)
    yield case("float32", theta.astype(np.float32), sizes, X.astype(np.float32))
    strided = np.repeat(quarters(rng, parameters([3, 4, 2])), 2)[::2]
    yield case(
        "every other entry of a larger array", strided, [3, 4, 2], quarters(rng, 8, 6)[::2, ::2]
    )
    theta, sizes, X = drawn([2, 3, 1], 4)
    yield case("arrays that must not be written to", read_only(theta), sizes, read_only(X))
    theta, sizes, X = drawn([2, 3, 2], 3)
    yield case("θ has one number too few", theta[:-1].copy(), sizes, X)
    yield case("θ has one number too many", np.append(theta, 1.0), sizes, X.copy())
    weights_only = quarters(rng, 2 * 3 + 3 * 2)
    yield case("θ has no biases", weights_only, [2, 3, 2], X.copy())


def parameters(sizes: list[int]) -> int:
    return sum(m * (n + 1) for n, m in pairwise(sizes))


@exercise(
    lesson=LESSON,
    returns=("H", "Z"),
    inputs=forward_inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    hints=(
        (
            "Count first: a layer from n to m takes m·n weights and then m biases from θ. Keep the "
            "place where the next layer begins in a variable, and move it on after every layer. If "
            "the count for all layers is not len(theta), raise the ValueError."
        ),
        (
            "For each pair n, m of neighboring sizes: W = theta[i : i + m*n].reshape(m, n), "
            "b = theta[i + m*n : i + m*n + m], then i += m*n + m. Z = A @ W.T + b, where A is X at "
            "first, and then the ReLU of the Z before. Collect the ReLUs of all layers but the "
            "last, and join them by np.hstack."
        ),
    ),
)
def mlp_forward(theta: Array, sizes: list[int], X: Array) -> tuple[Array, Array]:
    if len(theta) != expected(sizes):
        raise ValueError(f"theta has {len(theta)} numbers, the sizes need another number of them")
    A, hidden, start = X, [], 0
    for n, m in pairwise(sizes):
        W, b = cut(theta[start : start + m * (n + 1)], n, m)
        start = start + m * (n + 1)
        Z = A @ W.T + b
        A = np.maximum(Z, 0)
        hidden.append(A)
    return np.hstack(hidden[:-1]), Z


def expected(sizes: list[int]) -> int:
    return sum(m * n + m for n, m in pairwise(sizes))


def cut(piece: Array, n: int, m: int) -> tuple[Array, Array]:
    return piece[: m * n].reshape(m, n), piece[m * n :]


mlp_forward.slip(
    "hidden[:-1]), Z",
    "hidden[:-1]), A",
    "You apply the ReLU to the output as well. The last layer gives its scores Z as they are, "
    "negative ones too. (After `H = Z` both are one array, and a change to H changes Z.)",
)

mlp_forward.slip(
    "np.maximum(Z, 0)",
    "Z",
    "There is no ReLU between your layers, so all of them together are one linear layer. "
    "Each hidden layer passes on np.maximum(Z, 0).",
)

mlp_forward.slip(
    "hidden.append(A)",
    "hidden.append(Z)",
    "Your Z is right, but H holds the hidden layers' pre-activations. It should hold what they "
    "pass on, after the ReLU.",
)

mlp_forward.slip(
    "reshape(m, n)",
    "reshape(n, m).T",
    "You cut each W as (in, out). θ holds it row by row as (out, in), the weights of one unit "
    "after the other: reshape(m, n).",
)

mlp_forward.slip(
    "piece[: m * n].reshape(m, n), piece[m * n :]",
    "piece[m:].reshape(m, n), piece[:m]",
    "You take the biases before the weights. In θ each layer's weights come first.",
)

mlp_forward.slip(
    "start = start + m * (n + 1)",
    "start = 0",
    "Every layer of yours starts at the beginning of θ. Move on by m(n + 1) after each layer.",
)

mlp_forward.slip(
    "start = start + m * (n + 1)",
    "start = start + m * n",
    "After a layer you move on by its weights only. Its m biases were used up too: m(n + 1).",
)

mlp_forward.slip("A @ W.T + b", "A @ W.T", "The biases are missing: Z = A Wᵀ + b.")

mlp_forward.slip("A @ W.T + b", "A @ W.T - b", "You subtract the biases: Z = A Wᵀ + b.")

mlp_forward.slip(
    "A @ W.T",
    "A @ W",
    "You multiply by W. With examples in rows and units in the rows of W it is A @ W.T.",
)

mlp_forward.slip(
    "hidden[:-1]",
    "hidden",
    "Your H ends with the ReLU of the output. It should hold the hidden layers only.",
)

mlp_forward.slip(
    "np.hstack(hidden[:-1])",
    "hidden[-2]",
    "Your H is the last hidden layer alone. Put all hidden layers side by side, the first one first.",
)

mlp_forward.slip(
    "np.hstack(hidden[:-1])",
    "np.hstack([X, *hidden[:-1]])",
    "Your H begins with X. The inputs are no hidden layer: leave them out.",
)

mlp_forward.slip(
    "np.hstack(hidden[:-1])",
    "np.hstack(hidden[-2::-1])",
    "Your hidden layers stand in the wrong order: the first one comes first.",
)

mlp_forward.slip(
    "np.hstack(hidden[:-1])",
    "np.hstack(hidden[:-1]).T",
    "Your H is transposed: one example per row, one hidden unit per column.",
)

mlp_forward.slip(
    "np.hstack(hidden[:-1]), Z",
    "Z, np.hstack(hidden[:-1])",
    "The two results are in the other order: return H first, then Z.",
)

mlp_forward.slip(
    "hidden[:-1]), Z",
    "hidden[:-1]), np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)",
    "Your Z went through a softmax. Return the scores themselves.",
)

mlp_forward.slip(
    "len(theta) != expected(sizes)",
    "False",
    "A θ of the wrong length goes through, or fails somewhere inside. Count what the sizes need "
    "first, and raise a ValueError if θ has another number.",
)

mlp_forward.slip(
    "len(theta) != expected(sizes)",
    "len(theta) < expected(sizes)",
    "A θ that is too long goes through, and its last numbers are never used. It must be exactly "
    "as long as the sizes need.",
)

mlp_forward.slip(
    "raise ValueError",
    "raise IndexError",
    "For a θ of the wrong length the task asks for a ValueError, and yours is an IndexError.",
)

mlp_forward.slip(
    "raise ValueError",
    "raise AssertionError",
    "For a θ of the wrong length the task asks for a ValueError, and `assert` gives another error.",
)

mlp_forward.slip(
    "m * n + m for",
    "m * n for",
    "You refuse a θ of the right length: your count leaves out the biases. A layer from n to m "
    "takes m·n weights and m biases, one for each of its units.",
)

mlp_forward.slip(
    "m * n + m for",
    "m * n + n for",
    "You refuse a θ of the right length: your count has a bias for each input. A layer from n to m "
    "has m biases, one for each of its units.",
)

mlp_forward.slip(
    "np.maximum(Z, 0)",
    "np.tanh(Z)",
    "You use tanh between the layers. Here it is the ReLU, np.maximum(Z, 0).",
)

mlp_forward.slip(
    "np.maximum(Z, 0)",
    "1 / (1 + np.exp(-Z))",
    "You use the sigmoid between the layers. Here it is the ReLU, np.maximum(Z, 0).",
)

mlp_forward.slip(
    "A @ W.T + b",
    "np.maximum(A, 0) @ W.T + b",
    "You apply the ReLU to X before the first layer. The inputs go in as they are.",
)

mlp_forward.slip(
    "np.hstack(",
    "np.vstack(",
    "You put the hidden layers one above the other. They belong side by side, one example per row: "
    "np.hstack.",
)

mlp_forward.slip(
    "np.hstack(hidden[:-1])",
    "hidden[:-1]",
    "Your H is a list of arrays. Join them side by side into one array: np.hstack.",
)

mlp_forward.slip(
    "np.hstack(hidden[:-1])",
    "np.concatenate([h.ravel() for h in hidden[:-1]])",
    "Your H is one long vector. It should have one example per row: (N, n₁ + n₂ + …).",
)

mlp_forward.slip(
    "np.hstack(hidden[:-1])",
    "hidden[0]",
    "Your H is the first hidden layer alone. Put all hidden layers side by side.",
)

mlp_forward.slip(
    "np.hstack(hidden[:-1]), Z",
    "Z",
    "You return the scores alone. The task asks for two results: H, then Z.",
)

mlp_forward.slip(
    "hidden[:-1]), Z",
    "hidden[:-1]), np.argmax(Z, axis=1)",
    "You return the largest score's place. The task asks for Z itself, all scores of each example.",
)

mlp_forward.slip(
    "A, hidden, start = X, [], 0",
    "_, _, _ = sizes\n    A, hidden, start = X, [], 0",
    "Your network has two layers, always. There are as many as there are pairs of neighboring "
    "sizes: loop over them.",
)

mlp_forward.slip(
    "np.hstack(hidden[:-1])",
    "np.hstack([*hidden[:-1], Z])",
    "Your H ends with the scores. It should hold the hidden layers only.",
)

mlp_forward.slip(
    "reshape(m, n)",
    "reshape(n, m)",
    "You cut each W as (in, out), so W.T fits only where both are equal. θ holds it as (out, in).",
)

mlp_forward.slip(
    "A = np.maximum(Z, 0)",
    "A = np.maximum(Z, 0) if len(hidden) < len(sizes) - 3 else Z",
    "Your last hidden layer has no ReLU: the loop leaves it out one layer too early. Only the "
    "scores go without.",
)

mlp_forward.slip(
    "hidden[:-1]), Z",
    "hidden[:-1]), np.squeeze(Z)",
    "Z must stay (N, sizes[-1]), also where one of them is 1. Look where an axis is squeezed away.",
)


@mlp_forward.mistake(
    "You take all weights first and all biases after them. In θ each layer's biases follow its own "
    "weights: W of layer 1, b of layer 1, W of layer 2, …"
)
def weights_then_biases(theta: Array, sizes: list[int], X: Array) -> tuple[Array, Array]:
    Ws, bs = [], []
    rest = theta
    for n, m in pairwise(sizes):
        Ws.append(rest[: m * n].reshape(m, n))
        rest = rest[m * n :]
    for m in sizes[1:]:
        bs.append(rest[:m])
        rest = rest[m:]
    pairs = zip(Ws, bs, strict=True)
    layers = [np.append(W.ravel(), b) for W, b in pairs]
    return mlp_forward.reference(np.concatenate([*layers, rest]), sizes, X)  # type: ignore[no-any-return]
