"""Features by hand for two spirals: judged by what a linear classifier makes of them."""

from collections.abc import Iterator

import numpy as np

from nnlib.classical import LogisticRegression
from nnlib.course.kit.inputs import Arguments, Array, Case, Unfit, exercise, read_only
from nnlib.data import make_spirals

MOST, ENOUGH, STEPS = 3, 0.95, 8
SHARE = "the share right of the points held out (0.95 stands for all from 95 % on)"


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def points(N: int) -> Array:
        return rng.permutation(make_spirals(N, noise=0.01, generator=rng)[0])

    for N in (200, 240, 400):
        yield Case(f"{N} points", {"X": points(N)})
    yield Case("float32", {"X": points(300).astype(np.float32)})
    yield Case("every other row of a larger array", {"X": points(440)[::2]})
    yield Case("an array that must not be written to", {"X": read_only(points(260))})


def held_out(args: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """Fit the linear classifier to every other point, and see how many of the rest are right."""
    X, F = args["X"].astype(float), outputs[0].astype(float)
    if F.ndim != 2 or len(F) != len(X):
        raise Unfit(f"F has shape {F.shape}; it must be ({len(X)}, k), a row for each point.")
    if not 1 <= F.shape[1] <= MOST:
        raise Unfit(f"F has {F.shape[1]} columns; one, two or three features are allowed.")
    if not np.isfinite(F).all():
        raise Unfit("F holds numbers that are not finite.")
    y = (np.cos(np.arctan2(X[:, 1], X[:, 0]) - 3 * np.pi * np.hypot(*X.T)) < 0).astype(int)
    F = F / np.maximum(np.abs(F).max(axis=0), 1e-12)
    model = LogisticRegression().fit(F[::2], y[::2], STEPS)
    share = np.mean(model.predict(F[1::2]) == y[1::2])
    return {SHARE: np.array(min(share, ENOUGH))}


@exercise(
    returns=("F",),
    inputs=inputs,
    observe=held_out,
    facts=(SHARE,),
    points={"shape": 1, "values": 4, "inputs": 1},
)
def spiral_features(X: Array) -> Array:
    r = np.sqrt(X[:, 0] ** 2 + X[:, 1] ** 2)
    angle = np.arctan2(X[:, 1], X[:, 0])
    turned = angle - 3 * np.pi * r
    return np.stack([np.cos(turned)], axis=1)
