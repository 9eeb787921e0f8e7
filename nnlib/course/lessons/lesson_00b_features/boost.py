"""Boosting with any base model: each is fitted to what those before it left over."""

from collections.abc import Callable, Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only

Model = Callable[[Array], Array]
Fit = Callable[[Array, Array], Model]


def fit_sides(X: Array, r: Array) -> Model:
    """Two answers: one where the first feature is negative, one where it is not."""
    side = X[:, 0] < 0
    left = r[side].mean() if side.any() else 0.0
    right = r[~side].mean() if (~side).any() else 0.0
    return lambda X: np.where(X[:, 0] < 0, left, right)


def fit_slope(X: Array, r: Array) -> Model:
    """A multiple of the last feature, without a bias."""
    slope = (X[:, -1] * r).sum() / (X[:, -1] ** 2).sum()
    return lambda X: slope * X[:, -1]


def fit_votes(X: Array, r: Array) -> Model:
    """One vote, +1 or −1, on each side of 0: the same for r and for half of it."""
    sides = fit_sides(X, r)
    return lambda X: np.where(sides(X) < 0, -1.0, 1.0)


def fit_both(X: Array, r: Array) -> Model:
    """Whichever of the two leaves less over, so that base models take turns."""
    models = fit_sides(X, r), fit_slope(X, r)
    return min(models, key=lambda model: float(((r - model(X)) ** 2).sum()))


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, X: Array, y: Array, X_new: Array, fit: Fit, rounds: int, lr: float) -> Case:
        given = {"X": X, "y": y, "X_new": X_new}
        return Case(what, given | {"fit": fit, "rounds": rounds, "lr": lr})

    def drawn(N: int = 8, new: int = 3) -> tuple[Array, Array, Array]:
        X = rng.normal([0.0, 0.5], 1, size=(N, 2))
        X[:2, 0] = [-1.0, 1.0]  # points on both sides
        return X, 2 * X[:, 0] - X[:, 1] + rng.normal(0.5, 1, N), rng.normal(size=(new, 2))

    X, y = np.array([[-1.0], [-2.0], [1.0], [3.0]]), np.array([2.0, 4.0, -1.0, 3.0])
    yield case("the example of the task", X, y, np.array([[5.0]]), fit_sides, 2, 0.5)
    yield case("two answers, three rounds", *drawn(), fit_sides, 3, 0.3)
    yield case("a slope, four rounds", *drawn(), fit_slope, 4, 0.25)
    yield case("two kinds of base model", *drawn(9, 4), fit_both, 5, 0.4)
    yield case("base models that only say 1 or −1", *drawn(), fit_votes, 3, 0.5)
    yield case("each base model as it is", *drawn(), fit_both, 3, 1.0)
    yield case("one round", *drawn(), fit_slope, 1, 0.5)
    yield case("no round", *drawn(), fit_sides, 0, 0.5)
    X, y, X_new = (a.astype(np.float32) for a in drawn(10))
    yield case("float32", X, y, X_new, fit_both, 3, 0.5)
    X, y, X_new = drawn(16, 6)
    yield case("every other row of larger arrays", X[::2], y[::2], X_new[::2], fit_both, 3, 0.5)
    X, y, X_new = (read_only(a) for a in drawn())
    yield case("arrays that must not be written to", X, y, X_new, fit_both, 4, 0.3)


@exercise(
    returns=("losses", "y_new"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32,
)
def boost(
    X: Array, y: Array, X_new: Array, fit: Fit, rounds: int, lr: float
) -> tuple[list[float], Array]:
    said, said_new = np.zeros(len(X)), np.zeros(len(X_new))
    losses = [np.mean(y**2)]
    for _ in range(rounds):
        model = fit(X, y - said)
        said = said + lr * model(X)
        said_new = said_new + lr * model(X_new)
        losses.append(np.mean((y - said) ** 2))
    return losses, said_new
