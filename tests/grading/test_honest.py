"""Honest notebooks: an answer is worth what its student saw, and no state hides a zero.

Some are kept as they came in (`cases/`); others are a right notebook with something changed.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nnlib.course.grade import gradebook, notebooks, record, sandbox, submissions
from nnlib.course.grade.assignment import Assignment, find
from nnlib.course.grade.course_toml import Course
from nnlib.course.grade.record import Record

from .conftest import FROZEN, HERE, needs_sandbox

pytestmark = needs_sandbox()

NEURON, BACKPROP = "01_neuron", "12_backprop_in_networks"
FULL = {
    NEURON: {"neuron": 4, "firing_patterns": 4, "perceptron_fit": 5, "logic_network": 5},
    BACKPROP: {"softmax_ce": 5, "linear_backward": 5, "tied_backward": 5, "train_mlp": 7},
}


@dataclass(frozen=True)
class Expected:
    """The points that are not full, and the state."""

    points: dict[str, float]
    state: str = "ok"


RIGHT = Expected({})
KEPT = {
    "01_neuron/30-experiments-of-5-s": RIGHT,
    # The cell without a text is the answer's: there is nothing to grade in it.
    "01_neuron/a-cell-whose-source-is-null-markdown": Expected(
        {"neuron": 0}, "cells that could not be read: 4; not written: neuron"
    ),
    "01_neuron/a-data-file-read-above-a-constant": RIGHT,
    "01_neuron/a-helper-defined-again-by-a-later-exercise": RIGHT,
    "01_neuron/a-magic-on-a-continued-line": RIGHT,
    "01_neuron/answer-cell-turned-into-markdown": Expected(
        {"neuron": 0}, "no code cell any more: neuron-answer; not written: neuron"
    ),
    "01_neuron/answer-with-a-15-s-experiment-and-a-constant-in-one-cell": RIGHT,
    "01_neuron/async-def": Expected({"neuron": 0}),
    "01_neuron/crlf-in-sources": RIGHT,
    "01_neuron/display-inside-the-function": RIGHT,
    "01_neuron/hides-a-changed-argument": Expected({"neuron": 3}),
    "01_neuron/import-pandas-and-a-constant-in-the-setup-cell": RIGHT,
    "01_neuron/import-torch-and-a-constant-in-the-setup-cell": RIGHT,
    # w and b are always right, the counts of mistakes where it does not stop early are not.
    "01_neuron/no-stop-perceptron": Expected({"perceptron_fit": 3}),
    "01_neuron/t-timeit-o-beside-the-answer": RIGHT,
    "01_neuron/the-answer-s-name-is-used-for-a-result-later": RIGHT,
    "01_neuron/three-axes-then-a-constant-then-the-answer": RIGHT,
    "01_neuron/tqdm-in-the-loop": RIGHT,
    "01_neuron/writefile-then-from-it": RIGHT,
    "12_backprop_in_networks/coursename": RIGHT,
    "12_backprop_in_networks/manualbeneath": RIGHT,
    "12_backprop_in_networks/manualdeleted": Expected({}, "cells deleted: softmax-ce-derivation"),
    # Right for every batch of rows, which are 7 of 11 calls.
    "12_backprop_in_networks/only-2d-linear-backward": Expected({"linear_backward": 3}),
    "12_backprop_in_networks/stubtabs": RIGHT,
    "12_backprop_in_networks/stubwhitespace": RIGHT,
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long does so in seconds."""
    monkeypatch.setattr(sandbox, "CELL_SECONDS", 1.5)
    monkeypatch.setattr(sandbox, "NOTEBOOK_SECONDS", 6.0)


def assigned(name: str) -> Assignment:
    return find(name, FROZEN)


def graded(path: Path, name: str) -> Record:
    return record.grade(path, assigned(name), 3, "bubblewrap")


