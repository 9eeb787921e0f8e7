"""Lesson 11b: right answers in other styles, and the numbers of the lesson."""

import math
from collections import defaultdict

import numpy as np
import pytest
from judged import passes

import nnlib.nn.functional as F
from nnlib import Tensor
from nnlib.course.lessons import EXERCISES


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


def layer_in_loops(W, b, x, g):
    m, d = W.shape
    dW, db, dx = np.zeros((m, d)), np.zeros(m), np.zeros(d)
    for i in range(m):
        z = float(b[i]) + sum(float(W[i, j]) * float(x[j]) for j in range(d))
        db[i] = float(g[i]) / math.cosh(z) ** 2
        for j in range(d):
            dW[i, j] += db[i] * x[j]
            dx[j] += db[i] * W[i, j]
    return dW, db, dx


def layer_by_einsum(W, b, x, g):
    z = np.einsum("ij,j->i", W, x) + b
    dz = g - g * np.tanh(z) ** 2
    return [dz[:, None] * x[None, :], dz, np.einsum("ij,i->j", W, dz)]


def layer_by_the_engine(W, b, x, g):
    t_W, t_b, t_x = (Tensor(array.astype(float), requires_grad=True) for array in (W, b, x))
    F.tanh(t_W @ t_x + t_b).backward(g.astype(float))
    return t_W.grad, t_b.grad, t_x.grad


RIGHT = {
    "value_and_gradient": [program_by_forward_mode, program_by_the_engine, program_with_closures],
    "layer_vjp": [layer_in_loops, layer_by_einsum, layer_by_the_engine],
    "train_neuron": [neuron_by_hand, neuron_anew_each_step, neuron_with_an_optimizer],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


def test_the_numbers_of_the_lesson():
    program = [("add", 0, 1), ("mul", 1, 1), ("mul", 2, 3)]
    value, gradient = EXERCISES["value_and_gradient"].reference(np.array([2.0, 3.0]), program)
    assert (value, gradient.tolist()) == (45, [9, 39])
    one = np.array([[1.0, 2.0]]), np.array([0.5]), np.array([0.25, -0.25])
    assert EXERCISES["train_neuron"].reference(*one, 0.5, 1)[1][0] == pytest.approx(
        0.5549, abs=1e-4
    )
    W, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([-17.0, -39.5])
    dW, db, dx = EXERCISES["layer_vjp"].reference(W, b, np.array([5.0, 6.0]), np.array([1, 10]))
    np.testing.assert_allclose(dW, [[5, 6], [39.3, 47.2]], atol=0.05)
    np.testing.assert_allclose(db, [1, 7.864], atol=0.001)
    np.testing.assert_allclose(dx, [24.6, 33.5], atol=0.1)
