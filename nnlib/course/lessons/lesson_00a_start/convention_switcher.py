"""One layer as lectures and libraries write it: turn its arrays until the course's line gives Z."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Floats, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Model, choice, widget

# How each stores X and W: whether it is the course's array turned around.
FORMS = {
    "rows": ("X Wᵀ + b", False, False),
    "keras": ("X W + b", False, True),
    "columns": ("W X + b", True, False),
    "transposed": ("Wᵀ X + b", True, True),
}
NAMES = {name: label for name, (label, _, _) in FORMS.items()}
SIZES = {"different": "different", "square": "all 3"}  # N = 3, d = 2, m = 4, or all of them 3
# X (N, d) with an example in each row, W (m, d) with a unit in each row, b (m,).
ARRAYS = {
    "different": ([[1, 2], [3, 0], [-1, 1]], [[1, 0], [2, 1], [0, -1], [1, 1]], [0, 1, 5, 2]),
    "square": ([[1, 2, 0], [0, 1, 3], [2, 0, 1]], [[1, 0, 2], [3, 1, 0], [0, 2, 1]], [0, 1, 5]),
}
GAP = 0.6  # between the matrices of the picture, whose entries are 1 apart


@dataclass(frozen=True)
class ConventionSwitcher(Model):
    """A layer's X and W as someone stores them (`form`), and the line that you make of them.

    The line multiplies X or X.T by W or W.T and adds b; it is right where it gives the course's
    Z (N, m), an example in each row.
    """

    title = "One layer, four ways to write it"
    goal = "Z = W X + b with square arrays: all 9 entries right"
    on_page = ("form", "sizes", "x", "w")

    form: str = choice("Stored for", NAMES, at="rows")
    sizes: str = choice("Sizes", SIZES, at="different")
    x: str = choice("Your line: from X take", {"as": "X", "turned": "X.T"}, at="as")
    w: str = choice("and multiply by", {"as": "W", "turned": "W.T"}, at="as")

    @property
    def stored(self) -> tuple[Floats, Floats, Floats]:
        """X, W and b as this form stores them."""
        X, W, b = (np.array(numbers, dtype=float) for numbers in ARRAYS[self.sizes])
        _, x_turned, w_turned = FORMS[self.form]
        return X.T if x_turned else X, W.T if w_turned else W, b

    @property
    def factors(self) -> tuple[Floats, Floats]:
        """What the line multiplies."""
        X, W, _ = self.stored
        return X.T if self.x == "turned" else X, W.T if self.w == "turned" else W

    @property
    def wanted(self) -> Floats:
        """The course's Z."""
        X, W, b = (np.array(numbers, dtype=float) for numbers in ARRAYS[self.sizes])
        Z: Floats = X @ W.T + b
        return Z

    @property
    def given(self) -> Floats | None:
        """What the line gives, or None where the shapes do not fit."""
        left, right = self.factors
        _, _, b = self.stored
        if left.shape[1] != right.shape[0] or right.shape[1] != len(b):
            return None
        return left @ right + b

    @property
    def right(self) -> int:
        """How many entries of Z are right."""
        if self.given is None or self.given.shape != self.wanted.shape:
            return 0
        return int((self.given == self.wanted).sum())

    def reached(self) -> bool:
        return self.form == "columns" and self.sizes == "square" and self.right == 9

    def line(self) -> str:
        x, w = ("X.T" if self.x == "turned" else "X"), ("W.T" if self.w == "turned" else "W")
        return f"Z = {x} @ {w} + b"

    def scene(self) -> Scene:
        """The left factor beside the result, the right one above it: rows meet columns."""
        left, right = self.factors
        edge, below = left.shape[1] + GAP, -right.shape[0] - GAP
        names = self.line().split()
        items = [
            *matrix(left, (0.0, below), "ink"),
            *matrix(right, (edge, 0.0), "vermillion"),
            Label((left.shape[1] / 2, below + 0.4), f"{names[2]} {left.shape}", "ink"),
            Label((edge + right.shape[1] / 2, 0.4), f"{names[4]} {right.shape}", "vermillion"),
            *self.result((edge, below)),
        ]
        # One window for all sizes, so that the page does not jump.
        limits = (-0.4, 8.0), (-8.6, 0.9)
        panel = Panel(*limits, "", "", tuple(items), height=0.7, axes=False, title=self.line())
        return Scene((panel,), self.words())

    def result(self, place: tuple[float, float]) -> tuple[Item, ...]:
        """Z, its wrong entries beside the right ones; or what does not fit."""
        left, right = self.factors
        x, y = place
        if self.given is None:
            words = (
                f"{counted(left.shape[1], 'column')} cannot meet\n{counted(right.shape[0], 'row')}"
            )
            if left.shape[1] == right.shape[0]:
                words = (
                    f"b has {len(self.stored[2])} entries,\nthe product {right.shape[1]} columns"
                )
            return (Label((x + 0.2, y - 1.0), words, "purple", align="left"),)
        fits = self.given.shape == self.wanted.shape
        texts = [
            [
                number(z) if fits and z == self.wanted[i, j] else wrong(z, self.wanted, i, j)
                for j, z in enumerate(row)
            ]
            for i, row in enumerate(self.given)
        ]
        rows, columns = self.given.shape
        name = Label((x + columns / 2, y - rows - 0.4), f"Z {self.given.shape}", "blue")
        return (*matrix(self.given, place, "blue", texts), name)

    def words(self) -> str:
        left, right = self.factors
        start = f"{self.line()}, for {NAMES[self.form]}: {left.shape} @ {right.shape}"
        if self.given is None:
            return f"{start} and b {self.stored[2].shape} do not fit together."
        if self.given.shape != self.wanted.shape:
            return f"{start} gives {self.given.shape}; wanted is {self.wanted.shape}."
        return (
            f"{start} gives {self.given.shape}: {self.right} of {self.wanted.size} entries right."
        )


def wrong(z: float, wanted: Floats, i: int, j: int) -> str:
    """A wrong entry with the right one beneath it."""
    inside = i < wanted.shape[0] and j < wanted.shape[1]
    return f"{number(z)}\n≠ {number(wanted[i, j])}" if inside else f"{number(z)}?"


def counted(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def matrix(
    values: Floats, place: tuple[float, float], color: str, texts: list[list[str]] | None = None
) -> tuple[Item, ...]:
    """The entries in a frame whose upper left corner is at `place`."""
    (rows, columns), (x, y) = values.shape, place
    corners = [(x, y), (x + columns, y), (x + columns, y - rows), (x, y - rows), (x, y)]
    entries = [
        Label(
            (x + j + 0.5, y - i - 0.5),
            texts[i][j] if texts else number(values[i, j]),
            "vermillion" if texts and "≠" in texts[i][j] else "ink",
            size="small",
        )
        for i in range(rows)
        for j in range(columns)
    ]
    return (Line(np.array(corners), color), *entries)


convention_switcher = widget(ConventionSwitcher)
