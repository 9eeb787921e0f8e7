"""Right answers in other styles than the reference's, and slips in several styles."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from judged import begins, details, passes

Answer = Callable[..., Any]


def stump_by_sorting(x, r):
    order = np.argsort(x, kind="stable")
    x, r = x[order].astype(float), r[order].astype(float)
    sums, best, found = np.cumsum(r), -np.inf, None
    for k in range(1, len(x)):
        if x[k] == x[k - 1]:
            continue
        left, right = sums[k - 1] / k, (sums[-1] - sums[k - 1]) / (len(x) - k)
        gain = k * left**2 + (len(x) - k) * right**2
        if gain > best:
            best, found = gain, ((x[k] + x[k - 1]) / 2, left, right)
    return found


def stump_by_variance(x, r):
    values = sorted(set(x.tolist()))
    thresholds = [(a + b) / 2 for a, b in pairwise(values)]

    def left_over(t):
        return sum(len(side) * np.var(side) for side in (r[x <= t], r[x > t]))

    t = min(thresholds, key=left_over)
    return t, np.mean(r[x <= t]), np.mean(r[x > t])


def stump_by_lstsq(x, r):
    best = None
    for low, high in pairwise(np.unique(x)):
        below = (x < high).astype(float)
        A = np.stack([below, 1 - below], axis=1)
        answers = np.linalg.lstsq(A, r.astype(float), rcond=None)[0]
        error = np.sum((A @ answers - r) ** 2)
        if best is None or error < best[0]:
            best = error, [(float(low) + float(high)) / 2, *answers]
    return best[1]


def spirals_by_complex(X):
    w = (X[:, 0] + 1j * X[:, 1]) * np.exp(-3j * np.pi * np.hypot(*X.T))
    return np.stack([w.real, w.imag], axis=1)


def spirals_by_dot(X):
    r = np.linalg.norm(X, axis=1)
    return (X[:, 0] * np.cos(3 * np.pi * r) + X[:, 1] * np.sin(3 * np.pi * r))[:, None]


def spirals_in_loops(X):
    rows = []
    for x1, x2 in X.tolist():
        r = (x1 * x1 + x2 * x2) ** 0.5
        rows.append([1.0 if np.cos(np.arctan2(x2, x1) - 3 * np.pi * r) >= 0 else -1.0, r])
    return rows


def boost_with_a_list(X, y, X_new, fit, rounds, lr):
    models, losses = [], []
    for n in range(rounds + 1):
        said = sum((lr * model(X) for model in models), np.zeros(len(X)))
        losses.append(((y - said) ** 2).sum() / len(y))
        if n < rounds:
            models.append(fit(X, y - said))
    return losses, sum((lr * model(X_new) for model in models), np.zeros(len(X_new)))


def boost_by_residuals(X, y, X_new, fit, rounds, lr):
    left, new = 1.0 * y, np.zeros(X_new.shape[0])
    losses = np.zeros(rounds + 1)
    losses[0] = left @ left / len(y)
    for n in range(1, rounds + 1):
        model = fit(X, left)
        left = left - lr * model(X)
        new += lr * model(X_new)
        losses[n] = left @ left / len(y)
    return losses, new


def boost_by_recursion(X, y, X_new, fit, rounds, lr):
    loss = [np.square(y).mean()]
    if rounds == 0:
        return loss, np.zeros(len(X_new))
    model = fit(X, y)
    losses, said = boost_by_recursion(X, y - lr * model(X), X_new, fit, rounds - 1, lr)
    return loss + losses, lr * model(X_new) + said


RIGHT = {
    "best_stump": [stump_by_sorting, stump_by_variance, stump_by_lstsq],
    "spiral_features": [spirals_by_complex, spirals_by_dot, spirals_in_loops],
    "boost": [boost_with_a_list, boost_by_residuals, boost_by_recursion],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        passes(name, answer)


def test_too_many_features_are_refused() -> None:
    told = " ".join(details("spiral_features", lambda X: np.column_stack([X, X])).values())
    assert "F has 4 columns; one, two or three features are allowed." in told
    told = " ".join(details("spiral_features", lambda X: X[:, 0]).values())
    assert "a row for each point" in told


def swapped(right: Answer) -> Answer:
    def answer(x, r):
        threshold, one, other = right(x, r)
        return threshold, other, one

    return answer


def lower(right: Answer) -> Answer:
    def answer(x, r):
        threshold, one, other = right(x, r)
        return x[x <= threshold].max(), one, other

    return answer


def medians(right: Answer) -> Answer:
    def answer(x, r):
        threshold, _, _ = right(x, r)
        return threshold, np.median(r[x <= threshold]), np.median(r[x > threshold])

    return answer


def upper(right: Answer) -> Answer:
    def answer(x, r):
        threshold, one, other = right(x, r)
        return x[x > threshold].min(), one, other

    return answer


def unweighted(x, r):
    values, best = np.unique(x), (np.inf,)
    for k in range(len(values) - 1):
        t = (values[k] + values[k + 1]) / 2
        error = np.var(r[x <= t]) + np.var(r[x > t])
        if error < best[0]:
            best = error, t, r[x <= t].mean(), r[x > t].mean()
    return best[1:]


def unweighted_by_min(x, r):
    values = np.unique(x)
    t = min((values[1:] + values[:-1]) / 2, key=lambda t: r[x <= t].var() + r[x > t].var())
    return t, r[x <= t].mean(), r[x > t].mean()


def unweighted_by_sorting(x, r):
    order = np.argsort(x)
    x, r = x[order].tolist(), r[order].astype(float)
    best, found = float("inf"), None
    for k in range(1, len(x)):
        left, right = r[:k], r[k:]
        error = sum((left - left.mean()) ** 2) / k + sum((right - right.mean()) ** 2) / len(right)
        if x[k] > x[k - 1] and error < best:
            best, found = error, ((x[k - 1] + x[k]) / 2, left.mean(), right.mean())
    return found


def summed(right: Answer) -> Answer:
    def answer(x, r):
        threshold, _, _ = right(x, r)
        return threshold, r[x <= threshold].sum(), r[x > threshold].sum()

    return answer


def to_y(X, y, X_new, fit, rounds, lr):
    model = fit(X, y)
    losses = [np.mean((y - k * lr * model(X)) ** 2) for k in range(rounds + 1)]
    return losses, rounds * lr * model(X_new)


def to_y_in_rounds(X, y, X_new, fit, rounds, lr):
    a, new, losses = 0 * y, np.zeros(len(X_new)), [np.mean(y * y)]
    for _ in range(rounds):
        a = a + lr * fit(X, y)(X)
        new = new + lr * fit(X, y)(X_new)
        losses.append(np.mean((y - a) ** 2))
    return losses, new


def to_y_with_a_list(X, y, X_new, fit, rounds, lr):
    models = [fit(X, y) for _ in range(rounds)]
    said = [sum((lr * m(X) for m in models[:n]), np.zeros(len(X))) for n in range(rounds + 1)]
    losses = [((y - a) ** 2).mean() for a in said]
    return losses, sum((lr * model(X_new) for model in models), np.zeros(len(X_new)))


def without_last(right: Answer) -> Answer:
    def answer(*arguments):
        losses, new = right(*arguments)
        return losses[:-1] if len(losses) > 1 else losses, new

    return answer


def added_up(right: Answer) -> Answer:
    def answer(X, *arguments):
        losses, new = right(X, *arguments)
        return [len(X) * loss for loss in losses], new

    return answer


def without_first(right: Answer) -> Answer:
    def answer(*arguments):
        losses, new = right(*arguments)
        return losses[1:], new

    return answer


def without_rate(right: Answer) -> Answer:
    def answer(X, y, X_new, fit, rounds, lr):
        return right(X, y, X_new, fit, rounds, 1.0)

    return answer


def radius(X):
    return np.sqrt((X**2).sum(axis=1, keepdims=True))


def radius_by_norm(X):
    return np.linalg.norm(X, axis=1)[:, None]


def radius_in_loops(X):
    return [[(a * a + b * b) ** 0.5] for a, b in X.tolist()]


def sine(X):
    return np.sin(np.arctan2(X[:, 1], X[:, 0]) - 3 * np.pi * np.hypot(*X.T))[:, None]


def sine_by_complex(X):
    w = (X[:, 0] + 1j * X[:, 1]) * np.exp(-3j * np.pi * np.hypot(*X.T))
    return (w / np.abs(w)).imag[:, None]


def sine_in_loops(X):
    return [[np.sin(np.arctan2(b, a) - 3 * np.pi * (a * a + b * b) ** 0.5)] for a, b in X.tolist()]


def turned_on(X):
    return np.cos(np.arctan2(X[:, 1], X[:, 0]) + 3 * np.pi * np.hypot(*X.T))[:, None]


def turned_on_by_complex(X):
    w = (X[:, 0] + 1j * X[:, 1]) * np.exp(3j * np.pi * np.abs(X[:, 0] + 1j * X[:, 1]))
    return (w / np.abs(w)).real[:, None]


def turned_on_in_loops(X):
    return [[np.cos(np.arctan2(b, a) + 3 * np.pi * np.hypot(a, b))] for a, b in X.tolist()]


def turned_on_both_ways(X):
    w = np.exp(1j * (np.arctan2(X[:, 1], X[:, 0]) + 3 * np.pi * np.linalg.norm(X, axis=1)))
    return np.column_stack([w.real, w.imag])


def shrunk_first(X, y, X_new, fit, rounds, lr):
    models, left = [], 1.0 * y
    losses = [np.mean(left**2)]
    for _ in range(rounds):
        models.append(fit(X, lr * left))
        left = left - models[-1](X)
        losses.append(np.mean(left**2))
    return losses, sum((model(X_new) for model in models), np.zeros(len(X_new)))


def neighbors_as_they_come(x, r):
    best, found = np.inf, None
    for a, b in pairwise(x):
        t = (a + b) / 2
        left, right = r[x <= t], r[x > t]
        if len(left) and len(right):
            error = len(left) * left.var() + len(right) * right.var()
            if error < best:
                best, found = error, (t, left.mean(), right.mean())
    return found


def asks_a_model_of_y(X, y, X_new, fit, rounds, lr):
    left, losses = 1.0 * y, [np.mean(y * y)]
    for _ in range(rounds):
        left = left - lr * fit(X, left)(X)
        losses.append(np.mean(left * left))
    return losses, fit(X, y)(X_new)


SLIPS = [
    ("best_stump", neighbors_as_they_come, "You take the middle of each two values"),
    ("boost", asks_a_model_of_y, "You fit a model to y itself at the end"),
    ("boost", shrunk_first, "You fit to η times what is left over"),
    ("spiral_features", turned_on_both_ways, "You turn the points on, not back: both"),
    *(("best_stump", swapped(a), "Your two answers are swapped") for a in RIGHT["best_stump"]),
    *(("best_stump", medians(a), "Your threshold is right, and your") for a in RIGHT["best_stump"]),
    *(
        ("best_stump", lower(a), "Your threshold is a value of x itself, the lower")
        for a in RIGHT["best_stump"]
    ),
    *(
        ("best_stump", upper(a), "Your threshold is a value of x itself, the upper")
        for a in RIGHT["best_stump"]
    ),
    *(("best_stump", summed(a), "Your answers are the sums of r") for a in RIGHT["best_stump"]),
    ("best_stump", unweighted, "You add up the mean squared error of each side"),
    ("best_stump", unweighted_by_min, "You add up the mean squared error of each side"),
    ("best_stump", unweighted_by_sorting, "You add up the mean squared error of each side"),
    ("boost", to_y_with_a_list, "Your base models are fitted to y itself"),
    *(("boost", without_last(a), "The last loss is missing") for a in RIGHT["boost"]),
    *(("boost", added_up(a), "Your losses are sums over the examples") for a in RIGHT["boost"]),
    ("boost", to_y, "Your base models are fitted to y itself"),
    ("boost", to_y_in_rounds, "Your base models are fitted to y itself"),
    *(("boost", without_first(a), "The first loss is missing") for a in RIGHT["boost"]),
    *(("boost", without_rate(a), "You forget lr") for a in RIGHT["boost"]),
    ("spiral_features", radius, "The radius alone says nothing"),
    ("spiral_features", radius_by_norm, "The radius alone says nothing"),
    ("spiral_features", radius_in_loops, "The radius alone says nothing"),
    *(
        ("spiral_features", answer, "You take the sine of the turned angle")
        for answer in (sine, sine_by_complex, sine_in_loops)
    ),
    ("spiral_features", turned_on, "You turn the points on, not back"),
    ("spiral_features", turned_on_by_complex, "You turn the points on, not back"),
    ("spiral_features", turned_on_in_loops, "You turn the points on, not back"),
    ("spiral_features", lambda X: X, "Your features are the coordinates"),
    ("spiral_features", lambda X: X[:, ::-1], "Your features are the coordinates"),
    ("spiral_features", lambda X: X.tolist(), "Your features are the coordinates"),
    ("spiral_features", lambda X: 100 * X**2, "Your features are squares"),
    ("spiral_features", lambda X: X * X, "Your features are squares"),
    ("spiral_features", lambda X: [[a * a, b * b] for a, b in X.tolist()], "Your features are sq"),
]


@pytest.mark.parametrize(("name", "answer", "start"), SLIPS)
def test_slips_are_named_in_whatever_style(name: str, answer: Answer, start: str) -> None:
    begins(name, answer, start)
