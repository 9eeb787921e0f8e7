"""Recurrent layers and cells against PyTorch, their twins, and one another."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import Tensor, nn, ops, testing
from nnlib.nn import gated, recurrent

KINDS = ["RNN", "LSTM", "GRU"]
CELLS = ["RNNCell", "LSTMCell", "GRUCell"]


def pair(torch, kind, *sizes, **options):
    """Ours and PyTorch's with the same weights."""
    ours = getattr(nn, kind)(*sizes, **options, dtype=np.float64)
    theirs = getattr(torch.nn, kind)(*sizes, **options, dtype=torch.float64)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    testing.copy_weights(ours, theirs)
    return ours, theirs


def flat(result):
    """output, h_n and c_n of any layer or cell, as one list."""
    return [
        tensor for part in (result if isinstance(result, tuple) else (result,))
        for tensor in (part if isinstance(part, tuple) else (part,))
    ]  # fmt: skip


def with_states(layer, *hx):
    """How each kind takes its initial states."""
    return layer if not hx else lambda x: layer(x, hx[0] if len(hx) == 1 else hx)


def assert_equal(torch, ours, theirs, x, *states):
    """All results, and the gradients by input, initial states and weights."""
    a, b = ([make(v) for v in (x, *states)] for make in (
        lambda v: Tensor(v, requires_grad=True), lambda v: torch.tensor(v, requires_grad=True)
    ))  # fmt: skip
    one, two = (flat(with_states(f, *given[1:])(given[0])) for f, given in [(ours, a), (theirs, b)])
    rng = np.random.default_rng(0)
    for y, z in zip(one, two, strict=True):
        assert y.shape == tuple(z.shape)
        np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-9, atol=1e-9)
    seeds = [rng.normal(size=y.shape) for y in one]
    sum((y * g).sum() for y, g in zip(one, seeds, strict=True)).backward()
    sum((z * torch.tensor(g)).sum() for z, g in zip(two, seeds, strict=True)).backward()
    pairs = [*zip(a, b, strict=True), *zip(ours.parameters(), theirs.parameters(), strict=True)]
    for t, s in pairs:
        np.testing.assert_allclose(t.grad, s.grad.numpy(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=60)
def test_layer_equals_torch(torch, kind, data):
    flags = ["bias", "batch_first", "bidirectional"]
    options = {name: data.draw(st.booleans()) for name in flags}
    options["num_layers"] = layers = data.draw(st.integers(1, 3))
    if kind == "RNN":
        options["nonlinearity"] = data.draw(st.sampled_from(["tanh", "relu"]))
    d, H, T, N = (data.draw(st.integers(1, 4)) for _ in range(4))
    ours, theirs = pair(torch, kind, d, H, **options)
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    batch = (N,) if data.draw(st.booleans()) else ()
    shape = (T, *batch, d)
    if batch and options["batch_first"]:
        shape = (N, T, d)
    states = []
    if data.draw(st.booleans()):
        runs = layers * (1 + options["bidirectional"])
        states = [rng.normal(size=(runs, *batch, H)) for _ in range(1 + (kind == "LSTM"))]
    assert_equal(torch, ours, theirs, rng.normal(size=shape), *states)


@pytest.mark.parametrize("kind", CELLS)
@given(data=st.data())
@settings(max_examples=25)
def test_cell_equals_torch(torch, kind, data):
    options = {"bias": data.draw(st.booleans())}
    if kind == "RNNCell":
        options["nonlinearity"] = data.draw(st.sampled_from(["tanh", "relu"]))
    d, H, N = (data.draw(st.integers(1, 4)) for _ in range(3))
    ours, theirs = pair(torch, kind, d, H, **options)
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    batch = (N,) if data.draw(st.booleans()) else ()
    states = []
    if data.draw(st.booleans()):
        states = [rng.normal(size=(*batch, H)) for _ in range(1 + (kind == "LSTMCell"))]
    assert_equal(torch, ours, theirs, rng.normal(size=(*batch, d)), *states)


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_is_its_cell_step_by_step(kind, rng):
    layer = getattr(nn, kind)(3, 4, dtype=np.float64)
    cell = getattr(nn, kind + "Cell")(3, 4, dtype=np.float64)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    x = rng.normal(size=(6, 2, 3))
    state, outputs = None, []
    for x_t in x:
        state = cell(x_t, state)
        outputs.append(flat(state)[0])
    for ours, expected in zip(flat(layer(x))[1:], flat(state), strict=True):
        np.testing.assert_allclose(ours.data[0], expected.data, atol=1e-12)
    np.testing.assert_allclose(layer(x)[0].data, ops.stack(outputs).data, atol=1e-12)


SIZES = st.tuples(*(st.integers(1, 3) for _ in range(4)))


@pytest.mark.parametrize("kind", KINDS)
@given(sizes=SIZES, bias=st.booleans(), seed=st.integers(0, 99), phi=st.sampled_from(["tanh", "relu"]),
       alpha=st.sampled_from([0.0, 0.7]))  # fmt: skip
@settings(max_examples=15)
def test_gradcheck_and_twin(same_as_twin, kind, sizes, bias, seed, phi, alpha):
    T, d, H, N = sizes
    rng = np.random.default_rng(seed)
    gates, states, biases = {"RNN": (1, 1, 1), "LSTM": (4, 2, 1), "GRU": (3, 1, 2)}[kind]
    fused = {"RNN": recurrent._rnn, "LSTM": gated._lstm, "GRU": gated._gru}[kind]
    shapes = [(T, d, N), *[(H, N)] * states, (gates * H, d), (gates * H, H)]
    arrays = [rng.normal(size=s) for s in shapes]
    arrays += [rng.normal(size=gates * H) if bias else None for _ in range(biases)]
    options = {"phi": phi, "alpha": alpha} if kind == "RNN" else {}
    same_as_twin(fused, arrays, **options)
    filled = [a for a in arrays if a is not None]
    rest = [None] * (len(arrays) - len(filled))
    testing.gradcheck(lambda *inputs: fused(*inputs, *rest, **options), filled)


@pytest.mark.parametrize("kind", KINDS)
def test_extreme_values_stay_finite(torch, kind):
    ours, theirs = pair(torch, kind, 1, 2)
    assert_equal(torch, ours, theirs, np.array([[[1e4]], [[-1e4]], [[0.0]]]))


@pytest.mark.parametrize("kind", [*KINDS, *CELLS])
def test_float32_stays_float32(kind):
    layer = getattr(nn, kind)(2, 3)
    x = Tensor(np.ones((4, 2), np.float32), requires_grad=True)
    results = flat(layer(x))
    sum(y.sum() for y in results).backward()
    arrays = [*(y.data for y in results), x.grad, *(p.grad for p in layer.parameters())]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


@pytest.mark.parametrize("kind", KINDS)
def test_no_sequences(torch, kind):
    layer = getattr(nn, kind)(2, 3)
    output, *_ = flat(layer(np.ones((4, 0, 2), np.float32)))
    assert output.shape == (4, 0, 3)


@pytest.mark.parametrize("kind", [*KINDS, *CELLS])
def test_start_is_torchs_and_repeats(torch, kind):
    def state():
        layer = getattr(nn, kind)(3, 25, generator=np.random.default_rng(1))
        return layer.state_dict()

    theirs = getattr(torch.nn, kind)(3, 25).state_dict()
    for (name, ours), again in zip(state().items(), state().values(), strict=True):
        assert np.array_equal(ours, again)
        assert ours.shape == tuple(theirs[name].shape)
        assert 0.15 < np.abs(ours).max() <= 0.2  # 1 / √25
        assert theirs[name].abs().max() <= 0.2


@pytest.mark.parametrize("kind", [*KINDS, *CELLS])
def test_number_of_parameters(kind):
    count = sum(p.data.size for p in getattr(nn, kind)(1, 4).parameters())
    assert count == {"RNN": 28, "GRU": 84, "LSTM": 112}[kind.removesuffix("Cell")]


@pytest.mark.parametrize("kind", [*KINDS, *CELLS])
def test_positional_order_is_torchs(kind):
    expected = ["input_size", "hidden_size"]
    if kind.endswith("Cell"):
        expected += ["bias", *["nonlinearity"] * (kind == "RNNCell")]
    else:
        expected += ["num_layers", *["nonlinearity"] * (kind == "RNN"), "bias", "batch_first"]
        expected += ["dropout", "bidirectional", *["proj_size"] * (kind == "LSTM")]
    signature = inspect.signature(getattr(nn, kind)).parameters.values()
    positional = [p.name for p in signature if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional == [*expected, "device", "dtype"]


# Leaky units and the echo state network -----------------------------------------------------


def test_a_leaky_layer_without_leak_is_an_rnn(rng):
    plain, leaky = nn.RNN(2, 3, dtype=np.float64), nn.LeakyRNN(2, 3, 0.0, dtype=np.float64)
    leaky.load_state_dict(plain.state_dict())
    x = rng.normal(size=(5, 2, 2))
    assert np.array_equal(plain(x)[0].data, leaky(x)[0].data)


def test_leaky_units_forget_at_their_rate():
    for alpha, left in [(0.5, 9e-16), (0.9, 0.0052), (0.99, 0.605)]:
        layer = nn.LeakyRNN(1, 1, alpha, bias=False, dtype=np.float64)
        layer.weight_hh_l0.data = [[0.0]]
        _, h = layer(np.zeros((50, 1)), np.ones((1, 1)))
        assert h.item() == pytest.approx(left, rel=0.02)


@pytest.mark.parametrize("alpha", [-0.1, 1.0, 2])
def test_leak_out_of_range(alpha):
    for make in (nn.LeakyRNN, lambda *a, alpha: nn.EchoState(*a, alpha=alpha)):
        with pytest.raises(
            ValueError, match=f"alpha must be a number from 0 to below 1, not {alpha}"
        ):
            make(1, 2, alpha=alpha)


def reservoir(radius, **options):
    return nn.EchoState(
        1, 100, radius, dtype=np.float64, generator=np.random.default_rng(0), **options
    )


def memory(radius):
    """How well a linear read-out recalls the input of 1, 2, … 100 steps ago: Σ r²"""
    u = np.random.default_rng(1).uniform(-0.5, 0.5, 3000)
    H = reservoir(radius)(u[:, None])[0].data
    X, past = H[500:], np.stack([u[500 - k : 3000 - k] for k in range(1, 101)], 1)
    train, test = slice(0, 1500), slice(1500, 2500)
    A = X[train].T @ X[train] + 1e-9 * np.eye(100)
    recalled = X[test] @ np.linalg.solve(A, X[train].T @ past[train])
    pairs = zip(recalled.T, past[test].T, strict=True)
    return sum(np.corrcoef(a, b)[0, 1] ** 2 for a, b in pairs)


def test_memory_of_an_echo_state_network():
    capacity = {radius: memory(radius) for radius in (0.1, 0.5, 0.9, 0.95, 1.0, 1.1, 1.5, 2.0)}
    assert max(capacity, key=capacity.get) in (0.9, 0.95, 1.0)
    assert capacity[0.1] < 10
    assert capacity[2.0] < 2


def test_two_starts_are_forgotten_below_one_only(rng):
    u, h = rng.uniform(-0.5, 0.5, (500, 1)), rng.normal(size=(2, 1, 100))
    distances = {}
    for radius in (0.9, 1.1):
        ends = [reservoir(radius)(u, start)[1].data for start in h]
        distances[radius] = np.linalg.norm(ends[0] - ends[1])
    assert distances[0.9] < 1e-10
    assert distances[1.1] > 0.1


def test_reservoir_is_kept_but_not_trained():
    echo = reservoir(0.8, input_scale=0.3)
    W, U = echo.weight_hh_l0.data, echo.weight_ih_l0.data
    assert np.abs(np.linalg.eigvals(W)).max() == pytest.approx(0.8, abs=1e-12)
    assert 0.29 < np.abs(U).max() <= 0.3
    assert list(echo.state_dict()) == ["weight_ih_l0", "weight_hh_l0"]
    assert not list(echo.parameters())
    assert not echo(np.zeros((3, 1)))[0].requires_grad
    with pytest.raises(ValueError, match="spectral_radius must be a finite number from 0, not -1"):
        reservoir(-1)


# What does not fit -------------------------------------------------------------------------

X = np.ones((5, 2, 3), np.float32)
H0 = np.ones((1, 2, 4), np.float32)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("x", "hx", "error", "words"),
    [
        (X[..., :2], None, ValueError, r"input has 2 features, the layer expects 3 — input is"),
        (X[0, 0], None, ValueError, r"input must be \(T, N, features\) or \(T, features\), not"),
        (X[:0], None, ValueError, r"input \(0, 2, 3\) has no time steps"),
        (X, H0[:, :1], ValueError, r"hx.* has shape \(1, 1, 4\), expected \(1, 2, 4\)"),
        (X[:, 0], H0, ValueError, r"hx.* has shape \(1, 2, 4\), expected \(1, 4\)"),
        (X, H0.astype(np.float64), TypeError, r"input holds float32, hx holds float64"),
        (X.astype(np.float64), None, TypeError, "input holds float64, weight holds float32"),
        (X.astype(int), None, TypeError, "input holds int64"),
        ([1.0], None, TypeError, "input must be a Tensor or a NumPy array, not list"),
    ],
)  # fmt: skip
def test_errors_of_the_layers(kind, x, hx, error, words):
    if kind == "LSTM" and hx is not None:
        hx = (hx, hx)
    with pytest.raises(error, match=f"^{kind}: {words}"):
        getattr(nn, kind)(3, 4)(x, hx)


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize(
    ("x", "hx", "error", "words"),
    [
        (X[0, :, :2], None, ValueError, "input has 2 features, the layer expects 3"),
        (X, None, ValueError, r"input must be \(N, features\) or \(features,\), not of shape"),
        (X[0], H0, ValueError, r"hx.* has shape \(1, 2, 4\), expected \(2, 4\)"),
        (X[0], H0[0].astype(int), TypeError, r"input holds float32, hx holds int64"),
    ],
)
def test_errors_of_the_cells(kind, x, hx, error, words):
    if kind == "LSTMCell" and hx is not None:
        hx = (hx, hx)
    with pytest.raises(error, match=f"^{kind}: {words}"):
        getattr(nn, kind)(3, 4)(x, hx)


@pytest.mark.parametrize("hx", [H0, (H0,), "h"])
def test_an_lstm_has_two_states(hx):
    with pytest.raises(TypeError, match="LSTM: hx must be a pair of Tensors"):
        nn.LSTM(3, 4)(X, hx)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.GRU(0, 1), ValueError, "GRU: input_size must be a whole number from 1, not 0"),
        (lambda: nn.LSTMCell(1, "2"), TypeError, "LSTMCell: hidden_size must be .* not '2'"),
        (lambda: nn.RNN(1, 1, 0), ValueError, "RNN: num_layers must be a whole number from 1"),
        (lambda: nn.RNN(1, 1, 1, "sigmoid"), ValueError, "nonlinearity must be 'tanh' or 'relu'"),
        (lambda: nn.RNNCell(1, 1, True, "selu"), ValueError, "RNNCell: nonlinearity must be"),
        (lambda: nn.LSTM(1, 1, dropout="a"), TypeError, "dropout must be a number in"),
        (lambda: nn.LSTM(1, 1, proj_size=1), TypeError, "proj_size=1 is not offered"),
        (lambda: nn.GRU(1, 1, device="cuda"), TypeError, "device='cuda' is not offered"),
    ],
)
def test_errors_of_the_constructors(call, error, words):
    with pytest.raises(error, match=words):
        call()


