"""Lesson 04's exercises: right answers in other styles pass, and slips are named."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judged import begins, passes

from nnlib.course.lessons import EXERCISES

Answer = Callable[..., Any]


# --- Right answers in other styles -----------------------------------------------------------------


def slope_through_z(name, h, alpha):
    """Back to z, and then forward to the slope."""
    with np.errstate(all="ignore"):
        if name == "softplus":
            z = np.log(np.exp(h) - 1)
            return 1 / (1 + np.exp(-z))
        if name == "sigmoid":
            return h - h * h
        if name == "tanh":
            return (1 + h) * (1 - h)
        left = {"relu": 0.0, "leaky_relu": alpha}.get(name, alpha * (h / alpha + 1 if alpha else 1))
    return (h > 0) + (h <= 0) * left


def slope_in_loops(name, h, alpha):
    flat = []
    for value in np.ravel(h):
        if name in ("relu", "leaky_relu", "elu"):
            left = {"relu": 0, "leaky_relu": alpha, "elu": alpha + value}[name]
            flat.append(1 if value > 0 else left)
        elif name == "softplus":
            flat.append(-np.expm1(-value))
        else:
            flat.append(value - value**2 if name == "sigmoid" else 1 - value**2)
    return np.array(flat, dtype=float).reshape(np.shape(h))


def slope_by_table(name, h, alpha):
    positive = h > 0
    slope = np.ones(h.shape)
    if name == "relu":
        slope[~positive] = 0
    elif name == "leaky_relu":
        slope[~positive] = alpha
    elif name == "elu":
        slope[~positive] = h[~positive] + alpha
    elif name == "softplus":
        slope -= np.exp(-h)
    elif name == "sigmoid":
        slope = h * (slope - h)
    else:
        slope -= h * h
    return slope


def stable_by_masks(name, z):
    right = z >= 0
    sigma = np.empty(z.shape)
    sigma[right] = 1 / (1 + np.exp(-z[right]))
    sigma[~right] = np.exp(z[~right]) / (1 + np.exp(z[~right]))
    if name == "log_sigmoid":
        return np.where(right, -np.log1p(np.exp(-np.abs(z))), z - np.log1p(np.exp(-np.abs(z))))
    return sigma if name == "sigmoid" else sigma * z


def stable_by_logaddexp(name, z):
    log_sigma = -np.logaddexp(0, -z)
    if name == "log_sigmoid":
        return log_sigma
    return np.exp(log_sigma) * (z if name == "silu" else 1)


def stable_in_loops(name, z):
    def one(v):
        e = np.exp(-abs(v))
        if name == "log_sigmoid":
            return min(v, 0) - np.log1p(e)
        sigma = 1 / (1 + e) if v > 0 else e / (1 + e)
        return sigma if name == "sigmoid" else v * sigma

    return np.array([one(v) for v in z.ravel()]).reshape(z.shape)


def revive_in_loops(X, W, b):
    dead, new_b = [], []
    for w, bias in zip(W, b, strict=True):
        sums = [float(np.dot(w, x)) for x in X]
        off = all(s + bias <= 0 for s in sums)
        dead.append(off)
        new_b.append(-np.median(sums) if off else bias)
    return dead, new_b


def revive_by_relu(X, W, b):
    H = np.maximum(X @ W.T + b, 0)
    dead = H.sum(axis=0) == 0
    new_b = b.copy()
    for i in np.flatnonzero(dead):
        new_b[i] = -np.median(X @ W[i])
    return dead, new_b


def revive_by_sorting(X, W, b):
    sums = np.sort(np.einsum("nd,md->nm", X, W), axis=0)
    N = len(X)
    middle = (sums[(N - 1) // 2] + sums[N // 2]) / 2
    dead = sums[-1] + b <= 0
    return dead, -middle * dead + b * ~dead


RIGHT = {
    "slope_from_output": [slope_through_z, slope_in_loops, slope_by_table],
    "stable": [stable_by_masks, stable_by_logaddexp, stable_in_loops],
    "revive": [revive_in_loops, revive_by_relu, revive_by_sorting],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        passes(name, answer)


def test_the_slopes_are_those_of_pytorch_also_at_the_kink() -> None:
    torch = pytest.importorskip("torch")
    F = torch.nn.functional
    for name in ("relu", "leaky_relu", "elu", "softplus", "sigmoid", "tanh"):
        z = torch.tensor([-3.0, -0.5, 0.0, 0.5, 3.0], dtype=torch.float64, requires_grad=True)
        options = {"leaky_relu": (0.25,), "elu": (2.0,)}.get(name, ())
        h = getattr(F, name)(z, *options)
        h.sum().backward()
        ours = EXERCISES["slope_from_output"].reference(name, h.detach().numpy(), *options or (0,))
        assert np.abs(ours - z.grad.numpy()).max() <= 1e-12


def test_the_revived_live_for_half_of_the_examples() -> None:
    rng = np.random.default_rng(0)
    X, W, b = rng.random((60, 4)), rng.normal(size=(30, 4)), np.full(30, -3.0)
    dead, new_b = EXERCISES["revive"].reference(X, W, b)
    assert dead.sum() > 15
    assert ((X @ W.T + new_b > 0).sum(axis=0)[dead] == 30).all()


# --- The commonest slips, in other styles than the page's ------------------------------------------


def slip(right: Answer, name: str, wrong: Callable[[Any, Any], Any]) -> Answer:
    """Right for all activations but one."""

    def answer(called, x, *rest):
        return wrong(x, *rest) if called == name else right(called, x, *rest)

    return answer


def one_at_0_in_a_loop(h, alpha):
    return np.array([1.0 if v >= 0 else 0.0 for v in h.ravel()]).reshape(h.shape)


def elu_through_h(h, alpha):
    slope = np.ones(h.shape)
    slope[h <= 0] = alpha * np.exp(h[h <= 0])
    return slope


def elu_of_alpha_1(h, alpha):
    return np.minimum(h + 1.0, 1.0)


def softplus_of_h(h, alpha):
    return np.exp(h) / (1 + np.exp(h))


def sigmoid_twice(h, alpha):
    s = 1 / (1 + np.exp(-h))
    return s - s**2


def tanh_twice(h, alpha):
    return 1 / np.cosh(h) ** 2


def leaky_scaled(h, alpha):
    return np.array([1.0 if v > 0 else alpha * v for v in h.ravel()]).reshape(h.shape)


def elu_through_h_in_a_loop(h, alpha):
    flat = [1 if v > 0 else np.exp(v + np.log(alpha)) for v in h.ravel()]
    return np.array(flat).reshape(h.shape)


def elu_of_alpha_1_by_mask(h, alpha):
    return (h > 0) + (h <= 0) * (1 + h)


def softplus_by_tanh(h, alpha):
    return 0.5 + 0.5 * np.tanh(h / 2)


def sigmoid_twice_by_square(h, alpha):
    return np.exp(-h) * (1 + np.exp(-h)) ** -2.0


def tanh_twice_in_a_loop(h, alpha):
    flat = []
    for v in h.ravel():
        t = np.tanh(v)
        flat.append((1 - t) * (1 + t))
    return np.array(flat).reshape(h.shape)


def of_slope(name: str, *wrongs: Callable[[Any, Any], Any]) -> list[Answer]:
    return [slip(slope_in_loops, name, wrong) for wrong in wrongs]


def of_stable(name: str, *wrongs: Callable[[Any], Any]) -> list[Answer]:
    return [slip(stable_in_loops, name, wrong) for wrong in wrongs]


def sigmoid_in_a_where(z):
    return np.where(z < 0, np.exp(z) / (np.exp(z) + 1), 1 / (np.exp(-z) + 1))


def sigmoid_by_power(z):
    return (1 + np.e ** (-z)) ** -1.0


def sigmoid_by_tanh(z):
    return (1 + np.tanh(z / 2)) / 2


def sigmoid_by_complement(z):
    e = np.exp(-np.abs(z))
    s = 1 / (1 + e)
    s[z < 0] = 1 - s[z < 0]
    return s


def log_of_sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.log(np.where(z < 0, e, 1) / (e + 1))


def log_of_masked_sigmoid(z):
    return np.log(stable_by_masks("sigmoid", z))


def log_not_1p(z):
    return -(np.log(1 + np.exp(-np.abs(z))) + np.maximum(-z, 0))


def log_not_1p_in_a_loop(z):
    flat = [-np.log(1 + np.exp(-v)) if v > 0 else v - np.log(1 + np.exp(v)) for v in z.ravel()]
    return np.array(flat).reshape(z.shape)


def softplus_for_log_sigmoid(z):
    return np.logaddexp(0, z)


def minus_softplus(z):
    return -np.logaddexp(0, z)


def negative_z(X, W, b):
    Z = np.einsum("nd,md->nm", X, W) + b
    dead = [bool((column <= 0).any()) for column in Z.T]
    return np.array(dead), np.where(dead, -np.median(X @ W.T, axis=0), b)


def strictly_below(X, W, b):
    dead, new_b = [], b.copy()
    for i in range(len(b)):
        z = X @ W[i] + b[i]
        dead.append(bool(np.all(z < 0)))
        if dead[-1]:
            new_b[i] = -np.median(X @ W[i])
    return np.array(dead), new_b


def any_zero_activation(X, W, b):
    H = np.maximum(X @ W.T + b, 0)
    dead = H.min(axis=0) == 0
    return dead, -np.median(X @ W.T, axis=0) * dead + b * ~dead


def largest_below_0(X, W, b):
    sums = X @ W.T
    dead = (sums + b).max(axis=0) < 0
    return dead, np.where(dead, -np.median(sums, axis=0), b)


def mean_in_a_loop(X, W, b):
    dead, new_b = revive_by_relu(X, W, b)
    for i in np.flatnonzero(dead):
        new_b[i] = -sum(X @ W[i]) / len(X)
    return dead, new_b


def sign_lost_by_sorting(X, W, b):
    sums = np.sort(X @ W.T, axis=0)
    N, dead = len(X), sums[-1] + b <= 0
    return dead, np.where(dead, sums[(N - 1) // 2] / 2 + sums[N // 2] / 2, b)


def with_the_mean(X, W, b):
    dead, new_b = revive_by_relu(X, W, b)
    new_b[dead] = -(X.mean(axis=0) @ W[dead].T)
    return dead, new_b


def sign_lost(X, W, b):
    dead, new_b = revive_by_relu(X, W, b)
    return dead, [-v if d else v for v, d in zip(new_b, dead, strict=True)]


def bias_still_in(X, W, b):
    dead, new_b = revive_by_relu(X, W, b)
    for i in np.flatnonzero(dead):
        new_b[i] = -np.median(X @ W[i] + b[i])
    return dead, new_b


def bias_in_by_sorting(X, W, b):
    Z = np.sort(X @ W.T + b, axis=0)
    N = len(X)
    dead = Z[-1] <= 0
    return dead, np.where(dead, -(Z[(N - 1) // 2] + Z[N // 2]) / 2, b)


def all_of_them(X, W, b):
    dead, _ = revive_by_relu(X, W, b)
    return dead, [-np.median(X @ w) for w in W]


def just_on_the_edge(X, W, b):
    dead, new_b = revive_by_relu(X, W, b)
    return dead, [-max(X @ w) if d else v for w, v, d in zip(W, new_b, dead, strict=True)]


def added(X, W, b):
    dead, new_b = revive_by_relu(X, W, b)
    return dead, new_b + b * dead


def sigmoid_set_to_0_far_left(z):
    return np.where(z < -20, 0.0, 1 / (1 + np.exp(-np.maximum(z, -20))))


def off_for_most(X, W, b):
    sums = X @ W.T
    dead = (sums + b <= 0).mean(axis=0) > 0.5
    return dead, np.where(dead, -np.median(sums, axis=0), b)


SLIPS = [
    ("revive", [off_for_most], "You call a unit dead if it is off for more than half"),
    (
        "stable",
        of_stable("sigmoid", sigmoid_set_to_0_far_left),
        "Your sigmoid is 0 far on the left",
    ),
    ("slope_from_output", of_slope("relu", one_at_0_in_a_loop), "For relu you return 1 where"),
    ("slope_from_output", of_slope("relu", lambda h, _: np.sign(h) + (h == 0)), "For relu you ret"),
    ("slope_from_output", of_slope("leaky_relu", leaky_scaled), "For leaky_relu you return αh"),
    (
        "slope_from_output",
        of_slope("elu", elu_through_h, elu_through_h_in_a_loop),
        "For elu you put h where z",
    ),
    (
        "slope_from_output",
        of_slope("elu", elu_of_alpha_1, elu_of_alpha_1_by_mask),
        "For elu you return h + 1",
    ),
    (
        "slope_from_output",
        of_slope("softplus", softplus_of_h, softplus_by_tanh),
        "For softplus you return σ(h)",
    ),
    (
        "slope_from_output",
        of_slope("sigmoid", sigmoid_twice, sigmoid_twice_by_square),
        "For sigmoid you take σ once more",
    ),
    (
        "slope_from_output",
        of_slope("tanh", tanh_twice, tanh_twice_in_a_loop),
        "For tanh you put h where z belongs",
    ),
    (
        "stable",
        of_stable("sigmoid", sigmoid_in_a_where, sigmoid_by_power),
        "Your sigmoid raises e to a power",
    ),
    (
        "stable",
        of_stable("sigmoid", sigmoid_by_tanh, sigmoid_by_complement),
        "Your sigmoid is 0 far on the left",
    ),
    (
        "stable",
        of_stable("log_sigmoid", log_of_sigmoid, log_of_masked_sigmoid),
        "Your log_sigmoid is the logarithm of a σ",
    ),
    (
        "stable",
        of_stable("log_sigmoid", log_not_1p, log_not_1p_in_a_loop),
        "Your log_sigmoid is 0 far on the right",
    ),
    (
        "stable",
        of_stable("log_sigmoid", softplus_for_log_sigmoid),
        "Your log_sigmoid is a softplus",
    ),
    ("stable", of_stable("log_sigmoid", minus_softplus), "Your log_sigmoid is −ln(1 + eᶻ)"),
    ("revive", [negative_z, any_zero_activation], "You call a unit dead as soon as"),
    ("revive", [strictly_below, largest_below_0], "A unit whose largest z is exactly 0"),
    ("revive", [with_the_mean, mean_in_a_loop], "You take the mean of w·x"),
    ("revive", [sign_lost, sign_lost_by_sorting], "The sign of the new bias is wrong"),
    ("revive", [bias_still_in, bias_in_by_sorting], "You take the median of z"),
    ("revive", [all_of_them], "You give every unit a new bias"),
    ("revive", [just_on_the_edge], "You lift the unit only as far as"),
    ("revive", [added], "You add the new bias to the old one"),
]


@pytest.mark.parametrize(("name", "answers", "start"), SLIPS)
def test_slips_are_named_in_whatever_style(name: str, answers: list[Answer], start: str) -> None:
    for answer in answers:
        begins(name, answer, start)
