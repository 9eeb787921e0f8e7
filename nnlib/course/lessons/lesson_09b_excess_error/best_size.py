"""How many examples batch descent should use, with a fixed budget of gradients."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, layouts, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, d: int, budget: int, sizes: list[int], noise: float = 1.0) -> Case:
        most = max(sizes) + 3
        truth = rng.normal(size=d)
        X, X_val = rng.uniform(-1, 1, (most, d)), rng.uniform(-1, 1, (7, d))
        return Case(
            what,
            {
                "X": X,
                "y": X @ truth + noise * rng.normal(size=most),
                "budget": budget,
                "sizes": sizes,
                "lr": 0.25,
                "X_val": X_val,
                "y_val": X_val @ truth + noise * rng.normal(size=7),
            },
        )

    def constant(what: str, budget: int, sizes: list[int]) -> Case:
        """One feature, which is always 1."""
        train = {"X": np.ones((4, 1)), "y": np.array([4.0, 0.0, 2.0, 2.0])}
        plan = {"budget": budget, "sizes": sizes, "lr": 0.25}
        return Case(what, train | plan | {"X_val": np.ones((2, 1)), "y_val": np.array([1.0, 2.0])})

    yield constant("the example of the task", 4, [1, 2, 4])
    yield constant("the same sizes in another order", 4, [2, 1, 4])
    yield constant("the budget pays for a step and a quarter", 5, [4])
    yield constant("the budget nearly pays for two steps", 7, [4])
    yield constant("the budget does not pay for a single step", 3, [4])
    yield case("little noise: many steps are better", 2, 60, [3, 10, 30], 0.1)
    yield case("much noise: many examples are better", 2, 60, [3, 10, 30], 2.0)
    yield case("the sizes do not divide the budget", 3, 50, [4, 7, 13, 27])
    yield case("the sizes in another order", 2, 40, [20, 5, 10])
    yield case("one size", 3, 30, [7])
    yield case("a size above the budget: not one step", 2, 9, [4, 12])
    yield case("many features", 6, 90, [5, 9, 40])
    alike = {"X": np.ones((9, 1)), "y": np.full(9, 2.0), "budget": 18, "sizes": [6, 3, 9]}
    yield Case(
        "all examples are alike, and so are all sizes",
        alike | {"lr": 0.5, "X_val": np.ones((3, 1)), "y_val": np.array([1.0, 2.0, 4.0])},
    )
    fixed = case("arrays that must not be written to", 2, 40, [4, 8, 16])
    yield Case(
        fixed.what,
        {k: read_only(v) if isinstance(v, np.ndarray) else v for k, v in fixed.args.items()},
    )
    yield from list(layouts(lambda: case("", 3, 45, [3, 8, 15])))[1:3]  # float32, and strided


@exercise(
    returns=("N", "loss"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def best_size(
    X: Array, y: Array, budget: int, sizes: list[int], lr: float, X_val: Array, y_val: Array
) -> tuple[int | None, float]:
    best, lowest = None, np.inf
    for N in sizes:
        steps = budget // N
        w = np.zeros(X.shape[1])
        for _ in range(steps):
            w = w - lr * gradient(X[:N], y[:N], w)
        loss = float(np.mean((X_val @ w - y_val) ** 2))
        if loss < lowest:
            best, lowest = N, loss
    return best, lowest


def gradient(X: Array, y: Array, w: Array) -> Array:
    slope: Array = 2 / len(y) * X.T @ (X @ w - y)
    return slope
