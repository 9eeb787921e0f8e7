"""Which states of a widget a page knows that has no Python to ask for more.

Where all settings together are few, it knows them all. Else it knows, around the widget's start and for
every choice of its menus, a coarse grid of its sliders and a fine arm of each alone, both through time:
time is the setting that stands in `steps`. How coarse, a ladder of plans says, from rich to poor, of
which the first is taken that packs into the budget.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations, product
from typing import Any

from nnlib.course.kit.widget import Button, Choice, Input, LogSlider, Model, Slider, Text

ALL = 10**6
MOST = 2500  # states: beyond it a table takes minutes to make
PRESSED = 3  # so often each button is pressed from the start

States = dict[str, Model]  # by `key`


@dataclass(frozen=True)
class Plan:
    """How many positions sliders have in a grid of `together` of them, alone, and how many moments.

    At most so many `menus` at once differ from the start's. Where they are `bare`, the start alone has
    sliders that move, and other choices in the menus have time only.
    """

    grid: int
    together: int
    arm: int
    moments: int
    menus: int = ALL
    bare: bool = False


LADDER = (
    Plan(ALL, ALL, 1, ALL),
    Plan(9, 3, ALL, ALL),
    Plan(5, 3, ALL, ALL),
    Plan(9, 2, ALL, 21),
    Plan(5, 3, ALL, 21),
    Plan(5, 2, ALL, 21),
    Plan(5, 2, 17, 21),
    Plan(5, 2, 17, 11),
    Plan(3, 2, 17, 11),
    Plan(3, 2, 9, 11),
    Plan(5, 2, 17, 21, 3),
    Plan(5, 2, 17, 21, 2),
    Plan(3, 2, 9, 11, 2),
    Plan(5, 2, 17, 21, 1),
    Plan(5, 2, 17, 11, 1),
    Plan(3, 2, 9, 11, 1),
    Plan(5, 2, 17, 21, 1, True),
    Plan(5, 2, 17, 11, 1, True),
    Plan(3, 2, 17, 11, 1, True),
    Plan(3, 2, 9, 11, 1, True),
    Plan(1, 1, 9, 11, 1, True),
    Plan(1, 1, 9, 6, 1, True),
    Plan(1, 1, 5, 6, 1, True),
    Plan(1, 1, 3, 3, 1, True),
)


def key(model: Model) -> str:
    """One text for one setting of everything."""
    return json.dumps([plain(value) for value in values(model)], ensure_ascii=False)


def values(model: Model) -> list[Any]:
    """The settings without their names."""
    return [getattr(model, setting.name) for setting in fields(model)]


def plain(value: Any) -> Any:
    """A setting without the noise of binary fractions."""
    return round(value, 9) + 0.0 if isinstance(value, float) else value


class Around:
    """The states around a widget's start, by any plan."""

    def __init__(self, start: Model) -> None:
        self.start = start
        self.time = time_of(start)
        sliders = [c.name for c in inputs(start) if isinstance(c, Slider | LogSlider)]
        self.sliders = [name for name in sliders if name != self.time]
        menus = [c.name for c in inputs(start) if isinstance(c, Choice | Text)]
        self.menus = list(dict.fromkeys(menus))
        self.typed = any(isinstance(c, Text) for c in inputs(start))
        self.wanted = list(wanted(start))
        self.kept = {
            name: {plain(getattr(model, name)) for model in self.wanted} for name in self.sliders
        }

    def states(self, plan: Plan) -> States | None:
        """Those of a plan; None where they would be too many."""
        centers = self.count_centers(plan)
        moments = min(plan.moments, len(self.positions(self.start, self.time)) or 1)
        around = self.combined(plan) * moments
        if centers > MOST or around * (1 if plan.bare else centers) > 4 * MOST:
            return None
        found = {key(model): model for model in self.wanted}
        for asked in self.start.on_every_page:
            for model in self.through_time(self.start.changed(**asked), plan.moments):
                found.setdefault(key(model), model)
        at_start = plan if self.time else replace(plan, arm=ALL)
        elsewhere = Plan(1, 1, 1, plan.moments) if plan.bare else plan
        for center in self.centers(plan):
            for model in self.at(center, at_start if center is self.start else elsewhere):
                found.setdefault(key(model), model)
            if len(found) > MOST:
                return None
        for model in list(pressed(list(found.values()))):
            found.setdefault(key(model), model)
        return found if len(found) <= MOST else None

    def combined(self, plan: Plan) -> int:
        """How many settings the grids of a plan have around one center, if none were the same."""
        counts = [min(len(self.positions(self.start, s)), plan.grid) for s in self.sliders]
        together = min(plan.together, len(counts))
        return sum(math.prod(some) for some in combinations(counts, together))

    def count_centers(self, plan: Plan) -> int:
        """How many centers there are, if every menu can be chosen from at any other's choice."""
        others = [len(self.positions(self.start, name)) - 1 for name in self.menus]
        most = min(plan.menus, len(others))
        return sum(math.prod(some) for n in range(most + 1) for some in combinations(others, n))

    def centers(self, plan: Plan) -> list[Model]:
        """The start, and with so many other choices in its menus."""
        found = [(self.start, 0)]
        for name in self.menus:
            found += [
                (moved, changes + 1)
                for model, changes in found
                if changes < plan.menus
                for moved in self.moved(model, name)
            ]
        once = {key(model): model for model, _ in reversed(found)}
        return [self.start, *(model for k, model in once.items() if k != key(self.start))]

    def at(self, center: Model, plan: Plan) -> Iterator[Model]:
        """All states around one center."""
        few = {name: self.thinned(center, name, plan.grid) for name in self.sliders}
        settings: dict[tuple[Any, ...], dict[str, Any]] = {(): {}}
        for names in combinations(self.sliders, min(plan.together, len(self.sliders))):
            for some in product(*(few[name] for name in names)):
                settings |= self.setting(center, dict(zip(names, some, strict=True)))
        for name in self.sliders:
            for value in self.thinned(center, name, plan.arm):
                settings |= self.setting(center, {name: value})
        for setting in settings.values():
            if (model := changed(center, setting)) is not None:
                yield from self.through_time(model, plan.moments)

    def setting(self, center: Model, some: dict[str, Any]) -> dict[tuple[Any, ...], dict[str, Any]]:
        """Some sliders' values, by those of all of them."""
        return {tuple(some.get(name, getattr(center, name)) for name in self.sliders): some}

    def through_time(self, model: Model, moments: int) -> Iterator[Model]:
        """The model at so many moments, the first and the last among them, and now."""
        yield model
        if self.time:
            own = {plain(getattr(each, self.time)) for each in (model, self.start)}
            for moment in thinned(self.positions(model, self.time), moments, own):
                if (later := changed(model, {self.time: moment})) is not None:
                    yield later

    def thinned(self, model: Model, name: str, count: int) -> list[Any]:
        """So many of a slider's positions, and those that are wanted."""
        own = {plain(getattr(model, name))}
        if count > 1:
            own |= self.kept[name]
        return thinned(self.positions(model, name), count, own)

    def moved(self, model: Model, name: str) -> list[Model]:
        """The model at every other choice of a menu."""
        others = (v for v in self.positions(model, name) if v != getattr(model, name))
        models = (changed(model, {name: value}) for value in others)
        return [moved for moved in models if moved is not None]

    def positions(self, model: Model, name: str) -> list[Any]:
        """What a control can be set to on the page; for what is typed, what is wanted."""
        for control in inputs(model):
            if control.name == name:
                typed = [getattr(each, name) for each in self.wanted]
                return list(dict.fromkeys(positions(control) or typed))
        return []


