"""How long a lesson takes to read: what it states is held to what first readers took.

    python -m nnlib.course.minutes      every lesson: its honest minutes, and those that it states

Run it in the checkout.
"""

import re
from pathlib import Path

from nnlib.course import build, lessons, widgets

# What first readers took, in minutes.
WORDS_A_MINUTE, LINES_A_MINUTE = 60, 10
A_WIDGET, A_QUESTION = 7, 1.5

ASKED = re.compile(r'^ask\("(\w+)", "(\w+)"\)', re.MULTILINE)
CALLED = re.compile(r"^(\w+)\(", re.MULTILINE)
QUESTIONS = {"ask", "order", "predict", "quiz"}


def honest_minutes(path: Path) -> float:
    """What a lesson's core path takes to read, to play with and to answer, up to *Going further*.

    Folded text counts, too; each question of a quiz counts, and a prediction or an ordering as one.
    """
    words = lines = shown = asked = 0
    for cell in build.read(path).cells:
        if "navigation" in cell.metadata.get("tags", []):
            continue
        core, further, _ = cell.source.partition("## Going further")
        if cell.cell_type == "markdown":
            words += len(core.split())
        elif places := ASKED.findall(core):
            asked += sum(questions(*place) for place in places)
        else:
            lines += sum(bool(line.strip()) for line in core.splitlines())
            shown += bool(set(CALLED.findall(core)) & set(dir(widgets)) - QUESTIONS)
        if further:
            break
    return words / WORDS_A_MINUTE + lines / LINES_A_MINUTE + A_WIDGET * shown + A_QUESTION * asked


def questions(lesson: str, name: str) -> int:
    """How many questions one `ask` asks."""
    page = lessons.HERE / f"lesson_{lesson}" / "questions.md"
    for section in re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        heading, _, asked = section.partition("\n")
        if heading.split(": ")[-1].strip() == name:
            return len(re.findall(r"^### ", asked, re.MULTILINE))
    raise ValueError(f"{page.parent.name}/questions.md asks no {name!r}")


def main(root: Path) -> None:
    for lesson in build.lessons(root):
        honest = honest_minutes(root / "notebooks" / lesson.file)
        print(f"{honest:4.0f} minutes, {lesson.read} stated: {lesson.file}")


if __name__ == "__main__":
    main(Path.cwd())
