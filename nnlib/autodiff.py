"""The tape made visible: what ran, with which values, and how the gradient came back.

:func:`trace` is for looking, :func:`jacobian` and :func:`hessian` are for measuring. :func:`grad` is what they
see of one backward pass. None of them touches the ``.grad`` of a parameter.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from nnlib.arguments import FinitePositive, Function, checked, numbers, require
from nnlib.conversions import ONE_DERIVATIVE
from nnlib.engine import Array, Tensor, no_grad
from nnlib.memory import Memory
from nnlib.modes import modes, switched
from nnlib.tape import unbroadcast


@dataclass(frozen=True, eq=False, repr=False)
class TraceNode:
    """One value of a computation.

    ``kind`` is "input" (an argument of f), "parameter" (another Tensor that asks for its gradient),
    "constant" or "operation"; ``op`` the operation's name. ``local`` holds ∂value/∂input for each
    of ``inputs``, where both are single numbers, and else None. ``gradient`` is ∂L/∂value, and
    ``sent`` the part of it that went back to each input: ∂L/∂value · ∂value/∂input. An input's
    gradient is the sum of what all its readers sent. A gradient has the same shape as its value.

    >>> product = trace(lambda a, b: a * b, 2, 3)["u1"]
    >>> isinstance(product, TraceNode), product, product.local
    (True, u1 = mul(a, b) = 6, gradient 1, (3.0, 2.0))
    """

    name: str
    kind: str
    op: str
    inputs: tuple[TraceNode, ...]
    value: Array
    local: tuple[float | None, ...] = ()
    gradient: Array | None = None
    sent: tuple[Array | None, ...] = ()

    def __repr__(self) -> str:
        text, g = self.name, self.gradient
        if self.kind == "operation":
            text += f" = {self.op}({', '.join(x.name for x in self.inputs)})"
        text += f" = {_number(self.value)}" if self.value.size == 1 else f" {self.value.shape}"
        return text if g is None else f"{text}, gradient {_number(g)}"


@dataclass(frozen=True)
class Trace:
    """The nodes of a computation, in the order of the forward pass.

    Raises KeyError for a name that it does not have.

    >>> found = trace(lambda a, b: a * b, 2, 3)
    >>> isinstance(found, Trace), found["a"]
    (True, a = 2, gradient 3)
    """

    nodes: tuple[TraceNode, ...]

    @property
    def backward(self) -> list[TraceNode]:
        """The nodes with a gradient, in the order in which the backward pass completes them."""
        return [node for node in reversed(self.nodes) if node.gradient is not None]

    def __iter__(self) -> Iterator[TraceNode]:
        return iter(self.nodes)

    def __getitem__(self, name: str) -> TraceNode:
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(f"no node is named {name!r}; there are {[n.name for n in self.nodes]}")

    def __str__(self) -> str:
        return "\n".join(map(str, self.nodes))


def trace(f: Function, *inputs: Any) -> Trace:
    """Run ``f(*inputs)`` and keep every value, every local derivative and every gradient.

    Numbers and lists become float64 Tensors; float inputs, of any shape, get gradients. ``f`` may
    be a function or a Module. Inputs are named as f names them, a Module's parameters as the Module
    does, operations u1, u2, … in their order. Gradients are those of the output, and are there if
    it is a single number.

    Raises TypeError if ``f`` does not return a Tensor. The list is that of Wengert (1964).

    >>> print(trace(lambda a, b: (a + b) * (b + 1), 2, 1))
    a = 2, gradient 2
    b = 1, gradient 5
    u1 = add(a, b) = 3, gradient 2
    1 = 1
    u2 = add(b, 1) = 2, gradient 3
    u3 = mul(u1, u2) = 6, gradient 1
    """
    require(Function, "trace", f=f)
    given = [_leaf_copy("trace", x) for x in inputs]
    output, tape = _record(f, given)
    gradients, sent = _backpropagate(tape, output) if output.data.size == 1 else ({}, {})
    labels = _labels(f, given)
    nodes: dict[int, TraceNode] = {}

    def leaf(t: Tensor, kind: str) -> None:
        if id(t) not in nodes:
            name = labels.get(id(t)) or (_number(t.data) if t.data.size == 1 else kind)
            value, gradient = t.data.copy(), gradients.get(id(t))
            nodes[id(t)] = TraceNode(name, kind, "", (), value, gradient=gradient)

    for t in given:
        leaf(t, "input")
    for number, ran in enumerate(tape, 1):
        for x, _ in ran.read:
            leaf(x, "parameter" if x.requires_grad else "constant")
        y, read = ran.y, tuple(nodes[id(x)] for x, _ in ran.read)
        nodes[id(y)] = TraceNode(
            f"u{number}", "operation", ran.op, read, y.data.copy(), _local_derivatives(ran),
            gradients.get(id(y)), tuple(sent.get(id(y), ())),
        )  # fmt: skip
    return Trace(tuple(nodes.values()))


def grad(
    outputs: Tensor,
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: ArrayLike | Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor | None, ...]:
    """∂L/∂x for each leaf x of ``inputs``, and no ``.grad`` is touched

    ``outputs`` is L, a single number; or of any shape, and then ``grad_outputs`` is ∂L/∂outputs.
    Each gradient has the shape of its x, and is None where ``allow_unused`` and L does not depend
    on x. Raises TypeError for ``create_graph=True``, RuntimeError for an x that is no leaf or that
    L does not depend on. As torch.autograd.grad.

    >>> x = Tensor([1.0, 3.0], requires_grad=True)
    >>> grad((x * x).sum(), x)
    (tensor([2., 6.]),)
    """
    if create_graph:
        raise TypeError(ONE_DERIVATIVE)
    leaves = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    if not all(x.is_leaf and x.requires_grad for x in leaves):
        raise RuntimeError(
            "grad: inputs must be leaves that require gradients; see trace() for more"
        )
    found = outputs._gradients(grad_outputs, bool(retain_graph))
    gradients = [found.get(x._on_tape()) for x in leaves]
    if any(g is None for g in gradients) and not allow_unused:
        words = "say allow_unused=True to get None for it"
        raise RuntimeError(f"grad: outputs do not depend on one of the inputs; {words}")
    return tuple(None if g is None else Tensor(g, dtype=g.dtype) for g in gradients)


@checked
def jacobian(func: Function, inputs: ArrayLike | Tensor) -> Array:
    """J[i, j] = ∂yᵢ/∂xⱼ for y = func(x), by one backward pass per entry of y

    ``inputs`` is x, of any shape; the result has the shape of y followed by that of x. For a number
    y it is the gradient. Numbers and lists become float64.

    Raises TypeError for a tuple of inputs, and where ``func`` does not return a Tensor. As
    torch.autograd.functional.jacobian.

    >>> jacobian(lambda x: x * x, [1.0, 3.0])
    array([[2., 0.],
           [0., 6.]])
    """
    x = _leaf_copy("jacobian", inputs)
    y, tape = _record(func, [x])
    J = np.zeros((y.data.size, *x.shape), y.dtype)
    for i in range(len(J)):
        unit = np.zeros_like(y.data)
        unit.flat[i] = 1
        J[i] = _backpropagate(tape, y, unit)[0].get(id(x), 0)
    return J.reshape(y.shape + x.shape)


@checked
def hessian(func: Function, inputs: ArrayLike | Tensor, *, eps: FinitePositive = 1e-5) -> Array:
    """H[i, j] = ∂²y/∂xᵢ∂xⱼ for a number y = func(x): central differences of the tape's gradient

    The tape differentiates once, so the second derivative is a difference of exact gradients, good
    to about nine digits. ``inputs`` is x, of any shape; the result has x's shape twice.

    Raises ValueError where ``func`` does not return a single number; other errors as in
    :func:`jacobian`. As torch.autograd.functional.hessian.

    >>> hessian(lambda w: (w[0] ** 3 + w[0] * w[1]), [2.0, 1.0]).round(6)
    array([[12.,  1.],
           [ 1.,  0.]])
    """
    x = _leaf_copy("hessian", inputs).data.astype(np.float64)
    H = central_differences(lambda: jacobian(func, x), x, eps)
    if H.shape != 2 * x.shape:
        raise ValueError("hessian: func must return a single number")
    other = np.moveaxis(H, range(x.ndim, 2 * x.ndim), range(x.ndim))  # ∂²y/∂xⱼ∂xᵢ, nearly the same
    return (H + other) / 2


@checked
def numerical_jacobian(
    func: Function, inputs: ArrayLike | Tensor, *, eps: FinitePositive = 1e-6
) -> Array:
    """J[i, j] ≈ (yᵢ(x + ε eⱼ) − yᵢ(x − ε eⱼ)) / 2ε: :func:`jacobian` without any calculus

    Takes two runs of ``func`` per entry of x, where the tape takes one backward pass per entry of
    y. Shapes as in :func:`jacobian`. Raises TypeError for a tuple of inputs.

    >>> numerical_jacobian(lambda x: x * x, [1.0, 3.0]).round(6)
    array([[2., 0.],
           [0., 6.]])
    """
    x = _leaf_copy("numerical_jacobian", inputs).data.astype(np.float64)
    with no_grad():
        return central_differences(lambda: func(Tensor(x)).data, x, eps)


@checked
def central_differences(value: Function, x: Array, eps: FinitePositive = 1e-6) -> Array:
    """∂value/∂x ≈ (value at x + ε − value at x − ε) / 2ε, entry by entry of ``x``

    ``value()`` reads ``x``, a float64 array of any shape, which is moved and put back. The result
    has the shape of the value followed by that of x. Raises ValueError unless ε is above 0.

    >>> x = np.array([1.0, 3.0])
    >>> central_differences(lambda: (x * x).sum(), x).round(6)
    array([2., 6.])
    """
    shape = np.shape(value())
    slopes = np.empty((x.size, *shape))
    for j in range(x.size):
        here = x.flat[j]
        x.flat[j] = here + eps
        above = np.array(value())
        x.flat[j] = here - eps
        slopes[j] = (above - value()) / (2 * eps)
        x.flat[j] = here
    return np.moveaxis(slopes, 0, -1).reshape(shape + x.shape)


class _Recorded(NamedTuple):
    """An op that ran: its output, its name, and each Tensor that it read with the vjp for it."""

    y: Tensor
    op: str
    read: list[tuple[Tensor, Any]]


def _record(f: Function, inputs: Sequence[Tensor]) -> tuple[Tensor, list[_Recorded]]:
    """Run ``f`` and write down every op."""
    tape: list[_Recorded] = []
    read: list[tuple[Memory, int]] = []  # and at which version: see memory.py

    def watch(y: Tensor, op: str, inputs: Any, options: Any) -> None:
        vjps = y._node.vjps if y._node is not None else [None] * len(inputs)
        read.extend(
            (memory, memory.version)
            for memory in (t._on_tape().get_memory() for t in (y, *inputs) if isinstance(t, Tensor))
        )
        pairs = [(x, vjp) for x, vjp in zip(inputs, vjps, strict=True) if x is not None]
        tape.append(
            _Recorded(y, op, [(x if isinstance(x, Tensor) else Tensor(x), v) for x, v in pairs])
        )

    with switched(grad=True, watchers=(*modes.watchers, watch)):
        output = f(*inputs)
    if any(memory.version != version for memory, version in read):
        words = "what it computes with must stay as it is: write x = x + 1, not x += 1"
        raise RuntimeError(f"f changes a Tensor in place; {words}")
    if not isinstance(output, Tensor):
        raise TypeError(f"f must return a Tensor, not {type(output).__name__}")
    return output, tape


def _backpropagate(
    tape: Sequence[_Recorded], output: Tensor, g: Array | None = None
) -> tuple[dict[int, Array], dict[int, list[Array | None]]]:
    """∂L/∂x for every Tensor x on the tape, and what each op sent to each of its inputs, by id.

    Read backward, an op comes after all that read its output, so its gradient is complete.
    """
    gradients = {id(output): np.ones_like(output.data) if g is None else g}
    sent: dict[int, list[Array | None]] = {}
    for y, _, read in reversed(tape):
        if id(y) not in gradients:
            continue
        sent[id(y)] = []
        for i, (x, vjp) in enumerate(read):
            gx = None if vjp is None else vjp(gradients[id(y)])
            if gx is not None:
                assert x._node is not None and y._node is not None  # on the tape, as it has a vjp
                gx = np.array(unbroadcast(gx, x._node, y._node, i))
                gradients[id(x)] = gradients[id(x)] + gx if id(x) in gradients else gx
            sent[id(y)].append(gx)
    return gradients, sent


def _local_derivatives(ran: _Recorded) -> tuple[float | None, ...]:
    """∂y/∂x for each x that is read, where x and y are single numbers."""
    one = np.ones_like(ran.y.data)
    return tuple(
        np.asarray(vjp(one)).item() if vjp is not None and one.size == x.data.size == 1 else None
        for x, vjp in ran.read
    )


def _labels(f: Function, given: Sequence[Tensor]) -> dict[int, str]:
    """The names of f's arguments and of the parameters, by the Tensors' ids."""
    arguments = list(inspect.signature(getattr(f, "forward", f)).parameters.values())
    labels = {id(t): name for name, t in dict(getattr(f, "named_parameters", dict)()).items()}
    for i, t in enumerate(given):
        own = i < len(arguments) and arguments[i].kind != inspect.Parameter.VAR_POSITIONAL
        labels[id(t)] = arguments[i].name if own else f"x{i + 1}"
    return labels


def _leaf_copy(function: str, x: Any) -> Tensor:
    """A Tensor of our own with x's values, that asks for its gradient where it can have one."""
    if isinstance(x, tuple) and function != "trace":
        message = f"hold the others fixed: {function}(lambda x: f(x, y), x)"
        raise TypeError(f"{function}: takes one array of inputs, not a tuple; {message}")
    array = numbers(function, "inputs", x)
    if not isinstance(x, Tensor | np.ndarray):
        array = array.astype(np.float64)
    return Tensor(array, requires_grad=array.dtype.kind == "f")


def _number(x: Array) -> str:
    return f"{x.item():.4g}" if x.size == 1 else str(x.shape)
