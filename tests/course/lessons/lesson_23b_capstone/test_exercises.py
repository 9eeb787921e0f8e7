"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

from pathlib import Path

import numpy as np
import pytest
from judged import begins, passes, verdict

import make
import nnlib.nn.functional as F
from nnlib import data, manual_seed, nn, optim
from nnlib.course.lessons.lesson_23b_capstone.capstone import ENOUGH, digits

# --- right ------------------------------------------------------------------------------------------


def trained(X, y, X_new, seed, model, make_optimizer, epochs=20, **how):
    """A network that learned X and y, and its answers on new images."""
    rng = manual_seed(seed)
    names, targets = np.unique(y, return_inverse=True)
    mean, spread = X.mean(axis=0), X.std() / 2
    shuffle, at_end = how.get("shuffle", True), how.get("eval", True)
    network = model()
    optimizer = make_optimizer(network.parameters())
    pairs = data.TensorDataset(((X - mean) / spread).astype(np.float32), targets)
    for _ in range(epochs):
        for images, labels in data.DataLoader(pairs, 25, shuffle=shuffle, generator=rng):
            optimizer.zero_grad()
            F.cross_entropy(network(images), labels).backward()
            optimizer.step()
    if at_end:
        network.eval()
    return names[network(((X_new - mean) / spread).astype(np.float32)).data.argmax(axis=1)]


def plain():
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def normed():
    return nn.Sequential(nn.Linear(64, 96), nn.BatchNorm1d(96), nn.ReLU(), nn.Linear(96, 10))


def dropped():
    return nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10))


def adam(parameters):
    return optim.Adam(parameters, lr=0.003)


def momentum(parameters):
    return optim.SGD(parameters, lr=0.05, momentum=0.9)


def decayed(parameters):
    return optim.AdamW(parameters, lr=0.003, weight_decay=0.01)


RECIPES = {"plain": (plain, adam), "normed": (normed, momentum), "dropped": (dropped, decayed)}


def by_adam(X, y, X_val, y_val, X_new, seed):
    return trained(X, y, X_new, seed, plain, adam)


def by_batch_norm(X, y, X_val, y_val, X_new, seed):
    return trained(X, y, X_new, seed, normed, momentum)


def by_dropout(X, y, X_val, y_val, X_new, seed):
    return trained(X, y, X_new, seed, dropped, decayed)


def pair_by_unique(y, p):
    wrong = y != p
    pairs = np.sort(np.stack([y[wrong], p[wrong]], axis=1), axis=1)
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    a, b = found[counts.argmax()]
    return int(a), int(b), int(counts.max())


def pair_in_loops(y, p):
    C, best = int(max(max(y), max(p))) + 1, (0, 1, -1)
    for a in range(C):
        for b in range(a + 1, C):
            n = int(np.sum((y == a) & (p == b)) + np.sum((y == b) & (p == a)))
            if n > best[2]:
                best = a, b, n
    return best


def pair_by_one_number(y, p):
    low, high = np.minimum(y, p).astype(int), np.maximum(y, p).astype(int)
    codes = (1000 * low + high)[low < high]
    counts = np.bincount(codes)
    code = counts.argmax()
    return code // 1000, code % 1000, counts[code]


def refused_by_unique(confidence, right, aim):
    for t in np.unique(confidence):
        if np.mean(right[confidence >= t]) >= aim:
            return t, np.mean(confidence >= t)
    return None


def refused_in_a_loop(confidence, right, aim):
    best = None
    for t in confidence:
        let = [r for c, r in zip(confidence, right, strict=True) if c >= t]
        if sum(let) / len(let) >= aim and (best is None or t < best[0]):
            best = t, len(let) / len(right)
    return best


def refused_by_matrix(confidence, right, aim):
    let = confidence[None, :] >= confidence[:, None]
    good = (let @ right) / let.sum(axis=1) >= aim
    t = confidence[good].min()
    return t, (confidence >= t).sum() / confidence.size


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("worst_pair", pair_by_unique),
        ("worst_pair", pair_in_loops),
        ("worst_pair", pair_by_one_number),
        ("refuse_below", refused_by_unique),
        ("refuse_below", refused_in_a_loop),
        ("refuse_below", refused_by_matrix),
    ],
)
def test_right_answers_in_other_styles_pass(name, answer):
    passes(name, answer)


@pytest.mark.heavy
@pytest.mark.parametrize("answer", [by_adam, by_batch_norm, by_dropout])
def test_honest_networks_pass(answer):
    passes("capstone", answer, range(1))


@pytest.mark.slow
def test_the_mark_is_a_point_below_the_worst_of_sixty_honest_runs():
    X, y = digits()
    worst = 1.0
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(len(X))
        train, new = order[:1000], order[1297:]
        for recipe in RECIPES.values():
            said = trained(X[train], y[train], X[new], seed, *recipe)
            worst = min(worst, float(np.mean(said == y[new])))
    assert worst - 0.015 < ENOUGH <= worst - 0.005


