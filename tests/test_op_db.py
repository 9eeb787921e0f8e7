"""PyTorch's own samples of calls: nnlib gives the same values and gradients, or says what it lacks.

They stand in torch.testing._internal, which every version of PyTorch may change, so they are read
with the version alone that this was written for. Each call is made as PyTorch's tests make it, and
once more with infinities and NaN among its numbers. A sample may be declined by an error that names
the function or an option that was given.
"""

import re
import warnings
import zlib
from functools import cache

import numpy as np
import pytest

import nnlib
import nnlib.nn.functional as F
from nnlib import Tensor, ops

PINNED = "2.13"
SHARE = 5  # one sample in so many is tried, but in the whole run

# Chance, which no two libraries share, a number, which is no Tensor, what is done in place, and in
# which order equal entries come.
CHANCE = r"((nn\.functional|new)[._])?(rand.*|empty.*|normal|bernoulli|multinomial|\w*dropout.*|item|zero_|argsort)"
# Their samples hold the arguments in another order than the function.
TURNED = {
    "where": lambda x, condition, y: ops.where(condition, x, y),
    "einsum": lambda arrays, equation: nnlib.einsum(equation, *arrays),
}
# At NaN, PyTorch's own slope is NaN or 1, as its loop takes eight numbers at once or one.
UNDECIDED_AT_NAN = {"nn.functional.elu", "nn.functional.selu"}
# Targets are probabilities, and what an infinite γ does hangs on who multiplies first.
INPUT_ALONE = {
    "nn.functional.binary_cross_entropy_with_logits", "nn.functional.batch_norm",
    "nn.functional.group_norm",
}  # fmt: skip
# Which of equal entries comes first, and so gets the gradient, is not said: each end comes once.
TIED = {"sort", "topk"}
# PyTorch has several ways through attention, which differ at infinities and NaN; this is the plain
# one, and even there NaN comes through a causal mask, or not, as it is added or put in place.
ATTENTION = "nn.functional.scaled_dot_product_attention"
# Left out. PyTorch sums some products of bytes up in int64 and some in bytes, as it takes one way or
# another through them.
UNDECIDED_OF_BYTES_AND_BOOLS = {"einsum"}


def ours(name):
    """nnlib's function of this name, or None."""
    if name in TURNED:
        return TURNED[name]
    *prefix, last = name.split(".")
    homes = {"nn.functional": [F], "": [nnlib, ops, F, Tensor]}.get(".".join(prefix), [])
    for home in homes:
        found = vars(home).get(last)
        if callable(found) and not isinstance(found, type):
            return found
    return None


@pytest.fixture(scope="module")
def samples(torch):
    """For each dtype, by name, what is tried: made once, for most of the time goes there."""
    if not torch.__version__.startswith(PINNED + "."):
        pytest.skip(f"the samples are those of torch {PINNED}, not {torch.__version__}")
    pytest.importorskip("expecttest")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
    return cache(lambda dtype: list(calls(torch, op_db, getattr(torch, dtype))))


def calls(torch, op_db, dtype):
    """(label, their function, ours, the sample) for each sample of a function that both have."""
    for info in op_db:
        mine = ours(info.name)
        small = dtype in (torch.uint8, torch.bool)
        undecided = small and info.name in UNDECIDED_OF_BYTES_AND_BOOLS
        left_out = undecided or re.fullmatch(CHANCE, info.name)
        if mine is None or left_out or dtype not in info.dtypes:
            continue
        torch.manual_seed(0)
        floats = dtype.is_floating_point and info.supports_autograd
        for k, sample in enumerate(info.sample_inputs("cpu", dtype, requires_grad=floats)):
            if sample.kwargs.get("dropout_p"):
                continue  # chance
            label = f"{info.name} {info.variant_test_name} {dtype} #{k}"
            their = plain_attention(torch, info.op) if info.name == ATTENTION else info.op
            yield label, their, mine, (sample.input, sample.args, sample.kwargs)


def plain_attention(torch, function):
    from torch.nn.attention import SDPBackend, sdpa_kernel

    def run(*args, **options):
        with sdpa_kernel(SDPBackend.MATH):
            return function(*args, **options)

    return run


def mapped(f, x):
    """x with f of each of its leaves."""
    if isinstance(x, list | tuple):
        return (list if isinstance(x, list) else tuple)(mapped(f, y) for y in x)
    return {k: mapped(f, y) for k, y in x.items()} if isinstance(x, dict) else f(x)


def leaves(x):
    found = []
    mapped(found.append, x)
    return found


