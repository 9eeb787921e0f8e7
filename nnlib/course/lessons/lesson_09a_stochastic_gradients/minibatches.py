"""The batches of one epoch: every example once, in a new order."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import Arguments, Array, Case, Unfit, exercise, read_only

Pairs = list[tuple[Array, Array]]
MANY = 20  # from so many examples on, chance alone makes no order look like another
SEEDS = 4


def table(rng: np.random.Generator, N: int) -> dict[str, Array]:
    """N examples that can be told apart, in no order of size, each with a y of its own."""
    place = rng.permutation(N).astype(float)
    return {"X": np.column_stack([place, 3 - place / 4]), "y": 10 + rng.permutation(N) / 2}


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, B: int, drop_last: bool) -> Case:
        rest = {"B": B, "drop_last": drop_last, "seed": int(rng.integers(1000))}
        return Case(what, table(rng, N) | rest)

    yield case("5 examples in twos", 5, 2, False)
    for drop_last in (False, True):
        which = "without the last" if drop_last else "with the last"
        yield case(f"N = 43, B = 8, {which}", 43, 8, drop_last)
        yield case(f"N = 40, B = 8, {which}: it is whole", 40, 8, drop_last)
        yield case(f"N = 24, B = 5, {which}", 24, 5, drop_last)
        yield case(f"one batch of all, {which}", 24, 24, drop_last)
        yield case(f"B = 1, {which}", 20, 1, drop_last)
        yield case(f"B larger than N, {which}", 20, 30, drop_last)
    single = case("float32", 23, 6, True)
    for name in ("X", "y"):
        single.args[name] = single.args[name].astype(np.float32)
    yield single
    strided = case("every other row of larger arrays", 46, 7, False)
    for name in ("X", "y"):
        strided.args[name] = strided.args[name][::2]
    yield strided
    fixed = case("arrays that must not be written to", 22, 7, False)
    for name in ("X", "y"):
        fixed.args[name] = read_only(fixed.args[name])
    yield fixed


def epochs(
    answer: Callable[..., Any], X: Array, y: Array, B: int, drop_last: bool, seed: int
) -> tuple[Array, ...]:
    """The sizes of the batches, and all x and y in their order: of `seed` twice, and of others."""

    def epoch(X: Array, y: Array, seed: int) -> tuple[Array, Array, Array]:
        batches = answer(X, y, B, drop_last, seed)
        if batches is None:
            raise RuntimeError("nothing came back: return the list of batches")
        alone = isinstance(batches, tuple) and [type(part) for part in batches] == [np.ndarray] * 2
        if alone:
            raise RuntimeError("two arrays came back: return a list of pairs (x, y), one per batch")
        pairs = list(batches)
        for pair in pairs:
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise RuntimeError("each batch must be a pair (x, y)")
        xs = [np.atleast_2d(np.asarray(x)) if np.size(x) else np.zeros((0, 2)) for x, _ in pairs]
        ys = [np.atleast_1d(np.asarray(target)) for _, target in pairs]
        sizes = np.array([len(target) for target in ys], dtype=float)
        return (
            sizes,
            np.concatenate([*xs, np.zeros((0, X.shape[1]))]),
            np.concatenate([*ys, np.zeros(0)]),
        )

    before = X.copy(), y.copy()  # what an answer writes into them must not spoil the next epochs
    found = list(epoch(X, y, seed))  # the caller's own arrays, so that it is seen who changes them
    for each in (seed, *range(seed + 1, seed + SEEDS)):
        found += epoch(before[0].copy(), before[1].copy(), each)
    return tuple(found)


NAMES = ("the sizes of the batches", "all x", "all y")
FACTS = (
    "the sizes of the batches, largest first",
    "no shorter batch comes before a longer one (1: yes)",
    "each row of x is an example (1: yes)",
    "each x has its own y (1: yes)",
    "no batch holds an example twice (1: yes)",
    "no example comes twice in an epoch (1: yes)",
    "every example comes where none may be left out (1: yes)",
    "the examples come in an order of chance (1: yes)",
    "a batch may hold examples from anywhere (1: yes)",
    "any example may be the first (1: yes)",
    "the same seed gives the same batches (1: yes)",
    "another seed gives other batches (1: yes)",
    "other seeds leave out other examples (1: yes)",
)


def dealt(arguments: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """What all right epochs have in common."""
    X, y, B = (np.asarray(arguments[name], dtype=float) for name in ("X", "y", "B"))
    runs = [outputs[3 * k : 3 * k + 3] for k in range(SEEDS + 1)]
    sizes, xs, ys = runs[0]
    if xs.shape[1:] != X.shape[1:]:
        raise Unfit(f"The x of a batch must have {X.shape[1]} columns, as X has.")
    if len(xs) != len(ys):
        raise Unfit("In some batch x and y are not equally long.")
    orders = [order_of(run[1], X) for run in runs]
    first, again, *others = orders
    known = first >= 0
    N, many = len(X), len(X) >= MANY
    left = [frozenset(range(N)) - frozenset(order.tolist()) for order in (first, *others)]
    batches = [cut(order, run[0]) for order, run in zip(orders, runs, strict=True)]
    flat = [batch for run in batches for batch in run if len(batch) > 1]
    partial = bool(arguments["drop_last"] and N % int(B))
    some = len(first) > 0 and many
    facts = (
        all(np.all(np.diff(run[0]) <= 0) for run in runs),
        known.all(),
        len(first) != len(ys) or np.array_equal(np.where(known, y[first], ys), ys),
        all(len(set(batch)) == len(batch) for batch in flat),
        len(set(first.tolist())) == len(first),
        partial or not left[0],
        not some or not np.array_equal(first, np.sort(first)),
        not some or len(first) < MANY // 2 or any(np.ptp(b) >= len(set(b)) for b in flat) or not flat
        or int(B) >= N,
        not some or len({order[0] for order in orders if len(order)}) > 1,
        not some or np.array_equal(first, again),
        not some or any(not np.array_equal(first, other) for other in others),
        not (some and partial) or len(set(left)) > 1,
    )  # fmt: skip
    told = (np.array(int(bool(fact))) for fact in facts)
    return {FACTS[0]: -np.sort(-sizes)} | dict(zip(FACTS[1:], told, strict=True))


def order_of(xs: Array, X: Array) -> Array:
    """Which row of X each row of xs is; −1 if none."""
    same = np.all(xs[:, None, :] == X[None, :, :], axis=2)
    return np.where(same.any(axis=1), same.argmax(axis=1), -1)


def cut(order: Array, sizes: Array) -> list[list[int]]:
    ends = np.cumsum(sizes).astype(int)
    return [list(order[e - int(s) : e]) for e, s in zip(ends, sizes, strict=True)]


@exercise(
    returns=tuple(f"{name}, epoch {k + 1}" for k in range(SEEDS + 1) for name in NAMES),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    probe=epochs,
    observe=dealt,
    facts=FACTS,
)
def minibatches(X: Array, y: Array, B: int, drop_last: bool, seed: int) -> Pairs:
    N = len(X)
    order = np.random.default_rng(seed).permutation(N)
    end = N - N % B if drop_last else N
    batches = []
    for k in range(0, end, B):
        rows = order[k : k + B]
        batches.append((X[rows], y[rows]))
    return batches
