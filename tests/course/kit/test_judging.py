"""Running an answer survives whatever it does; judging says what that was."""

import _thread
import math
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nnlib.course.kit.calling import DEPTH, call
from nnlib.course.kit.exercise import Case, Exercise, Tolerance, Unfit, exercise
from nnlib.course.kit.judging import Finding, judge, run
from nnlib.course.kit.relations import _said
from nnlib.course.kit.trial import gap
from nnlib.tensors import Tensor

SEED = 0


def doubling_inputs(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("one number", {"x": np.array(3.0), "unit": "m"})
    yield Case("a matrix", {"x": rng.normal(size=(2, 3)), "unit": "m"})
    yield Case("no such unit", {"x": np.ones(2), "unit": "inch"})


def make() -> Exercise:
    @exercise(
        lesson="00_test",
        returns=("doubled", "size"),
        inputs=doubling_inputs,
        points={"values": 1},
        hints=("first", "second"),
        seconds=5.0,
    )
    def double(x: Any, unit: str) -> Any:
        if unit != "m":
            raise ValueError(unit)
        return 2 * x, x.size

    return double


def findings(answer: Callable[..., Any]) -> dict[str, Finding]:
    tested = make()
    verdict = judge(tested, SEED, run(tested, answer, SEED))
    return {finding.property: finding for finding in verdict.findings}


def checked(x: Any, unit: str) -> Any:
    if unit != "m":
        raise ValueError(unit)
    return x


def test_a_right_answer_has_all_properties() -> None:
    found = findings(make().reference)
    assert all(finding.holds for finding in found.values())
    assert list(found) == ["runs", "raises", "shape", "values", "inputs"]


def test_an_exception_is_told_with_its_line() -> None:
    def answer(x: Any, unit: str) -> Any:
        return x[7], x.size

    found = findings(answer)
    assert found["runs"].holds is False
    assert "IndexError" in found["runs"].detail
    assert "at the line `return x[7], x.size`" in found["runs"].detail
    assert found["values"].holds is None


def test_what_was_right_in_some_cases_only_is_not_judged() -> None:
    def crashing(x: Any, unit: str) -> Any:
        return 2 * checked(x, unit), x.size // (x.ndim == 2)

    found = findings(crashing)
    holding = {name: finding.holds for name, finding in found.items()}
    assert holding == {
        "runs": False,
        "raises": True,
        "shape": None,
        "values": None,
        "inputs": None,
    }


def test_what_is_wrong_somewhere_is_told_though_other_cases_crash() -> None:
    def crashing(x: Any, unit: str) -> Any:
        x += 1
        return np.ones((1, 1)) / (checked(x, unit).ndim == 2), x.size // (x.ndim == 2)

    found = findings(crashing)
    assert [found[name].holds for name in ("runs", "shape", "inputs")] == [False] * 3
    assert found["values"].holds is None


def test_values_of_a_wrong_shape_are_not_right() -> None:
    found = findings(lambda x, unit: (2 * checked(x, unit).reshape(-1), x.size))
    assert found["shape"].holds is False
    assert found["values"].holds is None


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (lambda x: 1 if x > 0 else 0, "Use `np.where(z >= 0, …)`. (a matrix, at the line `"),
        (lambda x: max(x, 0), "`np.maximum(a, b)` and `np.minimum(a, b)` compare them"),
        (lambda x: max(x, 0) if x.ndim else 0, "This asks one question of a whole array."),
        (lambda x: sorted([x, x]), "This asks one question of a whole array."),
        (lambda x: np.zeros(x.shape, dtype=int).__iadd__(x), "Begin with an array of floats. (one"),
        (lambda x: x.zero_(), "For `p.grad.zero_()` write `p.grad = None`; docs/from_torch.md"),
        (lambda x: x.push(1), "'numpy.ndarray' object has no attribute 'push'"),
        (lambda x: x.append(1), "An array does not grow."),
        (lambda x: x**2 + x ^ 2, "A power is written with two stars: `x ** 2`."),
        (lambda x: float(x.sum()) ^ 2, "A power is written with two stars: `x ** 2`."),  # type: ignore
        (lambda x: x - Tensor(0.0).grad, "all that was computed, such as the new t of"),
        (
            lambda x: x - [].sort(),
            "methods that change a thing in place, such as `a.sort()`. (Type",
        ),
        (
            lambda x: np.ones((2, 3)) @ np.ones((4, 2)),
            "have the length 3, the columns of the right",
        ),
        (
            lambda x: np.ones((2, 3)).dot(np.ones(4)),
            "the shape (2,3), with rows of the length 3; wh",
        ),
        (
            lambda x: np.ones((2, 3)) + np.ones(2),
            "The shapes (2,3) and (2,) do not fit entry by en",
        ),
        (lambda x: np.array([[1], [1, 2]]), "The rows are not all of one length"),
        (lambda x: 0.5 * [1, 2], "This is a list (or a tuple or a string)"),  # type: ignore
        (lambda x: [1] - [1], "Lists and tuples do not calculate entry by entry."),  # type: ignore
        (lambda x: [[1]].__getitem__((0, 0)), "A list of lists has no `[i, j]`."),  # type: ignore
        (lambda x: math.exp(np.ones(2)), "Functions of `math`, `float` and `int` take one number"),
        (lambda x: x(0), "Round brackets call a function, and this is an array."),
        (lambda x: {0: 1}[2], "KeyError: 2 (one number"),
    ],
)
def test_exceptions_that_beginners_meet_get_advice(code: Callable[[Any], Any], advice: str) -> None:
    def answer(x: Any, unit: str) -> Any:
        code(checked(x, unit))
        return 2 * x, x.size

    assert advice in findings(answer)["runs"].detail


