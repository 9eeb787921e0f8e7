"""Lesson 10: how fast momentum shrinks each direction of a bowl."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, Tolerance, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import read_only
from nnlib.course.lessons.lesson_10_optimizers.momentum import LESSON


def curvature_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, curvatures: Array, lr: float, mu: float) -> Case:
        return Case(what, {"curvatures": curvatures, "lr": lr, "mu": mu})

    yield case("no momentum: |1 − ηλ|", np.array([0.5, 1.0, 1.5, 3.0]), 1.0, 0.0)
    yield case("monotone, oscillating, divergent", np.array([0.0625, 1.0, 4.0]), 1.0, 0.25)
    yield case("a ravine, κ = 100", np.array([1.0, 10.0, 100.0]), 0.0625, 0.5)
    yield case("from side to side, and apart", np.array([5.0, 8.0]), 0.5, 0.25)
    yield case("flat: λ = 0", np.array([0.0]), 0.1, 0.5)
    yield case("a saddle: one λ is negative", np.array([1.0, -1.0]), 0.05, 0.9)
    yield case("where the two roots meet", np.array([1.0, 9.0]), 0.25, 0.25)
    for mu in (0.1, 0.6, 0.95):
        yield case("curvatures at random", 10 ** rng.uniform(-2, 2, 6), 0.05, mu)
    yield case("whole numbers", rng.integers(1, 9, 4), 0.3, 0.8)
    yield case("float32", np.array([0.5, 2.0, 7.0], dtype=np.float32), 0.3, 0.7)
    yield case("every other number of a larger array", rng.uniform(1, 9, 8)[::2], 0.4, 0.3)
    yield case("an array that must not be written to", read_only(rng.uniform(1, 9, 3)), 0.2, 0.4)


@exercise(
    lesson=LESSON,
    returns=("factors",),
    inputs=curvature_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=Tolerance(1e-5, 1e-6, "where the two roots meet, np.roots gives half its digits"),
    hints=(
        (
            "For one λ it is a quadratic equation, r² − p r + μ = 0 with p = 1 + μ − ηλ. Its roots "
            "are p/2 ± √(p²/4 − μ). What is the larger size if the root is real, and what if not?"
        ),
        (
            "Where p²/4 ≥ μ: |p|/2 + √(p²/4 − μ), for p may be negative. Where p²/4 < μ the roots "
            "are complex and of size √μ, because their product is μ. Use np.where; let no square "
            "root see a negative number (`np.maximum(p**2 / 4 - mu, 0)`), or compute with complex ones."
        ),
    ),
)
def shrink_factors(curvatures: Array, lr: float, mu: float) -> Array:
    p = 1 + mu - lr * curvatures
    inside = p**2 / 4 - mu
    real = np.abs(p) / 2 + np.sqrt(np.maximum(inside, 0))
    return np.where(inside < 0, np.sqrt(mu), real)


shrink_factors.slip(
    "1 + mu - lr * curvatures",
    "1 - mu - lr * curvatures",
    "The sign of μ is wrong in the middle term: r² − (1 + μ − ηλ) r + μ = 0.",
)

shrink_factors.slip(
    "1 + mu - lr * curvatures",
    "1 + mu + lr * curvatures",
    "The sign of ηλ is wrong: in r² − (1 + μ − ηλ) r + μ = 0 a larger ηλ makes the middle term smaller.",
)

shrink_factors.slip(
    "1 + mu - lr * curvatures",
    "1 + mu - curvatures",
    "The learning rate is missing: λ comes only together with it, as ηλ.",
)

shrink_factors.slip(
    "1 + mu - lr * curvatures",
    "1 - lr * curvatures",
    "μ is missing from the middle term: r² − (1 + μ − ηλ) r + μ = 0.",
)

shrink_factors.slip(
    "np.maximum(inside, 0)",
    "inside",
    "The square root of a negative number is nan, and NumPy warns of it, also in a branch of "
    "np.where that is not used. Take np.maximum(…, 0) under the root, or compute with complex numbers.",
)

shrink_factors.slip(
    "np.where(inside < 0, np.sqrt(mu), real)",
    "real",
    "Where the roots are complex, you give |p|/2, which is the size of their real part only. Their "
    "size is √(real² + imaginary²) = √μ.",
)

shrink_factors.slip(
    "np.where(inside < 0, np.sqrt(mu), real)",
    "np.where(inside < 0, mu, real)",
    "Complex roots have the size √μ, not μ: μ is the product of the two.",
)


shrink_factors.slip(
    "np.abs(p) / 2 +",
    "p / 2 +",
    "You take p/2 + √… as the larger root. Where p is negative the other one, p/2 − √…, is larger in "
    "size: take the larger of both absolute values.",
)

shrink_factors.slip(
    "np.abs(p) / 2 +",
    "np.abs(p) / 2 -",
    "You give the smaller root. In the long run the larger one decides: its part of w stays longest.",
)

shrink_factors.slip(
    "return np.where(inside < 0, np.sqrt(mu), real)",
    "return np.max(np.where(inside < 0, np.sqrt(mu), real))",
    "You return the slowest direction only. One factor for each curvature is asked for: (n,).",
)

shrink_factors.slip(
    "np.where(inside < 0, np.sqrt(mu), real)",
    "np.sqrt(mu) + 0 * real",
    "√μ holds where the roots are complex. Where they are real, (p² ≥ 4μ), the larger one is "
    "|p|/2 + √(p²/4 − μ).",
)

shrink_factors.slip(
    "p**2 / 4 - mu",
    "p**2 / 4 + mu",
    "The sign under the root is wrong: the roots of r² − p r + μ are p/2 ± √(p²/4 − μ).",
)

shrink_factors.slip(
    "p**2 / 4 - mu",
    "p**2 - mu",
    "Under the root stands p²/4 − μ, with its 4: the roots of r² − p r + μ are p/2 ± √(p²/4 − μ).",
)

shrink_factors.slip(
    "np.abs(p) / 2 +",
    "np.abs(p) +",
    "You forgot to halve p: the roots of r² − p r + μ are p/2 ± √(p²/4 − μ).",
)

shrink_factors.slip(
    "return np.where(inside < 0, np.sqrt(mu), real)",
    "return 2 * np.where(inside < 0, np.sqrt(mu), real)",
    "Your factors are twice as large: a root of r² − p r + μ is (p ± √(p² − 4μ)) / 2, halved.",
)

shrink_factors.slip(
    "return np.where(inside < 0, np.sqrt(mu), real)",
    "return np.abs(1 - lr * curvatures)",
    "That is gradient descent, μ = 0. With momentum the factor is the larger root of "
    "r² − (1 + μ − ηλ) r + μ = 0.",
)

shrink_factors.slip(
    "return np.where(inside < 0, np.sqrt(mu), real)",
    "return p / 2 + np.sqrt(inside + 0j)",
    "You return a root itself, as a complex number. The factor is its size: np.abs of both roots, "
    "and the larger of the two.",
)

shrink_factors.slip(
    "return np.where(inside < 0, np.sqrt(mu), real)",
    "return np.real_if_close(p / 2 + np.sqrt(inside + 0j))",
    "You return a root itself, complex or negative as it may be. Take np.abs of both roots first, "
    "then the larger of the two.",
)

shrink_factors.slip(
    "return np.where(inside < 0, np.sqrt(mu), real)",
    "return np.array([np.abs(np.roots([mu, -q, 1])).max() for q in p])",
    "np.roots wants the coefficient of the highest power first: [1, −(1 + μ − ηλ), μ].",
)

shrink_factors.slip(
    "np.abs(p) / 2 + np.sqrt(np.maximum(inside, 0))",
    "np.abs(p / 2 + np.sqrt(np.maximum(inside, 0)))",
    "You look at one of the two roots only, p/2 + √…. Where p is negative, p/2 − √… is larger in "
    "size.",
)

shrink_factors.slip(
    "p**2 / 4 - mu",
    "np.abs(p**2 / 4 - mu)",
    "Where p²/4 < μ the roots are complex: real and imaginary part do not simply add. The size "
    "is √(real² + imaginary²) = √μ.",
)

shrink_factors.slip(
    "np.sqrt(mu), real)",
    "np.sqrt(mu), np.abs(1 - lr * curvatures))",
    "Where the roots are real you give |1 − ηλ|, the factor of gradient descent. Momentum's "
    "larger root is |p|/2 + √(p²/4 − μ) there.",
)

shrink_factors.slip(
    "inside < 0",
    "lr * curvatures > (1 - np.sqrt(mu)) ** 2",
    "You give √μ for every large ηλ. Beyond (1 + √μ)² the roots are real again, and negative: "
    "there momentum flies apart in the end.",
)

shrink_factors.slip(
    "np.where(inside < 0, np.sqrt(mu), real)",
    "np.where(inside < 0, np.sqrt(mu), real).astype(curvatures.dtype)",
    "Your factors have the type of `curvatures` (np.zeros_like takes it), and whole numbers cut "
    "the fractions off. Begin with floats: np.zeros(len(curvatures)).",
)

shrink_factors.slip(
    "1 + mu - lr * curvatures",
    "1 - mu + lr * curvatures",
    "Brackets are missing: the middle coefficient is −(1 + μ − ηλ) = −1 − μ + ηλ.",
)

shrink_factors.slip(
    "return np.where(inside < 0, np.sqrt(mu), real)",
    "return np.minimum(np.where(inside < 0, np.sqrt(mu), real), 1)",
    "You cut the factors off at 1. Where momentum diverges the factor is above 1, and that is "
    "the answer.",
)

shrink_factors.slip(
    "p = 1 + mu - lr * curvatures",
    "p, mu = 1 + mu - lr * curvatures, mu / 4",
    "Under the root the 4 of 4μ is missing: the roots are (p ± √(p² − 4μ)) / 2.",
)

shrink_factors.slip(
    "lr * curvatures",
    "lr * np.abs(curvatures)",
    "You take |λ|. A negative λ, of a saddle, stays negative: there w grows.",
)

shrink_factors.slip(
    "return np.where(inside < 0, np.sqrt(mu), real)",
    "return p / 2 + np.sqrt(p.astype(complex) ** 2 / 4 - mu)",
    "You return complex numbers. A factor is a size, np.abs of a root: a float. Take it for both "
    "roots first, then the larger.",
)
