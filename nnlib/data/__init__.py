"""Data: sets to learn on, features made comparable, and the loader that cuts them into batches."""

from nnlib.data.classics import (
    load_breast_cancer,
    load_diabetes,
    load_digits_split,
    load_iris,
    load_wine,
    shift,
)
from nnlib.data.datasets import (
    make_blobs,
    make_circles,
    make_first_sign,
    make_flats,
    make_gaussian_classes,
    make_glm,
    make_lecun_classes,
    make_moons,
    make_sine,
    make_spirals,
    make_xor,
    truth_table,
)
from nnlib.data.idx import load_fashion_mnist, load_mnist, read_idx
from nnlib.data.loader import DataLoader, Subset, TensorDataset, random_split
from nnlib.data.scaling import MinMaxScaler, StandardScaler, Whitening, one_hot

__all__ = [
    "DataLoader", "MinMaxScaler", "StandardScaler", "Subset", "TensorDataset", "Whitening",
    "load_breast_cancer", "load_diabetes", "load_digits_split", "load_fashion_mnist", "load_iris",
    "load_mnist", "load_wine", "make_blobs", "make_circles", "make_first_sign", "make_flats",
    "make_gaussian_classes", "make_glm", "make_lecun_classes", "make_moons", "make_sine",
    "make_spirals", "make_xor", "one_hot", "random_split", "read_idx", "shift", "truth_table",
]  # fmt: skip
