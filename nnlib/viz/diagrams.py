"""Drawings of networks: computational graph, layers with their weights, and the Mark I."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from numpy.typing import ArrayLike

from nnlib.viz.style import Style, palette

__all__ = ["GraphNode", "mark_one", "network", "neuron_graph", "neuron_graph_nodes"]

Place = tuple[float, float]

# Fill, marker and text of each kind of node, in the colors of Louppe's lecture; shapes say it too.
KINDS = {
    ("input", "output"): ("white", "o", "black"),
    ("parameter",): (palette["vermillion"], "s", "black"),
    ("operation",): (palette["blue"], "H", "white"),
}


class GraphNode(NamedTuple):
    """A node of a computational graph: its name, its kind, and the names of what it reads."""

    name: str
    kind: str  # "input", "parameter", "operation" or "output"
    inputs: tuple[str, ...] = ()


def neuron_graph_nodes(p: int = 3, level: str = "scalar") -> list[GraphNode]:
    """The nodes of H(w·x + b) for ``p`` inputs: 3p + 4 of them, or 7 at the tensor level.

    Scalar level: p inputs, p weights, p products; the bias, one sum that adds the products and the
    bias, the step, the output. Tensor level: x, w and b; dot product, addition, step; the output.

    >>> len(neuron_graph_nodes(3)), len(neuron_graph_nodes(3, level="tensor"))
    (13, 7)
    """
    if p < 1:
        raise ValueError(f"p, the number of inputs, must be at least 1, not {p}")
    if level == "tensor":
        leaves = [GraphNode("x", "input"), GraphNode("w", "parameter"), GraphNode("b", "parameter")]
        sums = [
            GraphNode("dot", "operation", ("x", "w")),
            GraphNode("+", "operation", ("dot", "b")),
        ]
    elif level == "scalar":
        leaves, products = [], []
        for i in map(_subscript, range(1, p + 1)):
            leaves += [GraphNode(f"x{i}", "input"), GraphNode(f"w{i}", "parameter")]
            products += [GraphNode(f"×{i}", "operation", (f"x{i}", f"w{i}"))]
        leaves += [GraphNode("b", "parameter")]
        terms = (*(product.name for product in products), "b")
        sums = [*products, GraphNode("Σ", "operation", terms)]
    else:
        raise ValueError(f'level must be "scalar" or "tensor", not {level!r}')
    step = GraphNode("H", "operation", (sums[-1].name,))
    return [*leaves, *sums, step, GraphNode("ŷ", "output", ("H",))]


def neuron_graph(ax: Axes, p: int = 3, level: str = "scalar") -> Axes:
    """Draw the computational graph of H(w·x + b): see ``neuron_graph_nodes``.

    White circles are inputs and outputs, vermillion squares parameters, blue hexagons operations.
    Many inputs need a tall figure: half an inch for each two of them.
    """
    nodes = neuron_graph_nodes(p, level)
    places = _graph_places(nodes)
    rows = sum(not node.inputs for node in nodes)
    height = 72 * ax.bbox.height / ax.figure.dpi  # in points, the unit of markers and text
    width = min(26.0, 0.8 * height / rows)
    for node in nodes:
        for source in node.inputs:
            _arrow(ax, places[source], places[node.name], width / 2)
    for kinds, (fill, marker, text) in KINDS.items():
        members = [node.name for node in nodes if node.kind in kinds]
        x, y = zip(*(places[name] for name in members), strict=True)
        style: Style = {"c": fill, "marker": marker, "label": ", ".join(kinds)}
        ax.scatter(x, y, s=width**2, edgecolors="black", zorder=2, **style)
        font: Style = {"color": text, "fontsize": 0.45 * width, "ha": "center", "va": "center"}
        for name in members:
            ax.text(*places[name], "×" if name.startswith("×") else name, **font)
    _bare(ax)
    ax.set_title(f"{len(nodes)} nodes")
    ax.legend(loc="lower right", markerscale=12 / width)
    return ax


def network(ax: Axes, layers: Sequence[tuple[ArrayLike, ArrayLike]]) -> Axes:
    """Draw a layered network with its numbers: ``layers`` is [(W, b), …], W of shape (out, in).

    Weights stand on the edges (solid when positive, dashed when negative, none when 0), biases
    beneath the units.
    """
    arrays = [(np.asarray(W, dtype=float), np.asarray(b, dtype=float)) for W, b in layers]
    sizes = _sizes(arrays)
    names = ["x", *["h"] * (len(layers) - 1), "ŷ"]
    columns = [_column(2.0 * depth, size) for depth, size in enumerate(sizes)]
    for (W, _), (left, right) in zip(arrays, pairwise(columns), strict=True):
        for (j, i), weight in np.ndenumerate(W):
            if weight != 0:
                _weight(ax, left[i], right[j], weight)
    for depth, (name, column) in enumerate(zip(names, columns, strict=True)):
        for i, place in enumerate(column):
            label = name if len(column) == 1 else name + _subscript(i + 1)
            _unit(ax, place, label)
            if depth:
                note = f"$b$ = {_number(arrays[depth - 1][1][i])}"
                below: Style = {"xytext": (0, -18), "textcoords": "offset points"}
                ax.annotate(note, place, ha="center", va="top", fontsize=11, **below)
    _bare(ax)
    return ax


def mark_one(ax: Axes) -> Axes:
    """Draw the Mark I perceptron: sensory, association and response units.

    The wiring from S to A is random and fixed; only the weights from A to R learn.
    """
    retina = np.zeros((5, 5), dtype=bool)
    retina[2, :] = retina[:, 2] = True  # a cross falls on the retina
    cells = [(0.35 * c, 0.7 - 0.35 * r) for r in range(5) for c in range(5)]
    association, response = _column(4.0, 6, 0.5), _column(6.5, 2, 0.9)
    rng = np.random.default_rng(3)
    for unit in association:
        for cell in rng.choice(25, size=3, replace=False):
            _edge(ax, cells[cell], unit, color="#999999", linewidth=0.8)
        for answer in response:
            _edge(ax, unit, answer, color=palette["vermillion"], linestyle="--", linewidth=1.8)
    lit = ["black" if on else "white" for on in retina.ravel()]
    x, y = zip(*cells, strict=True)
    ax.scatter(x, y, s=130, c=lit, marker="s", edgecolors="gray", zorder=2)
    for place in association:
        _unit(ax, place, "A", size=420)
    for k, place in enumerate(response):
        _unit(ax, place, "R" + _subscript(k + 1), size=620)
    for left, words in [
        (0.7, "sensory units\n(photocells)"),
        (4.0, "association\nunits"),
        (6.5, "response\nunits"),
    ]:
        ax.text(left, -1.65, words, ha="center", va="top")
    ax.text(2.5, 1.5, "random, fixed", ha="center", color="#555555")
    ax.text(5.25, 1.5, "learned", ha="center", color=palette["vermillion"])
    _bare(ax)
    ax.set(ylim=(-2.5, 1.8), title="(schematic)")
    return ax


def _graph_places(nodes: list[GraphNode]) -> dict[str, Place]:
    """Leaves just left of the operation that reads them, operations at their inputs' mean height."""
    depth: dict[str, int] = {}
    height: dict[str, float] = {}
    for node in nodes:
        depth[node.name] = 1 + max((depth[source] for source in node.inputs), default=-1)
        rows = [height[source] for source in node.inputs] or [-len(height)]
        height[node.name] = float(np.mean(rows))
    reader = {source: depth[node.name] for node in nodes for source in node.inputs}
    column = {
        node.name: depth[node.name] if node.inputs else reader[node.name] - 1 for node in nodes
    }
    return {name: (column[name], height[name]) for name in column}


