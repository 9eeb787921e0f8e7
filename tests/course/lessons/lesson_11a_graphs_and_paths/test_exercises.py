"""Lesson 11a: right answers in other styles, and the numbers of the lesson."""

from collections import defaultdict

import numpy as np
import pytest
from judged import passes

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


def graph_by_the_engine(x):
    t = Tensor(x.astype(float), requires_grad=True)
    p = t[0] * t[1]
    s = p + t[2]
    m = p if p.item() > x[2] else t[2]
    (s * m).backward()
    grads = t.grad
    routed = p.item() > x[2]
    return [*grads, m.item() + (s.item() if routed else 0.0), m.item(), s.item()]


def graph_in_cases(x):
    a, b, c = map(float, x)
    if a * b > c:  # L = (a b + c) a b
        return (2 * a * b + c) * b, (2 * a * b + c) * a, a * b, 2 * a * b + c, a * b, a * b + c
    return np.array([c * b, c * a, a * b + 2 * c, c, c, a * b + c])  # L = (a b + c) c


def graph_by_edges(x):
    a, b, c = x
    p = a * b
    s, m = p + c, np.maximum(p, c)
    up = {"s": m, "m": s, "p": 0.0, "c": 0.0}
    for source, target, slope in [
        ("p", "s", 1), ("c", "s", 1), ("p", "m", p > c), ("c", "m", p < c),
    ]:  # fmt: skip
        up[source] += slope * up[target]
    return np.array([up["p"] * b, up["p"] * a, up["c"], up["p"], up["s"], up["m"]])


RIGHT = {
    "graph_by_hand": [graph_by_the_engine, graph_in_cases, graph_by_edges],
    "poke": [poke_in_loops, poke_by_the_whole_gradient, poke_by_the_engine],
    "gradients": [
        gradients_by_readers,
        gradients_with_add_at,
        gradients_when_all_readers_have_sent,
    ],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


def test_the_numbers_of_the_lesson():
    x, v = np.array([2.0, -1.0]), np.array([-2.0, 4.0, -1.0])
    W = np.array([[1.0, -3.0], [-2.0, 0.0], [2.0, 1.0]])
    poke = EXERCISES["poke"].reference
    pokes = [(1, 1, 1), (0, 1, -2), (2, 1, 2), (1, 1, -10)]
    assert [poke(x, W, v, *where)[1] for where in pokes] == [-13, -11, -12, 11]
    toy = np.array([[0, 2], [1, 2], [1, 3], [2, 4], [3, 4]])
    found = EXERCISES["gradients"].reference(toy, np.array([1, 1, 1, 2, 3]), 5)
    assert found.tolist() == [2, 5, 2, 3, 1]
    found = EXERCISES["graph_by_hand"].reference(np.array([2.0, 3.0, 1.0]))
    assert found == [39, 26, 6, 13, 6, 7]


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
