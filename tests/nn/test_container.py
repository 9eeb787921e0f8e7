"""Sequential and MLP."""

from collections import OrderedDict

import numpy as np
import pytest

from nnlib import Tensor, nn, testing


def layers(library):
    return [library.Linear(2, 3), library.Tanh(), library.Linear(3, 1)]


def test_sequential_equals_torch(torch, rng):
    ours, theirs = nn.Sequential(*layers(nn)), torch.nn.Sequential(*layers(torch.nn))
    testing.copy_weights(ours, theirs)
    testing.compare_with_torch(ours, theirs, rng.normal(size=(5, 2)).astype(np.float32), atol=1e-6)
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_named_parts(torch):
    def named(library):
        names = ["first", "phi", "last"]
        return library.Sequential(OrderedDict(zip(names, layers(library), strict=True)))

    ours, theirs = named(nn), named(torch.nn)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert ours.phi is ours[1]


def test_indexing():
    model = nn.Sequential(*layers(nn))
    assert len(model) == 3
    assert list(model) == [model[0], model[1], model[2]]
    assert model[-1] is model[2]
    with pytest.raises(IndexError):
        model[3]


@pytest.mark.parametrize("part", [slice(1, None), slice(0, 0), slice(None, None, 2), slice(-1, 5)])
def test_slices_share_parts_and_names(torch, part):
    ours, theirs = nn.Sequential(*layers(nn)), torch.nn.Sequential(*layers(torch.nn))
    assert list(ours[part].state_dict()) == list(theirs[part].state_dict())
    assert all(a is b for a, b in zip(ours[part], list(ours)[part], strict=True))


def test_a_part_used_twice_is_run_twice():
    double = nn.Linear(1, 1, bias=False)
    double.weight.data = [[2]]
    assert nn.Sequential(double, double, double)(Tensor([[1.0]])).item() == 8.0


def test_an_empty_one_does_nothing():
    x = Tensor([1.0])
    assert nn.Sequential()(x) is x


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([nn.Linear(1, 1), nn.ReLU], r"part 1 must be a module, not <class .*ReLU"),
        ([nn.Linear(1, 1), np.tanh], "part 1 must be a module, not <ufunc"),
        ([[nn.Linear(1, 1)]], r"part 0 must be a module, not \["),
        ([None], "part 0 must be a module, not None"),
    ],
)
def test_what_is_no_module_is_refused(parts, words):
    with pytest.raises(TypeError, match=f"Sequential: {words}"):
        nn.Sequential(*parts)


def test_mlp_is_the_torch_sequential(torch, rng):
    ours = nn.MLP([3, 5, 4, 2], nn.Tanh)
    theirs = torch.nn.Sequential(
        torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 4), torch.nn.Tanh(),
        torch.nn.Linear(4, 2),
    )  # fmt: skip
    assert list(ours.state_dict()) == list(theirs.state_dict())
    testing.copy_weights(ours, theirs)
    testing.compare_with_torch(ours, theirs, rng.normal(size=(5, 3)).astype(np.float32), atol=1e-6)


def test_mlp_activations_and_generator():
    assert [type(m).__name__ for m in nn.MLP([1, 2, 3])] == ["Linear", "ReLU", "Linear"]
    assert [type(m).__name__ for m in nn.MLP([1, 2])] == ["Linear"]
    a, b = (nn.MLP([2, 3, 1], generator=np.random.default_rng(4)) for _ in range(2))
    assert a[2].weight.data.tolist() == b[2].weight.data.tolist()
    assert type(nn.MLP([1, 2, 1])[:2]) is nn.Sequential


@pytest.mark.parametrize("sizes", [[], [3]])
def test_mlp_needs_two_sizes(sizes):
    with pytest.raises(ValueError, match=r"MLP: sizes (needs|must be)"):
        nn.MLP(sizes)


# As lists


