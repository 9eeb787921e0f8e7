"""Whatever the options, sensible or not: the same as PyTorch, or an error in the student's words.

test_any_shape.py does this for the shapes of the first floor. Here calls are drawn whole, shapes and
options: most fit, one or two do not, as a student's. An error names the argument that is at fault, or
the function where the fault is in how two arguments fit.
"""

import inspect
import math
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nnlib.nn.functional as F
from nnlib import Tensor, classical, data, nn, optim
from nnlib.nn import init, penalties

try:
    import torch
except ImportError:
    torch = None

MACHINERY = re.compile(
    r"ufunc|could not be broadcast|core dim|matmul: Input|cannot reshape|operand|setting an array"
    r"|'<' not supported|unsupported|has no attribute|not iterable|not callable|safely cast"
    r"|must be real number|integer is required|slice indices|cannot be interpreted|not subscriptable|has no len|unpack|ambiguous"
    r"|positional argument|could not convert"
)
# Numbers that an option may not be. What is no number at all is left to Python.
ODD = st.sampled_from([-1, 0, 1, 2, 3, 0.5, -0.5, 1.5, math.nan, math.inf, -math.inf])
NOTHING = st.sampled_from([None, "x", 3.0, [[1.0], [1.0, 2.0]]])
SIZE = st.integers(0, 4)


def array(draw, *shape, low=0.05, high=0.95):
    """Numbers in (0, 1), mostly of this shape; else of one near it, of another dtype or no array."""
    change = draw(st.sampled_from(["none"] * 6 + ["size", "drop", "add", "dtype", "odd"]))
    shape = list(shape)
    if change == "odd":
        return draw(NOTHING)
    if change == "add":
        shape.insert(draw(st.integers(0, len(shape))), draw(SIZE))
    elif change in ("size", "drop") and shape:
        i = draw(st.integers(0, len(shape) - 1))
        shape[i : i + 1] = [draw(SIZE)] if change == "size" else []
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    x = np.asarray(rng.uniform(low, high, shape))
    return x.astype(draw(st.sampled_from([np.float32, np.int64, bool]))) if change == "dtype" else x


def options(draw, **sensible):
    """Some of the options, each from its sensible values, and now and then an odd one."""
    chosen = {k: v for k, v in sensible.items() if draw(st.booleans())}
    odd = draw(st.sampled_from([None, None, *chosen]))
    return {k: draw(ODD if k == odd else st.sampled_from(v)) for k, v in chosen.items()}


def explained(error, function, arguments):
    words = str(error)
    assert isinstance(error, ValueError | TypeError | IndexError | KeyError), repr(error)
    assert not MACHINERY.search(words), words
    assert words.startswith(function) or any(re.search(rf"\b{a}\b", words) for a in arguments), words


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
    except Exception as error:
        return explained(error, name, ["input", "weight", "bias", "hx", "running_mean", "running_var", *given])
    assert expected is not None, f"{name} takes {args}, {given}; PyTorch does not"
    assert y.shape == expected.shape
    np.testing.assert_allclose(y.data, expected, rtol=1e-5, atol=1e-6)


pytestmark = [pytest.mark.usefixtures("torch"), pytest.mark.filterwarnings("ignore")]
many = settings(max_examples=100, suppress_health_check=list(HealthCheck))

COUNT, ZERO_ON = [1, 2, (1, 2), (2,)], [0, 1, "same", "valid", (1, 1), (1,)]
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
    fits = [2] if np.ndim(last) == 0 else last
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


