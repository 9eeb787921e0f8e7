"""Changes in place, views and what ``backward`` notices of them: as in PyTorch, or refused."""

import ast
import collections
import copy
import gc
import inspect
import operator
import random
import re
import warnings
import weakref
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib
from nnlib import Tensor, autodiff, conversions, debug, inplace, nn, no_grad, op, optim
from nnlib.memory import held, owner
from nnlib.testing import gradcheck

torch = pytest.importorskip("torch")

NOTICED = re.compile(r"was changed|modified by an inplace")
MODULES = pytest.mark.parametrize("m", [torch, nnlib], ids=["torch", "nnlib"])


def leaf(m, values):
    if m is torch:
        return torch.tensor(values, dtype=torch.float64, requires_grad=True)
    return Tensor(np.array(values, np.float64), requires_grad=True)


def constant(m, values):
    return leaf(m, values).detach()


def numbers(t):
    return np.asarray(t.detach()).tolist()


# Written where nothing is recorded -----------------------------------------------------------

AUGMENTED = [operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ipow]
LOGICAL = [operator.iand, operator.ior, operator.ixor, operator.ifloordiv, operator.imod]
METHODS = {
    "add_": lambda x: x.add_(3),
    "add_ alpha": lambda x: x.add_(x, alpha=2),
    "sub_": lambda x: x.sub_(3, alpha=2),
    "mul_": lambda x: x.mul_(2),
    "div_": lambda x: x.div_(4),
    "pow_": lambda x: x.pow_(2),
    "clamp_": lambda x: x.clamp_(1.5, max=2.5),
    "log_": lambda x: x.log_(),
    "masked_fill_": lambda x: x.masked_fill_(x > 2, -1),
    "exp_": lambda x: x.exp_(),
    "sqrt_": lambda x: x.sqrt_(),
    "neg_": lambda x: x.neg_(),
    "abs_": lambda x: x.abs_(),
    "relu_": lambda x: x.sub_(2).relu_(),
    "tanh_": lambda x: x.tanh_(),
    "sigmoid_": lambda x: x.sigmoid_(),
    "sin_": lambda x: x.sin_(),
    "cos_": lambda x: x.cos_(),
    "floor_": lambda x: x.div_(2).floor_(),
    "ceil_": lambda x: x.div_(2).ceil_(),
    "round_": lambda x: x.div_(3).round_(decimals=1),
    "square_": lambda x: x.square_(),
    "rsqrt_": lambda x: x.rsqrt_(),
    "reciprocal_": lambda x: x.reciprocal_(),
    "clip_": lambda x: x.clip_(1.5, 2.5),
    "tril_": lambda x: x.tril_(),
    "triu_": lambda x: x.triu_(diagonal=1),
    "scatter_": lambda x: x.scatter_(1, whole(x, [[1], [0]]), 9.0),
    "scatter_ src": lambda x: x.scatter_(0, whole(x, [[1, 0]]), x + 5),
    "scatter_add_": lambda x: x.scatter_add_(1, whole(x, [[1, 1], [0, 0]]), x * 1),
    "zero_": lambda x: x.zero_(),
    "fill_": lambda x: x.fill_(7),
    "copy_": lambda x: x.copy_(x[[0]]),
}


def whole(x, values):
    """Whole numbers of x's library."""
    return (nnlib if isinstance(x, Tensor) else torch).tensor(values)


def both(change, values=((1.0, 2.0), (3.0, 4.0))):
    """The same change with torch and with nnlib: the values, the version, and whether it is x."""
    seen = []
    for m in (torch, nnlib):
        x = constant(m, values)
        y = change(x)
        seen.append((numbers(x), y is x))
    return seen


@pytest.mark.parametrize("f", AUGMENTED)
@pytest.mark.parametrize("other", [2, 0.5, [2.0, 3.0], [[2.0], [3.0]]])
def test_augmented_assignment_writes(f, other):
    expected, found = both(lambda x: f(x, type_of(x, other)))
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-15)
    assert found[1]


@pytest.mark.parametrize("f", LOGICAL)
def test_augmented_assignment_of_whole_numbers(f):
    if f.__name__.replace("i", "__", 1) + "__" not in vars(Tensor):
        pytest.skip("Tensor has no such operator")
    seen = []
    for m in (torch, nnlib):
        x = other = m.tensor([12, 10, -7])
        x = f(x, m.tensor([10, 3, 2]))
        assert x is other
        seen.append(np.asarray(x).tolist())
    assert seen[0] == seen[1]


def type_of(x, other):
    m = nnlib if isinstance(x, Tensor) else torch
    return constant(m, other) if isinstance(other, list) else other


@pytest.mark.parametrize("name", METHODS)
def test_methods_write(name):
    expected, found = both(METHODS[name])
    assert found[1]
    assert expected[1]
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-15)


