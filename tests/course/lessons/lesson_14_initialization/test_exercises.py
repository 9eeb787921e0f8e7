"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import numpy as np
import pytest
from judged import begins, passes

from nnlib.course.lessons import EXERCISES


def weights_from_a_table(draws, scheme, kind):
    n_out, n_in = draws.shape
    std = {"lecun": n_in**-0.5, "glorot": ((n_in + n_out) / 2) ** -0.5, "he": (n_in / 2) ** -0.5}
    return std[scheme] * (draws if kind == "normal" else 3**0.5 * (2 * draws - 1))


def weights_by_bounds(draws, scheme, kind):
    n_in, n_out = len(draws[0]), len(draws)
    variance = 1 / n_in
    if scheme == "he":
        variance *= 2
    if scheme == "glorot":
        variance = 1 / ((n_in + n_out) / 2)
    if kind == "normal":
        return np.multiply(draws, np.sqrt(variance))
    bound = np.sqrt(3 * variance)
    return -bound + 2 * bound * draws


def weights_one_by_one(draws, scheme, kind):
    n_out, n_in = draws.shape
    mean, variance = (0, 1) if kind == "normal" else (1 / 2, 1 / 12)
    terms = {"lecun": 2 * n_in, "glorot": n_in + n_out, "he": n_in}[scheme]
    W = np.zeros(draws.shape)
    for i in range(n_out):
        for j in range(n_in):
            W[i, j] = (draws[i, j] - mean) * (2 / terms / variance) ** 0.5
    return W


def twins_by_broadcasting(W1, b1, W2):
    units = np.column_stack([W1, b1, W2.T])
    return np.argmax((units[:, None] == units).all(axis=-1), axis=1)


def twins_by_dictionary(W1, b1, W2):
    seen = {}
    return [seen.setdefault((*W1[k], b1[k], *W2[:, k]), k) for k in range(len(b1))]


def twins_by_unique(W1, b1, W2):
    _, index, group = np.unique(
        np.hstack([W1, b1[:, None], W2.T]), axis=0, return_index=True, return_inverse=True
    )
    return index[group.ravel()]


def calibrated_twice(X, weights, phi):
    scaled, H = [], X
    for W in weights:
        scaled.append(W / np.sqrt((np.einsum("ni,ki->nk", H, W) ** 2).mean()))
        H = phi(np.einsum("ni,ki->nk", H, scaled[-1]))
    return scaled


def calibrated_in_place_on_a_copy(X, weights, phi):
    weights = np.array(weights, dtype=float)
    for W in weights:
        W /= np.linalg.norm(X @ W.T) / (len(X) * len(W)) ** 0.5
        X = phi(X @ W.T)
    return weights


def calibrated_by_recursion(X, weights, phi):
    if not len(weights):
        return weights
    Z = X @ weights[0].T
    size = float(np.sum(Z * Z) / Z.size) ** 0.5
    later = calibrated_by_recursion(phi(Z / size), weights[1:], phi)
    return np.concatenate([weights[:1] / size, later])


