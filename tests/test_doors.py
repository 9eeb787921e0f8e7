"""Doors one can see: what a constructor or function takes is written out, for editors, mypy and checks."""

import importlib
import importlib.util
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

from nnlib.arguments import checked, constraint

ROOT = Path(__file__).parents[1]

# mypy ------------------------------------------------------------------------------------------

HEAD = """\
import numpy as np
import nnlib.nn.functional as F
from nnlib import nn, optim

p, x, y = nn.Linear(2, 1).parameters(), np.ones((3, 2)), np.zeros(3, np.int64)
"""
WRONG = {
    "nn.ReLU(slope=3)": 'Unexpected keyword argument "slope"',
    "optim.SGD(p, momentun=0.9)": 'Unexpected keyword argument "momentun"',
    'nn.LSTM("eight", hidden=32)': 'Unexpected keyword argument "hidden"',
    'nn.CrossEntropyLoss(redaction="mean")': 'Unexpected keyword argument "redaction"',
    "F.relu(1, 2, 3, 4)": "Too many arguments",
    "optim.Adam(p, betas=0.9)": 'Argument "betas"',
    'optim.lr_scheduler.StepLR(optim.SGD(p), "3")': "Argument 2",
    'nn.CrossEntropyLoss(reduction="avg")': 'Argument "reduction"',
}
RIGHT = [
    "nn.ReLU(inplace=False)", "optim.SGD(p, momentum=0.9)", "nn.LSTM(8, hidden_size=32)",
    'nn.CrossEntropyLoss(reduction="mean")', "F.relu(x)", "optim.Adam(p, betas=(0.9, 0.99))",
    "optim.lr_scheduler.StepLR(optim.SGD(p), 3)", "F.cross_entropy(F.softmax(x, dim=1), y)",
]  # fmt: skip


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """What mypy --strict says of each line, in one run."""
    lines = [*WRONG, *RIGHT]
    file = tmp_path_factory.mktemp("doors") / "calls.py"
    file.write_text(HEAD + "\n".join(lines), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file",
        "pyproject.toml",
        str(file),
    ]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stdout + run.stderr
    said = {line: "" for line in lines}
    for name, number, message in re.findall(
        r"^(.+?):(\d+): error: (.*)$", run.stdout, re.MULTILINE
    ):
        assert name.endswith("calls.py"), message
        said[lines[int(number) - 1 - HEAD.count("\n")]] += message
    return said


@pytest.mark.parametrize("line", WRONG)
def test_mypy_refuses(refused, line):
    assert WRONG[line] in refused[line]


@pytest.mark.parametrize("line", RIGHT)
def test_mypy_accepts(refused, line):
    assert refused[line] == ""


# However an annotation is spelled ----------------------------------------------------------------

FUTURE = {"strings": "from __future__ import annotations\n", "objects": ""}
NUMBERS = {
    "its name": ("from nnlib.arguments import UnitInterval", "UnitInterval"),
    "another name": ("from nnlib.arguments import UnitInterval as Probability", "Probability"),
    "in its module": ("import nnlib.arguments", "nnlib.arguments.UnitInterval"),
    "in its module, by another name": ("from nnlib import arguments as a", "a.UnitInterval"),
    "an alias": ("from nnlib.arguments import UnitInterval as U\nShare = U", "Share"),
    "in quotes": ("from nnlib.arguments import UnitInterval", '"UnitInterval"'),
    "written out": (
        "import typing as t, nnlib.arguments as a",
        't.Annotated[float, a.Constraint("a number in [0, 1]", (int, float), lambda x: 0 <= x <= 1)]',
    ),
    "with a note": (
        "from typing import Annotated\nfrom nnlib.arguments import UnitInterval",
        'Annotated[UnitInterval, "a share"]',
    ),
    "a type variable": (
        (
            "import typing\nfrom nnlib.arguments import UnitInterval\n"
            'T = typing.TypeVar("T", bound=UnitInterval)'
        ),
        "T",
    ),
}
OR_NONE = {
    "|": ("", "({}) | None"),
    "None first": ("", "None | ({})"),
    "Optional": ("from typing import Optional", "Optional[{}]"),
    "Optional of a module": ("import typing as t", "t.Optional[{}]"),
    "Union": ("import typing", "typing.Union[None, {}]"),
}
WORDS = {
    "Literal": ("from typing import Literal", 'Literal["up", "down"]'),
    "of a module": ("import typing as t", 't.Literal["up", "down"]'),
    "by another name": ("from typing import Literal as L", 'L["up", "down"]'),
    "an alias": ('from typing import Literal\nWay = Literal["up", "down"]', "Way"),
}
OWN = {
    "a class": ("from nnlib.nn import Module", "Module"),
    "of a module": ("from nnlib import nn", "nn.Module"),
    "by another name": ("from nnlib.nn import Module as M", "M"),
}
LEFT_OUT = {
    "its name": ("from nnlib.arguments import Unsupported", "Unsupported"),
    "another name": ("from nnlib.arguments import Unsupported as No", "No"),
    "of a module": ("import nnlib.arguments as a", "a.Unsupported"),
}
future = pytest.mark.parametrize("future", FUTURE.values(), ids=FUTURE)


