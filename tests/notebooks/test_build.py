"""nnlib.course.build on a tiny course."""

import json

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import nnlib
from nnlib.course import build

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CODE = """\
import os
from pathlib import Path

progress = Path(os.environ["NNLIB_PROGRESS"])
print(progress.exists())
progress.write_text("{}")
os.environ["CI"]"""
SOLUTION = """\
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
    raise NotImplementedError("return 2x")"""


def facts(**changes):
    minutes = {"read": 40, "exercises": 20}
    return {"lesson": "01", "topics": ["NEU-01"], "minutes": minutes, "paths": ["core"]} | changes


def graded(source, grade_id, **role):
    role = {"grade": False, "solution": False, "locked": False, "schema_version": 3} | role
    metadata = {"nbgrader": {"grade_id": grade_id, "task": False} | role}
    return new_code_cell(source, id=grade_id, metadata=metadata)


@pytest.fixture
def course(tmp_path):
    """Two lessons and the solution of the first."""
    for name, title in (("01_neuron", "01 · The neuron"), ("02_layers", "02 · Layers")):
        text = f"# {title}\n\nYou build {name}.\nIt is small. It needs nothing.\n\nMore."
        cells = [
            new_markdown_cell(text, id="title"),
            new_code_cell(CODE, id="code"),
        ]
        lesson = new_notebook(cells=cells, metadata={"nnlib": facts(), "vscode": {"a": 1}})
        build.write(tmp_path / "notebooks" / f"{name}.ipynb", lesson)
    cells = [
        graded(SOLUTION, "double", solution=True),
        graded("double(2)", "double-check", grade=True, locked=True, points=1),
    ]
    build.write(tmp_path / "solutions/01_neuron/01_neuron.ipynb", new_notebook(cells=cells))
    return tmp_path


def stored(course):
    return {path.name: path.read_bytes() for path in (course / "notebooks").iterdir()}


def test_normalizing_keeps_what_a_reader_needs_and_drops_the_rest():
    data = {build.WIDGET_VIEW: {"model_id": "4f"}, "image/png": PIXEL, "text/plain": "a picture"}
    alt = {"image/png": {"alt": "a picture"}}
    outputs = [
        new_output("display_data", data, metadata=alt | {"editor": 1}),
        new_output("display_data", {build.WIDGET_VIEW: {"model_id": "5a"}}),
        new_output("stream", name="stdout", text="1\n"),
    ]
    kept = {"tags": ["raises-exception"], "nbgrader": {"grade": True}, "editable": False}
    kept |= {"jupyter": {"source_hidden": True}}
    noise = {"collapsed": True, "execution": {"iopub.status.busy": "2026"}}
    cell = new_code_cell("1", id="kept", metadata=kept | noise, outputs=outputs)
    metadata = {
        "nnlib": facts(),
        "widgets": {},
        "language_info": {"name": "python", "version": "3.11.7"},
    }
    notebook = build.normalize(new_notebook(cells=[cell], metadata=metadata))

    assert notebook.metadata == build.KERNEL | {"nnlib": facts()}
    assert cell.id == "kept"
    assert cell.metadata == kept
    picture, text = cell.outputs
    assert picture.data == {"image/png": PIXEL, "text/plain": "a picture"}
    assert picture.metadata == alt
    assert text.text == "1\n"


def test_a_cell_keeps_that_its_source_is_hidden_and_no_other_setting_of_jupyterlab():
    settings = {
        "both": {"source_hidden": True, "outputs_hidden": True},
        "one": {"outputs_hidden": True},
    }
    cells = [new_code_cell("1", id=name, metadata={"jupyter": s}) for name, s in settings.items()]
    both, one = build.normalize(new_notebook(cells=cells)).cells
    assert both.metadata == {"jupyter": {"source_hidden": True}}
    assert one.metadata == {}


def test_two_runs_give_the_same_bytes(course, monkeypatch):
    monkeypatch.chdir(course)
    assert build.main(["notebooks"]) == 0
    first = stored(course)
    assert build.main(["notebooks"]) == 0
    assert stored(course) == first
    assert set(first) == {"01_neuron.ipynb", "02_layers.ipynb", "index.ipynb"}
    assert not any(b"\r" in content for content in first.values())


def test_running_stores_outputs_in_order_and_links_the_lessons(course):
    build.build_notebooks(course)
    notebook = build.read(course / "notebooks" / "01_neuron.ipynb")
    title, top, code, bottom = notebook.cells
    assert title.id == "title"
    assert code.execution_count == 1
    assert [output.get("text") or output.data["text/plain"] for output in code.outputs] == [
        "False\n",
        "'1'",
    ]
    assert top.source == bottom.source
    assert top.source == "[The map of the course](index.ipynb) | [02 · Layers](02_layers.ipynb) →"
    after = build.read(course / "notebooks" / "02_layers.ipynb")
    assert after.cells[1].source.startswith("← [01 · The neuron](01_neuron.ipynb) | ")


