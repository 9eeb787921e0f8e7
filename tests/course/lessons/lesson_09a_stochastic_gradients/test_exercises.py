"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import numpy as np
import pytest
from judged import begins, details, passes, said

from nnlib.course.lessons import EXERCISES
from nnlib.course.lessons.lesson_09a_stochastic_gradients.big_step import of_squares


def batches_one_after_the_other(X, y, B, drop_last, seed):
    left = np.random.default_rng(seed).permutation(len(y)).tolist()
    while len(left) >= B or (left and not drop_last):
        now, left = left[:B], left[B:]
        yield X[now], y[now]


def batches_by_array_split(X, y, B, drop_last, seed):
    order = np.arange(len(X))
    np.random.default_rng(seed).shuffle(order)
    cuts = np.array_split(order, np.arange(B, len(X), B))
    return [[X[rows], y[rows]] for rows in cuts if len(rows) == B or not drop_last]


def batches_by_reshape(X, y, B, drop_last, seed):
    order = np.argsort(np.random.default_rng(seed).random(len(X)))
    whole = len(X) // B * B
    rows = list(order[:whole].reshape(-1, B))
    if whole < len(X) and not drop_last:
        rows.append(order[whole:])
    return tuple((X[r], y[r]) for r in rows)


def noise_by_loops(G, sizes):
    N, d = len(G), len(G[0])
    mean = [sum(float(row[j]) for row in G) / N for j in range(d)]
    variance = sum((float(row[j]) - mean[j]) ** 2 for row in G for j in range(d)) / N
    return [variance * (N - int(B)) / (int(B) * (N - 1)) for B in sizes]


def noise_of_a_sample(G, sizes):
    """As statisticians write it: S² / B · (1 − B / N), with N − 1 in S²."""
    return np.var(G, axis=0, ddof=1).sum() / sizes * (1 - sizes / len(G))


def noise_by_pairs(G, sizes):
    """σ² is half the mean squared distance of two examples."""
    G = G.astype(float)
    apart = G[:, None] - G[None]
    variance = np.einsum("ijk,ijk->", apart, apart) / (2 * len(G) ** 2)
    return np.array([variance * (1 / B - (B - 1) / B / (len(G) - 1)) for B in sizes])


def step_row_by_row(gradient, w, rows, lr, limit):
    return w - lr * np.mean([gradient(w, [i]) for i in rows], axis=0)


def step_by_weighted_mean(gradient, w, rows, lr, limit):
    parts = [rows[k : k + limit] for k in range(0, len(rows), limit)]
    gradients = np.array([gradient(w, part) for part in parts])
    return w - lr * np.average(gradients, axis=0, weights=[len(part) for part in parts])


def step_that_adds_up_in_the_way_of_torch(gradient, w, rows, lr, limit):
    left, grad = list(rows), 0.0
    while left:
        part, left = left[:limit], left[limit:]
        loss_share = len(part) / len(rows)
        grad = grad + loss_share * gradient(w, np.array(part))
    return np.subtract(w, np.multiply(lr, grad))


