"""axe-core on every kind of page, in both themes, with what lives on it alive; and by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.lab import REPOSITORY

from .conftest import Site

pytestmark = pytest.mark.slow  # make test-site
FIRST = min(REPOSITORY.glob("notebooks/[0-9]*.ipynb")).stem
KINDS = [
    "index.html",
    "search.html",
    "notebooks/index.html",
    f"notebooks/{FIRST}.html",
    f"exercises/{FIRST}/{FIRST}.html",
    "docs/reading.html",
    "api/index.html",
    "api/nnlib.optim.html",
]


def revive(page: Page) -> None:
    """Bring all that lives into view, and wait until it answers."""
    for place in page.locator(".nnlib-live").all():
        place.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.nnlib-live')].every((e) => e.matches('.nnlib-alive'))",
        timeout=120_000,
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", KINDS)
def test_axe_finds_nothing(site: Site, path: str, theme: str) -> None:
    site.page.emulate_media(color_scheme=theme)
    page = site.open(path)
    revive(page)
    page.wait_for_timeout(300)
    found = Axe().run(page).response["violations"]
    told = [f"{v['id']}: {[n['html'][:160] for n in v['nodes'][:3]]}" for v in found]
    assert told == []


def test_a_whole_lesson_is_walked_by_keyboard(site: Site) -> None:
    """Tab comes to every control of everything that lives, and each shows that it has the focus."""
    page = site.open(f"notebooks/{FIRST}.html")
    revive(page)
    page.evaluate("window.scrollTo(0, 0)")
    wanted = page.evaluate("""() => [...document.querySelectorAll(
      ".nnlib :is(input:not([type=radio]), select, button)")].filter((e) => e.offsetParent).length""")
    seen: set[int] = set()
    page.evaluate(
        """() => document.querySelectorAll(".nnlib *").forEach((e, k) => (e.dataset.k = k))"""
    )
    for _ in range(600):
        page.keyboard.press("Tab")
        now = page.evaluate("""() => {
          const e = document.activeElement;
          if (e === document.body) return "end";
          if (!e.matches(".nnlib :is(input:not([type=radio]), select, button)")) return null;
          return [e.dataset.k, getComputedStyle(e).outlineStyle];
        }""")
        if now == "end":
            break
        if now:
            seen.add(int(now[0]))
            assert now[1] != "none"
    assert len(seen) == wanted