@pytest.mark.parametrize("returned", [None, (1, None)])
def test_none_asks_for_a_return(returned: object) -> None:
    assert "`return` missing" in findings(lambda x, unit: returned)["shape"].detail


def test_one_thing_for_two_names_what_is_expected() -> None:
    assert "expected 2 things: doubled, size" in findings(lambda x, unit: x)["shape"].detail


@pytest.mark.parametrize("returned", ["word", [[1], [1, 2]], {"a": 1}, object()])
def test_what_is_not_numbers_is_told_so(returned: object) -> None:
    detail = findings(lambda x, unit: (checked(x, unit), returned))["shape"].detail
    assert "size is not an array of numbers" in detail


def test_the_first_wrong_entry_is_shown_with_the_call() -> None:
    def answer(x: Any, unit: str) -> Any:
        doubled = 2 * checked(x, unit)
        if doubled.ndim == 2:
            doubled[1, 2] = 99.0
        return doubled, x.size

    found = findings(answer)["values"]
    assert found.detail == "doubled[1, 2] is 99 (a matrix)."
    assert found.expected == f"Expected {2 * make().draw(SEED)[1].args['x'][1, 2]:.8g}."
    assert found.call.startswith("double(x=np.array([[")


def test_a_wrong_entry_of_what_has_a_longer_name_is_shown_in_words() -> None:
    def row(args: Any, outputs: Any) -> Any:
        return {"the first row": outputs[0].reshape(-1)[:3]}

    tested = replace(make(), observe=row, facts=("the first row",))

    def answer(x: Any, unit: str) -> Any:
        return 2 * checked(x, unit) + 1, x.size

    values = judge(tested, SEED, run(tested, answer, SEED)).findings[3]
    assert values.detail == "entry 0 of the first row is 7 (one number)."
    assert values.expected == "Expected 6."


def test_a_wrong_shape_is_shown() -> None:
    found = findings(lambda x, unit: (2 * checked(x, unit)[None], x.size))["shape"]
    assert "doubled has shape (1,), expected ()" in found.detail


