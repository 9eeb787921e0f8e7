"""Attention: every mask and option against PyTorch, and its words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib
import nnlib.nn.functional as F
from nnlib import Tensor, nn, testing

each_batch = pytest.mark.parametrize("batch", [(), (2,), (2, 3)])


def inputs(rng, batch, L=4, S=5, d=3, e=2):
    return [rng.normal(size=(*batch, n, k)) for n, k in ((L, d), (S, d), (S, e))]


@each_batch
@pytest.mark.parametrize("kind", ["none", "bool", "float", "causal"])
@pytest.mark.parametrize("scale", [None, 0.3])
def test_equals_torch(torch, rng, batch, kind, scale):
    arrays = inputs(rng, batch)
    mask = {"bool": rng.random((4, 5)) < 0.6, "float": rng.normal(size=(4, 5))}.get(kind)
    options = {"is_causal": kind == "causal", "scale": scale}
    theirs = torch.nn.functional.scaled_dot_product_attention
    testing.compare_with_torch(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, mask, **options),
        lambda q, k, v: theirs(q, k, v, None if mask is None else torch.tensor(mask), **options),
        *arrays,
    )
    testing.gradcheck(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, mask, **options), arrays
    )


@pytest.mark.parametrize("kind", [bool, float])
def test_a_query_that_sees_nothing_gets_nothing(torch, rng, kind):
    arrays = inputs(rng, (2,))
    seen = np.ones((4, 5), bool)
    seen[1] = False
    mask = seen if kind is bool else np.where(seen, 0.0, -np.inf)
    theirs = torch.nn.functional.scaled_dot_product_attention
    testing.compare_with_torch(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, mask),
        lambda q, k, v: theirs(q, k, v, torch.tensor(mask)),
        *arrays,
    )
    assert not F.scaled_dot_product_attention(*arrays, mask).data[:, 1].any()


def test_nan_is_not_hidden(rng):
    q, k, v = inputs(rng, ())
    q[0] = np.nan
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True).data
    assert np.isnan(y[0]).all()
    assert not np.isnan(y[1:]).any()


def test_a_mask_that_learns(torch, rng):
    """A relative position's bias is trained through the mask."""
    theirs = torch.nn.functional.scaled_dot_product_attention
    arrays = [*inputs(rng, (2,)), rng.normal(size=(4, 5))]
    testing.compare_with_torch(F.scaled_dot_product_attention, theirs, *arrays)


def test_dropout_drops_weights(rng):
    q, k, v = inputs(rng, ())
    v = np.ones_like(v)
    nnlib.manual_seed(1)
    y = F.scaled_dot_product_attention(q, k, v, dropout_p=0.5).data
    assert len(np.unique(y[:, 0])) > 1  # without dropout every average of ones is 1


# Several heads


def pair(torch, *arguments, **options):
    ours = nn.MultiheadAttention(*arguments, **options, dtype=np.float64)
    theirs = torch.nn.MultiheadAttention(*arguments, **options, dtype=torch.float64)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    rng = np.random.default_rng(1)
    for p in ours.parameters():
        p.data = rng.normal(size=p.shape)
    theirs.load_state_dict({k: torch.tensor(a) for k, a in ours.state_dict().items()})
    return ours, theirs


