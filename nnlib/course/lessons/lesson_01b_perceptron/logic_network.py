"""A network of two layers for any truth table."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Arguments, Array, Case, Unfit, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, table: Array) -> Case:
        return Case(what, {"table": table})

    yield case("XOR", np.array([0, 1, 1, 0]))
    yield case("AND", np.array([0, 0, 0, 1]))
    yield case("NOT, of one input", np.array([1.0, 0.0]))
    yield case("is the first of two inputs on?", np.array([0, 0, 1, 1]))
    yield case("parity of three inputs", all_patterns(3).sum(axis=1) % 2)
    yield case("never: a table of zeros", np.zeros(8))
    yield case("always: a table of ones", np.ones(4, dtype=int))
    for p in (2, 3, 4):
        yield case(f"a random table of {p} inputs", rng.integers(0, 2, 2**p))
    yield case(
        "every other entry of a larger array", rng.integers(0, 2, 16).astype(np.float32)[::2]
    )
    yield case("an array that must not be written to", read_only(rng.integers(0, 2, 8)))


def computed_table(args: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """What the network answers to every pattern: all that counts about it."""
    W1, b1, w2, b2 = (output.astype(float) for output in outputs)
    patterns = all_patterns(int(np.log2(len(args["table"]))))
    rows, p = patterns.shape
    if W1.size == 0:
        W1 = W1.reshape(0, p)
    units = b1.size
    for name, got, wanted in [
        ("W1", W1.shape, (units, p)),
        ("b1", b1.shape, (units,)),
        ("w2", w2.shape, (units,)),
        ("b2", b2.shape, ()),
    ]:
        if got != wanted:
            kind = f"{counted(units)} (the size of b1) and p = {p}"
            turned = " It looks transposed: each hidden unit is a row." if got == (p, units) else ""
            raise Unfit(f"{name} has shape {got}; with {kind} it must be {wanted}.{turned}")
    if units > rows:
        raise Unfit(f"Your network has {counted(units)}; it must do with {rows}.")
    hidden = patterns @ W1.T + b1 >= 0
    return {"the table it computes": 1 * (hidden @ w2 + b2 >= 0)}


def counted(units: int) -> str:
    return f"{units} hidden unit" if units == 1 else f"{units} hidden units"


@exercise(
    returns=("W1", "b1", "w2", "b2"),
    inputs=inputs,
    observe=computed_table,
    facts=("the table it computes",),
    points={"shape": 1, "values": 3, "inputs": 1},
)
def logic_network(table: Array) -> tuple[Array, Array, Array, float]:
    patterns = all_patterns(int(np.log2(len(table))))
    detected = patterns[table == 1]
    W1 = 2 * detected - 1
    b1 = -detected.sum(axis=1)
    return W1, b1, np.ones(len(W1)), -1.0


def all_patterns(p: int) -> Array:
    """The 2ᵖ patterns of p inputs, in counting order."""
    return np.array(list(np.ndindex(*[2] * p)))
