"""Lesson 18: right answers in other styles than the references', and what is said of wrong ones."""

import numpy as np
import pytest
from judged import begins, details, passes

from nnlib.course.lessons import EXERCISES

# ── kwta ─────────────────────────────────────────────────────────────────────────────────────────


def winners_one_by_one(H, G, k):
    H2, dH = np.zeros(H.shape), np.zeros(H.shape)
    for i in range(H.shape[0]):
        left = [float(h) for h in H[i]]
        for _ in range(k):
            j = max(range(len(left)), key=lambda place: left[place])  # the first of equal ones
            H2[i, j], dH[i, j], left[j] = H[i, j], G[i, j], -np.inf
    return H2, dH


def winners_by_rank(H, G, k):
    larger = (H[:, None, :] > H[:, :, None]).sum(axis=2)
    before = np.tril(np.ones((H.shape[1], H.shape[1])), -1)
    equal = np.einsum("njk,jk->nj", (H[:, None, :] == H[:, :, None]).astype(float), before)
    mask = (larger + equal < k).astype(float)
    return H * mask, np.einsum("nj,nj->nj", mask, G)


def winners_by_sorting_pairs(H, G, k):
    rows = []
    for h in np.asarray(H):
        order = sorted(range(len(h)), key=lambda j: (-h[j], j))
        rows.append([j in order[:k] for j in range(len(h))])
    mask = np.array(rows)
    return [np.where(mask, H, 0.0), np.where(mask, G, 0.0)]


# ── kl_sparsity ──────────────────────────────────────────────────────────────────────────────────


def divergence_by_entropy(H, rho):
    N, n = H.shape
    busy = np.ones(N) @ H / N
    entropy = rho * np.log(rho) + (1 - rho) * np.log(1 - rho)
    value = n * entropy - np.sum(rho * np.log(busy) + (1 - rho) * np.log(1 - busy))
    return value, np.tile((busy - rho) / (busy * (1 - busy)) / N, (N, 1))


def divergence_in_loops(H, rho):
    value, dH = 0.0, np.empty(H.shape)
    for j in range(H.shape[1]):
        q = sum(float(h) for h in H[:, j]) / len(H)
        value += rho * np.log(rho / q) - (1 - rho) * np.log((1 - q) / (1 - rho))
        for i in range(len(H)):
            dH[i, j] = (-rho / q + (1 - rho) / (1 - q)) / len(H)
    return float(value), dH


def divergence_by_einsum(H, rho):
    q = np.einsum("ij->j", H) / H.shape[0]
    parts = np.array([rho / q, (1 - rho) / (1 - q)])
    value = np.einsum("p,pj->", np.array([rho, 1 - rho]), np.log(parts))
    return value, np.einsum("i,j->ij", np.ones(len(H)) / len(H), parts[1] - parts[0])


# ── activation_max ───────────────────────────────────────────────────────────────────────────────


def climb_by_einsum(W, b, v, x, R, lr, steps):
    x, heights = x / np.sqrt(np.sum(np.square(x))) * R, []
    for t in range(steps + 1):
        pre = np.einsum("jd,d->j", W, x) + b
        heights.append(np.einsum("j,j->", v, np.where(pre > 0, pre, 0)))
        if t < steps:
            x = x + lr * np.einsum("j,j,jd->d", v, (pre > 0).astype(float), W)
            x = x / np.sqrt(x @ x) * R
    return x, np.array(heights)


def climb_by_recursion(W, b, v, x, R, lr, steps):
    x = x * (R / np.linalg.norm(x))
    pre = W @ x + b
    z = float(v @ np.clip(pre, 0, None))
    if steps == 0:
        return x, np.array([z])
    end, later = climb_by_recursion(W, b, v, x + lr * (v * (pre > 0)) @ W, R, lr, steps - 1)
    return end, np.concatenate([[z], later])


def climb_in_loops(W, b, v, x, R, lr, steps):
    def to_length(x):
        size = sum(float(a) ** 2 for a in x) ** 0.5
        return [R * float(a) / size for a in x]

    def hidden(x):
        return [sum(W[j, i] * x[i] for i in range(len(x))) + b[j] for j in range(len(b))]

    x = to_length(x)
    heights = [sum(v[j] * max(z, 0) for j, z in enumerate(hidden(x)))]
    for _ in range(steps):
        on = [j for j, z in enumerate(hidden(x)) if z > 0]
        x = to_length([x[i] + lr * sum(v[j] * W[j, i] for j in on) for i in range(len(x))])
        heights.append(sum(v[j] * max(z, 0) for j, z in enumerate(hidden(x))))
    return np.array(x), np.array(heights)


