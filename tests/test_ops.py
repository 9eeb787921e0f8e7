"""Every op of the library: against PyTorch, against finite differences, against its twin.

CASES draws, for each op by name, how to call it here and in PyTorch, and what to call it with.
The last test holds that no op was forgotten.
"""

import operator
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes
from twins import TWINS

import nnlib.nn.functional as F
from nnlib import Tensor, masks, ops, testing
from nnlib.nn import activation, class_loss, likelihood, linear, loss, robust

try:
    import torch
except ImportError:
    torch = None

SHAPES = array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
FILLED = array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)
SEEDS = st.integers(0, 2**32 - 1)


def numbers(draw, shape, low=-3.0, high=3.0):
    """Half of them rounded, so that ties, zeros and kinks are met."""
    x = np.random.default_rng(draw(SEEDS)).uniform(low, high, shape)
    return np.asarray(x.round(1) if draw(st.booleans()) else x)


def case(ours, theirs, *ranges, shapes=SHAPES):
    """An op, entry by entry, of as many arrays as there are ranges; their shapes broadcast."""

    @st.composite
    def draw_case(draw):
        if len(ranges) == 1:
            drawn = (draw(shapes),)
        else:
            pair = mutually_broadcastable_shapes(
                num_shapes=len(ranges), min_side=0, max_side=3, max_dims=3
            )
            drawn = draw(pair).input_shapes
        arrays = [numbers(draw, s, *r) for s, r in zip(drawn, ranges, strict=True)]
        return ours, theirs, arrays

    return draw_case()


@st.composite
def matmuls(draw):
    n, m, p = (draw(st.integers(0, 3)) for _ in range(3))
    batches = draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=2, min_side=0, max_side=3))
    left, right = batches.input_shapes
    x = draw(st.sampled_from([(m,), (n, m), (*left, n, m)]))
    y = draw(st.sampled_from([(m,), (m, p), (*right, m, p)]))
    return operator.matmul, operator.matmul, [numbers(draw, x), numbers(draw, y)]


@st.composite
def wheres(draw):
    shapes = draw(mutually_broadcastable_shapes(num_shapes=3, max_dims=3, min_side=0, max_side=3))
    c, x, y = (numbers(draw, s) for s in shapes.input_shapes)
    return ops.where, torch and torch.where, [np.asarray(c > 0), x, y]


@st.composite
def reductions(draw, name, shapes=SHAPES):
    shape = draw(shapes)
    axes = st.integers(-len(shape), len(shape) - 1) if shape else st.just(0)
    several = st.lists(st.integers(0, len(shape) - 1), unique=True) if shape else st.just(())
    dim, keepdim = draw(axes | several.map(tuple)), draw(st.booleans())
    return (
        lambda x: getattr(x, name)(dim, keepdim),
        lambda x: getattr(x, name)(dim, keepdim),
        [numbers(draw, shape)],
    )


@st.composite
def reshapes(draw):
    shape = draw(SHAPES)
    sizes = draw(st.permutations(shape))
    if sizes and np.prod(shape) and draw(st.booleans()):
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    spread = draw(st.booleans()) and len(sizes) > 0

    def reshape(x):
        return x.reshape(*sizes) if spread else x.reshape(sizes)

    return reshape, reshape, [numbers(draw, shape)]


@st.composite
def transposes(draw):
    shape = draw(array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3))
    i, j = (draw(st.integers(-len(shape), len(shape) - 1)) for _ in range(2))

    def transpose(x):
        return x.transpose(i, j)

    return transpose, transpose, [numbers(draw, shape)]


@st.composite
def indexes(draw):
    keys = [
        0, -1, slice(None), slice(1, None), slice(0, 3, 2), None, Ellipsis, (0, 1), (..., 0),
        (slice(None), 1), (slice(None), None, [1, 1, 0]), [0, 0, 1], np.array([[0, 1], [1, 1]]),
        ([0, 1, 0], [1, 1, 1]), np.array([True, False, True]), np.array([2, 0, 2]),
    ]  # fmt: skip
    key = draw(st.sampled_from(keys))
    return lambda x: x[key], lambda x: x[key], [numbers(draw, (3, 2, 2))]


@st.composite
def cats(draw):
    shape, dim = list(draw(FILLED)), 0
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    arrays = []
    for size in draw(st.lists(st.integers(0, 3), min_size=1, max_size=3)):
        shape[dim] = size
        arrays.append(numbers(draw, shape))
    return lambda *x: ops.cat(x, dim), lambda *x: torch.cat(x, dim), arrays


