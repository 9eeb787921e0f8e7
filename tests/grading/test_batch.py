"""Many notebooks: each graded once, whatever is killed on the way, and always the same bytes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from nnlib.course.grade import batch, record

from .conftest import needs_sandbox, notebook
from .hostile import FORWARD, RIGHT

pytestmark = needs_sandbox()

SLOW = "import time; time.sleep(0.3)"  # so that there is something to interrupt
RUN = """
import sys
from pathlib import Path
from nnlib.course.grade import batch
if __name__ == "__main__":
    folder, out, private = map(Path, sys.argv[1:])
    submissions = {path.stem: path for path in folder.glob("*.ipynb")}
    batch.grade_all(submissions, "tiny", out, 3, private=str(private), workers=2)
"""


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Sixteen students; every third one has a wrong sign."""
    folder = tmp_path_factory.mktemp("handed_in")
    wrong = RIGHT | {"forward": FORWARD.replace("maximum", "minimum")}
    for i in range(16):
        cells = [SLOW, "import numpy as np", *(wrong if i % 3 == 0 else RIGHT).values()]
        (folder / f"student{i:02}.ipynb").write_text(notebook(cells), encoding="utf-8")
    return {path.stem: path for path in sorted(folder.glob("*.ipynb"))}


@pytest.fixture(scope="module")
def graded(
    handed_in: dict[str, Path], tiny: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What a run gives that nobody disturbs."""
    out = tmp_path_factory.mktemp("graded")
    batch.grade_all(handed_in, "tiny", out, 3, private=str(tiny), workers=2)
    return out


def content(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "records" / "tiny").iterdir()}


def test_marks_and_mistakes(graded: Path) -> None:
    first = record.saved(graded / "records" / "tiny" / "student00.json")
    second = record.saved(graded / "records" / "tiny" / "student01.json")
    assert first and second
    assert [e["points"] for e in first["exercises"].values()] == [1, 4, 4]
    assert "ReLU keeps the positive one" in first["exercises"]["forward"]["mistakes"][0]
    assert [e["points"] for e in second["exercises"].values()] == [4, 4, 4]
    assert (
        first["state"]
        == second["state"]
        == "renamed; cells deleted: " + ", ".join(f"{name}-answer" for name in RIGHT)
    )


def test_a_second_run_grades_nothing_again(
    graded: Path, handed_in: dict[str, Path], tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(todo: dict[str, Path], *_: object) -> Iterator[None]:
        assert not todo
        return iter(())

    monkeypatch.setattr(batch, "_spread", nothing)
    found = batch.grade_all(handed_in, "tiny", graded, 3, private=str(tiny))
    assert list(found) == list(handed_in)


def test_another_seed_grades_anew(graded: Path, tiny: Path, handed_in: dict[str, Path]) -> None:
    name, path = next(iter(handed_in.items()))
    assigned = batch.assignment.find("tiny", str(tiny))
    kept = record.saved(graded / "records" / "tiny" / f"{name}.json")
    assert kept
    assert kept["key"] == record.key(path, assigned, 3) != record.key(path, assigned, 4)


def killed_worker(run: psutil.Process) -> None:
    """One of Dask's own processes, which its nanny starts again."""
    spawned = [p for p in run.children(recursive=True) if "spawn_main" in " ".join(p.cmdline())]
    spawned[0].kill()


def killed_run(run: psutil.Process) -> None:
    family = run.children(recursive=True)
    for process in [run, *family]:
        process.kill()


def interrupted_run(run: psutil.Process) -> None:
    run.send_signal(signal.SIGINT)


@pytest.mark.parametrize("harm", [killed_worker, killed_run, interrupted_run])
def test_nothing_is_lost_and_nothing_graded_twice(
    harm: Callable[[psutil.Process], None],
    graded: Path,
    handed_in: dict[str, Path],
    tiny: Path,
    tmp_path: Path,
) -> None:
    folder = next(iter(handed_in.values())).parent
    script = tmp_path / "run.py"
    script.write_text(RUN, encoding="utf-8")
    command = [sys.executable, str(script), str(folder), str(tmp_path), str(tiny)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    run = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    records = tmp_path / "records" / "tiny"
    deadline = time.monotonic() + 60
    while len(list(records.glob("*.json"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    harm(psutil.Process(run.pid))
    run.wait(timeout=120)
    done = {path: path.stat().st_mtime_ns for path in records.glob("*.json")}
    if harm is not killed_worker:
        assert 3 <= len(done) < len(handed_in)
    subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL, timeout=120)
    assert content(tmp_path) == content(graded)
    assert all(path.stat().st_mtime_ns == when for path, when in done.items())