RIGHT = [
    ("kwta", winners_one_by_one),
    ("kwta", winners_by_rank),
    ("kwta", winners_by_sorting_pairs),
    ("kl_sparsity", divergence_by_entropy),
    ("kl_sparsity", divergence_in_loops),
    ("kl_sparsity", divergence_by_einsum),
    ("activation_max", climb_by_einsum),
    ("activation_max", climb_by_recursion),
    ("activation_max", climb_in_loops),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT, ids=[f.__name__ for _, f in RIGHT])
def test_other_right_answers_pass(name, answer):
    passes(name, answer, [1, 2, 3])


# ── The same slips in other styles than the page's ───────────────────────────────────────────────


def ties_by_threshold(H, G, k):
    kth = np.sort(H, axis=1)[:, -k][:, None]
    return np.where(kth <= H, H, 0), np.where(kth <= H, G, 0)


def ties_in_loops(H, G, k):
    H2, dH = np.zeros(H.shape), np.zeros(H.shape)
    for i, row in enumerate(H):
        least = sorted(row)[-k]
        for j, h in enumerate(row):
            if h >= least:
                H2[i, j], dH[i, j] = h, G[i, j]
    return H2, dH


def ties_by_product(H, G, k):
    mask = (np.partition(H, -k, axis=1)[:, -k, None] <= H).astype(float)
    return H * mask, mask * G


def all_gradients_by_rank(H, G, k):
    return winners_by_rank(H, G, k)[0], G.copy()


def all_gradients_in_loops(H, G, k):
    return winners_one_by_one(H, G, k)[0], np.array([[g for g in row] for row in G])


def all_gradients_by_pairs(H, G, k):
    return [winners_by_sorting_pairs(H, G, k)[0], G * np.ones(H.shape)]


def zero_winner_by_product(H, G, k):
    H2 = winners_by_rank(H, G, k)[0]
    return H2, G * (H2 != 0)


def zero_winner_in_loops(H, G, k):
    H2, dH = winners_one_by_one(H, G, k)
    for i, j in np.argwhere(H2 == 0):
        dH[i, j] = 0
    return H2, dH


def zero_winner_by_sign(H, G, k):
    H2 = winners_by_sorting_pairs(H, G, k)[0]
    return H2, np.abs(np.sign(H2)) * G


def by_columns(H, G, k):
    mask = np.zeros(H.shape, bool)
    for j in range(H.shape[1]):
        mask[np.argsort(-H[:, j], kind="stable")[:k], j] = True
    return H * mask, G * mask


def by_columns_at_once(H, G, k):
    ranks = np.argsort(np.argsort(-H, axis=0, kind="stable"), axis=0, kind="stable")
    return np.where(ranks < k, H, 0), np.where(ranks < k, G, 0)


def by_columns_turned(H, G, k):
    H2, dH = winners_by_rank(H.T, G.T, k)
    return H2.T, dH.T


def by_size(H, G, k):
    mask = winners_by_rank(np.abs(H), np.ones(H.shape), k)[1]
    return H * mask, G * mask


def by_size_in_loops(H, G, k):
    mask = winners_one_by_one(abs(H), np.ones(H.shape), k)[1]
    return np.where(mask, H, 0), np.where(mask, G, 0)


def by_size_squared(H, G, k):
    mask = winners_by_sorting_pairs(H**2, np.ones(H.shape), k)[1]
    return mask * H, mask * G


def packed(H, G, k):
    order = np.array([sorted(range(len(h)), key=lambda j: -h[j])[:k] for h in H])
    rows = np.arange(len(H))[:, None]
    return H[rows, order], G[rows, order]


def winners_of_each(H, G, k):
    return winners_by_rank(H, G, k)[0], winners_by_rank(G, G, k)[0]


def upwards(H, G, k):
    mask = np.zeros(H.shape)
    for i, row in enumerate(H):
        mask[i, row.argsort()[-k:]] = 1
    return H * mask, G * mask


