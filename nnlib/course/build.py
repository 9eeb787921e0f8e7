"""Bring the course's notebooks into their one stored state: run, linked, the same bytes each time.

    python -m nnlib.course.build notebooks [names…]    run lessons and solutions, store the outputs
    python -m nnlib.course.build exercises             make exercises/ from solutions/, by nbgrader

Run it in the checkout. Names choose what is run again, `01a_neuron` for example; links, the map, and
the names of widgets and figures for mypy and editors are always renewed.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nnlib import __version__
from nnlib.course import figures, widgets

Notebook = nbformat.NotebookNode

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KEPT_OF_CELLS = ("deletable", "editable", "jupyter", "nbgrader", "tags")
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
PATHS = {
    "core": "Core course",
    "theory": "Theory path",
    "architectures": "Architectures path",
    "generative": "Generative models path",
}

INTRODUCTION = """\
# The map of the course

Every lesson goes from a picture to a formula, from the formula to code of your own, and from there
to a proof that the code is right. Take the lessons in this order: none uses what a later one
teaches."""

PROGRESS = """\
## Your progress

It is kept in one small file on this computer and sent nowhere. Run the cell to see it: click into
it, then press Shift+Enter."""

HELP = """\
Does something not work? Open a terminal (File → New → Terminal) and type
`python -m nnlib.course.doctor`: it says what is missing, and what to do."""


@dataclass(frozen=True)
class Lesson:
    """What the map and the links need to know of a lesson."""

    file: str
    title: str
    summary: str
    read: int
    exercises: int
    topics: tuple[str, ...]
    paths: tuple[str, ...]

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read it from the notebook's `nnlib` metadata and from its first cell."""
        notebook = read(path)
        title, summary = headline(notebook.cells[0].source if notebook.cells else "", path)
        facts = notebook.metadata.get("nnlib", {})
        try:
            minutes = facts["minutes"]
            times = minutes["read"], minutes["exercises"]
            return cls(
                path.name, title, summary, *times, tuple(facts["topics"]), tuple(facts["paths"])
            )
        except KeyError as missing:
            raise ValueError(f"{path.name}: its metadata `nnlib` has no {missing}") from None


def headline(text: str, path: Path) -> tuple[str, str]:
    """The heading of a lesson's first cell, and the sentence beneath it."""
    heading, _, rest = text.strip().partition("\n")
    if not heading.startswith("# "):
        raise ValueError(f"{path.name}: the first cell has to begin with '# ' and the title")
    paragraph = " ".join(rest.strip().split("\n\n")[0].split())
    end = paragraph.find(". ")
    return heading[2:].strip(), paragraph if end < 0 else paragraph[: end + 1]


def lessons(root: Path) -> list[Lesson]:
    """The lessons that exist, in the order of their numbers."""
    return [Lesson.of(path) for path in sorted((root / "notebooks").glob("[0-9][0-9]*_*.ipynb"))]


def read(path: Path) -> Notebook:
    """A notebook of format 4."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-any-return]


def write(path: Path, notebook: Notebook) -> None:
    """Write it valid, and with the same line ends on every system."""
    nbformat.validate(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = nbformat.writes(notebook)
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def normalize(notebook: Notebook) -> Notebook:
    """Keep what a reader needs; drop what differs from run to run and from editor to editor."""
    course = {key: notebook.metadata[key] for key in ("nnlib",) if key in notebook.metadata}
    notebook.metadata = nbformat.from_dict(KERNEL | course)
    for cell in notebook.cells:
        cell.metadata = _authored(cell.metadata)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _settle(output)]
    return notebook


def _authored(metadata: Notebook) -> Notebook:
    kept = _only(metadata, KEPT_OF_CELLS)
    # Of JupyterLab's own settings, only a folded source is the lesson's; the rest is the reader's.
    folded = _only(kept.pop("jupyter", {}), ("source_hidden",))
    if folded:
        kept.jupyter = folded
    return kept


def _settle(output: Notebook) -> bool:
    """Keep an output's pictures and texts with their alt text; whether anything is left."""
    if "data" not in output:
        return True
    # The id of a widget's model is drawn anew in each run, and no kernel answers to an old one.
    output.data.pop(WIDGET_VIEW, None)
    output.metadata = _only(output.metadata, ("image/png",))
    return bool(output.data)


def _only(metadata: Notebook, keys: Sequence[str]) -> Notebook:
    kept = {key: metadata[key] for key in keys if key in metadata}
    return nbformat.from_dict(kept)  # type: ignore[no-any-return]


def execute(path: Path) -> None:
    """Run a notebook where it lies, and store it with its outputs."""
    notebook = read(path)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        timeout=120,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
    )
    with tempfile.TemporaryDirectory() as empty:
        # No progress bars, and no exercise of anyone is solved: neither is part of an output.
        nobody = {"CI": "1", "NNLIB_PROGRESS": str(Path(empty) / "progress.json")}
        client.execute(env=os.environ | nobody)
    write(path, normalize(notebook))


def navigation(known: Sequence[Lesson], position: int) -> str:
    """The links from one lesson to its neighbors and to the map."""
    links = ["[The map of the course](index.ipynb)"]
    if position > 0:
        before = known[position - 1]
        links.insert(0, f"← [{before.title}]({before.file})")
    if position + 1 < len(known):
        after = known[position + 1]
        links.append(f"[{after.title}]({after.file}) →")
    return " | ".join(links)  # titles have a dot of their own


