"""Computational graphs as SVG: what was computed from what, and how the gradient came back."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from itertools import pairwise
from typing import Any

from nnlib.autodiff import Trace, TraceNode
from nnlib.viz.layout import Place, layered
from nnlib.viz.style import digits, palette

__all__ = ["Drawing", "computational_graph"]

SYMBOLS = {
    "add": "+", "sub": "−", "mul": "×", "div": "÷", "neg": "−", "pow": "^", "matmul": "@",
    "sqrt": "√", "sum": "Σ", "absolute": "| |", "sigmoid": "σ",
}  # fmt: skip
# Fill and text of each kind of node; their outlines differ as well.
COLORS = {
    "input": ("white", "black"),
    "constant": ("#E5E5E5", "black"),
    "parameter": (palette["vermillion"], "black"),
    "operation": (palette["blue"], "white"),
}
GRADIENT = "#A34400"  # vermillion, dark enough for small letters on white
HEIGHT, SLANT, ROW, GAP, MARGIN, LETTER = 34, 10, 92, 76, 20, 9.6  # in pixels
MANY = 150


@dataclass(frozen=True)
class Drawing:
    """An SVG picture and its words; a notebook shows it, and reads the words to who cannot see."""

    svg: str
    alt: str

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        code = b64encode(self.svg.encode()).decode("ascii")
        return {
            "image/svg+xml": self.svg,
            # JupyterLab shows the SVG type as an image without alt text, so it gets HTML.
            "text/html": f'<img alt="{escape(self.alt)}" src="data:image/svg+xml;base64,{code}">',
            "text/plain": self.alt,
        }


def computational_graph(trace: Trace, *, alt: str = "") -> Drawing:
    """Draw a :func:`nnlib.autodiff.trace` from left to right.

    White ovals are inputs, vermillion boxes parameters, gray dashed boxes constants, blue hexagons
    operations. Beneath each node stand its value (or its shape) and, after ∂, the gradient of the
    output; on an edge stands its local derivative. A function of numbers gives the scalar graph, one
    of arrays the tensor graph. ``alt`` replaces the words that are made from the trace.

    Raises ValueError for more nodes than a picture can hold.

    >>> from nnlib.autodiff import trace
    >>> computational_graph(trace(lambda a, b: a * b, 2, 3))
    Computational graph. a = 2, gradient 3; b = 3, gradient 2; u1 = mul(a, b) = 6, gradient 1.
    """
    nodes = list(trace)
    if len(nodes) > MANY:
        raise ValueError(
            f"computational_graph: {len(nodes)} nodes are too many for one picture (at most "
            f"{MANY}); trace a smaller model, or one that works on whole arrays"
        )
    alt = alt or f"Computational graph. {'; '.join(map(str, nodes))}."
    index = {id(node): i for i, node in enumerate(nodes)}
    edges = [(index[id(x)], index[id(y)]) for y in nodes for x in y.inputs]
    local = [d for y in nodes for d in y.local]
    places, paths = layered(len(nodes), edges)
    lefts, width = _column_places(nodes, places)
    centers = [(lefts[int(c)], MARGIN + HEIGHT / 2 + ROW * y) for c, y in places]
    ways = [[(lefts[int(c)], MARGIN + HEIGHT / 2 + ROW * y) for c, y in path] for path in paths]
    ports = _ports(nodes, edges, ways)
    routes = [
        _route(way, nodes[s], nodes[t], port)
        for way, (s, t), port in zip(ways, edges, ports, strict=True)
    ]
    drawn = [_edge(route) for route in routes]
    drawn += [_slope(r[-1], p, d) for r, p, d in zip(routes, ports, local, strict=True)]
    drawn += [_node(node, center) for node, center in zip(nodes, centers, strict=True)]
    height = max(y for _, y in [*centers, *(p for way in ways for p in way)]) + ROW - HEIGHT / 2
    return Drawing(_picture("\n".join(filter(None, drawn)), width, height, alt), alt)


def _column_places(
    nodes: Sequence[TraceNode], places: Sequence[Place]
) -> tuple[list[float], float]:
    """The middle of each column, as wide as its widest node, and the width of the picture."""
    widest = [0.0] * (1 + max(int(c) for c, _ in places))
    for node, (c, _) in zip(nodes, places, strict=True):
        below = max(map(len, _beneath(node))) * LETTER * 0.75
        widest[int(c)] = max(widest[int(c)], _width(node), below)
    middles, x = [], float(MARGIN)
    for w in widest:
        middles.append(x + w / 2)
        x += w + GAP
    return middles, x - GAP + MARGIN


def _ports(
    nodes: Sequence[TraceNode], edges: Sequence[tuple[int, int]], ways: Sequence[Sequence[Place]]
) -> list[float]:
    """How far above or below its target's middle each edge arrives: in the order they come in."""
    ports = [0.0] * len(edges)
    for target in range(len(nodes)):
        arriving = [e for e, (_, t) in enumerate(edges) if t == target]
        arriving.sort(key=lambda e: ways[e][-2][1])
        for i, e in enumerate(arriving):
            ports[e] = (i - (len(arriving) - 1) / 2) * min(12, HEIGHT / len(arriving))
    return ports


