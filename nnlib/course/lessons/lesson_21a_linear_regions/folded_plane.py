"""A square, folded by the first layers of a network, on which the last layer draws four lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.kit.scene import Floats, Item, Line, Panel, Scene
from nnlib.course.kit.widget import Model, Stop, slider, widget
from nnlib.course.lessons.lesson_21a_linear_regions.region_painter import STYLES, with_gaps
from nnlib.course.lessons.lesson_21a_linear_regions.regions import Layers, Region, regions, square

READ = np.array([[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]])  # each tent of two units
ANGLES = np.deg2rad([10, 55, 100, 145])  # of the four lines, and a point on each: all cross
THROUGH = np.array([[0.45, 0.5], [0.5, 0.42], [0.5, 0.55], [0.58, 0.5]])
SIGNS = np.array([1.0, 1.0, -1.0, 1.0])
LETTER = np.array(
    [[0.12, 0.1], [0.12, 0.34], [0.28, 0.34], [0.12, 0.34], [0.12, 0.23], [0.24, 0.23]]
)
MOST = 3  # hidden layers
WIDTH = 4  # units in each


def fold(crease: float, height: float) -> tuple[Floats, Floats]:
    """W (4, 2) and b (4,) of a layer that makes a tent of each input: up to `height`, and down again.

    READ @ h of this layer is (t(x₁), t(x₂)) with t(0) = t(1) = 0 and t(crease) = height.
    """
    up, down = height / crease, height / (1 - crease)
    W = np.array([[up, 0], [up + down, 0], [0, up], [0, up + down]])
    b = np.array([0, -(up + down) * crease, 0, -(up + down) * crease])
    return W, b


def folding_layers(hidden: int, crease: float = 0.5, height: float = 1.0) -> Layers:
    """So many hidden layers of four units: all but the last one fold, the last one draws lines."""
    layers = []
    before = np.eye(2)
    for _ in range(hidden - 1):
        W, b = fold(crease, height)
        layers.append((W @ before, b))
        before = READ
    V = SIGNS[:, None] * np.column_stack([np.cos(ANGLES), np.sin(ANGLES)])
    layers.append((V @ before, -(V * THROUGH).sum(axis=1)))
    return layers


@dataclass(frozen=True)
class FoldedPlane(Model):
    """What the last of a few layers of four units draws, and where it comes to lie in the plane.

    All layers but the last fold the square, along `crease`, so that it reaches up to `height`.
    """

    title = "The folded plane"
    goal = "176 regions"
    tour = (
        Stop("One layer: its four lines cut the square into 11 regions.", hidden=1),
        Stop(
            "With a second layer, the first one folds. The last one draws its four lines on the "
            "folded square, which is shown here, and a letter F.",
            light="What the last layer sees",
            hidden=2,
            height=1.0,
        ),
        Stop(
            "Unfolded again, the drawing is there four times. Two of the letters are mirrored, and "
            "one is turned around.",
            light="In the plane: 44 regions",
            hidden=2,
            height=1.0,
        ),
        Stop(
            "A crease elsewhere makes copies of different size, and just as many.",
            light="Crease at",
            hidden=2,
            height=1.0,
            crease=0.3,
        ),
        Stop(
            "A fold that does not stretch the paper back to the whole square loses what lies "
            "beyond its edge.",
            light="Height",
            hidden=2,
            height=0.6,
        ),
    )
    on_every_page = ({"hidden": 3, "height": 1.0},)

    hidden: int = slider("Hidden layers", 1, MOST, 1, at=2)
    crease: float = slider("Crease at", 0.3, 0.7, 0.1, at=0.5)
    height: float = slider("Height", 0.4, 1.0, 0.1, at=0.6)

    def reached(self) -> bool:
        return self.count == 176

    @property
    def count(self) -> int:
        return len(self.found[0])

    @property
    def found(self) -> tuple[list[Region], list[Floats]]:
        return found(self.hidden, self.crease, self.height)

    @property
    def reach(self) -> float:
        """How far the folded square goes: all of it, or up to the fold's height."""
        return 1.0 if self.hidden == 1 else self.tent(1)[1]

    def tent(self, u: float) -> tuple[float, float]:
        """The least and the greatest coordinate after all folds, from 0 to u."""
        top = u
        for _ in range(self.hidden - 1):
            low = self.height * top / self.crease
            top = low if top <= self.crease else self.height
        return 0.0, top

    def scene(self) -> Scene:
        limits = (-0.02, 1.02)
        look = {"xlim": limits, "ylim": limits, "xlabel": "", "ylabel": "", "height": 1.0}
        titles = f"In the plane: {self.count} regions", "What the last layer sees"
        items = self.plane(), self.folded()
        panels = tuple(
            Panel(**look, items=part, title=title)  # type: ignore[arg-type]
            for part, title in zip(items, titles, strict=True)
        )
        return Scene(panels, self.words(), columns=2)

    def plane(self) -> tuple[Item, ...]:
        """The creases, the last layer's lines as they lie in the plane, and every copy of the letter."""
        bends = self.found[1]
        items: list[Item] = [
            Line(with_gaps(segments), *look(k), label=f"crease {k + 1}")
            for k, segments in enumerate(bends[:-1])
            if len(segments)
        ]
        lines = Line(with_gaps(bends[-1]), "ink", label="lines of the last layer", style="dotted")
        letters = self.copies()
        return (*items, lines, Line(letters, "purple", label="letter F"))

    def copies(self) -> Floats:
        """The letter in every cell of the creases, as far as the folded paper reaches."""
        layers = folding_layers(self.hidden, self.crease, self.height)[:-1]
        gap = np.full((1, 2), np.nan)
        drawn = []
        for cell in regions(layers, square(0, 1))[0]:
            A, c = (READ @ cell.A, READ @ cell.c) if layers else (cell.A, cell.c)
            if abs(np.linalg.det(A)) < 1e-9:
                continue
            back = np.linalg.solve(A, (LETTER - c).T).T
            low, high = cell.corners.min(axis=0), cell.corners.max(axis=0)
            inside = ((back >= low - 1e-9) & (back <= high + 1e-9)).all(axis=1)
            if inside.all():
                drawn += [back, gap]
        return np.concatenate(drawn) if drawn else gap

    def folded(self) -> tuple[Item, ...]:
        """The folded square: its edge, the four lines as they are drawn on it, and the letter."""
        edge = self.reach
        frame = np.array([[0, 0], [edge, 0], [edge, edge], [0, edge], [0, 0]], dtype=float)
        drawn = regions(folding_layers(1), square(0, edge))[1][0]
        return (
            Line(frame, "blue", label="edge of the paper", style="dashed"),
            Line(with_gaps(drawn), "ink", label="lines of the last layer", style="dotted"),
            Line(LETTER, "purple", label="letter F"),
        )

    def words(self) -> str:
        units = WIDTH * self.hidden
        layers = "one hidden layer" if self.hidden == 1 else f"{self.hidden} hidden layers"
        seen = len(regions(folding_layers(1), square(0, self.reach))[0])
        return (
            f"{layers.capitalize()}, {units} units: {self.count} regions in the square. "
            f"The folded paper reaches from 0 to {self.reach:.3g}, and {seen} of the 11 regions "
            f"that the last layer draws lie on it."
        )


def look(k: int) -> tuple[str, bool]:
    """Color and dashes of the creases of the k-th fold."""
    color, style = STYLES[k]
    return color, style == "dashed"


@lru_cache(maxsize=128)
def found(hidden: int, crease: float, height: float) -> tuple[list[Region], list[Floats]]:
    """All regions of the unit square, and the segments along which each layer bends."""
    return regions(folding_layers(hidden, crease, height), square(0, 1))


folded_plane = widget(FoldedPlane)
