"""Which two classes a classifier confuses most."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, C: int, N: int) -> Case:
        """Of all pairs one is confused most, and another one most in a single direction."""
        y = rng.integers(C, size=N)
        p = np.where(rng.random(N) < 0.7, y, rng.integers(C, size=N))
        a, b, c, d = rng.permutation(C)[:4]
        table = np.zeros((C, C), dtype=int)
        np.add.at(table, (y, p), 1)
        both = table + table.T
        np.fill_diagonal(both, 0)
        top = int(both.max()) + 2
        more = [(a, b)] * top + [(b, a)] * (top - 1) + [(c, d)] * (top + 1)
        more += [(c, c)] * 3 * top + [(d, d)] * 3 * top  # and right answers, which count nothing
        shuffled = rng.permutation(len(more) + N)
        truth, said = np.concatenate([np.column_stack([y, p]), more])[shuffled].T
        return Case(what, {"y": truth.astype(float), "p": said.astype(float)})

    yield case("6 classes, 120 answers", 6, 120)
    yield case("10 classes", 10, 300)
    yield case("4 classes", 4, 60)
    tied = {"y": np.repeat([1.0, 0.0, 4.0], [6, 6, 9]), "p": np.repeat([2.0, 3.0, 4.0], [6, 6, 9])}
    yield Case("two pairs are confused equally often", tied)
    yield Case("three answers", {"y": np.array([1.0, 1, 1]), "p": np.array([4.0, 1, 1])})
    ints = case("", 6, 90).args
    yield Case("whole numbers", {name: a.astype(int) for name, a in ints.items()})
    single = case("", 5, 70).args
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    wide = case("", 7, 150).args
    twice = {name: np.repeat(a, 2)[::2] for name, a in wide.items()}
    yield Case("every other entry of larger arrays", twice)
    fixed = case("", 5, 90).args
    yield Case("arrays that must not be written to", {k: read_only(a) for k, a in fixed.items()})


@exercise(
    returns=("the smaller class", "the larger class", "how often"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    whole=("y", "p"),
)
def worst_pair(y: Array, p: Array) -> tuple[int, int, int]:
    C = int(max(y.max(), p.max())) + 1
    table = np.zeros((C, C), dtype=int)
    np.add.at(table, (y.astype(int), p.astype(int)), 1)
    both = np.triu(table + table.T, 1)
    a, b = np.argwhere(both == both.max())[0]
    return a, b, both[a, b]
