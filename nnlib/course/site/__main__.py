"""Build the course as web pages.

    python -m nnlib.course.site            everything, into build/site/html
    python -m nnlib.course.site --lite     and JupyterLite beside it, which runs in the browser alone
    python -m nnlib.course.site badges     write the badges of README.md, when pyproject.toml says where
                                           the repository lies

Run it in the checkout, or let make do it: make site. Nothing is run. Nothing is fetched, but for
--lite a few packages, once.
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Sequence
from importlib.metadata import files
from pathlib import Path
from typing import Any

from nnlib.course.kit.files import source
from nnlib.course.kit.piece import Piece
from nnlib.course.site import address, copies, live, tables
from nnlib.course.site import lite as in_the_browser
from nnlib.course.site.stage import Stage, notebooks
from nnlib.missing import needs

HERE = Path(__file__).parent
# Of MathJax the part that sets TeX, and its fonts, as sphinx-mathjax-offline packs them.
MATHJAX = "sphinx-mathjax-offline/static/mathjax/"
MATHJAX_PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2/", "input/tex/extensions/")
BUILT = "built.txt"  # beside the pages: of which checkout they are
MATHJAX_CHECKSUM = "1197104782fb71c3026b749805d0b93d987affd46b1740bd235336ff52e841d2"


def main(arguments: Sequence[str]) -> int:
    """The command."""
    root = Path.cwd()
    match list(arguments):
        case [] | ["--lite"]:
            build(root, root / "build" / "site", lite="--lite" in arguments)
        case ["badges"]:
            readme = root / "README.md"
            text = badged(root, readme.read_text(encoding="utf-8"))
            readme.write_text(text, encoding="utf-8", newline="\n")
        case _:
            print(__doc__)
            return 2
    return 0


def badged(root: Path, readme: str) -> str:
    """The README with the badges that follow from the repository's address."""
    first = notebooks(root)[1].relative_to(root).as_posix()
    badges = address.badges(address.repository(root), first)
    return address.with_badges(readme, badges)


def build(root: Path, out: Path, lite: bool = False) -> None:
    """Stage the sources and let Sphinx make pages of them, at `out`/html."""
    sources = out / "source"
    repository = address.repository(root)
    stage = Stage(root, sources, repository, lite)
    stage.make()
    if repository:
        copies.for_colab(root, out / "colab", repository)
    static(sources / "_static")
    tables.make(stage.lives, root / "build" / "tables")
    put_tables(stage.lives, root / "build" / "tables", sources / "_static" / "tables")
    with needs("make site"):
        import sphinx  # noqa: F401
    options = ["-q", "--jobs", "2", "-d", str(out / "doctrees"), "-b", "html"]
    command = [sys.executable, "-m", "sphinx", *options, str(sources), str(out / "html")]
    environment = os.environ | {"NNLIB_REPOSITORY": repository}
    subprocess.run(command, cwd=root, check=True, env=environment)
    shutil.rmtree(out / "html" / "lite", ignore_errors=True)
    if lite:
        in_the_browser.make(root, out / "html" / "lite", root / "build" / "lite", repository)
    (out / BUILT).write_text(digest_of_checkout(root), encoding="utf-8")
    print(f"The site is in {out / 'html'}: open index.html there.")


def digest_of_checkout(root: Path) -> str:
    """A hash of all that the site is made of, so that a test knows whether it is built anew."""
    whole = hashlib.sha256()
    folders = [root / name for name in ("notebooks", "exercises", "docs", "nnlib")]
    for path in sorted(
        [*root.glob("*.md"), *(path for each in folders for path in each.rglob("*"))]
    ):
        if path.suffix in {".ipynb", ".md", ".py", ".js", ".css"}:
            whole.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return whole.hexdigest()


def static(out: Path) -> None:
    """The site's own scripts and styles, those of the kit, and MathJax."""
    player = "".join((HERE / name).read_text("utf-8") for name in ("record.js", "player.js"))
    (out / "player.js").write_text(player, encoding="utf-8", newline="\n")
    views = {
        "table": (HERE / "table.js").read_text("utf-8"),
        "widget": source("widget.js", "draw.js", "element.js"),
        "quiz": source("quiz.js", "piece.js", "element.js"),
        "prediction": source("predict.js", "piece.js", "element.js"),
        "ordering": source("order.js", "piece.js", "element.js"),
    }
    text = json.dumps(views, ensure_ascii=False)
    (out / "views.js").write_text(f"nnlibViews = {text};\n", encoding="utf-8", newline="\n")
    styles = source("widget.css", "piece.css") + (HERE / "site.css").read_text("utf-8")
    (out / "site.css").write_text(styles, encoding="utf-8", newline="\n")
    mathjax(out / "mathjax")


def put_tables(lives: Sequence[live.Live], folder: Path, out: Path) -> None:
    """What widgets and questions answer from: a file per widget, and one per page for its questions."""
    out.mkdir()
    questions: dict[str, dict[str, Any]] = {}
    for each in lives:
        if isinstance(each.shown, Piece):
            own = {"asked": each.shown.asked, "name": each.shown.name}
            questions.setdefault(each.page, {})[each.name] = own
        else:
            shutil.copy2(tables.file(each, folder), out / f"{each.name}.js")
    for page, asked in questions.items():
        # Packed, so that nobody reads an answer in passing.
        packed = gzip.compress(json.dumps(asked, ensure_ascii=False).encode(), 9, mtime=0)
        text = f'nnlibTable("{page}.questions", "{b64encode(packed).decode()}");\n'
        (out / f"{page}.questions.js").write_text(text, encoding="utf-8", newline="\n")


def mathjax(out: Path) -> None:
    """Copy MathJax out of its package, if it is what was tried here."""
    packed = sorted(files("sphinx-mathjax-offline") or (), key=str)
    found = {str(file).removeprefix(MATHJAX): file for file in packed}
    sums = hashlib.sha256()
    for name, file in found.items():
        if name.startswith(MATHJAX_PARTS) and "all-packages" not in name:
            content = file.read_binary()
            sums.update(content)
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(content)
    if sums.hexdigest() != MATHJAX_CHECKSUM:
        raise ValueError(f"MathJax is not what was tried here: {sums.hexdigest()}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
