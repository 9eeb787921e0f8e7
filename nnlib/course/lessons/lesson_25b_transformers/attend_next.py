"""One step of a text: a new token attends, with the keys and values of the earlier ones kept."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def given(t: int, d: int, scale: float = 1.0) -> dict[str, Array]:
        W_in = scale * rng.normal(size=(3 * d, d)) / np.sqrt(d)
        kept = {"keys": rng.normal(size=(t, d)), "values": rng.normal(size=(t, d))}
        return {"x": 1.5 * rng.normal(size=d), "W_in": W_in} | kept

    yield Case("the third token", given(2, 3))
    yield Case("the sixth token", given(5, 4))
    yield Case("as many tokens as features", given(4, 4))
    yield Case("the first token: nothing is kept yet", given(0, 3))
    yield Case("the second token", given(1, 4))
    yield Case("one feature", given(3, 1))
    large = given(4, 5)
    q = large["W_in"][:5] @ large["x"]
    large["keys"][1] = 3000 * q / (q @ q)  # a score above 1,000: more than exp can bear
    yield Case("large scores", large)
    single = given(3, 6)
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    wide = given(3, 4)
    strided = {name: np.repeat(wide[name], 2, axis=0)[::2] for name in ("keys", "values")}
    yield Case("every other row of larger arrays", wide | strided)
    fixed = given(4, 3)
    what = "arrays that must not be written to"
    yield Case(what, {name: read_only(a) for name, a in fixed.items()})


@exercise(
    returns=("out", "new_keys", "new_values"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def attend_next(x: Array, W_in: Array, keys: Array, values: Array) -> tuple[Array, Array, Array]:
    q, k, v = np.split(W_in @ x, 3)
    keys, values = np.vstack([keys, k]), np.vstack([values, v])
    scores = keys @ q / np.sqrt(len(x))
    powers = np.exp(scores - scores.max())
    return powers / powers.sum() @ values, keys, values
