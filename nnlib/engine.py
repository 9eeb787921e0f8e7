"""Reverse-mode automatic differentiation: how a function on arrays becomes an op on Tensors.

An **op** is a function on arrays that returns its value and one *vector-Jacobian product* (vjp) per
input: a function that takes ``g = ∂L/∂(output)`` and returns ``∂L/∂(input)``. Running ops on
:class:`Tensor` objects writes a tape of :class:`Node` objects, and :meth:`Tensor.backward` reads it
from the newest node to the oldest (tape.py).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np

from nnlib.debugging import readable, with_read_only
from nnlib.grad_mode import no_grad
from nnlib.memory import share
from nnlib.modes import modes, switched
from nnlib.tape import Array, Node, Vjps
from nnlib.tensors import Tensor, _wrap

__all__ = [
    "Array", "Node", "Tensor", "Vjps", "fresh_gradients", "no_grad", "op", "shared", "use",
]  # fmt: skip


def op(
    forward: Callable[..., Any], backward: Callable[..., Any] | None = None
) -> Callable[..., Tensor]:
    """Make a function on arrays a differentiable function of Tensors.

    ``forward(*arrays, **options)`` returns its value and one vjp per input. With ``backward``
    given, ``forward`` returns the value alone, and ``backward(g, *arrays, **options)`` one gradient
    per input. The op's name, by which :func:`use` finds it, is the function's, without leading
    underscores.

    Calling the op raises ValueError where there are not as many vjps or gradients as inputs, or
    shapes do not fit, TypeError where no vjp was returned. As torch.autograd.Function.

    >>> @op
    ... def square(x):
    ...     return x * x, lambda g: 2 * x * g
    >>> x = Tensor([3.0], requires_grad=True)
    >>> square(x).backward()
    >>> x.grad
    array([6.], dtype=float32)
    """
    name = forward.__name__.lstrip("_")
    formula = forward if backward is None else _paired(forward, backward)
    fresh = getattr(formula, "fresh_gradients", False)
    ours = forward.__module__.startswith("nnlib.")
    _FORMULAS.setdefault(name, formula)

    @wraps(forward)
    def apply(*inputs: Any, **options: Any) -> Tensor:
        arrays: list[Any] = []
        track = False
        for x in inputs:
            if isinstance(x, Tensor):
                arrays.append(x._data)
                track = track or x._requires_grad
            elif isinstance(x, np.generic):
                arrays.append(x.item())  # a NumPy scalar is a number: float32 stays float32
            elif isinstance(x, list | tuple):
                arrays.append(Tensor(x)._data)
            else:
                arrays.append(x)
        run: Callable[..., Any] = formula
        if modes.replaced:
            run = modes.replaced.get(name, formula)
        try:
            result = run(*arrays, **options)
        except (ValueError, TypeError, IndexError) as error:
            raise readable(error, name, arrays) from None
        if not isinstance(result, tuple):
            raise TypeError(f"{name}: return the value and one vjp per input: value, lambda g: …")
        value, *vjps = result
        y = _wrap(value)
        if track and modes.grad and vjps:
            if len(vjps) != len(inputs):
                raise ValueError(f"{name}: {len(inputs)} inputs, but {len(vjps)} vjps")
            y._requires_grad = True
            nodes = [x._node or x._on_tape() if isinstance(x, Tensor) else None for x in inputs]
            for i, node in enumerate(nodes):
                if node is None or not node.requires_grad:
                    vjps[i] = None  # never to be called: let go of the values that it holds
            if not ours or run is not formula:
                vjps = with_read_only(name, vjps)
            y._node = Node(name, y._data.shape, nodes, vjps, fresh and run is formula)
        if y._data.base is not None:
            share(y, inputs, arrays)
        for watch in modes.watchers:
            watch(y, name, inputs, options)
        return y

    apply.formula = formula  # type: ignore[attr-defined]
    return apply


_FORMULAS: dict[str, Callable[..., Any]] = {}
# A part that a student may replace → the op that does not call it.
_FUSED_IN = {"softmax": "cross_entropy", "log_softmax": "cross_entropy"}


def _paired(forward: Callable[..., Any], backward: Callable[..., Any]) -> Callable[..., Any]:
    """The formula of an op that is given as forward(*arrays) and backward(g, *arrays)."""

    def formula(*arrays: Any, **options: Any) -> Vjps:
        @shared
        def gradients(g: Array) -> Any:
            result = backward(g, *arrays, **options)
            result = result if isinstance(result, tuple | list) else (result,)
            if len(result) != len(arrays):
                message = f"backward returned {len(result)} gradients for {len(arrays)} inputs"
                raise ValueError(f"{forward.__name__}: {message}; return one per input, or None")
            return result

        vjps = [lambda g, i=i: gradients(g)[i] for i in range(len(arrays))]
        return (forward(*arrays, **options), *vjps)

    return formula


def shared(f: Callable[[Array], Any]) -> Callable[[Array], Any]:
    """Compute ``f(g)`` once for all the vjps of an op that need it."""
    last: list[Any] = [None, None]

    def once(g: Array) -> Any:
        if last[0] is not g:
            last[:] = g, f(g)
        return last[1]

    return once


def fresh_gradients(formula: Callable[..., Any]) -> Callable[..., Any]:
    """Promise that each vjp returns a new array or a view, and that nothing else holds the array.

    Written under ``@op`` where gradients are large: a leaf may then take what comes as its
    ``.grad``, and needs no copy. A result of :func:`shared` is held, and no new array.

    >>> @op
    ... @fresh_gradients
    ... def square(x):
    ...     return x * x, lambda g: 2 * x * g
    """
    formula.fresh_gradients = True  # type: ignore[attr-defined]
    return formula


@contextmanager
def use(**formulas: Callable[..., Any]) -> Iterator[None]:
    """Let every model run on your own ops: ``with use(linear=mine): model(x)``.

    Each value is a formula (arrays in; value and one vjp per input out) or what :func:`op` made.
    Raises ValueError where no op has that name; warns where a fused op, which computes that part
    itself, will not call yours.

    >>> from nnlib import nn
    >>> def without_bias(x, W, b):
    ...     return x @ W.T, lambda g: g @ W, lambda g: g.T @ x, lambda g: None
    >>> with use(linear=without_bias):
    ...     nn.Linear(2, 1)(Tensor([[0.0, 0.0]])).data
    array([[0.]], dtype=float32)
    """
    for name in formulas:
        if name not in _FORMULAS:
            known = ", ".join(sorted(_FORMULAS))
            raise ValueError(f"use: there is no op named {name!r}. There are: {known}")
        whole = _FUSED_IN.get(name, name)
        if whole not in formulas:
            message = f"{whole} computes {name} itself and will not call yours: replace {whole} too"
            warnings.warn(f"use: {message}, where the model uses it", stacklevel=3)
    mine = {name: getattr(f, "formula", f) for name, f in formulas.items()}
    with switched(replaced={**modes.replaced, **mine}):
        yield
