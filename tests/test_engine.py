"""The tape: what it computes, what it keeps, and what it refuses."""

import copy
import gc
import inspect
import operator
import pickle
import threading
import weakref
from contextlib import contextmanager

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib import Tensor, debug, methods, nn, no_grad, op, operators, ops, optim, use
from nnlib.engine import fresh_gradients, shared
from nnlib.nn.functional import linear as imported_earlier


def leaf(values, dtype=np.float64):
    return Tensor(np.array(values, dtype), requires_grad=True)


# Gradients ---------------------------------------------------------------------------------


def test_diamond():
    x = leaf([3.0])
    y = x * x
    ((y + 1) * (2 * y)).sum().backward()  # 2x⁴ + 2x²
    assert x.grad.tolist() == [8 * 27 + 4 * 3]


def test_one_tensor_used_many_times():
    x = leaf([1.0, 2.0])
    (x + x + x * x + x).sum().backward()
    assert x.grad.tolist() == [5.0, 7.0]


def test_paths_are_summed_not_walked():
    x = leaf([1.0])
    y = x
    for _ in range(60):  # 2⁶⁰ paths
        y = y + y
    y.backward()
    assert x.grad.tolist() == [2.0**60]


def test_a_newer_branch_joins_an_older_one():
    x = leaf([2.0])
    old = x.exp()
    new = (x * 3).log()
    (old * new).backward()
    assert x.grad[0] == pytest.approx(np.exp(2) * np.log(6) + np.exp(2) / 2, rel=1e-12)


def test_depth_5000():
    x = leaf([1.0])
    y = x
    for _ in range(5000):
        y = y + 1
    y.backward()
    assert x.grad.tolist() == [1.0]


def test_a_deep_graph_is_dropped_without_recursion():
    y = leaf([1.0])
    for _ in range(50_000):
        y = y + 1
    del y


def test_backward_of_a_leaf():
    x = leaf([3.0])
    x.backward()
    assert x.grad.tolist() == [1.0]


def test_gradients_accumulate():
    x = leaf([1.0, 2.0])
    for _ in range(3):
        (2 * x).sum().backward()
    assert x.grad.tolist() == [6.0, 6.0]


def test_backward_twice_raises():
    x = leaf([1.0])
    y = (x * x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="freed by an earlier backward"):
        y.backward()
    assert x.grad.tolist() == [2.0]


def test_retain_graph():
    x = leaf([1.0])
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [4.0]
    with pytest.raises(RuntimeError, match="freed"):
        y.backward()


def test_a_freed_trunk_shared_by_two_losses_raises():
    x = leaf([1.0])
    trunk = 2 * x
    a, b = (trunk * 1).sum(), (trunk * 2).sum()
    a.backward()
    with pytest.raises(RuntimeError, match="freed"):
        b.backward()
    assert x.grad.tolist() == [2.0]


def test_a_retained_trunk_serves_two_losses():
    x = leaf([1.0])
    trunk = 2 * x
    a, b = (trunk * 1).sum(), (trunk * 2).sum()
    a.backward(retain_graph=True)
    b.backward()
    assert x.grad.tolist() == [6.0]


def test_backward_needs_a_single_number_or_a_gradient():
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"shape \(2,\)"):
        (x * x).backward()
    (x * x).backward(np.array([1.0, 10.0]))
    assert x.grad.tolist() == [2.0, 40.0]
    (x * x).backward(Tensor([1.0, 10.0]))
    assert x.grad.tolist() == [4.0, 80.0]


def test_a_gradient_of_another_shape_raises():
    with pytest.raises(ValueError, match=r"gradient has shape \(1,\), Tensor \(2,\)"):
        leaf([1.0, 2.0]).backward(np.ones(1))


def test_backward_without_requires_grad_raises():
    with pytest.raises(RuntimeError, match="requires_grad=True"):
        Tensor([1.0]).sum().backward()


# dtypes ------------------------------------------------------------------------------------


def test_float32_in_float32_gradients_out():
    x, w = leaf(np.ones((4, 3)), np.float32), leaf(np.ones((2, 3)), np.float32)
    loss = F.cross_entropy(F.gelu(F.linear(x, w)) * 0.5 + np.float64(1), np.array([0, 1, 0, 1]))
    loss.backward()
    assert loss.dtype == x.grad.dtype == w.grad.dtype == np.float32


