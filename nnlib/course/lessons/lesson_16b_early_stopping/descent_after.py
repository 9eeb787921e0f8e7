"""Where gradient descent on a squared error is after any number of steps, without taking them."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, quarters, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, d: int, lr: float, t: int) -> Case:
        # Not symmetric around 0, so that no direction is one of the axes.
        X = quarters(rng, N, d) / 2 + 0.25 * rng.normal(size=(N, d))
        return Case(what, {"X": X, "y": quarters(rng, N), "lr": lr, "t": t})

    yield Case(
        "the example of the task",
        {"X": np.array([[2.0, 0.0], [0.0, 1.0]]), "y": np.array([4.0, 1.0]), "lr": 0.125, "t": 2},
    )
    yield case("one step", 6, 3, 0.05, 1)
    yield case("no step", 5, 2, 0.1, 0)
    for t in (2, 7, 50):
        yield case("a few steps", 7, 4, 0.04, t)
    yield case("a small rate", 8, 3, 0.001, 40)
    yield case("one feature", 4, 1, 0.1, 9)
    yield case("more features than examples", 3, 5, 0.05, 30)
    twins = case("two features are the same", 6, 3, 0.03, 20)
    twins.args["X"][:, 2] = twins.args["X"][:, 0]
    yield twins
    dead = case("a feature that is always 0", 5, 3, 0.05, 12)
    dead.args["X"][:, 1] = 0
    yield dead
    # Nowhere else is a curvature 0 on every machine, and not only up to rounding.
    along_an_axis = {"X": np.array([[0.0, 2.0]]), "y": np.array([3.0]), "lr": 0.05, "t": 6}
    yield Case("one example, along an axis", along_an_axis)
    yield case("a hundred million steps", 6, 3, 0.05, 10**8)
    yield case("a hundred million steps, more features than examples", 3, 4, 0.05, 10**8)
    swing = Case(
        "one direction swings",
        {"X": np.array([[1.0, 1.0], [1.0, -1.0]]), "y": quarters(rng, 2) + 4, "lr": 0.8, "t": 3},
    )
    yield swing
    single = case("float32", 6, 3, 0.05, 10)
    single.args["X"], single.args["y"] = (single.args[k].astype(np.float32) for k in ("X", "y"))
    yield single
    strided = case("every other entry of larger arrays", 12, 6, 0.05, 8)
    strided.args["X"], strided.args["y"] = strided.args["X"][::2, ::2], strided.args["y"][::2]
    yield strided
    fixed = case("arrays that must not be written to", 5, 3, 0.05, 15)
    read_only(fixed.args["X"]), read_only(fixed.args["y"])
    yield fixed


@exercise(
    returns=("w",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
    seconds=2.0,
)
def descent_after(X: Array, y: Array, lr: float, t: int) -> Array:
    N = len(y)
    h, V = np.linalg.eigh(X.T @ X / N)
    along = V.T @ (X.T @ y / N)
    curved = ~np.isclose(h, 0)
    u = np.zeros(len(h))
    u[curved] = along[curved] / h[curved]
    share = 1 - (1 - 2 * lr * h) ** t
    w: Array = V @ (share * u)
    return w
