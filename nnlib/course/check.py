"""`check(your_function)`, `hint(your_function)` and `progress()`: a word on your answer, at once.

After a check that failed, `failing_case(your_function)` gives the arguments of the call it shows.

Everything happens on this computer. A check never shows the solution.
"""

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from nnlib.missing import needs

with needs("nnlib.course.check"):
    from nnlib.course.kit.exercise import Arguments, Exercise
    from nnlib.course.kit.judging import PROPERTIES, Finding, Verdict, judge, run
    from nnlib.course.lessons import EXERCISES
    from nnlib.course.message import COLORS, Page, block, box, code, paragraph, show
    from nnlib.course.progress import progress, remember

__all__ = ["CheckFailed", "check", "failing_case", "hint", "progress"]

# The same inputs each time: what you mend is then judged on what was wrong.
SEED = 1
MOST_PRINTED = 1000

_hints_given: dict[str, int] = {}
_failing: dict[str, int] = {}  # the case that the last check showed first, if it failed


class CheckFailed(Exception):
    """The answer is not right yet. Shown in one line: there is nothing to trace."""

    def _render_traceback_(self) -> list[str]:
        return [f"CheckFailed: {self}"]


def check(answer: Callable[..., Any]) -> None:
    """Try your answer on many inputs and say what holds, what does not, and where first."""
    exercise = _find(answer, "check")
    printed = _Printed()
    with redirect_stdout(printed), redirect_stderr(printed):
        verdict = judge(exercise, SEED, run(exercise, answer, SEED))
    _failing.pop(exercise.name, None)
    if (first := _first(verdict)) and first.case is not None:
        _failing[exercise.name] = first.case
    note = remember(exercise.id, verdict.passed)
    show(_page(verdict, printed.getvalue(), note))
    if not verdict.passed:
        raise CheckFailed(verdict.headline)


def failing_case(answer: Callable[..., Any]) -> Arguments:
    """The arguments, by name, of the call that the last check showed first; fresh copies each time.

    case = failing_case(neuron)
    neuron(**case)
    """
    exercise = _find(answer, "failing_case")
    if exercise.name not in _failing:
        raise ValueError(
            f"failing_case: no call of {exercise.name} has failed in the last check({exercise.name})."
        )
    return exercise.draw(SEED)[_failing[exercise.name]].args


def hint(answer: Callable[..., Any] | str) -> None:
    """A first hint on how to write it; asked again, a second one that says more."""
    exercise = _find(answer, "hint")
    given = min(_hints_given.get(exercise.name, 0) + 1, len(exercise.hints))
    _hints_given[exercise.name] = given
    lines = [f"Hint {i}: {text}" for i, text in enumerate(exercise.hints[:given], 1)]
    if given < len(exercise.hints):
        lines.append("There is one more: run this cell again.")
    show(Page(box("neutral", *map(paragraph, lines)), "\n".join(lines)))


def _find(answer: Callable[..., Any] | str, asked: str) -> Exercise:
    """The exercise of that name, or an error that says which ones there are."""
    name = answer if isinstance(answer, str) and asked == "hint" else _name(answer, asked)
    if name not in EXERCISES:
        known = ", ".join(EXERCISES)
        raise ValueError(f"{asked}: there is no exercise named {name!r}. There are: {known}.")
    return EXERCISES[name]


def _name(answer: Any, asked: str) -> str:
    name = getattr(answer, "__name__", None)
    if not callable(answer) or name is None:
        raise TypeError(
            f"{asked} takes the function itself, without calling it, as in {asked}(neuron); "
            f"what came is a {type(answer).__name__}."
        )
    return str(name)


class _Printed(io.StringIO):
    """What the answer printed, cut: a loop that prints for ever must not fill the memory."""

    def write(self, text: str) -> int:
        room = MOST_PRINTED - self.tell()
        super().write(text[: max(room, 0)])
        return len(text)


def _page(verdict: Verdict, printed: str, note: str) -> Page:
    mark = "✓" if verdict.passed else "✗" if verdict.written else "○"
    kind = "good" if verdict.passed else "bad" if verdict.written else "neutral"
    name = verdict.exercise.name
    html = [f"<strong>{mark} {code(verdict.headline)}</strong>"]
    text = [f"{mark} {verdict.headline}"]
    if not verdict.written:
        start = f"Write your answer in place of `# your code here`. To begin with: `hint({name})`."
        return Page(box(kind, *html, paragraph(start)), "\n".join([*text, start]))
    for sentence in filter(None, [*verdict.mistakes.values(), note]):
        html.append(paragraph(sentence))
        text.append(sentence)
    again = _again(verdict)
    html += ['<ul style="list-style: none; padding: 0; margin: 6px 0">']
    html += [*map(_item, verdict.findings), "</ul>", *map(paragraph, again)]
    text += [*map(_line, verdict.findings), *again]
    if printed:
        html += [paragraph("Your code printed:"), block(printed)]
        text += ["Your code printed:", printed]
    return Page(box(kind, *html), "\n".join(line for line in text if line))


def _first(verdict: Verdict) -> Finding | None:
    """The first call that is shown."""
    return next((finding for finding in verdict.findings if finding.call), None)


def _again(verdict: Verdict) -> list[str]:
    """How to make the call that is shown first, where it cannot be typed as it stands."""
    first, name = _first(verdict), verdict.exercise.name
    if first is None or not any(
        sign in first.call for sign in ("<array", "<function", " object at")
    ):
        return []
    words = (
        f"To make the first of these calls yourself: `from nnlib.course.check import failing_case`, "
        f"then `case = failing_case({name})` and `{name}(**case)`."
    )
    return [words]


STATES = {
    True: ("✓", "pass", "good"),
    False: ("✗", "fail", "bad"),
    None: ("–", "not judged", "neutral"),
}


def _item(finding: Finding) -> str:
    mark, word, kind = STATES[finding.holds]
    state = f'<span style="color: {COLORS[kind]}">{mark} {word}</span>'
    detail = f"{finding.detail} {finding.expected}".strip()
    where = paragraph(detail) + block(finding.call) if detail else ""
    indented = f'<div style="margin-left: 1.5em">{where}</div>'
    return f"<li>{state}: {PROPERTIES[finding.property]}{indented}</li>"


def _line(finding: Finding) -> str:
    mark, word, _ = STATES[finding.holds]
    detail = f"{finding.detail} {finding.expected}".strip()
    lines = [f"{mark} {word}: {PROPERTIES[finding.property]}", detail, finding.call]
    return "\n    ".join(line for line in lines if line)
