"""What an exercise is: what goes in, what is right, and which mistakes have a name.

Nothing in this file runs a student's code or compares anything; `judging` does. Both the check in
the notebook and a grader that runs answers elsewhere read the same specification.
"""

import ast
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib.course.kit import page

Array = NDArray[Any]
Answer = Callable[..., Any]
Arguments = dict[str, Any]

MOST_NUMBERS_SHOWN = 24
NAN_IS_NONE = " (nan means None)"  # at the end of a result's name, where a probe makes nan of None


class Unfit(ValueError):
    """What came back cannot be judged; the message says why, in a student's words."""


@dataclass(frozen=True)
class Case:
    """One call: what it tries, in words, and its arguments in the order of the signature."""

    what: str
    args: Arguments

    def call(self, name: str) -> str:
        """The call as a student can type it; arrays too long to read are given by their shape.

        >>> Case("one input", {"x": np.array([1.0, 2.0]), "phi": "relu"}).call("neuron")
        "neuron(x=np.array([1.0, 2.0]), phi='relu')"
        """
        numbers = sum(np.size(value) for value in self.args.values())
        shown = [f"{key}={_typed(value, numbers)}" for key, value in self.args.items()]
        return f"{name}({', '.join(shown)})"


def _typed(value: Any, numbers: int) -> str:
    if isinstance(value, FunctionType):  # its repr ends with an address
        return f"<function {value.__name__}>"
    if not isinstance(value, np.ndarray):
        return repr(value)
    if numbers > MOST_NUMBERS_SHOWN or value.size == 0:
        return f"<array of shape {value.shape}>"
    return f"np.array({value.tolist()})"


@dataclass(frozen=True)
class Tolerance:
    """|yours − right| ≤ absolute + relative · |right|, and the reason why no less will do."""

    relative: float
    absolute: float
    why: str


def _as_floats(args: Arguments, name: str) -> Arguments:
    value = args[name]
    whole = isinstance(value, np.ndarray) and value.dtype.kind == "i"
    return args | {name: value.astype(float)} if whole else args


EXACT = Tolerance(1e-9, 1e-9, "small multiples of 1/4 add up without rounding, in any order")


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that students really give, and the sentence that helps them on.

    It is compiled when it is first called for: in most kernels it never is.
    """

    name: str
    sentence: str
    make: Callable[[], Answer]
    told: page.Told | None = None  # as its page tells it

    @cached_property
    def answer(self) -> Answer:
        return self.make()


@dataclass(frozen=True, kw_only=True, eq=False)
class Exercise:
    """One exercise, specified once.

    - `inputs(rng)` gives the cases; the same seed gives the same cases, fresh arrays each time.
    - `returns` names what the answer returns, in order.
    - `reference` is a right answer; its name and signature are the exercise's.
    - `observe(arguments, outputs)`, where several answers are right: the `facts` about an answer
      that are compared in place of its outputs, by name. It raises `Unfit` where there are none.
    - `probe(answer, *arguments)` stands in for the plain call `answer(*arguments)`. It runs beside
      the student's code, so it holds nothing that the student should not see.
    - `whole` names the arguments of which the task says that they may be arrays of whole numbers.
    - `points` are earned by what is returned; an exception or a warning can only cost.
    """

    lesson: str
    reference: Answer
    returns: tuple[str, ...]
    inputs: Callable[[np.random.Generator], Iterable[Case]]
    points: dict[str, int]
    hints: tuple[str, ...]
    tolerance: Tolerance
    uses: tuple[str, ...]
    observe: Callable[[Arguments, tuple[Array, ...]], dict[str, Array]] | None
    facts: tuple[str, ...]
    probe: Answer | None
    seconds: float
    whole: tuple[str, ...] = ()
    mistakes: list[Mistake] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.reference.__name__

    @property
    def id(self) -> str:
        return f"{self.lesson}/{self.name}"

    @property
    def signature(self) -> inspect.Signature:
        return inspect.signature(self.reference)

    @property
    def judged(self) -> tuple[str, ...]:
        """The names of what is compared."""
        return self.facts or self.returns

    def draw(self, seed: int) -> list[Case]:
        """The cases of a seed: what takes fractions in one of them comes as floats in all.

        For an answer may well work on `W.copy()` or on `np.zeros_like(W)`, where a W of whole
        numbers has no room for fractions. `whole` are those that the task warns of.
        """
        cases = list(self.inputs(np.random.default_rng(seed)))
        for name in set(cases[0].args if cases else ()) - set(self.whole):
            arrays = [a for c in cases if isinstance(a := c.args[name], np.ndarray)]
            whole = [a for a in arrays if a.dtype.kind == "i"]
            if whole and any(np.any(a != np.rint(a)) for a in arrays if a.dtype.kind == "f"):
                cases = [replace(case, args=_as_floats(case.args, name)) for case in cases]
        return cases

    @property
    def files(self) -> list[Path]:
        """Where it is written: its code, what this takes from lessons' folders, and its page."""
        package = self.reference.__module__.rpartition(".")[0]
        lessons = f"{package}.", "nnlib.course.lessons."
        files = {_file(self.reference), _page(self.reference)}
        for value in self.reference.__globals__.values():
            if inspect.isfunction(value) and value.__module__.startswith(lessons):
                files.add(_file(value))
        return sorted(path for path in files if path.exists())

    def mistake(self, sentence: str) -> Callable[[Answer], Answer]:
        """A decorator: this function is a known mistake, and that is what to say about it."""

        def register(answer: Answer) -> Answer:
            self.mistakes.append(Mistake(answer.__name__, sentence, lambda: answer))
            return answer

        return register

    def slip(self, old: str, new: str, sentence: str) -> None:
        """A known mistake that is one change to the text of the reference (and of its helpers)."""
        self.know(page.Told(f"{self.name}.slip", sentence, old, new))

    def know(self, told: page.Told, shared: str = "") -> None:
        """A known mistake as it stands on a page."""
        self.mistakes.append(
            Mistake(told.name, told.sentence, lambda: _compiled(self.reference, told, shared), told)
        )


