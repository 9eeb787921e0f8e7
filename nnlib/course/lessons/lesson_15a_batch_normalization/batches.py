"""Batches and running statistics to try batch norm on."""

import numpy as np

from nnlib.course.kit.inputs import Array, quarters


def spread(rng: np.random.Generator, N: int, C: int) -> Array:
    """Random multiples of 1/4, (N, C), no two columns of one mean and none without a spread."""
    Z: Array = quarters(rng, N, C) + 3.0 * np.arange(C) - 1.0
    Z[0] += 4.0
    Z[-1] -= 3.0
    return Z


def statistics(rng: np.random.Generator, C: int) -> Array:
    """Running statistics (2, C): means, and variances from 1/4 to 4."""
    return np.stack([quarters(rng, C), rng.integers(1, 17, C) / 4])
