"""Losses: every option against PyTorch, values and gradients, also where numbers get extreme."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import nnlib.nn.functional as F
from nnlib import Tensor, nn, testing

REDUCTIONS = st.sampled_from(["mean", "sum", "none"])
DTYPES = st.sampled_from([np.float64, np.float32])
SHAPES = array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


def generator(draw):
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1)))


def compare(torch, name, arrays, options, dtype, atol=1e-9):
    """``arrays`` are differentiated, arrays among the ``options`` are not."""

    def as_dtype(a):
        return a.astype(dtype) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a

    arrays, options = map(as_dtype, arrays), {k: as_dtype(v) for k, v in options.items()}
    theirs = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    testing.compare_with_torch(
        lambda *x: getattr(F, name)(*x, **options),
        lambda *x: getattr(torch.nn.functional, name)(*x, **theirs),
        *arrays,
        atol=max(atol, 1e-5 if dtype == np.float32 else 0),
    )


# Numbers as targets ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
@given(data=st.data())
@settings(max_examples=60)
def test_regression(torch, name, data):
    rng, shape = generator(data.draw), data.draw(SHAPES)
    options = {"reduction": data.draw(REDUCTIONS)}
    if name == "huber_loss":
        options["delta"] = data.draw(st.sampled_from([1.0, 0.1, 3]))
    arrays = [rng.normal(size=shape), rng.normal(size=shape)]
    compare(torch, name, arrays, options, data.draw(DTYPES))


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
def test_regression_where_it_has_a_kink(torch, name):
    y_hat, y = np.array([0.0, 1.0, -1.0, 1e4, -1e4]), np.zeros(5)
    compare(torch, name, [y_hat, y], {"reduction": "none"}, np.float64)


# Yes or no as targets ----------------------------------------------------------------------


@given(data=st.data())
@settings(max_examples=100)
def test_binary_cross_entropy_with_logits(torch, data):
    rng, shape = generator(data.draw), data.draw(SHAPES)
    options = {"reduction": data.draw(REDUCTIONS)}
    for name in ("weight", "pos_weight"):
        if data.draw(st.booleans()):  # one number, one per column, or one per entry
            axes = data.draw(st.integers(0, len(shape)))
            options[name] = rng.uniform(0.1, 3, shape[len(shape) - axes :])
    target = np.asarray(rng.uniform(size=shape).round(data.draw(st.integers(0, 3))))
    arrays = [np.asarray(rng.normal(0, 3, shape)), target]
    name = "binary_cross_entropy_with_logits"
    compare(torch, name, arrays, options, data.draw(DTYPES))


@given(data=st.data())
@settings(max_examples=60)
def test_binary_cross_entropy(torch, data):
    rng, shape = generator(data.draw), data.draw(SHAPES)
    options = {"reduction": data.draw(REDUCTIONS)}
    if data.draw(st.booleans()):
        options["weight"] = rng.uniform(0.1, 3, shape)
    arrays = [rng.uniform(0.01, 0.99, shape), rng.uniform(size=shape)]
    compare(torch, "binary_cross_entropy", arrays, options, data.draw(DTYPES), atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_0_and_1(torch, dtype):
    p, y = np.array([0.0, 1.0, 0.0, 1.0, 0.5]), np.array([0.0, 1.0, 1.0, 0.0, 0.0])
    y = y.astype(dtype)
    testing.compare_with_torch(
        lambda p: F.binary_cross_entropy(p, y, reduction="none"),
        lambda p: torch.nn.functional.binary_cross_entropy(p, torch.tensor(y), reduction="none"),
        p.astype(dtype),
        atol=1e-7,
    )
    losses = F.binary_cross_entropy(p.astype(dtype), y, reduction="none").data
    assert losses[:4].tolist() == [0.0, 0.0, 100.0, 100.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("pos_weight", [None, 3.0])
def test_logits_of_any_size(torch, dtype, pos_weight):
    z = np.array([1000.0, -1000.0, 1000.0, -1000.0, 1e4, -1e4, 0.0, -0.0, 88.0, -104.0])
    y = np.array([1.0, 0.0, 0.0, 1.0, 0.5, 0.5, 1.0, 0.0, 0.0, 1.0])
    options = {"reduction": "none"}
    if pos_weight:
        options["pos_weight"] = np.array(pos_weight)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        compare(torch, "binary_cross_entropy_with_logits", [z, y], options, dtype)
    losses = F.binary_cross_entropy_with_logits(z, y, reduction="none").data
    assert losses[:4].tolist() == [0.0, 0.0, 1000.0, 1000.0]


@pytest.mark.parametrize("p", [[0.5, 1.1], [-0.1, 0.5], [np.nan, 0.5]])
def test_what_is_no_probability_is_refused(p):
    with pytest.raises(ValueError, match=r"probabilities in \[0, 1\].*_with_logits"):
        F.binary_cross_entropy(np.array(p), np.ones(2))


@pytest.mark.parametrize("name", ["binary_cross_entropy", "binary_cross_entropy_with_logits"])
@pytest.mark.parametrize("shape", [(3,), (4, 1, 1), (2, 3), (0,)])
def test_weights_never_enlarge_the_loss(name, shape):
    p = np.full((4, 1), 0.5)
    with pytest.raises(ValueError, match=rf"{name}: weight has shape .* not fit \(4, 1\)"):
        getattr(F, name)(p, p, weight=np.ones(shape))


def test_pos_weight_never_enlarges_the_loss():
    with pytest.raises(ValueError, match=r"pos_weight has shape \(4,\), which does not fit"):
        F.binary_cross_entropy_with_logits(np.ones((4, 1)), np.ones((4, 1)), pos_weight=np.ones(4))


# Classes as targets ------------------------------------------------------------------------


@st.composite
def class_shapes(draw):
    """(C,), (N, C) or (N, C, d₁, …), and the shape of its labels."""
    classes, more = draw(st.integers(1, 4)), draw(st.lists(st.integers(0, 3), max_size=2))
    n = draw(st.none() | st.integers(0, 4))
    return ((classes,), ()) if n is None else ((n, classes, *more), (n, *more))


def class_axis(shape):
    return min(1, len(shape) - 1)


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
@given(data=st.data())
@settings(max_examples=150)
def test_labels(torch, name, data):
    rng, (shape, label_shape) = generator(data.draw), data.draw(class_shapes())
    classes = shape[class_axis(shape)]
    options = {"reduction": data.draw(REDUCTIONS)}
    if data.draw(st.booleans()):
        options["weight"] = rng.uniform(0.1, 3, classes)
    if name == "cross_entropy":
        options["label_smoothing"] = data.draw(st.sampled_from([0.0, 0.1, 1.0]))
    labels = np.asarray(rng.integers(0, classes, label_shape))
    ignored = data.draw(st.sampled_from([None, -100, 0, 1, -1, 255]))
    if ignored is not None:
        options["ignore_index"] = ignored
        labels[rng.uniform(size=label_shape) < 0.3] = ignored
    if not label_shape and labels == ignored and options["reduction"] != "none":
        labels[...] = 0  # PyTorch says 0 for one example, and NaN for a batch of one
        options["ignore_index"] = -100
    compare(torch, name, [rng.normal(0, 2, shape), labels], options, data.draw(DTYPES))


@pytest.mark.parametrize("ignored", [0, 2, -1, -100, 7])
def test_ignored_labels_do_not_count(torch, rng, ignored):
    z, y = rng.normal(size=(4, 3)), np.array([0, ignored, 2, 1])
    compare(torch, "cross_entropy", [z, y], {"ignore_index": ignored}, np.float64)


@given(data=st.data())
@settings(max_examples=100)
def test_probabilities_as_targets(torch, data):
    rng, (shape, _) = generator(data.draw), data.draw(class_shapes())
    axis = class_axis(shape)
    target = rng.uniform(size=shape)
    target /= target.sum(axis, keepdims=True)
    options = {
        "reduction": data.draw(REDUCTIONS),
        "label_smoothing": data.draw(st.sampled_from([0.0, 0.2])),
    }
    if data.draw(st.booleans()):
        options["weight"] = rng.uniform(0.1, 3, shape[axis])
    arrays = [rng.normal(0, 2, shape), target]
    compare(torch, "cross_entropy", arrays, options, data.draw(DTYPES))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weight", [None, np.array([0.5, 1.0, 2.0])])
@pytest.mark.parametrize("rows", [0, 2])
def test_nothing_to_learn_from(torch, reduction, weight, rows):
    """Zero rows, or all of them ignored: the mean is 0 / 0, and the gradient 0."""
    z, y = np.ones((rows, 3)), np.full(rows, -100)
    options = {"reduction": reduction} | ({} if weight is None else {"weight": weight})
    for name in ("cross_entropy", "nll_loss"):
        compare(torch, name, [z, y], options, np.float64)
        logits = Tensor(z, requires_grad=True)
        loss = getattr(F, name)(logits, y, **options)
        loss.backward(np.ones(loss.shape))
        assert not logits.grad.any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("options", [{}, {"reduction": "none"}, {"weight": np.array([1.0, 2, 3])}])
def test_extreme_logits(torch, dtype, options):
    z = np.array([[1e4, -1e4, 0], [-1e4, 1e4, 0], [0, -np.inf, 1], [1e4, 1e4, 1e4], [0, 0, 1e4]])
    y = np.array([0, 0, 0, 1, 2])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        compare(torch, "cross_entropy", [z, y], options, dtype)


def test_a_label_that_cannot_be_costs_infinity(torch):
    z = np.array([[0.0, -np.inf], [0.0, 0.0]])
    with np.errstate(divide="ignore", invalid="ignore"):
        compare(torch, "cross_entropy", [z, np.array([1, 0])], {"reduction": "none"}, np.float64)
        assert F.cross_entropy(z, np.array([1, 0])).item() == np.inf


def test_the_fused_form_equals_the_general_one(rng):
    z, y = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    results = []
    for options in ({}, {"weight": np.ones(4)}, {"ignore_index": 99}):
        logits = Tensor(z, requires_grad=True)
        loss = F.cross_entropy(logits, y, **options)
        loss.backward()
        results.append(np.append(logits.grad, loss.item()))
    np.testing.assert_allclose(results[1], results[0], rtol=1e-12)
    np.testing.assert_allclose(results[2], results[0], rtol=1e-12)


def test_labels_may_be_tensors_of_any_integer_type(rng):
    z, y = rng.normal(size=(3, 4)), np.array([0, 3, 1])
    expected = F.cross_entropy(z, y).item()
    for labels in (Tensor(y), y.astype(np.int8), y.astype(np.uint8), y.astype(np.int32)):
        assert F.cross_entropy(z, labels).item() == expected


Z, Y = np.ones((4, 3)), np.array([0, 1, 2, 0])


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        ((Z, np.array([0, 1, 2, 3])), {}, ValueError,
         "target holds 3, but with 3 classes labels go from 0 to 2"),
        ((Z, np.array([0, -1, 2, 0])), {}, ValueError, "target holds -1"),
        ((Z, np.array([0, -1, 2, 9])), {"ignore_index": -1}, ValueError, "target holds 9"),
        ((Z, np.array([0, 7, 2, 0])), {"reduction": "none"}, ValueError, "target holds 7"),
        ((Z, Y[:, None]), {}, ValueError, r"int64 of shape \(4, 1\), but labels must be integers of shape \(4,\)"),
        ((Z, Y[:3]), {}, ValueError, r"int64 of shape \(3,\), but labels must be integers of shape \(4,\)"),
        ((Z, Y.astype(float)), {}, ValueError, r"float64 of shape \(4,\), but labels must be integ"),
        ((Z, np.ones((4, 2))), {}, ValueError, r"shape \(4, 2\), .* probabilities floats of shape \(4, 3"),
        ((Z, Y > 0), {}, TypeError, "integer labels or probabilities, not bool"),
        ((Z, Y.tolist()), {}, TypeError, "target must be a Tensor or a NumPy array, not list"),
        ((Z, None), {}, TypeError, "target must be a Tensor or a NumPy array, not NoneType"),
        ((None, Y), {}, TypeError, "input must be a Tensor or a NumPy array, not NoneType"),
        ((Z.astype(int), Y), {}, TypeError, "input holds int64; floats of one dtype are needed"),
        ((np.array(1.0), np.array(0)), {}, ValueError, "input has shape .*: no classes"),
        ((np.ones((4, 0)), Y), {}, ValueError, r"input has shape \(4, 0\): no classes"),
        ((Z, Y), {"weight": np.ones(4)}, ValueError, r"weight has shape \(4,\), expected \(3,\)"),
        ((Z, Y), {"weight": np.ones(3, np.float32)}, TypeError, "input holds float64, weight holds flo"),
        ((Z, Y), {"label_smoothing": 1.5}, ValueError, r"label_smoothing must be a number in \["),
        ((Z, Y), {"reduction": "avg"}, ValueError, "reduction must be 'mean', 'sum' or 'none'"),
    ],
)  # fmt: skip
def test_cross_entropy_says_what_is_wrong(arguments, options, error, words):
    with pytest.raises(error, match="^cross_entropy: .*" + words):
        F.cross_entropy(*arguments, **options)


def test_nll_wants_labels():
    with pytest.raises(TypeError, match="nll_loss: target must hold integer labels, not floats"):
        F.nll_loss(Z, Z)


# Counts as targets -------------------------------------------------------------------------


@given(data=st.data())
@settings(max_examples=100)
def test_poisson(torch, data):
    rng, shape = generator(data.draw), data.draw(SHAPES)
    options = {"reduction": data.draw(REDUCTIONS)}
    counts = rng.poisson(2, shape) * 1.0
    dtype = data.draw(DTYPES)
    z, y = rng.uniform(0.1, 2, shape).astype(dtype), np.asarray(counts).astype(dtype)
    testing.compare_with_torch(
        lambda z: F.poisson_nll_loss(z, y, **options),
        lambda z: torch.nn.functional.poisson_nll_loss(z, torch.tensor(y), **options),
        np.asarray(z),
        atol=1e-5 if dtype == np.float32 else 1e-9,
    )


# All of them -------------------------------------------------------------------------------

PAIRS = [
    "mse_loss", "l1_loss", "huber_loss", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "poisson_nll_loss",
]  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (
            (4, 1),
            (4,),
            r"input has shape \(4, 1\), but target has \(4,\).*write input\[\.\.\., 0\]",
        ),
        (
            (4,),
            (4, 1),
            r"input has shape \(4,\), but target has \(4, 1\).*write target\[\.\.\., 0\]",
        ),
        ((4,), (), r"input has shape \(4,\), but target has \(\)"),
        ((), (1,), r"input has shape \(\), but target has \(1,\)"),
        ((4, 3), (1, 3), r"input has shape \(4, 3\), but target has \(1, 3\)"),
    ],
)
def test_nothing_is_broadcast(name, x, y, words):
    with pytest.raises(ValueError, match=f"^{name}: {words}"):
        getattr(F, name)(np.full(x, 0.5), np.full(y, 0.5))


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize(
    ("target", "words"),
    [
        (
            np.ones(2, int),
            ".*target holds int64; floats of one dtype are needed: write array.astype",
        ),
        (np.ones(2, bool), ".*target holds bool"),
        (np.ones(2, np.float32), "input holds float64, target holds float32; floats of one dtype"),
        ([1.0, 1.0], "target must be a Tensor or a NumPy array, not list"),
        (1.0, "target must be a Tensor or a NumPy array, not float"),
        ("ones", "target must be a Tensor or a NumPy array, not str"),
        (None, "target must be a Tensor or a NumPy array, not NoneType"),
    ],
)
def test_types_of_targets(name, target, words):
    with pytest.raises(TypeError, match=f"^{name}: {words}"):
        getattr(F, name)(np.full(2, 0.5), target)


@pytest.mark.parametrize("name", [*PAIRS, "cross_entropy", "nll_loss"])
def test_unknown_reductions(name):
    target = Y if name in ("cross_entropy", "nll_loss") else np.full((4, 3), 0.5)
    with pytest.raises(ValueError, match=f"^{name}: reduction must be .* not 'average'"):
        getattr(F, name)(np.full((4, 3), 0.5), target, reduction="average")


@pytest.mark.parametrize("delta", [0, -1.0])
def test_delta_is_positive(delta):
    with pytest.raises(ValueError, match="huber_loss: delta must be a number above 0"):
        F.huber_loss(np.ones(2), np.ones(2), delta=delta)


W3 = np.array([0.5, 1.0, 2.0])
MODULES = [
    ("MSELoss", {"reduction": "sum"}), ("MSELoss", {}), ("L1Loss", {"reduction": "none"}),
    ("HuberLoss", {"delta": 0.3}), ("HuberLoss", {"reduction": "sum"}),
    ("BCELoss", {}), ("BCELoss", {"weight": W3}), ("BCEWithLogitsLoss", {"pos_weight": W3}),
    ("BCEWithLogitsLoss", {"weight": W3, "reduction": "sum"}),
    ("PoissonNLLLoss", {"log_input": True, "full": False}), ("PoissonNLLLoss", {"eps": 1e-8}),
    ("NLLLoss", {"weight": W3}), ("NLLLoss", {"ignore_index": 1}),
    ("CrossEntropyLoss", {"weight": W3, "label_smoothing": 0.1}),
    ("CrossEntropyLoss", {"ignore_index": 0, "reduction": "sum"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), MODULES)
def test_modules_equal_torch(torch, rng, name, options):
    ours = getattr(nn, name)(**options)
    theirs = getattr(torch.nn, name)(
        **{k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    )
    y = Y if name in ("NLLLoss", "CrossEntropyLoss") else rng.uniform(0.1, 0.9, (4, 3))
    x = rng.uniform(0.1, 0.9, (4, 3))
    testing.compare_with_torch(
        lambda x: ours(x, y), lambda x: theirs(x, torch.tensor(y)), x, atol=1e-12
    )


def test_modules_check_their_reduction_when_made():
    with pytest.raises(ValueError, match="MSELoss: reduction must be"):
        nn.MSELoss(reduction="average")


# Weights of entries, and a count's other forms


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_weights_of_entries(torch, rng, name, reduction):
    arrays = [rng.normal(size=(3, 2)), rng.normal(size=(3, 2))]
    w = rng.uniform(0.5, 2, size=(3, 2))
    theirs = getattr(torch.nn.functional, name)
    testing.compare_with_torch(
        lambda a, b: getattr(F, name)(a, b, reduction=reduction, weight=w),
        lambda a, b: theirs(a, b, reduction=reduction, weight=torch.tensor(w)),
        *arrays,
    )
    with pytest.raises(ValueError, match="weight"):
        getattr(F, name)(*arrays, weight=w[0])


@pytest.mark.parametrize("log_input", [True, False])
@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("eps", [1e-8, 0.1])
def test_all_forms_of_a_count(torch, rng, log_input, full, eps):
    z, y = rng.normal(size=8), rng.poisson(2.0, size=8).astype(float)
    options = {"log_input": log_input, "full": full, "eps": eps}
    arrays = [z if log_input else np.exp(z)]
    theirs = torch.nn.functional.poisson_nll_loss
    testing.compare_with_torch(
        lambda a: F.poisson_nll_loss(a, y, **options),
        lambda a: theirs(a, torch.tensor(y), **options),
        *arrays,
    )
    same = nn.PoissonNLLLoss(**options)(arrays[0], y).item()
    assert same == F.poisson_nll_loss(arrays[0], y, **options).item()
