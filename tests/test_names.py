"""torch's names: each function and method of the library beside its own, on the same arrays."""

import re
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib import Tensor, creation, entrywise, reductions, shapes, testing


def arrays(rng, *shapes):
    return [rng.normal(size=shape) for shape in shapes]


# As it stands in a script -------------------------------------------------------------------------

# Each is run on torch and on nnlib: x and y are (3, 4), m (3, 3), b (2, 3, 4), v (4,), p (3, 4) > 0.
DIFFERENTIABLE = """
torch.sin(x) | x.cos() | x.tan() | torch.atan(x) | x.sinh() | torch.cosh(x) | x.exp2() | x.expm1()
torch.asin(x.tanh() / 2) | torch.acos(x.tanh() / 2) | torch.atan2(x, y) | torch.atan2(x, p)
p.log1p() | torch.xlogy(x, p) | x.clamp(min=0).xlogy(p) | p.log2() | torch.log10(p) | p.rsqrt() | torch.square(x) | x.reciprocal() | x.erf()
torch.lerp(x, y, 0.3) | x.floor() | x.ceil() * x | x.round() + x | torch.trunc(x) | x.round(decimals=1)
torch.remainder(x, p) | x % 2 | torch.fmod(x, y) | torch.minimum(x, y) | x.maximum(y)
torch.clamp(x, min=y) | x.clamp(y, y + 1) | x.clamp(max=0.5) | torch.clip(x, -1, 1)
x.prod() | x.prod(1) | x.prod(0, keepdim=True) | x.clamp(min=0).prod(1) | b.prod(-1)
torch.cumsum(x, 1) | x.cumsum(dim=0) | x.cumprod(-1) | torch.cumprod(x.clamp(min=0), 0)
x.var() | x.var(1) | x.std(0, keepdim=True) | torch.std(x, dim=1, correction=0) | x.var(1, unbiased=False)
x.std(unbiased=False) | b.var((0, 2)) | x.norm() | x.norm(p=1) | x.norm(dim=1, keepdim=True)
torch.norm(x, 3) | x.norm(float("inf"), 1) | x.norm(-float("inf")) | x.norm(0) | x.norm(1.5, (0, 1))
torch.logsumexp(x, 1) | x.logsumexp((0, 1), keepdim=True) | x.amin(1) | x.amin() | x.amax(0) | x.min() | x.max()
torch.max(x, 1).values | x.max(dim=0, keepdim=True)[0] | x.min(1)[0] | torch.min(x, y) | torch.max(x, y)
x.sort(1)[0] | torch.sort(x, descending=True).values | x.topk(2).values | x.topk(2, 0, largest=False)[0]
x.median() | x.median(1).values | x.view(2, 6) | x.view(-1) | x.unsqueeze(1) | x.unsqueeze(-1)
b[:1].squeeze() | b[:1].squeeze(0) | b.squeeze(1) | x.t() | b.permute(2, 0, 1) | b.permute((1, 0, -1))
torch.permute(b, (2, 1, 0)) | b.movedim(0, -1) | x.unflatten(1, (2, -1)) | v.expand(3, 4) | v.expand(3, -1)
x[:, None].expand(-1, 2, -1) | x.broadcast_to((2, 3, 4)) | v.expand_as(x) | x.repeat(2, 3)
v.repeat(2, 1, 2) | torch.tile(x, (2,)) | x.repeat_interleave(2) | x.repeat_interleave(3, dim=1)
x.gather(1, i.reshape(3, 1)) | x.scatter(1, i.reshape(3, 1), 0.5) | torch.scatter(x, 1, i.reshape(3, 1), y[:, :1])
x.scatter_add(0, i.reshape(1, 3), y[:1, :3]) | torch.scatter_add(x, 1, torch.zeros(3, 4, dtype=torch.long), y)
x.clone() | x.contiguous().view(12) | torch.split(x, 3, 1)[1] | x.split([1, 3], dim=1)[1] | x.chunk(2)[1]
torch.chunk(x, 3, dim=-1)[-1] | x.unbind(1)[2] | x.narrow(1, 1, 2) | x.index_select(1, i) | x[x > 0]
x.masked_select(v > 0) | x.masked_fill(x > 0, 2.0) | x.masked_fill(v > 0, float("-inf")).exp()
torch.flip(x, (0, 1)) | x.flip(1) | x.roll(1, 0) | x.roll(-2) | x.gather(1, i.expand(3, 3))
x.gather(0, torch.zeros(2, 4, dtype=torch.long)) | torch.tril(m) | m.triu(1) | b.tril(-1) | m.diag()
v.diag() | torch.diag(v, 1) | torch.diag(m, -1) | x.diagonal() | b.diagonal(1, -1, 0) | torch.meshgrid(v, x[:, 0], indexing="ij")[0]
torch.hstack((x, y)) | torch.vstack((v, x)) | torch.cat((x, y), dim=-1) | torch.stack([x, y], 1)
torch.mm(x, y.t()) | torch.bmm(b, b.transpose(1, 2)) | x.mv(v) | v.dot(v) | torch.outer(v, v)
torch.matmul(b, v) | x.matmul(y.T) | torch.einsum("ij,kj->ik", x, y) | torch.einsum("ij->j", x)
torch.einsum("ii->i", m) | torch.einsum("ii", m) | torch.einsum("bij,bkj", b, b) | torch.einsum("i,j->ij", v, v)
torch.einsum("...ij,jk->...ik", b, x.t()) | torch.einsum("bij,ij,j->b", b, x, v) | torch.einsum("ij->", x)
torch.where(x > 0, x, 0.0) | x.where(x > 0, y) | x.add(y) | torch.add(x, y, alpha=2) | torch.sub(x, y) | x.sub(y, alpha=0.5) | x.flip(dims=(0,)) | torch.permute(b, dims=(2, 0, 1)) | x.mul(2) | torch.div(x, y)
torch.pow(x, 2) | p.pow(0.5) | x.neg() | torch.abs(x) | x.relu() | torch.sigmoid(x) | x.tanh() | x.softmax(1)
torch.softmax(x, dim=0) | x.log_softmax(-1) | torch.exp(x) | torch.log(p) | p.sqrt() | torch.flatten(b, 1)
x.sum(axis=1, keepdims=True) | torch.mean(x, axis=0) | x.sum(dtype=torch.float64) | x.to(torch.float64)
x.double() | x.view_as(y) | x.reshape_as(y) | x.type_as(y) | x.type(torch.float64) | x.cpu().to("cpu")
"""
PLAIN = """
x.isnan() | torch.isfinite(x) | (x / 0).isinf() | ~(x > 0) | (x > 0) & (y > 0)
(x > 0) ^ (y > 0) | i // 2 | i % 2 | -i % 3 | x // 2 | 7 // i.add(1) | i & 1 | 7 % i.add(1) | torch.logical_not(i)
torch.logical_and(x > 0, y > 0) | (x > 0).logical_or(y > 0) | torch.logical_xor(i, i > 1)
x.argmax(1) | x.argmin() | x.argmin(0, keepdim=True) | torch.argsort(x, 1) | x.argsort(descending=True)
x.max(1).indices | x.min(0)[1] | x.sort(0)[1] | x.topk(3, dim=1)[1] | x.median(0).indices | (x > 0).all()
(x > 0).all(1) | torch.any(x > 1, dim=0, keepdim=True) | torch.count_nonzero(x > 0, 1) | torch.isclose(x, x)
x.eq(x) | x.ne(y) | torch.lt(x, y) | x.ge(0) | x.le(y) | torch.gt(x, 0) | torch.nonzero(x > 0) | i.bincount()
torch.unique(i) | x.long() | x.int() | (x > 0).float() | x.bool() | x.half() | x.short() | i.double()
i.type(torch.float) | x.type("torch.LongTensor") | x.to(torch.int64) | i.sum() | (x > 0).sum() | i.prod() | i.max() | torch.sin(i)
i.cumsum(0) | x.new_zeros(2, 3) | x.new_full((2,), 3) | x.new_ones((2, 2), dtype=torch.long)
torch.zeros(2, 3) | torch.zeros((2, 3), dtype=torch.long) | torch.ones(4) | torch.ones([2]) | torch.zeros(())
torch.full((2, 2), 3) | torch.full((2,), 0.5) | torch.full((), True) | torch.full((), 0.3, dtype=torch.float64) - 0.3 | torch.eye(3) | torch.eye(2, 3, dtype=torch.double)
torch.arange(5) | torch.arange(1, 4) | torch.arange(0, 1, 0.3) | torch.arange(5.0) | torch.arange(0.5, 3.5, 1.5, dtype=torch.int64) | torch.nonzero(x[0, 0] > -9) | torch.arange(5, 0, -2)
torch.arange(3, dtype=torch.float64) | torch.linspace(0, 1, 5) | torch.linspace(-1, 2, steps=4, dtype=torch.float64)
torch.zeros_like(x) | torch.ones_like(i) | torch.full_like(x, 7) | torch.ones_like(x, dtype=torch.int32)
torch.tensor([1, 2]) | torch.tensor([1.0]) | torch.tensor(3) | torch.tensor([[True]]) | torch.tensor(2, dtype=torch.half)
torch.as_tensor([1.5, 2]) | torch.tensor(np.arange(3.0)) | torch.as_tensor(np.arange(3), dtype=torch.float32)
torch.randperm(0) | torch.empty(0, 3) | torch.triu(torch.ones(3, 3), diagonal=1).bool() | torch.equal(x, x)
torch.allclose(x, x + 1e-9) | x.size() | x.size(-1) | x.dim() | x.numel() | torch.numel(x) | torch.is_tensor(x) | torch.is_tensor(3) | x.tolist() | len(x.chunk(3, 1))
[len(s) for s in v.split(3)] | list(range(5))[i[1]] | 2 in i | 7 in i | x.is_floating_point() | x.shape[0]
float(torch.finfo(torch.float32).min) | torch.iinfo(torch.int64).max | float(torch.finfo(torch.float16).eps)
torch.cuda.is_available() | str(x.device) | x.is_cuda | str(torch.device("cpu")) | x.device.type | x.ndim
"""


