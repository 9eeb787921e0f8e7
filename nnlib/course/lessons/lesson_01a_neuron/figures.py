"""One neuron: its sum, its activation, its weights as arrow and template, its graph, its first machine."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from numpy.typing import ArrayLike, NDArray

from nnlib.viz import drawing
from nnlib.viz.drawing import Place
from nnlib.viz.style import COLORS, Style, digits, look, palette, shades, stroke

Function = Callable[[NDArray[Any]], ArrayLike]
TINY = 1e-12  # as good as 0 from the left and from the right

# Fill, marker and text of each kind of node, in the colors of Louppe's lecture; shapes say it too.
KINDS = {
    ("input", "output"): ("white", "o", "black"),
    ("parameter",): (palette["vermillion"], "s", "black"),
    ("operation",): (palette["blue"], "H", "white"),
}


def contributions(
    ax: Axes, x: ArrayLike, w: ArrayLike, b: float, inputs: Sequence[str] = ()
) -> Axes:
    """z = w₁x₁ + … + w_d x_d + b, built up term by term from left to right.

    ``x`` and ``w`` are (d,). Each bar starts where the one before it ended; the last one is z.
    ``inputs`` names the entries of x in words, beneath w₁x₁, w₂x₂ and so on.
    """
    x, w = np.asarray(x, dtype=float), np.asarray(w, dtype=float)
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError(f"contributions: x and w must both be (d,) — x is {x.shape}, w {w.shape}")
    terms = np.append(w * x, b)
    starts = np.append(np.cumsum(terms) - terms, 0.0)
    heights = np.append(terms, terms.sum())
    names = [f"$w_{{{i}}}x_{{{i}}}$" for i in range(1, len(x) + 1)]
    if inputs:
        names = [f"{name}\n{word}" for name, word in zip(names, inputs, strict=True)]
    names += ["$b$", "$z$"]
    for i, (start, height) in enumerate(zip(starts, heights, strict=True)):
        rises, last = height >= 0, i == len(terms)
        color = "#BBBBBB" if last else palette["orange" if rises else "blue"]
        ax.bar(i, height, bottom=start, color=color, hatch="" if rises or last else "//")
        ax.annotate(
            f"{height:+.3g}".replace("-", "−"),
            (i, start + height),
            xytext=(0, 4 if rises else -4),
            textcoords="offset points",
            ha="center",
            va="bottom" if rises else "top",
        )
    ends = np.cumsum(terms)
    ax.hlines(ends, np.arange(len(ends)), np.arange(1, len(ends) + 1), color="gray", linewidth=1)
    ax.axhline(0, color="black", linewidth=1, linestyle="-")
    ax.use_sticky_edges = False  # room for the numbers above and below the bars
    ax.margins(y=0.15)
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel="sum so far")
    return ax


def activation(
    ax: Axes,
    functions: Mapping[str, Function],
    *,
    at: float | None = None,
    xlim: tuple[float, float] = (-3.0, 3.0),
) -> Axes:
    """Draw h = φ(z) for each named φ, with a large dot at z = ``at``.

    Where φ jumps at 0, as steps do, no line joins the two sides: a filled dot marks φ(0), open dots
    the limits it does not take.
    """
    note = ""
    for i, (name, phi) in enumerate(functions.items()):
        dot = look(i) | {"linestyle": "none", "markersize": 7}
        z = np.linspace(*xlim, 400)
        left, here, right = (_at(phi, z0) for z0 in (-TINY, 0.0, TINY))
        jumps = abs(right - left) > 1e-6
        if jumps:
            note = "filled: belongs\nopen: does not"
            z = np.sort(np.append(z, [-TINY, 0.0, TINY]))
            missed = [limit for limit in (left, right) if limit != here]
            # So wide that another function's filled dot has room in it.
            ring: Style = {"markerfacecolor": "white", "markersize": 15, "markeredgewidth": 2}
            ax.plot([0] * len(missed), missed, **dot | ring, zorder=3)
            ax.plot(0, here, **dot, zorder=4)
        h = np.asarray(phi(z), dtype=float)
        if jumps:
            h = np.where(z == 0, np.nan, h)  # lifts the pen
        ax.plot(z, h, **stroke(i), label=name)
        if at is not None:
            large: Style = {"markersize": 11, "markeredgecolor": "black", "markeredgewidth": 1.5}
            ax.plot(at, _at(phi, at), **dot | large, zorder=5)
    ax.set(xlabel="pre-activation $z$", ylabel="activation $h$", xlim=xlim)
    ax.grid(color="#DDDDDD", linewidth=0.8, linestyle="-")
    if len(functions) > 1 or note:
        ax.legend(title=note, title_fontsize=10)
    return ax


def _at(phi: Function, z: float) -> float:
    return float(np.asarray(phi(np.array([z])))[0])


def arrows(ax: Axes, vectors: Mapping[str, ArrayLike]) -> Axes:
    """Draw each named vector of the plane as an arrow from the origin, with its name at the tip."""
    reach = 1.0
    for (name, vector), color in zip(vectors.items(), COLORS, strict=False):
        v = np.asarray(vector, dtype=float)
        if v.shape != (2,):
            raise ValueError(f"arrows: {name} must have two components, not shape {v.shape}")
        style: Style = {"arrowstyle": "-|>", "color": color, "linewidth": 2.5, "shrinkB": 0}
        ax.annotate("", xy=(v[0], v[1]), xytext=(0, 0), arrowprops=style | {"shrinkA": 0})
        x1, x2 = v + 0.12 * v / (float(np.linalg.norm(v)) or 1.0)  # a little beyond the tip
        ax.text(x1, x2, name, color=color, ha="center", va="center", weight="bold", fontsize=14)
        reach = max(reach, 1.25 * np.abs(v).max())
    ax.axhline(0, color="gray", linewidth=0.8, linestyle="-", zorder=0)
    ax.axvline(0, color="gray", linewidth=0.8, linestyle="-", zorder=0)
    limits = (-reach, reach)
    ax.set(xlim=limits, ylim=limits, xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    return ax


def similarity(ax: Axes, w: ArrayLike, x: ArrayLike) -> Axes:
    """z = ‖w‖ ‖x‖ cos α as x turns around w at its own length; a dot marks x where it is now."""
    w, x = np.asarray(w, dtype=float), np.asarray(x, dtype=float)
    if w.ndim != 1 or w.shape != x.shape:
        raise ValueError(f"similarity: w and x must both be (d,) — w is {w.shape}, x {x.shape}")
    size = float(np.linalg.norm(w) * np.linalg.norm(x))
    if size == 0:
        raise ValueError("similarity: w and x need a direction, so neither can be all zeros")
    alpha = np.linspace(-180, 180, 361)
    z = size * np.cos(np.radians(alpha))
    ax.fill_between(alpha, z, 0, where=z >= 0, color="#D3E5F2")
    ax.text(0, size / 3, "fires if $b$ = 0", ha="center", va="center")
    ax.plot(alpha, z, color=COLORS[0], linestyle="-")
    now = np.degrees(np.arccos(np.clip(w @ x / size, -1, 1)))
    ax.plot(now, w @ x, color=palette["vermillion"], marker="o", markersize=9)
    ax.axhline(0, color="black", linewidth=1, linestyle="-")
    ax.set_xticks(range(-180, 181, 90))
    ax.set_title(f"α = {now:.0f}°, $z$ = {w @ x:.2f}".replace("-", "−"))
    ax.set(xlabel="angle α from $w$ to $x$ in degrees", ylabel="z = w · x")
    return ax


def pattern(ax: Axes, image: ArrayLike, title: str = "") -> Axes:
    """Draw a small image (height, width) pixel by pixel, with its numbers where they fit.

    Images without negative pixels run from white (0) to black; weights run from blue (negative)
    over white (0) to orange (positive).
    """
    image = np.asarray(image, dtype=float)
    if image.ndim != 2 or image.size == 0:
        raise ValueError(f"pattern: image must be (height, width), not {image.shape}")
    signed, size = image.min() < 0, np.abs(image).max() or 1.0
    ax.imshow(image, **shades(image))
    if max(image.shape) <= 5:
        for (y, x), value in np.ndenumerate(image):
            color = "white" if not signed and value > 0.6 * size else "black"
            ax.text(x, y, digits(value), ha="center", va="center", color=color)
    ax.spines[:].set_visible(True)
    ax.set(xticks=[], yticks=[], title=title)
    return ax


def patterns(axes: Any, images: Iterable[ArrayLike], titles: Sequence[str] = ()) -> Any:
    """Draw one ``pattern`` per Axes; ``axes`` is what ``plt.subplots`` gave."""
    images, places = list(images), np.ravel(axes)
    titles = titles or [""] * len(images)
    if not len(places) == len(images) == len(titles):
        raise ValueError(
            "patterns: axes, images and titles must be equally many — there are "
            f"{len(places)} axes, {len(images)} images, {len(titles)} titles"
        )
    for ax, image, title in zip(places, images, titles, strict=True):
        pattern(ax, image, title)
    return axes


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
    drawing.bare(ax)
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
    columns = [drawing.column(2.0 * depth, size) for depth, size in enumerate(sizes)]
    for (W, _), (left, right) in zip(arrays, pairwise(columns), strict=True):
        for (j, i), weight in np.ndenumerate(W):
            if weight != 0:
                _weight(ax, left[i], right[j], weight)
    for depth, (name, column) in enumerate(zip(names, columns, strict=True)):
        for i, place in enumerate(column):
            label = name if len(column) == 1 else name + _subscript(i + 1)
            _unit(ax, place, label)
            if depth:
                note = f"$b$ = {digits(arrays[depth - 1][1][i])}"
                below: Style = {"xytext": (0, -18), "textcoords": "offset points"}
                ax.annotate(note, place, ha="center", va="top", fontsize=11, **below)
    drawing.bare(ax)
    return ax


def mark_one(ax: Axes) -> Axes:
    """Draw the Mark I perceptron: sensory, association and response units.

    The wiring from S to A is random and fixed; only the weights from A to R learn.
    """
    retina = np.zeros((5, 5), dtype=bool)
    retina[2, :] = retina[:, 2] = True  # a cross falls on the retina
    cells = [(0.35 * c, 0.7 - 0.35 * r) for r in range(5) for c in range(5)]
    association, response = drawing.column(4.0, 6, 0.5), drawing.column(6.5, 2, 0.9)
    rng = np.random.default_rng(3)
    for unit in association:
        for cell in rng.choice(25, size=3, replace=False):
            drawing.edge(ax, cells[cell], unit, color="#999999", linewidth=0.8)
        for answer in response:
            drawing.edge(
                ax, unit, answer, color=palette["vermillion"], linestyle="--", linewidth=1.8
            )
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
    drawing.bare(ax)
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


def _sizes(arrays: list[tuple[Any, Any]]) -> list[int]:
    if not arrays:
        raise ValueError("network: layers must hold at least one pair (W, b)")
    sizes = [arrays[0][0].shape[-1]]
    for layer, (W, b) in enumerate(arrays, start=1):
        if W.ndim != 2 or W.shape[1] != sizes[-1] or b.shape != W.shape[:1]:
            raise ValueError(
                f"network: W of layer {layer} must be (out, {sizes[-1]}) and b (out,) — "
                f"W is {W.shape}, b {b.shape}"
            )
        sizes.append(W.shape[0])
    return sizes


def _arrow(ax: Axes, start: Place, end: Place, radius: float) -> None:
    """An edge whose tip touches a node of that radius, in points."""
    tip: Style = {"arrowstyle": "-|>", "mutation_scale": 11, "shrinkA": 0, "shrinkB": radius}
    ax.add_patch(FancyArrowPatch(start, end, color="#555555", linewidth=1.3, zorder=1, **tip))


def _weight(ax: Axes, start: Place, end: Place, weight: float) -> None:
    color, dashes = (palette["orange"], "-") if weight > 0 else (palette["blue"], "--")
    drawing.edge(ax, start, end, color=color, linestyle=dashes, linewidth=2)
    # A third of the way, where edges that cross are still apart.
    x, y = np.array(start) + (np.array(end) - start) * 0.33
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    ax.text(x, y, digits(weight), color=color, ha="center", va="center", bbox=box)


def _unit(ax: Axes, place: Place, label: str, size: float = 900) -> None:
    x, y = place
    ax.scatter(x, y, s=size, c="white", edgecolors="black", linewidths=1.5, zorder=2)
    ax.text(x, y, label, ha="center", va="center", zorder=3)


def _subscript(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
