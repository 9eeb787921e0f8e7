"""A student's words in markdown, so that they do no harm where a person reads and grades them.

nbgrader renders markdown as it is: a script in it would run with the instructor's rights, a link
could, a picture from elsewhere would tell when it is looked at, and one that is missing makes an
error of the whole page.
"""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import nbformat
from nbconvert.exporters import HTMLExporter

PICTURES = "image/png", "image/jpeg"  # a photograph of a derivation; nothing that can hold a script
TAG = re.compile(r"<(?=[A-Za-z/!?])")
HARMLESS = {
    "href": re.compile(r"https?://|mailto:|#"),
    "src": re.compile(r"data:image/(png|jpeg);base64,"),
    **dict.fromkeys(("alt", "class", "id", "start", "style", "title"), re.compile("")),
}


def tame(cell: Any, copies: Sequence[dict[str, Any]]) -> None:
    """Take the tags from the cell, add its pictures; show as plain text what would yet do harm."""
    cell.source = TAG.sub("< ", cell.source)  # a formula stays one, a tag is none any more
    cell.attachments = nbformat.from_dict(pictures(copies))
    try:
        page = HTMLExporter().markdown2html({"cell": cell}, cell.source)  # type: ignore[no-untyped-call]
        look = _Look()
        look.feed(page)
        harmless = look.harmless
    except Exception:  # noqa: BLE001 (a student's markdown may break it in any way)
        harmless = False
    if not harmless:
        cell.source = "\n".join(f"    {line}" for line in cell.source.splitlines())


def pictures(copies: Sequence[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """The pictures that were pasted into markdown."""
    found: dict[str, dict[str, str]] = {}
    for cell in copies:
        attached = cell.get("attachments")
        for name, kinds in attached.items() if isinstance(attached, dict) else ():
            kept = {k: kinds[k] for k in PICTURES if isinstance(kinds, dict) and k in kinds}
            if kept and all(isinstance(data, str) for data in kept.values()):
                found |= {name: kept, quote(name): kept}  # as markdown may call it
    return found


class _Look(HTMLParser):
    """Whether a page holds nothing but what markdown should make, and leads nowhere strange."""

    harmless = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            known = HARMLESS.get(name)
            self.harmless &= known is not None and bool(known.match(value or ""))
