"""Whatever the shapes, fitting or not: the same as PyTorch, or an error in the student's words.

Nothing is broadcast in a loss, no text of NumPy's own machinery comes through, and the message
names the function that was called.
"""

import operator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib.nn.functional as F
from nnlib import Tensor, nn, ops

try:
    import torch
except ImportError:
    torch = None

MACHINERY = (
    "gufunc",
    "ufunc",
    "operands could not be broadcast",
    "core dimension",
    "matmul: Input",
)
SIZES = st.integers(0, 4)
SHAPES = st.lists(SIZES, max_size=3).map(tuple)


@st.composite
def near(draw, shape):
    """The same shape, or one that differs by an axis or a size, as a student's does."""
    shape = list(draw(st.just(shape)))
    change = draw(st.sampled_from(["none", "none", "size", "drop", "add", "swap", "any"]))
    if change == "any":
        return draw(SHAPES)
    if change == "add":
        shape.insert(draw(st.integers(0, len(shape))), draw(st.sampled_from([1, 1, 2])))
    elif change != "none" and shape:
        i = draw(st.integers(0, len(shape) - 1))
        if change == "size":
            shape[i] = draw(SIZES)
        elif change == "drop":
            del shape[i]
        else:
            shape[0], shape[i] = shape[i], shape[0]
    return tuple(shape)


def numbers(draw, shape, low=0.05, high=0.95):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return np.asarray(rng.uniform(low, high, shape))


def agree_or_explain(name, ours, theirs, *arrays, may_refuse=True):
    """Returns whether the call was accepted. Where PyTorch refuses, so must we."""
    try:
        expected = theirs(*(torch.tensor(a) for a in arrays)).numpy()
    except (RuntimeError, IndexError, ValueError, TypeError):
        expected = None
    try:
        y = ours(*(Tensor(a) for a in arrays)).data
    except (ValueError, TypeError, IndexError) as error:
        words = str(error)
        assert words.startswith(f"{name}: "), f"{name} is not named: {words}"
        assert not any(text in words for text in MACHINERY), words
        assert may_refuse or expected is None, f"PyTorch accepts this; we say: {words}"
        return False
    assert expected is not None, f"{name} accepts {[a.shape for a in arrays]}, PyTorch does not"
    assert y.shape == expected.shape
    np.testing.assert_allclose(y, expected, rtol=1e-9, atol=1e-12)
    return True


pytestmark = [
    pytest.mark.usefixtures("torch"),
    pytest.mark.filterwarnings("ignore:Using a target size"),
]


@given(data=st.data())
@settings(max_examples=400)
def test_linear(data):
    w = data.draw(near((data.draw(SIZES), data.draw(SIZES))))
    x = data.draw(near((data.draw(SIZES), *w[-1:])))
    arrays = [numbers(data.draw, x), numbers(data.draw, w)]
    if data.draw(st.booleans()):
        arrays.append(numbers(data.draw, data.draw(near(w[:1]))))
    agree_or_explain("linear", F.linear, lambda *a: torch.nn.functional.linear(*a), *arrays)


PAIRS = ["mse_loss", "l1_loss", "huber_loss", "poisson_nll_loss", "binary_cross_entropy",
         "binary_cross_entropy_with_logits"]  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
@given(data=st.data())
@settings(max_examples=150)
def test_losses_of_pairs(name, data):
    shape = data.draw(SHAPES)
    arrays = [numbers(data.draw, shape), numbers(data.draw, data.draw(near(shape)))]
    options = {"reduction": data.draw(st.sampled_from(["mean", "none"]))}
    weighted = "binary" in name and data.draw(st.booleans())
    if weighted:
        arrays.append(numbers(data.draw, data.draw(near(shape))))
    accepted = agree_or_explain(
        name,
        lambda *a: getattr(F, name)(*a, **options),
        lambda *a: getattr(torch.nn.functional, name)(*a, **options),
        *arrays,
    )
    if not weighted:
        assert accepted == (arrays[0].shape == arrays[1].shape)


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
@given(data=st.data())
@settings(max_examples=400)
def test_losses_of_classes(name, data):
    shape = data.draw(SHAPES)
    z = numbers(data.draw, shape)
    classes = shape[min(1, len(shape) - 1)] if shape else 0
    fitting = () if len(shape) < 2 else (shape[0], *shape[2:])
    kind = data.draw(st.sampled_from(["labels", "labels", "probabilities"]))
    if kind == "labels":
        rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
        low, high = data.draw(st.sampled_from([(0, classes), (0, classes), (-2, classes + 2)]))
        y = np.asarray(rng.integers(low, max(high, 1), data.draw(near(fitting))))
    else:
        y = numbers(data.draw, data.draw(near(shape)))
    options = {"reduction": data.draw(st.sampled_from(["mean", "none", "sum"]))}
    arrays = [z, y]
    if data.draw(st.booleans()):
        arrays.append(numbers(data.draw, data.draw(near((classes,)))))
    agree_or_explain(
        name,
        lambda z, y, *w: getattr(F, name)(z, y, *w, **options),
        lambda z, y, *w: getattr(torch.nn.functional, name)(z, y, *w, **options),
        *arrays,
    )


