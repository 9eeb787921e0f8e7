"""How often a random symmetric matrix has no negative eigenvalue, and what a shift does to that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Bars, Floats, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Model, slider, widget

DRAWS = 4000
WINDOW, BIN = (-10.0, 10.0), 0.5
KINDS = ("minima", "saddles", "maxima")
GOAL = 0.5


@lru_cache
def eigenvalues(n: int) -> Floats:
    """Of DRAWS random symmetric matrices, each in ascending order: (DRAWS, n)."""
    B = np.random.default_rng(n).normal(size=(DRAWS, n, n))
    found: Floats = np.linalg.eigvalsh((B + B.transpose(0, 2, 1)) / 2)
    return found


@dataclass(frozen=True)
class RandomHessians(Model):
    """Hessians A + cI, where A is random and symmetric, n × n; `shift` is c."""

    title = "Which kind of point is it?"
    goal = "8 directions: at least half of the points are minima"

    n: int = slider("Directions n", 1, 8, 1, at=1)
    shift: float = slider("c, added to every eigenvalue", -4.0, 4.0, 0.5, at=0.0)

    @property
    def found(self) -> Floats:
        return eigenvalues(self.n) + self.shift

    @property
    def shares(self) -> dict[str, float]:
        """Of minima, saddles and maxima."""
        up, down = (self.found > 0).all(axis=1), (self.found < 0).all(axis=1)
        return dict(zip(KINDS, (float(k.mean()) for k in (up, ~up & ~down, down)), strict=True))

    def reached(self) -> bool:
        return self.n == 8 and self.shares["minima"] >= GOAL

    def scene(self) -> Scene:
        return Scene((self.spectrum(), self.kinds()), self.words(), columns=2)

    def spectrum(self) -> Panel:
        """All eigenvalues: those below 0 hatched."""
        edges = np.arange(WINDOW[0], WINDOW[1] + BIN, BIN)
        counts, _ = np.histogram(self.found, edges)
        density, middles = counts / (self.found.size * BIN), edges[:-1] + BIN / 2
        below = middles < 0
        items: tuple[Item, ...] = (
            Bars(density[below], "orange", "downhill", middles[below], BIN, hatch=True),
            Bars(density[~below], "blue", "uphill", middles[~below], BIN),
            Line(np.array([[0.0, 0.0], [0.0, 0.7]]), "ink", style="dashed"),
        )
        return Panel(WINDOW, (0.0, 0.7), "eigenvalue", "density", items, height=0.75)

    def kinds(self) -> Panel:
        shares = np.array(list(self.shares.values()))
        items: tuple[Item, ...] = (
            Bars(shares, "green"),
            *(
                Label((k + 1, share + 0.06), percent(share))
                for k, share in enumerate(self.shares.values())
            ),
            *(Label((k + 1, -0.09), kind) for k, kind in enumerate(KINDS)),
        )
        title = f"of {DRAWS:,} points"
        return Panel(
            (0.4, 3.6), (-0.16, 1.16), "", "share", items, height=0.75, title=title, axes=False
        )

    def words(self) -> str:
        shares = ", ".join(f"{percent(share)} {kind}" for kind, share in self.shares.items())
        below = float((self.found < 0).mean())
        return (
            f"n = {self.n}, c = {number(self.shift)}: {shares}. Of all eigenvalues {below:.0%} are "
            "negative, each a direction that leads down."
        )


def percent(share: float) -> str:
    """A share in words that do not round a rare thing to never.

    >>> percent(0.0), percent(0.00025), percent(0.146), percent(1.0)
    ('0%', '0.03%', '15%', '100%')
    """
    if 0 < share < 0.01:
        return f"{share:.2%}"
    return "99.9%" if 0.995 <= share < 1 else f"{share:.0%}"


random_hessians = widget(RandomHessians)
