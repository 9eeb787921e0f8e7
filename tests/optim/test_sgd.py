"""SGD against PyTorch, step by step, for every combination of options."""

import itertools

import numpy as np
import pytest

import nnlib
from nnlib import Tensor, nn, optim
from nnlib.optim.optimizer import BLOCK

SHAPES = [(3, 2), (2,), (), (130, 130), (0, 3), (1,), (BLOCK + 1,)]  # small, large, in turn
OPTIONS = [
    dict(zip(("momentum", "dampening", "weight_decay", "nesterov", "maximize"), v, strict=True))
    for v in itertools.product([0, 0.9], [0, 0.3], [0, 0.1], [False, True], [False, True])
    if not v[3] or (v[0] and not v[1])
]  # fmt: skip


class Pair:
    """The same parameters here and in PyTorch, fed the same gradients."""

    def __init__(self, torch, shapes=SHAPES, dtype=np.float64):
        self.torch, self.rng, self.dtype = torch, np.random.default_rng(0), dtype
        start = [np.asarray(self.rng.normal(size=shape), dtype) for shape in shapes]
        self.ours = [Tensor(w, requires_grad=True) for w in start]
        self.theirs = [torch.tensor(w, requires_grad=True) for w in start]

    def give_gradients(self, absent=()):
        for i, (p, q) in enumerate(zip(self.ours, self.theirs, strict=True)):
            g = np.asarray(self.rng.normal(size=p.shape), self.dtype)
            p.grad, q.grad = (None, None) if i in absent else (g, self.torch.tensor(g))

    def step(self, a, b, absent=()):
        self.give_gradients(absent)
        a.step()
        b.step()
        self.check()

    def check(self):
        atol = 1e-12 if self.dtype == np.float64 else 1e-5
        for p, q in zip(self.ours, self.theirs, strict=True):
            assert p.dtype == self.dtype
            np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=atol, atol=atol)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: " ".join(f"{k}={o[k]}" for k in o))
def test_ten_steps(torch, options):
    pair = Pair(torch)
    a = optim.SGD(pair.ours, lr=0.1, **options)
    b = torch.optim.SGD(pair.theirs, lr=0.1, **options)
    for _ in range(10):
        pair.step(a, b)


@pytest.mark.parametrize("options", [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}])
def test_ten_steps_in_float32(torch, options):
    pair = Pair(torch, dtype=np.float32)
    a = optim.SGD(pair.ours, 0.1, **options)
    b = torch.optim.SGD(pair.theirs, 0.1, **options)
    for _ in range(10):
        pair.step(a, b)


@pytest.mark.parametrize("dampening", [0, 0.5])
def test_a_parameter_without_a_gradient_in_some_steps(torch, dampening):
    pair = Pair(torch)
    options = {"lr": 0.1, "momentum": 0.9, "dampening": dampening, "weight_decay": 0.01}
    a, b = optim.SGD(pair.ours, **options), torch.optim.SGD(pair.theirs, **options)
    for absent in [(), (0, 3), (0,), (1, 2, 3, 6), (), range(7), (5,), ()]:
        pair.step(a, b, absent)


def test_first_gradients_that_come_late(torch):
    pair = Pair(torch)
    options = {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}
    a, b = optim.SGD(pair.ours, **options), torch.optim.SGD(pair.theirs, **options)
    for absent in [(0, 3), (0, 3), (3,), (), ()]:
        pair.step(a, b, absent)


def test_groups(torch):
    pair = Pair(torch)

    def groups(p):
        return [
            {"params": p[:2], "lr": 0.5},
            {"params": p[2:5], "momentum": 0.5, "maximize": True},
            {"params": p[5], "weight_decay": 0.1},
        ]

    a = optim.SGD(groups(pair.ours), lr=0.1, momentum=0.9)
    b = torch.optim.SGD(groups(pair.theirs), lr=0.1, momentum=0.9)
    pair.step(a, b)
    for optimizer, params in ((a, pair.ours), (b, pair.theirs)):
        optimizer.add_param_group({"params": [params[6]], "lr": 0.01})
    for i in range(6):
        a.param_groups[0]["lr"] = b.param_groups[0]["lr"] = 0.5 / (i + 1)  # a schedule
        pair.step(a, b)
    mine, others = a.param_groups, b.param_groups
    assert [{k: g[k] for k in g if k != "params"} for g in mine] == [
        {k: g[k] for k in mine[0] if k != "params"} for g in others
    ]


