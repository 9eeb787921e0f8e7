"""Lesson 11: right answers in other styles, and the numbers of the lesson."""

import math
from collections import defaultdict

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib import Tensor
from nnlib.course.kit.judging import judge, run
from nnlib.course.lessons import EXERCISES


def poke_in_loops(x, W, v, i, j, new):
    def z(row, weight=None):
        terms = [float(W[row, k]) * float(x[k]) for k in range(len(x))]
        if weight is not None and row == i:
            terms[j] = weight * float(x[j])
        return sum(terms)

    before = sum(float(v[r]) * max(z(r), 0.0) for r in range(len(v)))
    after = sum(float(v[r]) * max(z(r, new), 0.0) for r in range(len(v)))
    promised = before
    if z(i) > 0:
        promised += float(v[i]) * float(x[j]) * (new - float(W[i, j]))
    return [before, after, promised]


def poke_by_the_whole_gradient(x, W, v, i, j, new):
    z = W.astype(float) @ x
    gradient = np.outer(v * (z > 0), x)
    step = np.zeros(W.shape)
    step[i, j] = new - W[i, j]
    before = (v * z)[z > 0].sum()
    return before, np.dot(v, ((W + step) @ x).clip(0)), before + (gradient * step).sum()


def poke_by_the_engine(x, W, v, i, j, new):
    t = Tensor(W.astype(float), requires_grad=True)
    y = (Tensor(v.astype(float)) * F.relu(t @ Tensor(x.astype(float)))).sum()
    y.backward()
    poked = np.where(np.arange(W.size).reshape(W.shape) == i * W.shape[1] + j, new, W)
    after = np.sum(v * np.maximum(poked @ x, 0))
    return y.item(), after, y.item() + t.grad[i, j] * (new - W[i, j])


def gradients_by_readers(edges, slopes, n):
    readers = defaultdict(list)
    for (source, target), slope in zip(edges.tolist(), slopes.tolist(), strict=True):
        readers[source].append((target, slope))
    grads = [0.0] * n
    grads[-1] = 1.0
    for node in range(n - 2, -1, -1):
        grads[node] = sum(slope * grads[target] for target, slope in readers[node])
    return grads


def gradients_with_add_at(edges, slopes, n):
    order = np.argsort(edges[:, 1], kind="stable")[::-1]
    grads = np.eye(n)[n - 1]
    for target in np.unique(edges[:, 1])[::-1]:
        group = order[edges[order, 1] == target]
        np.add.at(grads, edges[group, 0], slopes[group] * grads[target])
    return grads


def gradients_when_all_readers_have_sent(edges, slopes, n):
    waiting, inputs = [0] * n, defaultdict(list)
    for e, (source, target) in enumerate(edges):
        waiting[source] += 1
        inputs[target].append(e)
    grads = np.zeros(n)
    grads[n - 1] = 1
    ready = [k for k in range(n) if waiting[k] == 0]
    while ready:
        target = ready.pop()
        for e in inputs[target]:
            source = edges[e, 0]
            grads[source] += grads[target] * slopes[e]
            waiting[source] -= 1
            if waiting[source] == 0:
                ready.append(source)
    return grads


def program_by_forward_mode(x, program):
    values = [float(number) for number in x]
    tangents = list(np.eye(len(x)))
    for op, i, j in program:
        u, v, du, dv = values[i], values[j], tangents[i], tangents[j]
        results = {
            "add": (u + v, du + dv),
            "sub": (u - v, du - dv),
            "mul": (u * v, u * dv + v * du),
            "tanh": (math.tanh(u), (1 - math.tanh(u) ** 2) * du),
            "relu": (u, du) if u > 0 else (0.0, 0 * du),
        }
        if op not in results:
            raise ValueError(op)
        values.append(results[op][0])
        tangents.append(results[op][1])
    return values[-1], tangents[-1]


def program_by_the_engine(x, program):
    t = Tensor(x.astype(float), requires_grad=True)
    values = [t[k] for k in range(len(x))]
    ops = {"tanh": F.tanh, "relu": F.relu}
    for op, i, j in program:
        if op in ops:
            values.append(ops[op](values[i]))
        elif op in ("add", "sub", "mul"):
            u, v = values[i], values[j]
            values.append(u + v if op == "add" else u - v if op == "sub" else u * v)
        else:
            raise ValueError(f"unknown: {op}")
    values[-1].backward()
    return values[-1].item(), t.grad