@st.composite
def clamps(draw):
    low, high = draw(st.sampled_from([(-1, 1), (None, 0.5), (-0.5, None), (0, 0)]))
    return (
        lambda x: ops.clamp(x, low, high),
        lambda x: torch.clamp(x, low, high),
        [numbers(draw, draw(SHAPES))],
    )


@st.composite
def with_options(draw, name, shapes=SHAPES, **options):
    """A function of one array that has the same name and options in both."""
    chosen = {key: draw(values) for key, values in options.items()}
    return (
        lambda z: getattr(F, name)(z, **chosen),
        lambda z: getattr(torch.nn.functional, name)(z, **chosen),
        [numbers(draw, draw(shapes), -5, 5)],
    )


@st.composite
def softmaxes(draw, name):
    shape = draw(FILLED)
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    return (
        lambda z: getattr(F, name)(z, dim),
        lambda z: getattr(torch.nn.functional, name)(z, dim),
        [numbers(draw, shape)],
    )


@st.composite
def linears(draw):
    n_in, n_out = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    batch = draw(array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    arrays = [numbers(draw, (*batch, n_in)), numbers(draw, (n_out, n_in)), numbers(draw, n_out)]
    arrays = arrays[: draw(st.integers(2, 3))]
    return F.linear, lambda *x: torch.nn.functional.linear(*x), arrays


@st.composite
def pair_losses(draw, name, low=-3.0, high=3.0, **options):
    chosen = {key: draw(values) for key, values in options.items()}
    chosen["reduction"] = draw(st.sampled_from(["mean", "sum", "none"]))
    shape = draw(SHAPES)
    return (
        lambda *x: getattr(F, name)(*x, **chosen),
        lambda *x: getattr(torch.nn.functional, name)(*x, **chosen),
        [numbers(draw, shape, low, high), numbers(draw, shape, 0.0, 1.0)],
    )


@st.composite
def class_losses(draw, name, **options):
    n, classes = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    labels = np.random.default_rng(draw(SEEDS)).integers(0, classes, n)
    return (
        lambda z, y: getattr(F, name)(z, y, **options),
        lambda z, y: getattr(torch.nn.functional, name)(z, y, **options),
        [numbers(draw, (n, classes)), labels],
    )


REAL, POSITIVE, AWAY = (-3.0, 3.0), (0.1, 4.0), (0.5, 3.0)
CASES = {
    "add": case(operator.add, operator.add, REAL, REAL),
    "sub": case(operator.sub, operator.sub, REAL, REAL),
    "mul": case(operator.mul, operator.mul, REAL, REAL),
    "div": case(operator.truediv, operator.truediv, REAL, AWAY),
    "pow": case(operator.pow, operator.pow, POSITIVE, REAL),
    "neg": case(operator.neg, operator.neg, REAL),
    "matmul": matmuls(),
    "exp": case(lambda x: x.exp(), lambda x: x.exp(), REAL),
    "log": case(lambda x: x.log(), lambda x: x.log(), POSITIVE),
    "sqrt": case(lambda x: x.sqrt(), lambda x: x.sqrt(), POSITIVE),
    "absolute": case(abs, abs, REAL),
    "maximum": case(ops.maximum, torch and torch.maximum, REAL, REAL),
    "where": wheres(),
    "clamp": clamps(),
    "astype": case(lambda x: x.float() * 2, lambda x: x.float() * 2, REAL),
    "sum": reductions("sum"),
    "mean": reductions("mean"),
    "amax": reductions("amax", FILLED),
    "max": case(lambda x: x.max(), lambda x: x.max(), REAL, shapes=FILLED),
    "reshape": reshapes(),
    "transpose": transposes(),
    "index": indexes(),
    "cat": cats(),
    "equal": case(operator.eq, operator.eq, REAL, REAL),
    "not_equal": case(operator.ne, operator.ne, REAL, REAL),
    "less": case(operator.lt, operator.lt, REAL, REAL),
    "less_equal": case(operator.le, operator.le, REAL, REAL),
    "greater": case(operator.gt, operator.gt, REAL, REAL),
    "greater_equal": case(operator.ge, operator.ge, REAL, REAL),
    "raised": case(
        lambda x: masks.raised(x, least=0.5),
        lambda x: x + (x.clamp(0.5) - x).detach(),
        REAL,
    ),
    "heaviside": case(
        lambda z: F.heaviside(z, 0.5),
        lambda z: torch.heaviside(z.detach(), torch.tensor(0.5, dtype=z.dtype)),
        REAL,
    ),
    "sign": case(F.sign, torch and torch.sign, REAL),
    "sigmoid": with_options("sigmoid"),
    "tanh": with_options("tanh"),
    "relu": with_options("relu"),
    "logsigmoid": with_options("logsigmoid"),
    "leaky_relu": with_options("leaky_relu", negative_slope=st.sampled_from([0.01, 0.0, 1.5, -1])),
    "elu": with_options("elu", alpha=st.sampled_from([1.0, 0.3, 2])),
    "selu": with_options("selu"),
    "softplus": with_options(
        "softplus", beta=st.sampled_from([1.0, 0.5, 3]), threshold=st.sampled_from([20.0, 1, 0])
    ),
    "silu": with_options("silu"),
    "gelu": with_options("gelu"),
    "softmax": softmaxes("softmax"),
    "log_softmax": softmaxes("log_softmax"),
    "linear": linears(),
    "squared_error": pair_losses("mse_loss"),
    "huber": pair_losses("huber_loss", delta=st.sampled_from([1.0, 0.3, 2])),
    "binary_cross_entropy": pair_losses("binary_cross_entropy", 0.05, 0.95),
    "binary_cross_entropy_with_logits": pair_losses("binary_cross_entropy_with_logits"),
    "cross_entropy": class_losses("cross_entropy"),
    "nll": class_losses("nll_loss", reduction="none"),
}

every_op = pytest.mark.parametrize("name", CASES)


@every_op
@given(data=st.data())
@settings(max_examples=50)
def test_equals_torch(torch, name, data):
    ours, theirs, arrays = data.draw(CASES[name])
    testing.compare_with_torch(ours, theirs, *arrays, atol=1e-9)


@every_op
@given(data=st.data())
@settings(max_examples=10)
def test_equals_torch_in_float32(torch, name, data):
    ours, theirs, arrays = data.draw(CASES[name])
    single = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in arrays]
    testing.compare_with_torch(ours, theirs, *single, atol=2e-5)


