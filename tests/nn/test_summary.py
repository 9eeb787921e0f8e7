"""The table of a model's parts."""

import numpy as np
import pytest

from nnlib import Tensor, nn
from nnlib.nn.summary import watching

X = Tensor(np.zeros((5, 3), np.float32))


def test_rows():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Sequential(nn.Linear(4, 2)))
    table = nn.summary(model, X)
    assert table.rows == [
        ("", "Sequential", ["(5, 2)"], 0),
        ("0", "Linear", ["(5, 4)"], 16),
        ("1", "BatchNorm1d", ["(5, 4)"], 8),
        ("2", "Sequential", ["(5, 2)"], 0),
        ("2.0", "Linear", ["(5, 2)"], 10),
    ]
    assert table.parameters == sum(p.data.size for p in model.parameters()) == 34
    assert repr(table).splitlines()[-1] == "34 parameters"


def test_a_shared_layer_counts_once_and_shows_each_use():
    layer = nn.Linear(3, 3)
    table = nn.summary(nn.Sequential(layer, nn.ReLU(), layer), X)
    assert table.rows[1:] == [("0", "Linear", ["(5, 3)"] * 2, 12), ("1", "ReLU", ["(5, 3)"], 0)]
    assert table.parameters == 12


def test_a_shared_parameter_counts_for_its_first_layer():
    a, b = nn.Linear(3, 3), nn.Linear(3, 3)
    b.weight = a.weight
    table = nn.summary(nn.Sequential(a, b), X)
    assert [n for *_, n in table.rows] == [0, 12, 3]
    assert table.parameters == 15


def test_own_parameters_several_inputs_and_outputs_and_unused_parts():
    class Model(nn.Module):
        def __init__(self):
            self.scale = nn.Parameter([1.0, 2.0, 3.0])
            self.first, self.unused = nn.Linear(3, 2), nn.Linear(3, 1000)

        def forward(self, a, b):
            h = self.first(a * self.scale + b)
            return h, [h.sum(), [h, None]]

    table = nn.summary(Model(), X, X)
    shapes = "[(5, 2), [(), [(5, 2), NoneType]]]"
    assert table.rows[0] == ("", "Model", [shapes], 3)
    assert table.rows[2][2] == []
    assert table.parameters == 3 + 8 + 4000
    assert repr(table).splitlines()[-2].split() == ["unused", "Linear", "not", "used", "4,000"]
    assert len({len(line) for line in repr(table).splitlines()[:-1]}) == 1


def test_the_model_is_left_as_it_was():
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 2))
    model[1].eval()
    before = model.state_dict()
    nn.summary(model, Tensor(np.ones((1, 3), np.float32)))  # one row: eval mode
    assert [m.training for m in model.modules()] == [True, True, False, True]
    assert all((before[key] == value).all() for key, value in model.state_dict().items())
    assert all("forward" not in vars(m) for m in model.modules())
    assert model(X).requires_grad


def test_an_error_leaves_the_model_as_it_was():
    model = nn.MLP([4, 2])
    with pytest.raises(ValueError, match="input has 3 features, weight expects 4"):
        nn.summary(model, X)
    assert all("forward" not in vars(m) and m.training for m in model.modules())
    with pytest.raises(TypeError, match="summary: model must be a module, not"):
        nn.summary(X, model)


def test_watching_puts_back_a_forward_that_was_there():
    model = nn.MLP([3, 2, 1])

    def mine(x):
        return x * 2

    model[1].forward = mine
    seen = []
    with watching(model, lambda name, module, output: seen.append((name, output.shape))):
        model(X)
    assert seen == [("0", (5, 2)), ("1", (5, 2)), ("2", (5, 1)), ("", (5, 1))]
    assert model[1].forward is mine
    assert "forward" not in vars(model[0])