def link(root: Path) -> None:
    """Write the links beneath every lesson's title and at its end."""
    known = lessons(root)
    for position, lesson in enumerate(known):
        path = root / "notebooks" / lesson.file
        notebook = read(path)
        cells = [c for c in notebook.cells if "navigation" not in c.metadata.get("tags", [])]
        top, bottom = (
            new_markdown_cell(
                navigation(known, position),
                id=f"navigation-{end}",
                metadata={"tags": ["navigation"]},
            )
            for end in ("top", "bottom")
        )
        notebook.cells = [cells[0], top, *cells[1:], bottom]
        write(path, notebook)


def index(root: Path) -> Notebook:
    """The map: every lesson with its minutes and exercises, the ways through them, the progress."""
    known = lessons(root)
    progress = "from nnlib.course.check import progress\n\nprogress()"
    # What it shows is the reader's own, so a test does not compare it.
    tags = {"tags": ["nbval-ignore-output"]}
    texts = {"introduction": INTRODUCTION, "lessons": table(root, known), "ways": ways(known)}
    cells = [new_markdown_cell(text, id=name) for name, text in texts.items()]
    cells += [
        new_markdown_cell(PROGRESS, id="progress"),
        new_code_cell(progress, id="show-progress", metadata=tags),
        new_markdown_cell(HELP, id="help"),
    ]
    return normalize(new_notebook(cells=cells))


def table(root: Path, known: Sequence[Lesson]) -> str:
    """The lessons, one a line."""
    lines = [
        "## Lessons",
        "",
        "| lesson | what it is about | reading | exercises |",
        "|---|---|---|---|",
    ]
    for lesson in known:
        name = Path(lesson.file).stem
        times = f"{lesson.exercises} min"
        if (root / "solutions" / name).is_dir():
            times = f"[{times}](../exercises/{name}/{name}.ipynb)"
        cells = f"[{lesson.title}]({lesson.file})", lesson.summary, f"{lesson.read} min", times
        lines.append("| " + " | ".join(cells) + " |")
    if missing := unwritten(known):
        lines += [
            "",
            f"Not written yet: {missing}. The lessons that need them recall what they use.",
        ]
    return "\n".join(lines)


def unwritten(known: Sequence[Lesson]) -> str:
    """The numbers between the first and the last lesson at which there is none: 04, 07 to 09, …"""
    there = {int(lesson.file[:2]) for lesson in known}
    gaps = [n for n in range(min(there, default=0), max(there, default=0)) if n not in there]
    ends = [n for n in gaps if n - 1 not in gaps], [n for n in gaps if n + 1 not in gaps]
    return ", ".join(
        f"{first:02}" if first == last else f"{first:02} to {last:02}"
        for first, last in zip(*ends, strict=True)
    )


def ways(known: Sequence[Lesson]) -> str:
    """The learning paths through the lessons that exist: the core course, and what others add."""
    lines = ["## Ways through the course", ""]
    core = [lesson for lesson in known if "core" in lesson.paths]
    for key, name in PATHS.items():
        path = [lesson for lesson in known if key in lesson.paths]
        own = path if key == "core" else [lesson for lesson in path if lesson not in core]
        if own:
            hours = sum(lesson.read + lesson.exercises for lesson in path) / 60
            links = " · ".join(f"[{x.title.split(' · ')[0]}]({x.file})" for x in own)
            links = links if key == "core" else f"the core course, and {links}"
            lines.append(f"- **{name}** ({len(path)} lessons, about {hours:.0f} hours): {links}")
    return "\n".join(lines)


def build_notebooks(root: Path, names: Sequence[str] = ()) -> None:
    """Run what is named (everything, if nothing is), renew the links, write the map."""
    link(root)
    stored = [*(root / "notebooks" / lesson.file for lesson in lessons(root))]
    stored += sorted((root / "solutions").glob("*/*.ipynb"))
    unknown = set(names) - {path.stem for path in stored}
    if unknown:
        raise ValueError(f"there is no notebook {', '.join(sorted(unknown))}")
    for path in stored:
        if not names or path.stem in names:
            print(f"running {path.relative_to(root).as_posix()}", flush=True)
            execute(path)
    write(root / "notebooks" / "index.ipynb", index(root))
    execute(root / "notebooks" / "index.ipynb")


def build_exercises(root: Path, target: Path) -> None:
    """Make the students' notebooks from solutions/, as `nbgrader generate_assignment --no-db` does."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    names = [path.parent.name for path in sorted((root / "solutions").glob("*/*.ipynb"))]
    with tempfile.TemporaryDirectory() as release:
        config: Any = Config()
        config.CourseDirectory.root = str(root.resolve())
        config.CourseDirectory.source_directory = "solutions"
        config.CourseDirectory.release_directory = release
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
        config.ClearSolutions.code_stub = {"python": "# your code here"}
        config.ClearSolutions.text_stub = "*Your answer here.*"
        for name in names:
            config.CourseDirectory.assignment_id = name
            GenerateAssignment(coursedir=CourseDirectory(config=config), config=config).start()
        for path in sorted(Path(release).glob("*/*.ipynb")):
            notebook = normalize(read(path))
            # By it the grader tells a notebook that was handed out before the exercises changed.
            notebook.metadata.nnlib = nbformat.from_dict({"version": __version__})
            write(target / path.relative_to(release), notebook)


def build_stubs() -> None:
    """The names that lessons add to a face, for mypy and editors, who cannot look for files."""
    for face in (widgets, figures):
        stub = Path(str(face.__file__)).with_suffix(".pyi")
        stub.write_text(face.stub(), encoding="utf-8", newline="\n")


def main(arguments: Sequence[str]) -> int:
    """The two commands."""
    root = Path.cwd()
    match list(arguments):
        case ["notebooks", *names]:
            build_stubs()
            build_notebooks(root, names)
        case ["exercises"]:
            build_exercises(root, root / "exercises")
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
