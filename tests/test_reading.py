"""The source is there to be read: how much there is, what docs/reading.md promises, and the twins."""

import ast
import inspect
import io
import re
import tokenize
from pathlib import Path

import pytest

import nnlib
from nnlib import engine, lecture

ROOT = Path(nnlib.__file__).parent
GUIDE = ROOT.parent / "docs" / "reading.md"

# What runs in plain form (class_loss.py only with options): `loss = ce(mlp(x), y); loss.backward(); sgd.step()`
ENGINE = ["tape", "tensors", "modes", "engine", "operators", "ops"]
TRAINING = [
    "arguments", "random", "nn/module", "nn/init", "nn/linear", "nn/activation", "nn/container",
    "nn/loss", "optim/optimizer", "optim/sgd",
]  # fmt: skip
ENGINE_LINES = 585
ALL_LINES = 1195  # 1,579 before; the aim is 1,150

# Functions with a kink or a table of their own, which no basic op composes.
WITHOUT_TWIN = {"gelu", "heaviside", "sign"}


# How much there is to read -------------------------------------------------------------------


def code_lines(source):
    """The number of lines that hold code: no blanks, comments, docstrings or imports."""
    passed_over = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            if ast.get_docstring(node) is None:
                continue
            node = node.body[0]
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        passed_over |= {*range(node.lineno, node.end_lineno + 1)}
    no_code = {
        tokenize.COMMENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.INDENT, tokenize.NEWLINE,
        tokenize.NL,
    }  # fmt: skip
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {n for t in tokens if t.type not in no_code for n in range(t.start[0], t.end[0] + 1)}
    return len(lines - passed_over)


def test_what_counts_as_a_line_of_code():
    source = '''
    """A docstring."""
    import math  # an import

    def area(r):
        """Another one,
        of two lines."""
        # a comment
        return (
            math.pi * r**2
        )  # four lines are code, and the next one
    text = "no docstring"
    '''
    assert code_lines(inspect.cleandoc(source)) == 5


def read(names):
    return sum(code_lines((ROOT / f"{name}.py").read_text("utf-8")) for name in names)


def test_the_engine_is_read_in_an_evening():
    assert read(ENGINE) <= ENGINE_LINES


def test_a_step_of_training_is_read_in_an_evening():
    assert read(ENGINE + TRAINING) <= ALL_LINES


# The guide -----------------------------------------------------------------------------------


def guided():
    """The files that the guide names, each with the names it says to look for there."""
    for row in re.findall(r"^\| \d.*$", GUIDE.read_text("utf-8"), re.MULTILINE):
        file, names = re.search(r"\(\.\./(nnlib/[\w/]+\.py)\)", row)[1], re.findall(r"`(\w+)`", row)
        yield pytest.param(file, names, id=file)


def test_the_guide_leads_through_these_files():
    files = [case.id.removeprefix("nnlib/").removesuffix(".py") for case in guided()]
    assert [name for name in files if name in ENGINE] == ENGINE
    assert set(files) <= {*ENGINE, *TRAINING}


def test_the_guide_takes_an_evening():
    minutes = [
        int(m)
        for m in re.findall(r"^\| \d+ \|.*\| (\d+) \|$", GUIDE.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(minutes) == len(list(guided()))
    assert f"{sum(minutes)} minutes" in GUIDE.read_text("utf-8")


@pytest.mark.parametrize(("file", "names"), list(guided()))
def test_what_the_guide_names_is_there(file, names):
    source = (ROOT.parent / file).read_text("utf-8")
    assert names
    for name in names:
        assert re.search(rf"\b{name}\b", source), f"{file} has no {name}"


# The twins -----------------------------------------------------------------------------------


def fused_ops():
    import nnlib.nn  # noqa: F401

    return {
        name: formula
        for name, formula in engine._FORMULAS.items()
        if formula.__module__.startswith("nnlib.nn.")
    }


def test_every_fused_op_has_its_twin():
    assert set(fused_ops()) - WITHOUT_TWIN == set(lecture.__all__)


def test_twins_are_made_of_ops_alone():
    tree = ast.parse(inspect.getsource(lecture))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {m for m in modules if m.startswith("nnlib")} == {"nnlib", "nnlib.engine"}
    assert lecture.ops is nnlib.ops
    assert not re.search(r"@op|\bop\(|\bmodes\b", inspect.getsource(lecture))


@pytest.mark.parametrize("name", lecture.__all__)
def test_a_twin_takes_what_its_op_takes(name):
    twin, formula = getattr(lecture, name), fused_ops()[name]
    assert list(inspect.signature(twin).parameters) == list(inspect.signature(formula).parameters)


@pytest.mark.parametrize("name", lecture.__all__)
def test_a_twin_says_its_formula_in_one_line(name):
    doc = getattr(lecture, name).__doc__
    assert doc
    assert "\n" not in doc
    assert re.search(r"[=²σφ−]", doc)


@pytest.mark.parametrize("name", lecture.__all__)
def test_a_fused_op_points_to_its_twin(name):
    formula = fused_ops()[name]
    _, first = inspect.getsourcelines(formula)
    above = Path(inspect.getsourcefile(formula)).read_text("utf-8").splitlines()[first - 2]
    said = f"{above}\n{inspect.getsource(formula)}"
    assert re.search(rf"\bnnlib\.lecture\.{name}\b", said), (
        f"# The lecture's form: nnlib.lecture.{name}"
    )
