"""Lesson 11: a neuron is trained on nnlib's own engine."""

from collections.abc import Iterator

import numpy as np

from nnlib import Tensor
from nnlib.course.kit.exercise import Array, Case, Tolerance, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only
from nnlib.course.lessons.lesson_11_backprop_on_graphs.poke import LESSON, Arrays
from nnlib.nn.functional import tanh

# ── train_neuron ─────────────────────────────────────────────────────────────────────────────────


def neuron_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, arrays: Arrays, lr: float = 0.5, steps: int = 3) -> Case:
        X, y, w = arrays
        return Case(what, {"X": X, "y": y, "w": w, "lr": lr, "steps": steps})

    def drawn(N: int, d: int) -> Arrays:
        X, w = quarters(rng, N, d) / 2, quarters(rng, d) / 4
        return X, np.where(X[:, 0] + quarters(rng, N) / 4 > 0, 1.0, -1.0), w

    one = np.array([[1.0, 2.0]]), np.array([0.5]), np.array([0.25, -0.25])
    yield case("one example, one step", one, steps=1)
    yield case("one example, two steps", one, steps=2)
    yield case("no step", drawn(4, 2), steps=0)
    for N, d in [(6, 2), (5, 3), (4, 4), (8, 1)]:
        yield case(f"{N} examples of {d} features", drawn(N, d))
    yield case("a small rate", drawn(7, 3), lr=0.05, steps=6)
    X, y, w = drawn(5, 2)
    yield case("labels that are whole numbers", (np.sign(X).astype(int), y.astype(int), w))
    X, y, w = (a.astype(np.float32) for a in drawn(6, 2))
    yield case("float32", (X, y, w))
    X, y, w = drawn(12, 4)
    yield case("every other row and column of a larger array", (X[::2, ::2], y[::2], w[::2]))
    X, y, w = (read_only(a) for a in drawn(5, 2))
    yield case("arrays that must not be written to", (X, y, w))


