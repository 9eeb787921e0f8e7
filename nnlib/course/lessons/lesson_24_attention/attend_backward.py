"""From the gradient of what attention gives to those of queries, keys and values."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only
from nnlib.course.lessons.lesson_24_attention.attend import attend


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def given(n: int, m: int, d: int, e: int, mask: Array | None = None) -> dict[str, Array]:
        q, k, v, g = (rng.normal(size=shape) for shape in ((n, d), (m, d), (m, e), (n, e)))
        return {"g": g, "q": q, "k": k, "v": v, "A": attend.reference(q, k, v, mask)[1]}

    yield Case("3 queries, 5 keys", given(3, 5, 4, 2))
    yield Case("5 queries, 3 keys", given(5, 3, 2, 4))
    yield Case("as many of everything", given(4, 4, 4, 4))
    yield Case("5 tokens, none looks ahead", given(5, 5, 3, 2, np.tri(5) == 1))
    yield Case("one query", given(1, 4, 3, 2))
    yield Case("numbers as values", given(4, 3, 2, 1))
    single = given(4, 3, 6, 2)
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    wide = given(4, 3, 6, 4)
    strided = {name: np.repeat(a, 2, axis=0)[::2] for name, a in wide.items()}
    yield Case("every other row of larger arrays", strided)
    fixed = given(3, 4, 2, 3)
    yield Case(
        "arrays that must not be written to", {name: read_only(a) for name, a in fixed.items()}
    )


@exercise(
    returns=("dq", "dk", "dv"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def attend_backward(g: Array, q: Array, k: Array, v: Array, A: Array) -> tuple[Array, Array, Array]:
    dA = g @ v.T
    dS = A * (dA - (dA * A).sum(axis=1, keepdims=True))
    dS = dS / np.sqrt(q.shape[1])
    return dS @ k, dS.T @ q, A.T @ g