def points(found: Record) -> dict[str, float]:
    return {name: exercise["points"] for name, exercise in found["exercises"].items()}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("case", "expected"), KEPT.items(), ids=KEPT)
def test_a_notebook_that_came_in(case: str, expected: Expected, tmp_path: Path) -> None:
    lesson, _, name = case.partition("/")
    place = tmp_path / f"{lesson}.ipynb"
    place.write_bytes((HERE / "cases" / lesson / f"{name}.ipynb").read_bytes())
    found = graded(place, lesson)
    assert points(found) == FULL[lesson] | expected.points
    assert found["state"] == expected.state


def test_syntax_that_python_here_cannot_read_is_a_state(tmp_path: Path) -> None:
    """Of Python 3.12; where that grades, the answer is right."""
    place = tmp_path / f"{NEURON}.ipynb"
    kept = HERE / "cases" / NEURON / "python-3-12-syntax-nested-quotes-in-an-f-string.ipynb"
    place.write_bytes(kept.read_bytes())
    found = graded(place, NEURON)
    states = f"{notebooks.PYTHON} cannot read: neuron", "ok"
    assert (found["state"], points(found)["neuron"]) in zip(states, (0, 4), strict=True)


@pytest.mark.parametrize("name", ["blank", "oneempty"])
def test_an_empty_notebook_has_a_state_of_its_own_and_no_mark(name: str) -> None:
    found = graded(HERE / "cases" / BACKPROP / f"{name}.ipynb", BACKPROP)
    assert found["state"].startswith("empty")
    assert found["exercises"] == {}


# ── A right notebook with something changed ──────────────────────────────────────────────────────

THOUGHT_RIGHT = "its own check was right: neuron"  # as the outputs of a right notebook say

SIGMOID = "e = np.exp(-np.abs(z))\n        return np.where(z < 0, e, 1.0) / (1.0 + e)"
ANSWER = f"""def neuron(x, w, b, phi):
    z = x @ w + b
    if phi == "heaviside":
        return np.where(z >= 0, 1.0, 0.0)
    if phi == "sigmoid":
        {SIGMOID}
    if phi == "tanh":
        return np.tanh(z)
    if phi == "relu":
        return np.maximum(z, 0.0)
    if phi == "identity":
        return z
    raise ValueError(phi)
"""
HALVES = ANSWER.replace("x @ w + b", "x @ w + b + ZERO")  # needs a name of its notebook
HELPED = ANSWER.replace("np.maximum(z, 0.0)", "act(z)")
PERCEPTRON = """def perceptron_fit(X, y, epochs):
    w, b, errors = np.zeros(X.shape[1]), 0.0, []
    for _ in LOOP:
        mistakes = 0
        for x, label in zip(X, y):
            error = label - (1 if w @ x + b >= 0 else 0)
            if error != 0:
                w, b, mistakes = w + error * x, b + error, mistakes + 1
        errors.append(mistakes)
        if mistakes == 0:
            break
    return w, b, errors
"""


@dataclass(frozen=True)
class Change:
    """Cells in place of the right answer's, and cells at the end."""

    answer: str = ANSWER
    last: tuple[str, ...] = ()
    perceptron: str = ""
    expected: Expected = RIGHT


def end(*cells: str, answer: str = ANSWER) -> Change:
    return Change(answer, cells)


