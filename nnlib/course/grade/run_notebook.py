"""One notebook: its answers run in workers, and judged here, where the right answers are."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from typing import TypeGuard

from nnlib.course.grade import credit, sandbox
from nnlib.course.grade.cells import EVERYTHING, PLAIN_NAMES
from nnlib.course.grade.codec import decode, encode
from nnlib.course.grade.worker import AT_ITS_CHECK, AT_THE_END
from nnlib.course.kit.calling import Outcome, changed
from nnlib.course.kit.exercise import Case, Exercise
from nnlib.course.kit.judging import Finding, Verdict, look, say

MOST_HANGING = 3  # lines of cells; then less of the notebook is run: its names, and no experiments
MOST_SECONDS = 300.0  # for a notebook; then whatever is still missing hangs

DIED = Outcome(error="ProcessEnded", message="your code ended the Python process")
HUNG = Outcome(error="TimeoutError")
ENDED = (DIED, HUNG)
GARBLED = Outcome(error="Unreadable", message="what came back cannot be read")


class WorkerFailed(RuntimeError):
    """No worker could be started: a fault of this computer, and no reason for a mark."""


@dataclass
class Answer:
    """What came of one answer, and what it is worth."""

    verdict: Verdict
    outcomes: list[Outcome]
    earned: dict[str, float]
    repeat: dict[str, str] = field(default_factory=dict)  # by property: the call that shows it

    @property
    def points(self) -> float:
        return sum(self.earned.values())


@dataclass
class Judged:
    """All that is known of one notebook's answers."""

    answers: dict[str, Answer] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)  # of cells, by their number from 0

    def points(self) -> dict[str, float]:
        return {name: answer.points for name, answer in self.answers.items()}


def grade(
    cells: Sequence[str], exercises: Sequence[Exercise], seed: int, isolation: str = "bubblewrap"
) -> Judged:
    """Run the cells once for each set of libraries that exercises declare, and judge the answers.

    An answer was called among the names of its own check and, where they are others, among those of
    the notebook's end, for a helper may stand beneath. The better counts.
    """
    judged = Judged()
    for uses, group in groupby(sorted(exercises, key=lambda e: e.uses), key=lambda e: e.uses):
        outcomes = _Attempts(cells, list(group), uses, seed, isolation).outcomes(judged.problems)
        for exercise, came in outcomes:
            answers = [answer(exercise, seed, outcomes) for outcomes in came]
            judged.answers[exercise.name] = max(answers, key=lambda a: a.points)
    judged.answers = {e.name: judged.answers[e.name] for e in exercises}
    return judged


def answer(exercise: Exercise, seed: int, outcomes: list[Outcome]) -> Answer:
    """As in the notebook; what no judge foresaw is wrong, and no reason to stop."""
    try:
        trials = look(exercise, seed, outcomes)
        verdict = say(exercise, seed, trials)
        # What cannot be read was not written by us, and no part of it is to be believed.
        earned = dict.fromkeys(exercise.points, 0.0)
        if GARBLED not in outcomes:
            earned = credit.earned(verdict, trials)
        return Answer(verdict, outcomes, earned, credit.calls(verdict, trials))
    except Exception as error:  # noqa: BLE001 (a hostile array may break any comparison)
        detail = f"What came back cannot be judged ({type(error).__name__})."
        findings = [Finding(name, False, detail) for name in ("runs", *exercise.points)]
        verdict = Verdict(exercise, findings, {}, written=True)
        return Answer(verdict, outcomes, dict.fromkeys(exercise.points, 0.0))


Called = tuple[str, str]  # an exercise, and among which names its answer is called


