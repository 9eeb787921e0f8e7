"""Reverse mode on any graph, each edge once."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, quarters, read_only

DEEP, LADDER = 3500, 60


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, edges: Array, slopes: Array, n: int) -> Case:
        return Case(what, {"edges": edges, "slopes": slopes, "n": n})

    toy = np.array([[0, 2], [1, 2], [1, 3], [2, 4], [3, 4]])
    yield case("the toy graph", toy, np.array([1.0, 1.0, 1.0, 2.0, 3.0]), 5)
    shuffled = toy[[3, 0, 4, 2, 1]]
    yield case("the toy graph, edges in another order", shuffled, np.array([2, 1, 3, 1, 1]), 5)
    yield case("a product a·a: two edges", np.array([[0, 1], [0, 1]]), np.array([3.0, 3.0]), 2)
    yield case("a single node and no edge", np.zeros((0, 2), dtype=int), np.zeros(0), 1)
    dead = np.array([[0, 1], [0, 2], [1, 3], [0, 4], [2, 4]])
    yield case("nodes 1 and 3 do not lead to the output", dead, quarters(rng, 5) + 4, 5)
    for n, count in [(6, 12), (9, 20), (12, 30)]:
        edges = random_edges(rng, n, count)
        yield case(f"{n} nodes, {count} edges", edges, quarters(rng, count) / 2, n)
    edges = random_edges(rng, 7, 12)
    yield case("float32", edges, quarters(rng, 12).astype(np.float32), 7)
    large = np.repeat(random_edges(rng, 6, 10), 2, axis=0)
    yield case("every other entry of larger arrays", large[::2], quarters(rng, 20)[::2], 6)
    fixed = read_only(random_edges(rng, 6, 9)), read_only(quarters(rng, 9))
    yield case("arrays that must not be written to", *fixed, 6)
    step = np.arange(DEEP)
    chain = np.column_stack([step, step + 1])[rng.permutation(DEEP)]
    what = f"a chain of {DEEP:,} edges, too deep for recursion and too long for a run per node"
    yield case(what, chain, np.ones(DEEP), DEEP + 1)
    step = np.repeat(np.arange(LADDER), 2)
    ladder = np.column_stack([step, step + 1])
    halves = np.full(2 * LADDER, 0.5)
    yield case("60 double edges: 2⁶⁰ paths, too many to walk", ladder, halves, LADDER + 1)


def random_edges(rng: np.random.Generator, n: int, count: int) -> Array:
    """A chain through all nodes, so that all matter, and other edges; shuffled."""
    chain = [(k, k + 1) for k in range(n - 1)]
    # No edge twice: whoever overwrites gets the same in whichever order equal targets are taken.
    others = [(k, m) for k in range(n) for m in range(k + 2, n)]
    more = rng.permutation(others)[: count - len(chain)].tolist()
    return np.array(chain + more)[rng.permutation(count)]


@exercise(
    returns=("grads",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    seconds=5.0,
    whole=("slopes",),
)
def gradients(edges: Array, slopes: Array, n: int) -> Array:
    source, target = edges.T
    grads = np.zeros(n)
    grads[n - 1] = 1.0
    for e in np.argsort(-target):
        sent = slopes[e] * grads[target[e]]
        grads[source[e]] = grads[source[e]] + sent
    return grads
