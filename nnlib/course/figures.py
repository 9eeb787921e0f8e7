"""The figures of all lessons, each found by its name: ``figures.landscape(ax, f, paths)``.

    from nnlib.course import figures

A figure is a public function of a lesson's figures.py; that file is imported when one of its
figures is asked for. What more than one lesson draws is in ``nnlib.viz``.
"""

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from nnlib.course import lessons


@cache
def _homes() -> dict[str, str]:
    """The lesson of every figure, by the figure's name; read, not imported."""
    files = sorted(Path(lessons.__path__[0]).glob("lesson_*/figures.py"))
    return {
        name: file.parent.name
        for file in files
        for name in re.findall(r"^def ([a-z]\w*)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }


def __getattr__(name: str) -> Any:
    if name not in _homes():
        raise AttributeError(f"no lesson draws a figure named {name!r}")
    return getattr(import_module(f"{lessons.__name__}.{_homes()[name]}.figures"), name)


def __dir__() -> list[str]:
    return sorted(_homes())
