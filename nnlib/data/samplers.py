"""In which order a DataLoader takes its examples: ``DataLoader(dataset, sampler=…)``.

A sampler is anything with ``len(sampler)`` that gives one index after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized
from typing import Any

import numpy as np

from nnlib import random
from nnlib.arguments import Generator, PositiveInt, checked, values

__all__ = [
    "BatchSampler", "RandomSampler", "Sampler", "SequentialSampler", "SubsetRandomSampler",
    "WeightedRandomSampler",
]  # fmt: skip


class Sampler:
    """Base class: a subclass writes ``__iter__``, which gives indices, and ``__len__``.

    As torch.utils.data.Sampler.

    >>> class Backwards(Sampler):
    ...     def __len__(self):
    ...         return 3
    ...     def __iter__(self):
    ...         return iter([2, 1, 0])
    >>> list(Backwards())
    [2, 1, 0]
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} must write __iter__")


class SequentialSampler(Sampler):
    """0, 1, 2, …: what a DataLoader does without ``shuffle``. As in torch.

    >>> list(SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __len__(self) -> int:
        return len(self.data_source)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))


class RandomSampler(Sampler):
    """A new order in every epoch, or with ``replacement`` indices drawn one by one, each from all.

    There are ``num_samples`` of them, len(data_source) by default; more than that begin a new order.
    Raises ValueError for a number below 1, TypeError for a generator that is none. As in torch.

    >>> sorted(RandomSampler("abc"))
    [0, 1, 2]
    """

    @checked
    def __init__(
        self, data_source: Any, replacement: bool = False, num_samples: PositiveInt | None = None,
        generator: Generator = None,
    ) -> None:  # fmt: skip
        self.data_source, self.replacement = data_source, replacement
        self._num_samples, self.generator = num_samples, generator

    def __len__(self) -> int:
        return self._num_samples or len(self.data_source)

    def __iter__(self) -> Iterator[int]:
        n, rng = len(self.data_source), random.generator(self.generator)
        if self.replacement:
            yield from rng.integers(n, size=len(self)).tolist()
            return
        for start in range(0, len(self), max(n, 1)):
            yield from rng.permutation(n)[: len(self) - start].tolist()


class SubsetRandomSampler(Sampler):
    """These ``indices``, in a new order in every epoch.

    Raises TypeError for indices that are no list, and for a generator that is none. As in torch.

    >>> sorted(SubsetRandomSampler([5, 1]))
    [1, 5]
    """

    @checked
    def __init__(self, indices: Sequence[int], generator: Generator = None) -> None:
        self.indices, self.generator = indices, generator

    def __len__(self) -> int:
        return len(self.indices)

    def __iter__(self) -> Iterator[Any]:
        order = random.generator(self.generator).permutation(len(self))
        return iter([self.indices[i] for i in order.tolist()])


class WeightedRandomSampler(Sampler):
    """``num_samples`` indices, drawn with these weights, so that rare classes come as often as others.

    Without ``replacement`` none comes twice. Raises ValueError for negative weights, and where more
    are to be drawn than there are. As in torch.

    >>> list(WeightedRandomSampler([0.0, 1.0], 3))
    [1, 1, 1]
    """

    @checked
    def __init__(
        self, weights: Any, num_samples: PositiveInt, replacement: bool = True,
        generator: Generator = None,
    ) -> None:  # fmt: skip
        name = "WeightedRandomSampler"
        self.weights = values(name, "weights", np.asarray(weights, np.float64))
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator
        if self.weights.ndim != 1 or not (self.weights >= 0).all() or not self.weights.any():
            raise ValueError(f"{name}: weights must be one number from 0 for each example")
        if not replacement and num_samples > np.count_nonzero(self.weights):
            has = np.count_nonzero(self.weights)
            raise ValueError(f"{name}: cannot draw {num_samples} of {has} without replacement")

    def __len__(self) -> int:
        return self.num_samples

    def __iter__(self) -> Iterator[int]:
        p = self.weights / self.weights.sum()
        rng = random.generator(self.generator)
        return iter(rng.choice(len(p), self.num_samples, self.replacement, p).tolist())


class BatchSampler(Sampler):
    """Lists of ``batch_size`` indices each, from another sampler; for ``DataLoader(batch_sampler=…)``.

    The last one is shorter, or is left out with ``drop_last``. Raises ValueError for a size below 1.
    As in torch.

    >>> list(BatchSampler(SequentialSampler(range(5)), 2, False))
    [[0, 1], [2, 3], [4]]
    """

    @checked
    def __init__(self, sampler: Any, batch_size: PositiveInt, drop_last: bool) -> None:
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole if self.drop_last or not rest else whole + 1

    def __iter__(self) -> Iterator[list[Any]]:
        batch: list[Any] = []
        for index in self.sampler:
            batch.append(index)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch
