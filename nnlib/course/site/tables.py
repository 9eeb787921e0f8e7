"""A table for each widget on a page: its states, packed, and where each control leads from each of them.

Tables are kept in build/tables, by a hash of what they follow from, and never committed.
"""

import hashlib
import json
import os
import sys
import time
from base64 import b64encode
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import nnlib
from nnlib.course.kit.scene import wire
from nnlib.course.kit.widget import Model, Widget
from nnlib.course.site import live, states
from nnlib.course.site.packing import Packer
from nnlib.course.site.states import LADDER, Around, States, actions, inputs, key

BUDGET = 300_000  # bytes of a table, packed
NEAR = 1  # added to twice a target that is not the very one
NOWHERE = -1


@dataclass(frozen=True)
class Made:
    """What came of making a table."""

    name: str
    states: int
    whole: bool  # every setting there is
    size: int
    seconds: float


def make(lives: Iterable[live.Live], folder: Path) -> list[Made]:
    """The tables of these widgets that are not in the folder yet; others' are thrown away."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {file(each, folder): each for each in lives if isinstance(each.shown, Widget)}
    for old in set(folder.glob("*.js")) - set(wanted):
        old.unlink()
    missing = [
        (each.name, each.shown.model, path) for path, each in wanted.items() if not path.exists()
    ]
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the workers are as many as cores
    made = []
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        for each in workers.map(make_one, *zip(*missing, strict=True)) if missing else ():
            made.append(each)
            print(told(each), flush=True)
    return made


def told(each: Made) -> str:
    """One line on a table."""
    which = "all" if each.whole else "some"
    return f"{each.name:42} {each.states:5} states ({which}) {each.size / 1e3:6.0f} kB {each.seconds:5.0f} s"


def file(each: live.Live, folder: Path) -> Path:
    """Where a widget's table is kept."""
    return folder / f"{each.name}.{fingerprint(each.shown.model)}.js"


def fingerprint(model: Model) -> str:
    """A hash of all that a table follows from: the widget, its lesson, the library, this package."""
    lesson = Path(str(sys.modules[type(model).__module__].__file__)).parent
    text = f"{model} {np.__version__} {digest(lesson)} {digest_of_library()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def digest_of_library() -> str:
    """A hash of nnlib without its lessons and its grader."""
    home = Path(nnlib.__file__).parent
    parts = [home, *(p for p in home.iterdir() if p.is_dir() and p.name != "course")]
    makers = [Path(__file__).with_name(f"{name}.py") for name in ("states", "packing", "tables")]
    own = [hashlib.sha256(path.read_bytes()).hexdigest() for path in makers]
    return " ".join([*(digest(part) for part in [*parts, home / "course" / "kit"]), *own])


@cache
def digest(folder: Path) -> str:
    """A hash of a folder's Python."""
    whole = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        whole.update(path.name.encode() + path.read_bytes())
    return whole.hexdigest()


def make_one(name: str, start: Model, path: Path) -> Made:
    """Make one table, and keep it."""
    began = time.perf_counter()
    chosen, packed, whole = table(start)
    text = b64encode(packed).decode()
    draft = path.with_suffix(".part")
    draft.write_text(f'nnlibTable("{name}", "{text}");\n', encoding="utf-8", newline="\n")
    os.replace(draft, path)
    return Made(name, len(chosen), whole, len(packed), time.perf_counter() - began)


def table(start: Model, budget: int = BUDGET) -> tuple[States, bytes, bool]:
    """The states of the richest plan that fits into the budget, packed, and whether they are all."""
    around, shown, each = Around(start), dict[str, dict[str, Any]](), 0.0
    for plan in LADDER:
        found = around.states(plan)
        if found is None or each * len(found) > 4 * budget:
            continue
        each = bytes_each(found, shown)
        if each * len(found) > 2.5 * budget:
            continue
        whole = plan == LADDER[0] and not around.typed
        packed = packed_table(around, found, shown, whole)
        if len(packed) <= budget:
            return found, packed, whole
    raise ValueError(f"{start.function}: even its poorest table is larger than {budget} bytes")


