"""Modules: what belongs to them, how it is saved, loaded and shown."""

import copy

import numpy as np
import pytest

from nnlib import Tensor, nn, testing


class Net(nn.Module):
    def __init__(self):
        self.scale = nn.Parameter([2.0])
        self.seen = nn.Buffer([0])
        self.body = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2))
        self.shift = nn.Parameter(np.zeros(2, np.float32))
        self.sizes = [2, 3, 2]

    def forward(self, x):
        return self.body(x) * self.scale + self.shift


def torch_net(torch):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.tensor([2.0]))
            self.register_buffer("seen", torch.tensor([0]))
            layers = torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2)
            self.body = torch.nn.Sequential(*layers)
            self.shift = torch.nn.Parameter(torch.zeros(2))

        def forward(self, x):
            return self.body(x) * self.scale + self.shift

    return Net()


def test_names_order_and_shapes_equal_torch(torch):
    ours, theirs = Net(), torch_net(torch)
    assert [(k, v.shape) for k, v in ours.state_dict().items()] == [
        (k, tuple(v.shape)) for k, v in theirs.state_dict().items()
    ]
    for names in ("named_parameters", "named_modules", "named_children"):
        mine = [name for name, _ in getattr(ours, names)()]
        assert mine == [name for name, _ in getattr(theirs, names)()]
    assert len(list(ours.parameters())) == 6
    assert len(list(ours.modules())) == 5
    assert len(list(ours.children())) == 1


def test_from_torch_and_back(torch, rng):
    ours, theirs, third = Net(), torch_net(torch), torch_net(torch)
    ours.load_state_dict(theirs.state_dict())
    testing.compare_with_torch(ours, theirs, rng.normal(size=(4, 2)).astype(np.float32), atol=1e-6)
    testing.copy_weights(ours, third)
    for a, b in zip(theirs.parameters(), third.parameters(), strict=True):
        assert a.tolist() == b.tolist()


def test_state_is_copied_both_ways():
    net = Net()
    state = net.state_dict()
    state["shift"][:] = 7
    assert net.shift.data.tolist() == [0.0, 0.0]
    net.load_state_dict(state)
    state["shift"][:] = 9
    assert net.shift.data.tolist() == [7.0, 7.0]


def test_loading_keeps_the_dtype():
    net = Net()
    net.load_state_dict({k: v.astype(np.float64) for k, v in net.state_dict().items()})
    assert net.scale.dtype == np.float32


def test_a_faulty_state_names_every_key_and_changes_nothing():
    net = Net()
    before, state = net.state_dict(), net.state_dict()
    state = {key: value + 1 for key, value in state.items()}
    del state["scale"], state["body.0.bias"]
    state |= {"extra": np.ones(1), "shift": np.ones((2, 1))}
    with pytest.raises(ValueError, match="load_state_dict: ") as error:
        net.load_state_dict(state)
    for words in (
        "scale is missing",
        "body.0.bias is missing",
        "extra is not a part of this model",
        "shift has shape (2, 1), the model's has (2,)",
    ):
        assert words in str(error.value)
    for key, value in net.state_dict().items():
        assert value.tolist() == before[key].tolist()


def test_values_that_are_no_numbers_change_nothing():
    net = nn.Linear(1, 2)
    before = net.state_dict()
    with pytest.raises(ValueError, match="bias holds <U1"):
        net.load_state_dict({"weight": before["weight"] + 1, "bias": np.array(["a", "b"])})
    assert net.weight.data.tolist() == before["weight"].tolist()


def test_a_shared_parameter_is_counted_once_and_saved_under_each_name(torch):
    def tied(library):
        layer = library.Linear(2, 2)
        return library.Sequential(layer, library.ReLU(), layer)

    ours, theirs = tied(nn), tied(torch.nn)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [k for k, _ in ours.named_parameters()] == ["0.weight", "0.bias"]
    ours(Tensor([[1.0, 1.0]])).sum().backward()
    ours.load_state_dict(theirs.state_dict())
    assert ours[0].weight.data.tolist() == theirs[0].weight.tolist()


def test_one_parameter_in_two_modules():
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    b.weight = a.weight
    model = nn.Sequential(a, b)
    assert [k for k, _ in model.named_parameters()] == ["0.weight", "0.bias", "1.bias"]
    assert len(model.state_dict()) == 4


def test_reassigned_and_deleted_parts():
    net = Net()
    net.body = nn.Linear(2, 2)
    net.scale = None
    del net.seen
    assert sorted(net.state_dict()) == ["body.bias", "body.weight", "shift"]


def test_train_and_eval_reach_every_part():
    net = Net()
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert net.train() is net
    assert all(m.training for m in net.modules())


