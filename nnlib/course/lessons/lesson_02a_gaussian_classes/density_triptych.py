"""Two Gaussian classes of one measurement: densities, log-odds, posterior, and what t makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, log, sqrt

import numpy as np

from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Bars, Floats, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Model, Stop, slider, widget

WINDOW = (-6.0, 6.0)
X = np.linspace(*WINDOW, 121)
BINS = np.arange(-5.9, 6.0, 0.2)  # the middles of the bars that shade the mistakes
PEOPLE = 1000
MISS = 4  # what a missed 1 costs; a false alarm costs 1
THRESHOLDS = [round(0.05 * k, 2) for k in range(1, 20)]  # those of the slider
FAR = 1e6  # farther out nobody is
TOP = 10.0  # of the log-odds that are shown
HEIGHT, TALL = 0.45, 0.7  # of a panel and of the table, which has no legend, per width
DENSITIES, ODDS, POSTERIOR, TABLE = (
    "how many have this x",
    "log-odds z",
    "posterior, cut at t",
    "of 1000 examples",
)


def gaussian(x: Floats, mean: float, spread: float) -> Floats:
    """The density of N(mean, spread²) at each x."""
    bell: Floats = np.exp(-(((x - mean) / spread) ** 2) / 2) / (spread * sqrt(2 * np.pi))
    return bell


def below(x: float, mean: float, spread: float) -> float:
    """The share of N(mean, spread²) that lies below x.

    >>> below(0.0, 0.0, 1.0), round(below(1.0, 0.0, 1.0), 3)
    (0.5, 0.841)
    """
    return (1 + erf((x - mean) / (spread * sqrt(2)))) / 2


def logit(p: float) -> float:
    """log p / (1 − p)."""
    return log(p / (1 - p))


@dataclass(frozen=True)
class DensityTriptych(Model):
    """x | y ~ N(m_y, s_y²), P(y = 1) = π₁: densities, z = w x + b, and σ(z), cut at the threshold t.

    Beside them is what becomes of 1000 examples if 1 is said where the probability is t or more.
    """

    title = "From two bells to a sigmoid"
    goal = f"a missed 1 costs {MISS}, a false alarm 1: find the t of least cost"
    tour = (
        Stop(
            "Two bells, each as high as its class is frequent. Where they cross, p = ½.", DENSITIES
        ),
        Stop("The logarithm of their ratio is a straight line, if both are equally wide.", ODDS),
        Stop("The sigmoid of that line is the probability of class 1.", POSTERIOR),
        Stop("A rarer class 1: the line moves down, and keeps its slope.", ODDS, prior=0.1),
        Stop("Bells of different width: the line bends, and class 1 has two edges.", ODDS, s1=2.0),
        Stop("A lower t misses fewer, and raises more false alarms.", TABLE, t=0.1),
    )

    m0: float = slider("m₀, mean of class 0", -3.0, 3.0, 0.25, at=-1.0)
    m1: float = slider("m₁, mean of class 1", -3.0, 3.0, 0.25, at=1.0)
    s0: float = slider("s₀, its spread", 0.5, 2.0, 0.1, at=1.0)
    s1: float = slider("s₁, its spread", 0.5, 2.0, 0.1, at=1.0)
    prior: float = slider("π₁, share of class 1", 0.05, 0.95, 0.05, at=0.5)
    t: float = slider("t, say 1 from here on", 0.05, 0.95, 0.05, at=0.5)

    def score(self) -> Floats:
        """z as a polynomial in x, highest power first: its square is 0 for equal spreads."""
        p0, p1 = 1 / self.s0**2, 1 / self.s1**2
        square = (p0 - p1) / 2
        slope = self.m1 * p1 - self.m0 * p0
        rest = (self.m0**2 * p0 - self.m1**2 * p1) / 2 + log(self.s0 / self.s1)
        return np.array([square, slope, rest + logit(self.prior)])

    def cuts(self, t: float) -> Floats:
        """Where the posterior crosses t: nowhere, once or twice."""
        roots = np.roots(self.score() - [0, 0, logit(t)])
        crossings: Floats = np.sort(roots[np.isreal(roots)].real)
        return crossings

    def said(self, t: float) -> list[tuple[float, float]]:
        """The intervals of x where 1 is said."""
        edges = np.array([-FAR, *self.cuts(t), FAR])
        z = np.polyval(self.score(), (edges[1:] + edges[:-1]) / 2)  # in the middle of each interval
        said = z >= logit(t)
        return [
            (low, high) for low, high, one in zip(edges[:-1], edges[1:], said, strict=True) if one
        ]

    def mistakes(self, t: float) -> tuple[float, float]:
        """The shares of all examples that are missed ones, and false alarms."""
        caught, alarms = (
            sum(below(high, m, s) - below(low, m, s) for low, high in self.said(t))
            for m, s in ((self.m1, self.s1), (self.m0, self.s0))
        )
        return self.prior * (1 - caught), (1 - self.prior) * alarms

    def cost(self, t: float) -> float:
        missed, alarms = self.mistakes(t)
        return MISS * missed + alarms

    def reached(self) -> bool:
        return self.cost(self.t) <= min(map(self.cost, THRESHOLDS)) + 1e-12

    def table(self) -> dict[str, int]:
        """Of 1000 examples, how many of each kind."""
        missed, alarms = (round(PEOPLE * share) for share in self.mistakes(self.t))
        ones = round(PEOPLE * self.prior)
        return {
            "caught": ones - missed,
            "missed": missed,
            "false alarms": alarms,
            "rightly 0": PEOPLE - ones - alarms,
        }

    def scene(self) -> Scene:
        # What t does and what that costs stand side by side, on top.
        panels = (self.densities(), self.confusion(), self.log_odds(), self.posterior())
        return Scene(panels, self.words(), columns=2)

    def bells(self, x: Floats) -> tuple[Floats, Floats]:
        """Both densities, each times the share of its class."""
        zero = (1 - self.prior) * gaussian(x, self.m0, self.s0)
        return zero, self.prior * gaussian(x, self.m1, self.s1)

    def densities(self) -> Panel:
        zero, one = self.bells(BINS)
        said = np.zeros(len(BINS), dtype=bool)
        for low, high in self.said(self.t):
            said |= (low <= BINS) & (high > BINS)
        shades: tuple[Item, ...] = (
            Bars(np.where(said, zero, 0), "sky blue", "false alarms", BINS, 0.2),
            Bars(np.where(said, 0, one), "yellow", "missed", BINS, 0.2, hatch=True),
        )
        top = max(0.45, 1.1 * max(bell.max() for bell in self.bells(X)))
        curves = [
            Line(np.column_stack([X, bell]), color, style=style, label=name)
            for bell, color, style, name in zip(
                self.bells(X),
                ("blue", "orange"),
                ("solid", "dashed"),
                ("class 0", "class 1"),
                strict=True,
            )
        ]
        items = (*shades, *curves, *self.cut_lines(0, top))
        return Panel(WINDOW, (0, top), "x", "π · density", items, HEIGHT, title=DENSITIES)

    def log_odds(self) -> Panel:
        z = np.clip(np.polyval(self.score(), X), -2 * TOP, 2 * TOP)
        items = (
            level(0.0, "gray", "dotted"),
            level(logit(self.t), "ink", "dashed"),
            Line(np.column_stack([X, z]), "green"),
            *self.cut_lines(-TOP, TOP),
        )
        return Panel(WINDOW, (-TOP, TOP), "x", "z", items, HEIGHT, title=ODDS)

    def posterior(self) -> Panel:
        p = 1 / (1 + np.exp(-np.polyval(self.score(), X)))
        items = (
            level(self.t, "ink", "dashed"),
            Line(np.column_stack([X, p]), "green"),
            *self.cut_lines(0, 1),
        )
        return Panel(WINDOW, (-0.02, 1.02), "x", "σ(z)", items, HEIGHT, title=POSTERIOR)

    def cut_lines(self, low: float, high: float) -> tuple[Item, ...]:
        """A vertical line at each edge of where 1 is said."""
        inside = [x for x in self.cuts(self.t) if WINDOW[0] < x < WINDOW[1]]
        return tuple(Line(np.array([[x, low], [x, high]]), "ink") for x in inside)

    def confusion(self) -> Panel:
        table = self.table()
        cost = MISS * table["missed"] + table["false alarms"]
        cells = zip(table, ((1, 1), (0, 1), (1, 0), (0, 0)), strict=True)
        boxes = [
            Label((x, y), f"{name}\n{table[name]}", color, boxed=True)
            for (name, (x, y)), color in zip(
                cells, ("green", "orange", "blue", "green"), strict=True
            )
        ]
        heads = [Label((x, 1.6), "1 is said" if x else "0 is said", size="small") for x in (0, 1)]
        sides = [Label((-0.65, y), f"y is {y}", size="small") for y in (0, 1)]
        sums = Label(
            (0.5, -0.65), f"cost: {MISS} · {table['missed']} + {table['false alarms']} = {cost}"
        )
        items = (*boxes, *heads, *sides, sums)
        return Panel((-0.8, 1.5), (-0.9, 1.8), "", "", items, TALL, title=TABLE, axes=False)

    def words(self) -> str:
        table = self.table()
        counts = ", ".join(f"{n} {name}" for name, n in table.items())
        cost = MISS * table["missed"] + table["false alarms"]
        return (
            f"z = {polynomial(self.score())}. 1 is said where σ(z) is {number(self.t)} or more, "
            f"{self.place()}. Of 1000: {counts}. Cost {cost}."
        )

    def place(self) -> str:
        """Where 1 is said, in words."""
        said = self.said(self.t)
        if not said:
            return "which is nowhere"
        return "that is, " + " and ".join(interval(low, high) for low, high in said)


def level(height: float, color: str, style: str) -> Line:
    """A horizontal line across the window."""
    return Line(np.array([[WINDOW[0], height], [WINDOW[1], height]]), color, style=style)


def interval(low: float, high: float) -> str:
    """An interval in words.

    >>> interval(-FAR, 1.0), interval(0.5, 2.0), interval(-FAR, FAR)
    ('below 1', 'between 0.5 and 2', 'everywhere')
    """
    if low == -FAR:
        return "everywhere" if high == FAR else f"below {number(high)}"
    return f"from {number(low)} on" if high == FAR else f"between {number(low)} and {number(high)}"


def polynomial(score: Floats) -> str:
    """A score with its numbers.

    >>> polynomial(np.array([0.0, 2.0, -1.5])), polynomial(np.array([-0.5, 0.0, 1.0]))
    ('2 x − 1.5', '−0.5 x² + 0 x + 1')
    """
    powers = ["x²", "x", ""]
    parts = [(c, p) for c, p in zip(score, powers, strict=True) if p != "x²" or abs(c) > 1e-12]
    first = f"{number(parts[0][0])} {parts[0][1]}"
    rest = [f"{'−' if c < 0 else '+'} {number(abs(c))} {p}".rstrip() for c, p in parts[1:]]
    return " ".join([first, *rest])


density_triptych = widget(DensityTriptych)
