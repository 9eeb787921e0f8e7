"""Hidden units that gradient descent can never part."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, nonzero, read_only


def network(rng: np.random.Generator, d: int, K: int) -> tuple[Array, Array, Array]:
    """W1, b1 and W2 of units among which are twins, triplets, and many that nearly are."""
    base = nonzero(rng, d + 1 + K)
    base[0], base[-1] = base[1] + 0.5, base[d + 1] + 0.75 * (K > 1)  # so that swapping shows
    moved = [base.copy() for _ in range(10)]
    moved[0][0] += 1  # one weight in
    moved[1][1] += 1  # the other one
    moved[2][d] += 1  # the bias
    moved[3][-1] += 1  # one weight out
    moved[4][[0, 1]] = base[[1, 0]]  # the same numbers, and the same sum
    moved[5][[d + 1, -1]] = base[[-1, d + 1]]  # as well, where there are two outputs
    moved[6][:d] *= 2  # parallel weights
    moved[7][d + 1 :] *= -1  # the same h, used the other way round
    moved[8][:d] *= 1 + 1e-6  # nearly the same in, which is not the same
    moved[9][d + 1 :] *= 1 + 1e-6  # nearly the same out
    others = [-base, 2 * base, nonzero(rng, d + 1 + K)]
    again = [base, base, moved[2], moved[3], others[2]]
    units = np.array([base, *moved, *others, *again])[rng.permutation(19)]
    return units[:, :d].copy(), units[:, d].copy(), units[:, d + 1 :].T.copy()


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, W1: Array, b1: Array, W2: Array) -> Case:
        return Case(what, {"W1": W1, "b1": b1, "W2": W2})

    W1 = np.array([[1.0, 2.0], [3.0, 0.5], [1.0, 2.0], [3.0, 0.5], [1.0, 2.0]])
    W2 = np.array([[1.0, 0.0, 1.0, 0.0, -1.0], [2.0, 1.0, 2.0, 1.0, 2.0]])
    yield case("the example", W1, np.array([0.5, 0.0, 0.5, 1.0, 0.5]), W2)
    for d, K in ((2, 1), (3, 2), (2, 4)):
        yield case(f"{d} inputs, {K} outputs", *network(rng, d, K))
    yield case("all alike", np.full((4, 3), 0.25), np.zeros(4), np.full((2, 4), 0.25))
    yield case("as many units as inputs", nonzero(rng, 3, 3), np.zeros(3), nonzero(rng, 3, 3))
    yield case("one unit", nonzero(rng, 1, 2), np.ones(1), nonzero(rng, 3, 1))
    yield case("float32", *(a.astype(np.float32) for a in network(rng, 2, 2)))
    strided = (np.repeat(a, 2, axis=0)[::2] for a in network(rng, 2, 3))
    yield case("every other row of larger arrays", *strided)
    yield case("arrays that must not be written to", *map(read_only, network(rng, 3, 1)))


@exercise(
    returns=("first",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def twins(W1: Array, b1: Array, W2: Array) -> Array:
    first = np.arange(len(W1))
    for k in range(len(W1)):
        for j in range(k):
            same_in = np.all(W1[j] == W1[k]) and b1[j] == b1[k]
            if same_in and np.all(W2[:, j] == W2[:, k]):
                first[k] = j
                break
    return first
