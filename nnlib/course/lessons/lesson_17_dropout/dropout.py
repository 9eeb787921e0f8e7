"""Lesson 17: dropout as PyTorch and as the paper write it."""

from collections.abc import Callable, Iterator

import numpy as np

from nnlib.course.kit.exercise import Arguments, Array, Case, Unfit, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import read_only
from nnlib.course.lessons.lesson_15_batch_normalization.batch_norm import FLOAT32

LESSON = "17_dropout"


def nonzero(rng: np.random.Generator, N: int, n: int) -> Array:
    """(N, n), from 1 to 4: where dropout gives 0, the unit was dropped."""
    return rng.integers(4, 17, (N, n)) / 4


def dropout_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, H: Array, p: float, style: str, training: bool) -> Case:
        seed = int(rng.integers(1000))
        return Case(what, {"H": H, "p": p, "style": style, "training": training, "seed": seed})

    for style in ("torch", "paper"):
        for p in (0.2, 0.7):
            yield case(f"training, {style}, p = {p}", nonzero(rng, 80, 50), p, style, True)
            yield case(f"eval mode, {style}, p = {p}", nonzero(rng, 3, 4), p, style, False)
        for p in (0.0, 1.0):
            yield case(f"training, {style}, p = {p:g}", nonzero(rng, 3, 4), p, style, True)
        yield case("eval mode, p = 0.5, no examples", nonzero(rng, 0, 3), 0.5, style, False)
    yield case("eval mode, torch, p = 1", nonzero(rng, 3, 4), 1.0, "torch", False)
    yield case("whole numbers", rng.integers(1, 9, (80, 50)), 0.2, "torch", True)
    yield case("float32", nonzero(rng, 80, 50).astype(np.float32), 0.2, "torch", True)
    yield case("every other row and column", nonzero(rng, 160, 100)[::2, ::2], 0.7, "torch", True)
    fixed = read_only(nonzero(rng, 80, 50))
    yield case("an array that must not be written to", fixed, 0.7, "paper", True)
    yield case("p below 0", nonzero(rng, 2, 3), -0.5, "torch", False)
    yield case("p above 1", nonzero(rng, 2, 3), 1.5, "paper", False)


def six_draws(
    answer: Callable[..., Array], H: Array, p: float, style: str, training: bool, seed: int
) -> tuple[Array, ...]:
    """The call itself, the same again, and the same with four other seeds."""
    seeds = (seed, seed, *range(seed + 1, seed + 5))
    return tuple(answer(H, p, style, training, each) for each in seeds)


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
    lesson=LESSON,
    returns=(
        "H2",
        "H2 once more",
        *(f"H2 of {k} seed" for k in ("another", "a 3rd", "a 4th", "a 5th")),
    ),
    inputs=dropout_inputs,
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
    hints=(
        (
            "Turn p into q, the probability to keep, at the very beginning: from there on the two "
            "styles differ in nothing but where they scale. torch scales in training, by 1/q; the "
            "paper in eval mode, by q."
        ),
        (
            "`np.random.default_rng(seed).random(H.shape) < q` is True with probability q, for "
            "every entry of H by itself. Where q is 0 nothing is kept: return zeros before you "
            "divide by it."
        ),
    ),
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


