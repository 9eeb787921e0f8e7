"""MNIST's way into the house, tried on small files that a server on this machine gives out."""

import gzip
import hashlib
import struct
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.data import idx, load_fashion_mnist, load_mnist, read_idx


def idx_bytes(array, code=8):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return header + array.tobytes()


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return [
        rng.integers(0, 256, (6, 4, 4), dtype=np.uint8), np.arange(6, dtype=np.uint8),
        rng.integers(0, 256, (3, 4, 4), dtype=np.uint8), np.arange(3, dtype=np.uint8),
    ]  # fmt: skip


asked = []


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        asked.append(self.path)
        super().do_GET()


@pytest.fixture
def mirror(tmp_path, arrays, monkeypatch):
    """The address of a server with four small files, whose checksums take the true ones' place."""
    pytest.importorskip("pooch")
    site = tmp_path / "site"
    site.mkdir()
    checksums = []
    for file, array in zip(idx.FILES, arrays, strict=True):
        content = gzip.compress(idx_bytes(array), mtime=0)
        (site / file).write_bytes(content)
        checksums.append(hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(idx, "CHECKSUMS", {"mnist": checksums, "fashion_mnist": checksums})
    monkeypatch.setattr(idx, "MIRRORS", {})
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("CI", "1")
    asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def no_server():
    """An address at which nobody listens: a port that was free a moment ago."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    server.server_close()
    return f"http://127.0.0.1:{server.server_port}/"


@pytest.mark.parametrize("load", [load_mnist, load_fashion_mnist])
def test_images_become_rows_from_0_to_1(load, mirror, tmp_path, arrays):
    X_train, y_train, X_test, y_test = load(mirror=mirror, folder=tmp_path / "kept")
    assert (X_train.dtype, y_train.dtype) == (np.float32, np.int64)
    assert np.array_equal(X_train, arrays[0].reshape(6, 16).astype(np.float32) / np.float32(255))
    assert np.array_equal(X_test, arrays[2].reshape(3, 16).astype(np.float32) / np.float32(255))
    assert (y_train.tolist(), y_test.tolist()) == ([0, 1, 2, 3, 4, 5], [0, 1, 2])


def test_files_are_kept_and_not_asked_for_again(mirror, tmp_path):
    first = load_mnist(mirror=mirror, folder=tmp_path / "kept")
    assert len(asked) == 4
    again = load_mnist(mirror=no_server(), folder=tmp_path / "kept")
    assert len(asked) == 4
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_a_file_with_another_checksum_is_refused(mirror, tmp_path):
    (tmp_path / "site" / idx.FILES[1]).write_bytes(b"another file")
    with pytest.raises(ConnectionError, match="does not match the known hash"):
        load_mnist(mirror=mirror, folder=tmp_path / "kept")
    assert idx.FILES[1] not in {p.name for p in (tmp_path / "kept").iterdir()}


def test_a_damaged_file_is_downloaded_again(mirror, tmp_path):
    load_mnist(mirror=mirror, folder=tmp_path / "kept")
    (tmp_path / "kept" / idx.FILES[0]).write_bytes(b"half a fi")
    assert len(load_mnist(mirror=mirror, folder=tmp_path / "kept")[0]) == 6
    assert len(asked) == 5


def test_offline_it_says_what_to_do(mirror, tmp_path):
    nobody = no_server()
    with pytest.raises(ConnectionError) as error:
        load_mnist(mirror=nobody, folder=tmp_path / "kept")
    words = str(error.value)
    assert nobody.rstrip("/") in words
    assert f"put {', '.join(idx.FILES)} into {tmp_path / 'kept'}" in words
    assert "mirror=" in words


def test_the_bar_is_on_stderr_and_off_in_ci(mirror, tmp_path, monkeypatch, capsys):
    load_mnist(mirror=mirror, folder=tmp_path / "one")
    assert capsys.readouterr() == ("", "")
    pytest.importorskip("tqdm")
    monkeypatch.delenv("CI")
    load_mnist(mirror=mirror, folder=tmp_path / "two")
    out, err = capsys.readouterr()
    assert out == ""
    assert "100%" in err


def test_every_file_has_a_checksum_and_every_set_an_address():
    sums = [c for checksums in idx.CHECKSUMS.values() for c in checksums]
    assert len(set(sums)) == 8
    assert all(len(c) == 64 and int(c, 16) >= 0 for c in sums)
    assert set(idx.MIRRORS) == set(idx.CHECKSUMS)
    assert all(address.startswith("https://") for address in idx.MIRRORS.values())


@given(
    shape=st.lists(st.integers(0, 4), min_size=0, max_size=4),
    zipped=st.booleans(),
)
def test_read_idx_reads_every_shape(tmp_path_factory, shape, zipped):
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    path = tmp_path_factory.mktemp("idx") / "file"
    path.write_bytes(gzip.compress(idx_bytes(array)) if zipped else idx_bytes(array))
    got = read_idx(path)
    assert (got.shape, got.dtype) == (array.shape, array.dtype)
    assert np.array_equal(got, array)


@given(content=st.binary(max_size=12), cut=st.integers(0, 39))
def test_read_idx_refuses_anything_else(tmp_path_factory, content, cut):
    path = tmp_path_factory.mktemp("idx") / "file"
    whole = idx_bytes(np.arange(40, dtype=np.uint8))
    zipped = gzip.compress(whole)
    bent = bytearray(zipped)
    bent[len(bent) // 2 + cut % 8] ^= 255
    other = idx_bytes(np.arange(40, dtype=np.uint8), code=9)  # signed
    wrongs = (whole[:cut], whole + b"!", zipped[:cut], b"a" + content, bent, other)
    for wrong in wrongs:
        path.write_bytes(wrong)
        with pytest.raises(ValueError, match=r"read_idx: .*file"):
            read_idx(path)
