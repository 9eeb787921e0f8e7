"""Three stopping rules on one history: when each would have stopped."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import NAN_IS_NONE, Array, Case, exercise, nonzero, read_only

Time = int | None


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(
        what: str, steps: list[Array], g: list[Array], errors: list[float], patience: int,
        tolerance: float = 1.0,
    ) -> Case:  # fmt: skip
        path = np.cumsum([nonzero(rng, len(steps[0])), *steps], axis=0)
        arguments = {"path": path, "gradients": np.array(g), "errors": np.array(errors)}
        return Case(what, {**arguments, "tolerance": tolerance, "patience": patience})

    def long(*lengths: float) -> list[Array]:
        """Vectors of these lengths: at each a 3-4-5 triangle, with random signs."""
        return [length * np.array([0.6, -0.8]) * rng.choice([-1, 1], 2) for length in lengths]

    falling = [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0]
    yield case(
        "the example of the task", long(3, 2, 0.5, 2), long(5, 4, 3, 0.5, 2), [5, 4, 6, 3, 7], 1
    )
    yield case("no rule ever stops", long(3, 3, 2, 2, 2, 2), long(9, 9, 8, 8, 7, 7, 2), falling, 2)
    yield case(
        "all at different times", long(9, 8, 7, 0.5, 6, 0.25), long(9, 8, 0.5, 7, 6, 5, 4),
        [9, 7, 8, 6, 7, 8, 9], 2,
    )  # fmt: skip
    yield case(
        "both are small from the start",
        long(0.5, 4, 3, 2),
        long(0.5, 4, 3, 2, 1),
        [5, 4, 3, 2, 1],
        1,
    )
    quarter = [k * np.array([0.75, -1.0]) for k in (2, 1, 3, 0.5)]  # lengths 2.5, 1.25, 3.75, 0.625
    yield case(
        "exactly the tolerance", quarter, [2 * quarter[0], *quarter], [4, 5, 3, 4, 4], 3, 1.25
    )
    yield case(
        "each entry is small, and their length is not", long(2, 1.1, 1.2, 0.9), long(2, 1.15, 1.05, 2, 0.9),
        [5, 3, 4, 2, 3], 2,
    )  # fmt: skip
    yield case(
        "lengths below and above 1", long(0.8, 0.6, 0.45, 0.2), long(0.9, 0.7, 0.6, 0.3, 0.1),
        [5, 6, 4, 5, 4.5], 2, 0.5,
    )  # fmt: skip
    yield case(
        "a tolerance above 1",
        long(9, 2.84, 5, 1.5),
        long(7, 2.84, 4, 1.5, 1),
        [3, 3, 3, 3, 3],
        3,
        2.0,
    )
    yield case(
        "up and down, and lower in the end",
        long(*[2] * 8),
        long(*[3] * 9),
        [9, 8, 9, 7, 8, 6, 7, 8, 5],
        3,
    )
    yield case(
        "a plateau after the lowest", long(*[2] * 7), long(*[3] * 8), [9, 5, 8, 5, 7, 6, 5, 4], 4
    )
    yield case(
        "falling, but above the lowest", long(*[2] * 6), long(*[3] * 7), [4, 9, 8, 7, 6, 5, 4.5], 4
    )
    yield case("much patience", long(*[2] * 4), long(*[3] * 5), [1, 2, 3, 4, 5], 5)
    yield case(
        "it stops at the very end", long(2, 2, 2, 0.5), long(3, 1.5, 3, 3, 0.5), [5, 4, 1, 2, 3], 2
    )
    errors = rng.permutation(12).astype(float)
    yield case(
        "errors in random order", long(*[2] * 11), long(*rng.permutation(12) + 0.5), list(errors), 3
    )
    three = [np.array([0.3, 0.4, -1.2]), np.array([-0.3, 0.4, 0.6]), np.array([0.1, -0.2, 0.3])]
    yield case("three weights", three, [*three, np.zeros(3)], [2, 1, 2, 3], 2)
    yield _dressed(
        case("float32", long(2, 2, 0.5), long(3, 2, 2, 0.25), [4, 3, 4, 5], 2),
        lambda a: a.astype(np.float32),
    )
    yield _dressed(
        case(
            "every other row of larger arrays",
            long(2, 0.5, 2),
            long(3, 0.25, 2, 2),
            [4, 3, 4, 5],
            1,
        ),
        lambda a: np.repeat(a, 2, axis=0)[::2],
    )
    yield _dressed(
        case(
            "arrays that must not be written to",
            long(2, 2, 0.5),
            long(3, 2, 2, 0.25),
            [4, 3, 4, 5],
            1,
        ),
        read_only,
    )


def _dressed(case: Case, dress: Callable[[Array], Array]) -> Case:
    args = {k: dress(v) if isinstance(v, np.ndarray) else v for k, v in case.args.items()}
    return Case(case.what, args)


def numbers_or_nan(answer: Callable[..., Any], *arguments: Any) -> Any:
    """None, which is an answer here, as a number that nothing equals."""
    times = answer(*arguments)
    if not isinstance(times, tuple | list) or len(times) != 3:
        raise RuntimeError("it must return three things: a t, or None, for each rule")
    return tuple(np.nan if t is None else t for t in times)


@exercise(
    returns=tuple(f"t of rule {rule}{NAN_IS_NONE}" for rule in (1, 2, 3)),
    inputs=inputs,
    probe=numbers_or_nan,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def stop_times(
    path: Array, gradients: Array, errors: Array, tolerance: float, patience: int
) -> tuple[Time, Time, Time]:
    by_step = by_gradient = by_error = None
    best = 0
    for t in range(len(path)):
        if by_step is None and t > 0 and np.linalg.norm(path[t] - path[t - 1]) < tolerance:
            by_step = t
        if by_gradient is None and np.linalg.norm(gradients[t]) < tolerance:
            by_gradient = t
        if errors[t] < errors[best]:
            best = t
        if by_error is None and t - best >= patience:
            by_error = t
    return by_step, by_gradient, by_error
