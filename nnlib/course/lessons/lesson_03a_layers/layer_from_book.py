"""One layer as other books write it, brought into the course's convention."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, quarters, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, X: Array, W: Array, b: Array, book: str) -> Case:
        return Case(what, {"X": X, "W": W, "b": b, "book": book})

    def drawn(book: str, N: int, d: int, m: int) -> tuple[Array, Array, Array]:
        X = {"columns": quarters(rng, d, N), "single": quarters(rng, d)}.get(book)
        W = quarters(rng, m, d) if book in ("torch", "columns") else quarters(rng, d, m)
        b = quarters(rng, m, 1) if book == "columns" else quarters(rng, m)
        return quarters(rng, N, d) if X is None else X, W, b

    X, W, b = np.array([[2.0, 0.0, 1.0]]), np.array([[1, 0], [0, 1], [4, 5]]), np.array([10, 20])
    yield case("the example of the task", X, W, b, "keras")
    for book in ("torch", "keras", "columns", "single"):
        yield case("3 inputs, 2 units", *drawn(book, 4, 3, 2), book)
        yield case("N = d = m: shapes tell nothing", *drawn(book, 3, 3, 3), book)
        yield case("1 unit", *drawn(book, 2, 5, 1), book)
    yield case("a batch of one", *drawn("columns", 1, 3, 4), "columns")
    whole = rng.integers(-4, 5, (2, 6)), rng.integers(-4, 5, (3, 2)), rng.integers(-4, 5, (3, 1))
    yield case("whole numbers", *whole, "columns")
    X, W, b = (a.astype(np.float32) for a in drawn("torch", 5, 2, 3))
    yield case("float32", X, W, b, "torch")
    strided = quarters(rng, 6, 8)[::2, ::2], quarters(rng, 8, 3)[::2], quarters(rng, 3)
    yield case("every other row and column of a larger array", *strided, "keras")
    X, W, b = (read_only(a) for a in drawn("single", 1, 4, 2))
    yield case("arrays that must not be written to", X, W, b, "single")
    for book in ("torch", "single"):  # all square: whatever an `else` takes it for, it would run
        yield case("a book that is not in the table", *drawn(book, 3, 3, 3), "theano")


@exercise(
    returns=("W", "b", "Z"),
    inputs=inputs,
    points={"shape": 1, "values": 2, "inputs": 1},
)
def layer_from_book(X: Array, W: Array, b: Array, book: str) -> tuple[Array, Array, Array]:
    if book not in ("torch", "keras", "columns", "single"):
        raise ValueError(f"there is no book {book!r}")
    if book in ("keras", "single"):
        W = W.T
    if book == "columns":
        X, b = X.T, np.ravel(b)
    if book == "single":
        X = X[None, :]
    return W, b, X @ W.T + b
