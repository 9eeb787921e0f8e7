"""The read-out of a reservoir: fitted by ridge regression, judged by r² on later steps."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, read_only


def reservoir(rng: np.random.Generator, T: int, n: int) -> tuple[Array, Array]:
    """Random inputs whose mean is not 0, and the states of a small reservoir that reads them."""
    u = rng.uniform(-0.5, 1.0, T)
    W, U, h = rng.normal(size=(n, n)), rng.uniform(0.5, 1.0, n), np.zeros(n)
    W *= 0.8 / np.linalg.norm(W, 2)
    H = np.zeros((T, n))
    for t in range(T):
        h = np.tanh(W @ h + U * u[t])
        H[t] = h + rng.normal(0, 0.1, n)
    return H, u


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, T: int, n: int, delay: int, washout: int, split: int, ridge: float) -> Case:
        H, u = reservoir(rng, T, n)
        where = {"delay": delay, "washout": washout, "split": split}
        return Case(what, {"H": H, "u": u} | where | {"ridge": ridge})

    H, u = np.array([[1.0], [2.0], [1.0], [3.0], [2.0], [1.0]]), np.array([2.0, 1, 3, 0, 1, 2])
    yield Case(
        "the example of the task",
        {"H": H, "u": u, "delay": 1, "washout": 1, "split": 3, "ridge": 1.0},
    )
    yield case("one step ago", 30, 3, 1, 5, 18, 0.5)
    yield case("three steps ago", 40, 4, 3, 6, 24, 0.5)
    yield case("the input of now: delay 0", 30, 2, 0, 4, 17, 0.25)
    yield case("no washout, delay 0", 25, 3, 0, 0, 14, 0.5)
    yield case("washout and delay are equal", 30, 3, 4, 4, 19, 0.3)
    yield case("more units than steps to fit", 24, 7, 2, 4, 10, 0.5)
    yield case("a strong penalty", 36, 3, 2, 7, 22, 8.0)
    turned = case("a reservoir that turns its sign at the split", 30, 2, 1, 4, 18, 0.5)
    signs = np.where(np.arange(30) < 18, 1.0, -1.0)[:, None]  # so that r is negative
    yield Case(turned.what, turned.args | {"H": turned.args["H"] * signs})
    for what, dress in (
        ("float32", lambda a: a.astype(np.float32)),
        ("every other number of larger arrays", lambda a: np.repeat(a, 2, axis=-1)[..., ::2]),
        ("arrays that must not be written to", read_only),
    ):
        args = case(what, 30, 3, 2, 5, 18, 0.5).args
        yield Case(what, {k: dress(v) if isinstance(v, np.ndarray) else v for k, v in args.items()})


@exercise(
    returns=("w", "r2"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def esn_fit_readout(
    H: Array, u: Array, delay: int, washout: int, split: int, ridge: float
) -> tuple[Array, float]:
    A, y = H[washout:split], u[washout - delay : split - delay]
    w = np.linalg.solve(A.T @ A + ridge * np.eye(A.shape[1]), A.T @ y)
    said, right = H[split:] @ w, u[split - delay : len(u) - delay]
    said, right = said - said.mean(), right - right.mean()
    r2 = (said * right).sum() ** 2 / ((said**2).sum() * (right**2).sum())
    return w, r2
