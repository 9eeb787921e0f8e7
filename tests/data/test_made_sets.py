"""Sets that are drawn from a model: they are what their docstrings say, and the syllabus' own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib
from nnlib.data import (
    make_first_sign,
    make_flats,
    make_gaussian_classes,
    make_glm,
    make_lecun_classes,
    make_sine,
    ring_of_gaussians,
    tiny_grammar,
)

MAKERS = [
    make_first_sign, make_flats, make_gaussian_classes, make_glm, make_lecun_classes, make_sine,
    ring_of_gaussians,
]  # fmt: skip

CLASSES = make_first_sign, make_gaussian_classes, ring_of_gaussians


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("make", MAKERS)
@given(n=st.integers(1, 20), seed=st.integers(0, 5))
def test_shapes_dtypes_and_seeds(make, n, seed):
    n *= 2  # two classes of equal size
    X, y = make(n, generator=rng(seed))
    assert len(X) == n
    assert X.ndim == (3 if make is make_first_sign else 2)
    assert (X.dtype, y.shape) == (np.float64, (n,))
    assert y.dtype == (np.int64 if make in CLASSES else float)
    again, _ = make(n, generator=rng(seed))
    other, _ = make(n, generator=rng(seed + 1))
    assert np.array_equal(X, again)
    assert not np.array_equal(X, other)


@pytest.mark.parametrize("make", MAKERS)
def test_without_generator_the_librarys_one_is_used(make):
    nnlib.manual_seed(5)
    X, _ = make(40)
    assert (make(40)[0] != X).any()
    nnlib.manual_seed(5)
    assert (make(40)[0] == X).all()


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("n", [0, -4, 2.0, "3", None])
def test_n_samples_is_a_whole_number(make, n):
    with pytest.raises((ValueError, TypeError), match=rf"{make.__name__}: n_samples must be a "):
        make(n)


@pytest.mark.parametrize("make", [make_first_sign, make_flats, make_glm, make_sine])
@pytest.mark.parametrize("noise", [-0.1, np.nan, np.inf])
def test_noise_is_a_standard_deviation(make, noise):
    with pytest.raises(ValueError, match="noise must be a finite number from 0"):
        make(40, noise=noise)


def test_gaussian_classes_are_those_of_the_syllabus():
    generator = rng()
    generator.normal(size=(1000, 2))  # the query points of X-01 come first
    X, y = make_gaussian_classes(1000, generator=generator)
    m0, m1 = X[y == 0].mean(0), X[y == 1].mean(0)
    centered = X - np.array([m0, m1])[y]
    w = np.linalg.solve(centered.T @ centered / 1000, m1 - m0)
    b = np.log(y.mean() / (1 - y.mean())) - (m0 + m1) @ w / 2
    assert np.allclose([*w, b], [2.1863, -0.3320, -3.0064], atol=5e-5)


def test_gaussian_classes_have_their_moments():
    means, covariance = [[0, 1, 2], [3, 3, 3]], [[2, 1, 0], [1, 2, 0], [0, 0, 0.5]]
    X, y = make_gaussian_classes(
        40_000, means=means, covariance=covariance, prior=0.7, generator=rng()
    )
    assert abs(y.mean() - 0.7) < 0.01
    for k in (0, 1):
        assert np.allclose(X[y == k].mean(0), means[k], atol=0.05)
        assert np.allclose(np.cov(X[y == k].T), covariance, atol=0.08)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"means": [0, 1]}, r"means must be \(2, d\)"),
        ({"means": [[0], [1], [2]]}, r"means must be \(2, d\)"),
        ({"covariance": [[1]]}, r"covariance must be \(2, 2\), not \(1, 1\)"),
        ({"covariance": [[1, 2], [2, 1]]}, "symmetric, positive definite"),
        ({"covariance": [[2, 1], [0, 2]]}, "symmetric, positive definite"),
        ({"prior": 1.5}, "prior must be a number in .* not 1.5"),
        ({"prior": np.nan}, "prior must be a number"),
    ],
)
def test_gaussian_classes_say_what_is_wrong(options, words):
    with pytest.raises(ValueError, match=words):
        make_gaussian_classes(**options)


def test_lecun_classes_are_those_of_the_syllabus():
    c = np.repeat([1, -1], 50)
    X = c[:, None] * np.array([0.4, 0.8]) + 0.2 * rng().normal(size=(100, 2))
    X = X * np.sqrt(0.84 / np.linalg.eigvalsh(X.T @ X / 100)[-1])
    ours, y = make_lecun_classes(generator=rng())
    assert np.array_equal(ours, X)
    assert np.array_equal(y, c)


def test_lecun_eigenvalue():
    X, _ = make_lecun_classes(60, largest_eigenvalue=2.5, generator=rng(1))
    assert np.linalg.eigvalsh(X.T @ X / 60)[-1] == pytest.approx(2.5)
    for value in (0, -1, np.nan, np.inf):
        with pytest.raises(ValueError, match="largest_eigenvalue must be a finite number above 0"):
            make_lecun_classes(largest_eigenvalue=value)


def test_sine_is_that_of_the_syllabus():
    X, y = make_sine(200, generator=rng())
    assert (y**2).mean() == pytest.approx(0.4688, abs=5e-5)  # the error of predicting 0
    assert X.shape == (200, 1)
    X, y = make_sine(500, noise=0, low=-1, high=2, generator=rng())
    assert -1 <= X.min() < -0.9 < 1.9 < X.max() <= 2
    assert np.allclose(y, np.sin(2 * np.pi * X[:, 0]))
    for low, high in ((1, 1), (2, 1), (np.nan, 1), (0, np.inf)):
        with pytest.raises(ValueError, match="low must be below high"):
            make_sine(low=low, high=high)


def test_a_linear_model_misses_the_product_in_flats():
    X, y = make_flats(400, noise=0, generator=rng())
    assert 25 <= X[:, 0].min() <= X[:, 0].max() <= 120
    assert set(X[:, 1]) == set(range(1, 21))
    assert np.allclose(y, 50 + 2 * X[:, 0] + X[:, 0] * X[:, 1] / 10)
    linear = np.column_stack([np.ones(400), X])
    product = np.column_stack([linear, X[:, 0] * X[:, 1]])
    for design, least, most in ((linear, 5, 50), (product, 0, 1e-9)):
        error = y - design @ np.linalg.lstsq(design, y)[0]
        assert least <= error.std() <= most


def test_poisson_counts_are_those_of_the_syllabus():
    X, y = make_glm(2000, weight=[0.5, -0.8], bias=0.3, family="poisson", generator=rng())
    design, w = np.column_stack([X, np.ones(2000)]), np.zeros(3)
    for _ in range(20):
        rate = np.exp(design @ w)
        w += np.linalg.solve(design.T * rate @ design, design.T @ (y - rate))
    assert np.allclose(w, [0.5102, -0.8068, 0.3021], atol=5e-5)


def test_bernoulli_labels_are_those_of_the_syllabus():
    X, y = make_glm(200, weight=[1, -2, 0.5], family="bernoulli", generator=rng())
    w = np.zeros(3)
    for _ in range(200):
        w -= 0.5 * (X.T @ (1 / (1 + np.exp(-X @ w)) - y) / 200 + 0.02 * w)
    loss = (np.logaddexp(0, X @ w) - y * (X @ w)).mean()
    assert (round(loss, 4), ((X @ w > 0) == y).mean()) == (0.4412, 0.765)


def test_gaussian_numbers_are_those_of_the_syllabus():
    X, y = make_glm(50, weight=range(1, 6), generator=rng())
    w = np.linalg.lstsq(X, y)[0]
    assert np.allclose(w, [0.928, 2.069, 2.907, 3.912, 5.045], atol=5e-4)
    X, y = make_glm(10, weight=[2.0], bias=7, noise=0, generator=rng())
    assert np.allclose(y, 2 * X[:, 0] + 7)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"weight": 3.0}, r"weight must be \(d,\)"),
        ({"weight": [[1, 2]]}, r"weight must be \(d,\), not \(1, 2\)"),
        ({"bias": 50, "family": "poisson"}, r"weight and bias make exp\(z\) too large"),
        ({"weight": [np.nan], "family": "poisson"}, r"weight and bias make exp\(z\) too large"),
        ({"family": "gamma"}, "family must be .* not 'gamma'"),
    ],
)
def test_glm_says_what_is_wrong(options, words):
    with pytest.raises(ValueError, match=words):
        make_glm(**options)


@given(n=st.integers(1, 30), length=st.integers(1, 12))
def test_the_first_sign_is_the_label(n, length):
    X, y = make_first_sign(n, length, noise=0.3, generator=rng())
    assert X.shape == (n, length, 1)
    assert np.array_equal(X[:, 0, 0], np.where(y == 1, 1, -1))
    assert np.abs(X[:, 1:]).max(initial=0) < 2


def test_first_sign_noise_and_length():
    X, y = make_first_sign(2000, 5, generator=rng())
    assert X[:, 1:].std() == pytest.approx(0.5, abs=0.01)
    assert y.mean() == pytest.approx(0.5, abs=0.03)
    with pytest.raises(ValueError, match="length must be a whole number from 1, not 0"):
        make_first_sign(4, 0)


def test_a_ring_of_gaussians():
    X, y = ring_of_gaussians(40_000, modes=6, radius=3, std=0.2, generator=rng())
    for k in range(6):
        center = 3 * np.array([np.cos(k * np.pi / 3), np.sin(k * np.pi / 3)])
        mine = X[y == k]
        error = 0.2 / len(mine) ** 0.5
        assert abs(mine.mean(axis=0) - center).max() < 5 * error
        assert mine.std(axis=0) == pytest.approx(0.2, rel=0.05)
        assert len(mine) / len(X) == pytest.approx(1 / 6, abs=0.01)


def test_the_tiny_grammar_is_a_language():
    sentences = tiny_grammar()
    assert len(set(sentences)) == 1024
    assert {len(s) for s in sentences} == {42, 44, 46, 48}
    assert np.mean([len(s) for s in sentences]) == 44.25
    assert len(set("".join(sentences))) == 25
    assert tiny_grammar(["uma"], "meets")[-1] == "uma has a calm frog. the calm frog meets uma.\n"
    assert tiny_grammar([]) == []


@pytest.mark.parametrize("names", ["ana", [3], 3])
def test_a_grammar_needs_words(names):
    with pytest.raises(TypeError, match="names"):
        tiny_grammar(names)
    with pytest.raises(TypeError, match="tiny_grammar: verb"):
        tiny_grammar(verb=3)