def lines(table):
    return [piece for line in table.strip().splitlines() for piece in line.split(" | ")]


def given(rng):
    x, y, m, b, v = arrays(rng, (3, 4), (3, 4), (3, 3), (2, 3, 4), (4,))
    return {"x": x, "y": y, "m": m, "b": b, "v": v, "p": np.abs(y) + 0.5}


@pytest.mark.parametrize("line", lines(DIFFERENTIABLE))
def test_equals_torch(torch, rng, line):
    named = given(rng)
    used = [name for name in named if name in set(compile(line, "", "eval").co_names)]

    def on(library):
        i = library.tensor([2, 0, 1])
        return lambda *t: eval(line, {"torch": library, "i": i, **dict(zip(used, t, strict=True))})

    testing.compare_with_torch(on(nnlib), on(torch), *(named[k] for k in used), atol=1e-9)


def plain(value):
    if hasattr(value, "dtype"):
        return str(value.dtype).removeprefix("torch."), np.asarray(value).tolist()
    return tuple(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("line", [*lines(PLAIN), "(x > 0) | (y > 0)"])
def test_equals_torch_without_a_gradient(torch, line):
    found = []
    for library in (nnlib, torch):
        names = {k: library.tensor(a) for k, a in given(np.random.default_rng(0)).items()}
        with np.errstate(all="ignore"):
            found.append(
                plain(
                    eval(
                        line, {"torch": library, "np": np, "i": library.tensor([2, 0, 1]), **names}
                    )
                )
            )
    ours, theirs = found
    if isinstance(ours, tuple) and isinstance(ours[0], str):
        assert ours[0] == theirs[0]
        np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-6)
    else:
        assert ours == theirs


