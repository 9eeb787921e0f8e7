"""The sources of the pages, for Sphinx: notebooks as they are stored, documents, a reference.

Everything keeps its place, so that links between notebooks and documents hold. Pictures become files;
what lives on a page becomes an empty place with the stored picture in it, which player.js fills.
"""

import re
import shutil
import struct
from base64 import b64decode
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from posixpath import normpath

import nbformat

from nnlib.course import build
from nnlib.course.build import Notebook
from nnlib.course.kit.widget import Widget
from nnlib.course.site import address, front, live
from nnlib.course.site.front import toctree

DOCUMENTS = ("docs/*.md", "CONTRIBUTING.md", "nnlib/course/lessons/README.md")
LINK = re.compile(r"\[([^]]*)\]\(([^)\s]+)\)")
SUMMARY = re.compile(r"<summary>(.*?)</summary>")
IN_SUMMARY = (  # Markdown is not read there
    (re.compile(r"\$([^$]+)\$"), r'<span class="math notranslate nohighlight">\\(\1\\)</span>'),
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
)


@dataclass
class Stage:
    """The folder of sources that is being made of the checkout `root`."""

    root: Path
    out: Path
    address: str = ""
    lite: bool = False  # whether JupyterLite lies beside the pages
    lives: list[live.Live] = field(default_factory=list)
    written: set[Path] = field(default_factory=set)

    def make(self) -> None:
        """Everything that Sphinx reads."""
        shutil.rmtree(self.out / "_static", ignore_errors=True)
        (self.out / "_static" / "pictures").mkdir(parents=True)
        (self.out / "_static" / "notebooks").mkdir()
        for path in notebooks(self.root):
            self.notebook(path)
        for pattern in DOCUMENTS:
            for path in sorted(self.root.glob(pattern)):
                self.write(
                    path.relative_to(self.root), self.relinked(path, path.read_text("utf-8"))
                )
        self.reference()
        self.write(Path("index.md"), front.page(self.root, self.lives))
        self.write(Path("conf.py"), Path(__file__).with_name("conf.py").read_text("utf-8"))
        for path in self.out.rglob("*.*"):  # of lessons that are no more
            if path not in self.written and not path.is_relative_to(self.out / "_static"):
                path.unlink(missing_ok=True)

    def write(self, path: Path, text: str) -> None:
        """A source, at the place that it has in the checkout. What is as it was, Sphinx leaves alone."""
        there = self.out / path
        self.written.add(there)
        if not there.exists() or there.read_text("utf-8") != text:
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_text(text, encoding="utf-8", newline="\n")

    # --- Notebooks -------------------------------------------------------------------------------

    def notebook(self, path: Path) -> None:
        """A notebook as a page: its text, its code, its stored outputs, and what lives."""
        here = path.relative_to(self.root)
        notebook = build.read(path)
        lives = {each.cell: each for each in live.of_notebook(path)}
        self.lives += lives.values()
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = self.relinked(path, formulas_in_summaries(cell.source))
            elif cell.cell_type == "code":
                self.outputs(cell, here, lives.get(cell.id))
        notebook.cells = [
            notebook.cells[0],
            nbformat.v4.new_markdown_cell(self.top(here), id="open"),
            *(c for c in notebook.cells[1:] if "navigation" not in c.metadata.get("tags", [])),
        ]
        if below := self.below(here):
            notebook.cells.append(nbformat.v4.new_markdown_cell(below, id="below"))
        self.write(here, nbformat.writes(notebook))
        shutil.copy2(path, self.out / "_static" / "notebooks" / downloaded(here))

    def outputs(self, cell: Notebook, here: Path, lives: live.Live | None) -> None:
        """Pictures as files, and a place for what lives there."""
        for k, output in enumerate(cell.outputs):
            data = output.get("data", {})
            if "image/png" in data:
                name = f"{here.stem}-{cell.id}-{k}.png"
                alt = output.metadata.get("image/png", {}).get("alt", "")
                output.data = {"text/html": self.picture(here, name, data["image/png"], alt)}
            elif "image/svg+xml" in data:
                data.pop("text/html", None)
        if lives:
            cell.outputs = [
                nbformat.v4.new_output("display_data", {"text/html": place(cell, lives)})
            ]
            if not isinstance(lives.shown, Widget):
                cell.metadata.tags = [*cell.metadata.get("tags", []), "remove-input"]
        elif cell.source.endswith("progress()") and here.stem == "index":
            html = '<div class="nnlib nnlib-record"></div>'
            cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": html})]
            cell.metadata.tags = ["remove-input"]

    def picture(self, here: Path, name: str, png: str, alt: str) -> str:
        """A PNG as a file of the site; its size is said, so that nothing moves when it comes."""
        raw = b64decode(png)
        (self.out / "_static" / "pictures" / name).write_bytes(raw)
        width, height = struct.unpack(">II", raw[16:24])
        up = "../" * (len(here.parts) - 1)
        return (
            f'<img class="nnlib-picture" src="{up}_static/pictures/{name}" alt="{escape(alt)}" '
            f'width="{width}" height="{height}" loading="lazy">'
        )

    def top(self, here: Path) -> str:
        """Where the notebook itself can be had."""
        up = "../" * (len(here.parts) - 1)
        file = f"{up}_static/notebooks/{downloaded(here)}"
        links = [f'<a href="{file}" download="{here.name}">Download the notebook</a>']
        if self.lite:
            there = f"{up}lite/lab/index.html?path={here.as_posix()}"
            links.append(f'<a class="nnlib-lite" href="{there}">Open in JupyterLite</a>')
        if self.address:
            links += [
                f'<a href="{address.colab(self.address, here.as_posix())}">Open in Colab</a>',
                f'<a href="{address.binder(self.address, here.as_posix())}">Open in Binder</a>',
            ]
        where = f'<a href="{up}index.html#where-it-runs">Where it runs</a>'
        return f'<p class="nnlib-open">{" · ".join([*links, where])}</p>'

    def below(self, here: Path) -> str:
        """What stands beneath a page in the side bar: a lesson's exercises."""
        exercise = Path("exercises") / here.stem / here.name
        if here.parts[0] == "notebooks" and (self.root / exercise).exists():
            return toctree([f"../{exercise.with_suffix('').as_posix()}"])
        return ""

    # --- Documents -------------------------------------------------------------------------------

    def relinked(self, path: Path, text: str) -> str:
        """Links to files that are no page: to their source on the site, or in the repository."""
        here = path.relative_to(self.root)

        def link(match: re.Match[str]) -> str:
            words, target = match[1], match[2]
            file, _, _ = target.partition("#")
            if not file or "://" in target or target.startswith("mailto:"):
                return match[0]
            there = normpath((here.parent / file).as_posix())
            up = "../" * (len(here.parts) - 1)
            if there == "README.md":
                return f"[{words}]({up}index.md)"
            if there in self.pages:
                return match[0]
            if there.startswith("nnlib/") and there.endswith(".py"):
                return f'<a href="{up}_modules/{there[:-3]}.html">{words}</a>'
            if self.address:
                return f"[{words}]({address.source(self.address, there)})"
            return words

        return LINK.sub(link, text)

    @cached_property
    def pages(self) -> frozenset[str]:
        """The files of which the site has a page, or the file itself."""
        documents = [p for pattern in DOCUMENTS for p in self.root.glob(pattern)]
        files = [*notebooks(self.root), *documents]
        return frozenset(p.relative_to(self.root).as_posix() for p in files)

    # --- The library -----------------------------------------------------------------------------

    def reference(self) -> None:
        """A page for every public module of the library, found by itself."""
        library = self.root / "nnlib"
        found = {
            path.stem if path.suffix else path.name
            for path in library.iterdir()
            if path.suffix == ".py" or (path / "__init__.py").exists()
        }
        elsewhere = {"course", "__init__", "tensors"}  # Tensor stands on the page of nnlib itself
        names = sorted(name for name in found - elsewhere if name[0] != "_")
        modules = ["nnlib", *(f"nnlib.{name}" for name in names), "nnlib.nn.functional"]
        for module in modules:
            path = self.root / module.replace(".", "/")
            faces = "\n   :imported-members:" if path.is_dir() else ""
            text = f"# `{module}`\n\n```{{eval-rst}}\n.. automodule:: {module}{faces}\n```\n"
            self.write(Path("api") / f"{module}.md", text)
        index = "# The library, name by name\n\n" + REFERENCE + toctree(modules, hidden=False)
        self.write(Path("api") / "index.md", index)


