"""An engine for small programs: forward over the instructions, then back."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, quarters, read_only

Program = list[tuple[str, int, int]]

BINARY, UNARY = ("add", "sub", "mul"), ("tanh", "relu")


TOY: Program = [("add", 0, 1), ("mul", 1, 1), ("mul", 2, 3)]


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, x: Array, program: Program) -> Case:
        return Case(what, {"x": x, "program": program})

    yield case("(a + b) · b²", np.array([2.0, 3.0]), list(TOY))
    yield case("a · a", np.array([3.0]), [("mul", 0, 0)])
    yield case("a − b", np.array([1.0, 3.0]), [("sub", 0, 1)])
    yield case("tanh(a)", np.array([0.5]), [("tanh", 0, 0)])
    yield case("relu where it is off", np.array([-0.5, 2.0]), [("relu", 0, 0), ("mul", 1, 2)])
    yield case("relu where it is on", np.array([0.5, 2.0]), [("relu", 0, 0), ("mul", 1, 2)])
    yield case("relu at 0", np.array([0.0, 2.0]), [("relu", 0, 0), ("mul", 1, 2)])
    yield case("no instruction: the last input is the output", np.array([4.0, 5.0]), [])
    reuse: Program = [("tanh", 0, 0), ("mul", 2, 1), ("add", 2, 3), ("mul", 4, 2), ("sub", 5, 0)]
    yield case("a value read by three", np.array([0.75, -1.5]), reuse)
    unread: Program = [("mul", 0, 1), ("add", 0, 1), ("tanh", 2, 2)]
    yield case("an instruction that nobody reads", np.array([0.5, -0.75]), unread)
    for d, length in [(2, 6), (3, 8), (4, 10)]:
        yield case("a random program", quarters(rng, d) / 4, random_program(rng, d, length))
    more = [*TOY, ("tanh", 0, 0), ("mul", 4, 5)]  # fractions on the way back
    yield case("whole numbers", rng.integers(1, 4, 2), more)
    yield case("float32", quarters(rng, 3).astype(np.float32) / 4, random_program(rng, 3, 5))
    yield case("every other entry of a larger array", quarters(rng, 4)[::2], list(TOY))
    yield case("an array that must not be written to", read_only(quarters(rng, 2)), list(TOY))
    double = [step for k in range(1, 80, 2) for step in (("add", k, k), ("mul", k + 1, 0))]
    what = "40 times doubled and halved: 2⁴⁰ paths, too many to walk"
    yield case(what, np.array([0.5, 0.75]), double)
    yield case("an operation that does not exist", quarters(rng, 2), [("add", 0, 1), ("div", 2, 1)])


def random_program(rng: np.random.Generator, d: int, length: int) -> Program:
    """Each instruction reads the newest value, so that all matter, and perhaps an older one."""
    program: Program = []
    for newest in range(d - 1, d - 1 + length):
        op = str(rng.choice(BINARY + UNARY[:1]))
        other = int(rng.integers(newest + 1)) if op in BINARY else newest
        if op == "sub" and other == newest:  # always 0, and no way to tell who sends once
            op = "add"
        pair = (newest, other) if rng.random() < 0.5 else (other, newest)
        program.append((op, *pair))
    return program


@exercise(
    returns=("value", "gradient"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    seconds=5.0,
    tolerance=FLOAT32_SMALL,
)
def value_and_gradient(x: Array, program: Program) -> tuple[float, Array]:
    values = [float(number) for number in x]
    slopes = []
    for op, i, j in program:
        value, by_i, by_j = applied(op, values[i], values[j])
        values.append(value)
        slopes.append((by_i, by_j))
    grads = np.zeros(len(values))
    grads[-1] = 1.0
    for k in reversed(range(len(program))):
        g = grads[len(x) + k]
        _, i, j = program[k]
        grads[i] = grads[i] + g * slopes[k][0]
        grads[j] = grads[j] + g * slopes[k][1]
    return values[-1], grads[: len(x)]


def applied(op: str, u: float, v: float) -> tuple[float, float, float]:
    """The value, and its slopes in u and in v."""
    if op == "add":
        return u + v, 1.0, 1.0
    if op == "sub":
        return u - v, 1.0, -1.0
    if op == "mul":
        return u * v, v, u
    if op == "tanh":
        h = float(np.tanh(u))
        return h, 1 - h * h, 0.0
    if op == "relu":
        return max(u, 0.0), float(u > 0), 0.0
    raise ValueError(f"there is no operation {op!r}")
