"""Two hidden layers of steps that build a city of towers."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Arguments, Array, Case, Unfit, exercise, quarters, read_only

PLACES = (
    "what it gives in the middle of each box",
    "what it gives elsewhere in the boxes",
    "what it gives beside all boxes",
)


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, low: Array, high: Array, heights: Array) -> Case:
        return Case(what, {"low": low, "high": high, "heights": heights})

    def drawn(n: int, d: int) -> tuple[Array, Array, Array]:
        """Towers at random: heights of both signs, edges of many lengths."""
        low = quarters(rng, n, d)
        size = rng.integers(1, 9, (n, d)) / 4
        heights = rng.integers(1, 9, n) * rng.choice([-1, 1], n) / 4
        return low, low + size, np.where(heights == 1, 1.5, heights)

    square = np.array([[0.25, 0.25]]), np.array([[0.75, 0.5]]), np.array([2.0])
    yield case("the example of the task", *square)
    pair = np.array([[0.0, 0.0], [2.0, 1.0]]), np.array([[1.0, 1.0], [3.0, 3.0]])
    yield case("two towers", *pair, np.array([1.5, -0.5]))
    nested = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[3.0, 3.0], [2.0, 2.0]])
    yield case("a tower on a tower: the heights add up", *nested, np.array([2.0, 3.0]))
    yield case("one input: bumps", *drawn(3, 1))
    yield case("three inputs", *drawn(1, 3))
    for n, d in ((2, 2), (3, 2), (2, 3), (4, 3), (5, 2)):
        yield case(f"{n} towers, {d} inputs", *drawn(n, d))
    yield case("float32", *(a.astype(np.float32) for a in drawn(2, 2)))
    strided = [np.repeat(a, 2, axis=0)[::2] for a in drawn(3, 2)]
    yield case("every other row of larger arrays", *strided)
    yield case("arrays that must not be written to", *map(read_only, drawn(2, 3)))


def looked_at(low: Array, high: Array) -> Array:
    """The middle of each tower, and places just inside and outside of each of its walls."""
    points = [*(low + high) / 2]
    for bottom, top in zip(low, high, strict=True):
        for j in range(len(bottom)):
            for place in (bottom[j] - 100, bottom[j] - 1 / 16, bottom[j] + 1 / 16):
                points.append(np.where(np.arange(len(bottom)) == j, place, (bottom + top) / 2))
            for place in (top[j] - 1 / 16, top[j] + 1 / 16, top[j] + 100):
                points.append(np.where(np.arange(len(bottom)) == j, place, (bottom + top) / 2))
        points += [bottom - 1 / 16, top + 1 / 16, bottom - 100, top + 100]
    # A multiple of 1/4 may be an edge; 1/32 further on nothing is.
    places: Array = np.floor(np.array(points) * 16) / 16 + 1 / 32
    return places


def the_city(args: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """What the network gives in the towers and beside them: all that counts about it."""
    W1, b1, W2, b2, v = (output.astype(float) for output in outputs)
    n, d = args["low"].shape
    m = b1.size
    for name, got, wanted in [
        ("W1", W1.shape, (m, d)),
        ("b1", b1.shape, (m,)),
        ("W2", W2.shape, (n, m)),
        ("b2", b2.shape, (n,)),
        ("v", v.shape, (n,)),
    ]:
        if got != wanted:
            turned = " It looks transposed: each unit is a row." if got == wanted[::-1] else ""
            kind = f"n = {n} towers, d = {d} inputs and m = {m} (the size of b1)"
            raise Unfit(f"{name} has shape {got}; with {kind} it must be {wanted}.{turned}")
    if m > 2 * d * n:
        raise Unfit(f"Your first layer has {m} units; it must do with 2dn = {2 * d * n}.")
    low, high = args["low"].astype(float), args["high"].astype(float)
    points = looked_at(low, high)
    first = np.heaviside(points @ W1.T + b1, 1)
    y_hat = np.heaviside(first @ W2.T + b2, 1) @ v
    inside = ((points[:, None] >= low) & (points[:, None] < high)).all(axis=2).any(axis=1)
    found = y_hat[:n], y_hat[n:][inside[n:]], y_hat[~inside]
    return dict(zip(PLACES, found, strict=True))


@exercise(
    returns=("W1", "b1", "W2", "b2", "v"),
    inputs=inputs,
    observe=the_city,
    facts=PLACES,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def tower_network(low: Array, high: Array, heights: Array) -> tuple[Array, ...]:
    n, d = low.shape
    W1 = np.tile(np.eye(d), (2 * n, 1))
    edges = np.concatenate([low.ravel(), high.ravel()])
    own = np.kron(np.eye(n), np.ones(d))
    W2 = np.concatenate([own, -own], axis=1)
    threshold = d - 0.5
    return W1, -edges, W2, np.full(n, -threshold), heights
