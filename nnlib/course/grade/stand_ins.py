"""What a notebook imports to look at things, and the libraries that would do the exercise.

A worker has neither. Plots, progress bars and widgets are stood in for by objects that show nothing
and otherwise behave, so that the lines around them do what they did for the student; libraries are
refused with a word on why.
"""

import builtins
import importlib.machinery
import opcode
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any, Self

import numpy as np

TO_LOOK_AT = {
    *("IPython", "altair", "anywidget", "bokeh", "fastprogress", "google", "ipywidgets"),
    *("matplotlib", "mpl_toolkits", "plotly", "rich", "seaborn", "tqdm"),
}
OWN_CLASSROOM = ("nnlib.course", "nnlib.viz")
LIBRARIES = {"jax", "keras", "nnlib", "scipy", "sklearn", "tensorflow", "torch"}

MANY = 10  # what is looped over without a word on how much it is: as many as a palette has colors


class Inert:
    """Stands for whatever shows something. Whatever is done with it gives it back, or nothing."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return BY_NAME.get(name, self)

    def __call__(self, *given: Any, **_: Any) -> Any:
        """A decorator, such as `interact`, gives back the function that it is given."""
        decorates = len(given) == 1 and isinstance(given[0], types.FunctionType)
        return given[0] if decorates else self

    def __getitem__(self, _: Any) -> "Inert":
        return self

    def __setitem__(self, *_: Any) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def __iter__(self) -> Iterator["Inert"]:
        """As many as it is unpacked into: `fig, ax = …` takes two, `n, bins, bars = …` three."""
        frame = sys._getframe(1)
        code, at = frame.f_code.co_code, frame.f_lasti
        unpacked = opcode.opname[code[at]] == "UNPACK_SEQUENCE"
        return iter([self] * (code[at + 1] if unpacked else MANY))

    def __len__(self) -> int:
        return MANY

    def __bool__(self) -> bool:
        return True

    def __contains__(self, _: Any) -> bool:
        return False

    def __index__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0

    def __format__(self, _: str) -> str:
        return ""

    def __array__(self, *_: Any, **__: Any) -> Any:
        return np.zeros(())

    def __mro_entries__(self, _: tuple[Any, ...]) -> tuple[type, ...]:
        return ()  # a class may be derived from it

    def reckon(self, *_: Any) -> Self:
        return self

    def compare(self, _: Any) -> bool:
        return False

    __add__ = __sub__ = __mul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = reckon
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = __rpow__ = reckon
    __neg__ = __pos__ = __abs__ = __round__ = reckon
    __lt__ = __le__ = __gt__ = __ge__ = compare


class Progress(Inert):
    """A bar that shows nothing and passes on what it is given."""

    def __init__(self, iterable: Iterable[Any] = (), *_: Any, **__: Any) -> None:
        self.iterable = iterable

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterable)

    def __len__(self) -> int:
        return len(self.iterable)  # type: ignore[arg-type]

    @staticmethod
    def write(*_: Any, **__: Any) -> None: ...


def counting(*numbers: int, **_: Any) -> Progress:
    return Progress(range(*numbers))


class Figure(Inert):
    """What is drawn on: its axes have the shape that was asked for."""

    def subplots(self, nrows: int = 1, ncols: int = 1, *_: Any, **how: Any) -> Any:
        axes = np.empty((nrows, ncols), dtype=object)
        axes.fill(Inert())
        if not how.get("squeeze", True):
            return axes
        return axes.item() if axes.size == 1 else axes.squeeze()


def subplots(*shape: int, **how: Any) -> tuple[Figure, Any]:
    figure = Figure()
    return figure, figure.subplots(*shape, **how)


def palette(_: Any = None, n_colors: int | None = None, **__: Any) -> list[tuple[float, ...]]:
    return [(0.0, 0.0, 0.0)] * (MANY if n_colors is None else n_colors)


def own_palette(n_colors: int = 6, *_: Any, **__: Any) -> list[tuple[float, ...]]:
    return palette(n_colors=n_colors)


BY_NAME: dict[str, Any] = {
    **dict.fromkeys(("tqdm", "tqdm_notebook", "track", "progress_bar", "master_bar"), Progress),
    **dict.fromkeys(("trange", "tnrange"), counting),
    "subplots": subplots,
    "figure": Figure,
    "Figure": Figure,
    "color_palette": palette,
    "hls_palette": own_palette,
    "husl_palette": own_palette,
}


class StubFinder:
    """Finds what is there to look at as inert, and refuses what would do the exercise.

    It is a finder and a loader without the base classes: importing these takes a worker longer
    than many an answer does.
    """

    def __init__(self, declared: Iterable[str]) -> None:
        self.refused = LIBRARIES - set(declared)

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        root = name.partition(".")[0]
        if (
            root in TO_LOOK_AT
            or name.startswith(OWN_CLASSROOM)
            or (name == "nnlib" and name in self.refused)
        ):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]
        if root in self.refused:
            raise refusal(root)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = types.ModuleType(spec.name)
        module.__getattr__ = missing if spec.name == "nnlib" else Inert().__getattr__  # type: ignore[method-assign]
        return module

    def exec_module(self, module: types.ModuleType) -> None: ...


def missing(name: str) -> Any:
    """What is asked of nnlib itself, where the exercise is to be written without it."""
    if name.startswith("__"):
        raise AttributeError(name)
    raise refusal("nnlib")


def refusal(library: str) -> ImportError:
    return ImportError(f"{library} is not there: this exercise is to be written without it")


def install(declared: Iterable[str]) -> None:
    """From now on they are found; and what IPython has among its builtins is there, too."""
    sys.meta_path.insert(0, StubFinder(declared))
    vars(builtins).update(display=Inert(), get_ipython=Inert())
