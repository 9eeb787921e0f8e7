"""What all widgets share: controls, a model that knows its settings, and the view that shows it.

A new widget is one frozen dataclass: its fields are the settings, each with how it is moved, and
`scene()` is what is seen. `widget(Class)` makes the function that students call. The rest (keyboard,
themes, words for screen readers, a picture for pages without a kernel) comes from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from inspect import cleandoc, signature
from numbers import Real
from pathlib import Path
from typing import Any, ClassVar, ParamSpec, Self

import anywidget
import numpy as np
import traitlets

from nnlib.course.kit.scene import HIGH, LOW, Scene, picture, wire
from nnlib.viz import palette
from nnlib.viz.picture import Bundle, picture_bundle

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Slider:
    """A setting that is a number from `low` to `high`."""

    name: str
    label: str
    low: float
    high: float
    step: float

    def checked(self, value: Any) -> float | int:
        """`value` as a plain number, or an error that says what is wrong with it."""
        within(self.name, value, self.low, self.high, number)
        if isinstance(self.step, float):
            return float(value)
        if value != int(value):
            raise ValueError(f"{self.name} must be a whole number, not {value!r}")
        return int(value)


@dataclass(frozen=True)
class LogSlider:
    """A setting that is a number from `low` to `high`, both positive, moved by equal factors.

    There are `per_decade` steps to a factor of ten, rounded to two significant digits.
    """

    name: str
    label: str
    low: float
    high: float
    per_decade: int = 10

    def checked(self, value: Any) -> float:
        """`value` as a plain number, or an error that says what is wrong with it."""
        within(self.name, value, self.low, self.high, significant)
        return float(value)


@dataclass(frozen=True)
class Toggle:
    """A setting that is True or False."""

    name: str
    label: str

    def checked(self, value: Any) -> bool:
        """`value` as a plain bool, or an error."""
        if not isinstance(value, bool | np.bool):
            raise TypeError(f"{self.name} must be True or False, not {value!r}")
        return bool(value)


@dataclass(frozen=True)
class Text:
    """A setting that is typed, in a field `width` letters wide; Enter or leaving it sends it.

    What is wrong with it the model's `__post_init__` says, by a ValueError: the sentence is shown,
    and the picture stays as it was.
    """

    name: str
    label: str
    width: int = 24

    def checked(self, value: Any) -> str:
        """`value` itself, or an error where it is no text."""
        if not isinstance(value, str):
            raise TypeError(f"{self.name} must be text, not {value!r}")
        return value


@dataclass(frozen=True)
class Choice:
    """A setting that is one of a few words; `options` gives each its text on the page."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]

    def checked(self, value: Any) -> str:
        """`value` itself, or an error that lists what there is."""
        names = [name for name, _ in self.options]
        if value not in names:
            raise ValueError(f"{self.name} must be one of {', '.join(names)}; not {value!r}")
        return str(value)


@dataclass(frozen=True)
class Button:
    """Something to do: pressing it calls the model's `after(action)`.

    If it plays, it presses itself every `interval` ms, or as fast as Python answers, until it is
    paused, a slider is moved, or the model says that it is idle. `by` is how far it moves the
    setting `step`.
    """

    action: str
    label: str
    plays: bool = False
    interval: int = 700
    by: int = 0


Control = Slider | LogSlider | Toggle | Text | Choice | Button

# A setting of a model: where it starts, and how it is moved.


def slider(label: str, low: float, high: float, step: float, at: float) -> Any:
    return _setting(at, Slider("", label, low, high, step))


def log_slider(label: str, low: float, high: float, at: float, per_decade: int = 10) -> Any:
    return _setting(at, LogSlider("", label, low, high, per_decade))


def choice(label: str, options: Mapping[str, str], at: str) -> Any:
    return _setting(at, Choice("", label, tuple(options.items())))


def steps(last: int, *buttons: Button, at: int = 0, label: str = "Step", each: int = 1) -> Any:
    """How far something has gone: a slider, and buttons that move it `by` so many steps."""
    return _setting(at, Slider("", label, 0, last, each), *buttons)


def _setting(at: Any, *controls: Control) -> Any:
    return field(default=at, metadata={"controls": controls})


@dataclass(frozen=True)
class Model:
    """Settings, and what they look like: pure, no Jupyter. Subclasses add the settings as fields."""

    title: ClassVar[str]
    function: ClassVar[str]  # what a student calls to get this widget

    def __init_subclass__(cls) -> None:
        cls.function = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()

    def controls(self) -> tuple[Control, ...]:
        """How the settings are moved, in the order of the page."""
        return tuple(
            control if isinstance(control, Button) else replace(control, name=setting.name)
            for setting in fields(self)
            for control in setting.metadata.get("controls", ())
        )

    def scene(self) -> Scene:
        """What is seen at these settings."""
        raise NotImplementedError

    def after(self, action: str) -> Self:
        """The model after a button was pressed."""
        controls, setting = self.controls(), "step"
        moves = {b.action: b.by for b in controls if isinstance(b, Button) and b.by}
        if action in moves:
            [last] = (c.high for c in controls if isinstance(c, Slider) and c.name == setting)
            there = getattr(self, setting) + moves[action]
            return self.changed(**{setting: min(max(there, 0), int(last))})
        raise ValueError(f"{self.function} has no button {action!r}")

    def idle(self) -> tuple[str, ...]:
        """The actions that would change nothing now: their buttons are dimmed."""
        actions = dict.fromkeys(c.action for c in self.controls() if isinstance(c, Button))
        return tuple(action for action in actions if self.after(action) == self)

    def changed(self, **settings: Any) -> Self:
        """The model with some settings replaced."""
        return replace(self, **settings)

    def settings(self) -> dict[str, Any]:
        """The settings as a small dict that can be passed back in."""
        return asdict(self)

    def __post_init__(self) -> None:
        for control in self.controls():
            if not isinstance(control, Button):
                value = control.checked(getattr(self, control.name))
                object.__setattr__(self, control.name, value)  # the one way in a frozen class

    def __str__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.settings().items())
        return f"{self.function}({settings})"


