"""Lesson 11: reverse mode on any graph, each edge once."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only
from nnlib.course.lessons.lesson_11_backprop_on_graphs.poke import LESSON

DEEP, LADDER = 3500, 60

# ── gradients ────────────────────────────────────────────────────────────────────────────────────


def graph_inputs(rng: np.random.Generator) -> Iterator[Case]:
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
    yield case(f"a chain of {DEEP:,} edges, too deep for recursion", chain, np.ones(DEEP), DEEP + 1)
    step = np.repeat(np.arange(LADDER), 2)
    ladder = np.column_stack([step, step + 1])
    halves = np.full(2 * LADDER, 0.5)
    yield case("60 double edges: 2⁶⁰ paths, too many to walk", ladder, halves, LADDER + 1)


def random_edges(rng: np.random.Generator, n: int, count: int) -> Array:
    """A chain through all nodes, so that all matter, and other edges; shuffled."""
    chain = [(k, k + 1) for k in range(n - 1)]
    more = [sorted(rng.choice(n, 2, replace=False)) for _ in range(count - len(chain))]
    return np.array(chain + more)[rng.permutation(count)]


@exercise(
    lesson=LESSON,
    returns=("grads",),
    inputs=graph_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    seconds=5.0,
    hints=(
        (
            "Begin with n zeros and put 1 at the output. An edge adds slope × (gradient of its target) "
            "to the gradient of its source, and may do so only when its target's gradient is complete. "
            "Which order of the edges makes sure of that, without any recursion?"
        ),
        (
            "Edges lead to larger numbers. So take the edges by their targets, the largest first: "
            "`for e in np.argsort(-edges[:, 1])`. For each: grads[source] += slopes[e] * "
            "grads[target]. Make `grads` an array of floats."
        ),
    ),
)
def gradients(edges: Array, slopes: Array, n: int) -> Array:
    source, target = edges.T
    grads = np.zeros(n)
    grads[n - 1] = 1.0
    for e in np.argsort(-target):
        sent = slopes[e] * grads[target[e]]
        grads[source[e]] = grads[source[e]] + sent
    return grads


gradients.slip(
    "np.argsort(-target)",
    "np.argsort(target)",
    "You go through the edges from the oldest to the newest, so nothing but 0 is sent where it is "
    "still empty. Begin at the output: the largest target first.",
)

gradients.slip(
    "np.argsort(-target)",
    "range(len(slopes))",
    "You take the edges in the order in which they are given. A node may send only when its own "
    "gradient is complete: take the edges by their targets, the largest first.",
)

gradients.slip(
    "np.argsort(-target)",
    "range(len(slopes) - 1, -1, -1)",
    "You take the edges in the order in which they are given, backward. They come in any order: "
    "sort them by their targets, the largest first.",
)

gradients.slip(
    "grads[n - 1] = 1.0",
    "pass",
    "All your gradients are 0: the way back begins with ∂L/∂L = 1 at the output, node n − 1.",
)

gradients.slip(
    "grads = np.zeros(n)",
    "grads = np.ones(n)",
    "You begin with ones. Only the output has the gradient 1 before anything was sent; "
    "all others begin at 0.",
)

gradients.slip(
    "slopes[e] * grads[target[e]]",
    "slopes[e]",
    "You add up the local slopes. Each is multiplied by the upstream gradient of its target: "
    "local × upstream.",
)

gradients.slip(
    "slopes[e] * grads[target[e]]",
    "grads[target[e]]",
    "You count paths: the slopes are missing. Each edge multiplies what it sends by its own slope.",
)

gradients.slip(
    "slopes[e] * grads[target[e]]",
    "slopes[e] + grads[target[e]]",
    "You add the slope to the upstream gradient. Along a path slopes multiply; only paths add.",
)

gradients.slip(
    "np.zeros(n)",
    "np.zeros(n, dtype=int)",
    "Your array holds whole numbers, so fractions are cut off as they arrive. "
    "Begin with `np.zeros(n)`, which holds floats.",
)

gradients.slip(
    "return grads",
    "return grads[:-1]",
    "One entry is missing: the output has a gradient as well, 1. Return all n.",
)

gradients.slip(
    "return grads",
    "return grads[::-1]",
    "Your gradients come back to front: grads[0] belongs to node 0.",
)

gradients.slip(
    "return grads",
    "return np.append(grads[:-1], 0.0)",
    "The output's own gradient is lost: it is 1, for ∂L/∂L = 1.",
)

gradients.slip(
    "grads[n - 1] = 1.0",
    "grads[np.setdiff1d(np.arange(n), source)] = 1.0",
    "You begin with 1 at every node that nothing reads. The output is node n − 1 alone; another "
    "node that leads nowhere has the gradient 0.",
)

gradients.slip(
    "source, target = edges.T",
    "target, source = edges.T",
    "You read the edges the wrong way round: the first column is the source, the second the target. "
    "Gradients go from target to source.",
)


@gradients.mistake(
    "You sort the edges and leave the slopes as they were, so that each edge gets another one's "
    "slope. Sort numbers of edges (`np.argsort`), and take both by them."
)
def sorts_edges_alone(edges: Array, slopes: Array, n: int) -> Array:
    order = np.argsort(-edges[:, 1], kind="stable")
    return gradients_along(edges[order], slopes, n)


@gradients.mistake(
    "You overwrite what has arrived: a node with several readers keeps the part of one of them. "
    "Routes add, so use `+=`."
)
def keeps_the_last(edges: Array, slopes: Array, n: int) -> Array:
    order = np.argsort(-edges[:, 1], kind="stable")
    return gradients_along(edges[order], slopes[order], n, add_up=False)


@gradients.mistake(
    "A node that has received something takes nothing more. Routes add: each of its readers sends "
    "a part, and all of them count."
)
def keeps_the_first(edges: Array, slopes: Array, n: int) -> Array:
    order = np.argsort(-edges[:, 1], kind="stable")
    first = order[np.sort(np.unique(edges[order, 0], return_index=True)[1])]
    return gradients_along(edges[first], slopes[first], n)


def gradients_along(edges: Array, slopes: Array, n: int, add_up: bool = True) -> Array:
    """The reference, with the edges taken as they come."""
    grads = np.zeros(n)
    grads[n - 1] = 1.0
    for (source, target), slope in zip(edges, slopes, strict=True):
        sent = slope * grads[target]
        grads[source] = grads[source] + sent if add_up else sent
    return grads


@gradients.mistake(
    "That is forward mode: you compute ∂(every node)/∂(node 0). The task asks for "
    "∂(output)/∂(every node): begin with 1 at node n − 1 and walk back."
)
def goes_forward(edges: Array, slopes: Array, n: int) -> Array:
    grads = np.zeros(n)
    grads[0] = 1.0
    for e in np.argsort(edges[:, 1]):
        source, target = edges[e]
        grads[target] += slopes[e] * grads[source]
    return grads


@gradients.mistake(
    "Of two edges between the same two nodes, as in a · a, you lose one. `grads[sources] += …` with "
    "an array of indices adds once where an index comes twice, and a dict or a table has one entry "
    "for each pair. Loop over the edges."
)
def loses_double_edges(edges: Array, slopes: Array, n: int) -> Array:
    grads = np.zeros(n)
    grads[n - 1] = 1.0
    order = np.argsort(-edges[:, 1], kind="stable")
    ends = np.flatnonzero(np.diff(edges[order, 1])) + 1
    for group in np.split(order, ends) if len(order) else []:
        grads[edges[group, 0]] += slopes[group] * grads[edges[group[0], 1]]
    return grads


@gradients.mistake(
    "Your function calls itself once for each edge of the longest path, and Python allows about "
    "1,000 such calls. Use a loop: the edges, the largest target first."
)
def recurses(edges: Array, slopes: Array, n: int) -> Array:
    readers: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    for (s, t), slope in zip(edges.tolist(), slopes.tolist(), strict=True):
        readers[s].append((t, slope))
    known: dict[int, float] = {n - 1: 1.0}

    def gradient(k: int) -> float:
        if k not in known:
            known[k] = sum(slope * gradient(t) for t, slope in readers[k])
        return known[k]

    return np.array([gradient(k) for k in range(n)])
