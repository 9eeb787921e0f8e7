"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

from collections import Counter

import numpy as np
import pytest
from judged import begins, passes, verdict

from nnlib.course.lessons import EXERCISES


def layer_in_loops(W, b, mean, s):
    K, d = W.shape
    raw, shifted = np.zeros((K, d)), np.zeros(K)
    for k in range(K):
        shifted[k] = b[k]
        for j in range(d):
            raw[k, j] = W[k, j] / s[j]
            shifted[k] -= raw[k, j] * mean[j]
    return raw, shifted


def layer_by_einsum(W, b, mean, s):
    raw = np.einsum("kj,j->kj", W, 1 / s)
    return raw, b - np.einsum("kj,j->k", raw, mean)


def layer_by_a_diagonal_matrix(W, b, mean, s):
    return [W @ np.diag(1 / s), b - (W * (mean / s)).sum(1)]


def pooled_one_by_one(counts, means, spreads):
    n, mean, squares = 0, 0.0, 0.0
    for more, x, s in zip(counts, means.astype(float), spreads.astype(float), strict=True):
        apart, together = x - mean, n + more
        squares = squares + more * s**2 + apart**2 * n * more / together
        mean = mean + apart * more / together
        n = together
    return mean, np.sqrt(squares / n)


def pooled_by_sums(counts, means, spreads):
    N = sum(counts)
    mean = sum(n * x for n, x in zip(counts, means, strict=True)) / N
    pairs = zip(counts, means, spreads, strict=True)
    return mean, (sum(n * (s**2 + (x - mean) ** 2) for n, x, s in pairs) / N) ** 0.5


def pooled_by_averages(counts, means, spreads):
    mean = np.average(means, axis=0, weights=counts)
    return mean, np.sqrt(np.average(spreads**2 + (means - mean) ** 2, axis=0, weights=counts))


def neighbors_by_dictionary(X_train, y_train, X_test, k):
    mean, s = X_train.mean(0), X_train.std(0)
    s[s == 0] = 1
    A, B = (X_train - mean) / s, (X_test - mean) / s
    said = []
    for b in B:
        apart = [sum((b - a) ** 2) for a in A]
        votes = {}
        for i in sorted(range(len(A)), key=lambda i: apart[i])[:k]:
            votes[y_train[i]] = votes.get(y_train[i], 0) + 1
        said.append(max(sorted(votes), key=lambda label: votes[label]))
    return said


def neighbors_by_one_hot(X_train, y_train, X_test, k):
    s = X_train.std(0)
    s = s + (s == 0)
    apart = np.linalg.norm((X_test / s)[:, None] - X_train / s, axis=-1)
    near = np.argpartition(apart, k - 1, axis=1)[:, :k]
    return np.eye(y_train.max() + 1)[y_train[near]].sum(1).argmax(1)


def neighbors_by_counter(X_train, y_train, X_test, k):
    s = X_train.std(0, ddof=1)  # another factor for all, which no neighbor minds
    s = np.where(s == 0, 1, s)
    A, B = X_train / s, X_test / s
    apart = np.einsum("abj,abj->ab", B[:, None] - A, B[:, None] - A)
    rows = apart.argsort(1)[:, :k]
    return np.array([Counter(sorted(y_train[r].tolist())).most_common(1)[0][0] for r in rows])