@pytest.mark.parametrize("scalar", [2, 2.0, True, np.float64(2), np.int64(2), np.float32(2)])
@pytest.mark.parametrize("f", [operator.add, operator.sub, operator.mul, operator.truediv, pow])
def test_scalars_are_weak(f, scalar):
    x = Tensor([1.0, 2.0])
    assert f(x, scalar).dtype == f(scalar, x).dtype == np.float32
    assert f(Tensor(x, dtype=np.float64), scalar).dtype == np.float64


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        ([1.0, 2.0], np.float32),
        (1.0, np.float32),
        ([], np.float32),
        ([1, 2], np.int64),
        (3, np.int64),
        ([True], np.bool_),
        (np.ones(2), np.float64),
        (np.float64(1), np.float64),
        (np.ones(2, np.float32), np.float32),
        (np.ones(2, np.uint8), np.uint8),
        (Tensor(np.ones(2)), np.float64),
    ],
)
def test_dtype_of_a_new_tensor(data, dtype):
    assert Tensor(data).dtype == dtype


def test_a_list_beside_a_tensor_is_what_tensor_makes_of_it():
    y = operator.add(Tensor([1.0, 2.0]), [0.5, 0.25])
    assert y.dtype == np.float32
    assert y.data.tolist() == [1.5, 2.25]


@pytest.mark.parametrize(
    "data", ["abc", None, [None], [[1], [1, 2]], {"a": 1}, [1, "a"], 1j, object()]
)
def test_what_is_not_numbers_is_refused(data):
    with pytest.raises((TypeError, ValueError), match="Tensor: data must be numbers"):
        Tensor(data)


def test_only_floats_require_gradients():
    with pytest.raises(TypeError, match="int64"):
        Tensor([1, 2], requires_grad=True)


def test_float64_gradient_arrives_in_the_dtype_of_the_leaf():
    x = leaf([1.0, 2.0], np.float32)
    (x.double() * np.ones(2)).sum().backward()
    assert x.grad.dtype == np.float32


# leaf.grad is owned ------------------------------------------------------------------------


def assert_owned(grad, leaf):
    assert grad.flags.writeable
    assert grad.base is None
    assert grad.shape == leaf.shape
    assert grad.dtype == leaf.dtype


def test_two_leaves_do_not_share_one_gradient():
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (a + b).backward(np.ones(2))
    assert not np.shares_memory(a.grad, b.grad)
    assert_owned(a.grad, a)
    assert_owned(b.grad, b)


@pytest.mark.parametrize(
    "f",
    [lambda x: x.sum(), lambda x: x.T.sum(), lambda x: x.reshape(6).sum(), lambda x: x[0].sum()],
)
def test_a_view_is_copied(f):
    x = leaf(np.ones((2, 3)))
    f(x).backward()
    assert_owned(x.grad, x)


def test_the_seed_is_not_aliased():
    x, seed = leaf([1.0, 2.0]), np.ones(2)
    (x + 0).backward(seed)
    x.grad *= 5
    assert seed.tolist() == [1.0, 1.0]
    x.backward(seed)
    assert not np.shares_memory(x.grad, seed)


def test_an_array_that_an_op_still_holds_is_not_handed_out():
    @op
    def dot(x, w):  # a student's: right as long as g is 1
        return x @ w, lambda g: w, lambda g: x

    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    dot(x, w).backward()
    assert x.grad.tolist() == [3.0, 4.0]
    assert not np.shares_memory(x.grad, w.data)
    assert not np.shares_memory(w.grad, x.data)


def test_gradients_that_an_op_caches_are_not_handed_out():
    cached = []

    def backward(g, x):
        cached.append(g * 2)
        return cached[-1]

    twice = op(lambda x: 2 * x, backward)
    x = leaf([1.0])
    twice(x).backward()
    x.grad *= 100
    assert cached[0].tolist() == [2.0]


@pytest.mark.parametrize("pair", [lambda g, x, y: (x, x), lambda g, x, y: 2 * (2 * g,)])
def test_one_array_for_two_inputs_is_two_gradients(pair):
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    op(lambda x, y: x + y, pair)(x, y).backward(np.ones(2))
    x.grad *= 100
    assert not np.shares_memory(x.grad, x.data)
    assert y.grad.tolist() in ([1.0, 2.0], [2.0, 2.0])
    assert_owned(y.grad, y)


