"""The model builder, without Jupyter: its counts are those of real models, and its code runs."""

import numpy as np
import pytest

import nnlib
from nnlib import nn
from nnlib.course.kit.scene import Arrow, Label, picture, wire
from nnlib.course.lessons.lesson_23a_frameworks.model_builder import (
    DIALECTS,
    KINDS,
    MERGES,
    ModelBuilder,
    model_builder,
)

ALL = [(kind, merge) for kind in KINDS for merge in MERGES]


@pytest.mark.parametrize(("kind", "merge"), ALL)
def test_the_code_for_nnlib_makes_the_model_that_is_counted(kind: str, merge: str) -> None:
    shown = ModelBuilder(kind, 24, merge)
    names = {"nn": nn, "torch": nnlib}
    exec("\n".join(shown.lines), names)  # noqa: S102
    model = names["model"] if kind == "sequential" else names["Pair"]()
    assert sum(p.data.size for p in model.parameters()) == shown.parameters
    a, b = np.random.default_rng(0).normal(size=(2, 5, 64)).astype(np.float32)
    score = model(a) if kind == "sequential" else model(nnlib.Tensor(a), nnlib.Tensor(b))
    assert score.shape == (5, 1)


@pytest.mark.parametrize(("kind", "merge"), ALL)
def test_the_code_for_keras_does_too(
    kind: str, merge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    shown = ModelBuilder(kind, 24, merge, "keras")
    names = {"keras": keras, "layers": keras.layers, "ops": keras.ops}
    exec("\n".join(shown.lines), names)  # noqa: S102
    assert names["model"].count_params() == shown.parameters


def test_only_a_shared_encoder_reaches_the_goal() -> None:
    reached = {
        (kind, units)
        for kind, merge in ALL
        for units in range(8, 65, 8)
        if ModelBuilder(kind, units, merge).reached()
    }
    assert reached == {("shared", 32)}
    assert not ModelBuilder().reached()


@pytest.mark.parametrize(("kind", "arrows"), [("sequential", 2), ("separate", 5), ("shared", 4)])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_picture_has_a_box_for_each_layer_and_the_code(
    kind: str, arrows: int, dialect: str
) -> None:
    model = ModelBuilder(kind, 64, "concat", dialect)
    wire(model.scene())
    graph, code = model.scene().panels
    assert sum(isinstance(i, Label) for i in graph.items) == len(model.boxes)
    assert sum(isinstance(i, Arrow) for i in graph.items) == arrows
    assert [i.text for i in code.items if isinstance(i, Label)] == model.lines
    assert graph.title == f"{model.parameters:,} parameters"


@pytest.mark.parametrize(("kind", "merge"), ALL)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_cut_off_or_covered(kind: str, merge: str, dialect: str) -> None:
    model = ModelBuilder(kind, 64, merge, dialect)
    assert max(len(line) for line in model.lines) <= 70  # 75 fill the panel
    for start, end in model.arrows(model.boxes):
        assert end.at[0] - end.half - (start.at[0] + start.half) > 0.1


def test_words_tell_the_sum_and_what_it_needs() -> None:
    words = ModelBuilder("shared", 32, "difference").words()
    assert words.startswith("2 inputs: 2,080 + 33 = 2,113 parameters.")
    assert words.endswith("The shared encoder counts once.")
    assert "Sequential will do" in ModelBuilder().words()


def test_the_widget_gives_its_settings_back() -> None:
    widget = model_builder(kind="separate", units=40, merge="difference", dialect="keras")
    assert repr(model_builder(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"kind": "tree"}, {"units": 12}, {"dialect": "jax"}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        model_builder(**wrong)
