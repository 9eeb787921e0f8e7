"""Sequences of several lengths in one batch: against PyTorch, and in words."""

import numpy as np
import pytest

from nnlib import nn, testing
from nnlib.nn.utils.rnn import pad_sequence


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("features", [(), (2,), (2, 3)])
def test_equals_torch(torch, rng, batch_first, side, features):
    sequences = [rng.normal(size=(n, *features)) for n in (2, 4, 1)]
    theirs = torch.nn.utils.rnn.pad_sequence
    testing.compare_with_torch(
        lambda *x: pad_sequence(x, batch_first, -1.5, side),
        lambda *x: theirs(x, batch_first, -1.5, side),
        *sequences,
    )


def test_words(rng):
    assert nn.utils.rnn.pad_sequence is pad_sequence
    assert pad_sequence([np.array([1, 2]), np.array([3])]).dtype == np.int64
    for wrong in ([], [np.ones((2, 3)), np.ones((2, 4))], [np.ones(())]):
        with pytest.raises(ValueError, match=r"^pad_sequence: sequences must be several"):
            pad_sequence(wrong)
    with pytest.raises(AttributeError, match="pack_padded_sequence is not offered here; give"):
        nn.utils.rnn.pack_padded_sequence  # noqa: B018
    with pytest.raises(AttributeError, match="has no 'sequence'"):
        nn.utils.rnn.sequence  # noqa: B018