def test_every_method_is_tried():
    names = {name.split()[0] for name in METHODS}
    names |= {f"__{f.__name__}__" for f in AUGMENTED + LOGICAL}
    drawn = {"normal_", "uniform_", "random_", "bernoulli_"}
    assert names | drawn | {"__setitem__"} == set(inplace._METHODS)


def test_the_declared_methods_are_the_installed_ones():
    tree = ast.parse(inspect.getsource(conversions.Conversions))
    (block,) = (n for n in tree.body[0].body if isinstance(n, ast.If))
    declared = {n.name for n in block.body if isinstance(n, ast.FunctionDef)}
    declared |= {t.id for n in block.body if isinstance(n, ast.Assign) for t in n.targets}
    assert declared - {"_of_one", "_of_two", "dtype", "is_leaf", "__getitem__"} == set(
        inplace._METHODS
    )
    assert all(getattr(Tensor, name) is method for name, method in inplace._METHODS.items())


def test_methods_that_draw():
    x = Tensor(np.zeros(10_000))
    x.normal_(3, 2, generator=np.random.default_rng(0))
    assert np.abs(x.data.mean() - 3) < 0.1
    assert np.abs(x.data.std() - 2) < 0.1
    x.uniform_(-1, 3, generator=np.random.default_rng(0))
    assert (x.data.min() >= -1, x.data.max() < 3) == (True, True)
    assert np.abs(x.data.mean() - 1) < 0.1
    x.bernoulli_(0.3, generator=np.random.default_rng(0))
    assert set(x.data.tolist()) == {0.0, 1.0}
    assert np.abs(x.data.mean() - 0.3) < 0.03
    labels = nnlib.empty(10_000, dtype=nnlib.long).random_(5, generator=np.random.default_rng(0))
    assert labels.dtype == np.int64
    assert set(labels.tolist()) == {0, 1, 2, 3, 4}
    assert set(labels.random_(2, 4).tolist()) == {2, 3}
    with pytest.raises(ValueError, match=r"^random_: needs whole numbers"):
        labels.random_()


KEYS = [
    0, -1, slice(1, None), (0, 1), (slice(None), 1), ..., (..., 0), None, (0, None), [0, 1], [1, 1],
    ([0, 1], [1, 0]), slice(None, None, 2), (slice(0, 0), 0),
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_assignment_to_an_index(key):
    def change(x):
        x[key] = 9
        x[key] = x[key] * 2
        return x

    expected, found = both(change)
    assert found == expected


def test_assignment_to_a_mask():
    def change(x):
        x[x > 2.5] = -1
        x[x < 0] += 0.5
        return x

    expected, found = both(change)
    assert found == expected


def test_bytes_are_a_mask():
    x = Tensor([1.0, 2.0, 3.0])  # torch reads x[bytes] so, and refuses to write it
    x[Tensor(np.array([1, 0, 1], np.uint8))] = 9
    x[Tensor([0, 0])] = 7
    assert x.data.tolist() == [7.0, 2.0, 9.0]


def test_a_value_with_axes_of_one_in_front():
    expected, found = both(lambda x: operator.setitem(x, 0, x[None, None, 1]) or x)
    assert found == expected


@pytest.mark.parametrize("value", [7.9, True, np.float64(2.5), np.array([1.5, 2.5])])
def test_assignment_casts(value):
    x, y = Tensor([1, 2]), torch.tensor([1, 2])
    x[:] = value
    y[:] = torch.tensor(value) if isinstance(value, np.ndarray) else value
    assert x.data.tolist() == y.tolist()
    assert x.dtype == np.int64


def test_a_double_is_assigned_exactly():
    x = Tensor(np.zeros(2))
    x[0] = 0.1
    x.fill_(0.1)
    assert x.data.tolist() == [0.1, 0.1]


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x[0], lambda x: x[0, 1], lambda x: x[:, 1:], lambda x: x[..., None],
        lambda x: x.reshape(4), lambda x: x.T, lambda x: x.transpose(0, 1), lambda x: x.flatten(),
        lambda x: x.detach(), lambda x: x[0][1], lambda x: x.T[1].reshape(1, 2),
    ],
)  # fmt: skip
def test_views_share_memory(view):
    seen = []
    for m in (torch, nnlib):
        x = constant(m, [[1.0, 2.0], [3.0, 4.0]])
        v = view(x)
        v += 10
        before = numbers(x)
        x *= 2
        seen.append((before, numbers(x), numbers(v)))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("index", [lambda x: x[[0]], lambda x: x[x > 0], lambda x: x.T @ x])
def test_what_is_no_view_shares_nothing(index):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    index(x).zero_()
    assert x.data.tolist() == [[1.0, 2.0], [3.0, 4.0]]


