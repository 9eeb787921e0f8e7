"""Lesson 12, its last exercise: a network with two hidden layers, trained by hand."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import numpy as np

from nnlib.course.kit.exercise import Arguments, Array, Case, exercise
from nnlib.course.lessons.lesson_12_backprop_in_networks.network_gradients import (
    FLOATS,
    LESSON,
    read_only,
)

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")


def training_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def network(d: int, n1: int, n2: int, K: int) -> Arguments:
        shapes = [(n1, d), (n1,), (n2, n1), (n2,), (K, n2), (K,)]
        return {name: rng.normal(size=s) * 0.8 for name, s in zip(NAMES, shapes, strict=True)}

    def case(what: str, sizes: tuple[int, ...], N: int, batches: Array, lr: float) -> Case:
        X, y = rng.normal(size=(N, sizes[0])), rng.integers(0, sizes[-1], N)
        rest = {"batches": batches, "lr": lr}
        return Case(what, {"X": X, "y": y, **network(*sizes), **rest})

    def draw(steps: int, B: int, N: int) -> Array:
        return np.stack([rng.permutation(N)[:B] for _ in range(steps)])

    yield case("one step with one example", (2, 3, 4, 2), 1, np.array([[0]]), 0.5)
    yield case("one step with 3 of 6 examples", (2, 4, 3, 3), 6, draw(1, 3, 6), 0.5)
    yield case("two steps", (3, 5, 4, 2), 6, draw(2, 4, 6), 0.3)
    yield case("four steps, all layers of one width", (3, 3, 3, 3), 6, draw(4, 3, 6), 0.2)
    still = case("", (2, 4, 3, 2), 4, draw(2, 4, 4), 0.5).args
    still["X"] = np.array([[0.0, 0], [1, 0], [0, 0], [0, -1]])
    zero = {"b1": np.zeros(4), "b2": np.ones(3)}
    yield Case("rows of zeros and b1 = 0, so that Z1 = 0 there", deepcopy(still) | zero)
    zero = {"b1": -np.ones(4), "b2": np.zeros(3)}
    yield Case("rows of zeros, H1 = 0 and b2 = 0, so that Z2 = 0 there", still | zero)
    gaps = case("", (2, 4, 3, 4), 4, np.array([[0, 1, 1], [0, 3, 3]]), 0.5).args
    yield Case("an example twice in a batch, and no label of the last class",
               gaps | {"y": np.array([0, 2, 1, 2])})  # fmt: skip
    whole = case("", (3, 4, 3, 2), 5, draw(2, 3, 5), 0.25).args
    numbers = {"X": rng.integers(-2, 3, (5, 3)), "b3": np.array([1, 0])}
    yield Case("whole numbers", whole | numbers)
    single = case("", (3, 4, 3, 2), 5, draw(2, 3, 5), 0.25).args
    narrow = {name: single[name].astype(np.float32) for name in ("X", *NAMES)}
    yield Case("float32", single | narrow)
    fixed = case("", (3, 4, 3, 2), 4, draw(2, 3, 4), 0.25).args
    fixed |= {"X": rng.normal(size=(8, 6))[::2, ::2], "W2": rng.normal(size=(6, 8))[::2, ::2]}
    kept = {k: read_only(a) if isinstance(a, np.ndarray) else a for k, a in fixed.items()}
    yield Case("parts of larger arrays, which must not be written to", kept)


@exercise(
    lesson=LESSON,
    returns=(*NAMES, "losses"),
    inputs=training_inputs,
    points={"shape": 1, "values": 5, "inputs": 1},
    tolerance=FLOATS,
    hints=(
        (
            "One step is: forward, loss, backward, update. Write it for one batch first (the checks "
            "begin with a single step), and put the loop around it afterwards. Going back, layer 2 "
            "does exactly what layer 1 of the lesson does: dZ, then dW and db, then dH."
        ),
        (
            "Keep Z1, H1, Z2, H2 and P of the batch. dZ3 = (P − E) / B with B the batch's size; "
            "dZ2 = (dZ3 W3) ⊙ [Z2 > 0]; dZ1 = (dZ2 W2) ⊙ [Z1 > 0]; dW = dZᵀ · (the layer's input), "
            "db sums dZ's rows. Compute all six gradients before you change a weight, and write "
            "`W1 = W1 - lr * dW1`: `-=` would change the caller's array."
        ),
    ),
)
def train_mlp(
    X: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array, W3: Array, b3: Array,
    batches: Array, lr: float,
) -> tuple[Array | list[float], ...]:  # fmt: skip
    losses = []
    for rows in batches:
        x, t = X[rows], y[rows]
        Z1 = x @ W1.T + b1
        H1 = np.maximum(Z1, 0)
        Z2 = H1 @ W2.T + b2
        H2 = np.maximum(Z2, 0)
        P = softmax(H2 @ W3.T + b3)
        losses.append(-np.log(P[np.arange(len(t)), t]).mean())
        dZ3 = (P - np.eye(len(b3))[t]) / len(t)
        dZ2 = (dZ3 @ W3) * step(Z2)
        dZ1 = (dZ2 @ W2) * step(Z1)
        W3, b3 = W3 - lr * (dZ3.T @ H2), b3 - lr * dZ3.sum(axis=0)
        W2, b2 = W2 - lr * (dZ2.T @ H1), b2 - lr * dZ2.sum(axis=0)
        W1, b1 = W1 - lr * (dZ1.T @ x), b1 - lr * dZ1.sum(axis=0)
    return W1, b1, W2, b2, W3, b3, losses


def softmax(Z: Array) -> Array:
    e = np.exp(Z)
    P: Array = e / e.sum(axis=1, keepdims=True)
    return P


def step(Z: Array) -> Array:
    slope: Array = Z > 0
    return slope


train_mlp.slip(
    "Z > 0",
    "np.ones_like(Z)",
    "φ′ is missing in both hidden layers: dZ = dH ⊙ [Z > 0].",
)
train_mlp.slip(
    "Z > 0",
    "np.maximum(Z, 0)",
    "You multiply by relu(Z), that is by H. It is the slope that belongs there: 1 where Z > 0, "
    "else 0.",
)
train_mlp.slip(
    "- lr *",
    "- lr / len(t) *",
    "You divide by the batch's size twice. The 1/B is in dZ3 already, and travels back with it.",
)
train_mlp.slip(
    "W3, b3, losses",
    "W3, b3, np.mean(losses)",
    "You return the mean of all losses. `losses` has one for each step.",
)
train_mlp.slip(
    "- lr *",
    "+ lr *",
    "Your step goes uphill. The gradient points to where the loss grows: w ← w − η dw.",
)
train_mlp.slip(
    "[t]) / len(t)",
    "[t])",
    "Your losses begin right, but your steps are too large by the size of the batch: the loss is a "
    "mean, so dZ3 = (P − E) / B.",
)
train_mlp.slip(
    "[t]) / len(t)",
    "[t]) / len(X)",
    "You divide by the number of all examples. The loss is the mean over the batch: divide by the "
    "batch's size.",
)
train_mlp.slip(
    "len(t)), t]).mean()",
    "len(t)), t]).sum()",
    "Your losses are sums over the batch. The weights come out right, but each loss should be the "
    "mean of −ln p.",
)
train_mlp.slip(
    "-np.log(P[",
    "np.log(P[",
    "Your losses are negative: ℓ = −ln p, and ln of a probability is never positive.",
)
train_mlp.slip(
    "(dZ3 @ W3) * step(Z2)",
    "dZ3 @ W3",
    "φ′ is missing in the second hidden layer: dZ2 = dH2 ⊙ [Z2 > 0].",
)
train_mlp.slip(
    "(dZ2 @ W2) * step(Z1)",
    "dZ2 @ W2",
    "φ′ is missing in the first hidden layer: dZ1 = dH1 ⊙ [Z1 > 0].",
)
train_mlp.slip(
    "Z > 0",
    "Z >= 0",
    "Your ReLU has slope 1 at z = 0. By the convention of this course (and of PyTorch) relu′(0) is "
    "0: use `Z > 0`.",
)
train_mlp.slip(
    "P = softmax(H2 @ W3.T + b3)",
    "P = softmax(np.maximum(H2 @ W3.T + b3, 0))",
    "There is a ReLU on the logits. The last layer has none: softmax takes Z3 as it is.",
)
train_mlp.slip(
    "X[rows], y[rows]",
    "X, y",
    "Every step uses the whole data. Each row of `batches` lists the examples of one step: "
    "take X[rows] and y[rows].",
)
train_mlp.slip(
    "axis=1",
    "axis=0",
    "Your softmax runs down the columns. Each row is one example, and its probabilities add up to "
    "1: sum over `axis=1`.",
)
train_mlp.slip(
    ".sum(axis=0)",
    ".mean(axis=0)",
    "Your db are means over the batch. The 1/B is in dZ3 already: for b the rows are added up.",
)
train_mlp.slip(
    "return W1, b1, W2, b2, W3, b3, losses",
    "return W1, b1, W2, b2, W3, b3",
    "One is missing: return the six parameters, and then the losses.",
)
train_mlp.slip(
    "return W1, b1, W2, b2, W3, b3, losses",
    "return losses, W1, b1, W2, b2, W3, b3",
    "The losses come last: return W1, b1, W2, b2, W3, b3, losses.",
)
train_mlp.slip(
    "return W1, b1, W2, b2, W3, b3, losses",
    "return W1, W2, W3, b1, b2, b3, losses",
    "Each bias comes after its own weights: return W1, b1, W2, b2, W3, b3, losses.",
)
train_mlp.slip(
    "W3, b3, losses",
    "W3, b3, losses[-1]",
    "You return the last loss only. `losses` has one for each step: append to a list.",
)
train_mlp.slip(
    "- lr *",
    "-",
    "The learning rate is missing from your step: θ ← θ − η dθ.",
)
train_mlp.slip(
    "dZ3 = (P - np.eye(len(b3))[t]) / len(t)",
    "dZ3 = (P - np.eye(len(b3))[t]) * P * (1 - P) / len(t)",
    "There is a factor p (1 − p) too many in dZ3. The derivative of the softmax is in P − E already.",
)
train_mlp.slip(
    "np.eye(len(b3))[t]",
    "np.eye(t.max() + 1)[t]",
    "Your one-hot rows are as long as the largest label in the batch asks for. They need one entry "
    "per class: `np.eye(len(b3))`.",
)
train_mlp.slip(
    "np.eye(len(b3))[t]",
    "np.eye(len(np.unique(t)))[t]",
    "Your one-hot rows count the classes that occur in the batch; some may not. There are as many "
    "classes as W3 has rows: `np.eye(len(b3))`.",
)
train_mlp.slip(
    "-np.log(P[np.arange(len(t)), t]).mean()",
    "-(np.eye(len(b3))[t] * np.log(P)).mean()",
    "Your losses are K times too small: `.mean()` of E ⊙ ln P divides by B · K. Divide by B alone.",
)
train_mlp.slip(
    "len(t)), t]).mean()",
    "len(t)), t]).sum() / len(X)",
    "Your losses are divided by the number of all examples. Each is the mean over its own batch.",
)
train_mlp.slip(
    "P[np.arange(len(t)), t]",
    "P[:, t]",
    "`P[:, t]` pairs every row with every label. Each row has its own: `P[np.arange(B), t]`.",
)
train_mlp.slip(
    "for rows in batches",
    "for rows in batches.T",
    "You take the columns of `batches`. Each row of it is one step: `for rows in batches`.",
)
train_mlp.slip(
    "X[rows], y[rows]",
    "X[: len(rows)], y[: len(rows)]",
    "Every step takes the first B examples. Which ones it has to take, stands in its row of "
    "`batches`: X[rows] and y[rows].",
)
train_mlp.slip(
    "X[rows], y[rows]",
    "X[np.unique(rows)], y[np.unique(rows)]",
    "An example that a batch lists twice counts twice: take X[rows] and y[rows] as they come.",
)


def one_step(X: Array, y: Array, parameters: Any, lr: float) -> Any:
    """The reference's step on a whole set, for the mistakes below."""
    return train_mlp.reference(X, y, *parameters, np.arange(len(X))[None], lr)


