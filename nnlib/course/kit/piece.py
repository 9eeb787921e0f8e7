"""What all questions on the page share: they are answered and judged in the browser alone.

Before the answer the page's text holds nothing of it; a page without a kernel, such as GitHub's, has it
folded. What was answered is told to Python, where there is one, for `progress()`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import anywidget
import traitlets

from nnlib.course import progress
from nnlib.course.kit.files import source
from nnlib.course.message import code


class Piece(anywidget.AnyWidget):
    """Something to answer. `asked` goes to the browser, `text` and `html` to pages without one.

    With a `name`, "10a_momentum/race", what is answered first is remembered under it.
    """

    _css = source("widget.css", "piece.css")
    asked = traitlets.Any().tag(sync=True)

    def __init__(self, asked: Any, text: str, html: str, name: str = "") -> None:
        self._text, self._html, self.name = text, html, name
        super().__init__(asked=asked)
        self.on_msg(self._on_message)

    def _on_message(self, _piece: Piece, message: dict[str, dict[str, str]], _: Any) -> None:
        """`{"answered": {"kind": …, "result": …, …}}`, from piece.js."""
        if self.name and "answered" in message:
            progress.remember_answer(name=self.name, **message["answered"])

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live piece, and beside it one that folds its answers, for pages without a kernel."""
        live = super()._repr_mimebundle_(**kwargs)
        folded = {"text/html": self._html, "text/plain": self._text}
        return {**(live[0] if live else {}), **folded}, {}


def paragraphs(text: str) -> str:
    """HTML of text whose paragraphs an empty line parts."""
    return "".join(f"<p>{code(part)}</p>" for part in text.split("\n\n"))


def listed(items: Iterable[str], kind: str = "ul") -> str:
    """HTML of a list."""
    return f"<{kind}>{''.join(f'<li>{item}</li>' for item in items)}</{kind}>"


def folded(summary: str, *html: str) -> str:
    """HTML that is shown when it is asked for."""
    return f"<details><summary>{summary}</summary>{''.join(html)}</details>"
