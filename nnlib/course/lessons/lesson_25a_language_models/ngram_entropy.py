"""How many bits the next character has for one who remembers k."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def text(n: int, m: int) -> Array:
        """m characters, some of them far more frequent, each with a favorite successor."""
        ids = [0]
        for _ in range(n - 1):
            ids.append((ids[-1] + 1) % m if rng.random() < 0.55 else int(m * rng.random() ** 2))
        return np.array(ids)

    yield Case("the example of the task", {"ids": np.array([0, 1, 0, 2, 0, 1]), "k": 1})
    yield Case("60 characters, no memory", {"ids": text(60, 4), "k": 0})
    yield Case("80 characters, a memory of 1", {"ids": text(80, 4), "k": 1})
    yield Case("150 characters, a memory of 2", {"ids": text(150, 4), "k": 2})
    yield Case("200 characters, a memory of 3", {"ids": text(200, 3), "k": 3})
    yield Case("two characters that take turns", {"ids": np.arange(30) % 2, "k": 1})
    yield Case("one character alone", {"ids": np.full(12, 7), "k": 0})
    yield Case("large ids", {"ids": 100 * text(90, 3) + 5, "k": 1})
    yield Case("ids in float32", {"ids": text(80, 4).astype(np.float32), "k": 1})
    yield Case("ids in float64", {"ids": text(120, 3).astype(float), "k": 2})
    yield Case("every other entry of a larger array", {"ids": text(160, 3)[::2], "k": 1})
    yield Case("an array that must not be written to", {"ids": read_only(text(70, 3)), "k": 2})


@exercise(
    returns=("H",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def ngram_entropy(ids: Array, k: int) -> float:
    before: dict[tuple[int, ...], int] = {}
    both: dict[tuple[int, ...], int] = {}
    for i in range(k, len(ids)):
        context, longer = tuple(ids[i - k : i]), tuple(ids[i - k : i + 1])
        before[context] = before.get(context, 0) + 1
        both[longer] = both.get(longer, 0) + 1
    bits = [n * np.log2(n / before[longer[:-1]]) for longer, n in both.items()]
    H: float = -sum(bits) / (len(ids) - k)
    return H