@MODULES
def test_a_chain_of_indices_reaches_the_first(m):
    x = constant(m, np.zeros((2, 2, 2)))
    x[1][0][1] = 5
    assert numbers(x) == [[[0, 0], [0, 0]], [[0, 5], [0, 0]]]


# What does not fit ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "change"),
    [
        ([1, 2], lambda x: operator.iadd(x, 1.5)),
        ([1, 2], lambda x: operator.itruediv(x, 2)),
        ([1, 2], lambda x: x.mul_(0.5)),
        ([True, False], lambda x: operator.iadd(x, 1)),
    ],
)
@MODULES
def test_a_result_of_another_kind_is_refused(m, values, change):
    x = m.tensor(values)
    with pytest.raises(RuntimeError, match=r"result type \w+ can't be cast to"):
        change(x)
    assert np.asarray(x).tolist() == values


@pytest.mark.parametrize(
    "change",
    [
        lambda x: operator.iadd(x, x[None].reshape(1, 2)[[0, 0, 0]]),
        lambda x: operator.iadd(x, x[[0, 0, 0]]),
        lambda x: x.copy_(x[[0, 0, 0]]),
        lambda x: operator.setitem(x, 0, x),
        lambda x: operator.setitem(x, 9, 1.0),
        lambda x: operator.setitem(x, (0, 0), 1.0),
    ],
)
def test_shapes_that_do_not_fit_change_nothing(change):
    for m in (torch, nnlib):
        x = constant(m, [1.0, 2.0])
        with pytest.raises((RuntimeError, ValueError, IndexError)) as error:
            change(x)
        assert numbers(x) == [1.0, 2.0]
    assert str(error.value).startswith(("x += y", "add", "copy_", "x[i] = v"))


def test_what_is_stretched_cannot_be_written():
    stretched = op(lambda x: (np.broadcast_to(x, (3, 2)), lambda g: g))(Tensor([1.0, 2.0]))
    for change in (Tensor.zero_, lambda x: operator.iadd(x, 1)):
        with pytest.raises((RuntimeError, ValueError), match=r"one place in memory|read-only"):
            change(stretched)