@given(data=st.data())
@settings(max_examples=400)
def test_matmul(data):
    x = data.draw(SHAPES)
    y = data.draw(near((*x[:-2], *x[-1:], data.draw(SIZES))))
    agree_or_explain(
        "matmul", operator.matmul, operator.matmul, numbers(data.draw, x), numbers(data.draw, y),
        may_refuse=False,
    )  # fmt: skip


ARITHMETIC = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv,
    "pow": operator.pow, "less": operator.lt, "equal": operator.eq,
}  # fmt: skip


@pytest.mark.parametrize("name", ARITHMETIC)
@given(data=st.data())
@settings(max_examples=100)
def test_arithmetic(name, data):
    x = data.draw(SHAPES)
    y = data.draw(near(x))
    f = ARITHMETIC[name]
    agree_or_explain(name, f, f, numbers(data.draw, x), numbers(data.draw, y), may_refuse=False)


@given(data=st.data())
@settings(max_examples=100)
def test_extremes_of_two(data):
    x = data.draw(SHAPES)
    y = data.draw(near(x))
    agree_or_explain(
        "maximum", ops.maximum, torch.maximum, numbers(data.draw, x), numbers(data.draw, y),
        may_refuse=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["sum", "mean", "amax"])
@given(data=st.data())
@settings(max_examples=150)
def test_reductions(name, data):
    shape = data.draw(SHAPES)
    one = st.integers(-len(shape) - 1, len(shape))
    dim = data.draw(one | st.lists(one, max_size=3).map(tuple))
    keepdim = data.draw(st.booleans())
    agree_or_explain(
        name,
        lambda x: getattr(x, name)(dim, keepdim),
        lambda x: getattr(x, name)(dim, keepdim),
        numbers(data.draw, shape),
        may_refuse=False,
    )


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@given(data=st.data())
@settings(max_examples=100)
def test_softmax(name, data):
    shape = data.draw(SHAPES)
    dim = data.draw(st.integers(-len(shape) - 1, len(shape)))
    agree_or_explain(
        name,
        lambda x: getattr(F, name)(x, dim),
        lambda x: getattr(torch.nn.functional, name)(x, dim),
        numbers(data.draw, shape),
    )


@given(data=st.data())
@settings(max_examples=300)
def test_reshape(data):
    shape = data.draw(SHAPES)
    sizes = data.draw(st.permutations(shape) | near(shape) | st.lists(st.integers(-2, 6)))
    agree_or_explain(
        "reshape",
        lambda x: x.reshape(tuple(sizes)),
        lambda x: x.reshape(tuple(sizes)),
        numbers(data.draw, shape),
    )


@pytest.mark.parametrize("name", ["transpose", "flatten"])
@given(data=st.data())
@settings(max_examples=150)
def test_axes_in_pairs(name, data):
    shape = data.draw(SHAPES)
    i, j = (data.draw(st.integers(-len(shape) - 1, len(shape))) for _ in range(2))
    agree_or_explain(
        name,
        lambda x: getattr(x, name)(i, j),
        lambda x: getattr(x, name)(i, j),
        numbers(data.draw, shape),
    )


@pytest.mark.parametrize("name", ["cat", "stack"])
@given(data=st.data())
@settings(max_examples=200)
def test_joining(name, data):
    shape = data.draw(SHAPES)
    arrays = [
        numbers(data.draw, data.draw(near(shape))) for _ in range(data.draw(st.integers(0, 3)))
    ]
    dim = data.draw(st.integers(-len(shape) - 1, len(shape)))
    agree_or_explain(
        name,
        lambda *x: getattr(ops, name)(x, dim),
        lambda *x: getattr(torch, name)(x, dim),
        *arrays,
    )


@given(data=st.data())
@settings(max_examples=150)
def test_networks(data):
    """A network either takes a batch or names the layer's mismatch."""
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    model = nn.MLP(sizes).double()
    x = data.draw(near((data.draw(SIZES), sizes[0])))
    layers = [torch.nn.Linear(a, b) for a, b in pairwise(sizes)]
    parts = [part for layer in layers for part in (layer, torch.nn.ReLU())][:-1]
    twin = torch.nn.Sequential(*parts).double()
    twin.load_state_dict({k: torch.tensor(v) for k, v in model.state_dict().items()})
    agree_or_explain(
        "linear", model, lambda x: twin(x).detach(), numbers(data.draw, x), may_refuse=False
    )