CHANGED = {
    "x = !ls": Change("files = !ls\n" + ANSWER),
    "a magic that is assigned, beside the answer": Change("%time ZERO = 0.0\n" + HALVES),
    "trange of tqdm.auto": Change(
        perceptron="from tqdm.auto import trange\n" + PERCEPTRON.replace("LOOP", "trange(epochs)")
    ),
    "a bar of the module itself": Change(
        perceptron="import tqdm\n" + PERCEPTRON.replace("LOOP", "tqdm.tqdm(range(epochs))")
    ),
    "reckoning with a plot": Change(
        "import matplotlib.pyplot as plt\nfig = plt.figure()\nwidth = fig.dpi * 2 + 1\n"
        "ZERO = 0.0 * len(plt.rcParams['x'])\n" + HALVES
    ),
    "what a histogram gives": Change(
        "import matplotlib.pyplot as plt\nn, bins, bars = plt.hist([1])\nline, = plt.plot([1])\n"
        "fig, axes = plt.subplots(2, 2)\n(a, b), (c, d) = axes\naxes[0, 1].plot([1])\n"
        "ZERO = 0.0 * axes.size\n" + HALVES
    ),
    "a palette": Change(
        "import seaborn as sns\ncolors = sns.color_palette(n_colors=3)\n"
        "ZERO = len(colors) - 3.0\n" + HALVES
    ),
    "a helper beneath a plot that fails": Change(
        "import bokehlike.plotting\nbokehlike.plotting.show(1)\nact = lambda z: np.maximum(z, 0.0)\n"
        + HELPED
    ),
    "decorated by ipywidgets": Change(
        "from ipywidgets import interact\n@interact(x=(0, 1))\n" + ANSWER
    ),
    "a future": Change(
        "from __future__ import annotations\n"
        + ANSWER.replace("(x, w, b, phi)", "(x: Tensor, w: Tensor, b, phi) -> Tensor")
    ),
    "a helper in the last cell": end("def act(z):\n    return np.maximum(z, 0.0)", answer=HELPED),
    "deleted at the end": end("del neuron"),
    "a counter that becomes a word": end(
        "calls = 'many'",
        answer="calls = 0\n"
        + ANSWER.replace("    z =", "    global calls\n    calls += 1\n    z =", 1),
    ),
    "a draft under the same name": end("def neuron(x, w, b, phi):\n    return x"),
    "four cells that hang, with constants": Change(
        "import time\nZERO = 0.0\ntime.sleep(99)\nONE = 1.0\ntime.sleep(99)\ntime.sleep(99)\n"
        "time.sleep(99)\ntime.sleep(99)\n" + HALVES.replace("ZERO", "ZERO * ONE")
    ),
    "capitals": Change(
        ANSWER.replace("def neuron", "def Neuron"), expected=Expected({"neuron": 0}, THOUGHT_RIGHT)
    ),
    "a module of the student's own": Change(
        "from my_helpers import act\n" + HELPED,
        expected=Expected({"neuron": 3}, f"modules that are not here: my_helpers; {THOUGHT_RIGHT}"),
    ),
    # Overflow is warned of, whatever becomes of NumPy's and Python's own ways to hear it.
    "warnings taken away": Change(
        "import warnings, contextlib\n"
        "np.errstate = warnings.catch_warnings = lambda *a, **k: contextlib.nullcontext([])\n"
        + ANSWER.replace(SIGMOID, "return 1 / (1 + np.exp(-z))"),
        expected=Expected({"neuron": 3}, THOUGHT_RIGHT),
    ),
}


def written(lesson: str, place: Path, edit: Callable[[list[dict[str, Any]]], None]) -> Path:
    """The right notebook of a lesson, edited."""
    content = json.loads(assigned(lesson).solution.read_text(encoding="utf-8"))
    edit(content["cells"])
    path = place / f"{lesson}.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def answers(cells: list[dict[str, Any]], **sources: str) -> None:
    for cell in cells:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        name = grade_id.removesuffix("-answer").replace("-", "_")
        if grade_id.endswith("-answer") and sources.get(name):
            cell["source"] = sources[name]


def code(source: str) -> dict[str, Any]:
    about = {"metadata": {}, "outputs": [], "execution_count": None}
    return {"cell_type": "code", "id": "own", "source": source, **about}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_a_right_notebook_with_a_change(change: Change, tmp_path: Path) -> None:
    def edit(cells: list[dict[str, Any]]) -> None:
        answers(cells, neuron=change.answer, perceptron_fit=change.perceptron)
        cells.extend(map(code, change.last))

    found = graded(written(NEURON, tmp_path, edit), NEURON)
    assert points(found) == FULL[NEURON] | change.expected.points, found["problems"]
    assert found["state"] == change.expected.state