class _Attempts:
    """A worker for some exercises, started again without whatever hung or killed it."""

    def __init__(
        self,
        cells: Sequence[str],
        exercises: list[Exercise],
        uses: tuple[str, ...],
        seed: int,
        isolation: str,
    ) -> None:
        self.cells, self.uses, self.isolation = cells, uses, isolation
        self.exercises = {exercise.name: exercise for exercise in exercises}
        drawn = {exercise.name: _drawn(exercise, seed) for exercise in exercises}
        self.cases = {name: cases for name, (cases, _) in drawn.items()}
        self.sent = {name: sent for name, (_, sent) in drawn.items()}
        self.came: dict[Called, list[Outcome]] = {(name, AT_ITS_CHECK): [] for name in self.cases}
        self.skipped: set[tuple[int, int]] = set()  # lines that hung, or ended the process
        self.extent, self.hanging = EVERYTHING, 0
        self.until = time.monotonic() + MOST_SECONDS

    def outcomes(self, problems: dict[int, str]) -> Iterator[tuple[Exercise, list[list[Outcome]]]]:
        while missing := self.missing():
            if time.monotonic() > self.until:
                self.give_up(missing, HUNG)
                break
            run = sandbox.run(self.job(missing), self.isolation, self.seconds())
            if not run.events:
                raise WorkerFailed("a worker did not start")
            self.absorb(run.events, problems)
            if run.ended == "ok":
                self.give_up(missing, DIED)
            else:
                self.blame(run, problems)
        for name, exercise in self.exercises.items():
            places = (name, AT_ITS_CHECK), (name, AT_THE_END)
            yield exercise, [self.came[place] for place in places if place in self.came]

    def missing(self) -> list[str]:
        """The exercises that are not called with all of their cases yet."""
        return list(dict.fromkeys(name for name, where in self.came if self.lacks((name, where))))

    def lacks(self, called: Called) -> int:
        return len(self.cases[called[0]]) - len(self.came[called])

    def seconds(self) -> dict[str, float]:
        return {name: exercise.seconds for name, exercise in self.exercises.items()}

    def job(self, names: list[str]) -> sandbox.Event:
        return {
            "cells": list(self.cells),
            "skip": sorted(self.skipped),
            "extent": self.extent,
            "uses": list(self.uses),
            "exercises": [self.sent[name] for name in names],
        }

    def absorb(self, events: list[sandbox.Event], problems: dict[int, str]) -> None:
        """Take what was told, once and in order; what is out of order is not what we asked for."""
        fresh: dict[Called, list[Outcome]] = {}
        for event in events:
            called = self.called(event)
            if called and (called not in self.came or self.lacks(called)):
                got, cases = fresh.setdefault(called, []), self.cases[called[0]]
                if event.get("case") == len(got) < len(cases):
                    got.append(_outcome(event, cases[len(got)]))
            problem, cell = event.get("problem"), event.get("cell")
            if isinstance(problem, str) and type(cell) is int and 0 <= cell < len(self.cells):
                problems.setdefault(cell, _text(problem))
        self.came.update(fresh)

    def called(self, event: sandbox.Event) -> Called | None:
        """The exercise that an event tells of, and among which names it was called."""
        name, where = event.get("exercise"), event.get("where", AT_ITS_CHECK)
        known = isinstance(name, str) and name in self.cases
        return (str(name), str(where)) if known and where in (AT_ITS_CHECK, AT_THE_END) else None

    def blame(self, run: sandbox.Run, problems: dict[int, str]) -> None:
        """What was going on when the worker hung or died is not done again."""
        last = run.events[-1]
        reason = HUNG if run.ended in ("timeout", "overrun") else DIED
        line = last.get("cell"), last.get("line")
        if called := self.called(last):
            self.give_up([called[0]], reason)
        elif run.ended == "overrun" and self.extent < PLAIN_NAMES:
            self.run_less()
        elif self.has(line) and line not in self.skipped:
            hung = "did not finish" if reason is HUNG else "ended the Python process"
            problems.setdefault(line[0], f"A line of this cell {hung}.")
            self.skipped.add(line)
            self.hanging += 1
            if self.hanging > MOST_HANGING:
                self.run_less()
        else:
            self.give_up(list(self.cases), reason)

    def has(self, line: tuple[object, object]) -> TypeGuard[tuple[int, int]]:
        """Whether it is a line's place: a notebook may forge any other, of any size."""
        cell, number = line
        return (
            (type(cell) is int and 0 <= cell < len(self.cells))
            and (type(number) is int and 0 <= number < len(self.cells[cell]))
        )  # fmt: skip

    def run_less(self) -> None:
        self.extent, self.hanging = min(self.extent + 1, PLAIN_NAMES), 0

    def give_up(self, names: Sequence[str], reason: Outcome) -> None:
        for called in self.came:
            if called[0] in names:
                self.came[called] = [*self.came[called], *[reason] * self.lacks(called)]


@lru_cache(maxsize=32)
def _drawn(exercise: Exercise, seed: int) -> tuple[list[Case], sandbox.Event]:
    """An exercise's cases, and the exercise as a worker may know it: the same for a whole class."""
    cases = exercise.draw(seed)
    return cases, {
        "name": exercise.name,
        "count": len(exercise.returns),
        "probe": encode(exercise.probe),
        "cases": [{name: encode(value) for name, value in case.args.items()} for case in cases],
    }


def _outcome(event: sandbox.Event, case: Case) -> Outcome:
    """What a worker says came of a call: arrays, and words that are worth nothing."""
    try:
        error, message, line = map(_text, event["words"])
        outputs = tuple(decode(output) for output in event["outputs"])
        after = {name: decode(value) for name, value in event["after"].items()}
        outcome = Outcome(outputs, error, message, line, _text(event["warning"]))
        if (
            not all(hasattr(output, "dtype") for output in outputs)
            or after.keys() != case.args.keys()
        ):
            return GARBLED
        return replace(outcome, changed=changed(case.args, after))
    except Exception:  # noqa: BLE001 (whatever a forged line makes of us, it is unreadable)
        return GARBLED


def _text(value: object) -> str:
    """A student's words, cut, and such as any file can hold."""
    words = value[:2000] if isinstance(value, str) else ""
    return words.encode("utf-8", "backslashreplace").decode("utf-8")