@pytest.fixture
def function(tmp_path, monkeypatch):
    """A checked function of a module of its own, whose argument has this annotation."""

    def make(head, annotation, default=""):
        (tmp_path / "spelled.py").write_text(
            f"{head}\nfrom nnlib.arguments import checked\n\n"
            f"@checked\ndef f(p: {annotation}{default}):\n    return p\n",
            encoding="utf-8",
        )
        spec = importlib.util.spec_from_file_location("spelled", tmp_path / "spelled.py")
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "spelled", module)
        spec.loader.exec_module(module)
        return module.f

    return make


def refuses(function, error, value, message):
    for call in (lambda: function(value), lambda: function(p=value)):
        with pytest.raises(error, match=message):
            call()


@future
@pytest.mark.parametrize(("head", "annotation"), NUMBERS.values(), ids=NUMBERS)
def test_a_number_is_checked(function, future, head, annotation):
    f = function(future + head, annotation)
    assert f(0.5) == f(p=0.5) == 0.5
    refuses(f, ValueError, 2, r"^f: p must be a number in \[0, 1\], not 2$")
    refuses(f, TypeError, "x", r"^f: p must be a number in \[0, 1\], not 'x'$")
    refuses(f, TypeError, None, r"^f: p must be a number in \[0, 1\], not None$")


@future
@pytest.mark.parametrize(("more", "pattern"), OR_NONE.values(), ids=OR_NONE)
@pytest.mark.parametrize(
    ("head", "annotation"),
    [spelled for name, spelled in NUMBERS.items() if name not in ("in quotes", "a type variable")],
    ids=[name for name in NUMBERS if name not in ("in quotes", "a type variable")],
)
def test_a_number_or_none_is_checked(function, future, head, annotation, more, pattern):
    f = function(f"{future}{more}\n{head}", pattern.format(annotation))
    assert f(0.5) == 0.5
    assert f(None) is f(p=None) is None
    refuses(f, ValueError, 2, r"^f: p must be None or a number in \[0, 1\], not 2$")
    refuses(f, TypeError, "x", "^f: p must be None or a number")


@future
@pytest.mark.parametrize(("head", "annotation"), WORDS.values(), ids=WORDS)
def test_a_literal_is_checked(function, future, head, annotation):
    f = function(future + head, annotation)
    assert f("up") == f(p="up") == "up"
    refuses(f, ValueError, "left", "^f: p must be 'up' or 'down', not 'left'$")
    refuses(f, TypeError, 3, "^f: p must be 'up' or 'down', not 3$")
    refuses(function(future + head, f"{annotation} | None"), ValueError, "left", "None or 'up' or")


@future
@pytest.mark.parametrize(("head", "annotation"), OWN.values(), ids=OWN)
def test_a_class_of_our_own_is_checked(function, future, head, annotation):
    f = function(future + head, annotation)
    refuses(f, TypeError, 3, "^f: p must be a module, not 3$")
    refuses(
        function(future + head, f"{annotation} | None"), TypeError, 3, "must be None or a module"
    )