def test_saved_and_loaded_mid_way(torch):
    pair = Pair(torch)
    options = {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}
    a, b = optim.SGD(pair.ours, **options), torch.optim.SGD(pair.theirs, **options)
    for absent in [(1,), (1, 3), ()]:
        pair.step(a, b, absent)
    saved = a.state_dict()
    kept = saved["state"][0]["momentum_buffer"].copy()
    resumed = optim.SGD(pair.ours, lr=7.0)
    resumed.load_state_dict(saved)
    for absent in [(), (0,), ()]:
        pair.step(resumed, b, absent)
    assert saved["state"][0]["momentum_buffer"].tolist() == kept.tolist()  # a copy
    loaded, theirs = resumed.state_dict(), b.state_dict()
    assert loaded["param_groups"][0]["params"] == theirs["param_groups"][0]["params"]
    for i, state in theirs["state"].items():
        ours = loaded["state"][i]["momentum_buffer"]
        np.testing.assert_allclose(ours, state["momentum_buffer"].numpy(), atol=1e-12)


def test_loading_takes_the_place_of_what_was_there():
    p = Tensor(np.zeros(2), requires_grad=True)
    optimizer = optim.SGD([p], lr=1.0, momentum=0.5)

    def step():
        p.data, p.grad = np.zeros(2), np.ones(2)
        optimizer.step()
        return p.data.tolist()

    step()
    saved = optimizer.state_dict()
    assert [step(), step()] == [[-1.5, -1.5], [-1.75, -1.75]]
    optimizer.load_state_dict(saved)
    assert step() == [-1.5, -1.5]


def test_data_in_any_order_of_memory(torch):
    base = np.arange(12.0).reshape(3, 4)
    for array in (base.T, base[:, ::2], base[::-1], np.asfortranarray(base)):
        p, q = Tensor(array, requires_grad=True), torch.tensor(array.copy(), requires_grad=True)
        p._data = array.copy(order="K")  # as a library may hand it over
        others = [Tensor(np.ones(2), requires_grad=True) for _ in range(2)]
        a = optim.SGD([p, *others], lr=0.1, momentum=0.9)
        b = torch.optim.SGD([q], lr=0.1, momentum=0.9)
        for k in range(3):
            p.grad = np.asfortranarray(np.cos(array + k))
            others[0].grad = np.ones(2) if k else None
            q.grad = torch.tensor(np.cos(array + k))
            a.step()
            b.step()
        np.testing.assert_allclose(p.data, q.detach().numpy(), atol=1e-12)


def test_a_large_parameter_that_is_not_contiguous(torch):
    array = np.random.default_rng(0).normal(size=(200, 150)).T
    p, q = Tensor(array, requires_grad=True), torch.tensor(array.copy(), requires_grad=True)
    assert not p.data.flags.c_contiguous
    a, b = optim.SGD([p], 0.1, 0.9), torch.optim.SGD([q], 0.1, 0.9)
    for k in range(3):
        p.grad, q.grad = array + k, torch.tensor(array + k)
        a.step()
        b.step()
    np.testing.assert_allclose(p.data, q.detach().numpy(), atol=1e-12)


def test_parameters_own_their_memory():
    params = [Tensor(np.ones(n), requires_grad=True) for n in (3, 4, BLOCK)]
    before = [p.data for p in params]
    optimizer = optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=0.1)
    for p in params:
        p.grad = np.ones_like(p.data)
    gradients = [p.grad for p in params]
    optimizer.step()
    for p, array, g in zip(params, before, gradients, strict=True):
        assert p.data is array
        assert p.data.base is None
        assert not np.shares_memory(p.data, optimizer.state[p]["momentum_buffer"])
        assert (g == 1).all()  # gradients are left as they are
    assert not np.shares_memory(params[0].data, params[1].data)


