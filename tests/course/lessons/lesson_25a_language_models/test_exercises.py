"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from judged import begins, passes

# --- right ------------------------------------------------------------------------------------------


def windows_by_places(ids, k):
    places = np.arange(len(ids))[:, None] + np.arange(k) - k
    return np.where(places >= 0, ids[np.maximum(places, 0)], 0), ids + 0


def windows_by_sliding(ids, k):
    padded = np.pad(ids, (k, 0))
    views = np.lib.stride_tricks.sliding_window_view(padded, k)
    return views[: len(ids)].copy(), np.array(ids)


def windows_in_a_loop(ids, k):
    rows, memory = [], [0] * k
    for c in ids:
        rows.append(list(memory))
        memory = [*memory[1:], c]
    return np.array(rows), list(ids)


def entropy_by_counter(ids, k):
    after = defaultdict(Counter)
    for i in range(k, len(ids)):
        after[tuple(ids[i - k : i].tolist())][ids[i]] += 1
    total = 0.0
    for counts in after.values():
        n = sum(counts.values())
        total += sum(-c * np.log2(c / n) for c in counts.values())
    return total / (len(ids) - k)


def entropy_as_a_difference(ids, k):
    rows = np.array([ids[i - k : i + 1] for i in range(k, len(ids))])

    def bits(rows):
        if rows.shape[1] == 0:
            return 0.0
        p = np.unique(rows, axis=0, return_counts=True)[1] / len(rows)
        return -(p * np.log2(p)).sum()

    return bits(rows) - bits(rows[:, :-1])


def entropy_place_by_place(ids, k):
    text = [tuple(ids[i - k : i + 1]) for i in range(k, len(ids))]
    surprise = []
    for piece in text:
        same = [other for other in text if other[:-1] == piece[:-1]]
        surprise.append(-np.log2(sum(other[-1] == piece[-1] for other in same) / len(same)))
    return np.mean(surprise)


def chances(z, T):
    z = z.astype(float) / T
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def sample_by_searching(z, T, u):
    rows = zip(chances(z, T), u, strict=True)
    return np.array([np.searchsorted(np.cumsum(p), r, side="right") for p, r in rows])


def sample_by_argmax(z, T, u):
    return np.argmax(np.cumsum(chances(z, T), axis=1) > u[:, None], axis=1)


def sample_in_loops(z, T, u):
    drawn = []
    for p, r in zip(chances(z, T), u, strict=True):
        c = 0
        while c < len(p) - 1 and r >= p[c]:
            r = r - p[c]
            c += 1
        drawn.append(c)
    return drawn


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("windows", windows_by_places),
        ("windows", windows_by_sliding),
        ("windows", windows_in_a_loop),
        ("ngram_entropy", entropy_by_counter),
        ("ngram_entropy", entropy_as_a_difference),
        ("ngram_entropy", entropy_place_by_place),
        ("sample_next", sample_by_searching),
        ("sample_next", sample_by_argmax),
        ("sample_next", sample_in_loops),
    ],
)
def test_other_right_answers_pass(name, answer):
    passes(name, answer)


# --- wrong ------------------------------------------------------------------------------------------


def sees_itself(ids, k):
    padded = np.pad(ids, (k, 0))
    return np.array([padded[i + 1 : i + 1 + k] for i in range(len(ids))]), ids.copy()


def sees_itself_by_places(ids, k):
    places = np.arange(len(ids))[:, None] + np.arange(k) - k + 1
    return np.where(places >= 0, ids[np.maximum(places, 0)], 0), ids.copy()


def sees_itself_in_a_loop(ids, k):
    rows, memory = [], [0] * k
    for c in ids:
        memory = [*memory[1:], c]
        rows.append(memory)
    return np.array(rows), ids.copy()


def last_of_the_row(ids, k):
    X, _ = windows_by_places(ids, k)
    return X, X[:, -1].copy()


def last_of_the_row_by_sliding(ids, k):
    X, _ = windows_by_sliding(ids, k)
    return X, X.T[-1].copy()


def last_of_the_row_shifted(ids, k):
    X, _ = windows_in_a_loop(ids, k)
    return X, np.append(0, ids[:-1])


def turned(ids, k):
    X, y = windows_by_places(ids, k)
    return X[:, ::-1], y