def _column(x: float, size: int, spacing: float = 1.2) -> list[Place]:
    return [(x, spacing * ((size - 1) / 2 - i)) for i in range(size)]


def _sizes(arrays: list[tuple[Any, Any]]) -> list[int]:
    if not arrays:
        raise ValueError("network: layers must hold at least one pair (W, b)")
    sizes = [arrays[0][0].shape[-1]]
    for number, (W, b) in enumerate(arrays, start=1):
        if W.ndim != 2 or W.shape[1] != sizes[-1] or b.shape != W.shape[:1]:
            raise ValueError(
                f"network: W of layer {number} must be (out, {sizes[-1]}) and b (out,) — "
                f"W is {W.shape}, b {b.shape}"
            )
        sizes.append(W.shape[0])
    return sizes


def _edge(ax: Axes, start: Place, end: Place, **style: Any) -> None:
    style = Style(color="#555555", linewidth=1.3, linestyle="-") | style
    ax.plot([start[0], end[0]], [start[1], end[1]], zorder=1, **style)


def _arrow(ax: Axes, start: Place, end: Place, radius: float) -> None:
    """An edge whose tip touches a node of that radius, in points."""
    tip: Style = {"arrowstyle": "-|>", "mutation_scale": 11, "shrinkA": 0, "shrinkB": radius}
    ax.add_patch(FancyArrowPatch(start, end, color="#555555", linewidth=1.3, zorder=1, **tip))


def _weight(ax: Axes, start: Place, end: Place, weight: float) -> None:
    color, dashes = (palette["blue"], "-") if weight > 0 else (palette["vermillion"], "--")
    _edge(ax, start, end, color=color, linestyle=dashes, linewidth=2)
    # A third of the way, where edges that cross are still apart.
    x, y = np.array(start) + (np.array(end) - start) * 0.33
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    ax.text(x, y, _number(weight), color=color, ha="center", va="center", bbox=box)


def _unit(ax: Axes, place: Place, label: str, size: float = 900) -> None:
    x, y = place
    ax.scatter(x, y, s=size, c="white", edgecolors="black", linewidths=1.5, zorder=2)
    ax.text(x, y, label, ha="center", va="center", zorder=3)


def _bare(ax: Axes) -> None:
    """No axes: the drawing has no units. Room around it for the outermost nodes."""
    ax.set_axis_off()
    ax.margins(0.12)


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _subscript(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
