"""What the course asks of a browser's Python: no threads, no programs, and few packages.

JupyterLite's Python itself cannot be had without a network; here is an ordinary one that has no more
than that.
"""

import os
import subprocess
import sys
from pathlib import Path

# What the extra `lite` does not bring, and nothing that it brings brings either.
MISSING = (
    "sklearn", "scipy", "torch", "tqdm", "pooch", "ipykernel", "jupyterlab", "notebook",
    "packaging", "nbformat", "nbclient", "distributed", "nbgrader", "filelock", "mistune",
)  # fmt: skip
THERE = f"""
import subprocess, sys, threading
from importlib.abc import MetaPathFinder
from pathlib import Path

import ipywidgets, matplotlib.pyplot, platformdirs  # they look where they are, once

class Missing(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {MISSING!r}:
            raise ModuleNotFoundError(name, name=name)

def no_thread(_):
    raise RuntimeError("can't start new thread")

def no_program(*_, **__):
    raise OSError(138, "Function not implemented")

for name in [name for name in sys.modules if name.partition(".")[0] in {MISSING!r}]:
    del sys.modules[name]
sys.meta_path.insert(0, Missing())
threading.Thread.start = no_thread
subprocess.Popen.__init__ = no_program
sys.platform = "emscripten"

import nnlib.course.progress
"""


def in_a_browser(code: str, drive: Path) -> str:
    """What such a Python prints; its storage is `drive`."""
    there = f"{THERE}\nnnlib.course.progress.DRIVE = Path({str(drive)!r})\n{code}"
    own = {name: value for name, value in os.environ.items() if name != "NNLIB_PROGRESS"}
    run = subprocess.run(
        [sys.executable, "-c", there], capture_output=True, text=True, check=False, env=own
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_every_widget_and_figure_is_there(tmp_path: Path) -> None:
    code = """
from nnlib.course import figures, widgets
for name in dir(figures):
    getattr(figures, name)
for name in dir(widgets):
    if name not in ("Question", "ask", "order", "predict", "quiz"):
        getattr(widgets, name)().model.scene()
print(len(dir(widgets)))
"""
    assert int(in_a_browser(code, tmp_path)) > 50


def test_an_answer_is_checked_and_stopped_and_remembered(tmp_path: Path) -> None:
    code = """
from nnlib.course.check import EXERCISES, CheckFailed, check
right = EXERCISES["neuron"].reference
check(right)
def firing_patterns(w, theta):
    while True:
        pass
object.__setattr__(EXERCISES["firing_patterns"], "seconds", 0.2)
try:
    check(firing_patterns)
except CheckFailed:
    pass
nnlib.course.progress.progress()
"""
    shown = in_a_browser(code, tmp_path)
    assert "neuron: right" in shown
    assert "had not finished after 0.2 seconds" in shown
    assert "1 of 2 solved" in shown
    assert [file.name for file in tmp_path.iterdir()] == ["progress.json"]


def test_the_digits_are_there(tmp_path: Path) -> None:
    code = "from nnlib.data import load_digits_split\nprint(load_digits_split()[0].shape)"
    assert in_a_browser(code, tmp_path) == "(1200, 64)\n"
