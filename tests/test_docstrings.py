"""Every public name says its formula or job, shapes, errors and source, and shows an example.

A function or class carries all of it. A module of nn may hand it on, "see :func:`relu`", and a
relative a part of it: "Shapes and errors as in :class:`RNN`". In a file of one family, the head says
once what holds for all. What a name can raise is read from its source, so that the docstring can
neither leave it out nor make it up.
"""

import ast
import builtins
import doctest
import functools
import importlib
import inspect
import re
import sys
import textwrap

import pytest

import nnlib
from nnlib import arguments, nn, ops

MODULES = [
    importlib.import_module(name)
    for name in (
        "nnlib", "nnlib.nn", "nnlib.nn.functional", "nnlib.nn.init", "nnlib.nn.penalties",
        "nnlib.nn.utils", "nnlib.optim", "nnlib.optim.lr_scheduler", "nnlib.data",
        "nnlib.classical", "nnlib.train", "nnlib.callbacks", "nnlib.autodiff", "nnlib.serialize",
        "nnlib.testing", "nnlib.random", "nnlib.generator", "nnlib.special",
    )
]  # fmt: skip

# Where the idea is nobody's in particular, or ours: no source is named.
OWN = {
    "Buffer", "LayerRecord", "Step", "Trace", "TraceNode", "Training", "TrainingDiverged",
    "activity_l1", "activity_l2", "central_differences", "compare_with_torch", "copy_weights",
    "evaluating", "from_torch", "generator", "gradient_is_small", "make_flats",
    "numerical_jacobian", "polynomial_count", "shift", "step_is_small", "to_torch", "truth_table",
    "use",
}  # fmt: skip
# Their examples need PyTorch or a download, and are not run.
SKIPPED = {
    "compare_with_torch", "copy_weights", "from_torch", "load_fashion_mnist", "load_mnist",
    "to_torch",
}  # fmt: skip
# Files whose head says shapes and errors for all in it that do not say otherwise.
FAMILIES = {
    "nnlib.nn.activation", "nnlib.nn.rectifiers", "nnlib.nn.robust",
}  # fmt: skip
ARRAYS = {  # what arguments are called that take arrays
    "H", "W", "X", "covariance", "g", "image", "images", "input", "inputs", "labels", "m0", "m1",
    "output", "patterns", "target", "tensor", "tensors", "u", "w", "weight", "x", "y", "z",
}  # fmt: skip
CALLED = ("__init__", "__call__", "fit", "forward", "predict", "transform")  # methods of a class

AXIS = r"(?:…|N|B|C|T|K|V|L|n|d|p|in|out|hidden\w*|layers[^,()]*|[a-z]+_[a-z]+|\d+)"
SHAPE = re.compile(rf"(?<!\w)\({AXIS},[^()]*\)|\b[Aa]ny shape|\bone shape|\bsame shape")
YEAR = r"\((?:1[6789]|20)\d\d(?:[–,][^()]*)?\)"
SOURCE = re.compile(
    rf"[A-Z][^\W\d]+[^()\d]*{YEAR}"
    r"|\b[Aa]s (?:in )?(?:``)?(?:PyTorch|torch|Keras|NumPy|scikit-learn)\b"
)
RAISES = re.compile(r"\b[Rr]aises\b[^.]*(?:\.[^.\s][^.]*)*")
REFERENCE = re.compile(r"(?:([^.:;]*?) as in|\b[Ss]ee) :(?:func|class):`~?([\w.]+)`")


def offered(module):
    names = getattr(module, "__all__", None) or [n for n in vars(module) if n[0] != "_"]
    for name in names:
        thing = getattr(module, name)
        home = getattr(thing, "__module__", None) or ""
        package = (
            hasattr(module, "__path__") or hasattr(module, "__all__") or module is nn.functional
        )
        if (inspect.isfunction(thing) or inspect.isclass(thing)) and (
            home.startswith("nnlib.") if package else home == module.__name__
        ):
            yield thing


