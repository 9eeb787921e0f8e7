import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.classical import Stump, StumpBoosting


def sine():
    """X-36."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, 200)
    return x[:, None], np.sin(2 * np.pi * x) + 0.1 * rng.normal(size=200)


def test_the_lectures_numbers():
    X, y = sine()
    losses = StumpBoosting(50, 0.3, thresholds=np.linspace(0, 1, 51)[1:-1]).fit(X, y).losses
    assert [round(losses[n], 4) for n in (0, 10, 50)] == [0.4688, 0.0624, 0.0141]
    assert len(losses) == 51 and (np.diff(losses) < 0).all()


@pytest.mark.heavy
@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.sampled_from([0.1, 0.5, 1.0]))
def test_it_equals_scikit_learn(seed, d, lr):
    ensemble = pytest.importorskip("sklearn.ensemble")
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(60, d)), rng.normal(size=60)
    theirs = ensemble.GradientBoostingRegressor(
        n_estimators=12, max_depth=1, learning_rate=lr, init="zero"
    ).fit(X, y)
    ours = StumpBoosting(12, lr).fit(X, y)
    new = rng.normal(size=(50, d))
    np.testing.assert_allclose(ours.predict(new), theirs.predict(new), atol=1e-6)
    np.testing.assert_allclose(ours.losses[1:], theirs.train_score_, atol=1e-6)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_the_first_stump_is_the_best_of_all(seed):
    """On whole numbers, where values repeat."""
    rng = np.random.default_rng(seed)
    X, y = rng.integers(0, 4, size=(12, 2)).astype(float), rng.normal(size=12)
    stump = StumpBoosting(1, 1.0).fit(X, y).stumps[0]
    errors = [
        ((y - np.where(left, y[left].mean(), y[~left].mean())) ** 2).mean()
        for feature in range(2)
        for t in (0.5, 1.5, 2.5)
        if 0 < (left := X[:, feature] <= t).sum() < 12
    ]
    assert ((y - stump(X)) ** 2).mean() == pytest.approx(min(errors))


def test_predictions_reproduce_the_losses():
    X, y = sine()
    model = StumpBoosting(20).fit(X, y)
    for n in (0, 1, 7, 20):
        assert ((y - model.predict(X, rounds=n)) ** 2).mean() == pytest.approx(model.losses[n])


def test_a_feature_that_never_changes_is_not_asked():
    X = np.column_stack([np.ones(4), [0.0, 1, 2, 3]])
    assert StumpBoosting(1).fit(X, [0, 0, 1, 1]).stumps == [Stump(1, 1.5, 0.0, 1.0)]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: StumpBoosting(rounds=0), "rounds must be a whole number from 1"),
        (lambda: StumpBoosting(lr=0), "lr must be a number above 0"),
        (lambda: StumpBoosting().predict([[1]]), "call fit"),
        (lambda: StumpBoosting().fit(np.ones((3, 2)), [1, 2, 3]), "no threshold divides"),
        (lambda: StumpBoosting(thresholds=[9]).fit([[1], [2]], [1, 2]), "no threshold divides"),
        (lambda: StumpBoosting().fit(*sine()).predict([1, 2]), r"X must be \(N, 1\)"),
        (lambda: StumpBoosting().fit([[1], [2]], [1]), "each of the 2 rows"),
    ],
)
def test_it_says_what_is_wrong(act, words):
    with pytest.raises(ValueError, match=words):
        act()
