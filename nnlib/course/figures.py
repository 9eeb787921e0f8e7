"""The figures that one lesson alone draws, each found by its name.

    from nnlib.course import figures

    figures.landscape(ax, f, paths)

A figure is a public function of a lesson's figures.py; that file is imported when one of its
figures is asked for. What more than one lesson draws is in ``nnlib.viz``. mypy and editors, which
cannot look for files, read the same names in figures.pyi. Nobody edits that:
``make notebooks`` writes it anew, and a test compares.
"""

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from nnlib.course import lessons

FIGURE = re.compile(r"^def ([a-z]\w*)", re.MULTILINE)


@cache
def _homes() -> dict[str, str]:
    """The module of every figure, by the figure's name; read, not imported."""
    return {
        name: f"{lessons.__name__}.{file.parent.name}.figures"
        for file in sorted(Path(lessons.__path__[0]).glob("lesson_*/figures.py"))
        for name in sorted(FIGURE.findall(file.read_text(encoding="utf-8")))
    }


__all__: list[str] = []
__all__.extend(sorted(_homes()))


def __getattr__(name: str) -> Any:
    if name not in _homes():
        raise AttributeError(f"no lesson draws a figure named {name!r}")
    return getattr(import_module(_homes()[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def stub() -> str:
    """What figures.pyi says."""
    imports = [
        f"from {module} import (\n    {name} as {name},\n)\n" for name, module in _homes().items()
    ]
    return "".join(["# Written by make notebooks\n\n", *imports])
