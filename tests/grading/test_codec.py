"""What goes to a worker comes out as it was: functions with all that they take from around them."""

import __future__

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlib.course.grade.codec import decode, encode


def half(x: Any) -> Any:
    return x / 2


def quarter(x: Any) -> Any:
    return half(half(x)) + np.zeros_like(x)


def times(factor: float) -> Callable[[Any], Any]:
    def scaled(x: Any) -> Any:
        return factor * half(x)

    return scaled


FOUR = 4


def half_of_each(x: Any) -> Any:
    return [half(part) for part in map(lambda part: part + FOUR, x)]  # noqa: C417


def elsewhere(name: str, source: str, names: dict[str, Any]) -> Any:
    own: dict[str, Any] = {"np": np, **names}
    exec(compile(source, "<sent>", "exec", __future__.annotations.compiler_flag), own)  # noqa: S102
    return own[name]


def sent(value: Any) -> Any:
    return decode(json.loads(json.dumps(encode(value))), elsewhere)


def test_a_function_takes_its_helpers_along() -> None:
    assert sent(quarter)(np.array(8.0)) == 2


def test_a_function_takes_along_what_is_read_within_it() -> None:
    assert sent(half_of_each)([0.0, 2.0]) == [2, 3]


def test_a_function_takes_along_what_it_was_made_with() -> None:
    assert sent(times(6.0))(np.array(1.0)) == 3


def test_what_a_worker_says_is_never_run() -> None:
    with pytest.raises(ValueError, match="no value that was encoded"):
        decode(json.loads(json.dumps(encode(half))))