def turned_in_a_loop(ids, k):
    rows = [[ids[i - j] if i >= j else 0 for j in range(1, k + 1)] for i in range(len(ids))]
    return np.array(rows), ids.copy()


def turned_by_flip(ids, k):
    X, y = windows_by_sliding(ids, k)
    return np.flip(X, axis=1), y


def without_the_first(ids, k):
    return np.array([ids[i - k : i] for i in range(k, len(ids))]).reshape(-1, k), ids[k:].copy()


def without_the_first_by_sliding(ids, k):
    X, y = windows_by_sliding(ids, k)
    return X[k:], y[k:]


def without_the_first_in_a_loop(ids, k):
    X, y = windows_in_a_loop(ids, k)
    return X[k:], np.array(y[k:], dtype=int)


def without_the_last(ids, k):
    X, y = windows_by_places(ids, k)
    return X[:-1], y[:-1]


def without_the_last_by_sliding(ids, k):
    X, y = windows_by_sliding(ids, k)
    return X[: len(ids) - 1], y[: len(ids) - 1]


def without_the_last_in_a_loop(ids, k):
    padded = [0] * k + list(ids)
    rows = [padded[i : i + k] for i in range(len(padded) - k - 1)]
    return np.array(rows).reshape(-1, k), ids[:-1].copy()


def in_nats(ids, k):
    return entropy_by_counter(ids, k) * np.log(2)


def in_nats_as_a_difference(ids, k):
    rows = np.array([ids[i - k : i + 1] for i in range(k, len(ids))])
    own = np.unique(rows, axis=0, return_inverse=True)[1].ravel()
    both = np.bincount(own)[own]
    if k == 0:
        return -np.mean(np.log(both / len(rows)))
    shorter = np.unique(rows[:, :-1], axis=0, return_inverse=True)[1].ravel()
    return -np.mean(np.log(both / np.bincount(shorter)[shorter]))


def in_nats_place_by_place(ids, k):
    text = [tuple(ids[i - k : i + 1]) for i in range(k, len(ids))]
    before = [piece[:-1] for piece in text]
    return -sum(np.log(text.count(piece) / before.count(piece[:-1])) for piece in text) / len(text)


def joint(ids, k):
    text = [tuple(ids[i - k : i + 1]) for i in range(k, len(ids))]
    p = np.array(list(Counter(text).values())) / len(text)
    return -(p * np.log2(p)).sum()


def joint_by_unique(ids, k):
    rows = np.array([ids[i - k : i + 1] for i in range(k, len(ids))])
    n = np.unique(rows, axis=0, return_counts=True)[1]
    return np.sum(n * np.log2(len(rows) / n)) / len(rows)


def joint_place_by_place(ids, k):
    text = [tuple(ids[i - k : i + 1]) for i in range(k, len(ids))]
    return np.mean([-np.log2(text.count(piece) / len(text)) for piece in text])


def after(ids, k):
    found = defaultdict(list)
    for i in range(k, len(ids)):
        found[tuple(ids[i - k : i])].append(ids[i])
    return found


def bits(some):
    p = np.unique(some, return_counts=True)[1] / len(some)
    return -(p * np.log2(p)).sum()


def mean_over_contexts(ids, k):
    return np.mean([bits(some) for some in after(ids, k).values()])


def mean_over_contexts_by_counter(ids, k):
    total, contexts = 0.0, after(ids, k)
    for some in contexts.values():
        for n in Counter(some).values():
            total -= n / len(some) * np.log2(n / len(some))
    return total / len(contexts)


def mean_over_contexts_in_a_list(ids, k):
    found = [bits(np.array(some)) for some in after(ids, k).values()]
    return sum(found) / len(found)


def whole_length(ids, k):
    return sum(len(some) * bits(some) for some in after(ids, k).values()) / len(ids)


def whole_length_place_by_place(ids, k):
    return entropy_place_by_place(ids, k) * (len(ids) - k) / len(ids)


def whole_length_by_weights(ids, k):
    return sum(len(some) / len(ids) * bits(some) for some in after(ids, k).values())


def not_divided(ids, k):
    return sum(len(some) * bits(some) for some in after(ids, k).values())


def not_divided_place_by_place(ids, k):
    return entropy_place_by_place(ids, k) * (len(ids) - k)


def not_divided_by_counter(ids, k):
    total = 0.0
    for some in after(ids, k).values():
        total -= sum(n * np.log2(n / len(some)) for n in Counter(some).values())
    return total