def no_share(H, rho):
    value, dH = divergence_by_entropy(H, rho)
    return value, len(H) * dH


def no_share_in_loops(H, rho):
    value, dH = divergence_in_loops(H, rho)
    return value, np.array([[g * len(H) for g in row] for row in dH])


def no_share_by_einsum(H, rho):
    q = H.mean(0)
    value, _ = divergence_by_einsum(H, rho)
    return value, np.einsum("i,j->ij", np.ones(len(H)), (q - rho) / (q * (1 - q)))


def downhill(H, rho):
    value, dH = divergence_by_entropy(H, rho)
    return value, -dH


def downhill_in_loops(H, rho):
    value, dH = divergence_in_loops(H, rho)
    return value, np.array([[-g for g in row] for row in dH])


def downhill_by_einsum(H, rho):
    value, dH = divergence_by_einsum(H, rho)
    return value, np.einsum("ij,->ij", dH, -1.0)


def averaged(H, rho):
    value, dH = divergence_by_entropy(H, rho)
    return value / H.shape[1], dH


def averaged_in_loops(H, rho):
    value, dH = divergence_in_loops(H, rho)
    return sum(value / H.shape[1] for _ in range(1)), dH


def averaged_by_einsum(H, rho):
    q = np.einsum("ij->j", H) / len(H)
    each = rho * np.log(rho / q) + (1 - rho) * np.log((1 - rho) / (1 - q))
    return each.mean(), divergence_by_einsum(H, rho)[1]


def turned_round(H, rho):
    q = H.mean(0)
    value = (q * np.log(q / rho) + (1 - q) * np.log((1 - q) / (1 - rho))).sum()
    return value, divergence_by_entropy(H, rho)[1]


def turned_round_in_loops(H, rho):
    value = 0.0
    for j in range(H.shape[1]):
        q = float(np.mean(H[:, j]))
        value += q * np.log(q) - q * np.log(rho)
        value += (1 - q) * np.log(1 - q) - (1 - q) * np.log(1 - rho)
    return value, divergence_in_loops(H, rho)[1]


def turned_round_by_einsum(H, rho):
    q = np.einsum("ij->j", H) / len(H)
    parts = np.array([q, 1 - q])
    value = np.einsum("pj,pj->", parts, np.log(parts / np.array([[rho], [1 - rho]])))
    return value, divergence_by_einsum(H, rho)[1]


def of_single_ones(H, rho):
    value = np.sum(rho * np.log(rho / H) + (1 - rho) * np.log((1 - rho) / (1 - H))) / len(H)
    return value, ((1 - rho) / (1 - H) - rho / H) / len(H)


def of_single_ones_in_loops(H, rho):
    N, n = H.shape
    value, dH = 0.0, np.zeros((N, n))
    for i in range(N):
        for j in range(n):
            h = float(H[i, j])
            value += (rho * np.log(rho / h) + (1 - rho) * np.log((1 - rho) / (1 - h))) / N
            dH[i, j] = (h - rho) / (h * (1 - h)) / N
    return value, dH


def of_single_ones_by_rows(H, rho):
    pairs = [divergence_by_entropy(h[None], rho) for h in H]
    return sum(v for v, _ in pairs) / len(H), np.concatenate([d for _, d in pairs]) / len(H)


def times_h(H, rho):
    value, dH = divergence_by_einsum(H, rho)
    return value, dH * H


def upside_down(H, rho):
    value, _ = divergence_by_entropy(H, rho)
    q = H.mean(0)
    return value, np.tile(((1 - q) / (1 - rho) - q / rho) / len(H), (len(H), 1))


def climbing(gradient=None, first=True, after=True, sign=1.0, rate=True):
    """Climbs with slips, in a style of its own."""

    def answer(W, b, v, x, R, lr, steps):
        def z(x):
            return np.sum(v * np.maximum(np.sum(W * x, axis=1) + b, 0))

        x = R * x / np.sqrt(np.sum(x * x)) if first else 1.0 * x
        heights = [z(x)]
        for _ in range(steps):
            pre = np.sum(W * x, axis=1) + b
            g = np.sum((v * (pre > 0))[:, None] * W, axis=0)
            g = gradient(W, b, v, pre) if gradient else g
            x = x + sign * (lr if rate else 1.0) * g
            x = R * x / np.sqrt(np.sum(x * x)) if after else x
            heights.append(z(x))
        return x, np.array(heights)

    return answer


