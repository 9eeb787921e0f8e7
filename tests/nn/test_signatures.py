"""Whatever PyTorch has, has PyTorch's names, order and defaults."""

import inspect

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib import Tensor, nn, optim
from nnlib.nn import init

# What PyTorch lacks has the field's name.
OURS = {
    "ClassicDropout", "EchoState", "GaussianNoise", "Heaviside", "LeakyRNN", "LoRALinear", "MLP",
    "Neuron", "Residual", "Sign", "WinnerTakeAll", "classic_dropout", "functional", "gaussian_noise",
    "heaviside", "init", "lecun_normal_", "lecun_uniform_", "penalties", "sign", "summary",
    "utils", "winner_take_all",
}  # fmt: skip
FUNCTIONS = [name for name, f in vars(F).items() if inspect.isfunction(f) and name not in OURS]
CLASSES = [name for name, c in vars(nn).items() if inspect.isclass(c) and name not in OURS]
# PyTorch writes these in C++, where inspect does not look, or leaves them to Module.
POOLED = [("input", None), ("kernel_size", None), ("stride", None), ("padding", 0)]
CONVOLVED = [
    ("input", None), ("weight", None), ("bias", None), ("stride", 1), ("padding", 0),
    ("dilation", 1), ("groups", 1),
]  # fmt: skip
TRANSPOSED = [
    *CONVOLVED[:5], ("output_padding", 0), ("groups", 1), ("dilation", 1),
]  # fmt: skip
RECURRENT = [
    ("bias", True), ("batch_first", False), ("dropout", 0.0), ("bidirectional", False),
]  # fmt: skip
SIZES = [("input_size", None), ("hidden_size", None), ("num_layers", 1)]
PLACE = [("device", None), ("dtype", None)]
DOCUMENTED = {
    "GRU": [*SIZES, *RECURRENT, *PLACE],
    "LSTM": [*SIZES, *RECURRENT, ("proj_size", 0), *PLACE],
    "RNN": [*SIZES, ("nonlinearity", "tanh"), *RECURRENT, *PLACE],
    "adaptive_avg_pool1d": [("input", None), ("output_size", None)],
    "avg_pool1d": [*POOLED, ("ceil_mode", False), ("count_include_pad", True)],
    "avg_pool2d": [
        *POOLED,
        ("ceil_mode", False),
        ("count_include_pad", True),
        ("divisor_override", None),
    ],
    "conv1d": CONVOLVED,
    "conv2d": CONVOLVED,
    "logsigmoid": [("input", None)],
    "max_pool1d": [*POOLED, ("dilation", 1), ("ceil_mode", False), ("return_indices", False)],
    "max_pool2d": [*POOLED, ("dilation", 1), ("ceil_mode", False), ("return_indices", False)],
    "conv_transpose1d": TRANSPOSED,
    "conv_transpose2d": TRANSPOSED,
    "gelu": [("input", None), ("approximate", "none")],
    "linear": [("input", None), ("weight", None), ("bias", None)],
    "cosine_similarity": [("x1", None), ("x2", None), ("dim", 1), ("eps", 1e-8)],
    "one_hot": [("tensor", None), ("num_classes", -1)],
    "pixel_shuffle": [("input", None), ("upscale_factor", None)],
    "scaled_dot_product_attention": [
        ("query", None),
        ("key", None),
        ("value", None),
        ("attn_mask", None),
        ("dropout_p", 0.0),
        ("is_causal", False),
        ("scale", None),
        ("enable_gqa", False),
    ],
    "softplus": [("input", None), ("beta", 1), ("threshold", 20)],
}
# *args and the like say nothing; Module's constructor takes nothing.
FREE = {"Module", "Sequential", "Identity", "Sigmoid", "Tanh"}
# Parameters that follow ours, and that are left out altogether.
LEFT_OUT = {"_stacklevel", "dtype", "device", "persistent"}


def positional(function):
    """Names and defaults of what can be passed by position."""
    parameters = inspect.signature(function).parameters.values()
    empty = inspect.Parameter.empty
    return [
        (p.name, None if p.default is empty else getattr(p.default, "__name__", p.default))
        for p in parameters
        if p.kind is p.POSITIONAL_OR_KEYWORD
    ]


def assert_same(ours, theirs):
    mine = positional(ours)
    assert mine == theirs[: len(mine)]
    assert {name for name, _ in theirs[len(mine) :]} <= LEFT_OUT


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(torch, name):
    theirs = DOCUMENTED.get(name) or positional(getattr(torch.nn.functional, name))
    assert_same(getattr(F, name), theirs)


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in FREE])
def test_classes(torch, name):
    theirs = DOCUMENTED.get(name) or positional(getattr(torch.nn, name))
    if name in ("Parameter", "Buffer"):
        theirs = [("data", None), *theirs[1:]]
    assert_same(getattr(nn, name), theirs)


@pytest.mark.parametrize("name", sorted(FREE))
def test_free_ones_exist_in_torch(torch, name):
    assert hasattr(torch.nn, name)


@pytest.mark.parametrize("name", [name for name in init.__all__ if name not in OURS])
def test_init(torch, name):
    assert_same(getattr(init, name), positional(getattr(torch.nn.init, name)))


def test_sgd(torch):
    ours, theirs = (inspect.signature(c.SGD).parameters for c in (optim, torch.optim))
    assert [(p.name, p.default, p.kind) for p in ours.values()] == [
        (p.name, p.default, p.kind) for p in theirs.values()
    ]