def draw(p, u):
    return np.argmax(np.cumsum(p, axis=1) > u[:, None], axis=1)


def multiplied(z, T, u):
    return draw(chances(z, 1 / T), u)


def multiplied_in_a_loop(z, T, u):
    return sample_by_searching(z * T * 1.0, 1, u)


def multiplied_by_a_power(z, T, u):
    p = chances(z, 1) ** T
    return draw(p / p.sum(axis=1, keepdims=True), u)


def likeliest(z, T, u):
    return z.argmax(axis=1)


def likeliest_in_a_loop(z, T, u):
    return np.array([list(row).index(max(row)) for row in z])


def likeliest_of_chances(z, T, u):
    return np.argmax(chances(z, T), axis=1)


def without_temperature(z, T, u):
    return draw(chances(z, 1), u)


def without_temperature_in_loops(z, T, u):
    return sample_in_loops(z, 1, u)


def without_temperature_by_searching(z, T, u):
    return sample_by_searching(z, 1.0, u)


def one_for_all(z, T, u):
    return draw(chances(z, T), np.full(len(z), u[0]))


def one_for_all_in_a_loop(z, T, u):
    return np.array([np.searchsorted(np.cumsum(p), u[0], side="right") for p in chances(z, T)])


def one_for_all_by_a_sum(z, T, u):
    return (np.cumsum(chances(z, T), axis=1) <= u[0]).sum(axis=1)


def with_the_chances(z, T, u):
    return (chances(z, T) > u[:, None]).argmax(axis=1)


def with_the_chances_in_a_loop(z, T, u):
    rows = zip(chances(z, T), u, strict=True)
    return np.array([next((c for c, q in enumerate(p) if q > r), 0) for p, r in rows])


def with_the_chances_by_where(z, T, u):
    C = z.shape[1]
    first = np.where(chances(z, T) > u[:, None], np.arange(C), C).min(axis=1)
    return np.where(first < C, first, 0)


WRONG = {
    ("windows", "There is no shift: a row of X ends"): (
        sees_itself, sees_itself_by_places, sees_itself_in_a_loop,
    ),
    ("windows", "There is no shift: X is right"): (
        last_of_the_row, last_of_the_row_by_sliding, last_of_the_row_shifted,
    ),
    ("windows", "The rows of X are turned around"): (turned, turned_in_a_loop, turned_by_flip),
    ("windows", "The first k characters are missing"): (
        without_the_first, without_the_first_by_sliding, without_the_first_in_a_loop,
    ),
    ("windows", "The last character is missing"): (
        without_the_last, without_the_last_by_sliding, without_the_last_in_a_loop,
    ),
    ("ngram_entropy", "Your result is in nats"): (
        in_nats, in_nats_as_a_difference, in_nats_place_by_place,
    ),
    ("ngram_entropy", "That is the entropy of context and"): (
        joint, joint_by_unique, joint_place_by_place,
    ),
    ("ngram_entropy", "Each context counts the same"): (
        mean_over_contexts, mean_over_contexts_by_counter, mean_over_contexts_in_a_list,
    ),
    ("ngram_entropy", "You divide by the length of the text"): (
        whole_length, whole_length_place_by_place, whole_length_by_weights,
    ),
    ("ngram_entropy", "The sum over all places"): (
        not_divided, not_divided_place_by_place, not_divided_by_counter,
    ),
    ("sample_next", "z is multiplied by T"): (
        multiplied, multiplied_in_a_loop, multiplied_by_a_power,
    ),
    ("sample_next", "The likeliest character"): (
        likeliest, likeliest_in_a_loop, likeliest_of_chances,
    ),
    ("sample_next", "T is not used"): (
        without_temperature, without_temperature_in_loops, without_temperature_by_searching,
    ),
    ("sample_next", "All rows share"): (one_for_all, one_for_all_in_a_loop, one_for_all_by_a_sum),
    ("sample_next", "The first probability that is larger"): (
        with_the_chances, with_the_chances_in_a_loop, with_the_chances_by_where,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start", "answer"),
    [(name, start, answer) for (name, start), answers in WRONG.items() for answer in answers],
)
def test_the_commonest_mistakes_are_recognized_in_three_styles(name, start, answer):
    begins(name, answer, start)
