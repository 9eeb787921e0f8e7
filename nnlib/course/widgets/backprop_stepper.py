"""A computation as a graph, step by step: values forward, then gradients back, one edge a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase
from typing import Any, NamedTuple, Self

import numpy as np

from nnlib.autodiff import TraceNode
from nnlib.course.widgets.base import Button, Choice, Control, Model, Slider, Text, Widget
from nnlib.course.widgets.expression import INPUTS, traced
from nnlib.course.widgets.scene import Arrow, Item, Label, Line, Panel, Scene
from nnlib.viz.layout import layered

# What each example is called, and where it is begun: a, b, c.
EXAMPLES = {
    "(a + b) * (b + 1)": ("the toy graph", (2.0, 1.0, 0.0)),
    "tanh(a * b + c)": ("a neuron: input a, weight b, bias c", (1.0, 0.5, -1.0)),
    "-2*relu(a - 3*b) + 4*relu(c*b - 2*a) - relu(2*a + b)": ("the −13 net", (2.0, -1.0, 0.0)),
    "relu(a) - relu(-a)": ("a kink", (0.0, 0.0, 0.0)),
    "(a * b + a * b) * (a * b)": ("one value, read three times", (1.0, 2.0, 0.0)),
}
SYMBOLS = {"add": "+", "sub": "−", "mul": "·", "div": "/", "pow": "^"}
COLUMN, ROW = 1.0, 1.0
BOX = 0.28  # half the height of a node, in rows


class Edge(NamedTuple):
    """One use of a value: `source` is input number `place` of `target` (numbers of nodes)."""

    source: int
    target: int
    place: int


@dataclass(frozen=True)
class BackpropStepper(Model):
    """The settings of `backprop_stepper`, and what they look like.

    Step 0 knows the inputs alone. Each operation is a step forward; then the output's gradient
    is set to 1; then each edge is a step back.
    """

    expression: str = "(a + b) * (b + 1)"
    a: float = 2.0
    b: float = 1.0
    c: float = 0.0
    step: int = 0

    title = "Backpropagation, step by step"
    function = "backprop_stepper"

    def __post_init__(self) -> None:
        super().__post_init__()
        traced(self.expression, self.a, self.b, self.c)

    def controls(self) -> tuple[Control, ...]:
        examples = [(text, name) for text, (name, _) in EXAMPLES.items()]
        if self.expression not in EXAMPLES:
            examples.append((self.expression, "your own"))
        return (
            Choice("expression", "Example", tuple(examples)),
            Text("expression", "Formula", 30),
            *(Slider(name, name, -3.0, 3.0, 0.1) for name in INPUTS),
            Slider("step", "Step", 0, self.last, 1),
            Button("back", "Back"),
            Button("step", "Next"),
            Button("turn", "To the turn"),
            Button("step", "Play", plays=True, interval=1200),
        )

    # ── The graph ────────────────────────────────────────────────────────────────────────────────

    @property
    def nodes(self) -> list[TraceNode]:
        """Inputs that are used and operations, in the order of the forward pass."""
        nodes = list(traced(self.expression, self.a, self.b, self.c))
        read = {id(x) for node in nodes for x in node.inputs}
        return [n for n in nodes if n.kind == "operation" or (n.kind == "input" and id(n) in read)]

    def edges(self, nodes: Sequence[TraceNode]) -> list[Edge]:
        """All edges, in the order in which gradients go back along them."""
        number = {id(node): k for k, node in enumerate(nodes)}
        return [
            Edge(number[id(x)], number[id(node)], place)
            for node in reversed(nodes)
            for place, x in enumerate(node.inputs)
            if id(x) in number
        ]

    @property
    def forward(self) -> int:
        """How many steps the forward pass takes: one for each operation."""
        return sum(node.kind == "operation" for node in self.nodes)

    @property
    def last(self) -> int:
        nodes = self.nodes
        return self.forward + 1 + len(self.edges(nodes))

    def names(self, nodes: Sequence[TraceNode]) -> list[str]:
        """Inputs keep their letters; operations go on in the alphabet: c = a + b."""
        leaves = [node.name for node in nodes if node.kind == "input"]
        later = iter(ascii_lowercase[ascii_lowercase.index(max(leaves)) + 1 :])
        return [node.name if node.kind == "input" else next(later) for node in nodes]

    # ── Moving ───────────────────────────────────────────────────────────────────────────────────

    def changed(self, **settings: Any) -> Self:
        """Another formula begins anew, an example at its own numbers."""
        if "expression" in settings:
            start = EXAMPLES.get(settings["expression"], ("", (self.a, self.b, self.c)))[1]
            settings = dict(zip(INPUTS, start, strict=True)) | {"step": 0} | settings
        return super().changed(**settings)

    def after(self, action: str) -> Self:
        if action == "back":
            return replace(self, step=max(self.step - 1, 0))
        if action == "step":
            return replace(self, step=min(self.step + 1, self.last))
        if action == "turn":
            return replace(self, step=self.forward)
        return super().after(action)

    def idle(self) -> tuple[str, ...]:
        ends = [(0, "back"), (self.last, "step"), (self.forward, "turn")]
        return tuple(action for step, action in ends if self.step == step)

    # ── What is known after so many steps ────────────────────────────────────────────────────────

    def known(self, nodes: Sequence[TraceNode]) -> list[bool]:
        """Whether each node has its value."""
        leaves = sum(node.kind == "input" for node in nodes)
        # Inputs come first in a trace.
        return [k < leaves + self.step for k in range(len(nodes))]

    def sent(self, nodes: Sequence[TraceNode]) -> list[Edge]:
        """The edges along which the gradient went back, the last one last."""
        return self.edges(nodes)[: max(self.step - self.forward - 1, 0)]

    def gradients(self, nodes: Sequence[TraceNode]) -> list[float | None]:
        """The sum of what has arrived at each node, None before anything has."""
        sums: list[float | None] = [None] * len(nodes)
        if self.step > self.forward:
            sums[-1] = 1.0
        for edge in self.sent(nodes):
            sums[edge.source] = (sums[edge.source] or 0.0) + sent_along(nodes, edge)
        return sums

    # ── The picture ──────────────────────────────────────────────────────────────────────────────

    def scene(self) -> Scene:
        nodes = self.nodes
        edges = self.edges(nodes)
        pairs = [(edge.source, edge.target) for edge in edges]
        places, ways = layered(len(nodes), pairs)
        # Layers lie one below the other: the way forward goes down, gradients climb.
        at = [(COLUMN * y, -ROW * x) for x, y in places]
        routes = [
            self.route([(COLUMN * y, -ROW * x) for x, y in way], edge, edges)
            for way, edge in zip(ways, edges, strict=True)
        ]
        items: list[Item] = []
        for edge, route in zip(edges, routes, strict=True):
            items += self.edge_items(nodes, edge, route)
        for k, place in enumerate(at):
            items.append(self.node_item(nodes, k, place))
        items += self.product(nodes, edges, routes)
        across, down = [x for route in [at, *routes] for x, _ in route], [y for _, y in at]
        middle, half = (min(across) + max(across)) / 2, max((max(across) - min(across)) / 2, 0.5)
        xlim = (middle - half - 0.55, middle + half + 0.55)
        ylim = (min(down) - 0.5, 0.5)
        height = min(max(0.18 * (ylim[1] - ylim[0]), 0.5), 1.25)
        panel = Panel(xlim, ylim, "", "", tuple(items), height=height, axes=False)
        return Scene((panel,), self.words())

    def route(
        self, way: list[tuple[float, float]], edge: Edge, edges: Sequence[Edge]
    ) -> list[tuple[float, float]]:
        """From below one node to above the next; two uses by the same reader stand side by side."""
        twins = [e for e in edges if e[:2] == edge[:2]]
        shift = 0.3 * (twins.index(edge) - (len(twins) - 1) / 2)
        (x0, y0), (x1, y1) = way[0], way[-1]
        return [(x0 + shift, y0 - BOX), *way[1:-1], (x1 + shift, y1 + BOX)]

    def edge_items(
        self, nodes: Sequence[TraceNode], edge: Edge, route: list[tuple[float, float]]
    ) -> list[Item]:
        points = np.array(route)
        sent = self.sent(nodes)
        now, done = edge in sent[-1:], edge in sent
        color = "purple" if now else "vermillion" if done else "gray"
        way = points[::-1] if done else points
        items: list[Item] = [Line(way[:-1], color)] if len(way) > 2 else []
        items.append(Arrow(way[-2], way[-1], color))
        middle = points[-2:].mean(axis=0)
        if done and not now:
            words = f"↑ {short(sent_along(nodes, edge))}"
            items.append(Label(middle, words, "vermillion", boxed=True, size="small"))
        elif not now and self.known(nodes)[edge.target]:
            words = f"× {short(local(nodes, edge))}"
            items.append(Label(middle, words, "ink", boxed=True, size="small"))
        return items

    def node_item(self, nodes: Sequence[TraceNode], k: int, place: tuple[float, float]) -> Label:
        names, gradient = self.names(nodes), self.gradients(nodes)[k]
        node, known = nodes[k], self.known(nodes)[k]
        value = short(node.value.item()) if known else "?"
        lines = [f"{names[k]} = {value}"]
        if node.kind == "operation":
            lines = [formula(nodes, names, k), value]
        if gradient is not None:
            more = "" if self.complete(nodes, k) else " + …"
            lines.append(f"∂ {short(gradient)}{more}")
        color = "ink" if known else "gray"
        if gradient is not None:
            color = "vermillion"
        elif node.kind == "input":
            color = "blue"
        return Label(place, "\n".join(lines), color, boxed=True, size=self.size(nodes))

    def product(
        self,
        nodes: Sequence[TraceNode],
        edges: Sequence[Edge],
        routes: Sequence[list[tuple[float, float]]],
    ) -> list[Item]:
        """On the edge of this step: local × upstream = what is sent."""
        if not self.sent(nodes):
            return []
        edge = self.sent(nodes)[-1]
        route = np.array(routes[list(edges).index(edge)])
        words = times(nodes, edge, self.upstream(nodes, edge))
        middle = route[-2:].mean(axis=0)
        return [Label(middle, words, "purple", boxed=True, size=self.size(nodes))]

    def size(self, nodes: Sequence[TraceNode]) -> str:
        return "normal" if len(nodes) <= 8 else "small"

    def upstream(self, nodes: Sequence[TraceNode], edge: Edge) -> float:
        """∂output/∂target: complete, when its edges are walked."""
        gradient = nodes[edge.target].gradient
        return 0.0 if gradient is None else gradient.item()

    def complete(self, nodes: Sequence[TraceNode], k: int) -> bool:
        """Whether all readers of node k have sent their part."""
        waiting = self.edges(nodes)[len(self.sent(nodes)) :]
        return all(edge.source != k for edge in waiting)

    # ── The words ────────────────────────────────────────────────────────────────────────────────

    def words(self) -> str:
        nodes = self.nodes
        names = self.names(nodes)
        if self.step == 0:
            return f"{names[-1]} = {self.expression}. Only the inputs are known: {self.inputs()}."
        if self.step <= self.forward:
            return self.forward_in_words(nodes, names)
        out = names[-1]
        if self.step == self.forward + 1:
            return f"The turn: {out} is the output, and ∂{out}/∂{out} = 1. Now back."
        return self.backward_in_words(nodes, names)

    def inputs(self) -> str:
        leaves = [node for node in self.nodes if node.kind == "input"]
        return ", ".join(f"{node.name} = {short(node.value.item())}" for node in leaves)

    def forward_in_words(self, nodes: Sequence[TraceNode], names: Sequence[str]) -> str:
        k = [i for i, node in enumerate(nodes) if node.kind == "operation"][self.step - 1]
        edges = sorted(e for e in self.edges(nodes) if e.target == k)
        kept = [f"∂{names[k]}/∂{names[e.source]} = {short(local(nodes, e))}" for e in edges]
        return (
            f"Forward, {self.step} of {self.forward}: {formula(nodes, names, k)} = "
            f"{short(nodes[k].value.item())}. Kept for the way back: {', '.join(kept)}."
        )

    def backward_in_words(self, nodes: Sequence[TraceNode], names: Sequence[str]) -> str:
        done, edges = self.sent(nodes), self.edges(nodes)
        edge = done[-1]
        x, y, out = names[edge.source], names[edge.target], names[-1]
        product = times(nodes, edge, self.upstream(nodes, edge))
        words = (
            f"Backward, edge {len(done)} of {len(edges)}, from {y} to {x}: "
            f"∂{y}/∂{x} × ∂{out}/∂{y} = {product}."
        )
        parts = [bracketed(sent_along(nodes, e)) for e in done if e.source == edge.source]
        if len(parts) > 1:
            total = short(self.gradients(nodes)[edge.source] or 0.0)
            words += f" The routes add: {' + '.join(parts)} = {total}."
        if len(done) < len(edges):
            return words
        arrived = zip(nodes, self.gradients(nodes), strict=True)
        leaves = [(node.name, g or 0.0) for node, g in arrived if node.kind == "input"]
        found = [f"∂{out}/∂{name} = {short(g)}" for name, g in leaves]
        return f"{words} Done, each edge once: {', '.join(found)}."


def local(nodes: Sequence[TraceNode], edge: Edge) -> float:
    """∂target/∂source, by this use of it."""
    return nodes[edge.target].local[edge.place] or 0.0


def sent_along(nodes: Sequence[TraceNode], edge: Edge) -> float:
    """What goes back along an edge: local × upstream."""
    part = nodes[edge.target].sent[edge.place]
    return 0.0 if part is None else part.item()


def times(nodes: Sequence[TraceNode], edge: Edge, upstream: float) -> str:
    """local × upstream = sent, in numbers."""
    factors = f"{bracketed(local(nodes, edge))} × {bracketed(upstream)}"
    return f"{factors} = {short(sent_along(nodes, edge))}"


def formula(nodes: Sequence[TraceNode], names: Sequence[str], k: int) -> str:
    """How a node is computed from those that it reads: d = b + 1."""
    number = {id(node): name for node, name in zip(nodes, names, strict=True)}
    node = nodes[k]
    read = [number.get(id(x)) or bracketed(x.value.item()) for x in node.inputs]
    if node.op == "neg":
        return f"{names[k]} = −{read[0]}"
    if node.op in SYMBOLS:
        return f"{names[k]} = {read[0]} {SYMBOLS[node.op]} {read[1]}"
    return f"{names[k]} = {node.op}({read[0]})"


def short(value: float) -> str:
    """A number in three digits, with a true minus sign, and no minus zero.

    >>> short(-0.41997), short(5.0), short(-0.0)
    ('−0.42', '5', '0')
    """
    return f"{value + 0:.3g}".replace("-", "−")


def bracketed(value: float) -> str:
    """The same, in brackets where its sign could be read as an operator."""
    return f"({short(value)})" if value < 0 else short(value)


def backprop_stepper(
    expression: str = "(a + b) * (b + 1)",
    a: float = 2.0,
    b: float = 1.0,
    c: float = 0.0,
    step: int = 0,
) -> Widget:
    """∂L/∂x = Σ ∂y/∂x · ∂L/∂y over all y that read x: a formula's graph, one step at a time.

    `expression` is a formula in a, b, c and numbers, with + - * / ** and relu, tanh, sigmoid, exp,
    log; a, b and c go from −3 to 3. `step` counts the operations, the turn, then the edges on the
    way back. Raises ValueError for anything else. `backprop_stepper(**widget.settings)` shows the
    same again.
    """
    return Widget(BackpropStepper(expression, a, b, c, step))
