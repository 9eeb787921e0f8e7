"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from judged import begins, passes, said


def regions_by_points(W, b):
    """Euler: 1 + lines + for each point the lines in it, less one."""
    lines = []
    for (p, q), c in zip(W.tolist(), b.tolist(), strict=True):
        size = (p * p + q * q) ** 0.5
        if size == 0:
            continue
        sign = 1 if (p, q) > (0, 0) else -1
        line = sign * p / size, sign * q / size, sign * c / size
        if all(max(abs(a - e) for a, e in zip(line, old, strict=True)) > 1e-6 for old in lines):
            lines.append(line)
    through = {}
    for i, k in combinations(range(len(lines)), 2):
        (p, q, c), (r, s, d) = lines[i], lines[k]
        det = p * s - q * r
        if abs(det) > 1e-6:
            x, y = (q * d - s * c) / det, (r * c - p * d) / det
            key = next((k for k in through if abs(k[0] - x) + abs(k[1] - y) < 1e-4), (x, y))
            through.setdefault(key, set()).update((i, k))
    return 1 + len(lines) + sum(len(met) - 1 for met in through.values())


def regions_by_polygons(W, b):
    far = 1e4
    found = [np.array([[-far, -far], [far, -far], [far, far], [-far, far]])]
    for w, c in zip(W.astype(float), b.astype(float), strict=True):
        grown = []
        for corners in found:
            z = corners @ w + c
            near = 1e-6 * np.abs(w).sum() + 1e-9
            if z.min() > -near or z.max() < near or not w.any():
                grown.append(corners)
                continue
            sides = [], []
            for k in range(len(corners)):
                if z[k - 1] * z[k] < 0:
                    share = z[k - 1] / (z[k - 1] - z[k])
                    point = corners[k - 1] + share * (corners[k] - corners[k - 1])
                    sides[0].append(point)
                    sides[1].append(point)
                if z[k] <= 0:
                    sides[0].append(corners[k])
                if z[k] >= 0:
                    sides[1].append(corners[k])
            grown += [np.array(side) for side in sides]
        found = grown
    return len(found)


def regions_by_rounding(W, b):
    total, kept = 1, []
    for row in np.column_stack([W, b]).astype(float):
        if row[0] == 0 and row[1] == 0:
            continue
        if any(np.allclose(np.cross(row, other), 0, atol=1e-6) for other in kept):
            continue
        points = []
        for other in kept:
            x, y, scale = np.cross(row, other)  # the point in homogeneous coordinates
            if abs(scale) > 1e-6:
                points.append((x / scale, y / scale))
        total += 1
        for i, (x, y) in enumerate(points):
            total += all(abs(x - u) + abs(y - v) > 1e-4 for u, v in points[:i])
        kept.append(row)
    return np.int64(total)


def breaks_by_a_list(W1, b1, W2, b2, start, end):
    def z1(t):
        return W1 @ (start + t * (end - start)) + b1

    def z2(t):
        return W2 @ np.maximum(z1(t), 0) + b2

    ts = [0.0, 1.0]
    for f in (z1, z2):
        new = []
        for t, s in pairwise(ts):
            new += [t + (s - t) * z / (z - y) for z, y in zip(f(t), f(s), strict=True) if z * y < 0]
        ts = sorted(ts + new)
    return ts[1:-1]


def breaks_by_slopes(W1, b1, W2, b2, start, end):
    slope, z = W1 @ (end - start), W1 @ start + b1
    with np.errstate(all="ignore"):
        first = -z / slope
    first = np.sort(first[(first > 0) & (first < 1)])
    t = np.concatenate([[0], first, [1]])
    middle = (t[1:] + t[:-1]) / 2
    every = list(first)
    for low, high, m in zip(t[:-1], t[1:], middle, strict=True):
        on = z + m * slope > 0
        a, c = W2 @ (on * slope), W2 @ (on * z) + b2
        there = -c[a != 0] / a[a != 0]
        every.extend(there[(there > low) & (there < high)])
    return np.array(sorted(every))


def breaks_by_bisection(W1, b1, W2, b2, start, end):
    def signs(t):
        z1 = W1 @ (start + t * (end - start)) + b1
        return np.concatenate([z1, W2 @ np.maximum(z1, 0) + b2])

    t = np.linspace(0, 1, 1778)  # none of them a break of the example
    Z = np.array([signs(each) for each in t])
    found = []
    for i, k in zip(*np.nonzero(Z[:-1] * Z[1:] < 0), strict=True):
        low, high = t[i], t[i + 1]
        for _ in range(40):
            middle = (low + high) / 2
            if signs(low)[k] * signs(middle)[k] <= 0:
                high = middle
            else:
                low = middle
        found.append((low + high) / 2)
    return np.sort(found)


def zigzag_by_loops(creases, folds):
    places = [0.0, *map(float, creases), 1.0]
    p = len(places) - 1
    slopes = [(-1) ** i / (places[i + 1] - places[i]) for i in range(p)]
    changes = [slopes[0]] + [slopes[i] - slopes[i - 1] for i in range(1, p)]
    Ws, bs = [], []
    for k in range(folds):
        inputs = 1 if k == 0 else p
        W = np.zeros((p, inputs))
        for i in range(p):
            for j in range(inputs):
                W[i, j] = 1 if k == 0 else changes[j]
        Ws.append(W)
        bs.append(np.array([-place for place in places[:-1]]))
    Ws.append(np.array([changes]))
    bs.append(np.array([0.0]))
    return Ws, bs