# A leaf that requires a gradient -------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda x: operator.iadd(x, 1), lambda x: x.zero_(), lambda x: x.mul_(2),
        lambda x: operator.setitem(x, 0, 1.0), lambda x: operator.iadd(x[0], 1),
        lambda x: operator.iadd(x.reshape(2, 1), 1), lambda x: operator.setitem(x[:1], 0, 1.0),
        lambda x: x.copy_(x.detach()),
    ],
)  # fmt: skip
@MODULES
def test_a_leaf_is_refused(m, change):
    x = leaf(m, [1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"leaf Variable that requires grad.*in-place operation"):
        change(x)
    assert numbers(x) == [1.0, 2.0]
    with m.no_grad():
        change(x)
    assert x.requires_grad
    assert x.is_leaf
    (x * x).sum().backward()
    assert np.asarray(x.grad).tolist() == [2 * v for v in numbers(x)]


@MODULES
def test_gradient_descent_by_hand(m):
    w, b = leaf(m, [1.0, -1.0]), leaf(m, [0.5])
    for _ in range(3):
        ((w * 2 - 10) ** 2 + b).sum().backward()
        with m.no_grad():
            for p in (w, b):
                p -= 0.1 * p.grad
                p.grad = None
    np.testing.assert_allclose(numbers(w), [4.968, 4.952], rtol=1e-12)
    np.testing.assert_allclose(numbers(b), [-0.1], rtol=1e-12)


def test_a_module_keeps_its_parameters():
    layer = nn.Linear(2, 2)
    weight = layer.weight
    with no_grad():
        layer.weight *= 0
        layer.weight += 1
        layer.bias[0] = 3
    assert layer.weight is weight
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    assert layer(np.ones((1, 2), np.float32)).data[0, 0] == 5


# Recorded where something is -----------------------------------------------------------------


def mixed(x):
    y = x * 2
    y += x
    y *= x
    y -= 1
    y /= 3
    y **= 2
    y[0] = y[1] * 3
    y[1] += x[0]
    y[:1] *= 2
    y.add_(x, alpha=0.5).mul_(x).clamp_(-5, 5)
    return y


def gathered(x):
    m = nnlib if isinstance(x, Tensor) else torch
    rows = constant(m, np.zeros((3, 2)))
    rows[0] = x
    for i in (1, 2):
        rows[i] = rows[i - 1] * 2 + 1
    rows[0, 1] = 5
    rows[[1, 2]] = rows[[2, 1]] * x
    return rows


def scattered(x):
    y = x.exp() * 1
    z = y * 2  # holds nothing of y
    y.zero_()
    y[0] = x[1] ** 2
    return y + z


def residual(x):
    out = (x * 3).exp() * x
    identity = x
    out += identity
    kept = out * 1
    out.fill_(2)
    return out * x + kept


def into_a_constant(x):
    m = nnlib if isinstance(x, Tensor) else torch
    total = constant(m, [1.0, 1.0])
    total += x
    total[0] *= x[1]
    return total


@pytest.mark.parametrize("f", [mixed, gathered, scattered, residual, into_a_constant])
def test_recorded_changes(f):
    seen = []
    for m in (torch, nnlib):
        x = leaf(m, [0.5, 0.75])
        y = f(x)
        assert y.requires_grad
        assert not y.is_leaf
        (y * y).sum().backward()
        seen.append((y.detach().numpy(), np.asarray(x.grad)))
    for ours, theirs in zip(seen[1], seen[0], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("key", KEYS)
def test_gradients_of_an_assignment(key):
    seen = []
    for m in (torch, nnlib):
        x, v = leaf(m, [[1.0, 2.0], [3.0, 4.0]]), leaf(m, [3.0])
        y = x * 2
        y[key] = v.sum()
        (y * y).sum().backward()
        seen.append((np.asarray(x.grad).tolist(), np.asarray(v.grad).tolist()))
    assert seen[0] == seen[1]


def test_put_is_the_derivative():
    def put(x, v):
        return inplace._put(x * 1, v, key=(0, ...))

    gradcheck(put, [np.ones((2, 3)), np.arange(3.0)])


def test_in_place_is_the_same_tensor():
    y = leaf(nnlib, [1.0, 2.0]) * 2
    other = y
    y += 1
    assert other is y
    assert other.data.tolist() == [3.0, 5.0]


# Views of what is recorded -------------------------------------------------------------------

VIEW_CHANGES = [
    lambda y: operator.setitem(y[0], 1, 5.0), lambda y: y[0].zero_(), lambda y: y.T.fill_(1),
    lambda y: y.reshape(4).mul_(2), lambda y: operator.setitem(y[0][0], ..., 5.0),
    lambda y: operator.setitem(y.transpose(0, 1), 0, 1.0),
]  # fmt: skip


@pytest.mark.parametrize("change", VIEW_CHANGES)
def test_writing_into_a_view_says_what_to_write(change):
    y = leaf(nnlib, [[1.0, 2.0], [3.0, 4.0]]) * 2
    before = y.data.copy()
    with pytest.raises(RuntimeError, match=r"view of one in the graph.*x\[i, j\] = …"):
        change(y)
    np.testing.assert_array_equal(y.data, before)
    with no_grad():
        change(y)
    y.sum().backward()


def test_a_view_of_what_nobody_else_sees_may_change():
    def changed(x):
        y = (x * 2).reshape(2, 2).T  # what it is a view of is gone
        y[0] = 5
        y.mul_(x[0])
        return y

    seen = []
    for m in (torch, nnlib):
        x = leaf(m, [[1.0, 2.0], [3.0, 4.0]])
        (changed(x) * x).sum().backward()
        seen.append(np.asarray(x.grad).tolist())
    assert seen[0] == seen[1]


def test_what_layers_return_may_change():
    x = Tensor(np.ones((4, 1, 2), np.float32))
    for layer in (nn.Linear(2, 3), nn.RNN(2, 3), nn.GRU(2, 3), nn.LSTM(2, 3), nn.Flatten()):
        found = layer(x * nn.Parameter([1.0]))
        output, state = found if isinstance(found, tuple) else (found, (found * 1,))
        for h in state if isinstance(state, tuple) else (state,):
            assert not np.shares_memory(h.data, output.data)
            h.zero_()
        output.sum().backward()  # the states are nobody else's
    for layer in (nn.Linear(2, 3), nn.Flatten()):
        output = layer(x * nn.Parameter([1.0]))
        output[0] = 1
        output.sum().backward()


def test_a_view_that_grows_by_itself_spoils_its_base():
    y = leaf(nnlib, [[1.0, 2.0], [3.0, 4.0]]) * 2
    row = y[0]
    row += 1
    assert y.data[0].tolist() == [3.0, 5.0]  # as in torch
    for read in (lambda: y.sum(), lambda: y[1].sum(), lambda: (y * 2).T.sum()):
        with pytest.raises(RuntimeError, match="had been changed through a view"):
            read().backward()


def test_a_constant_beside_a_recorded_view_is_noticed():
    buffer, w = Tensor(np.zeros((2, 2))), leaf(nnlib, [1.0, 2.0])
    whole, row = buffer.reshape(4), buffer[0]
    row += w
    for stale in (buffer, whole):
        with pytest.raises(RuntimeError, match="had been changed through a view"):
            (stale * 2).sum().backward()


def test_two_halves_that_do_not_belong_together():
    y = leaf(nnlib, [[1.0, 2.0], [3.0, 4.0]]) * 2
    row = y[0]
    row += 1
    y[1] = row  # another place: y[0] stays out of date
    with pytest.raises(RuntimeError, match="had been changed through a view"):
        y.sum().backward()


# What backward notices -----------------------------------------------------------------------

CHANGES = {
    "no_grad": lambda x: operator.iadd(x, 1),
    "item": lambda x: operator.setitem(x, 0, 5.0),
    "method": lambda x: x.zero_(),
    "detach": lambda x: x.detach().mul_(2),
    "detached item": lambda x: operator.setitem(x.detach(), 0, 5.0),
    "reshape": lambda x: x.reshape(2, 1).zero_(),
    "index": lambda x: x[0].fill_(3),
    "transposed": lambda x: x.reshape(1, 2).T.detach()[0].zero_(),
}


@pytest.mark.parametrize("name", CHANGES)
@MODULES
def test_a_change_is_noticed(m, name):
    for first in (lambda x: x, lambda x: x * 1):
        x = leaf(m, [1.0, 2.0])
        h = first(x)
        loss = (h * h).sum()
        with m.no_grad():
            CHANGES[name](h)
        with pytest.raises(RuntimeError, match=NOTICED):
            loss.backward()


@pytest.mark.parametrize("name", CHANGES)
@MODULES
def test_a_change_that_no_gradient_needs_is_allowed(m, name):
    x = leaf(m, [1.0, 2.0])
    h = x * 2
    loss = (h * 3 + 1).sum()
    with m.no_grad():
        CHANGES[name](h)
    loss.backward()
    assert np.asarray(x.grad).tolist() == [6.0, 6.0]


@MODULES
def test_a_saved_output_is_noticed(m):
    for f in ("exp", "sqrt"):
        y = getattr(leaf(m, [1.0, 2.0]), f)()
        y += 1
        with pytest.raises(RuntimeError, match=NOTICED):
            y.sum().backward()


@MODULES
def test_a_view_made_before_is_noticed(m):
    x = leaf(m, [1.0, 2.0])
    v = x.detach()
    loss = (x * x).sum()
    v -= 1
    with pytest.raises(RuntimeError, match=NOTICED):
        loss.backward()


def test_fused_ops_notice_a_changed_input():
    x, layer = Tensor(np.ones((3, 2), np.float32)), nn.Linear(2, 2)
    loss = layer(x).sum()
    x.T[0] = 7
    with pytest.raises(RuntimeError, match="input 0 of linear was changed"):
        loss.backward()


def test_a_change_after_an_exchange_is_noticed():
    x = leaf(nnlib, [1.0, 2.0])
    old = x.detach()
    x.data = [3.0, 4.0]
    loss = (x * x).sum()
    with no_grad():
        x += 1
    old += 1  # another array by now
    with pytest.raises(RuntimeError, match="was changed"):
        loss.backward()


def test_what_a_function_holds():
    a, b, c, d, e = (np.ones(n) for n in range(1, 6))

    class Part:
        __slots__ = ("slot",)

        def __init__(self):
            self.slot = b

        def method(self, g):
            return g

    def vjp(g, default=a, *, option=(c, {"d": d})):
        return later(g), partial(np.add, e)

    holder = [vjp, Part().method, partial(vjp, g=Tensor(e)), vjp]
    assert {len(array) for array in held(holder)} == {1, 2, 3, 4, 5}
    if 0:
        later = None


def test_owner():
    a = np.ones((2, 3))
    for view in (a, a[0].T, np.broadcast_to(a.T, (4, 3, 2))[0], a.reshape(3, 2)[1:]):
        assert owner(view) is a


def test_memory_leaves_no_cycle():
    gc.collect()
    gc.disable()
    try:
        x = leaf(nnlib, np.ones((2, 2)))
        y = x * 2
        y[0] += 1
        v, buffer = y[0], Tensor(np.zeros(2))
        part = buffer[:1]
        buffer += v
        (buffer * buffer).sum().backward()
        gone = [weakref.ref(t) for t in (x, y, v, buffer, part, y.data, buffer.data)]
        del x, y, v, buffer, part
        assert [t() for t in gone] == [None] * len(gone)
    finally:
        gc.enable()


def test_views_of_a_constant_do_not_pile_up():
    x = Tensor(np.zeros((4, 2)))
    for i in range(100):
        row = x[i % 4]
    assert row.shape == (2,)
    assert len(x._node.memory.members) == 2


# Frozen, copied, assigned --------------------------------------------------------------------


@MODULES
def test_frozen_after_the_forward_pass(m):
    x, w = leaf(m, [3.0]), leaf(m, [2.0])
    loss = (x * w).sum()
    x.requires_grad_(False)
    loss.backward()
    assert x.grad is None
    assert np.asarray(w.grad).tolist() == [3.0]


@MODULES
def test_frozen_and_thawed(m):
    x = leaf(m, [3.0])
    loss = (x * 2).sum()
    x.requires_grad_(False).requires_grad_(True)
    loss.backward()
    assert np.asarray(x.grad).tolist() == [2.0]


@MODULES
def test_the_version_outlives_freezing(m):
    x = leaf(m, [3.0])
    loss = (x * x).sum()
    x.requires_grad_(False)
    x += 1
    x.requires_grad_(True)
    with pytest.raises(RuntimeError, match=NOTICED):
        loss.backward()


@MODULES
def test_only_leaves_are_deepcopied(m):
    x = leaf(m, [1.0])
    with pytest.raises(RuntimeError, match=r"[Oo]nly .*lea"):
        copy.deepcopy(x * 2)
    x.grad = (x * 3).detach() if m is torch else np.array([3.0])
    twins = copy.deepcopy([x, x])
    assert twins[0] is twins[1]
    assert twins[0].requires_grad
    assert np.asarray(twins[0].grad).tolist() == [3.0]
    assert twins[0].grad is not x.grad


def test_a_copied_parameter_stays_one():
    p = copy.deepcopy(nn.Parameter([1.0]))
    assert type(p) is nn.Parameter
    assert p.grad is None


@pytest.mark.parametrize("given", [np.array([1.0]), Tensor([1.0]), np.float32([1]), np.array([1])])
def test_assigned_gradients(given):
    p = nn.Parameter([3.0])
    p.grad = given
    assert type(p.grad) is np.ndarray
    assert p.grad.dtype == np.float32
    optim.SGD([p], lr=1.0).step()
    assert p.data.tolist() == [2.0]
    p.grad = None
    assert p.grad is None


def test_an_assigned_gradient_is_not_copied_where_it_fits():
    p, g = nn.Parameter([3.0]), np.float32([1.0])
    p.grad = g
    assert p.grad is g


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (np.zeros(2), ValueError, r"a parameter \(1,\) has a gradient \(2,\)"),
        (Tensor(1.0), ValueError, r"a parameter \(1,\) has a gradient \(\)"),
        ([1.0], TypeError, "must be an array, a Tensor or None, not list"),
        (np.array(["a"]), TypeError, "not ndarray"),
    ],
)
def test_a_gradient_that_does_not_fit(given, error, words):
    with pytest.raises(error, match=words):
        nn.Parameter([3.0]).grad = given


