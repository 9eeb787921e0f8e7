"""Data sets: what gives one example after the other, ``dataset[i]`` for i below ``len(dataset)``.

Lists and arrays are data sets as well; those here are made of others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Generic, TypeVar

import numpy as np

from nnlib import random
from nnlib.arguments import Generator, checked, numbers
from nnlib.engine import Tensor

__all__ = ["ConcatDataset", "Dataset", "Subset", "TensorDataset", "random_split"]

Example_co = TypeVar("Example_co", covariant=True)


class Dataset(Generic[Example_co]):
    """Base class: a subclass writes ``__getitem__(i)``, the example i, and ``__len__``.

    ``a + b`` are the examples of both. As torch.utils.data.Dataset.

    >>> class Squares(Dataset):
    ...     def __getitem__(self, i):
    ...         return np.float32(i), np.float32(i**2)
    ...
    ...     def __len__(self):
    ...         return 5
    >>> len(Squares() + Squares()), Squares()[3]
    (10, (np.float32(3.0), np.float32(9.0)))
    """

    def __getitem__(self, index: Any) -> Example_co:
        raise NotImplementedError(f"{type(self).__name__} must write __getitem__(self, i)")

    def __add__(self, other: Any) -> ConcatDataset:
        return ConcatDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Tensors that belong together row by row: ``dataset[i]`` is the tuple of their rows i.

    Takes arrays or Tensors of shapes (N, …) with the same N; arrays are copied. Raises ValueError
    where they differ in N. As torch.utils.data.TensorDataset.

    >>> dataset = TensorDataset(np.zeros((5, 2), np.float32), np.arange(5))
    >>> len(dataset), dataset[3]
    (5, (tensor([0., 0.]), tensor(3)))
    """

    def __init__(self, *tensors: Any) -> None:
        self.tensors = tuple(t if isinstance(t, Tensor) else Tensor(t) for t in tensors)
        shapes = [t.shape for t in self.tensors]
        if () in shapes or len({rows for rows, *_ in shapes}) != 1:
            raise ValueError(f"TensorDataset: tensors need equally many rows; shapes are {shapes}")

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(rows(t, index) for t in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset[Any]):
    """Some examples of a data set: those at ``indices``, in that order.

    Raises TypeError for indices that are no whole numbers, ValueError for one outside the set. As
    torch.utils.data.Subset.

    >>> letters = Subset("abcdef", [4, 1])
    >>> len(letters), letters[0]
    (2, 'e')
    """

    @checked
    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        given = numbers("Subset", "indices", indices, "(n,)")
        if given.size and given.dtype.kind not in "iu":
            raise TypeError(f"Subset: indices must be whole numbers, not {given.dtype}")
        n = len(dataset) if hasattr(dataset, "__len__") else math.inf
        for i in given.tolist():
            if not -n <= i < n:
                raise ValueError(f"Subset: dataset has {n} examples, none at {i}")
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> Any:
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


class ConcatDataset(Dataset[Any]):
    """The examples of several data sets, one set after the other.

    Raises ValueError for no sets at all. As torch.utils.data.ConcatDataset.

    >>> both = ConcatDataset(["abc", "de"])
    >>> len(both), both[3], both[-1]
    (5, 'd', 'e')
    """

    def __init__(self, datasets: Any) -> None:
        self.datasets = list(datasets)
        self.cumulative_sizes = list(accumulate(map(len, self.datasets)))
        if not self.datasets:
            raise ValueError("ConcatDataset: datasets is empty")

    def __getitem__(self, index: int) -> Any:
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"ConcatDataset: {len(self)} examples, none at {index}")
        for dataset in self.datasets:
            if place < len(dataset):
                return dataset[place]
            place -= len(dataset)

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


@checked
def random_split(
    dataset: Any, lengths: Sequence[float], generator: Generator = None
) -> list[Subset]:
    """Parts without a common example, drawn at random: [Subset, …], one per entry of ``lengths``.

    ``lengths`` are numbers of examples that sum up to all, or shares of them that sum up to 1;
    examples that are left when shares are rounded down go to the first parts, one each. Raises
    ValueError for other sums and negative lengths. As torch.utils.data.random_split.

    >>> train, valid = random_split(range(10), [0.75, 0.25], generator=np.random.default_rng(0))
    >>> len(train), len(valid), sorted([*train, *valid]) == list(range(10))
    (8, 2, True)
    """
    n, counts = len(dataset), numbers("random_split", "lengths", lengths, "(k,)").tolist()
    if math.isclose(sum(counts), 1):
        counts = [int(n * share) for share in counts]
        for i in range(n - sum(counts)):
            counts[i % len(counts)] += 1
    if sum(counts) != n or not all(isinstance(count, int) and count >= 0 for count in counts):
        message = f"{n} examples, or be shares that sum up to 1, not {lengths!r:.60}"
        raise ValueError(f"random_split: lengths must sum up to {message}")
    order, ends = random.generator(generator).permutation(n), np.cumsum(counts).tolist()
    pairs = zip(counts, ends, strict=True)
    return [Subset(dataset, order[end - count : end].tolist()) for count, end in pairs]


def rows(x: Tensor, index: Any) -> Tensor:
    """The rows of x at ``index``: a copy, recorded where x asks for gradients."""
    return x[index] if x.requires_grad else Tensor(x.data[index])
