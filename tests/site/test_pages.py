"""Every page of the built site: whole, quiet, linked, and readable on a phone."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser.lab import REPOSITORY

from .conftest import Site

pytestmark = pytest.mark.slow  # make test-site
# Of the library's reference a few pages stand for all; of the rest, each is tried.
PAGES = [
    "index.html",
    "search.html",
    *(f"api/{name}.html" for name in ("index", "nnlib.optim", "nnlib.nn.functional")),
    *(f"docs/{path.stem}.html" for path in sorted(REPOSITORY.glob("docs/*.md"))),
    *(f"notebooks/{path.stem}.html" for path in sorted(REPOSITORY.glob("notebooks/*.ipynb"))),
    *(
        f"exercises/{path.stem}/{path.stem}.html"
        for path in sorted(REPOSITORY.glob("exercises/*/*.ipynb"))
    ),
]


class Found(HTMLParser):
    """What a page links to and shows, and the names in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.names: set[str] = set()
        self.headings: list[int] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = dict(attributes)
        self.links += [v for k in ("href", "src") if (v := known.get(k))]
        self.names |= {v for k in ("id", "name") if (v := known.get(k))}
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_quiet_and_fits_every_screen(site: Site, path: str) -> None:
    page = site.open(path)
    for width in (1366, 900, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
    page.wait_for_function(
        "() => !window.MathJax?.startup || MathJax.startup.promise.then(() => 1)"
    )
    assert page.locator("mjx-merror").count() == 0
    assert page.locator("h1").count() == 1
    assert site.said == []


def test_every_link_leads_somewhere(html: Path) -> None:
    own = {"_static", "lite"}  # what others made
    pages = [path for path in html.rglob("*.html") if path.relative_to(html).parts[0] not in own]
    found = {path.resolve(): Found(path) for path in pages}
    dead = []
    for path, page in found.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not there.exists():
                dead.append(f"{path.relative_to(html)}: {link}")
            elif parts.fragment and there in found and "_modules" not in path.parts:
                known = found[there].names | {"top"}
                if unquote(parts.fragment) not in known:
                    dead.append(f"{path.relative_to(html)}: {link}")
    assert dead == []


def test_headings_are_in_order(html: Path) -> None:
    for path in PAGES:
        ranks = Found(html / path).headings
        steps = [b - a for a, b in pairwise(ranks)]
        assert all(step <= 1 for step in steps), path


def test_no_solution_is_on_the_site(html: Path) -> None:
    for notebook in html.rglob("*.ipynb"):
        assert "BEGIN SOLUTION" not in notebook.read_text(encoding="utf-8"), notebook
    assert not (html / "solutions").exists()


def test_the_search_finds_a_lesson(site: Site) -> None:
    page = site.open("search.html?q=momentum")
    page.locator("#search-results li").first.wait_for()
    assert "notebooks/" in page.locator("#search-results").inner_html()
    assert site.said == []


def test_lessons_are_linked_in_their_order(html: Path) -> None:
    stems = [path.stem for path in sorted(REPOSITORY.glob("notebooks/[0-9]*.ipynb"))]
    for before, after in pairwise(stems):
        text = (html / "notebooks" / f"{after}.html").read_text(encoding="utf-8")
        (link,) = re.findall(r'class="left-prev"\s+href="([^"]+)"', text)
        assert before in link
