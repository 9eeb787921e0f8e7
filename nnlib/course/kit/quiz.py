"""Questions with one right option, and a sentence for each option, right or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import anywidget
import traitlets

from nnlib.course.kit.widget import HERE


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


class Quiz(anywidget.AnyWidget):
    """The questions on the page; answers are checked in the browser and go nowhere."""

    _esm = HERE / "quiz.js"
    _css = HERE / "widget.css"
    questions: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, questions: Sequence[Question]) -> None:
        self._asked = tuple(questions)
        super().__init__(questions=[asdict(question) for question in questions])

    def __repr__(self) -> str:
        return "\n\n".join(
            "\n".join([question.text, *(f"  {option}" for option in question.options)])
            for question in self._asked
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live quiz, and beside it one that folds its answers, for pages without a kernel."""
        live = super()._repr_mimebundle_(**kwargs)
        folded = {
            "text/html": "\n".join(as_html(question) for question in self._asked),
            "text/plain": repr(self),
        }
        return {**(live[0] if live else {}), **folded}, {}


def as_html(question: Question) -> str:
    """A question with its options, the answer and every explanation folded away."""
    options = "".join(f"<li>{escape(option)}</li>" for option in question.options)
    reasons = "".join(
        f"<li>{'<b>Right.</b> ' if k == question.answer else 'Not this one. '}{escape(reason)}</li>"
        for k, reason in enumerate(question.explanations)
    )
    return (
        f"<p><b>{escape(question.text)}</b></p><ol>{options}</ol>"
        f"<details><summary>Answer</summary><ol>{reasons}</ol></details>"
    )


def quiz(questions: Sequence[Question]) -> Quiz:
    """Ask `questions`: one option each, then why it is right or wrong.

    >>> zero = Question("What is H(0)?", ["0", "1"], 1, ["H(z) = 1 where z ≥ 0.", "0 ≥ 0."])
    >>> quiz([zero])
    What is H(0)?
      0
      1
    """
    if not questions:
        raise ValueError("questions is empty: a quiz asks at least one")
    return Quiz(questions)
