"""test_fuzz_layers.py for what stands around the layers: training, data and the classical models."""

import inspect

import numpy as np
import pytest
from fuzzing import ODD, SAID, array, explained, many, options
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib
from nnlib import Tensor, autodiff, classical, data, nn, optim, testing, train
from nnlib.nn import init, penalties

try:
    import torch
except ImportError:
    torch = None

pytestmark = [pytest.mark.usefixtures("torch"), pytest.mark.filterwarnings("ignore")]

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
@settings(max_examples=60)
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
    except SAID as error:
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
@settings(max_examples=60)
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
        except SAID as error:
            assert library is optim, f"{name} takes {given}, PyTorch does not: {error!r}"
            return explained(error, name, given)
        rates.append(optimizer.param_groups[0]["lr"])
    np.testing.assert_allclose(*rates, rtol=1e-9)


INITS = {
    "constant_": {"val": [0.0, 2.5]}, "zeros_": {},
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
@settings(max_examples=60)
def test_initializers(name, data):
    shape = data.draw(st.lists(st.integers(0, 3), max_size=3).map(tuple))
    given = options(data.draw, **INITS[name])
    if name == "constant_":
        given.setdefault("val", 1.0)
    w = data.draw(st.sampled_from([nn.Parameter(np.ones(shape))] * 4 + [np.ones(shape), 3, None]))
    try:
        result = getattr(init, name)(w, **given)
    except SAID as error:
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
        given |= options(data.draw, norm_type=[2.0], error_if_nonfinite=[False])
    g = np.array([3.0, -4.0])
    ours, theirs = Tensor(g, requires_grad=True), torch.tensor(g, requires_grad=True)
    ours.grad, theirs.grad = g.copy(), torch.tensor(g)
    try:
        getattr(nn.utils, name)([ours], **given)
    except SAID as error:
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
    if name in ("l1_penalty", "l2_penalty", "proximal_l1_", "max_norm_") and data.draw(
        st.booleans()
    ):
        x = [Tensor(x)] if isinstance(x, np.ndarray) else x
    given = {k: data.draw(st.sampled_from(v) | ODD) for k, v in PENALTIES[name].items()}
    try:
        getattr(penalties, name)(x, **given)
    except SAID as error:
        explained(error, name, ["input", "target", "parameters", "u", *given])


SCALERS = {
    "StandardScaler": {}, "MinMaxScaler": {"feature_range": [(0, 1), (-1, 2.0)]},
    "Whitening": {},
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
    except SAID as error:
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
    except SAID as error:
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
    except SAID as error:
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
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
@given(data_=st.data())
@settings(max_examples=60)
def test_sets_and_helpers(name, data_):
    given = {"tensor": [0], "images": np.ones((2, 2))}
    given = {
        k: v for k, v in given.items() if k in inspect.signature(getattr(data, name)).parameters
    } | options(data_.draw, **MADE[name])
    try:
        getattr(data, name)(**given)
    except SAID as error:
        explained(error, name, given)


A, ONE = np.array([[1.0, 2.0], [2.0, 5.0]]), np.ones(2)
PATTERNS, LABELS = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]


SCHEDULE = optim.lr_scheduler.StepLR(optim.SGD([Tensor([1.0])]), 1)


def square(w):
    return (w * w).sum()


def net():
    return nn.MLP([2, 3, 1])


def run(epochs=1, **given):
    """One short training, with one thing of ours in place of another."""
    model = net()
    parts = {"model": model, "loss": nn.MSELoss(),
             "optimizer": optim.SGD(model.parameters(), lr=0.1)}  # fmt: skip
    return train.fit(**{**parts, "epochs": epochs, **given})


# Each with arguments that are right; one of them is replaced by an odd one.
CALLS = {
    "backtracking": (optim.backtracking,
                     {"f": square, "w": ONE, "g": 2 * ONE, "eta": 1, "c": 1e-4, "shrink": 0.5}),
    "newton_step": (optim.newton_step, {"w": ONE, "g": ONE, "H": A}),
    "power_iteration": (optim.power_iteration,
                        {"H": A, "steps": 9, "tolerance": 0.1, "generator": None}),
    "step_is_small": (optim.step_is_small, {"w": ONE, "before": ONE, "tolerance": 0.1}),
    "gradient_is_small": (optim.gradient_is_small, {"g": ONE, "tolerance": 0.1}),
    "trace": (lambda f, x: autodiff.trace(f, x), {"f": square, "x": 3}),
    "jacobian": (autodiff.jacobian, {"func": square, "inputs": ONE}),
    "hessian": (autodiff.hessian, {"func": square, "inputs": ONE, "eps": 1e-5}),
    "numerical_jacobian": (autodiff.numerical_jacobian,
                           {"func": square, "inputs": ONE, "eps": 1e-6}),
    "gradcheck": (testing.gradcheck, {"function": lambda *x: square(x[0]), "inputs": [ONE],
                                      "eps": 1e-6, "atol": 1e-5, "rtol": 1e-3}),
    "EarlyStopping": (train.EarlyStopping, {"patience": 2, "monitor": "loss", "min_delta": 0.0,
                                            "restore_best": True}),
    "Checkpoint": (train.Checkpoint, {"path": "a.npz"}),
    "Schedule": (train.Schedule, {"scheduler": SCHEDULE, "monitor": None}),
    "LayerStatistics": (train.LayerStatistics, {"x": 0, "y": 0, "loss": square}),
    "fit": (run, {"epochs": 1, "model": net(), "loss": nn.MSELoss(), "progress": False,
                  "optimizer": optim.SGD([Tensor([1.0])]), "resume": None, "callbacks": (),
                  "batches": [(np.ones((4, 2), np.float32), np.zeros((4, 1), np.float32))],
                  "validation": None, "metrics": None}),
    "evaluate": (train.evaluate, {"model": net(), "batches": [(np.ones((4, 2), np.float32), 0.0)],
                                  "loss": lambda y, target: y.sum(), "metrics": None}),
    "accuracy": (train.accuracy, {"output": A, "target": [0, 1]}),
    "load": (nnlib.load, {"f": "not there.npz"}),
    "manual_seed": (nnlib.manual_seed, {"seed": 1}),
    "heaviside": (classical.heaviside, {"z": ONE}),
    "mcp": (classical.mcp, {"x": ONE, "w": ONE, "theta": 1}),
    "mistake_bound": (classical.mistake_bound,
                      {"X": PATTERNS, "y": LABELS, "w": [2, 2], "b": -3}),
    "perceptron_steps": (lambda **given: list(classical.perceptron_steps(**given)),
                         {"X": PATTERNS, "y": LABELS, "epochs": 2}),
    "linear_discriminant": (classical.linear_discriminant,
                            {"m0": ONE, "m1": 2 * ONE, "covariance": A, "prior": 0.5}),
    "polynomial_features": (classical.polynomial_features, {"X": A, "degree": 2}),
    "polynomial_count": (classical.polynomial_count, {"d": 2, "degree": 2}),
    "MarkIPerceptron": (lambda n_pixels, n_association, fan_in, images, labels:
                        classical.MarkIPerceptron(n_pixels, n_association, fan_in)
                        .fit(images, labels, 2).predict(images),
                        {"n_pixels": 2, "n_association": 4, "fan_in": 1, "images": [[0, 1], [1, 0]],
                         "labels": [0, 1]}),
    "truth_table": (data.truth_table, {"name": "and"}),
    "make_moons": (data.make_moons, {"n_samples": 4, "noise": 0.1, "generator": None}),
    "make_spirals": (data.make_spirals, {"n_samples": 4, "noise": 0.1, "generator": None}),
    "ring_of_gaussians": (data.ring_of_gaussians,
                          {"n_samples": 4, "modes": 3, "radius": 1.0, "std": 0.1}),
    "tiny_grammar": (data.tiny_grammar, {"names": ["ana"], "verb": "likes"}),
    "make_flats": (data.make_flats, {"n_samples": 4, "noise": 0.1, "generator": None}),
    "make_first_sign": (data.make_first_sign, {"n_samples": 4, "length": 3, "noise": 0.1}),
    "load_digits_split": (data.load_digits_split, {"dtype": np.float32}),
    "read_idx": (data.read_idx, {"path": "not there"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_one_thing_is_odd(name, data):
    call, given = CALLS[name]
    odd = data.draw(st.sampled_from(sorted(given)))
    given = given | {odd: data.draw(ODD)}
    try:
        call(**given)
    except (*SAID, OSError, FloatingPointError) as error:
        if not isinstance(error, OSError | FloatingPointError):
            explained(error, name, [odd, "images", "batches"])
