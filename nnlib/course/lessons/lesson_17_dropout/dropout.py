"""Dropout as PyTorch and as the paper write it."""

from collections.abc import Callable, Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Arguments, Array, Case, Unfit, exercise, read_only


def positive(rng: np.random.Generator, N: int, n: int) -> Array:
    """(N, n), from 1 to 4: where dropout gives 0, the unit was dropped."""
    return rng.integers(4, 17, (N, n)) / 4


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, H: Array, p: float, style: str, training: bool) -> Case:
        seed = int(rng.integers(1000))
        return Case(what, {"H": H, "p": p, "style": style, "training": training, "seed": seed})

    for style in ("torch", "paper"):
        for p in (0.2, 0.7):
            yield case(f"training, {style}, p = {p}", positive(rng, 80, 50), p, style, True)
            yield case(f"eval mode, {style}, p = {p}", positive(rng, 3, 4), p, style, False)
        for p in (0.0, 1.0):
            yield case(f"training, {style}, p = {p:g}", positive(rng, 3, 4), p, style, True)
        yield case("eval mode, p = 0.5, no examples", positive(rng, 0, 3), 0.5, style, False)
    yield case("eval mode, torch, p = 1", positive(rng, 3, 4), 1.0, "torch", False)
    yield case("whole numbers", rng.integers(1, 9, (80, 50)), 0.2, "torch", True)
    yield case("float32", positive(rng, 80, 50).astype(np.float32), 0.2, "torch", True)
    yield case("every other row and column", positive(rng, 160, 100)[::2, ::2], 0.7, "torch", True)
    fixed = read_only(positive(rng, 80, 50))
    yield case("an array that must not be written to", fixed, 0.7, "paper", True)
    yield case("p below 0", positive(rng, 2, 3), -0.5, "torch", False)
    yield case("p above 1", positive(rng, 2, 3), 1.5, "paper", False)


def six_draws(
    answer: Callable[..., Array], H: Array, p: float, style: str, training: bool, seed: int
) -> tuple[Array, ...]:
    """The call itself, the same again, and the same with four other seeds."""
    before = H.copy()  # what an answer writes into H must not spoil the next draws
    first = answer(H, p, style, training, seed)
    seeds = (seed, *range(seed + 1, seed + 5))
    return first, *(answer(before.copy(), p, style, training, each) for each in seeds)


def drawn(arguments: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """What all right masks have in common. Rates are rounded to tenths: five deviations wide."""
    H = arguments["H"]
    first, again, other, *more = outputs
    if first.shape != H.shape:
        extra = " Return H2 alone, without the mask." if first.shape == (2, *H.shape) else ""
        raise Unfit(f"H2 has shape {first.shape}, expected {H.shape}.{extra}")
    kept = first != 0
    if arguments["training"] and 0 < arguments["p"] < 1 and kept.size > 100 and not kept.any():
        raise Unfit(
            "H2 is 0 everywhere, as if one coin had dropped all units at once. Each entry of H needs "
            "a draw of its own: random(H.shape)."
        )
    factors = (first / H)[kept]
    chance = bool(kept.any() and not kept.all())  # where 0 < q < 1
    # With 80 × 50 draws, a row or a column of zeros alone comes of a shared draw.
    rows, columns = bool(kept.any(axis=1).all()), bool(kept.any(axis=0).all())
    counts = kept.sum(axis=1)
    even = not (chance and rows and columns)  # nothing to say about counts
    totals = [np.count_nonzero(H2) for H2 in (first, other, *more)]
    return {
        "what a kept unit is multiplied by": np.array(
            [factors.min(initial=9), factors.max(initial=0)]
        ),
        "the share of units kept": np.round(np.mean(kept) if kept.size else 1.0, 1),
        "each example has a mask of its own (1: yes)": np.array(int(columns or not chance)),
        "each unit has a draw of its own (1: yes)": np.array(int(rows or not chance)),
        "the number of units kept varies (1: yes)": np.array(int(even or np.ptp(counts) > 0)),
        "the number kept in all varies from seed to seed (1: yes)": np.array(
            int(even or kept.size < 100 or np.ptp(counts) == 0 or np.ptp(totals) > 0)
        ),
        "the same seed gives the same H2 (1: yes)": np.array(int(np.array_equal(first, again))),
        "another seed gives another H2 (1: yes)": np.array(
            int(not chance or not np.array_equal(first, other))
        ),
    }


@exercise(
    returns=(
        "H2",
        "H2 once more",
        *(f"H2 of {k} seed" for k in ("another", "a 3rd", "a 4th", "a 5th")),
    ),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    probe=six_draws,
    observe=drawn,
    facts=(
        "what a kept unit is multiplied by",
        "the share of units kept",
        "each example has a mask of its own (1: yes)",
        "each unit has a draw of its own (1: yes)",
        "the number of units kept varies (1: yes)",
        "the number kept in all varies from seed to seed (1: yes)",
        "the same seed gives the same H2 (1: yes)",
        "another seed gives another H2 (1: yes)",
    ),
    tolerance=FLOAT32,
)
def dropout(H: Array, p: float, style: str, training: bool, seed: int) -> Array:
    if not 0 <= p <= 1:
        raise ValueError(f"p is a probability, not {p}")
    q = 1 - p if style == "torch" else p
    if not training:
        return H if style == "torch" else q * H
    kept = np.random.default_rng(seed).binomial(1, q, H.shape)
    H2: Array = H * kept
    return H2 / q if style == "torch" and q > 0 else H2
