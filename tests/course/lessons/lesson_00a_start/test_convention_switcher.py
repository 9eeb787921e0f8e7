"""The convention switcher, without Jupyter: for each form one line is right, and it alone."""

from itertools import product

import numpy as np
import pytest

from nnlib.course.kit.scene import Label, picture, wire
from nnlib.course.lessons.lesson_00a_start.convention_switcher import (
    FORMS,
    SIZES,
    ConventionSwitcher,
)

TURNS = list(product(("as", "turned"), repeat=2))
# From what is stored to X @ W.T: which of the two must be turned.
RIGHT = {
    "rows": ("as", "turned"),
    "keras": ("as", "as"),
    "columns": ("turned", "turned"),
    "transposed": ("turned", "as"),
}


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("form", FORMS)
def test_one_line_alone_is_right(form: str, sizes: str) -> None:
    whole = ConventionSwitcher(form, sizes).wanted.size
    right = [turn for turn in TURNS if ConventionSwitcher(form, sizes, *turn).right == whole]
    assert right == [RIGHT[form]]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_stored_is_what_the_form_says(form: str) -> None:
    """The form's own formula gives the course's Z, or in columns its transpose."""
    model = ConventionSwitcher(form)
    X, W, b = model.stored
    own = {
        "rows": lambda: X @ W.T + b,
        "keras": lambda: X @ W + b,
        "columns": lambda: (W @ X + b[:, None]).T,
        "transposed": lambda: (W.T @ X + b[:, None]).T,
    }
    np.testing.assert_array_equal(own[form](), model.wanted)


def test_with_different_sizes_no_wrong_line_runs() -> None:
    for form, turn in product(FORMS, TURNS):
        assert (ConventionSwitcher(form, "different", *turn).given is None) == (turn != RIGHT[form])


def test_with_square_arrays_every_line_runs() -> None:
    for form, turn in product(FORMS, TURNS):
        model = ConventionSwitcher(form, "square", *turn)
        assert model.given is not None and model.given.shape == (3, 3)


def test_the_lesson_says_that_five_of_nine_are_wrong() -> None:
    model = ConventionSwitcher("columns", "square", "as", "as")
    assert model.right == 4 and "4 of 9 entries right" in model.words()
    texts = [i.text for i in model.scene().panels[0].items if isinstance(i, Label)]
    assert sum("≠" in text for text in texts) == 5


def test_what_does_not_fit_is_said() -> None:
    model = ConventionSwitcher()
    assert "do not fit" in model.words()
    texts = [i.text for i in model.scene().panels[0].items if isinstance(i, Label)]
    assert "2 columns cannot meet\n4 rows" in texts


def test_the_goal() -> None:
    assert not ConventionSwitcher().reached()
    assert ConventionSwitcher("columns", "square", "turned", "turned").reached()
    assert not ConventionSwitcher("columns", "different", "turned", "turned").reached()
    assert not ConventionSwitcher("rows", "square", "as", "turned").reached()


def test_it_can_be_drawn_at_every_setting() -> None:
    for form, sizes, turn in product(FORMS, SIZES, TURNS):
        scene = ConventionSwitcher(form, sizes, *turn).scene()
        [panel] = scene.panels
        for item in panel.items:
            xy = np.atleast_2d(item.xy)  # type: ignore[union-attr]
            assert (panel.xlim[0] <= xy[:, 0]).all() and (xy[:, 0] <= panel.xlim[1]).all()
            assert (panel.ylim[0] <= xy[:, 1]).all() and (xy[:, 1] <= panel.ylim[1]).all()
        assert wire(scene)
    assert picture(scene)


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="form must be one of"):
        ConventionSwitcher("pytorch")