# Their gradients are none, or pass through float32, which is too coarse for differences.
NOT_SMOOTH = {
    "raised",  # its gradient is not that of its value
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "astype",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in CASES if name not in NOT_SMOOTH])
@given(data=st.data())
@settings(max_examples=5)
def test_equals_finite_differences(name, data):
    ours, _, arrays = data.draw(CASES[name])
    rng = np.random.default_rng(0)  # away from the kinks
    moved = [a + rng.uniform(0.001, 0.004, a.shape) if a.dtype.kind == "f" else a for a in arrays]
    assert testing.gradcheck(ours, moved)


@every_op
@given(data=st.data())
@settings(max_examples=20)
def test_nothing_else_holds_a_gradient(name, data):
    ours, _, arrays = data.draw(CASES[name])
    inputs = [Tensor(a, requires_grad=True) if a.dtype.kind == "f" else a for a in arrays]
    y = ours(*inputs)
    if not y.requires_grad:
        return
    seed = np.cos(np.arange(y.data.size, dtype=y.dtype)).reshape(y.shape)
    y.backward(seed, retain_graph=True)
    reached = [t for t in inputs if isinstance(t, Tensor) and t.grad is not None]
    held = [*arrays, *(t.data for t in reached), y.data, seed]
    before, first = [a.copy() for a in held], [t.grad for t in reached]
    expected = [g.copy() for g in first]
    for t, g in zip(reached, expected, strict=True):
        np.testing.assert_array_equal(t.grad, g)  # whatever was written into the others
        assert t.grad.flags.writeable
        assert t.grad.base is None
        assert (t.grad.shape, t.grad.dtype) == (t.shape, t.dtype)
        t.grad.fill(np.nan)
        t.grad = None
    y.backward(seed)  # the same gradients once more, in other arrays
    for t, g, once in zip(reached, expected, first, strict=True):
        np.testing.assert_array_equal(t.grad, g)
        assert not np.shares_memory(t.grad, once)
    for now, then in zip(held, before, strict=True):
        np.testing.assert_array_equal(now, then)


