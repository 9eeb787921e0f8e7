"""A training for a widget goes on where it stopped, and is a plain training."""

import warnings
from itertools import islice, repeat

import numpy as np
import pytest

import nnlib
import nnlib.nn.functional as F
from nnlib import Tensor, nn, optim
from nnlib.course.kit import runs
from nnlib.data import DataLoader, TensorDataset

X = np.random.default_rng(5).normal(size=(12, 3))
Y = np.arange(12) % 2


def new(lr=0.1, p=0.0, **parts):
    chance = np.random.default_rng(1)
    layers = nn.Linear(3, 8, generator=chance), nn.Tanh(), nn.Dropout(p, generator=chance)
    model = nn.Sequential(*layers, nn.Linear(8, 2, generator=chance)).double()
    loader = DataLoader(TensorDataset(X, Y), 5, shuffle=True, generator=chance)
    optimizer = optim.Adam(model.parameters(), lr=lr)
    return runs.Run(model, optimizer, F.cross_entropy, runs.epochs(loader), **parts)


def test_its_steps_are_those_of_a_plain_loop():
    run, other = new(), new()
    model, optimizer, batches = other.model, other.optimizer, islice(other._batches, 20)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    run.upto(20)
    for name, value in model.state_dict().items():
        assert np.array_equal(run.weights[2][name], value)


def test_going_on_is_the_same_as_going_at_once_and_a_look_back_disturbs_nothing():
    stepwise, at_once = new(p=0.5), new(p=0.5)
    for step in (10, 30, 0, 20, 50):
        stepwise.at(step)(X)
    assert at_once.upto(50) == 5
    assert len(stepwise.weights) == len(at_once.weights) == 6
    for ours, theirs in zip(stepwise.weights, at_once.weights, strict=True):
        assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_the_network_of_a_step_has_its_weights_and_drops_nothing():
    run = new(p=0.9)
    run.upto(40)
    network = run.at(20)
    assert not network.training and run.model.training
    assert all(
        np.array_equal(value, run.weights[2][n]) for n, value in network.state_dict().items()
    )
    assert np.array_equal(network(X).data, network(X).data)
    network(X).sum().backward()
    assert all(p.grad is None for p in run.at(20).parameters())


def test_every_example_is_seen_once_an_epoch():
    rows = TensorDataset(np.arange(12.0)[:, None], Y)
    batches = runs.epochs(DataLoader(rows, 5, shuffle=True, generator=np.random.default_rng(0)))
    seen = np.concatenate([x.data[:, 0] for x, _ in islice(batches, 9)]).reshape(3, 12)
    assert np.array_equal(np.sort(seen), np.tile(np.arange(12), (3, 1)))
    assert not np.array_equal(seen[0], seen[1])


def test_a_part_takes_the_place_of_the_librarys_in_training_alone():
    def flat(z):
        return np.tanh(z), lambda g: 0 * g

    run = new(tanh=flat)
    run.upto(20)
    first, last = run.weights[0], run.weights[2]
    assert np.array_equal(first["0.weight"], last["0.weight"])  # no gradient came so far
    assert not np.array_equal(first["3.weight"], last["3.weight"])
    z = Tensor([0.0], requires_grad=True)
    F.tanh(z).sum().backward()
    assert z.grad == 1


def test_a_training_that_diverges_does_so_in_silence():
    model = nn.Linear(1, 1, generator=np.random.default_rng(0)).double()
    batches = repeat((np.full((2, 1), 1e3), np.zeros((2, 1))))
    run = runs.Run(model, optim.SGD(model.parameters(), lr=1e3), F.mse_loss, batches)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run.upto(200)
    assert not np.isfinite(run.weights[-1]["weight"]).all()


@pytest.mark.parametrize("start", [nn.init.lecun_normal_, nn.init.kaiming_normal_])
def test_a_started_model_has_drawn_weights_and_no_biases(start):
    drawn = np.random.default_rng(3)
    model = runs.started(nn.MLP([4, 5, 2], generator=drawn), start, np.random.default_rng(0))
    expected = start(Tensor(np.zeros((5, 4))), generator=np.random.default_rng(0)).data
    assert np.array_equal(model[0].weight.data, expected)
    assert all(p.dtype == np.float64 for p in model.parameters())
    assert not model[0].bias.data.any() and not model[2].bias.data.any()


def test_no_chance_but_its_own_is_used():
    """A widget must not change what a student's next cell draws."""
    from nnlib.course.widgets import dropout_triptych, playground, training_dashboard

    before = nnlib.manual_seed(4).bit_generator.state
    dropout_triptych(p=0.33, epoch=10)
    playground(seed=7, step=10)
    training_dashboard(lr=0.2, step=10)
    assert nnlib.random.generator(None).bit_generator.state == before
