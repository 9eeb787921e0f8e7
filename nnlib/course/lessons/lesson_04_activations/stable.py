"""Activations that neither overflow nor lose their tails."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Arguments, Array, Case, Tolerance, exercise, read_only

NAMES = ("sigmoid", "log_sigmoid", "silu")


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, name: str, z: Array) -> Case:
        return Case(what, {"name": name, "z": z})

    for name in NAMES:
        yield case(f"{name} at a few z", name, np.array([-2.0, -0.5, 0.0, 1.0, 3.0]))
        yield case(f"{name}, drawn at random", name, 3 * rng.normal(size=7))
        yield case(f"{name}, large and positive", name, np.array([38.0, 45.0, 60.0]))
        yield case(f"{name}, large and negative", name, np.array([-60.0, -45.0, -38.0]))
        yield case(f"{name}, where eᶻ or e⁻ᶻ overflows", name, np.array([-1000.0, 1000.0]))
        yield case(f"{name}, a whole layer", name, 5 * rng.normal(size=(3, 4)))
        yield case(f"{name}, float32", name, (4 * rng.normal(size=5)).astype(np.float32))
        yield case(f"{name}, every other number", name, (4 * rng.normal(size=8))[::2])
        fixed = read_only(4 * rng.normal(size=4))
        yield case(f"{name}, an array that must not be written to", name, fixed)


def by_name(args: Arguments, returned: tuple[Array, ...]) -> dict[str, Array]:
    """Each function for itself, so that a mistake in each can be named."""
    none = np.zeros(0)
    return {name: returned[0] if args["name"] == name else none for name in NAMES}


@exercise(
    returns=("h",),
    inputs=inputs,
    observe=by_name,
    facts=NAMES,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=Tolerance(1e-5, 1e-40, "float32 inputs, and tails that are far below 1"),
)
def stable(name: str, z: Array) -> Array:
    e = np.exp(-np.abs(z))
    h: Array = np.minimum(z, 0) - np.log1p(e)
    if name != "log_sigmoid":
        s = np.exp(np.minimum(z, 0)) / (1 + e)
        h = s if name == "sigmoid" else z * s
    return h
