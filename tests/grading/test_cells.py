"""What a worker makes of a notebook's cells, and what stands in for what is not there."""

from typing import Any

import numpy as np
import pytest

from nnlib.course.grade import cells, stand_ins

PLAIN = {
    "nothing to do": ("x = 5 % 3", "x = 5 % 3"),
    "a magic": ("%matplotlib inline\nx = 1", "pass\nx = 1"),
    "a shell, assigned": ("def f():\n    files = !ls\n", "def f():\n    files = get_ipython()\n"),
    "a magic, assigned": ("t = %timeit -o f()", "t = get_ipython()"),
    "a time, assigned": ("t = %time f()", "t = f()"),
    "a timed statement": ("%time x = f()", "x = f()"),
    "goes on": ("%timeit -n 1 \\\n   f()\nx = 1", "pass\n\nx = 1"),
    "a timed cell": ("%%time\nx = 1", "pass\nx = 1"),
    "a magic cell of no language": ("%%memit\nx = 1", "pass\nx = 1"),
    "another language": ("%%bash\nls", ""),
    "a file": ("%%writefile a.py\nx = 1\n", "open('a.py', 'w').write('x = 1\\n')"),
    "more of a file": ("%%writefile -a a.py\nx = 1", "open('a.py', 'a').write('x = 1')"),
    "a file that is run": ("%run a.py", "exec(open('a.py').read())"),
    "help": ("np.sum?\n?np.sum\npip install x", "pass\npass\npass"),
}


@pytest.mark.parametrize(("source", "plain"), PLAIN.values(), ids=PLAIN)
def test_magics_become_plain_python(source: str, plain: str) -> None:
    assert cells.without_magics(source) == plain


def run(*sources: str, extent: int = cells.EVERYTHING, skipped: Any = ()) -> cells.Notebook:
    made = [cells.Cell(i, source) for i, source in enumerate(sources)]
    notebook = cells.Notebook(made, {}, extent, set(skipped), lambda cell, line: None)
    notebook.run()
    return notebook


def test_a_line_that_fails_costs_itself_and_is_tried_again() -> None:
    notebook = run("a = later\nb = 2\nc = 1 / 0", "later = 1")
    assert {name: notebook.namespace.get(name) for name in "abc"} == {"a": 1, "b": 2, "c": None}
    assert notebook.cells[0].problem == "ZeroDivisionError: division by zero"
    assert notebook.cells[1].problem == ""


def test_names_are_kept_as_at_the_check() -> None:
    notebook = run("def f():\n    return g()\ng = len", "check(f)", "g = sum", "  check(h)")
    assert notebook.seen.keys() == {"f", "h"}
    assert notebook.seen["f"]["g"] is len and notebook.namespace["g"] is sum
    assert cells.differs("f", notebook.seen["f"], notebook.namespace)


DIFFER = {
    "nothing that it reads": ("def f():\n    return 1", "x = 2", False),
    "a name of a helper": ("def g():\n    return x\ndef f():\n    return g()", "x = 2", True),
    "a name read within": ("def f():\n    return [x for _ in range(3)]", "x = 2", True),
    "a name that comes later": ("def f():\n    return late()", "late = len", True),
    "itself": ("def f():\n    return 1", "del f", True),
    "an object, of which nobody knows": ("class F: ...\nf = F()", "x = 2", True),
}


@pytest.mark.parametrize(("first", "then", "differ"), DIFFER.values(), ids=DIFFER)
def test_what_may_make_an_answer_another(first: str, then: str, differ: bool) -> None:
    before = run(first).namespace
    after = dict(before)
    exec(then, after)  # noqa: S102 (a line of this file)
    assert cells.differs("f", before, after) is differ


def test_less_of_a_notebook() -> None:
    sources = "import math\nx = 1\ny = len('ab')\nfor x in range(5): ...\ndef f(): ..."
    names = [run(sources, extent=extent).namespace for extent in range(3)]
    assert [found["x"] for found in names] == [4, 1, 1]
    assert ["y" in found for found in names] == [True, True, False]
    assert all({"math", "f"} <= found.keys() for found in names)
    assert "x" not in run(sources, skipped=[(0, 1), (0, 3)]).namespace


def test_why_a_name_is_missing() -> None:
    assert run("x = 1").why_missing("f") == "NotImplementedError"
    assert "there is no `f`, but `F`" in run("def F(): ...").why_missing("f")
    assert run("def f(:").why_missing("f").startswith("SyntaxError")


def test_a_future_holds_for_the_cells_beneath() -> None:
    notebook = run("from __future__ import annotations", "def f(x: Tensor) -> Tensor: ...")
    assert not notebook.cells[1].problem


# ── What is stood in for ─────────────────────────────────────────────────────────────────────────

inert = stand_ins.Inert()


def test_a_stand_in_unpacks_as_it_is_asked_to() -> None:
    figure, axis = inert.subplot_mosaic("AB")
    n, bins, bars = axis.hist([1])
    (line,) = axis.plot([1])
    assert all(part is inert for part in (figure, n, bins, bars, line))
    assert len(list(inert)) == len(inert) == stand_ins.MANY
    first, *_ = inert
    assert first is inert


def test_axes_have_the_shape_that_is_asked_for() -> None:
    assert isinstance(stand_ins.subplots()[1], stand_ins.Inert)
    assert stand_ins.subplots(1, 3)[1].shape == (3,)
    assert stand_ins.subplots(2, 2)[1].shape == (2, 2)
    assert stand_ins.subplots(1, 1, squeeze=False)[1].shape == (1, 1)
    figure = inert.figure(figsize=(3, 4))
    assert figure.subplots(2, 3).shape == (2, 3)


def test_a_stand_in_can_be_reckoned_with() -> None:
    assert inert * 2 + 1 is inert and 2 / -inert is inert
    assert not inert < 3 and f"{inert:.2f}" == ""
    assert np.sum(np.array([inert.dpi * 2.0], dtype=float)) == 0
    assert len(inert.color_palette(n_colors=4)) == 4
    with pytest.raises(AttributeError):
        _ = inert.__version__


def test_progress_passes_on_what_it_is_given() -> None:
    assert list(inert.tqdm(range(3), desc="x")) == [0, 1, 2] == list(inert.trange(3))
    with inert.tqdm(total=3) as bar:
        bar.update(1)
        assert list(bar) == []
    assert len(inert.tqdm([1, 2])) == 2
    inert.tqdm.write("x")


def test_a_decorator_gives_back_what_it_decorates() -> None:
    @inert.interact(x=(0, 1))  # type: ignore[untyped-decorator,unused-ignore]
    def f(x: int) -> int:
        return x

    assert f(3) == 3

    class Widget(inert.DOMWidget):  # type: ignore[misc]
        """Derived from nothing."""

    assert Widget.__bases__ == (object,)
