"""The next character, drawn from a network's scores at a temperature."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def given(N: int, C: int, T: float, scale: float = 1.5) -> dict[str, Array | float]:
        """Random numbers far from the steps of the running sums, so that rounding tells nothing."""
        z = scale * rng.normal(size=(N, C))
        p = np.exp((z - z.max(axis=1, keepdims=True)) / T)
        sums = np.cumsum(p / p.sum(axis=1, keepdims=True), axis=1)
        kept: list[float] = []
        while len(kept) < N:
            u = rng.random()
            if np.abs(sums[len(kept)] - u).min() > 1e-4:
                kept.append(u)
        return {"z": z, "T": T, "u": np.array(kept)}

    drawn = {"z": np.log([[0.5, 0.25, 0.25]] * 3), "T": 1.0, "u": np.array([0.4, 0.6, 0.9])}
    yield Case("the example of the task", drawn)
    ends = {"z": np.zeros((3, 2)), "T": 1.0, "u": np.array([0.5, 0.0, 0.25])}
    yield Case("u at the end of a piece", ends)
    yield Case("60 rows at temperature 1", given(60, 5, 1.0))
    yield Case("60 rows at temperature 0.5", given(60, 5, 0.5))
    yield Case("60 rows at temperature 3", given(60, 7, 3.0))
    yield Case("as many rows as characters", given(6, 6, 0.8))
    yield Case("one row", given(1, 4, 2.0))
    yield Case("one character", given(5, 1, 1.0))
    yield Case("large scores", given(40, 4, 1.0, 2000.0))
    low = given(40, 4, 0.7)
    yield Case("scores far below 0", low | {"z": np.asarray(low["z"]) - 3000})
    single = given(50, 5, 0.6)
    yield Case("float32", single | {"z": np.asarray(single["z"]).astype(np.float32)})
    wide = given(40, 5, 1.5)
    yield Case("every other row of a larger array", wide | {"z": np.repeat(wide["z"], 2, 0)[::2]})
    fixed = given(30, 4, 0.7)
    yield Case(
        "arrays that must not be written to",
        fixed | {"z": read_only(np.asarray(fixed["z"])), "u": read_only(np.asarray(fixed["u"]))},
    )


@exercise(
    returns=("ids",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def sample_next(z: Array, T: float, u: Array) -> Array:
    powers = np.exp((z - z.max(axis=1, keepdims=True)) / T)
    p = powers / powers.sum(axis=1, keepdims=True)
    sums = np.cumsum(p, axis=1)
    drawn: Array = (sums <= u[:, None]).sum(axis=1)
    return drawn
