"""What both widgets of this lesson need: where a penalized loss is lowest, exactly."""

from __future__ import annotations

from itertools import product

import numpy as np

from nnlib.course.kit.scene import Floats
from nnlib.nn.penalties import soft_threshold

PENALTIES = {"L2": "L2: λ ‖w‖²", "L1": "L1: λ ‖w‖₁"}


def size(w: Floats, penalty: str) -> float:
    """Ω(w), without its λ."""
    return float((w**2).sum() if penalty == "L2" else np.abs(w).sum())


def lowest_in_the_plane(H: Floats, best: Floats, lam: float, penalty: str) -> Floats:
    """The w (2,) that makes (w − w*)ᵀ H (w − w*) + λ Ω(w) smallest, w* being `best`.

    For L1 every pattern of signs gives one candidate; of those the lowest is it.

    >>> lowest_in_the_plane(np.eye(2), np.array([2.0, 0.25]), 1.0, "L1")
    array([1.5, 0. ])
    """
    if lam == 0:
        return best
    if penalty == "L2":
        w: Floats = np.linalg.solve(H + lam * np.eye(2), H @ best)
        return w
    candidates = [np.zeros(2)]
    for signs in product((-1, 0, 1), repeat=2):
        on = np.array(signs) != 0
        if on.any():
            w = np.zeros(2)
            pull = (H @ best - lam / 2 * np.array(signs))[on]
            w[on] = np.linalg.solve(H[np.ix_(on, on)], pull)
            if (np.sign(w) == signs).all():
                candidates.append(w)
    return min(candidates, key=lambda w: (w - best) @ H @ (w - best) + lam * np.abs(w).sum())


def path_of_weights(X: Floats, y: Floats, lams: Floats, penalty: str) -> Floats:
    """For each λ the w that makes 1/N Σₙ (yₙ − w·xₙ)² + λ Ω(w) smallest: (len(lams), d)."""
    N, d = X.shape
    A, c = X.T @ X / N, X.T @ y / N
    if penalty == "L2":
        return np.array([np.linalg.solve(A + lam * np.eye(d), c) for lam in lams])
    lr, w = 0.5 / np.linalg.eigvalsh(A)[-1], np.zeros(d)
    path = np.empty((len(lams), d))
    for k in np.argsort(lams)[::-1]:  # from the strongest: each begins where the last one ended
        for _ in range(5000):
            before = w
            w = soft_threshold(w - lr * 2 * (A @ w - c), lr * lams[k])
            if np.abs(w - before).max() < 1e-13:
                break
        path[k] = w
    return path
