"""Divergences and directions against PyTorch, and in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib.nn.functional as F
from nnlib import nn, testing

REDUCTIONS = ["mean", "sum", "none"]


@pytest.mark.filterwarnings("ignore:reduction")
@pytest.mark.parametrize("reduction", [*REDUCTIONS, "batchmean"])
@pytest.mark.parametrize("log_target", [True, False])
@pytest.mark.parametrize("shape", [(4, 3), (3,), (2, 3, 2)])
def test_kl_div_equals_torch(torch, rng, reduction, log_target, shape):
    q = np.log(rng.dirichlet(np.ones(shape[-1]), shape[:-1]))
    p = rng.dirichlet(np.ones(shape[-1]), shape[:-1])
    options = {"reduction": reduction, "log_target": log_target}
    arrays = [q, np.log(p) if log_target else p]
    theirs = torch.nn.functional.kl_div
    testing.compare_with_torch(
        lambda a, b: F.kl_div(a, b, **options), lambda a, b: theirs(a, b, **options), *arrays
    )
    testing.gradcheck(lambda a, b: F.kl_div(a, b, **options), arrays)
    same = nn.KLDivLoss(**options)(*arrays).data
    np.testing.assert_array_equal(same, F.kl_div(*arrays, **options).data)


def test_what_cannot_be_adds_nothing(torch):
    q, p = np.log([[0.5, 0.25, 0.25]]), np.array([[1.0, 0.0, 0.0]])
    testing.compare_with_torch(
        lambda a: F.kl_div(a, p, reduction="sum"),
        lambda a: torch.nn.functional.kl_div(a, torch.tensor(p), reduction="sum"),
        q,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("var", [(4, 3), (4, 1), (4,), (1, 3)])
def test_gaussian_nll_equals_torch(torch, rng, reduction, full, var):
    options = {"full": full, "eps": 0.3, "reduction": reduction}
    arrays = [rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), rng.uniform(0, 2, size=var)]
    theirs = torch.nn.functional.gaussian_nll_loss
    testing.compare_with_torch(
        lambda *a: F.gaussian_nll_loss(*a, **options), lambda *a: theirs(*a, **options), *arrays
    )
    same = nn.GaussianNLLLoss(**options)(*arrays).data
    np.testing.assert_array_equal(same, F.gaussian_nll_loss(*arrays, **options).data)


@pytest.mark.parametrize("p", [1, 2, 3.5, np.inf])
@given(axis=st.sampled_from([0, 1, -1]))
def test_normalize_equals_torch(torch, p, axis):
    x = np.random.default_rng(0).normal(size=(3, 4))
    theirs = torch.nn.functional.normalize
    testing.compare_with_torch(lambda a: F.normalize(a, p, axis), lambda a: theirs(a, p, axis), x)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_cosine_similarity_equals_torch(torch, rng, dim):
    arrays = [rng.normal(size=(3, 4)), rng.normal(size=(3, 4))]
    theirs = torch.nn.functional.cosine_similarity
    testing.compare_with_torch(
        lambda a, b: F.cosine_similarity(a, b, dim), lambda a, b: theirs(a, b, dim), *arrays
    )
    testing.gradcheck(lambda a, b: F.cosine_similarity(a, b, dim), arrays)
    same = nn.CosineSimilarity(dim)(*arrays).data
    np.testing.assert_array_equal(same, F.cosine_similarity(*arrays, dim).data)


def test_the_zero_vector(torch):
    x = np.zeros((2, 3))
    testing.compare_with_torch(F.normalize, torch.nn.functional.normalize, x)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: F.kl_div(np.ones((2, 1)), np.ones(2)), "kl_div: input has shape"),
        (lambda: F.gaussian_nll_loss(np.ones(2), np.ones(2), -np.ones(2)), "var holds -1"),
        (lambda: F.gaussian_nll_loss(np.ones((2, 3)), np.ones((2, 3)), np.ones(3)),
         r"var \(3,\) does not fit"),
        (lambda: F.cosine_similarity(np.ones((2, 3)), np.ones((2, 2))), "do not go together"),
    ],
)  # fmt: skip
def test_errors(call, words):
    with pytest.raises(ValueError, match=words):
        call()
