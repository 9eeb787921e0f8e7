"""Whatever the options, sensible or not: the same as PyTorch, or an error in the student's words.

test_fuzz_shapes.py does this for the shapes of the first floor. Here calls are drawn whole, shapes and
options: most fit, one or two do not, as a student's. An error names the argument that is at fault, or
the function where the fault is in how two arguments fit.
"""

import numpy as np
import pytest
from fuzzing import ODD, SAID, SIZE, array, explained, many, options
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib.nn.functional as F
from nnlib import Tensor, nn

try:
    import torch
except ImportError:
    torch = None

REFUSALS = (RuntimeError, IndexError, ValueError, TypeError, AttributeError, OverflowError,
            AssertionError, ZeroDivisionError, NotImplementedError, MemoryError)  # fmt: skip


def tensors(x):
    return torch.tensor(x) if isinstance(x, np.ndarray) else x


def agree_or_explain(name, ours, theirs, args, given):
    """Ours and PyTorch's on the same arguments; what PyTorch refuses we must refuse too."""
    empty = isinstance(args[0], np.ndarray) and not args[0].size
    if empty and name[:4] in ("conv", "max_", "avg_"):
        return  # what PyTorch makes of no channels or no pixels differs from function to function
    try:
        expected = theirs(*map(tensors, args), **given).detach().numpy()
    except REFUSALS:
        expected = None
    try:
        y = ours(*(Tensor(a) if isinstance(a, np.ndarray) else a for a in args), **given)
    except SAID as error:
        return explained(
            error,
            name,
            ["input", "target", "weight", "bias", "hx", "running_mean", "running_var", *given],
        )
    assert expected is not None, f"{name} takes {args}, {given}; PyTorch does not"
    assert y.shape == expected.shape
    np.testing.assert_allclose(y.data, expected, rtol=1e-5, atol=1e-6)


pytestmark = [pytest.mark.usefixtures("torch"), pytest.mark.filterwarnings("ignore")]

COUNT, ZERO_ON = [1, 2, (1, 2), (2,)], [0, 1, "same", (1, 1), (1,)]
POOLED = {"stride": [None, *COUNT], "padding": [0, 1, (1, 1), (1,)]}


@pytest.mark.parametrize("axes", [1, 2])
@given(data=st.data())
@many
def test_convolutions(axes, data):
    draw, name = data.draw, f"conv{axes}d"
    x = array(draw, draw(SIZE), draw(SIZE), *[5, 4][:axes])
    shape = (*getattr(x, "shape", ()), 1, 1)
    W = array(draw, 2, shape[1], *[2, 3][:axes])
    given = options(draw, bias=[None], stride=COUNT, padding=ZERO_ON, dilation=[1], groups=[1])
    if draw(st.booleans()):
        given["bias"] = array(draw, 2)
    theirs = {k: tensors(v) for k, v in given.items()}
    f = getattr(torch.nn.functional, name)
    agree_or_explain(name, getattr(F, name), lambda *a, **_: f(*a, **theirs), [x, W], given)


@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize("axes", [1, 2])
@given(data=st.data())
@many
def test_pooling(axes, kind, data):
    name = f"{kind}_pool{axes}d"
    x = array(data.draw, data.draw(SIZE), data.draw(SIZE), *[5, 4][:axes])
    given = {"kernel_size": data.draw(st.sampled_from(COUNT) | ODD), **options(data.draw, **POOLED)}
    agree_or_explain(name, getattr(F, name), getattr(torch.nn.functional, name), [x], given)


@given(data=st.data())
@many
def test_layer_norm(data):
    x = array(data.draw, data.draw(SIZE), 3, 2)
    last = data.draw(st.sampled_from([(2,), (3, 2), [3, 2]]) | ODD)
    fits = last if isinstance(last, tuple | list) and last != [1.0] else [2]
    args = [x, last, array(data.draw, *fits), array(data.draw, *fits)]
    given = options(data.draw, eps=[1e-5, 0.1])
    agree_or_explain("layer_norm", F.layer_norm, torch.nn.functional.layer_norm, args, given)


