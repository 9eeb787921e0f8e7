"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import numpy as np
import pytest
from judged import begins, details, passes

from nnlib.course.lessons import EXERCISES

# --- right ------------------------------------------------------------------------------------------


def shuffled_by_sorting(y, share, seed):
    rng, N = np.random.default_rng(seed), len(y)
    k = int(np.floor(share * N + 0.5))
    places = np.argsort(rng.random(N))[:k]
    labels = np.array(y)
    labels[places] = labels[places[np.argsort(rng.random(k))]]
    return labels


def shuffled_in_a_loop(y, share, seed):
    rng, labels = np.random.default_rng(seed), list(y)
    places = list(rng.permutation(len(y))[: round(share * len(y))])
    takes = [labels[place] for place in places]
    rng.shuffle(takes)
    for place, label in zip(places, takes, strict=True):
        labels[place] = label
    return np.array(labels)


def shuffled_by_swaps(y, share, seed):
    """Fisher and Yates, among the chosen places."""
    rng, labels = np.random.default_rng(seed), y.copy()
    places = rng.choice(len(y), size=round(share * len(y)), replace=False)
    for i in range(len(places) - 1, 0, -1):
        a, b = places[i], places[rng.integers(i + 1)]
        labels[a], labels[b] = labels[b], labels[a]
    return labels


def nearest_by_lstsq(phi, y, w0):
    delta, *_ = np.linalg.lstsq(phi, y - phi @ w0, rcond=None)
    return w0 + delta


def nearest_by_projection(phi, y, w0):
    """The shortest fit, and of the start what no example speaks of."""
    inverse = np.linalg.inv(phi @ phi.T)
    onto = phi.T @ inverse @ phi
    return phi.T @ inverse @ y + (np.eye(len(w0)) - onto) @ w0


def nearest_by_the_svd(phi, y, w0):
    U, s, Vt = np.linalg.svd(phi, full_matrices=False)
    return np.asarray(w0, dtype=float) + Vt.T @ ((U.T @ (y - phi @ w0)) / s)


def report_by_masking(train, val, test):
    columns = np.where((val == val.max()).any(axis=0))[0]
    e = columns[0]
    r = np.argmax(val[:, e])
    return r, e, train[r][e] - test[r][e], val[r][e] - test[r][e]


def report_column_by_column(train, val, test):
    R, _ = val.shape
    e, r = divmod(int(np.argmax(val.T)), R)  # the transpose is read epoch by epoch
    return [r, e, float(train[r, e] - test[r, e]), float(val[r, e] - test[r, e])]


def report_sorted(train, val, test):
    R, E = val.shape
    order = sorted((-val[r, e], e, r) for r in range(R) for e in range(E))
    _, e, r = order[0]
    return int(r), int(e), train[r, e] - test[r, e], val[r, e] - test[r, e]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("shuffle_labels", shuffled_by_sorting),
        ("shuffle_labels", shuffled_in_a_loop),
        ("shuffle_labels", shuffled_by_swaps),
        ("nearest_fit", nearest_by_lstsq),
        ("nearest_fit", nearest_by_projection),
        ("nearest_fit", nearest_by_the_svd),
        ("generalization_report", report_by_masking),
        ("generalization_report", report_column_by_column),
        ("generalization_report", report_sorted),
    ],
)
def test_right_answers_in_other_styles_pass(name, answer):
    passes(name, answer)


# --- wrong: the commonest, each in three styles -----------------------------------------------------


def all_by_permutation(y, share, seed):
    return np.random.default_rng(seed).permutation(y)


def all_by_shuffle(y, share, seed):
    labels = y.copy()
    np.random.default_rng(seed).shuffle(labels)
    return labels


def all_by_index(y, share, seed):
    return y[np.random.default_rng(seed).permutation(len(y))]


def first_ones(y, share, seed):
    k = round(share * len(y))
    head = np.random.default_rng(seed).permutation(y[:k])
    return np.concatenate([head, y[k:]])


