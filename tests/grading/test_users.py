"""The real command as root, as a normal user, without bubblewrap; and Pythons as people have them."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnlib
from nnlib.course.grade import sandbox
from nnlib.course.grade.__main__ import main

from .conftest import needs_sandbox, notebook
from .hostile import RIGHT

CHECKOUT = Path(nnlib.__file__).parents[1]
NOBODY = 65534
ROOT = hasattr(os, "getuid") and os.getuid() == 0
LOOK_AROUND = """
import os, resource, socket
def refused(attempt, *arguments):
    try: attempt(*arguments)
    except OSError: return True
answer = {
    "users": os.getresuid() + os.getresgid(),
    "groups": os.getgroups(),
    "rights": [l.split()[1] for l in open("/proc/self/status") if l.startswith(("CapEff", "CapPrm"))],
    "filter": [l.split()[1] for l in open("/proc/self/status") if l.startswith("Seccomp:")],
    "memory": resource.getrlimit(resource.RLIMIT_AS)[1],
    "networks": [l.split(":")[0].strip() for l in open("/proc/net/dev") if ":" in l],
    "no socket": refused(socket.socket),
    "not root": refused(os.setuid, 0),
    "no files": not [d for d in ("/home", "/var", "/etc/passwd", "/sys") if os.path.exists(d)],
    "tmp": os.listdir("/tmp"),
}
raise LookupError(repr(answer))
"""


def opened(*needed: Path) -> list[str]:
    """A view of this computer in which nobody needs rights to come to these folders.

    Folders of others that are in the way are replaced by empty ones.
    """
    found = {folder for path in needed for folder in path.parents if not folder.stat().st_mode & 1}
    closed = {folder for folder in found if found.isdisjoint(folder.parents)}
    between = {folder for path in needed for folder in path.parents if closed & {*folder.parents}}
    view = ["bwrap", "--dev-bind", "/", "/"]
    view += [part for folder in sorted(closed) for part in ("--tmpfs", str(folder))]
    for folder in sorted(between):
        view += ["--perms", "0755", "--dir", str(folder)]
    for path in sorted(needed):
        view += ["--bind", str(path), str(path)]
    return view


def as_nobody(*needed: Path) -> list[str]:
    """What a command line begins with to run as a normal user, where root runs the suite."""
    if os.getuid() != 0:
        return []
    user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    start = [*opened(*needed), *user]
    namespaces = [*start, "bwrap", "--unshare-user", "--ro-bind", "/", "/", "true"]
    if (
        shutil.which("setpriv") is None
        or subprocess.run(namespaces, capture_output=True, check=False).returncode
    ):
        pytest.skip("normal users may not make user namespaces here")
    return start


@pytest.fixture
def class_of_one(tiny: Path, tmp_path: Path) -> Path:
    """A folder that belongs to nobody, with private exercises and one notebook that looks around."""
    folder = tmp_path / "term"
    shutil.copytree(tiny, folder / "private")
    handed_in = folder / "submissions" / "ada" / "tiny.ipynb"
    handed_in.parent.mkdir(parents=True)
    cells = ["import numpy as np", *RIGHT.values(), LOOK_AROUND]
    handed_in.write_text(notebook(cells), encoding="utf-8")
    if os.getuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    return folder


def options(folder: Path) -> list[str]:
    chosen = [str(folder / "submissions"), "--assignment", "tiny", "--out", str(folder / "GRADES")]
    return [*chosen, "--exercises", str(folder / "private"), "--seed", "3", "--workers", "1"]


def graded_as(start: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT)}
    surroundings |= {"PYTHONDONTWRITEBYTECODE": "1", "HOME": str(folder), "TMPDIR": str(folder)}
    return subprocess.run(
        [*start, sys.executable, "-m", "nnlib.course.grade", *options(folder)],
        env=surroundings,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def seen_inside(folder: Path) -> dict[str, Any]:
    """What the notebook found, once it is sure that it was graded as it deserves."""
    file = folder / "GRADES" / "records" / "tiny" / "ada.json"
    record = json.loads(file.read_text(encoding="utf-8"))
    assert all(found["passed"] for found in record["exercises"].values())
    [problem] = [p for p in record["problems"].values() if p.startswith("LookupError: ")]
    seen = eval(problem.removeprefix("LookupError: "))
    assert isinstance(seen, dict)
    return seen


def assert_confined(seen: dict[str, Any]) -> None:
    assert 0 not in seen["users"]
    assert set(seen["rights"]) == {"0000000000000000"}
    assert seen["filter"] == ["2"]
    assert seen["memory"] == sandbox.LIMITS["as"]
    assert seen["networks"] == ["lo"]
    assert seen["no socket"] and seen["not root"] and seen["no files"]
    assert seen["tmp"] == []


@needs_sandbox()
@pytest.mark.skipif(not ROOT, reason="the suite is not run by root")
def test_as_root(class_of_one: Path) -> None:
    assert main(options(class_of_one)) == 0
    seen = seen_inside(class_of_one)
    assert_confined(seen)
    assert seen["groups"] == []
    assert min(seen["users"]) >= sandbox.FIRST_USER


@needs_sandbox()
def test_as_a_normal_user(class_of_one: Path) -> None:
    python = {Path(sys.prefix), Path(sys.base_prefix)}
    run = graded_as(as_nobody(*python, CHECKOUT, class_of_one), class_of_one)
    assert run.returncode == 0, run.stderr
    seen = seen_inside(class_of_one)
    assert_confined(seen)
    assert set(seen["users"]) == ({NOBODY} if os.getuid() == 0 else {os.getuid(), os.getgid()})
    if os.getuid() == 0:
        assert "Memory is bounded per process" in run.stderr


def test_without_bubblewrap_nothing_is_graded(
    class_of_one: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(class_of_one))  # there is no program in it
    assert main(options(class_of_one)) == 2
    assert "apt install bubblewrap" in capsys.readouterr().err
    assert not list(class_of_one.glob("GRADES/records/**/*.json"))
    assert not list(class_of_one.glob("GRADES/grades.csv"))


IN_A_CONTAINER = """
import os
from nnlib.course.grade import sandbox
cell = '''
import os
def may(attempt, *arguments):
    try: attempt(*arguments)
    except OSError: return False
    return True
answer = os.getresuid() + os.getresgid(), os.getgroups(), may(os.kill, PARENT, 0)
raise LookupError(repr(answer))
'''.replace("PARENT", str(os.getpid()))
run = sandbox.run({"cells": [cell], "exercises": [], "uses": ["numpy"]}, "container", {})
print(next(event["problem"] for event in run.events if "problem" in event))
"""


@needs_sandbox()
@pytest.mark.skipif(not ROOT, reason="the suite is not run by root")
@pytest.mark.parametrize("readable", [True, False])
def test_root_in_a_container_makes_another_user_of_a_worker(readable: bool, tmp_path: Path) -> None:
    """Whom it cannot even signal; unless no other user could read this Python."""
    closed = tmp_path / "closed"
    shutil.copytree(CHECKOUT / "nnlib", closed / "nnlib")
    closed.chmod(0o700)
    code = IN_A_CONTAINER.replace('["numpy"]', '["numpy"]' if readable else '["numpy", "nnlib"]')
    path = CHECKOUT if readable else closed
    run = subprocess.run(
        [*opened(Path(sys.prefix), Path(sys.base_prefix), CHECKOUT), sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(path)},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    users, groups, may_kill = eval(run.stdout.removeprefix("LookupError: "))
    assert may_kill is not readable
    if readable:
        assert set(users) < set(sandbox.CONTAINER_USERS) and groups == []
    else:
        assert set(users) == {0}


# ── Pythons as people have them ──────────────────────────────────────────────────────────────────

LOOK_FOR_PACKAGES = """
import json, os, site, sys
import numpy as np
from nnlib.course.grade import sandbox
cell = '''
import os, sys
import numpy as np
found = [d for d, *inside in os.walk("/") if d.endswith("-packages") and any(inside)]
sys.path += FOLDERS
try: import decoy
except ImportError: decoy = None
raise LookupError(repr((found, decoy, np.__version__)))
'''.replace("FOLDERS", repr(sys.path))
run = sandbox.run({"cells": [cell], "exercises": [], "uses": ["numpy"]}, "bubblewrap", {})
problem = [event["problem"] for event in run.events if "problem" in event]
outside = [d for d in sys.path if d.endswith("-packages") and os.listdir(d)]
print(json.dumps([problem, np.__version__, sys.base_prefix, outside]))
"""


def looked(python: str, *path: Path) -> tuple[str, Any]:
    """A Python's prefix and its folders of packages, once it is sure that no worker sees them."""
    run = subprocess.run(
        [python, "-c", LOOK_FOR_PACKAGES],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, [CHECKOUT, *path])),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    [problem], version, prefix, outside = json.loads(run.stdout)
    assert outside, "there is nothing to hide"
    assert problem.startswith("LookupError: "), problem
    assert eval(problem.removeprefix("LookupError: ")) == ([], None, version)
    return prefix, outside


