"""The slope of an activation, when all that was kept is what it gave."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Arguments, Array, Case, exercise, read_only

NAMES = ("relu", "leaky_relu", "elu", "softplus", "sigmoid", "tanh")


def outputs(rng: np.random.Generator, name: str, shape: tuple[int, ...], alpha: float) -> Array:
    """What the activation may have given: multiples of 1/16 within its range."""
    low, high = {
        "relu": (0, 48),
        "leaky_relu": (-48, 48),
        "elu": (1 - round(16 * alpha), 48),
        "softplus": (1, 48),
        "sigmoid": (1, 16),
        "tanh": (-15, 16),
    }[name]
    drawn: Array = rng.integers(low, high, shape) / 16
    return drawn


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, name: str, h: Array, alpha: float = 0.0) -> Case:
        return Case(what, {"name": name, "h": h, "alpha": alpha})

    kinks = np.array([-0.25, 0.0, 0.5])
    for name in NAMES:
        alphas = {"leaky_relu": (0.25, 0.125), "elu": (1.0, 2.0, 0.5)}.get(name, (0.0,))
        for alpha in alphas:
            if alpha:
                yield case(f"{name} with α = {alpha}, also at its kink", name, kinks.copy(), alpha)
            told = f" with α = {alpha}" if alpha else ""
            yield case(f"{name}{told}", name, outputs(rng, name, (8,), alpha), alpha)
    yield case("relu, also at its kink", "relu", np.array([0.0, 0.5, 2.0]))
    yield case("sigmoid, saturated at 1", "sigmoid", np.array([0.0, 0.5, 1.0]))
    yield case("tanh, saturated at −1 and at 1", "tanh", np.array([-1.0, 0.0, 1.0]))
    for name in NAMES:
        yield case(f"{name}, a whole layer", name, outputs(rng, name, (3, 4), 0.5), 0.5)
    single = outputs(rng, "tanh", (4,), 0.0).astype(np.float32)
    yield case("float32", "tanh", single)
    yield case("every other number", "sigmoid", outputs(rng, "sigmoid", (8,), 0.0)[::2])
    for name in NAMES:
        h = read_only(outputs(rng, name, (5,), 0.5))
        yield case("an array that must not be written to", name, h, 0.5)


def by_name(args: Arguments, returned: tuple[Array, ...]) -> dict[str, Array]:
    """Each activation for itself, so that a mistake in each can be named."""
    none = np.zeros(0)
    return {f"slope of {name}": returned[0] if args["name"] == name else none for name in NAMES}


@exercise(
    returns=("slope",),
    inputs=inputs,
    observe=by_name,
    facts=tuple(f"slope of {name}" for name in NAMES),
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def slope_from_output(name: str, h: Array, alpha: float) -> Array:
    if name == "relu":
        return np.where(h > 0, 1.0, 0.0)
    if name == "leaky_relu":
        return np.where(h > 0, 1.0, alpha)
    if name == "elu":
        return np.where(h > 0, 1.0, h + alpha)
    if name == "softplus":
        return 1 - np.exp(-h)
    slope: Array = h * (1 - h) if name == "sigmoid" else 1 - h**2
    return slope
