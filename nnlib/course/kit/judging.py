"""Three steps, each taken once for an answer: run it, look at what came back, say what is wrong.

`run` is the only one that touches a student's code. Its outcomes may as well come from another
process; `look` makes of them what can be compared with the right answer's, and `say` sees no more.
"""

import _thread
import copy
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from nnlib.course.kit.calling import Array, Outcome, call, changed
from nnlib.course.kit.exercise import Answer, Case, Exercise, Tolerance, Unfit

# What is compared of one call, by name. A word stands where there are no numbers: an exception's
# type, or what was unfit about the answer.
Part = Array | str
Parts = dict[str, Part]

PROPERTIES = {
    "runs": "runs without an exception or a warning",
    "raises": "raises the error that the task asks for",
    "shape": "returns the right shapes",
    "values": "returns the right values",
    "inputs": "leaves its arguments as they were",
}

# Exceptions whose own words do not help a beginner: a part of their message, and what to do.
ADVICE = {
    "read-only": "It writes into an argument that is not its own. Work on a copy.",
    "truth value of an array": (
        "`if z >= 0` asks one question of a whole array. Use `np.where(z >= 0, …)`."
    ),
    "Cannot cast ufunc": (
        "`+=` cannot put fractions into an array of whole numbers. Begin with an array of floats."
    ),
    "'numpy.ndarray' object has no attribute": (
        "A NumPy array has no such method: `.grad` and `.data` are arrays, and not Tensors as in "
        "PyTorch. For `p.grad.zero_()` write `p.grad = None`; docs/from_torch.md lists the others."
    ),
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


@dataclass(frozen=True)
class Trial:
    """One case: what came of it and the parts that are compared, yours and the right ones."""

    case: Case
    yours: Outcome
    right: Outcome
    parts: Parts
    right_parts: Parts


# ── Run ──────────────────────────────────────────────────────────────────────────────────────────


def run(exercise: Exercise, answer: Answer, seed: int) -> list[Outcome]:
    """Call the answer once per case of the seed. Whatever the answer does, this returns."""
    cases = exercise.draw(seed)
    outcomes: list[Outcome] = []
    try:
        with _time_limit(exercise.seconds):
            for case in cases:
                before = copy.deepcopy(case.args)
                outcome = call(answer, case.args, len(exercise.returns), exercise.probe)
                outcomes.append(replace(outcome, changed=changed(before, case.args)))
    except KeyboardInterrupt:
        outcomes += [Outcome(error="TimeoutError")] * (len(cases) - len(outcomes))
    return outcomes


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the main thread after so long, as the stop button does; works on Windows too.

    One interrupt may be lost, to an `except:` of the answer's or to a callback of the garbage
    collector that runs at that moment, so it is repeated every second. A process that a script
    started in the background ignores interrupts, hence the handler.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    finished, lock = threading.Event(), threading.Lock()

    def interrupt() -> None:
        wait = seconds
        while not finished.wait(wait):
            with lock:
                if not finished.is_set():
                    _thread.interrupt_main()
            wait = 1.0

    def stop(*_: object) -> None:
        if not finished.is_set():
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    threading.Thread(target=interrupt, daemon=True).start()
    try:
        yield
    finally:
        while not finished.is_set():
            with suppress(KeyboardInterrupt):
                finished.set()
        with lock:  # whoever was about to interrupt has done so, and `stop` has let it pass
            pass
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


# ── Look ─────────────────────────────────────────────────────────────────────────────────────────


def look(exercise: Exercise, seed: int, outcomes: Sequence[Outcome]) -> list[Trial]:
    """Each outcome beside the right one."""
    return [
        Trial(case, yours, right, _parts(exercise, case, yours, bool(right.error)), right_parts)
        for yours, (case, right, right_parts) in zip(outcomes, _right(exercise, seed), strict=True)
    ]


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
        "the error asked for": outcome.error if refused else "",
        "a warning": outcome.warning,
        "changed arguments": ", ".join(outcome.changed),
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


def gap(yours: Part, right: Part, tolerance: Tolerance) -> float:
    """How many tolerances two parts are apart; infinitely many if they are of unequal kind.

    >>> gap(np.array([1.0, 2.0]), np.array([1.0, 2.5]), Tolerance(0.0, 0.1, "an example"))
    5.0
    """
    if isinstance(yours, str) or isinstance(right, str):
        alike = isinstance(yours, str) and isinstance(right, str) and yours == right
        return 0.0 if alike else np.inf
    if yours.shape != right.shape:
        return np.inf
    return float(np.max(_gaps(yours, right, tolerance), initial=0.0))


def _gaps(yours: Array, right: Array, tolerance: Tolerance) -> Array:
    a, b = yours.astype(float), right.astype(float)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        apart = np.abs(a - b) / (tolerance.absolute + tolerance.relative * np.abs(b))
    # inf against a number is nan or inf here; both are as far apart as can be.
    return np.where(same, 0.0, np.where(np.isnan(apart), np.inf, apart))


# ── Say ──────────────────────────────────────────────────────────────────────────────────────────


def judge(exercise: Exercise, seed: int, outcomes: Sequence[Outcome]) -> Verdict:
    """Look at the outcomes, and say what is to be said about them."""
    return say(exercise, seed, look(exercise, seed, outcomes))


def say(exercise: Exercise, seed: int, trials: list[Trial]) -> Verdict:
    """One finding per property, then the known mistakes that explain them."""
    findings = [_runs(exercise, trials), *_raises(exercise, trials), _shape(exercise, trials)]
    findings += [_values(exercise, trials), _inputs(exercise, trials)]
    written = any(trial.yours.error != "NotImplementedError" for trial in trials)
    right = all(finding.holds for finding in findings)
    mistakes = {} if right or not written else _recognized(exercise, seed, trials)
    return Verdict(exercise, findings, mistakes, written)


def _runs(exercise: Exercise, trials: list[Trial]) -> Finding:
    for trial in trials:
        case, yours = trial.case, trial.yours
        if yours.error and not trial.right.error:
            return Finding("runs", False, _exception(exercise, case, yours), _call(exercise, trial))
        if yours.warning:
            detail = f"It warns: {yours.warning} ({case.what})."
            return Finding("runs", False, detail, _call(exercise, trial))
    return Finding("runs", True)


def _call(exercise: Exercise, trial: Trial) -> str:
    return trial.case.call(exercise.name)


def _exception(exercise: Exercise, case: Case, outcome: Outcome) -> str:
    if outcome.error == "TimeoutError":
        return (
            f"It had not finished after {exercise.seconds:g} seconds, or was stopped "
            f"({case.what}). Is there a loop that never ends?"
        )
    if outcome.error == "NotImplementedError":
        return f"It comes to `raise NotImplementedError`: a `return` is missing ({case.what})."
    where = f"{case.what}, at the line `{outcome.line}`" if outcome.line else case.what
    advice = (told for part, told in ADVICE.items() if part in outcome.message)
    return f"{next(advice, f'{outcome.error}: {outcome.message}')} ({where})"


def _raises(exercise: Exercise, trials: list[Trial]) -> list[Finding]:
    wanted = [trial for trial in trials if trial.right.error]
    for trial in wanted:
        error = trial.yours.error
        if error == "TimeoutError":
            return [Finding("raises", None)]
        if error != trial.right.error:
            got = f"raises {error}" if error else "returns as if all were well"
            detail = f"Expected a {trial.right.error}, but it {got} ({trial.case.what})."
            return [Finding("raises", False, detail, _call(exercise, trial))]
    return [Finding("raises", True)] if wanted else []


def _shape(exercise: Exercise, trials: list[Trial]) -> Finding:
    wanted = [trial for trial in trials if not trial.right.error]
    judged = [trial for trial in wanted if not trial.yours.error]
    for trial in judged:
        for name in exercise.judged:
            yours, right = trial.parts[name], trial.right_parts[name]
            if isinstance(yours, str):
                unfit = f"{yours} ({trial.case.what})"
                return Finding("shape", False, unfit, _call(exercise, trial))
            if not isinstance(right, str) and yours.shape != right.shape:
                detail = (
                    f"{name} has shape {yours.shape}, expected {right.shape} ({trial.case.what})."
                )
                return Finding("shape", False, detail, _call(exercise, trial))
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
                detail, call = f"{is_} ({trial.case.what}).", _call(exercise, trial)
                return Finding("values", False, detail, call, f"Expected {expected}.")
    return Finding("values", True if everywhere else None)


def _first_difference(
    name: str, yours: Array, right: Array, tolerance: Tolerance
) -> tuple[str, str]:
    place = tuple(int(i) for i in np.argwhere(_gaps(yours, right, tolerance) > 1)[0])
    index = ", ".join(map(str, place))
    indexed = f"{name}[{index}]" if name.isidentifier() else f"entry {index} of {name}"
    entry = indexed if place else name
    return f"{entry} is {yours[place].item():.8g}", f"{right[place].item():.8g}"


def _inputs(exercise: Exercise, trials: list[Trial]) -> Finding:
    for trial in trials:
        if changed := ", ".join(trial.yours.changed):
            detail = f"It changes {changed}, which the caller still needs. Work on a copy."
            return Finding("inputs", False, detail, _call(exercise, trial))
    ran = all(trial.right.error or not trial.yours.error for trial in trials)
    return Finding("inputs", True if ran else None)


def _recognized(exercise: Exercise, seed: int, trials: list[Trial]) -> dict[str, str]:
    """The known mistakes that explain what is wrong: name → sentence.

    Each part of the answer (what it returns, by name; the errors it is asked for; its warnings; the
    arguments it changes) is matched over all cases. A mistake counts where it agrees with the
    answer in every case and is more than 100 tolerances from right in some. Of two that agree
    neither is told.
    """
    right = [trial.right_parts for trial in trials]
    yours = [trial.parts for trial in trials]
    known = _known(exercise, seed)

    def gaps(a: list[Parts], b: list[Parts], part: str) -> Iterator[float]:
        return (gap(p[part], q[part], exercise.tolerance) for p, q in zip(a, b, strict=True))

    def alike(a: list[Parts], b: list[Parts], part: str) -> bool:
        return all(apart <= 1 for apart in gaps(a, b, part))

    def far(a: list[Parts], b: list[Parts], part: str) -> bool:
        return any(apart > 100 for apart in gaps(a, b, part))

    wrong = [part for part in right[0] if not alike(yours, right, part)]
    explains = [
        {name for name, parts in known.items() if alike(yours, parts, p) and far(parts, right, p)}
        for p in wrong
    ]
    whole = set.intersection(*explains) if explains else set()
    sentences = {mistake.name: mistake.sentence for mistake in exercise.mistakes}
    certain = [names for names in ([whole] if whole else explains) if len(names) == 1]
    return {name: sentences[name] for names in certain for name in names}


@lru_cache(maxsize=32)
def _known(exercise: Exercise, seed: int) -> dict[str, list[Parts]]:
    """What each known mistake gives."""
    return {
        mistake.name: [
            trial.parts for trial in look(exercise, seed, run(exercise, mistake.answer, seed))
        ]
        for mistake in exercise.mistakes
    }