def test_a_shared_result_is_not_handed_out():
    @op
    def doubled(x, y):
        twice = shared(lambda g: 2 * g)
        return x + y, twice, twice

    x, y = leaf([1.0]), leaf([1.0])
    z = doubled(x, y)
    z.backward(retain_graph=True)
    x.grad *= 100
    assert y.grad.tolist() == [2.0]


def held_linear(x, W, b):
    held_linear.gradients = np.ones_like(x), np.ones_like(W), np.ones_like(b)
    return (x @ W.T + b, *(lambda g, i=i: held_linear.gradients[i] for i in range(3)))


def test_what_a_replacement_holds_is_not_handed_out():
    layer = nn.Linear(3, 2)  # nnlib's own linear promises new arrays, a student's does not
    with use(linear=held_linear):
        layer(np.ones((4, 3), np.float32)).sum().backward()
    for p, held in zip(layer.parameters(), held_linear.gradients[1:], strict=True):
        assert p.grad.tolist() == held.tolist()
        assert_owned(p.grad, p)
        assert not np.shares_memory(p.grad, held)


def test_a_promised_gradient_is_handed_out_as_it_is():
    made = []

    @op
    @fresh_gradients
    def doubled(x):
        return 2 * x, lambda g: made.append(2 * g) or made[-1]

    x = leaf([1.0])
    doubled(x).backward()
    assert x.grad is made[0]
    doubled(x).backward()
    assert x.grad is made[0]
    assert x.grad.tolist() == [4.0]


@pytest.mark.parametrize("vjp", [lambda g: (2 * g)[::-1], lambda g: np.broadcast_to(2.0, 2)])
def test_a_promised_view_is_copied(vjp):
    x = leaf([1.0, 2.0])
    op(fresh_gradients(lambda x: (2 * x, vjp)))(x).backward(np.ones(2))
    assert_owned(x.grad, x)


def test_clipping_in_place_changes_nothing_else():
    twice = nn.Linear(4, 4)
    layers = nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), twice, nn.LayerNorm(4), twice
    model = nn.Sequential(*layers).double()
    x = leaf(np.random.default_rng(0).normal(size=(5, 3)))
    scores = model(x)
    loss = F.cross_entropy(scores, np.array([0, 1, 2, 3, 0]))
    loss.backward(retain_graph=True)
    leaves = [x, *model.parameters()]
    gradients = [t.grad.copy() for t in leaves]
    values = [t.data.copy() for t in (*leaves, scores)]
    for t, g in zip(leaves, gradients, strict=True):
        np.testing.assert_array_equal(t.grad, g)  # whatever was done to those before
        t.grad.fill(0)
    loss.backward()  # nor does the tape read them
    for t, g in zip(leaves, gradients, strict=True):
        np.testing.assert_array_equal(t.grad, g)
        assert_owned(t.grad, t)
    for t, value in zip((*leaves, scores), values, strict=True):
        np.testing.assert_array_equal(t.data, value)


# Values that change ------------------------------------------------------------------------


def assign(w):
    w.data = w.data - 1


def augment(w):
    w.data -= 1


def step(w):
    w.grad = np.ones_like(w.data)
    optim.SGD([w], lr=1.0).step()


def load(w):
    model = nn.Module()
    model.w = w
    model.load_state_dict({"w": w.data - 1})


def initialize(w):
    nn.init.zeros_(w)


def convert(w):
    model = nn.Module()
    model.w = w
    model.double()


@pytest.mark.parametrize("change", [assign, augment, step, load, initialize, convert])
def test_a_value_changed_after_use_raises(change):
    w = nn.Parameter([1.0, 2.0])
    loss = (w * w).sum()
    change(w)
    with pytest.raises(RuntimeError, match=r"input 0 of mul was changed"):
        loss.backward()


def test_a_constant_changed_after_use_raises():
    x, w = Tensor([1.0, 2.0]), leaf([1.0, 2.0], np.float32)
    loss = (x * w).sum()
    x.data *= 2
    with pytest.raises(RuntimeError, match="input 0 of mul"):
        loss.backward()


def test_an_output_changed_before_backward_raises():
    x = leaf([1.0, 2.0])
    y = x.exp()  # its gradient uses y itself
    y.data *= 0
    loss = y.sum()
    with pytest.raises(RuntimeError, match="the output of exp was changed"):
        loss.backward()