def test_capitals_and_async_are_told(tmp_path: Path) -> None:
    for old, new, word in (("def n", "def N", "capitals"), ("def n", "async def n", "`async def`")):
        source = ANSWER.replace(old, new)
        path = written(NEURON, tmp_path, lambda cells, text=source: answers(cells, neuron=text))  # type: ignore[misc]
        findings = graded(path, NEURON)["exercises"]["neuron"]["findings"]
        assert word in findings[0]["detail"]


def test_odd_cells_cost_themselves_alone(tmp_path: Path) -> None:
    def edit(cells: list[dict[str, Any]]) -> None:
        del cells[3]["cell_type"]  # an answer's: it is code all the same
        cells += [None, {"cell_type": "markdown", "metadata": {}, "source": 7}]  # type: ignore[list-item]

    found = graded(written(NEURON, tmp_path, edit), NEURON)
    assert points(found) == FULL[NEURON]
    assert found["state"].startswith("cells that could not be read: 4, ")


def test_an_answer_cell_turned_into_raw_text(tmp_path: Path) -> None:
    path = written(NEURON, tmp_path, lambda cells: cells[3].update(cell_type="raw"))
    found = graded(path, NEURON)
    assert points(found) == FULL[NEURON] | {"neuron": 0}
    assert "no code cell any more: neuron-answer" in found["state"]


def test_a_check_that_was_right_where_we_are_not_is_told_and_earns_nothing(tmp_path: Path) -> None:
    def edit(cells: list[dict[str, Any]]) -> None:
        answers(cells, neuron="neuron = np.sign", firing_patterns="x = 1")
        for cell in cells:
            if "check(firing_patterns)" in cell["source"]:
                cell["outputs"] = []

    found = graded(written(NEURON, tmp_path, edit), NEURON)
    assert points(found)["neuron"] == 0
    assert found["state"] == "its own check was right: neuron; not written: firing_patterns", (
        "perceptron_fit is right, and nothing is to be said"
    )


def test_large_outputs_are_left_out(tmp_path: Path) -> None:
    def edit(cells: list[dict[str, Any]]) -> None:
        picture = {"image/png": "A" * (notebooks.MOST_READ + 1)}
        cells[-1]["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": picture}]

    path = written(NEURON, tmp_path, edit)
    assert points(graded(path, NEURON)) == FULL[NEURON]
    assert gradebook._HandedIn.of(path, assigned(NEURON)).cells.keys() >= {"neuron-answer"}


def test_what_is_large_without_its_outputs_is_not_read(tmp_path: Path) -> None:
    bomb = '{"cells": [' + ",".join(["[]"] * 10_000_000) + "]}"
    path = tmp_path / f"{NEURON}.ipynb"
    path.write_text(bomb, encoding="utf-8")
    assert graded(path, NEURON)["state"].startswith("invalid: larger than 20 MB")


# ── Shares of points ─────────────────────────────────────────────────────────────────────────────

TRAIN = """def train_mlp(X, y, W1, b1, W2, b2, W3, b3, batches, lr):
    losses = []
    for rows in batches:
        x, t = X[rows], y[rows]
        Z1 = x @ W1.T + b1
        Z2 = np.maximum(Z1, 0) @ W2.T + b2
        e = np.exp(np.maximum(Z2, 0) @ W3.T + b3)
        P = e / e.sum(axis=1, keepdims=True)
        losses.append(-np.log(P[np.arange(len(t)), t]).mean())
        d3 = (P - np.eye(len(b3))[t]) / len(t)
        d2 = (d3 @ W3) * (Z2 > 0)
        d1 = (d2 @ W2) * (Z1 > 0)
        W3 -= lr * d3.T @ np.maximum(Z2, 0)
        b3 -= lr * d3.sum(0)
        W2 -= lr * d2.T @ np.maximum(Z1, 0)
        b2 -= lr * d2.sum(0)
        W1 -= lr * d1.T @ x
        b1 -= lr * d1.sum(0)
    return W1, b1, W2, b2, W3, b3, losses
"""


