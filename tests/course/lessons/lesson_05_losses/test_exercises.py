"""Lesson 05's exercises: right answers in other styles, the tasks' examples, mistakes by name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judged import begins, details, passes

from nnlib import Tensor
from nnlib.course.lessons import EXERCISES
from nnlib.nn import functional as F

Answer = Callable[..., Any]


# ── Right, in other styles ───────────────────────────────────────────────────────────────────────


def softmax_with_logaddexp(Z):
    log_P = Z - np.logaddexp.reduce(Z, axis=-1)[..., None]
    return np.exp(log_P), log_P


def softmax_row_by_row(Z):
    rows = []
    for z in Z.reshape(-1, Z.shape[-1]):
        m = max(z)
        rows.append([v - m - np.log(sum(np.exp(u - m) for u in z)) for v in z])
    log_P = np.array(rows).reshape(Z.shape)
    return [np.exp(log_P), log_P]


def softmax_of_nnlib(Z):
    Z = Tensor(Z.astype(float))
    return F.softmax(Z, dim=-1).data, F.log_softmax(Z, dim=-1).data


def smoothed_in_two_terms(Z, y, eps):
    log_p = softmax_with_logaddexp(Z)[1]
    own = -log_p[range(len(y)), y]
    return np.mean((1 - eps) * own - eps * log_p.mean(axis=1))


def smoothed_in_loops(Z, y, eps):
    total = 0.0
    for z, label in zip(Z.tolist(), y, strict=True):
        top = max(z)
        log_sum = top + np.log(sum(np.exp(v - top) for v in z))
        for k, v in enumerate(z):
            share = eps / len(z) + (1 - eps if k == label else 0)
            total += share * (log_sum - v)
    return total / len(Z)


def smoothed_by_nnlib(Z, y, eps):
    return F.cross_entropy(Z.astype(float), y, label_smoothing=eps).item()


def loss_with_norms(Y_hat, Y, W1, b1, W2, b2, l2):
    errors = np.linalg.norm(Y_hat - Y, axis=1) ** 2
    return np.average(errors) + l2 * (np.linalg.norm(W1) ** 2 + np.linalg.norm(W2, "fro") ** 2)


def loss_in_loops(Y_hat, Y, W1, b1, W2, b2, l2):
    total = 0.0
    for answer, target in zip(Y_hat, Y, strict=True):
        for a, t in zip(answer, target, strict=True):
            total += float(a - t) ** 2
    total /= len(Y)
    for w in [*W1.ravel(), *W2.ravel()]:
        total += l2 * float(w) ** 2
    return total


def loss_with_einsum(Y_hat, Y, W1, b1, W2, b2, l2):
    off = Y_hat - Y
    weights = np.concatenate([W1.ravel(), W2.ravel()]).astype(float)
    return np.einsum("nk,nk->", off, off) / off.shape[0] + l2 * weights @ weights


def ends_of_other_makes(task, z, y):
    """Brier plus entropy, a square without y², softplus, and a softmax in base 2."""
    if task == "yes_no":
        p = 1 / (1 + np.exp(-z))
        return p, np.logaddexp(0, z) - y * z + (p - y) ** 2
    if task == "change":
        return z, z**2 - 2 * y * z
    if task == "count":
        rate = np.logaddexp(0, z)
        return rate, rate - y * np.log(rate)
    powers = 2.0**z
    P = powers / powers.sum(axis=1, keepdims=True)
    return P, -np.log2(P[np.arange(len(y)), y])


def ends_in_loops(task, z, y):
    answers, losses = [], []
    for score, target in zip(z, y, strict=True):
        if task == "class":
            e = [np.exp(v - max(score)) for v in score]
            answers.append([v / sum(e) for v in e])
            losses.append(max(score) + np.log(sum(e)) - score[target])
        elif task == "change":
            answers.append(score)
            losses.append((score - target) ** 2)
        elif task == "count":
            answers.append(np.exp(score))
            losses.append(np.exp(score) - target * score)
        else:
            answers.append(1 / (1 + np.exp(-score)))
            losses.append(np.logaddexp(0, -score if target else score))
    return answers, losses


def ends_with_scales_and_constants(task, z, y):
    if task == "yes_no":
        return 0.5 * (1 + np.tanh(z / 2)), np.log1p(np.exp(np.where(y == 1, -z, z)))
    if task == "change":
        return 2 * z, (2 * z - y) ** 2
    if task == "count":
        return np.exp(z + 1), np.exp(z + 1) - y * (z + 1) + 7
    log_p = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    return np.exp(log_p), -(np.eye(3)[y] * log_p).sum(1)


RIGHT = {
    "stable_softmax": [softmax_with_logaddexp, softmax_row_by_row, softmax_of_nnlib],
    "smoothed_cross_entropy": [smoothed_in_two_terms, smoothed_in_loops, smoothed_by_nnlib],
    "regularized_loss": [loss_with_norms, loss_in_loops, loss_with_einsum],
    "head_and_loss": [ends_of_other_makes, ends_in_loops, ends_with_scales_and_constants],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        with np.errstate(divide="ignore"):
            passes(name, answer, range(3))


def test_the_examples_of_the_tasks() -> None:
    reference = {name: EXERCISES[name].reference for name in RIGHT}
    P, log_P = reference["stable_softmax"](np.log([1.0, 3.0]))
    np.testing.assert_allclose(P, [0.25, 0.75])
    np.testing.assert_allclose(log_P, [-1.386, -0.288], atol=5e-4)
    Z, y = np.log([[1.0, 3.0], [1.0, 3.0]]), np.array([1, 0])
    smoothed = reference["smoothed_cross_entropy"]
    assert round(smoothed(Z, y, 0.0), 3) == round(smoothed(Z, y, 0.2), 3) == 0.837
    assert round(smoothed(Z[:1], y[:1], 0.2), 3) == 0.398
    assert round(smoothed(Z[1:], y[1:], 0.2), 3) == 1.276
    one = np.ones((1, 1))
    args = 3 * one, one, 2 * one, np.array([5.0]), -one, np.array([7.0]), 0.5
    assert reference["regularized_loss"](*args) == 6.5
    answers, losses = reference["head_and_loss"]("yes_no", np.array([0.0, 5]), np.array([1, 0]))
    np.testing.assert_allclose(answers, [0.5, 0.993], atol=5e-4)
    np.testing.assert_allclose(losses, [0.693, 5.007], atol=5e-4)


# ── The commonest mistakes, each in three styles ─────────────────────────────────────────────────


def log_of_p_in_loops(Z):
    P = softmax_row_by_row(Z)[0]
    return P, np.array([np.log(p) for p in P.ravel()]).reshape(P.shape)


def log_of_p_by_nnlib(Z):
    P = softmax_of_nnlib(Z)[0]
    return P, np.log(P)


def log_of_p_divided(Z):
    e = np.exp(np.subtract(Z, np.max(Z, -1)[..., None]))
    quotient = np.divide(e, np.sum(e, -1)[..., None])
    return quotient, np.log(quotient)


def plain_in_loops(Z):
    rows = [np.exp(z) / sum(np.exp(z)) for z in Z.reshape(-1, Z.shape[-1])]
    P = np.array(rows).reshape(Z.shape)
    return P, np.log(P)


def plain_with_einsum(Z):
    e = np.exp(Z)
    P = np.einsum("...k,...->...k", e, 1 / e.sum(-1))
    return P, np.log(P)


def plain_with_powers(Z):
    P = np.e**Z / (np.e**Z).sum(axis=-1)[..., None]
    return P, np.log(P)


def one_maximum(Z):
    s = Z - np.max(Z)
    e = np.exp(s)
    total = np.sum(e, axis=-1, keepdims=True)
    return e / total, s - np.log(total)


def one_maximum_in_loops(Z):
    top = max(Z.ravel())
    rows = [(z - top, np.exp(z - top).sum()) for z in Z.reshape(-1, Z.shape[-1])]
    P = np.array([np.exp(s) / total for s, total in rows]).reshape(Z.shape)
    return P, np.array([s - np.log(total) for s, total in rows]).reshape(Z.shape)


def one_maximum_by_sorting(Z):
    s = Z - np.sort(Z, axis=None)[-1]
    total = np.exp(s).sum(-1)[..., None]
    return np.exp(s) / total, s - np.log(total)


def axis_one(Z):
    s = Z - np.max(Z, 1, keepdims=True)
    log_P = s - np.log(np.sum(np.exp(s), 1, keepdims=True))
    return np.exp(log_P), log_P


def axis_one_with_logaddexp(Z):
    log_P = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    return np.exp(log_P), log_P


def axis_one_expanded(Z):
    s = Z - np.expand_dims(Z.max(1), 1)
    e = np.exp(s)
    return e / np.expand_dims(e.sum(1), 1), s - np.log(np.expand_dims(e.sum(1), 1))


def axis_one_of_a_lifted_example(Z):
    if Z.ndim == 1:
        return tuple(result[0] for result in axis_one(Z[None]))
    return axis_one(Z)


def axis_one_in_two_branches(Z):
    axis = 0 if Z.ndim == 1 else 1
    log_P = Z - np.logaddexp.reduce(Z, axis=axis, keepdims=True)
    return np.exp(log_P), log_P


def unnormalized(Z):
    return np.exp(Z - Z.max(-1, keepdims=True)), softmax_with_logaddexp(Z)[1]


def unnormalized_in_loops(Z):
    rows = [[np.exp(v - max(z)) for v in z] for z in Z.reshape(-1, Z.shape[-1])]
    return np.array(rows).reshape(Z.shape), softmax_row_by_row(Z)[1]


def divided_by_the_largest(Z):
    P, log_P = softmax_of_nnlib(Z)
    return P / P.max(-1)[..., None], log_P


def shares_of_others(Z, y, eps):
    K = Z.shape[1]
    log_p = softmax_with_logaddexp(Z)[1]
    q = np.where(np.arange(K) == y[:, None], 1 - eps, eps / (K - 1))
    return -np.mean((q * log_p).sum(1))


def shares_of_others_in_loops(Z, y, eps):
    losses = []
    for log_p, label in zip(softmax_with_logaddexp(Z)[1], y, strict=True):
        rest = sum(v for k, v in enumerate(log_p) if k != label)
        losses.append(-(1 - eps) * log_p[label] - eps / (len(log_p) - 1) * rest)
    return sum(losses) / len(losses)


def shares_of_others_from_one_hot(Z, y, eps):
    E = np.eye(Z.shape[1])[y]
    q = (1 - eps) * E + eps * (1 - E) / (Z.shape[1] - 1)
    return np.mean(-np.einsum("nk,nk->n", q, softmax_with_logaddexp(Z)[1]))


def no_share_for_the_label(Z, y, eps):
    E = np.eye(Z.shape[1])[y]
    q = (1 - eps) * E + eps / Z.shape[1] * (1 - E)
    return -(q * softmax_with_logaddexp(Z)[1]).sum() / len(Z)


def no_share_in_loops(Z, y, eps):
    total = 0.0
    for log_p, label in zip(softmax_with_logaddexp(Z)[1], y, strict=True):
        for k in range(len(log_p)):
            total -= (1 - eps if k == label else eps / len(log_p)) * log_p[k]
    return total / len(Z)


def no_share_by_where(Z, y, eps):
    q = np.where(np.arange(Z.shape[1]) == y[:, None], 1 - eps, eps / Z.shape[1])
    return -np.sum(q * softmax_with_logaddexp(Z)[1], axis=1).mean()


def summed(Z, y, eps):
    return smoothed_in_two_terms(Z, y, eps) * len(Z)


def summed_in_loops(Z, y, eps):
    return sum(smoothed_in_loops(z[None], [k], eps) for z, k in zip(Z, y, strict=True))


def summed_by_nnlib(Z, y, eps):
    return F.cross_entropy(Z.astype(float), y, label_smoothing=eps, reduction="sum").item()


def all_entries(Z, y, eps):
    q = (1 - eps) * np.eye(Z.shape[1])[y] + eps / Z.shape[1]
    return -np.mean(q * softmax_with_logaddexp(Z)[1])


def all_entries_in_loops(Z, y, eps):
    return smoothed_in_loops(Z, y, eps) / len(Z[0])


def all_entries_by_size(Z, y, eps):
    return smoothed_in_two_terms(Z, y, eps) * len(y) / Z.size


def not_smoothed(Z, y, eps):
    return smoothed_in_two_terms(Z, y, 0.0)


def not_smoothed_in_loops(Z, y, eps):
    return np.mean([-log_p[k] for log_p, k in zip(softmax_row_by_row(Z)[1], y, strict=True)])


def not_smoothed_by_nnlib(Z, y, eps):
    return F.cross_entropy(Z.astype(float), y).item()


def penalty(W1, W2):
    return (W1.astype(float) ** 2).sum() + np.square(W2.astype(float)).sum()


def fit(Y_hat, Y):
    return np.linalg.norm(Y_hat.astype(float) - Y, axis=1) ** 2


def minus_sign(Y_hat, Y, W1, b1, W2, b2, l2):
    return -fit(Y_hat, Y).mean() + l2 * penalty(W1, W2)


def minus_sign_in_loops(Y_hat, Y, W1, b1, W2, b2, l2):
    total = 0.0
    for answer, target in zip(Y_hat, Y, strict=True):
        total -= sum((answer - target) ** 2) / len(Y)
    return total + l2 * penalty(W1, W2)


def minus_sign_in_a_fraction(Y_hat, Y, W1, b1, W2, b2, l2):
    return (-1 / len(Y)) * np.sum((Y - Y_hat) ** 2) + l2 * penalty(W1, W2)


def mean_of_entries(Y_hat, Y, W1, b1, W2, b2, l2):
    return np.mean((Y - Y_hat) ** 2) + l2 * penalty(W1, W2)


def mean_of_entries_by_size(Y_hat, Y, W1, b1, W2, b2, l2):
    return fit(Y_hat, Y).sum() / Y.size + l2 * penalty(W1, W2)


def mean_of_entries_by_nnlib(Y_hat, Y, W1, b1, W2, b2, l2):
    return F.mse_loss(Y_hat.astype(float), Y.astype(float)).item() + l2 * penalty(W1, W2)


def all_parameters(Y_hat, Y, W1, b1, W2, b2, l2):
    return fit(Y_hat, Y).mean() + l2 * sum((p.astype(float) ** 2).sum() for p in (W1, b1, W2, b2))


def all_parameters_in_one(Y_hat, Y, W1, b1, W2, b2, l2):
    theta = np.concatenate([p.ravel() for p in (W1, b1, W2, b2)]).astype(float)
    return fit(Y_hat, Y).mean() + l2 * theta @ theta


def all_parameters_by_norms(Y_hat, Y, W1, b1, W2, b2, l2):
    norms = [np.linalg.norm(p) for p in (W1, W2, b1, b2)]
    return np.mean(fit(Y_hat, Y)) + l2 * np.sum(np.square(norms))


def bare_norms(Y_hat, Y, W1, b1, W2, b2, l2):
    return fit(Y_hat, Y).mean() + l2 * (np.linalg.norm(W1) + np.linalg.norm(W2))


def bare_norms_by_hand(Y_hat, Y, W1, b1, W2, b2, l2):
    return fit(Y_hat, Y).mean() + l2 * (penalty(W1, 0 * W2) ** 0.5 + penalty(0 * W1, W2) ** 0.5)


def bare_norms_in_a_loop(Y_hat, Y, W1, b1, W2, b2, l2):
    loss = np.mean(fit(Y_hat, Y))
    for W in (W1, W2):
        loss += l2 * np.sqrt(np.einsum("ij,ij->", W, W))
    return loss


def in_each_example(Y_hat, Y, W1, b1, W2, b2, l2):
    return np.mean(fit(Y_hat, Y)) + sum(l2 * penalty(W1, W2) for _ in Y)


def in_each_example_then_summed(Y_hat, Y, W1, b1, W2, b2, l2):
    return sum(loss / len(Y) + l2 * penalty(W1, W2) for loss in fit(Y_hat, Y))


def times_n(Y_hat, Y, W1, b1, W2, b2, l2):
    return fit(Y_hat, Y).mean() + Y.shape[0] * l2 * penalty(W1, W2)


def with_task(name: str, own: Answer) -> Answer:
    """Right for the other tasks."""

    def answer(task, z, y):
        return own(z, y) if task == name else ends_in_loops(task, z, y)

    return answer


def sigma(z):
    return 1 / (1 + np.exp(-z))


def rows(z):
    return np.exp(z) / np.exp(z).sum(1)[:, None]


BRIER = [
    lambda z, y: (sigma(z), (y - sigma(z)) ** 2),
    lambda z, y: (sigma(z), [(sigma(v) - t) ** 2 for v, t in zip(z, y, strict=True)]),
    lambda z, y: (0.5 + 0.5 * np.tanh(z / 2), np.square(0.5 + 0.5 * np.tanh(z / 2) - y)),
]
ROUNDED = [
    lambda z, y: (sigma(z), -np.where(y == 1, np.log(sigma(z)), np.log(1 - sigma(z)))),
    lambda z, y: (sigma(z), [-np.log(sigma(v) if t else 1 - sigma(v)) for v, t in zip(z, y)]),  # noqa: B905
    lambda z, y: (sigma(z), -np.log(np.abs(1 - y - sigma(z)))),
]
RELU = [
    lambda z, y: (np.maximum(z, 0), (y - np.maximum(0, z)) ** 2),
    lambda z, y: (z * (z > 0), np.square(z * (z > 0) - y)),
    lambda z, y: (np.where(z > 0, z, 0), [(max(v, 0) - t) ** 2 for v, t in zip(z, y, strict=True)]),
]
MEDIAN = [
    lambda z, y: (z, np.abs(y - z)),
    lambda z, y: (1 * z, [abs(v - t) for v, t in zip(z, y, strict=True)]),
    lambda z, y: (+z, np.sqrt((z - y) ** 2)),
]
BARE_COUNT = [
    lambda z, y: (z, (z - y) ** 2),
    lambda z, y: (1 * z, np.square(y - z)),
    lambda z, y: (list(z), [(v - t) ** 2 for v, t in zip(z, y, strict=True)]),
]
SQUARED_SOFTMAX = [
    lambda z, y: (rows(z), np.square(rows(z) - np.eye(3)[y]).sum(1)),
    lambda z, y: (rows(z), [((p - np.eye(3)[k]) ** 2).sum() for p, k in zip(rows(z), y)]),  # noqa: B905
    lambda z, y: (rows(z), np.linalg.norm(rows(z) - np.eye(3)[y], axis=1) ** 2),
]

SLIPS: list[tuple[str, str, list[Answer]]] = [
    (
        "stable_softmax",
        "You take the logarithm of P",
        [log_of_p_in_loops, log_of_p_by_nnlib, log_of_p_divided],
    ),
    (
        "stable_softmax",
        "exp of a logit of 1000 overflows. Subtract",
        [plain_in_loops, plain_with_einsum, plain_with_powers],
    ),
    (
        "stable_softmax",
        "The largest of all logits",
        [one_maximum, one_maximum_in_loops, one_maximum_by_sorting],
    ),
    (
        "stable_softmax",
        "`axis=1` is the last axis of a batch alone",
        [axis_one, axis_one_with_logaddexp, axis_one_expanded],
    ),
    (
        "stable_softmax",
        "One example comes out right, and so does a batch",
        [axis_one_of_a_lifted_example, axis_one_in_two_branches],
    ),
    (
        "stable_softmax",
        "Your P is exp(s)",
        [unnormalized, unnormalized_in_loops, divided_by_the_largest],
    ),
    (
        "smoothed_cross_entropy",
        "The label gets 1 − eps, and the other K − 1",
        [shares_of_others, shares_of_others_in_loops, shares_of_others_from_one_hot],
    ),
    (
        "smoothed_cross_entropy",
        "At the label you have 1 − eps",
        [no_share_for_the_label, no_share_in_loops, no_share_by_where],
    ),
    (
        "smoothed_cross_entropy",
        "You add up the examples",
        [summed, summed_in_loops, summed_by_nnlib],
    ),
    (
        "smoothed_cross_entropy",
        "You take the mean over all N · K",
        [all_entries, all_entries_in_loops, all_entries_by_size],
    ),
    (
        "smoothed_cross_entropy",
        "Your loss does not depend on eps",
        [not_smoothed, not_smoothed_in_loops, not_smoothed_by_nnlib],
    ),
    (
        "regularized_loss",
        "The loss of the batch comes in with a minus",
        [minus_sign, minus_sign_in_loops, minus_sign_in_a_fraction],
    ),
    (
        "regularized_loss",
        "You take the mean over all entries",
        [mean_of_entries, mean_of_entries_by_size, mean_of_entries_by_nnlib],
    ),
    (
        "regularized_loss",
        "You penalize the biases too",
        [all_parameters, all_parameters_in_one, all_parameters_by_norms],
    ),
    (
        "regularized_loss",
        "You add the norms themselves",
        [bare_norms, bare_norms_by_hand, bare_norms_in_a_loop],
    ),
    (
        "regularized_loss",
        "Your penalty is added once for each example",
        [in_each_example, in_each_example_then_summed, times_n],
    ),
    (
        "head_and_loss",
        "**yes_no:** the squared error on a sigmoid",
        [with_task("yes_no", own) for own in BRIER],
    ),
    (
        "head_and_loss",
        "**yes_no:** at z = 40 the sigmoid is exactly 1",
        [with_task("yes_no", own) for own in ROUNDED],
    ),
    ("head_and_loss", "**change:** ReLU cannot", [with_task("change", own) for own in RELU]),
    (
        "head_and_loss",
        "**change:** the absolute error",
        [with_task("change", own) for own in MEDIAN],
    ),
    (
        "head_and_loss",
        "**count:** no head, with the squared error",
        [with_task("count", own) for own in BARE_COUNT],
    ),
    (
        "head_and_loss",
        "**class:** the squared error on a softmax",
        [with_task("class", own) for own in SQUARED_SOFTMAX],
    ),
]


@pytest.mark.parametrize(
    ("name", "start", "answers"), SLIPS, ids=[f"{name}: {start[:40]}" for name, start, _ in SLIPS]
)
def test_slips_are_named_in_whatever_style(name: str, start: str, answers: list[Answer]) -> None:
    for answer in answers:
        begins(name, answer, start, range(2))


# ── What the last exercise says of answers of the wrong kind ─────────────────────────────────────


def test_a_head_and_a_loss_must_both_come_back() -> None:
    told = details("head_and_loss", lambda task, z, y: z)["runs"]
    assert "it must return two things: the answers and the losses" in told


def test_one_loss_for_the_whole_batch_is_told_so() -> None:
    def mean(task, z, y):
        answers, losses = ends_in_loops(task, z, y)
        return answers, np.mean(losses)

    assert "one each makes it (6,)" in details("head_and_loss", mean)["runs"]


def test_a_head_in_the_range_with_an_honest_loss_may_still_pull_too_little() -> None:
    told = details("head_and_loss", with_task("yes_no", BRIER[0]))["values"]
    assert "entry 0 of the slope of the loss at z is" in told
