"""Read an exercise's page, NAME.md: its hints, and the mistakes that students really make.

The page is for whoever teaches, and tells each mistake by the sentence that helps. Beneath it stands
the code that makes the mistake: a change to the right answer (`old` → `new`, or a block `diff`), or a
whole wrong answer (a block `python`). What cannot be read is an error: nothing is passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HINTS, MISTAKES, SHARED = "Hints", "Known mistakes", "Code that several mistakes share"
CHANGE = re.compile(r"`([^`]+)` → `([^`]+)`")
ANSWER = re.compile(r"def (\w+)\(")

Line = tuple[int, str]  # its number, and its text


class PageError(ValueError):
    """A page that cannot be read; the message says where, and what is expected there."""

    def __init__(self, where: str, expected: str) -> None:
        super().__init__(f"{where}: {expected}")


@dataclass(frozen=True)
class Told:
    """A mistake as the page tells it: a change to the right answer, or else a whole function."""

    where: str  # file and line
    sentence: str
    old: str = ""
    new: str = ""
    code: str = ""

    @property
    def name(self) -> str:
        """How it is called beside the others: by its function, or by what it changes."""
        function = ANSWER.match(self.code)
        return function[1] if function else f"{self.old.strip()} → {self.new.strip()}"


@dataclass(frozen=True)
class Page:
    """All that stands on a page."""

    path: Path
    hints: tuple[str, str]
    mistakes: tuple[Told, ...]
    shared: str


def read(path: Path) -> Page:
    """The page of the exercise whose name the file has. Raises PageError."""
    sections = _sections(path)
    hints = [" ".join(_texts(item)) for item in _items(path, sections[HINTS], r"[12]\. ")]
    if len(hints) != 2:
        raise PageError(f"{path}:1", f"two hints are expected, not {len(hints)}")
    mistakes = [_told(path, item) for item in _items(path, sections[MISTAKES], "- ")]
    shared = [line for line in sections[SHARED] if line[1]]
    code = _fenced(path, shared, "python") if shared else ""
    return Page(path, (hints[0], hints[1]), tuple(mistakes), code)


def _sections(path: Path) -> dict[str, list[Line]]:
    """The lines beneath each heading."""
    sections: dict[str, list[Line]] = {HINTS: [], MISTAKES: [], SHARED: []}
    title, *lines = path.read_text(encoding="utf-8").splitlines() or [""]
    if title != f"# {path.stem}":
        raise PageError(f"{path}:1", f"the title is expected, `# {path.stem}`")
    here = None
    for number, text in enumerate(lines, 2):
        if text.startswith("## "):
            here = sections.get(text.removeprefix("## "))
            if here is None:
                raise PageError(
                    f"{path}:{number}", f"there are three headings: {', '.join(sections)}"
                )
        elif here is not None:
            here.append((number, text.rstrip()))
        elif text:
            raise PageError(
                f"{path}:{number}", f"nothing stands between the title and `## {HINTS}`"
            )
    return sections


def _items(path: Path, lines: list[Line], marker: str) -> Iterator[list[Line]]:
    """The items of a list, each with its indented lines; the first line is never empty."""
    item: list[Line] = []
    width = 0
    for number, text in lines:
        if begins := re.match(marker, text):
            if item:
                yield item
            item, width = [], begins.end()
        elif text and (not item or text[:width].strip()):
            raise PageError(
                path, number, "an item of the list is expected, or a line of one, indented"
            )
        if item or begins:
            item.append((number, text[width:]))
    if item:
        yield item


def _texts(lines: list[Line]) -> list[str]:
    return [text.strip() for _, text in lines if text.strip()]


def _told(path: Path, item: list[Line]) -> Told:
    """A mistake: its sentence, then its code."""
    number = item[0][0]
    while not item[-1][1]:
        item = item[:-1]
    fence = next((i for i, (_, text) in enumerate(item) if text.startswith("```")), None)
    sentence = " ".join(_texts(item[:fence] if fence is not None else item[:-1]))
    if not sentence:
        raise PageError(f"{path}:{number}", "a sentence is expected, and its code beneath it")
    if fence is None:
        change = CHANGE.fullmatch(item[-1][1])
        if not change:
            raise PageError(
                f"{path}:{item[-1][0]}", "`old` → `new` is expected, or a block of code"
            )
        return Told(f"{path}:{number}", sentence, change[1], change[2])
    if item[fence][1] == "```python":
        code = _fenced(path, item[fence:], "python")
        if not ANSWER.match(code):
            raise PageError(
                f"{path}:{item[fence][0]}", "the block begins with the wrong answer, `def …`"
            )
        return Told(f"{path}:{number}", sentence, code=code)
    return Told(f"{path}:{number}", sentence, *_changed(path, item[fence:]))


def _fenced(path: Path, lines: list[Line], language: str) -> str:
    """What stands between ```language and ```."""
    (first, opening), (last, closing) = lines[0], lines[-1]
    if opening != f"```{language}":
        raise PageError(f"{path}:{first}", f"a block is expected that begins with ```{language}")
    if closing != "```":
        raise PageError(f"{path}:{last}", "the block has to end here, with ```")
    return "\n".join(text for _, text in lines[1:-1])


def _changed(path: Path, lines: list[Line]) -> tuple[str, str]:
    """Whole lines of the right answer and what stands in their place, of a block `diff`."""
    block = _fenced(path, lines, "diff").split("\n")
    for number, text in enumerate(block, lines[0][0] + 1):
        if not text.startswith(("-", "+", " ")):
            raise PageError(f"{path}:{number}", "a line of a diff begins with -, + or a space")
    old, new = (
        "".join(f"\n{text[1:]}" for text in block if text[0] != other) + "\n" for other in "+-"
    )
    return old, new