RIGHT = {
    "raw_layer": [layer_in_loops, layer_by_einsum, layer_by_a_diagonal_matrix],
    "pooled_scale": [pooled_one_by_one, pooled_by_sums, pooled_by_averages],
    "nearest_class": [neighbors_by_dictionary, neighbors_by_one_hot, neighbors_by_counter],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


def in_loops(weight, shift):
    def answer(W, b, mean, s):
        raw, shifted = np.zeros(W.shape), b.astype(float).copy()
        for k in range(len(W)):
            for j in range(len(s)):
                raw[k, j] = weight(W[k, j], mean[j], s[j])
                shifted[k] -= shift(W[k, j], mean[j], s[j])
        return raw, shifted

    return answer


def by_einsum(weight, shift):
    def answer(W, b, mean, s):
        return weight(W, mean, s), b - np.einsum("kj->k", shift(W, mean, s) + 0 * W)

    return answer


def by_matrices(weight, shift):
    def answer(W, b, mean, s):
        K = len(W)
        wide_mean, wide_s = np.tile(mean, (K, 1)), np.tile(s, (K, 1))
        moved = shift(W, wide_mean, wide_s) + np.zeros(W.shape)
        return weight(W, wide_mean, wide_s), b - moved @ np.ones(len(s))

    return answer


LAYER_SLIPS = {
    "You multiply the weights by s": (lambda w, m, s: w * s, lambda w, m, s: w * s * m),
    "Your bias is still the old one": (lambda w, m, s: w / s, lambda w, m, s: 0 * w),
    "The sign of the shift": (lambda w, m, s: w / s, lambda w, m, s: -w / s * m),
    "You take W @ mean": (lambda w, m, s: w / s, lambda w, m, s: w * m),
    "That is the way there": (lambda w, m, s: w * s, lambda w, m, s: -w * m),
}


@pytest.mark.parametrize("style", [in_loops, by_einsum, by_matrices])
@pytest.mark.parametrize("start", LAYER_SLIPS)
def test_slips_in_the_layer_are_named_in_three_styles(start, style):
    begins("raw_layer", style(*LAYER_SLIPS[start]), start)


def averaged(counts, table):
    return np.average(table, axis=0, weights=counts)


def summed(counts, table):
    return sum(n * row for n, row in zip(counts, table, strict=True)) / sum(counts)


def multiplied(counts, table):
    return np.einsum("i,ij->j", counts / counts.sum(), table)


POOLED_SLIPS = {
    "You average the standard deviations": lambda mean, n, x, s: (mean(n, x), mean(n, s)),
    "Your s knows what varies within": lambda mean, n, x, s: (mean(n, x), mean(n, s**2) ** 0.5),
    "That is the variance": lambda mean, n, x, s: (
        mean(n, x),
        mean(n, s**2 + (x - mean(n, x)) ** 2),
    ),
    "Within the parts you weigh by N_i, but not between": lambda mean, n, x, s: (
        mean(n, x),
        (mean(n, s**2) + ((x - mean(n, x)) ** 2).mean(axis=0)) ** 0.5,
    ),
    "You divide the variance by N − m": lambda mean, n, x, s: (
        mean(n, x),
        (mean(n, s**2 + (x - mean(n, x)) ** 2) * n.sum() / max(n.sum() - len(n), 1)) ** 0.5,
    ),
    "You measure the parts' distances from 0": lambda mean, n, x, s: (
        mean(n, x),
        mean(n, s**2 + x**2) ** 0.5,
    ),
    "Your s knows only how far": lambda mean, n, x, s: (
        mean(n, x),
        mean(n, (x - mean(n, x)) ** 2) ** 0.5,
    ),
}


@pytest.mark.parametrize("mean", [averaged, summed, multiplied])
@pytest.mark.parametrize("start", POOLED_SLIPS)
def test_slips_in_pooling_are_named_in_three_styles(start, mean):
    def answer(counts, means, spreads):
        return POOLED_SLIPS[start](mean, counts, means, spreads)

    begins("pooled_scale", answer, start)


def fair(A, B):
    s = np.where(A.std(0) > 0, A.std(0), 1)
    return (A - A.mean(0)) / s, (B - A.mean(0)) / s


def each_its_own(A, B):
    return fair(A, A)[0], fair(B, B)[0]


def by_a_tiny_number(A, B):
    s = A.std(0) + 1e-10
    return (A - A.mean(0)) / s, (B - A.mean(0)) / s


def votes(y, places):
    return np.bincount(y[places]).argmax()


def nearest_first(apart, k):
    return np.argsort(apart)[:k]


NEIGHBOR_SLIPS = {
    "The features keep their units": (lambda A, B: (A, B), nearest_first, votes),
    "You scale the test set by its own": (each_its_own, nearest_first, votes),
    "You take the farthest rows": (fair, lambda apart, k: np.argsort(apart)[-k:], votes),
    "You leave out the nearest row": (fair, lambda apart, k: np.argsort(apart)[1 : k + 1], votes),
    "You add a tiny number to s": (by_a_tiny_number, nearest_first, votes),
    "You average the labels, and round": (fair, nearest_first, lambda y, p: round(y[p].mean())),
}


def with_squares(A, b):
    return ((A - b) ** 2).sum(axis=1)


def with_norms(A, b):
    return np.linalg.norm(A - b, axis=1)


def with_loops(A, b):
    return np.array([sum((x - z) ** 2 for x, z in zip(row, b, strict=True)) for row in A])


@pytest.mark.parametrize("distance", [with_squares, with_norms, with_loops])
@pytest.mark.parametrize("start", NEIGHBOR_SLIPS)
def test_slips_among_neighbors_are_named_in_three_styles(start, distance):
    scale, pick, decide = NEIGHBOR_SLIPS[start]

    def answer(X_train, y_train, X_test, k):
        A, B = scale(X_train, X_test)
        return [decide(y_train, pick(distance(A, b), k)) for b in B]

    begins("nearest_class", answer, start)


@pytest.mark.parametrize("sign", [1, -1])
def test_differences_without_squares_are_named_and_not_taken_for_a_majority(sign):
    def answer(X_train, y_train, X_test, k):
        A, B = fair(X_train, X_test)
        return [votes(y_train, nearest_first((sign * (A - b)).sum(axis=1), k)) for b in B]

    begins("nearest_class", answer, "You add up differences without their squares")


def test_one_vote_too_few_is_named_though_one_neighbor_leaves_none():
    def answer(X_train, y_train, X_test, k):
        A, B = fair(X_train, X_test)
        return [votes(y_train, nearest_first(with_squares(A, b), k - 1)) for b in B]

    begins("nearest_class", answer, "One neighbor too few votes")


def test_the_last_feature_alone_in_the_bias_is_named():
    def answer(W, b, mean, s):
        raw, shifted = W / s, b.copy()
        for k in range(len(W)):
            for j in range(len(s)):
                shifted[k] = b[k] - raw[k, j] * mean[j]
        return raw, shifted

    begins("raw_layer", answer, "Only the last feature's shift")


def test_squares_of_huge_means_are_not_accepted_as_the_task_says():
    def answer(counts, means, spreads):
        mean, squares = averaged(counts, means), averaged(counts, spreads**2 + means**2)
        return mean, np.sqrt(np.maximum(squares - mean**2, 0))

    for seed in range(3):
        found = verdict("pooled_scale", answer, seed)
        assert not found.passed and "100 million" in str(found.findings)


def test_the_examples_of_the_tasks():
    one = np.ones((1, 1))
    raw, bias = EXERCISES["raw_layer"].reference(6 * one, one[0], 50 * one[0], 3 * one[0])
    assert (raw.item(), bias.item()) == (2, -99)
    counts, means, spreads = np.array([2, 1]), np.array([[2.0], [8.0]]), np.array([[1.0], [0.0]])
    mean, s = EXERCISES["pooled_scale"].reference(counts, means, spreads)
    assert mean.item() == 4 and s.item() == pytest.approx(np.std([1, 3, 8]))
    rows, labels = np.array([[0.0], [1.0], [5.0]]), np.array([1, 1, 0])
    nearest = EXERCISES["nearest_class"].reference
    assert nearest(rows, labels, np.array([[4.0]]), 3) == [1]
    assert nearest(rows, labels, np.array([[4.0]]), 1) == [0]


def test_a_pooled_scale_is_that_of_the_whole_table():
    rng = np.random.default_rng(0)
    parts = [rng.normal(3 * i, 1 + i, (5 + 4 * i, 3)) for i in range(4)]
    told = [np.array([part.mean(0) for part in parts]), np.array([part.std(0) for part in parts])]
    counts = np.array([len(part) for part in parts])
    mean, s = EXERCISES["pooled_scale"].reference(counts, *told)
    whole = np.concatenate(parts)
    np.testing.assert_allclose(mean, whole.mean(0))
    np.testing.assert_allclose(s, whole.std(0))


def test_neighbors_are_those_of_scikit_learn():
    neighbors = pytest.importorskip("sklearn.neighbors")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)) * [1, 100, 0.01], rng.integers(0, 2, 60)
    s = X[:40].std(0)
    theirs = neighbors.KNeighborsClassifier(5).fit(X[:40] / s, y[:40]).predict(X[40:] / s)
    ours = EXERCISES["nearest_class"].reference(X[:40], y[:40], X[40:], 5)
    np.testing.assert_array_equal(ours, theirs)
