"""Nearest neighbors vote, in units that are learned from the training set."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Arguments, Array, Case, exercise, read_only

UNITS = np.array([1.0, 50.0, 0.02, 8.0])
SHIFTS = np.array([1.0, -0.5, 2.0, -1.5])


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def table(d: int, k: int, classes: int = 3, train: int = 24, test: int = 20) -> Arguments:
        """Classes that overlap, in unequal units; the test rows are spread otherwise."""
        labels = rng.permutation(np.arange(train) % (classes + 1))
        labels[labels == classes] = 1  # the most frequent class, neither first nor last
        X = rng.normal(size=(train, d)) + labels[:, None] * rng.uniform(0.5, 1.5, d)
        X_test = 1.5 * rng.normal(size=(test, d)) * np.linspace(1.0, 0.3, d) + 1.5
        units, shift = UNITS[:d], SHIFTS[:d] * UNITS[:d]
        scaled = {"X_train": X * units + shift, "y_train": labels}
        return scaled | {"X_test": X_test * units + shift, "k": k}

    yield Case("the nearest one", table(2, 1))
    yield Case("three neighbors, two classes", table(2, 3, classes=2))
    yield Case("five neighbors, three classes", table(3, 5))
    yield Case("an even number: votes may be equal", table(2, 4, classes=2))
    yield Case("votes may be equal, three classes", table(4, 6))
    yield Case("four features, four classes", table(4, 5, classes=4))
    yield Case("one feature", table(1, 3))
    constant = table(3, 3)
    constant["X_train"][:, 1] = constant["X_test"][:, 1] = 2.0
    yield Case("a feature that never varies", constant)
    surprise = table(3, 3, train=12)
    surprise["X_train"][:, 1], surprise["X_test"][:, 1] = 2.0, 1002.0
    yield Case("a feature that never varies in training, but is another in the test", surprise)
    yield Case("one row is asked for", table(3, 5, test=1))
    yield Case("as many rows in the test as in training", table(2, 3, train=12, test=12))
    yield Case("every training row votes", table(2, 8, train=8))
    single = table(3, 3)
    floats = {name: single[name].astype(np.float32) for name in ("X_train", "X_test")}
    yield Case("float32", single | floats)
    strided = table(4, 3)
    strided["X_train"], strided["X_test"] = strided["X_train"][:, ::2], strided["X_test"][:, ::2]
    yield Case("every other feature of larger arrays", strided)
    fixed = table(2, 3)
    arrays = {name: read_only(fixed[name]) for name in ("X_train", "y_train", "X_test")}
    yield Case("arrays that must not be written to", fixed | arrays)


@exercise(
    returns=("y",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def nearest_class(X_train: Array, y_train: Array, X_test: Array, k: int) -> Array:
    s = X_train.std(axis=0)
    s = np.where(s > 0, s, np.inf)  # what never varies makes no one nearer
    learned, asked = X_train / s, X_test / s
    apart = ((asked[:, None] - learned) ** 2).sum(axis=-1)
    nearest = np.argsort(apart, axis=1)[:, :k]
    y: Array = np.fromiter((np.bincount(y_train[row]).argmax() for row in nearest), int)
    return y
