"""Fused ops against their composed twins."""

import numpy as np
import pytest
from twins import TWINS

from nnlib import Tensor


@pytest.fixture(scope="session")
def same_as_twin():
    """Compare value and gradients of a formula with those of its twin, on arrays (None allowed)."""

    def compare(fused, arrays, **options):
        results = []
        for f in (fused, TWINS[fused.__name__.lstrip("_")]):
            tensors = [None if a is None else Tensor(a, requires_grad=True) for a in arrays]
            y = f(*tensors, **options)
            y.backward(np.random.default_rng(1).normal(size=y.shape))
            results.append([y.data, *(t.grad for t in tensors if t is not None)])
        for ours, twin in zip(*results, strict=True):
            np.testing.assert_allclose(ours, twin, rtol=1e-9, atol=1e-9)

    return compare