# What the lines leave out ------------------------------------------------------------------------


FILES = (entrywise, reductions, shapes)


def test_no_name_was_forgotten():
    written = DIFFERENTIABLE + PLAIN
    for module in FILES:
        for name in set(module.__all__) - {"Chosen", "any", "fmod", "floor_divide"}:
            short = {"bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^", "bitwise_not": "~"}
            assert short.get(name, f".{name}(") in written, name


@pytest.mark.parametrize("module", [*FILES, creation])
def test_a_family_shares_one_docstring(module):
    for name in module.__all__:
        doc = getattr(module, name).__doc__ or ""
        assert len(doc) > 2, name
        assert "\n" not in doc or name in ("tensor", "device", "Options", "Chosen"), name
    assert all(said in module.__doc__ for said in ("shape", "raises", "As in", ">>>"))


def test_random_numbers():
    rng = np.random.default_rng(0)
    drawn = nnlib.rand(2, 3, generator=rng)
    assert (drawn.shape, drawn.dtype) == ((2, 3), np.float32)
    assert 0 <= drawn.data.min() <= drawn.data.max() < 1
    many = nnlib.randn(10_000, generator=rng, dtype=nnlib.float64)
    assert abs(many.mean().item()) < 0.05
    assert abs(many.std().item() - 1) < 0.05
    assert nnlib.randn((2, 2), requires_grad=True).requires_grad
    for whole in (
        nnlib.randint(5, (100,)),
        nnlib.randint(0, 5, (100,)),
        nnlib.randint(5, size=(100,)),
    ):
        assert whole.dtype == np.int64
        assert set(whole.tolist()) == {0, 1, 2, 3, 4}
    assert set(nnlib.randint(3, 5, (50,)).tolist()) == {3, 4}
    assert sorted(nnlib.randperm(5, generator=rng).tolist()) == [0, 1, 2, 3, 4]
    assert nnlib.normal(5.0, 0.0, (2, 2)).tolist() == [[5.0, 5.0], [5.0, 5.0]]
    assert nnlib.normal(Tensor([1.0, 2.0]), Tensor([0.0, 0.0])).tolist() == [1.0, 2.0]
    x = nnlib.zeros(3, dtype=nnlib.float64)
    for like in (nnlib.rand_like(x), nnlib.randn_like(x), nnlib.randint_like(x, 4)):
        assert (like.shape, like.dtype) == ((3,), np.float64)
    assert nnlib.bernoulli(Tensor([0.0, 1.0])).tolist() == [0.0, 1.0]
    assert nnlib.multinomial(Tensor([0.0, 3.0, 0.0]), 4, replacement=True).tolist() == [1] * 4
    rows = nnlib.multinomial(nnlib.ones(2, 3), 3)
    assert [sorted(row) for row in rows.tolist()] == [[0, 1, 2]] * 2


