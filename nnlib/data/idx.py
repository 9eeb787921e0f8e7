"""MNIST and Fashion-MNIST: downloaded once, checked, kept, and read from their IDX files."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib.arguments import File, checked

__all__ = ["load_fashion_mnist", "load_mnist", "read_idx"]

Split = tuple[NDArray[Any], NDArray[np.int64], NDArray[Any], NDArray[np.int64]]

FILES = (
    "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
)  # fmt: skip
# Where a set is, and the SHA-256 of its four files.
MIRRORS = {
    "mnist": "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "fashion_mnist": "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
}
CHECKSUMS = {
    "mnist": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
    "fashion_mnist": (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
}


@checked
def load_mnist(*, mirror: str | None = None, folder: File | None = None) -> Split:
    """X_train (60000, 784), y_train (60000,), X_test (10000, 784), y_test (10000,): 28×28 digits.

    Pixels run from 0 to 1 in float32, labels are int64. The four files (12 MB) are downloaded the first time,
    if their checksums are right, and kept in ``folder``: by default the user's cache. ``mirror`` is
    another address to get them from. Raises ConnectionError where they cannot be had, and says
    where to put them by hand, ImportError without pooch.

    Source: LeCun, Bottou, Bengio and Haffner (1998).

    >>> X_train, y_train, X_test, y_test = load_mnist()  # doctest: +SKIP
    >>> X_train.shape  # doctest: +SKIP
    (60000, 784)
    """
    return _load("mnist", mirror, folder)


@checked
def load_fashion_mnist(*, mirror: str | None = None, folder: File | None = None) -> Split:
    """The same shapes as :func:`load_mnist`, with ten kinds of clothes in place of digits (31 MB).

    Labels: T-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot. Errors
    as in :func:`load_mnist`. Source: Xiao, Rasul and Vollgraf (2017).

    >>> X_train, y_train, X_test, y_test = load_fashion_mnist()  # doctest: +SKIP
    >>> X_train.shape  # doctest: +SKIP
    (60000, 784)
    """
    return _load("fashion_mnist", mirror, folder)


@checked
def read_idx(path: File) -> NDArray[Any]:
    """The array of bytes in an IDX file, gzipped or not.

    The format of LeCun et al. (1998): two zero bytes, an 8 for bytes, the number of axes, each
    axis' length as a big-endian integer, then the entries. Raises ValueError where a file is
    anything else.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "labels-idx1-ubyte"
    >>> _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 3]))
    >>> read_idx(path)
    array([7, 3], dtype=uint8)
    """
    content = Path(path).read_bytes()
    try:
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        if content[:3] != bytes([0, 0, 8]):
            raise ValueError("it begins with other bytes")
        start = 4 + 4 * content[3]
        shape = np.frombuffer(content[4:start], ">u4").tolist()
        return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
    except (EOFError, IndexError, OSError, ValueError, zlib.error) as error:
        raise ValueError(f"read_idx: {path} is not a whole IDX file of bytes: {error}") from None


def _load(name: str, mirror: str | None, folder: File | None) -> Split:
    train, y_train, test, y_test = map(read_idx, _fetch(name, mirror, folder))
    X_train, X_test = (X.reshape(len(X), -1) / np.float32(255) for X in (train, test))
    return X_train, y_train.astype(np.int64), X_test, y_test.astype(np.int64)


def _fetch(name: str, mirror: str | None, folder: File | None) -> list[Path]:
    """The four files of a set: those that are there already, and the others from its address."""
    try:
        import pooch
    except ImportError as error:
        raise ImportError(f"load_{name} needs pooch: pip install pooch tqdm") from error
    pooch.get_logger().setLevel("WARNING")  # the bar says enough
    base = (mirror or MIRRORS[name]).rstrip("/")
    place, bar = Path(folder or pooch.os_cache("nnlib") / name), "CI" not in os.environ
    try:
        return [
            Path(pooch.retrieve(f"{base}/{file}", checksum, file, place, progressbar=bar))
            for file, checksum in zip(FILES, CHECKSUMS[name], strict=True)
        ]
    except (OSError, ValueError) as error:  # no network, no such file, or another checksum
        raise ConnectionError(
            f"load_{name}: the files could not be downloaded from {base}: {error}\nTry again with a "
            f"network, name another address with mirror=…, or put {', '.join(FILES)} into {place}"
        ) from error
