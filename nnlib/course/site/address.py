"""Where the repository lies, which one setting says, and the links that follow from it."""

import os
import tomllib
from pathlib import Path

COPIES = "colab"  # the branch with copies of the notebooks that install the course themselves


def repository(root: Path) -> str:
    """The repository's address on GitHub, or "" where nobody has said it yet.

    On GitHub's own machines GITHUB_REPOSITORY says it, elsewhere `[project.urls]` in pyproject.toml.
    """
    if there := os.environ.get("GITHUB_REPOSITORY"):
        return f"https://github.com/{there}"
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project.get("urls", {}).get("Repository", "")).removesuffix("/")


def colab(address: str, notebook: str) -> str:
    """Where Colab opens the copy of a notebook, "notebooks/01a_neuron.ipynb"."""
    owner_and_name = address.removeprefix("https://github.com/")
    return f"https://colab.research.google.com/github/{owner_and_name}/blob/{COPIES}/{notebook}"


def binder(address: str, notebook: str) -> str:
    """Where Binder opens a notebook."""
    owner_and_name = address.removeprefix("https://github.com/")
    return f"https://mybinder.org/v2/gh/{owner_and_name}/HEAD?urlpath=lab/tree/{notebook}"


def source(address: str, path: str) -> str:
    """Where a file of the repository is read."""
    return f"{address}/blob/HEAD/{path}"


def badges(address: str, first: str) -> str:
    """What README.md shows at its top of a repository at this address; nothing where there is none.

    >>> badges("", "notebooks/01a_neuron.ipynb")
    ''
    """
    if not address:
        return ""
    owner, _, name = address.removeprefix("https://github.com/").partition("/")
    tests = f"{address}/actions/workflows/test.yml"
    shown = {
        "tests": (f"{tests}/badge.svg", tests),
        "Open in Colab": (
            "https://colab.research.google.com/assets/colab-badge.svg",
            colab(address, first),
        ),
        "Open in Binder": ("https://mybinder.org/badge_logo.svg", binder(address, first)),
    }
    lines = [f"[![{words}]({image})]({link})" for words, (image, link) in shown.items()]
    return "\n".join(
        [*lines, "", f"[The course as web pages](https://{owner}.github.io/{name}/)", ""]
    )


def with_badges(readme: str, text: str) -> str:
    """The README with these badges between its two marks."""
    before, start, rest = readme.partition("<!-- badges -->\n")
    _, end, after = rest.partition("<!-- /badges -->")
    return f"{before}{start}{text}{end}{after}"