@train_mlp.mistake(
    "You send the gradient back through weights that the step has changed already. Compute all "
    "gradients with the weights of the forward pass, then update."
)
def updates_on_the_way_back(X, y, W1, b1, W2, b2, W3, b3, batches, lr):  # type: ignore[no-untyped-def]
    losses = []
    for rows in batches:
        x = X[rows]
        H1 = np.maximum(x @ W1.T + b1, 0)
        H2 = np.maximum(H1 @ W2.T + b2, 0)
        P = softmax(H2 @ W3.T + b3)
        losses.append(-np.log(P[np.arange(len(x)), y[rows]]).mean())
        dZ = (P - np.eye(len(b3))[y[rows]]) / len(x)
        W3, b3 = W3 - lr * (dZ.T @ H2), b3 - lr * dZ.sum(0)
        dZ = (dZ @ W3) * (H2 > 0)
        W2, b2 = W2 - lr * (dZ.T @ H1), b2 - lr * dZ.sum(0)
        dZ = (dZ @ W2) * (H1 > 0)
        W1, b1 = W1 - lr * (dZ.T @ x), b1 - lr * dZ.sum(0)
    return W1, b1, W2, b2, W3, b3, losses


@train_mlp.mistake(
    "Your weights are right after the steps, but each loss is that of the batch after its step. "
    "Note it before the weights change."
)
def looks_after_the_step(X, y, W1, b1, W2, b2, W3, b3, batches, lr):  # type: ignore[no-untyped-def]
    parameters, losses = (W1, b1, W2, b2, W3, b3), []
    for rows in batches:
        *parameters, _ = one_step(X[rows], y[rows], parameters, lr)
        losses.append(one_step(X[rows], y[rows], parameters, lr)[-1][0])
    return *parameters, losses


