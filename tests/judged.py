"""What the check says of an answer, for the tests of each lesson's exercises."""

from collections.abc import Callable, Iterable
from typing import Any

from nnlib.course.kit.judging import Verdict, judge, run
from nnlib.course.lessons import EXERCISES

Answer = Callable[..., Any]


def verdict(name: str, answer: Answer, seed: int = 1) -> Verdict:
    """All that is to be said about an answer to the exercise of that name."""
    return judge(EXERCISES[name], seed, run(EXERCISES[name], answer, seed))


def passes(name: str, answer: Answer, seeds: Iterable[int] = range(5)) -> None:
    """Fail unless it is right on the cases of every seed."""
    for seed in seeds:
        found = verdict(name, answer, seed)
        assert found.passed, (getattr(answer, "__name__", answer), found.findings)


def details(name: str, answer: Answer) -> dict[str, str]:
    """By property, where it does not hold."""
    return {finding.property: finding.detail for finding in verdict(name, answer).findings}


def mistakes(name: str, answer: Answer) -> dict[str, str]:
    """The known mistakes that explain it: their names, and what is said."""
    return verdict(name, answer).mistakes


def said(name: str, answer: Answer) -> str:
    """The sentences on all its mistakes."""
    return " ".join(mistakes(name, answer).values())


def begins(name: str, answer: Answer, start: str, seeds: Iterable[int] = range(3)) -> None:
    """Fail unless a sentence that begins so is said of it, on the cases of every seed."""
    for seed in seeds:
        told = list(verdict(name, answer, seed).mistakes.values())
        assert [sentence for sentence in told if sentence.startswith(start)], told