@given(data=st.data())
@many
def test_batch_norm(data):
    draw = data.draw
    x = array(draw, draw(SIZE), 3, *draw(st.sampled_from([(), (2,), (2, 2)])))
    args = [x, *(array(draw, 3) for _ in range(4))]
    given = options(draw, training=[True, False], momentum=[0.1, 0.5], eps=[1e-5, 0.1])
    agree_or_explain("batch_norm", F.batch_norm, torch.nn.functional.batch_norm, args, given)


@given(data=st.data())
@many
def test_embedding(data):
    index = array(data.draw, data.draw(SIZE), 2)
    if isinstance(index, np.ndarray):
        index = np.round(index * data.draw(st.sampled_from([1, 2, 5, -1])))
        index = index.astype(data.draw(st.sampled_from([np.int64] * 4 + [np.float64])))
    args = [index, array(data.draw, 3, 2)]
    given = options(data.draw, padding_idx=[None], sparse=[False])
    agree_or_explain("embedding", F.embedding, torch.nn.functional.embedding, args, given)


@pytest.mark.parametrize(
    "name", ["dropout", "gaussian_noise", "classic_dropout", "winner_take_all"]
)
@given(data=st.data())
@many
def test_noise(name, data):
    """Random, so only whether it is taken, the shape, and what eval mode does."""
    x = array(data.draw, data.draw(SIZE), 3)
    sensible = {
        "gaussian_noise": {"std": [0.0, 1.0], "training": [True, False], "generator": [None]},
        "winner_take_all": {"k": [1, 2]},
    }
    usual = {"p": [0.0, 0.5, 1.0], "training": [True, False], "generator": [None]}
    given = options(data.draw, **sensible.get(name, usual))
    if name == "winner_take_all":
        given.setdefault("k", 1)
    try:
        y = getattr(F, name)(x, **given)
    except SAID as error:
        return explained(error, name, ["input", *given])
    assert y.shape == x.shape
    assert y.dtype == x.dtype


RECURRENT = {
    "num_layers": [1, 2], "bias": [True, False], "batch_first": [True, False],
    "bidirectional": [True, False], "dropout": [0.0],
}  # fmt: skip


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"])
@given(data=st.data())
@settings(max_examples=60)
def test_recurrent(name, data):
    draw, cell = data.draw, name.endswith("Cell")
    given = options(draw, **({"bias": [True, False]} if cell else RECURRENT))
    if "RNN" in name:
        given |= options(draw, nonlinearity=["tanh", "relu"])
    sizes = [draw(st.sampled_from([1, 2, 3])), draw(st.sampled_from([1, 2, 3]) | ODD)]
    try:
        ours = getattr(nn, name)(*sizes, **given)
    except SAID as error:
        return explained(error, name, ["input_size", "hidden_size", *given])
    theirs = getattr(torch.nn, name)(*sizes, **given)
    ours = ours.double()
    theirs = theirs.double()
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    x = array(draw, *[3, 2][cell:], sizes[0])
    args = [x]
    if draw(st.booleans()):
        h = array(
            draw, *[] if cell else [theirs.num_layers * (1 + theirs.bidirectional)], 2, sizes[1]
        )
        args.append((h, h) if "LSTM" in name and isinstance(h, np.ndarray) else h)

    def output(model, make):
        def run(*args):
            pairs = [tuple(map(make, a)) if isinstance(a, tuple) else a for a in args]
            y = model(*pairs)
            return y[0] if isinstance(y, tuple) else y

        return run

    agree_or_explain(name, output(ours, Tensor), output(theirs, torch.tensor), args, {})


