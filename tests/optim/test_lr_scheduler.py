"""The schedules against PyTorch's, epoch by epoch."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import Tensor, optim
from nnlib.optim import lr_scheduler

torch = pytest.importorskip("torch")

repeatable = settings(max_examples=40, deadline=None, derandomize=True)
GAMMAS = st.sampled_from([0.0, 0.1, 0.5, 0.97, 1.0, 1.1])
EPOCHS = st.integers(1, 60)
FACTORS = st.sampled_from([0.01, 1 / 3, 0.5, 1.0])
OPTIONS = {
    "StepLR": {"step_size": EPOCHS, "gamma": GAMMAS},
    "MultiStepLR": {"milestones": st.lists(EPOCHS, max_size=4), "gamma": GAMMAS},
    "ExponentialLR": {"gamma": GAMMAS},
    "CosineAnnealingLR": {"T_max": EPOCHS, "eta_min": st.sampled_from([0.0, 0.01])},
    "LinearLR": {"start_factor": FACTORS, "end_factor": FACTORS, "total_iters": EPOCHS},
    "ReduceLROnPlateau": {
        "mode": st.sampled_from(["min", "max"]), "factor": st.sampled_from([0, 0.1, 0.5]),
        "patience": st.integers(0, 4), "threshold": st.sampled_from([0, 1e-4, 0.1]),
        "threshold_mode": st.sampled_from(["rel", "abs"]), "cooldown": st.integers(0, 3),
        "min_lr": st.one_of(st.just(1e-3), st.just([0.2, 0.01])),
        "eps": st.sampled_from([1e-8, 0.01]),
    },
}  # fmt: skip


def optimizers():
    def groups(make):
        return [{"params": [make([1.0])], "lr": 0.5}, {"params": [make([2.0])]}]

    return optim.SGD(groups(Tensor), lr=0.1), torch.optim.SGD(groups(torch.tensor), lr=0.1)


def made(name, options):
    ours, theirs = optimizers()
    a = getattr(lr_scheduler, name)(ours, **options)
    return a, getattr(torch.optim.lr_scheduler, name)(theirs, **options)


def run(name, schedulers, numbers):
    """Step all; the rates must agree after every epoch."""
    for number in numbers:
        rates = []
        for scheduler in schedulers:
            scheduler.optimizer.step()
            scheduler.step(*([number] if name == "ReduceLROnPlateau" else []))
            rates.append([group["lr"] for group in scheduler.optimizer.param_groups])
            assert rates[-1] == scheduler.get_last_lr()
        np.testing.assert_allclose(rates[0], rates[1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", OPTIONS)
def test_names_order_and_defaults_are_torchs(name):
    ours, theirs = (
        [
            (p.name, p.default, p.kind)
            for p in inspect.signature(getattr(m, name)).parameters.values()
        ]
        for m in (lr_scheduler, torch.optim.lr_scheduler)
    )
    assert ours == theirs


@pytest.mark.parametrize("name", OPTIONS)
@repeatable
@given(st.data())
def test_fifty_epochs(name, data):
    a, b = made(name, data.draw(st.fixed_dictionaries(OPTIONS[name])))
    assert a.get_last_lr() == pytest.approx(b.get_last_lr() if a.last_epoch >= 0 else [])
    numbers = np.random.default_rng(data.draw(st.integers(0, 9))).normal(size=50).cumsum()
    run(name, (a, b), numbers)


@pytest.mark.parametrize("name", OPTIONS)
@repeatable
@given(st.data())
def test_saved_and_loaded_here_and_in_torch(name, data):
    options = data.draw(st.fixed_dictionaries(OPTIONS[name]))
    a, b = made(name, options)
    numbers = np.random.default_rng(1).normal(size=24)
    run(name, (a, b), numbers[:7])
    for ours, theirs in ((a, b), (b, a)):  # ours loads ours and PyTorch's; so does PyTorch
        c, d = made(name, options)
        for scheduler, source in ((c, ours), (d, theirs)):
            scheduler.load_state_dict(source.state_dict())
            rates = source.get_last_lr()
            for group, lr in zip(scheduler.optimizer.param_groups, rates, strict=True):
                group["lr"] = lr
        run(name, (c, d), numbers[7:])


def test_the_rate_reaches_the_step_and_comes_back_from_a_checkpoint():
    w = Tensor(np.zeros(1), requires_grad=True)
    optimizer = optim.SGD([w], lr=1.0)
    schedule = lr_scheduler.ExponentialLR(optimizer, gamma=0.5)

    def epoch(optimizer, schedule):
        w.grad = np.ones(1)
        optimizer.step()
        schedule.step()

    for _ in range(3):
        epoch(optimizer, schedule)
    assert w.data.tolist() == [-1.75]
    saved = optimizer.state_dict(), schedule.state_dict()
    optimizer = optim.SGD([w], lr=9.0)
    optimizer.load_state_dict(saved[0])
    schedule = lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
    optimizer.load_state_dict(saved[0])
    schedule.load_state_dict(saved[1])
    epoch(optimizer, schedule)
    assert w.data.tolist() == [-1.875]
    assert optimizer.param_groups[0]["lr"] == 1 / 16


O = optim.SGD([Tensor([1.0])], lr=1.0)
L = lr_scheduler


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: L.StepLR(None, 3), TypeError, "StepLR: optimizer must be an optimizer"),
        (lambda: L.ReduceLROnPlateau([]), TypeError, "optimizer must be an optimizer, not "),
        (lambda: L.StepLR(O, 0), ValueError, "step_size must be a whole number from 1"),
        (lambda: L.StepLR(O, 2.5), TypeError, "step_size must be a whole number"),
        (lambda: L.StepLR(O, 2, -0.1), ValueError, "gamma must be a number from 0"),
        (lambda: L.StepLR(O, 2, 0.1, 5), TypeError, "last_epoch=5 is not offered"),
        (lambda: L.StepLR(O, 2).step(3), TypeError, "epoch=3 is not offered"),
        (lambda: L.MultiStepLR(O, 5), TypeError, "milestones must be a list of epochs"),
        (lambda: L.MultiStepLR(O, ["5"]), TypeError, "milestones must be a whole number"),
        (lambda: L.ExponentialLR(O, "0.9"), TypeError, "gamma must be a number"),
        (lambda: L.CosineAnnealingLR(O, 0), ValueError, "T_max must be a whole number from 1"),
        (lambda: L.CosineAnnealingLR(O, 5, -1), ValueError, "eta_min"),
        (lambda: L.LinearLR(O, 0.0), ValueError, "start_factor must be above 0"),
        (lambda: L.LinearLR(O, end_factor=2), ValueError, r"end_factor must be a number in \[0, 1\]"),
        (lambda: L.LinearLR(O, total_iters=0), ValueError, "total_iters"),
        (lambda: L.ReduceLROnPlateau(O, "lowest"), ValueError, "mode must be 'min' or 'max'"),
        (lambda: L.ReduceLROnPlateau(O, factor=1.0), ValueError, "factor must be a number from 0 to below 1"),
        (lambda: L.ReduceLROnPlateau(O, min_lr=[0, 0]), ValueError, "min_lr has 2 numbers for 1"),
        (lambda: L.ReduceLROnPlateau(O, patience=-1), ValueError, "patience"),
        (lambda: L.StepLR(O, 2).load_state_dict(L.LinearLR(O).state_dict()), ValueError,
         r"\['gamma', 'step_size'\] missing"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()
