"""Random numbers turned into weights of the spread that a scheme asks for."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, nonzero, read_only

SCHEMES = ("lecun", "glorot", "he")


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def drawn(kind: str, *shape: int) -> Array:
        """Numbers as `kind` says, but short ones: any will do, since each is only scaled."""
        uniform: Array = rng.choice([1, 2, 3, 5, 6, 7, 11, 13], shape) / 16
        return nonzero(rng, *shape) if kind == "normal" else uniform

    def case(what: str, draws: Array, scheme: str, kind: str) -> Case:
        return Case(what, {"draws": draws, "scheme": scheme, "kind": kind})

    yield case("the example", np.array([[1.0, -0.5, 0.0, 2.0]] * 2), "glorot", "normal")
    for scheme in SCHEMES:
        for kind in ("normal", "uniform"):
            for n_out, n_in in ((3, 5), (4, 2)):
                what = f"{scheme}, {kind}, {n_in} inputs and {n_out} units"
                yield case(what, drawn(kind, n_out, n_in), scheme, kind)
    yield case("one unit", drawn("uniform", 1, 6), "glorot", "uniform")
    yield case("float32", drawn("normal", 3, 5).astype(np.float32), "he", "normal")
    strided = drawn("uniform", 6, 4)[::2, ::2]
    yield case("every other number of a larger array", strided, "glorot", "uniform")
    fixed = read_only(drawn("normal", 2, 5))
    yield case("an array that must not be written to", fixed, "lecun", "normal")


@exercise(
    returns=("W",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def start_weights(draws: Array, scheme: str, kind: str) -> Array:
    n_out, n_in = draws.shape
    if scheme == "glorot":
        variance = 2 / (n_in + n_out)
    elif scheme == "he":
        variance = 2 / n_in
    else:
        variance = 1 / n_in
    standard = draws if kind == "normal" else np.sqrt(12) * (draws - 0.5)
    W: Array = np.sqrt(variance) * standard
    return W