def edited(library, edit, kind):
    parts = [library.Linear(1, n) for n in range(1, 5)]
    net = library.Sequential(*parts) if kind == "Sequential" else library.ModuleList(parts)
    result = edit(net, lambda n: library.Linear(1, n))
    # what was returned, when it is a list of modules or a module, and what is left
    shown = [m.out_features for m in result] if hasattr(result, "append") else result
    shown = getattr(result, "out_features", shown)
    return shown, [m.out_features for m in net], [name for name, _ in net.named_children()]


@pytest.mark.parametrize("kind", ["Sequential", "ModuleList"])
@pytest.mark.parametrize(
    "edit",
    [
        lambda net, new: net.append(new(9)),
        lambda net, new: net.extend([new(8), new(9)]),
        lambda net, new: net.insert(1, new(9)) and None,
        lambda net, new: net.insert(0, new(9)) and None,
        lambda net, new: net.__setitem__(2, new(9)),
        lambda net, new: net.__setitem__(-1, new(9)),
        lambda net, new: net.__delitem__(1),
        lambda net, new: net.__delitem__(-1),
        lambda net, new: net.__delitem__(slice(1, 3)),
        lambda net, new: net.pop(1),
        lambda net, new: net.pop(-1),
        lambda net, new: net[1:3],
        lambda net, new: net[-1],
        lambda net, new: net[::2],
        lambda net, new: (
            net.__iadd__(type(net)([new(9)])) if kind_of(net) == "ModuleList" else None
        ),
        lambda net, new: net + type(net)([new(9)]) if kind_of(net) == "ModuleList" else None,
        lambda net, new: net + type(net)(new(9)) if kind_of(net) == "Sequential" else None,
        lambda net, new: len(net),
    ],
)
def test_edited_as_in_torch(torch, edit, kind):
    assert edited(nn, edit, kind) == edited(torch.nn, edit, kind)


def kind_of(net):
    return type(net).__name__


@pytest.mark.parametrize("index", [4, -5])
def test_no_such_part(torch, index):
    for library in (nn, torch.nn):
        net = library.Sequential(*[library.Linear(1, 1)] * 4)
        with pytest.raises(IndexError):
            net[index]
    with pytest.raises(IndexError, match=r"^Sequential: there is no \[4\] among 4 parts"):
        nn.Sequential(*[nn.Tanh()] * 4)[4]


def test_only_modules_are_taken():
    net = nn.ModuleList([nn.Tanh()])
    for call in (lambda: net.append(1), lambda: net.insert(0, np.tanh), lambda: net.extend([2])):
        with pytest.raises(TypeError, match=r"^ModuleList: module must be a module"):
            call()
    with pytest.raises(TypeError, match=r"^ModuleList: module must be a module"):
        net[0] = np.tanh
    assert len(net) == 1


def test_a_dict_of_modules_as_a_dict(torch):
    def edited(library):
        net = library.ModuleDict({"a": library.Linear(1, 1), "b": library.Linear(1, 2)})
        net.update({"c": library.Linear(1, 3)})
        del net["a"]
        popped = net.pop("b")
        return popped.out_features, list(net.keys()), list(net.state_dict()), "c" in net

    assert edited(nn) == edited(torch.nn)
    net = nn.ModuleDict({"a": nn.Tanh()})
    net.clear()
    assert len(net) == 0


def test_a_list_of_parameters(torch):
    class Net(nn.Module):
        def __init__(self):
            self.parts = nn.ParameterList([nn.Parameter([1.0]), np.ones(2)])
            self.parts.append(nn.Parameter([3.0]))

    net = Net()
    assert list(net.state_dict()) == ["parts.0", "parts.1", "parts.2"]
    assert [p.shape for p in net.parts] == [(1,), (2,), (1,)]
    assert all(p.requires_grad for p in net.parts[1:])
    theirs = torch.nn.ParameterList([torch.nn.Parameter(torch.ones(1))])
    assert list(nn.ParameterList([nn.Parameter([1.0])]).state_dict()) == list(theirs.state_dict())
