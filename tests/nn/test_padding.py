"""pad: every mode against PyTorch, and its words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib.nn.functional as F
from nnlib import nn, testing

MODES = ["constant", "reflect", "replicate", "circular"]


@pytest.mark.parametrize("mode", MODES)
@given(data=st.data())
def test_equals_torch(torch, mode, data):
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    pairs = data.draw(st.lists(st.integers(0, 3), min_size=4, max_size=4))
    ours, theirs = F.pad, torch.nn.functional.pad
    testing.compare_with_torch(lambda a: ours(a, pairs, mode), lambda a: theirs(a, pairs, mode), x)
    testing.gradcheck(lambda a: ours(a, pairs, mode), [x[:1, :1]])


@given(pairs=st.lists(st.integers(-2, 2), min_size=2, max_size=6).filter(lambda p: len(p) % 2 == 0))
def test_a_constant_and_cutting_off(torch, pairs):
    x = np.random.default_rng(0).normal(size=(4, 5, 6))
    ours, theirs = F.pad, torch.nn.functional.pad
    testing.compare_with_torch(
        lambda a: ours(a, pairs, value=-np.inf), lambda a: theirs(a, pairs, value=-np.inf), x
    )


def test_whole_numbers_stay_whole():
    y = F.pad(np.array([1, 2]), (1, 0), value=7)
    assert y.dtype == np.int64
    assert y.data.tolist() == [7, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (((1,),), r"pad \(1,\) must be pairs"),
        (((1, 1, 1, 1, 1, 1),), "one per axis"),
        (((3, 0), "reflect"), r"reflect by \(3, 0\) does not fit axis 1 of 3"),
        (((-4, 0),), r"does not fit axis 1 of 3"),
        (((1, 0), "reflect", 1.0), "value=1.0 is for mode 'constant'"),
        (((1, 0), "mirror"), "mode must be 'constant'"),
    ],
)
def test_errors(arguments, words):
    with pytest.raises(ValueError, match="^pad: .*" + words):
        F.pad(np.ones((2, 3)), *arguments)


@pytest.mark.parametrize("kind", ["Zero", "Constant", "Reflection", "Replication", "Circular"])
@pytest.mark.parametrize("axes", [1, 2])
def test_layers_equal_torch(torch, rng, kind, axes):
    name = f"{kind}Pad{axes}d"
    value = (2.5,) if kind == "Constant" else ()
    for padding in (1, (1, 2, 0, 1)[: 2 * axes]):
        ours, theirs = (getattr(library, name)(padding, *value) for library in (nn, torch.nn))
        assert ours.padding == theirs.padding
        for batch in ((), (2,)):
            testing.compare_with_torch(ours, theirs, rng.normal(size=(*batch, 3, *(4, 5)[:axes])))
    with pytest.raises(ValueError, match=rf"^{name}: padding must be .* or {2 * axes} of them"):
        getattr(nn, name)((1, 2, 3), *value)
    with pytest.raises(ValueError, match=rf"^{name}: input must be "):
        ours(np.ones(3))
