"""What a worker sees and may do, asked from the inside; and what happens where there is none."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from nnlib.course.grade import batch, sandbox
from nnlib.course.grade.assignment import Assignment

from .conftest import needs_sandbox


def asked(code: str, uses: tuple[str, ...] = ("numpy",)) -> str:
    """What the code puts into `answer`, told by the exception that ends its cell."""
    cell = f"{code}\nraise LookupError(repr(answer))"
    run = sandbox.run({"cells": [cell], "exercises": [], "uses": list(uses)}, "bubblewrap", {})
    problem = next(event["problem"] for event in run.events if "problem" in event)
    assert problem.startswith("LookupError: "), problem
    return str(problem.removeprefix("LookupError: "))


@needs_sandbox()
def test_a_worker_sees_its_list_and_nothing_else() -> None:
    top = set(eval(asked("import os\nanswer = os.listdir('/')")))
    python = Path(sys.base_prefix).parts[1]
    allowed = {"dev", "etc", "grader", "lib", "lib64", "packages", "proc", "tmp", "usr", python}
    assert top <= allowed
    assert asked("import os\nanswer = sorted(os.listdir('/grader'))") == repr(
        ["calling.pyc", "cells.pyc", "codec.pyc", "stand_ins.pyc", "syscalls.pyc", "worker.pyc"]
    )
    packages = asked("import os\nanswer = sorted(os.listdir('/packages'))")
    assert packages in ("['numpy']", "['numpy', 'numpy.libs']")
    assert asked("import os\nanswer = sorted(os.listdir('/etc'))") in (
        "['alternatives', 'ld.so.cache']",
        "['ld.so.cache']",
    )
    assert asked("import os\nanswer = os.listdir('/tmp'), os.path.exists('/home')") == (
        "([], False)"
    )
    assert "nnlib" not in asked("import os\nanswer = dict(os.environ), os.getcwd()")


@needs_sandbox()
def test_no_installed_package_can_be_reached() -> None:
    code = (
        "import os, sys\n"
        "for folder, names, _ in os.walk('/'):\n"
        "    if not folder.startswith('/proc'): sys.path.append(folder) if 'scipy' in names else None\n"
        "names = [n for n in ('scipy', 'sklearn', 'torch', 'pip', 'matplotlib.pyplot')]\n"
        "sys.meta_path = [f for f in sys.meta_path if type(f).__name__ != 'StubFinder']\n"
        "answer = []\n"
        "for name in names:\n"
        "    try: __import__(name); answer.append(name)\n"
        "    except ImportError: pass"
    )
    assert asked(code) == "[]"


@needs_sandbox()
def test_a_declared_nnlib_comes_without_its_classroom() -> None:
    code = (
        "import nnlib.nn.functional as F, os\nanswer = F.relu(__import__('numpy').ones(1)).data[0]"
    )
    assert asked(code, ("numpy", "nnlib")) == "np.float64(1.0)"
    code = "import os\nanswer = os.listdir('/packages/nnlib/course'), os.listdir('/packages/nnlib/viz')"
    assert asked(code, ("numpy", "nnlib")) == "([], [])"


@needs_sandbox()
def test_a_worker_has_no_rights() -> None:
    assert asked("import os\nanswer = 0 in os.getresuid()") == "False"
    assert asked("import os\nanswer = os.getgroups()") in ("[]", f"[{os.getgid()}]", "[65534]")
    writable = (
        "import os\nanswer = []\n"
        "for folder, _, _ in os.walk('/'):\n"
        "    if folder.startswith(('/proc', '/tmp')): continue\n"
        "    try: open(folder + '/x', 'w'); answer.append(folder)\n"
        "    except OSError: pass"
    )
    assert asked(writable) == "[]"
    processes = (
        "import os\nanswer = len([name for name in os.listdir('/proc') if name.isdigit()]) <= 3"
    )
    assert asked(processes) == "True"
    network = (
        "import socket\nanswer = []\n"
        "for host in ('127.0.0.1', '1.1.1.1'):\n"
        "    try: socket.create_connection((host, 80), 2); answer.append(host)\n"
        "    except OSError: pass"
    )
    assert asked(network) == "[]"
    assert (
        asked("import os\ntry: os.setuid(0); answer = 'root'\nexcept OSError: answer = ''") == "''"
    )


@needs_sandbox()
def test_limits_hold_and_cannot_be_raised() -> None:
    code = (
        "import resource\nanswer = []\n"
        "for name in ('AS', 'CPU', 'FSIZE', 'NPROC', 'NOFILE', 'CORE'):\n"
        "    kind = getattr(resource, 'RLIMIT_' + name)\n"
        "    try: resource.setrlimit(kind, (1 << 40, 1 << 40)); answer.append(name)\n"
        "    except (ValueError, OSError): pass"
    )
    assert asked(code) == "[]"
    assert asked("import resource\nanswer = resource.getrlimit(resource.RLIMIT_AS)[1]") == str(
        sandbox.LIMITS["as"]
    )


def test_nothing_runs_unprotected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(sandbox.NoIsolation, match="apt install bubblewrap"):
        sandbox.check("bubblewrap")


@needs_sandbox()
def test_the_self_test_refuses_a_broken_sandbox(
    assigned: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch.self_test(assigned, 3, "bubblewrap")
    monkeypatch.setattr(sandbox, "_packages", lambda uses: iter(()))  # NumPy is not mounted
    monkeypatch.setattr(sandbox, "command", sandbox.command.__wrapped__)  # as it is now
    with pytest.raises((batch.SelfTestFailed, sandbox.NoIsolation)):
        batch.self_test(assigned, 3, "bubblewrap")


def test_container_isolation_needs_no_bubblewrap(
    assigned: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.name != "posix":
        pytest.skip("workers run on Unix")
    seen: list[Any] = []
    real = sandbox.command
    monkeypatch.setattr(sandbox, "command", lambda *a: seen.append(real(*a)) or seen[-1])
    batch.self_test(assigned, 3, "container")
    assert seen
    assert not any("bwrap" in command for command in seen)
