"""A student's words in markdown, so that they do no harm where a person reads and grades them.

nbgrader renders markdown as it is: a script in it would run with the instructor's rights, a link
could, a picture from elsewhere would tell when it is looked at, and one that is missing makes an
error of the whole page.
"""

import base64
import re
from collections.abc import Sequence
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
from nbconvert.exporters import HTMLExporter

from nnlib.course.grade.notebooks import MOST_PICTURES, PICTURE_SUFFIXES

PICTURES = "image/png", "image/jpeg"  # a photograph of a derivation; nothing that can hold a script
HEADS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
TAG = re.compile(r"<(?=[A-Za-z/!?])")
HARMLESS = {
    "href": re.compile(r"https?://|mailto:|#"),
    "src": re.compile(r"data:image/(png|jpeg);base64,"),
    **dict.fromkeys(("alt", "class", "id", "start", "style", "title"), re.compile("")),
}


Pictures = dict[str, dict[str, str]]  # by name: the kind, and the bytes in base64


def tame(cell: Any, copies: Sequence[dict[str, Any]], beside: Pictures | None = None) -> None:
    """Take the tags from the cell, add its pictures; show as plain text what would yet do harm.

    Pictures that lay beside the notebook are shown where the text calls for them, or else beneath.
    """
    cell.source = TAG.sub("< ", cell.source)  # a formula stays one, a tag is none any more
    for name in beside or {}:
        calls = re.compile(rf"\]\((?:\./)?(?:{re.escape(name)}|{re.escape(quote(name))})\)")
        if not calls.search(cell.source):
            cell.source += f"\n\n![{quote(name)}]({quote(name)})"
        cell.source = calls.sub(f"](attachment:{quote(name)})", cell.source)
    attached = pictures(copies)
    for name, kinds in (beside or {}).items():
        attached |= {name: kinds, quote(name): kinds}
    cell.attachments = nbformat.from_dict(attached)
    try:
        page = _exporter().markdown2html({"cell": cell}, cell.source)
        look = _Look()
        look.feed(page)
        harmless = look.harmless
    except Exception:  # noqa: BLE001 (a student's markdown may break it in any way)
        harmless = False
    if not harmless:
        cell.source = "\n".join(f"    {line}" for line in cell.source.splitlines())


def beside(notebook: Path) -> Pictures:
    """The pictures in a notebook's folder: what they are, their first bytes say."""
    found: Pictures = {}
    kept = [p for p in notebook.parent.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES]
    for path in sorted(kept)[:MOST_PICTURES]:
        content = path.read_bytes()
        kind = next((kind for kind, head in HEADS.items() if content.startswith(head)), None)
        if kind:
            found[path.name] = {kind: base64.b64encode(content).decode()}
    return found


def pictures(copies: Sequence[dict[str, Any]]) -> Pictures:
    """The pictures that were pasted into markdown."""
    found: Pictures = {}
    for cell in copies:
        attached = cell.get("attachments")
        for name, kinds in attached.items() if isinstance(attached, dict) else ():
            kept = {k: kinds[k] for k in PICTURES if isinstance(kinds, dict) and k in kinds}
            if kept and all(isinstance(data, str) for data in kept.values()):
                found |= {name: kept, quote(name): kept}  # as markdown may call it
    return found


@lru_cache
def _exporter() -> HTMLExporter:
    """Made once: it reads a folder of templates."""
    return HTMLExporter()  # type: ignore[no-untyped-call]


class _Look(HTMLParser):
    """Whether a page holds nothing but what markdown should make, and leads nowhere strange."""

    harmless = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            known = HARMLESS.get(name)
            self.harmless &= known is not None and bool(known.match(value or ""))
