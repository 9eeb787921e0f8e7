"""Sphinx's configuration. It is copied to the staged sources; nothing runs, nothing is fetched."""

import os
import re
from pathlib import Path
from typing import Any

ADDRESS = os.environ.get("NNLIB_REPOSITORY", "")  # where the repository lies, if anywhere

project = "nnlib"
author = "The nnlib authors"
html_title = "nnlib and its course"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "amsmath", "attrs_inline"]
myst_heading_anchors = 3
myst_dmath_double_inline = True
# The same class may be found in its file and in the package that offers it.
suppress_warnings = ["mystnb.unknown_mime_type", "ref.python"]

# What is NumPy's own documents itself.
autodoc_default_options = {
    "members": True,
    "show-inheritance": True,
    "exclude-members": "dtype, finfo, iinfo",
}
autodoc_typehints = "none"
autodoc_member_order = "bysource"
default_role = "code"

html_theme = "sphinx_book_theme"
html_theme_options: dict[str, Any] = {
    "logo": {"text": "nnlib and its course"},
    "navbar_persistent": [],
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_toc_level": 2,
    "show_navbar_depth": 1,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
if ADDRESS:
    html_theme_options |= {
        "repository_url": ADDRESS,
        "use_repository_button": True,
        "use_issues_button": True,
    }
html_context = {"default_mode": "auto"}  # that of the system
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("player.js", {"defer": "defer"})]
html_show_sourcelink = False
html_show_search_summary = False  # from disk, no page may read another
html_copy_source = False
html_last_updated_fmt = None

mathjax_path = "mathjax/tex-chtml.js"
mathjax_config = {"chtml": {"displayAlign": "center"}, "options": {"enableMenu": False}}


def plain(_app: Any, _what: str, _name: str, _thing: Any, _options: Any, lines: list[str]) -> None:
    """Docstrings are prose, not reST: |x| and train_ refer to nothing, and `name` is code."""
    for k, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            parts = re.split(r"(`[^`]*`)", line)
            parts[::2] = [re.sub(r"(\w)_(?!\w)", r"\1\\_", part) for part in parts[::2]]
            parts[::2] = [part.replace("|", r"\|").replace("*", r"\*") for part in parts[::2]]
            lines[k] = "".join(parts)


def lines(_app: Any, document: Any) -> None:
    """A formula of several lines as it is written: what Sphinx would wrap it in bears no number."""
    from docutils import nodes  # Sphinx's

    for block in document.findall(nodes.math_block):
        block["no-wrap"] = True
        block.children = [nodes.Text(rf"\[{block.astext()}\]")]


def heads(_app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """The empty corner of a table is no head of a column."""
    body = context.get("body", "")
    context["body"] = re.sub(r'<th class="head[^"]*">\s*(<p>\s*</p>)?\s*</th>', "<td></td>", body)


def one_title(app: Any, _exception: Any) -> None:
    """The theme says a page's title again, for printing: not as a second heading of the first rank."""
    for path in Path(app.outdir).rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        once = re.sub(
            r'(<div id="jb-print-docs-body"[^>]*>\s*)<h1>(.*?)</h1>', r"\1<p>\2</p>", text
        )
        if once != text:
            path.write_text(once, encoding="utf-8", newline="\n")


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("build-finished", one_title)
    app.connect("doctree-read", lines)
    app.connect("html-page-context", heads)
    app.connect("autodoc-process-docstring", plain)
