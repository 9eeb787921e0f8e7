"""A deep ReLU network that is a zigzag, folded a few times."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, read_only

X = np.linspace(0, 1, 101)[:, None]
WRONG = "it must return two lists, Ws and bs, of as many arrays each"


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, creases: Array, folds: int) -> Case:
        return Case(what, {"creases": creases, "folds": folds})

    def drawn(pieces: int) -> Array:
        """At unequal distances, none of them below 0.6 of the mean."""
        widths = 0.6 + rng.permutation(pieces) / pieces + 0.1 * rng.uniform(size=pieces)
        creases: Array = np.cumsum(widths)[:-1] / widths.sum()
        return creases

    yield case("the example of the task", np.array([0.25]), 2)
    yield case("the lesson's tent, three times", np.array([0.5]), 3)
    yield case("one fold", drawn(2), 1)
    yield case("one fold of three pieces", drawn(3), 1)
    yield case("three pieces, twice", drawn(3), 2)
    yield case("four pieces, twice", drawn(4), 2)
    yield case("two pieces, four times", drawn(2), 4)
    yield case("three pieces, three times", drawn(3), 3)
    yield case("float32", drawn(3).astype(np.float32), 2)
    yield case("every other entry of a larger array", np.repeat(drawn(4), 2)[::2], 2)
    yield case("an array that must not be written to", read_only(drawn(3)), 2)


def run_network(answer: Callable[..., Any], creases: Array, folds: int) -> tuple[Array, Array]:
    """What the network gives at 101 points from 0 to 1, and its hidden units, layer by layer."""
    returned = answer(creases, folds)
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise RuntimeError(WRONG)
    Ws, bs = returned
    if not isinstance(Ws, tuple | list) or not isinstance(bs, tuple | list) or len(Ws) != len(bs):
        raise RuntimeError(WRONG)
    H, units = X, []
    for k in range(len(Ws)):
        W = np.asarray(Ws[k])
        if W.ndim != 2 or W.shape[1] != H.shape[1]:
            which = "first" if k == 0 else "last" if k == len(Ws) - 1 else "next"
            raise RuntimeError(
                f"the {which} matrix of Ws needs {H.shape[1]} columns, not {W.shape}"
            )
        b = np.asarray(bs[k])
        if b.size > 1 and b.shape != (len(W),):
            raise RuntimeError(f"bs[{k}] needs the shape ({len(W)},), not {b.shape}")
        Z = H @ W.T + b.reshape(-1)
        H = Z if k == len(Ws) - 1 else np.maximum(Z, 0)
        units.append(Z.shape[1])
    return H, np.array(units[:-1])


@exercise(
    returns=("y at 101 points from 0 to 1", "hidden units"),
    inputs=inputs,
    probe=run_network,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def zigzag_network(creases: Array, folds: int) -> tuple[list[Array], list[Array]]:
    corners = np.concatenate([[0], creases, [1]])
    heights = np.arange(len(corners)) % 2
    slopes = np.diff(heights) / np.diff(corners)
    D = np.append(slopes[:1], np.diff(slopes))[None, :]
    W, b = np.ones((len(slopes), 1)), -corners[:-1]
    Ws, bs = [W], [b]
    for _ in range(folds - 1):
        Ws.append(W @ D)
        bs.append(b)
    return [*Ws, D], [*bs, np.zeros(1)]
