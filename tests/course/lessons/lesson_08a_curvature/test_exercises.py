"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import math

import numpy as np
import pytest
from judged import begins, passes

from nnlib.course.lessons import EXERCISES


def steps_by_logarithms(X, lr, share):
    H = sum(np.outer(x, x) for x in X) / len(X)
    worst = max(abs(1 - lr * value) for value in np.linalg.eigvals(H).real)
    return None if worst >= 1 else math.ceil(math.log(share) / math.log(worst))


def steps_by_descent(X, lr, share):
    H = np.einsum("nj,nk->jk", X, X) / X.shape[0]
    curvatures, _ = np.linalg.eigh(H)
    left = np.ones(len(curvatures))
    if lr == 0 or lr * curvatures[-1] >= 2:
        return None
    t = 0
    while np.any(np.abs(left) > share):
        left, t = left - lr * curvatures * left, t + 1
    return t


def steps_by_singular_values(X, lr, share):
    curvatures = np.linalg.svd(X, compute_uv=False) ** 2 / len(X)
    slowest = np.linalg.norm(1 - lr * curvatures, ord=np.inf)
    return next((t for t in range(10_000) if slowest**t <= share), None) if slowest < 1 else None


def curvature_with_a_helper(gradient, w, v, steps, h):
    def product(u):
        return (gradient(np.add(w, h * u)) - gradient(np.subtract(w, h * u))) / (2 * h)

    for _ in range(steps):
        z = product(v)
        lam, v = float(np.dot(z, v)), z / math.sqrt(np.dot(z, z))
    return lam, v


def curvature_entry_by_entry(gradient, w, v, steps, h):
    v = [float(a) for a in v]
    while steps:
        there = gradient(np.array([a + h * b for a, b in zip(w, v, strict=True)]))
        back = gradient(np.array([a - h * b for a, b in zip(w, v, strict=True)]))
        z = [(a - b) / h / 2 for a, b in zip(there, back, strict=True)]
        lam = sum(a * b for a, b in zip(v, z, strict=True))
        length = sum(a * a for a in z) ** 0.5
        v = [a / length for a in z]
        steps -= 1
    return lam, np.array(v)


def curvature_by_recursion(gradient, w, v, steps, h):
    z = 0.5 / h * (gradient(w + h * v) - gradient(w - h * v))
    new = z / np.linalg.norm(z)
    return (v @ z, new) if steps == 1 else curvature_by_recursion(gradient, w, new, steps - 1, h)


def newton_by_a_matrix(w, g, H, floor):
    values, axes = np.linalg.eigh(H)
    return w - np.linalg.solve(axes @ np.diag(np.maximum(abs(values), floor)) @ axes.T, g)


def newton_axis_by_axis(w, g, H, floor):
    values, axes = np.linalg.eigh(H)
    w = [float(x) for x in w]
    for value, axis in zip(values, axes.T, strict=True):
        part = sum(a * b for a, b in zip(axis, g, strict=True)) / max(abs(value), floor)
        w = [x - part * a for x, a in zip(w, axis, strict=True)]
    return np.array(w)


def newton_by_einsum(w, g, H, floor):
    values, axes = np.linalg.eigh(H)
    rates = 1 / np.clip(np.abs(values), floor, None)
    return w - np.einsum("ik,k,jk,j->i", axes, rates, axes, g)


