"""What the lesson's picture shows."""

import matplotlib.pyplot as plt
import pytest

from nnlib.course.lessons.lesson_20a_recurrent_networks.figures import unrolled


@pytest.mark.parametrize("steps", [1, 3, 5])
def test_a_column_for_each_step_beside_the_loop(steps):
    fig, ax = plt.subplots()
    assert unrolled(ax, steps) is ax
    texts = [text.get_text() for text in ax.texts]
    for t in range(1, steps + 1):
        assert {f"$x_{t}$", f"$h_{t}$", f"$o_{t}$"} <= set(texts)
    assert {"$x$", "$h$", "$o$", "$h_0$"} <= set(texts)
    # Every step, and the loop, has the same three names on its arrows.
    assert [texts.count(f"${name}$") for name in "UVW"] == [steps + 1] * 3
    fig.canvas.draw()
    left, right = ax.get_xlim()
    assert all(left < text.get_position()[0] < right for text in ax.texts if text.get_text())
    plt.close(fig)
