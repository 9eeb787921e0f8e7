"""Scaled dot-product attention: softmax(Q Kᵀ / √d) V, with a mask."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def given(n: int, m: int, d: int, e: int, scale: float = 1.0) -> dict[str, Array]:
        shapes = {"q": (n, d), "k": (m, d), "v": (m, e)}
        drawn = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        return drawn | {"q": scale * drawn["q"]}

    def mask(n: int, m: int) -> Array:
        """Each query sees a key that is drawn, and about half of the others; some are hidden."""
        sees = rng.random((n, m)) < 0.5
        sees[np.arange(n), rng.integers(m, size=n)] = True
        sees[0, (np.argmax(sees[0]) + 1) % m] = False
        return sees

    yield Case("3 queries, 5 keys, no mask", given(3, 5, 4, 2) | {"mask": None})
    yield Case("4 queries, 6 keys, a mask", given(4, 6, 3, 2) | {"mask": mask(4, 6)})
    yield Case("5 tokens, none looks ahead", given(5, 5, 2, 3) | {"mask": np.tri(5) == 1})
    yield Case("as many of everything", given(4, 4, 4, 4) | {"mask": None})
    yield Case("as many of everything, a mask", given(4, 4, 4, 4) | {"mask": mask(4, 4)})
    yield Case("large scores", given(3, 4, 5, 2, 1e4) | {"mask": mask(3, 4)})
    yield Case("one query", given(1, 4, 3, 2) | {"mask": None})
    yield Case("one key is seen", given(3, 3, 2, 4) | {"mask": np.eye(3)[::-1] == 1})
    single = {name: a.astype(np.float32) for name, a in given(4, 3, 6, 2).items()}
    yield Case("float32", single | {"mask": mask(4, 3)})
    wide = given(8, 6, 4, 6)
    yield Case(
        "every other row of larger arrays", {x: a[::2] for x, a in wide.items()} | {"mask": None}
    )
    fixed = {name: read_only(a) for name, a in given(3, 4, 2, 3).items()}
    yield Case("arrays that must not be written to", fixed | {"mask": read_only(mask(3, 4))})


@exercise(
    returns=("out", "A"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def attend(q: Array, k: Array, v: Array, mask: Array | None) -> tuple[Array, Array]:
    scores = q @ k.T / np.sqrt(q.shape[1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    A = powers / powers.sum(axis=1, keepdims=True)
    return A @ v, A
