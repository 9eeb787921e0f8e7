"""A chain of units, one in each layer, and the gradients of all its weights."""

from collections.abc import Callable, Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only

Function = Callable[[float], float]


def sigmoid(z: float) -> float:
    return float(1 / (1 + np.exp(-z)))


def sigmoid_slope(z: float) -> float:
    return sigmoid(z) * (1 - sigmoid(z))


def tanh(z: float) -> float:
    return float(np.tanh(z))


def tanh_slope(z: float) -> float:
    return 1 - tanh(z) ** 2


def relu(z: float) -> float:
    return max(float(z), 0.0)


def relu_slope(z: float) -> float:
    return float(z > 0)


def bowl(z: float) -> float:
    return float(z) ** 2 / 2


def bowl_slope(z: float) -> float:
    return float(z)


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, w: Array, x: float, phi: Function, slope: Function) -> Case:
        return Case(what, {"w": w, "x": x, "phi": phi, "slope": slope})

    def weights(L: int) -> Array:
        drawn: Array = rng.uniform(0.5, 2.0, L) * rng.choice([-1, 1], L)
        return drawn

    yield case("the example of the task", np.array([2.0, 0.5]), 3.0, bowl, bowl_slope)
    yield case("one unit", weights(1), 1.5, tanh, tanh_slope)
    yield case("three sigmoids", weights(3), -0.7, sigmoid, sigmoid_slope)
    yield case("four tanh units", weights(4), 0.6, tanh, tanh_slope)
    yield case("a unit whose weight is 0", np.array([0.8, 0.0, -1.5]), 1.2, sigmoid, sigmoid_slope)
    yield case("an input of 0", weights(3), 0.0, sigmoid, sigmoid_slope)
    yield case("four ReLUs, all on", np.abs(weights(4)), 0.9, relu, relu_slope)
    yield case("four ReLUs, the second off", np.array([1.5, -0.8, 0.7, 1.2]), 0.9, relu, relu_slope)
    yield case("six sigmoids", weights(6), 2.0, sigmoid, sigmoid_slope)
    yield case("float32", weights(3).astype(np.float32), 0.8, tanh, tanh_slope)
    yield case("every other entry of a larger array", weights(8)[::2], -0.4, tanh, tanh_slope)
    yield case(
        "arrays that must not be written to", read_only(weights(3)), 0.5, sigmoid, sigmoid_slope
    )


@exercise(
    returns=("y", "dw"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def chain_gradients(w: Array, x: float, phi: Function, slope: Function) -> tuple[float, Array]:
    z, h = [], [x]
    for weight in w:
        z.append(weight * h[-1])
        h.append(phi(z[-1]))
    dw, g = np.zeros(len(w)), 1.0
    for k in reversed(range(len(w))):
        dz = g * slope(z[k])
        dw[k] = dz * h[k]
        g = dz * w[k]
    return h[-1], dw