@pytest.mark.parametrize("name", ["dropout", "gaussian_noise", "classic_dropout", "winner_take_all"])
@given(data=st.data())
@many
def test_noise(name, data):
    """Random, so only whether it is taken, the shape, and what eval mode does."""
    x = array(data.draw, data.draw(SIZE), 3)
    sensible = {
        "gaussian_noise": {"std": [0.0, 1.0], "training": [True, False], "generator": [None]},
        "winner_take_all": {"k": [1, 2], "dim": [-1, 1]},
    }
    usual = {"p": [0.0, 0.5, 1.0], "training": [True, False], "generator": [None]}
    given = options(data.draw, **sensible.get(name, usual))
    if name == "winner_take_all":
        given.setdefault("k", 1)
    try:
        y = getattr(F, name)(x, **given)
    except Exception as error:
        return explained(error, name, ["input", *given])
    assert y.shape == x.shape
    assert y.dtype == x.dtype


RECURRENT = {
    "num_layers": [1, 2], "bias": [True, False], "batch_first": [True, False],
    "bidirectional": [True, False], "dropout": [0.0],
}  # fmt: skip


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"])
@given(data=st.data())
@settings(max_examples=100)
def test_recurrent(name, data):
    draw, cell = data.draw, name.endswith("Cell")
    given = options(draw, **({"bias": [True, False]} if cell else RECURRENT))
    if "RNN" in name:
        given |= options(draw, nonlinearity=["tanh", "relu"])
    sizes = [draw(st.sampled_from([1, 2, 3])), draw(st.sampled_from([1, 2, 3]) | ODD)]
    try:
        ours = getattr(nn, name)(*sizes, **given)
    except Exception as error:
        return explained(error, name, ["input_size", "hidden_size", *given])
    theirs = getattr(torch.nn, name)(*sizes, **given)
    ours = ours.double()
    theirs = theirs.double()
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    x = array(draw, *[3, 2][cell:], sizes[0])
    args = [x]
    if draw(st.booleans()):
        h = array(draw, *[] if cell else [theirs.num_layers * (1 + theirs.bidirectional)], 2, sizes[1])
        args.append((h, h) if "LSTM" in name and isinstance(h, np.ndarray) else h)

    def output(model, make):
        def run(*args):
            pairs = [tuple(map(make, a)) if isinstance(a, tuple) else a for a in args]
            y = model(*pairs)
            return y[0] if isinstance(y, tuple) else y

        return run

    agree_or_explain(name, output(ours, Tensor), output(theirs, torch.tensor), args, {})


