"""Callbacks of fit: checkpoints that resume bit for bit, schedules, statistics per layer."""

import math

import numpy as np
import pytest

import nnlib
import nnlib.nn.functional as F
from nnlib import data, nn, optim, random, train
from nnlib.optim.lr_scheduler import ReduceLROnPlateau
from nnlib.train import (
    Checkpoint,
    EarlyStopping,
    LayerStatistics,
    Schedule,
    fit,
    layer_records,
)


class Halving:
    """A scheduler with a memory: every second step halves the rate."""

    def __init__(self, optimizer):
        self.optimizer, self.steps, self.seen = optimizer, 0, []

    def step(self, *metric):
        self.steps += 1
        self.seen += metric
        if self.steps % 2 == 0:
            for group in self.optimizer.param_groups:
                group["lr"] *= 0.5

    def state_dict(self):
        return {"steps": self.steps, "seen": list(self.seen)}

    def load_state_dict(self, state):
        self.steps, self.seen = state["steps"], list(state["seen"])


class Noise(nn.Module):
    """A layer that draws: from its own generator, or from nnlib's."""

    def __init__(self, generator=None):
        self.generator = generator

    def forward(self, x):
        if not self.training:
            return x
        draws = random.generator(self.generator).normal(size=x.shape)
        return x + 0.1 * draws.astype(np.float32)


class Run:
    """Everything a training needs, set up the same way each time, but from other random numbers."""

    def __init__(self, path, seed, own=True):
        X, y = data.make_moons(40, generator=np.random.default_rng(0))
        dataset = data.TensorDataset(X.astype(np.float32), y)
        nnlib.manual_seed(seed)
        rng, noise = np.random.default_rng(seed).spawn(2) if own else (None, None)
        self.model = nn.Sequential(
            nn.Linear(2, 8), nn.BatchNorm1d(8), Noise(noise), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2)
        )  # fmt: skip
        self.optimizer = optim.SGD(self.model.parameters(), lr=0.2, momentum=0.9)
        loader = data.DataLoader(dataset, 8, shuffle=True, generator=rng)
        schedule = Schedule(Halving(self.optimizer))
        self.stopping = EarlyStopping(patience=3)
        self.watch = LayerStatistics(X[:8].astype(np.float32), y[:8], F.cross_entropy)
        self.arguments = {
            "model": self.model, "batches": loader, "loss": F.cross_entropy,
            "optimizer": self.optimizer, "validation": [(X.astype(np.float32), y)],
            "callbacks": [self.stopping, schedule, self.watch, Checkpoint(path)],
        }  # fmt: skip

    def fit(self, epochs, **options):
        return fit(**self.arguments, epochs=epochs, **options)

    def end(self, history):
        """All that there is at the end, as bytes."""
        generator = self.arguments["batches"].generator or random.generator()
        return {
            "model": {k: v.tobytes() for k, v in self.model.state_dict().items()},
            "optimizer": repr(self.optimizer.state_dict()),
            "history": history.rows,
            "stopped": history.stopped,
            "best": (self.stopping.best, self.stopping.best_epoch),
            "next draws": (generator.random(), random.generator().random()),
        }


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("interrupted_after", [1, 2, 5])
def test_a_resumed_training_ends_with_the_same_bits(tmp_path, own, interrupted_after):
    path = tmp_path / "run.npz"
    whole = Run(path, seed=1, own=own)
    expected = whole.end(whole.fit(7))
    Run(path, seed=1, own=own).fit(interrupted_after)
    later = Run(path, seed=2, own=own)  # a new kernel: other weights, other random numbers
    assert later.end(later.fit(7, resume=path)) == expected


@pytest.mark.parametrize("make", ["Adam", "AdamW", "NAdam", "RMSprop", "Adagrad", "Adadelta"])
def test_every_optimizer_goes_on_bit_for_bit(tmp_path, make):
    path = tmp_path / "run.npz"

    def run(seed, epochs, **options):
        rng = np.random.default_rng(seed)
        model = nn.MLP([2, 5, 2], generator=rng)
        optimizer = getattr(optim, make)(model.parameters(), lr=0.05)
        X, y = data.make_moons(20, generator=np.random.default_rng(0))
        batches = data.DataLoader(
            data.TensorDataset(X.astype(np.float32), y), 6, shuffle=True, generator=rng
        )
        callbacks = [Schedule(optim.lr_scheduler.StepLR(optimizer, 2)), Checkpoint(path)]
        history = fit(
            model, batches, F.cross_entropy, optimizer, epochs, callbacks=callbacks, **options
        )
        return history.rows, [p.data.tobytes() for p in model.parameters()]

    expected = run(1, 5)
    run(1, 3)
    assert run(2, 5, resume=path) == expected