REFERENCE = """\
Whatever PyTorch has, has PyTorch's name here, its arguments and its defaults. Each entry begins with
its formula, and holds an example that is run as a test. In which order to read the source behind it
all, [reading the source](../docs/reading.md) tells.

"""


def notebooks(root: Path) -> list[Path]:
    """The map, the lessons and the exercises; never a solution."""
    lessons = [root / "notebooks" / lesson.file for lesson in build.lessons(root)]
    exercises = sorted((root / "exercises").glob("*/*.ipynb"))
    return [root / "notebooks" / "index.ipynb", *lessons, *exercises]


def downloaded(here: Path) -> str:
    """The name under which a notebook lies on the site: a lesson and its exercises have the same."""
    return here.name if here.parts[0] == "notebooks" else f"exercises_{here.name}"


def place(cell: Notebook, lives: live.Live) -> str:
    """Where player.js puts it; until then, and without JavaScript, the picture or the questions."""
    stored = "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
    unanswered = re.sub(r"<details>.*?</details>", "", stored, flags=re.DOTALL)
    data = f'data-kind="{lives.kind}" data-name="{lives.name}" data-page="{lives.page}"'
    return f'<div class="nnlib-live" {data}>{unanswered}</div>'


def formulas_in_summaries(text: str) -> str:
    """Formulas and code in the line of something folded, where Markdown does not read them."""

    def set_(match: re.Match[str]) -> str:
        words = match[1]
        for pattern, html in IN_SUMMARY:
            words = pattern.sub(html, words)
        return f"<summary>{words}</summary>"

    return SUMMARY.sub(set_, text)
