"""A question to commit to before the answer is seen: by an option, or by a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnlib.course.kit.files import source
from nnlib.course.kit.numbers import minus
from nnlib.course.kit.piece import Piece, folded, paragraphs
from nnlib.course.kit.quiz import Question
from nnlib.course.message import code


@dataclass(frozen=True)
class Guess:
    """A question for a number; near is what lies within `tolerance` of it."""

    text: str
    number: float
    tolerance: float

    def __post_init__(self) -> None:
        if not self.tolerance > 0:
            raise ValueError(
                f"“{self.text}”: tolerance must be above 0, or nobody is near; "
                f"not {self.tolerance!r}"
            )

    def as_text(self) -> str:
        """The question."""
        return self.text

    def as_html(self, *more: str) -> str:
        """The question, and folded beneath, the number and what is `more`."""
        return f"<p><b>{code(self.text)}</b></p>" + folded(
            "Answer", f"<p><b>{minus(f'{self.number:g}')}</b></p>", *more
        )


class Prediction(Piece):
    """The question on the page, *Commit*, and *Show me* for whoever does not want to."""

    _esm = source("predict.js", "piece.js", "element.js")


def predict(
    question: str,
    options: Sequence[str] = (),
    answer: int = 0,
    explanations: Sequence[str] = (),
    *,
    number: float | None = None,
    tolerance: float = 0.0,
    seen: str,
    name: str = "",
) -> Prediction:
    """Ask for a prediction, and only then tell what is to be `seen`, and why each option is (not) so.

    It has `options` as a `Question` has, or else a `number`: near is what lies within `tolerance`.

    >>> predict("What is σ(0)?", number=0.5, tolerance=0.01, seen="σ goes through ½ at 0.")
    What is σ(0)?
    """
    if not seen.strip():
        raise ValueError("seen is empty: say what is to be seen")
    if (number is None) == (not options):
        raise ValueError("a prediction needs either options or a number")
    asked = (
        Question(question, options, answer, explanations)
        if number is None
        else Guess(question, number, tolerance)
    )
    html = asked.as_html(paragraphs(seen))
    return Prediction({**vars(asked), "seen": seen}, asked.as_text(), html, name)
