"""What all widgets share: controls, a model that knows its settings, and the view that shows it.

A new widget is one frozen dataclass: its fields are the settings, each with how it is moved, and
`scene()` is what is seen. `widget(Class)` makes the function that students call. The rest (keyboard,
themes, words for screen readers, a picture for pages without a kernel) comes from here.

    @dataclass(frozen=True)
    class Descent(Model):
        "w ← w − η w, from w = 1: it creeps, swings or flies apart."

        title = "Gradient descent on ½w²"

        lr: float = slider("η", 0.0, 2.5, 0.1, at=0.5)
        step: int = steps(20, Button("step", "Next", by=1), Button("again", "Again", by=-20))

        def scene(self) -> Scene:
            xy = np.array([[t, (1 - self.lr) ** t] for t in range(self.step + 1)])
            panel = Panel((0, 20), (-2, 2), "step", "w", (Line(xy),))
            return Scene((panel,), f"After {self.step} steps w = {number(xy[-1, 1])}.")

    descent = widget(Descent)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import Field, asdict, dataclass, field, fields, replace
from inspect import cleandoc, signature
from numbers import Real
from textwrap import fill
from typing import Any, ClassVar, ParamSpec, Self

import anywidget
import traitlets

from nnlib.course import progress
from nnlib.course.kit.files import source
from nnlib.course.kit.numbers import minus, number, significant
from nnlib.course.kit.scene import HIGH, LOW, Scene, picture, wire
from nnlib.viz import palette
from nnlib.viz.picture import Bundle, picture_bundle

# --- What the page has, as widget.js reads it ----------------------------------------------------


@dataclass(frozen=True)
class Slider:
    """A number from `low` to `high`; whole, and a multiple of `step`, where `step` is whole."""

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
        if value % self.step:
            raise ValueError(f"{self.name} must be a multiple of {self.step}, not {value!r}")
        return int(value)


@dataclass(frozen=True)
class LogSlider:
    """A number from `low` to `high`, both positive, moved by equal factors.

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
class Choice:
    """One of a few words; `options` gives each its text on the page."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]

    def checked(self, value: Any) -> str:
        """`value` as text, so that 100 may be said for "100", or an error that lists what there is."""
        names = [name for name, _ in self.options]
        if str(value) not in names:
            raise ValueError(f"{self.name} must be one of {', '.join(names)}; not {value!r}")
        return str(value)


@dataclass(frozen=True)
class Text:
    """What is typed, in a field `width` letters wide; Enter or leaving it sends it.

    What is wrong with it the model says, by a ValueError: the sentence is shown, and the picture
    stays as it was.
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
class Button:
    """Something to do: it moves the `steps` that it stands in `by` so many, or to their end.

    Without `by` it calls the model's method that is named as its action, which gives another model.
    If it plays, it presses itself every `interval` ms, or as fast as Python answers, until it is
    paused, a slider is moved, or it would change nothing.
    """

    action: str
    label: str
    plays: bool = False
    interval: int = 700
    by: int = 0


Input = Slider | LogSlider | Choice | Text
Control = Input | Button

# --- Settings: where each starts, and how it is moved ---------------------------------------------

Inputs = Callable[[str, Any], tuple[Input, ...]]  # of the setting's name and the model


def _setting(
    at: Any, inputs: Inputs, buttons: tuple[Button, ...] = (), depends: bool = False
) -> Any:
    metadata = {"inputs": inputs, "buttons": buttons, "depends": depends}
    return field(default=at, metadata=metadata)


def slider(label: str, low: float, high: float, step: float, at: float) -> Any:
    """A number from `low` to `high`, whole if `step` is."""
    return _setting(at, lambda name, _: (Slider(name, label, low, high, step),))


def log_slider(label: str, low: float, high: float, at: float, per_decade: int = 10) -> Any:
    """A number from `low` to `high`, moved by equal factors, `per_decade` of them to ten."""
    return _setting(at, lambda name, _: (LogSlider(name, label, low, high, per_decade),))


def choice(label: str, options: Mapping[str, str], at: str) -> Any:
    """One of a few words; `options` gives each its text on the page."""
    return _setting(at, lambda name, _: (Choice(name, label, tuple(options.items())),))


def text(label: str, at: str, width: int = 24, examples: Mapping[str, str] | None = None) -> Any:
    """What is typed; `examples`, each with its name, stand in a menu above the field."""

    def inputs(name: str, model: Model) -> tuple[Input, ...]:
        typed = Text(name, label, width)
        if examples is None:
            return (typed,)
        own = getattr(model, name)
        menu = dict(examples) if own in examples else {**examples, own: "your own"}
        return Choice(name, "Example", tuple(menu.items())), typed

    return _setting(at, inputs)