def test_a_missing_error_is_told() -> None:
    found = findings(lambda x, unit: (2 * x, x.size))
    assert found["raises"].holds is False
    assert "Expected a ValueError" in found["raises"].detail
    assert found["runs"].holds


def test_an_argument_that_was_changed_is_named() -> None:
    def answer(x: Any, unit: str) -> Any:
        before = checked(x, unit).copy()
        x *= 2
        return 2 * before, x.size

    found = findings(answer)
    assert "changes x" in found["inputs"].detail
    assert found["values"].holds


def test_a_warning_is_told() -> None:
    def answer(x: Any, unit: str) -> Any:
        return 2 * checked(x, unit) + 0 * np.exp(1000 * abs(x)).clip(0, 1), x.size

    assert "overflow" in findings(answer)["runs"].detail


@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN])
def test_a_loop_without_end_is_stopped(handler: Any) -> None:
    """Started by a script in the background, Jupyter and its kernels ignore interrupts."""

    def answer(x: Any, unit: str) -> Any:
        while True:
            pass

    tested, before = replace(make(), seconds=0.2), signal.signal(signal.SIGINT, handler)
    try:
        outcomes = run(tested, answer, SEED)
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
    assert [outcome.error for outcome in outcomes] == ["TimeoutError"] * 3
    findings = judge(tested, SEED, outcomes).findings
    assert "loop that never ends" in findings[0].detail
    assert [finding.holds for finding in findings] == [False, None, None, None, None]


def test_no_interrupt_comes_after_the_run() -> None:
    tested = replace(make(), seconds=0.05)
    assert judge(tested, SEED, run(tested, tested.reference, SEED)).passed
    time.sleep(0.15)  # an interrupt left over would end the test run here


def test_runs_in_another_thread_too() -> None:
    tested, outcomes = make(), []
    thread = threading.Thread(target=lambda: outcomes.extend(run(tested, tested.reference, SEED)))
    thread.start()
    thread.join()
    assert judge(tested, SEED, outcomes).passed


@pytest.mark.parametrize(
    "end", [lambda: sys.exit(0), lambda: int("one"), lambda: compile("1 +", "", "exec")]
)
def test_no_answer_ends_the_check(end: Callable[[], object]) -> None:
    assert findings(lambda x, unit: end())["runs"].holds is False


def forever() -> None:
    while True:
        for _ in range(1000):
            pass


def deaf_once(*_: Any) -> None:
    try:
        forever()
    except KeyboardInterrupt:
        forever()


def deaf(*_: Any) -> None:
    while True:
        try:  # noqa: SIM105
            forever()
        except:  # noqa: E722, S110
            pass


def deaf_in_two_ways(*_: Any) -> None:
    while True:
        try:
            while True:
                try:
                    forever()
                except BaseException as error:  # noqa: BLE001
                    last = error
                    del last
        except:  # noqa: E722, S112
            continue


@pytest.mark.parametrize("answer", [deaf_once, deaf, deaf_in_two_ways])
def test_a_loop_without_end_is_stopped_whatever_it_catches(answer: Callable[..., Any]) -> None:
    before = signal.getsignal(signal.SIGINT)
    outcomes = run(replace(make(), seconds=0.2), answer, SEED)
    assert {outcome.error for outcome in outcomes} == {"TimeoutError"}
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_that_is_kept_does_no_harm_later() -> None:
    kept = []

    def keeper(*_: Any) -> None:
        try:
            forever()
        except KeyboardInterrupt as error:
            kept.append(error)
            raise

    run(replace(make(), seconds=0.1), keeper, SEED)
    kept.clear()  # an interrupt that follows would end the test run here
    time.sleep(0.05)