LAYERS = {
    "Linear": {"in_features": [1, 2], "out_features": [1, 3], "bias": [True, False]},
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
    "GELU": {"approximate": ["none", "tanh"]},
    "HuberLoss": {"reduction": ["mean", "sum", "none"], "delta": [1.0, 0.5]},
    "CrossEntropyLoss": {"reduction": ["mean"], "label_smoothing": [0.0, 0.1], "ignore_index": [-1]},
    "Flatten": {"start_dim": [0, 1], "end_dim": [-1, 2]},
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
@given(data=st.data())
@settings(max_examples=100)
def test_layers_are_made_or_say_why_not(name, data):
    count = {"Linear": 2, "Embedding": 2, "Conv1d": 3, "Conv2d": 3}.get(name, 1)  # must be given
    given = {
        k: data.draw(st.one_of(st.sampled_from(v), st.sampled_from(v), ODD))
        for k, v in list(LAYERS[name].items())[:count]
    }
    given |= options(data.draw, **{k: v for k, v in LAYERS[name].items() if k not in given})
    try:
        layer = getattr(nn, name)(**given)
    except Exception as error:
        return explained(error, name, given)
    twin = getattr(torch.nn, name)(**given)
    own = {k: v.shape for k, v in layer.state_dict().items()}
    assert own == {k: tuple(v.shape) for k, v in twin.state_dict().items()}


OPTIMIZERS = {
    "SGD": {"lr": [0.1], "momentum": [0, 0.9], "dampening": [0], "weight_decay": [0, 0.1],
            "nesterov": [False], "maximize": [False, True], "foreach": [None]},
    "Adam": {"lr": [0.1], "betas": [(0.9, 0.99)], "eps": [1e-8], "weight_decay": [0, 0.1],
             "amsgrad": [False, True]},
    "AdamW": {"lr": [0.1], "betas": [(0.9, 0.99)], "weight_decay": [0.1]},
    "NAdam": {"lr": [0.1], "betas": [(0.9, 0.99)], "momentum_decay": [0.01],
              "decoupled_weight_decay": [True, False]},
    "RMSprop": {"lr": [0.1], "alpha": [0.9], "momentum": [0, 0.5], "centered": [True, False]},
    "Adagrad": {"lr": [0.1], "lr_decay": [0.1], "initial_accumulator_value": [0, 1.0]},
    "Adadelta": {"lr": [0.1], "rho": [0.9], "eps": [1e-6]},
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIMIZERS)
@given(data=st.data())
@settings(max_examples=100)
def test_optimizers(name, data):
    given = options(data.draw, **OPTIMIZERS[name])
    w = np.array([1.0, -2.0])
    ours, theirs = Tensor(w, requires_grad=True), torch.tensor(w, requires_grad=True)
    try:
        optimizer = getattr(optim, name)([ours], **given)
        for _ in range(2):
            optimizer.zero_grad()
            (ours * ours).sum().backward()
            optimizer.step()
    except Exception as error:
        return explained(error, name, given)
    twin = getattr(torch.optim, name)([theirs], **given)
    for _ in range(2):
        twin.zero_grad()
        (theirs * theirs).sum().backward()
        twin.step()
    if torch.isfinite(theirs).all():  # inf − inf, or inf · 0, by the order of the sums
        np.testing.assert_allclose(ours.data, theirs.detach().numpy(), rtol=1e-5)


SCHEDULERS = {
    "StepLR": {"step_size": [1, 2], "gamma": [0.5]},
    "MultiStepLR": {"milestones": [[1, 3], (2,)], "gamma": [0.5]},
    "ExponentialLR": {"gamma": [0.5, 1.0]},
    "CosineAnnealingLR": {"T_max": [2, 5], "eta_min": [0, 0.1]},
    "LinearLR": {"start_factor": [0.5, 1.0], "end_factor": [1.0, 0.1], "total_iters": [1, 3]},
    "ReduceLROnPlateau": {"mode": ["min", "max"], "factor": [0.5], "patience": [0, 1],
                          "threshold": [0.1], "threshold_mode": ["rel", "abs"], "cooldown": [0, 1],
                          "min_lr": [0, 0.1, [0.1]], "eps": [1e-8]},
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULERS)
@given(data=st.data())
@settings(max_examples=100)
def test_schedulers(name, data):
    first, *_ = SCHEDULERS[name]
    given = {first: data.draw(st.sampled_from(SCHEDULERS[name][first]) | ODD)}
    given |= options(data.draw, **{k: v for k, v in SCHEDULERS[name].items() if k != first})
    rates = []
    for library, tensor in ((optim, Tensor), (torch.optim, torch.tensor)):
        optimizer = library.SGD([tensor(np.ones(2), requires_grad=True)], lr=1.0)
        try:
            schedule = getattr(library.lr_scheduler, name)(optimizer, **given)
            for loss in (1.0, 0.9, 0.95, 0.95, 0.95):
                optimizer.step()
                schedule.step(*[loss] * (first == "mode"))
        except Exception as error:
            assert library is optim, f"{name} takes {given}, PyTorch does not: {error!r}"
            return explained(error, name, given)
        rates.append(optimizer.param_groups[0]["lr"])
    np.testing.assert_allclose(*rates, rtol=1e-9)


INITS = {
    "constant_": {"val": [0.0, 2.5]}, "ones_": {}, "zeros_": {},
    "uniform_": {"a": [-1, 0], "b": [1, 2], "generator": [None]},
    "normal_": {"mean": [0.0, 1.0], "std": [0.0, 1.0], "generator": [None]},
    "xavier_uniform_": {"gain": [1.0, 2.0]}, "xavier_normal_": {"gain": [1.0, 2.0]},
    "kaiming_uniform_": {"a": [0, 0.1], "mode": ["fan_in", "fan_out"],
                         "nonlinearity": ["relu", "leaky_relu"]},
    "kaiming_normal_": {"a": [0, 0.1], "mode": ["fan_in"], "nonlinearity": ["tanh"]},
    "orthogonal_": {"gain": [1.0]}, "lecun_normal_": {}, "lecun_uniform_": {},
}  # fmt: skip


@pytest.mark.parametrize("name", INITS)
@given(data=st.data())
@settings(max_examples=100)
def test_initializers(name, data):
    shape = data.draw(st.lists(st.integers(0, 3), max_size=3).map(tuple))
    given = options(data.draw, **INITS[name])
    if name == "constant_":
        given.setdefault("val", 1.0)
    w = data.draw(st.sampled_from([nn.Parameter(np.ones(shape))] * 4 + [np.ones(shape), 3, None]))
    try:
        result = getattr(init, name)(w, **given)
    except Exception as error:
        return explained(error, name, ["tensor", "a must be", "std", *given])
    assert result is w
    assert w.shape == shape


@pytest.mark.parametrize("name", ["clip_grad_norm_", "clip_grad_value_"])
@given(data=st.data())
@settings(max_examples=60)
def test_clipping(name, data):
    first = "max_norm" if "norm" in name else "clip_value"
    given = {first: data.draw(st.sampled_from([0.0, 0.5, 5.0]) | ODD)}
    if "norm" in name:
        given |= options(data.draw, norm_type=[1, 2.0, math.inf], error_if_nonfinite=[True, False])
    g = np.array([3.0, -4.0])
    ours, theirs = Tensor(g, requires_grad=True), torch.tensor(g, requires_grad=True)
    ours.grad, theirs.grad = g.copy(), torch.tensor(g)
    try:
        getattr(nn.utils, name)([ours], **given)
    except Exception as error:
        np.testing.assert_array_equal(ours.grad, g)
        return explained(error, name, given)
    getattr(torch.nn.utils, name)([theirs], **given)
    np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-6)


