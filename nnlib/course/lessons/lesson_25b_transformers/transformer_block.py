"""One block of a transformer: attention and a small network, each added to the stream."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def given(T: int, d: int, m: int) -> dict[str, Array]:
        shapes = {"x": (T, d), "W_in": (3 * d, d), "W_out": (d, d), "W_1": (m, d), "W_2": (d, m)}
        drawn = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        # Rows with a mean and a spread of their own, so that norms along other axes differ.
        drawn["x"] = drawn["x"] * rng.uniform(0.5, 3, (T, 1)) + rng.uniform(-2, 2, (T, 1))
        return {name: a if name == "x" else a / np.sqrt(d) for name, a in drawn.items()}

    yield Case("4 tokens, 3 features", given(4, 3, 5))
    yield Case("3 tokens, 5 features", given(3, 5, 4))
    yield Case("as many of everything", given(4, 4, 4))
    yield Case("one token", given(1, 4, 6))
    yield Case("six tokens", given(6, 4, 8))
    large = given(4, 3, 5)
    yield Case(
        "large scores", large | {"W_in": 2000 * large["W_in"], "W_out": large["W_out"] / 2000}
    )
    single = given(4, 6, 5)
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    wide = given(4, 3, 5)
    yield Case("every other row of a larger array", wide | {"x": np.repeat(wide["x"], 2, 0)[::2]})
    fixed = given(3, 4, 5)
    what = "arrays that must not be written to"
    yield Case(what, {name: read_only(a) for name, a in fixed.items()})


@exercise(
    returns=("out",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def transformer_block(x: Array, W_in: Array, W_out: Array, W_1: Array, W_2: Array) -> Array:
    def norm(h: Array) -> Array:
        spread: Array = np.sqrt(h.var(axis=1, keepdims=True) + 1e-5)
        normed: Array = (h - h.mean(axis=1, keepdims=True)) / spread
        return normed

    q, k, v = np.split(norm(x) @ W_in.T, 3, axis=1)
    scores = q @ k.T / np.sqrt(q.shape[1])
    scores = np.where(np.tri(len(x)) == 1, scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    A = powers / powers.sum(axis=1, keepdims=True)
    h = x + A @ v @ W_out.T
    out: Array = h + np.maximum(norm(h) @ W_1.T, 0) @ W_2.T
    return out
