"""What the tests share: chance that repeats itself, an Axes, PyTorch, and what is heavy."""

import warnings
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

import nnlib

HERE = Path(__file__).parent
collect_ignore = ["torch_scripts"]  # each is run whole by test_torch_scripts.py
# What `make quick` leaves out, whole. It takes a browser, kernels, sandboxes or thousands of draws,
# or it grows with the lessons, for each of which there is `make test LESSON=…`.
HEAVY = (
    *(
        "browser",
        "grading",
        "notebooks",
        "site",
        "course/lessons/lesson_*",
        "course/lessons/test_nbgrader.py",
        "course/lessons/test_specifications.py",
    ),
    *("test_fuzz_*.py", "test_readme.py"),
    # All of PyTorch's samples, whole scripts, programs at random: each op has tests of its own besides.
    *("test_against_torch.py", "test_module_db.py", "test_op_db.py", "test_torch_scripts.py"),
    "test_doors.py",  # mypy, from nothing
)

settings.register_profile("nnlib", deadline=None, derandomize=True, database=None)
settings.load_profile("nnlib")


@cache
def heavy() -> frozenset[Path]:
    return frozenset(path for pattern in HEAVY for path in HERE.glob(pattern))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Who leaves out what is heavy does not wait until it is imported, either."""
    left_out = "not heavy" in config.getoption("markexpr") and collection_path in heavy()
    return True if left_out else None  # None: pytest decides as ever


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if heavy() & {item.path, *item.path.parents}:
            item.add_marker("heavy")


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
