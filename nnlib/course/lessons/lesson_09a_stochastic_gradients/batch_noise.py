"""How far a batch's gradient is from the exact one, on average over all batches."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def gradients(N: int, d: int) -> Array:
        """Columns of other means and other spreads."""
        return rng.normal(size=(N, d)) * rng.uniform(0.5, 3, d) + rng.uniform(1, 4, d)

    def case(what: str, G: Array, sizes: list[int]) -> Case:
        return Case(what, {"G": G, "sizes": np.array(sizes)})

    yield case("the example of the task", np.array([[1.0, 0.0], [3.0, 0.0], [5.0, 6.0]]), [1, 2, 3])
    yield case("8 examples, 3 weights", gradients(8, 3), [1, 2, 5, 8])
    yield case("5 examples, 5 weights", gradients(5, 5), [4, 2])
    yield case("30 examples, 2 weights, sizes in any order", gradients(30, 2), [25, 1, 10])
    yield case("one weight", gradients(12, 1), [3, 6, 12])
    yield case("a single size", gradients(6, 2), [4])
    yield case("two examples", gradients(2, 3), [1, 2])
    yield case("all gradients alike", np.tile(gradients(1, 3), (4, 1)), [1, 3])
    yield case("mean 0, as at the minimum", np.array([[2.0, 1.0], [-2.0, 1.0], [0, -2.0]]), [1, 2])
    yield case("float32", gradients(9, 2).astype(np.float32), [1, 4, 9])
    yield case("every other row of a larger array", gradients(14, 3)[::2], [1, 3, 6])
    yield case("an array that must not be written to", read_only(gradients(7, 2)), [2, 5])


@exercise(
    returns=("noise",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def batch_noise(G: Array, sizes: Array) -> Array:
    N = len(G)
    errors = G - G.mean(axis=0)
    variance = (errors**2).sum(axis=1).mean()
    noise: Array = variance / sizes * (N - sizes) / (N - 1)
    return noise
