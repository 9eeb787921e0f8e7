"""The divergence that holds units at a mean activity, and its gradient."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only


def activities(rng: np.random.Generator, N: int, n: int) -> Array:
    """(N, n), multiples of 1/32 above 0 and below 1; units differ in how busy they are."""
    busy = rng.permutation(np.linspace(4, 26, n)) if n > 1 else np.array([9.0])
    H = np.clip(np.rint(busy + rng.integers(-3, 4, (N, n))), 1, 31)
    return H / 32


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, n: int, rho: float) -> Case:
        return Case(what, {"H": activities(rng, N, n), "rho": rho})

    yield Case(
        "the example of the task", {"H": np.array([[0.25, 0.5], [0.75, 0.0625]]), "rho": 0.25}
    )
    for N, n, rho in ((5, 3, 0.05), (4, 6, 0.1), (3, 4, 0.3)):
        yield case(f"{N} examples, {n} units, ρ = {rho}", N, n, rho)
    yield case("as many examples as units", 4, 4, 0.2)
    yield case("one example", 1, 5, 0.1)
    yield case("one unit", 6, 1, 0.05)
    yield case("ρ above all means", 4, 3, 0.95)
    balanced = {"H": np.array([[0.125, 0.25], [0.375, 0.25], [0.25, 0.25]]), "rho": 0.25}
    yield Case("every mean is ρ", balanced)
    nearly = case("a unit that is nearly silent", 4, 3, 0.1)
    nearly.args["H"][:, 1] = 1 / 1024
    yield nearly
    narrow = case("float32", 5, 4, 0.1).args
    yield Case("float32", narrow | {"H": narrow["H"].astype(np.float32)})
    larger = case("", 8, 6, 0.15).args
    yield Case(
        "every other row and column of a larger array", larger | {"H": larger["H"][::2, ::2]}
    )
    fixed = case("", 4, 3, 0.05).args
    yield Case("an array that must not be written to", fixed | {"H": read_only(fixed["H"])})


@exercise(
    returns=("value", "dH"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32,
)
def kl_sparsity(H: Array, rho: float) -> tuple[Array, Array]:
    N = len(H)
    mean = H.mean(axis=0)
    terms = rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))
    slope = (1 - rho) / (1 - mean) - rho / mean
    return np.sum(terms), np.ones(H.shape) * slope / N
