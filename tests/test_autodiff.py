"""The tape made visible, and the derivatives that it measures."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib
import nnlib.nn.functional as F
from nnlib import Tensor, nn, ops
from nnlib.autodiff import (
    hessian,
    jacobian,
    numerical_jacobian,
    trace,
)

few = settings(max_examples=20, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)


def toy(a, b):
    """BPG-05: c = a + b, d = b + 1, e = c d."""
    c = a + b
    d = b + 1
    return c * d


# trace


def test_the_toy_graph():
    t = trace(toy, 2, 1)
    assert [n.name for n in t] == ["a", "b", "u1", "1", "u2", "u3"]
    assert [n.kind for n in t] == ["input"] * 2 + ["operation", "constant"] + ["operation"] * 2
    assert [n.value.item() for n in t] == [2, 1, 3, 1, 2, 6]
    assert (t["a"].gradient, t["b"].gradient) == (2, 5)
    assert t["u3"].inputs == (t["u1"], t["u2"])
    assert t["u3"].local == (2, 3)
    assert t["1"].gradient is None
    assert list(t)[-1] is t["u3"]


def test_numbers_are_float64():
    assert trace(lambda x: x * 0.1, 0.1)["u1"].value == 0.1 * 0.1
    assert trace(lambda x: x * x, np.float32([3]))["u1"].value.dtype == np.float32


def test_backward_order_takes_each_node_after_its_readers():
    t = trace(toy, 2, 1)
    assert [n.name for n in t.backward] == ["u3", "u2", "u1", "b", "a"]


def expression(rng):
    """A random program: each step reads any two of the values so far."""
    steps = [(*rng.integers(0, 4 + k, 2), rng.integers(0, 5)) for k in range(rng.integers(1, 12))]

    def f(lib, *values):
        values = list(values)
        for i, j, kind in steps:
            x, y = values[i], values[j]
            values.append([x + y, x * y, x - y, lib.exp(-x * x), lib.sin(y)][kind])
        return values[-1]

    return f


@nnlib.op
def sin(x):
    return np.sin(x), lambda g: g * np.cos(x)


class Ours:
    exp, sin = staticmethod(ops.exp), staticmethod(sin)


@few
@given(seeds)
def test_gradients_equal_torch_and_follow_from_local_derivatives(seed):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    f, values = expression(rng), rng.normal(size=4)
    t = trace(lambda *v: f(Ours, *v), *values)
    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]
    y = f(torch, *leaves)
    y.backward()
    *_, output = t.backward[:1]
    assert output.value.item() == pytest.approx(y.item(), abs=1e-12)
    for k, leaf in enumerate(leaves):
        ours = t[f"x{k + 1}"].gradient
        theirs = 0.0 if leaf.grad is None else leaf.grad.item()
        assert (0.0 if ours is None else ours.item()) == pytest.approx(theirs, abs=1e-9, rel=1e-9)
    for node in t.backward:  # the chain rule, by hand
        if node is not output:
            paths = [
                reader.gradient * d
                for reader in t
                for x, d in zip(reader.inputs, reader.local, strict=True)
                if x is node and d is not None and reader.gradient is not None
            ]
            assert node.gradient == pytest.approx(sum(paths), abs=1e-12, rel=1e-12)


def test_the_quiz_of_the_lecture():
    """X-16: the output is −13, and the first ReLU unit that is off stops the gradient."""
    W1, v = np.array([[1.0, -3], [-2, 0], [2, 1]]), np.array([-2.0, 4, -1])
    t = trace(lambda x, W1, v: F.relu(x @ W1.T) @ v, [2.0, -1.0], W1, v)
    assert t["u4"].value == -13
    assert (t["W1"].gradient[1] == 0).all()
    np.testing.assert_array_equal(t["W1"].gradient, np.outer([-2, 0, -1], [2, -1]))


def test_a_weight_in_the_loss_and_in_the_penalty_gets_two_parts():
    """BPG-11."""
    t = trace(lambda x, W: ops.exp((x * W).sum()) + 0.5 * (W * W).sum(), [1.0, 2.0], [0.1, 0.2])
    readers = [n for n in t if t["W"] in n.inputs]
    parts = [s for n in readers for x, s in zip(n.inputs, n.sent, strict=True) if x is t["W"]]
    assert len(parts) == 3  # the data term, and W · W twice
    np.testing.assert_allclose(t["W"].gradient, sum(parts))
    np.testing.assert_allclose(sum(parts[1:]), [0.1, 0.2])


def test_a_kink_can_hide_the_slope():
    """E-028: f(x) = relu(x) − relu(−x) = x, but at 0 both ReLUs say 0."""
    assert trace(lambda x: F.relu(x) - F.relu(-x), 0.0)["x"].gradient == 0


def test_parameters_have_their_names_and_keep_their_grad():
    model = nn.MLP([2, 3, 2]).double()
    X, y = np.random.default_rng(0).normal(size=(5, 2)), np.array([0, 1, 1, 0, 0])
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    before = {name: p.grad.copy() for name, p in model.named_parameters()}
    named = dict(model.named_parameters())

    class Loss(nn.Module):
        def __init__(self):
            self.model = model

        def forward(self, X):
            return F.cross_entropy(self.model(X), y)

    t = trace(Loss(), X)
    for name, p in named.items():
        name = f"model.{name}"
        assert t[name].kind == "parameter"
        np.testing.assert_allclose(t[name].gradient, p.grad, atol=1e-15)
        np.testing.assert_array_equal(p.grad, before[name.removeprefix("model.")])
    assert not np.shares_memory(t["model.0.weight"].value, model[0].weight.data)
    unnamed = trace(lambda X: F.cross_entropy(model(X), y), X)
    assert [n.name for n in unnamed if n.kind == "parameter"] == ["parameter"] * 4


def test_a_module_is_a_function_too():
    t = trace(nn.MLP([2, 3, 2]), np.ones((4, 2), np.float32))
    assert [n.name for n in t if n.kind == "parameter"] == [
        "0.weight", "0.bias", "2.weight", "2.bias"
    ]  # fmt: skip
    assert [n.op for n in t if n.kind == "operation"] == ["linear", "relu", "linear"]
    assert t["input"].value.shape == (4, 2)
    assert not t.backward  # eight numbers have no gradient: take their sum or a loss


def test_what_is_absent_is_left_out_and_broadcasts_are_summed():
    t = trace(lambda x, W: F.linear(x, W, None).sum(), np.ones((4, 2)), np.ones((1, 2)))
    assert [n.name for n in t["u1"].inputs] == ["x", "W"]
    t = trace(lambda X, b: (X + b).sum(), np.ones((4, 2)), [1.0, 2.0])
    np.testing.assert_array_equal(t["b"].gradient, [4, 4])
    assert t["u2"].local == (None,)


def test_detached_values_are_constants():
    t = trace(lambda x: x * (x * 2).detach(), 3.0)
    assert [n.kind for n in t] == ["input", *["constant", "operation"] * 2]
    assert t["x"].gradient == 6


def test_integers_and_unused_inputs_have_no_gradient():
    t = trace(lambda x, i, unused: x[i].sum(), [1.0, 2.0], np.array([0]), 5.0)
    np.testing.assert_array_equal(t["x"].gradient, [1, 0])
    assert t["i"].gradient is None and t["unused"].gradient is None


def test_values_are_kept_as_they_were():
    w = np.array([1.0, 2.0])
    t = trace(lambda w: (w * w).sum(), w)
    w[:] = 0
    np.testing.assert_array_equal(t["w"].value, [1, 2])


def test_f_may_go_backward_itself():
    def f(x):
        y = x * x
        y.backward()
        return y

    assert trace(f, 3.0)["x"].gradient == 6


def test_it_works_within_no_grad_and_debug():
    with nnlib.no_grad():
        assert trace(toy, 2, 1)["b"].gradient == 5
    with nnlib.debug(), pytest.raises(FloatingPointError, match=r"test_autodiff\.py, line"):
        trace(lambda x: ops.log(x), np.nan)
    assert math.isnan(trace(lambda x: ops.log(x), np.nan)["u1"].value)  # debug() is over


def test_a_chain_of_5000():
    def f(x):
        for _ in range(5000):
            x = x + 1
        return x

    t = trace(f, 0.0)
    assert len(list(t)) == 10_001 and t["x"].gradient == 1


def test_it_prints_as_a_table():
    lines = str(trace(lambda X: (X * X).sum(), np.ones((2, 3)))).splitlines()
    assert lines == [
        "X (2, 3), gradient (2, 3)",
        "u1 = mul(X, X) (2, 3), gradient (2, 3)",
        "u2 = sum(u1) = 6, gradient 1",
    ]


@pytest.mark.parametrize("measure", [trace, jacobian])
def test_they_say_what_is_wrong_with_f(measure):
    with pytest.raises(TypeError, match="f must return a Tensor, not float"):
        measure(lambda x: 3.0, 1.0)


def test_f_may_do_nothing():
    assert trace(lambda x: x, 3.0)["x"].gradient == 1
    assert jacobian(lambda x: x, np.ones(2)).tolist() == [[1, 0], [0, 1]]
    assert jacobian(lambda x: Tensor([1.0]), 3.0).tolist() == [0]


def test_an_unknown_name_is_an_error():
    with pytest.raises(KeyError, match="no node is named 'z'"):
        trace(toy, 2, 1)["z"]


# Jacobians and Hessians

SHAPES = st.sampled_from([(), (1,), (3,), (2, 2)])


def functions(rng, torch):
    """A vector function and a number, once on our Tensors and once on PyTorch's."""
    W, b = rng.normal(size=(4, 4)), rng.normal(size=4)
    A, c = torch.tensor(W), torch.tensor(b)

    def ours(x):
        flat = x.reshape(x.data.size)
        n = x.data.size
        return F.tanh(Tensor(W[:, :n]) @ flat + Tensor(b)) * 2

    def theirs(x):
        return torch.tanh(A[:, : x.numel()] @ x.reshape(-1) + c) * 2

    return (ours, theirs), (lambda x: (ours(x) ** 2).sum(), lambda x: (theirs(x) ** 2).sum())