def test_a_value_changed_before_use_is_fine():
    w = leaf([1.0, 2.0])
    w.data *= 3
    (w * w).sum().backward()
    assert w.grad.tolist() == [6.0, 12.0]


def test_assigned_data_keeps_shape_and_dtype():
    w = leaf([1.0, 2.0], np.float32)
    w.data = [3, 4]
    assert w.data.dtype == np.float32
    with pytest.raises(ValueError, match=r"shape \(2,\), not \(3,\)"):
        w.data = np.ones(3)


def test_data_are_copied():
    a = np.ones(2)
    x, y = Tensor(a), Tensor(Tensor(a))
    a[:] = 7
    assert x.data.tolist() == y.data.tolist() == [1.0, 1.0]


# debug() -----------------------------------------------------------------------------------


def test_debug_catches_raw_writes():
    x = leaf([1.0, 2.0])
    with debug():
        loss = (x * x).sum()
        x.data[0] = 5
        with pytest.raises(RuntimeError, match=r"mul \(.*test_engine.py, line \d+\).*was changed"):
            loss.backward()


def test_debug_catches_raw_writes_into_outputs_and_options():
    x, y = leaf(np.zeros((1, 2))), np.array([0])
    with debug():
        h = x.exp()
        h.data[:] = 0
        with pytest.raises(RuntimeError, match="exp"):
            h.sum().backward()
        loss = F.cross_entropy(x, y)
        y[:] = 1
        with pytest.raises(RuntimeError, match="cross_entropy"):
            loss.backward()


def test_debug_names_op_and_line_of_a_nan():
    x = leaf([-1.0])
    with debug(), np.errstate(invalid="ignore"), pytest.raises(FloatingPointError) as error:
        x.log()
    line = inspect.currentframe().f_lineno - 1
    assert str(error.value) == f"log ({__file__}, line {line}): its value holds NaN"


def test_debug_names_op_and_line_through_modules():
    model = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
    model[0].weight.data[:] = np.nan
    with debug(), pytest.raises(FloatingPointError, match=r"linear \(.*test_engine.py, line"):
        model(Tensor([[1.0]]))


def test_debug_names_op_and_input_of_a_nan_gradient():
    x = leaf([0.0])
    with debug(), np.errstate(all="ignore"):
        y = (x.sqrt() * 0).sum()  # 0 · ∞
        with pytest.raises(FloatingPointError, match=r"sqrt .*NaN in the gradient of input 0"):
            y.backward()


def test_without_debug_nan_passes():
    with np.errstate(invalid="ignore"):
        assert np.isnan(Tensor([-1.0]).log().item())


# Modes -------------------------------------------------------------------------------------


def test_no_grad_as_context_and_decorator():
    x = leaf([1.0])

    @no_grad()
    def double(x):
        return 2 * x

    with no_grad():
        assert not (2 * x).requires_grad
    assert not double(x).requires_grad
    assert not double(x).requires_grad
    assert (2 * x).requires_grad


def test_modes_end_with_an_exception():
    with pytest.raises(KeyError), no_grad(), debug(), use(relu=negate):
        raise KeyError
    x = leaf([1.0])
    assert (2 * x).requires_grad
    assert F.relu(x).item() == 1.0


def negate(z):
    return -z, lambda g: -g


def test_modes_are_thread_local():
    seen = []

    def other():
        x = leaf([1.0])
        y = F.relu(x)
        x.data[0] = 2  # a raw write, which only debug() would see
        y.backward()
        seen.append((y.item(), x.grad.tolist()))

    with no_grad(), debug(), use(relu=negate):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert seen == [(1.0, [1.0])]


def test_a_mode_of_another_thread_does_not_leak():
    entered, leave = threading.Event(), threading.Event()

    def other():
        with no_grad(), use(relu=negate):
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    entered.wait(10)
    y = F.relu(leaf([1.0]))
    leave.set()
    thread.join()
    assert y.requires_grad
    assert y.item() == 1.0


def linear_in_words(x, W, b):
    z = x @ W.T * 10
    return z, lambda g: 10 * g @ W, lambda g: 10 * g.T @ x, lambda g: 0 * b


