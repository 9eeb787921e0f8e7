"""Does a layer's output move along with its input, or stay?"""

from collections.abc import Callable, Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, quarters, read_only

KERNEL = np.array([1.0, 2.0, -1.0])


def convolution(x: Array, stride: int = 1, mode: str = "wrap") -> Array:
    around = np.pad(x, 1, mode=mode)  # type: ignore[call-overload]
    return np.array([around[i : i + 3] @ KERNEL for i in range(0, len(x), stride)])


def circular(x: Array) -> Array:
    return convolution(x)


def with_zeros(x: Array) -> Array:
    return convolution(x, mode="constant")


def with_stride(x: Array) -> Array:
    return convolution(x, stride=2)


def pooled(x: Array) -> Array:
    return np.array([max(x[i], x[i + 1]) for i in range(0, len(x) - 1, 2)])


def global_max(x: Array) -> Array:
    return np.array([circular(x).max()])


def weight_per_place(x: Array) -> Array:
    return x * (1 + np.arange(len(x)) % 5)


def mirrored(x: Array) -> Array:
    return x[::-1].copy()  # its output moves to the left, so by n − shift places to the right


def forgetful(x: Array) -> Array:
    return np.array([x.sum(), x.max(), x.min(), 1.0])


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, layer: Callable[[Array], Array], n: int, shift: int) -> Case:
        x = quarters(rng, n) + rng.integers(0, 2, n) / 8
        # At the ends large, and of both signs: borders are seen.
        x[0], x[1], x[-1] = 4.0, -5.5, 6.25
        return Case(what, {"layer": layer, "x": x, "shift": shift})

    example = {"layer": pooled, "x": np.array([1.0, 0.0, 4.0, 2.0]), "shift": 2}
    yield Case("the example of the task", example)
    yield case("a convolution on a circle", circular, 9, 2)
    yield case("a convolution with zeros beyond the ends", with_zeros, 10, 3)
    yield case("a convolution with stride 2, an even shift", with_stride, 12, 4)
    yield case("a convolution with stride 2, an odd shift", with_stride, 12, 3)
    yield case("max pooling of width and stride 2, an odd shift", pooled, 12, 5)
    yield case("a convolution and a global maximum", global_max, 11, 4)
    yield case("a layer that mirrors", mirrored, 9, 2)
    yield case("a weight for every place", weight_per_place, 10, 1)
    yield case("four numbers that forget the place", forgetful, 8, 2)
    yield case("no shift", with_zeros, 8, 0)
    single = case("float32", with_zeros, 9, 2)
    single.args["x"] = single.args["x"].astype(np.float32)
    yield single
    strided = case("every other entry of a larger array", with_stride, 20, 1)
    strided.args["x"] = strided.args["x"][::2]
    yield strided
    fixed = case("an array that must not be written to", with_zeros, 9, 4)
    read_only(fixed.args["x"])
    yield fixed


@exercise(
    returns=("equivariance", "invariance"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
)
def symmetry_errors(layer: Callable[[Array], Array], x: Array, shift: int) -> tuple[float, float]:
    moved, still = layer(np.roll(x, shift)), layer(x)
    gaps = [np.abs(moved - np.roll(still, r)).max() for r in range(len(still))]
    return min(gaps), gaps[0]