RIGHT = {
    "minibatches": [batches_one_after_the_other, batches_by_array_split, batches_by_reshape],
    "batch_noise": [noise_by_loops, noise_of_a_sample, noise_by_pairs],
    "big_step": [step_row_by_row, step_by_weighted_mean, step_that_adds_up_in_the_way_of_torch],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


# --- The commonest mistakes, each written in three styles -----------------------------------------


def unshuffled_by_slices(X, y, B, drop_last, seed):
    pairs = [(X[k : k + B], y[k : k + B]) for k in range(0, len(X), B)]
    return [pair for pair in pairs if not drop_last or len(pair[1]) == B]


def unshuffled_by_rows(X, y, B, drop_last, seed):
    order, batches = list(range(len(X))), []
    while order and (len(order) >= B or not drop_last):
        batches.append((X[order[:B]], y[order[:B]]))
        order = order[B:]
    return batches


def unshuffled_for_it_was_not_kept(X, y, B, drop_last, seed):
    order = np.arange(len(X))
    np.random.default_rng(seed).permutation(order)  # gives a new one, and leaves this as it is
    stop = len(X) // B * B if drop_last else len(X)
    return [(X[order[k : k + B]], y[order[k : k + B]]) for k in range(0, stop, B)]


def replaced_by_integers(X, y, B, drop_last, seed):
    rng, N = np.random.default_rng(seed), len(X)
    sizes = [B] * (N // B) + ([N % B] if N % B and not drop_last else [])
    picks = [rng.integers(0, N, size) for size in sizes]
    return [(X[rows], y[rows]) for rows in picks]


def replaced_by_choice(X, y, B, drop_last, seed):
    rows = np.random.default_rng(seed).choice(len(X), len(X))
    pairs = [(X[rows[k : k + B]], y[rows[k : k + B]]) for k in range(0, len(X), B)]
    return [pair for pair in pairs if len(pair[1]) == B or not drop_last]


def replaced_one_by_one(X, y, B, drop_last, seed):
    rng, left, batches = np.random.default_rng(seed), len(X), []
    while left >= B or (left > 0 and not drop_last):
        rows = [int(rng.random() * len(X)) for _ in range(min(B, left))]
        batches.append((X[rows], y[rows]))
        left -= B
    return batches


def kept_by_slices(X, y, B, drop_last, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    return [(X[order[k : k + B]], y[order[k : k + B]]) for k in range(0, len(X), B)]


def kept_by_queue(X, y, B, drop_last, seed):
    order = list(np.random.default_rng(seed).permutation(len(X)))
    while order:
        yield X[order[:B]], y[order[:B]]
        del order[:B]


def kept_by_split(X, y, B, drop_last, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    return [(X[r], y[r]) for r in np.array_split(order, range(B, len(X), B))]


def dropped_by_division(X, y, B, drop_last, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    cuts = [order[k * B : (k + 1) * B] for k in range(len(X) // B)]
    return [(X[rows], y[rows]) for rows in cuts]


def dropped_by_reshape(X, y, B, drop_last, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    return [(X[r], y[r]) for r in order[: len(X) - len(X) % B].reshape(-1, B)]


def dropped_by_queue(X, y, B, drop_last, seed):
    order, batches = np.random.default_rng(seed).permutation(len(X)).tolist(), []
    while len(order) >= B:
        batches.append((X[order[:B]], y[order[:B]]))
        order = order[B:]
    return batches


def apart_by_two_orders(X, y, B, drop_last, seed):
    rng, N = np.random.default_rng(seed), len(X)
    X, y = X[rng.permutation(N)], y[rng.permutation(N)]
    stop = N - N % B if drop_last else N
    return [(X[k : k + B], y[k : k + B]) for k in range(0, stop, B)]


def apart_for_y_stayed(X, y, B, drop_last, seed):
    X = np.random.default_rng(seed).permutation(X)
    pairs = [(X[k : k + B], y[k : k + B]) for k in range(0, len(X), B)]
    return [pair for pair in pairs if len(pair[1]) == B or not drop_last]


def apart_by_shuffles(X, y, B, drop_last, seed):
    rng, x, t = np.random.default_rng(seed), list(X), list(y)
    rng.shuffle(x)
    rng.shuffle(t)
    stop = len(x) // B * B if drop_last else len(x)
    return [(np.array(x[k : k + B]), np.array(t[k : k + B])) for k in range(0, stop, B)]


def independent_by_var(G, sizes):
    return np.var(G, axis=0).sum() / sizes


def independent_by_loop(G, sizes):
    found = []
    for B in sizes:
        total = 0.0
        for row in G:
            total += float(np.sum((row - np.mean(G, axis=0)) ** 2))
        found.append(total / len(G) / B)
    return found


def independent_by_norm(G, sizes):
    lengths = np.linalg.norm(G - G.mean(0, keepdims=True), axis=1)
    return np.mean(lengths**2) * (1.0 / np.asarray(sizes))


def rooted_at_the_end(G, sizes):
    return EXERCISES["batch_noise"].reference(G, sizes) ** 0.5


def rooted_by_std(G, sizes):
    N = len(G)
    sigma = np.sqrt(np.var(G, axis=0).sum())
    return sigma / np.sqrt(sizes) * np.sqrt((N - sizes) / (N - 1))


def rooted_by_loop(G, sizes):
    N, errors = len(G), G - G.mean(axis=0)
    sigma = float(np.mean([e @ e for e in errors])) ** 0.5
    return [sigma * ((N - B) / (N - 1) / B) ** 0.5 for B in sizes]


def averaged_by_mean(G, sizes):
    N = len(G)
    return ((G - G.mean(0)) ** 2).mean() * (N - sizes) / ((N - 1) * sizes)


def averaged_by_var(G, sizes):
    N = len(G)
    return np.var(G, axis=0).mean() / sizes * ((N - sizes) / (N - 1))


def averaged_by_loop(G, sizes):
    N, d = G.shape
    exact = G.mean(axis=0)
    variance = sum((G[i, j] - exact[j]) ** 2 for i in range(N) for j in range(d)) / (N * d)
    return [variance * (N - B) / (N - 1) / B for B in sizes]


def uncentered_by_einsum(G, sizes):
    N = len(G)
    return np.einsum("ij,ij->", G, G) / N / sizes * (N - sizes) / (N - 1)


def uncentered_by_norm(G, sizes):
    N = len(G)
    return (np.linalg.norm(G, axis=1) ** 2).mean() * (N - sizes) / (sizes * (N - 1.0))


def uncentered_by_loop(G, sizes):
    N = len(G)
    variance = sum(row @ row for row in G) / N
    return [variance * (N - B) / (N - 1) / B for B in sizes]


def sample_by_ddof(G, sizes):
    N = len(G)
    return np.var(G, axis=0, ddof=1).sum() / sizes * (N - sizes) / (N - 1)


def sample_by_sum(G, sizes):
    N, errors = len(G), G - G.mean(axis=0)
    return np.sum(errors * errors) / (N - 1) * (N - sizes) / (N - 1) / sizes


def sample_by_cov(G, sizes):
    N = len(G)
    return np.trace(np.atleast_2d(np.cov(G.T))) * (N - sizes) / (N - 1) / sizes


def means_of_means(gradient, w, rows, lr, limit):
    return w - lr * np.mean(
        [gradient(w, rows[k : k + limit]) for k in range(0, len(rows), limit)], axis=0
    )


def means_of_means_by_count(gradient, w, rows, lr, limit):
    total, parts, k = 0, 0, 0
    while k < len(rows):
        total, parts, k = total + gradient(w, rows[k : k + limit]), parts + 1, k + limit
    return w - lr * total / parts


def means_of_means_by_split(gradient, w, rows, lr, limit):
    cuts = np.array_split(rows, range(limit, len(rows), limit))
    g = sum(gradient(w, cut) for cut in cuts) / len(cuts)
    return np.add(w, -lr * g)


def sums_of_means(gradient, w, rows, lr, limit):
    return w - lr * sum(gradient(w, rows[k : k + limit]) for k in range(0, len(rows), limit))


def sums_of_means_by_loop(gradient, w, rows, lr, limit):
    g, left = np.zeros(2), list(rows)
    while left:
        g += gradient(w, left[:limit])
        left = left[limit:]
    return w - lr * g


def sums_of_means_by_steps(gradient, w, rows, lr, limit):
    start = w
    for k in range(0, len(rows), limit):
        w = w - lr * gradient(start, rows[k : k + limit])
    return w


def steps_on_the_way(gradient, w, rows, lr, limit):
    w = np.array(w, dtype=float)
    for part in np.array_split(rows, range(limit, len(rows), limit)):
        w -= lr * gradient(w, part)
    return w


def steps_by_queue(gradient, w, rows, lr, limit):
    left = list(rows)
    while left:
        w, left = w - lr * gradient(w, left[:limit]), left[limit:]
    return w


def steps_by_recursion(gradient, w, rows, lr, limit):
    if not len(rows):
        return w
    return steps_by_recursion(gradient, w - lr * gradient(w, rows[:limit]), rows[limit:], lr, limit)


def overweight_by_limit(gradient, w, rows, lr, limit):
    g = sum(limit * gradient(w, rows[k : k + limit]) for k in range(0, len(rows), limit))
    return w - lr * g / len(rows)


def overweight_by_share(gradient, w, rows, lr, limit):
    share, g = limit / len(rows), np.zeros(len(w))
    for k in range(0, len(rows), limit):
        g = g + share * gradient(w, rows[k : k + limit])
    return w - lr * g


def overweight_by_parts(gradient, w, rows, lr, limit):
    parts = [rows[k : k + limit] for k in range(0, len(rows), limit)]
    return w - lr / len(rows) * np.sum([limit * gradient(w, part) for part in parts], axis=0)


def everything_at_once(gradient, w, rows, lr, limit):
    return w - lr * gradient(w, rows)


def everything_at_once_by_sum(gradient, w, rows, lr, limit):
    total = gradient(w, rows) * len(rows)
    return w - lr * total / len(rows)


def everything_at_once_by_list(gradient, w, rows, lr, limit):
    g = gradient(w, [int(row) for row in rows])
    return np.array([w[i] - lr * g[i] for i in range(len(w))])


def shuffled_in_place_by_shuffle(X, y, B, drop_last, seed):
    for table in (X, y):
        np.random.default_rng(seed).shuffle(table)
    pairs = [(X[k : k + B], y[k : k + B]) for k in range(0, len(X), B)]
    return [pair for pair in pairs if len(pair[1]) == B or not drop_last]


def shuffled_in_place_by_assignment(X, y, B, drop_last, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    X[:], y[:] = X[order], y[order]
    stop = len(X) // B * B if drop_last else len(X)
    return [(X[k : min(k + B, stop)], y[k : min(k + B, stop)]) for k in range(0, stop, B)]


def shuffled_in_place_by_swaps(X, y, B, drop_last, seed):
    rng = np.random.default_rng(seed)
    for i in range(len(X) - 1, 0, -1):
        j = int(rng.integers(i + 1))
        X[[i, j]], y[[i, j]] = X[[j, i]], y[[j, i]]
    batches = [(X[k : k + B], y[k : k + B]) for k in range(0, len(X), B)]
    return [batch for batch in batches if not drop_last or len(batch[1]) == B]


def axes_exchanged_by_norm(G, sizes):
    N = len(G)
    variance = (np.linalg.norm(G - G.mean(axis=0), axis=0) ** 2).mean()
    return variance / sizes * (N - sizes) / (N - 1)


def axes_exchanged_by_sum(G, sizes):
    N, d = G.shape
    variance = ((G - G.mean(axis=0)) ** 2).sum() / d
    return variance * (1 / sizes) * (N - sizes) / (N - 1)


def axes_exchanged_by_loops(G, sizes):
    N, d = G.shape
    mean = G.mean(axis=0)
    variance = sum((G[i, j] - mean[j]) ** 2 for i in range(N) for j in range(d)) / d
    return np.array([variance * (N - B) / B / (N - 1) for B in sizes])


WRONG = {
    ("minibatches", "The examples come in the order"): [
        unshuffled_by_slices,
        unshuffled_by_rows,
        unshuffled_for_it_was_not_kept,
    ],
    ("minibatches", "You throw the dice"): [
        replaced_by_integers,
        replaced_by_choice,
        replaced_one_by_one,
    ],
    ("minibatches", "With drop_last a batch with fewer"): [
        kept_by_slices,
        kept_by_queue,
        kept_by_split,
    ],
    ("minibatches", "The last batch is left out even"): [
        dropped_by_division,
        dropped_by_reshape,
        dropped_by_queue,
    ],
    ("minibatches", "The pairs are lost"): [
        apart_by_two_orders,
        apart_for_y_stayed,
        apart_by_shuffles,
    ],
    ("minibatches", "You shuffle X and y themselves"): [
        shuffled_in_place_by_shuffle,
        shuffled_in_place_by_assignment,
        shuffled_in_place_by_swaps,
    ],
    ("batch_noise", "You have σ² / B"): [
        independent_by_var,
        independent_by_loop,
        independent_by_norm,
    ],
    ("batch_noise", "You return the root"): [rooted_at_the_end, rooted_by_std, rooted_by_loop],
    ("batch_noise", "σ² is a squared length"): [
        averaged_by_mean,
        averaged_by_var,
        averaged_by_loop,
    ],
    ("batch_noise", "You add up over the examples"): [
        axes_exchanged_by_norm,
        axes_exchanged_by_sum,
        axes_exchanged_by_loops,
    ],
    ("batch_noise", "The mean gradient is not taken"): [
        uncentered_by_einsum,
        uncentered_by_norm,
        uncentered_by_loop,
    ],
    ("batch_noise", "You divide σ² by N − 1 as well"): [
        sample_by_ddof,
        sample_by_sum,
        sample_by_cov,
    ],
    ("big_step", "You take the mean of the parts' means"): [
        means_of_means,
        means_of_means_by_count,
        means_of_means_by_split,
    ],
    ("big_step", "You add up the means of the parts"): [
        sums_of_means,
        sums_of_means_by_loop,
        sums_of_means_by_steps,
    ],
    ("big_step", "You move w after every part. Then"): [
        steps_on_the_way,
        steps_by_queue,
        steps_by_recursion,
    ],
    ("big_step", "You weigh every part by `limit`"): [
        overweight_by_limit,
        overweight_by_share,
        overweight_by_parts,
    ],
    ("big_step", "You ask for more rows at once"): [
        everything_at_once,
        everything_at_once_by_sum,
        everything_at_once_by_list,
    ],
}


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "start"), WRONG)
def test_the_commonest_mistakes_are_understood_in_three_styles(name, start):
    for answer in WRONG[name, start]:
        begins(name, answer, start, seeds=range(1))


def test_pairs_are_asked_for():
    def numbers(X, y, B, drop_last, seed):
        return [np.arange(k, min(k + B, len(X))) for k in range(0, len(X), B)]

    assert said("minibatches", numbers).startswith("A batch is a pair")


def without_the_first(X, y, B, drop_last, seed):
    order = np.random.default_rng(seed).permutation(len(X))[1:]
    cuts = [order[k : k + B] for k in range(0, len(order), B)]
    return [(X[rows], y[rows]) for rows in cuts if len(rows) == B or not drop_last]


def the_short_one_first(X, y, B, drop_last, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    ends = range(len(X), 0, -B)
    cuts = [order[max(end - B, 0) : end] for end in ends][::-1]
    return [(X[rows], y[rows]) for rows in cuts if len(rows) == B or not drop_last]


def filled_with_zeros(X, y, B, drop_last, seed):
    order = np.random.default_rng(seed).permutation(len(X))
    batches = []
    for k in range(0, len(X), B):
        rows = order[k : k + B]
        x, target = np.zeros((B, X.shape[1])), np.zeros(B)
        x[: len(rows)], target[: len(rows)] = X[rows], y[rows]
        if len(rows) == B or not drop_last:
            batches.append((x, target))
    return batches


def test_nothing_false_is_said_of_what_shares_a_fact_with_a_mistake():
    assert "dice" not in said("minibatches", without_the_first)
    assert said("minibatches", the_short_one_first).startswith("The shorter batch comes first")
    assert said("minibatches", filled_with_zeros).startswith("The last batch is filled up")


def test_two_stacks_are_told_from_pairs():
    def stacks(X, y, B, drop_last, seed):
        order = np.random.default_rng(seed).permutation(len(X))[: len(X) // B * B]
        return X[order].reshape(-1, B, X.shape[1]), y[order].reshape(-1, B)

    assert "two arrays came back" in details("minibatches", stacks)["runs"]


def test_the_noise_is_that_of_drawn_batches():
    rng = np.random.default_rng(0)
    G = rng.normal(loc=[1.0, 0.0, 2.0], size=(12, 3))
    drawn = [G[rng.choice(12, 4, replace=False)].mean(axis=0) for _ in range(20_000)]
    measured = ((np.array(drawn) - G.mean(axis=0)) ** 2).sum(axis=1).mean()
    [noise] = EXERCISES["batch_noise"].reference(G, np.array([4]))
    assert measured == pytest.approx(noise, rel=0.03)


def test_a_step_in_parts_is_the_whole_step():
    w, rows = np.array([0.5, -1.0]), np.arange(3, 14)
    whole = w - 0.1 * of_squares(w, rows)
    for limit in (1, 4, 11, 20):
        parts = EXERCISES["big_step"].reference(of_squares, w, rows, 0.1, limit)
        np.testing.assert_allclose(parts, whole, rtol=0, atol=1e-12)


def test_batches_are_those_of_the_loader():
    from nnlib import data

    X, y = np.arange(46.0).reshape(23, 2), np.arange(23.0)
    for drop_last in (False, True):
        pairs = data.TensorDataset(X, y)
        order = np.random.default_rng(5)
        loader = data.DataLoader(pairs, 5, shuffle=True, generator=order, drop_last=drop_last)
        ours = EXERCISES["minibatches"].reference(X, y, 5, drop_last, 5)
        assert len(ours) == len(loader)
        for (x, target), (theirs, label) in zip(ours, loader, strict=True):
            np.testing.assert_array_equal(x, theirs.data)
            np.testing.assert_array_equal(target, label.data)
