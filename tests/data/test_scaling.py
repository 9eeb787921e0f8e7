"""Scalers learn from one set and are applied to another; scikit-learn and torch agree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.data import MinMaxScaler, StandardScaler, Whitening, one_hot

SCALERS = [StandardScaler, MinMaxScaler, lambda: MinMaxScaler((-1, 1)), Whitening]


def tables(n, d, seed, constant=False):
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(d, d)) + 2 * np.eye(d)
    train, test = rng.normal(size=(n, d)) @ mix * 10 + 50, rng.normal(size=(7, d)) @ mix * 10 + 50
    if constant:
        train[:, 0] = 0.1  # no binary fraction: its mean is not exact
    return train, test


sizes = {"n": st.integers(1, 40), "d": st.integers(1, 5), "seed": st.integers(0, 99)}


@given(**sizes, constant=st.booleans())
def test_standard_and_min_max_agree_with_scikit_learn(n, d, seed, constant):
    theirs = pytest.importorskip("sklearn.preprocessing")
    train, test = tables(n, d, seed, constant)
    pairs = [
        (StandardScaler(), theirs.StandardScaler()),
        (MinMaxScaler(), theirs.MinMaxScaler()),
        (MinMaxScaler((-1, 3)), theirs.MinMaxScaler(feature_range=(-1, 3))),
    ]
    for ours, sklearns in pairs:
        ours.fit(train)
        sklearns.fit(train)
        for X in (train, test):
            np.testing.assert_allclose(ours.transform(X), sklearns.transform(X), atol=1e-9)


@given(d=sizes["d"], seed=sizes["seed"])
def test_whitening_leaves_no_correlation(d, seed):
    train, test = tables(60, d, seed)
    scaler = Whitening().fit(train)
    white = scaler.transform(train)
    np.testing.assert_allclose(white.mean(0), 0, atol=1e-9)
    np.testing.assert_allclose(white.T @ white / 60, np.eye(d), atol=1e-9)
    A = scaler.matrix_  # of all that whiten, the symmetric one changes the features least
    np.testing.assert_allclose(A, A.T, atol=1e-9)
    np.testing.assert_allclose(scaler.transform(test), (test - train.mean(0)) @ A, atol=1e-9)


@given(seed=st.integers(0, 99))
def test_directions_without_variance_become_zero(seed):
    rng = np.random.default_rng(seed)
    X = 50 + 10 * rng.normal(size=(30, 2)) @ rng.normal(size=(2, 5))  # on a plane in 5 dimensions
    white = Whitening().fit(X).transform(X)
    eigenvalues = np.linalg.eigvalsh(white.T @ white / 30)
    np.testing.assert_allclose(eigenvalues, [0, 0, 0, 1, 1], atol=1e-8)
    np.testing.assert_allclose(Whitening().fit(X[:1]).transform(X[:1]), 0)


@pytest.mark.parametrize("make", SCALERS)
def test_only_the_training_set_is_learnt(make):
    train, test = tables(30, 3, 1)
    scaler = make().fit(train)
    together = scaler.transform(np.concatenate([train, test]))
    np.testing.assert_allclose(scaler.transform(test), together[30:])
    assert not np.allclose(make().fit(test).transform(test), scaler.transform(test))


@pytest.mark.parametrize("make", SCALERS)
def test_dtypes_and_inputs_stay(make):
    train, _ = tables(30, 3, 1)
    before = train.copy()
    scaler = make().fit(train)
    assert scaler.transform(train).dtype == np.float64
    assert scaler.transform(train.astype(np.float32)).dtype == np.float32
    assert scaler.transform(train.astype(int)).dtype == np.float64
    assert np.array_equal(train, before)
    assert scaler.transform(train[:0]).shape == (0, 3)


def test_constant_features_are_only_centered():
    X = np.full((6, 2), 0.1) * [1, 1e9]
    assert np.abs(StandardScaler().fit(X).transform(X)).max() < 1e-6
    assert np.array_equal(MinMaxScaler((2, 3)).fit(X).transform(X), np.full((6, 2), 2.0))


@pytest.mark.parametrize("make", SCALERS)
@pytest.mark.parametrize(
    ("use", "error", "words"),
    [
        (lambda s: s.transform([[1.0]]), ValueError, r"call fit\(X_train\) first"),
        (lambda s: s.fit([1.0, 2.0]), ValueError, r"X must be \(N, d\), not \(2,\)"),
        (lambda s: s.fit(np.zeros((0, 2))), ValueError, "holds no examples"),
        (lambda s: s.fit([["a", "b"]]), TypeError, "X must hold numbers"),
        (
            lambda s: s.fit([[1.0], [2.0]]).transform([[1.0, 2.0]]),
            ValueError,
            r"X must be \(N, 1\), not \(1, 2\)",
        ),
    ],
)
def test_scalers_say_what_is_wrong(make, use, error, words):
    with pytest.raises(error, match=words):
        use(make())


def test_options_are_checked():
    with pytest.raises(ValueError, match="feature_range must rise"):
        MinMaxScaler((1, 1))


@given(
    labels=st.one_of(
        st.lists(st.integers(-1, 4), max_size=6),
        st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), max_size=3),
        st.integers(0, 3),
        st.lists(st.floats(0, 2), min_size=1, max_size=3),
    ),
    num_classes=st.sampled_from([-2, -1, 0, 1, 3, 5]),
)
def test_one_hot_agrees_with_torch_or_says_why_not(labels, num_classes):
    torch = pytest.importorskip("torch")
    array = np.array(labels)
    array = array.astype(np.int64) if array.size == 0 else array
    try:
        expected = torch.nn.functional.one_hot(torch.tensor(array), num_classes).numpy()
    except (RuntimeError, ValueError):
        with pytest.raises((ValueError, TypeError), match="one_hot: "):
            one_hot(array, num_classes)
        return
    ours = one_hot(array, num_classes)
    assert (ours.shape, ours.dtype) == (expected.shape, expected.dtype)
    assert np.array_equal(ours, expected)


def test_one_hot_names_the_fault():
    with pytest.raises(ValueError, match="num_classes is 3, and labels reach from 0 to 3"):
        one_hot([0, 3], 3)
    with pytest.raises(TypeError, match="whole numbers, not float64"):
        one_hot([0.5])