def test_there_is_no_second_derivative():
    with pytest.raises(TypeError, match=r"create_graph=True.*nnlib\.autodiff\.hessian"):
        leaf(nnlib, [1.0]).backward(create_graph=True)


def test_grad_is_what_torch_returns():
    seen = []
    for m, grad in ((torch, torch.autograd.grad), (nnlib, autodiff.grad)):
        x, w, unused = leaf(m, [1.0, 2.0]), leaf(m, [3.0, 5.0]), leaf(m, [1.0])
        first = grad((x * w).sum(), [w, x])
        (second,) = grad(x * w, w, grad_outputs=constant(m, [1.0, 10.0]), retain_graph=True)
        none = grad((x * w).sum(), (unused, x), allow_unused=True)[0]
        with pytest.raises(RuntimeError, match="allow_unused=True"):
            grad(x.sum(), [unused, x])
        assert none is None
        assert x.grad is w.grad is None
        seen.append([numbers(g) for g in (*first, second)])
    assert seen[0] == seen[1] == [[1.0, 2.0], [3.0, 5.0], [1.0, 20.0]]


def test_grad_refuses_in_words():
    x = leaf(nnlib, [1.0])
    with pytest.raises(TypeError, match=r"create_graph=True.*nnlib\.autodiff\.hessian"):
        autodiff.grad(x * x, x, create_graph=True)
    with pytest.raises(RuntimeError, match="must be leaves"):
        autodiff.grad(x * x, x * 1)


