"""What is saved comes back the same, without pickle; models go to PyTorch and back."""

import math
import os
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import nnlib
from nnlib import Tensor, nn, optim
from nnlib.serialize import from_torch, load, save, to_torch

arrays = npst.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_]),
    npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | arrays
)  # fmt: skip
nests = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.integers(0, 9) | st.text("ab./é'", max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def same(a, b):
    assert type(a) is type(b)
    if isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            same(a[key], b[key])
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    elif isinstance(a, np.ndarray):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert a.tobytes() == b.tobytes()
    else:
        assert a == b or (math.isnan(a) and math.isnan(b))


@given(nest=nests)
def test_every_nest_comes_back_the_same(tmp_path_factory, nest):
    path = tmp_path_factory.mktemp("save") / "nest.npz"
    save(nest, path)
    same(load(path), nest)


def test_options_of_torchs_load_change_nothing(tmp_path):
    nnlib.save({"w": np.ones(2)}, tmp_path / "model.pth")
    for options in ({"map_location": "cpu"}, {"weights_only": True}, {"weights_only": False}):
        assert nnlib.load(tmp_path / "model.pth", **options)["w"].tolist() == [1, 1]
    with pytest.raises(TypeError, match="load: map_location='cuda' is not offered"):
        nnlib.load(tmp_path / "model.pth", map_location="cuda")


def test_tensors_and_scalars_come_back_plain(tmp_path):
    save([Tensor([1.0]), nn.Parameter([2.0]), np.float32(0.1), np.int64(3)], tmp_path / "a")
    a, b, c, d = load(tmp_path / "a")
    same(a, np.array([1.0], np.float32))
    same(b, np.array([2.0], np.float32))
    same((c, d), (float(np.float32(0.1)), 3))


def test_a_state_dict_is_an_npz_file_that_numpy_reads(tmp_path):
    model = nn.MLP([2, 3, 1])
    nnlib.save(model.state_dict(), tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz", allow_pickle=False) as file:
        for key, value in model.state_dict().items():
            same(file[key], value)
    other = nn.MLP([2, 3, 1])
    other.load_state_dict(nnlib.load(tmp_path / "model.npz"))
    same(other.state_dict(), model.state_dict())


def test_an_npz_file_of_numpys_is_a_dict(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(3), y=np.eye(2))
    same(load(tmp_path / "a.npz"), {"x": np.arange(3), "y": np.eye(2)})


def test_the_same_state_gives_the_same_bytes(tmp_path):
    state = nn.MLP([2, 3, 1]).state_dict()
    save(state, tmp_path / "a")
    save(state, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        ({"a": {1, 2}}, "save: a is of type set"),
        ({"a": [1, {"b": 1j}]}, "save: a/1/b is of type complex"),
        (np.array(["text"]), "save: obj is of type ndarray"),
        (np.array([None]), "save: obj is of type ndarray"),
        ({(1, 2): 3}, "save: obj is of type dict"),
        (nn.Linear(2, 1), r"save: obj is of type Linear: save its state_dict\(\)"),
    ],
)
def test_what_cannot_be_saved_is_named_and_the_old_file_stays(tmp_path, obj, words):
    save([1], tmp_path / "a")
    with pytest.raises(TypeError, match=words):
        save(obj, tmp_path / "a")
    assert load(tmp_path / "a") == [1]


def test_an_interruption_leaves_the_old_file_whole(tmp_path, monkeypatch):
    save([1], tmp_path / "a")

    def full(*_, **__):
        raise OSError("no space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", full)
    with pytest.raises(OSError, match="no space"):
        save([2], tmp_path / "a")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert load(tmp_path / "a") == [1]


class Harmful:
    def __reduce__(self):
        return os.putenv, ("NNLIB_PICKLE_RAN", "1")


def test_no_pickle_is_opened(tmp_path):
    np.savez(tmp_path / "bad.npz", x=np.array([Harmful()], dtype=object))
    np.save(tmp_path / "bad.npy", np.array([Harmful()], dtype=object), allow_pickle=True)
    for name in ("bad.npz", "bad.npy"):
        with pytest.raises(ValueError, match=f"load: .*{name} is not a whole file"):
            load(tmp_path / name)


@given(cut=st.integers(0, 500), flip=st.integers(0, 2000))
def test_a_damaged_file_is_refused_or_right(tmp_path_factory, cut, flip):
    path = tmp_path_factory.mktemp("save") / "a.npz"
    nest = {"w": np.arange(20.0), "step": 3}
    save(nest, path)
    whole = path.read_bytes()
    bent = bytearray(whole)
    bent[flip % len(bent)] ^= 0x55
    for content in (whole[: cut % len(whole)], bytes(bent), b"text", b""):
        path.write_bytes(content)
        try:
            got = load(path)
        except ValueError as error:
            assert "is not a whole file" in str(error)
        else:
            same(got, nest)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "missing.npz")


