"""Lesson 17, its last exercise: the exact vote of all thinned networks."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from nnlib.course.kit.exercise import Array, Case, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only
from nnlib.course.lessons.lesson_15_batch_normalization.batch_norm import FLOAT32
from nnlib.course.lessons.lesson_17_dropout.dropout import LESSON


def committee_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, n: int, K: int, p: float) -> Case:
        h, V, c = quarters(rng, n), quarters(rng, K, n) / 2, quarters(rng, K)
        h[0], V[0, 0], c[0] = 1.5, V[-1, 0] + 2.0, c[-1] + 1.0
        return Case(what, {"h": h, "V": V, "c": c, "p": p})

    example = {"h": np.array([np.log(4.0)]), "V": np.array([[1.0], [0.0]]), "c": np.zeros(2)}
    yield Case("the example of the task", example | {"p": 0.5})
    for n, K, p in ((3, 2, 0.5), (4, 3, 0.25), (3, 3, 0.75), (5, 2, 0.4)):
        yield case(f"{n} units, {K} classes, p = {p}", n, K, p)
    yield case("nothing is dropped", 3, 2, 0.0)
    # Of two thinned networks each is sure of another class: no logarithm may be cut off.
    sure = {"h": np.array([4.0, 0.5]), "V": np.array([[0.0, 0.0], [-15.0, -2.0]])}
    yield Case("networks sure of different classes", sure | {"c": np.array([0.0, 60.0]), "p": 0.25})
    whole = case("whole numbers", 3, 2, 0.25)
    whole.args.update(
        {
            "h": np.array([1, 2, 0]),
            "V": rng.integers(-1, 2, (2, 3)),
            "c": np.array([1, 0]),
        }
    )
    yield whole
    narrow = case("float32", 3, 3, 0.25)
    narrow.args.update({name: narrow.args[name].astype(np.float32) for name in ("h", "V", "c")})
    yield narrow
    strided = case("every other row and column of a larger array", 3, 2, 0.25)
    strided.args.update({"V": (quarters(rng, 4, 6) / 2)[::2, ::2]})
    yield strided
    fixed = case("arrays that must not be written to", 3, 2, 0.25)
    for name in ("h", "V", "c"):
        read_only(fixed.args[name])
    yield fixed


def softmax(Z: Array) -> Array:
    E = np.exp(Z)
    P: Array = E / E.sum(axis=1, keepdims=True)
    return P


@exercise(
    lesson=LESSON,
    returns=("arithmetic", "geometric"),
    inputs=committee_inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32,
    hints=(
        (
            "For every mask two things are needed: its probability, q to the number of kept units "
            "times p to the number of dropped ones, and the prediction of its network, "
            "softmax(V (m ⊙ h / q) + c). Add up probability times prediction."
        ),
        (
            "`itertools.product((0, 1), repeat=n)` gives all 2ⁿ masks. A weighted geometric mean is "
            "exp of the weighted mean of the logarithms. At the end divide it by its sum. What "
            "should come out? The network in eval mode: a check that you can make yourself."
        ),
    ),
)
def committee(h: Array, V: Array, c: Array, p: float) -> tuple[Array, Array]:
    q = 1 - p
    m = np.array(list(product((0, 1), repeat=len(h))))
    kept = m.sum(axis=1)
    chance = q**kept * p ** (len(h) - kept)
    P = softmax(m * h / q @ V.T + c)
    arithmetic = chance @ P
    geometric = np.exp(chance @ np.log(P))
    return arithmetic, geometric / geometric.sum()


committee.slip(
    "q**kept * p ** (len(h) - kept)",
    "0.5 ** (len(h) + 0 * kept)",
    "All your networks have the same weight, which is right for p = 0.5 alone. A mask with k kept "
    "units has the probability qᵏ pⁿ⁻ᵏ.",
)
committee.slip(
    "q**kept * p ** (len(h) - kept)",
    "p**kept * q ** (len(h) - kept)",
    "The weights have p and q in each other's place (or your mask is 1 for what is dropped): kept "
    "units bring a factor q each, dropped ones p.",
)
committee.slip(
    "q**kept * p ** (len(h) - kept)",
    "q**kept",
    "In the weights the dropped units are missing: each of them brings a factor p. Do yours add up "
    "to 1?",
)
committee.slip(
    "q = 1 - p",
    "q, p = p or 1, 1 - p",
    "You take p for the probability to keep. It is the one to drop, as in PyTorch.",
)
committee.slip(
    "m * h / q",
    "m * h",
    "The kept units are not scaled up. A network in training sees m ⊙ h / q.",
)
committee.slip(
    "m * h / q",
    "m * h * q",
    "You multiply the kept units by q. In training they are divided by it.",
)
committee.slip(
    "m * h / q",
    "m * h / max(p, 1e-9)",
    "You divide the kept units by p. It is the probability to keep that makes up for the dropped "
    "ones: divide by q.",
)
committee.slip(
    "m * h / q @ V.T + c",
    "(m * h @ V.T + c) / q",
    "You divide c by q as well. The bias comes after dropout: V (m ⊙ h / q) + c.",
)
committee.slip(
    "@ V.T + c",
    "@ V.T",
    "The bias c is missing in the logits.",
)
committee.slip(
    "geometric / geometric.sum()",
    "geometric",
    "Your geometric mean does not add up to 1. Renormalize it: divide by its sum.",
)
committee.slip(
    "return arithmetic, geometric",
    "return arithmetic / 2 ** len(h), geometric",
    "You divide the arithmetic mean by the number of masks. The weights add up to 1 already.",
)
committee.slip(
    "np.exp(chance @ np.log(P))",
    "np.exp((chance / 2 ** len(h)) @ np.log(P))",
    "You divide the mean of the logarithms by the number of masks. The weights add up to 1 already.",
)
committee.slip(
    "return arithmetic, geometric / geometric.sum()",
    "return geometric / geometric.sum(), arithmetic",
    "Your first result is the prediction in eval mode, which the geometric mean gives. First comes "
    "the arithmetic one, for which every mask's own prediction is needed.",
)
committee.slip(
    "geometric / geometric.sum()",
    "np.log(geometric)",
    "You return the mean of the logarithms. Take exp, and renormalize.",
)
committee.slip(
    "np.exp(chance @ np.log(P))",
    "chance @ np.log(P)",
    "exp is missing: the geometric mean is exp of the mean of the logarithms.",
)
committee.slip(
    "geometric / geometric.sum()",
    "softmax(geometric[None])[0]",
    "You take the softmax of the geometric mean. Renormalizing is to divide by the sum.",
)
committee.slip(
    "product((0, 1), repeat=len(h))",
    "list(product((0, 1), repeat=len(h)))[1:]",
    "You leave out the mask that drops everything. It has its probability, pⁿ, too.",
)
committee.slip(
    "product((0, 1), repeat=len(h))",
    "list(product((0, 1), repeat=len(h)))[:-1]",
    "You leave out the mask that keeps everything. It has its probability, qⁿ, too: the loop ends "
    "one too early.",
)
committee.slip(
    "np.array(list(product((0, 1), repeat=len(h))))",
    "np.eye(len(h))",
    "You try only masks that keep a single unit. There are 2ⁿ: every combination of kept and "
    "dropped.",
)
committee.slip(
    "softmax(m * h",
    "np.exp(m * h",
    "Your predictions do not add up to 1: softmax divides by the sum.",
)
committee.slip(
    "np.exp(chance @ np.log(P))",
    "np.exp(chance @ np.log(np.maximum(P, 1e-12)))",
    "Before the logarithm you keep the predictions from getting small. None of them is 0 here, and "
    "the small ones count.",
)
committee.slip(
    "np.exp(chance @ np.log(P))",
    "np.exp(chance @ np.log(P + 1e-8))",
    "You add a small number before the logarithm. No prediction is 0 here, and that of small "
    "ones it spoils.",
)
committee.slip(
    "np.exp(chance @ np.log(P))",
    "np.exp(np.log(P).sum(axis=0))",
    "Your geometric mean multiplies the predictions without their weights. Sum the logarithms "
    "times w first.",
)
committee.slip(
    "np.exp(chance @ np.log(P))",
    "np.exp(chance @ np.log(P) / len(h))",
    "You take the n-th root besides. The weights add up to 1 already: exp of the weighted sum is "
    "the mean.",
)
committee.slip(
    "q = 1 - p",
    "q = p or 1",
    "You set q = p. p is the probability to drop; q = 1 − p, the one to keep.",
)
committee.slip(
    "q**kept * p ** (len(h) - kept)",
    'np.array([__import__("math").comb(len(h), int(k)) for k in kept]) * q**kept * p ** (len(h) - kept)',
    "A binomial coefficient is in your weights. It counts the masks with k kept units, and you "
    "visit each of them anyway.",
)
committee.slip(
    "np.array(list(product((0, 1), repeat=len(h))))",
    "1 - np.eye(len(h), dtype=int)",
    "You try only masks that drop a single unit. There are 2ⁿ: every combination of kept and "
    "dropped.",
)
committee.slip(
    "@ V.T + c",
    "@ V + c",
    "V is transposed in your logits: for one example they are V (m ⊙ h / q) + c, with V of shape "
    "(K, n).",
)
committee.slip(
    "E / E.sum(axis=1, keepdims=True)",
    "E / (1 + E)",
    "You take the sigmoid of each logit. softmax divides exp by its sum over the classes.",
)