@few
@given(seeds, SHAPES)
def test_jacobians_and_hessians_equal_torch(seed, shape):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape)
    (f, f_), (y, y_) = functions(rng, torch)
    J = torch.autograd.functional.jacobian(f_, torch.tensor(x)).numpy()
    assert jacobian(f, x).shape == J.shape
    np.testing.assert_allclose(jacobian(f, x), J, atol=1e-12)
    np.testing.assert_allclose(numerical_jacobian(f, x), J, atol=1e-7)
    H = torch.autograd.functional.hessian(y_, torch.tensor(x)).numpy()
    assert hessian(y, x).shape == H.shape
    np.testing.assert_allclose(hessian(y, x), H, atol=1e-7)


def test_nothing_has_empty_derivatives():
    x = np.zeros(0)
    assert jacobian(lambda x: x * x, x).shape == hessian(lambda x: x.sum(), x).shape == (0, 0)
    assert numerical_jacobian(lambda x: x.sum(), x).shape == (0,)


def test_a_hessian_is_symmetric():
    H = hessian(lambda w: F.sigmoid(w[0] * w[1] + w[2]), [0.3, -1.0, 2.0])
    assert (H == H.T).all()


def test_they_leave_parameters_and_inputs_alone():
    layer, x = nn.Linear(2, 2, dtype=np.float64), Tensor(np.ones(2), requires_grad=True)
    np.testing.assert_allclose(jacobian(layer, x), layer.weight.data)
    hessian(lambda x: (layer(x) ** 2).sum(), x)
    numerical_jacobian(layer, x)
    assert layer.weight.grad is None and x.grad is None
    np.testing.assert_array_equal(x.data, [1, 1])


def test_float32_stays_float32():
    x = np.ones(2, np.float32)
    assert jacobian(lambda x: x * x, x).dtype == np.float32


def test_they_say_what_is_wrong():
    with pytest.raises(TypeError, match="jacobian: takes one array of inputs, not a tuple"):
        jacobian(lambda x, y: x + y, (1.0, 2.0))
    with pytest.raises(ValueError, match="hessian: func must return a single number"):
        hessian(lambda x: x * x, [1.0, 2.0])
