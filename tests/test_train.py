"""fit: what it records, when it stops, and what it leaves behind."""

import math

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib import Tensor, data, nn, optim, train
from nnlib.train import EarlyStopping, History, TrainingDiverged, accuracy, evaluate, fit


def batches(n=12, size=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2)).astype(np.float32)
    y = (X[:, 0] > 0).astype(np.int64)
    return [(X[i : i + size], y[i : i + size]) for i in range(0, n, size)]


def setup(lr=0.1):
    model = nn.MLP([2, 4, 2], generator=np.random.default_rng(0))
    return model, optim.SGD(model.parameters(), lr=lr)


class Scripted:
    """Stands for a validation loss that follows a script; weights tell the epoch."""

    def __init__(self, values):
        self.weight = nn.Parameter([0.0])
        self.optimizer = optim.SGD([self.weight], lr=-0.0)
        self.values, self.epoch = values, 0

    def fit(self, **options):
        model = nn.Module()
        model.weight = self.weight
        model.forward = lambda x: self.weight * 1
        x = np.ones((1, 1), np.float32)

        def loss(output, y):
            if model.training:
                self.epoch += 1
                self.weight.data = [self.epoch]
                return (self.weight * 0).sum()
            return Tensor(self.values[self.epoch - 1])

        epochs = len(self.values)
        return fit(
            model, [(x, x)], loss, self.optimizer, epochs, validation=[(x, x)], **options
        )  # fmt: skip


# History -----------------------------------------------------------------------------------


def test_history_holds_means_over_examples():
    model, optimizer = setup(lr=0.0)
    given = batches(n=10, size=4)  # the last batch holds 2
    history = fit(model, given, F.cross_entropy, optimizer, epochs=3, metrics={"acc": accuracy})
    X, y = (np.concatenate(part) for part in zip(*given, strict=True))
    assert len(history) == 3
    assert sorted(history.rows[0]) == ["train_acc", "train_loss"]
    assert history["train_loss"] == pytest.approx([F.cross_entropy(model(X), y).item()] * 3)
    assert history["train_acc"] == pytest.approx([accuracy(model(X), y)] * 3)
    assert history.stopped == ""


def test_training_lowers_the_loss_and_equals_a_plain_loop():
    model, optimizer = setup()
    history = fit(model, batches(), F.cross_entropy, optimizer, epochs=5)
    twin, other = setup()
    for _ in range(5):
        for x, y in batches():
            other.zero_grad()
            F.cross_entropy(twin(x), y).backward()
            other.step()
    assert history["train_loss"][-1] < history["train_loss"][0]
    for name, value in twin.state_dict().items():
        assert model.state_dict()[name].tolist() == value.tolist()


def test_validation_follows_the_epoch_in_eval_mode_without_gradients():
    model, optimizer = setup()
    seen = []

    class Watch(nn.Module):
        def forward(self, x):
            seen.append((self.training, x.requires_grad))
            return x

    watched = nn.Sequential(model, Watch())
    history = fit(
        watched, batches(8), F.cross_entropy, optimizer, 2, validation=batches(4, seed=1),
        metrics={"acc": accuracy},
    )  # fmt: skip
    assert seen == [(True, True), (True, True), (False, False)] * 2
    assert sorted(history.rows[1]) == ["train_acc", "train_loss", "valid_acc", "valid_loss"]
    expected = evaluate(watched, batches(4, seed=1), F.cross_entropy, {"acc": accuracy})
    assert history["valid_loss"][-1] == expected["loss"]
    assert history["valid_acc"][-1] == expected["acc"]


def test_loaders_and_modules_serve_too():
    X, y = data.make_xor(40, generator=np.random.default_rng(0))
    loader = data.DataLoader(data.TensorDataset(X.astype(np.float32), y), batch_size=16)
    model, optimizer = setup()
    history = fit(model, loader, nn.CrossEntropyLoss(), optimizer, 2, validation=loader)
    assert len(history) == 2


def test_an_unknown_column_is_told_what_there_is():
    history = History([{"train_loss": 1.0}])
    with pytest.raises(KeyError, match=r"no 'valid_loss'; it has \['train_loss'\]"):
        history["valid_loss"]