def test_a_seed_repeats_what_was_drawn():
    drawn = []
    for _ in range(2):
        nnlib.manual_seed(3)
        drawn.append([nnlib.rand(2).tolist(), nnlib.randperm(9).tolist()])
    assert drawn[0] == drawn[1]


def test_memory_is_shared_where_torch_shares_it():
    a = np.zeros(2)
    shared, copied = [nnlib.from_numpy(a), nnlib.as_tensor(a)], nnlib.tensor(a)
    a[0] = 1
    assert all(t.tolist() == [1, 0] for t in shared)
    assert copied.tolist() == [0, 0]
    assert nnlib.as_tensor(copied) is copied
    assert copied.to("cpu") is copied.cpu() is copied.double() is copied.contiguous() is copied
    assert copied.to(copied.dtype, copy=True) is not copied


def test_a_gradient_goes_through_another_dtype():
    x = Tensor(np.ones(2), requires_grad=True)
    (x.float() * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]
    assert not x.long().requires_grad


def test_another_device_is_refused_in_words():
    for ask in (
        lambda: nnlib.zeros(2, device="cuda"), lambda: Tensor([1.0]).to("cuda:0"),
        lambda: nnlib.device("mps"), lambda: nnlib.tensor([1.0], device="cuda"),
    ):  # fmt: skip
        with pytest.raises(RuntimeError, match=r"^device: there is no .* on the CPU alone"):
            ask()


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (lambda x: x.view(5), ValueError, r"^reshape: 12 entries"),
        (lambda x: x.permute(0, 0), ValueError, "^permute: dim"),
        (lambda x: x.permute(0), ValueError, "^permute: "),
        (lambda x: x.unsqueeze(3), IndexError, "^unsqueeze: dim 3"),
        (lambda x: x.expand(5, 4), ValueError, "^expand: "),
        (lambda x: x.repeat(2), ValueError, "^repeat: "),
        (lambda x: x.split([1, 1], 1), ValueError, "^split: "),
        (lambda x: x.gather(1, np.array([[9]])), IndexError, "^gather: "),
        (lambda x: x.gather(1, np.array([0])), ValueError, "^gather: "),
        (lambda x: x.masked_fill(np.ones((3, 4)), 0), TypeError, "^masked_fill: "),
        (lambda x: x.topk(5), ValueError, "^topk: k is 5"),
        (lambda x: x.norm("nuc"), TypeError, "^norm: "),
        (lambda x: nnlib.tril(x[0]), ValueError, "^tril: "),
        (lambda x: x.mm(x[0]), ValueError, "^mm: "),
        (lambda x: x.unsqueeze(0).t(), ValueError, "^t: is for matrices"),
        (lambda x: nnlib.einsum("ij,jk", x), ValueError, "^einsum: "),
        (lambda x: nnlib.einsum("ijk", x), ValueError, "^einsum: "),
        (lambda x: [1, 2][x], TypeError, "^index: only a Tensor of one whole number"),
        (lambda x: nnlib.arange(3, 0), ValueError, "^arange: "),
        (lambda x: nnlib.from_numpy([1]), TypeError, "^from_numpy: "),
        (lambda x: x.max(7), IndexError, "^argmax: dim 7"),
        (lambda x: nnlib.diag(x[None]), ValueError, "^diag: "),
        (lambda x: x[9], IndexError, "^index: index 9 is out of bounds"),
        (lambda x: x[0, 0, 0], IndexError, "^index: too many indices"),
        (lambda x: x[1.5], IndexError, "^index: only integers"),
        (lambda x: x[x], IndexError, "^index: arrays used as indices"),
        (lambda x: x[x[:2] > 0], IndexError, "^index: boolean index did not match"),
        (lambda x: -(x > 0), TypeError, "^neg: .* write ~mask"),
        (lambda x: (x > 0) - (x > 1), TypeError, "^sub: .* write a \\^ b"),
        (lambda x: x.long() ** -1, ValueError, r"^pow: .* write x.float\(\)"),
    ],
)  # fmt: skip
def test_errors_begin_with_the_name(ask, error, words):
    with pytest.raises(error, match=words):
        ask(nnlib.zeros(3, 4))


