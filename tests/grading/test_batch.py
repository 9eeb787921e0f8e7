"""Many notebooks: each graded once, whatever is killed on the way, and always the same bytes."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import dask
import psutil
import pytest

from nnlib.course.grade import batch, record, sandbox
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.notebooks import NO_CELLS

from .conftest import needs_sandbox, notebook
from .hostile import FORWARD, RIGHT

pytestmark = needs_sandbox()

SLOW = "import time; time.sleep(0.1)"  # so that there is something to interrupt
RUN = """
import sys, time
from pathlib import Path
from nnlib.course.grade import batch, record
if __name__ == "__main__":
    folder, out, private = map(Path, sys.argv[1:4])
    save = record.save
    def save_and_hold(graded, path):
        save(graded, path)
        while (out / "hold").exists() and len(list(path.parent.glob("*.json"))) == 3:
            time.sleep(0.02)
    record.save = save_and_hold
    submissions = {path.stem: path for path in folder.glob("*.ipynb")}
    scheduler = "".join(sys.argv[4:])
    batch.grade_all(
        submissions, "tiny", out, 3, private=str(private), workers=2, scheduler=scheduler
    )
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
    assert first["state"] == second["state"] == f"renamed; {NO_CELLS}"


def test_a_second_run_grades_nothing_again(
    graded: Path, handed_in: dict[str, Path], tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(todo: dict[str, Path], *_: object) -> Iterator[None]:
        assert not todo
        return iter(())

    monkeypatch.setattr(batch, "_spread", nothing)
    found = batch.grade_all(handed_in, "tiny", graded, 3, private=str(tiny))
    assert list(found) == list(handed_in)
    assert found["student05"]["exercises"]["forward"]["points"] == 4


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
        with suppress(psutil.NoSuchProcess):  # workers come and go
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
    command = grading(handed_in, tiny, tmp_path)
    (tmp_path / "hold").touch()
    run = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
    done = wait_for_three(tmp_path)
    harm(psutil.Process(run.pid))
    (tmp_path / "hold").unlink()
    run.wait(timeout=120)
    if harm is not killed_worker:
        assert times(tmp_path) == done
    subprocess.run(command, env=environment(), check=True, stderr=subprocess.DEVNULL, timeout=120)
    assert content(tmp_path) == content(graded)
    assert done.items() <= times(tmp_path).items()


def grading(handed_in: dict[str, Path], tiny: Path, out: Path) -> list[str]:
    """A command that grades them in a process of its own."""
    script = out / "run.py"
    script.write_text(RUN, encoding="utf-8")
    folder = next(iter(handed_in.values())).parent
    return [sys.executable, str(script), str(folder), str(out), str(tiny)]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


def wait_for_three(out: Path) -> dict[str, int]:
    """Their times; there the run holds, however fast it is, until the file `hold` is gone."""
    deadline = time.monotonic() + 60
    while len(times(out)) < 3:
        assert time.monotonic() < deadline, "nothing is graded"
        time.sleep(0.05)
    return times(out)


def times(out: Path) -> dict[str, int]:
    """When each record was written."""
    records = (out / "records" / "tiny").glob("*.json")
    return {path.name: path.stat().st_mtime_ns for path in records}


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler and one worker as Dask's own commands start them: the address, the scheduler."""
    file = folder / "scheduler.json"
    file.unlink(missing_ok=True)
    told = ["--scheduler-file", str(file), "--no-dashboard"]
    parts = {"scheduler": ["--host", "127.0.0.1", "--port", "0"], "worker": ["--nthreads", "2"]}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{part}", *told, *how],
            env=environment() | {"DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": "[]"},
            cwd=folder,
            stderr=subprocess.DEVNULL,
        )
        for part, how in parts.items()
    ]
    try:
        yield address(file), started[0]
    finally:
        for process in started:
            with suppress(psutil.NoSuchProcess):
                family = psutil.Process(process.pid).children(recursive=True)
                for member in [process, *family]:
                    member.kill()
            process.wait(timeout=60)


def address(file: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError):
            return str(json.loads(file.read_text(encoding="utf-8"))["address"])
        time.sleep(0.05)
    raise TimeoutError("no scheduler started")