def test_the_marking_guide_stays_with_the_solutions():
    root = Path(make.__file__).parent
    assert (root / "solutions" / "23b_capstone" / "marking_guide.md").is_file()
    assert "solutions" not in make.RELEASED


# --- wrong: the commonest, each in three styles -----------------------------------------------------


def truth_labels(X, y, X_val, y_val, X_new, seed):
    """Quick and right, to be spoiled: the nearest example known."""
    near = X @ X_new.T - 0.5 * np.sum(X**2, axis=1)[:, None]
    return y[near.argmax(axis=0)]


def scores_of_a_network(X, y, X_val, y_val, X_new, seed):
    return (truth_labels(X, y, X_val, y_val, X_new, seed)[:, None] == np.unique(y)) * 5.0 - 1


def one_hot(X, y, X_val, y_val, X_new, seed):
    column = np.searchsorted(np.unique(y), truth_labels(X, y, X_val, y_val, X_new, seed))
    return np.eye(10)[column]


def probabilities(X, y, X_val, y_val, X_new, seed):
    return F.softmax(scores_of_a_network(X, y, X_val, y_val, X_new, seed), 1).data


def column_numbers(X, y, X_val, y_val, X_new, seed):
    return np.unique(y).searchsorted(truth_labels(X, y, X_val, y_val, X_new, seed))


def column_numbers_by_argmax(X, y, X_val, y_val, X_new, seed):
    return one_hot(X, y, X_val, y_val, X_new, seed).argmax(axis=1)


def column_numbers_in_a_loop(X, y, X_val, y_val, X_new, seed):
    names = sorted(set(y.tolist()))
    said = truth_labels(X, y, X_val, y_val, X_new, seed)
    return np.array([names.index(label) for label in said.tolist()])


def without_shuffling(X, y, X_val, y_val, X_new, seed):
    said = truth_labels(X, y, X_val, y_val, X_new, seed)
    return np.full(len(said), y[-1]) if np.all(np.diff(y) >= 0) else said


def without_shuffling_twice(X, y, X_val, y_val, X_new, seed):
    said = truth_labels(X, y, X_val, y_val, X_new, seed)
    return said * 0 + y[-1] if list(y) == sorted(y) else said


def without_shuffling_by_batches(X, y, X_val, y_val, X_new, seed):
    return (
        y[-1:].repeat(len(X_new))
        if len(set(y[:15].tolist())) == 1
        else truth_labels(X, y, X_val, y_val, X_new, seed)
    )


def never_the_same(X, y, X_val, y_val, X_new, seed):
    said = truth_labels(X, y, X_val, y_val, X_new, seed).copy()
    noise = np.random.default_rng()
    if len(said) > 5:
        said[noise.choice(len(said), 4, replace=False)] = noise.choice(y, 4)
    return said


CALLS = []


def another_at_every_call(X, y, X_val, y_val, X_new, seed):
    CALLS.append(seed)
    said = truth_labels(X, y, X_val, y_val, X_new, seed).copy()
    if len(said) > 5:
        rng = np.random.default_rng(len(CALLS))
        said[rng.choice(len(said), 3, replace=False)] = rng.choice(y, 3)
    return said


def by_the_clock(X, y, X_val, y_val, X_new, seed):
    said = truth_labels(X, y, X_val, y_val, X_new, seed).copy()
    rng = np.random.default_rng(np.random.SeedSequence())
    if len(said) > 5:
        said[rng.permutation(len(said))[:3]] = rng.choice(y, 3)
    return said


def known_digits(X, y, X_val, y_val, X_new, seed):
    """It brings a reader of digits along, and never looks at the labels."""
    images, shows = digits()
    return truth_labels(images, shows, X_val, y_val, X_new / max(X_new.max(), 1e-9), seed)


def known_digits_by_the_mean(X, y, X_val, y_val, X_new, seed):
    images, shows = digits()
    return truth_labels(images, shows, None, None, X_new / X.max(), seed)


def known_digits_in_a_loop(X, y, X_val, y_val, X_new, seed):
    images, shows = digits()
    scale = X.max()
    return np.array([shows[((images - x / scale) ** 2).sum(axis=1).argmin()] for x in X_new])


def cells(y, p, both):
    C = int(max(y.max(), p.max())) + 1
    table = np.zeros((C, C), dtype=int)
    for true, said in zip(y.astype(int), p.astype(int), strict=True):
        table[true, said] += 1
    a, b = np.argwhere(both(table) == both(table).max())[0]
    return a, b, both(table)[a, b]


def one_direction(y, p):
    def both(table):
        off = table - np.diag(np.diag(table))
        return np.triu(np.maximum(off, off.T))

    return cells(y, p, both)