def test_an_entry_that_was_taken_twice_gets_both_gradients():
    x = Tensor(np.arange(3.0), requires_grad=True)
    x.gather(0, np.array([1, 1, 2])).sum().backward()
    assert x.grad.tolist() == [0.0, 2.0, 1.0]


def test_dtypes_are_numpys_own():
    assert Tensor([1.0]).dtype == nnlib.float32 == nnlib.float
    assert isinstance(nnlib.long, nnlib.dtype)
    assert np.zeros(2, nnlib.half).dtype == np.float16


def test_parts_come_when_they_are_asked_for():
    assert nnlib.nn.Linear(1, 1) and nnlib.utils.data.DataLoader and nnlib.optim.SGD
    assert {"nn", "optim", "zeros", "load"} <= set(dir(nnlib))
    with pytest.raises(AttributeError, match="nnlib has no 'nm'"):
        nnlib.nm  # noqa: B018


# docs/from_torch.md -------------------------------------------------------------------------------

GUIDE = Path(__file__).parents[1] / "docs" / "from_torch.md"
ROWS = re.findall(r"^\| `(.+)` \| `(.+)` \|$", GUIDE.read_text("utf-8"), re.MULTILINE)
IMPORTS = [row for row in ROWS if "import" in row[0]]
LINES = [row for row in ROWS if "import" not in row[0]]


def after(library, line):
    """What the line gives, or what it has made of the parameter."""
    p = library.nn.Parameter(library.tensor(np.arange(6.0).reshape(2, 3) / 6))
    (p * p).sum().backward()
    names = {"torch": library, "nn": library.nn, "p": p}
    try:
        code = compile(line, "", "eval")
    except SyntaxError:
        exec(line, names)  # noqa: S102 (our own lines)
        value = None
    else:
        value = eval(code, names)
    grad = np.zeros((2, 3)) if p.grad is None else np.asarray(p.grad)
    return [
        np.asarray(p.detach()),
        grad,
        *(
            []
            if value is None
            else [np.asarray(value.detach() if hasattr(value, "detach") else value)]
        ),
    ]


@pytest.mark.parametrize(("theirs", "ours"), LINES)
def test_the_guide_says_what_to_write(torch, theirs, ours):
    expected, got = after(torch, theirs), after(nnlib, ours)
    for a, b in zip(expected[:2], got[:2], strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-12)
    if "=" not in ours and len(got) > 2:
        np.testing.assert_allclose(got[2], expected[2], rtol=1e-6)


@pytest.mark.parametrize(("theirs", "ours"), LINES)
def test_the_guide_lists_nothing_that_works_as_it_is(torch, theirs, ours):
    try:
        here = after(nnlib, theirs)
    except (AttributeError, TypeError):
        return
    there = after(torch, theirs)
    assert any(a.dtype != b.dtype for a, b in zip(here, there, strict=True))


@pytest.mark.parametrize(("theirs", "ours"), IMPORTS)
def test_the_guides_imports(theirs, ours):
    exec(ours, {})  # noqa: S102 (our own lines)
    assert ours.replace("nnlib as torch", "torch").replace("nnlib", "torch") == theirs


def test_a_tensor_of_a_type_is_told_what_to_write():
    with pytest.raises(AttributeError, match=r"nnlib has no 'LongTensor': write tensor\(data\)"):
        nnlib.LongTensor  # noqa: B018
    with pytest.raises(AttributeError, match=r"nnlib has no 'compile'$"):
        nnlib.compile  # noqa: B018
