"""What is not installed here, and what to type: one answer for whoever misses something.

The library needs NumPy alone. Pictures, widgets, checks and the grader need more, which is installed
with them: by ``make`` in a checkout, by name where nnlib came as a package.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

__all__ = ["DISTRIBUTION", "needs", "remedy"]

DISTRIBUTION = "nnlib-course"  # on PyPI, the name nnlib is somebody else's
# Whether that name is ours there. Until then nobody is told to install it: whoever registers it
# first would be run.
PUBLISHED = False
ROOT = Path(__file__).resolve().parents[1]
COMMANDS = {
    "course": "lab",
    "grade": "grade",
    "site": "site",
}  # that install an extra in a checkout


def remedy(extra: str = "course") -> str:
    """What to type so that everything in this extra of pyproject.toml is here.

    >>> remedy()
    '...type: ...'
    """
    if (ROOT / "make.py").is_file():
        command = COMMANDS[extra]
        return f"In the folder {ROOT}, type: make {command}   (on Windows: py make.py {command})"
    # A browser's Python has no command line; a notebook's cell it has.
    pip = "%pip" if sys.platform == "emscripten" else "python -m pip"
    if PUBLISHED:
        return f'Please type: {pip} install "{DISTRIBUTION}[{extra}]"'
    return f"Please type: {pip} install {' '.join(_packages(extra))}"


@contextmanager
def needs(part: str, extra: str = "course") -> Iterator[None]:
    """Imports that need an extra: ModuleNotFoundError then says which part lacks what, and the remedy.

    >>> with needs("nnlib.viz"):
    ...     import no_such_package
    Traceback (most recent call last):
    ModuleNotFoundError: nnlib.viz needs no_such_package, which is not installed here. ...
    """
    try:
        yield
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name in ("", "nnlib") or "type: " in str(error):  # not of others, or said already
            raise
        message = f"{part} needs {name}, which is not installed here. {remedy(extra)}"
        raise ModuleNotFoundError(message, name=name) from None


def _packages(extra: str) -> list[str]:
    """The packages of the extra and, as every other builds on it, of "course", with their versions."""
    try:
        asked = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:  # the bare folder nnlib, which no one has installed
        asked = []
    wanted = {f'extra == "{name}"' for name in ("course", extra)}
    pairs = [requirement.replace("'", '"').partition(";") for requirement in asked]
    named = [f'"{package.strip()}"' for package, _, marker in pairs if marker.strip() in wanted]
    return named or ["jupyterlab", "anywidget", "matplotlib", "scikit-learn"]
