"""Questions with one right option, and a sentence for each option, right or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from nnlib.course.kit.files import source
from nnlib.course.kit.piece import Piece, folded, listed
from nnlib.course.message import code


@dataclass(frozen=True)
class Question:
    """`answer` is the index of the right one of `options`; `explanations` has one for each."""

    text: str
    options: Sequence[str]
    answer: int
    explanations: Sequence[str]

    def __post_init__(self) -> None:
        if len(self.options) < 2 or len(self.explanations) != len(self.options):
            raise ValueError(
                f"“{self.text}”: two options or more, and one explanation for each; "
                f"there are {len(self.options)} and {len(self.explanations)}"
            )
        if self.answer not in range(len(self.options)):
            raise ValueError(
                f"“{self.text}”: answer must be from 0 to {len(self.options) - 1}, "
                f"not {self.answer!r}"
            )

    def as_text(self) -> str:
        """The question and its options."""
        return "\n".join([self.text, *(f"  {option}" for option in self.options)])

    def as_html(self, *more: str) -> str:
        """The same, and folded beneath, which is right, every explanation, and what is `more`."""
        reasons = (
            f"{'<b>Right.</b>' if k == self.answer else 'Not this one.'} {code(reason)}"
            for k, reason in enumerate(self.explanations)
        )
        options = listed(map(code, self.options), "ol")
        return f"<p><b>{code(self.text)}</b></p>{options}" + folded(
            "Answer", listed(reasons, "ol"), *more
        )


class Quiz(Piece):
    """The questions on the page, each with a button that checks it."""

    _esm = source("quiz.js", "piece.js", "element.js")


def quiz(questions: Sequence[Question], name: str = "") -> Quiz:
    """Ask `questions`: one option each, then why it is right or wrong.

    >>> zero = Question("What is H(0)?", ["0", "1"], 1, ["H(z) = 1 where z ≥ 0.", "0 ≥ 0."])
    >>> quiz([zero])
    What is H(0)?
      0
      1
    """
    if not questions:
        raise ValueError("questions is empty: a quiz asks at least one")
    text = "\n\n".join(question.as_text() for question in questions)
    html = "\n".join(question.as_html() for question in questions)
    return Quiz([asdict(question) for question in questions], text, html, name)