def test_links_follow_when_a_lesson_goes(course):
    build.link(course)
    (course / "notebooks" / "02_layers.ipynb").unlink()
    build.link(course)
    cells = build.read(course / "notebooks" / "01_neuron.ipynb").cells
    assert [cell.id for cell in cells] == ["title", "navigation-top", "code", "navigation-bottom"]
    assert cells[1].source == "[The map of the course](index.ipynb)"


def test_named_notebooks_alone_are_run_again(course):
    build.build_notebooks(course, ["02_layers"])
    counts = [
        build.read(course / "notebooks" / f"{name}.ipynb").cells[2].execution_count
        for name in ("01_neuron", "02_layers")
    ]
    assert counts == [None, 1]
    with pytest.raises(ValueError, match="there is no notebook 03_loss"):
        build.build_notebooks(course, ["03_loss"])


def test_a_notebook_that_fails_is_not_stored(course):
    path = course / "notebooks" / "02_layers.ipynb"
    notebook = build.read(path)
    notebook.cells.append(new_code_cell("1 / 0", id="broken"))
    build.write(path, notebook)
    before = path.read_bytes()
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        build.execute(path)
    assert path.read_bytes() == before


def test_the_map_lists_lessons_minutes_exercises_and_ways(course):
    introduction, lessons, ways, _, progress, _ = build.index(course).cells
    assert introduction.source.startswith("# ")
    *_, first, second = lessons.source.splitlines()
    exercises = "[20 min](../exercises/01_neuron/01_neuron.ipynb)"
    assert first == (
        f"| [01 · The neuron](01_neuron.ipynb) | You build 01_neuron. | 40 min | {exercises} |"
    )
    assert second.endswith("| 40 min | 20 min |")
    assert (
        "**Core course** (2 lessons, about 2 hours): [01](01_neuron.ipynb) · [02](" in ways.source
    )
    assert "Theory" not in ways.source
    assert progress.source.endswith("progress()")


def lesson(number, *paths):
    return build.Lesson(f"{number}_topic.ipynb", number, "You learn.", 40, 20, (), paths)


def test_the_map_says_which_lessons_are_not_written_yet(tmp_path):
    known = [lesson(number) for number in ("01a", "01b", "03", "07", "09")]
    assert build.unwritten(known) == "02, 04 to 06, 08"
    assert "Not written yet: 02, 04 to 06, 08." in build.table(tmp_path, known)
    assert "Not written yet" not in build.table(tmp_path, known[:2])


def test_another_way_tells_what_it_adds_to_the_core():
    core = [lesson("01", "core", "theory"), lesson("02", "core", "theory")]
    assert "Theory" not in build.ways(core)
    longer = build.ways([*core, lesson("03", "theory")])
    added = "the core course, and [03](03_topic.ipynb)"
    assert longer.endswith(f"- **Theory path** (3 lessons, about 3 hours): {added}")


@pytest.mark.parametrize("missing", ["minutes", "topics", "paths"])
def test_a_lesson_without_its_facts_is_refused(course, missing):
    path = course / "notebooks" / "01_neuron.ipynb"
    notebook = build.read(path)
    del notebook.metadata["nnlib"][missing]
    build.write(path, notebook)
    with pytest.raises(
        ValueError, match=rf"01_neuron.ipynb: its metadata `nnlib` has no '{missing}'"
    ):
        build.lessons(course)


def test_a_lesson_without_a_title_is_refused(course):
    path = course / "notebooks" / "01_neuron.ipynb"
    build.write(path, new_notebook(cells=[new_markdown_cell("Hello")], metadata={"nnlib": facts()}))
    with pytest.raises(ValueError, match="the first cell has to begin with '# '"):
        build.lessons(course)


def test_exercises_are_made_of_solutions(course):
    build.build_exercises(course, course / "exercises")
    path = course / "exercises" / "01_neuron" / "01_neuron.ipynb"
    first = path.read_bytes()
    answer, check = build.read(path).cells
    assert "2 * x" not in answer.source
    assert answer.source.index("# your code here") < answer.source.index(
        "raise NotImplementedError"
    )
    assert check.metadata["nbgrader"]["points"] == 1
    assert check.metadata["editable"] is False
    assert build.read(path).metadata["nnlib"] == {"version": nnlib.__version__}
    build.build_exercises(course, course / "exercises")
    assert path.read_bytes() == first
    assert not list(course.glob("*.db"))


def test_what_is_written_is_valid_and_reads_back(tmp_path):
    notebook = new_notebook(cells=[new_markdown_cell("η", id="a")])
    build.write(tmp_path / "a.ipynb", notebook)
    text = (tmp_path / "a.ipynb").read_bytes().decode("utf-8")
    assert text.endswith("}\n")
    assert "η" in text
    assert json.loads(text)["cells"][0]["id"] == "a"
    notebook.cells[0]["outputs"] = []
    with pytest.raises(nbformat.ValidationError):
        build.write(tmp_path / "b.ipynb", notebook)


def test_an_unknown_command_explains_the_known(capsys):
    assert build.main(["lessons"]) == 2
    assert "nnlib.course.build notebooks" in capsys.readouterr().out
