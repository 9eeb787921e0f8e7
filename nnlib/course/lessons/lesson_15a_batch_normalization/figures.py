"""The graph of batch norm."""

from matplotlib.axes import Axes

from nnlib.viz.style import Style, stroke

# Place and text of each node; what a node is made of stands beneath its name.
NODES = {
    "Z": (0.0, 0.0, "$Z$"),
    "mean": (1.0, 1.0, "$\\bar z$\nmean"),
    "D": (2.0, 0.0, "$D$\n$Z - \\bar z$"),
    "v": (3.0, 1.0, "$v$\nmean $D^2$"),
    "s": (4.4, 1.0, "$s$\n$\\sqrt{v + ε}$"),
    "Z_hat": (5.4, 0.0, "$\\hat Z$\n$D / s$"),
    "Y": (7.4, 0.0, "$Y$\n$\\gamma \\hat Z + \\beta$"),
}


# Every edge, with the style of the way back on which it lies.
EDGES = {
    ("Z", "D"): "direct",
    ("D", "Z_hat"): "direct",
    ("Z_hat", "Y"): "direct",
    ("Z", "mean"): "through the mean",
    ("mean", "D"): "through the mean",
    ("D", "v"): "through the spread",
    ("v", "s"): "through the spread",
    ("s", "Z_hat"): "through the spread",
}


def batch_norm_graph(ax: Axes) -> Axes:
    """Batch norm as a graph of arrays, from Z to Y: three ways lead back from Ẑ to Z."""
    kinds = list(dict.fromkeys(EDGES.values()))
    frame: Style = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": "black"}
    boxes = {
        name: ax.text(x, y, text, ha="center", va="center", bbox=frame).get_bbox_patch()
        for name, (x, y, text) in NODES.items()
    }
    for (start, end), kind in EDGES.items():
        arrow: Style = {"arrowstyle": "-|>", "mutation_scale": 18, "linewidth": 2.2}
        arrow |= stroke(kinds.index(kind)) | {"patchA": boxes[start], "patchB": boxes[end]}
        ax.annotate("", NODES[end][:2], NODES[start][:2], arrowprops=arrow)
    for i, kind in enumerate(kinds):
        ax.plot([], [], **stroke(i), label=kind)
    ax.set(xlim=(-0.6, 8.2), ylim=(-0.5, 1.5))
    ax.axis("off")
    ax.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, -0.2), frameon=False)
    return ax
