import numpy as np
import pytest

import nnlib
from nnlib.data import (
    load_digits_split,
    make_blobs,
    make_circles,
    make_moons,
    make_spirals,
    make_xor,
    truth_table,
)

MAKERS = [make_xor, make_circles, make_moons, make_spirals, make_blobs]


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("make", MAKERS)
def test_shapes_dtypes_and_balance(make):
    X, y = make(40, generator=rng())
    assert (X.shape, X.dtype) == ((40, 2), np.float64)
    assert (y.shape, y.dtype) == ((40,), np.int64)
    assert np.bincount(y).tolist() == [20, 20]


@pytest.mark.parametrize("make", MAKERS)
def test_a_seed_reproduces_and_another_differs(make):
    X, _ = make(40, generator=rng(1))
    assert (make(40, generator=rng(1))[0] == X).all()
    assert (make(40, generator=rng(2))[0] != X).any()


@pytest.mark.parametrize("make", MAKERS)
def test_without_generator_the_librarys_one_is_used(make):
    nnlib.manual_seed(5)
    X, _ = make(40)
    assert (make(40)[0] != X).any()
    nnlib.manual_seed(5)
    assert (make(40)[0] == X).all()


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("n", [0, -4, 41, 40.0])
def test_n_samples_must_divide(make, n):
    with pytest.raises((ValueError, TypeError), match=r"n_samples must be a (multiple|whole)"):
        make(n)


@pytest.mark.parametrize("make", [make_xor, make_circles, make_moons, make_spirals])
@pytest.mark.parametrize("noise", [-0.1, np.nan, np.inf])
def test_noise_is_a_standard_deviation(make, noise):
    with pytest.raises(ValueError, match="noise must be a finite number from 0"):
        make(40, noise=noise)


@pytest.mark.parametrize(
    ("name", "y"),
    [
        ("and", [0, 0, 0, 1]),
        ("or", [0, 1, 1, 1]),
        ("xor", [0, 1, 1, 0]),
    ],
)
def test_truth_tables(name, y):
    X, labels = truth_table(name)
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert labels.tolist() == y


def test_an_unknown_table_is_named():
    with pytest.raises(ValueError, match="one of and, or, xor, not 'AND'"):
        truth_table("AND")


def test_xor_without_noise_is_its_table():
    X, y = make_xor(4, noise=0)
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert y.tolist() == [0, 1, 1, 0]


def test_circles_have_their_radii():
    X, y = make_circles(40, noise=0, factor=0.3, generator=rng())
    assert np.allclose(np.linalg.norm(X, axis=1), np.where(y == 0, 1, 0.3))


@pytest.mark.parametrize("factor", [-0.1, 1, np.nan])
def test_factor_is_inside(factor):
    with pytest.raises(ValueError, match="factor"):
        make_circles(factor=factor)


def test_moons_are_those_of_the_syllabus():
    def moons(n, rng, noise):
        a = rng.uniform(0, np.pi, n)
        M = np.r_[np.c_[np.cos(a), np.sin(a)], np.c_[1 - np.cos(a), 0.5 - np.sin(a)]]
        return M + noise * rng.normal(size=(2 * n, 2)), np.r_[np.zeros(n), np.ones(n)]

    expected, labels = moons(50, rng(3), 0.2)
    X, y = make_moons(100, noise=0.2, generator=rng(3))
    assert (expected == X).all()
    assert (y == labels).all()


def test_spirals_mirror_each_other():
    X, y = make_spirals(60, noise=0, generator=rng())
    assert np.allclose(X[y == 0], -X[y == 1])
    assert np.linalg.norm(X, axis=1).max() <= 1
    radius, angle = np.linalg.norm(X[y == 0], axis=1), np.arctan2(*X[y == 0].T[::-1])
    assert np.allclose(np.exp(1j * angle), np.exp(3j * np.pi * radius))


def test_blobs_lie_around_their_centers():
    centers = [[0, 0, 0], [10, 0, 0], [0, -10, 5]]
    X, y = make_blobs(3000, centers=centers, cluster_std=0.5, generator=rng())
    assert X.shape == (3000, 3)
    for k in range(3):
        assert np.allclose(X[y == k].mean(0), centers[k], atol=0.1)
        assert np.allclose(X[y == k].std(0), 0.5, atol=0.05)


def test_blobs_say_what_is_wrong():
    with pytest.raises(ValueError, match=r"centers must be \(K, d\), not \(2,\)"):
        make_blobs(centers=[1, 2])
    with pytest.raises(ValueError, match="cluster_std must be a finite number from 0"):
        make_blobs(cluster_std=-1)


def test_digits_are_those_of_the_syllabus():
    datasets = pytest.importorskip("sklearn.datasets")
    D, t = datasets.load_digits(return_X_y=True)
    D = D / 16.0
    ix = np.random.default_rng(0).permutation(1797)
    tr, te = ix[:1200], ix[1200:]
    mean, std = D[tr].mean(0), D[tr].std(0) + 1e-8
    X_train, y_train, X_test, y_test = load_digits_split(dtype=np.float64)
    assert np.allclose(X_train, (D[tr] - mean) / std, rtol=0, atol=1e-12)
    assert np.allclose(X_test, (D[te] - mean) / std, rtol=0, atol=1e-12)
    assert (y_train == t[tr]).all()
    assert (y_test == t[te]).all()


def test_raw_digits_run_from_paper_to_ink() -> None:
    raw, y, raw_test, _ = load_digits_split(dtype=np.float64, standardize=False)
    assert (raw.min(), raw.max(), raw_test.max()) == (0, 1, 1)
    X, y_too, _, _ = load_digits_split(dtype=np.float64)
    assert (y == y_too).all()
    assert np.allclose(X, (raw - raw.mean(0)) / (raw.std(0) + 1e-8))


def test_digits_are_float32_and_standard():
    X_train, y_train, X_test, y_test = load_digits_split()
    assert (X_train.shape, X_test.shape) == ((1200, 64), (597, 64))
    assert X_train.dtype == X_test.dtype == np.float32
    assert y_train.dtype == y_test.dtype == np.int64
    assert np.abs(X_train.mean(0)).max() < 1e-5
    assert np.abs(X_test.mean(0)).max() > 1e-3  # not standardized by its own mean
