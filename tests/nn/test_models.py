"""Models of many parts: containers, residual blocks, several inputs and outputs, shared layers."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import nnlib.nn.functional as F
from nnlib import Tensor, nn, testing


def two_towers(nn):
    """The same source for nnlib and for torch."""

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.tower = nn.Sequential(nn.Linear(3, 4), nn.Tanh())
            self.other = nn.Linear(2, 4)
            self.norms = nn.ModuleList([nn.BatchNorm1d(4), nn.LayerNorm(4)])
            self.heads = nn.ModuleDict({"number": nn.Linear(4, 1), "classes": nn.Linear(4, 3)})

        def forward(self, a, b, c):
            h = self.tower(a) * self.tower(b) + self.other(c)
            for norm in self.norms:
                h = norm(h)
            return self.heads["number"](h), self.heads["classes"](h)

    return Model().double()


def test_several_inputs_and_outputs_and_a_shared_tower(torch, rng):
    ours, theirs = two_towers(nn), two_towers(torch.nn)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    testing.copy_weights(ours, theirs)
    arrays = [rng.normal(size=(5, n)) for n in (3, 3, 2)]
    y, labels = rng.normal(size=(5, 1)), rng.integers(0, 3, 5)
    for _ in range(2):  # the second time gradients add up
        number, classes = ours(*arrays)
        loss = F.mse_loss(number, y) + F.cross_entropy(classes, labels)
        loss.backward()
        f = torch.nn.functional
        number, classes = theirs(*map(torch.tensor, arrays))
        other = f.mse_loss(number, torch.tensor(y)) + f.cross_entropy(classes, torch.tensor(labels))
        other.backward()
        assert loss.item() == pytest.approx(other.item(), abs=1e-12)
    for (name, p), (other_name, q) in zip(
        ours.named_parameters(), theirs.named_parameters(), strict=True
    ):
        assert name == other_name
        np.testing.assert_allclose(p.grad, q.grad.numpy(), atol=1e-10, err_msg=name)


def test_one_layer_in_two_places(torch, rng):
    """Tied weights: one parameter under two keys, counted once, its gradients added."""

    def tied(library):
        layer = library.Linear(3, 3)
        return library.Sequential(layer, library.Tanh(), layer).double()

    ours, theirs = tied(nn), tied(torch.nn)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert len(list(ours.parameters())) == len(list(theirs.parameters())) == 2
    testing.copy_weights(ours, theirs)
    testing.compare_with_torch(ours, theirs, rng.normal(size=(4, 3)))
    np.testing.assert_allclose(ours[0].weight.grad, theirs[0].weight.grad.numpy(), atol=1e-12)
    twin = copy.deepcopy(ours)
    assert twin[0] is twin[2]
    assert twin[0] is not ours[0]


# Containers --------------------------------------------------------------------------------


def layers(library):
    return [library.Linear(2, 3), library.Tanh(), library.Linear(3, 1)]


def test_module_list_equals_torch(torch):
    ours, theirs = nn.ModuleList(layers(nn)), torch.nn.ModuleList(layers(torch.nn))
    for modules, library in ((ours, nn), (theirs, torch.nn)):
        modules.append(library.ReLU()).append(library.Linear(1, 1))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert len(ours) == len(theirs) == 5
    assert ours[-1] is ours[4] is list(ours)[4]
    assert list(ours[:2]) == list(ours)[:2]
    assert type(ours[:2]) is nn.ModuleList  # as in torch
    assert len(nn.ModuleList()) == 0
    with pytest.raises(IndexError):
        ours[5]
    with pytest.raises(NotImplementedError, match="ModuleList has no forward"):
        ours(1)


def test_module_dict_equals_torch(torch):
    def build(library):
        parts = dict(zip("abc", layers(library), strict=True))
        modules = library.ModuleDict(parts)
        modules["a"] = library.Sigmoid()
        modules["later"] = library.Linear(1, 1)
        return modules

    ours, theirs = build(nn), build(torch.nn)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert list(ours) == list(ours.keys()) == list(theirs) == ["a", "b", "c", "later"]
    assert list(ours.values()) == [part for _, part in ours.items()]
    assert ours["c"] is ours.c
    assert "b" in ours
    assert "d" not in ours
    assert len(ours) == 4


@pytest.mark.parametrize("name", ["forward", "training", "items", "a.b", ""])
def test_names_that_a_module_dict_cannot_take(name):
    with pytest.raises(KeyError, match="ModuleDict: "):
        nn.ModuleDict({name: nn.ReLU()})


def test_a_name_is_a_word():
    with pytest.raises(TypeError, match="ModuleDict: name must be a word, not 3"):
        nn.ModuleDict({3: nn.ReLU()})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: nn.ModuleList([nn.ReLU(), nn.ReLU]),
            "ModuleList: module must be a module, not <cl",
        ),
        (lambda: nn.ModuleList([3]), "ModuleList: module must be a module, not 3"),
        (lambda: nn.ModuleDict({"a": np.tanh}), "ModuleDict: module must be a module, not <ufunc"),
        (lambda: nn.Residual(np.tanh), "Residual: branch must be a module, not"),
        (lambda: nn.Residual(None), "Residual: branch must be a module, not None"),
    ],
)
def test_what_is_no_module_is_refused(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(KeyError, match=r"there is no 'c'; there are \['a', 'b'\]"):
        nn.ModuleDict({"a": nn.ReLU(), "b": nn.ReLU()})["c"]


@given(data=st.data())
def test_flatten_equals_torch(torch, data):
    shape = data.draw(array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    options = {"start_dim": data.draw(st.integers(-4, 4)), "end_dim": data.draw(st.integers(-4, 4))}
    ours, theirs = nn.Flatten(**options), torch.nn.Flatten(**options)
    x = np.asarray(np.random.default_rng(0).normal(size=shape))
    try:
        ours(x)
    except (ValueError, IndexError) as error:
        assert "flatten: " in str(error)
        with pytest.raises((RuntimeError, IndexError)):
            theirs(torch.tensor(x))
    else:
        testing.compare_with_torch(ours, theirs, x)


def test_flatten_keeps_the_batch():
    assert nn.Flatten()(Tensor(np.ones((2, 3, 4)))).shape == (2, 12)


# Residual blocks ---------------------------------------------------------------------------


def test_residual_equals_torch(torch, rng):
    block = nn.Residual(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3))).double()
    branch = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 3))
    testing.copy_weights(block.branch, branch.double())
    x = rng.normal(size=(5, 3))
    testing.compare_with_torch(block, lambda x: x + branch(x), x)
    assert testing.gradcheck(block, [x])
    for p, q in zip(block.branch.parameters(), branch.parameters(), strict=True):
        assert p.grad.shape == tuple(q.grad.shape)


def test_a_branch_of_zeros_is_the_identity(rng):
    block = nn.Residual(nn.Linear(3, 3)).double()
    for p in block.parameters():
        nn.init.zeros_(p)
    x, g = Tensor(rng.normal(size=(2, 3)), requires_grad=True), rng.normal(size=(2, 3))
    y = block(x)
    y.backward(g)
    assert (y.data == x.data).all()
    assert (x.grad == g).all()


def test_nothing_is_broadcast():
    with pytest.raises(ValueError, match=r"Residual: input has shape \(2, 3\), but branch has"):
        nn.Residual(nn.Linear(3, 1).double())(np.ones((2, 3)))