def last_ones(y, share, seed):
    labels, k = y.copy(), round(share * len(y))
    places = np.arange(len(y) - k, len(y))
    labels[places] = y[np.random.default_rng(seed).permutation(places)]
    return labels


def every_few(y, share, seed):
    labels, k = y.copy(), round(share * len(y))
    places = np.linspace(0, len(y) - 1, k).round().astype(int)
    labels[places] = y[np.random.default_rng(seed).permutation(places)]
    return labels


def redrawn(y, share, seed):
    rng, labels = np.random.default_rng(seed), y.copy()
    places = rng.choice(len(y), round(share * len(y)), replace=False)
    labels[places] = rng.choice(np.unique(y), len(places))
    return labels


def redrawn_in_a_loop(y, share, seed):
    rng, labels = np.random.default_rng(seed), y.copy()
    for place in rng.permutation(len(y))[: round(share * len(y))]:
        labels[place] = y[rng.integers(len(y))]
    return labels


def redrawn_by_integers(y, share, seed):
    rng, labels, k = np.random.default_rng(seed), y.copy(), round(share * len(y))
    labels[rng.permutation(len(y))[:k]] = y[rng.integers(0, len(y), k)]
    return labels


def from_other_places(y, share, seed):
    rng, labels, k = np.random.default_rng(seed), y.copy(), round(share * len(y))
    labels[rng.permutation(len(y))[:k]] = y[rng.permutation(len(y))[:k]]
    return labels


def from_other_places_by_choice(y, share, seed):
    rng, labels, k = np.random.default_rng(seed), y.copy(), round(share * len(y))
    there, taken = (rng.choice(len(y), k, replace=False) for _ in range(2))
    labels[there] = y[taken]
    return labels


def from_other_places_in_a_loop(y, share, seed):
    rng, labels, k = np.random.default_rng(seed), y.copy(), round(share * len(y))
    there, taken = rng.permutation(len(y)), rng.permutation(len(y))
    for i in range(k):
        labels[there[i]] = y[taken[i]]
    return labels


def by_a_mask(y, share, seed):
    rng, labels = np.random.default_rng(seed), y.copy()
    mask = rng.uniform(size=len(y)) < share
    labels[mask] = rng.permutation(labels[mask])
    return labels


def by_a_choice_of_booleans(y, share, seed):
    rng, labels = np.random.default_rng(seed), y.copy()
    mask = rng.choice([True, False], size=len(y), p=[share, 1 - share])
    labels[mask] = rng.permutation(y[mask])
    return labels


def by_a_coin_in_a_loop(y, share, seed):
    rng, labels = np.random.default_rng(seed), y.copy()
    places = [i for i in range(len(y)) if rng.random() < share]
    labels[places] = y[rng.permutation(places)] if places else labels[places]
    return labels


def into_y(y, share, seed):
    rng = np.random.default_rng(seed)
    places = rng.choice(len(y), round(share * len(y)), replace=False)
    y[places] = y[rng.permutation(places)]
    return y


def into_a_view(y, share, seed):
    rng, labels = np.random.default_rng(seed), y[:]
    places = rng.permutation(len(y))[: round(share * len(y))]
    labels[places] = labels[rng.permutation(places)]
    return labels


def into_asarray(y, share, seed):
    rng, labels = np.random.default_rng(seed), np.asarray(y)
    places = rng.permutation(len(y))[: round(share * len(y))]
    labels[places] = labels[rng.permutation(places)]
    return labels


def shortest_by_pinv(phi, y, w0):
    return np.linalg.pinv(phi) @ y


def shortest_by_lstsq(phi, y, w0):
    return np.linalg.lstsq(phi, y, rcond=None)[0]


def shortest_by_inv(phi, y, w0):
    return phi.T @ np.linalg.inv(phi @ phi.T) @ y


def added_by_pinv(phi, y, w0):
    return w0 + np.linalg.pinv(phi) @ y