def test_a_model_made_double_after_construction():
    model = nn.MLP([2, 3, 1])
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    x = np.ones((4, 2))

    def step(x):
        model.zero_grad()
        model(x).sum().backward()
        optimizer.step()

    step(x.astype(np.float32))
    model.double()
    velocity = {k: optimizer.state[p]["momentum_buffer"] for k, p in model.named_parameters()}
    velocity = {k: v.astype(np.float64) for k, v in velocity.items()}
    before = model.state_dict()
    step(x)
    for name, p in model.named_parameters():
        v = 0.9 * velocity[name] + p.grad
        assert p.dtype == np.float64
        np.testing.assert_allclose(p.data, before[name] - 0.1 * v, rtol=1e-12)


def test_replaced_data_are_followed():
    p = Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([p], lr=1.0)
    p.grad = np.ones(1, np.float32)
    optimizer.step()
    p.data = [10.0]
    optimizer.step()
    assert p.data.tolist() == [9.0]


def test_zero_grad():
    p = Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([p], lr=1.0)
    p.grad = np.ones(1, np.float32)
    optimizer.zero_grad()
    assert p.grad is None
    with pytest.raises(TypeError, match="set_to_none=False is not offered"):
        optimizer.zero_grad(set_to_none=False)


def test_a_step_without_gradients_changes_nothing():
    p = Tensor([1.0], requires_grad=True)
    assert optim.SGD([p], lr=1.0, weight_decay=1.0).step() is None
    assert p.data.tolist() == [1.0]


