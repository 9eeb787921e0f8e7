"""One JupyterLab in one browser for all tests; where there is no browser, they are skipped."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .lab import REPOSITORY, Lab, browser_or_skip, jupyter_lab


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course's notebooks: what a test saves is thrown away."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("notebooks", "exercises"):
        if (REPOSITORY / folder).exists():
            shutil.copytree(REPOSITORY / folder, root / folder)
    return root


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with browser_or_skip() as browser:
        yield browser


@pytest.fixture(scope="session")
def session(
    browser: Browser, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    with jupyter_lab(root, tmp_path_factory.mktemp("lab")) as url:
        yield Lab(browser, url)


@pytest.fixture
def lab(session: Lab) -> Iterator[Lab]:
    """JupyterLab with no notebook open; what the test opened is closed after it."""
    yield session
    session.close_all()
