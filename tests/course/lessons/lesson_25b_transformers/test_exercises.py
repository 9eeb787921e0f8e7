"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import numpy as np
import pytest
from judged import begins, passes


def softmax(S):
    P = np.exp(S - S.max(axis=-1, keepdims=True))
    return P / P.sum(axis=-1, keepdims=True)


def norm(h):
    return (h - h.mean(axis=1, keepdims=True)) / np.sqrt(h.var(axis=1, keepdims=True) + 1e-5)


def look(z, W_in, W_out):
    q, k, v = np.split(z @ W_in.T, 3, axis=1)
    scores = np.where(np.tri(len(z)) == 1, q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    return softmax(scores) @ v @ W_out.T


def think(z, W_1, W_2):
    return np.maximum(z @ W_1.T, 0) @ W_2.T


# --- right ------------------------------------------------------------------------------------------


def block_in_two_lines(x, W_in, W_out, W_1, W_2):
    h = x + look(norm(x), W_in, W_out)
    return h + think(norm(h), W_1, W_2)


def block_token_by_token(x, W_in, W_out, W_1, W_2):
    d, rows, out = x.shape[1], [], []
    for token in x:
        z = token - np.mean(token)
        rows.append(z / np.sqrt(np.mean(z**2) + 1e-5))
        Z = np.array(rows)
        a = softmax(Z @ W_in[d : 2 * d].T @ (W_in[:d] @ rows[-1]) / d**0.5)
        h = token + W_out @ ((Z @ W_in[2 * d :].T).T @ a)
        z = h - h.mean()
        z = z / np.sqrt((z @ z) / d + 1e-5)
        out.append(h + W_2 @ np.maximum(W_1 @ z, 0))
    return np.array(out)


def block_by_einsum(x, W_in, W_out, W_1, W_2):
    T, d = x.shape
    q, k, v = np.einsum("td,cad->cta", norm(x), W_in.reshape(3, d, d))
    S = np.einsum("ta,sa->ts", q, k) * d**-0.5
    S[np.triu_indices(T, 1)] = -np.inf
    h = x + np.einsum("ts,sa,oa->to", softmax(S), v, W_out)
    inner = np.einsum("td,md->tm", norm(h), W_1)
    return h + np.einsum("tm,dm->td", inner * (inner > 0), W_2)


def next_in_small_steps(x, W_in, keys, values):
    d = len(x)
    q, k, v = W_in[:d] @ x, W_in[d : 2 * d] @ x, W_in[2 * d :] @ x
    keys, values = np.concatenate([keys, k[None]]), np.concatenate([values, v[None]])
    a = softmax((keys @ q) * d**-0.5)
    return a @ values, keys, values


def next_in_a_loop(x, W_in, keys, values):
    q, k, v = (W_in @ x).reshape(3, -1)
    keys, values = np.array([*keys, k]), np.array([*values, v])
    s = np.array([key @ q for key in keys]) / np.sqrt(x.size)
    e = np.exp(s - max(s))
    out = sum(w * value for w, value in zip(e / sum(e), values, strict=True))
    return out, keys, values


def next_by_logarithms(x, W_in, keys, values):
    q, k, v = x @ W_in.reshape(3, len(x), len(x)).transpose(0, 2, 1)
    keys, values = np.r_[keys, [k]], np.r_[values, [v]]
    s = np.einsum("td,d->t", keys, q) / len(q) ** 0.5
    return np.exp(s - np.logaddexp.reduce(s)) @ values, keys, values


def copied_by_dictionary(ids):
    last, said = {}, []
    for t, c in enumerate(ids.tolist()):
        said.append(ids[last[c] + 1] if c in last else -1)
        last[c] = t
    return np.array(said)


def copied_by_searching(ids):
    said = []
    for t in range(len(ids)):
        places = np.flatnonzero(ids[:t] == ids[t])
        said.append(int(ids[places[-1] + 1]) if len(places) else -1)
    return said


def copied_by_a_table(ids):
    n = len(ids)
    same = (ids[:, None] == ids) & np.tri(n, k=-1).astype(bool)
    last = np.where(same, np.arange(n), -1).max(axis=1)
    return np.where(last >= 0, ids[np.minimum(last + 1, n - 1)], -1)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("transformer_block", block_in_two_lines),
        ("transformer_block", block_token_by_token),
        ("transformer_block", block_by_einsum),
        ("attend_next", next_in_small_steps),
        ("attend_next", next_in_a_loop),
        ("attend_next", next_by_logarithms),
        ("copied", copied_by_dictionary),
        ("copied", copied_by_searching),
        ("copied", copied_by_a_table),
    ],
)
def test_other_right_answers_pass(name, answer):
    passes(name, answer)


