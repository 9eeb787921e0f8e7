"""Running an answer survives whatever it does; judging says what that was."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nnlib.course.kit.exercise import Case, Exercise, Tolerance, Unfit, exercise
from nnlib.course.kit.judging import Finding, gap, judge, run

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
        (lambda x: np.zeros(x.shape, dtype=int).__iadd__(x), "Begin with an array of floats. (one"),
        (lambda x: x.zero_(), "For `p.grad.zero_()` write `p.grad = None`; docs/from_torch.md"),
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


def test_an_interrupt_that_is_lost_is_followed_by_another() -> None:
    def deaf(*_: Any) -> None:
        try:
            while True:
                pass
        except KeyboardInterrupt:
            while True:
                pass

    outcomes = run(replace(make(), seconds=0.2), deaf, SEED)
    assert {outcome.error for outcome in outcomes} == {"TimeoutError"}


def test_endless_recursion_is_an_exception() -> None:
    def answer(x: Any, unit: str) -> Any:
        return answer(x, unit)

    assert "RecursionError" in findings(answer)["runs"].detail


def test_coming_to_the_stub_after_all_asks_for_a_return() -> None:
    def answer(x: Any, unit: str) -> Any:
        if checked(x, unit).ndim == 2:
            return 2 * x, x.size
        raise NotImplementedError

    assert "a `return` is missing" in findings(answer)["runs"].detail


def recognized(exercise: Exercise, answer: Callable[..., Any]) -> dict[str, str]:
    return judge(exercise, SEED, run(exercise, answer, SEED)).mistakes


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


def test_a_part_that_is_wrong_is_matched_though_the_other_is_right() -> None:
    tested = make()

    @tested.mistake("both wrong")
    def wrong(x: Any, unit: str) -> Any:
        return 3 * checked(x, unit), -x.size

    def half(x: Any, unit: str) -> Any:
        return 2 * checked(x, unit), -x.size

    assert list(recognized(tested, half)) == ["wrong"]


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
    assert gap("ValueError", np.zeros(1), tolerance) == np.inf
    assert gap("ValueError", "KeyError", tolerance) == np.inf
