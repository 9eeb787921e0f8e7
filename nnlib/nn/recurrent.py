"""Recurrent layers: the same weights at every step of a sequence; Elman (1990).

One op computes a whole sequence, and its vjps are *backpropagation through time*: the chain rule
from the last step to the first (Werbos 1990). Several layers and the two directions are composed of
it. Inside, each example is a column, x_t (d, N) and h_t (H, N), so that the equations read as the
lecture writes them: U for the input weights (PyTorch's ``weight_ih``), W for the recurrent ones
(``weight_hh``).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nnlib import ops
from nnlib.engine import Array, Tensor, Vjps, op, shared
from nnlib.nn import init
from nnlib.nn.activation import relu, tanh
from nnlib.nn.checking import at_default, floats
from nnlib.nn.linear import linear
from nnlib.nn.module import Module, Parameter

__all__ = ["RNN", "Cell", "LeakyRNN", "RNNCell", "Recurrent", "at_all_times", "sum_over_time"]

Generator = np.random.Generator | None
_KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


@op
def _rnn(
    x: Array, h0: Array, U: Array, W: Array, b: Array | None, *, phi: str, alpha: float
) -> Vjps:
    """h_t = α h_{t−1} + (1 − α) φ(U x_t + W h_{t−1} + b); the value is [h₁ … h_T]"""
    Z = at_all_times(U, x)  # in the loop, each z becomes φ(z)
    if b is not None:
        Z += b[:, None]
    h = np.empty((len(x) + 1, *h0.shape), x.dtype)
    h[0] = h0
    for z, past, now in zip(Z, h, h[1:], strict=False):
        z += W @ past
        np.tanh(z, out=z) if phi == "tanh" else np.maximum(z, 0, out=z)
        np.multiply(z, 1 - alpha, out=now)
        if alpha:
            now += alpha * past

    @shared
    def through_time(g: Array) -> tuple[Array, Array]:
        """∂L/∂z_t for every t, and ∂L/∂h₀"""
        dz = (1 - alpha) * (1 - Z * Z if phi == "tanh" else (Z > 0).astype(Z.dtype))
        dh = np.zeros_like(h0)
        for slope, gt in zip(dz[::-1], g[::-1], strict=True):
            dh += gt  # what h_t did to the loss directly, and through all later steps
            slope *= dh
            dh = W.T @ slope + alpha * dh
        return dz, dh

    return (
        h[1:],
        lambda g: U.T @ through_time(g)[0],  # ∂L/∂x_t = Uᵀ ∂L/∂z_t
        lambda g: through_time(g)[1],
        lambda g: sum_over_time(through_time(g)[0], x),  # ∂L/∂U = Σₜ ∂L/∂z_t x_tᵀ
        lambda g: sum_over_time(through_time(g)[0], h[:-1]),  # ∂L/∂W = Σₜ ∂L/∂z_t h_{t−1}ᵀ
        lambda g: through_time(g)[0].sum(0).sum(1),
    )


def at_all_times(U: Array, x: Array) -> Array:
    """U x_t for every t (NumPy's ``@`` is slow where there is but one column)"""
    x = np.ascontiguousarray(x)
    result: Array = U * x if U.shape[1] == 1 else U @ x
    return result


def sum_over_time(a: Array, b: Array) -> Array:
    """Σₜ a_t b_tᵀ: every step uses the same weights, so their gradients add up."""
    total: Array = (a @ b.transpose(0, 2, 1)).sum(0)
    return total


class _Weights(Module):
    """The weights that every recurrent layer or cell has, and what it asks of its input."""

    gates = 1  # how many rows of weights per unit

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        device: None,
    ) -> None:
        name = type(self).__name__
        at_default(name, device=(device, None))
        for argument, n in [("input_size", input_size), ("hidden_size", hidden_size)]:
            if not isinstance(n, int | np.integer) or n < 1:
                raise ValueError(f"{name}: {argument} must be a whole number from 1, not {n!r}")
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bool(bias)

    def _add_weights(
        self, inputs: int, dtype: DTypeLike | None, generator: Generator, suffix: str = ""
    ) -> None:
        rows, bound = self.gates * self.hidden_size, 1 / math.sqrt(self.hidden_size)
        shapes = [(rows, inputs), (rows, self.hidden_size), (rows,), (rows,)]
        for kind, shape in zip(_KINDS, shapes if self.bias else shapes[:2], strict=False):
            blank = Parameter(np.empty(shape, dtype or np.float32))
            setattr(self, kind + suffix, init.uniform_(blank, -bound, bound, generator))

    def _weights(self, suffix: str = "") -> list[Any]:
        """U, W and the two biases; None where there are none."""
        return [getattr(self, kind + suffix, None) for kind in _KINDS]

    def _check(self, input: Any, axes: dict[int, str], suffix: str = "") -> tuple[int, ...]:
        """The shape of the input, once it fits."""
        name = type(self).__name__
        x, _ = floats(name, input=input, weight=self._weights(suffix)[0])
        if x.ndim not in axes:
            known = " or ".join(axes.values())
            raise ValueError(f"{name}: input must be {known}, not of shape {x.shape}")
        if x.shape[-1] != self.input_size:
            raise ValueError(
                f"{name}: input has {x.shape[-1]} features, the layer expects {self.input_size} — "
                f"input is {x.shape}"
            )
        shape: tuple[int, ...] = x.shape
        return shape

    def _check_state(self, argument: str, h: Any, input: Any, shape: tuple[int, ...]) -> None:
        name = type(self).__name__
        array = floats(name, **{"input": input, argument: h})[1]
        if array.shape != shape:
            raise ValueError(f"{name}: {argument} has shape {array.shape}, expected {shape}")

    def _given(self, hx: Any, states: int) -> list[Any]:
        """The initial states as a list; None stands for zeros."""
        if hx is None:
            return [None] * states
        if states == 1:
            return [hx]
        if not isinstance(hx, tuple | list) or len(hx) != states:
            raise TypeError(f"{type(self).__name__}: hx must be a pair of Tensors (h, c)")
        return list(hx)


