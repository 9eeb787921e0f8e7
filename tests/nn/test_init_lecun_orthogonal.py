"""LeCun's and the orthogonal initialization."""

import numpy as np
import pytest

from nnlib import Tensor, nn
from nnlib.nn import init


def seeded(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("shape", [(300, 200), (40, 50, 2, 2), (10, 4000)])
def test_lecun(shape):
    fan_in = np.prod(shape[1:])
    for name in ("lecun_normal_", "lecun_uniform_"):
        w = Tensor(np.empty(shape))
        assert getattr(init, name)(w, generator=seeded()) is w
        assert w.data.std() == pytest.approx(1 / np.sqrt(fan_in), rel=0.02)
        assert w.data.mean() == pytest.approx(0, abs=0.02 / np.sqrt(fan_in))
    a = np.sqrt(3 / fan_in)
    assert np.abs(w.data).max() <= a
    assert np.abs(w.data).max() == pytest.approx(a, rel=0.01)


def test_lecun_keeps_the_variance_of_the_forward_pass(rng):
    W = init.lecun_normal_(Tensor(np.empty((400, 300))), generator=rng).data
    assert (rng.normal(size=(500, 300)) @ W.T).var() == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (5, 2), (1, 4), (4, 1), (3, 2, 4), (6, 1, 2, 2)])
@pytest.mark.parametrize("gain", [1, 0.5])
def test_orthogonal(torch, shape, gain):
    w = init.orthogonal_(Tensor(np.empty(shape)), gain, generator=seeded())
    theirs = torch.nn.init.orthogonal_(torch.empty(shape, dtype=torch.float64), gain).numpy()
    for W in (w.data.reshape(shape[0], -1), theirs.reshape(shape[0], -1)):
        product = W @ W.T if W.shape[0] <= W.shape[1] else W.T @ W
        np.testing.assert_allclose(product, gain**2 * np.eye(len(product)), atol=1e-12)


def test_orthogonal_prefers_no_direction():
    """Averages over all orthogonal matrices: E[W] = 0, E[Wᵢⱼ²] = 1/n, E[tr W] = 0."""
    rng = seeded()
    W = np.array([init.orthogonal_(Tensor(np.empty((3, 3))), generator=rng).data
                  for _ in range(2000)])  # fmt: skip
    assert np.abs(W.mean(0)).max() < 0.06
    np.testing.assert_allclose((W**2).mean(0), 1 / 3, atol=0.03)
    assert abs(np.trace(W, axis1=1, axis2=2).mean()) < 0.1
    assert 0.45 < (np.linalg.det(W) > 0).mean() < 0.55


@pytest.mark.parametrize("name", ["lecun_normal_", "lecun_uniform_", "orthogonal_"])
def test_all(name):
    f = getattr(init, name)
    a, b = (f(nn.Parameter(np.empty((3, 4), np.float32)), generator=seeded(2)) for _ in range(2))
    assert a.dtype == np.float32
    assert a.requires_grad
    assert (a.data == b.data).all()
    assert (a.data != f(Tensor(a.data), generator=seeded(3)).data).any()
    with pytest.raises(ValueError, match=r"a weight of shape \(3,\) has no fans"):
        f(Tensor(np.empty(3)))
