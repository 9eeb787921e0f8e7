"""Pictures of a notebook in JupyterLab, to be looked at: run whole, in the light and dark theme.

python -m tests.browser.screenshots NOTEBOOK FOLDER
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from .lab import Lab, jupyter_lab, launch

STEP = 1500  # pixels of the page in one picture


def main(notebook: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        jupyter_lab(notebook.resolve().parent, Path(scratch)) as url,
        sync_playwright() as playwright,
    ):
        lab = Lab(launch(playwright), url)
        lab.open(notebook.name)
        lab.run_all()
        print("errors:", lab.errors())
        for theme in ("light", "dark"):
            lab.command("apputils:change-theme", theme=f"JupyterLab {theme.title()}")
            pictures(lab, folder, theme)


def pictures(lab: Lab, folder: Path, theme: str) -> None:
    """The notebook from top to bottom, one picture per STEP pixels."""
    scroller = lab.notebook.locator(".jp-WindowedPanel-outer")
    for k in range(int(scroller.evaluate("node => node.scrollHeight")) // STEP + 1):
        scroller.evaluate("(node, top) => (node.scrollTop = top)", k * STEP)
        lab.page.wait_for_timeout(1000)
        lab.notebook.screenshot(path=folder / f"{theme}-{k:02}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