def test_use_replaces_everywhere():
    x, layer = np.ones((1, 2)), nn.Linear(2, 1, dtype=np.float64)
    layer.weight.data, layer.bias.data = [[1, 2]], [5]
    calls = [
        lambda: F.linear(x, layer.weight, layer.bias),
        lambda: layer(x),
        lambda: imported_earlier(x, layer.weight, layer.bias),
        lambda: nn.Sequential(layer)(x),
    ]
    for call in calls:
        assert call().item() == 8
        with use(linear=linear_in_words):
            y = call()
        assert y.item() == 30
        layer.zero_grad()
        y.sum().backward()  # outside: the tape keeps the formula that made it
        assert layer.weight.grad.tolist() == [[10.0, 10.0]]


def test_use_takes_what_op_makes():
    pair = op(lambda z: 5 * z, lambda g, z: 5 * g)
    for mine in (op(negate), pair):
        x = leaf([1.0])
        with use(relu=mine):
            y = F.relu(x)
        y.backward()
        assert y.item() == x.grad.item() in (-1, 5)


def test_use_nests():
    x = leaf([2.0])
    with use(relu=negate):
        with use(tanh=negate):
            assert (F.relu(x).item(), F.tanh(x).item()) == (-2, -2)
        with use(relu=lambda z: (7 * z, lambda g: 7 * g)):
            assert F.relu(x).item() == 14
        assert F.relu(x).item() == -2
        assert F.tanh(x).item() == np.tanh(2)


def test_use_of_an_unknown_name_raises():
    with pytest.raises(ValueError, match=r"no op named 'rleu'.*relu"), use(rleu=negate):
        pass


def test_use_says_where_a_part_is_not_called(recwarn):
    mine = {"softmax": lambda z, dim: z, "cross_entropy": lambda z, y: z}  # never called
    with use(**mine):
        assert not recwarn
    with use(softmax=mine["softmax"]):
        (warning,) = recwarn
    assert "replace cross_entropy too" in str(warning.message)
    assert warning.filename == __file__


def test_use_of_what_is_no_formula_raises():
    with use(relu=lambda z: z), pytest.raises(TypeError, match="relu: return the value and one"):
        F.relu(leaf([1.0, 2.0]))


# op and shared -----------------------------------------------------------------------------


def test_op_by_a_pair_of_functions():
    def power(x, n, *, scale=1.0):
        return scale * x**n

    def power_backward(g, x, n, *, scale=1.0):
        return scale * g * n * x ** (n - 1), None

    x = leaf([3.0])
    op(power, power_backward)(x, 2, scale=10.0).backward()
    assert x.grad.tolist() == [60.0]


def test_a_pair_with_the_wrong_number_of_gradients_raises():
    def product(x, y):
        return x * y

    y = op(product, lambda g, x, y: g * y)(leaf([1.0]), leaf([1.0]))
    with pytest.raises(ValueError, match="product: backward returned 1 gradients for 2 inputs"):
        y.backward()


def test_an_op_with_the_wrong_number_of_vjps_raises():
    @op
    def product(x, y):
        return x * y, lambda g: g * y

    with pytest.raises(ValueError, match="product: 2 inputs, but 1 vjps"):
        product(leaf([1.0]), leaf([1.0]))


@pytest.mark.parametrize("gradient", [np.ones(3), np.ones((2, 3)), 1.0])
def test_a_gradient_of_the_wrong_shape_names_the_op_and_the_input(gradient):
    @op
    def crooked(x, y):
        return x + y, lambda g: g, lambda g: gradient

    y = crooked(leaf([1.0, 2.0]), leaf([1.0, 2.0]))
    with pytest.raises(ValueError, match=r"crooked: the gradient of input 1 has shape"):
        y.backward(np.ones(2))


def test_an_op_that_forgets_its_vjps_raises():
    @op
    def square(x):
        return x * x

    with pytest.raises(TypeError, match="square: return the value and one vjp per input"):
        square(Tensor([1.0, 2.0]))


def test_no_gradient_flows_where_a_vjp_returns_none():
    @op
    def first(x, y):
        return x + 0, lambda g: g, lambda g: None

    x, y = leaf([1.0]), leaf([1.0])
    first(x, y).backward()
    assert x.grad.tolist() == [1.0]
    assert y.grad is None


def test_a_gradient_that_nobody_needs_is_not_computed():
    @op
    def product(x, y):
        return x * y, lambda g: 1 / 0, lambda g: g * x

    y = leaf([2.0])
    product(Tensor([3.0], dtype=np.float64), y).backward()
    assert y.grad.tolist() == [3.0]


