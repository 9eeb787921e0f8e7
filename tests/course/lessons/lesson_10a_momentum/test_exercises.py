"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import math

import numpy as np
import pytest
from judged import passes

from nnlib.course.kit.judging import judge, run
from nnlib.course.lessons import EXERCISES
from nnlib.course.lessons.lesson_10a_momentum.escape_time import (
    gradient_descent,
    heavy_ball,
    rmsprop,
)


def step_with_a_velocity(w, g, state, lr, mu, nesterov):
    b = np.zeros(np.shape(w)) if state is None else state["b"]
    b = np.add(np.multiply(mu, b), g)
    return w + (-lr) * (np.where(nesterov, mu, 0) * b + (g if nesterov else b)), {"b": b}


def step_in_place_on_copies(w, g, state, lr, mu, nesterov):
    w = np.array(w, dtype=float)
    if state is None:
        state = np.zeros_like(w)
    state *= mu
    state += g
    w -= lr * (g + mu * state) if nesterov else lr * state
    return [w, state]


def step_with_the_whole_history(w, g, state, lr, mu, nesterov):
    gradients = [*(state or []), g]
    b = sum(mu**age * past for age, past in enumerate(reversed(gradients)))
    return w - lr * (g + mu * b if nesterov else b), gradients


def factors_by_roots(curvatures, lr, mu):
    return [max(abs(np.roots([1, -(1 + mu - lr * c), mu]))) for c in curvatures]


def factors_by_eigenvalues(curvatures, lr, mu):
    found = []
    for c in curvatures:
        step = np.array([[1 - lr * c, -mu], [lr * c, mu]])  # of (w, v)
        found.append(np.abs(np.linalg.eigvals(step)).max())
    return np.array(found)


def factors_by_cases(curvatures, lr, mu):
    found = np.zeros(len(curvatures))
    for i, c in enumerate(curvatures):
        p = 1 + mu - lr * float(c)
        if p * p < 4 * mu:
            found[i] = math.sqrt(mu)
        else:
            root = math.sqrt(p * p - 4 * mu)
            found[i] = (p + root) / 2 if p > 0 else (root - p) / 2
    return found


def escape_counting_down(step, start, lr, limit):
    x, y = start
    state, left = None, limit
    while left:
        (x, y), state = step(np.array([x, y]), np.array([x, y * (y * y - 1)]), state, lr)
        left -= 1
        if y > 0.5 or y < -0.5:
            return limit - left
    return None


def escape_from_the_whole_path(step, start, lr, limit):
    path, state = [np.array(start, dtype=float)], None
    for _ in range(limit):
        x, y = path[-1]
        w, state = step(path[-1], np.array([x, -y + y**3]), state, lr)
        path.append(w)
    out = np.abs(np.array(path)[1:, 1]) > 0.5
    return int(out.argmax()) + 1 if out.any() else None


def escape_by_recursion(step, start, lr, limit, state=None, t=1):
    if t > limit:
        return None
    w, state = step(start, np.array([start[0], start[1] ** 3 - start[1]]), state, lr)
    return t if abs(w[1]) > 0.5 else escape_by_recursion(step, w, lr, limit, state, t + 1)


RIGHT = {
    "momentum_step": [
        step_with_a_velocity,
        step_in_place_on_copies,
        step_with_the_whole_history,
    ],
    "shrink_factors": [factors_by_roots, factors_by_eigenvalues, factors_by_cases],
    "escape_time": [escape_counting_down, escape_from_the_whole_path, escape_by_recursion],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


def test_the_numbers_of_the_lesson():
    escape = EXERCISES["escape_time"].reference
    start = np.array([1, 1e-4])
    rules = (gradient_descent, heavy_ball, rmsprop)
    assert [escape(rule, start, 0.05, 400) for rule in rules] == [178, 50, 4]
    lr, mu = (2 / 11) ** 2, (9 / 11) ** 2
    factors = EXERCISES["shrink_factors"].reference(np.array([1.0, 10.0, 100.0]), lr, mu)
    np.testing.assert_allclose(factors, 9 / 11, rtol=1e-6)


def test_steps_are_those_of_torch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    gradients, rates = rng.normal(size=(50, 4)), rng.uniform(0.01, 0.1, 50)
    w, state = np.ones(4), None
    p = torch.ones(4, dtype=torch.float64, requires_grad=True)
    theirs = torch.optim.SGD([p], lr=1, momentum=0.9, nesterov=True)
    for g, lr in zip(gradients, rates, strict=True):
        w, state = EXERCISES["momentum_step"].reference(w, g, state, lr, 0.9, True)
        p.grad = torch.tensor(g)
        theirs.param_groups[0]["lr"] = lr
        theirs.step()
    np.testing.assert_allclose(w, p.detach().numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        (lambda x, y: lambda w: w, "not a function"),
        (lambda x, y: x**2 / 2 - y**2 / 2 + y**4 / 4, "an array with a number for each weight"),
        (lambda x, y: (x, y**3 - y), "an array with a number for each weight"),
    ],
)
def test_a_step_says_what_it_is_called_with(gradient, words):
    exercise = EXERCISES["escape_time"]

    def answer(step, start, lr, limit):
        step(np.array(start), gradient(*start), None, lr)

    finding = judge(exercise, 1, run(exercise, answer, 1)).findings[0]
    assert words in finding.detail


def test_w_alone_is_not_taken_apart():
    """Two numbers would unpack into a w and a state."""
    exercise = EXERCISES["momentum_step"]

    def alone(w, g, state, lr, mu, nesterov):
        return w - lr * g

    verdict = judge(exercise, 1, run(exercise, alone, 1))
    [sentence] = verdict.mistakes.values()
    assert sentence.startswith("Two things are to come back")
