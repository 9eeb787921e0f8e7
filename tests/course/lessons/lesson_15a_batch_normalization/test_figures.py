"""The graph of batch norm."""

import warnings
from io import BytesIO

import matplotlib.pyplot as plt

from nnlib.course import figures


def draw(fig):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph that is missing, a layout that does not fit
        fig.savefig(BytesIO(), format="png")
    plt.close(fig)


def test_three_ways_lead_back_and_differ_in_more_than_color():
    fig, ax = plt.subplots(figsize=(7.6, 2.8))
    assert figures.batch_norm_graph(ax) is ax
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["direct", "through the mean", "through the spread"]
    assert len({line.get_linestyle() for line in ax.get_lines()}) == 3
    draw(fig)
