"""Batches: the loop ``for x, y in DataLoader(dataset, batch_size=32, shuffle=True)``.

A dataset is anything with ``len(dataset)`` and ``dataset[i]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlib import random
from nnlib.arguments import Generator, PositiveInt, Unsupported, checked
from nnlib.engine import Tensor

__all__ = ["DataLoader", "TensorDataset"]


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
        if () in shapes or len({rows for rows, *_ in shapes}) != 1:
            raise ValueError(f"TensorDataset: tensors need equally many rows; shapes are {shapes}")

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(Tensor(t.data[index]) for t in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class DataLoader:
    """Batches of ``batch_size`` examples, one after the other: one pass over them is one epoch.

    The examples are tuples, such as (x, y); each batch is a list with one Tensor per part, [x (B, …),
    y (B,)]. With ``shuffle``, every epoch draws a new order from ``generator`` (nnlib's default one
    if None). The last batch is smaller where the examples do not divide evenly, unless
    ``drop_last``. ``len(loader)`` is the number of batches.

    Raises TypeError where ``dataset`` is none and for PyTorch's other options, ValueError for a
    ``batch_size`` below 1. As torch.utils.data.DataLoader.

    >>> dataset = TensorDataset(np.arange(10.0).reshape(5, 2), np.arange(5))
    >>> [(x.shape, y.shape) for x, y in DataLoader(dataset, batch_size=2)]
    [((2, 2), (2,)), ((2, 2), (2,)), ((1, 2), (1,))]
    """

    @checked
    def __init__(
        self, dataset: Any, batch_size: PositiveInt = 1, shuffle: bool | None = None,
        sampler: Unsupported = None, batch_sampler: Unsupported = None, num_workers: Unsupported = 0,
        collate_fn: Unsupported = None, pin_memory: Unsupported = False, drop_last: bool = False,
        timeout: Unsupported = 0, worker_init_fn: Unsupported = None,
        multiprocessing_context: Unsupported = None, generator: Generator = None, *,
        prefetch_factor: Unsupported = None, persistent_workers: Unsupported = False,
        pin_memory_device: Unsupported = "", in_order: Unsupported = True,
    ) -> None:  # fmt: skip
        if not hasattr(dataset, "__getitem__") or not hasattr(dataset, "__len__"):
            raise TypeError("DataLoader: dataset must have len(dataset) and dataset[i]")
        random.generator(generator)  # says at once if it is none
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self.drop_last, self.generator = drop_last, generator

    def __len__(self) -> int:
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole if self.drop_last or not rest else whole + 1

    def __iter__(self) -> Iterator[Any]:
        n = len(self.dataset)
        order = random.generator(self.generator).permutation(n) if self.shuffle else np.arange(n)
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            indices = order[start : start + self.batch_size]
            if type(self.dataset) is TensorDataset:  # not a subclass: it may have its own examples
                yield list(self.dataset[indices])  # one look-up per tensor, not per example
            else:
                examples = [self.dataset[int(i)] for i in indices]
                yield [Tensor(np.stack(part)) for part in zip(*examples, strict=True)]
