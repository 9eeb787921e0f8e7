"""The same network, initial weights and batches give PyTorch's losses, step by step."""

import numpy as np
import pytest

from nnlib import nn, optim, testing
from nnlib.data import load_digits_split

STEPS = 120
OPTIONS = {
    "plain": {"lr": 0.1},
    "momentum": {"lr": 0.02, "momentum": 0.9},
    "nesterov": {"lr": 0.02, "momentum": 0.9, "nesterov": True},
    "all": {"lr": 0.02, "momentum": 0.9, "dampening": 0.1, "weight_decay": 1e-3},
}


def twins(torch, dtype):
    """64-48-32-10 with tanh and ReLU, here and there, with the same weights."""
    ours = nn.Sequential(
        nn.Linear(64, 48), nn.Tanh(), nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 10)
    )
    theirs = torch.nn.Sequential(
        torch.nn.Linear(64, 48), torch.nn.Tanh(), torch.nn.Linear(48, 32), torch.nn.ReLU(),
        torch.nn.Linear(32, 10),
    )  # fmt: skip
    testing.copy_weights(ours, theirs)
    return (ours.double(), theirs.double()) if dtype == np.float64 else (ours, theirs)


def losses(model, loss, optimizer, batches):
    for x, y in batches:
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        optimizer.step()
        yield value.item()


@pytest.mark.parametrize(("dtype", "bound"), [(np.float32, 1e-5), (np.float64, 1e-10)])
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_losses_step_by_step(torch, options, dtype, bound):
    pytest.importorskip("sklearn")
    X, y, _, _ = load_digits_split(dtype=dtype)
    order = np.random.default_rng(0).integers(0, len(X), (STEPS, 32))
    model, twin = twins(torch, dtype)
    ours = losses(
        model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), **options),
        ((X[i], y[i]) for i in order),
    )  # fmt: skip
    theirs = losses(
        twin, torch.nn.CrossEntropyLoss(), torch.optim.SGD(twin.parameters(), **options),
        ((torch.tensor(X[i]), torch.tensor(y[i])) for i in order),
    )  # fmt: skip
    pairs = np.array(list(zip(ours, theirs, strict=True)))
    assert len(pairs) == STEPS
    assert pairs[-10:].mean() < 0.5 * pairs[0].mean()  # it learned something
    assert np.abs(pairs[:, 0] - pairs[:, 1]).max() <= bound
