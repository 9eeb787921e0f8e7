"""Mean and standard deviation of a whole of which only parts' means and deviations are known."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, nonzero, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, m: int, d: int) -> Case:
        counts = rng.permutation(np.arange(1, m + 1) ** 2 + 1)  # of unequal parts
        spreads = rng.integers(1, 9, (m, d)) / 2
        return Case(what, {"counts": counts, "means": nonzero(rng, m, d), "spreads": spreads})

    yield case("one part: nothing changes", 1, 2)
    yield case("two parts, one feature", 2, 1)
    yield case("two parts, three features", 2, 3)
    yield case("as many parts as features", 3, 3)
    yield case("five parts, two features", 5, 2)
    same = case("", 3, 2).args
    same["means"] = np.repeat(same["means"][:1], 3, axis=0)
    yield Case("all parts have one mean", same)
    steady = case("", 3, 2).args
    steady["spreads"] = np.zeros((3, 2))
    yield Case("within each part nothing varies", steady)
    far = case("", 3, 2).args
    far["means"] = far["means"] + 1e8  # its squares leave no digits for s
    yield Case("means near 100 million, whose squares swallow the digits of s", far)
    single = case("", 3, 4).args
    floats = {name: single[name].astype(np.float32) for name in ("means", "spreads")}
    yield Case("float32", single | floats)
    larger = case("", 4, 6).args
    strided = {name: larger[name][:, ::2] for name in ("means", "spreads")}
    yield Case("every other feature of larger arrays", larger | strided)
    fixed = {name: read_only(a) for name, a in case("", 3, 2).args.items()}
    yield Case("arrays that must not be written to", fixed)


@exercise(
    returns=("mean", "s"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def pooled_scale(counts: Array, means: Array, spreads: Array) -> tuple[Array, Array]:
    N = counts.sum()
    mean = counts @ means / N
    between = means - mean
    variance = counts @ (spreads**2 + between**2) / N
    return mean, np.sqrt(variance)
