"""The built site in a browser. `make site` builds it; where it is not of this checkout, tests say so."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from nnlib.course.site.__main__ import BUILT, digest_of_checkout
from tests.browser.lab import REPOSITORY, browser_or_skip

HTML = REPOSITORY / "build" / "site" / "html"


class Site:
    """Pages from disk; what the console says and what is asked of a network is kept."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", self._see)

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.said.append(message.text)

    def _see(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.said.append(f"asks {request.url}")

    def open(self, path: str) -> Page:
        """A page, by its place on the site."""
        file, mark, query = path.partition("?")
        self.page.goto((HTML / file).as_uri() + mark + query)
        return self.page

    def alive(self, name: str) -> Any:
        """What lives under this name, in view and answering."""
        place = self.page.locator(f"[data-name='{name}']")
        place.scroll_into_view_if_needed()
        self.page.wait_for_selector(f"[data-name='{name}'].nnlib-alive", timeout=60_000)
        return place

    def record(self) -> dict[str, Any]:
        """What the browser keeps."""
        kept = self.page.evaluate("() => localStorage.getItem('nnlib progress')")
        return dict(json.loads(kept or "{}"))


@pytest.fixture(scope="session")
def html() -> Path:
    built = HTML.parent / BUILT
    current = built.exists() and built.read_text("utf-8") == digest_of_checkout(REPOSITORY)
    if not current:
        pytest.fail("the site is not of this checkout: make site", pytrace=False)
    return HTML


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with browser_or_skip() as browser:
        yield browser


@pytest.fixture
def site(html: Path, browser: Browser) -> Iterator[Site]:
    """A browser that knows nothing of earlier visits."""
    context = browser.new_context(viewport={"width": 1366, "height": 900})
    yield Site(context.new_page())
    context.close()
