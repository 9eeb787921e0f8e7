"""A frozen layer with a change of low rank."""

import numpy as np
import pytest

from nnlib import Tensor, nn, optim, testing


def tuned(rng, r=2, lora_alpha=4, dtype=np.float64):
    layer = nn.LoRALinear(nn.Linear(5, 3, dtype=dtype, generator=rng), r, lora_alpha, generator=rng)
    layer.lora_B.data = rng.normal(size=(3, r)).astype(dtype)
    return layer


def torch_lora(torch):
    """The same by torch's own means: the weight is W₀ and a change, W₀ does not learn."""

    class Change(torch.nn.Module):
        def __init__(self, A, B, scaling):
            super().__init__()
            self.A, self.B, self.scaling = torch.nn.Parameter(A), torch.nn.Parameter(B), scaling

        def forward(self, W):
            return W + self.scaling * self.B @ self.A

    return Change


@pytest.mark.parametrize("shape", [(5,), (4, 5), (2, 4, 5), (0, 5)])
def test_equals_a_parametrized_layer_of_torch(torch, rng, shape):
    ours = tuned(rng)
    theirs = torch.nn.Linear(5, 3, dtype=torch.float64)
    testing.copy_weights(ours.base, theirs)
    A, B = (torch.from_numpy(p.data.copy()) for p in (ours.lora_A, ours.lora_B))
    change = torch_lora(torch)(A, B, 2.0)
    torch.nn.utils.parametrize.register_parametrization(theirs, "weight", change)
    testing.compare_with_torch(ours, theirs, rng.normal(size=shape), atol=1e-12)
    np.testing.assert_allclose(ours.lora_A.grad, change.A.grad.numpy(), atol=1e-12)
    np.testing.assert_allclose(ours.lora_B.grad, change.B.grad.numpy(), atol=1e-12)
    np.testing.assert_allclose(ours.merged(), theirs.weight.detach().numpy(), atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_at_the_start_nothing_is_changed(rng, dtype):
    base = nn.Linear(5, 3, dtype=dtype)
    x = Tensor(rng.normal(size=(4, 5)).astype(dtype))
    before = base(x).data
    layer = nn.LoRALinear(base, 2)
    assert layer.base is base
    output = layer(x)
    np.testing.assert_array_equal(output.data, before)
    assert output.dtype == layer.merged().dtype == dtype
    (output * rng.normal(size=(4, 3)).astype(dtype)).sum().backward()
    assert not layer.lora_A.grad.any()  # B is 0
    assert layer.lora_B.grad.all()
    assert base.weight.grad is base.bias.grad is None


def test_only_the_change_learns(rng):
    layer = tuned(rng)
    before = {name: p.data.copy() for name, p in layer.named_parameters()}
    optimizer = optim.AdamW(layer.parameters(), lr=0.1)
    layer(Tensor(rng.normal(size=(4, 5)))).sum().backward()
    optimizer.step()
    moved = [name for name, p in layer.named_parameters() if (p.data != before[name]).any()]
    assert sorted(moved) == ["lora_A", "lora_B"]


def test_the_change_has_rank_r_and_is_scaled(rng):
    layer = tuned(rng, r=2, lora_alpha=6)
    change = layer.merged() - layer.base.weight.data
    assert np.linalg.matrix_rank(change) == 2
    np.testing.assert_allclose(change, 3 * layer.lora_B.data @ layer.lora_A.data, atol=1e-12)
    assert tuned(rng, lora_alpha=None).scaling == 1


def test_the_start_of_a_is_that_of_a_layer():
    layer = nn.LoRALinear(nn.Linear(50, 3), 40, generator=np.random.default_rng(0))
    A = abs(layer.lora_A.data)
    assert 0.99 / 50**0.5 < A.max() <= 1 / 50**0.5
    again = nn.LoRALinear(nn.Linear(50, 3), 40, generator=np.random.default_rng(0))
    np.testing.assert_array_equal(again.lora_A.data, layer.lora_A.data)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"base": nn.ReLU()}, r"LoRALinear: base must be a Linear, not ReLU"),
        ({"base": 3}, "LoRALinear: base"),
        ({"r": 0}, "LoRALinear: r must be"),
        ({"r": 1.5}, "LoRALinear: r must be"),
        ({"lora_alpha": 0}, "LoRALinear: lora_alpha must be"),
    ],
)
def test_wrong_arguments(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        nn.LoRALinear(**{"base": nn.Linear(2, 3), "r": 1, **options})
