import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.data import load_breast_cancer, load_diabetes, load_iris, load_wine, shift

LOADERS = [load_breast_cancer, load_diabetes, load_iris, load_wine]


@pytest.mark.parametrize("load", LOADERS)
def test_the_sets_are_scikit_learns(load):
    datasets = pytest.importorskip("sklearn.datasets")
    options = {"scaled": False} if load is load_diabetes else {}
    expected, labels = getattr(datasets, load.__name__)(return_X_y=True, **options)
    X, y = load()
    assert np.array_equal(X, expected)
    assert np.array_equal(y, labels)
    assert (X.dtype, y.dtype) == (float, float if load is load_diabetes else np.int64)


def test_a_set_is_the_callers_own() -> None:
    load_iris()[0][:] = 0
    assert load_iris()[0].min() > 0


@given(
    shape=st.tuples(st.integers(0, 3), st.integers(1, 5), st.integers(1, 5)),
    dx=st.integers(-7, 7),
    dy=st.integers(-7, 7),
)
def test_shift_moves_every_pixel(shape, dx, dy):
    images = np.arange(1, 1 + np.prod(shape)).reshape(shape)
    moved = shift(images, dx, dy)
    n, height, width = shape
    expected = np.zeros(shape, dtype=int)
    for i, y, x in np.ndindex(n, height, width):
        if 0 <= y + dy < height and 0 <= x + dx < width:
            expected[i, y + dy, x + dx] = images[i, y, x]
    assert np.array_equal(moved, expected)


def test_shift_on_a_canvas_is_that_of_the_syllabus():
    X8 = np.random.default_rng(0).random((5, 64))
    for dx, dy in ((0, 0), (2, -1), (-2, 1)):
        expected = np.zeros((5, 12, 12))
        expected[:, 2 + dy : 10 + dy, 2 + dx : 10 + dx] = X8.reshape(-1, 8, 8)
        canvas = np.pad(X8.reshape(-1, 8, 8), [(0, 0), (2, 2), (2, 2)])
        assert np.array_equal(shift(canvas, dx, dy), expected)


def test_shift_needs_images():
    with pytest.raises(ValueError, match=r"images must be \(…, H, W\), not \(3,\)"):
        shift([1, 2, 3])