def test_an_interrupt_in_an_epoch_goes_back_to_its_start(tmp_path):
    path = tmp_path / "run.npz"
    whole = Run(path, seed=1)
    expected = whole.end(whole.fit(4))
    broken, calls = Run(path, seed=1), []

    def loss(output, y):
        calls.append(y)
        if len(calls) == 15:  # in the middle of an epoch: 5 batches and a validation make one
            raise KeyboardInterrupt
        return F.cross_entropy(output, y)

    broken.arguments["loss"] = loss
    assert broken.fit(4).stopped == "interrupted after 2 epochs"
    later = Run(path, seed=3)
    assert later.end(later.fit(4, resume=path)) == expected


def test_an_early_stop_counts_through(tmp_path):
    path = tmp_path / "run.npz"
    whole = Run(path, seed=1)
    expected = whole.end(whole.fit(60))
    assert "not improved" in expected["stopped"]
    Run(path, seed=1).fit(len(expected["history"]) - 2)
    later = Run(path, seed=2)
    assert later.end(later.fit(60, resume=path)) == expected


def test_statistics_leave_no_trace_in_buffers_and_chance(tmp_path):
    ends = []
    for watch in (True, False):
        run = Run(tmp_path / "run.npz", seed=1)
        if not watch:
            run.arguments["callbacks"].remove(run.watch)
        ends.append(run.end(run.fit(4)))
        assert bool(run.watch.rows) is watch
    assert ends[0] == ends[1]


def test_a_finished_training_has_nothing_left_to_do(tmp_path):
    path = tmp_path / "run.npz"
    Run(path, seed=1).fit(3)
    later = Run(path, seed=1)
    assert len(later.fit(3, resume=path)) == len(later.fit(2, resume=path)) == 3


def test_what_was_set_up_otherwise_is_named(tmp_path):
    path = tmp_path / "run.npz"
    Run(path, seed=1).fit(1)
    fewer = Run(path, seed=1)
    del fewer.arguments["callbacks"][0]
    with pytest.raises(ValueError, match="has 2 callbacks with a state, here are 1"):
        fewer.fit(3, resume=path)
    with pytest.raises(ValueError, match="generators with a state, here are 1"):
        Run(path, seed=1, own=False).fit(3, resume=path)
    other = Run(path, seed=1)
    other.arguments["model"] = nn.Sequential(nn.Linear(2, 9), *other.model[1:])
    with pytest.raises(ValueError, match=r"0\.weight has shape"):
        other.fit(3, resume=path)
    with pytest.raises(FileNotFoundError):
        other.fit(3, resume=tmp_path / "missing.npz")


def plain(callbacks, epochs=4):
    model = nn.MLP([2, 4, 2], generator=np.random.default_rng(0))
    optimizer = optim.SGD(model.parameters(), lr=0.8)
    X, y = data.make_moons(20, generator=np.random.default_rng(0))
    batch = [(X.astype(np.float32), y)]
    given = callbacks(optimizer, *batch[0])
    return fit(model, batch, F.cross_entropy, optimizer, epochs, callbacks=given), model


def test_a_schedule_steps_after_each_epoch_and_keeps_the_rate():
    history, _ = plain(lambda optimizer, *_: [Schedule(Halving(optimizer))])
    assert history["lr"] == [0.8, 0.8, 0.4, 0.4]


def test_a_schedule_may_watch_a_column():
    schedules = []

    def callbacks(optimizer, *_):
        schedules.append(Schedule(Halving(optimizer), monitor="train_loss"))
        return schedules

    history, _ = plain(callbacks)
    assert schedules[0].scheduler.seen == history["train_loss"]


def test_a_schedule_says_what_it_has_to_watch():
    def named(monitor):
        return lambda optimizer, *_: [Schedule(ReduceLROnPlateau(optimizer), monitor)]

    with pytest.raises(
        ValueError, match="ReduceLROnPlateau watches a column: monitor='valid_loss'"
    ):
        plain(named(None))
    with pytest.raises(KeyError, match=r"Schedule: history has no 'valid_loss'; .* give fit valid"):
        plain(named("valid_loss"))
    history, _ = plain(named("train_loss"))
    assert len(history) == 4


@pytest.mark.parametrize("function", [layer_records, LayerStatistics])
def test_a_loss_is_made_before_it_is_used(function):
    X, y = np.ones((2, 2), np.float32), np.zeros(2, np.int64)
    given = (nn.MLP([2, 2]), X, y) if function is layer_records else (X, y)
    with pytest.raises(TypeError, match=f"{function.__name__}: loss is the class MSELoss itself"):
        function(*given, nn.MSELoss)


def test_callbacks_may_come_from_a_generator_expression():
    history, _ = plain(lambda optimizer, *_: (c for c in [Schedule(Halving(optimizer))]))
    assert len(history["lr"]) == 4


# Statistics per layer --------------------------------------------------------------------------


