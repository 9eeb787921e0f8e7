"""The untrusted side: run a notebook's cells, call its answers, send back what they return.

It runs alone in a sandbox, with `codec.py`, `calling.py` and `syscalls.py` beside it and no nnlib,
and it knows no right answer. A job comes in as JSON; what happens goes out as one line of JSON per
event. Nothing that it says is believed but the arrays, and those only when they are right.
"""

import __future__

import ast
import contextlib
import importlib.abc
import importlib.machinery
import json
import linecache
import os
import re
import sys
import types
from collections.abc import Iterator
from typing import Any, Self

# What notebooks import to look at things. It is not here, and its absence does no harm.
PLOTTING = {"IPython", "anywidget", "ipywidgets", "matplotlib", "seaborn", "tqdm"}
OWN_CLASSROOM = ("nnlib.course", "nnlib.viz")
LIBRARIES = {"jax", "keras", "nnlib", "scipy", "sklearn", "tensorflow", "torch"}


class Inert:
    """Stands for whatever plots: it can be called, indexed, entered and unpacked into two."""

    def __getattr__(self, name: str) -> "Inert":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> "Inert":
        return self

    def __getitem__(self, _: Any) -> "Inert":
        return self

    def __setitem__(self, *_: Any) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def __iter__(self) -> Iterator["Inert"]:
        return iter((self, self))


class StubFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds what is there to look at as inert, and refuses what would do the exercise."""

    def __init__(self, declared: list[str]) -> None:
        self.refused = LIBRARIES - set(declared)

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        root = name.partition(".")[0]
        if (
            root in PLOTTING
            or name.startswith(OWN_CLASSROOM)
            or (name == "nnlib" and name in self.refused)
        ):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        if root in self.refused:
            raise refusal(root)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = types.ModuleType(spec.name)
        if spec.name == "nnlib":

            def missing(name: str) -> Any:
                if name.startswith("__"):
                    raise AttributeError(name)
                raise refusal("nnlib")

            module.__getattr__ = missing  # type: ignore[method-assign]
        else:
            module.__getattr__ = Inert().__getattr__  # type: ignore[method-assign]
        return module

    def exec_module(self, module: types.ModuleType) -> None: ...


def refusal(library: str) -> ImportError:
    return ImportError(f"{library} is not there: this exercise is to be written without it")


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


def run_cell(source: str, name: str, namespace: dict[str, Any]) -> str:
    """Run a cell; where it fails, at least what it defines. Returns what went wrong."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    try:
        tree = ast.parse(source, name)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"{type(error).__name__}: {words(error)}"
    try:
        exec(compile(tree, name, "exec"), namespace)  # noqa: S102 (in a sandbox)
    except BaseException as error:  # noqa: BLE001 (whatever a cell does, the next one has its turn)
        define(tree, name, namespace)
        return f"{type(error).__name__}: {words(error)}"
    return ""


def define(tree: ast.Module, name: str, namespace: dict[str, Any]) -> None:
    """Only the functions, classes and imports of a cell, each by itself."""
    kinds = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    for statement in tree.body:
        if isinstance(statement, kinds):
            with contextlib.suppress(BaseException):
                exec(compile(ast.Module([statement], []), name, "exec"), namespace)  # noqa: S102


def why_missing(name: str, cells: list[str], failed: dict[int, str]) -> str:
    """The problem of the cell that was to define the name; without one, it is not written yet."""
    definition = re.compile(rf"^\s*(def|class)\s+{name}\b", re.MULTILINE)
    problems = (problem for i, problem in failed.items() if definition.search(cells[i]))
    return next(filter(None, problems), "NotImplementedError")


def words(error: BaseException) -> str:
    """What an exception says, if it can be brought to say it."""
    with contextlib.suppress(BaseException):
        return str(error)
    return ""


def without_magics(source: str) -> str:
    """A cell in plain Python: lines for IPython become `pass`, other languages' cells nothing.

    >>> without_magics("%%time\\nx = 1\\n!ls")
    'pass\\nx = 1\\npass'
    """
    with contextlib.suppress(Exception):
        ast.parse(source)
        return source
    first = source.lstrip().split(maxsplit=1)[:1]
    if first and first[0].startswith("%%") and first[0] not in ("%%time", "%%timeit", "%%capture"):
        return ""
    lines = []
    for line in source.split("\n"):
        code = line.lstrip()
        magic = code.startswith(("%", "!", "?")) or code.rstrip().endswith("?")
        lines.append(line[: len(line) - len(code)] + "pass" if magic else line)
    return "\n".join(lines)


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

    import numpy as np
    from calling import Outcome, call  # type: ignore[import-not-found]
    from codec import decode, encode  # type: ignore[import-not-found]

    sys.meta_path.insert(0, StubFinder(job["uses"]))
    notebook = types.ModuleType("__main__")
    sys.modules["__main__"] = notebook
    namespace = notebook.__dict__

    def function(name: str, source: str) -> Any:
        own: dict[str, Any] = {"np": np}
        unread = __future__.annotations.compiler_flag  # the names in type hints are not sent
        exec(compile(source, "<exercise>", "exec", unread), own)  # noqa: S102 (the exercise's own)
        return own[name]

    def attempt(exercise: dict[str, Any], arguments: dict[str, Any]) -> Outcome:
        if exercise["name"] not in namespace:
            error, _, message = why_missing(exercise["name"], cells, failed).partition(": ")
            return Outcome(error=error, message=message)
        probe = function(*exercise["probe"]) if exercise["probe"] else None
        answer = namespace[exercise["name"]]
        try:
            return call(answer, arguments, exercise["count"], probe)
        except BaseException as error:  # noqa: BLE001 (a KeyboardInterrupt of the answer's own, say)
            return Outcome(error=type(error).__name__)

    def sent(value: Any) -> Any:
        try:
            return encode(value)
        except BaseException:  # noqa: BLE001 (an argument that has become something else)
            return None

    tell(ready=True)
    cells = [without_magics(source) for source in job["cells"]]
    failed: dict[int, str] = {}
    for i, source in enumerate(cells):
        tell(cell=i)
        name = f"<cell {i + 1}>"
        if i in job["definitions"]:
            with contextlib.suppress(Exception):
                define(ast.parse(source), name, namespace)
        elif i not in job["skip"]:
            failed[i] = run_cell(source, name, namespace)
    for i in [i for i, problem in failed.items() if problem]:  # cells may stand in any order
        tell(cell=i)
        tell(cell=i, problem=run_cell(cells[i], f"<cell {i + 1}>", namespace)[:2000])
    for exercise in job["exercises"]:
        tell(exercise=exercise["name"])
        for k, case in enumerate(exercise["cases"]):
            arguments = {name: decode(value, function) for name, value in case.items()}
            outcome = attempt(exercise, arguments)
            tell(
                exercise=exercise["name"],
                case=k,
                outputs=[sent(output) for output in outcome.outputs],
                words=[str(w)[:2000] for w in (outcome.error, outcome.message, outcome.line)],
                warning=str(outcome.warning)[:2000],
                after={name: sent(value) for name, value in arguments.items()},
            )
    tell(end=True)
    os._exit(0)  # threads and exit handlers of the notebook have no say


if __name__ == "__main__":
    main()