def _route(way: Sequence[Place], source: TraceNode, target: TraceNode, port: float) -> list[Place]:
    """From the right end of one node to its port at the left end of the other."""
    start = (way[0][0] + _width(source) / 2, way[0][1])
    slant = abs(port) / (HEIGHT / 2) * SLANT  # the left side of a hexagon is not upright
    end = (way[-1][0] - _width(target) / 2 + slant - 1, way[-1][1] + port)
    return [start, *way[1:-1], end]


def _edge(route: Sequence[Place]) -> str:
    path = f"M{route[0][0]:.1f} {route[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(route):
        bend = (x1 - x0) / 2
        path += f" C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    style = 'fill="none" stroke="#555555" stroke-width="1.5" marker-end="url(#ARROW)"'
    return f'<path d="{path}" {style}/>'


def _slope(end: Place, port: float, local: float | None) -> str:
    """The local derivative, above or below the end of its edge."""
    if local is None:
        return ""
    return _text(
        digits(local), end[0] - 11, end[1] + (-5 if port <= 0 else 14), 12, "#555555", "end"
    )


def _node(node: TraceNode, center: Place) -> str:
    x, y = center
    fill, color = COLORS[node.kind]
    w, h = _width(node) / 2, HEIGHT / 2
    style = f'fill="{fill}" stroke="black" stroke-width="1.5"'
    if node.kind == "operation":
        corners = [
            (-w, 0), (SLANT - w, -h), (w - SLANT, -h), (w, 0), (w - SLANT, h), (SLANT - w, h)
        ]  # fmt: skip
        points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
        shape = f'<polygon points="{points}" {style}/>'
    else:
        radius = h if node.kind == "input" else 0
        dashes = ' stroke-dasharray="4 3"' if node.kind == "constant" else ""
        shape = (
            f'<rect x="{x - w:.1f}" y="{y - h:.1f}" width="{2 * w:.1f}" height="{2 * h}" '
            f'rx="{radius:g}" {style}{dashes}/>'
        )
    lines = [shape, _text(_label(node), x, y + 5.5, 16, color)]
    for i, words in enumerate(_beneath(node)):
        ink = GRADIENT if words.startswith("∂") else "black"
        lines.append(_text(words, x, y + h + 16 * (i + 1), 13, ink))
    return "".join(lines)


def _label(node: TraceNode) -> str:
    return SYMBOLS.get(node.op, node.op) if node.kind == "operation" else node.name


def _beneath(node: TraceNode) -> list[str]:
    """Its value or its shape, and its gradient if both are numbers."""
    name = f"{node.name} = " if node.kind == "operation" else ""
    if node.value.size != 1:
        return [f"{name[:-2]}{node.value.shape}".replace(",)", ")")]
    if node.kind == "constant":
        return [""]  # its name is its value
    lines = [name + digits(node.value.item())]
    return lines if node.gradient is None else [*lines, f"∂ {digits(node.gradient.item())}"]


def _width(node: TraceNode) -> float:
    return max(HEIGHT + 6, 22 + LETTER * len(_label(node)))


def _text(words: str, x: float, y: float, size: int, color: str, anchor: str = "middle") -> str:
    if not words:
        return ""
    # A white rim keeps letters readable where an edge passes behind them.
    rim = "" if color == "white" or size == 16 else ' stroke="white" stroke-width="4"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" text-anchor="{anchor}"'
        f'{rim} paint-order="stroke">{escape(words)}</text>'
    )


def _picture(drawn: str, width: float, height: float, alt: str) -> str:
    # Two pictures on one page may not share the names of their parts.
    key = sha256((drawn + alt).encode()).hexdigest()[:8]
    drawn = drawn.replace("#ARROW", f"#arrow-{key}")
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" \
viewBox="0 0 {width:.0f} {height:.0f}" font-family="DejaVu Sans, Verdana, sans-serif" role="img" \
aria-labelledby="title-{key} desc-{key}">
<title id="title-{key}">Computational graph</title>
<desc id="desc-{key}">{escape(alt)}</desc>
<defs><marker id="arrow-{key}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" \
markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#555555"/></marker></defs>
<rect width="100%" height="100%" fill="white"/>
{drawn}
</svg>
"""