# --- wrong ------------------------------------------------------------------------------------------


def stream_lost(x, W_in, W_out, W_1, W_2):
    h = look(norm(x), W_in, W_out)
    return h + think(norm(h), W_1, W_2)


def stream_lost_by_einsum(x, W_in, W_out, W_1, W_2):
    h = np.einsum("td,de->te", look(norm(x), W_in, np.eye(len(W_out))), W_out.T)
    return h + think(norm(h), W_1, W_2)


def stream_lost_by_subtracting(x, W_in, W_out, W_1, W_2):
    h = x + look(norm(x), W_in, W_out) - x
    return think(norm(h), W_1, W_2) + h


def no_mask(x, W_in, W_out, W_1, W_2):
    q, k, v = np.split(norm(x) @ W_in.T, 3, axis=1)
    h = x + softmax(q @ k.T / np.sqrt(q.shape[1])) @ v @ W_out.T
    return h + think(norm(h), W_1, W_2)


def no_mask_token_by_token(x, W_in, W_out, W_1, W_2):
    q, k, v = np.split(norm(x) @ W_in.T, 3, axis=1)
    found = np.array([softmax(k @ row / np.sqrt(len(row))) @ v for row in q])
    h = x + found @ W_out.T
    return h + think(norm(h), W_1, W_2)


def no_mask_by_einsum(x, W_in, W_out, W_1, W_2):
    d = x.shape[1]
    q, k, v = np.einsum("td,cad->cta", norm(x), W_in.reshape(3, d, d))
    A = softmax(np.einsum("ta,sa->ts", q, k) * d**-0.5)
    h = x + np.einsum("ts,sa,oa->to", A, v, W_out)
    return h + think(norm(h), W_1, W_2)


def normed_along_tokens(h):
    return (h - h.mean(axis=0)) / np.sqrt(h.var(axis=0) + 1e-5)


def batch_norm(x, W_in, W_out, W_1, W_2):
    h = x + look(normed_along_tokens(x), W_in, W_out)
    return h + think(normed_along_tokens(h), W_1, W_2)


def batch_norm_by_transposing(x, W_in, W_out, W_1, W_2):
    h = x + look(norm(x.T).T, W_in, W_out)
    return h + think(norm(h.T).T, W_1, W_2)


def batch_norm_by_hand(x, W_in, W_out, W_1, W_2):
    def normed(h):
        z = h - np.mean(h, axis=0, keepdims=True)
        return z / np.sqrt(np.mean(z * z, axis=0, keepdims=True) + 1e-5)

    h = x + look(normed(x), W_in, W_out)
    return h + think(normed(h), W_1, W_2)


def after_the_sum(x, W_in, W_out, W_1, W_2):
    h = norm(x + look(x, W_in, W_out))
    return norm(h + think(h, W_1, W_2))


def after_the_sum_in_place(x, W_in, W_out, W_1, W_2):
    h = np.array(x)
    h += look(h, W_in, W_out)
    h = norm(h)
    h += think(h, W_1, W_2)
    return norm(h)


def after_the_sum_by_hand(x, W_in, W_out, W_1, W_2):
    def normed(h):
        z = h - np.mean(h, axis=1, keepdims=True)
        return z / np.sqrt(np.mean(z * z, axis=1, keepdims=True) + 1e-5)

    h = normed(look(x, W_in, W_out) + x)
    return normed(think(h, W_1, W_2) + h)


def no_relu(x, W_in, W_out, W_1, W_2):
    h = x + look(norm(x), W_in, W_out)
    return h + norm(h) @ W_1.T @ W_2.T


def no_relu_one_matrix(x, W_in, W_out, W_1, W_2):
    h = x + look(norm(x), W_in, W_out)
    return h + norm(h) @ (W_2 @ W_1).T


def no_relu_by_einsum(x, W_in, W_out, W_1, W_2):
    h = x + look(norm(x), W_in, W_out)
    return h + np.einsum("td,md,em->te", norm(h), W_1, W_2)


