"""What the tests share: chance that repeats itself, an Axes, and PyTorch where it is installed."""

import warnings
from io import BytesIO

import numpy as np
import pytest
from hypothesis import settings

import nnlib

settings.register_profile("nnlib", deadline=None, derandomize=True, database=None)
settings.load_profile("nnlib")


@pytest.fixture(autouse=True)
def seeded():
    nnlib.manual_seed(0)


@pytest.fixture(scope="session")
def torch():
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)  # its arrays are tiny here, and other tests run beside
    return torch


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def ax():
    """An empty Axes; what a test draws on it must come out without a warning."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("agg")
    fig, ax = plt.subplots()
    yield ax
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph that is missing, a layout that does not fit
        fig.savefig(BytesIO(), format="png")
    plt.close(fig)
