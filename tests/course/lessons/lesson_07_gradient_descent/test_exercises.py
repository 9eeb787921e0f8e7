"""Right answers in other styles than the references', and wrong ones that must be understood."""

import itertools

import numpy as np
import pytest
from judged import begins, passes, verdict

from nnlib.course.lessons import EXERCISES
from nnlib.optim import backtracking


def search_with_a_function(f, w, g, first, c):
    def enough(eta):
        return f(w - eta * g) <= f(w) - c * eta * np.linalg.norm(g) ** 2

    tries = 1
    while not enough(first * 0.5 ** (tries - 1)):
        tries += 1
    return first * 0.5 ** (tries - 1), tries


def search_asking_for_nan(f, w, g, first, c):
    here, slope = f(w), sum(float(entry) ** 2 for entry in g)
    tries, there = 1, f(w - first * g)
    while np.isnan(there) or there > here - c * first * slope:
        first, tries = first * 0.5, tries + 1
        there = f(w - first * g)
    return [first, tries]


def search_by_recursion(f, w, g, first, c, tries=1):
    if f(np.subtract(w, first * g)) <= f(w) - c * first * np.dot(g, g):
        return first, tries
    return search_by_recursion(f, w, g, first / 2, c, tries + 1)


def implicit_by_inverse(A, b, w0, lr, steps):
    shrink = np.linalg.inv(np.eye(len(b)) + lr * A)
    path = np.empty((steps + 1, len(b)))
    path[0] = w0
    for t in range(1, steps + 1):
        path[t] = shrink @ (path[t - 1] + lr * b)
    return path


def implicit_by_eigenvectors(A, b, w0, lr, steps):
    curvatures, axes = np.linalg.eigh(A)
    along, pull = axes.T @ w0, axes.T @ b
    path = [along]
    for _ in range(steps):
        path.append((path[-1] + lr * pull) / (1 + lr * curvatures))
    return np.array(path) @ axes.T


def implicit_as_a_change(A, b, w0, lr, steps):
    path = [w0]
    for _ in range(steps):
        change = np.linalg.solve(np.eye(len(b)) / lr + A, b - A @ path[-1])
        path.append(path[-1] + change)
    return path


def first(flags):
    found = np.flatnonzero(flags)
    return int(found[0]) if len(found) else None


def stops_vectorized(path, gradients, errors, tolerance, patience):
    lengths = np.append(np.inf, np.linalg.norm(np.diff(path, axis=0), axis=1))
    best = [int(np.argmin(errors[: t + 1])) for t in range(len(errors))]
    waited = np.arange(len(errors)) - best
    small = np.sqrt((gradients**2).sum(axis=1)) < tolerance
    return first(lengths < tolerance), first(small), first(waited >= patience)


def stops_counting(path, gradients, errors, tolerance, patience):
    steps = [t for t in range(1, len(path)) if np.hypot.reduce(path[t] - path[t - 1]) < tolerance]
    flat = [t for t in range(len(path)) if np.linalg.norm(gradients[t]) < tolerance]
    lowest, waited, third = errors[0], 0, None
    for t in range(1, len(errors)):
        waited += 1
        if errors[t] < lowest:
            lowest, waited = errors[t], 0
        if waited == patience:
            third = t
            break
    return [steps[0] if steps else None, flat[0] if flat else None, third]


def stops_with_next(path, gradients, errors, tolerance, patience):
    times = range(len(path))
    late = (t for t in times if t >= patience and min(errors[t - patience + 1 : t + 1]) >= min(errors[: t - patience + 1]))  # fmt: skip
    return (
        next((t for t in times[1:] if np.linalg.norm(path[t] - path[t - 1]) < tolerance), None),
        next((t for t in times if np.linalg.norm(gradients[t]) < tolerance), None),
        next(late, None),
    )