dropout.slip(
    "1 - p if style",
    "p if style",
    "In style torch you keep a unit with probability p. There p is the probability to drop it: "
    "q = 1 − p are kept.",
)
dropout.slip(
    '1 - p if style == "torch" else p',
    "1 - p",
    "In style paper you drop with probability p. The paper's p is the probability to *keep*: q = p.",
)
dropout.slip(
    '1 - p if style == "torch" else p',
    '1 - p if style == "paper" else p',
    "You have the two styles' p the wrong way round: torch's p is the probability to drop, the "
    "paper's the one to keep.",
)
dropout.slip(
    "H2 / q",
    "H2",
    "What is kept must be scaled up by 1/q in style torch, in training. Without it the next layer "
    "gets too little on average: q h.",
)
dropout.slip(
    "H2 / q",
    "H2 * q",
    "You multiply what is kept by q. It must make up for what is dropped: divide by q.",
)
dropout.slip(
    "H2 / q if",
    "H2 / max(p, 1e-9) if",
    "You divide what is kept by p. It is divided by the probability to *keep*, q = 1 − p.",
)
dropout.slip(
    'style == "torch" and q > 0',
    "q > 0",
    "You scale in style paper too, in training. Classic dropout leaves what is kept as it is, and "
    "scales in eval mode.",
)
dropout.slip(
    'style == "torch" and q > 0',
    'style != "torch" and q > 0',
    "In training you scale the wrong style: torch divides by q there, the paper does not.",
)
dropout.slip(
    " and q > 0",
    "",
    "At q = 0 you divide 0 by 0. Where every unit is dropped, H2 is zero.",
)
dropout.slip(
    'H if style == "torch" else q * H',
    "H",
    "In style paper, eval mode changes nothing. Classic dropout multiplies by the keep probability "
    "there, to give what training gave on average.",
)
dropout.slip(
    'H if style == "torch" else q * H',
    "q * H",
    "You scale in eval mode in style torch too. Inverted dropout has scaled in training already; "
    "eval mode returns H.",
)
dropout.slip(
    'H if style == "torch" else q * H',
    'q * H if style == "torch" else H',
    "In eval mode you scale the wrong style: the paper multiplies by q there, torch returns H.",
)
dropout.slip(
    "else q * H",
    "else (1 - q) * H",
    "In eval mode the paper's style multiplies by the probability to keep, and you by the one to "
    "drop.",
)
dropout.slip(
    "else q * H",
    "else H / max(q, 1e-9)",
    "In eval mode, style paper, you divide. Training passed on q h on average, so multiply by q.",
)
dropout.slip(
    "not training",
    "training",
    "You have the two modes the wrong way round: units are dropped where `training` is True.",
)
dropout.slip(
    "not training",
    "False",
    "You drop units in eval mode too. There nothing is random: H, or p H in style paper.",
)
dropout.slip(
    "H.shape",
    "H.shape[1]",
    "All examples share one mask. Each entry of H has a draw of its own: a mask of H's whole shape.",
)
dropout.slip(
    "H.shape",
    "(len(H), 1)",
    "You drop whole examples, all their units at once. A mask has the whole shape of H.",
)
dropout.slip(
    "binomial(1, q, H.shape)",
    "permuted(np.tile(np.arange(H.shape[1]) < round(q * H.shape[1]), (len(H), 1)), axis=1)",
    "You keep the same number of units in every row. Each unit is kept or dropped by itself, with "
    "probability q, so that the number varies.",
)
dropout.slip(
    "default_rng(seed)",
    "default_rng()",
    "The same seed gives another mask each time. All chance must come from "
    "np.random.default_rng(seed), or nobody can repeat your run.",
)
dropout.slip(
    "default_rng(seed)",
    "default_rng(0)",
    "Every seed gives the same mask. A new pass needs a new mask: use the seed that is given.",
)
dropout.slip(
    "not 0 <= p <= 1",
    "False",
    "A p outside 0 to 1 passes unnoticed. It is no probability: raise a ValueError, in eval mode "
    "too.",
)
dropout.slip(
    "not 0 <= p <= 1",
    "not 0 < p < 1",
    "You refuse p = 0 or p = 1. Both are probabilities: keep everything, or nothing.",
)
dropout.slip(
    "binomial(1, q, H.shape)",
    "binomial(1, (1 - q) * (q > 0), H.shape)",
    "You keep a unit with probability 1 − q. A number from 0 to 1 is *below* q with probability "
    "q: `random(H.shape) < q`.",
)
dropout.slip(
    "binomial(1, q, H.shape)",
    "normal(size=H.shape) < (q or -9)",
    "You draw from the normal distribution. `random(H.shape)` draws evenly between 0 and 1, and "
    "of these a share q lies below q.",
)
dropout.slip(
    "binomial(1, q, H.shape)",
    "integers(0, 1 + (q > 0), H.shape)",
    "You keep half of the units, whatever p is. Keep each with probability q: `random(H.shape) < "
    "q`.",
)
dropout.slip(
    'H2 / q if style == "torch" and q > 0',
    'H2 / p if style == "torch"',
    "You divide what is kept by p. In style torch that is the probability to *drop*: divide by q "
    "= 1 − p.",
)
dropout.slip(
    "not 0 <= p <= 1",
    "p > 1",
    "A p below 0 passes unnoticed. It is no probability either: raise a ValueError.",
)
dropout.slip(
    "not 0 <= p <= 1",
    "p < 0",
    "A p above 1 passes unnoticed. It is no probability either: raise a ValueError.",
)
dropout.slip(
    "not 0 <= p <= 1",
    "not 0 <= p < 1",
    "You refuse p = 1. It is a probability: torch drops everything then, the paper keeps "
    "everything.",
)
dropout.slip(
    "not 0 <= p <= 1",
    "not 0 < p <= 1",
    "You refuse p = 0. It is a probability: torch keeps everything then, the paper drops "
    "everything.",
)