class Recurrent(_Weights):
    """Layers and directions, composed from one op per sequence: a subclass writes ``_sequence``."""

    states = 1  # h; an LSTM has a second one, c

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: None = None,
        dtype: DTypeLike | None = None,
        *,
        generator: Generator = None,
    ) -> None:
        name = type(self).__name__
        at_default(name, dropout=(dropout, 0.0))
        super().__init__(input_size, hidden_size, bias, device)
        if not isinstance(num_layers, int | np.integer) or num_layers < 1:
            raise ValueError(f"{name}: num_layers must be a whole number from 1, not {num_layers}")
        self.num_layers, self.batch_first = num_layers, bool(batch_first)
        self.bidirectional = bool(bidirectional)
        for layer in range(num_layers):
            for suffix in self._suffixes(layer):
                below = hidden_size * (1 + self.bidirectional)
                self._add_weights(below if layer else input_size, dtype, generator, suffix)

    def _suffixes(self, layer: int) -> list[str]:
        return [f"_l{layer}", f"_l{layer}_reverse"][: 1 + self.bidirectional]

    def _sequence(self, x: Any, start: list[Any], weights: list[Any]) -> tuple[Tensor, list[Any]]:
        """[h₁ … h_T] as (T, H, N), and the last states as (1, H, N) each."""
        raise NotImplementedError

    def forward(self, input: Any, hx: Any = None) -> Any:
        batch = "(N, T, features)" if self.batch_first else "(T, N, features)"
        shape = self._check(input, {3: batch, 2: "(T, features)"}, "_l0")
        many = len(shape) == 3
        T, N = (shape[1::-1] if self.batch_first else shape[:2]) if many else (shape[0], 1)
        if T == 0:
            raise ValueError(f"{type(self).__name__}: input {shape} has no time steps")
        x = input if many else ops.reshape(input, T, 1, self.input_size)
        if many and self.batch_first:
            x = ops.transpose(x, 0, 1)
        y, last = self._layers(ops.transpose(x, 1, 2), self._start(hx, input, many, N))
        output = ops.transpose(y, 1, 2)
        if many and self.batch_first:
            output = ops.transpose(output, 0, 1)
        final = [ops.transpose(h, 1, 2) for h in last]
        if not many:
            output, *final = (t.reshape(len(t), -1) for t in (output, *final))
        return output, (final[0] if self.states == 1 else tuple(final))

    def _layers(self, x: Any, start: list[list[Any]]) -> tuple[Any, list[Any]]:
        """Feed x (T, d, N) through all layers; the last states of each kind as (layers, H, N)."""
        last: list[list[Any]] = []
        for layer in range(self.num_layers):
            outputs = []
            for way, suffix in enumerate(self._suffixes(layer)):
                step = -1 if way else 1  # the second direction reads the sequence from its end
                y, states = self._sequence(
                    x[::step] if way else x, start[len(last)], self._weights(suffix)
                )
                outputs.append(y[::step] if way else y)
                last.append(states)
            x = ops.cat(outputs, 1) if self.bidirectional else outputs[0]
        return x, [ops.cat(kind) if len(kind) > 1 else kind[0] for kind in zip(*last, strict=True)]

    def _start(self, hx: Any, input: Any, many: bool, N: int) -> list[list[Any]]:
        """For every layer and direction, its initial states (H, N)."""
        runs, H = self.num_layers * (1 + self.bidirectional), self.hidden_size
        given = self._given(hx, self.states)
        for i, h in enumerate(given):
            if h is not None:
                argument = "hx" if self.states == 1 else f"hx[{i}]"
                self._check_state(argument, h, input, (runs, N, H) if many else (runs, H))
        zeros = np.zeros((H, N), self._weights("_l0")[0].dtype)
        return [
            [zeros if h is None else ops.reshape(h[run], N, H).T for h in given]
            for run in range(runs)
        ]

    def extra_repr(self) -> str:
        shown = {"num_layers": 1, "bias": True, "batch_first": False, "bidirectional": False}
        options = [
            f"{name}={getattr(self, name)}"
            for name, default in shown.items()
            if getattr(self, name) != default
        ]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *options])


