"""The weights that fit every example and lie nearest to a start: where descent arrives."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import (
    FLOAT32_LONG,
    Arguments,
    Array,
    Case,
    Unfit,
    exercise,
    nonzero,
    read_only,
)

FITS = "Φw (it is to be y)"
SIDEWAYS = "w − w₀ at right angles to the rows of Φ (it is to be 0)"


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, p: int) -> Case:
        """Rows of similar length and far from parallel, so that every layout gives the same w."""
        rows, _ = np.linalg.qr(rng.normal(size=(p, N)))
        phi = rng.uniform(1, 3, (N, 1)) * (rows.T + 0.2 * rng.normal(size=(N, p)) / np.sqrt(p))
        return Case(what, {"phi": phi, "y": nonzero(rng, N) * 2, "w0": nonzero(rng, p)})

    yield case("3 examples, 5 features", 3, 5)
    yield case("one example", 1, 4)
    yield case("many features", 6, 40)
    yield case("as many features as examples: one w fits", 4, 4)
    origin = case("a start at 0", 3, 6).args
    yield Case("a start at 0", origin | {"w0": np.zeros(6)})
    there = case("", 2, 5).args
    yield Case("a start that fits already", there | {"y": there["phi"] @ there["w0"]})
    single = case("", 3, 7).args
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    wide = case("", 4, 12).args
    strided = {"phi": wide["phi"][::2, ::2], "y": wide["y"][::2], "w0": wide["w0"][::2]}
    yield Case("every other entry of larger arrays", strided)
    fixed = case("", 3, 8).args
    what = "arrays that must not be written to"
    yield Case(what, {name: read_only(a) for name, a in fixed.items()})


def observed(arguments: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """Beside w what is asked of it, so that a wrong one is told what it misses."""
    phi, w0 = (arguments[name].astype(float) for name in ("phi", "w0"))
    [w] = outputs
    if w.shape != w0.shape:
        raise Unfit(f"w has shape {w.shape}, expected {w0.shape}.")
    way = w - w0
    sideways = way - np.linalg.pinv(phi) @ (phi @ way)
    return {FITS: phi @ w, SIDEWAYS: sideways, "w": w}


@exercise(
    returns=("w",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
    observe=observed,
    facts=(FITS, SIDEWAYS, "w"),
)
def nearest_fit(phi: Array, y: Array, w0: Array) -> Array:
    missing = y - phi @ w0
    a = np.linalg.solve(phi @ phi.T, missing)
    w: Array = w0 + phi.T @ a
    return w
