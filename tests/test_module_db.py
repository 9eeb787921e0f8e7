"""PyTorch's own samples for its layers and losses: each agrees, or is declined by the option's name.

They are internal to PyTorch, so this is for the pinned release alone, and needs expecttest.
"""

import re
import zlib
from pathlib import Path

import numpy as np
import pytest

import nnlib
import nnlib.nn.functional as F
from nnlib import Tensor, nn

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest", reason="torch's own samples need expecttest")
ROOT = Path(__file__).parent.parent
PINNED = re.search(r"^torch==([\d.]+)", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
if not PINNED or not torch.__version__.startswith(PINNED[1]):
    pytest.skip("torch's own samples are those of the pinned release", allow_module_level=True)

from torch.testing._internal.common_modules import module_db

OTHERWISE = {"TransformerEncoder"}  # made of a layer of torch's; test_transformer.py compares it
KINDS = [
    info
    for info in module_db
    if info.module_cls.__module__.startswith("torch.nn.")
    and hasattr(nn, info.module_cls.__name__)
    and info.module_cls.__name__ not in OTHERWISE
]
SHARE = 3  # one sample of so many, chosen by its name, in the usual run


def samples(info, training):
    torch.manual_seed(0)
    return info.module_inputs_func(
        info, device="cpu", dtype=torch.float64, requires_grad=True, training=training
    )


def converted(value, leaf):
    """The argument as nnlib takes it: Tensors, dtypes and devices, in tuples and dicts as well."""
    if isinstance(value, torch.Tensor):
        return leaf(value)
    if getattr(value, "__name__", None) in vars(F):
        return getattr(F, value.__name__)
    if isinstance(value, torch.dtype):
        return np.dtype(str(value).removeprefix("torch."))
    if isinstance(value, tuple | list):
        return type(value)(converted(v, leaf) for v in value)
    if isinstance(value, dict):
        return {k: converted(v, leaf) for k, v in value.items()}
    return value


def twins():
    """Makes our Tensor of torch's, and remembers the pairs."""
    pairs = []

    def leaf(t):
        array = t.detach().numpy().copy()
        ours = Tensor(array, requires_grad=t.requires_grad)
        pairs.append((ours, t))
        return ours

    return leaf, pairs


def results(value):
    """All Tensors in a result, from left to right."""
    if isinstance(value, tuple | list):
        return [t for v in value for t in results(v)]
    return [] if value is None else [value]


def compared(ours, theirs, what):
    np.testing.assert_allclose(
        np.asarray(ours), theirs.detach().numpy(), rtol=1e-9, atol=1e-9, err_msg=what
    )


def check(info, sample, training):
    """Ours gives what torch gives, and the same gradients."""
    made, given = sample.constructor_input, sample.forward_input
    theirs = info.module_cls(*made.args, **made.kwargs).double().train(training)
    leaf, _ = twins()
    own = getattr(nn, info.module_cls.__name__)
    ours = own(*converted(made.args, leaf), **converted(made.kwargs, leaf))
    ours = ours.double().train(training)
    ours.load_state_dict(theirs.state_dict())
    leaf, pairs = twins()
    y = results(ours(*converted(given.args, leaf), **converted(given.kwargs, leaf)))
    z = results(theirs(*given.args, **given.kwargs))
    assert [t.shape for t in y] == [tuple(t.shape) for t in z]
    for a, b in zip(y, z, strict=True):
        compared(a.data, b, "value")
    rng = np.random.default_rng(0)
    seeds = [np.asarray(rng.normal(size=t.shape)) for t in y]
    if any(t.requires_grad for t in z):
        total = sum((t * torch.from_numpy(s)).sum() for t, s in zip(z, seeds, strict=True))
        total.backward()
        sum(((t * s).sum() for t, s in zip(y, seeds, strict=True)), Tensor(0.0)).backward()
    parameters = zip(ours.parameters(), theirs.parameters(), strict=True)
    for mine, its in [*pairs, *parameters]:
        if its.grad is not None and its.requires_grad:
            got = np.zeros(mine.shape) if mine.grad is None else mine.grad
            compared(got, its.grad, f"gradient of {tuple(its.shape)}")
            its.grad = None


def usual(info, training, i):
    """Whether a sample is in the usual run: a choice that stays the same."""
    return i == 0 or zlib.crc32(f"{info.name} {training} {i}".encode()) % SHARE == 0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("info", KINDS, ids=[info.module_cls.__name__ for info in KINDS])
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_samples_agree_or_are_declined_by_name(info, training, whole):
    declined = []
    for i, sample in enumerate(samples(info, training)):
        if not whole and not usual(info, training, i):
            continue
        nnlib.manual_seed(0)
        try:
            check(info, sample, training)
        except TypeError as error:
            assert re.search(r"\w+=.* is not offered here", str(error)), f"sample {i}: {error}"
            declined.append(i)
    assert len(declined) <= i, "all of them are declined"