class Widget(anywidget.AnyWidget):
    """A model on the page. The browser sends what was moved; Python answers with a new scene."""

    _esm = "".join((HERE / name).read_text(encoding="utf-8") for name in ("widget.js", "draw.js"))
    _css = HERE / "widget.css"
    colors = traitlets.Dict({**palette, "low": palette[LOW], "high": palette[HIGH]}).tag(sync=True)
    state: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)

    def __init__(self, model: Model) -> None:
        self._start = model
        super().__init__()
        self.show(model)
        self.on_msg(self._on_message)

    def show(self, model: Model) -> None:
        """Show another model of the same kind."""
        scene = model.scene()  # once, for it may be costly; and first, for it may fail
        self.model, self.scene = model, scene
        self.state = {
            "title": model.title,
            "settings": model.settings(),
            "controls": wire(model.controls()),
            "idle": list(model.idle()),
            "scene": wire(scene),
            "error": None,
        }

    @property
    def settings(self) -> dict[str, Any]:
        """The settings now: pass them back in to see the same again."""
        return self.model.settings()

    def _on_message(self, _widget: Widget, message: dict[str, Any], _buffers: Any) -> None:
        """`{"change": {name: value}}`, `{"press": action}` or `{"reset": true}`, from widget.js."""
        changes = message.get("change", {})
        try:
            if changes:
                self.show(self.model.changed(**changes))
            elif "press" in message:
                self.show(self.model.after(message["press"]))
            else:
                self.show(self._start)
        except ValueError as error:
            self.state = {**self.state, "error": {"words": str(error), "settings": list(changes)}}
        finally:
            self.send("answered")  # also where nothing changed: the browser waits for it

    def __repr__(self) -> str:
        return str(self.model)

    def _repr_mimebundle_(self, **kwargs: Any) -> Bundle:
        """The live view, and beside it a picture for GitHub, PDF and pages without a kernel."""
        words = f"{self.model.title}. {self.scene.words}"
        data, metadata = picture_bundle(picture(self.scene), words)
        live = super()._repr_mimebundle_(**kwargs)
        return {**live[0], **data} if live else data, metadata


P = ParamSpec("P")


def widget(model: Callable[P, Model]) -> Callable[P, Widget]:
    """The function that students call: a model's settings in, the widget out."""

    def show(*args: P.args, **settings: P.kwargs) -> Widget:
        return Widget(model(*args, **settings))

    start = model()  # type: ignore[call-arg]
    show.__name__ = show.__qualname__ = start.function
    show.__signature__ = signature(model)  # type: ignore[attr-defined]
    ranges = "; ".join(filter(None, map(_range, start.controls())))
    ends = f"Raises ValueError for anything else. `{start.function}(**widget.settings)` shows it again."
    show.__doc__ = f"{cleandoc(model.__doc__ or '')}\n\n{ranges}. {ends}"
    return show


def _range(control: Control) -> str:
    match control:
        case Slider(name, _, low, high) | LogSlider(name, _, low, high):
            return f"`{name}` from {significant(low)} to {significant(high)}"
        case Choice(name, _, options):
            return f"`{name}` " + ", ".join(f'"{word}"' for word, _ in options)
    return ""


def within(name: str, value: Any, low: float, high: float, text: Callable[[float], str]) -> None:
    """Raise a ValueError that says so unless `value` is a number from `low` to `high`."""
    if not isinstance(value, Real) or not low <= float(value) <= high:
        raise ValueError(f"{name} must be a number from {text(low)} to {text(high)}, not {value!r}")


def number(value: float) -> str:
    """A number as it is read: at most two decimals, a true minus sign, no minus zero.

    >>> number(-1.50), number(3.0), number(-0.001)
    ('−1.5', '3', '0')
    """
    return f"{round(value, 2) + 0:g}".replace("-", "−")


def significant(value: float) -> str:
    """A number as a LogSlider shows it: two significant digits, no exponent, a true minus sign.

    >>> significant(0.00012), significant(0.5), significant(-12.6), significant(100.0)
    ('0.00012', '0.5', '−13', '100')
    """
    text = np.format_float_positional(float(f"{value:.2g}") + 0, trim="-")
    return text.replace("-", "−")
