"""The layer stepper's numbers, shapes and words."""

from itertools import product

import numpy as np
import pytest

from nnlib import nn
from nnlib.course.kit.scene import Heat, Line
from nnlib.course.lessons.lesson_12a_gradients_by_hand.layer_stepper import (
    GIVEN,
    GRID,
    PHI,
    STEPS,
    LayerStepper,
    values,
)
from nnlib.course.widgets import layer_stepper


@pytest.mark.parametrize("activation", PHI)
@pytest.mark.parametrize("batch", [1, 6])
def test_every_gradient_is_what_the_tape_finds(activation, batch):
    module = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}[activation]
    v = values(activation, batch)
    model = nn.MLP([3, 4, 5], activation=module).double()
    keys = ["0.weight", "0.bias", "2.weight", "2.bias"]
    names = ["W₁", "b₁", "W₂", "b₂"]
    state = {k: v[n] if "W" in n else v[n][0] for k, n in zip(keys, names, strict=True)}
    model.load_state_dict(state)
    loss = nn.CrossEntropyLoss()(model(v["X"]), v["E"].argmax(1))
    loss.backward()
    assert v["ℓ"].mean() == pytest.approx(loss.item())
    for p, name in zip(model.parameters(), names, strict=True):
        np.testing.assert_allclose(p.grad, v["d" + name].reshape(p.shape), atol=1e-14)


def test_every_gradient_has_the_shape_of_its_own_value():
    for examples, batch in product(("rows", "columns"), (1, 6)):
        model = LayerStepper(batch=batch, examples=examples)
        for step in STEPS:
            if step.result.startswith("d"):
                assert model.matrix(step.result).shape == model.matrix(step.result[1:]).shape


def test_columns_turn_what_holds_examples_and_nothing_else():
    rows, columns = LayerStepper(), LayerStepper(examples="columns")
    for name in ("X", "Z₁", "dH₁", "P", "b₂"):
        np.testing.assert_array_equal(columns.matrix(name), rows.matrix(name).T)
    for name in ("W₁", "dW₂"):
        np.testing.assert_array_equal(columns.matrix(name), rows.matrix(name))


def test_a_step_reads_only_what_is_known():
    for k, step in enumerate(STEPS):
        assert set(step.reads) <= LayerStepper(step=k).known()
    assert LayerStepper(step=len(STEPS)).known() == {n for row in GRID for n in row if n}


def test_at_both_ends_of_every_range():
    ends = product(PHI, (1, 6), ("rows", "columns"), (0, 1, len(STEPS)))
    for activation, batch, examples, step in ends:
        model = LayerStepper(activation, batch, examples, step)
        [panel] = model.scene().panels
        heats = [item for item in panel.items if isinstance(item, Heat)]
        assert len(heats) == len(GIVEN) + step
        assert all(np.isfinite(heat.values).all() for heat in heats)
        for x0, x1, y0, y1 in (heat.extent for heat in heats):
            assert panel.xlim[0] < x0 < x1 < panel.xlim[1]
            assert panel.ylim[0] < y0 < y1 < panel.ylim[1]


def test_matrices_do_not_overlap():
    for batch, examples in product((1, 4, 6), ("rows", "columns")):
        items = LayerStepper(batch=batch, examples=examples, step=12).scene().panels[0].items
        places = [item.extent for item in items if isinstance(item, Heat)]
        for i, (a0, a1, b0, b1) in enumerate(places):
            for c0, c1, d0, d1 in places[i + 1 :]:
                assert a1 <= c0 or c1 <= a0 or b1 <= d0 or d1 <= b0


def test_what_is_read_is_dashed_and_what_is_computed_solid():
    items = LayerStepper(step=7).scene().panels[0].items
    lines = [item for item in items if isinstance(item, Line) and item.color != "gray"]
    assert [(line.color, line.style) for line in lines] == [
        ("blue", "dashed"),
        ("blue", "dashed"),
        ("vermillion", "solid"),
    ]


def test_words_say_the_formula_and_the_shapes():
    words = LayerStepper(step=7).words()
    assert words.startswith("Step 7 of 12, backward: dW₂ = dZ₂ᵀ H₁. From dZ₂ (4, 5) and H₁ (4, 4)")
    assert "comes dW₂ (5, 4), like W₂" in words
    assert "dW₂ = dZ₂ H₁ᵀ. From dZ₂ (5, 4)" in LayerStepper(step=7, examples="columns").words()
    assert LayerStepper().words().startswith("Given are X (4, 3), W₁ (4, 3)")
    assert "(P − E) / 2" in LayerStepper(step=6, batch=2).words()


def test_buttons_stop_at_the_ends():
    assert LayerStepper().after("back") == LayerStepper()
    last = LayerStepper(step=12)
    assert last.after("next") == last
    assert last.after("back").step == 11
    assert (LayerStepper().idle(), last.idle()) == (("back",), ("next",))


def test_settings_can_be_passed_back_in():
    widget = layer_stepper("tanh", 2, "columns", 5)
    assert layer_stepper(**widget.settings).settings == widget.settings
    with pytest.raises(ValueError, match="batch must be a number from 1 to 6"):
        layer_stepper(batch=7)
