"""Right answers in other styles than the references', and wrong ones that must be understood."""

import itertools
from functools import reduce

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


# The commonest mistakes, each in three styles: what makes an answer wrong is given, and a loop, a
# generator or a recursion, a list or an array, is built around it.


def searches(
    passes=lambda there, asked: there <= asked,
    asked=lambda here, w, g, eta, c: here - c * eta * (g @ g),
    halved=lambda first, k: first / 2**k,
    found=lambda eta, k: (eta, k + 1),
):
    def by_while(f, w, g, first, c):
        k = 0
        while not passes(f(w - halved(first, k) * g), asked(f(w), w, g, halved(first, k), c)):
            k += 1
        return found(halved(first, k), k)

    def by_generator(f, w, g, first, c):
        here = f(w)
        rates = ((halved(first, k), k) for k in range(100))
        good = (
            (eta, k)
            for eta, k in rates
            if passes(f(np.subtract(w, eta * g)), asked(here, w, g, eta, c))
        )
        return list(found(*next(good)))

    def by_recursion(f, w, g, first, c, k=0):
        eta = halved(first, k)
        if passes(f(w + eta * -g), asked(f(w), w, g, eta, c)):
            return found(eta, k)
        return by_recursion(f, w, g, first, c, k + 1)

    return [by_while, by_generator, by_recursion]


def implicit_paths(
    step=lambda A, b, v, lr: np.linalg.solve(np.eye(len(b)) + lr * A, v + lr * b),
    shown=lambda path: path,
):
    def by_list(A, b, w0, lr, steps):
        path = [w0]
        for _ in range(steps):
            path.append(step(A, b, path[-1], lr))
        return shown(np.array(path))

    def by_rows(A, b, w0, lr, steps):
        path = np.zeros((steps + 1, len(b)), dtype=w0.dtype)
        path[0] = w0
        for t in range(steps):
            path[t + 1] = step(A, b, path[t], lr)
        return shown(path)

    def by_reduction(A, b, w0, lr, steps):
        def longer(path, _):
            return np.vstack([path, step(A, b, path[-1], lr)])

        return shown(reduce(longer, range(steps), w0[None]))

    return [by_list, by_rows, by_reduction]


def third_rules(
    improves=lambda errors, t, best: errors[t] < errors[best],
    enough=lambda waited, patience: waited >= patience,
    told=lambda t, best: t,
):
    """The other two rules are right, in three styles as well."""

    def by_index(path, gradients, errors, tolerance, patience):
        one, two, _ = stops_vectorized(path, gradients, errors, tolerance, patience)
        best = 0
        for t in range(len(errors)):
            if improves(errors, t, best):
                best = t
            if enough(t - best, patience):
                return one, two, told(t, best)
        return one, two, None

    def by_counting(path, gradients, errors, tolerance, patience):
        one, two, _ = stops_counting(path, gradients, errors, tolerance, patience)
        best, waited, three = 0, 0, None
        for t in range(1, len(errors)):
            best, waited = (t, 0) if improves(errors, t, best) else (best, waited + 1)
            if three is None and enough(waited, patience):
                three = told(t, best)
        return [one, two, three]

    def by_while(path, gradients, errors, tolerance, patience):
        one, two, _ = stops_with_next(path, gradients, errors, tolerance, patience)
        t = best = 0
        while t < len(errors) and not enough(t - best, patience):
            t += 1
            if t < len(errors) and improves(errors, t, best):
                best = t
        return one, two, told(t, best) if t < len(errors) else None

    return [by_index, by_counting, by_while]


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


def solved(matrix, right):
    return lambda A, b, v, lr: np.linalg.solve(matrix(A, len(b), lr), right(b, v, lr))