class RNN(Recurrent):
    """h_t = φ(U x_t + b_U + W h_{t−1} + b_W) with φ = tanh or ReLU; Elman (1990)

    ``output, h_n = rnn(input, hx)``. Shapes: input (T, N, input_size), or (N, T, input_size) with
    ``batch_first``, or (T, input_size) for one sequence; output the same with hidden_size (twice
    that when ``bidirectional``): the last layer's h_t for every t. ``hx``, zeros by default, and
    ``h_n`` are (layers · directions, N, hidden_size): the states before the first and after the last
    step. All weights start from U(−1/√hidden, 1/√hidden). Raises ValueError where shapes do not
    fit, TypeError where dtypes differ. ``dropout`` is left out.

    >>> rnn = RNN(3, 4, num_layers=2)
    >>> output, h_n = rnn(np.zeros((5, 2, 3), np.float32))
    >>> output.shape, h_n.shape
    ((5, 2, 4), (2, 2, 4))
    """

    alpha = 0.0

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: None = None,
        dtype: DTypeLike | None = None,
        *,
        generator: Generator = None,
    ) -> None:
        self.nonlinearity = _known(type(self).__name__, nonlinearity)
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device,
            dtype, generator=generator,
        )  # fmt: skip

    def _sequence(self, x: Any, start: list[Any], weights: list[Any]) -> tuple[Tensor, list[Any]]:
        U, W, b_U, b_W = weights
        b = b_U if b_U is None else b_U + b_W
        y = _rnn(x, *start, U, W, b, phi=self.nonlinearity, alpha=self.alpha)
        return y, [y[-1:]]


