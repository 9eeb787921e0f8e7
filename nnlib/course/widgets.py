"""Things to move and to answer: the widgets of all lessons, each found by its name, and questions.

    from nnlib.course.widgets import ask, momentum_map

A widget is a lesson's NAME.py with a line ``NAME = widget(Class)``; it is imported when it is asked
for. mypy and editors, which cannot look for files, read the same names in widgets.pyi. Nobody edits that:
``make notebooks`` writes it anew, and a test compares.
"""

from functools import cache
from pathlib import Path
from typing import Any

from nnlib.course import lessons
from nnlib.missing import needs

with needs("nnlib.course.widgets"):
    from nnlib.course.kit.order import order
    from nnlib.course.kit.predict import predict
    from nnlib.course.kit.questions import ask
    from nnlib.course.kit.quiz import Question, quiz

QUESTIONS = [order, predict, ask, Question, quiz]


@cache
def _homes() -> dict[str, str]:
    """The lesson of every widget, by the widget's name; read, not imported."""
    files = sorted(Path(lessons.__path__[0]).glob("lesson_*/*.py"))
    return {
        file.stem: file.parent.name
        for file in files
        if f"\n{file.stem} = widget(" in file.read_text(encoding="utf-8")
    }


__all__ = ["Question", "ask", "order", "predict", "quiz"]
__all__.extend(sorted(_homes()))


def __getattr__(name: str) -> Any:
    if name not in _homes():
        raise AttributeError(f"no lesson has a widget named {name!r}")
    with needs(f"the widget {name}"):
        return getattr(lessons.module_of(name), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def stub() -> str:
    """What widgets.pyi says."""
    modules = {each.__name__: each.__module__ for each in QUESTIONS}
    modules |= {name: f"{lessons.__name__}.{lesson}.{name}" for name, lesson in _homes().items()}
    imports = [
        f"from {module} import (\n    {name} as {name},\n)\n" for name, module in modules.items()
    ]
    return "".join(["# Written by make notebooks\n\n", *imports])