@pytest.mark.parametrize("answer", [make().reference, deaf_once])
def test_without_threads_the_clock_is_looked_at(
    answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_threads(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    def silent() -> None: ...

    monkeypatch.setattr(threading.Thread, "start", no_threads)
    monkeypatch.setattr(_thread, "interrupt_main", silent)
    before, traced = signal.getsignal(signal.SIGINT), sys.gettrace()
    tested = replace(make(), seconds=0.2)
    right = answer is not deaf_once
    judged = judge(tested, SEED, run(tested, answer if right else lambda x, unit: forever(), SEED))
    assert judged.passed is right
    assert right or "had not finished after 0.2 seconds" in judged.findings[0].detail
    assert (signal.getsignal(signal.SIGINT), sys.gettrace()) == (before, traced)


def test_endless_recursion_is_an_exception() -> None:
    def answer(x: Any, unit: str) -> Any:
        return answer(x, unit)

    assert "RecursionError" in findings(answer)["runs"].detail


@pytest.mark.parametrize("limit", [500, 9000])
def test_how_deep_an_answer_may_go_is_the_same_in_every_session(limit: int) -> None:
    def deep(calls: int) -> Any:
        return 1 if calls == 1 else deep(calls - 1)

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    try:
        ends = [call(deep, {"calls": calls}, 1).error for calls in (DEPTH - 50, DEPTH + 50)]
        assert sys.getrecursionlimit() == limit
    finally:
        sys.setrecursionlimit(before)
    assert ends == ["", "RecursionError"]


def test_coming_to_the_stub_after_all_asks_for_a_return() -> None:
    def answer(x: Any, unit: str) -> Any:
        if checked(x, unit).ndim == 2:
            return 2 * x, x.size
        raise NotImplementedError

    assert "a `return` is missing" in findings(answer)["runs"].detail


def recognized(exercise: Exercise, answer: Callable[..., Any]) -> dict[str, str]:
    """The known mistakes of this exercise that are told, without relations."""
    known = {mistake.name for mistake in exercise.mistakes}
    told = judge(exercise, SEED, run(exercise, answer, SEED)).mistakes
    return {name: sentence for name, sentence in told.items() if name in known}


def test_of_mistakes_that_are_alike_none_is_told() -> None:
    tested = make()

    @tested.mistake("You add 1.")
    def plus_one(x: Any, unit: str) -> Any:
        return 2 * checked(x, unit) + 1, x.size

    @tested.mistake("You subtract −1.")
    def minus_minus_one(x: Any, unit: str) -> Any:
        return 2 * checked(x, unit) - (-1), x.size

    def answer(x: Any, unit: str) -> Any:
        return 1 + 2 * checked(x, unit), x.size

    assert recognized(tested, answer) == {}
    alone = replace(tested, mistakes=tested.mistakes[:1])
    assert recognized(alone, answer) == {"plus_one": "You add 1."}


def test_a_mistake_is_named_only_if_it_agrees_everywhere_and_is_far_from_right() -> None:
    tested = make()

    @tested.mistake("far from right")
    def shifted(x: Any, unit: str) -> Any:
        return 2 * checked(x, unit) + 1, x.size

    @tested.mistake("too near to right")
    def nearly(x: Any, unit: str) -> Any:
        return 2 * checked(x, unit) + 5e-9, x.size

    def sometimes(x: Any, unit: str) -> Any:
        return 2 * checked(x, unit) + (x.ndim == 2), x.size

    assert recognized(tested, sometimes) == {}
    assert recognized(tested, nearly) == {}
    assert list(recognized(tested, shifted)) == ["shifted"]


def test_a_mistake_is_told_only_if_all_that_it_spoils_is_wrong() -> None:
    tested = make()

    @tested.mistake("You take three times x, and its size is negative.")
    def wrong(x: Any, unit: str) -> Any:
        return 3 * checked(x, unit), -x.size

    def half(x: Any, unit: str) -> Any:
        return 2 * checked(x, unit), -x.size

    assert recognized(tested, wrong) == {
        "wrong": "You take three times x, and its size is negative."
    }
    assert recognized(tested, half) == {}


def test_mistakes_in_two_parts_are_both_told_unless_one_explains_both() -> None:
    tested = make()

    @tested.mistake("You take three times x.")
    def three(x: Any, unit: str) -> Any:
        return 3 * checked(x, unit), x.size

    @tested.mistake("Your size is negative.")
    def negative(x: Any, unit: str) -> Any:
        return 2 * checked(x, unit), -x.size

    def two(x: Any, unit: str) -> Any:
        return 3 * checked(x, unit), -x.size

    def one_and_another(x: Any, unit: str) -> Any:
        return 3 * checked(x, unit), x.size + 7

    assert list(recognized(tested, two)) == ["three", "negative"]
    assert list(recognized(tested, one_and_another)) == ["three"]
    tested = replace(tested, mistakes=[*tested.mistakes])
    tested.mistake("Both at once.")(two)
    assert list(recognized(tested, two)) == ["two"]


def test_nothing_is_called_right_beside_something_wrong() -> None:
    tested = make()

    @tested.mistake("Your size is right, but you take three times x.")
    def three(x: Any, unit: str) -> Any:
        return 3 * checked(x, unit), x.size

    assert list(recognized(tested, three)) == ["three"]
    assert recognized(tested, lambda x, unit: (3 * checked(x, unit), -x.size)) == {}


def test_a_mistake_that_only_raises_is_told_by_what_it_raises() -> None:
    tested = make()

    @tested.mistake("The state is None at first.")
    def none(x: Any, unit: str) -> Any:
        return None * checked(x, unit), x.size

    def other_style(x: Any, unit: str) -> Any:
        state = None
        return 0.5 * float(checked(x, unit).size) + state, x.size  # type: ignore[operator]

    def power(x: Any, unit: str) -> Any:
        return float(checked(x, unit).size) ^ 2, x.size  # type: ignore[operator]

    assert list(recognized(tested, none)) == ["none"]
    assert list(recognized(tested, other_style)) == ["none"]
    assert recognized(tested, power) == {}


def test_an_error_raised_on_purpose_is_told_by_where_it_is_raised() -> None:
    tested = make()

    @tested.mistake("You refuse single numbers.")
    def refuses(x: Any, unit: str) -> Any:
        if x.ndim == 0:
            raise ValueError("no matrix")
        return 2 * checked(x, unit), x.size

    @tested.mistake("You refuse everything.")
    def refuses_all(x: Any, unit: str) -> Any:
        raise ValueError("no")

    def in_other_words(x: Any, unit: str) -> Any:
        if x.shape == ():
            raise ValueError("That is not enough.")
        return 2 * checked(x, unit), x.size

    def everywhere(x: Any, unit: str) -> Any:
        raise ValueError("My own count says that this is too short.")

    assert list(recognized(tested, in_other_words)) == ["refuses"]
    assert recognized(tested, everywhere) == {}


def lines(x: Any, w: Any, b: Any) -> Any:
    z = x @ w + b
    return np.maximum(z, 0)


def line_inputs(rng: np.random.Generator) -> Iterator[Case]:
    for n in (3, 4, 5):
        arrays = {"x": rng.normal(size=(n, 2)), "w": rng.normal(size=2)}
        yield Case(f"{n} examples", {**arrays, "b": 0.5})


def with_slips(*slips: tuple[str, str, str]) -> Exercise:
    tested = exercise(
        lesson="00_test",
        returns=("h",),
        inputs=line_inputs,
        points={"values": 1},
        hints=("first", "second"),
    )(lines)
    for slip in slips:
        tested.slip(*slip)
    return tested


def test_of_two_mistakes_at_once_both_are_told() -> None:
    tested = with_slips(
        (" + b", " - b", "You subtract b."),
        ("np.maximum", "np.minimum", "You take the smaller one."),
        ("return np.maximum(z, 0)", "return z", "There is no ReLU."),
    )
    both = recognized(tested, lambda x, w, b: (x @ w - b).clip(max=0))
    assert list(both.values()) == ["You subtract b.", "You take the smaller one."]
    assert recognized(tested, lambda x, w, b: (x @ w - b).clip(max=0) * 3) == {}


def test_of_two_pairs_that_do_the_same_only_what_is_common_is_told() -> None:
    tested = with_slips(
        (" + b", " - b", "You subtract b."),
        ("np.maximum", "np.minimum", "You take the smaller one."),
        ("np.maximum(z, 0)", "z.clip(max=0)", "You cut off what is positive."),
    )
    told = recognized(tested, lambda x, w, b: np.minimum(x @ w - b, 0))
    assert list(told.values()) == ["You subtract b."]


def test_of_an_answer_that_only_warns_no_two_mistakes_that_cancel_are_told() -> None:
    tested = with_slips(
        ("x @ w", "2 * x @ w", "Your product is doubled."),
        (" + b", " + 2 * b", "You add b twice."),
        ("np.maximum(z, 0)", "np.maximum(z, 0) / 2", "You halve what comes out."),
        ("x @ w + b", "2 * (x @ w + b)", "You double z."),
    )

    def warns(x: Any, w: Any, b: Any) -> Any:
        np.log(np.zeros(1))
        return np.maximum(x @ w + b, 0)

    assert not judge(tested, SEED, run(tested, warns, SEED)).passed
    assert recognized(tested, warns) == {}


def test_where_an_answer_raises_in_some_cases_the_others_are_looked_at() -> None:
    tested = with_slips((" + b", " - b", "You subtract b."))

    def raises(x: Any, w: Any, b: Any) -> Any:
        return np.maximum(x @ w - b, 0) / np.ones(len(x) if len(x) > 3 else 2)

    found = judge(tested, SEED, run(tested, raises, SEED))
    assert list(found.mistakes.values()) == ["You subtract b."]
    assert "do not fit entry by entry" in found.findings[0].detail


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda A, n: (n, A), "Your results are right, but in another order. Return A, n."),
        (lambda A, n: (A.T, n), "Your A is transposed: turn rows into columns."),
        (
            lambda A, n: (A.ravel(), n),
            "Your A holds the right numbers, in an array of another shape.",
        ),
        (
            lambda A, n: (A.T.reshape(A.shape), n),
            "Your A holds the right numbers, at wrong places.",
        ),
        (lambda A, n: (-A, n), "Your A has the wrong sign, everywhere."),
        (lambda A, n: (A / 2, n), "Your A is 0.5 times what is expected, everywhere."),
        (lambda A, n: (A, n - 3), "Your n is 3 too small, everywhere."),
        (lambda A, n: (np.where(A == 0, 1, A), n), "Your A is wrong only where 0 is expected."),
        (lambda A, n: (A * (1 + A), n), ""),
        (lambda A, n: (A * (n < 12), n), ""),
        (lambda A, n: (A * np.nan, n), ""),
        (lambda A, n: (A > 0, n), ""),
    ],
)
def test_what_is_wrong_in_one_way_everywhere_is_told(
    change: Callable[..., Any], words: str
) -> None:
    def grow(x: Any) -> Any:
        return np.maximum(x, 0), x.size

    def inputs(rng: np.random.Generator) -> Iterator[Case]:
        for rows in (2, 4):
            yield Case(f"{rows} rows", {"x": rng.normal(size=(rows, 3))})

    build = exercise(
        lesson="00_test", returns=("A", "n"), inputs=inputs, points={}, hints=("1", "2")
    )
    tested = build(grow)
    told = judge(tested, SEED, run(tested, lambda x: change(*grow(x)), SEED)).mistakes
    assert list(told.values()) == ([words] if words else [])


