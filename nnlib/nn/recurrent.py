"""Recurrent layers: the same weights at every step of a sequence; Elman (1990).

One op computes a whole sequence, and its vjps are *backpropagation through time*: the chain rule
from the last step to the first (Werbos 1990). Several layers and the two directions are composed of
it. Inside, each example is a column, x_t (d, N) and h_t (H, N), so that the equations read as the
lecture writes them: U for the input weights (PyTorch's ``weight_ih``), W for the recurrent ones
(``weight_hh``).
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from nnlib import ops
from nnlib.arguments import (
    Device,
    Dtype,
    FiniteNonNegative,
    Generator,
    HalfOpenUnit,
    PositiveInt,
    UnitInterval,
    checked,
    floats,
    shaped,
)
from nnlib.engine import Array, Tensor, Vjps, op, shared
from nnlib.masks import selected
from nnlib.nn.dropout import dropout
from nnlib.nn.init import uniform_
from nnlib.nn.module import Buffer, Module, Parameter
from nnlib.random import generator as _generator


# The lecture's form: nnlib.lecture.rnn
@op
def _rnn(
    x: Array, h0: Array, U: Array, W: Array, b: Array | None, *, phi: str, alpha: float
) -> Vjps:
    """h_t = α h_{t−1} + (1 − α) φ(U x_t + W h_{t−1} + b); the value is [h₁ … h_T]"""
    phi_z = at_all_times(U, x)  # the first part of each z; the loop makes φ(z) of it, in place
    if b is not None:
        phi_z += b[:, None]
    h = np.empty((len(x) + 1, *h0.shape), x.dtype)
    h[0] = h0
    for z, past, now in zip(phi_z, h, h[1:], strict=False):
        z += W @ past
        np.tanh(z, out=z) if phi == "tanh" else np.maximum(z, 0, out=z)
        np.multiply(z, 1 - alpha, out=now)
        if alpha:
            now += alpha * past

    @shared
    def through_time(g: Array) -> tuple[Array, Array]:
        """∂L/∂z_t for every t, and ∂L/∂h₀"""
        dphi = 1 - phi_z * phi_z if phi == "tanh" else (phi_z > 0).astype(phi_z.dtype)
        dz = (1 - alpha) * dphi
        dh = np.zeros_like(h[0])
        for slope, gt in zip(dz[::-1], g[::-1], strict=True):
            dh += gt  # what h_t did to the loss directly, and through all later steps
            slope *= dh if phi == "tanh" else selected(dh, slope > 0)
            dh = W.T @ slope + (alpha * dh if alpha else 0.0)  # 0 · ∞ is no gradient
        return dz, dh

    return (
        h[1:],
        lambda g: U.T @ through_time(g)[0],  # ∂L/∂x_t = Uᵀ ∂L/∂z_t
        lambda g: through_time(g)[1],
        lambda g: sum_over_time(through_time(g)[0], x),  # ∂L/∂U = Σₜ ∂L/∂z_t x_tᵀ
        lambda g: sum_over_time(through_time(g)[0], h[:-1]),  # ∂L/∂W = Σₜ ∂L/∂z_t h_{t−1}ᵀ
        lambda g: through_time(g)[0].sum(0).sum(1),
    )


def at_all_times(U: Array, x: Array) -> Any:
    """U x_t for every t (NumPy's ``@`` is slow where there is but one column)"""
    x = np.ascontiguousarray(x)
    return U * x if U.shape[1] == 1 else U @ x


def sum_over_time(a: Array, b: Array) -> Any:
    """Σₜ a_t b_tᵀ: every step uses the same weights, so their gradients add up."""
    return (a @ b.transpose(0, 2, 1)).sum(0)


WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Recurrent(Module):
    """Layers and directions, composed of what a kind of them says in ``sequence``."""

    gates, states = 1, 1  # rows of weights per unit; an LSTM has a second state, c

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int, bias: bool, batch_first: bool,
        dropout: float, bidirectional: bool, dtype: Dtype | None, generator: Generator,
    ) -> None:  # fmt: skip
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.bidirectional = bias, batch_first, bidirectional
        self.dropout, self.generator = dropout, generator
        rows, inputs = self.gates * hidden_size, input_size
        for layer in self.layers():
            for run in layer:
                shapes = (rows, inputs), (rows, hidden_size), (rows,), (rows,)
                for name, shape in zip(WEIGHTS, shapes[: 2 + 2 * bias], strict=False):
                    blank = np.empty(shape, dtype or np.float32)
                    setattr(self, name + run, self.start(name, blank, generator))
            inputs = hidden_size * len(layer)

    def start(self, name: str, blank: Array, generator: Generator) -> Tensor:
        """The weight or bias called ``name``, as ``blank``, before training."""
        bound = 1 / math.sqrt(self.hidden_size)
        return uniform_(Parameter(blank), -bound, bound, generator)

    def layers(self) -> list[list[str]]:
        """For each layer what runs over the sequence: the endings of the parameters' names."""
        ways = ["", "_reverse"][: 1 + self.bidirectional]
        return [[f"_l{layer}{way}" for way in ways] for layer in range(self.num_layers)]

    def sequence(self, x: Any, start: list[Any], weights: list[Any]) -> tuple[Tensor, list[Any]]:
        """[h₁ … h_T] as (T, H, N), and the last states as (1, H, N) each."""
        raise NotImplementedError

    def forward(self, input: Any, hx: Any = None) -> Any:
        batched = "(N, T, features)" if self.batch_first else "(T, N, features)"
        shape = self._check(input, {3: batched, 2: "(T, features)"})
        turned = len(shape) == 3 and self.batch_first
        x = ops.transpose(input, 0, 1) if turned else input
        T, *batch, _ = x.shape
        if T == 0:
            raise ValueError(f"{type(self).__name__}: input {shape} has no time steps")
        N, H, runs = math.prod(batch), self.hidden_size, sum(map(len, self.layers()))

        def columns(a: Any) -> Tensor:
            return ops.transpose(a if batch else ops.reshape(a, len(a), 1, a.shape[-1]), 1, 2)

        def rows(a: Tensor) -> Tensor:
            back = ops.transpose(a, 1, 2)
            return back if batch else back.reshape(len(a), a.shape[1])

        if hx is None:
            start: list[Any] = [np.zeros((runs, H, N), x.dtype)] * self.states
        else:
            start = [columns(h) for h in self._states(input, hx, (runs, *batch, H))]
        y, last = self._run(columns(x), start)
        output, *final = (rows(a) for a in (y, *last))
        output = output.transpose(0, 1) if turned else output
        return output, (final[0] if self.states == 1 else tuple(final))

    def _states(self, input: Any, hx: Any, shape: tuple[int, ...]) -> list[Any]:
        """The states before the first step, as given, once they fit."""
        name = type(self).__name__
        given = [hx] if self.states == 1 else hx
        if not isinstance(given, tuple | list) or len(given) != self.states:
            raise TypeError(f"{name}: hx must be a pair of Tensors (h, c)")
        for h in given:
            shaped(name, shape, hx=floats(name, input=input, hx=h)[1])
        return list(given)

    def _run(self, y: Any, start: list[Any]) -> tuple[Any, list[Any]]:
        """Feed y (T, d, N) through all layers; what the last one gives, and all last states."""
        last: list[list[Any]] = []
        for layer in self.layers():
            if last and self.dropout:  # between two layers
                y = dropout(y, self.dropout, self.training, generator=self.generator)
            outputs = []
            for run in layer:
                back = run.endswith("reverse")  # it reads the sequence from its end
                first = [states[len(last)] for states in start]
                h, states = self.sequence(y[::-1] if back else y, first, self._weights(run))
                outputs.append(h[::-1] if back else h)
                last.append(states)
            y = ops.cat(outputs, 1) if len(outputs) > 1 else outputs[0]
        kinds = zip(*last, strict=True)  # all h, and all c
        return y, [ops.cat(kind) if len(kind) > 1 else kind[0] for kind in kinds]

    def _weights(self, run: str) -> list[Any]:
        """U, W and the two biases; None where there are none."""
        return [getattr(self, name + run, None) for name in WEIGHTS]

    def _check(self, input: Any, axes: dict[int, str]) -> tuple[int, ...]:
        """The shape of the input, once it fits."""
        name, weight = type(self).__name__, self._weights(self.layers()[0][0])[0]
        shape: tuple[int, ...] = floats(name, input=input, weight=weight)[0].shape
        if len(shape) not in axes:
            known = " or ".join(axes.values())
            raise ValueError(f"{name}: input must be {known}, not of shape {shape}")
        if shape[-1] != self.input_size:
            message = f"input has {shape[-1]} features, the layer expects {self.input_size}"
            raise ValueError(f"{name}: {message} — input is {shape}")
        return shape