@pytest.mark.parametrize("name", ["zero_grad", "load_state_dict", "train", "requires_grad_"])
def test_methods(torch, name):
    assert_same(getattr(nn.Module, name), positional(getattr(torch.nn.Module, name)))


# Options that are left out: at their default they are welcome, else refused by name.

X, Y, LABELS = np.ones((2, 2)), np.zeros((2, 2)), np.array([0, 1])


def state():
    return nn.Linear(1, 1).state_dict()


@pytest.mark.parametrize(
    ("call", "option", "default", "other"),
    [
        *((lambda o, n=n: getattr(F, n)(X, Y, **o), option, None, True)
          for n in ("mse_loss", "l1_loss", "binary_cross_entropy",
                    "binary_cross_entropy_with_logits", "poisson_nll_loss")
          for option in ("size_average", "reduce")),
        *((lambda o, n=n: getattr(F, n)(X, LABELS, **o), option, None, False)
          for n in ("cross_entropy", "nll_loss") for option in ("size_average", "reduce")),
        *((lambda o, n=n: getattr(nn, n)(**o), option, None, True)
          for n in ("MSELoss", "L1Loss", "BCELoss", "BCEWithLogitsLoss", "NLLLoss",
                    "CrossEntropyLoss", "PoissonNLLLoss")
          for option in ("size_average", "reduce")),
        (lambda o: nn.Linear(1, 1, **o), "device", None, "cuda"),
        (lambda o: optim.SGD(nn.Linear(1, 1).parameters(), **o), "differentiable", False, True),
        (lambda o: nn.Linear(1, 1).load_state_dict(state(), **o), "assign", False, True),
    ],
)  # fmt: skip
def test_options_left_out(call, option, default, other):
    call({option: default})
    with pytest.raises(TypeError, match=f"{option}={other!r} is not offered here"):
        call({option: other})


# Options that change no value are taken.


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "selu", "silu"])
def test_in_place_changes_no_value(name):
    layer = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "silu": "SiLU"}.get(name, name.upper())
    Z = np.array([-1.0, 2.0])
    expected = getattr(F, name)(Z).data
    np.testing.assert_array_equal(getattr(F, name)(Z, inplace=True).data, expected)
    np.testing.assert_array_equal(getattr(nn, layer)(inplace=True)(Z).data, expected)


@pytest.mark.parametrize("given", ["", "None"])
def test_what_is_no_option_is_not_taken_for_a_default(given):
    with pytest.raises(TypeError, match=r"size_average=.* is not offered here"):
        F.mse_loss(X, Y, size_average=given)


def test_the_cpu_is_taken(torch):
    for device in ("cpu", torch.device("cpu")):
        assert nn.Linear(1, 1, device=device)(np.ones((1, 1), np.float32)).shape == (1, 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nn.MSELoss(size=1), "MSELoss: got an unexpected keyword argument 'size'"),
        (lambda: nn.MaxPool2d(), "MaxPool2d: missing a required argument: 'kernel_size'"),
        (lambda: nn.RNN(1, 2, layers=3), "RNN: got an unexpected keyword argument 'layers'"),
        (lambda: F.l1_loss(X, Y, None, None, "mean", None, 1), "l1_loss: too many positional"),
        (lambda: F.mse_loss(X, Y, target=Y), "mse_loss: multiple values for argument 'target'"),
        (lambda: F.relu(X, False, 1), "relu: too many positional arguments"),
        (lambda: F.elu(X, slope=1.0), "elu: got an unexpected keyword argument 'slope'"),
    ],
)
def test_arguments_that_are_not_there(call, words):
    with pytest.raises(TypeError, match=words):
        call()


T = Tensor(X)


@pytest.mark.parametrize(
    "call",
    [
        lambda: nn.ReLU(T),
        lambda: nn.Tanh(T),
        lambda: nn.Linear(T, 2),
        lambda: nn.MSELoss(T, T),
        lambda: nn.CrossEntropyLoss(T, Tensor(LABELS)),
    ],
)
def test_a_layer_is_made_before_it_is_called(call):
    with pytest.raises(TypeError, match=r"is made first and then called: nn\.\w+\(…\)\(input\)"):
        call()


def test_a_pair_in_a_row_of_layers():
    model = nn.Sequential(nn.LSTM(2, 3), nn.Linear(3, 1))
    with pytest.raises(TypeError, match=r"^linear: input .* not tuple: .* take its \[0\]"):
        model(np.ones((4, 1, 2), np.float32))


def test_inputs_by_name():
    """``layer(input=x)``, as torch names it; a loss takes ``target=`` too."""
    x = Tensor(np.ones((2, 4, 6, 6), np.float32))
    for layer in (
        nn.Linear(6, 1), nn.Conv2d(4, 1, 1), nn.BatchNorm2d(4), nn.LayerNorm(6), nn.ReLU(),
        nn.MaxPool2d(2), nn.AvgPool2d(2), nn.Flatten(), nn.Identity(), nn.GroupNorm(2, 4),
        nn.Dropout2d(), nn.Softmax(1), nn.GELU(), nn.ConvTranspose2d(4, 1, 2),
        nn.Sequential(nn.Tanh()), nn.AdaptiveAvgPool2d(1), nn.Upsample(scale_factor=2),
    ):  # fmt: skip
        assert isinstance(layer(input=x), Tensor)
    assert nn.Embedding(3, 2)(input=LABELS).shape == (2, 2)
    assert nn.MSELoss()(input=X, target=Y).item() == 1.0
