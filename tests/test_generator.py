import copy

import numpy as np
import pytest

from nnlib import data, nn
from nnlib.generator import Generator


def test_a_seed_starts_the_stream_again():
    generator = Generator()
    first = generator.manual_seed(3).random(4).tolist()
    assert generator.random(4).tolist() != first
    assert generator.manual_seed(3) is generator
    assert generator.random(4).tolist() == first == np.random.default_rng(3).random(4).tolist()
    assert Generator().random() != Generator().random()
    assert copy.deepcopy(generator).random() == generator.random()


def test_everything_that_draws_takes_it():
    def drawn():
        generator = Generator("cpu").manual_seed(1)
        batches = data.DataLoader(range(9), 4, shuffle=True, generator=generator)
        layer = nn.Linear(2, 3, generator=generator)
        return [b.data.tolist() for b in batches], layer.weight.data.tolist()

    assert drawn() == drawn()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Generator("cuda"), TypeError, "Generator: device='cuda' is not offered"),
        (lambda: Generator().manual_seed(-1), ValueError, "seed must be a whole number from 0"),
        (lambda: Generator().manual_seed(0.5), TypeError, "seed must be a whole number"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_it_is_reached_as_in_a_script():
    import nnlib

    one, other = (nnlib.Generator().manual_seed(1).random() for _ in "ab")
    assert one == other
    assert isinstance(nnlib.Generator(), nnlib.generator.Generator)
