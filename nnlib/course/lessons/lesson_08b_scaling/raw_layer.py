"""A layer that was trained on standardized features, brought back into their units."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, nonzero, quarters, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, K: int, d: int) -> Case:
        spreads = rng.choice([0.25, 0.5, 2.0, 4.0], d)
        spreads[0] = 8.0
        arrays = {"W": nonzero(rng, K, d), "b": quarters(rng, K), "mean": nonzero(rng, d)}
        return Case(what, arrays | {"s": spreads})

    yield case("one unit, one feature", 1, 1)
    yield case("one unit, three features", 1, 3)
    yield case("two units, one feature", 2, 1)
    yield case("as many units as features", 3, 3)
    yield case("two units, four features", 2, 4)
    yield case("as many units as features, once more", 2, 2)
    yield case("more units than features", 4, 2)
    single = case("", 3, 3).args
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    larger = case("", 3, 6).args
    strided = {name: larger[name][..., ::2] for name in ("W", "mean", "s")}
    yield Case("every other feature of larger arrays", larger | strided)
    fixed = {name: read_only(a) for name, a in case("", 2, 3).args.items()}
    yield Case("arrays that must not be written to", fixed)


@exercise(
    returns=("W_raw", "b_raw"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def raw_layer(W: Array, b: Array, mean: Array, s: Array) -> tuple[Array, Array]:
    W_raw = W / s
    b_raw = b - W_raw @ mean
    return W_raw, b_raw