def spoiled(torch, name, sample, seed):
    """The same sample with infinities and NaN among its numbers."""
    rng = np.random.default_rng(seed)
    ends = [np.inf, -np.inf, np.inf if name in UNDECIDED_AT_NAN else np.nan]

    def spoil(x):
        if not torch.is_tensor(x) or not x.requires_grad:
            return x
        y = x.detach().clone()
        if name in TIED:
            places = rng.permutation(y.numel())[: len(ends)]
            y.view(-1)[places] = torch.tensor(ends[: len(places)], dtype=y.dtype)
            return y.requires_grad_()
        hit = torch.tensor(rng.random(y.shape) < 0.25)
        y[hit] = torch.tensor(rng.choice(ends, y.shape))[hit]
        return y.requires_grad_()

    first, *rest = sample
    return mapped(spoil, first), *(rest if name in INPUT_ALONE else mapped(spoil, rest))


def fault(torch, name, their, mine, sample):
    """What differs, in words; None where all is the same, False where nnlib says that it declines."""

    def plain(x):
        if torch.is_tensor(x):
            array = x.detach().numpy()
            return (
                Tensor(array, requires_grad=x.requires_grad) if x.requires_grad else Tensor(array)
            )
        if isinstance(x, torch.dtype):
            return np.dtype(str(x).removeprefix("torch."))
        return x

    first, args, options = sample
    a, b, c = mapped(plain, sample)
    try:
        z = their(first, *args, **options)
    except (RuntimeError, ValueError, TypeError, IndexError):
        return None  # theirs has nothing to say
    try:
        with np.errstate(all="ignore"):
            y = mine(a, *b, **c)
    except (TypeError, ValueError, IndexError) as error:
        named = [name.split(".")[-1].strip("_"), name.removeprefix("__r").strip("_"), *options]
        if any(word in str(error) for word in named):
            return False
        return f"declined in words that name nothing: {error}"
    except (ArithmeticError, AttributeError, LookupError, RuntimeError) as error:
        return f"raises {error!r}"
    results = list(zip(leaves(y), leaves(z), strict=False))
    if name in ("sort", "topk"):
        results = results[:1]  # not where equal entries stood
    for y, z in results:
        if words := difference("value", arrayed(y), arrayed(z)):
            return words
    moved = [(y, z) for y, z in results if torch.is_tensor(z) and z.requires_grad]
    if not moved:
        return None
    y, z = moved[0]
    seed = np.cos(np.arange(y.data.size, dtype=y.dtype)).reshape(y.shape)
    with np.errstate(all="ignore"):
        y.backward(seed)
    z.backward(torch.tensor(seed))
    for i, (s, t) in enumerate(zip(leaves((a, b, c)), leaves(sample), strict=True)):
        if torch.is_tensor(t) and t.requires_grad and t.grad is not None:
            got = np.zeros(s.shape) if s.grad is None else s.grad
            if words := difference(f"gradient {i}", got, t.grad.numpy()):
                return words
    return None


def arrayed(x):
    """The array in a Tensor of either library; an array of what is a plain number."""
    return np.asarray(x.detach() if hasattr(x, "detach") else x)


def difference(what, a, b):
    if (a.dtype, a.shape) != (b.dtype, b.shape):
        return f"{what}: {a.dtype} {a.shape}, in torch {b.dtype} {b.shape}"
    close = 1e-7 if b.dtype == np.float64 else 1e-5
    if np.allclose(a, b, close, close, equal_nan=True):
        return None
    return f"{what}: {a.ravel()[:6]}, in torch {b.ravel()[:6]}"


def faults(torch, samples, share, spoil):
    """What differs; and how many samples were tried."""
    found, tried = [], 0
    for label, their, mine, sample in samples:
        number = zlib.crc32(label.encode())
        if number % share:
            continue
        for x in leaves(sample):
            if torch.is_tensor(x):
                x.grad = None
        name = label.split()[0]
        if spoil and name == ATTENTION and sample[2].get("is_causal"):
            continue
        if spoil:
            sample = spoiled(torch, name, sample, number)
        words = fault(torch, name, their, mine, sample)
        tried += words is not False
        if words:
            found.append(f"{label}: {words}")
    return found, tried


RUNS = [("float64", False), ("float64", True), ("int64", False), ("uint8", False), ("bool", False)]
IDS = ["ordinary", "infinite", "whole", "bytes", "bools"]


@pytest.mark.filterwarnings("ignore")  # of torch's about its own samples
@pytest.mark.parametrize(("dtype", "spoil"), RUNS[:3], ids=IDS[:3])
def test_samples(torch, samples, dtype, spoil):
    found, tried = faults(torch, samples(dtype), SHARE, spoil)
    assert tried > 10
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("dtype", "spoil"), RUNS, ids=IDS)
def test_all_samples(torch, samples, dtype, spoil):
    found, tried = faults(torch, samples(dtype), 1, spoil)
    assert tried > (500 if dtype == "float64" else 80)
    assert not found, "\n".join(found)
