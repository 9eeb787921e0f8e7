"""The five commonest mistakes of each exercise, in three ways to write them.

Each function below is a student's program; it takes the name of a mistake and makes it.
"""

from itertools import combinations, pairwise

import numpy as np
import pytest
from judged import begins, passes


def rank(*rows):
    return np.linalg.matrix_rank(np.array(rows))


def count_by_rank(mistake):
    """Line by line, as the task tells it."""

    def count_regions(W, b):
        if mistake == "formula":
            return 1 + sum(range(1, len(b) + 1))
        total, lines, known = 1, [], []
        for w, c in zip(W, b, strict=True):
            across = [(v, d) for v, d in lines if rank(w, v) == 2]
            if mistake == "pairs":
                total += 1 + len(across)
                lines.append((w, c))
                continue
            if not w.any():
                continue
            same = [rank([*w, c], [*v, d]) == 1 for v, d in lines]
            if mistake == "multiples":
                same = [(w == v).all() and c == d for v, d in lines]
            if any(same) and mistake != "again":
                continue
            points = known if mistake == "once" else []
            before = len(points)
            for v, d in across:
                p = np.linalg.solve([w, v], [-c, -d])
                if all(np.abs(p - q).max() >= 1e-4 for q in points):
                    points.append(p)
            total += 1 + len(points) - before
            lines.append((w, c))
        return total

    return count_regions


def count_by_cross_products(mistake):
    """A line as three numbers; the cross product of two lines is where they meet."""

    def count_regions(W, b):
        n = len(W)
        if mistake == "formula":
            return (n * n + n + 2) // 2
        rows = np.column_stack([W, b]).astype(float)
        if mistake == "pairs":
            meet = np.cross(rows[:, None], rows[None])[..., 2]
            return 1 + n + np.count_nonzero(np.abs(np.triu(meet, 1)) > 1e-9)
        kept = []
        for row in rows[np.abs(rows[:, :2]).max(axis=1) > 0]:
            if mistake == "again":
                new = True
            elif mistake == "multiples":
                new = not any(np.array_equal(row, other) for other in kept)
            else:
                new = not any(np.abs(np.cross(row, other)).max() < 1e-9 for other in kept)
            if new:
                kept.append(row)
        places = []
        for i, row in enumerate(kept):
            meet = [np.cross(row, other) for other in kept[:i]]
            places.append({tuple(np.round(m[:2] / m[2], 3)) for m in meet if abs(m[2]) > 1e-9})
        if mistake == "once":
            return 1 + len(kept) + len(set().union(*places))
        return 1 + len(kept) + sum(len(here) for here in places)

    return count_regions


def count_by_points(mistake):
    """1 + lines + (lines through it − 1) of each point."""

    def count_regions(W, b):
        slopes = [(float(w[0]), float(w[1]), float(c)) for w, c in zip(W, b, strict=True)]
        if mistake == "formula":
            return 1 + len(slopes) + len(list(combinations(slopes, 2)))
        lines = slopes if mistake == "pairs" else []
        for line in slopes if mistake != "pairs" else []:
            if line[:2] == (0, 0):
                continue
            scale = 1 if mistake == "multiples" else max(line[:2], key=abs)
            line = tuple(round(x / scale, 9) for x in line)
            if line not in lines or mistake == "again":
                lines.append(line)
        lines_through = {}
        for (i, (a, b_, c)), (k, (d, e, f)) in combinations(enumerate(lines), 2):
            det = a * e - b_ * d
            if abs(det) > 1e-7:
                point = round((b_ * f - c * e) / det, 3), round((c * d - a * f) / det, 3)
                lines_through.setdefault(point, []).append((i, k))
        if mistake == "pairs":
            return 1 + len(lines) + sum(len(pairs) for pairs in lines_through.values())
        if mistake == "once":
            return 1 + len(lines) + len(lines_through)
        later = [{k for _, k in pairs} for pairs in lines_through.values()]
        return 1 + len(lines) + sum(len(lasts) for lasts in later)

    return count_regions


