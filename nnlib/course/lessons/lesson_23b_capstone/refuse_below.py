"""How confident a classifier has to be, so that what it answers is right often enough."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, aim: float, levels: int = 0) -> Case:
        """The most confident answer is right; below it wrong ones are mixed in, more and more."""
        steps = levels or 4 * N  # without levels no two are alike
        places = rng.integers(levels, size=N) if levels else rng.permutation(steps)[:N]
        confidence = (8 + places) / (16 + steps)
        chance = 0.3 + 0.65 * (confidence - confidence.min()) / np.ptp(confidence)
        right = (rng.random(N) < chance).astype(float)
        right[confidence >= np.sort(confidence)[-2]] = 1.0
        right[confidence == confidence.min()] = 0.0
        return Case(what, {"confidence": confidence, "right": right, "aim": aim})

    yield case("60 answers", 60, 0.8)
    yield case("40 answers, an aim of 0.9", 40, 0.9)
    yield case("many that are equally sure", 60, 0.75, 9)
    yield case("few levels", 50, 0.8, 5)
    yield Case(
        "a dip on the way",
        {
            "confidence": np.array([0.9, 0.2, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]),
            "right": np.array([1.0, 0, 0, 1, 1, 1, 1, 0]),
            "aim": 0.75,
        },
    )
    yield Case(
        "two that are equally sure, one of them wrong",
        {
            "confidence": np.array([0.7, 0.9, 0.7, 0.5]),
            "right": np.array([1.0, 1, 0, 0]),
            "aim": 0.8,
        },
    )
    yield Case(
        "exactly as many as the aim",
        {
            "confidence": np.array([0.5, 0.9, 0.6, 0.8, 0.3]),
            "right": np.array([1.0, 1, 0, 1, 0]),
            "aim": 0.75,
        },
    )
    yield Case(
        "all of them are right",
        {"confidence": np.array([0.75, 0.5, 0.625]), "right": np.ones(3), "aim": 1.0},
    )
    single = case("", 30, 0.8).args
    yield Case("float32", {k: a if k == "aim" else a.astype(np.float32) for k, a in single.items()})
    wide = case("", 40, 0.8).args
    twice = {k: a if k == "aim" else np.repeat(a, 2)[::2] for k, a in wide.items()}
    yield Case("every other entry of larger arrays", twice)
    fixed = case("", 30, 0.85).args
    what = "arrays that must not be written to"
    yield Case(what, {k: a if k == "aim" else read_only(a) for k, a in fixed.items()})


@exercise(
    returns=("threshold", "answered"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def refuse_below(confidence: Array, right: Array, aim: float) -> tuple[float, float]:
    for t in np.sort(confidence):
        answered = confidence >= t
        if right[answered].mean() >= aim:
            break
    return t, answered.mean()