def numpy_of(python: str) -> Path | None:
    """Where a Python's NumPy is, if it has one and is new enough for nnlib."""
    code = "import numpy, sys; assert sys.version_info >= (3, 11); print(numpy.__path__[0])"
    try:
        run = subprocess.run(
            [python, "-c", code], capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return Path(run.stdout.strip())


DEBIAN = "/usr/bin/python3"


@needs_sandbox()
@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="this is no virtual environment")
def test_packages_are_hidden_from_a_virtual_environment() -> None:
    looked(sys.executable)


@needs_sandbox()
@pytest.mark.skipif(numpy_of(DEBIAN) is None, reason="the system's Python has no NumPy")
def test_packages_are_hidden_from_the_system_s_python() -> None:
    prefix, outside = looked(DEBIAN)
    assert prefix == "/usr"
    assert any(folder.endswith("dist-packages") for folder in outside)


@pytest.fixture
def conda(tmp_path: Path) -> Path:
    """A prefix as conda makes it: no pyvenv.cfg, all packages beside the standard library."""
    own = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}").resolve()
    library, packages = Path(sysconfig.get_path("stdlib")), Path(np.__path__[0])
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):  # it would look for itself where it was
        found = numpy_of(DEBIAN)
        if found is None:
            pytest.skip("no Python here can be moved")
        own, packages = Path(DEBIAN).resolve(), found
        library = Path("/usr/lib", own.name)
    place = tmp_path / "conda" / "lib" / own.name
    left_out = shutil.ignore_patterns("*-packages", "test", "idlelib", "lib2to3", "__pycache__")
    shutil.copytree(library, place, ignore=left_out)
    (place / "site-packages").mkdir()
    (place / "site-packages" / "decoy.py").write_text("found = True", encoding="utf-8")
    for part in packages.parent.glob("numpy*"):
        (place / "site-packages" / part.name).symlink_to(part)
    (tmp_path / "conda" / "bin").mkdir()
    shutil.copy(own, tmp_path / "conda" / "bin")
    return tmp_path / "conda"


@needs_sandbox()
def test_packages_are_hidden_in_a_prefix_as_conda_makes_it(conda: Path) -> None:
    [python] = (conda / "bin").iterdir()
    [packages] = conda.glob("lib/python*/site-packages")  # Debian's Python looks elsewhere
    prefix, _ = looked(str(python), packages)
    assert Path(prefix) == conda
