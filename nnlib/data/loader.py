"""Batches: the loop ``for x, y in DataLoader(dataset, batch_size=32, shuffle=True)``.

A dataset is anything with ``len(dataset)`` and ``dataset[i]``.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nnlib import random
from nnlib.checking import Count, Generator, LeftOut, checked, numbers
from nnlib.engine import Tensor

__all__ = ["DataLoader", "Subset", "TensorDataset", "random_split"]


class TensorDataset:
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
        if not shapes or () in shapes:
            raise ValueError(f"TensorDataset: needs tensors with rows; their shapes are {shapes}")
        rows = shapes[0][0]
        for number, (n, *_) in enumerate(shapes):
            if n != rows:
                words = f"tensor {number} has {n}, tensor 0 has {rows}"
                raise ValueError(f"TensorDataset: all must have equally many rows; {words}")

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(Tensor(t.data[index]) for t in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset:
    """The examples of ``dataset`` at ``indices``, in that order. As torch.utils.data.Subset.

    >>> list(Subset("abcd", [3, 0]))
    ['d', 'a']
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> Any:
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


@checked
def random_split(
    dataset: Any, lengths: Sequence[int | float], generator: Generator = None
) -> list[Subset]:
    """Cut a dataset at random into Subsets that share no example.

    ``lengths`` are numbers of examples that add up to len(dataset), or fractions that add up to 1;
    these are rounded down, and the examples left over go to the first subsets, one each. Raises
    ValueError for other lengths, TypeError where they are no list. As torch.utils.data.random_split.

    >>> [len(part) for part in random_split(range(10), [0.75, 0.25])]
    [8, 2]
    """
    total, given = len(dataset), numbers("random_split", "lengths", lengths, "(parts,)").tolist()
    counts = given
    if math.isclose(sum(given), 1) and min(given) >= 0:
        counts = [math.floor(total * fraction) for fraction in given]
        for i in range(total - sum(counts)):
            counts[i % len(counts)] += 1
        if 0 in counts:
            warnings.warn(f"random_split: part {counts.index(0)} is empty", stacklevel=2)
    if sum(counts) != total or any(n < 0 or n != int(n) for n in counts):
        raise ValueError(
            f"random_split: lengths must be whole numbers that add up to the {total} examples of "
            f"dataset, or fractions from 0 that add up to 1; they are {given}"
        )
    order = random.generator(generator).permutation(total)
    parts = np.split(order, np.cumsum(counts[:-1]).astype(int))
    return [Subset(dataset, part.tolist()) for part in parts]


class DataLoader:
    """Batches of ``batch_size`` examples, one after the other: one pass over them is one epoch.

    Each batch is a list with one Tensor per part of an example, [x (B, …), y (B,)]. With
    ``shuffle``, every epoch draws a new order from ``generator`` (nnlib's default one if None). The
    last batch is smaller where the examples do not divide evenly, unless ``drop_last``.
    ``len(loader)`` is the number of batches.

    Raises TypeError where ``dataset`` is none and for PyTorch's other options, ValueError for a
    ``batch_size`` below 1 and examples of several shapes. As torch.utils.data.DataLoader.

    >>> dataset = TensorDataset(np.arange(10.0).reshape(5, 2), np.arange(5))
    >>> [(x.shape, y.shape) for x, y in DataLoader(dataset, batch_size=2)]
    [((2, 2), (2,)), ((2, 2), (2,)), ((1, 2), (1,))]
    """

    @checked
    def __init__(
        self, dataset: Any, batch_size: Count = 1, shuffle: bool | None = None,
        sampler: LeftOut = None, batch_sampler: LeftOut = None, num_workers: LeftOut = 0,
        collate_fn: LeftOut = None, pin_memory: LeftOut = False, drop_last: bool = False,
        timeout: LeftOut = 0, worker_init_fn: LeftOut = None,
        multiprocessing_context: LeftOut = None, generator: Generator = None, *,
        prefetch_factor: LeftOut = None, persistent_workers: LeftOut = False,
        pin_memory_device: LeftOut = "", in_order: LeftOut = True,
    ) -> None:  # fmt: skip
        if not hasattr(dataset, "__getitem__") or not hasattr(dataset, "__len__"):
            words = f"must have len(dataset) and dataset[i]; {type(dataset).__name__} has not"
            raise TypeError(f"DataLoader: dataset {words}")
        if shuffle and len(dataset) == 0:
            raise ValueError("DataLoader: dataset is empty, there is nothing to shuffle")
        random.generator(generator)  # says at once if it is none
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self.drop_last, self.generator = drop_last, generator

    def __len__(self) -> int:
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole if self.drop_last or not rest else whole + 1

    def __iter__(self) -> Iterator[Any]:
        dataset, n = self.dataset, len(self.dataset)
        order = random.generator(self.generator).permutation(n) if self.shuffle else np.arange(n)
        while type(dataset) is Subset:  # look through it once per epoch, not once per example
            dataset, order = dataset.dataset, np.asarray(dataset.indices, dtype=np.intp)[order]
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            indices = order[start : start + self.batch_size]
            if type(dataset) is TensorDataset:  # not a subclass: it may have its own examples
                yield list(dataset[indices])  # one look-up per tensor, not per example
            else:
                yield _collate([dataset[int(i)] for i in indices])


def _collate(examples: list[Any]) -> Any:
    """Lay examples on top of each other: tuples part by part, numbers and arrays as one Tensor."""
    if isinstance(examples[0], tuple | list):
        return [_collate(list(part)) for part in zip(*examples, strict=True)]
    arrays = [np.asarray(e.data if isinstance(e, Tensor) else e) for e in examples]
    shapes = sorted({a.shape for a in arrays})
    if len(shapes) > 1:
        raise ValueError(f"DataLoader: examples of one batch must have one shape, not {shapes}")
    return Tensor(np.stack(arrays))