def test_shared_computes_once_per_gradient():
    calls = []

    @op
    def sums(x, y):
        @shared
        def double(g):
            calls.append(g)
            return 2 * g

        return x + y, lambda g: double(g), lambda g: double(g)

    x, y = leaf([1.0]), leaf([1.0])
    z = sums(x, y)
    z.backward(np.array([1.0]), retain_graph=True)
    assert len(calls) == 1
    z.backward(np.array([10.0]))
    assert len(calls) == 2
    assert x.grad.tolist() == y.grad.tolist() == [22.0]


def test_a_paired_backward_runs_once_per_gradient():
    calls = []

    def backward(g, x, y):
        calls.append(g)
        return g, g

    op(lambda x, y: x + y, backward)(leaf([1.0]), leaf([1.0])).backward()
    assert len(calls) == 1


def test_an_error_of_the_students_own_is_left_alone():
    @op
    def picky(x):
        raise ValueError("x must be shorter")

    with pytest.raises(ValueError, match=r"^x must be shorter$"):
        picky(Tensor([1.0]))


# NumPy on the left -------------------------------------------------------------------------

OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.matmul,
]  # fmt: skip
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]


@pytest.mark.parametrize("f", OPERATORS)
def test_an_array_on_the_left(f):
    a, x = np.array([2.0, 3.0]), leaf([4.0, 5.0])
    y = f(a, x)
    assert isinstance(y, Tensor)
    assert y.data.tolist() == f(a, x.data).tolist()
    y.backward(np.ones(y.shape))
    assert np.abs(x.grad).min() > 0


@pytest.mark.parametrize("f", COMPARISONS)
@pytest.mark.parametrize("left", [np.array([4.0, 6.0]), np.float64(4), 4.0])
def test_comparisons(f, left):
    x = leaf([4.0, 5.0])
    y = f(left, x)
    assert isinstance(y, Tensor)
    assert y.dtype == np.bool_
    assert not y.requires_grad
    assert y.data.tolist() == f(left, x.data).tolist()


@pytest.mark.parametrize("f", OPERATORS[:-1])
@pytest.mark.parametrize("scalar", [np.float64(2), np.float32(2), np.int64(2), np.array(2.0), 2])
def test_a_scalar_on_the_left(f, scalar):
    y = f(scalar, leaf([4.0, 5.0]))
    assert isinstance(y, Tensor)
    assert y.requires_grad
    assert y.data.tolist() == f(2.0, np.array([4.0, 5.0])).tolist()


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.exp(x),
        lambda x: np.maximum(x, 0.0),
        lambda x: np.add.reduce(x),
        lambda x: np.add(x, 1.0, out=np.zeros(2)),
    ],
)
def test_other_numpy_functions_say_what_to_write(call):
    with pytest.raises(TypeError, match=r"np\.\w+ does not take a Tensor.*t\.data"):
        call(leaf([1.0, 2.0]))


def test_in_place_on_an_array_does_not_lose_the_gradient_silently():
    a = np.ones(2)
    with pytest.raises(TypeError, match="does not take a Tensor"):
        a += leaf([1.0, 2.0])


def test_asarray_raises_where_gradients_are_required():
    x = leaf([1.0, 2.0])
    for call in (np.asarray, np.array, lambda x: x.numpy()):
        with pytest.raises(RuntimeError, match=r"detach\(\)\.numpy\(\)"):
            call(x)
    assert np.asarray(x.detach()).tolist() == [1.0, 2.0]
    assert np.array(x.detach(), dtype=np.float32).dtype == np.float32
    assert x.detach().numpy() is x.data
    assert np.array(x.detach()) is not x.data


# Memory ------------------------------------------------------------------------------------


@contextmanager
def reference_counting_alone():
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "reader",
    [
        ops.sum, ops.mean, ops.neg, lambda x: x + 1, lambda x: x - 1, lambda x: 2 * x,
        lambda x: x[[0]], lambda x: x.float(), F.relu, F.sigmoid, lambda x: ops.cat([x[:1], x[1:]]),
        lambda x: F.mse_loss(x, np.zeros(x.shape)), lambda x: F.cross_entropy(x, np.zeros(3, int)),
    ],
)  # fmt: skip
def test_a_value_that_no_gradient_needs_is_let_go(reader):
    with reference_counting_alone():
        h = leaf(np.ones((3, 2))) + 1
        y, values = reader(h), weakref.ref(h.data)
        assert y.requires_grad
        del h
        assert values() is None