# Whether ops are recorded --------------------------------------------------------------------


@MODULES
def test_modes_of_recording(m):
    x = leaf(m, [1.0])
    seen = []

    def look():
        assert m.is_grad_enabled() == (x * 2).requires_grad
        seen.append(m.is_grad_enabled())

    with m.no_grad():
        look()
        with m.enable_grad():
            look()
            with m.inference_mode():
                look()
            with m.set_grad_enabled(False):
                look()
            look()
        look()
    m.set_grad_enabled(False)
    look()
    with m.enable_grad():
        look()
    look()
    m.set_grad_enabled(True)
    for decorate in (
        m.no_grad, m.no_grad(), m.enable_grad, m.enable_grad(), m.inference_mode(),
        m.inference_mode(False),
    ):  # fmt: skip
        decorate(look)()
        look()
    m.set_grad_enabled(False)(look)()
    look()
    assert "".join("01"[s] for s in seen) == "010010" + "010" + "010111110111" + "01"


@MODULES
def test_a_generator_runs_without_gradients_in_each_of_its_pieces(m):
    log = []

    @m.no_grad()
    def pieces(x):
        try:
            given = yield x * 2
            log.append(m.is_grad_enabled())
            try:
                yield given * x
            except KeyError:
                log.append("caught")
                yield x * 3
        finally:
            log.append(("end", m.is_grad_enabled()))
        return "done"

    x = leaf(m, [1.0])
    run = pieces(x)
    assert not next(run).requires_grad
    assert m.is_grad_enabled()
    assert not run.send(5).requires_grad
    assert not run.throw(KeyError()).requires_grad
    with pytest.raises(StopIteration) as end:
        next(run)
    assert end.value.value == "done"
    assert m.is_grad_enabled()
    run = pieces(x)
    next(run)
    run.close()
    assert log == [False, "caught", ("end", False), ("end", False)]