def test_records_hold_activations_and_gradients():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(6, 3)), rng.integers(0, 2, 6)
    model = nn.MLP([3, 4, 2], generator=rng).double()
    first, relu, last = layer_records(model, X, y, F.cross_entropy)
    W1, b1, W2, b2 = (p.data for p in model.parameters())
    z = X @ W1.T + b1
    h = np.maximum(z, 0)
    scores = h @ W2.T + b2
    P = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    d2 = (P - np.eye(2)[y]) / 6
    d1 = d2 @ W2
    for record, value, gradient in [
        (first, z, d1 * (z > 0)), (relu, h, d1), (last, scores, d2),
    ]:  # fmt: skip
        np.testing.assert_allclose(record.activation, value, atol=1e-12)
        np.testing.assert_allclose(record.gradient, gradient, atol=1e-12)
    np.testing.assert_allclose(last.weight_gradient, d2.T @ h, atol=1e-12)
    np.testing.assert_allclose(first.weight_gradient, (d1 * (z > 0)).T @ X, atol=1e-12)
    assert relu.weight_gradient is None
    assert [(r.name, r.kind) for r in (first, relu, last)] == [
        ("0", "Linear"), ("1", "ReLU"), ("2", "Linear"),
    ]  # fmt: skip
    numbers = relu.statistics()
    assert numbers["mean"] == pytest.approx(h.mean())
    assert numbers["std"] == pytest.approx(h.std())
    assert numbers["zeros"] == (h == 0).mean()
    assert numbers["gradient_std"] == pytest.approx(d1.std())
    assert math.isnan(numbers["weight_gradient_std"])


def test_records_agree_with_torchs_hooks(torch):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(6, 3)), rng.integers(0, 2, 6)
    model = nn.Sequential(
        nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Sequential(nn.Tanh(), nn.Linear(4, 2)), nn.Identity()
    ).double()  # fmt: skip
    twin, seen = nnlib.serialize.to_torch(model), []

    def hook(module, inputs, output):
        output.retain_grad()
        seen.append(output)

    leaves = [m for m in twin.modules() if not list(m.children())]
    for m in leaves:
        m.register_forward_hook(hook)
    torch.nn.functional.cross_entropy(twin(torch.tensor(X)), torch.tensor(y)).backward()
    records = layer_records(model, X, y, F.cross_entropy)
    assert len(records) == len(seen) == 5
    for record, output in zip(records, seen, strict=True):
        np.testing.assert_allclose(record.activation, output.detach().numpy(), atol=1e-9)
        np.testing.assert_allclose(record.gradient, output.grad.numpy(), atol=1e-9)


def test_records_leave_no_trace():
    model = nn.MLP([2, 3, 2])
    x, y = np.ones((4, 2), np.float32), np.array([0, 1, 0, 1])
    F.cross_entropy(model(x), y).backward()
    model[0].bias.grad = None
    grads = [p.grad for p in model.parameters()]
    before = model.state_dict()
    layer_records(model, x, y, F.cross_entropy)
    assert all(p.grad is g for p, g in zip(model.parameters(), grads, strict=True))
    assert all(np.array_equal(v, before[k]) for k, v in model.state_dict().items())
    assert not any("forward" in vars(m) for m in model.modules())


def test_a_model_of_one_function_keeps_its_forward():
    model = nn.Module()
    model.weight = nn.Parameter([2.0])
    forward = model.forward = lambda x: model.weight * x
    (record,) = layer_records(model, np.array([3.0], np.float32), None, lambda h, y: h.sum())
    assert (record.activation, record.gradient, record.weight_gradient) == (6, 1, 3)
    assert model.forward is forward


def test_a_layer_used_twice_is_recorded_twice_and_frozen_ones_have_no_gradient():
    layer = nn.Linear(2, 2)
    model = nn.Sequential(nn.Linear(2, 2).requires_grad_(False), layer, nn.Tanh(), layer)
    records = layer_records(
        model, np.ones((3, 2), np.float32), np.array([0, 1, 0]), F.cross_entropy
    )  # fmt: skip
    assert [r.name for r in records] == ["0", "1", "2", "1"]
    assert [r.gradient is None for r in records] == [True, False, False, False]
    assert not np.array_equal(records[1].gradient, records[3].gradient)


def test_statistics_follow_the_epochs():
    watched = []

    def callbacks(optimizer, x, y):
        watched.append(LayerStatistics(x, y, F.cross_entropy))
        return watched

    history, model = plain(callbacks)
    plain_history, plain_model = plain(lambda *_: [])
    assert history.rows == plain_history.rows
    for a, b in zip(model.parameters(), plain_model.parameters(), strict=True):
        assert np.array_equal(a.data, b.data)
    assert model.training
    rows = watched[0].rows
    assert [(r["epoch"], r["layer"]) for r in rows] == [
        (epoch, layer) for epoch in (1, 2, 3, 4) for layer in ("0", "1", "2")
    ]
    assert rows[0]["kind"] == "Linear"
    assert rows[0]["gradient_std"] > 0
    assert "Training" in train.__all__
