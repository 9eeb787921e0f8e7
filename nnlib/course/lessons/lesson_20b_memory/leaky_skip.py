"""Leaky units with a link through time: two ways to carry a state over, in one loop."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def draw(*shape: int) -> Array:
        return rng.choice([-1, 1], shape) * rng.uniform(0.2, 0.9, shape)

    def case(what: str, T: int, n: int, n_in: int, alpha: float, d: int) -> Case:
        X, W, W_far = draw(T, n_in), draw(n, n) / n, 1.5 * draw(n, n) / n
        U, b = draw(n, n_in), draw(n)
        weights = {"X": X, "W": W, "W_far": W_far, "U": U, "b": b}
        return Case(what, weights | {"alpha": alpha, "d": d})

    one = np.array([[1.0], [0.0], [0.0]])
    alone = np.array([[0.0]]), np.array([[1.0]]), np.array([[1.0]]), np.array([0.0])
    example = dict(zip(("X", "W", "W_far", "U", "b"), (one, *alone), strict=True))
    yield Case("the example of the task", example | {"alpha": 0.5, "d": 2})
    yield case("a link of three steps", 7, 2, 3, 0.5, 3)
    yield case("three units, one input", 6, 3, 1, 0.75, 2)
    yield case("as many inputs as units", 6, 3, 3, 0.25, 2)
    yield case("no leak: alpha is 0", 6, 2, 1, 0.0, 3)
    yield case("both links one step long", 5, 2, 3, 0.4, 1)
    yield case("a link longer than the sequence", 3, 2, 1, 0.6, 5)
    yield case("a link as long as the sequence", 4, 2, 3, 0.6, 4)
    yield case("a single step", 1, 3, 2, 0.5, 2)
    chains = case("no one-step links", 8, 2, 2, 0.0, 3)
    yield Case(chains.what, chains.args | {"W": np.zeros((2, 2))})
    for what, dress in (
        ("float32", lambda a: a.astype(np.float32)),
        ("every other number of larger arrays", lambda a: np.repeat(a, 2, axis=-1)[..., ::2]),
        ("arrays that must not be written to", read_only),
    ):
        args = case(what, 6, 2, 3, 0.5, 2).args
        yield Case(what, {k: dress(v) if isinstance(v, np.ndarray) else v for k, v in args.items()})


@exercise(
    returns=("H",),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def leaky_skip(X: Array, W: Array, W_far: Array, U: Array, b: Array, alpha: float, d: int) -> Array:
    H = np.zeros((d + len(X), len(b)))  # d states of zeros come first
    for t, x in enumerate(X):
        h, far = H[t + d - 1], H[t]
        z = W @ h + W_far @ far + U @ x + b
        H[t + d] = alpha * h + (1 - alpha) * np.tanh(z)
    return H[d:]
