"""What lives on the pages: tables say what Python says, questions keep their answers until asked."""

import json
import random
import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from nnlib.course import progress
from nnlib.course.kit.piece import Piece
from nnlib.course.kit.widget import Model
from nnlib.course.site import __main__ as building
from nnlib.course.site import live, states, tables
from nnlib.course.site.packing import halved
from tests.browser.lab import REPOSITORY, movable, picture, press

from .conftest import HTML, Site

pytestmark = pytest.mark.slow  # make test-site
NOTEBOOKS = sorted(REPOSITORY.glob("notebooks/[0-9]*.ipynb"))
LIVES = [each for path in NOTEBOOKS for each in live.of_notebook(path)]
WIDGETS = {each.name: each for each in LIVES if each.kind == "widget"}
# 35 tanh layers of standard deviation 1 multiply the last digit, which BLAS may choose, by 10¹⁹.
# Of 32,000 entries in float32, up to 29 change bars with the number of BLAS's threads.
SLACK = {"15b_normalized_networks-robust": 0.05, "14_initialization-lab": 0.002}
PIECES = {each.name: each for each in LIVES if each.kind != "widget"}
READ = """async (text) => {
  head = await read(text);
  return { states: head.states, names: head.names, start: head.start, tour: head.tour };
}"""
STATE = """(k) => JSON.parse(JSON.stringify(stateAt(head, k), (name, value) => {
  if (!value?.bytes) return value;
  const numbers = [...new Float32Array(value.bytes.buffer)].map((v) => Number.isFinite(v) ? v : String(v));
  return { shape: value.shape, numbers };
}))"""
CHANGED = "([now, change]) => changed(head, now, change).map((part) => part ?? null)"


@pytest.fixture(scope="module")
def reader(html: Any, browser: Browser) -> Page:
    """A page with what reads a table."""
    page = browser.new_page()
    page.add_script_tag(content=(building.HERE / "table.js").read_text(encoding="utf-8"))
    return page


def packed(name: str) -> str:
    """A table as the site has it."""
    text = (HTML / "_static" / "tables" / f"{name}.js").read_text(encoding="utf-8")
    return text.split('"')[3]


def same(ours: Any, theirs: Any, slack: float = 1e-4, ticks: Any = None) -> None:
    """What the page has for `ours` of Python: words alike, numbers to `slack`, shades to 0.5 %."""
    if isinstance(ours, dict) and "bytes" in ours:
        values = np.frombuffer(ours["bytes"], "<f4").reshape(ours["shape"])
        if ticks:
            low, high = ticks[0][0], ticks[-1][0]
            values = np.clip(halved(values), low, high)
        found = np.array(theirs["numbers"], dtype=float).reshape(theirs["shape"])
        allowed = 0.005 * (high - low) if ticks else slack * (np.abs(values) + 0.01)
        both = np.isfinite(values)
        assert (both == np.isfinite(found)).all()
        assert (np.abs(values - found) <= allowed)[both].all()
    elif isinstance(ours, dict):
        assert list(ours) == list(theirs)
        heat = ours["ticks"] if ours.get("kind") == "Heat" else None
        for name, part in ours.items():
            same(part, theirs[name], slack, heat if name == "values" else None)
    elif isinstance(ours, list | tuple):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            same(one, other, slack)
    elif isinstance(ours, float):
        assert theirs == pytest.approx(ours, rel=1e-6, abs=1e-9)
    else:
        assert ours == theirs


def again(start: Model, settings: dict[str, Any]) -> Model:
    """The model of Python at the settings that the page has."""
    ours = start.settings()
    told = {n: json.loads(v) if isinstance(ours[n], tuple) else v for n, v in settings.items()}
    return type(start)(**{name: type(ours[name])(value) for name, value in told.items()})


@pytest.mark.parametrize("name", WIDGETS)
def test_a_table_says_what_python_says(reader: Page, name: str) -> None:
    start = WIDGETS[name].shown.model
    head = reader.evaluate(READ, packed(name))
    assert again(start, head["states"][head["start"]]) == start
    chance = random.Random(name)
    for k in chance.sample(range(len(head["states"])), min(40, len(head["states"]))):
        model = again(start, head["states"][k])
        same(tables.state("", model, {}), reader.evaluate(STATE, k), SLACK.get(name, 1e-4))


@pytest.mark.parametrize("name", WIDGETS)
def test_what_is_not_stored_goes_to_something_that_is_and_says_so(reader: Page, name: str) -> None:
    start = WIDGETS[name].shown.model
    head = reader.evaluate(READ, packed(name))
    chance = random.Random(name)
    tried = 0
    for _ in range(200):
        now = chance.randrange(len(head["states"]))
        model = again(start, head["states"][now])
        control = chance.choice(states.inputs(model))
        if not (values := states.positions(control)):
            continue
        value = chance.choice(values)
        wish = states.changed(model, {control.name: value})
        to, note = reader.evaluate(CHANGED, [now, {control.name: value}])
        if wish is not None and to is not None and not note:
            assert again(start, head["states"][to]) == wish
        else:
            assert note.startswith("This page")
            assert to is None or again(start, head["states"][to])
            tried += 1
        if tried == 10:
            break


@pytest.mark.parametrize("name", WIDGETS)
def test_every_table_is_small_and_has_the_goal(reader: Page, name: str) -> None:
    start = WIDGETS[name].shown.model
    assert len(packed(name)) * 3 / 4 <= tables.BUDGET
    if start.goal:
        head = reader.evaluate(READ, packed(name))
        goals = (reader.evaluate(STATE, k)["goal"]["here"] for k in range(len(head["states"])))
        assert any(goals), f"{start.function}: on_every_page wants settings that reach the goal"