def bytes_each(found: States, shown: dict[str, dict[str, Any]]) -> float:
    """About how many bytes a state takes, by a few runs of neighbors."""
    models, run, runs = list(found.items()), 20, 4
    if len(models) <= 3 * run * runs:
        return 0
    firsts = [k * (len(models) - run) // (runs - 1) for k in range(runs)]
    some = [state(k, model, shown) for first in firsts for k, model in models[first : first + run]]
    return (len(Packer().pack(some, {})) - len(Packer().pack(some[:run], {}))) / (len(some) - run)


def state(name: str, model: Model, shown: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What Widget.show sends to the page, but for what the page itself knows."""
    if name not in shown:
        shown[name] = {
            "title": model.title,
            "goal": {"words": model.goal, "here": bool(model.goal) and model.reached()},
            "settings": {n: states.plain(v) for n, v in model.settings().items()},
            "controls": wire(model.controls()),
            "idle": list(model.idle()),
            "scene": wire(model.scene()),
        }
    return shown[name]


def packed_table(
    around: Around, found: States, shown: dict[str, dict[str, Any]], whole: bool
) -> bytes:
    """The states, and how one comes from each to the others."""
    packer, index, start = Packer(), {k: i for i, k in enumerate(found)}, around.start
    ways = Ways(found, around.time)
    more = {
        "start": index[key(start)],
        "whole": whole,
        "keys": [[states.plain(v) for v in states.values(model)] for model in found.values()],
        "time": around.time,
        "names": list(start.settings()),
        "colors": Widget(start).colors,
        "goal": f"{start.lesson}/{start.function}" if start.goal and start.lesson else "",
        "tour": [
            {"words": s.words, "light": s.light, "to": index[key(start.on_tour(s))]}
            for s in start.tour
        ],
        "press": {a: packer.numbers(ways.pressed(a)) for a in actions(start)},
        "drag": ways.dragged(),
        "jump": {
            name: [[value, packer.numbers(to)] for value, to in targets]
            for name, targets in ways.jumps().items()
        },
    }
    return packer.pack([state(k, model, shown) for k, model in found.items()], more)


class Ways:
    """Where buttons and menus lead, from every state."""

    def __init__(self, found: States, time: str) -> None:
        self.models = list(found.values())
        self.index = {k: i for i, k in enumerate(found)}
        self.time = time
        self.names = list(self.models[0].settings())
        self.rows = [states.values(model) for model in self.models]
        self.ladders: dict[str, list[tuple[Any, int]]] = {}
        for i, model in enumerate(self.models):
            self.ladders.setdefault(self.timeless(model), []).append((self.moment(model), i))

    def timeless(self, model: Model) -> str:
        """All settings but time."""
        return json.dumps([states.plain(v) for n, v in model.settings().items() if n != self.time])

    def moment(self, model: Model) -> Any:
        """When it is."""
        return getattr(model, self.time) if self.time else 0

    def pressed(self, action: str) -> list[int]:
        """Of every state, where a button leads: twice its number, and NEAR."""
        return [self.to(model, model.after(action)) for model in self.models]

    def to(self, model: Model, after: Model) -> int:
        """Where another state is; else the next moment of it that there is; else NOWHERE."""
        exact = self.index.get(key(after), NOWHERE)
        if exact >= 0:
            return 2 * exact
        steps = sorted(self.ladders.get(self.timeless(after), ()))
        if not steps:
            return NOWHERE
        now, then = self.moment(model), self.moment(after)
        onward = [i for t, i in steps if (t >= then if then > now else t <= then)]
        if not onward:
            return NOWHERE
        return 2 * (onward[0] if then > now else onward[-1]) + NEAR

    def dragged(self) -> dict[str, list[Any]]:
        """Of each control, what its values set besides: [value, settings], if it is always the same."""
        return {name: ways for name in self.menus() if (ways := self.besides(name))}

    def besides(self, name: str) -> list[Any]:
        found = []
        for value in self.values(name):
            tried = [(model, states.changed(model, {name: value})) for model in self.some()]
            union: dict[str, Any] = {}
            for model, after in tried:
                union |= moved(model, after, name)
            for _, after in tried:
                if after and any(states.plain(getattr(after, n)) != v for n, v in union.items()):
                    return []  # it depends on the state: jumps tells of it
            if union:
                found.append([value, union])
        return found

    def jumps(self) -> dict[str, list[tuple[Any, list[int]]]]:
        """Of a control whose values set besides what depends on the state: where each value leads."""
        found = {}
        for name in self.menus():
            if self.moves_others(name) and not self.besides(name):
                models = self.models
                found[name] = [
                    (value, [self.jump(model, name, value) for model in models])
                    for value in self.values(name)
                ]
        return found

    def jump(self, model: Model, name: str, value: Any) -> int:
        after = states.changed(model, {name: value})
        return NOWHERE if after is None else self.to(model, after)

    def moves_others(self, name: str) -> bool:
        """Whether any value of a control sets something besides."""
        return any(
            moved(model, states.changed(model, {name: value}), name)
            for model in self.some()
            for value in self.values(name)
        )

    def menus(self) -> list[str]:
        """The controls that hold a value, but for time."""
        names = dict.fromkeys(c.name for c in inputs(self.models[0]))
        return [name for name in names if name != self.time]

    def values(self, name: str) -> list[Any]:
        """All values that a setting has in the table."""
        return list(dict.fromkeys(states.plain(getattr(m, name)) for m in self.models))

    def some(self) -> Sequence[Model]:
        """A few states to try things on."""
        return self.models[:: max(1, len(self.models) // 40)]


def moved(model: Model, after: Model | None, name: str) -> dict[str, Any]:
    """The settings that were set besides this one."""
    if after is None:
        return {}
    now = model.settings()
    return {n: states.plain(v) for n, v in after.settings().items() if n != name and v != now[n]}
