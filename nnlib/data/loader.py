"""Batches: the loop ``for x, y in DataLoader(dataset, batch_size=32, shuffle=True)``.

A dataset is anything with ``len(dataset)`` and ``dataset[i]``: see :mod:`nnlib.data.examples`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from nnlib import ops, random
from nnlib.arguments import Generator, Ignored, PositiveInt, checked
from nnlib.data.examples import Subset, TensorDataset, rows
from nnlib.engine import Tensor

__all__ = ["DataLoader", "default_collate"]


class DataLoader:
    """Batches of ``batch_size`` examples, one after the other: one pass over them is one epoch.

    ``collate_fn`` makes a batch of a list of examples: if None, :func:`default_collate`. Examples
    (x, y) give batches [x (B, …), y (B,)], single arrays one Tensor (B, …), dicts a dict. With
    ``shuffle``, every epoch draws a new order from ``generator`` (nnlib's default one if None); a
    ``sampler`` says itself which examples come one after the other, a ``batch_sampler`` which ones
    make up each batch. The last batch is smaller where the examples do not divide evenly, unless ``drop_last``.
    ``len(loader)`` is the number of batches. Options such as ``num_workers`` are taken and change
    nothing: everything happens here, one batch after the other.

    Raises TypeError where ``dataset`` is none, ValueError for a ``batch_size`` below 1, for examples of
    several shapes, and where two options say the order. As torch.utils.data.DataLoader.

    >>> dataset = TensorDataset(np.arange(10.0).reshape(5, 2), np.arange(5))
    >>> [(x.shape, y.shape) for x, y in DataLoader(dataset, batch_size=2)]
    [((2, 2), (2,)), ((2, 2), (2,)), ((1, 2), (1,))]
    """

    @checked
    def __init__(
        self, dataset: Any, batch_size: PositiveInt = 1, shuffle: bool | None = None,
        sampler: Any = None, batch_sampler: Any = None, num_workers: Ignored = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None, pin_memory: Ignored = False,
        drop_last: bool = False, timeout: Ignored = 0, worker_init_fn: Ignored = None,
        multiprocessing_context: Ignored = None, generator: Generator = None, *,
        prefetch_factor: Ignored = None, persistent_workers: Ignored = False,
        pin_memory_device: Ignored = "", in_order: Ignored = True,
    ) -> None:  # fmt: skip
        _is_dataset(dataset)
        _one_order(sampler, batch_sampler, shuffle, batch_size, drop_last)
        if collate_fn is not None and not callable(collate_fn):
            raise TypeError(f"DataLoader: collate_fn must be a function, not {collate_fn!r:.60}")
        random.generator(generator)  # says at once if it is none
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self.collate_fn, self.drop_last, self.generator = collate_fn, drop_last, generator
        self.sampler, self.batch_sampler = sampler, batch_sampler

    def __len__(self) -> int:
        if self.batch_sampler is not None:
            return len(self.batch_sampler)
        n = len(self.dataset if self.sampler is None else self.sampler)
        whole, rest = divmod(n, self.batch_size)
        return whole if self.drop_last or not rest else whole + 1

    def __iter__(self) -> Iterator[Any]:
        dataset, where = self.dataset, None
        while type(dataset) is Subset:  # where its examples stand in the whole set, all at once
            indices = np.asarray(dataset.indices, np.int64)
            dataset, where = dataset.dataset, indices if where is None else indices[where]
        for places in self._places():
            yield self._batch(dataset, places if where is None else where[places])

    def _places(self) -> Iterator[Any]:
        """Where the examples of each batch stand."""
        if self.batch_sampler is not None:
            yield from map(np.asarray, self.batch_sampler)
            return
        n, B = len(self.dataset), self.batch_size
        if self.sampler is not None:
            order = np.array([int(i) for i in self.sampler], np.int64)
        elif self.shuffle:
            order = random.generator(self.generator).permutation(n)
        else:
            order = np.arange(n)
        for start in range(0, len(self) * B, B):
            yield order[start : start + B]

    def _batch(self, dataset: Any, places: Any) -> Any:
        if self.collate_fn is None:  # one look-up per tensor, not per example
            if type(dataset) is TensorDataset:  # not a subclass: it may have its own examples
                return list(dataset[places])
            if isinstance(dataset, Tensor | np.ndarray):
                return (
                    rows(dataset, places)
                    if isinstance(dataset, Tensor)
                    else Tensor(dataset[places])
                )
        examples = [dataset[int(i)] for i in places]
        return default_collate(examples) if self.collate_fn is None else self.collate_fn(examples)


def default_collate(batch: Any) -> Any:
    """A batch of examples as one: numbers and arrays (…) stacked to (B, …), tuples and dicts by part.

    Words stay as they are. Raises ValueError where the examples differ in shape, parts or keys,
    TypeError for anything else. As torch.utils.data.default_collate.

    >>> default_collate([(1, {"word": "a"}), (2, {"word": "b"})])
    [tensor([1, 2]), {'word': ['a', 'b']}]
    """
    first = batch[0]
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        _alike(batch, Mapping, "has keys {}", lambda x: sorted(map(str, x)))
        return {key: default_collate([example[key] for example in batch]) for key in first}
    if isinstance(first, tuple | list):
        _alike(batch, tuple | list, "has {} parts", len)
        parts = [default_collate(part) for part in zip(*batch, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    if any(isinstance(x, Tensor) and x.requires_grad for x in batch):
        return ops.stack(batch)
    arrays = [x.data if isinstance(x, Tensor) else np.asarray(x) for x in batch]
    for x, array in zip(batch, arrays, strict=True):
        if array.dtype.kind not in "fiub":
            message = "numbers, arrays, Tensors, or tuples or dicts of them"
            raise TypeError(
                f"DataLoader: examples must be {message}, not {type(x).__name__}; "
                "collate_fn= may make a batch of others"
            )
    _alike(arrays, np.ndarray, "is {}", lambda array: array.shape)
    floats = [array.dtype for array in arrays if array.dtype.kind == "f"]
    stacked = np.stack(arrays)  # of int64 and float32 it makes float64
    return Tensor(stacked.astype(np.result_type(*floats)) if floats else stacked)


def _alike(batch: Any, kind: Any, says: str, what: Callable[[Any], Any]) -> None:
    """Examples of one kind and size, or an error that tells of the first that is another one."""
    for i, example in enumerate(batch):
        if not isinstance(example, kind):
            kinds = f"is a {type(batch[0]).__name__}, example {i} a {type(example).__name__}"
            raise TypeError(f"DataLoader: of a batch, example 0 {kinds}")
        if what(example) != what(batch[0]):
            sizes = f"{says.format(what(batch[0]))}, example {i} {says.format(what(example))}"
            message = f"example 0 {sizes}; make them alike, or give collate_fn="
            raise ValueError(f"DataLoader: of a batch, {message}")


def _one_order(
    sampler: Any, batch_sampler: Any, shuffle: Any, batch_size: int, drop_last: bool
) -> None:
    """Only one of them says the order; or an error."""
    for name, given in {"sampler": sampler, "batch_sampler": batch_sampler}.items():
        if given is not None and not (hasattr(given, "__iter__") and hasattr(given, "__len__")):
            raise TypeError(
                f"DataLoader: {name} must give indices and have a len, not {given!r:.60}"
            )
    if sampler is not None and shuffle:
        raise ValueError("DataLoader: the sampler says the order: leave shuffle out")
    others = shuffle or drop_last or batch_size != 1 or sampler is not None
    if batch_sampler is not None and others:
        others = "batch_size, shuffle, sampler and drop_last"
        raise ValueError(f"DataLoader: the batch_sampler makes the batches: leave out {others}")


def _is_dataset(dataset: Any) -> None:
    """Or an error that says what to write."""
    listed = hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__")
    if not listed or getattr(dataset, "shape", None) == ():
        raise TypeError("DataLoader: dataset must have len(dataset) and dataset[i]")
    arrays = (
        [x for x in dataset if hasattr(x, "shape")] if isinstance(dataset, tuple | list) else []
    )
    several = isinstance(dataset, tuple) or len({np.ndim(x) for x in arrays}) > 1
    if arrays and len(arrays) == len(dataset) and several:
        shapes = ", ".join(str(tuple(x.shape)) for x in arrays)
        raise TypeError(f"DataLoader: arrays {shapes} are no examples; write TensorDataset(X, y)")
    if isinstance(dataset, Mapping) and 0 not in dataset:
        keys = list(dataset)
        message = f"a dict of {keys!r:.60} has no example 0"
        raise TypeError(f"DataLoader: {message}; write TensorDataset(*dataset.values())")