def test_all_tables_together_are_small() -> None:
    files = list((HTML / "_static" / "tables").glob("*.js"))
    assert files
    assert sum(path.stat().st_size for path in files) <= 30_000_000


@pytest.mark.parametrize("name", WIDGETS)
def test_a_key_moves_picture_and_words(site: Site, name: str) -> None:
    site.open(f"notebooks/{WIDGETS[name].page}.html")
    widget = site.alive(name).locator(".nnlib")
    controls = movable(widget)
    sliders = [pair for pair in controls if "ArrowRight" in pair[1]]
    control, keys = [controls[0], *sliders][-1]
    press(widget, control, keys[0])
    assert site.said == []


def test_a_widget_is_live_on_the_first_page(site: Site) -> None:
    page = site.open("index.html")
    place = page.locator(".nnlib-live").first
    page.wait_for_selector(".nnlib-live.nnlib-alive canvas")
    before = picture(place)
    place.get_by_role("slider").first.press("ArrowRight")
    page.wait_for_timeout(500)
    assert picture(place) != before
    assert site.said == []


def answers(piece: Piece) -> list[str]:
    """All sentences that tell the answer of a question."""
    asked = piece.asked if isinstance(piece.asked, list) else [piece.asked]
    told: list[str] = []
    for each in asked:
        told += [each["seen"]] if "seen" in each else []
        told += each.get("explanations", ())
        told += [line["reason"] for line in each.get("lines", ())]
    parts = [part for text in told for part in re.split(r"\n\n|`", text)]  # code is set as such
    return [part[:60] for part in parts if len(part) > 25]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_answer_is_on_the_page_before_it_is_asked_for(site: Site, path: Any) -> None:
    own = [each for each in PIECES.values() if each.page == path.stem]
    page = site.open(f"notebooks/{path.stem}.html")
    stored = (HTML / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")
    for each in own:
        site.alive(each.name)
    text = page.content()
    for each in own:
        for sentence in answers(each.shown):
            assert sentence not in stored
            assert sentence not in text
    assert site.said == []


def of_kind(kind: str) -> live.Live:
    """The first question of a kind, which has options."""
    return next(
        each
        for each in PIECES.values()
        if each.kind == kind and (kind != "prediction" or each.shown.asked.get("options"))
    )


def test_a_prediction_is_kept_and_exported(site: Site) -> None:
    each = of_kind("prediction")
    page = site.open(f"notebooks/{each.page}.html")
    place = site.alive(each.name)
    asked = each.shown.asked
    place.get_by_role("radio").nth(asked["answer"]).press("Space")
    place.get_by_role("button", name="Commit").press("Enter")
    place.get_by_text("Right: so it is.").wait_for()
    record = site.record()
    assert record[f"predict: {each.shown.name}"]["result"] == "right"
    page.reload()
    page.goto((HTML / "notebooks" / "index.html").as_uri())
    assert "1 of 1 predicted right" in page.locator(".nnlib-record").inner_text()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export").click()
    exported = waiting.value.path().read_text(encoding="utf-8")
    today = exported.splitlines()[2]
    ours = progress._markdown(record).splitlines()
    assert exported.splitlines() == [*ours[:2], today, *ours[3:]]
    page.get_by_role("button", name="Forget it all").click()
    assert site.record() == {}
    assert site.said == []


def test_the_page_of_a_whole_record_is_that_of_python(site: Site) -> None:
    date = "2026-11-30T12:00:00+00:00"
    record = {
        "predict: 10a_momentum/race": {
            "result": "wrong", "date": date, "question": "Who is first?", "chosen": "SGD", "right": "both",
        },
        "order: 10a_momentum/step": {"result": "right", "date": date, "question": "Order.", "words": "All 3."},
        "goal: 01a_neuron/neuron_boundary": {"result": "reached", "date": date, "goal": "AND"},
    }  # fmt: skip
    page = site.open("notebooks/index.html")
    written = page.evaluate("([record, day]) => markdown(record, day)", [record, "2026-11-30"])
    ours = progress._markdown(record).splitlines()
    assert written.splitlines() == [*ours[:2], "# My progress on 2026-11-30", *ours[3:]]


def test_a_quiz_and_an_ordering_are_judged(site: Site) -> None:
    quiz, ordering = of_kind("quiz"), of_kind("ordering")
    site.open(f"notebooks/{quiz.page}.html")
    form = site.alive(quiz.name).locator("form").first
    form.get_by_role("radio").nth(quiz.shown.asked[0]["answer"]).press("Space")
    form.get_by_role("button", name="Check").press("Enter")
    assert form.get_by_role("status").inner_text().startswith("✓ Right.")
    site.open(f"notebooks/{ordering.page}.html")
    place = site.alive(ordering.name)
    place.get_by_role("button", name="Check").press("Enter")
    assert "stand right" in place.get_by_role("status").first.inner_text()
    assert f"order: {ordering.shown.name}" in site.record()
    assert site.said == []


def test_a_tour_goes_through_its_stops_and_back(site: Site) -> None:
    each = next(each for each in WIDGETS.values() if each.shown.model.tour)
    site.open(f"notebooks/{each.page}.html")
    place = site.alive(each.name)
    words = place.locator(".nnlib-words")
    before = words.inner_text()
    place.get_by_role("button", name="Tour").press("Enter")
    tour = each.shown.model.tour
    for k, stop in enumerate(tour):
        place.get_by_text(f"{k + 1} of {len(tour)}.").first.wait_for()
        there = each.shown.model.on_tour(stop)
        assert words.inner_text().startswith(there.scene().words)
        last = k + 1 == len(tour)
        place.locator(".nnlib-tour").get_by_role("button", name="Finish" if last else "Next").press(
            "Enter"
        )
    site.page.wait_for_timeout(400)
    assert words.inner_text() == before
    assert site.said == []
