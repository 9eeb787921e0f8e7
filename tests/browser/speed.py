"""How long after a key a widget's picture is painted: the median and the longest, per control.

python -m tests.browser.speed "from nnlib.course.widgets import neuron_boundary; neuron_boundary()"
"""

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from .lab import Lab, jupyter_lab, launch, movable, paint_times, write_notebook

# The text of a control's label, without the value beside it.
NAME = "node => [...(node.labels?.[0] ?? node).childNodes].find((n) => n.nodeType === 3).data"


def main(code: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        root.mkdir()
        write_notebook(root / "speed.ipynb", code)
        with jupyter_lab(root, Path(folder)) as url, sync_playwright() as playwright:
            lab = Lab(launch(playwright), url)
            lab.open("speed.ipynb")
            lab.run_all()
            measure(lab)


def measure(lab: Lab) -> None:
    widget = lab.widget()
    for control, keys in movable(widget):
        name = control.evaluate(NAME)
        widget.get_by_role("button", name="Reset").press("Enter")  # or a button may have run dry
        lab.settle()
        times = paint_times(widget, control, keys)
        if times:
            print(f"{name:20} {statistics.median(times):4.0f} ms, at most {max(times):4.0f}")
        else:
            print(f"{name:20} painted nothing")
    print("errors:", lab.errors())


if __name__ == "__main__":
    main(sys.argv[1])