def time_of(model: Model) -> str:
    """The setting that stands in `steps`, or ""."""
    return next((s.name for s in fields(model) if s.metadata.get("buttons")), "")


def inputs(model: Model) -> list[Input]:
    """The controls that hold a value."""
    return [control for control in model.controls() if not isinstance(control, Button)]


def positions(control: Input) -> list[Any]:
    """The values that the browser can send, as widget.js computes them."""
    match control:
        case Slider(low=low, high=high, step=step):
            count = math.floor((high - low) / step + 1e-9)
            whole = isinstance(step, int)
            return [
                (low + k * step) if whole else round(low + k * step, 9) for k in range(count + 1)
            ]
        case LogSlider(low=low, high=high, per_decade=each):
            top = math.ceil(each * math.log10(high / low) - 1e-9)
            values = (float(f"{low * 10 ** (k / each):.2g}") for k in range(top + 1))
            return sorted({min(high, max(low, value)) for value in values})
        case Choice(options=options):
            return [name for name, _ in options]
    return []


def thinned(values: Sequence[Any], count: int, kept: Iterable[Any]) -> list[Any]:
    """So many of the values, evenly from first to last, and those that are kept."""
    if len(values) <= count:
        return list(values)
    few = {round(k * (len(values) - 1) / (count - 1)) for k in range(count)} if count > 1 else set()
    return [v for k, v in enumerate(values) if k in few or plain(v) in kept]


def changed(model: Model, settings: dict[str, Any]) -> Model | None:
    """The model with other settings, if there is one."""
    try:
        return model.changed(**settings)
    except ValueError:
        return None


def wanted(start: Model) -> Iterator[Model]:
    """What a page has by any plan: the start, what it names itself, its tour, its buttons' ways."""
    yield start
    for settings in start.on_every_page:
        yield start.changed(**settings)
    for stop in start.tour:
        yield start.on_tour(stop)
    for action in actions(start):
        model = start
        for _ in range(PRESSED):
            model = model.after(action)
            yield model


def pressed(known: Sequence[Model]) -> Iterator[Model]:
    """Where buttons lead that move no step, as far as these places are few."""
    moving = {b.action for b in known[0].controls() if isinstance(b, Button) and b.by}
    for action in actions(known[0]):
        if action not in moving:
            there = {key(after): after for after in (model.after(action) for model in known)}
            if len(there) <= max(20, len(known) / 4):
                yield from there.values()


def actions(model: Model) -> list[str]:
    """What its buttons do."""
    return list(dict.fromkeys(c.action for c in model.controls() if isinstance(c, Button)))
