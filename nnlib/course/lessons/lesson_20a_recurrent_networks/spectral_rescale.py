"""A matrix with another spectral radius, and the same shape in all else."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def turn(angle: float) -> Array:
        return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def with_eigenvalues(*values: float) -> Array:
        """A matrix that is not symmetric, with these eigenvalues."""
        n = len(values)
        basis = np.eye(n) + 0.4 * np.triu(rng.uniform(0.5, 1.0, (n, n)), 1)
        basis = basis + 0.2 * np.tril(rng.uniform(0.5, 1.0, (n, n)), -1)
        made: Array = basis @ np.diag(values) @ np.linalg.inv(basis)
        return made

    def case(what: str, W: Array, rho: float) -> Case:
        return Case(what, {"W": W, "rho": rho})

    yield case("the example of the task", np.array([[0.5, 4.0], [0.0, -2.0]]), 0.9)
    yield case("real eigenvalues", with_eigenvalues(0.3, -0.4, 1.6), 0.9)
    yield case("the largest is negative", with_eigenvalues(0.5, -1.8, 0.7), 1.2)
    yield case("a turn, made 3 times as long: the eigenvalues are complex", 3 * turn(1.0), 0.5)
    block = np.zeros((3, 3))
    block[:2, :2], block[2, 2] = 1.5 * turn(rng.uniform(1.0, 1.2)), 0.8
    mixed = with_eigenvalues(1, 1, 1) + 0.3 * rng.uniform(0.5, 1.0, (3, 3))
    mixed = mixed @ block @ np.linalg.inv(mixed)
    yield case("a complex pair and a smaller real one", mixed, 1.0)
    yield case("its radius is below rho", with_eigenvalues(0.2, -0.3, 0.1), 0.95)
    yield case("its radius is rho", np.array([[0.5, 1.0], [0.0, 0.25]]), 0.5)
    yield case("one eigenvalue is 0", with_eigenvalues(0.0, 1.5), 0.9)
    yield case("a single number", np.array([[-4.0]]), 1.5)
    yield case("50 units", rng.normal(size=(50, 50)), 0.9)
    yield case("rho is 0", with_eigenvalues(0.5, 2.0), 0.0)
    yield case("float32", with_eigenvalues(0.4, -1.3, 0.9).astype(np.float32), 0.9)
    larger = np.zeros((6, 6))
    larger[::2, ::2] = with_eigenvalues(0.6, -1.7, 0.2)
    yield case("every other row and column of a larger array", larger[::2, ::2], 0.9)
    yield case("arrays that must not be written to", read_only(with_eigenvalues(-1.4, 0.6)), 0.8)


@exercise(
    returns=("matrix",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def spectral_rescale(W: Array, rho: float) -> Array:
    sizes = np.abs(np.linalg.eigvals(W))
    rescaled: Array = W * (rho / sizes.max())
    return rescaled
