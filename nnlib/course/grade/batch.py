"""Many notebooks at once: spread over workers by Dask, each finished one on disk at once."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import distributed
from tqdm import tqdm

from nnlib.course.grade import assignment, record, sandbox

IN_FLIGHT = 4  # submissions for each process: enough to keep it busy, few enough for any memory


class SelfTestFailed(RuntimeError):
    """Right answers do not score full, or stubs do not score 0: no mark could be trusted."""


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
    isolation: str = "bubblewrap",
    scheduler: str = "",
    workers: int = 0,
) -> dict[str, record.Record]:
    """A record for every student, from OUT/records where it fits, else graded now."""
    assigned = assignment.find(name, private)
    self_test(assigned, seed, isolation)
    places = {student: out / "records" / name / f"{student}.json" for student in submissions}
    records = {student: record.saved(place) for student, place in places.items()}
    todo = {
        student: path
        for student, path in submissions.items()
        if (records[student] or {}).get("key") != record.key(path, assigned, seed)
    }
    how = (name, private, seed, isolation)
    with tqdm(total=len(submissions), initial=len(submissions) - len(todo), unit="notebook") as bar:
        for student, graded in _spread(todo, how, scheduler, workers or cores()):
            record.save(graded, places[student])
            records[student] = graded
            bar.update()
    return {student: found for student, found in sorted(records.items()) if found}


def cores() -> int:
    return os.cpu_count() or 1


def grade_one(
    content: bytes | None, file: str, name: str, private: str, seed: int, isolation: str
) -> record.Record:
    """What a Dask worker does. The notebook travels with the task: workers may share no disk."""
    assigned = assignment.find(name, private)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, file)
        if content is not None:
            path.write_bytes(content)
        return record.grade(None if content is None else path, assigned, seed, isolation)


def _spread(
    todo: Mapping[str, Path | None], how: tuple[Any, ...], scheduler: str, workers: int
) -> Iterator[tuple[str, record.Record]]:
    """Records as they come. Only a few notebooks are in memory at any time."""
    if not todo:
        return
    waiting = iter(sorted(todo.items()))
    with _client(scheduler, workers) as client:

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
        with distributed.Client(scheduler) as client:
            yield client
        return
    with (
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def _packed(path: Path | None) -> tuple[bytes | None, str]:
    return (path.read_bytes(), path.name) if path else (None, "missing.ipynb")


def _result(task: Any) -> record.Record:
    try:
        graded: record.Record = task.result()
        return graded
    except distributed.scheduler.KilledWorker:
        # It may be the notebook, it may be the machine: never a 0, and tried again next time.
        return {"state": "crashed: the grader's own process died", "exercises": {}, "key": ""}