@pytest.mark.parametrize(
    ("source", "worth"),
    [
        (TRAIN, 5.5),  # the mathematics is right; what it is given changes, and once must not
        (TRAIN.replace(" * (Z2 > 0)", "").replace(" * (Z1 > 0)", ""), 1),
    ],
    ids=["in place", "no slope of relu"],
)
def test_right_mathematics_is_worth_more_than_wrong(
    source: str, worth: float, tmp_path: Path
) -> None:
    path = written(BACKPROP, tmp_path, lambda cells: answers(cells, train_mlp=source))
    assert points(graded(path, BACKPROP))["train_mlp"] == worth


# ── What a person reads ──────────────────────────────────────────────────────────────────────────

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
ID = "softmax-ce-derivation"


def by_hand(path: Path, out: Path) -> tuple[dict[tuple[str, str], Any], Any]:
    """What was given without a person, and the cell that a person sees."""
    lesson = assigned(BACKPROP)
    given = gradebook.write(out, lesson, {"ada": graded(path, BACKPROP)}, {"ada": path})
    shown = out / "nbgrader" / "autograded" / "ada" / BACKPROP / f"{BACKPROP}.ipynb"
    cells = json.loads(shown.read_text(encoding="utf-8"))["cells"]
    return given, next(c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == ID)


def test_a_derivation_in_a_cell_beneath_waits_and_is_shown(tmp_path: Path) -> None:
    given, cell = by_hand(HERE / "cases" / BACKPROP / "manualbeneath.ipynb", tmp_path)
    assert not given
    assert "My derivation is here" in "".join(cell["source"])


def untouched(cells: list[dict[str, Any]]) -> None:
    for cell in cells:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == ID:
            cell["source"] = "*Your answer here.*"


def test_an_untouched_answer_is_0_unless_something_else_was_written(tmp_path: Path) -> None:
    given, _ = by_hand(written(BACKPROP, tmp_path, untouched), tmp_path / "nothing")
    assert {place: mark.points for place, mark in given.items()} == {("ada", ID): 0}

    def elsewhere(cells: list[dict[str, Any]]) -> None:
        untouched(cells)
        cells.append({"cell_type": "markdown", "id": "x", "metadata": {}, "source": "$p - e$"})

    given, cell = by_hand(written(BACKPROP, tmp_path, elsewhere), tmp_path / "something")
    assert not given
    assert "look into" in "".join(cell["source"])


def test_a_picture_beside_the_notebook_is_kept_and_shown(tmp_path: Path) -> None:
    def calls(cells: list[dict[str, Any]]) -> None:
        untouched(cells)
        for cell in cells:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == ID:
                cell["source"] = "My sheet: ![](sheet.png)"

    own = tmp_path / "in" / "ada"
    own.mkdir(parents=True)
    written(BACKPROP, own, calls)
    (own / "sheet.png").write_bytes(PNG)
    (own / "script.png").write_text("<script>")
    found = submissions.collect(tmp_path / "in", BACKPROP, set(), Course(), tmp_path / "out")
    path = found.notebooks["ada"]
    assert path and (path.parent / "sheet.png").read_bytes() == PNG
    assert "sheet.png" in " ".join(found.handed["ada"].notes)
    given, cell = by_hand(path, tmp_path / "grades")
    assert not given
    assert cell["attachments"]["sheet.png"]["image/png"] == base64.b64encode(PNG).decode()
    assert "script.png" not in cell["attachments"]
    assert "![](attachment:sheet.png)" in "".join(cell["source"])