def steps(
    last: int | Callable[[Any], int],
    *buttons: Button,
    at: int = 0,
    label: str = "Step",
    first: int = 0,
    each: int = 1,
) -> Any:
    """How far something has gone: a slider, and buttons that move it `by` so many steps.

    Where the `last` step depends on the settings above this one, it is a function of the model.
    """

    def inputs(name: str, model: Model) -> tuple[Input, ...]:
        return (Slider(name, label, first, last(model) if callable(last) else last, each),)

    return _setting(at, inputs, buttons, depends=callable(last))


# --- A tour --------------------------------------------------------------------------------------


class Stop:
    """One stop of a tour: a sentence, what it lights up, and the settings that it is told at.

    `light` is the title of a panel or the label of a control. Settings that a stop does not name are
    those that the widget begins with, so that each stop is true by itself.
    """

    def __init__(self, words: str, light: str = "", **settings: Any) -> None:
        self.words, self.light, self.settings = words, light, settings

    def found(self, model: Model) -> bool:
        """Whether what it lights up is there."""
        titles = [panel.title for panel in model.scene().panels]
        return not self.light or self.light in [*titles, *(c.label for c in model.controls())]


# --- The model and its view -----------------------------------------------------------------------


@dataclass(frozen=True)
class Model:
    """Settings, and what they look like: pure, no Jupyter. Subclasses add the settings as fields.

    The order of the fields is that of the arguments and of the page. Where the page wants another,
    `on_page` names settings and actions in it, what it leaves out comes last. `buttons` are those
    that move no `steps`. A widget with a `goal`, in words, says in `reached()` whether it is there;
    a hard one has a `tour`. A page without Python knows some states only; settings that it has to
    have, for the lesson asks for them, stand in `on_every_page`.
    """

    title: ClassVar[str]
    function: ClassVar[str]  # what a student calls to get this widget
    lesson: ClassVar[str]  # whose it is, "10a_momentum", or ""
    buttons: ClassVar[tuple[Button, ...]] = ()
    on_page: ClassVar[tuple[str, ...]] = ()
    goal: ClassVar[str] = ""  # "reach w* in 40 steps or fewer"
    tour: ClassVar[tuple[Stop, ...]] = ()
    on_every_page: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.function = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()
        cls.lesson = cls.__module__.partition(".lesson_")[2].partition(".")[0]

    def __post_init__(self) -> None:
        for setting in fields(self):  # in their order: one's range may depend on those above it
            for control in self.inputs(setting)[-1:]:  # the typed one, not its menu of examples
                value = control.checked(getattr(self, setting.name))
                object.__setattr__(self, setting.name, value)  # the one way in a frozen class

    def scene(self) -> Scene:
        """What is seen at these settings."""
        raise NotImplementedError

    def reached(self) -> bool:
        """Whether the goal is reached at these settings."""
        return False

    @classmethod
    def on_tour(cls, stop: Stop) -> Self:
        """The model at a stop of its tour, or an error that says what the stop has wrong."""
        model = cls(**stop.settings)
        if not stop.found(model):
            raise ValueError(f"{cls.function}: the tour finds no {stop.light!r} to light up")
        return model

    def changed(self, **settings: Any) -> Self:
        """The model with some settings replaced. A subclass says here what follows from what."""
        return replace(self, **settings)

    def after(self, action: str) -> Self:
        """The model after a button was pressed."""
        for setting in fields(self):
            for button in setting.metadata.get("buttons", ()):
                if button.action == action and button.by:
                    return self._moved(setting, button.by)
        if action not in self._actions():
            raise ValueError(f"{self.function} has no button {action!r}")
        model: Self = getattr(self, action)()
        return model

    def _moved(self, setting: Field[Any], by: int) -> Self:
        [there] = (c for c in self.inputs(setting) if isinstance(c, Slider))
        goal = getattr(self, setting.name) + by
        return self.changed(**{setting.name: min(max(goal, there.low), there.high)})

    def idle(self) -> tuple[str, ...]:
        """The actions that would change no setting now: their buttons are dimmed."""
        return tuple(action for action in self._actions() if self.after(action) == self)

    def _actions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c.action for c in self.controls() if isinstance(c, Button)))

    def controls(self) -> tuple[Control, ...]:
        """All that moves the settings, in the order of the page."""
        page: list[Control] = []
        for setting in fields(self):
            page += [*self.inputs(setting), *setting.metadata.get("buttons", ())]
        page += self.buttons
        places = {name: k for k, name in enumerate(self.on_page)}

        def place(control: Control) -> int:
            name = control.action if isinstance(control, Button) else control.name
            return places.get(name, len(places))

        return tuple(sorted(page, key=place))

    def inputs(self, setting: Field[Any]) -> tuple[Input, ...]:
        """What moves one setting: as a rule one control, for a text with examples a menu and a field."""
        inputs: Inputs | None = setting.metadata.get("inputs")
        return inputs(setting.name, self) if inputs else ()

    def settings(self) -> dict[str, Any]:
        """The settings as a small dict that can be passed back in."""
        return asdict(self)

    def __str__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.settings().items())
        return f"{self.function}({settings})"


