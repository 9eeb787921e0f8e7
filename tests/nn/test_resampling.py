"""Images in another size: against PyTorch, and in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib.nn.functional as F
from nnlib import nn, testing


@pytest.mark.heavy
@pytest.mark.parametrize("axes", [1, 2])
@given(data=st.data())
def test_adaptive_averages_equal_torch(torch, axes, data):
    lengths = st.lists(st.integers(1, 7), min_size=axes, max_size=axes)
    batch = data.draw(st.sampled_from([(), (1,), (2,), (0,)]))
    x = np.random.default_rng(0).normal(size=(*batch, 3, *data.draw(lengths)))
    each = st.tuples(*[st.one_of(st.integers(1, 8), st.none())] * axes)
    size = data.draw(st.one_of(st.integers(1, 5), each))
    name = f"adaptive_avg_pool{axes}d"
    if axes == 1 and isinstance(size, tuple):
        size = size[0] or 1
    ours, theirs = getattr(F, name), getattr(torch.nn.functional, name)
    testing.compare_with_torch(lambda a: ours(a, size), lambda a: theirs(a, size), x)
    if x.size:
        testing.gradcheck(lambda a: ours(a, size), [x])
    layer = getattr(nn, f"AdaptiveAvgPool{axes}d")(size)
    np.testing.assert_array_equal(layer(x).data, ours(x, size).data)


@pytest.mark.parametrize("axes", [1, 2, 3])
@given(data=st.data())
def test_nearest_pixels_equal_torch(torch, axes, data):
    lengths = st.lists(st.integers(1, 7), min_size=axes, max_size=axes)
    x = np.random.default_rng(0).normal(size=(2, 3, *data.draw(lengths)))
    each = st.tuples(*[st.integers(1, 9)] * axes)
    factors = st.sampled_from([1, 2, 3, 1.5, 2.7, 1.0])
    options = data.draw(
        st.one_of(
            st.fixed_dictionaries({"size": st.one_of(st.integers(1, 9), each)}),
            st.fixed_dictionaries(
                {"scale_factor": st.one_of(factors, st.tuples(*[factors] * axes))}
            ),
        )
    )
    ours, theirs = F.interpolate, torch.nn.functional.interpolate
    testing.compare_with_torch(lambda a: ours(a, **options), lambda a: theirs(a, **options), x)
    np.testing.assert_array_equal(nn.Upsample(**options)(x).data, ours(x, **options).data)


@pytest.mark.parametrize("mode", ["linear", "bilinear"])
@given(data=st.data())
def test_mixed_pixels_equal_torch(torch, mode, data):
    axes = 1 if mode == "linear" else 2
    lengths = st.lists(st.integers(1, 6), min_size=axes, max_size=axes)
    x = np.random.default_rng(0).normal(size=(2, 3, *data.draw(lengths)))
    each = st.tuples(*[st.integers(1, 9)] * axes)
    options = {"mode": mode, "align_corners": data.draw(st.sampled_from([None, False, True]))}
    if data.draw(st.booleans()):
        options["size"] = data.draw(st.one_of(st.integers(1, 9), each))
    else:
        options["scale_factor"] = data.draw(st.sampled_from([1, 2, 3, 1.5, 2.7, 0.5, 1.0]))
    try:
        torch.nn.functional.interpolate(torch.tensor(x), **options)
    except RuntimeError:  # nothing is left
        return
    ours, theirs = F.interpolate, torch.nn.functional.interpolate
    testing.compare_with_torch(lambda a: ours(a, **options), lambda a: theirs(a, **options), x)
    np.testing.assert_array_equal(nn.Upsample(**options)(x).data, ours(x, **options).data)
    assert ours(x.astype(np.float32), **options).dtype == np.float32


def test_an_infinite_pixel_stays_alone():
    x = np.array([[[1.0, np.inf, 3.0]]])
    assert F.interpolate(x, scale_factor=2).data.tolist() == [[[1, 1, np.inf, np.inf, 3, 3]]]
    assert F.adaptive_avg_pool1d(x, 3).data.tolist() == x.tolist()


@pytest.mark.parametrize("batch", [(), (2,), (2, 3), (0,)])
def test_pixel_shuffle_equals_torch(torch, rng, batch):
    x = rng.normal(size=(*batch, 12, 2, 3))
    ours, theirs = F.pixel_shuffle, torch.nn.functional.pixel_shuffle
    if x.size:
        testing.compare_with_torch(lambda a: ours(a, 2), lambda a: theirs(a, 2), x)
        np.testing.assert_array_equal(nn.PixelShuffle(2)(x).data, ours(x, 2).data)


X = np.ones((2, 3, 4, 4))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: F.adaptive_avg_pool2d(X, 0), "adaptive_avg_pool2d: output_size must be a whole"),
        (lambda: F.adaptive_avg_pool2d(X, (1, 2, 3)), "output_size must be .* or 2 of them"),
        (lambda: F.adaptive_avg_pool2d(X[0, 0], 1), r"input must be \(N, C, H, W\) or \(C, H, W\)"),
        (lambda: F.interpolate(X), "interpolate: give either size or scale_factor"),
        (lambda: F.interpolate(X, 2, 2.0), "interpolate: give either size or scale_factor"),
        (lambda: F.interpolate(X, scale_factor=0.1), r"nothing is left of \(4, 4\)"),
        (lambda: F.interpolate(X, scale_factor=(1, 2, 3)), "scale_factor must be .* 2 of them"),
        (lambda: F.interpolate(X[0, 0], 2), r"input must be \(N, C, L\)"),
        (lambda: F.interpolate(X, 2, mode="bicubic"), "mode must be 'nearest', .*not 'bicubic'"),
        (lambda: F.interpolate(X, 2, mode="linear"), "mode 'linear' is for 1 axes"),
        (lambda: F.interpolate(X, 2, align_corners=True), "align_corners is for modes that mix"),
        (lambda: F.pixel_shuffle(X, 2), "pixel_shuffle: input must be .* multiple of 4"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_whole_numbers_are_not_mixed():
    x = np.ones((1, 1, 2, 2), np.uint8)
    assert F.interpolate(x, 4).dtype == np.uint8
    with pytest.raises(TypeError, match=r"^interpolate: input holds uint8; floats"):
        F.interpolate(x, 4, mode="bilinear")


@pytest.mark.parametrize("sizes", [(3, 4), (-1, 2), (2, -1, 3), (12,)])
@pytest.mark.parametrize("dim", [1, -2])
def test_unflatten_equals_torch(torch, rng, sizes, dim):
    x = rng.normal(size=(2, 12, 3))
    testing.compare_with_torch(nn.Unflatten(dim, sizes), torch.nn.Unflatten(dim, sizes), x)


@pytest.mark.parametrize("sizes", [(5, 2), (-1, 5), (-1, -1), (0, -1), ()])
def test_unflatten_in_words(sizes):
    with pytest.raises(
        ValueError, match=r"^Unflatten: unflattened_size .* does not fit 12 entries"
    ):
        nn.Unflatten(1, sizes)(np.ones((2, 12)))
    with pytest.raises(IndexError, match=r"^Unflatten: dim=2, but input has shape \(2, 12\)"):
        nn.Unflatten(2, (3, 4))(np.ones((2, 12)))