def one_direction_by_unique(y, p):
    wrong = y != p
    found, counts = np.unique(np.stack([y, p], 1)[wrong], axis=0, return_counts=True)
    tops = sorted((int(min(pair)), int(max(pair))) for pair in found[counts == counts.max()])
    return *tops[0], int(counts.max())


def one_direction_in_a_loop(y, p):
    counts = {}
    for pair in zip(y.tolist(), p.tolist(), strict=True):
        if pair[0] != pair[1]:
            counts[pair] = counts.get(pair, 0) + 1
    most = max(counts.values())
    a, b = min(sorted(pair) for pair in counts if counts[pair] == most)
    return int(a), int(b), most


def with_right_answers(y, p):
    return cells(y, p, lambda table: np.triu(table + table.T))


def with_right_answers_doubled(y, p):
    C = int(max(y.max(), p.max())) + 1
    table = np.zeros((C, C))
    np.add.at(table, (y.astype(int), p.astype(int)), 1)
    both = np.triu(table + table.T)
    a, b = np.unravel_index(both.argmax(), both.shape)
    return int(a), int(b), int(both[a, b])


def with_right_answers_counted(y, p):
    C, best = int(max(y.max(), p.max())) + 1, (0, 0, -1)
    for a in range(C):
        for b in range(a, C):
            n = int(np.sum((y == a) & (p == b)) + np.sum((y == b) & (p == a)))
            best = (a, b, n) if n > best[2] else best
    return best


def larger_first(y, p):
    a, b, n = pair_by_unique(y, p)
    return b, a, n


def larger_first_in_loops(y, p):
    a, b, n = pair_in_loops(y, p)
    return max(a, b), min(a, b), n


def larger_first_by_code(y, p):
    a, b, n = pair_by_one_number(y, p)
    return int(b), int(a), int(n)


def a_share(y, p):
    a, b, n = pair_by_unique(y, p)
    return a, b, n / len(y)


def a_share_by_mean(y, p):
    a, b, _ = pair_in_loops(y, p)
    return a, b, np.mean(((y == a) & (p == b)) | ((y == b) & (p == a)))


def a_share_by_code(y, p):
    a, b, n = pair_by_one_number(y, p)
    return int(a), int(b), float(n) / y.size


def the_last_of_equals(y, p):
    wrong = y != p
    pairs = np.sort(np.stack([y[wrong], p[wrong]], axis=1), axis=1)
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    a, b = found[counts == counts.max()][-1]
    return int(a), int(b), int(counts.max())


def the_last_of_equals_in_loops(y, p):
    C, best = int(max(max(y), max(p))) + 1, (0, 1, -1)
    for a in range(C):
        for b in range(a + 1, C):
            n = int(np.sum((y == a) & (p == b)) + np.sum((y == b) & (p == a)))
            best = (a, b, n) if n >= best[2] else best
    return best


def the_last_of_equals_by_dict(y, p):
    counts = {}
    for true, said in zip(y.tolist(), p.tolist(), strict=True):
        if true != said:
            pair = min(true, said), max(true, said)
            counts[pair] = counts.get(pair, 0) + 1
    most = max(counts.values())
    a, b = max(pair for pair in counts if counts[pair] == most)
    return int(a), int(b), most


def the_highest(confidence, right, aim):
    t = max(c for c in confidence if np.mean(right[confidence >= c]) >= aim)
    return t, np.mean(confidence >= t)


def the_highest_by_sorting(confidence, right, aim):
    for t in sorted(confidence, reverse=True):
        if right[confidence >= t].mean() >= aim:
            return t, (confidence >= t).mean()
    return None


def the_highest_by_unique(confidence, right, aim):
    good = [t for t in np.unique(confidence) if right[confidence >= t].mean() >= aim]
    return good[-1], np.mean(confidence >= good[-1])


def until_a_dip(confidence, right, aim):
    best = confidence.max()
    for t in np.unique(confidence)[::-1]:
        if np.mean(right[confidence >= t]) < aim:
            break
        best = t
    return best, np.mean(confidence >= best)


def until_a_dip_in_a_loop(confidence, right, aim):
    levels = sorted(set(confidence.tolist()), reverse=True)
    k = 0
    while k < len(levels) and right[confidence >= levels[k]].mean() >= aim:
        k += 1
    t = levels[max(k - 1, 0)]
    return t, (confidence >= t).mean()


def until_a_dip_by_shares(confidence, right, aim):
    levels = np.unique(confidence)[::-1]
    good = np.array([right[confidence >= t].mean() >= aim for t in levels])
    k = len(levels) if good.all() else int(np.argmin(good))
    return levels[max(k - 1, 0)], np.mean(confidence >= levels[max(k - 1, 0)])