# Twins -------------------------------------------------------------------------------------

# Layers with options of their own stand in files of their own, which hold them to torch, to
# differences and to their twin.
ELSEWHERE = {
    "avg_pool2d": "pooling", "batch_norm": "normalization", "conv2d": "convolution",
    "conv_transpose2d": "transposed",
    "dropout": "dropout", "gru": "recurrent", "layer_norm": "normalization", "lstm": "recurrent",
    "max_pool2d": "pooling", "rnn": "recurrent",
}  # fmt: skip


@st.composite
def twin_cases(draw, fused, *ranges, shapes=FILLED, **options):
    shape = draw(shapes)
    chosen = {key: draw(values) for key, values in options.items()}
    return fused, chosen, [numbers(draw, shape, *r) for r in ranges]


@st.composite
def linear_twins(draw):
    n, d, k = (draw(st.integers(0, 4)) for _ in range(3))
    b = draw(st.sampled_from([None, np.arange(float(k))]))
    return linear._linear, {}, [numbers(draw, (n, d)), numbers(draw, (k, d)), b]


@st.composite
def cross_entropy_twins(draw):
    n, classes = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    labels = np.random.default_rng(draw(SEEDS)).integers(0, classes, n)
    return loss._cross_entropy, {"y": labels}, [numbers(draw, (n, classes))]


MATRICES = array_shapes(min_dims=2, max_dims=2, max_side=4)
LAST = st.sampled_from([-1, 0])
TWIN_CASES = {
    "linear": linear_twins(),
    "sigmoid": twin_cases(F.sigmoid, REAL),
    "tanh": twin_cases(F.tanh, REAL),
    "relu": twin_cases(F.relu, REAL),
    "logsigmoid": twin_cases(F.logsigmoid, REAL),
    "leaky_relu": twin_cases(F.leaky_relu, REAL, negative_slope=st.floats(0, 1)),
    "elu": twin_cases(F.elu, REAL, alpha=st.floats(0.1, 2)),
    "selu": twin_cases(F.selu, REAL),
    "softplus": twin_cases(F.softplus, REAL, beta=st.floats(0.5, 2), threshold=st.just(20.0)),
    "silu": twin_cases(F.silu, REAL),
    "softmax": twin_cases(activation._softmax, REAL, dim=LAST),
    "log_softmax": twin_cases(activation._log_softmax, REAL, dim=LAST),
    "squared_error": twin_cases(loss._squared_error, REAL, REAL),
    "huber": twin_cases(robust._huber, REAL, REAL, delta=st.floats(0.1, 2)),
    "binary_cross_entropy": twin_cases(likelihood._binary_cross_entropy, (0.05, 0.95), (0.0, 1.0)),
    "binary_cross_entropy_with_logits": twin_cases(
        likelihood._binary_cross_entropy_with_logits, (-8.0, 8.0), (0.0, 1.0), (0.5, 3.0)
    ),
    "nll": twin_cases(class_loss._nll, (-5.0, -0.1), (0.0, 1.0), shapes=MATRICES, dim=LAST),
    "cross_entropy": cross_entropy_twins(),
}


def made_of(y):
    """The names of the ops on the tape behind y."""
    names, stack = set(), [y._node]
    while stack:
        node = stack.pop()
        names.add(node.op)
        stack.extend(x for x in node.inputs if x is not None)
    return names


@pytest.mark.parametrize("name", sorted(set(TWINS) - set(ELSEWHERE)))
@given(data=st.data())
@settings(max_examples=20)
def test_equals_its_twin(name, data):
    fused, options, arrays = data.draw(TWIN_CASES[name])
    results = []
    for f in (fused, TWINS[name]):
        inputs = [None if a is None else Tensor(a, requires_grad=True) for a in arrays]
        y = f(*inputs, **options)
        assert (f is fused) == (not made_of(y).isdisjoint(TWINS))
        y.backward(np.cos(np.arange(y.data.size)).reshape(y.shape))
        results.append([y.data, *(t.grad for t in inputs if t is not None)])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, np.zeros_like(a) if b is None else b, rtol=1e-9, atol=1e-12)


# No op was forgotten -----------------------------------------------------------------------

# Steps, whose gradient is 0, and Φ, for which no basic op is there.
WITHOUT_TWIN = {"heaviside", "sign", "gelu"}


