"""What lesson 21b draws."""

import matplotlib.pyplot as plt

from nnlib.course.lessons.lesson_21b_residual_networks.figures import depths_and_errors


def test_depths_and_errors():
    _, ax = plt.subplots()
    depths_and_errors(ax, [(2011, "A", None, 25.8), (2012, "B", 8, 16.4), (2014, "C", 19, 7.3)])
    heights = [bar.get_height() for bars in ax.containers for bar in bars]
    assert sorted(heights) == [7.3, 16.4, 25.8]
    assert [text.get_text() for text in ax.texts] == ["", "8 layers", "19 layers"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["A\n2011", "B\n2012", "C\n2014"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "a deep network",
        "no deep network",
    ]
    plt.close("all")
