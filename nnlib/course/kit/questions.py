"""Read a lesson's questions, which stand as prose on one page, and ask them by their name.

The page, questions.md in the lesson's folder, is for whoever teaches: a sentence of it is mended without
any Python. A heading `## quiz: NAME`, `## predict: NAME` or `## order: NAME` begins what `ask` asks, and
`### …` beneath it is a question. What cannot be read is an error: nothing is passed over.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from nnlib.course import lessons
from nnlib.course.kit.order import order
from nnlib.course.kit.page import Line, PageError, items, joined, lines_of, trimmed
from nnlib.course.kit.piece import Piece
from nnlib.course.kit.predict import predict
from nnlib.course.kit.quiz import Question, quiz

PAGE = "questions.md"
HEADING = re.compile(r"## (quiz|predict|order): (\w+)")
OPTION = re.compile(r"\[([ x])\] (.+)")
CODE, EMPHASIS = re.compile(r"`[^`]*`"), re.compile(r"\*\w[^*]*\*|\$[^$]+\$")
NUMBER = re.compile(r"Number: ([-−]?[\d.]+) ± ([\d.]+)")


def ask(lesson: str, name: str) -> Piece:
    """Ask what stands on the lesson's page under this name: a quiz, a prediction or an ordering."""
    pages = {page.parent.name.removeprefix("lesson_"): page for page in _pages()}
    if lesson not in pages:
        raise ValueError(f"no lesson {lesson!r} has questions; these have: {', '.join(pages)}")
    sections = {section.name: section for section in read(pages[lesson])}
    if name not in sections:
        raise ValueError(f"{lesson} asks nothing named {name!r}; it has {', '.join(sections)}")
    return sections[name].piece(lesson)


def _pages() -> list[Path]:
    return sorted(lessons.HERE.glob(f"lesson_*/{PAGE}"))


class Section(NamedTuple):
    """What `ask` asks under one name: its kind, and its questions as keywords of that function."""

    kind: str
    name: str
    questions: list[dict[str, Any]]

    def piece(self, lesson: str) -> Piece:
        """The quiz, prediction or ordering, whose answer is remembered as this lesson's."""
        name = f"{lesson}/{self.name}"
        if self.kind == "quiz":
            return quiz([Question(**question) for question in self.questions], name)
        if self.kind == "predict":
            return predict(**self.questions[0], name=name)
        return order(**self.questions[0], name=name)


def read(path: Path) -> list[Section]:
    """All that a page asks. Raises PageError, which names the file and the line."""
    lines = lines_of(path)
    if not lines or not lines[0].text.startswith("# "):
        raise PageError(f"{path}:1", "a title is expected, `# Questions of lesson …`")
    for line in lines:
        if EMPHASIS.search(CODE.sub("", line.text)):
            raise PageError(
                line.where, "plain text is expected, and code in `…`; *…* is no emphasis"
            )
    sections: list[Section] = []
    for heading, body in _beneath("## ", lines[1:]):
        match = HEADING.fullmatch(heading.text)
        if not match:
            raise PageError(heading.where, "`## quiz: NAME`, `predict: NAME` or `order: NAME`")
        if match[2] in [section.name for section in sections]:
            raise PageError(heading.where, f"another name is expected, {match[2]} is taken")
        sections.append(Section(match[1], match[2], _questions(match[1], heading, body)))
    return sections


def _beneath(marker: str, lines: list[Line]) -> Iterator[tuple[Line, list[Line]]]:
    """Each heading of this rank with the lines beneath it."""
    starts = [i for i, line in enumerate(lines) if line.text.startswith(marker)]
    for line in lines[: starts[0] if starts else None]:
        if line.text:
            raise PageError(line.where, f"a heading is expected, `{marker}…`")
    for start, end in zip(starts, [*starts, None][1:], strict=True):
        yield lines[start], trimmed(lines[start + 1 : end])


def _questions(kind: str, heading: Line, lines: list[Line]) -> list[dict[str, Any]]:
    """The questions of a section: a quiz has any number of them, the others one."""
    parts = list(_beneath("### ", lines))
    if not parts or (kind != "quiz" and len(parts) > 1):
        many = "questions are" if kind == "quiz" else "one question is"
        raise PageError(heading.where, f"{many} expected beneath it, `### …`")
    return [
        READERS[kind](question.where, question.text.removeprefix("### "), body)
        for question, body in parts
    ]


def _quiz(where: str, text: str, lines: list[Line]) -> dict[str, Any]:
    """One question, its options and their explanations."""
    options = [_option(item) for item in items(lines, "- ")]
    right = [k for k, (mark, _, _) in enumerate(options) if mark == "x"]
    if len(options) < 2 or len(right) != 1:
        raise PageError(where, "two options or more are expected, and one of them right, `- [x] `")
    _, texts, explanations = zip(*options, strict=True)
    return {"text": text, "options": texts, "answer": right[0], "explanations": explanations}


def _option(item: list[Line]) -> tuple[str, str, str]:
    match = OPTION.fullmatch(item[0].text)
    if not match:
        raise PageError(
            item[0].where, "an option is expected, `- [ ] …`, or the right one, `- [x] …`"
        )
    return match[1], match[2], _reason(item)


def _reason(item: list[Line]) -> str:
    """What stands beneath an item's first line."""
    if len(item) < 2:
        raise PageError(item[0].where, "a sentence is expected beneath it, which says why")
    return joined(item[1:])


def _predict(where: str, text: str, lines: list[Line]) -> dict[str, Any]:
    """One question, its options or its number, and what is to be seen."""
    seen = next((i for i, line in enumerate(lines) if line.text.startswith("Seen:")), len(lines))
    told = "\n".join(line.text for line in lines[seen:]).removeprefix("Seen:").strip()
    if not told:
        raise PageError(where, "what is to be seen is expected at its end, `Seen: …`")
    answer = trimmed(lines[:seen])
    common = {"question": text, "seen": re.sub(r"(?<!\n)\n(?!\n)", " ", told)}
    if answer and answer[0].text.startswith("Number:"):
        return {**common, **_number(answer)}
    asked = _quiz(where, text, answer)
    del asked["text"]
    return {**common, **asked}


def _number(lines: list[Line]) -> dict[str, float]:
    match = NUMBER.fullmatch(lines[0].text)
    if not match or len(lines) > 1 or not float(match[2]) > 0:
        raise PageError(lines[0].where, "one line is expected, as in `Number: 0.82 ± 0.02`")
    return {"number": float(match[1].replace("−", "-")), "tolerance": float(match[2])}


def _order(where: str, text: str, lines: list[Line]) -> dict[str, Any]:
    """The steps in their order, then what does not belong."""
    first = next((i for i, line in enumerate(lines) if line.text.startswith("- ")), len(lines))
    steps = list(items(trimmed(lines[:first]), r"\d+\. "))
    others = list(items(lines[first:], "- "))
    if len(steps) < 2:
        raise PageError(where, "two steps or more are expected, `1. …`")
    reasons: dict[str, str] = {}
    for item in [*steps, *others]:
        if item[0].text in reasons:
            raise PageError(item[0].where, "another line is expected, this one stands above")
        reasons[item[0].text] = _reason(item)
    pairs = list(reasons.items())
    return {
        "question": text,
        "steps": dict(pairs[: len(steps)]),
        "distractors": dict(pairs[len(steps) :]),
    }


READERS = {"quiz": _quiz, "predict": _predict, "order": _order}
