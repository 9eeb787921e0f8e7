"""Of many trainings the one that the validation set chooses, and what that choice was worth."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, read_only

Report = tuple[int, int, float, float]


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, R: int, E: int) -> Case:
        """No best value of any table stands where another's does, nor where the mean is best."""
        train, val, test = (
            rng.permutation(np.arange(8, 8 + R * E)).reshape(R, E) for _ in range(3)
        )
        top = 10 + 2 * R * E
        r, e = int(rng.integers(R)), int(rng.integers(1, E - 1))
        epochs = np.arange(E) != (e + 1) % E
        val[:, ~epochs] += R * E
        val[(r + 1) % R, epochs] += R * E
        val[r, e] = top
        test[(r + 1) % R, (e + 1) % E], train[(r + 1) % R, e - 1] = top + 1, top + 4
        scale = 1 / 256  # exact, so that sums and differences are
        return Case(what, {"train": train * scale, "val": val * scale, "test": test * scale})

    yield case("3 trainings, 5 epochs", 3, 5)
    yield case("2 trainings, 9 epochs", 2, 9)
    yield case("5 trainings, 4 epochs", 5, 4)
    alone = case("", 2, 6).args
    yield Case("one training", {name: table[:1] for name, table in alone.items()})
    tied = case("two epochs of one training share the first place", 3, 6).args
    r, e = np.argwhere(tied["val"] == tied["val"].max())[0]
    tied["val"][r, 5] = tied["val"][r, e]
    yield Case("two epochs of one training share the first place", tied)
    late = case("two trainings share the first place, the second one earlier", 4, 6).args
    late["val"][[0, 2], [4, 1]] = late["val"].max() + 0.25
    yield Case("two trainings share the first place, the later one in an earlier epoch", late)
    both = case("two trainings share the first place in the same epoch", 4, 5).args
    both["val"][[1, 3], [2, 2]] = both["val"].max() + 0.25
    yield Case("two trainings share the first place in the same epoch", both)
    single = case("", 3, 4).args
    yield Case("float32", {name: table.astype(np.float32) for name, table in single.items()})
    wide = case("", 3, 5).args
    twice = {name: np.repeat(np.repeat(table, 2, 0), 2, 1) for name, table in wide.items()}
    yield Case("every other entry of larger arrays", {k: a[::2, ::2] for k, a in twice.items()})
    fixed = case("", 4, 4).args
    what = "arrays that must not be written to"
    yield Case(what, {name: read_only(table) for name, table in fixed.items()})


@exercise(
    returns=("r", "e", "gap", "optimism"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def generalization_report(train: Array, val: Array, test: Array) -> Report:
    e, r = np.argwhere(val.transpose() == val.max())[0]  # the transpose is read epoch by epoch
    return r, e, train[r, e] - test[r, e], val[r, e] - test[r, e]