def test_zero_grad_and_freezing():
    net = Net()
    net(Tensor([[1.0, 1.0]])).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())
    assert net.requires_grad_(False) is net
    assert not net(Tensor([[1.0, 1.0]])).requires_grad


def test_double_and_float():
    net = Net()
    net(Tensor([[1.0, 1.0]])).sum().backward()
    assert net.double() is net
    assert {p.dtype for p in net.parameters()} == {p.grad.dtype for p in net.parameters()}
    assert net.scale.dtype == np.float64
    assert net.seen.dtype == np.int64  # whole numbers stay
    assert net(Tensor(np.ones((1, 2)))).dtype == np.float64
    assert net.float().scale.dtype == np.float32


def test_buffers_are_kept_but_not_trained():
    net = nn.Module()
    net.mean = nn.Buffer(np.zeros(2))
    assert not net.mean.requires_grad
    assert list(net.state_dict()) == ["mean"]
    assert list(net.parameters()) == []


def test_a_module_without_forward_says_so():
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty has no forward\(self, x\) yet"):
        Empty()(1)


def test_options_reach_forward():
    class Power(nn.Module):
        def forward(self, x, n=1):
            return x**n

    assert Power()(Tensor([3.0]), n=2).item() == 9.0


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (nn.Linear(1, 2), "Linear(in_features=1, out_features=2)"),
        (nn.Linear(1, 2, bias=False), "Linear(in_features=1, out_features=2, bias=None)"),
        (nn.Dropout(0.3), "Dropout(p=0.3)"),
        (nn.ReLU(), "ReLU()"),
        (nn.Heaviside(0.5), "Heaviside(values=0.5)"),
        (nn.BatchNorm1d(3, momentum=None), "BatchNorm1d(num_features=3, momentum=None)"),
        (nn.CrossEntropyLoss(np.ones(2), label_smoothing=0.1),
         "CrossEntropyLoss(label_smoothing=0.1)"),
        (nn.GRU(2, 3, batch_first=True), "GRU(input_size=2, hidden_size=3, batch_first=True)"),
        (nn.Sequential(), "Sequential()"),
    ],
)  # fmt: skip
def test_repr_shows_what_differs_from_the_defaults(module, words):
    assert repr(module) == words


def test_repr_with_parts():
    class Block(nn.Module):
        def __init__(self, width, depth=1):
            self.width, self.depth = width, depth
            self.body = nn.Sequential(nn.Tanh())

    shown = "Block(\n  width=3\n  (body): Sequential(\n    (0): Tanh()\n  )\n)"
    assert repr(Block(3)) == shown


# What belongs to it is not lost


def both(torch, call):
    """Whether nnlib and torch both refuse, with a TypeError."""
    refused = []
    for library, tensor in ((nn, Tensor), (torch.nn, torch.tensor)):
        try:
            call(library, tensor)
        except TypeError:
            refused.append(True)
        else:
            refused.append(False)
    return refused


@pytest.mark.parametrize(
    "call",
    [
        lambda nn, t: setattr(nn.Linear(1, 1), "weight", t([[1.0]])),
        lambda nn, t: setattr(nn.Linear(1, 1), "weight", 1.0),
        lambda nn, t: setattr(nn.Linear(1, 1), "weight", None),
        lambda nn, t: setattr(nn.Linear(1, 1), "weight", nn.Parameter(t([[1.0]]))),
        lambda nn, t: setattr(nn.Linear(1, 1), "weight", nn.ReLU()),
        lambda nn, t: setattr(nn.BatchNorm1d(1), "running_mean", t([1.0])),
        lambda nn, t: setattr(nn.BatchNorm1d(1), "running_mean", 0.0),
        lambda nn, t: setattr(nn.BatchNorm1d(1), "running_mean", None),
        lambda nn, t: nn.Module().register_buffer("a", 1.0),
        lambda nn, t: nn.Module().register_parameter("a", t([1.0])),
        lambda nn, t: nn.Module().add_module("a", t([1.0])),
        lambda nn, t: nn.Module().add_module("a", None),
        lambda nn, t: nn.Module().register_buffer("a", None),
    ],
)
def test_places_are_guarded_as_in_torch(torch, call):
    ours, theirs = both(torch, call)
    assert ours == theirs


def test_the_words_for_a_lost_parameter():
    layer = nn.Linear(1, 1)
    with pytest.raises(
        TypeError, match=r"^Linear: weight is a Parameter, not a Tensor; .*\.data = "
    ):
        layer.weight = layer.weight * 2
    assert len(list(layer.parameters())) == 2


