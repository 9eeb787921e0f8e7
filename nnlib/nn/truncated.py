"""A normal distribution without its tails, to start transformers from: nn.init.trunc_normal_."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from nnlib.arguments import FinitePositive, Generator, checked
from nnlib.nn.init import T, _filled
from nnlib.random import generator as _generator


@checked
def trunc_normal_(
    tensor: T, mean: float = 0.0, std: FinitePositive = 1.0, a: float = -2.0, b: float = 2.0,
    generator: Generator = None,
) -> T:  # fmt: skip
    """w ~ N(mean, std²), but only between a and b; any shape

    Raises ValueError unless a is below b, and for a ``std`` that is not above 0. As in torch.

    >>> from nnlib.nn import Parameter
    >>> w = trunc_normal_(Parameter(np.zeros(500)), a=-1.0, b=0.5).data
    >>> bool(-1 <= w.min() < -0.9) and bool(0.4 < w.max() <= 0.5)
    True
    """
    if not -math.inf < a < b < math.inf:
        raise ValueError(f"trunc_normal_: a must be below b, and they are {a} and {b}")
    normal = NormalDist(mean, std)  # w = Φ⁻¹(u), with u between Φ(a) and Φ(b)
    u = _generator(generator).uniform(normal.cdf(a), normal.cdf(b), tensor.shape)
    inside = np.clip(u, np.finfo(float).tiny, 1 - np.finfo(float).epsneg)
    w = np.vectorize(normal.inv_cdf, otypes=[float])(inside)
    return _filled(tensor, np.clip(w, a, b))