def test_an_optimizers_state_goes_on(tmp_path):
    def run(steps, state=None):
        model = nn.MLP([2, 3, 1], generator=np.random.default_rng(0))
        optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        if state:
            model.load_state_dict(state["model"])
            optimizer.load_state_dict(state["optimizer"])
        for _ in range(steps):
            optimizer.zero_grad()
            (model(np.ones((4, 2), np.float32)) ** 2).sum().backward()
            optimizer.step()
        return {"model": model.state_dict(), "optimizer": optimizer.state_dict()}

    save(run(3), tmp_path / "a")
    same(run(2, load(tmp_path / "a")), run(5))


# To PyTorch and back -------------------------------------------------------------------------

X, IMAGES, STEPS, WORDS = (4, 6), (4, 2, 8, 8), (4, 5, 6), None
MODELS = {
    "mlp": (lambda: nn.MLP([6, 5, 3]), X),
    "no bias": (lambda: nn.Sequential(nn.Linear(6, 3, bias=False), nn.Identity()), X),
    "named": (
        lambda: nn.Sequential(OrderedDict(first=nn.Linear(6, 2), last=nn.Sequential(nn.Tanh()))),
        X,
    ),
    "activations": (
        lambda: nn.Sequential(
            nn.ELU(0.7), nn.SELU(), nn.GELU(), nn.LeakyReLU(0.2), nn.SiLU(), nn.Softplus(2.0, 15),
            nn.Sigmoid(), nn.LogSigmoid(), nn.Softmax(dim=1), nn.LogSoftmax(dim=-1),
        ),
        X,
    ),
    "norms": (
        lambda: nn.Sequential(
            nn.BatchNorm1d(6, eps=1e-3, momentum=0.3), nn.BatchNorm1d(6, affine=False),
            nn.BatchNorm1d(6, momentum=None), nn.BatchNorm1d(6, track_running_stats=False),
            nn.LayerNorm(6, eps=1e-2), nn.LayerNorm(6, elementwise_affine=False),
            nn.LayerNorm(6, bias=False), nn.Dropout(0.0),
        ),
        X,
    ),
    "images": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 3, 3, stride=2, padding=1), nn.BatchNorm2d(3),
            nn.Conv2d(3, 4, (5, 3), padding="same", bias=False), nn.MaxPool2d(2),
            nn.AvgPool2d(2, stride=1), nn.Flatten(),
        ),
        IMAGES,
    ),
    "signals": (
        lambda: nn.Sequential(nn.Conv1d(5, 2, 3, padding=2), nn.MaxPool1d(2), nn.AvgPool1d(2)),
        STEPS,
    ),
    "words": (lambda: nn.Sequential(nn.Embedding(10, 3), nn.Flatten(1)), WORDS),
}  # fmt: skip


def given_input(shape):
    rng = np.random.default_rng(0)
    return rng.integers(0, 10, (4, 5)) if shape is None else rng.normal(size=shape)


def outputs(torch, ours, theirs, shape):
    x = given_input(shape)
    dtype = next((p.dtype for p in ours.parameters()), np.dtype(np.float64))
    x = x.astype(dtype) if x.dtype.kind == "f" else x
    return ours(Tensor(x)).data, theirs(torch.tensor(x)).detach().numpy()


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("training", [True, False])
def test_there_and_back(torch, name, training):
    make, shape = MODELS[name]
    model = make().double().train(training)
    for p in model.parameters():  # not the values that any layer starts from
        p.data = np.random.default_rng(1).normal(size=p.shape)
    twin = to_torch(model)
    same({k: v.numpy() for k, v in twin.state_dict().items()}, model.state_dict())
    back = from_torch(twin)
    same(back.state_dict(), model.state_dict())
    for other in (model, back):
        ours, theirs = outputs(torch, other, to_torch(model), shape)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)
    assert all(m.training is training for m in [*twin.modules(), *back.modules()])


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_recurrent_layers(torch, kind):
    layer = getattr(nn, kind)(6, 3, num_layers=2, batch_first=True, bidirectional=True).double()
    twin = to_torch(layer)
    x = given_input(STEPS)
    theirs = twin(torch.tensor(x))[0].detach().numpy()
    for ours in (layer, from_torch(twin)):
        np.testing.assert_allclose(ours(Tensor(x))[0].data, theirs, rtol=0, atol=1e-9)
    cell = getattr(nn, f"{kind}Cell")(6, 3, bias=False)
    same(from_torch(to_torch(cell)).state_dict(), cell.state_dict())