@pytest.mark.parametrize("mode", [True, False])
def test_the_mode_is_restored(mode):
    model, optimizer = setup()
    model.train(mode)
    fit(model, batches(), F.cross_entropy, optimizer, 1, validation=batches())
    assert [m.training for m in model.modules()] == [mode] * 4
    evaluate(model, batches(), F.cross_entropy)
    assert model.training is mode


def test_the_mode_is_restored_after_an_error():
    model, optimizer = setup()
    wrong = [(np.ones((2, 3), np.float32), np.array([0, 1]))]
    for run in (
        lambda: evaluate(model, wrong, F.cross_entropy),
        lambda: fit(model, batches(), F.cross_entropy, optimizer, 1, validation=wrong),
    ):
        with pytest.raises(ValueError, match="linear"):
            run()
        assert model.training


def test_batches_of_dicts_count_their_examples():
    examples = [({"a": np.float32(i), "b": np.float32(1)}, np.float32(0)) for i in range(3)]

    class Sum(nn.Module):
        def forward(self, x):
            return x["a"] + x["b"]

    loader = data.DataLoader(examples, batch_size=2)
    assert evaluate(Sum(), loader, nn.L1Loss())["loss"] == pytest.approx((1 + 2 + 3) / 3)


def test_accuracy():
    scores = np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 2.0]])
    assert accuracy(scores, np.array([0, 0, 0])) == pytest.approx(2 / 3)
    assert accuracy(Tensor(scores), Tensor([0, 1, 1])) == pytest.approx(2 / 3)
    for output, target in [(scores, np.zeros((3, 1))), (scores[0], np.zeros(2)), (scores, [0])]:
        with pytest.raises(ValueError, match=r"accuracy: (output|target) must be"):
            accuracy(output, target)


@pytest.mark.parametrize("target", [np.array([1, 0, 1]), np.array([[1], [0], [1]])])
def test_accuracy_of_one_logit_per_example_says_what_to_write(target):
    z = Tensor([[2.0], [-1.0], [3.0]])
    with pytest.raises(ValueError, match=r"accuracy: "):
        accuracy(z, target)
    with pytest.raises(
        ValueError, match=r"output is \(3, 1\).* write \(\(z.data\[:, 0\] > 0\) == y\)"
    ):
        accuracy(z, target.reshape(3))
    y = target.reshape(3)
    assert ((z.data[:, 0] > 0) == y).mean() == 1


@pytest.mark.parametrize("labels", [[1, 2, 2], [-1, 0, 1], [0.5, 0, 1]])
def test_accuracy_of_labels_that_no_column_stands_for(labels):
    with pytest.raises(ValueError, match=r"accuracy: target must hold labels 0 … 1, not array"):
        accuracy(np.ones((3, 2)), np.array(labels))


def test_an_optimizer_of_another_model_is_refused():
    model, _ = setup()
    _, optimizer = setup()
    with pytest.raises(ValueError, match="fit: optimizer trains no parameter of this model"):
        fit(model, batches(), F.cross_entropy, optimizer, 1)
    part = optim.SGD(list(model.parameters())[:1], lr=0.1)
    assert len(fit(model, batches(), F.cross_entropy, part, 1)) == 1


def test_a_class_in_the_place_of_its_object_is_named():
    model, optimizer = setup()
    words = "loss is the class CrossEntropyLoss itself; write CrossEntropyLoss"
    with pytest.raises(TypeError, match=f"^fit: {words}"):
        fit(model, batches(), nn.CrossEntropyLoss, optimizer, 1)
    with pytest.raises(TypeError, match=f"^evaluate: {words}"):
        evaluate(model, batches(), nn.CrossEntropyLoss)
    with pytest.raises(TypeError, match=r"^fit: callbacks is the class EarlyStopping itself"):
        fit(model, batches(), F.cross_entropy, optimizer, 1, callbacks=[EarlyStopping])
    with pytest.raises(TypeError, match=r"^fit: metrics must be a function, not 'accuracy'"):
        fit(model, batches(), F.cross_entropy, optimizer, 1, metrics={"acc": "accuracy"})
    assert all(p.grad is None for p in model.parameters())


# Early stopping ----------------------------------------------------------------------------


def test_early_stopping_needs_what_it_watches():
    model, optimizer = setup()
    words = (
        r"EarlyStopping: history has no 'valid_loss'; it has \['train_loss'\]; give fit validation="
    )
    with pytest.raises(KeyError, match=words):
        fit(model, batches(), F.cross_entropy, optimizer, 2, callbacks=[EarlyStopping()])


