"""More functions of one entry, beside those of ops.py: sin, floor, isnan, and, or, ….

Inputs are Tensors, arrays or numbers of any shape; those of one op are broadcast against each
other. Where they do not fit, each raises ValueError or TypeError that begins with its name. As in
torch, under the same names.

>>> floor(Tensor([0.5, -0.5]))
tensor([ 0., -1.])
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlib import ops, reshaping, special
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.masks import selected
from nnlib.promotion import arithmetic, calculus
from nnlib.tensors import _wrap

__all__ = [
    "acos",
    "add",
    "allclose",
    "asin",
    "atan",
    "atan2",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "ceil",
    "cos",
    "cosh",
    "equal",
    "erf",
    "exp2",
    "expm1",
    "floor",
    "floor_divide",
    "fmod",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "lerp",
    "log1p",
    "log2",
    "log10",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "minimum",
    "reciprocal",
    "remainder",
    "round",
    "rsqrt",
    "sin",
    "sinh",
    "square",
    "sub",
    "tan",
    "trunc",
    "xlogy",
]  # fmt: skip

# Arithmetic ----------------------------------------------------------------------------------


def add(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """x + alpha · y"""
    return ops.add(input, other if alpha == 1 else ops.mul(other, alpha))


def sub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """x − alpha · y"""
    return ops.sub(input, other if alpha == 1 else ops.mul(other, alpha))


# Angles --------------------------------------------------------------------------------------


@calculus
def sin(x: Array) -> Vjps:
    """sin x"""
    return np.sin(x), lambda g: g * np.cos(x)


@calculus
def cos(x: Array) -> Vjps:
    """cos x"""
    return np.cos(x), lambda g: -g * np.sin(x)


@calculus
def tan(x: Array) -> Vjps:
    """tan x"""
    y = np.tan(x)
    return y, lambda g: g * (1 + y * y)


@calculus
def asin(x: Array) -> Vjps:
    """arcsin x"""
    return np.arcsin(x), lambda g: g / np.sqrt(1 - x * x)


@calculus
def acos(x: Array) -> Vjps:
    """arccos x"""
    return np.arccos(x), lambda g: -g / np.sqrt(1 - x * x)


@calculus
def atan(x: Array) -> Vjps:
    """arctan x"""
    return np.arctan(x), lambda g: g / (1 + x * x)


@calculus
def atan2(y: Array, x: Array) -> Vjps:
    """The angle of the point (x, y), from −π to π"""
    r2 = x * x + y * y
    return np.arctan2(y, x), lambda g: g * (x / r2), lambda g: g * (-y / r2)


@calculus
def sinh(x: Array) -> Vjps:
    """(eˣ − e⁻ˣ) / 2"""
    return np.sinh(x), lambda g: g * np.cosh(x)


@calculus
def cosh(x: Array) -> Vjps:
    """(eˣ + e⁻ˣ) / 2"""
    return np.cosh(x), lambda g: g * np.sinh(x)


# Powers and logarithms -----------------------------------------------------------------------


@calculus
def exp2(x: Array) -> Vjps:
    """2ˣ, two to the power x"""
    y = np.exp2(x)
    return y, lambda g: g * y * math.log(2)


@calculus
def expm1(x: Array) -> Vjps:
    """eˣ − 1, exact also where x is small"""
    y = np.expm1(x)
    return y, lambda g: g * (y + 1)


@calculus
def log1p(x: Array) -> Vjps:
    """ln(1 + x), exact also where x is small"""
    return np.log1p(x), lambda g: g / (1 + x)


@calculus
def log2(x: Array) -> Vjps:
    """The logarithm to the base 2"""
    return np.log2(x), lambda g: g / (x * math.log(2))


@calculus
def log10(x: Array) -> Vjps:
    """The logarithm to the base 10"""
    return np.log10(x), lambda g: g / (x * math.log(10))


@calculus
def xlogy(x: Array, y: Array) -> Vjps:
    """x ln y, and 0 where x is 0, also at y = 0"""
    with np.errstate(divide="ignore", invalid="ignore"):
        log_y = np.log(y)
        z = np.where((x == 0) & ~np.isnan(y), 0, x * log_y)

    def dx(g: Array) -> Array:
        return np.where(np.equal(x, 0) & np.less_equal(y, 0), 0, g * log_y)

    return z.astype(log_y.dtype), dx, lambda g: g * x / y


@calculus
def rsqrt(x: Array) -> Vjps:
    """1 / √x"""
    y = 1 / np.sqrt(x)
    return y, lambda g: -0.5 * g * y**3


def square(input: Any) -> Tensor:
    """x², x times x"""
    return ops.pow(input, 2)


@calculus
def reciprocal(x: Array) -> Vjps:
    """1 / x"""
    y = 1 / x
    return y, lambda g: -g * (y * y)


@calculus
def erf(x: Array) -> Vjps:
    """erf(x) = 2/√π ∫₀ˣ exp(−t²) dt"""
    return special.erf(x), lambda g: g * (2 / math.sqrt(math.pi) * np.exp(-x * x))


@arithmetic
def lerp(x: Array, end: Array, weight: Array) -> Vjps:
    """x + weight · (end − x), from the nearer end"""
    way = end - x
    y = np.where(np.abs(weight) < 0.5, x + weight * way, end - way * (1 - weight))
    return y, lambda g: g * (1 - weight), lambda g: g * weight, lambda g: g * way


# Steps: their derivative is 0 wherever there is one ------------------------------------------


@op
def floor(x: Array) -> Vjps:
    """The next whole number below"""
    return np.floor(x), lambda g: np.zeros_like(g)


@op
def ceil(x: Array) -> Vjps:
    """The next whole number above"""
    return np.ceil(x), lambda g: np.zeros_like(g)


@op
def round(x: Array, *, decimals: int = 0) -> Vjps:
    """The nearest whole number, of two the even one"""
    return np.round(x, decimals), lambda g: np.zeros_like(g)


@op
def trunc(x: Array) -> Vjps:
    """The whole number towards 0"""
    return np.trunc(x), lambda g: np.zeros_like(g)


@arithmetic
def floor_divide(x: Array, y: Array) -> Vjps:
    """⌊x / y⌋; no gradient"""
    return (np.floor_divide(x, y),)


@arithmetic
def remainder(x: Array, y: Array) -> Vjps:
    """x − y ⌊x / y⌋: what % gives, with the sign of y"""
    return np.remainder(x, y), lambda g: g, lambda g: -g * np.floor_divide(x, y)


@arithmetic
def fmod(x: Array, y: Array) -> Vjps:
    """What is left of x, with the sign of x"""
    return np.fmod(x, y), lambda g: g, lambda g: -g * np.trunc(x / y)


# One of two ----------------------------------------------------------------------------------


@arithmetic
def minimum(x: Array, y: Array) -> Vjps:
    """The smaller of x and y; at a tie each gets half of the gradient"""
    return (
        np.minimum(x, y),
        lambda g: selected(np.where(np.equal(x, y), g / 2, g), ~np.greater(x, y)),
        lambda g: selected(np.where(np.equal(x, y), g / 2, g), ~np.less(x, y)),
    )


# True or False -------------------------------------------------------------------------------


def _test(name: str, ufunc: Any, doc: str) -> Any:
    def formula(*arrays: Array) -> Vjps:
        return (ufunc(*arrays),)

    formula.__name__ = formula.__qualname__ = name
    formula.__doc__ = doc
    return arithmetic(formula)


isnan = _test("isnan", np.isnan, "Whether it is no number")
isinf = _test("isinf", np.isinf, "Whether it is +∞ or −∞")
isfinite = _test("isfinite", np.isfinite, "Whether it is neither infinite nor NaN")
logical_not = _test("logical_not", np.logical_not, "True where x is 0")
logical_and = _test("logical_and", np.logical_and, "True where neither is 0")
logical_or = _test("logical_or", np.logical_or, "True where one is not 0")
logical_xor = _test("logical_xor", np.logical_xor, "True where just one is not 0")
bitwise_not = _test("bitwise_not", np.invert, "~x: not, of masks; every bit, of whole numbers")
bitwise_and = _test("bitwise_and", np.bitwise_and, "x & y: and, of masks")
bitwise_or = _test("bitwise_or", np.bitwise_or, "x | y: or, of masks")
bitwise_xor = _test("bitwise_xor", np.bitwise_xor, "x ^ y: either, but not both")


def isclose(
    input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Whether |x − y| ≤ atol + rtol |y|"""
    return _wrap(
        np.isclose(reshaping._array(input), reshaping._array(other), rtol, atol, equal_nan)
    )


def allclose(
    input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Whether all entries of x and y are close, as a plain True or False"""
    return bool(isclose(input, other, rtol, atol, equal_nan).data.all())


def equal(input: Any, other: Any) -> bool:
    """Whether x and y have one shape and the same entries, as a plain True or False"""
    return np.array_equal(reshaping._array(input), reshaping._array(other))
