"""How many of many random points are minima, saddles and maxima."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def matrices(trials: int, n: int, shift: float = 0.0) -> Array:
        """None of them with an eigenvalue near 0, whichever half of it is read."""
        kept: list[Array] = []
        while len(kept) < trials:
            B = rng.normal(size=(n, n)) + shift * np.eye(n)
            if np.abs(np.linalg.eigvalsh(B + B.T)).min() > 0.02:
                kept.append(B)
        return np.array(kept)

    def mixed(trials: int, n: int) -> Array:
        """Minima, maxima and saddles, of each kind another number."""
        both = [matrices(trials, n, shift) for shift in (0.0, 1.5, -1.0)]
        return rng.permutation(np.concatenate([both[0], both[1], both[1], both[2]]))

    yield Case("64 matrices, 2 × 2", {"B": mixed(16, 2)})
    yield Case("80 matrices, 3 × 3", {"B": mixed(20, 3)})
    yield Case("96 matrices, 4 × 4", {"B": mixed(24, 4)})
    yield Case("as many matrices as rows", {"B": mixed(2, 8)})
    yield Case("numbers alone, n = 1", {"B": mixed(10, 1)})
    yield Case("one matrix", {"B": matrices(1, 3, 4.0)})
    yield Case("float32", {"B": mixed(12, 3).astype(np.float32)})
    yield Case("every other matrix of a larger array", {"B": mixed(20, 3)[::2]})
    yield Case("an array that must not be written to", {"B": read_only(mixed(15, 2))})


@exercise(
    returns=("minima", "saddles", "maxima"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def kinds_of_points(B: Array) -> tuple[float, float, float]:
    A = B + B.transpose(0, 2, 1)  # half of it has eigenvalues of the same signs
    up = np.linalg.eigvalsh(A) > 0
    minima = up.all(axis=1).mean()
    maxima = (~up).all(axis=1).mean()
    return minima, 1 - minima - maxima, maxima