def all_on(W, b, v, pre):
    return np.einsum("jd,j->d", W, v)


def all_on_in_loops(W, b, v, pre):
    return np.array([sum(v[j] * W[j, i] for j in range(len(v))) for i in range(W.shape[1])])


def all_on_by_product(W, b, v, pre):
    return v @ W


def without_v(W, b, v, pre):
    return W[pre > 0].sum(axis=0)


def activity_for_slope(W, b, v, pre):
    return (v * np.maximum(pre, 0)) @ W


def slope_at_zero(W, b, v, pre):
    return (v * (pre >= 0)) @ W


def climbing_in_loops(on=lambda pre: pre > 0, first=True, after=True, sign=1.0):
    """The same slips, entry by entry."""

    def answer(W, b, v, x, R, lr, steps):
        n, d = W.shape

        def to_length(x):
            size = sum(a * a for a in x) ** 0.5
            return [R / size * a for a in x]

        def hidden(x):
            return [float(b[j]) + sum(float(W[j, i]) * x[i] for i in range(d)) for j in range(n)]

        x, heights = [float(a) for a in x], []
        for t in range(steps + 1):
            if (first and t == 0) or (after and t > 0):
                x = to_length(x)
            pre = hidden(x)
            heights.append(sum(v[j] * max(pre[j], 0.0) for j in range(n)))
            if t < steps:
                pulls = [float(v[j]) for j in range(n) if on(pre[j])]
                rows = [W[j] for j in range(n) if on(pre[j])]
                x = [
                    x[i] + sign * lr * sum(p * row[i] for p, row in zip(pulls, rows, strict=True))
                    for i in range(d)
                ]
        return np.array(x), np.array(heights)

    return answer


def climbing_by_recursion(on=lambda pre: pre > 0, first=True, after=True, sign=1.0):
    """The same slips, in a call for each step."""

    def answer(W, b, v, x, R, lr, steps):
        def onward(x, left, scaled):
            x = np.divide(x, np.sqrt(np.vdot(x, x)) / R) if scaled else np.array(x)
            pre = np.dot(W, x) + b
            z = [np.inner(v, pre.clip(0))]
            if left == 0:
                return x, z
            g = np.einsum("j,ji->i", v * np.array([on(p) for p in pre]), W)
            end, later = onward(x + sign * lr * g, left - 1, after)
            return end, z + later

        end, heights = onward(x, steps, first)
        return end, np.array(heights)

    return answer


def first_and_last(W, b, v, x, R, lr, steps):
    end, heights = climbing(after=False)(W, b, v, x, R, lr, steps)
    return R * end / np.linalg.norm(end), heights


