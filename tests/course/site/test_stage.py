"""What the pages are made of: links, places, and where the repository lies."""

from pathlib import Path

import pytest

from nnlib.course import build
from nnlib.course.site import __main__ as building
from nnlib.course.site import address, copies, front, live, stage

ROOT = Path(__file__).resolve().parents[3]
LESSON = build.lessons(ROOT)[0].file
REPOSITORY = "https://github.com/somebody/course"


@pytest.fixture
def staged(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    return stage.Stage(ROOT, tmp_path / "source")


def test_the_address_is_said_in_one_place(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    project = tmp_path / "pyproject.toml"
    project.write_text("[project]\n[project.urls]\n", encoding="utf-8")
    assert address.repository(tmp_path) == ""
    project.write_text(
        f'[project]\n[project.urls]\nRepository = "{REPOSITORY}/"\n', encoding="utf-8"
    )
    assert address.repository(tmp_path) == REPOSITORY
    monkeypatch.setenv("GITHUB_REPOSITORY", "another/fork")
    assert address.repository(tmp_path) == "https://github.com/another/fork"


def test_the_readme_has_the_badges_of_the_address(monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert building.badged(ROOT, readme) == readme, "python -m nnlib.course.site badges"
    monkeypatch.setenv("GITHUB_REPOSITORY", "somebody/course")
    badged = building.badged(ROOT, readme)
    assert f"({REPOSITORY}/actions/workflows/test.yml/badge.svg)" in badged
    assert f"github/somebody/course/blob/colab/notebooks/{LESSON}" in badged
    assert "https://somebody.github.io/course/" in badged


def test_links_to_files_that_are_no_page(staged):
    here = ROOT / "docs" / "reading.md"
    assert staged.relinked(here, "[it](../nnlib/tape.py)") == (
        '<a href="../_modules/nnlib/tape.html">it</a>'
    )
    assert staged.relinked(here, "[it](grading.md#hand-out)") == "[it](grading.md#hand-out)"
    assert staged.relinked(here, "[it](../README.md)") == "[it](../index.md)"
    assert staged.relinked(here, "[it](../LICENSE)") == "it"
    staged.address = REPOSITORY
    assert staged.relinked(here, "[it](../LICENSE)") == f"[it]({REPOSITORY}/blob/HEAD/LICENSE)"


def test_without_an_address_no_page_links_to_colab_or_binder(staged):
    here = Path("notebooks") / LESSON
    assert "colab" not in staged.top(here)
    staged.address = REPOSITORY
    top = staged.top(here)
    assert f"github/somebody/course/blob/colab/notebooks/{LESSON}" in top
    assert f"mybinder.org/v2/gh/somebody/course/HEAD?urlpath=lab/tree/notebooks/{LESSON}" in top


def test_no_answer_stands_in_the_place_of_a_question():
    asked = build.read(ROOT / "notebooks" / LESSON)
    lives = [x for x in live.of_notebook(ROOT / "notebooks" / LESSON) if x.kind != "widget"]
    cells = {cell.id: cell for cell in asked.cells}
    assert lives
    for each in lives:
        html = stage.place(cells[each.cell], each)
        assert "<details" not in html
        assert "Not this one." not in html
        assert each.name in html


def test_formulas_and_code_in_a_summary():
    text = "<summary>Why is $x$ in `W`?</summary>"
    assert stage.formulas_in_summaries(text) == (
        '<summary>Why is <span class="math notranslate nohighlight">\\(x\\)</span> '
        "in <code>W</code>?</summary>"
    )


def test_what_a_cell_shows_is_called_by_itself():
    assert live.called('x = 1\nask("01", "warm_up")') == "ask('01', 'warm_up')"
    assert live.called("print(1)") == live.called("%timeit 1") == live.called("") == ""
    with pytest.raises(ValueError, match="write values in place of names"):
        live.shown(Path("some.ipynb"), "ask(lesson, 'warm_up')")


def test_copies_for_colab_install_the_course_and_link_to_each_other(tmp_path):
    copies.for_colab(ROOT, tmp_path, REPOSITORY)
    copy = build.read(tmp_path / "notebooks" / LESSON)
    assert f"git+{REPOSITORY}" in copy.cells[1].source
    texts = "\n".join(cell.source for cell in copy.cells if cell.cell_type == "markdown")
    targets = [match[2] for match in stage.LINK.finditer(texts)]
    assert targets
    assert all("://" in target or target.startswith("#") for target in targets)
    assert f"/blob/colab/exercises/{Path(LESSON).stem}/{LESSON}" in texts


def test_copies_for_the_browser_see_each_other(tmp_path):
    copies.for_lite(ROOT, tmp_path, "")
    copy = build.read(tmp_path / "notebooks" / LESSON)
    assert '%pip install -q "nnlib-course[lite]"' in copy.cells[1].source
    texts = "\n".join(cell.source for cell in copy.cells if cell.cell_type == "markdown")
    for match in stage.LINK.finditer(texts):
        file = match[2].partition("#")[0]
        assert "://" in file or (tmp_path / "notebooks" / file).exists(), match[0]


def test_only_where_jupyterlite_is_there_pages_link_to_it(staged):
    here = Path("exercises") / "01a_neuron" / "01a_neuron.ipynb"
    assert "lite" not in staged.top(here)
    staged.lite = True
    assert 'href="../../lite/lab/index.html?path=exercises/01a_neuron/01a' in staged.top(here)


def test_the_first_page_has_what_the_readme_says_of_where_it_runs():
    page = front.page(ROOT, [])
    assert "## Where it runs" in page
    assert "`make lab`" in page
    assert "{" not in page.replace("```{toctree}", "")
