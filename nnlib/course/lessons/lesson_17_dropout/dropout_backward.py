"""The way back through a layer with dropout, and its mask."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import (
    FLOAT32,
    Arguments,
    Array,
    Case,
    Unfit,
    exercise,
    layouts,
    quarters,
)


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, n: int, K: int, p: float) -> Case:
        dY, Z, keep = quarters(rng, N, K), quarters(rng, N, n), rng.random((N, n)) < 1 - p
        return Case(what, {"dY": dY, "Z": Z, "keep": keep, "V": quarters(rng, K, n), "p": p})

    dY, Z, V = np.array([[1.0]]), np.array([[2.0, 3.0]]), np.array([[5.0, 7.0]])
    keep = np.array([[True, False]])
    yield Case("the example of the task", {"dY": dY, "Z": Z, "keep": keep, "V": V, "p": 0.5})
    for N, n, K in ((6, 4, 3), (4, 4, 4), (5, 6, 2)):
        yield case(f"{N} examples, {n} units, {K} outputs", N, n, K, 0.2)
    yield case("p = 0.75", 5, 8, 2, 0.75)
    yield case("nothing dropped", 3, 4, 2, 0.0)
    zero = case("pre-activations of exactly 0", 4, 4, 3, 0.2)
    zero.args["Z"][:, ::2], zero.args["keep"][:] = 0.0, True
    yield zero
    yield from layouts(lambda: case("", 4, 3, 2, 0.2))


def with_one_mask(arguments: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """The three gradients as they are; a fresh mask on the way back, whatever it is, is told."""
    dY, Z, keep, V = (np.asarray(arguments[name], dtype=float) for name in ("dY", "Z", "keep", "V"))
    q = 1 - arguments["p"]
    dZ, dV, dc = outputs
    let_through = (dY @ V) * (Z > 0) / q  # without any mask
    if dZ.shape == Z.shape and np.any(dZ[keep == 0] != 0) and np.any(dZ[keep > 0] != 0):
        whole = np.isclose(dZ, let_through, 1e-4, 1e-5)
        if not np.all(whole) and np.all(whole | (dZ == 0)):
            raise Unfit(
                "Your dZ comes through another mask than keep: it is not 0 for some units that were "
                "dropped. Throw no new coins on the way back: keep is the mask of this pass."
            )
    return {"dZ": dZ, "dV": dV, "dc": dc}


@exercise(
    returns=("dZ", "dV", "dc"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    observe=with_one_mask,
    facts=("dZ", "dV", "dc"),
    tolerance=FLOAT32,
)
def dropout_backward(
    dY: Array, Z: Array, keep: Array, V: Array, p: float
) -> tuple[Array, Array, Array]:
    q = 1 - p
    H = np.maximum(Z, 0)
    H2 = H * keep / q
    dH2 = dY @ V
    dH = dH2 * keep / q
    dZ = dH * (Z > 0)
    return dZ, dY.T @ H2, dY.sum(axis=0)
