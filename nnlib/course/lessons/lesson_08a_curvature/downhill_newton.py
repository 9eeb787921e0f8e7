"""Newton's step, mended so that it leaves saddles."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def turned(*curvatures: float) -> Array:
        """A symmetric matrix with these eigenvalues, along axes at random."""
        d = len(curvatures)
        axes = np.linalg.qr(rng.normal(size=(d, d)))[0]
        H: Array = (axes * curvatures) @ axes.T
        return (H + H.T) / 2

    def case(what: str, H: Array, floor: float, w: Array | None = None) -> Case:
        w = rng.normal(size=len(H)) if w is None else w
        return Case(what, {"w": w, "g": rng.normal(size=len(H)), "H": H, "floor": floor})

    example = {"w": np.array([1.0, 0.1]), "g": np.array([2.0, -0.2])}
    yield Case("the example of the task", {**example, "H": np.diag([2.0, -2.0]), "floor": 0.01})
    yield case("a bowl: Newton's own step", turned(1.0, 4.0, 9.0), 0.01)
    yield case("a saddle", turned(3.0, -1.5), 0.01)
    yield case("a saddle with three axes", turned(5.0, 1.0, -2.0), 0.01)
    yield case("a maximum", turned(-1.0, -3.0), 0.01)
    yield case("a flat axis, of curvature 0", np.diag([2.0, 0.0]), 0.25)
    yield case("one axis nearly flat", turned(2.0, 0.05, 3.0), 0.5)
    yield case("one axis bends down a little", turned(4.0, -0.1), 0.5)
    yield case("all of it beneath the floor", turned(0.1, -0.2, 0.05), 1.0)
    yield case("some of everything", turned(6.0, 0.02, -0.3, -4.0), 0.75)
    yield case("one weight", np.array([[-2.0]]), 0.1)
    yield Case(
        "float32",
        {
            "w": rng.normal(size=2).astype(np.float32),
            "g": rng.normal(size=2).astype(np.float32),
            "H": np.array([[1.0, 2.0], [2.0, -1.0]], dtype=np.float32),
            "floor": 0.1,
        },
    )
    large = np.repeat(np.repeat(turned(2.0, -1.0, 0.3), 2, 0), 2, 1)
    yield case("every other entry of larger arrays", large[::2, ::2], 0.5, np.repeat(1.5, 6)[::2])
    fixed = read_only(turned(3.0, -2.0))
    yield case("arrays that must not be written to", fixed, 0.1, read_only(rng.normal(size=2)))


@exercise(
    returns=("w",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def downhill_newton(w: Array, g: Array, H: Array, floor: float) -> Array:
    curvatures, axes = np.linalg.eigh(H)
    along = axes.T @ g
    sizes = np.maximum(np.abs(curvatures), floor)
    new: Array = w - axes @ (along / sizes)
    return new
