"""Read an exercise's page, NAME.md: its hints, and the mistakes that students really make.

The page is for whoever teaches. It tells a mistake by the sentence that helps, and beneath it by what
makes the mistake of the right answer in NAME.py: a change (`old` → `new`, or a block `diff` of whole
lines), or a wrong answer (a block `python`). What cannot be read is an error: nothing is passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

HINTS, MISTAKES, SHARED = "Hints", "Known mistakes", "Code that several mistakes share"
CHANGE = re.compile(r"`([^`]+)` → `([^`]+)`")
FUNCTION = re.compile(r"def (\w+)\(")


class PageError(ValueError):
    """A page that cannot be read; the message says where, and what is expected there."""

    def __init__(self, where: str, expected: str) -> None:
        super().__init__(f"{where}: {expected}")


class Line(NamedTuple):
    """A line of the page, and its file and number."""

    where: str
    text: str


@dataclass(frozen=True)
class Told:
    """A mistake as the page tells it: a change to the right answer, or else a wrong answer."""

    where: str
    sentence: str
    old: str = ""
    new: str = ""
    code: str = ""

    @property
    def name(self) -> str:
        """How it is called beside the others: by its function, or by what it changes."""
        function = FUNCTION.match(self.code)
        return function[1] if function else f"{self.old.strip()} → {self.new.strip()}"


@dataclass(frozen=True)
class Notes:
    """All that stands on a page; `shared` is code that several mistakes call."""

    hints: tuple[str, ...]
    mistakes: tuple[Told, ...]
    shared: str


def read(path: Path) -> Notes:
    """The page of the exercise that the file is named after. Raises PageError."""
    sections = _sections(path)
    hints = [joined(item) for item in items(sections[HINTS], r"[12]\. ")]
    if len(hints) != 2:
        raise PageError(f"{path}:1", f"two hints are expected beneath `## {HINTS}`")
    mistakes = [_told(item) for item in items(sections[MISTAKES], "- ")]
    shared = trimmed(sections[SHARED])
    return Notes(tuple(hints), tuple(mistakes), _block(shared, "python") if shared else "")


def lines_of(path: Path) -> list[Line]:
    """All lines of a page."""
    texts = path.read_text(encoding="utf-8").splitlines()
    return [Line(f"{path}:{number}", text.rstrip()) for number, text in enumerate(texts, 1)]


def _sections(path: Path) -> dict[str, list[Line]]:
    """The lines beneath each heading."""
    sections: dict[str, list[Line]] = {HINTS: [], MISTAKES: [], SHARED: []}
    lines = lines_of(path)
    if not lines or lines[0].text != f"# {path.stem}":
        raise PageError(f"{path}:1", f"the title is expected, `# {path.stem}`")
    here: list[Line] | None = None
    for line in lines[1:]:
        if line.text.startswith("## "):
            here = sections.get(line.text.removeprefix("## "))
            if here is None:
                raise PageError(line.where, f"the headings are: {', '.join(sections)}")
        elif here is not None:
            here.append(line)
        elif line.text:
            raise PageError(line.where, f"`## {HINTS}` is expected")
    return sections


def items(lines: list[Line], marker: str) -> Iterator[list[Line]]:
    """The items of a list, each with its lines, marker and indentation taken off."""
    item: list[Line] = []
    width = 0
    for line in lines:
        if begins := re.match(marker, line.text):
            if item:
                yield trimmed(item)
            item, width = [], begins.end()
        elif line.text and (not item or line.text[:width].strip()):
            raise PageError(line.where, "an item of a list is expected, or an indented line of one")
        if item or begins:
            item.append(Line(line.where, line.text[width:]))
    if item:
        yield trimmed(item)


def trimmed(lines: list[Line]) -> list[Line]:
    """Without empty lines at both ends."""
    full = [i for i, line in enumerate(lines) if line.text]
    return lines[full[0] : full[-1] + 1] if full else []


def joined(lines: list[Line]) -> str:
    return " ".join(line.text.strip() for line in lines if line.text)


def _told(item: list[Line]) -> Told:
    """A mistake: its sentence, then what makes it."""
    fences = [i for i, line in enumerate(item) if line.text.startswith("```")]
    code = item[fences[0] :] if fences else item[-1:]
    words = item[: -len(code)]
    where = item[0].where
    if not words or any(CHANGE.fullmatch(line.text) for line in words):
        raise PageError(where, "one sentence is expected, and beneath it what makes the mistake")
    if code[0].text == "```diff":
        return Told(where, joined(words), *_changed_lines(code))
    if fences:
        function = _block(code, "python")
        if not FUNCTION.match(function):
            raise PageError(code[0].where, "a block `python` has to begin with `def …(`")
        return Told(where, joined(words), code=function)
    change = CHANGE.fullmatch(code[0].text)
    if not change:
        raise PageError(code[0].where, "`old` → `new` is expected, or a block `diff` or `python`")
    return Told(where, joined(words), change[1], change[2])


def _changed_lines(block: list[Line]) -> tuple[str, str]:
    """Whole lines of the right answer, and what stands in their place."""
    lines = _block(block, "diff").split("\n")
    for line in block[1:-1]:
        if not line.text.startswith(("-", "+", " ")):
            raise PageError(line.where, "a line of a diff begins with -, + or a space")
    if all(line.startswith("+") for line in lines):
        raise PageError(block[0].where, "a diff needs a line of the right answer")
    old, new = (
        "".join(f"\n{line[1:]}" for line in lines if line[0] != other) + "\n" for other in "+-"
    )
    return old, new


def _block(lines: list[Line], language: str) -> str:
    """What stands between ```language and ```."""
    if lines[0].text != f"```{language}":
        raise PageError(lines[0].where, f"a block is expected, which begins with ```{language}")
    for line in lines[1:-1]:
        if line.text.startswith("```"):
            raise PageError(line.where, "nothing is expected after a block")
    if len(lines) < 3 or lines[-1].text != "```":
        raise PageError(lines[-1].where, "the end of a block is expected, ```")
    return "\n".join(line.text for line in lines[1:-1])
