"""What an import costs, and which way imports go."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nnlib

ROOT = Path(nnlib.__file__).parent
HEAVY = {
    "torch", "matplotlib", "sklearn", "scipy", "IPython", "ipywidgets", "anywidget", "tqdm",
    "pandas", "jupyter_core", "hypothesis", "pytest",
}  # fmt: skip


def modules_after(statement):
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_nnlib_needs_numpy_alone():
    added = modules_after("import nnlib") - modules_after("import numpy")
    assert not {name.partition(".")[0] for name in added} & HEAVY
    outside = {name for name in added if name.partition(".")[0] not in {"nnlib", "numpy"}}
    assert {name.partition(".")[0] for name in outside} <= sys.stdlib_module_names
    assert len(added) <= 34, sorted(added)


@pytest.mark.parametrize(
    "statement",
    [
        "from nnlib import nn, optim, data, train, classical, testing",
        "import nnlib.nn.functional as F",
    ],
)
def test_the_floors_below_viz_need_numpy_alone(statement):
    assert not {name.partition(".")[0] for name in modules_after(statement)} & HEAVY


# Floors ------------------------------------------------------------------------------------

FLOORS = [
    {"random", "modes", "missing"},
    {"memory", "grad_mode"},
    {"tape"},
    {"conversions"},
    {"tensors"},
    {"debugging"},
    {"engine"},
    {"special", "promotion", "arguments"},
    {"masks"},
    {"reshaping"},
    {"ops"},
    {"operators", "inplace", "creation", "dtypes", "entrywise", "shapes"},
    {"reductions"},
    {"methods"},
    {"nn", "lecture"},
    {"optim", "data", "classical", "autodiff", "serialize"},
    {"callbacks", "testing", "utils"},
    {"train"},
    {"generator"},
    {"viz"},
    {"course"},
]
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}


def room(path):
    """The part of nnlib that a file belongs to."""
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imported_rooms(path):
    """The parts of nnlib that a file imports, wherever in the file it does so."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in [*tree.body]:
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            tree.body.remove(node)  # it never runs
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written out, not relative"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("nnlib."))


FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down(path):
    here = room(path)
    for there in imported_rooms(path):
        # A name that nnlib itself offers, such as Tensor, comes from the engine's floor.
        floor = FLOOR.get(there, 0)
        assert there == here or floor < FLOOR[here], f"{here} imports {there}, which is not below"


def test_every_part_has_its_floor():
    parts = {room(path) for path in FILES}
    assert parts == set(FLOOR)


def test_names_that_are_promised_are_there():
    for path in FILES:
        if path.name == "__init__.py" or "course" in path.parts or "viz" in path.parts:
            continue
        name = ".".join(["nnlib", *path.relative_to(ROOT).with_suffix("").parts])
        module = __import__(name, fromlist=["_"])
        for promised in getattr(module, "__all__", ()):
            assert hasattr(module, promised), f"{name} has no {promised}"
