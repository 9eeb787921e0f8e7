"""Every optimizer against PyTorch, step by step, over drawn shapes, options and missing gradients."""

import copy
import inspect

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnlib import Tensor, nn, optim
from nnlib.optim.optimizer import BLOCK

torch = pytest.importorskip("torch")

slow_but_same = settings(
    max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
RATES = st.sampled_from([0.0, 1e-3, 0.1, 2.0])
EPS = st.sampled_from([1e-10, 1e-8, 0.1])
BETAS = st.tuples(st.sampled_from([0.0, 0.5, 0.9]), st.sampled_from([0.0, 0.9, 0.999]))
SHARES = st.sampled_from([0.5, 0.9, 0.99])
DECAYS = st.sampled_from([0, 0.01, 0.3])
BOTH = st.booleans()

COMMON = {"lr": RATES, "weight_decay": DECAYS, "maximize": BOTH}
ADAM = COMMON | {"betas": BETAS, "eps": EPS, "amsgrad": BOTH}
OPTIONS = {
    "SGD": COMMON | {"momentum": st.sampled_from([0, 0.9]), "dampening": st.sampled_from([0, 0.5])},
    "Adagrad": COMMON | {"eps": EPS, "lr_decay": DECAYS, "initial_accumulator_value": DECAYS},
    "Adadelta": COMMON | {"rho": st.sampled_from([0.0, 0.5, 0.9, 1.0]), "eps": EPS},
    "RMSprop": COMMON | {"alpha": SHARES, "eps": EPS, "centered": BOTH, "momentum": DECAYS},
    "Adam": ADAM | {"decoupled_weight_decay": BOTH},
    "AdamW": ADAM,
    "NAdam": COMMON | {"betas": BETAS, "eps": EPS, "momentum_decay": DECAYS,
                       "decoupled_weight_decay": BOTH},
}  # fmt: skip
SHAPES = st.lists(
    st.sampled_from([(), (1,), (3,), (2, 3), (0, 2), (2, 1, 3), (BLOCK + 1,), (150, 120)]),
    min_size=1,
    max_size=4,
)


@pytest.fixture(autouse=True)
def torch_counts_in_float64():
    """PyTorch keeps NAdam's product of momenta in its default dtype."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


class Pair:
    """The same parameters here and in PyTorch, fed the same gradients."""

    def __init__(self, shapes, seed, dtype=np.float64):
        self.rng, self.dtype = np.random.default_rng(seed), dtype
        start = [np.asarray(self.rng.normal(size=shape), dtype) for shape in shapes]
        self.ours = [Tensor(w, requires_grad=True) for w in start]
        self.theirs = [torch.tensor(w, requires_grad=True) for w in start]

    def give_gradients(self, absent=()):
        for i, (p, q) in enumerate(zip(self.ours, self.theirs, strict=True)):
            g = np.asarray(self.rng.normal(size=p.shape), self.dtype)
            p.grad, q.grad = (None, None) if i in absent else (g, torch.tensor(g))

    def same(self, a, b, atol=1e-9):
        for p, q in zip(self.ours, self.theirs, strict=True):
            assert p.dtype == self.dtype
            np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=atol, atol=atol)
        if a is None:
            return
        ours, theirs = a.state_dict(), b.state_dict()
        for i, state in theirs["state"].items():
            for name in state if i in ours["state"] else ():  # PyTorch's Adagrad makes it early
                mine, other = ours["state"][i][name], state[name].numpy()
                np.testing.assert_allclose(mine, other, rtol=atol, atol=atol)


def arrays_to_tensors(state_dict):
    """What a student writes to hand our state to PyTorch."""
    states = {
        i: {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in state.items()}
        for i, state in state_dict["state"].items()
    }
    return {"state": states, "param_groups": state_dict["param_groups"]}


def made(name, pair, **options):
    return (
        getattr(optim, name)(pair.ours, **options),
        getattr(torch.optim, name)(pair.theirs, **options),
    )


@pytest.mark.parametrize("name", OPTIONS)
@slow_but_same
@given(st.data())
def test_equals_torch(name, data):
    shapes = data.draw(SHAPES)
    pair = Pair(shapes, data.draw(st.integers(0, 99)))
    a, b = made(name, pair, **data.draw(st.fixed_dictionaries({}, optional=OPTIONS[name])))
    absences = st.sets(st.integers(0, len(shapes) - 1), max_size=2)
    for absent in data.draw(st.lists(absences, min_size=4, max_size=6)):
        pair.give_gradients(absent)
        a.step()
        b.step()
    pair.same(a, b)


@pytest.mark.parametrize("name", OPTIONS)
def test_fifty_steps_with_the_defaults(name):
    """The course's lesson compares 50 steps to 1e-12."""
    pair = Pair([(4, 3), (3,), (BLOCK,)], 0)
    a, b = made(name, pair)
    for _ in range(50):
        pair.give_gradients()
        a.step()
        b.step()
    pair.same(a, b, 1e-12)


@pytest.mark.parametrize("name", OPTIONS)
def test_float32(name):
    pair = Pair([(4, 3), (3,), (BLOCK,)], 0, np.float32)
    a, b = made(name, pair, lr=0.01)
    for _ in range(10):
        pair.give_gradients()
        a.step()
        b.step()
    pair.same(a, b, 1e-5)


@pytest.mark.parametrize("name", OPTIONS)
@slow_but_same
@given(st.data())
def test_state_goes_to_torch_and_back(name, data):
    """Three steps here, three in PyTorch, three here again, against nine in PyTorch."""
    pair = Pair([(2, 3), (3,)], 1)
    options = data.draw(st.fixed_dictionaries({}, optional=OPTIONS[name]))
    a, b = made(name, pair, **options)
    other = [torch.tensor(p.data, requires_grad=True) for p in pair.ours]
    for stretch in range(3):
        here = stretch != 1
        params = pair.ours if here else other
        if stretch == 0:
            mine = a
        elif stretch == 1:
            mine = getattr(torch.optim, name)(other)
            mine.load_state_dict(arrays_to_tensors(a.state_dict()))
        else:
            before, mine = mine, getattr(optim, name)(pair.ours)
            mine.load_state_dict(before.state_dict())
        for p, q in zip(pair.ours, other, strict=True):
            if here and stretch:
                p.data = q.detach().numpy()
            elif not here:
                q.data = torch.tensor(p.data)
        for _ in range(3):
            pair.give_gradients()
            for p, q in zip(params, pair.theirs, strict=True):
                p.grad = q.grad.numpy().copy() if here else q.grad.clone()
            mine.step()
            b.step()
    pair.same(mine, b)


@pytest.mark.parametrize("name", OPTIONS)
def test_saved_is_a_copy_and_goes_on(name):
    pair = Pair([(3,), (BLOCK,)], 2)
    a, b = made(name, pair)
    for _ in range(2):
        pair.give_gradients()
        a.step()
        b.step()
    saved = a.state_dict()
    again = getattr(optim, name)(pair.ours, lr=7.0)
    again.load_state_dict(saved)
    kept = repr(saved)
    pair.give_gradients()
    again.step()
    b.step()
    assert repr(saved) == kept
    pair.same(again, b)


@pytest.mark.parametrize("name", OPTIONS)
def test_a_copy_of_model_and_optimizer_goes_its_own_way(name):
    params = [Tensor(np.ones(n), requires_grad=True) for n in (3, 4, BLOCK)]
    optimizer = getattr(optim, name)(params, lr=0.1)

    def step(optimizer):
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad = np.cos(p.data)
        optimizer.step()
        return repr(optimizer.state_dict())

    step(optimizer)
    before = repr(optimizer.state_dict())
    twin = copy.deepcopy(optimizer)
    first = step(twin)
    assert repr(optimizer.state_dict()) == before != first
    assert step(optimizer) == first
    for p, q in zip(params, twin.param_groups[0]["params"], strict=True):
        np.testing.assert_array_equal(p.data, q.data)
        assert not np.shares_memory(p.data, q.data)


@pytest.mark.parametrize("name", OPTIONS)
def test_a_real_model_in_float32(name):
    """Gradients from backward(), groups with rates of their own, and model.double() half-way."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 3)), rng.integers(0, 2, 8)
    model = nn.MLP([3, 5, 2], generator=rng).double()
    twin = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2))
    twin.double().load_state_dict({k: torch.tensor(v) for k, v in model.state_dict().items()})

    def groups(m):
        return [{"params": list(m[0].parameters()), "lr": 0.05}, {"params": m[2].parameters()}]

    a, b = getattr(optim, name)(groups(model)), getattr(torch.optim, name)(groups(twin))
    for _ in range(5):
        a.zero_grad()
        b.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        torch.nn.functional.cross_entropy(twin(torch.tensor(x)), torch.tensor(y)).backward()
        a.step()
        b.step()
    for key, value in twin.state_dict().items():
        np.testing.assert_allclose(model.state_dict()[key], value.numpy(), rtol=1e-9, atol=1e-9)
    model.float()
    a.zero_grad()
    nn.functional.cross_entropy(model(x.astype(np.float32)), y).backward()
    a.step()
    for p, state in a.state.items():
        assert p.dtype == np.float32
        assert all(v.dtype == np.float32 for v in state.values() if isinstance(v, np.ndarray))


@pytest.mark.parametrize("name", OPTIONS)
def test_gradients_and_memory_are_left_alone(name):
    params = [Tensor(np.ones(n), requires_grad=True) for n in (3, 4, BLOCK)]
    before = [p.data for p in params]
    a = getattr(optim, name)(params, weight_decay=0.1, maximize=True)
    for _ in range(2):
        for p in params:
            p.grad = np.ones_like(p.data)
        gradients = [p.grad for p in params]
        a.step()
    for p, array, g in zip(params, before, gradients, strict=True):
        assert p.data is array
        assert g.tolist() == [1.0] * g.size
        for value in a.state[p].values():
            assert not np.shares_memory(p.data, value)


@pytest.mark.parametrize("name", OPTIONS)
def test_backward_after_a_step_notices_the_change(name):
    p = Tensor([1.0], requires_grad=True)
    optimizer = getattr(optim, name)([p])
    loss = (p * p).sum()
    p.grad = np.ones(1, np.float32)
    optimizer.step()
    with pytest.raises(RuntimeError, match="changed"):
        loss.backward()


@pytest.mark.parametrize("name", OPTIONS)
def test_defaults_equal_torch(name):
    p, q = Tensor([1.0], requires_grad=True), torch.tensor([1.0], requires_grad=True)
    ours = getattr(optim, name)([p]).param_groups[0]
    theirs = getattr(torch.optim, name)([q]).param_groups[0]
    left_out = set(theirs) - set(ours)
    assert left_out <= {"foreach", "fused", "capturable", "differentiable"}
    assert {k: v for k, v in ours.items() if k != "params"} == {
        k: v for k, v in theirs.items() if k != "params" and k not in left_out
    }
    for option in left_out - {"differentiable"}:  # they change no value
        getattr(optim, name)([p], **{option: True})
    with pytest.raises(TypeError, match="differentiable=True is not offered"):
        getattr(optim, name)([p], differentiable=True)


@pytest.mark.parametrize("name", OPTIONS)
def test_names_order_and_defaults_are_torchs(name):
    ours, theirs = (inspect.signature(getattr(m, name)).parameters for m in (optim, torch.optim))
    by_position, by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY

    def listed(parameters, kind):
        return [(p.name, p.default) for p in parameters.values() if p.kind is kind]

    assert listed(ours, by_position) == listed(theirs, by_position)
    assert set(listed(ours, by_name)) == set(listed(theirs, by_name))


@pytest.mark.parametrize("name", OPTIONS)
def test_options_can_be_given_by_position(name):
    options = list(inspect.signature(getattr(optim, name)).parameters)[1:4]
    values = [0.25, (0.5, 0.75) if "betas" in options else 0.5, 0.125]
    group = getattr(optim, name)([Tensor([1.0])], *values).param_groups[0]
    assert [group[option] for option in options] == values
    with pytest.raises(TypeError, match=f"{name}: .*momenta"):
        getattr(optim, name)([Tensor([1.0])], momenta=0.9)


VALUES = st.one_of(
    st.sampled_from(
        [-1.0, -1e-9, 0, 0.5, 1.0, 2, np.nan, "0.1", None, (0.9, 0.99), (0.9,), [1, 2]]
    ),
    st.floats(-2, 2),
)


@pytest.mark.parametrize("name", OPTIONS)
@slow_but_same
@given(st.data())
def test_each_option_agrees_with_torch_or_is_named(name, data):
    option = data.draw(st.sampled_from(sorted(OPTIONS[name])))
    value = data.draw(VALUES)
    pair = Pair([(2,), (3,)], 0)
    try:
        a = getattr(optim, name)(pair.ours, **{option: value})
    except (ValueError, TypeError) as error:
        assert option in str(error), error
        return
    b = getattr(torch.optim, name)(pair.theirs, **{option: value})
    for _ in range(3):
        pair.give_gradients()
        a.step()
        b.step()
    pair.same(a, b)


P = Tensor(np.ones(2), requires_grad=True)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: optim.Adam([P], betas=(0.9, 1.0)), ValueError, "Adam: betas must be a number from 0 to below 1"),
        (lambda: optim.AdamW([P], betas=(-0.1, 0.9)), ValueError, "AdamW: betas must be a number from 0"),
        (lambda: optim.NAdam([P], betas=0.9), TypeError, "NAdam: betas must be two numbers"),
        (lambda: optim.Adam([P], lr="0.1"), TypeError, "Adam: lr must be a number from 0, not '0.1'"),
        (lambda: optim.Adam(nn.Linear(1, 1)), TypeError, r"write model\.parameters\(\)"),
        (lambda: optim.Adam("model"), TypeError, r"write model\.parameters\(\)"),
        (lambda: optim.Adam([Tensor([1, 2])]), TypeError, "params must be Tensors of floats"),
        (lambda: optim.Adam([{"params": 3}]), TypeError, r"write model\.parameters\(\)"),
        (lambda: optim.Adadelta([P], rho=1.5), ValueError, r"rho must be a number in \[0, 1\]"),
        (lambda: optim.RMSprop([P], alpha=1.5), ValueError, r"alpha must be a number in \[0, 1\]"),
        (lambda: optim.Adam([P]).load_state_dict({}), ValueError, "not what an optimizer's state"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_gradient_of_another_shape():
    p = Tensor(np.ones(3), requires_grad=True)
    with pytest.raises(ValueError, match=r"a parameter \(3,\) has a gradient \(1,\)"):
        p.grad = np.ones(1)


def test_a_state_of_another_optimizer_changes_nothing():
    def stepped(cls, lr, **options):
        p = Tensor(np.ones(2), requires_grad=True)
        p.grad = np.ones(2)
        optimizer = cls([p], lr=lr, **options)
        optimizer.step()
        return optimizer

    adam = stepped(optim.Adam, 0.1)
    before = repr(adam.state_dict())
    for other in (stepped(optim.SGD, 0.5), stepped(optim.Adagrad, 0.5)):
        with pytest.raises(ValueError, match=r"parameter 0 has no exp_avg of shape"):
            adam.load_state_dict(other.state_dict())
        assert repr(adam.state_dict()) == before


def test_options_changed_on_the_way():
    """A schedule of the momentum, as in lesson 10; PyTorch follows as well."""
    pair = Pair([(3,), (2,)], 3)
    a, b = made("SGD", pair, lr=0.1)
    for momentum in (0, 0, 0.5, 0.9):
        a.param_groups[0]["momentum"] = b.param_groups[0]["momentum"] = momentum
        pair.give_gradients()
        a.step()
        b.step()
    pair.same(None, None)
