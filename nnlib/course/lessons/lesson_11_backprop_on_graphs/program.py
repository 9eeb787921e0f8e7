"""Lesson 11: an engine for small programs: forward over the instructions, then back."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, Tolerance, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only
from nnlib.course.lessons.lesson_11_backprop_on_graphs.poke import LESSON

Program = list[tuple[str, int, int]]

BINARY, UNARY = ("add", "sub", "mul"), ("tanh", "relu")

# ── value_and_gradient ───────────────────────────────────────────────────────────────────────────

TOY: Program = [("add", 0, 1), ("mul", 1, 1), ("mul", 2, 3)]


def program_inputs(rng: np.random.Generator) -> Iterator[Case]:
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
        pair = (newest, other) if rng.random() < 0.5 else (other, newest)
        program.append((op, *pair))
    return program


@exercise(
    lesson=LESSON,
    returns=("value", "gradient"),
    inputs=program_inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    seconds=5.0,
    tolerance=Tolerance(1e-5, 1e-6, "float32 inputs, which an answer may keep or widen"),
    hints=(
        (
            "Forward: a list `values` that begins with the entries of x and grows by one with each "
            "instruction. Backward: `grads`, as long as `values`, all 0 but the last; go through the "
            "instructions from the last to the first, and send to both inputs."
        ),
        (
            "Instruction number k computes values[len(x) + k]. With g = grads[len(x) + k]: add sends g "
            "and g; sub g and −g; mul g · values[j] and g · values[i]; tanh g · (1 − tanh²); relu g "
            "where values[i] > 0. Send with +=, for a value may be read more than once."
        ),
    ),
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


value_and_gradient.slip(
    "u * v, v, u",
    "u * v, u, v",
    "Your product's slopes are mixed up: ∂(u·v)/∂u is v, the *other* factor.",
)

value_and_gradient.slip(
    "u - v, 1.0, -1.0",
    "u - v, 1.0, 1.0",
    "u − v falls when v grows: its slope in v is −1.",
)

value_and_gradient.slip(
    "1 - h * h",
    "1 - u * u",
    "The slope of tanh is 1 − tanh(u)², with its output. You square the input.",
)

value_and_gradient.slip(
    "1 - h * h",
    "1 - h",
    "The slope of tanh is 1 − tanh(u)². The square is missing.",
)

value_and_gradient.slip(
    "1 - h * h",
    "h * (1 - h)",
    "h (1 − h) is the slope of the sigmoid. That of tanh is 1 − h².",
)

value_and_gradient.slip(
    "1 - h * h",
    "1 - float(np.tanh(h)) ** 2",
    "You take tanh twice: the slope is 1 − h² with h = tanh(u), the value of the node itself.",
)

value_and_gradient.slip(
    "reversed(range(len(program)))",
    "reversed(range(1, len(program)))",
    "The way back stops early: instruction 0 sends as well.",
)

value_and_gradient.slip(
    "grads = np.zeros(len(values))",
    "grads = np.zeros(len(values), dtype=np.asarray(x).dtype)",
    "Where x holds whole numbers, so do your gradients, and fractions are cut off. Use floats.",
)

value_and_gradient.slip(
    "grads[: len(x)]",
    "grads[-len(x) :]",
    "You return the last gradients. The inputs come first: grads[:len(x)].",
)

value_and_gradient.slip(
    "float(u > 0)",
    "float(u >= 0)",
    "Your ReLU has the slope 1 at 0. The task takes it as 0 there: 1 only where u > 0.",
)

value_and_gradient.slip(
    "float(u > 0)",
    "max(u, 0.0)",
    "You multiply by the ReLU's value. What goes back is multiplied by its slope: 1 or 0.",
)

value_and_gradient.slip(
    "float(u > 0)",
    "1.0",
    "Your ReLU lets every gradient through. Where u ≤ 0 its slope is 0, and nothing goes back.",
)

value_and_gradient.slip(
    "reversed(range(len(program)))",
    "range(len(program))",
    "You go back from the first instruction to the last. A node may send when its own gradient is "
    "complete: begin with the last instruction.",
)

value_and_gradient.slip(
    "grads[-1] = 1.0",
    "grads[-1] = values[-1]",
    "You begin with the output's value. The way back begins with its gradient: ∂L/∂L = 1.",
)

value_and_gradient.slip(
    "grads[-1] = 1.0",
    "pass",
    "All your gradients are 0: the way back begins with ∂L/∂L = 1 at the output.",
)

value_and_gradient.slip(
    "g = grads[len(x) + k]",
    "g = 1.0",
    "You send local slopes only. Each is multiplied by what has arrived at its node: local × upstream.",
)

value_and_gradient.slip(
    "g = grads[len(x) + k]",
    "g = grads[k]",
    "Instruction k computes value number len(x) + k, for the inputs come first. "
    "You take the gradient of value number k.",
)

value_and_gradient.slip(
    "grads[: len(x)]",
    "grads",
    "You return the gradients of all values. The task asks for those of the inputs: the first len(x).",
)

value_and_gradient.slip(
    "grads[: len(x)]",
    "grads[::-1][: len(x)]",
    "Your gradients come back to front: the first one belongs to x[0].",
)

value_and_gradient.slip(
    "values[-1], grads[: len(x)]",
    "grads[: len(x)], values[-1]",
    "The two results are in the other order: return the value first, then the gradient.",
)

value_and_gradient.slip(
    "ValueError",
    "KeyError",
    "An unknown operation gives a KeyError, from looking it up in a dict. "
    "The task asks for a ValueError.",
)

value_and_gradient.slip(
    'op == "relu"',
    "True",
    "An operation that does not exist passes unnoticed, as if it were the last one of your list. "
    "End with `raise ValueError(...)`, not with an `else` that takes everything.",
)


@value_and_gradient.mistake(
    "Your tanh and relu send their gradient twice, to i and to j. They read one value: send once."
)
def sends_twice_from_one(x: Array, program: Program) -> tuple[float, Array]:
    return swept(x, program, echo=True)


@value_and_gradient.mistake(
    "You overwrite gradients (=) where they should add up (+=): a value that is read more than "
    "once gets the gradient of one reader only."
)
def overwrites(x: Array, program: Program) -> tuple[float, Array]:
    return swept(x, program, add_up=False)


@value_and_gradient.mistake(
    "Where an instruction reads the same value twice, as in a · a, you send one part only. "
    "Both of its inputs get a part, also when they are the same."
)
def sends_once_to_twins(x: Array, program: Program) -> tuple[float, Array]:
    return swept(x, program, twins=False)


def swept(
    x: Array, program: Program, add_up: bool = True, twins: bool = True, echo: bool = False
) -> tuple[float, Array]:
    """The reference, with a choice of what goes wrong on the way back."""
    values, parts = [float(number) for number in x], []
    for op, i, j in program:
        value, by_i, by_j = applied(op, values[i], values[j])
        values.append(value)
        ends = [(i, by_i), (j, by_j)] if op in BINARY and (twins or i != j) else [(i, by_i)]
        ends += ends if echo and op in UNARY else []
        parts.append(ends)
    grads = [0.0] * (len(values) - 1) + [1.0]
    for k in reversed(range(len(program))):
        for end, slope in parts[k]:
            sent = grads[len(x) + k] * slope
            grads[end] = grads[end] + sent if add_up else sent
    return values[-1], np.array(grads[: len(x)])