def parts(x, W_in):
    return np.split(W_in @ x, 3)


def not_itself(x, W_in, keys, values):
    q, k, v = parts(x, W_in)
    out = softmax(keys @ q / np.sqrt(len(x))) @ values if len(keys) else v
    return out, np.vstack([keys, k]), np.vstack([values, v])


def not_itself_by_slicing(x, W_in, keys, values):
    q, k, v = parts(x, W_in)
    keys, values = np.vstack([keys, k]), np.vstack([values, v])
    if len(keys) == 1:
        return v.copy(), keys, values
    return softmax(keys[:-1] @ q / np.sqrt(len(x))) @ values[:-1], keys, values


def not_itself_by_a_mask(x, W_in, keys, values):
    q, k, v = parts(x, W_in)
    keys, values = np.vstack([keys, k]), np.vstack([values, v])
    scores = keys @ q / np.sqrt(len(x))
    if len(keys) > 1:
        scores[-1] = -np.inf
    return softmax(scores) @ values, keys, values


def right_next(x, W_in, keys, values):
    q, k, v = parts(x, W_in)
    keys, values = np.vstack([keys, k]), np.vstack([values, v])
    return softmax(keys @ q / np.sqrt(len(x))) @ values, keys, values


def not_kept(x, W_in, keys, values):
    return right_next(x, W_in, keys, values)[0], keys.copy(), values.copy()


def not_kept_by_slicing(x, W_in, keys, values):
    out, keys, values = right_next(x, W_in, keys, values)
    return out, keys[:-1], values[:-1]


def not_kept_in_a_list(x, W_in, keys, values):
    out = right_next(x, W_in, keys, values)[0]
    return [out, keys + 0, values + 0]


def on_top(x, W_in, keys, values):
    q, k, v = parts(x, W_in)
    keys, values = np.vstack([k, keys]), np.vstack([v, values])
    return softmax(keys @ q / np.sqrt(len(x))) @ values, keys, values


def on_top_by_inserting(x, W_in, keys, values):
    q, k, v = parts(x, W_in)
    keys, values = np.insert(keys, 0, k, axis=0), np.insert(values, 0, v, axis=0)
    return softmax(keys @ q / np.sqrt(len(x))) @ values, keys, values


def on_top_by_rolling(x, W_in, keys, values):
    out, keys, values = right_next(x, W_in, keys, values)
    return out, np.roll(keys, 1, axis=0), np.roll(values, 1, axis=0)


def not_scaled(x, W_in, keys, values):
    q, k, v = parts(x, W_in)
    keys, values = np.vstack([keys, k]), np.vstack([values, v])
    return softmax(keys @ q) @ values, keys, values


def not_scaled_in_a_loop(x, W_in, keys, values):
    q, k, v = parts(x, W_in)
    keys, values = np.array([*keys, k]), np.array([*values, v])
    return softmax(np.array([key @ q for key in keys])) @ values, keys, values


def not_scaled_by_einsum(x, W_in, keys, values):
    q, k, v = parts(x, W_in)
    keys, values = np.r_[keys, [k]], np.r_[values, [v]]
    return np.einsum("t,td->d", softmax(np.einsum("td,d->t", keys, q)), values), keys, values


def only_the_new(x, W_in, keys, values):
    out, keys, values = right_next(x, W_in, keys, values)
    return out, keys[-1:], values[-1:]


def only_the_new_made_again(x, W_in, keys, values):
    _, k, v = parts(x, W_in)
    return right_next(x, W_in, keys, values)[0], k[None].copy(), v[None].copy()


def only_the_new_as_rows(x, W_in, keys, values):
    _, k, v = parts(x, W_in)
    return right_next(x, W_in, keys, values)[0], k.reshape(1, -1) + 0, v.reshape(1, -1) + 0


def first_time(ids):
    said = []
    for t in range(len(ids)):
        places = np.flatnonzero(ids[:t] == ids[t])
        said.append(ids[places[0] + 1] if len(places) else -1)
    return np.array(said)


def first_time_by_dictionary(ids):
    first, said = {}, []
    for t, c in enumerate(ids.tolist()):
        said.append(ids[first[c] + 1] if c in first else -1)
        first.setdefault(c, t)
    return np.array(said)


def first_time_by_index(ids):
    text = ids.tolist()
    return np.array([text[text.index(c) + 1] if c in text[:t] else -1 for t, c in enumerate(text)])