class LeakyRNN(RNN):
    """h_t = α h_{t−1} + (1 − α) φ(U x_t + W h_{t−1} + b): leaky units; Jaeger et al. (2007)

    ``alpha``, from 0 (an ordinary :class:`RNN`) to below 1, is what a unit keeps of its old state:
    after t steps αᵗ of it is left, so it remembers about 1 / (1 − α) steps. Options, shapes and
    errors as in RNN.

    >>> leaky = LeakyRNN(1, 1, alpha=0.5, bias=False)
    >>> leaky.weight_hh_l0.data = [[0.0]]
    >>> output, _ = leaky(np.zeros((2, 1), np.float32), np.ones((1, 1), np.float32))
    >>> output.data
    array([[0.5 ],
           [0.25]], dtype=float32)
    """

    def __init__(
        self, input_size: int, hidden_size: int, alpha: float = 0.9, **options: Any
    ) -> None:
        if not 0 <= alpha < 1:
            raise ValueError(f"{type(self).__name__}: alpha must be from 0 to below 1, not {alpha}")
        super().__init__(input_size, hidden_size, **options)
        self.alpha = float(alpha)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, alpha={self.alpha}"


# One step at a time --------------------------------------------------------------------------


class Cell(_Weights):
    """One step of a recurrent layer, written with ordinary ops."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: None = None,
        dtype: DTypeLike | None = None,
        *,
        generator: Generator = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device)
        self._add_weights(input_size, dtype, generator)

    def _before(self, input: Any, hx: Any, states: int = 1) -> list[Any]:
        """The states before the step: as given, once they fit, else zeros."""
        shape = (*self._check(input, {2: "(N, features)", 1: "(features,)"})[:-1], self.hidden_size)
        given = self._given(hx, states)
        for i, h in enumerate(given):
            if h is not None:
                self._check_state("hx" if states == 1 else f"hx[{i}]", h, input, shape)
        zeros = np.zeros(shape, self._weights()[0].dtype)
        return [zeros if h is None else h for h in given]

    def _sums(self, input: Any, h: Any) -> tuple[Tensor, Tensor]:
        """U x + b_U and W h + b_W, one example per row"""
        U, W, b_U, b_W = self._weights()
        return linear(input, U, b_U), linear(h, W, b_W)

    def _parts(self, z: Tensor) -> list[Tensor]:
        """The rows of each gate."""
        H = self.hidden_size
        return [z[..., k * H : (k + 1) * H] for k in range(self.gates)]

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + ", bias=False" * (not self.bias)


class RNNCell(Cell):
    """h′ = φ(U x + b_U + W h + b_W): one step of an :class:`RNN`

    ``h = cell(input, h)``. Shapes: input (N, input_size) or (input_size,), h (N, hidden_size) or
    (hidden_size,), zeros by default.

    >>> RNNCell(3, 4)(np.zeros((2, 3), np.float32)).shape
    (2, 4)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: None = None,
        dtype: DTypeLike | None = None,
        *,
        generator: Generator = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype, generator=generator)
        self.nonlinearity = _known("RNNCell", nonlinearity)

    def forward(self, input: Any, hx: Any = None) -> Tensor:
        (h,) = self._before(input, hx)
        from_input, from_past = self._sums(input, h)
        return (tanh if self.nonlinearity == "tanh" else relu)(from_input + from_past)

    def extra_repr(self) -> str:
        other = f", nonlinearity={self.nonlinearity}" * (self.nonlinearity != "tanh")
        return super().extra_repr() + other


def _known(name: str, nonlinearity: str) -> str:
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"{name}: nonlinearity must be 'tanh' or 'relu', not {nonlinearity!r}")
    return nonlinearity
