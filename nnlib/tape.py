"""The tape: what was computed, and how gradients walk back along it.

Each op that ran left a :class:`Node`; :func:`backward_pass` goes from the newest node to the
oldest. That is the whole of backpropagation.
"""

from __future__ import annotations

import weakref
from heapq import heappop, heappush
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib.memory import Memory

Array = NDArray[Any]
Vjps = tuple[Any, ...]  # (value, one vjp per input)

__all__ = ["Array", "Node", "Vjps", "accumulate", "backward_pass", "unbroadcast"]

_tick = count().__next__
_FREED: Any = ("freed",)


class Node:
    """One entry of the tape: the op, the nodes it read, and one vjp for each of them.

    A node keeps no values; a vjp closes over just those it needs. ``memory`` counts the changes made
    to the values (memory.py), so that ``backward`` can tell that some it relies on are gone: it stood
    at ``born`` when the op wrote its output, and at ``versions`` when it read its inputs.
    ``fresh`` is the op's promise that its vjps return new arrays; ``snapshot`` is for debug().
    """

    __slots__ = (
        "born", "fresh", "inputs", "leaf", "memory", "op", "order", "requires_grad", "shape",
        "snapshot", "versions", "vjps",
    )  # fmt: skip

    def __init__(
        self,
        op: str,
        shape: tuple[int, ...],
        inputs: list[Node | None],
        vjps: Any = (),
        fresh: bool = False,
        leaf: weakref.ref[Any] | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.op, self.shape, self.inputs, self.vjps = op, shape, inputs, vjps
        self.fresh, self.leaf = fresh, leaf
        self.requires_grad = bool(vjps) or leaf is not None
        self.order = _tick()
        self.memory = memory
        self.born = memory.version if memory is not None else 0
        self.versions = [
            0 if x is None or (m := x.memory) is None else m.version_for(x.born) for x in inputs
        ]
        self.snapshot: Any = None

    def get_memory(self) -> Memory:
        """The Memory of its values, made when somebody first asks for it."""
        if self.memory is None:
            self.memory = Memory()
        return self.memory

    def freed_error(self) -> RuntimeError:
        message = f"backward: the graph behind this {self.op} was freed by an earlier backward(). "
        return RuntimeError(message + "Compute the loss again, or keep it with retain_graph=True.")


def backward_pass(root: Node, seed: Array, retain_graph: bool) -> dict[Node, Array]:
    """Backpropagation: from ``root`` with ∂L/∂root = ``seed`` to ∂L/∂leaf for every leaf.

    Takes the newest node that has a gradient, hands each of its inputs that input's share, and
    goes on until only leaves are left: the chain rule, summed over all paths.
    """
    if root.memory is not None:
        root.memory.check(root, root.memory.version_for(root.born), "the output")
    grads = {root: seed}
    queue = [(-root.order, root)] if root.leaf is None else []
    while queue:
        y = heappop(queue)[1]  # the newest: all that use y are newer, so its ∂L/∂y is complete
        g = grads.pop(y)
        if y.vjps is _FREED:
            raise y.freed_error()
        if y.memory is not None and y.memory.version != y.born:
            y.memory.check(y, y.born, "the output")
        if y.snapshot is not None:
            y.snapshot.check()
        for i, (x, version, vjp) in enumerate(zip(y.inputs, y.versions, y.vjps, strict=True)):
            if x is None:
                continue
            if x.memory is not None and x.memory.version != version:
                x.memory.check(y, version, f"input {i}")
            gx = vjp(g) if x.requires_grad else None
            if gx is None:  # a student's op may say so where no gradient flows
                continue
            if type(gx) is not np.ndarray or gx.shape != x.shape:
                gx = unbroadcast(gx, x, y, i)
            if y.snapshot is not None:
                y.snapshot.check_gradient(gx, i)
            if x in grads:
                grads[x] = grads[x] + gx  # the sum over all paths
            elif x.leaf is None:
                grads[x] = gx
                heappush(queue, (-x.order, x))
            else:  # to be .grad, which nothing else may hold; a vjp may hold what it returned
                grads[x] = gx if y.fresh and gx.base is None else np.array(gx)
        if not retain_graph:
            y.inputs, y.vjps = [], _FREED
    return grads


def unbroadcast(gx: Any, x: Node, y: Node, i: int) -> Array:
    """Sum a gradient over the axes along which the op broadcast its input.

    If y[n] = x for every n, then x has one path to the loss through each n: ∂L/∂x = Σₙ ∂L/∂y[n].
    """
    gx = np.asarray(gx)
    extra = gx.ndim - len(x.shape)
    if extra >= 0:
        ones = [extra + k for k, n in enumerate(x.shape) if n == 1 and gx.shape[extra + k] != 1]
        axes = (*range(extra), *ones)
        summed: Array = np.asarray(gx.sum(axes, keepdims=True)) if axes else gx
        if summed.shape[extra:] == x.shape:
            return summed.reshape(x.shape)
    message = f"the gradient of input {i} has shape {gx.shape}, but the input has {x.shape}"
    raise ValueError(f"{y.op}: {message}")


def accumulate(grads: dict[Node, Array]) -> None:
    """Add what has arrived at the leaves to their ``.grad``."""
    for node, g in grads.items():
        leaf = node.leaf() if node.leaf is not None else None
        if leaf is None or not leaf._requires_grad:  # gone, or frozen since
            continue
        if leaf._grad is None:
            leaf._grad = np.asarray(g, dtype=leaf.dtype)
        else:
            leaf._grad += g
