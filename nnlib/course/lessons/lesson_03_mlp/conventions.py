"""Lesson 03: one layer as other books write it, brought into the course's convention.

As in `neuron`, random numbers are multiples of 1/4, so that sums are exact in any order.
"""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only

LESSON = "03_mlp"

# ── layer_from_book ──────────────────────────────────────────────────────────────────────────────


def book_inputs(rng: np.random.Generator) -> Iterator[Case]:
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
    lesson=LESSON,
    returns=("W", "b", "Z"),
    inputs=book_inputs,
    points={"shape": 1, "values": 2, "inputs": 1},
    hints=(
        (
            "Three questions for each book: is W stored as (m, d) or as (d, m)? Is an example a "
            "row or a column of X? Does b have a shape other than (m,)? Once all three arrays are "
            "in the course's convention, one line gives Z for every book."
        ),
        (
            "`.T` turns W for keras and single, and X for columns. `np.ravel(b)` makes (m,) of "
            "(m, 1). One example (d,) becomes a batch of one by `X[None, :]`, of shape (1, d). "
            "Then Z = X @ W.T + b. Begin with the ValueError for any other name."
        ),
    ),
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


layer_from_book.slip(
    'book in ("keras", "single")',
    'book == "single"',
    "Keras stores its kernel as (d, m), inputs first. Here a unit is a row, so W is its transpose.",
)

layer_from_book.slip(
    'book in ("keras", "single")',
    'book == "keras"',
    "In `single`, the formula is Wᵀx + b: its W is (d, m), a unit in each column. Transpose it.",
)

layer_from_book.slip(
    'book in ("keras", "single")',
    'book in ("keras", "single", "columns")',
    "Look at W in `columns`: its examples are columns, but its units are rows, as here. "
    "W is already (m, d).",
)

layer_from_book.slip(
    "X, b = X.T,",
    "X, b = X,",
    "In `columns` each example is a column of X. In this course it is a row: multiply X.T.",
)

layer_from_book.slip(
    "X, b = X.T,",
    "X, b = X.reshape(X.shape[::-1]),",
    "`reshape` keeps the numbers in their order and cuts them anew, so it mixes up the examples. "
    "To turn columns of X into rows, use `X.T`.",
)

layer_from_book.slip(
    "W = W.T",
    "W = W.reshape(W.shape[::-1])",
    "`reshape` keeps the numbers in their order and cuts them anew, so weights go to units that "
    "they do not belong to. To turn columns of W into rows, use `W.T`.",
)

layer_from_book.slip(
    "return W, b,",
    "return W.T, b,",
    "Your W comes back as (d, m). In this course it is (m, d): row i holds the weights of unit i.",
)

layer_from_book.slip(
    "np.ravel(b)",
    "b",
    "In `columns`, b is a column (m, 1). It must become (m,), or NumPy adds b[n] to all of row n "
    "instead of b[i] to column i, or cannot add it at all.",
)

layer_from_book.slip(
    "return W, b, X",
    'return W, b[:, None] if book == "columns" else b, X',
    "Your Z is right, but for `columns` you give back b as it came, (m, 1). Return it as (m,).",
)

layer_from_book.slip(
    "X @ W.T + b",
    '(X @ W.T + b).T if book == "columns" else X @ W.T + b',
    "For `columns` your Z is (m, N), as in that book. Here it is (N, m): one example per row.",
)

layer_from_book.slip(
    "X = X[None, :]",
    "X = X",
    "For `single` your Z has shape (m,). One example is a batch of one: Z is (1, m).",
)

layer_from_book.slip(
    "X @ W.T + b",
    "X @ W.T",
    "The bias is missing from Z: Z = X Wᵀ + b.",
)

layer_from_book.slip(
    "W, b, X @ W.T + b",
    "X @ W.T + b, W, b",
    "The three results are in another order: return W, b, Z.",
)

layer_from_book.slip(
    'book not in ("torch", "keras", "columns", "single")',
    "False",
    "A book that is not in the table passes unnoticed, and its layer is read in a wrong way. "
    "End with `raise ValueError(...)`, not with an `else` that takes everything.",
)

layer_from_book.slip(
    "ValueError",
    "KeyError",
    "A book that is not in the table gives a KeyError, from looking it up in a dict. "
    "The task asks for a ValueError.",
)

layer_from_book.slip(
    'book in ("keras", "single")',
    "False",
    "You never transpose W. In `keras` and `single` it is (d, m), with a unit in each column; "
    "here a unit is a row.",
)

layer_from_book.slip(
    'book in ("keras", "single")',
    'W.shape[1] != X.shape[int(book in ("torch", "keras"))]',
    "You go by the shapes, and turn W where it does not fit. Where N = d = m it always fits: go by "
    "the name of the book.",
)

layer_from_book.slip(
    "return W, b, X",
    'return W.T if book in ("keras", "single") else W, b, X',
    "Your Z is right, but you give W back as it came. Return it as (m, d), one unit per row.",
)

layer_from_book.slip(
    "X @ W.T + b",
    "X @ W + b",
    "You multiply X by W. With a unit in each row of W it is X @ W.T.",
)

layer_from_book.slip("X @ W.T + b", "X @ W.T - b", "You subtract the biases: Z = X Wᵀ + b.")

layer_from_book.slip(
    "X @ W.T + b",
    "np.squeeze(X @ W.T + b)",
    "Z must stay (N, m), also where N or m is 1. Look where an axis is squeezed away.",
)

layer_from_book.slip(
    "np.ravel(b)",
    "np.squeeze(b)",
    "`squeeze` makes a single number of a b that has one entry. b must be (m,), also for m = 1: "
    "`np.ravel(b)` or `b[:, 0]`.",
)

layer_from_book.slip(
    "np.ravel(b)",
    "b.T",
    "In `columns`, b is (m, 1), and its transpose (1, m) still has two axes. Return (m,).",
)

layer_from_book.slip(
    "W, b, X @ W.T + b",
    "X @ W.T + b",
    "You return Z alone. The task asks for three results: W, b, Z.",
)

layer_from_book.slip(
    "return W, b, X",
    'return W.T if book == "keras" else W, b, X',
    "Your Z is right, but for `keras` you give W back as it came, (d, m). Return its transpose.",
)

layer_from_book.slip(
    "return W, b, X",
    'return W.T if book == "single" else W, b, X',
    "Your Z is right, but for `single` you give W back as it came, (d, m). Return its transpose.",
)

layer_from_book.slip(
    "return W, b, X",
    'return W.T if book == "columns" else W, b, X',
    "Your Z is right, but for `columns` you turn W before you return it. There it is (m, d) already.",
)

layer_from_book.slip(
    'book in ("keras", "single")',
    'book in ("torch", "single")',
    "You have `torch` and `keras` the wrong way round: PyTorch stores (m, d), Keras (d, m).",
)

layer_from_book.slip(
    "X @ W.T + b",
    'X @ W.T + (b if book != "columns" else 0)',
    "The bias is missing from Z where the book is `columns`.",
)

layer_from_book.slip(
    "X @ W.T + b",
    "np.maximum(X @ W.T + b, 0)",
    "You apply a ReLU. The task asks for the pre-activations, Z = X Wᵀ + b, negative ones too.",
)

layer_from_book.slip(
    "X @ W.T + b",
    '(X @ W.T + b).T if book == "single" else X @ W.T + b',
    "For `single` your Z is a column, (m, 1). One example is one row: Z is (1, m).",
)