RIGHT = {
    "line_search": [search_with_a_function, search_asking_for_nan, search_by_recursion],
    "implicit_path": [implicit_by_inverse, implicit_by_eigenvectors, implicit_as_a_change],
    "stop_times": [stops_vectorized, stops_counting, stops_with_next],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


@pytest.mark.parametrize("seed", range(5))
def test_the_search_is_nnlibs(seed):
    for case in EXERCISES["line_search"].draw(seed):
        eta, tries = EXERCISES["line_search"].reference(**case.args)
        f, w, g, first_rate, c = case.args.values()
        assert eta == backtracking(f, w, g, eta=first_rate, c=c) == first_rate / 2 ** (tries - 1)


def test_the_examples_of_the_tasks():
    searched = EXERCISES["line_search"].draw(0)[0]
    assert EXERCISES["line_search"].reference(**searched.args) == (0.125, 4)
    path = EXERCISES["implicit_path"].draw(0)[0]
    np.testing.assert_allclose(
        np.ravel(EXERCISES["implicit_path"].reference(**path.args)), [4, 2.25, 1.375]
    )
    history = EXERCISES["stop_times"].draw(0)[0]
    assert EXERCISES["stop_times"].reference(**history.args) == (3, 3, 2)


def test_an_implicit_step_minimizes_the_loss_and_the_price_of_the_way():
    """It is the step of model (2) with f itself in place of the plane."""
    for case in EXERCISES["implicit_path"].draw(2):
        A, b, w0, lr, steps = case.args.values()
        path = EXERCISES["implicit_path"].reference(A, b, w0, lr, steps)
        for before, after in itertools.pairwise(path):
            np.testing.assert_allclose(A @ after - b + (after - before) / lr, 0, atol=1e-5)


# The commonest mistakes, each in three styles.


def falls_by_loops(f, w, g, first, c):
    tries = 1
    while not f(w - first * g) <= f(w):
        first, tries = first / 2, tries + 1
    return first, tries


def falls_by_for(f, w, g, first, c):
    for tries in range(1, 99):
        if f(w - first * g) <= f(w):
            return first, tries
        first *= 0.5
    return None


def falls_by_recursion(f, w, g, first, c, tries=1):
    good = f(w - first * g) <= f(w)
    return (first, tries) if good else falls_by_recursion(f, w, g, first / 2, c, tries + 1)


def nan_by_greater(f, w, g, first, c):
    tries, here = 1, f(w)
    while f(w - first * g) > here - c * first * np.linalg.norm(g) ** 2:
        first, tries = first * 0.5, tries + 1
    return first, tries


def nan_by_break(f, w, g, first, c):
    tries = 0
    while True:
        tries += 1
        if f(w - first * g) > f(w) - c * first * sum(g * g):
            first = first / 2
        else:
            return first, tries


def nan_by_difference(f, w, g, first, c):
    tries = 1
    while f(w - first * g) - f(w) + c * first * (g @ g) > 0:
        first, tries = first / 2, tries + 1
    return first, tries


def length_by_norm(f, w, g, first, c):
    tries = 1
    while not f(w - first * g) <= f(w) - c * first * np.linalg.norm(g):
        first, tries = first / 2, tries + 1
    return first, tries


def length_by_loop(f, w, g, first, c):
    length = sum(x * x for x in g) ** 0.5
    for tries in range(1, 99):
        if f(w - first * g) <= f(w) - c * first * length:
            return first, tries
        first /= 2
    return None


def length_by_dot(f, w, g, first, c):
    eta, tries, here = first, 1, f(w)
    while not f(w - eta * g) <= here - eta * c * np.sqrt(np.dot(g, g)):
        eta *= 0.5
        tries += 1
    return [eta, tries]


def explicit_by_list(A, b, w0, lr, steps):
    path = [w0]
    for _ in range(steps):
        path.append(path[-1] - lr * (A @ path[-1] - b))
    return np.array(path)


def explicit_by_rows(A, b, w0, lr, steps):
    path = np.zeros((steps + 1, len(b)))
    path[0] = w0
    for t in range(steps):
        path[t + 1] = path[t] + lr * b - lr * A.dot(path[t])
    return path


def explicit_by_matrix(A, b, w0, lr, steps):
    once = np.eye(len(b)) - lr * A
    path = [np.array(w0)]
    while len(path) <= steps:
        path.append(once @ path[-1] + lr * b)
    return path


def best_by_argmin(path, gradients, errors, tolerance, patience):
    one, two, three = stops_vectorized(path, gradients, errors, tolerance, patience)
    return one, two, None if three is None else int(np.argmin(errors[: three + 1]))


def best_by_loop(path, gradients, errors, tolerance, patience):
    one, two, _ = stops_vectorized(path, gradients, errors, tolerance, patience)
    best = 0
    for t in range(len(errors)):
        if errors[t] < errors[best]:
            best = t
        elif t - best >= patience:
            return one, two, best
    return one, two, None


def best_by_subtraction(path, gradients, errors, tolerance, patience):
    one, two, three = stops_counting(path, gradients, errors, tolerance, patience)
    return one, two, None if three is None else three - patience


def early_by_diff(path, gradients, errors, tolerance, patience):
    _, two, three = stops_vectorized(path, gradients, errors, tolerance, patience)
    return first(np.linalg.norm(np.diff(path, axis=0), axis=1) < tolerance), two, three


def early_by_loop(path, gradients, errors, tolerance, patience):
    _, two, three = stops_vectorized(path, gradients, errors, tolerance, patience)
    for t in range(len(path) - 1):
        if np.linalg.norm(path[t + 1] - path[t]) < tolerance:
            return t, two, three
    return None, two, three


def early_by_zip(path, gradients, errors, tolerance, patience):
    _, two, three = stops_vectorized(path, gradients, errors, tolerance, patience)
    lengths = [np.linalg.norm(b - a) for a, b in itertools.pairwise(path)]
    return first(np.array(lengths) < tolerance), two, three


NAMED = {
    "line_search": {
        "You only ask that f falls at all": [falls_by_loops, falls_by_for, falls_by_recursion],
        "A loss that is not a number has failed": [nan_by_greater, nan_by_break, nan_by_difference],
        "You ask that f falls by c η ‖g‖, with": [length_by_norm, length_by_loop, length_by_dot],
    },
    "implicit_path": {
        "That is the explicit step": [explicit_by_list, explicit_by_rows, explicit_by_matrix],
    },
    "stop_times": {
        "Rule 3: you give the time of the lowest": [best_by_argmin, best_by_loop, best_by_subtraction],
        "Rule 1: you stop one t too early": [early_by_diff, early_by_loop, early_by_zip],
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start"), [(name, start) for name in NAMED for start in NAMED[name]]
)
def test_common_mistakes_are_named_in_every_style(name, start):
    for answer in NAMED[name][start]:
        begins(name, answer, start)


def test_a_search_without_end_is_ended():
    def for_ever(f, w, g, first, c):
        while f(w - first * g) > -np.inf:
            first /= 2

    [finding, *_] = verdict("line_search", for_ever).findings
    assert "this search does not end" in finding.detail
