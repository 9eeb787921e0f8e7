"""Which states a table has, and that it fits. What the page makes of it, tests/site tries in a browser."""

import gzip
import json
import struct
from dataclasses import dataclass

import numpy as np

from nnlib.course.kit.scene import Line, Panel, Scene
from nnlib.course.kit.widget import Button, Model, choice, slider, steps
from nnlib.course.site import packing, states, tables
from nnlib.course.site.states import ALL, Around, Plan, key


@dataclass(frozen=True)
class Toy(Model):
    title = "A toy"
    goal = "reach (7, 3)"
    on_every_page = ({"x": 0.7, "y": 0.3},)
    buttons = (Button("best", "Best"),)

    x: float = slider("x", 0.0, 1.0, 0.1, at=0.5)
    y: float = slider("y", 0.0, 1.0, 0.1, at=0.5)
    kind: str = choice("Kind", {"a": "a", "b": "b"}, at="a")
    step: int = steps(4, Button("step", "Next", by=1))

    def changed(self, **settings):
        """Another kind begins anew."""
        return super().changed(**({"step": 0} if "kind" in settings else {}), **settings)

    def best(self):
        return self.changed(x=0.2)

    def reached(self):
        return (self.x, self.y) == (0.7, 0.3)

    def scene(self):
        way = np.array([[t, self.x * t + self.y] for t in range(self.step + 1)])
        return Scene((Panel((0, 4), (0, 5), "t", "y", (Line(way),)),), f"At {self.x}, {self.y}.")


def settings(found):
    return [tuple(model.settings().values()) for model in found.values()]


def test_where_all_are_few_they_are_all_there():
    found = Around(Toy()).states(Plan(ALL, ALL, 1, ALL))
    assert len(found) == 11 * 11 * 2 * 5


def test_a_coarse_plan_has_fine_arms_time_and_what_is_wanted():
    found = Around(Toy()).states(Plan(3, 2, ALL, 3))
    known = settings(found)
    for k in range(11):
        assert (round(0.1 * k, 9), 0.5, "a", 0) in known
        assert (round(0.1 * k, 9), 0.5, "b", 4) in known
    assert (0.7, 0.3, "a", 0) in known
    assert (0.7, 0.0, "b", 2) in known, "what is wanted is on the grid of all"
    assert (0.2, 0.5, "a", 2) in known, "where the button leads"
    assert (0.1, 0.1, "a", 0) not in known


def test_too_many_states_are_no_plan():
    @dataclass(frozen=True)
    class Large(Toy):
        on_every_page = ()
        z: float = slider("z", 0.0, 1.0, 0.01, at=0.5)

    assert Around(Large()).states(Plan(ALL, ALL, 1, ALL)) is None


def test_positions_are_those_that_the_browser_sends():
    x, y, kind, step, _, _ = Toy().controls()
    assert states.positions(x) == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert states.positions(kind) == ["a", "b"]
    assert states.positions(step) == [0, 1, 2, 3, 4]
    assert y.name == "y"


def test_a_table_fits_and_tells_where_controls_lead():
    found, packed, whole = tables.table(Toy())
    assert whole
    assert len(packed) < 30_000
    raw = gzip.decompress(packed)
    (size,) = struct.unpack("<I", raw[:4])
    head = json.loads(raw[4 : 4 + size])
    assert head["whole"]
    assert head["keys"][head["start"]] == [0.5, 0.5, "a", 0]
    assert head["drag"] == {"kind": [["a", {"step": 0}], ["b", {"step": 0}]]}
    ways = tables.Ways(found, "step")
    start = [*found].index(key(Toy()))
    assert ways.pressed("step")[start] == 2 * [*found].index(key(Toy(step=1)))


def test_what_a_control_sets_in_some_states_alone_is_told_for_each():
    class Gathered(Toy):
        def changed(self, **settings):
            """Another kind goes to the last step, but not from the first."""
            late = {"step": 4} if "kind" in settings and self.step else {}
            return Model.changed(self, **late, **settings)

    ways = tables.Ways(Around(Gathered()).states(Plan(3, 2, ALL, 3)), "step")
    assert "kind" not in ways.dragged()
    leads = dict(ways.jumps()["kind"])["b"]
    ends = {m.step: ways.models[to // 2].step for m, to in zip(ways.models, leads, strict=True)}
    assert ends == {0: 0, 1: 4, 2: 4, 3: 4, 4: 4}


def test_where_a_moment_is_not_stored_the_next_one_is():
    found = Around(Toy()).states(Plan(1, 1, 1, 3))
    ways = tables.Ways({k: m for k, m in found.items() if m.step != 3 and m.x == 0.5}, "step")
    models = ways.models
    at = next(i for i, m in enumerate(models) if m == Toy(step=2))
    assert ways.pressed("step")[at] == 2 * models.index(Toy(step=4)) + tables.NEAR


def test_a_line_that_grows_is_stored_once():
    long = np.arange(20, dtype="<f4").reshape(10, 2)
    cut = [packing.numbers({"bytes": long[:n].tobytes(), "shape": [n, 2]})[1] for n in range(2, 11)]
    arrays = packing.Arrays(cut)
    assert [rows.shape for _, _, rows in arrays.pools()] == [(1, 20)]
    assert arrays.entries()[2] == [2 * n for n in range(2, 11)]


def test_shades_come_back_from_what_their_neighbors_foretell():
    rows = np.random.default_rng(0).integers(0, 256, (3, 20), dtype=np.uint8)
    steps = np.frombuffer(packing.coded("h", rows, 5), np.uint8).reshape(3, 4, 5)
    back = steps.cumsum(1, dtype=np.uint8).cumsum(2, dtype=np.uint8)
    assert (back.reshape(3, 20) == rows).all()


def test_the_fingerprint_follows_the_settings():
    assert tables.fingerprint(Toy()) != tables.fingerprint(Toy(x=0.1))