def _compiled(reference: Answer, told: page.Told, shared: str) -> Answer:
    """The wrong answer that a page tells of; beside it stands the right one, which it may call."""
    right = f"\n{sources(reference)}"
    if told.old not in right:
        raise page.PageError(told.where, f"the right answer has no {told.old!r}")
    if told.code:
        return _made(reference, f"{shared}\n\n{told.code}", told.where, told.name)
    return _made(reference, right.replace(told.old, told.new), told.where)


def both(reference: Answer, one: Mistake, other: Mistake) -> Answer | None:
    """An answer with two mistakes at once, if they are changes that do not touch each other."""
    first, then = one.told, other.told
    if not (first and then and first.old and then.old):
        return None
    right = f"\n{sources(reference)}"
    wrong = right.replace(first.old, first.new).replace(then.old, then.new)
    if wrong != right.replace(then.old, then.new).replace(first.old, first.new):
        return None
    try:
        return _made(reference, wrong, f"{first.where} and {then.where}")
    except SyntaxError:  # together they are no Python
        return None


def _made(reference: Answer, code: str, where: str, name: str = "") -> Answer:
    namespace = reference.__globals__ | {reference.__name__: reference}
    # In angle brackets, or tracebacks would look for its lines in the right answer's module.
    exec(compile(code, f"<{where}>", "exec"), namespace)  # noqa: S102 (our own code)
    made: Answer = namespace[name or reference.__name__]
    return made


@cache
def sources(function: Answer) -> str:
    """The text of the function and of its helpers, to be run elsewhere."""
    return "\n\n".join(map(_definition, with_helpers(function)))


def with_helpers(function: Answer) -> list[Answer]:
    """The function, and every function of its own module that it calls."""
    found, todo = [], [function]
    while todo:
        found.append(todo.pop())
        called = [found[-1].__globals__.get(name) for name in found[-1].__code__.co_names]
        own = [f for f in called if inspect.isfunction(f) and f not in found + todo]
        todo += [f for f in own if f.__module__ == function.__module__]
    return found


def _definition(function: Answer) -> str:
    source = inspect.getsource(function)
    [tree] = ast.parse(source).body
    return "".join(source.splitlines(keepends=True)[tree.lineno - 1 :])  # without its decorator


def _file(function: Answer) -> Path:
    return Path(str(inspect.getsourcefile(function)))


def _page(reference: Answer) -> Path:
    return _file(reference).with_name(f"{reference.__name__}.md")


def exercise(
    *,
    returns: tuple[str, ...],
    inputs: Callable[[np.random.Generator], Iterable[Case]],
    points: dict[str, int],
    tolerance: Tolerance = EXACT,
    uses: tuple[str, ...] = ("numpy",),
    observe: Callable[[Arguments, tuple[Array, ...]], dict[str, Array]] | None = None,
    facts: tuple[str, ...] = (),
    probe: Answer | None = None,
    seconds: float = 10.0,
    whole: tuple[str, ...] = (),
    lesson: str = "",
    hints: tuple[str, ...] = (),
) -> Callable[[Answer], Exercise]:
    """A decorator that makes an Exercise of its reference answer.

    Its hints and known mistakes stand on its page, NAME.md beside the code, unless `hints` are
    given here. Its lesson is the folder's name without `lesson_`.
    """

    def build(reference: Answer) -> Exercise:
        notes = page.Notes(hints, (), "") if hints else page.read(_page(reference))
        built = Exercise(
            lesson=lesson or _file(reference).parent.name.removeprefix("lesson_"),
            reference=reference,
            returns=returns,
            inputs=inputs,
            points=points,
            hints=notes.hints,
            tolerance=tolerance,
            uses=uses,
            observe=observe,
            facts=facts,
            probe=probe,
            seconds=seconds,
            whole=whole,
        )
        for mistake in notes.mistakes:
            built.know(mistake, notes.shared)
        return built

    return build