LOOPS, CALLS = climbing_in_loops, climbing_by_recursion
SLIPS = [
    ("kwta", ties_by_threshold, "Where activities are equal, you keep more than k"),
    ("kwta", ties_in_loops, "Where activities are equal, you keep more than k"),
    ("kwta", ties_by_product, "Where activities are equal, you keep more than k"),
    ("kwta", all_gradients_by_rank, "dH lets the gradient of losers through"),
    ("kwta", all_gradients_in_loops, "dH lets the gradient of losers through"),
    ("kwta", all_gradients_by_pairs, "dH lets the gradient of losers through"),
    ("kwta", zero_winner_by_product, "A winner whose activity is exactly 0"),
    ("kwta", zero_winner_in_loops, "A winner whose activity is exactly 0"),
    ("kwta", zero_winner_by_sign, "A winner whose activity is exactly 0"),
    ("kwta", by_columns, "Your winners are those of a column"),
    ("kwta", by_columns_at_once, "Your winners are those of a column"),
    ("kwta", by_columns_turned, "Your winners are those of a column"),
    ("kwta", by_size, "The largest in *size* win with you"),
    ("kwta", by_size_in_loops, "The largest in *size* win with you"),
    ("kwta", by_size_squared, "The largest in *size* win with you"),
    ("kwta", packed, "You return the winners alone, k for each example. They"),
    ("kwta", winners_of_each, "For dH you choose winners again"),
    ("kwta", upwards, "Of equal activities those further right often win"),
    ("kl_sparsity", no_share, "In your dH the 1/N is missing"),
    ("kl_sparsity", no_share_in_loops, "In your dH the 1/N is missing"),
    ("kl_sparsity", no_share_by_einsum, "In your dH the 1/N is missing"),
    ("kl_sparsity", downhill, "dH has the wrong sign"),
    ("kl_sparsity", downhill_in_loops, "dH has the wrong sign"),
    ("kl_sparsity", downhill_by_einsum, "dH has the wrong sign"),
    ("kl_sparsity", averaged, "Your value is a mean over the units"),
    ("kl_sparsity", averaged_in_loops, "Your value is a mean over the units"),
    ("kl_sparsity", averaged_by_einsum, "Your value is a mean over the units"),
    ("kl_sparsity", turned_round, "ρ and ρ̂ have changed places in your value"),
    ("kl_sparsity", turned_round_in_loops, "ρ and ρ̂ have changed places in your value"),
    ("kl_sparsity", turned_round_by_einsum, "ρ and ρ̂ have changed places in your value"),
    ("kl_sparsity", of_single_ones, "You take the mean of the divergences"),
    ("kl_sparsity", of_single_ones_in_loops, "You take the mean of the divergences"),
    ("kl_sparsity", of_single_ones_by_rows, "You take the mean of the divergences"),
    ("kl_sparsity", times_h, "You multiply dH by h. A mean"),
    ("kl_sparsity", upside_down, "In your dH the fractions stand upside down"),
    ("activation_max", climbing(all_on), "Hidden units that are off pull at x"),
    ("activation_max", climbing(all_on_in_loops), "Hidden units that are off pull at x"),
    ("activation_max", climbing(all_on_by_product), "Hidden units that are off pull at x"),
    ("activation_max", climbing(without_v), "v is missing in your gradient"),
    ("activation_max", climbing(activity_for_slope), "In your gradient stands relu itself"),
    ("activation_max", climbing(slope_at_zero), "A hidden unit at exactly 0 pulls"),
    ("activation_max", LOOPS(on=lambda pre: pre >= 0), "A hidden unit at exactly 0 pulls"),
    ("activation_max", CALLS(on=lambda pre: pre >= 0), "A hidden unit at exactly 0 pulls"),
    ("activation_max", climbing(first=False), "The start is not brought to length R"),
    ("activation_max", LOOPS(first=False), "The start is not brought to length R"),
    ("activation_max", CALLS(first=False), "The start is not brought to length R"),
    ("activation_max", climbing(after=False), "After a step x has another length"),
    ("activation_max", LOOPS(after=False), "After a step x has another length"),
    ("activation_max", CALLS(after=False), "After a step x has another length"),
    ("activation_max", climbing(first=False, after=False), "Your x never gets the length R"),
    ("activation_max", climbing(sign=-1.0), "You go downhill"),
    ("activation_max", LOOPS(sign=-1.0), "You go downhill"),
    ("activation_max", CALLS(sign=-1.0), "You go downhill"),
    ("activation_max", first_and_last, "You bring x to length R at the start and at the very end"),
    ("activation_max", climbing(rate=False), "The learning rate is missing in your step"),
]


@pytest.mark.parametrize(("name", "answer", "start"), SLIPS)
def test_a_slip_is_told_in_whatever_style_it_is_written(name, answer, start):
    begins(name, answer, start, seeds=[1, 2])


# ── What else is said ────────────────────────────────────────────────────────────────────────────


def test_results_in_another_order_are_told_so():
    def answer(H, G, k):
        return EXERCISES["kwta"].reference(H, G, k)[::-1]

    assert "H2" in details("kwta", answer)["values"]


def test_activities_set_to_0_in_place_are_found():
    def answer(H, G, k):
        H2, dH = EXERCISES["kwta"].reference(H, G, k)
        H[...] = H2
        return H, dH

    found = details("kwta", answer)
    assert "Work on a copy" in found.get("inputs", "") + found.get("runs", "")


def test_a_start_shortened_in_place_is_found():
    def answer(W, b, v, x, R, lr, steps):
        end, heights = EXERCISES["activation_max"].reference(W, b, v, x, R, lr, steps)
        x *= R / np.linalg.norm(x)
        return end, heights

    found = details("activation_max", answer)
    assert "Work on a copy" in found.get("inputs", "") + found.get("runs", "")