def added_by_lstsq(phi, y, w0):
    return np.linalg.lstsq(phi, y, rcond=None)[0] + w0


def added_by_inv(phi, y, w0):
    return w0 + phi.T @ (np.linalg.inv(phi @ phi.T) @ y)


def way_by_pinv(phi, y, w0):
    return np.linalg.pinv(phi) @ (y - phi @ w0)


def way_by_lstsq(phi, y, w0):
    return np.linalg.lstsq(phi, y - phi @ w0, rcond=None)[0]


def way_by_inv(phi, y, w0):
    error = y - np.einsum("ij,j->i", phi, w0)
    return phi.T @ np.linalg.inv(phi @ phi.T) @ error


def sign_by_pinv(phi, y, w0):
    return w0 + np.linalg.pinv(phi) @ (phi @ w0 - y)


def sign_by_lstsq(phi, y, w0):
    return w0 - np.linalg.lstsq(phi, y - phi @ w0, rcond=None)[0]


def sign_by_inv(phi, y, w0):
    return w0 - phi.T @ np.linalg.inv(phi @ phi.T) @ (y - phi @ w0)


def one_step(phi, y, w0):
    return w0 - phi.T @ (phi @ w0 - y)


def one_step_of_sums(phi, y, w0):
    return w0 + np.einsum("n,np->p", y - phi @ w0, phi)


def one_step_in_a_loop(phi, y, w0):
    w = 1.0 * w0
    for features, target in zip(phi, y, strict=True):
        w = w + (target - features @ w0) * features
    return w


def chosen(table, train, val, test):
    r, e = np.unravel_index(np.argmax(table), table.shape)
    return r, e, train[r, e] - test[r, e], val[r, e] - test[r, e]


def by_the_test(train, val, test):
    return chosen(test, train, val, test)


def by_the_test_in_a_loop(train, val, test):
    best = (0, 0)
    for r in range(len(test)):
        for e in range(len(test[0])):
            if test[r, e] > test[best]:
                best = r, e
    return *best, train[best] - test[best], val[best] - test[best]


def by_the_test_with_argwhere(train, val, test):
    r, e = np.argwhere(test == np.max(test))[0]
    return int(r), int(e), train[r, e] - test[r, e], val[r, e] - test[r, e]


def by_the_training(train, val, test):
    return chosen(train, train, val, test)


def by_the_training_with_argwhere(train, val, test):
    r, e = np.argwhere(train == train.max())[0]
    return r, e, train[r, e] - test[r, e], val[r, e] - test[r, e]


def by_the_training_row_by_row(train, val, test):
    r = int(np.argmax(train.max(axis=1)))
    e = int(np.argmax(train[r]))
    return r, e, train[r, e] - test[r, e], val[r, e] - test[r, e]


def first_training(train, val, test):
    return chosen(val, train, val, test)


def first_training_row_by_row(train, val, test):
    r = int(np.argmax(val.max(axis=1)))
    e = int(np.argmax(val[r]))
    return r, e, train[r, e] - test[r, e], val[r, e] - test[r, e]


def first_training_in_a_loop(train, val, test):
    best = (0, 0)
    for r in range(val.shape[0]):
        for e in range(val.shape[1]):
            if val[r, e] > val[best]:
                best = r, e
    return *best, train[best] - test[best], val[best] - test[best]


def gap_to_validation(train, val, test):
    e, r = divmod(int(np.argmax(val.T)), len(val))
    return r, e, train[r, e] - val[r, e], val[r, e] - test[r, e]


def gap_to_validation_by_masking(train, val, test):
    e = np.where((val == val.max()).any(axis=0))[0][0]
    r = np.argmax(val[:, e])
    return r, e, train[r, e] - val.max(), val.max() - test[r, e]


def gap_to_validation_sorted(train, val, test):
    R, E = val.shape
    _, e, r = min((-val[r, e], e, r) for r in range(R) for e in range(E))
    return [r, e, train[r, e] - val[r, e], val[r, e] - test[r, e]]


