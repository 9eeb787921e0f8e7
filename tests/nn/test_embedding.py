"""Embedding: rows of a matrix, looked up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import nnlib.nn.functional as F
from nnlib import Tensor, nn, testing


@given(
    shape=array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    rows=st.integers(1, 5),
    width=st.integers(1, 3),
)
@settings(max_examples=80)
def test_equals_torch(torch, shape, rows, width):
    rng = np.random.default_rng(0)
    index = np.asarray(rng.integers(0, rows, shape))
    ours = nn.Embedding(rows, width, dtype=np.float64)
    theirs = torch.nn.Embedding(rows, width, dtype=torch.float64)
    testing.copy_weights(ours, theirs)
    testing.compare_with_torch(ours, theirs, index)
    assert_same_gradient(ours, theirs)
    testing.compare_with_torch(
        lambda W: F.embedding(index, W),
        lambda W: torch.nn.functional.embedding(torch.tensor(index), W),
        rng.normal(size=(rows, width)),
    )


def assert_same_gradient(ours, theirs):
    np.testing.assert_allclose(ours.weight.grad, theirs.weight.grad.numpy(), atol=1e-12)


def test_it_is_a_one_hot_vector_times_the_weight(rng):
    index, W = np.array([3, 0, 3]), Tensor(rng.normal(size=(4, 2)), requires_grad=True)
    g = rng.normal(size=(3, 2))
    F.embedding(index, W).backward(g)
    E = np.eye(4)[index]
    np.testing.assert_allclose(F.embedding(index, W).data, E @ W.data)
    np.testing.assert_allclose(W.grad, E.T @ g)
    assert testing.gradcheck(lambda W: F.embedding(index, W), [W.data])


def test_indices_of_any_kind(rng):
    W = rng.normal(size=(4, 2)).astype(np.float32)
    for dtype in (np.int64, np.int32, np.uint8):
        y = F.embedding(Tensor(np.array([1, 3]), dtype=dtype), W)
        assert y.dtype == np.float32
        assert (y.data == W[[1, 3]]).all()


def test_the_start():
    layer = nn.Embedding(200, 50, generator=np.random.default_rng(0))
    assert layer.weight.dtype == np.float32
    assert layer.weight.data.mean() == pytest.approx(0, abs=0.05)
    assert layer.weight.data.std() == pytest.approx(1, abs=0.05)
    other = nn.Embedding(200, 50, generator=np.random.default_rng(0))
    assert (other.weight.data == layer.weight.data).all()


W = np.ones((3, 2))


@given(
    index=st.lists(st.integers(-2, 4), max_size=3).map(lambda i: np.array(i, int)),
    shape=st.lists(st.integers(0, 3), max_size=3).map(tuple),
)
def test_agrees_or_explains(torch, index, shape):
    weight = np.ones(shape)
    try:
        y = F.embedding(index, weight)
    except (ValueError, IndexError) as error:
        assert str(error).startswith("embedding: ")
        assert "weight" in str(error) or "input" in str(error)
        return
    theirs = torch.nn.functional.embedding(torch.tensor(index), torch.tensor(weight))
    np.testing.assert_array_equal(y.data, theirs.numpy())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.embedding(np.array([0, 3]), W), IndexError,
         r"input holds 3, weight has rows 0 to 2"),
        (lambda: F.embedding(np.array([-1]), W), IndexError, "input holds -1"),
        (lambda: F.embedding(np.array([1.0]), W), TypeError, "whole numbers, not float64"),
        (lambda: F.embedding(np.array([True]), W), TypeError, "whole numbers, not bool"),
        (lambda: F.embedding([1], W), TypeError, "input must be a Tensor or a NumPy array, not li"),
        (lambda: F.embedding(np.array([1]), W[0]), ValueError, r"weight must be a matrix \(V, d\)"),
        (lambda: F.embedding(np.array([1]), W > 0), TypeError, "weight holds bool"),
        (lambda: nn.Embedding(0, 2), ValueError, "num_embeddings must be a whole number from 1, not 0"),
        (lambda: nn.Embedding(2, 1.5), TypeError, "embedding_dim must be .* not 1.5"),
        *((lambda option=option, value=value: nn.Embedding(2, 2, **{option: value}), TypeError,
           f"Embedding: {option}={value!r} is not offered here")
          for option, value in [("max_norm", 1.0), ("norm_type", 1.0),
                                ("scale_grad_by_freq", True), ("sparse", True), ("device", "cuda")]),
        *((lambda option=option, value=value: F.embedding(np.array([1]), W, **{option: value}),
           TypeError, f"embedding: {option}={value!r} is not offered here")
          for option, value in [("max_norm", 1.0), ("norm_type", 1.0),
                                ("scale_grad_by_freq", True), ("sparse", True)]),
    ],
)  # fmt: skip
def test_what_is_said_when_it_does_not_fit(call, error, words):
    with pytest.raises(error, match=words):
        call()


# A row for what has ended


@pytest.mark.parametrize("padding_idx", [0, 2, -1])
def test_padding_equals_torch(torch, rng, padding_idx):
    index = np.array([[0, 2, 2], [4, 1, 0]])
    testing.compare_with_torch(
        lambda W: F.embedding(index, W, padding_idx),
        lambda W: torch.nn.functional.embedding(torch.tensor(index), W, padding_idx),
        rng.normal(size=(5, 3)),
    )
    ours, theirs = nn.Embedding(5, 3, padding_idx), torch.nn.Embedding(5, 3, padding_idx)
    assert ours.padding_idx == theirs.padding_idx
    assert not ours.weight.data[padding_idx].any()
    ours(index).sum().backward()
    assert not ours.weight.grad[padding_idx].any()
    assert ours.weight.grad[1].all()


@pytest.mark.parametrize("freeze", [True, False])
def test_from_pretrained(torch, rng, freeze):
    W = rng.normal(size=(5, 3))
    ours = nn.Embedding.from_pretrained(Tensor(W), freeze, padding_idx=1)
    theirs = torch.nn.Embedding.from_pretrained(torch.tensor(W), freeze, padding_idx=1)
    assert ours.weight.requires_grad == theirs.weight.requires_grad
    assert (ours.num_embeddings, ours.embedding_dim, ours.padding_idx) == (5, 3, 1)
    np.testing.assert_array_equal(ours(np.array([1, 2])).data, W[[1, 2]])


def test_one_hot_equals_torch(torch):
    for labels in (np.array([0, 2, 1]), np.array([[3], [0]]), np.array(1)):
        for classes in (-1, 5):
            ours = F.one_hot(labels, classes)
            theirs = torch.nn.functional.one_hot(torch.tensor(labels), classes)
            assert ours.dtype == np.int64
            np.testing.assert_array_equal(ours.data, theirs.numpy())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.one_hot(np.array([1.0])), TypeError, "one_hot: tensor must hold whole numbers"),
        (lambda: F.one_hot(np.array([3]), 3), ValueError, "one_hot: tensor holds 3, .* 0 to 2"),
        (lambda: F.one_hot(np.array([], int)), ValueError, "one_hot: num_classes is needed"),
        (lambda: nn.Embedding(3, 2, 3), ValueError, "Embedding: padding_idx 3 is not among 3 rows"),
        (lambda: nn.Embedding.from_pretrained(np.ones(3)), ValueError, r"must be \(V, d\), not"),
    ],
)
def test_padding_and_one_hot_in_words(call, error, words):
    with pytest.raises(error, match=words):
        call()