PENALTIES = {
    "l1_penalty": {}, "l2_penalty": {}, "proximal_l1_": {"threshold": [0.0, 0.5]},
    "max_norm_": {"max_norm": [0.5, 2.0]}, "activity_l1": {}, "activity_l2": {},
    "kl_sparsity": {"rho": [0.05, 0.5]}, "soft_threshold": {"t": [0.0, 0.5]},
    "label_noise": {"p": [0.0, 0.5], "num_classes": [2, 3]},
}  # fmt: skip


@pytest.mark.parametrize("name", PENALTIES)
@given(data=st.data())
@settings(max_examples=60)
def test_penalties(name, data):
    x = array(data.draw, 3, 2)
    if name in ("l1_penalty", "l2_penalty", "proximal_l1_", "max_norm_") and data.draw(st.booleans()):
        x = [Tensor(x)] if isinstance(x, np.ndarray) else x
    given = {k: data.draw(st.sampled_from(v) | ODD) for k, v in PENALTIES[name].items()}
    try:
        getattr(penalties, name)(x, **given)
    except Exception as error:
        explained(error, name, ["input", "target", "parameters", "u", *given])


SCALERS = {
    "StandardScaler": {}, "MinMaxScaler": {"feature_range": [(0, 1), (-1, 2.0)]},
    "Whitening": {"kind": ["pca", "zca"], "eps": [0.0, 0.1]},
}  # fmt: skip
MODELS = {
    "Perceptron": {}, "LinearRegression": {"bias": [True, False]}, "Ridge": {"alpha": [0.5]},
    "Lasso": {"alpha": [0.5], "steps": [1, 10]}, "LinearDiscriminant": {},
    "LogisticRegression": {"bias": [True, False]}, "PoissonRegression": {"bias": [True, False]},
    "StumpBoosting": {"rounds": [1, 2], "lr": [0.5], "thresholds": [None, [0.5]]},
}  # fmt: skip
FITTING = {
    "Perceptron": {"epochs": [1, 3]},
    "LogisticRegression": {"steps": [1, 2], "method": ["irls", "gradient"], "lr": [0.1]},
    "PoissonRegression": {"steps": [1, 2], "method": ["irls", "gradient"], "lr": [0.1]},
}