def zigzag_with_scaled_units(creases, folds):
    """As in the lesson: the sizes in the hidden layer, signs in the sum."""
    c = np.append(np.array(creases, dtype=float), 1)
    widths = np.diff(np.append(0, c))
    slopes = 1 / widths * np.where(np.arange(len(c)) % 2, -1, 1)
    D = np.diff(np.append(0, slopes))
    size, sign = np.abs(D), np.sign(D)
    first = np.einsum("i,j->ij", size, np.ones(1))
    later = np.einsum("i,j->ij", size, sign)
    b = -size * (c - widths)
    return [first, *[later] * (folds - 1), sign[None]], [*[b] * folds, [0.0]]


def zigzag_from_the_right(creases, folds):
    """Hinges that open to the left, from 1, and a constant."""
    corners = np.concatenate([[0], creases, [1]])
    y = np.arange(len(corners)) % 2
    slopes = np.diff(y) / np.diff(corners)
    D = -np.append(np.diff(slopes) * -1, slopes[-1])[None]
    W, b = -np.ones((len(slopes), 1)), corners[1:]
    end = float(y[-1])
    layers = [(W, b)] + [(W @ D, b - end)] * (folds - 1) + [(D, np.array([end]))]
    return tuple(W for W, _ in layers), tuple(b for _, b in layers)


RIGHT = {
    "count_regions": [regions_by_points, regions_by_polygons, regions_by_rounding],
    "breaks_along": [breaks_by_a_list, breaks_by_slopes, breaks_by_bisection],
    "zigzag_network": [zigzag_by_loops, zigzag_with_scaled_units, zigzag_from_the_right],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


def pairs_only(W, b):
    regions = 1
    for i in range(len(W)):
        crossed = 0
        for k in range(i):
            crossed += abs(W[i, 0] * W[k, 1] - W[i, 1] * W[k, 0]) > 1e-9
        regions += 1 + crossed
    return regions


def pairs_by_einsum(W, b):
    det = np.einsum("i,j->ij", W[:, 0], W[:, 1])
    return 1 + len(W) + np.count_nonzero(np.triu(np.abs(det - det.T) > 1e-9))


def formula_by_sum(W, b):
    return sum(range(1, len(W) + 1)) + 1


def formula_by_rows(W, b):
    regions = 1
    for n, _ in enumerate(W, start=1):
        regions = regions + n
    return regions


def without_relu(W1, b1, W2, b2, start, end):
    """Two linear layers are one, which a straight way crosses but once for each unit."""
    found = []
    for W, c in ((W1, b1), (W2 @ W1, W2 @ b1 + b2)):
        for w, bias in zip(W, c, strict=True):
            z, y = w @ start + bias, w @ end + bias
            if z * y < 0:
                found.append(z / (z - y))
    return np.array(sorted(found))


def ends_only(W1, b1, W2, b2, start, end):
    ends = np.stack([start, end])
    Z1 = np.einsum("td,nd->tn", ends, W1) + b1
    Z2 = np.einsum("tm,nm->tn", np.clip(Z1, 0, None), W2) + b2
    z, y = np.hstack([Z1, Z2])
    change = np.sign(z) * np.sign(y) == -1
    return np.sort((z / np.where(change, z - y, 1))[change])


def slopes_for_changes(creases, folds):
    edges = [0, *creases, 1]
    up = [(1 if i % 2 == 0 else -1) / (edges[i + 1] - edges[i]) for i in range(len(edges) - 1)]
    p = len(up)
    hidden = [[1.0] for _ in range(p)]
    later = [list(up) for _ in range(p)]
    bias = [-edge for edge in edges[:-1]]
    Ws = [np.array(hidden)] + [np.array(later)] * (folds - 1) + [np.array([up])]
    return Ws, [np.array(bias)] * folds + [np.array([0.0])]


def a_layer_for_the_sum(creases, folds):
    (first, *_, D), (b, *_, zero) = zigzag_by_loops(creases, folds)
    Ws, bs = [], []
    for _ in range(folds):
        Ws += [first, D]
        bs += [b, zero]
    return Ws, bs


WRONG = [
    ("count_regions", pairs_only, "You count pairs of rows"),
    ("count_regions", pairs_by_einsum, "You count pairs of rows"),
    ("count_regions", formula_by_sum, "You use the formula"),
    ("count_regions", formula_by_rows, "You use the formula"),
    ("breaks_along", without_relu, "The first layer's ReLU is missing"),
    ("breaks_along", ends_only, "You look at the second layer at both ends"),
    ("zigzag_network", slopes_for_changes, "You sum with the slopes themselves"),
    ("zigzag_network", a_layer_for_the_sum, "The sum has a layer of its own"),
]


@pytest.mark.parametrize(("name", "answer", "start"), WRONG)
def test_mistakes_in_other_styles_are_recognized(name, answer, start):
    begins(name, answer, start)


def test_a_matrix_that_is_turned_is_not_called_another_mistake():
    def turned(creases, folds):
        Ws, bs = zigzag_by_loops(creases, folds)
        return [W.T for W in Ws], bs

    assert said("zigzag_network", turned).startswith("All your matrices are turned.")