@MODULES
def test_an_error_ends_the_mode(m):
    @m.no_grad()
    def failing():
        raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert m.is_grad_enabled()


@MODULES
def test_a_closure_is_recorded_under_no_grad(m):
    w = leaf(m, [3.0])
    optimizer = m.optim.SGD([w], lr=0.5) if m is torch else optim.SGD([w], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with m.no_grad():
        assert float(optimizer.step(closure)) == 9.0
    assert numbers(w) == [0.0]


# Tools that watch ----------------------------------------------------------------------------


def test_debug_lets_what_is_recorded_pass():
    x = leaf(nnlib, [1.0, 2.0])
    with debug():
        y = x * 2
        y += x
        y[0] = 5
        y.sum().backward()
    assert x.grad.tolist() == [0.0, 3.0]


def test_jacobian_and_trace_refuse_changes_in_place():
    def grows(x):
        y = x * 2
        y += 1
        return (y * y).sum()

    for call in (autodiff.jacobian, autodiff.hessian, autodiff.trace):
        with pytest.raises(RuntimeError, match=r"write x = x \+ 1, not x \+= 1"):
            call(grows, np.array([1.0, 2.0]))


# Words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", [True, False])
def test_a_vjp_cannot_change_its_gradient(pair):
    def spoils(g, x):
        g *= 3
        return g

    triple = op(lambda x: 3 * x, spoils) if pair else op(lambda x: (3 * x, partial(spoils, x=x)))
    with pytest.raises(ValueError, match=r"a vjp may not change its g in place.*g = 2 \* g"):
        (triple(leaf(nnlib, [1.0])) + 1).backward()


def test_a_replaced_formula_cannot_change_its_gradient_either():
    def spoils(g):
        g *= 2
        return g

    x = leaf(nnlib, [[1.0]])
    with nnlib.use(add=lambda x, y: (x + y, spoils, spoils)):
        y = x + 1
    with pytest.raises(ValueError, match="add: a vjp may not change its g"):
        y.backward()


def test_a_single_number_as_a_gradient_is_an_array():
    seen = []
    look = op(lambda x: (x * 1, lambda g: seen.append((type(g), g.flags.writeable)) or g))
    x = leaf(nnlib, 2.0)
    y = look(x)
    (y * y + y).backward()
    assert seen == [(np.ndarray, False)]
    assert x.grad == 5


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (bool, ValueError, r"holds 4 numbers, in shape \(2, 2\).*x\.data\.all\(\)"),
        (float, ValueError, r"float: .*holds 4 numbers"),
        (int, ValueError, r"int: .*holds 4 numbers"),
        (Tensor.item, ValueError, r"item: .*x\[i\]\.item\(\)"),
        (lambda x: f"{x:.3f}", ValueError, r"format '\.3f'.*holds 4 numbers"),
        (lambda x: len(x.sum()), TypeError, r"len\(\) of a Tensor that is a single number"),
        (lambda x: list(x.sum()), TypeError, "a single number, without axes"),
        (lambda x: Tensor(2, 3), TypeError, r"one list: Tensor\(\[2, 3\]\); for zeros"),
        (lambda x: Tensor(1.5, x), TypeError, r"one list: Tensor\(\[1\.5, tensor\("),
        (lambda x: Tensor([np.nan], dtype=int), ValueError, "NaN and infinity cannot be whole"),
        (lambda x: Tensor([np.inf], dtype=int), ValueError, "NaN and infinity cannot be whole"),
        (lambda x: Tensor([300], dtype=np.uint8), ValueError, "does not fit into its dtype"),
        (lambda x: x.cuda, AttributeError, "Tensor has no 'cuda': .* on the CPU"),
        (lambda x: x.register_hook(print), AttributeError, "write an @op"),
        (lambda x: x.searchsorted(1), AttributeError, r"write x\.data\.searchsorted"),
        (lambda x: nn.Parameter(x).cuda(), AttributeError, "Parameter has no 'cuda'"),
        (lambda x: x.no_such_thing, AttributeError, "no attribute 'no_such_thing'"),
    ],
)
def test_words(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(np.ones((2, 2))))