@pytest.mark.parametrize("name", SCALERS)
@given(data_=st.data())
@settings(max_examples=60)
def test_scalers(name, data_):
    given, (a, b) = options(data_.draw, **SCALERS[name]), (array(data_.draw, 4, 2) for _ in "ab")
    try:
        scaled = getattr(data, name)(**given).fit(a).transform(b)
    except Exception as error:
        return explained(error, name, ["X", *given])
    assert scaled.shape == np.shape(b)


@pytest.mark.parametrize("name", MODELS)
@given(data=st.data())
@settings(max_examples=60)
def test_classical_models(name, data):
    made = options(data.draw, **MODELS[name])
    given = options(data.draw, **FITTING.get(name, {}))
    X, y, new = array(data.draw, 4, 2), array(data.draw, 4), array(data.draw, 3, 2)
    if isinstance(y, np.ndarray) and data.draw(st.sampled_from([True, True, False])):
        y = np.round(y)
    try:
        answer = getattr(classical, name)(**made).fit(X, y, **given).predict(new)
    except Exception as error:
        return explained(error, name, ["X", "y", "covariance", *made, *given])
    assert answer.shape == (len(new),)


@given(data_=st.data())
@many
def test_loaders(data_):
    draw = data_.draw
    arrays = [array(draw, 5, 2), array(draw, 5)]
    given = options(draw, batch_size=[1, 2, 5], shuffle=[None, True], drop_last=[True, False],
                    generator=[None], num_workers=[0], collate_fn=[None])  # fmt: skip
    try:
        batches = list(data.DataLoader(data.TensorDataset(*arrays), **given))
    except Exception as error:
        return explained(error, "TensorDataset", ["dataset", "data", *given])
    n = sum(len(x) for x, _ in batches)
    assert n == len(arrays[0]) or given.get("drop_last")


MADE = {
    "make_xor": {"n_samples": [4, 8], "noise": [0, 0.1]},
    "make_circles": {"n_samples": [4], "factor": [0.5], "noise": [0.1]},
    "make_blobs": {"n_samples": [6], "centers": [[[0, 0], [1, 1]]], "cluster_std": [1.0]},
    "make_sine": {"n_samples": [3], "low": [0.0], "high": [1.0]},
    "make_glm": {"n_samples": [3], "weight": [[1.0]], "bias": [0.0], "family": ["poisson"]},
    "make_gaussian_classes": {"means": [[[0, 0], [1, 1]]], "covariance": [np.eye(2)], "prior": [0.5]},
    "make_lecun_classes": {"n_samples": [4], "largest_eigenvalue": [0.84]},
    "one_hot": {"tensor": [[0, 1]], "num_classes": [-1, 3]},
    "shift": {"images": [np.ones((2, 3))], "dx": [0, -1], "dy": [1, 5]},
    "random_split": {"lengths": [[0.5, 0.5], [3, 7]], "generator": [None]},
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
@given(data_=st.data())
@settings(max_examples=60)
def test_sets_and_helpers(name, data_):
    given = {"tensor": [0], "images": np.ones((2, 2)), "dataset": range(10), "lengths": [2, 8]}
    given = {k: v for k, v in given.items() if k in inspect.signature(getattr(data, name)).parameters} | options(data_.draw, **MADE[name])
    try:
        getattr(data, name)(**given)
    except Exception as error:
        explained(error, name, given)
