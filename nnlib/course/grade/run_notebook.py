"""One notebook: its answers run in workers, and judged here, where the right answers are."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TypeGuard

from nnlib.course.grade import sandbox
from nnlib.course.grade.codec import decode, encode
from nnlib.course.kit.calling import Outcome, changed
from nnlib.course.kit.exercise import Case, Exercise, sources
from nnlib.course.kit.judging import Finding, Verdict, judge

MOST_HANGING_CELLS = 3  # then only what cells define is run, and nothing else
MOST_SECONDS = 300.0  # for a notebook; then whatever is still missing hangs

DIED = Outcome(error="ProcessEnded", message="your code ended the Python process")
HUNG = Outcome(error="TimeoutError")
ENDED = (DIED, HUNG)
GARBLED = Outcome(error="Unreadable", message="what came back cannot be read")


class WorkerFailed(RuntimeError):
    """No worker could be started: a fault of this computer, and no reason for a mark."""


@dataclass
class Judged:
    """All that is known of one notebook's answers."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)  # of cells, by their number from 0

    def points(self) -> dict[str, float]:
        return {name: sum(earned(verdict).values()) for name, verdict in self.verdicts.items()}


def earned(verdict: Verdict) -> dict[str, float]:
    """The points of each property.

    Arguments that are left alone are worth something only beside right values, and whatever runs
    into an error or a warning, or misses an error that the task asks for, costs a point.
    """
    holds = {finding.property: finding.holds is True for finding in verdict.findings}
    points = {
        name: float(most if holds[name] and (name != "inputs" or holds["values"]) else 0)
        for name, most in verdict.exercise.points.items()
    }
    for flaw in ("runs", "raises", "chance"):
        if not holds.get(flaw, True) and points.get("values"):
            points["values"] -= 1
    return points


def grade(
    cells: Sequence[str], exercises: Sequence[Exercise], seed: int, isolation: str = "bubblewrap"
) -> Judged:
    """Run the cells once for each set of libraries that exercises declare, and judge the answers."""
    judged = Judged()
    for uses, group in groupby(sorted(exercises, key=lambda e: e.uses), key=lambda e: e.uses):
        outcomes = _Attempts(cells, list(group), uses, seed, isolation).outcomes(judged.problems)
        for exercise, came in outcomes:
            judged.outcomes[exercise.name] = came
            judged.verdicts[exercise.name] = verdict(exercise, seed, came)
    judged.verdicts = {e.name: judged.verdicts[e.name] for e in exercises}
    return judged


def verdict(exercise: Exercise, seed: int, outcomes: Sequence[Outcome]) -> Verdict:
    """As in the notebook; what no judge foresaw is wrong, and no reason to stop."""
    try:
        return judge(exercise, seed, outcomes)
    except Exception as error:  # noqa: BLE001 (a hostile array may break any comparison)
        detail = f"What came back cannot be judged ({type(error).__name__})."
        findings = [Finding(name, False, detail) for name in ("runs", *exercise.points)]
        return Verdict(exercise, findings, {}, written=True)


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
        self.cases = {exercise.name: exercise.draw(seed) for exercise in exercises}
        self.came: dict[str, list[Outcome]] = {name: [] for name in self.exercises}
        self.only_definitions: set[int] = set()
        self.skipped: set[int] = set()
        self.until = time.monotonic() + MOST_SECONDS

    def outcomes(self, problems: dict[int, str]) -> Iterator[tuple[Exercise, list[Outcome]]]:
        while missing := [name for name in self.exercises if not self.complete(name)]:
            if time.monotonic() > self.until:
                for name in missing:
                    self.give_up(name, HUNG)
                break
            run = sandbox.run(self.job(missing), self.isolation, self.seconds())
            if not run.events:
                raise WorkerFailed("a worker did not start")
            self.absorb(run.events, problems)
            if run.ended == "ok":
                for name in missing:
                    self.give_up(name, DIED)
            else:
                self.blame(run, problems)
        return ((exercise, self.came[name]) for name, exercise in self.exercises.items())

    def has(self, cell: object) -> TypeGuard[int]:
        """Whether it is a cell's number: a notebook may forge any other, of any size."""
        return type(cell) is int and 0 <= cell < len(self.cells)

    def complete(self, name: str) -> bool:
        return len(self.came[name]) == len(self.cases[name])

    def seconds(self) -> dict[str, float]:
        return {name: exercise.seconds for name, exercise in self.exercises.items()}

    def job(self, names: list[str]) -> sandbox.Event:
        return {
            "cells": list(self.cells),
            "skip": sorted(self.skipped),
            "definitions": sorted(self.only_definitions),
            "uses": list(self.uses),
            "exercises": [_sent(self.exercises[name], self.cases[name]) for name in names],
        }

    def absorb(self, events: list[sandbox.Event], problems: dict[int, str]) -> None:
        """Take what was told, once and in order; what is out of order is not what we asked for."""
        fresh: dict[str, list[Outcome]] = {}
        for event in events:
            name = event.get("exercise")
            if isinstance(name, str) and name in self.came and not self.complete(name):
                got = fresh.setdefault(name, [])
                if event.get("case") == len(got) < len(self.cases[name]):
                    got.append(_outcome(event, self.cases[name][len(got)]))
            problem, cell = event.get("problem"), event.get("cell")
            if isinstance(problem, str) and self.has(cell):
                problems.setdefault(cell, _text(problem))
        self.came.update(fresh)

    def blame(self, run: sandbox.Run, problems: dict[int, str]) -> None:
        """What was going on when the worker hung or died is not done again."""
        last = run.events[-1]
        reason = HUNG if run.ended == "timeout" else DIED
        name, cell = last.get("exercise"), last.get("cell")
        if name in self.came:
            self.give_up(name, reason)
        elif self.has(cell) and cell not in self.skipped:
            hung = "did not finish" if reason is HUNG else "ended the Python process"
            problems.setdefault(cell, f"This cell {hung}.")
            (self.skipped if cell in self.only_definitions else self.only_definitions).add(cell)
            if len(self.only_definitions) > MOST_HANGING_CELLS:
                self.only_definitions = set(range(len(self.cells)))
        else:
            for name in self.came:
                self.give_up(name, reason)

    def give_up(self, name: str, reason: Outcome) -> None:
        missing = len(self.cases[name]) - len(self.came[name])
        self.came[name] = [*self.came[name], *[reason] * missing]


def _sent(exercise: Exercise, cases: list[Case]) -> sandbox.Event:
    """An exercise as a worker may know it."""
    probe = exercise.probe and (exercise.probe.__name__, sources(exercise.probe))
    return {
        "name": exercise.name,
        "count": len(exercise.returns),
        "probe": probe,
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
