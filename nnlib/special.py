"""Special functions that NumPy lacks."""

from __future__ import annotations

import numpy as np

from nnlib.engine import Array

__all__ = ["erf"]

# Coefficients of W. J. Cody, Rational Chebyshev approximations for the error function (1969),
# highest power first, as np.polyval wants them.
_A = [1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2,
      3.20937758913846947e3]  # fmt: skip
_B = [1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
      2.84423683343917062e3]  # fmt: skip
_C = [2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
      2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
      1.23033935479799725e3]  # fmt: skip
_D = [1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
      1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3,
      1.23033935480374942e3]  # fmt: skip


def erf(x: Array) -> Array:
    """erf(x) = 2/√π ∫₀ˣ exp(−t²) dt, entry by entry, to about 1e-15.

    Any shape. Source: Cody (1969): one rational function near 0, another one for the tail.

    >>> float(erf(np.array(1.0)).round(12))
    0.84270079295
    """
    x = np.asarray(x)
    t = np.minimum(np.abs(x).astype(np.float64), 6.0)  # erf(6) is 1 to the last bit
    s = t * t
    near = t * np.polyval(_A, s) / np.polyval(_B, s)
    tail = 1 - np.exp(-s) * np.polyval(_C, t) / np.polyval(_D, t)
    y: Array = np.copysign(np.where(t <= 0.46875, near, tail), x)
    return y.astype(x.dtype) if x.dtype.kind == "f" else y
