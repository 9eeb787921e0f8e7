"""A Dense layer of Keras and the batch norm behind it, as one Linear of PyTorch."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, nonzero, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, n: int, m: int, eps: float = 0.25) -> Case:
        args: dict[str, Array | float] = {
            "kernel": nonzero(rng, n, m),
            "bias": nonzero(rng, m),
            "gamma": nonzero(rng, m),
            "beta": nonzero(rng, m),
            "mean": nonzero(rng, m),
            "var": rng.choice([0.5, 1.5, 2.0, 3.0, 5.0], m),
            "eps": eps,
        }
        return Case(what, args)

    yield case("4 inputs, 3 units", 4, 3)
    yield case("2 inputs, 5 units", 2, 5)
    yield case("as many units as inputs", 3, 3)
    yield case("one unit", 4, 1)
    yield case("one input", 1, 3)
    yield case("Keras's eps", 3, 4, 1e-3)
    flat = case("a unit that never varied", 3, 2).args
    flat["var"] = np.array([0.0, 2.0])
    yield Case("a unit that never varied", flat)
    single = case("", 5, 3).args
    yield Case("float32", {k: a if k == "eps" else a.astype(np.float32) for k, a in single.items()})
    wide = case("", 8, 6).args
    strided = {
        k: a if k == "eps" else a[::2, ::2] if a.ndim == 2 else a[::2] for k, a in wide.items()
    }
    yield Case("every other entry of larger arrays", strided)
    fixed = case("", 3, 2).args
    what = "arrays that must not be written to"
    yield Case(what, {k: a if k == "eps" else read_only(a) for k, a in fixed.items()})


@exercise(
    returns=("W", "b"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def dense_to_linear(
    kernel: Array, bias: Array, gamma: Array, beta: Array, mean: Array, var: Array, eps: float
) -> tuple[Array, Array]:
    scale = gamma / np.sqrt(var + eps)
    W = (kernel * scale).T
    b = (bias - mean) * scale + beta
    return W, b