def test_lists_and_dicts_of_modules(torch):
    model = nn.ModuleDict(
        {"a": nn.ModuleList([nn.Linear(2, 1), nn.ReLU()]), "b": nn.MLP([1, 2])}
    )  # fmt: skip
    twin = to_torch(model)
    assert type(twin["b"]) is torch.nn.Sequential
    assert list(twin.state_dict()) == list(model.state_dict())
    same(from_torch(twin).state_dict(), model.state_dict())


def test_a_shared_layer_stays_shared(torch):
    layer = nn.Linear(3, 3)
    model = nn.Sequential(layer, nn.ReLU(), layer)
    twin = to_torch(model)
    assert twin[0] is twin[2]
    assert twin[0] is not twin[1]
    back = from_torch(twin)
    assert back[0] is back[2]
    assert len(list(back.parameters())) == 2


def test_dtype_and_what_is_trained_go_along(torch):
    model = nn.MLP([2, 3, 1])
    model[0].weight.requires_grad = False
    for twin in (to_torch(model), to_torch(model.double())):
        assert [p.requires_grad for p in twin.parameters()] == [False, True, True, True]
        assert [p.requires_grad for p in from_torch(twin).parameters()] == [False, True, True, True]
    assert twin[0].weight.dtype == torch.float64
    assert from_torch(twin)[0].weight.dtype == np.float64
    twin[0].weight.data.zero_()
    assert model[0].weight.data.any()  # nothing is shared


def test_memory_saving_options_of_torchs_do_not_matter(torch):
    twin = from_torch(torch.nn.Sequential(torch.nn.ReLU(inplace=True), torch.nn.Dropout(0.3, True)))
    assert twin[1].p == 0.3


def test_what_has_no_twin_is_named(torch):
    class Net(nn.Module):
        pass

    class Linear(nn.Module):
        pass

    for model, words in [
        (Net(), "Net is not a layer of both libraries"),
        (nn.Sequential(nn.ReLU(), Linear()), "Linear is not a layer of both"),
        (nn.Sequential(nn.Neuron(2)), "Neuron is not a layer of both"),
    ]:
        with pytest.raises(TypeError, match=words):
            to_torch(model)
    with pytest.raises(TypeError, match="Bilinear is not a layer of both"):
        from_torch(torch.nn.Sequential(torch.nn.Bilinear(2, 2, 2)))
    with pytest.raises(TypeError, match="ConvTranspose2d: padding_mode="):
        layer = torch.nn.ConvTranspose2d(1, 1, 3)
        layer.padding_mode = "reflect"
        from_torch(layer)


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda nn: nn.Conv2d(2, 4, 3, dilation=(2, 1), groups=2, padding_mode="reflect", padding=1),
         (1, 2, 6, 6)),
        (lambda nn: nn.ConvTranspose2d(4, 2, 3, 2, 1, 1, groups=2), (1, 4, 3, 3)),
        (lambda nn: nn.GroupNorm(2, 4), (2, 4, 3)),
        (lambda nn: nn.AdaptiveAvgPool2d((1, None)), (1, 2, 5, 4)),
        (lambda nn: nn.Upsample(scale_factor=2), (1, 2, 3, 3)),
        (lambda nn: nn.GELU("tanh"), (3, 2)),
    ],
)  # fmt: skip
def test_a_layer_and_its_twin(torch, rng, make, shape):
    x = rng.normal(size=shape)
    ours = make(nn).double()
    there = to_torch(ours)
    expected = there(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(ours(x).data, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(from_torch(there)(x).data, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda nn, w: nn.CrossEntropyLoss(w, label_smoothing=0.1),
        lambda nn, w: nn.NLLLoss(w),
        lambda nn, w: nn.BCELoss(w),
        lambda nn, w: nn.BCEWithLogitsLoss(pos_weight=w),
    ],
)
def test_a_losss_weight_is_taken_along(torch, make):
    w = np.array([1.0, 2.0, 0.5])
    ours, theirs = make(nn, w), make(torch.nn, torch.tensor(w))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for twin in (to_torch(ours), from_torch(theirs)):
        for key, value in twin.state_dict().items():
            np.testing.assert_array_equal(np.asarray(value), w, err_msg=key)
    (key,) = ours.state_dict()
    assert getattr(ours.float(), key).dtype == np.float32
    assert list(ours.parameters()) == []
