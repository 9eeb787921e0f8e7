"""Many runs, two tables of losses, and which test loss may be reported."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, layouts, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, settings: int, seeds: int, epochs: int) -> Case:
        shape = settings, seeds, epochs
        size = settings * seeds * epochs
        valid = rng.permutation(size).reshape(shape) / 4 + 0.25
        return Case(what, {"valid": valid, "test": rng.permutation(size).reshape(shape) / 4 + 1})

    yield example()
    for settings, seeds, epochs in ((3, 4, 6), (4, 2, 5), (2, 5, 8), (5, 3, 7)):
        yield case("all of different size", settings, seeds, epochs)
    yield case("one seed", 4, 1, 6)
    yield case("one setting", 1, 3, 5)
    yield case("one epoch", 4, 3, 1)
    yield case("as many settings as seeds and epochs", 4, 4, 4)
    tied = case("the lowest comes twice", 3, 2, 6)
    tied.args["valid"][:, :, 4] = tied.args["valid"][:, :, 1] = 0.125
    yield tied
    lucky = case("the mean decides", 4, 4, 5)
    lucky.args["valid"] += 10
    lucky.args["valid"][0, :, 1] = 2  # the best of the unluckiest seeds
    lucky.args["valid"][1, :3, 0] = 0.5  # the best median
    lucky.args["valid"][2, 1, 3] = 0  # the luckiest seed
    lucky.args["valid"][3, :, 2] = 0.75, 4, 0.75, 0.75  # the best mean
    yield lucky
    yield from layouts(lambda: case("", 3, 4, 5))
    fixed = case("read only", 2, 3, 4)
    read_only(fixed.args["valid"]), read_only(fixed.args["test"])
    yield fixed


def example() -> Case:
    """That of the task."""
    valid = np.array([[[5.0, 3, 4], [6, 4, 2]], [[4, 4, 5], [2, 3, 9]]])
    test = np.array([[[6.0, 5, 4], [7, 5, 3]], [[5, 6, 7], [1, 2, 3]]])
    return Case("the example of the task", {"valid": valid, "test": test})


@exercise(
    returns=("setting", "epochs", "loss"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def honest_report(valid: Array, test: Array) -> tuple[int, Array, float]:
    at = valid.argmin(axis=-1)
    reached = valid.min(axis=-1)
    setting = int(reached.mean(axis=1).argmin())
    chosen = test[setting, np.arange(valid.shape[1]), at[setting]]
    return setting, at[setting] + 1, chosen.mean()
