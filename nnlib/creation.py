"""Tensors from nothing: zeros, ranges and random numbers under torch's names, and ``.to``.

Sizes are whole numbers or one tuple of them, so that ``zeros(2, 3)`` and ``zeros((2, 3))`` are both
of shape (2, 3). All take ``dtype=`` (float32 by default, int64 for what counts), ``device="cpu"``
and ``requires_grad=``; what is random takes ``generator=`` (nnlib's default one if None). Each
raises TypeError for what is no number, ValueError for a size below 0 and RuntimeError for a device
other than the CPU. As in torch, under the same names.

>>> zeros(2, 3)
tensor([[0., 0., 0.],
        [0., 0., 0.]])
>>> arange(3, dtype=np.float64, requires_grad=True)
tensor([0., 1., 2.], dtype=float64, requires_grad=True)
"""

from __future__ import annotations

import math
from typing import Any, Literal, TypedDict, Unpack

import numpy as np
from numpy.typing import DTypeLike

from nnlib import ops, random
from nnlib.engine import Array, Tensor
from nnlib.tensors import _wrap

__all__ = [
    "Options", "accelerator", "arange", "as_tensor", "backends", "bernoulli", "cuda", "device",
    "empty", "empty_like", "eye", "from_numpy", "full", "full_like", "is_tensor", "linspace", "mps",
    "multinomial", "normal", "ones", "ones_like", "rand", "rand_like", "randint",
    "randint_like", "randn", "randn_like", "randperm", "tensor", "to", "zeros", "zeros_like",
]  # fmt: skip


class device:
    """Where a Tensor lives: ``device("cpu")``, for there is no other here."""

    def __init__(self, type: Any = "cpu", index: int | None = None) -> None:
        _on_cpu(type)
        self.type, self.index = "cpu", index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and other.index == self.index

    def __hash__(self) -> int:
        return hash(("cpu", self.index))

    def __str__(self) -> str:
        return self.type

    def __repr__(self) -> str:
        return "device(type='cpu')"


class Options(TypedDict, total=False):
    """What every function here takes by name."""

    dtype: DTypeLike | None
    device: Any
    requires_grad: bool
    pin_memory: bool  # it changes nothing on a CPU


def _on_cpu(where: Any) -> None:
    if where is not None and str(where).partition(":")[0] != "cpu":
        message = 'nnlib computes on the CPU alone: write "cpu", or leave device out'
        raise RuntimeError(f"device: there is no {str(where)!r} here; {message}")