@given(data=st.data())
@settings(max_examples=100)
def test_fuzzing_agrees_with_torch_or_says_why_not(torch, data):
    kind = data.draw(st.sampled_from([*KINDS, *CELLS]))
    ours, theirs = pair(torch, kind, 2, 2)
    shapes = st.lists(st.integers(0, 2), max_size=4)
    x, h = (np.ones(data.draw(shapes)) for _ in range(2))
    hx = data.draw(st.sampled_from([None, "one", "two"]))
    given = {None: (), "one": (h,), "two": ((h, h),)}[hx]
    try:
        results = flat(ours(x, *given))
    except (ValueError, TypeError) as error:
        assert str(error).startswith(f"{kind}: ")
        assert "broadcast" not in str(error)
        return

    def tensors(value):
        return tuple(map(tensors, value)) if isinstance(value, tuple) else torch.tensor(value)

    for y, z in zip(results, flat(theirs(tensors(x), *map(tensors, given))), strict=True):
        np.testing.assert_allclose(y.data, z.detach().numpy(), atol=1e-12)


# Taking parts of a Tensor, which every sequence does ----------------------------------------


@pytest.mark.parametrize(
    "key",
    [0, -1, slice(None, None, -1), slice(1, 3), (Ellipsis, 1), (slice(None), None, slice(0, 2)),
     (1, slice(None, None, 2)), [0, 0, 2], np.array([1, 1]), (slice(None), [1, 1]),
     np.array([True, False, True, True])],
)  # fmt: skip
def test_the_gradient_of_a_part(torch, rng, key):
    if isinstance(key, slice) and key.step == -1:  # torch has no such slices
        testing.gradcheck(lambda x: x[key], [rng.normal(size=(4, 3))])
        return
    testing.compare_with_torch(lambda x: x[key], lambda x: x[key], rng.normal(size=(4, 3)))