@exercise(
    lesson=LESSON,
    returns=("w", "losses"),
    inputs=neuron_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    uses=("numpy", "nnlib"),
    tolerance=Tolerance(1e-4, 1e-5, "float32 weights, which an answer may keep or widen"),
    hints=(
        (
            "Make a Tensor of w once, before the loop, with `requires_grad=True`. In the loop four "
            "things happen, in this order: compute the loss, clear the gradient, call backward(), "
            "step. The engine does the calculus."
        ),
        (
            "`t = Tensor(w, requires_grad=True)`; in the loop `loss = ((F.tanh(X @ t) - y) ** 2).mean()`, "
            "`t.grad = None`, `loss.backward()`, keep `loss.item()`, and "
            "`t.data = t.data - lr * t.grad`. At the end return t.data and the list."
        ),
    ),
)
def train_neuron(X: Array, y: Array, w: Array, lr: float, steps: int) -> tuple[Array, list[float]]:
    t = Tensor(w, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((tanh(X @ t) - y) ** 2).mean()
        losses.append(loss.item())
        t.grad = None
        loss.backward()
        step(t, lr)
    return t.data, losses


def step(t: Tensor, lr: float) -> None:
    assert t.grad is not None
    t.data = t.data - lr * t.grad


train_neuron.slip(
    "t.grad = None",
    "pass",
    "Your gradients pile up: backward() adds to .grad, so from the second step on you also walk "
    "along all older gradients. Clear it before backward(): `t.grad = None`.",
)

train_neuron.slip(
    "t.data - lr * t.grad",
    "t.data + lr * t.grad",
    "You climb. The gradient points uphill, so the step goes against it: w − lr · gradient.",
)

train_neuron.slip(
    "t.data - lr * t.grad",
    "t.data - t.grad",
    "The learning rate is missing: the step is lr times the gradient.",
)

train_neuron.slip(
    ".mean()",
    ".sum()",
    "You add up the squared errors. The task takes their mean, so that the step does not grow "
    "with the number of examples.",
)

train_neuron.slip(
    "** 2).mean()",
    "** 2).mean() * 0.5",
    "Your loss has a factor 1/2 that the task does not have.",
)

train_neuron.slip(
    "((tanh(X @ t) - y) ** 2).mean()",
    "(tanh(X @ t) - y).mean()",
    "The square is missing from your loss: without it errors of opposite sign cancel.",
)

train_neuron.slip(
    "tanh(X @ t)",
    "(X @ t)",
    "The activation is missing: ŷ = tanh(X w).",
)

train_neuron.slip(
    "tanh(X @ t)",
    "(1 / (1 + (-(X @ t)).exp()))",
    "You use the sigmoid. The task's neuron has tanh, with values between −1 and 1.",
)

train_neuron.slip(
    "range(steps)",
    "range(steps + 1)",
    "There is one too many: `steps` steps, and one loss for each, the loss before it. "
    "The loss after the last step is not asked for.",
)

train_neuron.slip(
    "range(steps)",
    "range(1, steps)",
    "One step is missing: `range(1, steps)` has only steps − 1 turns, or you return the weights "
    "from before the last step.",
)

train_neuron.slip(
    "range(steps)",
    "range(min(steps, 1))",
    "You take a single step. Is the `return` inside the loop?",
)

train_neuron.slip(
    "((tanh(X @ t) - y) ** 2).mean()",
    "(tanh(X @ t) - y).mean() ** 2",
    "You square the mean. Square each error first, then take the mean of the squares.",
)

train_neuron.slip(
    "tanh(X @ t) - y",
    "tanh(X @ t).reshape(-1, 1) - y",
    "A column (N, 1) minus a row (N,) is a table (N, N): each ŷ against every label. "
    "Keep w of shape (d,), so that X @ t has the shape (N,).",
)

train_neuron.slip(
    "t.data - lr * t.grad",
    "t.data - 2 * lr * t.grad",
    "Your step is twice too long: the engine's gradient has the factor 2 of the square already.",
)

train_neuron.slip(
    "return t.data, losses",
    "return losses, t.data",
    "The two results are in the other order: return the weights first, then the losses.",
)

train_neuron.slip(
    "return t.data, losses",
    "return t.data, losses[-1:]",
    "You return the last loss only. Keep them all in a list, one for each step.",
)

train_neuron.slip(
    "t.data = t.data - lr * t.grad",
    "pass",
    "Your weights come back as they came. backward() only computes the gradient: take the step, and "
    "return the Tensor's `.data`, not the w that came in.",
)

train_neuron.slip(
    "return t.data, losses",
    "return t.grad, losses",
    "You return the last gradient. The task asks for the trained weights.",
)


@train_neuron.mistake(
    "Your losses are those after each step. Keep the loss before the step, the one whose gradient "
    "you use: the first entry belongs to the weights that came in."
)
def looks_after_the_step(
    X: Array, y: Array, w: Array, lr: float, steps: int
) -> tuple[Array, list[float]]:
    t = Tensor(w, requires_grad=True)
    losses = []
    for _ in range(steps):
        t.grad = None
        ((tanh(X @ t) - y) ** 2).mean().backward()
        step(t, lr)
        losses.append(((tanh(X @ t) - y) ** 2).mean().item())
    return t.data, losses


@train_neuron.mistake(
    "You make the gradient once and step along it again and again. After each step the slope is "
    "another one: compute the loss and call backward() inside the loop."
)
def never_looks_again(
    X: Array, y: Array, w: Array, lr: float, steps: int
) -> tuple[Array, list[float]]:
    t = Tensor(w, requires_grad=True)
    ((tanh(X @ t) - y) ** 2).mean().backward()
    losses = []
    for _ in range(steps):
        losses.append(((tanh(X @ t) - y) ** 2).mean().item())
        step(t, lr)
    return t.data, losses


@train_neuron.mistake(
    "You take a step after each single example. Here a step uses all of them at once: the mean "
    "over the whole batch, then one backward()."
)
def steps_at_each_example(
    X: Array, y: Array, w: Array, lr: float, steps: int
) -> tuple[Array, list[float]]:
    t = Tensor(w, requires_grad=True)
    losses = []
    for _ in range(steps):
        losses.append(((tanh(X @ t) - y) ** 2).mean().item())
        for k in range(len(X)):
            t.grad = None
            ((tanh(X[k] @ t) - y[k]) ** 2).backward()
            step(t, lr)
    return t.data, losses
