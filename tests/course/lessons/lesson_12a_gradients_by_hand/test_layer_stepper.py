"""The layer stepper's numbers, shapes and words."""

from itertools import product

import numpy as np
import pytest

from nnlib import nn
from nnlib.course.kit.scene import Heat, Label, Line
from nnlib.course.lessons.lesson_12a_gradients_by_hand.layer_stepper import (
    GIVEN,
    GRID,
    PHI,
    STEPS,
    LayerStepper,
    short,
    values,
)
from nnlib.course.widgets import layer_stepper


@pytest.mark.parametrize("activation", PHI)
@pytest.mark.parametrize("batch", [1, 6])
def test_every_gradient_is_what_the_tape_finds(activation, batch):
    module = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}[activation]
    v = values(activation, batch)
    model = nn.MLP([2, 3, 4], activation=module).double()
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
        panel, close_up = model.scene().panels
        assert all(0 <= x <= close_up.xlim[1] and 0 <= y <= close_up.ylim[1]
                   for item in close_up.items if isinstance(item, Line) for x, y in item.xy)  # fmt: skip
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
    words = LayerStepper(batch=4, step=7).words()
    assert words.startswith("Step 7 of 12, backward: dW₂ = dZ₂ᵀ H₁. From dZ₂ (4, 4) and H₁ (4, 3)")
    assert "comes dW₂ (4, 3), like W₂" in words
    turned = LayerStepper(batch=4, step=7, examples="columns").words()
    assert "dW₂ = dZ₂ H₁ᵀ. From dZ₂ (4, 4) and H₁ (3, 4)" in turned
    assert LayerStepper().words().startswith("Given are X (2, 2), W₁ (3, 2), b₁ (3,)")
    assert "(P − E) / 2" in LayerStepper(step=6, batch=2).words()


def test_it_opens_before_the_way_back_with_few_examples():
    model = LayerStepper()
    assert (model.step, model.batch) == (0, 2)
    assert model.known() == set(GIVEN)


def numbers(model):
    """What stands in the cells of the close-up, row by row."""
    items = model.scene().panels[1].items
    return [item.text for item in items if isinstance(item, Label) and item.text[-1].isdecimal()]


def test_each_step_is_shown_in_numbers():
    model = LayerStepper(step=6)
    dZ = [short(v) for v in model.matrix("dZ₂").ravel()]
    assert numbers(model)[-8:] == dZ
    P, E = values("sigmoid", 2)["P"], values("sigmoid", 2)["E"]
    np.testing.assert_allclose(model.matrix("dZ₂"), (P - E) / 2)
    assert "First row: .42, .02, −.49, .05." in model.words()


def test_a_weight_gradient_is_a_sum_with_a_term_for_each_example():
    for step, batch in product((7, 11), (1, 2, 6)):
        for examples in ("rows", "columns"):
            model = LayerStepper(step=step, batch=batch, examples=examples)
            matrices = [part for part in model.parts() if not isinstance(part, str)]
            *terms, (name, total) = matrices
            assert [title for title, _ in terms] == [f"example {n + 1}" for n in range(batch)]
            assert name == model.now.result
            np.testing.assert_allclose(sum(term for _, term in terms), total, atol=1e-15)
            assert all(np.linalg.matrix_rank(term) == 1 for _, term in terms)


def test_the_signs_between_the_matrices_are_true():
    for examples in ("rows", "columns"):
        for step, bias in ((1, "b₁"), (3, "b₂"), (9, None)):
            model = LayerStepper(step=step, examples=examples)
            (_, left), dot, (_, right), sign, (_, result) = model.parts()
            added = 0 if bias is None else model.matrix(bias)
            assert (dot, sign) == ("·", "=" if bias is None else f"+{bias}=")
            np.testing.assert_allclose(left @ right + added, result)


def test_numbers_give_way_where_cells_are_too_narrow():
    assert numbers(LayerStepper(step=7, batch=2))
    close_up = numbers(LayerStepper(step=7, batch=6))
    assert all(text.startswith("example") for text in close_up)


def test_the_goal_is_a_unit_that_no_example_switches_on():
    reached = [
        settings
        for settings in product(PHI, range(1, 7), ("rows", "columns"), range(len(STEPS) + 1))
        if LayerStepper(*settings).reached()
    ]
    assert reached
    for activation, batch, _, step in reached:
        assert activation == "relu" and step >= 11
        assert (values("relu", batch)["Z₁"] <= 0).all(axis=0).any()


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
