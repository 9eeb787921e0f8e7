import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib import nn, optim, viz
from nnlib.train import History, accuracy, fit

ROWS = [
    {"train_loss": 3.0, "valid_loss": 2.5, "train_acc": 0.2, "valid_acc": 0.3},
    {"train_loss": 2.0, "valid_loss": 1.5, "train_acc": 0.6, "valid_acc": 0.7},
    {"train_loss": 1.0, "valid_loss": 2.0, "train_acc": 0.9, "valid_acc": 0.6},
]


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def lines(ax):
    return [(k.get_label(), k.get_xdata().tolist(), k.get_ydata().tolist()) for k in ax.lines]


@pytest.mark.parametrize(("name", "at"), [("loss", (2, 1.5)), ("acc", (2, 0.7))])
def test_history_draws_both_columns_and_the_best_epoch(ax, name, at):
    assert viz.history(ax, History(ROWS), name) is ax
    training, validation, dot = ax.lines
    assert lines(ax)[:2] == [
        ("training", [1, 2, 3], [row[f"train_{name}"] for row in ROWS]),
        ("validation", [1, 2, 3], [row[f"valid_{name}"] for row in ROWS]),
    ]
    assert (*dot.get_xdata(), *dot.get_ydata()) == at
    assert training.get_linestyle() != validation.get_linestyle()
    assert training.get_color() != validation.get_color() == dot.get_color()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", name)
    legend = [t.get_text() for t in ax.get_legend().get_texts()]
    assert legend == ["training", "validation", "best: epoch 2"]


def test_history_without_validation_and_of_one_epoch(ax):
    viz.history(ax, History([{"train_loss": 2.0}]))
    assert lines(ax)[0] == ("training", [1], [2.0])
    assert lines(ax)[1][1:] == ([1], [2.0])


@pytest.mark.parametrize("rows", [[], ROWS])
def test_history_says_what_there_is(ax, rows):
    with pytest.raises(ValueError, match="there is no 'accuracy' in this history, only"):
        viz.history(ax, History(rows), "accuracy")


@pytest.fixture
def shown(monkeypatch):
    display = pytest.importorskip("IPython.display")
    calls = []

    class Handle:
        def update(self, data, metadata, raw):
            calls.append(("update", data, metadata))

    def first(data, metadata, raw, display_id):
        assert raw
        assert display_id
        calls.append(("display", data, metadata))
        return Handle()

    monkeypatch.setattr(display, "display", first)
    return calls


def train(epochs, *callbacks):
    model = nn.MLP([2, 3, 2])
    batch = [(np.ones((4, 2), np.float32), np.array([0, 1, 0, 1]))]
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    return fit(
        model, batch, F.cross_entropy, optimizer, epochs, metrics={"acc": accuracy},
        callbacks=callbacks, progress=False,
    )  # fmt: skip


def test_the_live_plot_takes_its_own_place(shown, monkeypatch):
    monkeypatch.delenv("CI")
    before = plt.get_fignums()
    live = viz.LivePlot("acc", every=2)
    history = train(5, live)
    assert [kind for kind, *_ in shown] == ["display", "update"]
    assert plt.get_fignums() == before  # every figure was closed
    for (_, data, metadata), epoch in zip(shown, (2, 4), strict=True):
        alt = metadata["image/png"]["alt"]
        assert alt == data["text/plain"]
        assert alt.startswith(f"Training curves after epoch {epoch}: train_loss ")
        assert f"train_acc {history['train_acc'][epoch - 1]:.3g}" in alt
    train(2, live)  # another training gets another picture
    assert [kind for kind, *_ in shown] == ["display", "update", "display"]


def test_the_live_plot_is_not_drawn_in_ci(shown, monkeypatch):
    monkeypatch.setenv("CI", "1")
    assert len(train(2, viz.LivePlot())) == 2
    assert shown == []


def test_every_is_at_least_one():
    with pytest.raises(ValueError, match="every must be at least 1 epoch, not 0"):
        viz.LivePlot(every=0)