NAMED = {
    "line_search": {
        "You only ask that f falls at all": searches(asked=lambda here, w, g, eta, c: here),
        "A loss that is not a number has failed": searches(
            passes=lambda there, asked: not there > asked
        ),
        "You ask that f falls by c η ‖g‖, with": searches(
            asked=lambda here, w, g, eta, c: here - c * eta * np.sqrt(g @ g)
        ),
        "You take the mean of the squared": searches(
            asked=lambda here, w, g, eta, c: here - c * eta * (g * g).mean()
        ),
        "You allow f to rise": searches(asked=lambda here, w, g, eta, c: here + c * eta * (g @ g)),
        "Your η is right, and your tries are one too few": searches(found=lambda eta, k: (eta, k)),
        "You divide the first rate by 2, 3, 4": searches(halved=lambda first, k: first / (k + 1)),
    },
    "implicit_path": {
        "That is the explicit step": implicit_paths(lambda A, b, v, lr: v - lr * (A @ v - b)),
        "b is missing": implicit_paths(
            solved(lambda A, d, lr: np.eye(d) + lr * A, lambda b, v, lr: v)
        ),
        "A has the wrong sign": implicit_paths(
            solved(lambda A, d, lr: np.eye(d) - lr * A, lambda b, v, lr: v + lr * b)
        ),
        "You add 1 to every entry": implicit_paths(
            solved(lambda A, d, lr: 1 + lr * A, lambda b, v, lr: v + lr * b)
        ),
        "The old place is missing": implicit_paths(
            solved(lambda A, d, lr: np.eye(d) + lr * A, lambda b, v, lr: lr * b)
        ),
        "The path begins with w0. A row": implicit_paths(shown=lambda path: path[1:]),
        "You return only where it ends": implicit_paths(shown=lambda path: path[-1]),
    },
    "stop_times": {
        "Rule 3: you give the time of the lowest": third_rules(told=lambda t, best: best),
        "Rule 3: you wait one time too long": third_rules(
            enough=lambda waited, patience: waited > patience
        ),
        "Rule 3: an error that equals": third_rules(
            lambda errors, t, best: t > 0 and errors[t] <= errors[best]
        ),
        "Rule 3: you compare each error with the one before": third_rules(
            lambda errors, t, best: t > 0 and errors[t] < errors[t - 1]
        ),
        "Rule 1: you stop one t too early": [early_by_diff, early_by_loop, early_by_zip],
    },
}


@pytest.mark.parametrize(
    ("name", "start"), [(name, start) for name in NAMED for start in NAMED[name]]
)
def test_common_mistakes_are_named_in_every_style(name, start):
    for answer in NAMED[name][start]:
        begins(name, answer, start)


def test_the_styles_are_right_where_nothing_makes_them_wrong():
    right = {"line_search": searches(), "implicit_path": implicit_paths()}
    for name, answers in (right | {"stop_times": third_rules()}).items():
        for answer in answers:
            passes(name, answer, range(2))


def argmax_alone(path, gradients, errors, tolerance, patience):
    """`argmax` says 0 where nothing is true."""
    *_, three = stops_vectorized(path, gradients, errors, tolerance, patience)
    short = np.linalg.norm(np.diff(path, axis=0), axis=1) < tolerance
    return short.argmax() + 1, (np.linalg.norm(gradients, axis=1) < tolerance).argmax(), three


def until_one_fires(path, gradients, errors, tolerance, patience):
    for t in range(len(path)):
        so_far = path[: t + 1], gradients[: t + 1], errors[: t + 1]
        times = stops_vectorized(*so_far, tolerance, patience)
        if any(time is not None for time in times):
            return times
    return None, None, None


def test_what_the_first_reader_was_not_told():
    begins("stop_times", argmax_alone, "Rule 1: where no step is short you give 1.")
    begins("stop_times", argmax_alone, "Rule 2: where no gradient is small you give 0.")
    begins("stop_times", until_one_fires, "You end the loop as soon as one rule fires.")


def test_a_search_uphill_is_told_so_however_its_loop_ends():
    def uphill(f, w, g, first, c):
        for k in range(60):
            if f(w + first / 2**k * g) <= f(w) - c * first / 2**k * (g @ g):
                break
        return first / 2**k, k + 1

    begins("line_search", uphill, "Your tries go uphill.")


def test_a_search_without_end_is_ended():
    def for_ever(f, w, g, first, c):
        while f(w - first * g) > -np.inf:
            first /= 2

    [finding, *_] = verdict("line_search", for_ever).findings
    assert "this search does not end" in finding.detail