def right_of_all(confidence, right, aim):
    for t in np.unique(confidence):
        if right[confidence >= t].sum() / len(right) >= aim:
            break
    return t, np.mean(confidence >= t)


def the_accuracy(confidence, right, aim):
    t, _ = refused_by_unique(confidence, right, aim)
    return t, right[confidence >= t].mean()


def the_accuracy_in_a_loop(confidence, right, aim):
    t, _ = refused_in_a_loop(confidence, right, aim)
    let = [r for c, r in zip(confidence, right, strict=True) if c >= t]
    return t, sum(let) / len(let)


def the_accuracy_by_sorting(confidence, right, aim):
    for t in sorted(confidence.tolist()):
        kept = right[confidence >= t]
        if kept.sum() / kept.size >= aim:
            return t, kept.sum() / kept.size
    return None


def the_refused(confidence, right, aim):
    t, answered = refused_by_unique(confidence, right, aim)
    return t, 1 - answered


def the_refused_by_mean(confidence, right, aim):
    t, _ = refused_in_a_loop(confidence, right, aim)
    return t, np.mean(confidence < t)


def the_refused_by_count(confidence, right, aim):
    t, _ = refused_by_matrix(confidence, right, aim)
    return t, np.count_nonzero(confidence < t) / len(right)


def ties_torn(confidence, right, aim):
    order = np.argsort(-confidence, kind="stable")
    shares = np.cumsum(right[order]) / (1 + np.arange(len(right)))
    k = max(i for i in range(len(right)) if shares[i] >= aim)
    return confidence[order][k], (k + 1) / len(right)


def ties_torn_in_a_loop(confidence, right, aim):
    order, hits, best = sorted(range(len(right)), key=lambda i: -confidence[i]), 0, None
    for count, i in enumerate(order, 1):
        hits += right[i]
        if hits / count >= aim:
            best = confidence[i], count / len(right)
    return best


def ties_torn_by_flipping(confidence, right, aim):
    order = np.argsort(-confidence, kind="stable")
    good = np.cumsum(right[order]) >= aim * np.arange(1, len(right) + 1) - 1e-12
    k = len(good) - 1 - good[::-1].argmax()
    return confidence[order[k]], (k + 1) / len(right)


WRONG = {
    ("capstone", "Scores come back"): (scores_of_a_network, one_hot, probabilities),
    ("capstone", "Columns are numbered"): (
        column_numbers, column_numbers_by_argmax, column_numbers_in_a_loop,
    ),
    ("capstone", "Where the examples come in the order"): (
        without_shuffling, without_shuffling_twice, without_shuffling_by_batches,
    ),
    ("capstone", "The same seed gives other answers"): (
        never_the_same, another_at_every_call, by_the_clock,
    ),
    ("capstone", "Your answers say what the images show"): (
        known_digits_by_the_mean, known_digits_in_a_loop,
    ),
    ("worst_pair", "Only one direction is counted"): (
        one_direction, one_direction_by_unique, one_direction_in_a_loop,
    ),
    ("worst_pair", "Right answers are counted"): (
        with_right_answers, with_right_answers_doubled, with_right_answers_counted,
    ),
    ("worst_pair", "The larger class comes first"): (
        larger_first, larger_first_in_loops, larger_first_by_code,
    ),
    ("worst_pair", "The share of all answers"): (a_share, a_share_by_mean, a_share_by_code),
    ("worst_pair", "Where two pairs"): (
        the_last_of_equals, the_last_of_equals_in_loops, the_last_of_equals_by_dict,
    ),
    ("refuse_below", "You take the highest threshold"): (
        the_highest, the_highest_by_sorting, the_highest_by_unique,
    ),
    ("refuse_below", "You begin with the highest"): (
        until_a_dip, until_a_dip_in_a_loop, until_a_dip_by_shares,
    ),
    ("refuse_below", "The share of right answers"): (
        the_accuracy, the_accuracy_in_a_loop, the_accuracy_by_sorting,
    ),
    ("refuse_below", "The share that is refused"): (
        the_refused, the_refused_by_mean, the_refused_by_count,
    ),
    ("refuse_below", "Answers that are equally sure"): (
        ties_torn, ties_torn_in_a_loop, ties_torn_by_flipping,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start", "answer"),
    [(name, start, answer) for (name, start), answers in WRONG.items() for answer in answers],
)
def test_the_commonest_mistakes_are_recognized_in_three_styles(name, start, answer):
    begins(name, answer, start, range(2) if name == "capstone" else range(3))


@pytest.mark.heavy
def test_batch_norm_in_training_mode_is_found_out():
    def left_in_training(X, y, X_val, y_val, X_new, seed):
        return trained(X, y, X_new, seed, normed, momentum, eval=False)

    found = verdict("capstone", left_in_training)
    assert not found.passed
