"""All processes of a worker together: where their groups are made, and that they hold."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnlib.course.grade import cgroups, sandbox

from .conftest import needs_sandbox
from .test_sandbox import asked


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    cgroups.parents.cache_clear()
    yield
    cgroups.parents.cache_clear()


def needs_groups() -> pytest.MarkDecorator:
    missing = not cgroups.parents()
    return pytest.mark.skipif(missing, reason="this user may make no control groups here")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A version 2 tree as systemd makes it: root / user.slice / grading.scope."""
    folder = tmp_path
    for name, handed in (("", "cpu memory pids"), ("user.slice", "memory pids"), ("a.scope", "")):
        folder = folder / name
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.subtree_control").write_text(handed, encoding="ascii")
        (folder / "cgroup.procs").write_text("", encoding="ascii")
    return tmp_path


def member(tree: Path, path: str) -> Path:
    file = tree / "membership"
    file.write_text(f"0::{path}\n", encoding="ascii")
    return file


def test_version_2_takes_the_nearest_group_that_hands_on_memory(tree: Path) -> None:
    [(parent, limits)] = cgroups.parents(tree, member(tree, "/user.slice/a.scope"))
    assert parent == tree / "user.slice"
    assert limits["memory.max"] == cgroups.MEMORY
    assert limits["pids.max"] == cgroups.PROCESSES > sandbox.LIMITS["nproc"]


def test_where_nothing_is_handed_on_there_are_none(tree: Path) -> None:
    for folder in (tree, tree / "user.slice"):
        (folder / "cgroup.subtree_control").write_text("cpu", encoding="ascii")
    assert cgroups.parents(tree, member(tree, "/user.slice/a.scope")) == []


def test_version_1_bounds_each_kind_by_itself(tmp_path: Path) -> None:
    for kind in ("memory", "pids", "cpu"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "cgroup.procs").write_text("", encoding="ascii")
    found = cgroups.parents(tmp_path, tmp_path / "no membership")
    assert [folder.name for folder, _ in found] == ["memory", "pids", "cpu"]


@needs_groups()
def test_a_process_is_in_its_group_from_the_start_and_leaves_nothing() -> None:
    with cgroups.group() as held:
        told = subprocess.run(
            [*held, "cat", "/proc/self/cgroup"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        names = {parent / Path(held[4]).parent.name for parent, _ in cgroups.parents()}
        assert all(name.is_dir() for name in names)
    assert told.count(next(iter(names)).name) == len(names)
    assert not any(name.exists() for name in names)


@needs_groups()
def test_what_killed_gradings_left_is_swept_away_and_nothing_else() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait(timeout=60)
    for parent, _ in cgroups.parents():
        left, ours = parent / f"nnlib-{gone.pid}-0", parent / f"nnlib-{os.getpid()}-swept"
        left.mkdir()
        ours.mkdir()
        cgroups.sweep()
        assert ours.is_dir() and not left.exists()
        ours.rmdir()


@needs_sandbox()
@needs_groups()
def test_many_processes_share_one_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six children want 60 MB each, far less than any limit of a process; the worker has 200."""
    code = (
        "import os, signal\n"
        "def child():\n"
        "    reading, writing = os.pipe()\n"
        "    made = os.fork()\n"
        "    if made == 0:\n"
        "        waste = bytearray(os.urandom(1 << 10)) * (60 << 10)\n"
        "        os.write(writing, b'x'); signal.pause()\n"
        "    os.close(writing); os.read(reading, 1)\n"
        "    return made\n"
        "children = [child() for _ in range(6)]\n"
        "answer = sum(os.waitpid(c, os.WNOHANG)[0] == 0 for c in children)"
    )
    monkeypatch.setattr(cgroups, "MEMORY", 2560 << 20)
    assert children(code) == 6
    cgroups.parents.cache_clear()
    monkeypatch.setattr(cgroups, "MEMORY", 200 << 20)
    assert children(code) < 6


def children(code: str) -> int:
    """How many live, with what they wanted; 0 where the worker itself was ended."""
    try:
        return int(asked(code))
    except StopIteration:
        return 0


@needs_sandbox()
def test_where_there_are_none_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cgroups, "parents", list)
    sandbox.check("bubblewrap")
    assert capsys.readouterr().err.count("\n") == 1


@needs_sandbox()
@needs_groups()
def test_a_worker_that_hangs_leaves_no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "CELL_SECONDS", 0.5)
    job = {"cells": ["while True: pass"], "exercises": [], "uses": ["numpy"]}
    assert sandbox.run(job, "bubblewrap", {}).ended == "timeout"
    for parent, _ in cgroups.parents():
        assert not list(parent.glob(f"nnlib-{os.getpid()}-*"))
