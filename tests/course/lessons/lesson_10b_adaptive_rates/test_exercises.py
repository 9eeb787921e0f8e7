"""Right answers in other styles than the reference's, and what the two exercises say of themselves."""

import math

import numpy as np
import pytest
from judged import passes

from nnlib.course.kit.judging import judge, run
from nnlib.course.lessons import EXERCISES


def adam_as_published(w, g, state, lr, b1, b2, eps, decay):
    m, v, t = state if state is not None else (np.zeros(w.shape), np.zeros(w.shape), 0)
    t += 1
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * np.square(g)
    rate = lr * math.sqrt(1 - b2**t) / (1 - b1**t)  # Kingma and Ba, end of section 2
    return w * (1 - lr * decay) - rate * m / (np.sqrt(v) + eps * math.sqrt(1 - b2**t)), [m, v, t]


def adam_by_lerp(w, g, state, lr, b1, b2, eps, decay):
    if state is None:
        state = [np.zeros(g.shape), np.zeros(g.shape), 1.0, 1.0]
    m, s, p1, p2 = state
    m, s, p1, p2 = m + (1 - b1) * (g - m), s + (1 - b2) * (g**2 - s), p1 * b1, p2 * b2
    new = w - lr * (decay * w + m / (1 - p1) / (eps + np.sqrt(s / (1 - p2))))
    return new, [m, s, p1, p2]


def adam_with_the_whole_history(w, g, state, lr, b1, b2, eps, decay):
    past = [*(state or []), g]

    def mean(b, power):
        weights = [b**age for age in range(len(past))][::-1]
        total = sum(weight * old**power for weight, old in zip(weights, past, strict=True))
        return total / sum(weights)

    return w - lr * decay * w - lr * mean(b1, 1) / (mean(b2, 2) ** 0.5 + eps), past


def best_by_argmin(step, rates, gradient, validation_loss, start, steps):
    losses = []
    for lr in rates:
        w, state = start, None
        for _ in range(steps):
            w, state = step(w, gradient(w), state, lr)
        losses.append(validation_loss(w))
    i = int(np.nanargmin(losses))
    return rates[i], losses[i]


def best_by_sorting(step, rates, gradient, validation_loss, start, steps):
    def run(w, state, lr, left):
        if not left:
            return validation_loss(w)
        return run(*step(w, gradient(w), state, lr), lr, left - 1)

    pairs = [(run(np.copy(start), None, lr, steps), i, lr) for i, lr in enumerate(rates)]
    loss, _, lr = min(pair for pair in pairs if not math.isnan(pair[0]))
    return lr, loss


def best_in_a_dict(step, rates, gradient, validation_loss, start, steps):
    ends = {}
    for lr in rates:
        w, state, t = start, None, 0
        while t < steps:
            w, state = step(w, gradient(w), state, lr)
            t += 1
        if (loss := validation_loss(w)) == loss:
            ends[float(lr)] = loss
    lr = min(ends, key=ends.get)
    return [lr, ends[lr]]


RIGHT = {
    "adam_step": [adam_as_published, adam_by_lerp, adam_with_the_whole_history],
    "best_rate": [best_by_argmin, best_by_sorting, best_in_a_dict],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


def test_adam_moves_every_weight_by_the_rate_at_first():
    g = np.array([5.0, -0.01])
    w, _ = EXERCISES["adam_step"].reference(np.ones(2), g, None, 0.1, 0.9, 0.999, 1e-8, 0.0)
    np.testing.assert_allclose(w, [0.9, 1.1], atol=1e-6)


def test_adam_steps_are_those_of_torch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    gradients, rates = rng.normal(size=(50, 4)), rng.uniform(0.01, 0.1, 50)
    w, state = np.ones(4), None
    p = torch.ones(4, dtype=torch.float64, requires_grad=True)
    theirs = torch.optim.AdamW([p], weight_decay=0.1)
    for g, lr in zip(gradients, rates, strict=True):
        w, state = EXERCISES["adam_step"].reference(w, g, state, lr, 0.9, 0.999, 1e-8, 0.1)
        p.grad = torch.tensor(g)
        theirs.param_groups[0]["lr"] = lr
        theirs.step()
    np.testing.assert_allclose(w, p.detach().numpy(), rtol=0, atol=1e-12)


def test_the_example_of_the_best_rate():
    reference = EXERCISES["best_rate"].reference

    def step(w, g, state, lr):
        return w - lr * g, None

    rates = [0.1, 0.9, 1.7]
    lr, loss = reference(step, rates, lambda w: w, lambda w: w[0] ** 2 / 2, np.ones(1), 2)
    assert lr == 0.9 and loss == pytest.approx(0.00005)


# Slips that are written in another way than the page has them.
def carries_the_state(step, rates, gradient, validation_loss, start, steps):
    state, losses = None, []
    for lr in rates:
        w = np.array(start, dtype=float)
        for _ in range(steps):
            w, state = step(w, gradient(w), state, lr)
        losses.append(validation_loss(w))
    i = int(np.nanargmin(losses))
    return rates[i], losses[i]


def takes_the_first_nan(step, rates, gradient, validation_loss, start, steps):
    losses = np.zeros(len(rates))
    for i in range(len(rates)):
        w, state = start, None
        for _ in range(steps):
            w, state = step(w, gradient(w), state, rates[i])
        losses[i] = validation_loss(w)
    return rates[np.argmin(losses)], np.min(losses)


def gives_the_place(step, rates, gradient, validation_loss, start, steps):
    lr, loss = best_by_argmin(step, rates, gradient, validation_loss, start, steps)
    return next(k for k, rate in enumerate(rates) if rate == lr), loss


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (carries_the_state, "Each run has to begin with the state None"),
        (takes_the_first_nan, "A run that got lost"),
        (gives_the_place, "You return the place"),
    ],
)
def test_slips_in_other_styles_are_named(answer, words):
    exercise = EXERCISES["best_rate"]
    sentences = list(judge(exercise, 1, run(exercise, answer, 1)).mistakes.values())
    assert len(sentences) == 1 and sentences[0].startswith(words)