def _new(
    array: Any, usual: Any = np.float32, *, dtype: DTypeLike | None = None, device: Any = None,
    requires_grad: bool = False, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """The array as a Tensor of this dtype, or else of the ``usual`` one."""
    _on_cpu(device)
    made = _wrap(np.asarray(array).astype(usual if dtype is None else dtype, copy=False))
    made.requires_grad = requires_grad
    return made


def _size(size: tuple[Any, ...]) -> tuple[int, ...]:
    """``zeros(2, 3)``, ``zeros((2, 3))`` and ``zeros([2, 3])``."""
    sizes = size[0] if len(size) == 1 and isinstance(size[0], tuple | list) else size
    return tuple(n.__index__() for n in sizes)


def _values(x: Any) -> Array:
    return x.data if isinstance(x, Tensor) else np.asarray(x)


# From data -----------------------------------------------------------------------------------


def tensor(
    data: Any, *, dtype: DTypeLike | None = None, device: Any = None, requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """The data as a Tensor of its own: a copy, of the same shape

    Arrays keep their dtype, lists of floats become float32. Shapes and errors as in
    :class:`~nnlib.Tensor`. As torch.tensor.

    >>> tensor([[1, 2], [3, 4]], dtype=np.float64)
    tensor([[1., 2.],
            [3., 4.]], dtype=float64)
    """
    _on_cpu(device)
    return Tensor(data, dtype=dtype, requires_grad=requires_grad)


def is_tensor(obj: Any) -> bool:
    """Whether it is a Tensor"""
    return isinstance(obj, Tensor)


def as_tensor(data: Any, **options: Unpack[Options]) -> Tensor:
    """The data as a Tensor, which shares the memory of an array of the same dtype"""
    if isinstance(data, Tensor):
        return to(data, options.get("dtype"), device=options.get("device"))
    return (
        _new(data, data.dtype, **options) if type(data) is np.ndarray else tensor(data, **options)
    )


def from_numpy(ndarray: Array) -> Tensor:
    """The array as a Tensor that shares its memory: what is written into one is in the other"""
    if type(ndarray) is not np.ndarray or ndarray.dtype.kind not in "fiub":
        raise TypeError(f"from_numpy: needs a NumPy array of numbers, not {ndarray!r:.60}")
    return _wrap(ndarray)


# Filled --------------------------------------------------------------------------------------


def zeros(*size: Any, **options: Unpack[Options]) -> Tensor:
    """Zeros"""
    return _new(np.zeros(_size(size), np.float32), **options)


def ones(*size: Any, **options: Unpack[Options]) -> Tensor:
    """Ones"""
    return _new(np.ones(_size(size), np.float32), **options)


def empty(*size: Any, **options: Unpack[Options]) -> Tensor:
    """Room for values that are still to be written (here zeros, so that nothing stays to chance)"""
    return zeros(*size, **options)


def full(size: Any, fill_value: Any, **options: Unpack[Options]) -> Tensor:
    """The same number everywhere; its kind says the dtype"""
    value = _values(fill_value)
    usual = Tensor(fill_value).dtype
    return _new(np.full(_size((size,)), value), usual, **options)


def eye(n: int, m: int | None = None, **options: Unpack[Options]) -> Tensor:
    """Ones on the diagonal of an (n, m) matrix, zeros elsewhere"""
    return _new(np.eye(n, m), **options)


def zeros_like(input: Any, **options: Unpack[Options]) -> Tensor:
    """Zeros of the shape and dtype of the input"""
    x = _values(input)
    return _new(np.zeros(x.shape, x.dtype), x.dtype, **options)


def ones_like(input: Any, **options: Unpack[Options]) -> Tensor:
    """Ones of the shape and dtype of the input"""
    x = _values(input)
    return _new(np.ones(x.shape, x.dtype), x.dtype, **options)


def empty_like(input: Any, **options: Unpack[Options]) -> Tensor:
    """Room for values, of the shape and dtype of the input"""
    return zeros_like(input, **options)


def full_like(input: Any, fill_value: Any, **options: Unpack[Options]) -> Tensor:
    """The same number everywhere, in the shape and dtype of the input"""
    x = _values(input)
    return _new(np.full(x.shape, _values(fill_value)), x.dtype, **options)


# Ranges --------------------------------------------------------------------------------------


def _whole(options: Options) -> bool:
    dtype = options.get("dtype")
    return dtype is not None and np.dtype(dtype).kind in "iu"


def arange(start: Any, end: Any = None, step: Any = 1, **options: Unpack[Options]) -> Tensor:
    """start, start + step, … as long as it is below ``end``; ``arange(n)`` counts from 0"""
    given = (0, start, step) if end is None else (start, end, step)
    first, last, step = (x.item() if hasattr(x, "item") else x for x in given)
    if options.get("dtype") == np.int64:
        first, last, step = int(first), int(last), int(step)
    if step == 0 or (last - first) / step < 0:
        raise ValueError(f"arange: steps of {step} do not lead from {first} to {last}")
    n = math.ceil((last - first) / step)
    whole = all(isinstance(x, int) for x in (first, last, step))
    if _whole(options):
        first, step = int(first), int(step)
    return _new(first + step * np.arange(n), np.int64 if whole else np.float32, **options)


def linspace(start: Any, end: Any, steps: int, **options: Unpack[Options]) -> Tensor:
    """``steps`` numbers from ``start`` to ``end``, both included, equally far apart"""
    first, last = (int(x) if _whole(options) else float(x) for x in (start, end))
    return _new(np.linspace(first, last, steps), **options)


# Random --------------------------------------------------------------------------------------


def rand(*size: Any, generator: Any = None, **options: Unpack[Options]) -> Tensor:
    """Numbers drawn evenly from [0, 1)"""
    return _new(random.generator(generator).random(_size(size)), **options)


def randn(*size: Any, generator: Any = None, **options: Unpack[Options]) -> Tensor:
    """Numbers drawn from the normal distribution N(0, 1)"""
    return _new(random.generator(generator).standard_normal(_size(size)), **options)


def randint(
    low: Any = 0, high: Any = None, size: Any = None, *, generator: Any = None,
    **options: Unpack[Options],
) -> Tensor:  # fmt: skip
    """Whole numbers drawn evenly from [low, high); ``randint(high, size)`` begins at 0"""
    if size is None:  # randint(high, size)
        low, high, size = 0, low, high
    elif high is None:  # randint(high, size=size)
        low, high = 0, low
    drawn = random.generator(generator).integers(low, high, _size((size,)))
    return _new(drawn, np.int64, **options)


def randperm(n: int, *, generator: Any = None, **options: Unpack[Options]) -> Tensor:
    """The numbers from 0 to n − 1 in random order"""
    return _new(random.generator(generator).permutation(n), np.int64, **options)


def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Any = None,
    **options: Unpack[Options],
) -> Tensor:  # fmt: skip
    """Numbers drawn from N(mean, std²); both may be Tensors, whose shapes broadcast"""
    m, s = _values(mean), _values(std)
    shape = np.broadcast_shapes(m.shape, s.shape) if size is None else _size((size,))
    drawn = random.generator(generator).standard_normal(shape)
    kinds = [x.dtype for x in (mean, std) if isinstance(x, Tensor | np.ndarray)]
    return _new(m + s * drawn, kinds[0] if kinds else np.float32, **options)


def rand_like(input: Any, *, generator: Any = None, **options: Unpack[Options]) -> Tensor:
    """Numbers drawn evenly from [0, 1), in the shape and dtype of the input"""
    x = _values(input)
    return _new(random.generator(generator).random(x.shape), x.dtype, **options)


def randn_like(input: Any, *, generator: Any = None, **options: Unpack[Options]) -> Tensor:
    """Numbers drawn from N(0, 1), in the shape and dtype of the input"""
    x = _values(input)
    return _new(random.generator(generator).standard_normal(x.shape), x.dtype, **options)


def randint_like(
    input: Any, low: int, high: int | None = None, *, generator: Any = None,
    **options: Unpack[Options],
) -> Tensor:  # fmt: skip
    """Whole numbers drawn evenly from [low, high), in the shape and dtype of the input"""
    x = _values(input)
    low, high = (0, low) if high is None else (low, high)
    return _new(random.generator(generator).integers(low, high, x.shape), x.dtype, **options)


def bernoulli(input: Any, *, generator: Any = None) -> Tensor:
    """1 with the probability that stands in the input, else 0"""
    p = _values(input)
    return _wrap((random.generator(generator).random(p.shape) < p).astype(p.dtype))


def multinomial(
    input: Any, num_samples: int, replacement: bool = False, *, generator: Any = None
) -> Tensor:
    """``num_samples`` places per row, drawn in proportion to the weights of a (V,) or (N, V) input"""
    rng, p = random.generator(generator), np.float64(_values(input))
    drawn = [
        rng.choice(len(row), num_samples, replacement, row / row.sum()) for row in np.atleast_2d(p)
    ]
    return _wrap(np.reshape(np.array(drawn, np.int64), (*p.shape[:-1], num_samples)))


# From one dtype to another -------------------------------------------------------------------


def to(
    self: Tensor, *target: Any, dtype: DTypeLike | None = None, device: Any = None,
    non_blocking: bool = False, copy: bool = False, memory_format: Any = None,
) -> Tensor:  # fmt: skip
    """The values in another dtype: ``x.to(dtype)``, ``x.to("cpu")``, ``x.to(other)``; x, if it is so"""
    for part in target:
        if isinstance(part, Tensor):
            dtype = part.dtype
        elif isinstance(part, str | _DEVICE):
            device = part
        elif part is not None and not isinstance(part, bool):  # else non_blocking, copy
            dtype = part
    _on_cpu(device)
    if (dtype is None or np.dtype(dtype) == self.dtype) and not copy:
        return self
    wanted = self.dtype if dtype is None else np.dtype(dtype)
    return ops.astype(self if wanted.kind == "f" else self.detach(), dtype=wanted)


_DEVICE = device  # the class: an argument of the same name hides it


# What a script asks of a machine -------------------------------------------------------------


class _Absent:
    """Hardware that nnlib does not use: ``is_available()`` is False, what seeds it does nothing."""

    def is_available(self) -> Literal[False]:
        return False

    def device_count(self) -> Literal[0]:
        return 0

    def manual_seed(self, seed: int) -> None: ...

    manual_seed_all = manual_seed


class _Backends:
    """``torch.backends.cudnn.benchmark = True`` and the like, which change no value here."""

    mps, cudnn = _Absent(), _Absent()


cuda, mps, accelerator, backends = _Absent(), _Absent(), _Absent(), _Backends()
