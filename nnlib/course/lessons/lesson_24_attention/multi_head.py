"""Several heads of self-attention, as one layer."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def given(T: int, d: int, h: int) -> dict[str, Array | int]:
        x = rng.normal(size=(T, d))
        W_in, W_out = rng.normal(size=(3 * d, d)), rng.normal(size=(d, d))
        return {"x": x, "W_in": W_in / np.sqrt(d) * 1.5, "W_out": W_out / np.sqrt(d), "h": h}

    yield Case("5 tokens, d = 4, 2 heads", given(5, 4, 2))
    yield Case("4 tokens, d = 6, 3 heads", given(4, 6, 3))
    yield Case("as many tokens as features", given(6, 6, 2))
    yield Case("as many tokens as heads", given(2, 8, 2))
    yield Case("one head", given(4, 3, 1))
    yield Case("heads of one feature", given(5, 3, 3))
    yield Case("one token", given(1, 4, 2))
    large = given(4, 6, 2)
    yield Case("large scores", large | {"x": 300 * np.asarray(large["x"])})
    single = given(4, 6, 2)
    kinds = {name: a.astype(np.float32) for name, a in single.items() if isinstance(a, np.ndarray)}
    yield Case("float32", single | kinds)
    wide = given(8, 4, 2)
    yield Case("every other row of a larger array", wide | {"x": np.asarray(wide["x"])[::2]})
    fixed = given(3, 4, 2)
    yield Case(
        "arrays that must not be written to",
        {x: read_only(a) if isinstance(a, np.ndarray) else a for x, a in fixed.items()},
    )


@exercise(
    returns=("out",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def multi_head(x: Array, W_in: Array, W_out: Array, h: int) -> Array:
    T, d = x.shape
    q, k, v = np.split(x @ W_in.T, 3, axis=1)
    q, k, v = (z.reshape(T, h, d // h).transpose(1, 0, 2) for z in (q, k, v))
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(d // h)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    A = powers / powers.sum(axis=-1, keepdims=True)
    out: Array = (A @ v).transpose(1, 0, 2).reshape(T, d) @ W_out.T
    return out