class Widget(anywidget.AnyWidget):
    """A model on the page. The browser sends what was moved; Python answers with a new scene."""

    _esm = source("widget.js", "draw.js", "element.js")
    _css = source("widget.css")
    colors = traitlets.Dict({**palette, "low": palette[LOW], "high": palette[HIGH]}).tag(sync=True)
    state: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)

    def __init__(self, model: Model) -> None:
        self._start = model
        self._before: Model | None = None  # the tour: what it goes back to at its end
        self._reached = False  # once, at whatever settings
        super().__init__()
        self.show(model)
        self.on_msg(self._on_message)

    def show(self, model: Model, stop: int | None = None) -> None:
        """Show another model of the same kind, which may be a `stop` of its tour."""
        scene = model.scene()  # once, for it may be costly
        state = {
            "title": model.title,
            "goal": self._goal(model),
            "tour": self._stop(model, stop),
            "settings": model.settings(),
            "controls": wire(model.controls()),
            "idle": list(model.idle()),
            "scene": wire(scene),
            "error": None,
        }
        self.model, self.scene, self.state = model, scene, state  # last, for the rest may fail

    @property
    def settings(self) -> dict[str, Any]:
        """The settings now: pass them back in to see the same again."""
        return self.model.settings()

    def _goal(self, model: Model) -> dict[str, Any]:
        """The goal, and whether it is reached now, and was ever."""
        here = bool(model.goal) and model.reached()
        return {"words": model.goal, "here": here, "ever": self._reached}

    def _stop(self, model: Model, stop: int | None) -> dict[str, Any]:
        """How many stops the tour has; on the tour also where it is, and what is said there."""
        if stop is None:
            return {"stops": len(model.tour), "at": None}
        there = model.tour[stop]
        return {"stops": len(model.tour), "at": stop, "words": there.words, "light": there.light}

    def _on_message(self, _widget: Widget, message: dict[str, Any], _buffers: Any) -> None:
        """What was done on the page, from widget.js.

        `{"change": {name: value}}`, `{"press": action}`, `{"reset": true}`, or `{"tour": stop}`, which
        without a stop ends it.
        """
        changes = message.get("change", {})
        try:
            if changes:
                self._move(self.model.changed(**changes))
            elif "press" in message:
                self._move(self.model.after(message["press"]))
            elif "tour" in message:
                self._travel(message["tour"])
            else:
                self._before = None
                self.show(self._start)
        except ValueError as error:
            self.state = {**self.state, "error": {"words": str(error), "settings": list(changes)}}
        finally:
            self.send("answered")  # also where nothing changed: the browser waits for it

    def _move(self, model: Model) -> None:
        """Show what the student has done; if it reaches the goal, remember that."""
        if model.goal and not self._reached and self._before is None and model.reached():
            self._reached = True
            if model.lesson:
                name = f"{model.lesson}/{model.function}"
                progress.remember_answer("goal", name, "reached", goal=model.goal)
        self.show(model, self.state["tour"]["at"])

    def _travel(self, stop: int | None) -> None:
        """Go to a stop of the tour, or back to where it began."""
        if stop is not None:
            self._before = self._before or self.model
            self.show(self.model.on_tour(self.model.tour[stop]), stop)
        elif self._before is not None:
            before, self._before = self._before, None
            self.show(before)

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
    _known_on_page(start)
    again = f"`{start.function}(**widget.settings)` shows the same again."
    ranges = f"{_ranges(start)}. Raises ValueError for anything else. {again}"
    show.__name__ = show.__qualname__ = start.function
    show.__module__ = start.__module__
    show.__signature__ = signature(model).replace(return_annotation=Widget)  # type: ignore[attr-defined]
    show.__doc__ = f"{cleandoc(model.__doc__ or '')}\n\n{fill(ranges, 96)}"
    return show


def _known_on_page(model: Model) -> None:
    """Raise a ValueError where `on_page` names what the page has not."""
    controls = model.controls()
    known = {c.action if isinstance(c, Button) else c.name for c in controls}
    for name in model.on_page:
        if name not in known:
            raise ValueError(f"{model.function}: on_page names {name!r}; there are {sorted(known)}")


def _ranges(model: Model) -> str:
    """What each setting may be; but for what is typed, and for ranges that depend on others."""
    told = []
    for setting in fields(model):
        for control in model.inputs(setting)[-1:]:
            if isinstance(control, Choice):
                words = [f'"{word}"' for word, _ in control.options]
                told.append(f"`{setting.name}` is {', '.join(words[:-1])} or {words[-1]}")
            elif not isinstance(control, Text) and not setting.metadata["depends"]:
                ends = minus(f"from {control.low:g} to {control.high:g}")
                told.append(f"`{setting.name}` goes {ends}")
    return "; ".join(told)


def within(name: str, value: Any, low: float, high: float, text: Callable[[float], str]) -> None:
    """Raise a ValueError that says so unless `value` is a number from `low` to `high`."""
    if not isinstance(value, Real) or not low <= float(value) <= high:
        raise ValueError(f"{name} must be a number from {text(low)} to {text(high)}, not {value!r}")