PUBLIC = {id(thing): thing for module in MODULES for thing in offered(module)}.values()
NAMED = {thing.__name__: thing for thing in PUBLIC}
each_name = pytest.mark.parametrize("thing", PUBLIC, ids=lambda t: f"{t.__module__}.{t.__name__}")


def prose(thing):
    """The docstring as one line, without the examples."""
    doc = (inspect.getdoc(thing) or "") if thing else ""
    return " ".join(doc.partition("\n>>>")[0].split())


def handed_on(thing, part):
    """The name that the docstring points to for this part, or None."""
    for about, target in REFERENCE.findall(prose(thing)):
        # "see" hands on everything, and is for what only wraps a function.
        whole = not about and inspect.isclass(thing) and issubclass(thing, nn.Module)
        if whole or part in about.lower():
            name = target.rpartition(".")[2]
            here = getattr(sys.modules[thing.__module__], name, None)
            return here or NAMED[name]
    return None


def carried(thing, part, has):
    """The part stands in the docstring, or where it points to."""
    seen = []
    while thing is not None and thing not in seen:
        if has(thing):
            return True
        seen.append(thing)
        thing = handed_on(thing, part)
    return part in ("shapes", "errors") and any(has(head(thing)) for thing in seen)


def head(thing):
    """The family's file, whose docstring speaks for it; else nothing."""
    return sys.modules[thing.__module__] if thing.__module__ in FAMILIES else None


# What can be raised -----------------------------------------------------------------------------

# They look at an argument by its annotation: a wrong type or a wrong value.
CHECKS = (arguments.check_arguments, arguments.checked, arguments.require)
QUIET = {"NotImplementedError", "AttributeError", "Exception"}  # of the code, not of a call


@functools.cache
def parsed(function):
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def parts_of(thing):
    """The functions that make up a name: a class is its own methods and those of its bases."""
    if not inspect.isclass(thing):
        return [(inspect.unwrap(thing), None)]
    bases = [c for c in thing.__mro__ if c.__module__.startswith("nnlib.")]
    bases = [c for c in bases if c is thing or c not in (*nn.Module.__mro__, *nnlib.Tensor.__mro__)]
    found = [(getattr(f, "fget", f), c) for c in bases for f in vars(c).values()]
    own = [f for f, c in found if inspect.isfunction(f) and f.__module__ == c.__module__]
    written = [(inspect.unwrap(f), thing) for f in own]
    return [pair for pair in written if pair[0].__code__.co_filename[0] != "<"]  # a dataclass's are


def raised(thing, deep):
    """The names of the exceptions that a name, or a check that it calls, can raise.

    Another public name answers for itself, unless we look ``deep``. ``generator=`` is checked in one
    place, nnlib.random, and its docstring says so for all.
    """
    found, done, queue = set(), set(), parts_of(thing)
    while queue:
        function, owner = queue.pop()
        if function in done or function is inspect.unwrap(nnlib.random.generator) != thing:
            continue
        done.add(function)
        for node in ast.walk(parsed(function)):
            if isinstance(node, ast.Raise) and node.exc is not None:
                found |= exceptions(node.exc, function)
            if isinstance(node, ast.Assert) and node.msg is not None:
                found.add("AssertionError")
            for callee in called(node, function, owner):
                if callee in CHECKS:
                    found |= {"TypeError", "ValueError"}
                if deep or callee not in PUBLIC:
                    queue += parts_of(callee)
    return found - QUIET


def exceptions(exc, function):
    name = getattr(getattr(exc, "func", exc), "id", "")
    value = function.__globals__.get(name) or getattr(builtins, name, None)
    if inspect.isfunction(value):  # a helper that finds the message
        return {value.__annotations__["return"]}
    return {name} if inspect.isclass(value) else set()


def called(node, function, owner):
    value = None
    if isinstance(node, ast.Name):
        value = function.__globals__.get(node.id)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        holder = function.__globals__.get(node.value.id)
        value = getattr(owner if node.value.id == "self" else holder, node.attr, None)
    if (inspect.isfunction(value) or inspect.isclass(value)) and (
        value.__module__.startswith("nnlib.") and value is not nnlib.Tensor
    ):
        yield value


