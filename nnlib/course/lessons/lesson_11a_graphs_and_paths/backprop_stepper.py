"""A computation as a graph, step by step: values forward, then gradients back, one edge a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from string import ascii_lowercase
from typing import Any, NamedTuple, Self

import numpy as np

from nnlib.autodiff import TraceNode
from nnlib.course.kit.numbers import digits
from nnlib.course.kit.scene import Arrow, Floats, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Button, Model, Stop, slider, steps, text, widget
from nnlib.course.lessons.lesson_11a_graphs_and_paths.expression import INPUTS, traced
from nnlib.viz.layout import layered

# What each example is called, and where it is begun: a, b, c.
EXAMPLES = {
    "(a + b) * (b + 1)": ("the toy graph", (2.0, 1.0, 0.0)),
    "tanh(a * b + c)": ("a neuron", (1.0, 0.5, -1.0)),
    "-2*relu(a - 3*b) + 4*relu(c*b - 2*a) - relu(2*a + b)": ("the −13 net", (2.0, -1.0, 0.0)),
    "relu(a) - relu(-a)": ("a kink", (0.0, 0.0, 0.0)),
    "(a * b + a * b) * (a * b)": ("read three times", (1.0, 2.0, 0.0)),
}
NAMES = {expression: name for expression, (name, _) in EXAMPLES.items()}
SYMBOLS = {"add": "+", "sub": "−", "mul": "·", "div": "/", "pow": "^"}


class Edge(NamedTuple):
    """One use of a value: `source` is input number `place` of `target` (numbers of nodes)."""

    source: int
    target: int
    place: int


@dataclass(frozen=True)
class BackpropStepper(Model):
    """∂L/∂x = Σ ∂y/∂x · ∂L/∂y over all y that read x: a formula's graph, one step at a time.

    `expression` is a formula in a, b, c and numbers, with + - * / ** and relu, tanh, sigmoid, exp,
    log. Step 0 knows the inputs alone. Each operation is a step forward; then the output's gradient
    is set to 1; then each edge is a step back.
    """

    title = "Backpropagation, step by step"
    goal = "in the toy graph, let the two parts that reach b cancel"
    on_every_page = ({"expression": "(a + b) * (b + 1)", "a": -2.0, "b": 0.5, "step": 9},)
    tour = (
        Stop("Each box is a value: a and b are inputs; c, d and e are made of them.", "Formula"),
        Stop("One operation a step: c has its value, and its edges have their slopes.", step=1),
        Stop(
            "All values are there, the output's gradient is 1, and the way turns.", "Step", step=4
        ),
        Stop("Going back, the product swaps: it sends d = 2 to c, and c = 3 to d.", step=6),
        Stop("b has heard from d, but not from c. Its sum ends in “+ …”, so it waits.", step=7),
        Stop("Both paths have arrived at b: 3 + 2 = 5. Each edge was walked once.", step=9),
    )

    expression: str = text("Formula", at="(a + b) * (b + 1)", width=27, examples=NAMES)
    a: float = slider("a", -3.0, 3.0, 0.1, at=2.0)
    b: float = slider("b", -3.0, 3.0, 0.1, at=1.0)
    c: float = slider("c", -3.0, 3.0, 0.1, at=0.0)
    step: int = steps(
        lambda model: model.last,
        Button("back", "Back", by=-1),
        Button("step", "Next", by=1),
        Button("turn", "To the turn"),
        Button("step", "Play", by=1, plays=True, interval=1200),
    )

    # ── The graph ────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def nodes(self) -> list[TraceNode]:
        """Inputs that are used, then operations in the order of the forward pass."""
        nodes = list(traced(self.expression, self.a, self.b, self.c))
        read = {id(x) for node in nodes for x in node.inputs}
        return [n for n in nodes if n.kind == "operation" or (n.kind == "input" and id(n) in read)]

    @cached_property
    def edges(self) -> list[Edge]:
        """All edges, in the order in which gradients go back along them."""
        number = {id(node): k for k, node in enumerate(self.nodes)}
        return [
            Edge(number[id(x)], number[id(node)], place)
            for node in reversed(self.nodes)
            for place, x in enumerate(node.inputs)
            if id(x) in number
        ]

    @cached_property
    def names(self) -> list[str]:
        """Inputs keep their letters; operations go on in the alphabet: c = a + b."""
        leaves = [node.name for node in self.nodes if node.kind == "input"]
        later = iter(ascii_lowercase[ascii_lowercase.index(max(leaves)) + 1 :])
        return [node.name if node.kind == "input" else next(later) for node in self.nodes]

    @cached_property
    def forward(self) -> int:
        """How many steps the forward pass takes: one for each operation."""
        return sum(node.kind == "operation" for node in self.nodes)

    @property
    def last(self) -> int:
        return self.forward + 1 + len(self.edges)

    def local(self, edge: Edge) -> float:
        """∂target/∂source, by this use of it."""
        return self.nodes[edge.target].local[edge.place] or 0.0

    def part(self, edge: Edge) -> float:
        """What goes back along the edge: local × upstream."""
        part = self.nodes[edge.target].sent[edge.place]
        return 0.0 if part is None else part.item()

    def product(self, edge: Edge) -> str:
        """local × upstream = what is sent, in numbers; upstream is complete by then."""
        upstream = self.nodes[edge.target].gradient
        factors = (self.local(edge), 0.0 if upstream is None else upstream.item())
        return f"{' × '.join(map(bracketed, factors))} = {digits(self.part(edge))}"

    def formula(self, k: int) -> str:
        """How node k is computed from those that it reads: d = b + 1."""
        number = {id(node): name for node, name in zip(self.nodes, self.names, strict=True)}
        name, node = self.names[k], self.nodes[k]
        read = [number.get(id(x)) or bracketed(x.value.item()) for x in node.inputs]
        if node.op == "neg":
            return f"{name} = −{read[0]}"
        if node.op in SYMBOLS:
            return f"{name} = {read[0]} {SYMBOLS[node.op]} {read[1]}"
        return f"{name} = {node.op}({read[0]})"

    # ── Moving ───────────────────────────────────────────────────────────────────────────────────

    def changed(self, **settings: Any) -> Self:
        """Another formula begins anew, an example at its own numbers."""
        if "expression" in settings:
            start = EXAMPLES.get(settings["expression"], ("", (self.a, self.b, self.c)))[1]
            settings = dict(zip(INPUTS, start, strict=True)) | {"step": 0} | settings
        return super().changed(**settings)

    def turn(self) -> Self:
        """All values are known, and no gradient yet."""
        return replace(self, step=self.forward)

    # ── What is known after so many steps ────────────────────────────────────────────────────────

    @cached_property
    def known(self) -> list[bool]:
        """Whether each node has its value."""
        count = len(self.nodes) - self.forward + self.step
        return [k < count for k in range(len(self.nodes))]

    @cached_property
    def sent(self) -> list[Edge]:
        """The edges along which the gradient went back, the last one last."""
        return self.edges[: max(self.step - self.forward - 1, 0)]

    @cached_property
    def gradients(self) -> list[float | None]:
        """The sum of what has arrived at each node, None before anything has."""
        sums: list[float | None] = [None] * len(self.nodes)
        if self.step > self.forward:
            sums[-1] = 1.0
        for edge in self.sent:
            sums[edge.source] = (sums[edge.source] or 0.0) + self.part(edge)
        return sums

    def complete(self, k: int) -> bool:
        """Whether all readers of node k have sent their part."""
        return all(edge.source != k for edge in self.edges[len(self.sent) :])

    def reached(self) -> bool:
        """At the end: what arrives at b is not 0, part by part, and adds up to 0."""
        if self.step < self.last or "b" not in self.names:
            return False
        parts = [self.part(edge) for edge in self.edges if self.names[edge.source] == "b"]
        return min(map(abs, parts)) > 1e-9 and abs(sum(parts)) < 1e-9

    # ── The picture ──────────────────────────────────────────────────────────────────────────────

    def scene(self) -> Scene:
        pairs = [(edge.source, edge.target) for edge in self.edges]
        places, ways = layered(len(self.nodes), pairs)
        routes = [self.route(way, edge) for way, edge in zip(ways, self.edges, strict=True)]
        at = [downward(place) for place in places]
        items: list[Item] = []
        for edge, route in zip(self.edges, routes, strict=True):
            items += self.edge_items(edge, route)
        items += [self.node_item(k, place) for k, place in enumerate(at)]
        if self.sent:  # on top of all: the product of this step
            edge = self.sent[-1]
            middle = routes[self.edges.index(edge)][-2:].mean(axis=0)
            words = self.product(edge)
            items.append(Label(middle, words, "purple", boxed=True, size=self.size))
        across = [x for x, _ in at] + [x for route in routes for x in route[:, 0]]
        middle_x = (min(across) + max(across)) / 2
        half = max((max(across) - min(across)) / 2, 0.5) + 0.55
        ylim = (min(y for _, y in at) - 0.5, 0.5)
        room = 0.24 if self.size == "normal" else 0.19  # of a row, for its lines of text
        height, xlim = room * (ylim[1] - ylim[0]), (middle_x - half, middle_x + half)
        panel = Panel(xlim, ylim, "", "", tuple(items), height=height, axes=False)
        return Scene((panel,), self.words())

    @property
    def size(self) -> str:
        return "normal" if len(self.nodes) <= 8 else "small"

    def route(self, way: Sequence[tuple[float, float]], edge: Edge) -> Floats:
        """From below one node to above the next; two uses by the same reader stand side by side."""
        twins = [e for e in self.edges if e[:2] == edge[:2]]
        points = np.array([downward(place) for place in way])
        points[[0, -1], 0] += 0.3 * (twins.index(edge) - (len(twins) - 1) / 2)
        points[[0, -1], 1] += -self.half_height(edge.source), self.half_height(edge.target)
        return points

    def half_height(self, k: int) -> float:
        """Of a node's box and the air about it, in rows: it grows with its lines of text."""
        lines = self.node_text(k).count("\n") + 1
        return 0.13 + 0.065 * lines

    def edge_items(self, edge: Edge, route: Floats) -> list[Item]:
        """An arrow down with the local slope; up, with what was sent, once the gradient has gone."""
        now, done = edge in self.sent[-1:], edge in self.sent
        color = "purple" if now else "vermillion" if done else "gray"
        way = route[::-1] if done else route
        items: list[Item] = [Line(way[:-1], color)] if len(way) > 2 else []
        items.append(Arrow(way[-2], way[-1], color))
        middle = route[-2:].mean(axis=0)
        if done and not now:
            words = f"↑ {digits(self.part(edge))}"
            items.append(Label(middle, words, "vermillion", boxed=True, size="small"))
        elif not done and self.known[edge.target]:
            words = f"× {digits(self.local(edge))}"
            items.append(Label(middle, words, "ink", boxed=True, size="small"))
        return items

    def node_item(self, k: int, place: tuple[float, float]) -> Label:
        color = "blue" if self.nodes[k].kind == "input" else "ink" if self.known[k] else "gray"
        if self.gradients[k] is not None:
            color = "vermillion"
        return Label(place, self.node_text(k), color, boxed=True, size=self.size)

    def node_text(self, k: int) -> str:
        """A node: its formula, its value once that is known, its gradient as far as it is there."""
        node, gradient = self.nodes[k], self.gradients[k]
        value = digits(node.value.item()) if self.known[k] else "?"
        is_input = node.kind == "input"
        lines = [f"{self.names[k]} = {value}"] if is_input else [self.formula(k), value]
        if gradient is not None:
            lines.append(f"∂ {digits(gradient)}{'' if self.complete(k) else ' + …'}")
        return "\n".join(lines)

    # ── The words ────────────────────────────────────────────────────────────────────────────────

    def words(self) -> str:
        out = self.names[-1]
        if self.step == 0:
            leaves = [node for node in self.nodes if node.kind == "input"]
            inputs = ", ".join(f"{node.name} = {digits(node.value.item())}" for node in leaves)
            return f"{out} = {self.expression}. Only the inputs are known: {inputs}."
        if self.step <= self.forward:
            return self.forward_in_words()
        if self.step == self.forward + 1:
            return f"The turn: {out} is the output, and ∂{out}/∂{out} = 1. Now back."
        return self.backward_in_words()

    def forward_in_words(self) -> str:
        k = len(self.nodes) - self.forward + self.step - 1
        name = self.names[k]
        edges = sorted(edge for edge in self.edges if edge.target == k)
        kept = [f"∂{name}/∂{self.names[e.source]} = {digits(self.local(e))}" for e in edges]
        return (
            f"Forward, {self.step} of {self.forward}: {self.formula(k)} = "
            f"{digits(self.nodes[k].value.item())}. Kept for the way back: {', '.join(kept)}."
        )

    def backward_in_words(self) -> str:
        edge, out = self.sent[-1], self.names[-1]
        x, y = self.names[edge.source], self.names[edge.target]
        words = (
            f"Backward, edge {len(self.sent)} of {len(self.edges)}, from {y} to {x}: "
            f"∂{y}/∂{x} × ∂{out}/∂{y} = {self.product(edge)}."
        )
        parts = [bracketed(self.part(e)) for e in self.sent if e.source == edge.source]
        if len(parts) > 1:
            total = digits(self.gradients[edge.source] or 0.0)
            words += f" The paths add: {' + '.join(parts)} = {total}."
        if self.step < self.last:
            return words
        arrived = zip(self.nodes, self.gradients, strict=True)
        leaves = [(node.name, g or 0.0) for node, g in arrived if node.kind == "input"]
        found = [f"∂{out}/∂{name} = {digits(g)}" for name, g in leaves]
        return f"{words} Done, each edge once: {', '.join(found)}."


def downward(place: tuple[float, float]) -> tuple[float, float]:
    """Columns of the layout become rows: the way forward goes down, gradients climb."""
    column, height = place
    return height, -column


def bracketed(value: float) -> str:
    """The same, in brackets where its sign could be read as an operator."""
    return f"({digits(value)})" if value < 0 else digits(value)


backprop_stepper = widget(BackpropStepper)
