"""Chance: the library's default generator, and how to seed it."""

from __future__ import annotations

from functools import cache

import numpy as np

__all__ = ["generator", "manual_seed"]


@cache
def _default() -> np.random.Generator:
    """Made when it is first asked for: loading NumPy's random numbers takes a while."""
    return np.random.default_rng()


def manual_seed(seed: int) -> np.random.Generator:
    """Restart the library's default generator from ``seed`` and return it. As torch.manual_seed.

    Raises ValueError where ``seed`` is not a whole number from 0.

    >>> a = manual_seed(0).normal()
    >>> a == manual_seed(0).normal()
    True
    """
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"manual_seed: seed must be a whole number from 0, not {seed!r:.60}")
    _default().bit_generator.state = np.random.default_rng(seed).bit_generator.state
    return _default()


def generator(given: np.random.Generator | None = None) -> np.random.Generator:
    """``given``, or else the library's default generator: what every ``generator=`` goes through.

    Raises TypeError for anything but a np.random.Generator.

    >>> rng = np.random.default_rng(0)
    >>> generator(rng) is rng, generator() is manual_seed(0)
    (True, True)
    """
    if given is None:
        return _default()
    if not isinstance(given, np.random.Generator):
        raise TypeError(f"generator must come from np.random.default_rng(seed), not {given!r:.40}")
    return given