def program_with_closures(x, program):
    values, grads, back = list(map(float, x)), defaultdict(float), []

    def send(i, amount):
        grads[i] += amount

    for op, i, j in program:
        u, v, me = values[i], values[j], len(values)
        if op == "add":
            values.append(u + v)
            back.append(lambda i=i, j=j, me=me: (send(i, grads[me]), send(j, grads[me])))
        elif op == "sub":
            values.append(u - v)
            back.append(lambda i=i, j=j, me=me: (send(i, grads[me]), send(j, -grads[me])))
        elif op == "mul":
            values.append(u * v)
            back.append(
                lambda i=i, j=j, me=me, u=u, v=v: (send(i, grads[me] * v), send(j, grads[me] * u))
            )
        elif op == "tanh":
            values.append(np.tanh(u))
            back.append(lambda i=i, me=me: send(i, grads[me] / np.cosh(values[i]) ** 2))
        elif op == "relu":
            values.append(u * (u > 0))
            back.append(lambda i=i, me=me: send(i, grads[me] * np.heaviside(values[i], 0)))
        else:
            raise ValueError("what is that?")
    grads[len(values) - 1] = 1.0
    for step in reversed(back):
        step()
    return np.array(values[-1]), [grads[k] for k in range(len(x))]


def neuron_by_hand(X, y, w, lr, steps):
    w, losses = np.array(w, dtype=float), []
    for _ in range(steps):
        y_hat = np.tanh(X @ w)
        losses.append(np.mean((y_hat - y) ** 2))
        w = w - lr * 2 * X.T @ ((y_hat - y) * (1 - y_hat**2)) / len(y)
    return w, np.array(losses)


def neuron_anew_each_step(X, y, w, lr, steps):
    losses = []
    w = np.copy(w)
    while len(losses) < steps:
        t = Tensor(w, requires_grad=True)
        loss = F.mse_loss(F.tanh(X.astype(w.dtype) @ t), Tensor(y.astype(w.dtype)))
        loss.backward()
        losses += [loss.item()]
        w = w - lr * t.grad
    return w, losses


def neuron_with_an_optimizer(X, y, w, lr, steps):
    from nnlib import nn, optim

    parameter = nn.Parameter(np.array(w, dtype=float))
    sgd, losses = optim.SGD([parameter], lr=lr), []
    for _ in range(steps):
        sgd.zero_grad()
        loss = ((F.tanh(Tensor(X.astype(float)) @ parameter) - y) ** 2).sum() / len(X)
        loss.backward()
        losses.append(float(loss.item()))
        sgd.step()
    return parameter.data.copy(), tuple(losses)


RIGHT = {
    "poke": [poke_in_loops, poke_by_the_whole_gradient, poke_by_the_engine],
    "gradients": [
        gradients_by_readers,
        gradients_with_add_at,
        gradients_when_all_readers_have_sent,
    ],
    "value_and_gradient": [program_by_forward_mode, program_by_the_engine, program_with_closures],
    "train_neuron": [neuron_by_hand, neuron_anew_each_step, neuron_with_an_optimizer],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    exercise = EXERCISES[name]
    for answer in RIGHT[name]:
        for seed in range(5):
            verdict = judge(exercise, seed, run(exercise, answer, seed))
            assert verdict.passed, (answer.__name__, verdict.findings)


def test_the_numbers_of_the_lesson():
    x, v = np.array([2.0, -1.0]), np.array([-2.0, 4.0, -1.0])
    W = np.array([[1.0, -3.0], [-2.0, 0.0], [2.0, 1.0]])
    poke = EXERCISES["poke"].reference
    pokes = [(1, 1, 1), (0, 1, -2), (2, 1, 2), (1, 1, -10)]
    assert [poke(x, W, v, *where)[1] for where in pokes] == [-13, -11, -12, 11]
    toy = np.array([[0, 2], [1, 2], [1, 3], [2, 4], [3, 4]])
    found = EXERCISES["gradients"].reference(toy, np.array([1, 1, 1, 2, 3]), 5)
    assert found.tolist() == [2, 5, 2, 3, 1]
    program = [("add", 0, 1), ("mul", 1, 1), ("mul", 2, 3)]
    value, gradient = EXERCISES["value_and_gradient"].reference(np.array([2.0, 3.0]), program)
    assert (value, gradient.tolist()) == (45, [9, 39])
    one = np.array([[1.0, 2.0]]), np.array([0.5]), np.array([0.25, -0.25])
    assert EXERCISES["train_neuron"].reference(*one, 0.5, 1)[1][0] == pytest.approx(
        0.5549, abs=1e-4
    )


def test_walking_every_path_is_stopped_and_told():
    def walks_every_path(edges, slopes, n):
        def gradient(k):
            if k == n - 1:
                return 1.0
            return sum(s * gradient(t) for (f, t), s in zip(edges, slopes, strict=True) if f == k)

        return np.array([gradient(k) for k in range(n)])

    exercise = EXERCISES["gradients"]
    found = judge(exercise, 1, run(exercise, walks_every_path, 1)).findings[0]
    assert not found.holds
    assert "too deep for recursion" in found.detail