def breaks_by_loops(mistake):
    def breaks_along(W1, b1, W2, b2, start, end):
        def z1(t):
            return W1 @ (start + t * (end - start)) + b1

        def z2(t):
            hidden = z1(t) if mistake == "linear" else np.maximum(z1(t), 0)
            return W2 @ hidden + b2

        result = []
        for z, y in zip(z1(0.0), z1(1.0), strict=True):
            if z * y < 0:
                result.append(z / (z - y))
        inner = [] if mistake == "ends" else sorted(result)
        for t, s in pairwise([] if mistake == "first" else [0.0, *inner, 1.0]):
            for z, y in zip(z2(t), z2(s), strict=True):
                if z < 0 < y or y < 0 < z:
                    begin = 0 if mistake == "offset" else t
                    result.append(begin + (s - t) * z / (z - y))
        if mistake == "with ends":
            result += [0.0, 1.0]
        return np.array(sorted(result))

    return breaks_along


def breaks_by_arrays(mistake):
    def breaks_along(W1, b1, W2, b2, start, end):
        Z = np.stack([start, end]) @ W1.T + b1
        change = Z[0] * Z[1] < 0
        first = np.sort(Z[0, change] / (Z[0, change] - Z[1, change]))
        t = np.r_[0.0, first, 1.0] if mistake != "ends" else np.array([0.0, 1.0])
        if mistake == "first":
            return first
        H = (start + t[:, None] * (end - start)) @ W1.T + b1
        Z = (H if mistake == "linear" else H * (H > 0)) @ W2.T + b2
        i, j = np.nonzero(np.sign(Z[:-1]) * np.sign(Z[1:]) < 0)
        share = Z[i, j] / (Z[i, j] - Z[i + 1, j])
        second = share * np.diff(t)[i] + (0 if mistake == "offset" else t[i])
        ends = [0.0, 1.0] if mistake == "with ends" else []
        return np.sort(np.concatenate([first, second, ends]))

    return breaks_along


def breaks_by_slopes(mistake):
    """On each piece z2 is c + a (t − low), whose slope a is that of the units that are on."""

    def breaks_along(W1, b1, W2, b2, start, end):
        z, dz = np.einsum("nd,d->n", W1, start) + b1, np.einsum("nd,d->n", W1, end - start)
        with np.errstate(all="ignore"):
            first = -z / dz
        first = sorted(first[(first > 0) & (first < 1)])
        if mistake == "first":
            return np.array(first)
        every = [0.0, *first, 1.0] if mistake == "with ends" else list(first)
        for low, high in pairwise([0.0, 1.0] if mistake == "ends" else [0.0, *first, 1.0]):
            on = z + (low + high) / 2 * dz > 0
            if mistake == "linear":
                on = np.ones(len(z))
            c, a = W2 @ (on * (z + low * dz)) + b2, W2 @ (on * dz)
            if mistake == "ends":
                c = W2 @ np.maximum(z, 0) + b2
                a = W2 @ np.maximum(z + dz, 0) + b2 - c
            with np.errstate(all="ignore"):
                step = -c / a
            inside = step[(step > 0) & (step < high - low)]
            every.extend(inside if mistake == "offset" else low + inside)
        return np.sort(every)

    return breaks_along


def changes_of_slope(creases, mistake):
    places = [0.0, *map(float, creases), 1.0]
    slopes = [(-1) ** i / (s - t) for i, (t, s) in enumerate(pairwise(places))]
    changes = [slopes[0], *(new - old for old, new in pairwise(slopes))]
    return places[:-1], slopes if mistake == "slopes" else changes