@future
@pytest.mark.parametrize(("head", "annotation"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_is_not_offered_is_refused(function, future, head, annotation):
    f = function(future + head, annotation, " = 1")
    assert f() == f(1) == f(p=1) == 1
    refuses(f, TypeError, 2, "^f: p=2 is not offered here; leave it at 1$")


def test_what_changes_no_value_is_taken(function):
    f = function("from nnlib.arguments import Ignored", "Ignored", " = None")
    assert f() is None
    assert f(p=True) is f(True) is True


@future
@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ("bool", "True or False"),
        ("int", "a whole number"),
        ("float", "a number"),
        ("str", "a word"),
    ],
)
def test_a_plain_type_is_checked(function, future, plain, message):
    refuses(function(future, plain), TypeError, [], rf"^f: p must be {message}, not \[\]$")


@pytest.mark.parametrize(
    "annotation", ["Nowhere", "nnlib.Nowhere", "'Nowhere' | None", "list[Nowhere]"]
)
def test_what_cannot_be_resolved_raises(function, annotation):
    f = function("from __future__ import annotations\nimport nnlib", annotation, " = 0")
    for call in (f, lambda: f(1), lambda: f(p=1)):
        for _ in range(2):  # it must not be known from the second call on that nothing is to check
            with pytest.raises((NameError, AttributeError, TypeError)):
                call()


def test_two_constraints_on_one_argument_raise(function):
    """None of them may be passed over."""
    head = "from typing import Annotated\nfrom nnlib.arguments import Constraint, UnitInterval"
    f = function(head, 'Annotated[UnitInterval, Constraint("a half", (float,))]')
    for _ in range(2):
        with pytest.raises(ValueError, match="too many values"):
            f(0.5)


# The library itself --------------------------------------------------------------------------------

MODULES = [
    importlib.import_module(name)
    for name in (
        "nnlib", "nnlib.nn", "nnlib.nn.functional", "nnlib.nn.init", "nnlib.nn.penalties",
        "nnlib.nn.utils", "nnlib.optim", "nnlib.optim.lr_scheduler", "nnlib.data",
        "nnlib.classical", "nnlib.train", "nnlib.callbacks", "nnlib.autodiff", "nnlib.serialize",
        "nnlib.testing", "nnlib.random", "nnlib.generator", "nnlib.special",
    )
]  # fmt: skip
# They take any number of things, or, as the base of all optimizers, what is still to be named.
ANY_NUMBER = {
    "Buffer", "Identity", "Optimizer", "Sequential", "Tensor", "TensorDataset",
    "compare_with_torch", "summary", "switched", "trace", "use",
}  # fmt: skip


def public():
    for module in MODULES:
        for name in getattr(module, "__all__", None) or vars(module):
            thing = getattr(module, name)
            home = getattr(thing, "__module__", None) or ""
            if (inspect.isfunction(thing) or inspect.isclass(thing)) and (
                name[0] != "_" and home.startswith("nnlib.") and home != "nnlib.arguments"
            ):
                yield name, thing


PUBLIC = dict(public())


@pytest.mark.parametrize("name", PUBLIC)
def test_arguments_are_written_out(name):
    thing = PUBLIC[name]
    assert not hasattr(thing, "__signature__"), "an editor that reads the source cannot see it"
    parameters = inspect.signature(thing).parameters.values()
    starred = any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)
    assert starred == (name in ANY_NUMBER)
    assert [p.name for p in parameters if p.annotation is p.empty] == []


def decorated():
    """Every function and method of the library that is @checked."""
    code = checked(lambda: None).__code__
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] == "nnlib":
            held = list(vars(module).values())
            held += [v for c in held if inspect.isclass(c) for v in vars(c).values()]
            yield from (f for f in held if getattr(f, "__code__", None) is code)


CHECKED = {f"{f.__module__}.{f.__qualname__}": f for f in decorated()}


def test_many_are_checked():
    assert len(CHECKED) > 100


@pytest.mark.parametrize("name", CHECKED)
def test_no_constraint_is_out_of_sight(name):
    """Such as list[UnitInterval], of which checked() would see nothing."""
    for argument, hint in get_type_hints(CHECKED[name], include_extras=True).items():
        if argument != "return" and re.search(r"Constraint\(|OnlyDefault", repr(hint)):
            assert constraint(hint), f"{argument}: {hint}"
