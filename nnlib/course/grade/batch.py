"""Many notebooks at once: spread over workers by Dask, each finished one on disk at once."""

import asyncio
import logging
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import dask
import distributed
from distributed.comm.core import connect
from tqdm import tqdm

from nnlib.course.grade import assignment, notebooks, record, sandbox

IN_FLIGHT = 4  # submissions for each process: enough to keep it busy, few enough for any memory
SECONDS_TO_ANSWER = 5  # for a scheduler
DASK = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # Notebooks travel with the tasks: their size is no news, and logs would keep thousands of them.
    "distributed.admin.large-graph-warning-threshold": "1GiB",
    "distributed.admin.low-level-log-length": 10,
}

_alone = threading.Lock()  # what an answer warns of is caught for all threads of a process at once


class SelfTestFailed(RuntimeError):
    """Right answers do not score full, or stubs do not score 0: no mark could be trusted."""


class NoScheduler(ConnectionError):
    """There is no Dask scheduler at the address, or it is gone."""


def self_test(assigned: assignment.Assignment, seed: int, isolation: str) -> None:
    """Grade the solution and the stubs. Raises SelfTestFailed, saying what is broken."""
    sandbox.check(isolation)
    for path, share in ((assigned.solution, 1), (assigned.release, 0)):
        graded = record.grade(path, assigned, seed, isolation)["exercises"]
        for name, most in assigned.points.items():
            points = graded.get(name, {"points": None})["points"]
            if points != share * most:
                words = [
                    f["detail"] for f in graded.get(name, {}).get("findings", []) if f["detail"]
                ]
                raise SelfTestFailed(
                    f"{path.parent.parent.name}/{path.name} gets {points} of {most} points for {name}, "
                    f"and should get {share * most}. Nothing was graded. {' '.join(words)}"
                )


def grade_all(
    submissions: Mapping[str, Path | None],
    name: str,
    out: Path,
    seed: int,
    *,
    private: str = "",
    only: str = "",
    isolation: str = "bubblewrap",
    scheduler: str = "",
    workers: int = 0,
) -> record.Records:
    """A record for every student, from OUT/records where it fits, else graded now.

    With `only`, nothing but that exercise is judged. What is going to run answers tests itself
    first: this computer, or each process of a cluster.
    """
    assigned = assignment.find(name, private, only)
    if not scheduler:
        self_test(assigned, seed, isolation)
    folder = out / "records" / name
    places = {student: folder / f"{student}.json" for student in sorted(submissions)}
    keys = {student: record.key(path, assigned, seed) for student, path in submissions.items()}
    todo = {
        student: path
        for student, path in submissions.items()
        if (record.saved(places[student]) or {}).get("key") != keys[student]
    }
    how = (name, private, only, seed, isolation, assigned.version if scheduler else "")
    with tqdm(total=len(submissions), initial=len(submissions) - len(todo), unit="notebook") as bar:
        for student, graded in _spread(todo, how, scheduler, workers or cores()):
            # A large notebook went there without its outputs, and has the key of the whole one.
            graded["key"] = graded["key"] and keys[student]
            record.save(graded, places[student])
            bar.update()
    return record.Records(places)


def cores() -> int:
    return os.cpu_count() or 1


def grade_one(
    content: bytes | None,
    file: str,
    name: str,
    private: str,
    only: str,
    seed: int,
    isolation: str,
    version: str,
) -> record.Record:
    """What a Dask worker does. The notebook travels with the task: workers may share no disk.

    `version` is of the exercises as they are where grading began; "" if that is here.
    """
    with _alone, tempfile.TemporaryDirectory() as folder:
        if version:
            _trust(name, private, only, seed, isolation, version)
        path = Path(folder, file)
        if content is not None:
            path.write_bytes(content)
        assigned = assignment.find(name, private, only)
        return record.grade(None if content is None else path, assigned, seed, isolation)


@lru_cache
def _trust(name: str, private: str, only: str, seed: int, isolation: str, version: str) -> None:
    """Once in each process of a cluster: it has the same exercises, and grades them rightly."""
    assigned = assignment.find(name, private, only)
    if assigned.version != version:
        raise SelfTestFailed(
            f"a worker of the cluster has another version of {name}: install the same course on "
            "all of its machines, and start its workers again. Nothing was graded there."
        )
    self_test(assigned, seed, isolation)


def _spread(
    todo: Mapping[str, Path | None], how: tuple[Any, ...], scheduler: str, workers: int
) -> Iterator[tuple[str, record.Record]]:
    """Records as they come. Only a few notebooks are in memory at any time."""
    if not todo:
        return
    large = {student for student, path in todo.items() if path and _too_large(path)}
    for student in sorted(large):  # nothing of it is run
        name, private, only, seed, isolation, _ = how
        assigned = assignment.find(name, private, only)
        yield student, record.grade(todo[student], assigned, seed, isolation)
    waiting = iter(sorted((student, todo[student]) for student in todo.keys() - large))
    with dask.config.set(DASK), _client(scheduler, workers) as client:

        def start(most: int) -> dict[Any, str]:
            return {
                client.submit(grade_one, *_packed(path), *how, pure=False, retries=2): student
                for student, path in islice(waiting, most)
            }

        students = start(IN_FLIGHT * max(workers, len(client.nthreads())))
        running = distributed.as_completed(students)
        for task in running:
            yield students.pop(task), _result(task)
            students |= (fresh := start(1))
            running.update(fresh)


@contextmanager
def _client(scheduler: str, workers: int) -> Iterator[Any]:
    if scheduler:
        with _connected(scheduler) as client:
            yield client
        return
    # Nothing to look at, but Dask opens a port all the same: any that is free, and mute.
    silent = {"dashboard_address": "127.0.0.1:0", "scheduler_kwargs": {"dashboard": False}}
    with (
        distributed.LocalCluster(n_workers=workers, threads_per_worker=1, **silent) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@contextmanager
def _connected(scheduler: str) -> Iterator[Any]:
    try:
        # In a thread of its own: where Jupyter runs us, this one has an event loop already.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _knock(scheduler)).result()
    except Exception as error:  # whatever answers there may be no scheduler at all
        raise NoScheduler(
            f"no Dask scheduler answers at {scheduler}. The address of one looks like "
            "tcp://10.0.0.5:8786; it says so itself when it starts."
        ) from error
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # we say it ourselves
    with distributed.Client(scheduler, timeout=SECONDS_TO_ANSWER) as client:
        yield client


async def _knock(scheduler: str) -> None:
    """Connect and part again: a client would retry, and be hard to stop."""
    how = distributed.Security().get_connection_args("client")
    comm = await connect(scheduler, timeout=SECONDS_TO_ANSWER, **how)
    await comm.close()


def _packed(path: Path | None) -> tuple[bytes | None, str]:
    return (notebooks.light(path), path.name) if path else (None, "missing.ipynb")


def _too_large(path: Path) -> bool:
    try:
        return path.stat().st_size > notebooks.MOST_READ and not notebooks.light(path)
    except notebooks.TooLarge:
        return True


def _result(task: Any) -> record.Record:
    try:
        graded: record.Record = task.result()
        return graded
    except distributed.scheduler.KilledWorker:
        # It may be the notebook, it may be the machine: never a 0, and tried again next time.
        return {"state": "crashed: the grader's own process died", "exercises": {}, "key": ""}
    except distributed.CancelledError as error:
        raise NoScheduler(
            "the Dask scheduler is gone. What is graded is kept; the same command goes on from "
            "there, with a scheduler that runs."
        ) from error