@train_mlp.mistake(
    "The biases stay as they were. They are parameters, too: b ← b − η db, with db the sum of dZ's "
    "rows."
)
def leaves_the_biases(X, y, W1, b1, W2, b2, W3, b3, batches, lr):  # type: ignore[no-untyped-def]
    losses = []
    for rows in batches:
        W1, _, W2, _, W3, _, loss = one_step(X[rows], y[rows], (W1, b1, W2, b2, W3, b3), lr)
        losses += loss
    return W1, b1, W2, b2, W3, b3, losses


@train_mlp.mistake(
    "Every step begins at the weights that were given: the changes of one step are lost in the "
    "next. Go on with the new weights."
)
def always_starts_anew(X, y, W1, b1, W2, b2, W3, b3, batches, lr):  # type: ignore[no-untyped-def]
    start, losses = (W1, b1, W2, b2, W3, b3), []
    for rows in batches:
        *parameters, loss = one_step(X[rows], y[rows], start, lr)
        losses += loss
    return *parameters, losses


@train_mlp.mistake(
    "Only the last layer learns. The hidden layers have gradients as well: go on, dH2 = dZ3 W3."
)
def trains_the_last_layer(X, y, W1, b1, W2, b2, W3, b3, batches, lr):  # type: ignore[no-untyped-def]
    losses = []
    for rows in batches:
        *_, W3, b3, loss = one_step(X[rows], y[rows], (W1, b1, W2, b2, W3, b3), lr)
        losses += loss
    return W1, b1, W2, b2, W3, b3, losses


@train_mlp.mistake(
    "`-=` changes the caller's own arrays. Write `W1 = W1 - lr * dW1`, or copy them first."
)
def changes_the_weights_given(X, y, W1, b1, W2, b2, W3, b3, batches, lr):  # type: ignore[no-untyped-def]
    parameters, losses = (W1, b1, W2, b2, W3, b3), []
    for rows in batches:
        *stepped, loss = one_step(X[rows], y[rows], parameters, lr)
        for p, new in zip(parameters, stepped, strict=True):
            p -= p - new
        losses += loss
    return *parameters, losses


@train_mlp.mistake("Your training stops after the first batch. Is the `return` inside the loop?")
def returns_too_early(X, y, W1, b1, W2, b2, W3, b3, batches, lr):  # type: ignore[no-untyped-def]
    return train_mlp.reference(X, y, W1, b1, W2, b2, W3, b3, batches[:1], lr)
