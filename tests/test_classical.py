import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlib.classical import (
    MarkIPerceptron,
    Perceptron,
    heaviside,
    mcp,
    mistake_bound,
    perceptron_steps,
)

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND, OR, XOR = [0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0]


def test_heaviside_is_1_at_zero_and_sign_is_not():
    z = np.array([-2.0, -0.0, 0.0, 3.0])
    assert heaviside(z).tolist() == [0, 1, 1, 1]
    assert np.sign(z).tolist() == [-1, 0, 0, 1]
    assert heaviside(0) == 1


def test_heaviside_equals_torch():
    torch = pytest.importorskip("torch")
    z = np.array([-1e300, -1e-300, -0.0, 0.0, 1e-300, 5.0])
    expected = torch.heaviside(torch.from_numpy(z), torch.tensor(1.0, dtype=torch.float64))
    assert heaviside(z).tolist() == expected.tolist()


def test_heaviside_keeps_float32():
    assert heaviside(np.zeros(3, np.float32)).dtype == np.float32


def test_mcp_fires_on_5_of_16_patterns():
    patterns = np.indices((2, 2, 2, 2)).reshape(4, -1).T
    fires = mcp(patterns, w=[1, 1, 1, -1], theta=2)
    assert fires.sum() == 5
    assert {tuple(p) for p in patterns[fires == 1].tolist()} == {
        (0, 1, 1, 0), (1, 0, 1, 0), (1, 1, 0, 0), (1, 1, 1, 0), (1, 1, 1, 1)
    }  # fmt: skip


def test_mcp_takes_one_pattern():
    assert mcp([1, 0], w=[1, 1], theta=1) == 1
    assert mcp([0, 0], w=[1, 1], theta=1) == 0


@pytest.mark.parametrize(("x", "w"), [([1, 0, 1], [1, 1]), ([[1, 0]], [[1], [1]]), (1, [1])])
def test_mcp_names_shapes(x, w):
    with pytest.raises(ValueError, match=r"w (is|must be \(p,\))"):
        mcp(x, w, theta=1)


def test_and_takes_six_epochs():
    p = Perceptron().fit(X, AND)
    assert p.weight.tolist() == [2, 1]
    assert p.bias == -3
    assert p.errors == [2, 3, 3, 2, 1, 0]
    assert p.predict(X).tolist() == AND


def test_or_takes_four_epochs():
    p = Perceptron().fit(X, OR)
    assert p.weight.tolist() == [1, 1]
    assert p.bias == -1
    assert p.errors == [2, 2, 1, 0]


def test_xor_never_ends():
    errors = Perceptron().fit(X, XOR, epochs=100).errors
    assert len(errors) == 100
    assert min(errors) >= 3


def test_epochs_limit_is_kept():
    assert Perceptron().fit(X, AND, epochs=3).errors == [2, 3, 3]


def test_second_fit_starts_again():
    p = Perceptron().fit(X, XOR, epochs=7)
    assert p.fit(X, AND).errors == [2, 3, 3, 2, 1, 0]


def test_steps_tell_the_story_of_fit():
    steps = list(perceptron_steps(X, AND))
    assert len(steps) == 6 * 4
    assert [s.example for s in steps[:5]] == [0, 1, 2, 3, 0]
    assert [s.epoch for s in steps[:5]] == [0, 0, 0, 0, 1]
    assert sum(s.mistake for s in steps) == 11
    first = steps[0]  # w = 0 and H(0) = 1: the very first answer is 1, and wrong
    assert (first.prediction, first.weight.tolist(), first.bias, first.mistake) == (
        1,
        [0, 0],
        -1,
        True,
    )
    assert steps[-1].weight.tolist() == [2, 1]


def test_steps_do_not_share_their_weights():
    weights = [s.weight for s in perceptron_steps(X, AND)]
    assert len({id(w) for w in weights}) == len(weights)


@given(
    points=arrays(np.float64, (12, 3), elements=st.integers(-9, 9)),
    w=arrays(np.float64, 3, elements=st.integers(-5, 5)),
    b=st.sampled_from([-2.5, -0.5, 0.5, 2.5]),  # whole numbers + a half: no point has z = 0
)
def test_novikoffs_bound_holds(points, w, b):
    labels = (points @ w + b >= 0).astype(int)
    bound = mistake_bound(points, labels, w, b)
    mistakes = sum(s.mistake for s in perceptron_steps(points, labels, epochs=100))
    assert mistakes <= bound


def test_bounds_of_and_and_or():
    assert mistake_bound(X, AND, [2, 2], -3) == 51
    assert mistake_bound(X, OR, [2, 2], -1) == 27


def test_bound_does_not_change_with_scale():
    assert mistake_bound(X, AND, [20, 20], -30) == pytest.approx(51)