# The rules --------------------------------------------------------------------------------------


@each_name
def test_the_first_line_says_what_it_is(thing):
    first, *rest = (inspect.getdoc(thing) or "").splitlines() or [""]
    assert thing.__doc__ and len(first) > 10
    assert not rest or not rest[0], "a blank line follows the first one"


@each_name
def test_shapes(thing):
    methods = [thing]
    if inspect.isclass(thing):
        methods = [f for f, _ in parts_of(thing) if f.__name__ in CALLED]
    if any(ARRAYS & set(inspect.signature(f).parameters) for f in methods):
        assert carried(thing, "shapes", lambda t: SHAPE.search(prose(t)))


@each_name
def test_errors(thing):
    said, named = errors_in(thing)
    assert bool(said) == bool(named), "say which exception"
    expected = raised(thing, deep=False)
    if not said and expected and not handed_on(thing, "errors"):
        named = errors_in(head(thing))[1]
    assert named <= raised(thing, deep=True), "it can raise no such thing"
    if expected:
        assert carried(thing, "errors", lambda t: RAISES.search(prose(t))), expected


def errors_in(thing):
    """What the docstring says of errors, and which exceptions it names."""
    said = " ".join(RAISES.findall(prose(thing)))
    return said, set(re.findall(r"\b[A-Z]\w+(?:Error|Diverged)\b", said))


@each_name
def test_errors_of_its_own_are_all_named(thing):
    if not inspect.isclass(thing):
        for name in directly(inspect.unwrap(thing)):
            known = name in prose(thing) or name in prose(head(thing))
            assert known or handed_on(thing, "errors"), name


def directly(function):
    raises = [n for n in ast.walk(parsed(function)) if isinstance(n, ast.Raise) and n.exc]
    return set().union(*(exceptions(node.exc, function) for node in raises)) - QUIET


@each_name
def test_source(thing):
    found = carried(thing, "source", lambda t: SOURCE.search(prose(t)))
    assert found != (thing.__name__ in OWN)


@each_name
def test_example(thing):
    def shown(t):
        examples = doctest.DocTestParser().get_examples(inspect.getdoc(t) or "")
        skipped = any(doctest.SKIP in example.options for example in examples)
        assert skipped <= (t.__name__ in SKIPPED)
        uses = any(re.search(rf"\b{t.__name__}\b", example.source) for example in examples)
        return uses and any(example.want for example in examples)

    assert carried(thing, "example", shown)


def test_every_example_is_run():
    """A decorator could hide one from doctest."""
    for thing in PUBLIC:
        if ">>>" in (thing.__doc__ or ""):
            home = importlib.import_module(thing.__module__)
            tests = doctest.DocTestFinder(exclude_empty=True).find(home)
            assert f"{thing.__module__}.{thing.__name__}" in {test.name for test in tests}


def test_ops_share_one_docstring():
    """Thirty ops, one line each; what holds for all of them stands above them."""
    for name, thing in vars(ops).items():
        if inspect.isfunction(thing) and thing.__module__ == ops.__name__ and name[0] != "_":
            assert thing.__doc__ and "\n" not in thing.__doc__, name
    assert SHAPE.search(prose(ops)) and SOURCE.search(prose(ops)) and RAISES.search(prose(ops))
    assert ">>>" in ops.__doc__


def test_what_nobody_needs_is_struck_from_the_lists():
    assert set(NAMED) >= OWN | SKIPPED


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_a_family_has_a_head_that_speaks_for_it(name):
    said, named = errors_in(sys.modules[name])
    assert said and named
    assert SHAPE.search(prose(sys.modules[name]))
    silent = [t for t in PUBLIC if t.__module__ == name and not errors_in(t)[0]]
    assert len(silent) > 1, "then each can say it itself"