class Cell(Recurrent):
    """One step of a recurrent layer: a sequence of length 1."""

    def layers(self) -> list[list[str]]:
        return [[""]]

    def forward(self, input: Any, hx: Any = None) -> Any:
        *batch, features = self._check(input, {2: "(N, features)", 1: "(features,)"})
        start = None
        if hx is not None:
            states = self._states(input, hx, (*batch, self.hidden_size))
            start = [ops.reshape(h, 1, *batch, self.hidden_size) for h in states]
        x = ops.reshape(input, 1, *batch, features)
        _, last = super().forward(x, start[0] if start and self.states == 1 else start)
        return last[0] if self.states == 1 else tuple(h[0] for h in last)


class RNN(Recurrent):
    """h_t = φ(U x_t + b_U + W h_{t−1} + b_W) with φ = tanh or ReLU; Elman (1990)

    ``output, h_n = rnn(input, hx)``. Shapes: input (T, N, input_size), or (N, T, input_size) with
    ``batch_first``, or (T, input_size) for one sequence; output the same with hidden_size (twice
    that when ``bidirectional``): the last layer's h_t for every t. ``hx``, zeros by default, and
    ``h_n`` are (layers · directions, N, hidden_size): the states before the first and after the last
    step. All weights start from U(−1/√hidden, 1/√hidden). Raises ValueError where shapes do not
    fit, TypeError where dtypes differ. ``dropout`` drops units between two layers, in training.

    >>> rnn = RNN(3, 4, num_layers=2)
    >>> output, h_n = rnn(np.zeros((5, 2, 3), np.float32))
    >>> output.shape, h_n.shape
    ((5, 2, 4), (2, 2, 4))
    """

    alpha = 0.0  # what a unit keeps of its old state

    @checked
    def __init__(
        self, input_size: PositiveInt, hidden_size: PositiveInt, num_layers: PositiveInt = 1,
        nonlinearity: Literal["tanh", "relu"] = "tanh", bias: bool = True,
        batch_first: bool = False, dropout: UnitInterval = 0.0, bidirectional: bool = False,
        device: Device = None, dtype: Dtype | None = None, *, generator: Generator = None,
    ) -> None:  # fmt: skip
        self.nonlinearity = nonlinearity
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype,
            generator,
        )  # fmt: skip

    def sequence(self, x: Any, start: list[Any], weights: list[Any]) -> tuple[Tensor, list[Any]]:
        U, W, b_U, b_W = weights
        b = b_U if b_U is None else b_U + b_W
        y = _rnn(x, *start, U, W, b, phi=self.nonlinearity, alpha=self.alpha)
        return y, [y[[-1]]]  # a copy, which shares nothing with y


