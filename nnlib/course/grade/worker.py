"""The untrusted side: run a notebook's cells, call its answers, send back what they return.

It runs alone in a sandbox, with the files that `sandbox.GRADER` lists beside it and no nnlib,
and it knows no right answer. A job comes in as JSON; what happens goes out as one line of JSON per
event. Nothing that it says is believed but the arrays, and those only when they are right.
"""

import __future__

import json
import os
import sys
import types
from typing import Any

AT_ITS_CHECK, AT_THE_END = "at its check", "at the end"  # whose names an answer is called among


def limit(limits: dict[str, int]) -> None:
    """No privileges, and bounds on memory, time, processes and files: for good."""
    import resource  # Unix alone has it, and sandboxes

    for name, value in limits.items():
        if name != "user":
            resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (value, value))
    if os.getuid() == 0 and "user" in limits:
        os.setgroups([])
        os.setresgid(*[limits["user"]] * 3)
        os.setresuid(*[limits["user"]] * 3)


def channel() -> Any:
    """A file for events. What the notebook prints, reads or writes goes nowhere."""
    events = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 (for as long as the process lives)
    return events


def main() -> None:
    sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), sys.argv[1]]
    job = json.load(sys.stdin)
    limit(job["limits"])

    import syscalls  # type: ignore[import-not-found]

    syscalls.refuse()
    events = channel()

    process = os.getpid()

    def tell(**event: Any) -> None:
        if os.getpid() != process:  # a copy, made by a fork in the notebook
            os._exit(0)
        events.write(json.dumps(event) + "\n")

    import cells  # type: ignore[import-not-found]
    import numpy as np
    import stand_ins  # type: ignore[import-not-found]
    from calling import Outcome, call  # type: ignore[import-not-found]
    from codec import decode, encode, encode_all  # type: ignore[import-not-found]

    stand_ins.install(job["uses"])
    sys.path.append(os.getcwd())  # for modules that the notebook writes itself
    main_module = types.ModuleType("__main__")
    sys.modules["__main__"] = main_module
    namespace = main_module.__dict__

    def function(name: str, source: str, names: dict[str, Any]) -> Any:
        own: dict[str, Any] = {"np": np, **names}
        unread = __future__.annotations.compiler_flag  # the names in type hints are not sent
        exec(compile(source, "<exercise>", "exec", unread), own)  # noqa: S102 (the exercise's own)
        return own[name]

    def attempt(exercise: dict[str, Any], arguments: dict[str, Any]) -> Outcome:
        name = exercise["name"]
        if name not in namespace:
            error, _, message = notebook.why_missing(name).partition(": ")
            return Outcome(error=error, message=message)
        probe = decode(exercise["probe"], function)
        try:
            return call(namespace[name], arguments, exercise["count"], probe)
        except BaseException as error:  # noqa: BLE001 (a KeyboardInterrupt of the answer's own, say)
            return Outcome(error=type(error).__name__)

    def sent(value: Any) -> Any:
        try:
            return encode(value)
        except BaseException:  # noqa: BLE001 (an answer that is no array)
            return None

    def begin(cell: int, line: int) -> None:
        if line == 0 or os.getpid() == process:  # a copy may go on to the end of its cell
            tell(cell=cell, line=line)

    def call_all(exercise: dict[str, Any], names: dict[str, Any], where: str) -> None:
        namespace.clear()
        namespace.update(names)
        tell(exercise=exercise["name"], where=where)
        for k, case in enumerate(exercise["cases"]):
            arguments = {name: decode(value, function) for name, value in case.items()}
            outcome = attempt(exercise, arguments)
            tell(
                exercise=exercise["name"],
                where=where,
                case=k,
                outputs=[sent(output) for output in outcome.outputs],
                words=[str(w)[:2000] for w in (outcome.error, outcome.message, outcome.line)],
                warning=str(outcome.warning)[:2000],
                after=encode_all(arguments),
            )

    tell(ready=True)
    notebook = cells.Notebook(
        [cells.Cell(i, cells.without_magics(source)) for i, source in enumerate(job["cells"])],
        namespace,
        job["extent"],
        {(cell, line) for cell, line in job["skip"]},
        begin,
    )
    notebook.run()
    for cell in notebook.cells:
        if cell.problem:
            tell(cell=cell.number, problem=cell.problem[:2000])
    at_the_end = dict(namespace)
    for exercise in job["exercises"]:
        at_its_check = notebook.seen.get(exercise["name"], at_the_end)
        call_all(exercise, at_its_check, AT_ITS_CHECK)
        if cells.differs(exercise["name"], at_its_check, at_the_end):
            call_all(exercise, at_the_end, AT_THE_END)
    tell(end=True)
    os._exit(0)  # threads and exit handlers of the notebook have no say


if __name__ == "__main__":
    main()