RIGHT = {
    "steps_needed": [steps_by_logarithms, steps_by_descent, steps_by_singular_values],
    "steepest_curvature": [
        curvature_with_a_helper,
        curvature_entry_by_entry,
        curvature_by_recursion,
    ],
    "downhill_newton": [newton_by_a_matrix, newton_axis_by_axis, newton_by_einsum],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


# Each of the commonest mistakes in two styles more than that of the page.


def sum_by_a_loop(X, lr, share):
    H = np.zeros((X.shape[1], X.shape[1]))
    for x in X:
        H += np.outer(x, x)
    return counted(max(abs(1 - lr * c) for c in np.linalg.eigvalsh(H)), share)


def sum_by_einsum(X, lr, share):
    curvatures, _ = np.linalg.eigh(np.einsum("ni,nj->ij", X, X))
    return counted(np.abs(1 - lr * curvatures).max(), share)


def steepest_alone(X, lr, share):
    return counted(abs(1 - lr * np.linalg.svd(X, compute_uv=False)[0] ** 2 / len(X)), share)


def steepest_alone_by_steps(X, lr, share):
    steep, c, t = max(np.linalg.eigvalsh(np.einsum("ni,nj->ij", X, X) / len(X))), 1.0, 0
    if lr == 0 or lr * steep >= 2:
        return None
    while abs(c) > share:
        c -= lr * steep * c
        t += 1
    return t


def flattest_alone(X, lr, share):
    return counted(abs(1 - lr * np.linalg.svd(X, compute_uv=False)[-1] ** 2 / len(X)), share)


def flattest_alone_by_logarithms(X, lr, share):
    left = abs(1 - lr * min(np.linalg.eigvals(X.T @ X / len(X)).real))
    return None if left >= 1 else math.ceil(math.log(share) / math.log(left))


def without_the_half(X, lr, share):
    return steps_by_logarithms(X * np.sqrt(2), lr, share)


def without_the_half_by_a_loop(X, lr, share):
    each = [1 - 2 * lr * s * s / len(X) for s in np.linalg.svd(X, compute_uv=False)]
    return counted(max(map(abs, each)), share)


def rounded_down(X, lr, share):
    left = max(abs(1 - lr * c) for c in np.linalg.svd(X, compute_uv=False) ** 2 / len(X))
    return None if left >= 1 else int(math.log(share) / math.log(left))


def rounded_down_by_a_loop(X, lr, share):
    left, t = np.abs(1 - lr * np.linalg.eigvalsh(X.T @ X / len(X))).max(), 0
    if left >= 1:
        return None
    while left ** (t + 1) > share:
        t += 1
    return t


def counted(left, share):
    if left >= 1:
        return None
    t = 0
    while left**t > share:
        t += 1
    return t


def ahead_only(gradient, w, v, steps, h):
    here = gradient(w)
    for _ in range(steps):
        z = (gradient(w + h * v) - here) / h
        lam, v = v @ z, z / np.linalg.norm(z)
    return lam, v


def ahead_only_by_entries(gradient, w, v, steps, h):
    for _ in range(steps):
        z = [(a - b) / h for a, b in zip(gradient(w + h * v), gradient(w), strict=True)]
        lam = sum(a * b for a, b in zip(v, z, strict=True))
        v = np.array(z) / math.hypot(*z)
    return lam, v


def one_h(gradient, w, v, steps, h):
    for _ in range(steps):
        z = np.subtract(gradient(w + h * v), gradient(w - h * v)) / h
        lam, v = np.dot(v, z), z / np.sqrt(np.dot(z, z))
    return lam, v


def one_h_by_recursion(gradient, w, v, steps, h):
    z = (gradient(w + h * v) - gradient(w - h * v)) / h
    new = z / np.linalg.norm(z)
    return (v @ z, new) if steps == 1 else one_h_by_recursion(gradient, w, new, steps - 1, h)


def length_of_z(gradient, w, v, steps, h):
    for _ in range(steps):
        z = (gradient(w + h * v) - gradient(w - h * v)) / (2 * h)
        lam = math.sqrt(sum(z * z))
        v = z / lam
    return lam, v


def new_v_times_z(gradient, w, v, steps, h):
    for _ in range(steps):
        z = (gradient(w + h * v) - gradient(w - h * v)) / (2 * h)
        v = z / np.linalg.norm(z)
        lam = np.einsum("i,i->", v, z)
    return lam, v


def never_short(gradient, w, v, steps, h):
    while steps:
        steps, z = steps - 1, (gradient(w + h * v) - gradient(w - h * v)) / h / 2
        lam, v = np.dot(v, z), z
    return lam, v


def never_short_by_entries(gradient, w, v, steps, h):
    for _ in range(steps):
        pairs = zip(gradient(w + h * v), gradient(w - h * v), strict=True)
        z = np.array([(a - b) / (2 * h) for a, b in pairs])
        lam, v = sum(v * z), z
    return lam, v


def a_product_more(gradient, w, v, steps, h):
    for k in range(steps + 1):
        z = (gradient(w + h * v) - gradient(w - h * v)) / (2 * h)
        lam = v @ z
        v = z / np.linalg.norm(z) if k < steps else v
    return lam, v


def a_product_more_by_a_helper(gradient, w, v, steps, h):
    def product(u):
        return (gradient(w + h * u) - gradient(w - h * u)) / (2 * h)

    for _ in range(steps):
        v = product(v) / np.linalg.norm(product(v))
    return v @ product(v), v


def newton_itself(w, g, H, floor):
    return w - np.linalg.inv(H) @ g


def newton_itself_by_its_axes(w, g, H, floor):
    values, axes = np.linalg.eigh(H)
    return w - sum(axes[:, i] * (axes[:, i] @ g) / values[i] for i in range(len(values)))


def no_floor_by_a_loop(w, g, H, floor):
    values, axes = np.linalg.eigh(H)
    for i, value in enumerate(values):
        w = w - axes[:, i] * (axes[:, i] @ g) / abs(value)
    return w


def no_floor_by_einsum(w, g, H, floor):
    values, axes = np.linalg.eigh(H)
    return w - np.einsum("ik,k->i", axes, np.einsum("ik,i->k", axes, g) / np.sqrt(values**2))


def sign_before_the_floor(w, g, H, floor):
    values, axes = np.linalg.eigh(H)
    for i, value in enumerate(values):
        w = w - axes[:, i] * (axes[:, i] @ g) / max(value, floor)
    return w


def sign_before_the_floor_as_a_matrix(w, g, H, floor):
    values, axes = np.linalg.eigh(H)
    return w - np.linalg.solve((axes * np.clip(values, floor, None)) @ axes.T, g)


def along_rows(w, g, H, floor):
    values, axes = np.linalg.eigh(H)
    for i, value in enumerate(values):
        w = w - axes[i] * (axes[i] @ g) / max(abs(value), floor)
    return w


def along_rows_by_einsum(w, g, H, floor):
    values, axes = np.linalg.eigh(H)
    return w - np.einsum("ki,k,kj,j->i", axes, 1 / np.maximum(abs(values), floor), axes, g)


def only_the_step(w, g, H, floor):
    return newton_by_einsum(0 * w, g, H, floor)


def only_the_step_by_a_matrix(w, g, H, floor):
    return newton_by_a_matrix(w, g, H, floor) - w


def none_where_it_swings_by_steps(X, lr, share):
    c = 1 - lr * np.linalg.svd(X, compute_uv=False) ** 2 / len(X)
    return None if np.any(c <= 0) or np.any(c >= 1) else counted(c.max(), share)


def none_above_the_safe_rate(X, lr, share):
    curvatures = np.linalg.eigvalsh(np.einsum("ni,nj->ij", X, X) / len(X))
    return None if not 0 < lr <= 1 / curvatures[-1] else counted(1 - lr * curvatures[0], share)


def until_one_axis_is_done(X, lr, share):
    left, t = np.ones(X.shape[1]), 0
    each = 1 - lr * np.linalg.eigvalsh(X.T @ X / len(X))
    if np.any(np.abs(each) >= 1):
        return None
    while np.all(np.abs(left) > share):
        left, t = left * each, t + 1
    return t


def until_one_axis_is_done_by_a_list(X, lr, share):
    needed = [counted(abs(1 - lr * s * s / len(X)), share) for s in np.linalg.svd(X)[1]]
    return None if None in needed else min(needed)


def one_z(gradient, w, v, steps, h):
    z = (gradient(w + h * v) - gradient(w - h * v)) / 2 / h
    while steps:
        lam, v, steps = np.dot(v, z), z / np.linalg.norm(z), steps - 1
    return lam, v


def one_z_by_entries(gradient, w, v, steps, h):
    z = [(a - b) / (2 * h) for a, b in zip(gradient(w + h * v), gradient(w - h * v), strict=True)]
    for _ in range(steps):
        lam = sum(a * b for a, b in zip(v, z, strict=True))
        v = np.array(z) / math.hypot(*z)
    return lam, v


def the_last_axis(w, g, H, floor):
    values, axes = np.linalg.eigh(H)
    for value, axis in zip(values, axes.T, strict=True):
        new = w - axis * (axis @ g) / max(abs(value), floor)
    return new


def the_last_axis_by_its_step(w, g, H, floor):
    values, axes = np.linalg.eigh(H)
    for i in range(len(w)):
        step = np.dot(axes[:, i], g) / np.maximum(np.abs(values[i]), floor) * axes[:, i]
    return w - step


def entries_above_the_floor(w, g, H, floor):
    return w - np.linalg.inv(np.maximum(abs(H), floor)) @ g


def entries_above_the_floor_by_clip(w, g, H, floor):
    return w - np.linalg.solve(np.clip(np.abs(H), floor, None), g)


WRONG = [
    ("steps_needed", "The mean over the examples", [sum_by_a_loop, sum_by_einsum]),
    ("steps_needed", "You look at the steepest", [steepest_alone, steepest_alone_by_steps]),
    ("steps_needed", "You look at the flattest", [flattest_alone, flattest_alone_by_logarithms]),
    ("steps_needed", "Your curvatures are twice", [without_the_half, without_the_half_by_a_loop]),
    ("steps_needed", "You count one step too few", [rounded_down, rounded_down_by_a_loop]),
    (
        "steps_needed",
        "You say None as soon as",
        [none_where_it_swings_by_steps, none_above_the_safe_rate],
    ),
    (
        "steps_needed",
        "You stop as soon as one axis",
        [until_one_axis_is_done, until_one_axis_is_done_by_a_list],
    ),
    ("steepest_curvature", "You compute z once", [one_z, one_z_by_entries]),
    ("steepest_curvature", "You take the gradient on one", [ahead_only, ahead_only_by_entries]),
    ("steepest_curvature", "Your z is twice as long", [one_h, one_h_by_recursion]),
    ("steepest_curvature", "Your lam is the length of z", [length_of_z, new_v_times_z]),
    ("steepest_curvature", "Your v is not shortened", [never_short, never_short_by_entries]),
    (
        "steepest_curvature",
        "Your lam is that of the last v",
        [a_product_more, a_product_more_by_a_helper],
    ),
    ("downhill_newton", "That is Newton's own step", [newton_itself, newton_itself_by_its_axes]),
    ("downhill_newton", "You forgot the floor", [no_floor_by_a_loop, no_floor_by_einsum]),
    (
        "downhill_newton",
        "You raise negative curvatures",
        [sign_before_the_floor, sign_before_the_floor_as_a_matrix],
    ),
    ("downhill_newton", "You use the rows", [along_rows, along_rows_by_einsum]),
    ("downhill_newton", "Only the last axis", [the_last_axis, the_last_axis_by_its_step]),
    (
        "downhill_newton",
        "You raise the entries",
        [entries_above_the_floor, entries_above_the_floor_by_clip],
    ),
    ("downhill_newton", "You return the step alone", [only_the_step, only_the_step_by_a_matrix]),
]


@pytest.mark.parametrize(("name", "start", "answers"), WRONG, ids=[w[1] for w in WRONG])
def test_common_mistakes_are_recognized_in_other_styles(name, start, answers):
    for answer in answers:
        begins(name, answer, start)


def test_the_steepest_curvature_is_found_in_the_end():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(6, 6))
    H = A @ A.T
    lam, v = EXERCISES["steepest_curvature"].reference(
        lambda w: H @ w, rng.normal(size=6), np.ones(6) / np.sqrt(6), 300, 0.1
    )
    assert lam == pytest.approx(np.linalg.eigvalsh(H)[-1])
    np.testing.assert_allclose(H @ v, lam * v, rtol=1e-6)


def test_on_a_bowl_the_mended_step_is_newtons():
    optim = pytest.importorskip("nnlib.optim")
    H, w, g = np.array([[5.0, 2.0], [2.0, 2.0]]), np.array([1.0, 2.0]), np.array([-1.0, 3.0])
    mended = EXERCISES["downhill_newton"].reference(w, g, H, 0.01)
    np.testing.assert_allclose(mended, optim.newton_step(w, g, H))
