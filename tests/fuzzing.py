"""Calls as a student makes them: most arguments fit, one or two do not; and what an error must say."""

import math
import re

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

SAID = (ValueError, TypeError, IndexError, KeyError)
MACHINERY = re.compile(
    r"ufunc|could not be broadcast|core dim|matmul: Input|cannot reshape|operand|setting an array"
    r"|'<' not supported|unsupported|has no attribute|not iterable|not callable|safely cast"
    r"|must be real number|integer is required|slice indices|cannot be interpreted|not subscriptable|has no len|unpack|ambiguous"
    r"|positional argument|could not convert"
)
# What an option may not be: numbers, and what is none.
NUMBERS = [-1, 0, 1, 2, 3, 0.5, -0.5, 1.5, math.nan, math.inf, -math.inf]
NO_NUMBERS = [None, "x", "", (), (1, 2), [1.0], {}, b"x", np.array([1.0, 2.0])]
ODD = st.sampled_from([*NUMBERS, *NO_NUMBERS])
NOTHING = st.sampled_from([None, "x", 3.0, [[1.0], [1.0, 2.0]]])
SIZE = st.integers(0, 4)


def array(draw, *shape, low=0.05, high=0.95):
    """Numbers in (0, 1), mostly of this shape; else of one near it, of another dtype or no array."""
    change = draw(st.sampled_from(["none"] * 6 + ["size", "drop", "add", "dtype", "odd"]))
    shape = list(shape)
    if change == "odd":
        return draw(NOTHING)
    if change == "add":
        shape.insert(draw(st.integers(0, len(shape))), draw(SIZE))
    elif change in ("size", "drop") and shape:
        i = draw(st.integers(0, len(shape) - 1))
        shape[i : i + 1] = [draw(SIZE)] if change == "size" else []
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    x = np.asarray(rng.uniform(low, high, shape))
    return x.astype(draw(st.sampled_from([np.float32, np.int64, bool]))) if change == "dtype" else x


def options(draw, **sensible):
    """Some of the options, each from its sensible values, and now and then an odd one."""
    chosen = {k: v for k, v in sensible.items() if draw(st.booleans())}
    odd = draw(st.sampled_from([None, None, *chosen]))
    return {k: draw(ODD if k == odd else st.sampled_from(v)) for k, v in chosen.items()}


def explained(error, function, arguments):
    words = str(error)
    assert not MACHINERY.search(words), words
    assert words.startswith(function) or any(re.search(rf"\b{a}\b", words) for a in arguments), (
        words
    )


many = settings(max_examples=80, suppress_health_check=list(HealthCheck))
