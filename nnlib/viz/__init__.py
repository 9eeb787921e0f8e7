"""Pictures: functions that take an Axes and data, draw, and give the Axes back.

    fig, ax = plt.subplots()
    viz.decision_regions(ax, perceptron.predict, X, y)
    viz.show(fig, alt="A line with three corners of the square on one side, one on the other.")

Importing this package gives every figure the course's one style.
"""

from nnlib.viz.backprop import log_curves, logit_gradient
from nnlib.viz.curves import activation, contributions, errors_per_epoch, similarity
from nnlib.viz.descent import landscape, loss_curves
from nnlib.viz.diagrams import GraphNode, mark_one, network, neuron_graph, neuron_graph_nodes
from nnlib.viz.dropout import accuracies
from nnlib.viz.graph import Drawing, computational_graph
from nnlib.viz.layers import layer_histograms
from nnlib.viz.normalization import batch_norm_graph, clouds
from nnlib.viz.optimizers import log_log, look_ahead, step_counts
from nnlib.viz.picture import picture_bundle
from nnlib.viz.plane import arrows, decision_regions, points
from nnlib.viz.routes import grown_rectangle, poked_network
from nnlib.viz.style import palette, show
from nnlib.viz.templates import image_grid, pattern, patterns
from nnlib.viz.training import LivePlot, history
from nnlib.viz.wiring import neurons, parameter_bars, singular_values, wirings

__all__ = [
    "Drawing",
    "GraphNode",
    "LivePlot",
    "accuracies",
    "activation",
    "arrows",
    "batch_norm_graph",
    "clouds",
    "computational_graph",
    "contributions",
    "decision_regions",
    "errors_per_epoch",
    "grown_rectangle",
    "history",
    "image_grid",
    "landscape",
    "layer_histograms",
    "log_curves",
    "log_log",
    "logit_gradient",
    "look_ahead",
    "loss_curves",
    "mark_one",
    "network",
    "neuron_graph",
    "neuron_graph_nodes",
    "neurons",
    "palette",
    "parameter_bars",
    "pattern",
    "patterns",
    "picture_bundle",
    "points",
    "poked_network",
    "show",
    "similarity",
    "singular_values",
    "step_counts",
    "wirings",
]
