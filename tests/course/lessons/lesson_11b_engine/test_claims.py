"""What the questions of lesson 11b say of XOR, measured."""

import numpy as np

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = np.array([0.0, 1.0, 1.0, 0.0])


def arrives(units: int, seed: int) -> bool:
    """Whether 800 steps bring the loss below 0.05, from this start."""
    rng = np.random.default_rng(seed)
    W, b, v = rng.normal(size=(units, 2)), rng.normal(size=units), rng.normal(size=units)
    return final_loss(W, b, v, 0.0, 800) < 0.05


def final_loss(W, b, v, c, steps: int, lr: float = 0.03) -> float:
    """The loss after so many steps of gradient descent."""
    for _ in range(steps):
        h = np.tanh(X @ W.T + b)
        g = 2 * (h @ v + c - y)
        dz = np.outer(g, v) * (1 - h**2)
        W, b, v, c = W - lr * dz.T @ X, b - lr * dz.sum(0), v - lr * h.T @ g, c - lr * g.sum()
    return float(np.sum((np.tanh(X @ W.T + b) @ v + c - y) ** 2))


def test_more_hidden_units_find_xor_from_more_starts():
    found = {units: sum(arrives(units, seed) for seed in range(40)) for units in (2, 4)}
    assert 18 <= found[2] <= 28, found
    assert found[4] >= 36, found


def test_start_4_is_on_a_plateau_and_in_no_dead_end():
    w = np.random.default_rng(4).normal(size=9)  # in the order of the lesson's network
    start = w[[[0, 1], [3, 4]]], w[[2, 5]], w[6:8], w[8]
    assert 0.5 < final_loss(*start, steps=800) < 0.6
    assert final_loss(*start, steps=5000) < 0.01