@settings(max_examples=60)
@given(data=st.data())
def test_heads_equal_torch(torch, data):
    draw = data.draw
    flag = st.booleans()
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    batch_first, batched, bias = draw(flag), draw(flag), draw(flag)
    kdim, vdim = draw(st.sampled_from([(None, None), (3, 5), (4, None)]))
    ours, theirs = pair(torch, 4, 2, bias=bias, kdim=kdim, vdim=vdim, batch_first=batch_first)
    L, S, N = 3, 5, draw(st.sampled_from([1, 2]))

    def shape(T, features):
        if not batched:
            return T, features
        return (N, T, features) if batch_first else (T, N, features)

    arrays = [rng.normal(size=shape(*s)) for s in ((L, 4), (S, kdim or 4), (S, vdim or 4))]
    N = N if batched else 1
    masks = {}
    kind = draw(st.sampled_from(["none", "bool", "float"]))
    heads = draw(st.sampled_from([(L, S), (N * 2, L, S)]))
    padding = (N, S) if batched else (S,)
    for name, size in (("attn_mask", heads), ("key_padding_mask", padding)):
        if kind != "none" and draw(flag):
            m = rng.random(size) < 0.4
            m[..., 0] = False  # every query sees something
            masks[name] = m if kind == "bool" else rng.normal(size=size)
    average = draw(flag)

    def run(layer, convert):
        given_masks = {k: convert(m) for k, m in masks.items()}
        return lambda *x: layer(*x, average_attn_weights=average, **given_masks)

    mine, its = run(ours, np.asarray), run(theirs, torch.tensor)
    for i in (0, 1):  # the output, and the weights
        testing.compare_with_torch(lambda *x, i=i: mine(*x)[i], lambda *x, i=i: its(*x)[i], *arrays)
        if i == 0:
            for key, p in theirs.named_parameters():
                got = dict(ours.named_parameters())[key].grad
                np.testing.assert_allclose(got, p.grad.numpy(), rtol=1e-8, atol=1e-9)
    assert ours(*arrays, need_weights=False)[1] is None


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("need_weights", [True, False])
def test_heads_that_see_nothing(torch, rng, need_weights):
    ours, theirs = pair(torch, 4, 2)
    x, mask = rng.normal(size=(3, 4)), np.array([[False] * 3, [True] * 3, [False] * 3])
    testing.compare_with_torch(
        lambda x: ours(x, x, x, attn_mask=mask, need_weights=need_weights)[0],
        lambda x: theirs(x, x, x, attn_mask=torch.tensor(mask), need_weights=need_weights)[0],
        x,
    )


def test_it_starts_as_torch_does():
    layer = nn.MultiheadAttention(64, 4)
    bound = np.sqrt(6 / (64 + 192))
    assert 0.97 * bound < abs(layer.in_proj_weight.data).max() <= bound
    assert not layer.in_proj_bias.data.any()
    assert not layer.out_proj.bias.data.any()
    assert 0.97 / 8 < abs(layer.out_proj.weight.data).max() <= 1 / 8


def test_dropout_of_weights_in_training_alone(rng):
    layer = nn.MultiheadAttention(4, 2, dropout=0.5, dtype=np.float64)
    x = rng.normal(size=(6, 4))
    _, weights = layer(x, x, x, average_attn_weights=False)
    assert (weights.data == 0).any()
    _, weights = layer.eval()(x, x, x)
    np.testing.assert_allclose(weights.data.sum(-1), 1)


X = np.ones((2, 3, 4))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: F.scaled_dot_product_attention(X, X[..., :3], X), ValueError, r"query \(…, L, d\)"),
        (lambda: F.scaled_dot_product_attention(X, X, X, np.ones((5, 3))), ValueError,
         r"attn_mask \(5, 3\) does not fit scores \(2, 3, 3\)"),
        (lambda: F.scaled_dot_product_attention(X, X, X, np.ones((3, 3)), 0.0, True), ValueError,
         "either attn_mask or is_causal"),
        (lambda: F.scaled_dot_product_attention(X, X, X, enable_gqa=True), TypeError,
         "enable_gqa=True is not offered"),
        (lambda: nn.MultiheadAttention(4, 3), ValueError, "3 heads cannot share embed_dim=4"),
        (lambda: nn.MultiheadAttention(4, 2, add_bias_kv=True), TypeError, "add_bias_kv=True is not"),
        (lambda: nn.MultiheadAttention(4, 2, dtype=float)(X, X, X[..., :2]), ValueError,
         r"value must be \(T, N, 4\) or \(T, 4\), not \(2, 3, 2\)"),
        (lambda: nn.MultiheadAttention(4, 2, dtype=float)(X, X[:, :2], X[:, :2]), ValueError,
         "do not go together"),
        (lambda: nn.MultiheadAttention(4, 2, dtype=float)(X, X, X, attn_mask=np.ones((3, 3)) > 0),
         ValueError, r"attn_mask must be of shape \(2, 2\) or \(6, 2, 2\), not \(3, 3\)"),
        (lambda: nn.MultiheadAttention(4, 2)(X, X, X), TypeError, "query holds float64"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_float32_stays_float32():
    layer, x = nn.MultiheadAttention(4, 2), Tensor(np.ones((3, 4), np.float32))
    y, weights = layer(x, x, x, attn_mask=np.zeros((3, 3), bool))
    assert y.dtype == weights.dtype == np.float32