@pytest.mark.parametrize(
    ("values", "patience", "stops_after", "best"),
    [
        ([5, 4, 3, 4, 5, 6, 7, 8], 2, 5, 3),
        ([5, 4, 3, 4, 2, 6, 7, 8], 2, 7, 5),
        ([1, 2, 3, 4], 1, 2, 1),
        ([1, 1, 1, 1], 3, 4, 1),
        ([3, math.nan, math.nan, 1], 2, 3, 1),
    ],
)
def test_patience(values, patience, stops_after, best):
    run, stop = Scripted([float(v) for v in values]), EarlyStopping(patience)
    history = run.fit(callbacks=[stop])
    assert len(history) == stops_after
    assert stop.best_epoch == best
    assert run.weight.data.tolist() == [best]
    assert f"not improved for {patience} epochs" in history.stopped
    assert f"in epoch {best}" in history.stopped


def test_without_restore_the_last_parameters_stay():
    run = Scripted([1.0, 2.0, 3.0, 4.0])
    run.fit(callbacks=[EarlyStopping(2, restore_best=False)])
    assert run.weight.data.tolist() == [3.0]


def test_min_delta():
    run, stop = Scripted([1.0, 0.99, 0.98, 0.97]), EarlyStopping(2, min_delta=0.1)
    assert len(run.fit(callbacks=[stop])) == 3
    assert stop.best_epoch == 1


def test_an_improving_loss_goes_on():
    history = Scripted([4.0, 3.0, 2.0, 1.0]).fit(callbacks=[EarlyStopping(1)])
    assert (len(history), history.stopped) == (4, "")


def test_it_can_watch_another_column():
    run = Scripted([1.0] * 6)
    history = run.fit(callbacks=[EarlyStopping(2, monitor="train_loss")])
    assert len(history) == 3
    assert history.stopped.startswith("train_loss")


def test_a_second_fit_starts_anew():
    stop = EarlyStopping(2)
    Scripted([0.1, 0.2, 0.3]).fit(callbacks=[stop])
    second = Scripted([5.0, 4.0, 6.0, 7.0])
    history = second.fit(callbacks=[stop])
    assert len(history) == 4
    assert second.weight.data.tolist() == [2.0]


def test_patience_is_positive():
    with pytest.raises(ValueError, match="patience must be a whole number from 1, not 0"):
        EarlyStopping(patience=0)


def test_all_callbacks_are_asked_and_all_reasons_kept():
    model, optimizer = setup()
    reasons = [lambda t: "first", lambda t: None, lambda t: f"after {len(t.history)}"]
    history = fit(model, batches(), F.cross_entropy, optimizer, 9, callbacks=reasons)
    assert history.stopped == "first; after 1"


# What goes wrong ---------------------------------------------------------------------------


def diverge(model, given, loss, optimizer, epochs=1):
    before = []

    def spied(output, y):
        before.append(model.state_dict())
        return loss(output, y)

    with np.errstate(all="ignore"), pytest.raises(TrainingDiverged) as error:
        fit(model, given, spied, optimizer, epochs)
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[-1][name])
    return error.value


def test_a_nan_loss_names_the_step_and_the_causes():
    model, optimizer = setup(lr=0.5)
    given = batches()
    calls = []

    def loss(output, y):
        calls.append(y)
        value = F.cross_entropy(output, y)
        return value * math.nan if len(calls) == 5 else value

    error = diverge(model, given, loss, optimizer, epochs=4)
    words = str(error)
    assert "the loss became nan at epoch 2, batch 2" in words
    assert "it comes from the loss" in words
    assert "lr=0.5" in words
    assert "not scaled" in words
    assert len(error.history) == 1
    assert isinstance(error, FloatingPointError)


def test_an_infinite_loss_counts_too():
    model, optimizer = setup()
    words = str(diverge(model, batches(), lambda o, y: o.sum() * math.inf, optimizer))
    assert "at epoch 1, batch 1" in words


class Log(nn.Module):
    def forward(self, x):
        return ops_log(x)


def ops_log(x):
    return (x * x * 0).log() * x


