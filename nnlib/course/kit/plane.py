"""The plane that lesson 01's widgets share: its window, its points, and a neuron's line in it."""

from __future__ import annotations

import numpy as np

from nnlib.classical import Labels, heaviside
from nnlib.course.kit.scene import HIGH, LOW, Arrow, Floats, Heat, Item, Line, Points
from nnlib.data import truth_table

WINDOW = (-1.5, 2.5)  # of both axes; the corners 00, 01, 10, 11 lie well inside
ARROW_SCALE = 0.5  # w at full length would leave the window
DATA = {"and": "AND", "or": "OR", "xor": "XOR", "blobs": "blobs"}


def examples(data: str) -> tuple[Floats, Labels]:
    """X (N, 2) and y (N,): four corners with the labels of a logic gate, or two blobs."""
    if data != "blobs":
        return truth_table(data)
    y = np.tile([0, 1], 10)
    centers = np.array([[0.2, 0.2], [1.3, 0.9]])
    noise = np.random.default_rng(2).normal(0, 0.3, (20, 2))
    return np.round(centers[y] + noise, 1), y  # one decimal, so that updates can be read


def grid(n: int = 100) -> Floats:
    """The n × n points of the window, rows from the bottom up: (n·n, 2)."""
    along = np.linspace(*WINDOW, n)
    x1, x2 = np.meshgrid(along, along)
    return np.column_stack([x1.ravel(), x2.ravel()])


def class_points(X: Floats, y: Labels) -> tuple[Item, ...]:
    """Class 0 as circles, class 1 as squares."""
    return (
        Points(X[y == 0], "circle", LOW, "y = 0"),
        Points(X[y == 1], "square", HIGH, "y = 1"),
    )


def foot(w: Floats, b: float) -> Floats:
    """The point of the line w·x + b = 0 nearest to the middle of the window; w is not 0."""
    middle = np.full(2, np.mean(WINDOW))
    return middle - (w @ middle + b) / (w @ w) * w


def is_visible(w: Floats, b: float) -> bool:
    """Whether the line w·x + b = 0 crosses the window: z has both signs at its corners."""
    z = np.array([[x1, x2] for x1 in WINDOW for x2 in WINDOW]) @ w + b
    return bool(z.min() <= 0 <= z.max())


def boundary(w: Floats, b: float, label: str, dashed: bool = False) -> tuple[Item, ...]:
    """The line z = 0, long enough to cross the window; nothing where there is none."""
    if not w.any() or not is_visible(w, b):
        return ()
    along = np.array([-w[1], w[0]]) / np.hypot(*w) * np.ptp(WINDOW) * 2
    ends = np.array([foot(w, b) - along, foot(w, b) + along])
    return (Line(ends, "gray" if dashed else "ink", dashed, label),)


def weight_arrow(w: Floats, b: float) -> tuple[Item, ...]:
    """w as an arrow that stands on the line, at half its length."""
    if not w.any() or not is_visible(w, b):
        return ()
    start = foot(w, b)
    return (Arrow(start, start + ARROW_SCALE * w, "vermillion", "w (half its length)"),)


def decision(w: Floats, b: float) -> Heat:
    """The two half-planes ŷ = 0 and ŷ = 1."""
    n = 100
    return Heat(heaviside(grid(n) @ w + b).reshape(n, n), ((0, "ŷ = 0"), (1, "ŷ = 1")), 0.5, "H(z)")
