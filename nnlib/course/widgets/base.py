"""What all widgets share: controls, a model that knows its settings, and the view that shows it.

A new widget is one frozen dataclass: its fields are the settings, `controls()` says how they are
moved, `scene()` what is seen. The rest (keyboard, themes, words for screen readers, a picture for
pages without a kernel) comes from here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from numbers import Real
from pathlib import Path
from typing import Any, ClassVar, Self

import anywidget
import traitlets

from nnlib.course.widgets.scene import HIGH, LOW, Scene, picture, wire
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
        if not isinstance(value, Real) or not self.low <= float(value) <= self.high:
            raise ValueError(
                f"{self.name} must be a number from {number(self.low)} to {number(self.high)}, "
                f"not {value!r}"
            )
        if isinstance(self.step, float):
            return float(value)
        if value != int(value):
            raise ValueError(f"{self.name} must be a whole number, not {value!r}")
        return int(value)


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
    """Something to do: pressing it calls the model's `after(action)`, again and again if it plays."""

    action: str
    label: str
    plays: bool = False


Control = Slider | Choice | Button


@dataclass(frozen=True)
class Model:
    """Settings, and what they look like: pure, no Jupyter. Subclasses add the settings as fields."""

    title: ClassVar[str]
    function: ClassVar[str]  # what a student calls to get this widget

    def controls(self) -> tuple[Control, ...]:
        """How the settings are moved, in the order of the page."""
        raise NotImplementedError

    def scene(self) -> Scene:
        """What is seen at these settings."""
        raise NotImplementedError

    def after(self, action: str) -> Self:
        """The model after a button was pressed."""
        raise ValueError(f"{self.function} has no button {action!r}")

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

    _esm = HERE / "widget.js"
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
        self.model = model
        controls = model.controls()
        actions = [control.action for control in controls if isinstance(control, Button)]
        self.state = {
            "title": model.title,
            "settings": model.settings(),
            "controls": wire(controls),
            "idle": [action for action in actions if model.after(action) == model],
            "scene": wire(model.scene()),
        }

    @property
    def settings(self) -> dict[str, Any]:
        """The settings now: pass them back in to see the same again."""
        return self.model.settings()

    def _on_message(self, _widget: Widget, message: dict[str, Any], _buffers: Any) -> None:
        """`{"change": {name: value}}`, `{"press": action}` or `{"reset": true}`, from widget.js."""
        if "change" in message:
            self.show(self.model.changed(**message["change"]))
        elif "press" in message:
            self.show(self.model.after(message["press"]))
        else:
            self.show(self._start)

    def __repr__(self) -> str:
        return str(self.model)

    def _repr_mimebundle_(self, **kwargs: Any) -> Bundle:
        """The live view, and beside it a picture for GitHub, PDF and pages without a kernel."""
        scene = self.model.scene()
        data, metadata = picture_bundle(picture(scene), f"{self.model.title}. {scene.words}")
        live = super()._repr_mimebundle_(**kwargs)
        return {**live[0], **data} if live else data, metadata


def number(value: float) -> str:
    """A number as it is read: at most two decimals, a true minus sign, no minus zero.

    >>> number(-1.50), number(3.0), number(-0.001)
    ('−1.5', '3', '0')
    """
    return f"{round(value, 2) + 0:g}".replace("-", "−")
