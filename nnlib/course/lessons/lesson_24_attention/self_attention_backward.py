"""From the gradient of what self-attention gives to that of its tokens."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only
from nnlib.course.lessons.lesson_24_attention.attend import attend


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def given(T: int, d: int, p: int, e: int, mask: Array | None = None) -> dict[str, Array]:
        x, g = rng.normal(size=(T, d)), rng.normal(size=(T, e))
        W_q, W_k, W_v = (rng.normal(size=(n, d)) / np.sqrt(d) for n in (p, p, e))
        A = attend.reference(x @ W_q.T, x @ W_k.T, x @ W_v.T, mask)[1]
        return {"g": g, "x": x, "W_q": W_q, "W_k": W_k, "W_v": W_v, "A": A}

    yield Case("3 tokens", given(3, 5, 4, 2))
    yield Case("5 tokens", given(5, 3, 2, 4))
    yield Case("as many of everything", given(4, 4, 4, 4))
    yield Case("5 tokens, none looks ahead", given(5, 4, 3, 2, np.tri(5) == 1))
    yield Case("two tokens", given(2, 4, 3, 3))
    yield Case("numbers as values", given(4, 3, 2, 1))
    single = given(4, 3, 6, 2)
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    wide = given(4, 3, 6, 4)
    strided = {name: np.repeat(a, 2, axis=0)[::2] for name, a in wide.items()}
    yield Case("every other row of larger arrays", strided)
    fixed = given(3, 4, 2, 3)
    what = "arrays that must not be written to"
    yield Case(what, {name: read_only(a) for name, a in fixed.items()})


@exercise(
    returns=("dx",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def self_attention_backward(
    g: Array, x: Array, W_q: Array, W_k: Array, W_v: Array, A: Array
) -> Array:
    q, k, v = x @ W_q.T, x @ W_k.T, x @ W_v.T
    dA = g @ v.T
    dS = A * (dA - (dA * A).sum(axis=1, keepdims=True))
    dS = dS / np.sqrt(q.shape[1])
    dx: Array = dS @ k @ W_q + dS.T @ q @ W_k + A.T @ g @ W_v
    return dx
