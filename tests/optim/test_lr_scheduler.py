"""The schedules against PyTorch's, epoch by epoch."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib
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
    "CosineAnnealingWarmRestarts": {
        "T_0": st.integers(1, 20), "T_mult": st.integers(1, 3),
        "eta_min": st.sampled_from([0.0, 0.01]),
    },
    "ConstantLR": {"factor": FACTORS, "total_iters": EPOCHS},
    "PolynomialLR": {"total_iters": EPOCHS, "power": st.sampled_from([0.5, 1.0, 2.0])},
    "OneCycleLR": {
        "max_lr": st.one_of(st.just(0.3), st.just([0.2, 0.4])),
        "total_steps": st.integers(50, 70), "pct_start": st.sampled_from([0.0, 0.25, 0.3, 0.5]),
        "anneal_strategy": st.sampled_from(["cos", "linear"]), "three_phase": st.booleans(),
        "div_factor": st.sampled_from([1.0, 25.0]), "final_div_factor": st.just(10.0),
    },
    "CyclicLR": {
        "base_lr": st.sampled_from([0.0, 0.1, [0.01, 0.02]]), "max_lr": st.sampled_from([0.3, [0.2, 0.4]]),
        "step_size_up": st.integers(1, 12), "step_size_down": st.sampled_from([None, 1, 7]),
        "mode": st.sampled_from(["triangular", "triangular2", "exp_range"]),
        "gamma": st.sampled_from([0.9, 1.0]), "cycle_momentum": st.booleans(),
    },
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

    return (
        optim.SGD(groups(Tensor), lr=0.1, momentum=0.9),
        torch.optim.SGD(groups(torch.tensor), lr=0.1, momentum=0.9),
    )


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


@pytest.mark.parametrize(
    "name", [*OPTIONS, "LambdaLR", "MultiplicativeLR", "SequentialLR", "ChainedScheduler"]
)
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


@pytest.mark.parametrize("name", OPTIONS)
def test_saved_to_a_file(name, tmp_path):
    """As a Checkpoint does it."""
    given = {"MultiStepLR": {"milestones": [2, 5, 5]}, "StepLR": {"step_size": 2}}
    given |= {"ExponentialLR": {"gamma": 0.5}, "CosineAnnealingLR": {"T_max": 5}}
    given |= {"CosineAnnealingWarmRestarts": {"T_0": 3}, "ReduceLROnPlateau": {"patience": 0}}
    given |= {"OneCycleLR": {"max_lr": 1.0, "total_steps": 9}}
    given |= {"CyclicLR": {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 2}}
    (a, _), (b, _) = (made(name, given.get(name, {})) for _ in "ab")
    for steps in (3, 5):
        for scheduler in (a, b):
            for number in range(steps):
                scheduler.step(*([number] if name == "ReduceLROnPlateau" else []))
        nnlib.save([a.state_dict(), a.optimizer.state_dict()], tmp_path / "state.npz")
        state, optimizer = nnlib.load(tmp_path / "state.npz")
        a, _ = made(name, given.get(name, {}))
        a.optimizer.load_state_dict(optimizer)
        a.load_state_dict(state)
        assert a.get_last_lr() == b.get_last_lr()
        assert [g["lr"] for g in a.optimizer.param_groups] == a.get_last_lr()


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


# Several at once, late ones, and groups that come later ------------------------------------------


BOTH = (optim.lr_scheduler, torch.optim.lr_scheduler)


def rates(program, steps=24):
    """What a program does to the rates, here and there: they must agree after every step."""
    seen = []
    for optimizer, module, tensor in zip(optimizers(), BOTH, (Tensor, torch.tensor), strict=True):
        seen.append([])
        for _ in program(optimizer, module, tensor, steps):
            optimizer.step()
            seen[-1].append([group["lr"] for group in optimizer.param_groups])
    assert len(seen[0]) == steps
    for ours, theirs in zip(*seen, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    return seen[0]


SIMPLE = sorted(set(OPTIONS) - {"ReduceLROnPlateau", "OneCycleLR", "CosineAnnealingWarmRestarts"})


@st.composite
def simple(draw, names=SIMPLE):
    name = draw(st.sampled_from(names))
    return name, draw(st.fixed_dictionaries(OPTIONS[name]))


@repeatable
@given(simple(), simple(), st.integers(0, 6))
def test_two_schedulers_multiply(first, second, late):
    """Also one that is made after some epochs: it starts from the rate as it is then."""

    def program(optimizer, module, tensor, steps):
        schedulers = [getattr(module, first[0])(optimizer, **first[1])]
        for epoch in range(steps):
            if epoch == late:
                schedulers.append(getattr(module, second[0])(optimizer, **second[1]))
            for scheduler in schedulers:
                scheduler.step()
            yield

    rates(program)


@pytest.mark.parametrize("name", sorted(set(SIMPLE) - {"CyclicLR"}))
@repeatable
@given(st.data())
def test_a_group_added_later_has_its_own_rate(name, data):
    options = data.draw(st.fixed_dictionaries(OPTIONS[name]))
    if name == "CosineAnnealingLR":
        options["T_max"] += 24  # there PyTorch's zip raises at the lowest point

    def program(optimizer, module, tensor, steps):
        scheduler = getattr(module, name)(optimizer, **options)
        for epoch in range(steps):
            if epoch == 3:
                optimizer.add_param_group({"params": [tensor([1.0])], "lr": 0.3})
            scheduler.step()
            yield

    assert len(rates(program)[-1]) == 3


def test_a_cycle_has_no_ends_for_a_group_added_later():
    optimizer = optim.SGD([Tensor([1.0])], lr=0.1, momentum=0.9)
    schedule = lr_scheduler.CyclicLR(optimizer, 0.1, 0.5)
    optimizer.add_param_group({"params": [Tensor([1.0])]})
    with pytest.raises(
        ValueError, match=r"^CyclicLR: a group was added later; make a new schedule"
    ):
        schedule.step()


@pytest.mark.parametrize("name", ["LambdaLR", "CosineAnnealingWarmRestarts", "CosineAnnealingLR"])
def test_a_late_group_follows_the_formula_from_its_own_first_rate(name):
    """PyTorch raises here."""
    options = {"LambdaLR": {"lr_lambda": lambda t: 0.5**t}}.get(name, {"T_0": 4})
    options = {"T_max": 4} if name == "CosineAnnealingLR" else options
    optimizer = optim.SGD([Tensor([1.0])], lr=1.0)
    scheduler = getattr(lr_scheduler, name)(optimizer, **options)
    optimizer.add_param_group({"params": [Tensor([1.0])], "lr": 0.25})
    for _ in range(4):
        scheduler.step()
        if name != "CosineAnnealingLR":
            first, late = scheduler.get_last_lr()
            assert late == first / 4
    for _ in range(4):
        scheduler.step()
    assert scheduler.base_lrs == [1.0, 0.25]
    expected = 2.0**-8 if name == "LambdaLR" else 1.0
    assert scheduler.get_last_lr()[0] == pytest.approx(expected)


def test_plateau_takes_late_groups_unless_each_has_its_least():
    def program(optimizer, module, tensor, steps):
        scheduler = module.ReduceLROnPlateau(optimizer, patience=1, min_lr=0.01)
        optimizer.add_param_group({"params": [tensor([1.0])], "lr": 0.3})
        for _ in range(steps):
            scheduler.step(1.0)
            yield

    assert rates(program)[-1] == pytest.approx([0.01, 0.01, 0.01])
    optimizer = optim.SGD([Tensor([1.0])], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, min_lr=[0.1])
    optimizer.add_param_group({"params": [Tensor([1.0])]})
    scheduler.step(1.0)
    with pytest.raises(ValueError, match="min_lr has 1 numbers for 2 groups"):
        scheduler.step(1.0)


@repeatable
@given(simple(), st.integers(1, 8))
def test_a_rate_set_by_hand_is_gone_on_from(schedule, when):
    def program(optimizer, module, tensor, steps):
        scheduler = getattr(module, schedule[0])(optimizer, **schedule[1])
        for epoch in range(steps):
            scheduler.step()
            if epoch == when:
                optimizer.param_groups[0]["lr"] = 0.7
            yield

    rates(program)


@repeatable
@given(
    st.lists(simple([*SIMPLE, "CosineAnnealingWarmRestarts"]), min_size=1, max_size=3),
    st.lists(st.integers(1, 20), min_size=2, max_size=2, unique=True),
)
def test_one_after_the_other(schedules, milestones):
    def program(optimizer, module, tensor, steps):
        parts = [getattr(module, name)(optimizer, **options) for name, options in schedules]
        scheduler = module.SequentialLR(optimizer, parts, sorted(milestones)[: len(parts) - 1])
        for _ in range(steps):
            assert scheduler.get_last_lr() == [g["lr"] for g in optimizer.param_groups]
            yield
            scheduler.step()

    rates(program)


@repeatable
@given(st.lists(simple(), min_size=1, max_size=3), st.booleans())
def test_all_at_once(schedules, first_of_a_sequence):
    begin_again = {"StepLR", "MultiStepLR", "ConstantLR", "LinearLR"}  # PyTorch's others step twice
    first_of_a_sequence &= {name for name, _ in schedules} <= begin_again

    def program(optimizer, module, tensor, steps):
        parts = [getattr(module, name)(optimizer, **options) for name, options in schedules]
        scheduler = module.ChainedScheduler(parts)
        if first_of_a_sequence:
            last = module.ExponentialLR(optimizer, 0.9)
            scheduler = module.SequentialLR(optimizer, [scheduler, last], [7])
        for _ in range(steps):
            assert scheduler.get_last_lr() == [g["lr"] for g in optimizer.param_groups]
            yield
            scheduler.step()

    rates(program)


@pytest.mark.parametrize("name", ["LambdaLR", "MultiplicativeLR"])
@pytest.mark.parametrize("several", [False, True])
def test_functions_of_the_epoch(name, several):
    functions = [lambda t: 0.9**t, lambda t: 1 / (1 + t)]

    def program(optimizer, module, tensor, steps):
        scheduler = getattr(module, name)(optimizer, functions if several else functions[0])
        for _ in range(steps):
            yield
            scheduler.step()

    rates(program)


@pytest.mark.parametrize(
    "base_class", [lambda module: module.LRScheduler, lambda module: module._LRScheduler]
)
def test_the_warm_up_of_every_transformer(base_class):
    """It is made of a base class's get_lr, as PyTorch's own are."""

    def program(optimizer, module, tensor, steps):
        class WarmUp(base_class(module)):
            def get_lr(self):
                t = self.last_epoch + 1
                return [base * min(t**-0.5, t * 6**-1.5) for base in self.base_lrs]

        scheduler = WarmUp(optimizer)
        for _ in range(steps):
            yield
            scheduler.step()

    rates(program)


def test_parts_of_an_epoch():
    def program(optimizer, module, tensor, steps):
        scheduler = module.CosineAnnealingWarmRestarts(optimizer, T_0=3, T_mult=2, eta_min=0.01)
        for i in range(steps):
            scheduler.step(i / 2)
            yield

    rates(program)


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_one_cycle_moves_the_momentum_the_other_way(kind):
    seen = []
    for (module, make), scheduler in zip(
        ((optim, Tensor), (torch.optim, torch.tensor)), BOTH, strict=True
    ):
        options = {"momentum": 0.5} if kind == "SGD" else {}
        optimizer = getattr(module, kind)([make([1.0])], lr=0.1, **options)
        schedule = scheduler.OneCycleLR(optimizer, 0.5, epochs=4, steps_per_epoch=5)
        group = optimizer.param_groups[0]
        seen.append([])
        for _ in range(20):
            optimizer.step()
            schedule.step()
            seen[-1].append(group["momentum"] if kind == "SGD" else group["betas"])
    np.testing.assert_allclose(*seen, rtol=1e-12)


def test_one_cycle_comes_back_from_a_checkpoint():
    def made():
        optimizer = optim.SGD([Tensor([1.0])], lr=0.1, momentum=0.5)
        return optimizer, lr_scheduler.OneCycleLR(optimizer, 0.5, total_steps=10)

    one, schedule = made()
    for _ in range(4):
        schedule.step()
    two, again = made()
    two.load_state_dict(one.state_dict())
    again.load_state_dict(schedule.state_dict())
    schedule.step()
    again.step()
    assert one.state_dict() == two.state_dict()


@pytest.mark.parametrize("name", ["LambdaLR", "SequentialLR", "ChainedScheduler"])
def test_composed_ones_come_back_from_a_checkpoint(name):
    class Halved:
        count = 0

        def __call__(self, t):
            self.count += 1
            return 0.5**t

    def made():
        optimizer = optim.SGD([Tensor([1.0])], lr=1.0)
        if name == "LambdaLR":
            return optimizer, lr_scheduler.LambdaLR(optimizer, Halved())
        parts = [lr_scheduler.ConstantLR(optimizer, 0.5, 2), lr_scheduler.StepLR(optimizer, 2, 0.5)]
        if name == "ChainedScheduler":
            return optimizer, lr_scheduler.ChainedScheduler(parts)
        return optimizer, lr_scheduler.SequentialLR(optimizer, parts, [3])

    one, schedule = made()
    for _ in range(4):
        schedule.step()
    two, again = made()
    two.load_state_dict(one.state_dict())
    again.load_state_dict(schedule.state_dict())
    for _ in range(6):
        schedule.step()
        again.step()
        assert one.state_dict() == two.state_dict()
    if name == "LambdaLR":
        assert again.lr_lambdas[0].count == schedule.lr_lambdas[0].count == 11


def after(scheduler, steps):
    for _ in range(steps):
        scheduler.step()


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
        (lambda: L.ConstantLR(O, 0.0), ValueError, "factor must be above 0"),
        (lambda: L.PolynomialLR(O, 0), ValueError, "total_iters"),
        (lambda: L.CosineAnnealingWarmRestarts(O, 0), ValueError, "T_0"),
        (lambda: L.CosineAnnealingWarmRestarts(O, 2).step(-1), ValueError, "epoch must be"),
        (lambda: L.LambdaLR(O, 0.5), TypeError, "lr_lambda must be a function of t, not 0.5"),
        (lambda: L.LambdaLR(O, [abs, abs]), ValueError, "lr_lambda has 2 functions for 1 groups"),
        (lambda: L.OneCycleLR(O, 1.0), ValueError, "give total_steps, or epochs and steps_per_epoch"),
        (lambda: L.OneCycleLR(O, 1.0, epochs=3), ValueError, "give total_steps, or epochs and"),
        (lambda: L.OneCycleLR(O, -1.0, 3), ValueError, "OneCycleLR: max_lr must be a number from 0"),
        (lambda: L.OneCycleLR(O, [1.0, 1.0], 3), ValueError, "max_lr has 2 numbers for 1 groups"),
        (lambda: L.OneCycleLR(optim.Adagrad([Tensor([1.0])]), 1.0, 3), ValueError,
         "Adagrad has no momentum; say cycle_momentum=False"),
        (lambda: after(L.OneCycleLR(O, 1.0, 2), 3),
         ValueError, "OneCycleLR: step 3 of total_steps=2"),
        (lambda: L.SequentialLR(O, [], []), ValueError, "schedulers is empty"),
        (lambda: L.SequentialLR(O, [None], []), TypeError, "schedulers must be a lrscheduler, not None"),
        (lambda: L.SequentialLR(O, [L.StepLR(O, 2)], [3]), ValueError, "1 schedulers need one milestone less"),
        (lambda: L.SequentialLR(O, [L.ReduceLROnPlateau(O)], []), ValueError, "needs a number at every"),
        (lambda: L.SequentialLR(O, [L.StepLR(O, 2), L.ChainedScheduler([L.StepLR(O, 2)])], [3]),
         ValueError, "made of several can only be the first"),
        (lambda: L.ChainedScheduler([L.StepLR(O, 2), L.StepLR(optim.SGD([Tensor([1.0])]), 2)]),
         ValueError, "ChainedScheduler: all schedulers must belong to one optimizer"),
        (lambda: L.LRScheduler(O), NotImplementedError, r"LRScheduler must write rate\(\) or get_lr"),
        (lambda: L.StepLR(O, 2).load_state_dict(L.LinearLR(O).state_dict()), ValueError,
         r"\['gamma', 'step_size'\] missing"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("scale_mode", ["cycle", "iterations"])
@pytest.mark.parametrize("beta1", [False, True])
def test_cycles_of_ones_own_height_move_the_momentum_as_well(scale_mode, beta1):
    made = []
    for library, tensor in ((optim, Tensor), (torch.optim, torch.tensor)):
        kind = library.Adam if beta1 else library.SGD
        optimizer = kind([tensor([1.0])], lr=0.1, **({} if beta1 else {"momentum": 0.9}))
        made.append(
            library.lr_scheduler.CyclicLR(
                optimizer, 0.1, 0.5, 4, 6, scale_fn=lambda t: 1 / (1 + t), scale_mode=scale_mode
            )
        )
    for _ in range(25):
        groups = [schedule.optimizer.param_groups[0] for schedule in made]
        ours, theirs = (
            [group["lr"], group["betas"][0] if beta1 else group["momentum"]] for group in groups
        )
        assert ours == pytest.approx(theirs, rel=1e-12)
        for schedule in made:
            schedule.optimizer.step()
            schedule.step()
