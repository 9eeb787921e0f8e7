"""The notebooks as they are stored: run in order, lean, linked, and exercises made of solutions."""

import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from nbclient import NotebookClient

from nnlib.course import build

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "solutions").glob("*/*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("*/*.ipynb"))
ALL = [*LESSONS, *SOLUTIONS, *EXERCISES]


def each(paths):
    names = [path.relative_to(ROOT).as_posix() for path in paths]
    return pytest.mark.parametrize("path", paths, ids=names)


def code_cells(path):
    return [cell for cell in build.read(path).cells if cell.cell_type == "code"]


def test_there_is_a_course():
    assert LESSONS
    assert SOLUTIONS
    assert EXERCISES


@each([*LESSONS, *SOLUTIONS])
def test_every_cell_was_run_once_in_order_without_an_error(path):
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [o for cell in cells for o in cell.outputs if o.output_type == "error"]


@each(ALL)
def test_the_notebook_is_stored_normalized(path):
    before = path.read_bytes()
    assert build.normalize(build.read(path)) == build.read(path)
    assert b"\r" not in before
    assert b'"widgets"' not in before
    assert len(before) < 1_000_000


@each(ALL)
def test_no_code_cell_is_longer_than_a_screen(path):
    worked = {"solution"}  # an answer cell holds one whole function or class
    for cell in code_cells(path):
        answer = worked & {
            key for key, on in cell.metadata.get("nbgrader", {}).items() if on is True
        }
        assert len(cell.source.splitlines()) <= (60 if answer else 25), cell.id


@each([*LESSONS, *SOLUTIONS])
def test_a_picture_says_the_same_to_every_reader(path):
    outputs = [o for cell in code_cells(path) for o in cell.outputs if "data" in o]
    for output in outputs:
        if "image/png" in output.data and "alt" in output.metadata.get("image/png", {}):
            assert output.metadata["image/png"]["alt"] == output.data["text/plain"]


def test_links_between_lessons_are_up_to_date():
    known = build.lessons(ROOT)
    for position, lesson in enumerate(known):
        cells = build.read(ROOT / "notebooks" / lesson.file).cells
        assert cells[1].source == cells[-1].source == build.navigation(known, position)


def test_the_map_is_up_to_date():
    stored = build.read(ROOT / "notebooks" / "index.ipynb")
    expected = build.index(ROOT)
    assert [cell.source for cell in stored.cells] == [cell.source for cell in expected.cells]


# How many topics the course has, by their group; each is numbered from 01.
TOPICS = {
    "ACT": 16, "ATT": 15, "BN": 10, "BPG": 21, "BPN": 9, "CNN": 11, "CUR": 10, "DEP": 10,
    "DRO": 7, "FRW": 8,
    "GD": 13, "GEN": 6, "GLM": 18, "IMG": 4, "INI": 12, "LM": 16, "MLP": 20, "NEU": 13,
    "OPT": 12, "ORI": 11,
    "OUT": 15, "REG": 11, "REP": 8, "RNN": 12, "SGD": 16, "UAT": 6, "VAN": 8,
}  # fmt: skip


def test_every_topic_has_exactly_one_home():
    every = [f"{group}-{k:02}" for group, count in TOPICS.items() for k in range(1, count + 1)]
    homes = [topic for lesson in build.lessons(ROOT) for topic in lesson.topics]
    assert len(every) == 318
    assert sorted(homes) == sorted(every)


def test_every_learning_path_is_a_known_one_and_holds_the_core():
    for lesson in build.lessons(ROOT):
        assert set(lesson.paths) <= set(build.PATHS), lesson.file
        assert "core" not in lesson.paths or set(lesson.paths) == set(build.PATHS), lesson.file


def test_there_is_an_exercise_for_each_solution():
    assert [path.name for path in EXERCISES] == [path.name for path in SOLUTIONS]


@each(SOLUTIONS)
def test_an_exercise_is_what_nbgrader_makes_of_its_solution(path, tmp_path):
    shutil.copytree(path.parent, tmp_path / "solutions" / path.stem)
    build.build_exercises(tmp_path, tmp_path / "exercises")
    (fresh,) = (tmp_path / "exercises").glob("*/*")
    stored = ROOT / fresh.relative_to(tmp_path)
    assert fresh.read_bytes() == stored.read_bytes(), f"make exercises: {path.stem} has changed"


@pytest.mark.slow  # test_nbgrader.py runs the same notebooks, and looks at the same words
@each(EXERCISES)
def test_an_untouched_exercise_says_that_nothing_is_written_yet(path):
    notebook = build.read(path)
    where = {"metadata": {"path": str(path.parent)}}
    NotebookClient(
        notebook, kernel_name="python3", timeout=120, allow_errors=True, resources=where
    ).execute()
    checks = [c for c in notebook.cells if c.cell_type == "code" and c.source.startswith("check(")]
    assert checks
    for cell in checks:
        said = " ".join(str(output.get("data", output)) for output in cell.outputs)
        assert "not written yet" in said.lower(), cell.source


@each(ALL)
def test_a_page_has_one_title_and_no_rank_of_heading_is_skipped(path):
    texts = [cell.source for cell in build.read(path).cells if cell.cell_type == "markdown"]
    prose = re.sub(r"^```.*?^```", "", "\n".join(texts), flags=re.DOTALL | re.MULTILINE)
    ranks = [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)]
    assert ranks.count(1) == 1
    assert ranks[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))


@each(ALL)
def test_a_table_of_a_page_names_its_columns(path):
    texts = [cell.source for cell in build.read(path).cells if cell.cell_type == "markdown"]
    heads = re.findall(r"^(\|.*)\n\|[-:| ]+\|$", "\n".join(texts), re.MULTILINE)
    for head in heads:
        names = [name.strip() for name in head.strip("|").split("|")]
        assert any(names[1:]), head
        # A formula is drawn, and what is drawn has no text to be found or read aloud.
        assert all(re.sub(r"\$[^$]*\$", "", name) for name in names if name), head
