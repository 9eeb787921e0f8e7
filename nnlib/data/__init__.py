"""Data: small sets to learn on, and the loader that cuts them into batches."""

from nnlib.data.datasets import (
    load_digits_split,
    make_blobs,
    make_circles,
    make_moons,
    make_spirals,
    make_xor,
    truth_table,
)
from nnlib.data.loader import DataLoader, Subset, TensorDataset, random_split

__all__ = [
    "DataLoader",
    "Subset",
    "TensorDataset",
    "load_digits_split",
    "make_blobs",
    "make_circles",
    "make_moons",
    "make_spirals",
    "make_xor",
    "random_split",
    "truth_table",
]