@pytest.mark.parametrize("walk", [True, False])
def test_no_cycles(walk):
    with reference_counting_alone():
        x = leaf(np.ones((3, 2)))
        h = x * 2
        y = op(lambda a: a * a, lambda g, a: 2 * g * a)(h)
        loss = F.softmax(y, dim=1).log().sum()
        tensor, values = weakref.ref(h), weakref.ref(h.data)
        del h
        assert tensor() is None  # the tape holds nodes
        assert values() is not None  # a vjp holds what it needs
        if walk:
            loss.backward()
        else:
            del loss
        del y
        assert values() is None


def test_the_tape_does_not_keep_a_leaf_alive():
    with reference_counting_alone():
        x, w = leaf([1.0]), leaf([2.0])
        y = x + w
        gone = weakref.ref(w)
        del w
        assert gone() is None
        y.backward()
        assert x.grad.tolist() == [1.0]


# requires_grad, copies, small things -------------------------------------------------------


def test_requires_grad_set_later():
    x, w = Tensor(np.ones(2)), leaf([3.0, 4.0])
    before = (x * w).sum()
    x.requires_grad = True
    after = (x * w).sum()
    after.backward()
    assert x.grad.tolist() == [3.0, 4.0]
    before.backward()
    assert x.grad.tolist() == [3.0, 4.0]
    assert w.grad.tolist() == [2.0, 2.0]


def test_requires_grad_switched_off():
    x, w = leaf([1.0]), leaf([2.0])
    assert x.requires_grad_(False) is x
    (x * w).backward()
    assert x.grad is None
    assert w.grad.tolist() == [1.0]


def test_requires_grad_of_a_result_cannot_change():
    with pytest.raises(RuntimeError, match=r"detach\(\)"):
        (leaf([1.0]) * 2).requires_grad = False
    with pytest.raises(TypeError, match="int64"):
        Tensor([1]).requires_grad = True


def test_is_leaf():
    x = leaf([1.0])
    assert x.is_leaf
    assert not (x * 2).is_leaf
    assert (x * 2).detach().is_leaf
    x.sum().backward()
    assert x.is_leaf


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copied_model_trains_by_itself(copied):
    model = nn.Linear(2, 1)
    model(np.ones((1, 2), np.float32)).sum().backward()  # it stands on a tape
    twin = copied(model)
    model.zero_grad()
    twin.zero_grad()
    twin(np.ones((1, 2), np.float32)).sum().backward()
    assert model.weight.grad is None
    assert twin.weight.grad.tolist() == [[1.0, 1.0]]
    assert not np.shares_memory(model.weight.data, twin.weight.data)


def test_as_python_numbers():
    x = Tensor([2.5])
    assert (x.item(), float(x), int(x), f"{x:.3f}", bool(x)) == (2.5, 2.5, 2, "2.500", True)
    for f in (Tensor.item, float, int, bool):
        with pytest.raises(ValueError, match="size 1"):
            f(Tensor([1.0, 2.0]))


def test_len_and_iteration():
    rows = list(leaf([[1.0, 2.0], [3.0, 4.0]]))
    assert [row.data.tolist() for row in rows] == [[1.0, 2.0], [3.0, 4.0]]
    assert rows[0].requires_grad
    with pytest.raises(TypeError, match="len"):
        len(Tensor(1.0))


def test_repr():
    assert repr(Tensor([1.0, 2.0])) == "tensor([1., 2.])"
    assert repr(leaf([1.0])) == "tensor([1.], dtype=float64, requires_grad=True)"
    assert repr(Tensor([1, 2])) == "tensor([1, 2])"


def test_tensors_are_compared_by_identity_in_sets():
    x, y = Tensor([1.0]), Tensor([1.0])
    assert len({x, y, x}) == 2


def test_what_is_declared_is_installed():
    """Editors and mypy read the list, Tensor gets what it holds."""
    for cls in (operators.Operators, methods.Methods):
        for name, method in vars(cls).items():
            if callable(method) or isinstance(method, property):
                assert vars(Tensor)[name] is vars(methods.Methods).get(name, method), name