def test_bound_needs_a_strict_separator():
    with pytest.raises(ValueError, match="strictly on its side"):
        mistake_bound(X, AND, [2, 1], -3)  # where training ends, (1, 1) has z = 0 exactly
    with pytest.raises(ValueError, match=r"w must be \(2,\), not \(3,\)"):
        mistake_bound(X, AND, [2, 1, 1], -3)


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        (X, [-1, -1, -1, 1], r"labels 0 and 1, not \[-1, 1\]"),
        (X, [0, 1, 2, 1], r"labels 0 and 1, not \[0, 1, 2\]"),
        (X, [0, 1], "each of the 4 rows"),
        (X, [[0], [0], [0], [1]], "each of the 4 rows"),
        ([0, 1], [0, 1], r"X must be \(N, d\)"),
        (np.zeros((0, 2)), [], r"X must be \(N, d\)"),
        ([[0, np.nan], [1, 1]], [0, 1], "NaN"),
        ([[0, np.inf], [1, 1]], [0, 1], "infinite"),
    ],
)
def test_fit_says_what_is_wrong(X, y, words):
    with pytest.raises(ValueError, match=words):
        Perceptron().fit(X, y)


def test_fit_needs_an_epoch():
    with pytest.raises(ValueError, match="epochs must be a whole number from 1, not 0"):
        Perceptron().fit(X, AND, epochs=0)


def test_predict_says_what_is_wrong():
    with pytest.raises(ValueError, match="call fit"):
        Perceptron().predict(X)
    with pytest.raises(ValueError, match=r"X must be \(N, 2\)"):
        Perceptron().fit(X, AND).predict([[1, 0, 1]])


def shapes():
    """A cross and a square on an 8×8 retina, each at nine places."""
    cross, square = np.zeros((5, 5)), np.ones((5, 5))
    cross[2, :] = cross[:, 2] = 1
    square[1:4, 1:4] = 0
    images = np.zeros((18, 8, 8))
    for k, shape in enumerate([cross, square]):
        for place in range(9):
            row, column = divmod(place, 3)
            images[9 * k + place, row : row + 5, column : column + 5] = shape
    return images, np.repeat([0, 1], 9)


def test_mark_one_tells_two_shapes_apart():
    images, labels = shapes()
    machine = MarkIPerceptron(64, generator=np.random.default_rng(0)).fit(images, labels)
    assert machine.predict(images).tolist() == labels.tolist()


def test_mark_one_reads_0_and_1():
    datasets = pytest.importorskip("sklearn.datasets")
    images, labels = datasets.load_digits(n_class=2, return_X_y=True)
    images = images / 16
    machine = MarkIPerceptron(64, generator=np.random.default_rng(0)).fit(
        images[:200], labels[:200]
    )
    assert np.mean(machine.predict(images[200:]) == labels[200:]) >= 0.9


def test_mark_one_has_one_response_unit_per_class():
    images, _ = shapes()
    machine = MarkIPerceptron(64, generator=np.random.default_rng(0))
    machine.fit(images, np.arange(18) // 6)
    assert len(machine.responses) == 3
    assert set(machine.predict(images)) == {0, 1, 2}


def test_mark_one_is_wired_at_random_and_for_good():
    machine = MarkIPerceptron(64, 30, fan_in=5, generator=np.random.default_rng(1))
    assert (np.abs(machine.wiring).sum(1) == 5).all()
    assert set(np.unique(machine.wiring)) == {-1, 0, 1}
    before = machine.wiring.copy()
    machine.fit(*shapes())
    assert (machine.wiring == before).all()
    again = MarkIPerceptron(64, 30, fan_in=5, generator=np.random.default_rng(1))
    assert (again.wiring == before).all()


def test_mark_one_is_silent_in_the_dark():
    machine = MarkIPerceptron(9, 20, fan_in=3, generator=np.random.default_rng(0))
    assert machine.association(np.zeros((2, 9))).sum() == 0
    assert machine.association(np.ones((2, 3, 3))).shape == (2, 20)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (
            lambda: MarkIPerceptron(9, fan_in=10),
            "fan_in 10 is more than n_pixels 9",
        ),
        (lambda: MarkIPerceptron(9, 0, fan_in=3), "n_association must be a whole number from 1"),
        (lambda: MarkIPerceptron(9).predict(np.zeros((1, 9))), "call fit"),
        (lambda: MarkIPerceptron(9).fit(np.full((2, 9), 16.0), [0, 1]), "between 0 .dark."),
        (lambda: MarkIPerceptron(9).fit(np.zeros((2, 8)), [0, 1]), r"\(N, 9\)"),
        (lambda: MarkIPerceptron(9).fit(np.zeros((2, 9)), [0, -1]), "whole numbers"),
        (lambda: MarkIPerceptron(9).fit(np.zeros((2, 9)), [0, 0.5]), "whole numbers"),
        (lambda: MarkIPerceptron(9).fit(np.zeros((2, 9)), [0]), "2 whole numbers"),
    ],
)
def test_mark_one_says_what_is_wrong(act, words):
    with pytest.raises(ValueError, match=words):
        act()