class RNNCell(Cell, RNN):
    """h′ = φ(U x + b_U + W h + b_W): one step of an :class:`RNN`

    ``h = cell(input, h)``. Shapes: input (N, input_size) or (input_size,), h (N, hidden_size) or
    (hidden_size,), zeros by default. Errors and source as in :class:`RNN`.

    >>> RNNCell(3, 4)(np.zeros((2, 3), np.float32)).shape
    (2, 4)
    """

    @checked
    def __init__(
        self, input_size: PositiveInt, hidden_size: PositiveInt, bias: bool = True,
        nonlinearity: Literal["tanh", "relu"] = "tanh", device: Device = None,
        dtype: Dtype | None = None, *, generator: Generator = None,
    ) -> None:  # fmt: skip
        super().__init__(
            input_size, hidden_size, 1, nonlinearity, bias, dtype=dtype, generator=generator
        )


class LeakyRNN(RNN):
    """h_t = α h_{t−1} + (1 − α) φ(U x_t + W h_{t−1} + b): leaky units; Jaeger et al. (2007)

    ``alpha``, from 0 (an ordinary :class:`RNN`) to below 1, is what a unit keeps of its old state:
    after t steps αᵗ of it is left, so it remembers about 1 / (1 − α) steps. Raises ValueError for
    another ``alpha``. Options, shapes and other errors as in :class:`RNN`.

    >>> leaky = LeakyRNN(1, 1, alpha=0.5, bias=False)
    >>> leaky.weight_hh_l0.data = [[0.0]]
    >>> output, _ = leaky(np.zeros((2, 1), np.float32), np.ones((1, 1), np.float32))
    >>> output.data
    array([[0.5 ],
           [0.25]], dtype=float32)
    """

    @checked
    def __init__(
        self, input_size: PositiveInt, hidden_size: PositiveInt, alpha: HalfOpenUnit = 0.9,
        num_layers: PositiveInt = 1, nonlinearity: Literal["tanh", "relu"] = "tanh",
        bias: bool = True, batch_first: bool = False, dropout: UnitInterval = 0.0,
        bidirectional: bool = False, device: Device = None, dtype: Dtype | None = None, *,
        generator: Generator = None,
    ) -> None:  # fmt: skip
        self.alpha = alpha
        super().__init__(
            input_size, hidden_size, num_layers, nonlinearity, bias, batch_first, dropout,
            bidirectional=bidirectional, dtype=dtype, generator=generator,
        )  # fmt: skip