def each_at_its_highest(train, val, test):
    e, r = divmod(int(np.argmax(val.T)), len(val))
    return r, e, np.max(train) - np.max(test), np.max(val) - np.max(test)


def each_at_its_highest_by_sorting(train, val, test):
    R, E = val.shape
    _, e, r = min((-val[r, e], e, r) for r in range(R) for e in range(E))
    tops = [np.sort(table.ravel())[-1] for table in (train, val, test)]
    return r, e, tops[0] - tops[2], tops[1] - tops[2]


def each_at_its_highest_by_amax(train, val, test):
    e = np.where((val == val.max()).any(axis=0))[0][0]
    r = np.argmax(val[:, e])
    return r, e, np.amax(train) - np.amax(test), np.amax(val) - np.amax(test)


def by_swaps_of_a_pair(y, share, seed):
    rng, labels = np.random.default_rng(seed), y.copy()
    for _ in range(round(share * len(y))):
        pair = rng.choice(len(y), 2, replace=False)
        labels[pair] = labels[pair[::-1]]
    return labels


def by_swaps_with_any(y, share, seed):
    rng, labels = np.random.default_rng(seed), list(y)
    for place in rng.permutation(len(y))[: round(share * len(y))]:
        other = rng.integers(len(y))
        labels[place], labels[other] = labels[other], labels[place]
    return np.array(labels)


def by_swaps_of_integers(y, share, seed):
    rng, labels = np.random.default_rng(seed), np.array(y)
    for i, j in rng.integers(0, len(y), (round(share * len(y)), 2)):
        labels[[i, j]] = labels[[j, i]]
    return labels


def by_swaps_of_two_draws(y, share, seed):
    rng, labels = np.random.default_rng(seed), list(y)
    for _ in range(round(share * len(y))):
        i, j = int(rng.random() * len(y)), int(rng.random() * len(y))
        labels[i], labels[j] = labels[j], labels[i]
    return np.array(labels)


def overwritten_in_a_loop(y, share, seed):
    rng, labels = np.random.default_rng(seed), y.copy()
    places = rng.choice(len(y), round(share * len(y)), replace=False)
    for here, there in zip(places, rng.permutation(places), strict=True):
        labels[here] = labels[there]
    return labels


def on_the_first_features(phi, y, w0):
    """It fits, but leaves all other weights as they were."""
    N, w = len(y), w0.copy()
    w[:N] = np.linalg.solve(phi[:, :N], y - phi[:, N:] @ w0[N:])
    return w


def too_few_steps(phi, y, w0):
    w = w0.copy()
    for _ in range(10):
        w = w - 0.01 * phi.T @ (phi @ w - y)
    return w


def training_on_average(train, val, test):
    r = int(np.argmax(val.mean(axis=1)))
    e = int(np.argmax(val[r]))
    return r, e, train[r, e] - test[r, e], val[r, e] - test[r, e]


def training_by_the_sum(train, val, test):
    r = max(range(len(val)), key=lambda row: sum(val[row]))
    e = np.argwhere(val[r] == val[r].max())[0, 0]
    return r, e, train[r, e] - test[r, e], val[r, e] - test[r, e]


def training_by_einsum(train, val, test):
    r = int(np.einsum("re->r", val).argmax())
    e = max(range(val.shape[1]), key=val[r].__getitem__)
    return [r, e, train[r, e] - test[r, e], val[r, e] - test[r, e]]


def the_last_in_a_loop(train, val, test):
    best = (0, 0)
    for e in range(val.shape[1]):
        for r in range(len(val)):
            if val[r, e] >= val[best]:
                best = r, e
    return *best, train[best] - test[best], val[best] - test[best]


def the_last_by_argwhere(train, val, test):
    e, r = np.argwhere(val.max() == val.T)[-1]
    return r, e, train[r, e] - test[r, e], val[r, e] - test[r, e]


