"""Words on a page: a student's are escaped and cut, a person's comment keeps its Markdown."""

import base64
import io
import re

import mistune
from markupsafe import Markup, escape

MOST_TEXT = 600  # characters of whatever came from a student
MOST_CODE = 20_000
CONTROL = {code: None for code in [*range(9), *range(11, 32), 127, *range(0x80, 0xA0)]}
QUOTED = re.compile(r"`([^`\n]+)`")
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.DOTALL)

# What a note on a notebook means to the student whose it is; {} are the names after its colon.
NOTES = {
    "renamed": "Your file has another name than the one that was handed out. That costs nothing.",
    "cells deleted": "Cells that were handed out are missing: {}. Answers count wherever they stand.",
    "cells copied": "Cells that were handed out are there twice: {}. The last one counts.",
    "cells lost their ids, or belong to another assignment": (
        "The cells that were handed out are not in it: is it the right notebook?"
    ),
    "no code cell any more": (
        "Text cells are not run, and these were cells of code: {}. In JupyterLab, Esc and then Y "
        "makes them code again."
    ),
    "cells that could not be read": "Some cells could not be read, by their place: {}.",
    "old version": "Your notebook was handed out before the exercises changed.",
    "stopped": "It did not come to an end, or ended Python, and was stopped: {}.",
    "its own check was right": (
        "The check in your notebook said that it is right, and here it is not: {}. Your instructor "
        "is told so, too."
    ),
    "modules that are not here": "Your notebook imports what is not there while it is graded: {}.",
    "not written": "",  # it stands at the answer
}


def cut(text: object, most: int = MOST_TEXT) -> str:
    """A student's text without control characters, and not too much of it."""
    plain = str(text).translate(CONTROL)
    return plain if len(plain) <= most else f"{plain[:most]} …"


def code(text: object) -> str:
    """The same for a program."""
    return cut(text, MOST_CODE)


def quoted(text: object) -> Markup:
    """A sentence whose backticks hold code."""
    return Markup(QUOTED.sub(r"<code>\1</code>", str(escape(cut(text)))))


def about(state: str) -> list[str]:
    """A notebook's state in a student's words, a sentence for each note."""
    told = []
    for note in state.split("; ") if state != "ok" else ():
        kind, _, names = note.partition(": ")
        if kind.endswith("cannot read"):
            told.append(
                f"{kind} the cell of {names}: there is a slip in it, or it is written for a newer "
                "Python. Your instructor is told so, too."
            )
        else:
            told.append(NOTES.get(kind, f"{note}.").format(names))
    return [sentence for sentence in told if sentence]


def comment(text: str) -> Markup:
    """A person's comment: Markdown with its line breaks and formulas. It loads nothing."""
    formulas: list[str] = []

    def keep(found: re.Match[str]) -> str:
        formulas.append(picture(found[1] or found[2]))
        return f"\ue000{len(formulas) - 1}\ue001"

    plain = FORMULA.sub(keep, text.translate(CONTROL).replace("\ue000", ""))
    made = mistune.create_markdown(renderer=_Harmless(escape=True), hard_wrap=True)(plain)
    page = re.sub("\ue000(\\d+)\ue001", lambda found: formulas[int(found[1])], str(made))
    return Markup(page)


class _Harmless(mistune.HTMLRenderer):
    def image(self, text: str, url: str, title: str | None = None) -> str:
        return str(escape(text or url))


def picture(tex: str) -> str:
    """A formula drawn by Matplotlib, with its TeX as alternative text; else the TeX alone."""
    told = str(escape(f"${tex.strip()}$"))
    try:
        from matplotlib.font_manager import FontProperties
        from matplotlib.mathtext import math_to_image

        file, size = io.BytesIO(), FontProperties(size=13)
        math_to_image(f"${tex.strip()}$", file, prop=size, format="svg")
    except Exception:  # noqa: BLE001 (it knows a part of TeX)
        return f"<code>{told}</code>"
    data = base64.b64encode(file.getvalue()).decode()
    return f'<img class="formula" alt="{told}" src="data:image/svg+xml;base64,{data}">'