RIGHT = {
    "start_weights": [weights_from_a_table, weights_by_bounds, weights_one_by_one],
    "twins": [twins_by_broadcasting, twins_by_dictionary, twins_by_unique],
    "calibrated": [calibrated_twice, calibrated_in_place_on_a_copy, calibrated_by_recursion],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


# --- The five commonest mistakes of each, in three styles: how it begins, and the three ------------


def weights(variance, standard):
    """A student's answer: `variance` of the scheme and the two widths, `standard` of the draws."""

    def answer(draws, scheme, kind):
        n_out, n_in = draws.shape
        z = draws if kind == "normal" else standard(draws)
        return variance(scheme, n_in, n_out) ** 0.5 * z

    return answer


def of_the_numerator(scheme, n_in, n_out):
    return {"lecun": 1 / n_in, "glorot": 2**0.5 / (n_in + n_out), "he": 2**0.5 / n_in}[scheme]


def root_of_the_numerator_in_loops(draws, scheme, kind):
    n_out, n_in = len(draws), len(draws[0])
    W = np.zeros((n_out, n_in))
    for i in range(n_out):
        for j in range(n_in):
            z = draws[i, j] if kind == "normal" else (draws[i, j] - 0.5) * 12**0.5
            W[i, j] = of_the_numerator(scheme, n_in, n_out) * z
    return W


def right_variance(scheme, n_in, n_out):
    return {"lecun": 1 / n_in, "glorot": 2 / (n_in + n_out), "he": 2 / n_in}[scheme]


def right_standard(u):
    return (u - 0.5) * 12**0.5


def table(**changed):
    def variance(scheme, n_in, n_out):
        return changed.get(scheme, lambda i, o: right_variance(scheme, i, o))(n_in, n_out)

    return variance


def by_variance(draws, scheme, kind):
    n_out, n_in = draws.shape
    z = draws if kind == "normal" else (2 * draws - 1) * 3**0.5
    return {"lecun": z / n_in, "glorot": 2 * z / (n_in + n_out), "he": 2 * z / n_in}[scheme]


def by_variance_in_loops(draws, scheme, kind):
    return np.array(
        [
            [right_variance(scheme, len(row), len(draws)) * z for z in row]
            for row in (draws if kind == "normal" else right_standard(draws))
        ]
    )


def glorot_of_the_mean(scheme, n_in, n_out):
    return 1 / np.sum([n_in, n_out]) if scheme == "glorot" else right_variance(scheme, n_in, n_out)


def turned(scheme, n_in, n_out):
    return right_variance(scheme, n_out, n_in)


def turned_in_words(draws, scheme, kind):
    fan_in, fan_out = len(draws), len(draws[0])
    z = draws if kind == "normal" else right_standard(draws)
    return z * np.sqrt(right_variance(scheme, fan_in, fan_out))


def unit_pairs(same):
    """A student's answer: the first unit j for which `same` says that it is like unit k."""

    def answer(W1, b1, W2):
        units = range(len(b1))
        return np.array([next(j for j in units if j == k or same(W1, b1, W2, j, k)) for k in units])

    return answer


def in_dictionary(key):
    def answer(W1, b1, W2):
        seen = {}
        return np.array([seen.setdefault(key(W1, b1, W2, k), k) for k in range(len(b1))])

    return answer


def last_by_dictionary(W1, b1, W2):
    keys = [(*W1[k], b1[k], *W2[:, k]) for k in range(len(b1))]
    last = {key: k for k, key in enumerate(keys)}
    return np.array([last[key] for key in keys])


def last_by_broadcasting(W1, b1, W2):
    units = np.column_stack([W1, b1, W2.T])
    alike = (units[:, None] == units).all(axis=2)
    return len(units) - 1 - np.argmax(alike[:, ::-1], axis=1)


def nearly_by_broadcasting(W1, b1, W2):
    units = np.column_stack([W1, b1, W2.T])
    return np.argmax((np.abs(units[:, None] - units) < 1e-4).all(axis=-1), axis=1)


def last_by_loops(W1, b1, W2):
    first = list(range(len(b1)))
    for k in range(len(b1)):
        for j in range(len(b1)):
            if (W1[j] == W1[k]).all() and b1[j] == b1[k] and (W2[:, j] == W2[:, k]).all():
                first[k] = j
    return first


def groups_by_dictionary(W1, b1, W2):
    seen = {}
    return [seen.setdefault((*W1[k], b1[k], *W2[:, k]), len(seen)) for k in range(len(b1))]


def groups_by_list(W1, b1, W2):
    seen, numbers = [], []
    for unit in np.column_stack([W1, b1, W2.T]).tolist():
        if unit not in seen:
            seen.append(unit)
        numbers.append(seen.index(unit))
    return np.array(numbers)


def groups_by_rank(W1, b1, W2):
    first = twins_by_unique(W1, b1, W2)
    return np.searchsorted(np.unique(first), first)


def layers(size, new=lambda W, s: W / s, onward=lambda Z, s, phi: phi(Z / s)):
    """A student's answer: the `size` of Z, the `new` weights, and what goes `onward`."""

    def answer(X, weights, phi):
        H, scaled = X, []
        for W in weights:
            Z = H @ W.T
            s = size(Z)
            scaled.append(new(W, s))
            H = onward(Z, s, phi)
        return np.array(scaled)

    return answer


def rms(Z):
    return np.sqrt(np.mean(Z**2))


def stale_by_einsum(X, weights, phi):
    scaled = []
    for W in weights:
        Z = np.einsum("ni,ki->nk", X, W)
        scaled.append(W / np.linalg.norm(Z) * Z.size**0.5)
        X = phi(Z)
    return scaled


def stale_in_a_copy(X, weights, phi):
    new, H = weights.astype(float), X
    for k in range(len(weights)):
        new[k] /= rms(H @ weights[k].T)
        H = phi(H @ weights[k].T)
    return new


STYLES = {
    ("start_weights", "You multiply by the variance"): [
        by_variance,
        by_variance_in_loops,
        weights(lambda *given: right_variance(*given) ** 2, right_standard),
    ],
    ("start_weights", "n_in and n_out are mixed up"): [
        weights(turned, right_standard),
        turned_in_words,
        weights(table(lecun=lambda i, o: 1 / o, he=lambda i, o: 2 / o), right_standard),
    ],
    ("start_weights", "Your Glorot lacks the 2"): [
        weights(glorot_of_the_mean, right_standard),
        weights(table(glorot=lambda i, o: (i + o) ** -1), right_standard),
        weights(table(glorot=lambda i, o: 0.5 * 2 / (o + i)), lambda u: 3**0.5 * (2 * u - 1)),
    ],
    ("start_weights", "The root is taken of the numerator alone"): [
        weights(lambda *given: of_the_numerator(*given) ** 2, right_standard),
        weights(lambda *given: of_the_numerator(*given) ** 2, lambda u: 3**0.5 * (2 * u - 1)),
        root_of_the_numerator_in_loops,
    ],
    ("start_weights", "Your uniform numbers run from −1 to 1"): [
        weights(right_variance, lambda u: 2 * u - 1),
        weights(right_variance, lambda u: (u - 0.5) / 0.5),
        weights(right_variance, lambda u: -1 + (1 - -1) * u),
    ],
    ("start_weights", "Your uniform weights are not centered"): [
        weights(right_variance, lambda u: u * 12**0.5),
        weights(right_variance, lambda u: u / (1 / 12) ** 0.5),
        weights(right_variance, lambda u: 2 * np.sqrt(3) * u),
    ],
    ("twins", "You compare what goes in only"): [
        unit_pairs(lambda W1, b1, W2, j, k: np.array_equal(W1[j], W1[k]) and b1[j] == b1[k]),
        in_dictionary(lambda W1, b1, W2, k: (*W1[k], b1[k])),
        lambda W1, b1, W2: twins_by_broadcasting(W1, b1, 0 * W2),
    ],
    ("twins", "The biases are not compared"): [
        unit_pairs(lambda W1, b1, W2, j, k: (W1[j] == W1[k]).all() and (W2.T[j] == W2.T[k]).all()),
        in_dictionary(lambda W1, b1, W2, k: (*W1[k], *W2[:, k])),
        lambda W1, b1, W2: twins_by_unique(W1, 0 * b1, W2),
    ],
    ("twins", "You compare W1 alone"): [
        unit_pairs(lambda W1, b1, W2, j, k: not (W1[j] - W1[k]).any()),
        in_dictionary(lambda W1, b1, W2, k: tuple(W1[k])),
        lambda W1, b1, W2: twins_by_broadcasting(W1, 0 * b1, 0 * W2),
    ],
    ("twins", "Nearly equal is enough"): [
        unit_pairs(
            lambda W1, b1, W2, j, k: (
                np.allclose(W1[j], W1[k]) and b1[j] == b1[k] and np.allclose(W2.T[j], W2.T[k])
            )
        ),
        lambda *given: twins_by_dictionary(*(a.round(4) for a in given)),
        nearly_by_broadcasting,
    ],
    ("twins", "You give the last twin"): [last_by_dictionary, last_by_broadcasting, last_by_loops],
    ("twins", "You number the groups"): [groups_by_dictionary, groups_by_list, groups_by_rank],
    ("calibrated", "What you hand to the next layer was computed with the old"): [
        layers(rms, onward=lambda Z, s, phi: phi(Z)),
        stale_by_einsum,
        stale_in_a_copy,
    ],
    ("calibrated", "You divide by the mean of z², without the root"): [
        layers(lambda Z: (Z * Z).mean()),
        layers(lambda Z: rms(Z) ** 2),
        layers(lambda Z: np.einsum("nk,nk->", Z, Z) / Z.size),
    ],
    ("calibrated", "You subtract the mean: that is the standard deviation"): [
        layers(np.std),
        layers(lambda Z: Z.var() ** 0.5),
        layers(lambda Z: np.sqrt(((Z - Z.mean()) ** 2).mean())),
    ],
    ("calibrated", "You measure each unit for itself. One number"): [
        layers(lambda Z: (Z**2).mean(axis=0) ** 0.5, lambda W, s: (W.T / s).T),
        layers(
            lambda Z: np.array([rms(z) for z in Z.T]),
            lambda W, s: np.array([w / t for w, t in zip(W, s, strict=True)]),
        ),
        layers(lambda Z: np.linalg.norm(Z, axis=0) / len(Z) ** 0.5, lambda W, s: W / s[:, None]),
    ],
    ("calibrated", "You measure h = φ(z)"): [],
}


def measuring_h(size):
    def answer(X, weights, phi):
        H, scaled = X, []
        for W in weights:
            s = size(phi(H @ W.T))
            scaled.append(W / s)
            H = phi((H @ W.T) / s)
        return np.array(scaled)

    return answer


STYLES["calibrated", "You measure h = φ(z)"] += [
    measuring_h(rms),
    measuring_h(lambda H: np.linalg.norm(H) / H.size**0.5),
    measuring_h(lambda H: float(sum((H**2).ravel()) / H.size) ** 0.5),
]


@pytest.mark.parametrize(("name", "start"), STYLES)
def test_common_mistakes_are_recognized_in_three_styles(name, start):
    assert len(STYLES[name, start]) == 3
    for answer in STYLES[name, start]:
        begins(name, answer, start)


def test_the_schemes_are_those_of_torch():
    torch = pytest.importorskip("torch")
    make = EXERCISES["start_weights"].reference
    seed = torch.Generator().manual_seed(0)
    theirs = {
        ("he", "normal"): lambda W: torch.nn.init.kaiming_normal_(W, generator=seed),
        ("he", "uniform"): lambda W: torch.nn.init.kaiming_uniform_(W, generator=seed),
        ("glorot", "normal"): lambda W: torch.nn.init.xavier_normal_(W, generator=seed),
        ("glorot", "uniform"): lambda W: torch.nn.init.xavier_uniform_(W, generator=seed),
    }
    rng = np.random.default_rng(0)
    for (scheme, kind), fill in theirs.items():
        draws = rng.normal(size=(300, 200)) if kind == "normal" else rng.uniform(size=(300, 200))
        W, there = make(draws, scheme, kind), fill(torch.empty(300, 200)).numpy()
        assert W.std() == pytest.approx(there.std(), rel=0.02)
        if kind == "uniform":
            assert np.abs(W).max() == pytest.approx(np.abs(there).max(), rel=0.001)


def test_twins_stay_twins_and_others_part():
    """What the task says of them: after a step of gradient descent, the same groups."""
    from nnlib import Tensor, nn, optim
    from nnlib.nn import functional as F

    rng = np.random.default_rng(0)
    first_of = EXERCISES["twins"].reference
    model = nn.MLP([2, 5, 2], nn.Tanh).double()
    W1, b1, W2, _ = model.parameters()
    W1.data = np.array([[1.0, 2.0], [3.0, 0.5], [1.0, 2.0], [3.0, 0.5], [1.0, 2.0]])
    b1.data = np.array([0.5, 0.0, 0.5, 1.0, 0.5])
    W2.data = np.array([[1.0, 0.0, 1.0, 0.0, -1.0], [2.0, 1.0, 2.0, 1.0, 2.0]])
    sgd = optim.SGD(model.parameters(), lr=0.1)
    X, y = rng.normal(size=(20, 2)), rng.integers(0, 2, 20)
    for _ in range(20):
        F.cross_entropy(model(Tensor(X)), y).backward()
        sgd.step()
        sgd.zero_grad()
    rounded = [p.data.round(9) for p in (W1, b1, W2)]
    assert first_of(*rounded).tolist() == [0, 1, 0, 3, 4]