def test_a_cluster_whose_scheduler_is_killed(
    graded: Path, handed_in: dict[str, Path], tiny: Path, tmp_path: Path
) -> None:
    command = grading(handed_in, tiny, tmp_path)
    with cluster(tmp_path) as (scheduler, process):
        (tmp_path / "hold").touch()
        run = subprocess.Popen([*command, scheduler], env=environment(), stderr=subprocess.PIPE)
        wait_for_three(tmp_path)
        process.kill()
        (tmp_path / "hold").unlink()
        told = run.communicate(timeout=60)[1].decode().strip().splitlines()[-1]
    assert run.returncode == 1
    assert "NoScheduler: the Dask scheduler is gone. What is graded is kept" in told
    done = times(tmp_path)
    assert 3 <= len(done) < len(handed_in)
    with cluster(tmp_path) as (scheduler, _):
        again = [*command, scheduler]
        subprocess.run(again, env=environment(), check=True, stderr=subprocess.DEVNULL, timeout=120)
    assert content(tmp_path) == content(graded)
    assert done.items() <= times(tmp_path).items()


def test_a_scheduler_is_reached_where_an_event_loop_runs(tmp_path: Path) -> None:
    """As in a notebook."""

    async def reached(scheduler: str) -> str:
        with batch._connected(scheduler) as client:
            return str(client.scheduler.address)

    # In a thread of its own: the browser of other tests may have a loop running in this one.
    with cluster(tmp_path) as (scheduler, _), ThreadPoolExecutor(1) as threads:
        assert threads.submit(asyncio.run, reached(scheduler)).result() == scheduler


@pytest.mark.parametrize("scheduler", ["10.0.0.5", "carrier-pigeon://x:1", "tcp://127.0.0.1:9"])
def test_an_address_without_a_scheduler(
    scheduler: str, handed_in: dict[str, Path], tiny: Path, tmp_path: Path
) -> None:
    with pytest.raises(batch.NoScheduler, match=f"no Dask scheduler answers at {scheduler}"):
        batch.grade_all(handed_in, "tiny", tmp_path, 3, private=str(tiny), scheduler=scheduler)
    assert not list(tmp_path.iterdir())


def test_something_else_at_the_address(
    handed_in: dict[str, Path], tiny: Path, tmp_path: Path
) -> None:
    """A dashboard, for example, or any other web server."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        scheduler = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(batch.NoScheduler):
            batch.grade_all(handed_in, "tiny", tmp_path, 3, private=str(tiny), scheduler=scheduler)


def test_a_worker_with_other_exercises_or_a_broken_sandbox_grades_nothing(
    tiny: Path, assigned: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = assigned.solution.read_bytes()
    how = ("tiny.ipynb", "tiny", str(tiny), "", 5, "bubblewrap")
    with pytest.raises(batch.SelfTestFailed, match="another version of tiny"):
        batch.grade_one(content, *how, "0" * 12)
    monkeypatch.setattr(sandbox, "_packages", lambda uses: iter(()))  # NumPy is not mounted
    monkeypatch.setattr(sandbox, "command", sandbox.command.__wrapped__)  # as it is now
    with pytest.raises((batch.SelfTestFailed, sandbox.NoIsolation)):
        batch.grade_one(content, *how, assigned.version)


def test_a_local_cluster_shows_nothing_and_keeps_nothing(recwarn: pytest.WarningsRecorder) -> None:
    """No pages for others on this computer, whatever port is taken; no notebooks in its logs."""
    with ExitStack() as stack:
        with suppress(OSError):  # then it is taken already
            stack.enter_context(socket.create_server(("127.0.0.1", 8787)))
        with dask.config.set(batch.DASK), batch._client("", 1) as client:
            port = client.scheduler_info()["services"]["dashboard"]
            for page in ("status", "info/main/workers.html", "json/counts.json", "metrics"):
                with pytest.raises(HTTPError, match="404"):
                    urlopen(f"http://127.0.0.1:{port}/{page}", timeout=10)
            assert client.cluster.scheduler.transition_log.maxlen <= 10
        assert [str(warning.message) for warning in recwarn] == []
