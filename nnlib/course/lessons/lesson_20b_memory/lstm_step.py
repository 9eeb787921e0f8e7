"""One step of an LSTM, with PyTorch's order of the gates."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only

NAMES = ("x", "h", "c", "U", "W", "b")


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def draw(*shape: int) -> Array:
        return rng.choice([-1, 1], shape) * rng.uniform(0.3, 1.2, shape)

    def case(what: str, N: int, n: int, n_in: int) -> Case:
        states = draw(N, n_in), draw(N, n), 1.5 * draw(N, n)
        weights = draw(4 * n, n_in), draw(4 * n, n), draw(4 * n)
        return Case(what, dict(zip(NAMES, (*states, *weights), strict=True)))

    one = np.array([[1.0]]), np.array([[0.0]]), np.array([[2.0]])
    weights = np.array([[0.0], [0.0], [1.0], [0.0]]), np.zeros((4, 1)), np.array([0, 1.0, 0, 0])
    yield Case("the example of the task", dict(zip(NAMES, (*one, *weights), strict=True)))
    yield case("one example, one unit", 1, 1, 1)
    yield case("three examples, two units", 3, 2, 5)
    yield case("as many inputs as units, as examples", 3, 3, 3)
    yield case("four examples, one input", 4, 3, 1)
    yield case("eight examples, two units", 8, 2, 3)
    first = case("the first step: h and c are 0", 2, 3, 2)
    yield Case(first.what, first.args | {"h": np.zeros((2, 3)), "c": np.zeros((2, 3))})
    for what, dress in (
        ("float32", lambda a: a.astype(np.float32)),
        ("every other number of larger arrays", lambda a: np.repeat(a, 2, axis=-1)[..., ::2]),
        ("arrays that must not be written to", read_only),
    ):
        args = case(what, 3, 2, 4).args
        yield Case(what, {name: dress(value) for name, value in args.items()})


@exercise(
    returns=("h", "c"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def lstm_step(x: Array, h: Array, c: Array, U: Array, W: Array, b: Array) -> tuple[Array, Array]:
    z = x @ U.T + h @ W.T + b
    z_i, z_f, z_u, z_o = np.split(z, 4, axis=1)
    i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o)
    u = np.tanh(z_u)
    new = f * c + i * u
    return o * np.tanh(new), new


def sigmoid(z: Array) -> Array:
    result: Array = 1 / (1 + np.exp(-z))
    return result
