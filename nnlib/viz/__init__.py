"""Pictures: functions that take an Axes and data, draw, and give the Axes back.

    fig, ax = plt.subplots()
    viz.decision_regions(ax, perceptron.predict, X, y)
    viz.show(fig, alt="A line with three corners of the square on one side, one on the other.")

Importing this package gives every figure the course's one style. Each file lists what it offers;
what a single lesson draws lies in that lesson's figures.py.
"""

from nnlib.missing import needs

with needs("nnlib.viz"):
    from nnlib.viz.graph import *
    from nnlib.viz.lines import *
    from nnlib.viz.plane import *
    from nnlib.viz.style import *
