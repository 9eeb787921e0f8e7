"""How many steps gradient descent takes, told from the inputs before training."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import NAN_IS_NONE, Array, Case, exercise, none_as_nan, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, X: Array, lr: float, share: float) -> Case:
        return Case(what, {"X": X, "lr": lr, "share": share})

    def safe(X: Array, times: float) -> float:
        """So many times the safe rate."""
        return float(times / np.linalg.eigvalsh(X.T @ X / len(X))[-1])

    yield case("the example of the task", np.array([[2.0, 0], [0, 4]]), 0.2, 0.1)
    yield case("the example, at a larger rate", np.array([[2.0, 0], [0, 4]]), 0.3, 0.1)
    yield case("one feature", np.array([[0.5], [-1.5], [1.0]]), 0.3, 0.02)
    yield case("one feature, from side to side", np.array([[0.5], [-1.5], [1.0]]), 1.5, 0.02)
    for times in (0.35, 0.9, 1.6, 1.9):
        X = rng.normal(size=(20, 3)) * [1.0, 2.0, 0.7] + [0.5, 1.0, 0.0]
        rate = safe(X, times)
        yield case(f"at {times:g} times the safe rate", X, rate, float(rng.uniform(0.02, 0.09)))
    X = rng.normal([3.0, -1.0], 1.0, (15, 2))
    yield case("features whose mean is not 0", X, safe(X, 1.2), float(rng.uniform(0.1, 0.4)))
    X = rng.normal(size=(12, 2))
    yield case("just above the limit", X, safe(X, 2.1), 0.1)
    yield case("a rate of 0", rng.normal(size=(6, 2)), 0.0, 0.5)
    X = rng.normal(size=(9, 4))
    yield case("far above the limit", X, safe(X, 5.0), 0.25)
    single = np.array([[1.0, 0.5], [0.25, -1.0], [0.5, 0.75]], dtype=np.float32)
    yield case("float32", single, 0.5, 0.03)
    strided = (rng.normal(size=(20, 6)) * [1, 9, 2, 9, 1, 9])[::2, ::2]
    yield case("every other entry of a larger array", strided, safe(strided, 0.8), 0.05)
    fixed = read_only(rng.normal(size=(7, 2)))
    yield case("an array that must not be written to", fixed, safe(fixed, 1.4), 0.05)


@exercise(
    returns=(f"t{NAN_IS_NONE}",),
    inputs=inputs,
    probe=none_as_nan,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def steps_needed(X: Array, lr: float, share: float) -> int | None:
    H = X.T @ X / len(X)
    left = np.abs(1 - lr * np.linalg.eigvalsh(H)).max()
    if left >= 1:
        return None
    return int(np.ceil(np.log(share) / np.log(left)))