def library_ops():
    """The ops that a fresh process knows, each with the module it is from."""
    code = (
        "import nnlib.nn, nnlib.train, nnlib.testing, nnlib.classical, nnlib.data, nnlib.engine;"
        "[print(n, f.__module__) for n, f in nnlib.engine._FORMULAS.items()]"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return dict(line.split() for line in printed.stdout.decode().splitlines())


def test_no_op_was_forgotten():
    by_name = {"nnlib.entrywise", "nnlib.reductions", "nnlib.shapes"}  # test_names.py has these
    modules = {name: home for name, home in library_ops().items() if home not in by_name}
    del modules["put"]  # test_inplace.py
    composed = {"mean"}
    assert set(CASES) - composed == set(modules) - set(ELSEWHERE)
    basic = {"nnlib.ops", "nnlib.operators", "nnlib.masks", "nnlib.reshaping"}
    fused = {name for name, module in modules.items() if module not in basic}
    assert fused - WITHOUT_TWIN == set(TWINS)


@pytest.mark.parametrize("name, topic", ELSEWHERE.items())
def test_what_stands_elsewhere_is_there(name, topic):
    text = (Path(__file__).parent / "nn" / f"test_{topic}.py").read_text("utf-8")
    assert name in text
    for tool in ("torch", "gradcheck", "twin"):
        assert tool in text, f"{topic}: nothing is held to {tool}"


# What the table does not draw --------------------------------------------------------------


def test_stack(torch, rng):
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    for dim in (-3, -2, -1, 0, 1, 2):
        testing.compare_with_torch(
            lambda *x, d=dim: ops.stack(x, d), lambda *x, d=dim: torch.stack(x, d), a, b
        )


@pytest.mark.parametrize("dims", [(), (0,), (1,), (1, 2), (0, -1), (-2, -1)])
def test_flatten(torch, rng, dims):
    for shape in [(2, 3, 4), (2, 0, 4)]:
        testing.compare_with_torch(
            lambda x: x.flatten(*dims), lambda x: x.flatten(*dims), rng.normal(size=shape)
        )
    assert Tensor(1.0).flatten().shape == (1,)


def test_argmax(torch, rng):
    x = rng.normal(size=(3, 4)).round()
    for options in ({}, {"dim": 0}, {"dim": -1}, {"dim": 1, "keepdim": True}):
        ours, theirs = Tensor(x).argmax(**options), torch.tensor(x).argmax(**options)
        assert ours.data.tolist() == theirs.tolist()
        assert ours.dtype == np.int64


def test_max_of_all():
    x = Tensor(np.array([[1.0, 3.0], [3.0, 0.0]]), requires_grad=True)
    x.max().backward()
    assert x.grad.tolist() == [[0.0, 0.5], [0.5, 0.0]]


@pytest.mark.parametrize(
    "f", [lambda x: x.T, lambda x: x**2, lambda x: x**0.5, lambda x: x**0, lambda x: x**-1]
)
def test_powers_and_transpose(torch, f):
    testing.compare_with_torch(f, f, np.array([[1.0, 2.0], [0.5, 3.0]]))


@pytest.mark.parametrize("n", [0, 1, 2, 3.0])
def test_powers_of_zero_and_negatives(torch, n):
    testing.compare_with_torch(lambda x: x**n, lambda x: x**n, np.array([0.0, -1.0, -0.0]))


def test_zero_to_a_power_that_moves(torch):
    x, n = np.array([0.0, 0.0, 2.0]), np.array([2.0, 1.0, 3.0])
    testing.compare_with_torch(operator.pow, operator.pow, x, n)


def test_a_small_divisor(torch):
    x, y = np.array([1e-20, 1.0], np.float32), np.array([1e-25, 1e25], np.float32)
    testing.compare_with_torch(operator.truediv, operator.truediv, x, y, atol=1e-5)


def test_clamp_at_its_bounds(torch):
    for low, high in [(-1, 1), (-1, None), (None, 1), (1, -1)]:
        testing.compare_with_torch(
            lambda x, a=low, b=high: ops.clamp(x, a, b),
            lambda x, a=low, b=high: torch.clamp(x, a, b),
            np.array([-2.0, -1.0, 0.0, 1.0, 2.0]),
        )


def test_where_takes_numbers():
    x = Tensor([1.0, -1.0], requires_grad=True)
    y = ops.where(x.data > 0, x, 0.0)
    y.sum().backward()
    assert (y.dtype, y.data.tolist(), x.grad.tolist()) == (np.float32, [1.0, 0.0], [1.0, 0.0])


def test_a_tensor_as_index():
    x, i = Tensor([1.0, 2.0, 3.0], requires_grad=True), Tensor([2, 2, 0])
    x[i].sum().backward()
    assert x.grad.tolist() == [1.0, 0.0, 2.0]


def test_a_slice_is_a_view():
    x = Tensor([1.0, 2.0])
    y = x[:1]
    y.data[:] = 5
    assert x.data.tolist() == [5.0, 2.0]


@pytest.mark.parametrize("name", ["sum", "mean", "amax"])
@pytest.mark.parametrize("dim", [None, (), []])
def test_all_axes(name, dim):
    assert getattr(ops, name)(np.ones((2, 3)), dim).shape == ()


def test_the_mean_of_nothing_is_nan(torch):
    for shape in [(0,), (2, 0)]:
        testing.compare_with_torch(lambda x: x.mean(), lambda x: x.mean(), np.ones(shape))


def test_numpy_sizes():
    assert Tensor([1.0, 2.0]).reshape(np.int64(2), np.int64(1)).shape == (2, 1)
    assert Tensor([1.0, 2.0]).reshape(np.prod([2, 1])).shape == (2,)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: x @ x, ValueError, r"matmul: shapes \(2, 3\) and \(2, 3\) do not fit"),
        (lambda x: x @ 2.0, ValueError, r"matmul: shapes \(2, 3\) and \(\) do not fit"),
        (lambda x: x + np.ones(2), ValueError, r"add: shapes \(2, 3\) and \(2,\) do not fit"),
        (lambda x: x == np.ones(2), ValueError, r"equal: shapes \(2, 3\) and \(2,\) do not fit"),
        (lambda x: x + "a", TypeError, r"add: works on numbers .* not on float32 and str"),
        (lambda x: x * None, TypeError, r"mul: works on numbers .* not on float32 and NoneType"),
        (lambda x: x == "a", TypeError, r"equal: works on numbers"),
        (lambda x: x.sum(2), IndexError, "sum: dim 2 is out of range for a Tensor with 2 axes"),
        (lambda x: x.sum(-3), IndexError, "sum: dim -3"),
        (lambda x: x.sum((0, -2)), ValueError, "sum: .*twice"),
        (lambda x: x.sum("rows"), TypeError, "sum: dim must be a whole number .*'rows'"),
        (lambda x: x.mean(1.5), TypeError, "mean: dim must be a whole number"),
        (lambda x: (x > 0).mean(), TypeError, r"mean: needs floats, not bool; .*\.float\(\)"),
        (lambda x: x.argmax(5), IndexError, "argmax: dim 5"),
        (lambda x: x[:0].argmax(), ValueError, "argmax: nothing to choose from"),
        (lambda x: x[:0].max(), ValueError, r"amax: nothing to choose from in shape \(0, 3\)"),
        (lambda x: ops.amax(x[:0], 0), ValueError, "amax: nothing to choose from"),
        (lambda x: x.reshape(4), ValueError, r"reshape: 6 entries \(2, 3\) do not fill \(4,\)"),
        (lambda x: x.reshape(-1, -1), ValueError, "reshape: 6 entries"),
        (lambda x: x.flatten(1, 0), ValueError, "flatten: start_dim 1 comes after end_dim 0"),
        (lambda x: x.transpose(0, 2), IndexError, "transpose: dim 2"),
        (lambda x: x[0].T, ValueError, r"T: is for matrices, not for shape \(3,\)"),
        (lambda x: x[5], IndexError, "out of bounds"),
        (lambda x: ops.cat([]), ValueError, "cat: the list of tensors is empty"),
        (lambda x: ops.cat([x, x.T]), ValueError, r"cat: shapes \[\(2, 3\), \(3, 2\)\]"),
        (lambda x: ops.cat([x, x], 2), IndexError, "cat: dim 2"),
        (lambda x: ops.stack([]), ValueError, "stack: needs one or more tensors"),
        (
            lambda x: ops.stack([x, x.T]),
            ValueError,
            "stack: needs one or more tensors of one shape",
        ),
        (lambda x: ops.stack([x, x.reshape(6)]), ValueError, "stack: needs"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(np.ones((2, 3), np.float32)))