LAYERS = {
    "Linear": {"in_features": [1, 2], "out_features": [1, 3], "bias": [True, False],
               "device": [None]},
    "Conv1d": {"in_channels": [1, 2], "out_channels": [1, 3], "kernel_size": [1, 2, (2,)],
               "stride": COUNT, "padding": ZERO_ON, "groups": [1], "bias": [True, False]},
    "Conv2d": {"in_channels": [1, 2], "out_channels": [1, 3], "kernel_size": [1, 2, (2, 1)],
               "stride": COUNT, "padding": ZERO_ON, "dilation": [1], "padding_mode": ["zeros"]},
    "MaxPool1d": {"kernel_size": [1, 2, (2,)], **POOLED},
    "MaxPool2d": {"kernel_size": [1, 2, (2, 2)], **POOLED, "ceil_mode": [False]},
    "AvgPool2d": {"kernel_size": [1, 2, (2, 2)], **POOLED},
    "BatchNorm1d": {"num_features": [1, 3], "eps": [1e-5, 0.1], "momentum": [None, 0.1],
                    "affine": [True, False], "track_running_stats": [True, False]},
    "LayerNorm": {"normalized_shape": [2, (2, 3)], "eps": [1e-5], "elementwise_affine": [True, False],
                  "bias": [True, False]},
    "Embedding": {"num_embeddings": [1, 3], "embedding_dim": [1, 2], "padding_idx": [None]},
    "Dropout": {"p": [0.0, 0.3, 1.0], "inplace": [False]},
    "LeakyReLU": {"negative_slope": [0.01, 0.2], "inplace": [False]},
    "ELU": {"alpha": [1.0, 2.0]},
    "Softplus": {"beta": [1.0, 2.0], "threshold": [20.0, 1.0]},
    "GELU": {"approximate": ["none"]},
    "Softmax": {"dim": [None, 0, -1]},
    "MSELoss": {"size_average": [None], "reduce": [None], "reduction": ["mean", "sum", "none"]},
    "SmoothL1Loss": {"reduction": ["mean"], "beta": [1.0, 0.5]},
    "PoissonNLLLoss": {"log_input": [True], "full": [False], "eps": [1e-8]},
    "NLLLoss": {"ignore_index": [-100, 0], "reduction": ["sum"]},
    "HuberLoss": {"reduction": ["mean", "sum", "none"], "delta": [1.0, 0.5]},
    "CrossEntropyLoss": {"reduction": ["mean"], "label_smoothing": [0.0, 0.1], "ignore_index": [-1]},
    "Flatten": {"start_dim": [0, 1], "end_dim": [-1, 2]},
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
@given(data=st.data())
@settings(max_examples=60)
def test_layers_are_made_or_say_why_not(name, data):
    count = {"Linear": 2, "Embedding": 2, "Conv1d": 3, "Conv2d": 3}.get(name, 1)  # must be given
    given = {
        k: data.draw(st.one_of(st.sampled_from(v), st.sampled_from(v), ODD))
        for k, v in list(LAYERS[name].items())[:count]
    }
    given |= options(data.draw, **{k: v for k, v in LAYERS[name].items() if k not in given})
    try:
        layer = getattr(nn, name)(**given)
    except SAID as error:
        return explained(error, name, given)
    twin = getattr(torch.nn, name)(**given)
    own = {k: v.shape for k, v in layer.state_dict().items()}
    assert own == {k: tuple(v.shape) for k, v in twin.state_dict().items()}


OURS = {
    "MLP": {"sizes": [[1, 2], (2, 3, 1)], "activation": [nn.ReLU, nn.Tanh]},
    "Neuron": {"in_features": [1, 2], "activation": [None, nn.Sigmoid()]},
    "LoRALinear": {"base": [nn.Linear(4, 3)], "r": [1, 2], "lora_alpha": [None, 3]},
    "Residual": {"branch": [nn.Identity()]},
    "WinnerTakeAll": {"k": [1, 2]},
    "GaussianNoise": {"std": [0.0, 1.0]},
    "LeakyRNN": {"input_size": [1], "hidden_size": [2], "alpha": [0.0, 0.9], "nonlinearity": ["relu"]},
    "EchoState": {"input_size": [1], "hidden_size": [2], "spectral_radius": [0.9], "input_scale": [1]},
    "Heaviside": {"values": [0.0, 1.0]},
    "ModuleList": {"modules": [None, [nn.Identity()]]},
    "ModuleDict": {"modules": [None, {"one": nn.Identity()}]},
    "Linear": {"in_features": [1], "out_features": [1], "dtype": [None, np.float64, "float32"]},
    "Parameter": {"data": [1.0, [1.0, 2.0]], "requires_grad": [True, False]},
}  # fmt: skip


@pytest.mark.parametrize("name", OURS)
@given(data=st.data())
@settings(max_examples=60)
def test_what_only_nnlib_has_is_made_or_says_why_not(name, data):
    needed = {"LeakyRNN": 2, "EchoState": 2, "Linear": 2}.get(name, 1)
    chosen = dict(list(OURS[name].items())[:needed])
    chosen |= {k: v for k, v in OURS[name].items() if data.draw(st.booleans())}
    odd = data.draw(st.sampled_from([None, *chosen]))
    given = {k: data.draw(ODD if k == odd else st.sampled_from(v)) for k, v in chosen.items()}
    try:
        made = getattr(nn, name)(**given)
    except SAID as error:
        return explained(error, name, given)
    assert isinstance(made, nn.Module | Tensor)


METHODS = {
    "train": {"mode": [True, False]}, "requires_grad_": {"requires_grad": [True, False]},
    "zero_grad": {"set_to_none": [True]},
    "load_state_dict": {"state_dict": [nn.Neuron(1).state_dict()], "strict": [True]},
}  # fmt: skip


@pytest.mark.parametrize("name", METHODS)
@given(data=st.data())
@settings(max_examples=60)
def test_methods(name, data):
    given = {k: data.draw(st.sampled_from(v) | ODD) for k, v in METHODS[name].items()}
    try:
        getattr(nn.Neuron(1), name)(**given)
    except SAID as error:
        explained(error, name, ["data", *given])


FORMULAS = {
    "elu": {"alpha": [1.0, 2], "inplace": [False]}, "leaky_relu": {"negative_slope": [0.01, 1]},
    "softplus": {"beta": [1.0, 2], "threshold": [20.0, 1]}, "gelu": {"approximate": ["none"]},
    "softmax": {"dim": [0, -1]}, "log_softmax": {"dim": [0, 1]}, "relu": {"inplace": [False]},
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
@given(data=st.data())
@many
def test_activations(name, data):
    x, given = array(data.draw, data.draw(SIZE), 3, low=-2), options(data.draw, **FORMULAS[name])
    if "softmax" in name:
        given.setdefault("dim", 0)
    agree_or_explain(name, getattr(F, name), getattr(torch.nn.functional, name), [x], given)


NUMBERS = {"reduction": ["mean", "sum", "none"], "size_average": [None]}
LOSSES = {
    "mse_loss": NUMBERS, "l1_loss": NUMBERS, "huber_loss": {"delta": [1.0, 2], "reduction": ["sum"]},
    "smooth_l1_loss": {"beta": [1.0, 2], **NUMBERS}, "binary_cross_entropy": NUMBERS,
    "binary_cross_entropy_with_logits": NUMBERS,
    "poisson_nll_loss": NUMBERS,
    "cross_entropy": {"ignore_index": [-100, 1], "label_smoothing": [0.0, 0.1], **NUMBERS},
    "nll_loss": {"ignore_index": [-100, 1], **NUMBERS},
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
@given(data=st.data())
@many
def test_losses(name, data):
    x, given = array(data.draw, 2, 3), options(data.draw, **LOSSES[name])
    y = array(data.draw, 2) if name in ("cross_entropy", "nll_loss") else array(data.draw, 2, 3)
    if isinstance(y, np.ndarray) and y.ndim == 1:
        y = np.round(2 * y).astype(data.draw(st.sampled_from([np.int64] * 4 + [np.float64])))
    theirs = getattr(torch.nn.functional, name)
    agree_or_explain(name, getattr(F, name), theirs, [x, y], given)