def test_what_is_missing_is_missing():
    assert not hasattr(Tensor([1.0]), "cuda")
    assert getattr(Tensor([1.0]), "cuda", None) is None


# Any sequence of changes ---------------------------------------------------------------------


def set_at(key):
    return lambda x, y: operator.setitem(x, key, y)


def augment_at(key, f):
    return lambda x, y: operator.setitem(x, key, f(x[key], y))


STEPS = {
    "view": [
        lambda x, y: x[0], lambda x, y: x[:, 1:], lambda x, y: x.reshape(-1), lambda x, y: x[..., 0],
        lambda x, y: x.T if x.ndim == 2 else x[None], lambda x, y: x.detach(),
    ],
    "op": [
        lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x - 2 * y, lambda x, y: x.exp(),
        lambda x, y: x * x / 2, lambda x, y: 2 * x,
    ],
    "change": [
        operator.iadd, operator.isub, operator.imul, operator.itruediv, set_at(0), set_at(...),
        set_at((0, slice(None))), set_at((slice(None), slice(1, None))),
        augment_at(0, operator.iadd), augment_at(0, operator.imul),
        augment_at((slice(None), 1), operator.imul), lambda x, y: x.add_(y, alpha=3),
        lambda x, y: x.copy_(y), lambda x, y: x.zero_(), lambda x, y: x.fill_(2.5),
        lambda x, y: operator.imul(x, 3), lambda x, y: operator.setitem(x, (0, 1), 1.5),
        lambda x, y: operator.iadd(x[0], 1), lambda x, y: x.tanh_(), lambda x, y: x.relu_(),
    ],
}  # fmt: skip
STEPS["change without gradients"] = STEPS["change"]


def outcome(m, program):
    """What happens: "refused" and where, or the values, and the gradient or "noticed"."""
    w = leaf(m, [[0.5, 1.5, -0.3], [0.2, -1.2, 0.8]])
    pool = [w * 2, constant(m, [[0.3, -0.7, 1.1], [0.9, 0.2, -0.4]]), w.exp()]
    for kind, which, i, j in program:
        x, y = pool[i % len(pool)], pool[j % len(pool)]
        step = STEPS[kind][which % len(STEPS[kind])]
        try:
            with m.set_grad_enabled(kind != "change without gradients"):
                made = step(x, y)
        except (RuntimeError, ValueError, IndexError) as error:
            return "refused", str(error), None
        if kind in ("view", "op"):
            pool.append(made)
    values = [x.detach().numpy().copy() for x in pool]
    loss = sum(((1 + 0.3 * k) * x).sum() for k, x in enumerate(pool))
    try:
        loss.backward()
    except RuntimeError as error:
        return "noticed", values, str(error)
    return "right", values, w.grad if w.grad is None else np.asarray(w.grad)


def step_of_a_program():
    return st.tuples(st.sampled_from([*STEPS, "change"]), *3 * [st.integers(0, 59)])


@settings(max_examples=400, deadline=None)
@given(st.lists(step_of_a_program(), min_size=1, max_size=6))
def test_any_sequence_is_as_in_torch_or_refused(program):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        theirs, ours = (outcome(m, program) for m in (torch, nnlib))
    kinds = theirs[0], ours[0]
    if theirs[0] == "refused":  # what nnlib may do, such as to copy a Tensor into its own view
        assert "single memory location" in theirs[1] or ours[0] == "refused"
    elif ours[0] == "refused":
        assert "view of one in the graph" in ours[1]
    else:
        for a, b in zip(ours[1], theirs[1], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, equal_nan=True)
        if kinds == ("right", "right"):
            assert (ours[2] is None) == (theirs[2] is None)
            if ours[2] is not None:
                np.testing.assert_allclose(ours[2], theirs[2], rtol=1e-9, equal_nan=True)
        elif ours[0] == "noticed" and theirs[0] == "right":
            assert "through a view" in ours[2]
        assert kinds != ("noticed", "right")


def test_most_of_what_torch_does_is_done():
    draw = random.Random(0)
    kinds = [*STEPS, "change"]
    ends = collections.Counter()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for _ in range(300):
            length = draw.randint(1, 6)
            program = [
                (draw.choice(kinds), *(draw.randrange(60) for _ in range(3))) for _ in range(length)
            ]
            if outcome(torch, program)[0] == "right":
                ends[outcome(nnlib, program)[0]] += 1
    assert ends["right"] > 10 * (ends["noticed"] + ends["refused"]), ends
    assert ends["right"] > 50