def test_a_tensor_in_a_buffers_place_is_the_buffer():
    net = nn.Module()
    net.register_buffer("mean", Tensor([1.0]))
    net.register_buffer("seen", Tensor(0), persistent=False)
    net.mean = 0.5 * net.mean + 1.0
    net.seen = Tensor(3)
    assert [n for n, _ in net.named_buffers()] == ["mean", "seen"]
    assert {k: v.tolist() for k, v in net.state_dict().items()} == {"mean": [1.5]}
    assert net.double().mean.dtype == np.float64
    twin = copy.deepcopy(net)
    assert list(twin.state_dict()) == ["mean"]
    assert len(list(twin.buffers())) == 2


def test_a_registered_tensor_stays_the_same_one(torch):
    for library, tensor in ((nn, Tensor), (torch.nn, torch.tensor)):
        net, t = library.Module(), tensor([1.0])
        net.register_buffer("t", t)
        assert net.t is t


@pytest.mark.parametrize("name", ["", "a.b", "forward", "plain"])
def test_names_that_cannot_be(torch, name):
    for library, tensor in ((nn, Tensor), (torch.nn, torch.tensor)):
        net = library.Module()
        net.plain = 1
        with pytest.raises(KeyError):
            net.register_buffer(name, tensor([1.0]))
        with pytest.raises(KeyError):
            net.add_module(name, library.ReLU())
        with pytest.raises(KeyError):
            net.register_parameter(name, library.Parameter(tensor([1.0])))


def test_registered_parts_are_found(torch):
    def net(library, tensor):
        module = library.Module()
        module.register_parameter("w", library.Parameter(tensor([1.0])))
        module.register_buffer("b", tensor([2.0]))
        module.add_module("m", library.Linear(1, 2))
        module.register_module("n", library.BatchNorm1d(2))
        return module

    ours, theirs = net(nn, Tensor), net(torch.nn, torch.tensor)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for method in ("named_parameters", "named_buffers"):
        for options in ({}, {"prefix": "p"}, {"recurse": False}):
            mine, its = (getattr(n, method)(**options) for n in (ours, theirs))
            assert [k for k, _ in mine] == [k for k, _ in its]


def test_apply_reaches_children_first(torch):
    def visited(library):
        names = []
        net = library.Sequential(library.Linear(1, 1), library.Sequential(library.Tanh()))
        assert net.apply(lambda m: names.append(type(m).__name__)) is net
        return names

    assert visited(nn) == visited(torch.nn)


# To where, and as what


@pytest.mark.parametrize(
    ("place", "dtype"),
    [
        (("cpu",), np.float32), ((np.float64,), np.float64), (("cpu", np.float64), np.float64),
        (("float64",), np.float64), ((np.dtype("f8"), True), np.float64),
        ((Tensor(np.ones(1)),), np.float64),
    ],
)  # fmt: skip
def test_to(place, dtype):
    net = nn.BatchNorm1d(2)
    assert net.to(*place) is net
    assert net.weight.dtype == net.running_mean.dtype == dtype
    assert net.num_batches_tracked.dtype == np.int64


def test_to_by_name_and_what_is_not_there(torch):
    net = nn.Linear(1, 1)
    assert net.to(device=torch.device("cpu"), dtype=np.float64, non_blocking=True).cpu() is net
    assert net.weight.dtype == np.float64
    assert net.half().weight.dtype == np.float16
    for device in ("cuda", torch.device("meta")):
        with pytest.raises(TypeError, match=r"^to: device=.* is not offered here"):
            net.to(device)
    with pytest.raises(ValueError, match=r"^to: dtype must be a float dtype"):
        net.to(np.int64)
    with pytest.raises(TypeError, match=r"^to: got an unexpected keyword argument 'where'"):
        net.to(where="cpu")


# Loading a part


def test_loading_what_is_there(torch):
    def load(library):
        net, other = library.Linear(2, 3), library.Linear(2, 3, bias=False)
        state = other.state_dict()
        state["more"] = state["weight"]
        return net, other, net.load_state_dict(state, strict=False)

    (net, other, ours), (_, _, theirs) = load(nn), load(torch.nn)
    assert ours.missing_keys == theirs.missing_keys == ["bias"]
    assert ours.unexpected_keys == theirs.unexpected_keys == ["more"]
    np.testing.assert_array_equal(net.weight.data, other.weight.data)
    with pytest.raises(ValueError, match=r"weight has shape \(2, 3\), the model's has \(3, 2\)"):
        nn.Linear(2, 3).load_state_dict({"weight": np.ones((2, 3))}, strict=False)
    assert nn.Linear(2, 3).load_state_dict(net.state_dict()) == ([], [])


def test_gradients_set_to_zero():
    layer = nn.Linear(1, 1)
    layer.zero_grad(set_to_none=False)
    assert layer.weight.grad is None
    layer(Tensor([[1.0]])).sum().backward()
    layer.zero_grad(set_to_none=False)
    assert layer.weight.grad.tolist() == [[0.0]]