def zigzag_by_loops(mistake):
    def zigzag_network(creases, folds):
        places, D = changes_of_slope(creases, mistake)
        p = len(D)
        b = [place if mistake == "sign" else -place for place in places]
        Ws, bs = [[[1.0] for _ in range(p)]], [b]
        for _ in range(folds if mistake == "more" else folds - 1):
            if mistake == "layer":
                Ws += [[D], [[1.0]] * p]
                bs += [[0.0], b]
            else:
                Ws.append([list(D) for _ in range(p)])
                bs.append([0.0] * p if mistake == "inner" else b)
        Ws.append([D])
        bs.append([0.0])
        return [np.array(W) for W in Ws], [np.array(each) for each in bs]

    return zigzag_network


def zigzag_by_repeating(mistake):
    def zigzag_network(creases, folds):
        corners = np.r_[0.0, creases, 1.0]
        slopes = np.resize([1.0, -1.0], len(corners) - 1) / np.diff(corners)
        D = (slopes if mistake == "slopes" else slopes - np.r_[0.0, slopes[:-1]])[None]
        ones, b = np.ones_like(D).T, corners[:-1] * (1 if mistake == "sign" else -1)
        inner = b * (mistake != "inner")
        again = folds + (mistake == "more") - 1
        if mistake == "layer":
            return [ones, D] * folds, [b, np.zeros(1)] * folds
        return [ones, *[np.repeat(D, len(b), 0)] * again, D], [b, *[inner] * again, np.zeros(1)]

    return zigzag_network


def zigzag_of_scaled_units(mistake):
    """relu(|d| (x − c)) in the hidden layers, and the signs in the sum."""

    def zigzag_network(creases, folds):
        places, D = map(np.array, changes_of_slope(creases, mistake))
        size, sign = np.abs(D), np.sign(D)
        b = np.einsum("i,i->i", size, places if mistake == "sign" else -places)
        Ws, bs = [size.reshape(-1, 1)], [b]
        while len(Ws) < (2 * folds - 1 if mistake == "layer" else folds + (mistake == "more")):
            if mistake == "layer":
                Ws, bs = [*Ws, sign[None], size[:, None]], [*bs, np.zeros(1), b]
            else:
                Ws.append(np.einsum("i,j->ij", size, sign))
                bs.append(np.zeros_like(b) if mistake == "inner" else b)
        return (*Ws, sign[None]), (*bs, np.zeros(1))

    return zigzag_network


STYLES = {
    "count_regions": (count_by_rank, count_by_cross_products, count_by_points),
    "breaks_along": (breaks_by_loops, breaks_by_arrays, breaks_by_slopes),
    "zigzag_network": (zigzag_by_loops, zigzag_by_repeating, zigzag_of_scaled_units),
}
SAID = {
    "count_regions": {
        "pairs": "You count pairs of rows that are not parallel",
        "formula": "You use the formula",
        "again": "A line that is there already cuts nothing",
        "multiples": "You find a line again only if its row is the same.",
        "once": "Your number is 1 + lines + different points.",
    },
    "breaks_along": {
        "ends": "You look at the second layer at both ends",
        "first": "Only the first layer's breaks are there.",
        "linear": "The first layer's ReLU is missing",
        "with ends": "0 and 1 are in your result.",
        "offset": "The t at which the piece begins is missing",
    },
    "zigzag_network": {
        "slopes": "You sum with the slopes themselves.",
        "layer": "The sum has a layer of its own",
        "sign": "Your biases have the wrong sign",
        "more": "Your network folds once more than asked",
        "inner": "From the second hidden layer on, your biases are missing.",
    },
}
EACH = [(name, style) for name, styles in STYLES.items() for style in styles]


@pytest.mark.parametrize(("name", "style"), EACH)
def test_without_a_mistake_each_style_is_right(name, style):
    passes(name, style(""))


@pytest.mark.parametrize(("name", "style"), EACH)
def test_the_commonest_mistakes_are_named_in_each_style(name, style):
    for mistake, sentence in SAID[name].items():
        begins(name, style(mistake), sentence)
