"""A head and a loss for a task: judged by what the head can say, and by how the loss pulls at it."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import (
    Arguments,
    Array,
    Case,
    Tolerance,
    Unfit,
    exercise,
    nonzero,
    read_only,
)

ANSWER = "the answer"
SLOPE = "the slope of the loss at z"
BEST = "the answer with the lowest mean loss"

FAR = 0.5  # so far off, an answer is wrong enough
FELT = 0.1  # and such a slope of its loss is one that training feels
CLOSE = 0.01  # so near to the mean of the targets is where the mean loss is to be lowest


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    """Scores, most of them far from what their targets ask for."""

    def case(what: str, task: str, z: list[Any] | Array, y: list[Any] | Array) -> Case:
        return Case(what, {"task": task, "z": np.asarray(z), "y": np.asarray(y)})

    far = [-40.0, -20.0, -5.0, 5.0, 20.0, 40.0]
    yield case("yes or no", "yes_no", far, [1, 1, 1, 0, 0, 0])
    yield case(
        "yes or no, 2 of 7 are yes", "yes_no", nonzero(rng, 7), rng.permutation([1, 1] + 5 * [0])
    )
    fixed = read_only(np.array([-9.0, 9, -4])), read_only(np.array([1, 0, 1]))
    yield case("arrays that must not be written to", "yes_no", *fixed)
    yield case("a change", "change", [-40.0, -20.0, 8.0, 20.0, 40.0], [9.5, 1.0, 0.0, -1.0, -9.5])
    around = rng.permutation([-5.8, -4.6, -4.2, -4.0, 3.6])  # their median is not their mean
    yield case("a change, of −3 on average", "change", nonzero(rng, 5), around)
    yield case("float32", "change", np.array([3, 6, -5], np.float32), np.array([-4.0, -1, 2]))
    yield case("a count", "count", [-30.0, -8.0, -3.0, 6.0, 7.0], [1, 1, 5, 0, 0])
    yield case("a count, 4 on average", "count", nonzero(rng, 5), rng.permutation([1, 2, 3, 5, 9]))
    wrong = [[-20.0, 20.0, 0.0], [30.0, 0.0, -10.0], [5.0, 4.0, 9.0]]
    yield case("one of three classes", "class", wrong, [0, 2, 1])
    unequal = rng.permutation(5 * [0] + 3 * [1] + 2 * [2])
    yield case("one of three classes, unequally frequent", "class", nonzero(rng, 10, 3), unequal)
    strided = np.zeros((4, 6))
    strided[:, ::2] = np.array([[6, -6, 0], [0, 6, -6], [0, 0, 9], [6, -9, 0]])
    yield case("every other column of a larger array", "class", strided[:, ::2], [1, 2, 0, 1])


def answers_slopes_and_best(
    answer: Callable[..., Any], task: str, z: Array, y: Array
) -> tuple[Array, Array, Array]:
    """The answers, the slopes of the losses, and the best answer where all scores are alike."""

    def call(z: Array, y: Array) -> tuple[Array, Array]:
        returned = answer(task, z, y)
        if not isinstance(returned, tuple | list) or len(returned) != 2:
            raise RuntimeError("it must return two things: the answers and the losses")
        answers, losses = (np.array(thing, dtype=float) for thing in returned)
        if answers.shape != z.shape:
            raise RuntimeError(f"the answers have shape {answers.shape}; like z it is {z.shape}")
        if losses.shape != y.shape:
            raise RuntimeError(f"the losses have shape {losses.shape}; one each makes it {y.shape}")
        return answers, losses

    answers = call(z, y)[0]
    z = z.astype(float)
    pushes = 1e-4 * np.eye(z.shape[1]) if z.ndim == 2 else np.array([1e-4])
    slopes = np.array([(call(z + h, y)[1] - call(z - h, y)[1]) / 2e-4 for h in pushes])

    reach = 1.5 if z.ndim == 2 else 6.0
    scores, said = np.zeros(z.shape[1:]), answers[0]
    for shifts in (np.arange(-reach, reach + 0.01, 0.1), np.arange(-0.1, 0.101, 0.01)):
        if z.ndim == 2:  # two logits; the third is 0, for only differences count
            one, other = (mesh.ravel() for mesh in np.meshgrid(shifts, shifts))
            shifts = np.column_stack([one, other, np.zeros(one.size)])
        grid = scores + shifts
        all_said, costs = call(np.repeat(grid, len(y), axis=0), np.tile(y, len(grid)))
        best = costs.reshape(len(grid), len(y)).mean(axis=1).argmin()
        scores, said = grid[best], all_said[best * len(y)]
    return answers, slopes.T.reshape(z.shape), said


def behavior(args: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """What it answers, how its loss pulls, and where that ends.

    Several heads and losses are right. What is as it should be becomes what a usual answer has, and
    what is not stays as it is, so that it can be shown and recognized.
    """
    answers, slopes, best = outputs
    task, z, y = args["task"], args["z"].astype(float), args["y"]
    if not np.isfinite(slopes).all():
        raise Unfit("A loss is infinite, or no number.")
    usual = usual_answers(task, z)
    can_be = possible(task, answers)
    targets = np.eye(3)[y] if task == "class" else y
    off, mean = (answers if can_be else usual) - targets, targets.mean(axis=0)
    fine = (slopes * np.sign(off) >= FELT) | (np.abs(off) < FAR)
    near = np.abs(best - mean) <= CLOSE * np.maximum(1, np.abs(mean))
    return {
        ANSWER: usual if can_be else answers,
        SLOPE: np.where(fine, usual - targets, slopes),
        BEST: np.where(near, mean, best),
    }


def possible(task: str, answers: Array) -> bool:
    """Whether the answers are what the distribution's parameter can be."""
    if task == "change":
        return bool(np.isfinite(answers).all())
    if task == "count":
        return bool((answers > 0).all())
    sums = answers.sum(axis=1) if task == "class" else 1.0
    return bool((answers >= 0).all() and (answers <= 1).all() and np.allclose(sums, 1))


def usual_answers(task: str, z: Array) -> Array:
    """σ(z), exp(z), softmax(z) or z itself."""
    usual = np.exp(z)
    if task == "yes_no":
        usual = 1 / (1 + np.exp(-z))
    elif task == "class":
        usual = usual / usual.sum(axis=1, keepdims=True)
    return z if task == "change" else usual


@exercise(
    returns=(ANSWER, SLOPE, BEST),
    inputs=inputs,
    probe=answers_slopes_and_best,
    observe=behavior,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=Tolerance(1e-3, 1e-3, "slopes are measured, by small steps of z"),
    whole=("y",),
)
def head_and_loss(task: str, z: Array, y: Array) -> tuple[Array, Array]:
    if task == "yes_no":
        return 1 / (1 + np.exp(-z)), np.logaddexp(0, z) - y * z
    if task == "count":
        return np.exp(z), np.exp(z) - y * z
    if task == "class":
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        return np.exp(log_p), -log_p[np.arange(len(y)), y]
    return z, (z - y) ** 2
