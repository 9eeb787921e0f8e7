"""Lesson 17: right answers in other styles than the references', and what is said of wrong ones."""

from itertools import product

import numpy as np
import pytest
from judged import details, passes

from nnlib.course.kit.judging import judge, run
from nnlib.course.lessons import EXERCISES

# ── dropout ──────────────────────────────────────────────────────────────────────────────────────


def dropout_by_choice(H, p, style, training, seed):
    if p > 1 or p < 0:
        raise ValueError
    rng, q = np.random.default_rng(seed), {"torch": 1 - p, "paper": p}[style]
    if training:
        keep = rng.choice([True, False], size=H.shape, p=[q, 1 - q])
        scale = 1 / q if style == "torch" and q else 1.0
        return np.where(keep, H * scale, 0)
    return q * H if style == "paper" else H.copy()


def dropout_in_loops(H, p, style, training, seed):
    if not (p >= 0 and p <= 1):
        raise ValueError("p")
    rng, out = np.random.default_rng(seed), np.zeros(H.shape)
    for i in range(H.shape[0]):
        for j in range(H.shape[1]):
            h = float(H[i, j])
            if style == "torch":
                dropped = rng.uniform() < p if training else False
                out[i, j] = 0 if dropped else h / (1 - p) if training else h
            else:
                out[i, j] = (h if rng.uniform() < p else 0) if training else h * p
    return out


def dropout_in_place_of_a_copy(H, p, style, training, seed):
    if p != np.clip(p, 0, 1):
        raise ValueError(p)
    H2 = np.array(H, dtype=float)
    drop = p if style == "torch" else 1 - p
    if training:
        H2[np.random.default_rng(seed).random(H2.shape) < drop] = 0
        if style == "torch" and p < 1:
            H2 /= 1 - p
    elif style == "paper":
        H2 *= p
    return H2


# ── dropout_backward ─────────────────────────────────────────────────────────────────────────────


def backward_by_the_active_units(dY, Z, keep, V, p):
    H2 = np.where(keep, np.maximum(Z, 0), 0) / (1 - p)
    return (dY @ V) * (H2 > 0) / (1 - p), dY.T @ H2, dY.sum(0)


def backward_in_loops(dY, Z, keep, V, p):
    (N, K), n = dY.shape, Z.shape[1]
    dZ, dV, dc = np.zeros((N, n)), np.zeros((K, n)), np.zeros(K)
    for i in range(N):
        for k in range(K):
            dc[k] += dY[i, k]
            for j in range(n):
                if keep[i, j] and Z[i, j] > 0:
                    dV[k, j] += dY[i, k] * Z[i, j] / (1 - p)
                    dZ[i, j] += dY[i, k] * V[k, j] / (1 - p)
    return dZ, dV, dc


def backward_by_einsum(dY, Z, keep, V, p):
    slope = np.asarray(keep, float) * np.heaviside(Z, 0.0) / (1.0 - p)
    dV = np.einsum("nk,nj,nj->kj", dY, slope, Z)
    return [slope * np.einsum("nk,kj->nj", dY, V), dV, np.ones(len(dY)) @ dY]


# ── committee ────────────────────────────────────────────────────────────────────────────────────


