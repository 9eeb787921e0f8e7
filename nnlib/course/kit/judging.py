"""Three steps, each taken once for an answer: run it, look at what came back, say what is wrong.

`run` is the only one that touches a student's code. Its outcomes may as well come from another
process; `look` makes of them what can be compared with the right answer's, and `say` sees no more.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from nnlib.course.kit.advice import OTHERS_ARRAY, advice
from nnlib.course.kit.calling import GLOBAL_CHANCE, OF_CHANCE, Array, Outcome, call, changed
from nnlib.course.kit.exercise import NAN_IS_NONE, Answer, Case, Exercise, Mistake, Tolerance, Unfit
from nnlib.course.kit.recognizing import recognized
from nnlib.course.kit.time_limit import time_limit
from nnlib.course.kit.trial import CHANGED, ERROR, WARNING, Parts, Trial, gap, gaps

PROPERTIES = {
    "runs": "runs without an exception or a warning",
    "chance": "takes all chance from what it is given",
    "raises": "raises the error that the task asks for",
    "shape": "returns the right shapes",
    "values": "returns the right values",
    "inputs": "leaves its arguments as they were",
}


@dataclass(frozen=True)
class Finding:
    """Whether one property holds, and the first place where not.

    None: nothing speaks against it, but not every call came far enough to judge it.
    """

    property: str
    holds: bool | None
    detail: str = ""
    call: str = ""
    expected: str = ""  # apart, for whoever must not see it
    case: int | None = None  # the number of that call's case


@dataclass(frozen=True)
class Verdict:
    """All that is to be said about an answer."""

    exercise: Exercise
    findings: list[Finding]
    mistakes: dict[str, str]
    written: bool

    @property
    def passed(self) -> bool:
        return all(finding.holds for finding in self.findings)

    @property
    def headline(self) -> str:
        name = self.exercise.name
        if not self.written:
            return f"{name}: not written yet"
        holding = sum(finding.holds is True for finding in self.findings)
        state = "right" if self.passed else "not right yet"
        return f"{name}: {state}, {holding} of {len(self.findings)} properties hold"


# ── Run ──────────────────────────────────────────────────────────────────────────────────────────


def run(exercise: Exercise, answer: Answer, seed: int) -> list[Outcome]:
    """Call the answer once per case of the seed. Whatever the answer does, this returns."""
    cases = exercise.draw(seed)
    outcomes: list[Outcome] = []
    try:
        with time_limit(exercise.seconds):
            for number in range(len(cases)):
                outcomes.append(_run_once(exercise, answer, cases[number]))
                if outcomes[-1].changed:  # cases may share arrays
                    cases = exercise.draw(seed)
    except KeyboardInterrupt:
        outcomes += [Outcome(error="TimeoutError")] * (len(cases) - len(outcomes))
    return outcomes


def _run_once(exercise: Exercise, answer: Answer, case: Case) -> Outcome:
    before = copy.deepcopy(case.args)
    outcome = call(answer, case.args, len(exercise.returns), exercise.probe)
    return replace(outcome, changed=changed(before, case.args))


# ── Look ─────────────────────────────────────────────────────────────────────────────────────────


def look(exercise: Exercise, seed: int, outcomes: Sequence[Outcome]) -> list[Trial]:
    """Each outcome beside the right one."""
    return [_beside(exercise, seed, number, yours) for number, yours in enumerate(outcomes)]


def _beside(exercise: Exercise, seed: int, number: int, yours: Outcome) -> Trial:
    case, right, right_parts = _right(exercise, seed)[number]
    parts = _parts(exercise, case, yours, bool(right.error))
    return Trial(number, case, yours, right, parts, right_parts)


@lru_cache(maxsize=32)
def _right(exercise: Exercise, seed: int) -> list[tuple[Case, Outcome, Parts]]:
    """The cases, and what comes of them."""
    trials = zip(exercise.draw(seed), run(exercise, exercise.reference, seed), strict=True)
    return [(case, o, _parts(exercise, case, o, bool(o.error))) for case, o in trials]


def _parts(exercise: Exercise, case: Case, outcome: Outcome, refused: bool) -> Parts:
    """All that can be compared. Where the task asks for an error, that is a part of its own."""
    compared: Parts = dict.fromkeys(exercise.judged, "" if refused else outcome.error)
    if not refused and not outcome.error:
        try:
            compared = dict(_facts(exercise, case, outcome))
        except Unfit as unfit:
            compared = dict.fromkeys(exercise.judged, str(unfit))
    return compared | {
        ERROR: outcome.error if refused else "",
        WARNING: outcome.warning,
        CHANGED: ", ".join(outcome.changed),
    }


def _facts(exercise: Exercise, case: Case, outcome: Outcome) -> dict[str, Array]:
    """What is compared of an outcome, by name; Unfit where it is not even the right kind."""
    names, outputs = exercise.returns, outcome.outputs
    if any(
        output.dtype == object and output.ndim == 0 and output[()] is None for output in outputs
    ):
        raise Unfit("It returns None where numbers are expected. Is a `return` missing?")
    if len(outputs) != len(names):
        wanted = f"{len(names)} things: {', '.join(names)}"
        raise Unfit(f"It returns {len(outputs)}, expected {wanted}.")
    for name, output in zip(names, outputs, strict=True):
        if output.dtype.kind not in "biuf":
            raise Unfit(f"{name} is not an array of numbers (its dtype is {output.dtype}).")
    if exercise.observe:
        return exercise.observe(case.args, outputs)
    return dict(zip(names, outputs, strict=True))


# ── Say ──────────────────────────────────────────────────────────────────────────────────────────


def judge(exercise: Exercise, seed: int, outcomes: Sequence[Outcome]) -> Verdict:
    """Look at the outcomes, and say what is to be said about them."""
    return say(exercise, seed, look(exercise, seed, outcomes))


def say(exercise: Exercise, seed: int, trials: list[Trial]) -> Verdict:
    """One finding per property, then the known mistakes that explain them."""
    findings = [_runs(exercise, trials), *_raises(exercise, trials), _shape(exercise, trials)]
    findings += [_values(exercise, trials), _inputs(exercise, trials), *_chance(exercise, trials)]
    written = any(trial.yours.error != "NotImplementedError" for trial in trials)
    right = all(finding.holds for finding in findings)
    mistakes = {} if right or not written else _recognized(exercise, seed, trials)
    return Verdict(exercise, findings, mistakes, written)


def _runs(exercise: Exercise, trials: list[Trial]) -> Finding:
    """What writes into an argument is told first: where it does, other exceptions come of that."""
    for trial in sorted(trials, key=lambda trial: not _writes(trial)):
        yours = trial.yours
        if trial.crashed:
            return _fails("runs", exercise, trial, _exception(exercise, trial, trials))
        if yours.warning and yours.warning != GLOBAL_CHANCE:
            return _fails(
                "runs", exercise, trial, f"It warns: {yours.warning} ({trial.case.what})."
            )
    return Finding("runs", True)


def _fails(name: str, exercise: Exercise, trial: Trial, detail: str, expected: str = "") -> Finding:
    """A property that does not hold, and where."""
    call_ = trial.case.call(exercise.name)
    return Finding(name, False, detail, call_, expected, trial.number)


def _writes(trial: Trial) -> bool:
    return "read-only" in trial.yours.message


def _callers(trial: Trial, trials: list[Trial]) -> bool:
    """Whether it is certain that an argument is written to, and no read-only array of its own."""

    def kept(case: Case) -> bool:
        return any(isinstance(a, np.ndarray) and not a.flags.writeable for a in case.args.values())

    return kept(trial.case) and not any(_writes(t) and not kept(t.case) for t in trials)


def _exception(exercise: Exercise, trial: Trial, trials: list[Trial]) -> str:
    what, yours = trial.case.what, trial.yours
    if yours.error == "TimeoutError":
        return (
            f"It had not finished after {exercise.seconds:g} seconds, or was stopped ({what}). "
            "Is there a loop that never ends, or does it take very many steps?"
        )
    if yours.error == "NotImplementedError":
        return f"It comes to `raise NotImplementedError`: a `return` is missing ({what})."
    where = f"{what}, at the line `{yours.line}`" if yours.line else what
    if _writes(trial) and _callers(trial, trials):
        return f"{OTHERS_ARRAY} ({where})"
    return f"{advice(yours.error, yours.message, yours.line)} ({where})"


def _raises(exercise: Exercise, trials: list[Trial]) -> list[Finding]:
    wanted = [trial for trial in trials if trial.right.error]
    for trial in wanted:
        error = trial.yours.error
        if error == "TimeoutError":
            return [Finding("raises", None)]
        if error != trial.right.error:
            got = f"raises {error}" if error else "returns as if all were well"
            detail = f"Expected a {trial.right.error}, but it {got} ({trial.case.what})."
            return [_fails("raises", exercise, trial, detail)]
    return [Finding("raises", True)] if wanted else []


def _shape(exercise: Exercise, trials: list[Trial]) -> Finding:
    wanted = [trial for trial in trials if not trial.right.error]
    judged = [trial for trial in wanted if not trial.yours.error]
    for trial in judged:
        for name in exercise.judged:
            yours, right = trial.parts[name], trial.right_parts[name]
            if isinstance(yours, str):
                return _fails("shape", exercise, trial, f"{yours} ({trial.case.what})")
            if not isinstance(right, str) and yours.shape != right.shape:
                detail = (
                    f"{name} has shape {yours.shape}, expected {right.shape} ({trial.case.what})."
                )
                return _fails("shape", exercise, trial, detail)
    return Finding("shape", True if len(judged) == len(wanted) else None)


def _values(exercise: Exercise, trials: list[Trial]) -> Finding:
    everywhere = True
    for trial in trials:
        for name in exercise.judged:
            yours, right = trial.parts[name], trial.right_parts[name]
            if isinstance(right, str):
                continue  # an error is asked for, no values
            if isinstance(yours, str) or yours.shape != right.shape:
                everywhere = False
            elif gap(yours, right, exercise.tolerance) > 1:
                is_, expected = _first_difference(name, yours, right, exercise.tolerance)
                detail = f"{is_} ({trial.case.what})."
                return _fails("values", exercise, trial, detail, f"Expected {expected}.")
    return Finding("values", True if everywhere else None)


def _first_difference(
    name: str, yours: Array, right: Array, tolerance: Tolerance
) -> tuple[str, str]:
    place = tuple(int(i) for i in np.argwhere(gaps(yours, right, tolerance) > 1)[0])
    index = ", ".join(map(str, place))
    short = name.removesuffix(NAN_IS_NONE)
    indexed = f"{short}[{index}]" if short.isidentifier() else f"entry {index} of {short}"
    one, other = _told_apart(yours[place].item(), right[place].item())
    if short != name:
        one, other = ("None" if number == "nan" else number for number in (one, other))
    return f"{indexed if place else short} is {one}", other


def _told_apart(one: float, other: float) -> tuple[str, str]:
    """Two unequal numbers with as many digits as it takes to see that."""
    for digits in range(8, 18):
        shown = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if shown[0] != shown[1]:
            break
    return shown


def _inputs(exercise: Exercise, trials: list[Trial]) -> Finding:
    for trial in trials:
        if changed := ", ".join(trial.yours.changed):
            detail = f"It changes {changed}, which the caller still needs. Work on a copy."
            return _fails("inputs", exercise, trial, detail)
    ran = not any(trial.crashed for trial in trials)
    return Finding("inputs", True if ran else None)


def _chance(exercise: Exercise, trials: list[Trial]) -> list[Finding]:
    """Where an argument is a seed or a generator: whether no other chance is used."""
    given = [name for name in trials[0].case.args if name in OF_CHANCE]
    for trial in trials:
        if given and trial.yours.warning == GLOBAL_CHANCE:
            detail = (
                f"{GLOBAL_CHANCE.capitalize()}, as `np.random.rand` does ({trial.case.what}). Take "
                f"them from {f'np.random.default_rng({given[0]})' if given == ['seed'] else given[0]}."
            )
            return [_fails("chance", exercise, trial, detail)]
    ran = not any(trial.crashed for trial in trials)
    return [Finding("chance", True if ran else None)] if given else []


def _recognized(exercise: Exercise, seed: int, trials: list[Trial]) -> dict[str, str]:
    """The known mistakes that explain what is wrong: name → sentence."""
    known = _known(exercise, seed)
    try:
        with time_limit(exercise.seconds):
            return recognized(exercise, trials, known, _attempts(exercise, seed))
    except KeyboardInterrupt:  # two mistakes together may never come to an end
        return {}


@lru_cache(maxsize=32)
def _known(exercise: Exercise, seed: int) -> list[tuple[Mistake, list[Trial]]]:
    """Each known mistake, and what it gives."""
    return [
        (mistake, look(exercise, seed, run(exercise, mistake.answer, seed)))
        for mistake in exercise.mistakes
    ]


def _attempts(exercise: Exercise, seed: int) -> Callable[[Answer], Iterator[Trial]]:
    """What an answer gives, as `look` and `run`, but case by case: one may stop early."""
    cases: list[Case] = []

    def attempt(answer: Answer) -> Iterator[Trial]:
        for number in range(len(_right(exercise, seed))):
            cases[:] = cases or exercise.draw(seed)
            outcome = _run_once(exercise, answer, cases[number])
            if outcome.changed:
                cases.clear()
            yield _beside(exercise, seed, number, outcome)

    return attempt
