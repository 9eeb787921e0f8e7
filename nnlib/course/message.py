"""What the classroom says: as HTML in JupyterLab, as plain text everywhere else."""

from dataclasses import dataclass
from html import escape

from IPython.display import display

# JupyterLab's own colors, so that it fits the light and the dark theme; the second value is for
# viewers that do not define them.
COLORS = {
    "good": "var(--jp-success-color1, #2e7d32)",
    "bad": "var(--jp-error-color1, #d32f2f)",
    "neutral": "var(--jp-info-color1, #0288d1)",
}


@dataclass(frozen=True)
class Page:
    """One message in both forms. Displayed, it shows the richer one that the viewer can show."""

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


def show(page: Page) -> None:
    display(page)  # type: ignore[no-untyped-call]


def box(kind: str, *parts: str) -> str:
    """HTML parts in a box that a screen reader announces; the color only repeats the words."""
    style = (
        f"border-left: 4px solid {COLORS[kind]}; padding: 2px 14px; max-width: 50em; "
        "color: var(--jp-content-font-color1, inherit); line-height: 1.5"
    )
    return f'<div role="status" style="{style}">{"".join(parts)}</div>'


def paragraph(text: str) -> str:
    return f'<p style="margin: 6px 0">{code(text)}</p>'


def code(text: str) -> str:
    """Escaped, with `…` set as code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))


def block(source: str) -> str:
    """A line of code, or what was printed; long lines wrap, long texts scroll."""
    style = (
        "white-space: pre-wrap; margin: 4px 0 8px; padding: 6px 10px; max-height: 12em; overflow: auto; "
        "background: var(--jp-layout-color2, rgba(128, 128, 128, .12)); "
        "color: var(--jp-content-font-color1, inherit)"
    )
    return f'<pre style="{style}">{escape(source)}</pre>'