def soft(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def committee_in_loops(h, V, c, p):
    arithmetic, logs = 0.0, 0.0
    for mask in product((True, False), repeat=len(h)):
        weight = 1.0
        for kept in mask:
            weight *= 1 - p if kept else p
        P = soft(V @ np.where(mask, h, 0) / (1 - p) + c)
        arithmetic, logs = arithmetic + weight * P, logs + weight * np.log(P)
    return arithmetic, soft(logs)


def committee_by_recursion(h, V, c, p):
    def mean(j, z):
        if j == len(h):
            return soft(z)
        return (1 - p) * mean(j + 1, z + V[:, j] * h[j] / (1 - p)) + p * mean(j + 1, z)

    return mean(0, c.astype(float)), soft(V @ h + c)  # the geometric mean, as the lesson proves


def committee_by_powers(h, V, c, p):
    n = len(h)
    bits = np.arange(2**n)[:, None] // 2 ** np.arange(n) % 2
    w = np.where(bits, 1 - p, p).prod(axis=1)
    P = np.array([soft(z) for z in (bits * h) @ V.T / (1 - p) + c])
    geometric = np.prod(P ** w[:, None], axis=0)
    return (w[:, None] * P).sum(0), geometric / np.sum(geometric)


RIGHT = [
    ("dropout", dropout_by_choice),
    ("dropout", dropout_in_loops),
    ("dropout", dropout_in_place_of_a_copy),
    ("dropout_backward", backward_by_the_active_units),
    ("dropout_backward", backward_in_loops),
    ("dropout_backward", backward_by_einsum),
    ("committee", committee_in_loops),
    ("committee", committee_by_recursion),
    ("committee", committee_by_powers),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT, ids=[f.__name__ for _, f in RIGHT])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_right_answers_pass(name, answer, seed):
    passes(name, answer, [seed])


# ── What is said ─────────────────────────────────────────────────────────────────────────────────


def test_a_mask_returned_along_is_told_so():
    def answer(H, p, style, training, seed):
        H2 = EXERCISES["dropout"].reference(H, p, style, training, seed)
        return H2, H2 != 0

    assert "Return H2 alone, without the mask." in details("dropout", answer)["shape"]


def test_units_set_to_0_in_place_are_found():
    def answer(H, p, style, training, seed):
        H2 = EXERCISES["dropout"].reference(H, p, style, training, seed)
        H[...] = H2
        return H

    found = details("dropout", answer)
    assert "Work on a copy" in found["inputs"] or "Work on a copy" in found["runs"]


def test_what_is_written_into_h_is_not_told_as_a_wrong_share():
    def answer(H, p, style, training, seed):
        H2 = EXERCISES["dropout"].reference(H, p, style, training, seed)
        if training:
            H *= H2 != 0
        return H if style == "paper" and training else H2

    found = details("dropout", answer)
    assert "Work on a copy" in found["inputs"]
    assert found["values"] == ""


def test_noise_of_another_kind_is_not_dropout():
    def answer(H, p, style, training, seed):
        H2 = EXERCISES["dropout"].reference(H, p, style, training, seed)
        return H + np.random.default_rng(seed).normal(size=H.shape) if training else H2

    assert "multiplied by" in details("dropout", answer)["values"]


def test_a_fresh_mask_on_the_way_back_is_told():
    def answer(dY, Z, keep, V, p):
        fresh = np.random.default_rng(5).random(Z.shape) < 1 - p
        _, dV, dc = backward_by_einsum(dY, Z, keep, V, p)
        return fresh * (Z > 0) * (dY @ V) / (1 - p), dV, dc

    assert "another mask than keep" in details("dropout_backward", answer)["shape"]


# ── The same slips in other styles than the page's ───────────────────────────────────────────────


def unscaled_by_choice(H, p, style, training, seed):
    H2 = dropout_by_choice(H, p, style, training, seed)
    return np.where(H2 == 0, 0, H) if training else H2


def unscaled_in_loops(H, p, style, training, seed):
    H2 = dropout_in_loops(H, p, style, training, seed)
    for i in range(len(H) if training else 0):
        H2[i] = [h if h2 else 0 for h, h2 in zip(H[i], H2[i], strict=True)]
    return H2


def unmasked_by_einsum(dY, Z, keep, V, p):
    _, dV, dc = backward_by_einsum(dY, Z, keep, V, p)
    return np.einsum("nk,kj,nj->nj", dY, V, (Z > 0) / (1 - p)), dV, dc


def equal_weights_in_loops(h, V, c, p):
    masks = list(product((0, 1), repeat=len(h)))
    P = [soft(V @ (np.array(m) * h) / (1 - p) + c) for m in masks]
    geometric = np.exp(sum(np.log(x) for x in P) / len(P))
    return sum(P) / len(P), geometric / sum(geometric)


def as_many_in_every_call(H, p, style, training, seed):
    if not 0 < p < 1 or not training:
        return EXERCISES["dropout"].reference(H, p, style, training, seed)
    q, mask = 1 - p if style == "torch" else p, np.zeros(H.size)
    mask[: round(q * H.size)] = 1
    np.random.default_rng(seed).shuffle(mask)
    return mask.reshape(H.shape) * H / (q if style == "torch" else 1)


SLIPS = [
    ("dropout", as_many_in_every_call, "In every call you keep exactly the share q"),
    ("dropout", unscaled_by_choice, "What is kept must be scaled up by 1/q"),
    ("dropout", unscaled_in_loops, "What is kept must be scaled up by 1/q"),
    ("dropout_backward", unmasked_by_einsum, "The mask is missing on the way back"),
    ("committee", equal_weights_in_loops, "All your networks have the same weight"),
]


@pytest.mark.parametrize(("name", "answer", "begins"), SLIPS, ids=[f.__name__ for _, f, _ in SLIPS])
def test_a_slip_is_told_in_whatever_style_it_is_written(name, answer, begins):
    [said] = judge(EXERCISES[name], 1, run(EXERCISES[name], answer, 1)).mistakes.values()
    assert said.startswith(begins)