def the_last_as_largest(train, val, test):
    R, E = val.shape
    _, e, r = max((val[r, e], e, r) for r in range(R) for e in range(E))
    return r, e, train[r, e] - test[r, e], val[r, e] - test[r, e]


WRONG = {
    ("shuffle_labels", "All labels are shuffled"): (all_by_permutation, all_by_shuffle, all_by_index),
    ("shuffle_labels", "It is always the same places"): (first_ones, last_ones, every_few),
    ("shuffle_labels", "The chosen places get labels"): (
        redrawn, redrawn_in_a_loop, redrawn_by_integers,
    ),
    ("shuffle_labels", "The labels come from other places"): (
        from_other_places, from_other_places_by_choice, from_other_places_in_a_loop,
    ),
    ("shuffle_labels", "Each label is shuffled with the probability"): (
        by_a_mask, by_a_choice_of_booleans, by_a_coin_in_a_loop,
    ),
    ("shuffle_labels", "Swaps of two places"): (
        by_swaps_of_a_pair, by_swaps_of_integers, by_swaps_of_two_draws,
    ),
    ("shuffle_labels", "Swaps with places that were not chosen"): (by_swaps_with_any,),
    ("shuffle_labels", "The chosen places get labels of which"): (overwritten_in_a_loop,),
    ("shuffle_labels", "You write into y itself"): (into_y, into_a_view, into_asarray),
    ("nearest_fit", "That is the shortest w of all"): (
        shortest_by_pinv, shortest_by_lstsq, shortest_by_inv,
    ),
    ("nearest_fit", "You add the shortest w"): (added_by_pinv, added_by_lstsq, added_by_inv),
    ("nearest_fit", "What comes back is the way"): (way_by_pinv, way_by_lstsq, way_by_inv),
    ("nearest_fit", "The way from the start has the wrong sign"): (
        sign_by_pinv, sign_by_lstsq, sign_by_inv,
    ),
    ("nearest_fit", "That is a single step"): (one_step, one_step_of_sums, one_step_in_a_loop),
    ("generalization_report", "You choose by the test set"): (
        by_the_test, by_the_test_in_a_loop, by_the_test_with_argwhere,
    ),
    ("generalization_report", "You choose by the training set"): (
        by_the_training, by_the_training_with_argwhere, by_the_training_row_by_row,
    ),
    ("generalization_report", "Where several places share the highest validation, the one with"): (
        first_training, first_training_row_by_row, first_training_in_a_loop,
    ),
    ("generalization_report", "The gap is training minus test"): (
        gap_to_validation, gap_to_validation_by_masking, gap_to_validation_sorted,
    ),
    ("generalization_report", "You choose the training by the mean"): (
        training_on_average, training_by_the_sum, training_by_einsum,
    ),
    ("generalization_report", "Where several places share the highest validation, you take the last"): (
        the_last_in_a_loop, the_last_by_argwhere, the_last_as_largest,
    ),
    ("generalization_report", "Each number is the highest"): (
        each_at_its_highest, each_at_its_highest_by_sorting, each_at_its_highest_by_amax,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start", "answer"),
    [(name, start, answer) for (name, start), answers in WRONG.items() for answer in answers],
)
def test_the_commonest_mistakes_are_recognized_in_three_styles(name, start, answer):
    begins(name, answer, start)


def test_what_is_not_recognized_is_told_whether_it_fits():
    assert "w − w₀ at right angles" in details("nearest_fit", on_the_first_features)["values"]
    assert "Φw (it is to be y)" in details("nearest_fit", too_few_steps)["values"]


def test_a_small_shuffle_hurts_nobody():
    shuffle = EXERCISES["shuffle_labels"].reference
    np.testing.assert_array_equal(shuffle(np.arange(3.0), 0.0, 0), np.arange(3.0))
    assert sorted(shuffle(np.arange(9.0), 1.0, 0)) == list(range(9))