def test_it_names_the_layer_where_it_first_appears():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU(), Log()), nn.Linear(2, 2))
    words = str(diverge(model, batches(), F.cross_entropy, optim.SGD(model.parameters(), lr=0.1)))
    assert "first appears in the output of layer '1.1' (Log())" in words
    assert "forward" not in vars(model[0])


def test_it_names_the_model_where_no_layer_is_to_blame():
    class Net(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(2, 2)

        def forward(self, x):
            return ops_log(self.layer(x))

    model = Net()
    words = str(diverge(model, batches(), F.cross_entropy, optim.SGD(model.parameters(), lr=0.1)))
    assert "in the output of the model itself" in words


def test_layers_with_options_can_be_searched():
    class Scale(nn.Module):
        def forward(self, x, by=1.0):
            return x * by

    class Net(nn.Module):
        def __init__(self):
            self.layer, self.scale = nn.Linear(2, 2), Scale()

        def forward(self, x):
            return self.scale(self.layer(x), by=math.inf)

    model = Net()
    words = str(diverge(model, batches(), F.cross_entropy, optim.SGD(model.parameters(), lr=0.1)))
    assert "layer 'scale'" in words


def test_faulty_inputs_and_parameters_show_in_their_layer():
    model, optimizer = setup()
    given = batches()
    given[1][0][0, 0] = np.nan
    words = str(diverge(model, given, F.cross_entropy, optimizer))
    assert "batch 2" in words
    assert "layer '0'" in words and "inputs that hold NaN" in words
    model, optimizer = setup()
    model[2].weight.data[:] = np.inf
    assert "layer '2'" in str(diverge(model, batches(), F.cross_entropy, optimizer))


def test_too_large_a_learning_rate_is_named():
    model, optimizer = setup(lr=1e30)
    words = str(diverge(model, batches(), lambda o, y: (o * o).sum(), optimizer, epochs=50))
    assert "lr=1e+30" in words


@pytest.mark.parametrize("empty", [[], data.DataLoader([], batch_size=2)])
def test_empty_data(empty):
    model, optimizer = setup()
    with pytest.raises(ValueError, match="fit: the batches hold no examples"):
        fit(model, empty, F.cross_entropy, optimizer, 1)
    with pytest.raises(ValueError, match="fit: the validation batches hold no examples"):
        fit(model, batches(), F.cross_entropy, optimizer, 1, validation=empty)


def test_an_interrupt_keeps_model_and_history():
    model, optimizer = setup()
    calls = []

    def loss(output, y):
        calls.append(y)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return F.cross_entropy(output, y)

    history = fit(model, batches(), loss, optimizer, epochs=10)
    assert len(history) == 2
    assert history.stopped == "interrupted after 2 epochs"
    assert model.training


def test_no_epochs():
    model, optimizer = setup()
    assert len(fit(model, batches(), F.cross_entropy, optimizer, epochs=0)) == 0


# The progress bar --------------------------------------------------------------------------


def test_no_bar_in_ci_or_when_unwanted(monkeypatch, capsys):
    for ci, wanted in (("1", True), (None, False)):
        if ci is None:
            monkeypatch.delenv("CI")
        else:
            monkeypatch.setenv("CI", ci)
        model, optimizer = setup()
        fit(model, batches(), F.cross_entropy, optimizer, 2, progress=wanted)
        assert capsys.readouterr() == ("", "")


def test_the_bar_is_on_stderr(monkeypatch, capsys):
    pytest.importorskip("tqdm")
    monkeypatch.delenv("CI")
    model, optimizer = setup()
    fit(model, batches(), F.cross_entropy, optimizer, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert "0/2" in err


def test_the_bar_counts_epochs_shows_values_and_is_closed(monkeypatch):
    calls = []

    class Bar:
        def set_postfix(self, values, refresh):
            calls.append(values)

        def update(self):
            calls.append("update")

        def close(self):
            calls.append("close")

    monkeypatch.setattr(train, "_progress_bar", lambda epochs, wanted: Bar())
    model, optimizer = setup()
    history = fit(model, batches(), F.cross_entropy, optimizer, 2)
    shown = [{"train_loss": f"{value:.3g}"} for value in history["train_loss"]]
    assert calls == [shown[0], "update", shown[1], "update", "close"]
    calls.clear()
    with pytest.raises(ValueError, match="no examples"):
        fit(model, [], F.cross_entropy, optimizer, 1)
    assert calls == ["close"]