def test_of_several_it_is_told_in_the_plural() -> None:
    told = [_said(name, "has the wrong sign.") for name in ("losses", "loss", "new bias", "s")]
    verbs = ("losses have", "loss has", "new bias has", "s has")
    assert told == [f"Your {words} the wrong sign." for words in verbs]


def test_what_a_known_mistake_explains_is_not_told_twice() -> None:
    tested = with_slips(("np.maximum(z, 0)", "-np.maximum(z, 0)", "You return minus the ReLU."))
    minus = judge(tested, SEED, run(tested, tested.mistakes[0].answer, SEED))
    assert list(minus.mistakes.values()) == ["You return minus the ReLU."]


def arrays(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("an array", {"x": rng.normal(size=3)})
    yield Case("whole numbers", {"x": np.array([1, 2, 4])})
    fixed = rng.normal(size=3)
    fixed.flags.writeable = False
    yield Case("an array that must not be written to", {"x": fixed})


def centering() -> Exercise:
    def center(x: Any) -> Any:
        return x - x.mean()

    build = exercise(lesson="00_test", returns=("y",), inputs=arrays, points={}, hints=("1", "2"))
    return build(center)


def test_whoever_writes_into_an_argument_is_told_whose_it_is() -> None:
    def answer(x: Any) -> Any:
        x -= x.mean()
        return x

    tested = centering()
    found = {f.property: f for f in judge(tested, SEED, run(tested, answer, SEED)).findings}
    assert "This line writes into an array that belongs to the caller." in found["runs"].detail
    assert "at the line `x -= x.mean()`" in found["runs"].detail
    assert "It changes x" in found["inputs"].detail


def test_an_array_of_its_own_is_not_called_the_callers() -> None:
    def answer(x: Any) -> Any:
        own = np.broadcast_to(x, (2, 3))
        own[0] = 0
        return own

    tested = centering()
    detail = judge(tested, SEED, run(tested, answer, SEED)).findings[0].detail
    assert "read-only" in detail
    assert "caller" not in detail


def test_what_takes_fractions_comes_as_floats_unless_the_task_says_otherwise() -> None:
    def answer(x: Any) -> Any:
        y = np.zeros_like(x)
        y += x - x.mean()
        return y

    tested = centering()
    assert judge(tested, SEED, run(tested, answer, SEED)).passed
    warned = replace(tested, whole=("x",))
    detail = judge(warned, SEED, run(warned, answer, SEED)).findings[0].detail
    assert "cannot put fractions into an array of whole numbers" in detail


def test_numbers_are_shown_with_as_many_digits_as_tell_them_apart() -> None:
    tested = centering()

    def answer(x: Any) -> Any:
        return (x - x.mean()) * (1 + 1e-8)

    finding = judge(tested, SEED, run(tested, answer, SEED)).findings[2]
    yours, right = finding.detail.split()[2], finding.expected.removeprefix("Expected ")[:-1]
    assert yours != right
    assert float(yours) == pytest.approx(float(right), rel=1e-7)


def test_none_is_shown_where_it_is_an_answer() -> None:
    tested = replace(centering(), returns=("t (nan means None)",), reference=lambda x: np.nan)
    finding = judge(tested, SEED, run(tested, lambda x: 1, SEED)).findings[2]
    assert (finding.detail, finding.expected) == ("t is 1 (an array).", "Expected None.")


def test_the_line_is_the_students_and_not_the_probes() -> None:
    space: dict[str, Any] = {}
    exec(compile("def probe(answer, x):\n    return answer(x)", __file__ + "x", "exec"), space)  # noqa: S102

    def answer(x: Any) -> Any:
        return x[100]

    tested = replace(centering(), probe=space["probe"])
    assert run(tested, answer, SEED)[0].line == "return x[100]"
    assert run(tested, lambda: 1, SEED)[0].line == ""  # the call itself went wrong


def seeds(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("three draws", {"n": 3, "seed": int(rng.integers(100))})


def shapes_of(args: Any, outputs: Any) -> Any:
    return {"the size": np.array(outputs[0].size)}


def global_seed(n: int, seed: int) -> Any:
    np.random.seed(seed)
    return np.random.rand(n)


def pythons_own(n: int, seed: int) -> Any:
    return [random.random() for _ in range(n)]


@pytest.mark.parametrize("answer", [global_seed, pythons_own])
def test_where_a_seed_is_given_all_chance_comes_from_it(answer: Callable[..., Any]) -> None:
    def draw(n: int, seed: int) -> Any:
        return np.random.default_rng(seed).random(n)

    tested = exercise(
        lesson="00_test", returns=("y",), inputs=seeds, points={}, hints=("1", "2"),
        observe=shapes_of, facts=("the size",),
    )(draw)  # fmt: skip
    right = judge(tested, SEED, run(tested, draw, SEED))
    assert right.passed
    assert right.findings[-1] == Finding("chance", True)
    verdict = judge(tested, SEED, run(tested, answer, SEED))
    assert [f.property for f in verdict.findings if not f.holds] == ["chance"]
    assert "Take them from np.random.default_rng(seed)." in verdict.findings[-1].detail


def test_a_probe_stands_in_for_the_call() -> None:
    class Doubler:
        def __init__(self, unit: str) -> None:
            self.unit = unit

        def __call__(self, x: Any) -> Any:
            return 2 * checked(x, self.unit), x.size

    tested = make()
    straight = run(tested, tested.reference, SEED)
    probed = replace(tested, probe=lambda answer, x, unit: answer(unit)(x))
    for one, other in zip(straight, run(probed, Doubler, SEED), strict=True):
        assert one.error == other.error
        for a, b in zip(one.outputs, other.outputs, strict=True):
            np.testing.assert_array_equal(a, b)


def test_what_is_observed_is_judged_in_place_of_the_outputs() -> None:
    def sign(args: Any, outputs: Any) -> Any:
        if outputs[1].ndim:
            raise Unfit("size must be one number")
        return {"sign": np.sign(outputs[0])}

    tested = replace(make(), observe=sign, facts=("sign",))

    def larger(x: Any, unit: str) -> Any:
        return 7 * checked(x, unit), 0

    def unfit(x: Any, unit: str) -> Any:
        return 2 * checked(x, unit), [1, 2]

    assert judge(tested, SEED, run(tested, larger, SEED)).passed
    shape = judge(tested, SEED, run(tested, unfit, SEED)).findings[2]
    assert shape.detail.startswith("size must be one number")


@pytest.mark.parametrize(
    ("yours", "right", "far"),
    [
        (np.nan, np.nan, False),
        (np.inf, np.inf, False),
        (-0.0, 0.0, False),
        (np.nan, 1.0, True),
        (np.inf, 1.0, True),
        (1.0, np.inf, True),
        (np.inf, -np.inf, True),
        (True, 1, False),
    ],
)
def test_gap_at_special_numbers(yours: float, right: float, far: bool) -> None:
    assert (gap(np.array(yours), np.array(right), Tolerance(1e-9, 1e-9, "test")) > 1) is far


def test_gap_of_nothing_and_of_unlike_things() -> None:
    tolerance = Tolerance(0.0, 1.0, "test")
    assert gap(np.zeros((0, 3)), np.zeros((0, 3)), tolerance) == 0
    assert gap(np.zeros((0, 3)), np.zeros((3, 0)), tolerance) == np.inf
    assert gap(np.zeros(2, dtype=np.int64), np.zeros(2), tolerance) == 0
    # 2.0 in float64 has the same bytes as this whole number
    assert gap(np.array([2**62]), np.array([2.0]), tolerance) > 1
    assert gap("ValueError", np.zeros(1), tolerance) == np.inf
    assert gap("ValueError", "KeyError", tolerance) == np.inf