# Dropout between layers


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_dropout_between_layers(torch, rng, kind):
    x = rng.normal(size=(4, 2, 3))
    layer = getattr(nn, kind)(3, 5, 2, dropout=0.5, dtype=np.float64)
    plain = getattr(nn, kind)(3, 5, 2, dtype=np.float64)
    plain.load_state_dict(layer.state_dict())
    (a, h), (b, k) = layer(x), plain(x)
    h, k = (t[0] if isinstance(t, tuple) else t for t in (h, k))
    np.testing.assert_array_equal(h.data[0], k.data[0])  # the first layer sees all of x
    assert not np.allclose(a.data, b.data)
    np.testing.assert_array_equal(layer.eval()(x)[0].data, b.data)
    # all units of the first layer dropped: the second one sees zeros, as in torch
    ours = getattr(nn, kind)(3, 5, 2, dropout=1.0, dtype=np.float64)
    theirs = getattr(torch.nn, kind)(3, 5, 2, dropout=1.0, dtype=torch.float64)
    testing.copy_weights(ours, theirs)
    np.testing.assert_allclose(
        ours(x)[0].data, theirs(torch.tensor(x))[0].detach().numpy(), rtol=1e-9, atol=1e-12
    )


def test_dropout_takes_the_generator():
    def draw():
        layer = nn.GRU(2, 4, 2, dropout=0.5, generator=np.random.default_rng(2))
        return layer(np.ones((3, 1, 2), np.float32))[0].data

    np.testing.assert_array_equal(draw(), draw())
    with pytest.raises(ValueError, match=r"LSTM: dropout must be a number in \[0, 1\], not 2"):
        nn.LSTM(1, 1, 2, dropout=2)


def test_an_infinite_gradient_passes_where_relu_is_on_and_nowhere_else(torch):
    layer = nn.RNN(3, 4, nonlinearity="relu").double()
    twin = torch.nn.RNN(3, 4, nonlinearity="relu").double()
    testing.copy_weights(layer, twin)
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2, 4))
    g[2, 0, 1] = np.inf
    mine, other = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    with np.errstate(invalid="ignore"):
        layer(mine)[0].backward(g)
    twin(other)[0].backward(torch.tensor(g))
    assert np.isinf(mine.grad).any()
    assert np.allclose(mine.grad, other.grad.numpy(), equal_nan=True)
