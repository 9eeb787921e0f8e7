"""Promotion: every pair of dtypes, with axes and without, and Python numbers, against PyTorch."""

import itertools
import operator

import numpy as np
import pytest

import nnlib
from nnlib import Tensor, nn, ops
from nnlib.promotion import common_dtype

DTYPES = [
    "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool",
]  # fmt: skip
BINARY = {
    **{
        name: (getattr(operator, name),) * 2
        for name in ("add", "sub", "mul", "truediv", "pow", "lt", "le", "gt", "ge", "eq", "ne")
    },
    "maximum": (ops.maximum, lambda x, y: __import__("torch").maximum(x, y)),
    "where": (
        lambda x, y: ops.where(np.array([True, False, True]), x, y),
        lambda x, y: __import__("torch").where(
            __import__("torch").tensor([True, False, True]), x, y
        ),
    ),
    "cat": (lambda x, y: ops.cat([x, y]), lambda x, y: __import__("torch").cat([x, y])),
}


def arrays(dtype):
    """One with an axis, one of a single number."""
    x = np.array([1, 2, 1]).astype(dtype)
    return [x, x[1]]


ARRAYS = [np.asarray(x) for dtype in DTYPES for x in arrays(dtype)]


def assert_same(ours, theirs, *what):
    assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch."), what
    np.testing.assert_allclose(
        ours.data.astype(float), theirs.double().numpy(), 1e-3, err_msg=str(what)
    )


@pytest.mark.parametrize("name", BINARY)
def test_two_inputs(torch, name):
    ours, theirs = BINARY[name]
    compared = 0
    for x, y in itertools.product(ARRAYS, [*ARRAYS, 2, 0.5, 2.0]):
        for turned in (False, True):
            a, b = (x, y)[:: -1 if turned else 1]
            here = [Tensor(v) if isinstance(v, np.ndarray) else v for v in (a, b)]
            there = [torch.tensor(v) if isinstance(v, np.ndarray) else v for v in (a, b)]
            try:
                expected = theirs(*there)
            except (TypeError, RuntimeError):  # bool − bool, and what is no Tensor
                continue
            assert_same(ours(*here), expected, a, b)
            compared += 1
    assert compared > 50


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "sum", "abs", "amax", "max", "argmax"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_one_input(torch, name, dtype):
    for x in arrays(dtype):
        try:
            expected = getattr(torch.tensor(x), name)()
        except RuntimeError:
            continue
        assert_same(getattr(Tensor(x), name)(), expected, x)


@pytest.mark.parametrize("bounds", [(1, 2), (0.5, 1.5), (None, 1), (0.5, None), (1, 1.5)])
@pytest.mark.parametrize("dtype", DTYPES[:-1])
def test_clamp(torch, dtype, bounds):
    for x in arrays(dtype):
        assert_same(ops.clamp(Tensor(x), *bounds), torch.tensor(x).clamp(*bounds), x)


def test_large_whole_numbers_stay_whole(torch):
    x = np.array([2**53 + 1, 5])
    assert ops.clamp(x, 7).data.tolist() == torch.tensor(x).clamp(7).tolist()
    assert (Tensor(x) + 1).data.tolist() == [2**53 + 2, 6]


@pytest.mark.parametrize(
    "dtypes", list(itertools.product(["float16", "float32", "float64"], repeat=2))
)
def test_gradients_come_back_in_the_input_s_dtype(torch, dtypes):
    x, y = (np.array([1.0, 2.0]).astype(dtype) for dtype in dtypes)
    here, there = [], []
    for make, kept in ((Tensor, here), (torch.tensor, there)):
        a, b = make(x, requires_grad=True), make(y, requires_grad=True)
        (a * b / (a + b)).sum().backward()
        kept += [np.asarray(a.grad), np.asarray(b.grad)]
    for ours, theirs in zip(here, there, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, 2e-3)


def test_labels_and_masks_do_not_widen_a_network():
    layer = nn.Linear(2, 1)
    x, labels = Tensor([[1.0, 2.0]]), Tensor(np.array([[1, 0]]))
    for inputs in (x * labels, x / labels.sum(), x + (labels > 0), x * Tensor(np.float64(0.5))):
        assert layer(inputs).dtype == np.float32


def test_numbers_alone():
    assert ops.where(np.array([True, False]), 1.0, 0.5).dtype == np.float32
    assert ops.where(np.array([True, False]), 1, 2).dtype == np.int64
    assert common_dtype(None, "a") is None


def test_a_matrix_product_takes_one_dtype_of_floats(torch):
    double = np.ones((2, 2))
    for a, b in itertools.permutations([double, double.astype(np.float32)], 2):
        with pytest.raises(TypeError, match=rf"matmul: {a.dtype} and {b.dtype} do not go"):
            Tensor(a) @ b
        with pytest.raises(RuntimeError):
            torch.tensor(a) @ torch.tensor(b)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_data_of_whole_numbers_may_be_multiplied(dtype):
    """PyTorch refuses it; here NumPy arrays go in as they come, and their labels are often whole."""
    X, w = np.array([[1, 2], [3, 4]]), Tensor(np.ones(2, dtype), requires_grad=True)
    z = X @ w
    z.sum().backward()
    assert z.dtype == w.grad.dtype == dtype
    assert w.grad.tolist() == [4, 6]


def test_halves_are_summed_in_single_precision(torch):
    x = np.ones(70_000, np.float16)
    a, b = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    for f in (lambda t: t.mean(), lambda t: t.max(), lambda t: t.amax()):
        y, z = f(a), f(b)
        y.backward()
        z.backward()
        assert (y.dtype, y.item()) == (np.float16, z.item())
        assert a.grad.dtype == np.float16
        np.testing.assert_array_equal(a.grad, b.grad.numpy())


@pytest.mark.filterwarnings("ignore:indexing with dtype torch.uint8")
def test_bytes_are_a_mask(torch):
    x, mask = np.arange(6.0).reshape(3, 2), np.array([1, 0, 1], np.uint8)
    there = torch.tensor(x)[torch.tensor(mask)]
    assert Tensor(x)[mask].data.tolist() == Tensor(x)[Tensor(mask)].data.tolist() == there.tolist()
    assert Tensor(x)[mask, 0].data.tolist() == [0.0, 4.0]


@pytest.mark.parametrize(
    "f",
    [lambda x: x + (-3), lambda x: x - 300, lambda x: x * -1, lambda x: x / -3, lambda x: x > -3],
    ids=["plus", "minus", "times", "over", "greater"],
)
def test_a_number_beyond_a_byte_is_what_torch_makes_of_it(torch, f):
    mine = f(nnlib.tensor([1, 2], dtype=nnlib.uint8))
    other = f(torch.tensor([1, 2], dtype=torch.uint8))
    assert str(mine.dtype) == str(other.dtype).removeprefix("torch.")
    assert np.allclose(mine.numpy(), other.numpy())
