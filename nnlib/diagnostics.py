"""Look into a model while it runs: what each layer gives, and what gradient comes back to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib.engine import Array, Node, Tensor
from nnlib.nn.module import Module
from nnlib.nn.summary import watching

__all__ = ["LayerRecord", "layer_records", "watching"]


@dataclass
class LayerRecord:
    """What one layer did to one batch: its ``name``, ``kind``, and three arrays.

    ``activation`` is its output h, ``gradient`` is ∂L/∂h, ``weight_gradient`` is ∂L/∂W of its weight;
    the last two are None where there is none.
    """

    name: str
    kind: str
    activation: Array
    gradient: Array | None = None
    weight_gradient: Array | None = None

    def statistics(self) -> dict[str, float]:
        """Mean and standard deviation of h, the share of exact zeros, the spread of both gradients.

        >>> LayerRecord("1", "ReLU", np.array([0.0, 2.0])).statistics()
        {'mean': 1.0, 'std': 1.0, 'zeros': 0.5, 'gradient_std': nan, 'weight_gradient_std': nan}
        """
        h = self.activation
        return {
            "mean": float(h.mean()),
            "std": float(h.std()),
            "zeros": float((h == 0).mean()),
            "gradient_std": _spread(self.gradient),
            "weight_gradient_std": _spread(self.weight_gradient),
        }


def layer_records(
    model: Module, x: Any, y: Any, loss: Callable[[Any, Any], Tensor]
) -> list[LayerRecord]:
    """What each layer without parts does to the batch (x, y): forward, and backward from loss(ŷ, y).

    One record per call, in the order of the forward pass. The model runs in the mode it is in; its
    parameters and their ``.grad`` are left as they were.

    >>> from nnlib import nn
    >>> x, y = np.ones((4, 2), np.float32), np.zeros(4, np.int64)
    >>> records = layer_records(nn.MLP([2, 3, 2]), x, y, nn.CrossEntropyLoss())
    >>> [(r.name, r.kind, r.activation.shape, r.gradient.shape) for r in records]
    [('0', 'Linear', (4, 3), (4, 3)), ('1', 'ReLU', (4, 3), (4, 3)), ('2', 'Linear', (4, 2), (4, 2))]
    """
    seen: list[tuple[LayerRecord, Module]] = []

    def see(name: str, module: Module, output: Any) -> None:
        h = output[0] if isinstance(output, tuple) else output  # recurrent layers give a state too
        if any(module.children()) or not isinstance(h, Tensor):
            return
        record = LayerRecord(name, type(module).__name__, h.data)
        if h._node is not None:
            _tap(h._node, record)
        seen.append((record, module))

    before = [(p, p.grad) for p in model.parameters()]
    for p, _ in before:
        p.grad = None
    try:
        with watching(model, see):
            value = loss(model(x), y)
        value.backward()
        for record, module in seen:
            record.weight_gradient = getattr(getattr(module, "weight", None), "grad", None)
    finally:
        for p, grad in before:
            p.grad = grad
    return [record for record, _ in seen]


def _tap(node: Node, record: LayerRecord) -> None:
    """Keep the gradient that reaches ``node``: it is what each of the node's vjps is given."""

    def tapped(vjp: Callable[[Array], Array]) -> Callable[[Array], Array]:
        def keep(g: Array) -> Array:
            record.gradient = g
            return vjp(g)

        return keep

    node.vjps = [None if vjp is None else tapped(vjp) for vjp in node.vjps]


def _spread(gradient: Array | None) -> float:
    return float("nan") if gradient is None else float(np.std(gradient))