class EchoState(LeakyRNN):
    """h_t = α h_{t−1} + (1 − α) tanh(U x_t + W h_{t−1}): a reservoir whose U and W stay as drawn

    U ~ U(−input_scale, input_scale); W ~ N(0, 1), then rescaled such that its largest |eigenvalue|
    is ``spectral_radius``. Memory of the input is best just below 1; there, two different starts
    are forgotten (the "echo state"), though |λ| < 1 neither guarantees nor is needed for that:
    Yildiz, Jaeger and Kiebel (2012). ``alpha`` is the leak of :class:`~nnlib.nn.LeakyRNN` (Jaeger's
    a is 1 − α). Only a read-out on the states is trained, by (ridge) regression.

    ``states, h_n = reservoir(input, hx)``, shapes as in :class:`~nnlib.nn.RNN`. ``weight_ih_l0`` and
    ``weight_hh_l0`` are buffers. Raises ValueError for options out of range.

    >>> reservoir = EchoState(1, 50, spectral_radius=0.9)
    >>> round(float(abs(np.linalg.eigvals(reservoir.weight_hh_l0.data)).max()), 4)
    0.9
    >>> list(reservoir.parameters())
    []
    """

    @checked
    def __init__(
        self, input_size: PositiveInt, hidden_size: PositiveInt,
        spectral_radius: FiniteNonNegative = 0.9, input_scale: FiniteNonNegative = 0.1,
        alpha: HalfOpenUnit = 0.0, batch_first: bool = False, dtype: Dtype | None = None, *,
        generator: Generator = None,
    ) -> None:  # fmt: skip
        self.spectral_radius, self.input_scale = spectral_radius, input_scale
        super().__init__(
            input_size, hidden_size, alpha, bias=False, batch_first=batch_first, dtype=dtype,
            generator=generator,
        )  # fmt: skip

    def start(self, name: str, blank: Array, generator: Generator) -> Tensor:
        rng = _generator(generator)
        if name == "weight_ih":
            W = rng.uniform(-self.input_scale, self.input_scale, blank.shape)
        else:
            W = rng.normal(size=blank.shape)
            W *= self.spectral_radius / np.abs(np.linalg.eigvals(W)).max()
        return Buffer(W, dtype=blank.dtype)
