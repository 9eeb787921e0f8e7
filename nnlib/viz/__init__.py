"""Pictures: functions that take an Axes and data, draw, and give the Axes back.

    fig, ax = plt.subplots()
    viz.decision_regions(ax, perceptron.predict, X, y)
    viz.show(fig, alt="A line with three corners of the square on one side, one on the other.")

Importing this package gives every figure the course's one style.
"""

from nnlib.viz.curves import activation, contributions, errors_per_epoch, similarity
from nnlib.viz.descent import landscape, loss_curves
from nnlib.viz.diagrams import GraphNode, mark_one, network, neuron_graph, neuron_graph_nodes
from nnlib.viz.graph import Drawing, computational_graph
from nnlib.viz.layers import layer_histograms
from nnlib.viz.picture import picture_bundle
from nnlib.viz.plane import arrows, decision_regions, points
from nnlib.viz.style import palette, show
from nnlib.viz.templates import image_grid, pattern, patterns
from nnlib.viz.training import LivePlot, history

__all__ = [
    "Drawing",
    "GraphNode",
    "LivePlot",
    "activation",
    "arrows",
    "computational_graph",
    "contributions",
    "decision_regions",
    "errors_per_epoch",
    "history",
    "image_grid",
    "landscape",
    "layer_histograms",
    "loss_curves",
    "mark_one",
    "network",
    "neuron_graph",
    "neuron_graph_nodes",
    "palette",
    "pattern",
    "patterns",
    "picture_bundle",
    "points",
    "show",
    "similarity",
]