def itself(ids):
    return np.array([c if c in ids[:t] else -1 for t, c in enumerate(ids)])


def itself_by_searching(ids):
    said = -np.ones(len(ids))
    for t in range(len(ids)):
        places = np.flatnonzero(ids[:t] == ids[t])
        if len(places):
            said[t] = ids[places[-1]]
    return said


def itself_by_a_set(ids):
    seen, said = set(), []
    for c in ids.tolist():
        said.append(c if c in seen else -1)
        seen.add(c)
    return np.array(said)


def places_behind(ids):
    said = []
    for t in range(len(ids)):
        places = np.flatnonzero(ids[:t] == ids[t])
        said.append(places[-1] + 1 if len(places) else -1)
    return np.array(said)


def places_behind_by_dictionary(ids):
    last, said = {}, []
    for t, c in enumerate(ids.tolist()):
        said.append(last[c] + 1 if c in last else -1)
        last[c] = t
    return np.array(said)


def places_behind_in_loops(ids):
    said = [-1] * len(ids)
    for t in range(len(ids)):
        for j in range(t):
            if ids[j] == ids[t]:
                said[t] = j + 1
    return said


def zero_for_unknown(ids):
    found = copied_by_dictionary(ids)
    return np.where(found < 0, 0, found)


def zero_for_unknown_in_a_list(ids):
    last, said = {}, []
    for t, c in enumerate(ids.tolist()):
        said.append(ids[last[c] + 1] if c in last else 0)
        last[c] = t
    return np.array(said)


def zero_for_unknown_in_loops(ids):
    said = np.zeros(len(ids))
    for t in range(len(ids)):
        for j in range(t):
            if ids[j] == ids[t]:
                said[t] = ids[j + 1]
    return said


def what_comes(ids):
    return np.append(ids[1:], -1)


def what_comes_by_rolling(ids):
    said = np.roll(ids, -1).astype(float)
    said[-1] = -1
    return said


def what_comes_in_a_loop(ids):
    return np.array([ids[t + 1] if t + 1 < len(ids) else -1 for t in range(len(ids))])


WRONG = {
    ("transformer_block", "The stream is lost at the attention"): (
        stream_lost, stream_lost_by_einsum, stream_lost_by_subtracting,
    ),
    ("transformer_block", "There is no mask"): (
        no_mask, no_mask_token_by_token, no_mask_by_einsum,
    ),
    ("transformer_block", "The norm runs over the tokens"): (
        batch_norm, batch_norm_by_transposing, batch_norm_by_hand,
    ),
    ("transformer_block", "The norm comes after the sum"): (
        after_the_sum, after_the_sum_in_place, after_the_sum_by_hand,
    ),
    ("transformer_block", "The ReLU is missing"): (no_relu, no_relu_one_matrix, no_relu_by_einsum),
    ("attend_next", "The new token does not look at itself"): (
        not_itself, not_itself_by_slicing, not_itself_by_a_mask,
    ),
    ("attend_next", "The new key and value are not kept"): (
        not_kept, not_kept_by_slicing, not_kept_in_a_list,
    ),
    ("attend_next", "The new key and value stand on top"): (
        on_top, on_top_by_inserting, on_top_by_rolling,
    ),
    ("attend_next", "The scores are not divided"): (
        not_scaled, not_scaled_in_a_loop, not_scaled_by_einsum,
    ),
    ("attend_next", "Of keys and values only the new"): (
        only_the_new, only_the_new_made_again, only_the_new_as_rows,
    ),
    ("copied", "You take the first time"): (
        first_time, first_time_by_dictionary, first_time_by_index,
    ),
    ("copied", "You give the character itself"): (itself, itself_by_searching, itself_by_a_set),
    ("copied", "You give the place, and not"): (
        places_behind, places_behind_by_dictionary, places_behind_in_loops,
    ),
    ("copied", "Where nothing is known you answer 0"): (
        zero_for_unknown, zero_for_unknown_in_a_list, zero_for_unknown_in_loops,
    ),
    ("copied", "You look into the future"): (
        what_comes, what_comes_by_rolling, what_comes_in_a_loop,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start", "answer"),
    [(name, start, answer) for (name, start), answers in WRONG.items() for answer in answers],
)
def test_the_commonest_mistakes_are_recognized_in_three_styles(name, start, answer):
    begins(name, answer, start)
