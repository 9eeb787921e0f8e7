"""The three parts of the excess error, from coefficients."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, layouts, nonzero


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, terms: int, used: int) -> Case:
        arrays = {
            "c": nonzero(rng, terms),
            "sizes": rng.permutation(np.arange(1, terms + 1)) / 4,  # no two of them are equal
            "fitted": nonzero(rng, used),
            "trained": nonzero(rng, used),
        }
        return Case(what, arrays)

    def worked(trained: list[float]) -> dict[str, Array]:
        c, sizes = np.array([1.0, 2.0, 1.0]), np.array([1.0, 0.5, 0.25])
        return {
            "c": c,
            "sizes": sizes,
            "fitted": np.array([0.0, 2.0]),
            "trained": np.array(trained),
        }

    yield Case("the example of the task", worked([2.0, 1.0]))
    yield Case("the same, stopped at the best of the class: E_opt is below 0", worked([1.0, 2.0]))
    yield case("6 terms, of which the class has 3", 6, 3)
    yield case("7 terms, of which the class has 2", 7, 2)
    yield case("8 terms, of which the class has 5", 8, 5)
    yield case("a class of one term", 5, 1)
    yield case("a class with every term", 4, 4)
    ended = case("trained to the end", 5, 3)
    yield Case(ended.what, ended.args | {"trained": ended.args["fitted"].copy()})
    perfect = case("the fit is the best of the class", 5, 2)
    yield Case(perfect.what, perfect.args | {"fitted": perfect.args["c"][:2].copy()})
    yield from layouts(lambda: case("", 6, 4))


@exercise(
    returns=("E_app", "E_est", "E_opt"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def error_parts(
    c: Array, sizes: Array, fitted: Array, trained: Array
) -> tuple[float, float, float]:
    n = len(fitted)
    inside, s = c[:n], sizes[:n]
    app = np.sum(sizes[n:] * c[n:] ** 2)
    est = np.sum(s * (fitted - inside) ** 2)
    opt = np.sum(s * (trained - inside) ** 2) - est
    return app, est, opt
