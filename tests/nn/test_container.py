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