def test_closure():
    p = Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([p], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 1.0
    assert p.data.tolist() == [0.0]


def test_defaults_equal_torch(torch):
    p, q = Tensor([1.0], requires_grad=True), torch.tensor([1.0], requires_grad=True)
    ours, theirs = optim.SGD([p]).param_groups[0], torch.optim.SGD([q]).param_groups[0]
    assert {k: v for k, v in ours.items() if k != "params"} == {
        k: theirs[k] for k in ours if k != "params"
    }


def test_a_closure_has_gradients_also_under_no_grad(torch):
    seen = []
    for library, tensor, module in ((nnlib, Tensor, optim), (torch, torch.tensor, torch.optim)):
        p = tensor([1.0, -2.0], requires_grad=True)
        optimizer = module.SGD([p], lr=0.25, momentum=0.5)

        def closure(p=p, optimizer=optimizer):
            optimizer.zero_grad()
            loss = (p * p * p).sum()
            loss.backward()
            return loss

        with library.no_grad():
            losses = [optimizer.step(closure).item() for _ in range(3)]
            assert not (p * 2).requires_grad
        seen.append((losses, p.tolist() if library is torch else p.data.tolist()))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("value", [None, False, True])
@pytest.mark.parametrize("option", ["foreach", "fused"])
def test_options_that_change_no_value_are_taken(option, value):
    p = Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([p], lr=1.0, **{option: value})
    p.grad = np.ones(1, np.float32)
    optimizer.step()
    assert p.data.tolist() == [0.0]
    assert option not in optimizer.param_groups[0]


class Written(optim.Optimizer):
    """By its rule, with an option that has no default."""

    def __init__(self, params, lr):
        super().__init__(params, lr=lr)

    def rule(self, w, g, state, group):
        w -= group["lr"] * np.sign(g)


def test_a_students_rule_may_ask_for_its_options():
    p, q = (Tensor([1.0], requires_grad=True) for _ in "ab")
    optimizer = Written([{"params": p}, {"params": q, "lr": 0.25}], 0.5)
    p.grad, q.grad = np.full(1, 3, np.float32), np.full(1, -3, np.float32)
    optimizer.step()
    assert (p.item(), q.item()) == (0.5, 1.25)
    with pytest.raises(TypeError, match="Written: got an unexpected keyword argument 'rate'"):
        optimizer.add_param_group({"params": Tensor([1.0]), "rate": 1})


def momentum(module):
    """An optimizer as one writes it for torch, with a step of its own."""

    class Momentum(module.Optimizer):
        def __init__(self, params, lr=0.1, beta=0.9):
            super().__init__(params, {"lr": lr, "beta": beta})

        def step(self):
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    state = self.state[p]
                    state["v"] = group["beta"] * state.get("v", 0) + p.grad
                    p.data = p.data - group["lr"] * state["v"]

    return Momentum


def test_an_optimizer_written_for_torch(torch):
    seen = []
    for tensor, module in ((Tensor, optim), (torch.tensor, torch.optim)):
        p = tensor([1.0, -2.0], requires_grad=True)
        optimizer = momentum(module)([p], lr=0.25)
        for _ in range(4):
            optimizer.zero_grad()
            (p * p).sum().backward()
            optimizer.step()
        seen.append(p.data.tolist())
    np.testing.assert_allclose(*seen, rtol=1e-6)


def used_up():
    parameters = nn.Linear(1, 1).parameters()
    list(parameters)
    return parameters


P = Tensor(np.ones(2), requires_grad=True)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: optim.SGD([]), ValueError, "params is empty"),
        (lambda: optim.SGD(used_up()), ValueError, "empty: .* or a generator that was used before"),
        (lambda: optim.SGD(P), TypeError, r"write model\.parameters\(\)"),
        (lambda: optim.SGD(nn.Linear(1, 1)), TypeError, r"write model\.parameters\(\)"),
        (lambda: optim.SGD(None), TypeError, r"write model\.parameters\(\)"),
        (lambda: optim.SGD([np.ones(2)]), TypeError, "params must be Tensors"),
        (lambda: optim.SGD([P * 2]), TypeError, "that no operation made"),
        (lambda: optim.SGD([P, P]), ValueError, r"shape \(2,\) stands in the groups twice"),
        (lambda: optim.SGD([{"params": [P]}, {"params": P}]), ValueError, "twice"),
        (lambda: optim.SGD([{"lr": 1.0}]), TypeError, "missing a required argument: 'params'"),
        (
            lambda: optim.SGD([{"params": [P], "beta": 1}]),
            TypeError,
            "SGD: got an unexpected .*'beta'",
        ),
        (lambda: optim.SGD([P], lr=-1), ValueError, "SGD: lr must be a number from 0, not -1"),
        (lambda: optim.SGD([P], lr=np.nan), ValueError, "SGD: lr"),
        (lambda: optim.SGD([P], momentum=-0.1), ValueError, "SGD: momentum"),
        (lambda: optim.SGD([P], weight_decay=-1), ValueError, "SGD: weight_decay"),
        (lambda: optim.SGD([P], nesterov=True), ValueError, "nesterov needs a momentum"),
        (lambda: optim.SGD([P], 1, 0.9, 0.1, nesterov=True), ValueError, "no dampening"),
        (lambda: optim.SGD([{"params": [P], "lr": -2}]), ValueError, "lr must be a number from 0"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_refused_group_leaves_the_optimizer_as_it_was():
    optimizer = optim.SGD([P], lr=1.0)
    with pytest.raises(ValueError, match="lr"):
        optimizer.add_param_group({"params": [Tensor([1.0])], "lr": -1})
    assert len(optimizer.param_groups) == 1


def test_a_state_of_another_model_is_refused():
    def trained(*shapes):
        params = [Tensor(np.ones(shape), requires_grad=True) for shape in shapes]
        optimizer = optim.SGD(params, lr=0.1, momentum=0.9)
        for p in params:
            p.grad = np.ones_like(p.data)
        optimizer.step()
        return optimizer

    with pytest.raises(ValueError, match=r"groups of \[1\] parameters, expected \[2\]"):
        trained(2, 3).load_state_dict(trained(2).state_dict())
    with pytest.raises(ValueError, match=r"parameter 1 has no momentum_buffer of shape \(3,\)"):
        trained(2, 3).load_state_dict(trained(2, 4).state_dict())
