"""The transformer's encoder against PyTorch, with every option."""

import numpy as np
import pytest

from nnlib import nn, testing


def filled(ours, theirs):
    """Both with the same random parameters."""
    assert list(ours.state_dict()) == list(theirs.state_dict())
    testing.copy_weights(ours, theirs)
    return ours, theirs


def compared(torch, ours, theirs, x, **masks):
    given = {name: torch.tensor(m) for name, m in masks.items()}
    testing.compare_with_torch(
        lambda x: ours(x, **masks), lambda x: theirs(x, **given), x, atol=1e-8
    )
    for key, p in theirs.named_parameters():
        got = dict(ours.named_parameters())[key].grad
        np.testing.assert_allclose(got, p.grad.numpy(), rtol=1e-7, atol=1e-9, err_msg=key)


@pytest.mark.parametrize(
    "options",
    [
        {}, {"norm_first": True}, {"activation": "gelu"}, {"batch_first": True}, {"bias": False},
        {"layer_norm_eps": 0.1},
    ],
)  # fmt: skip
@pytest.mark.parametrize("masked", [True, False])
def test_a_layer_equals_torch(torch, rng, options, masked):
    made = (4, 2, 6, 0.0)
    ours, theirs = filled(
        nn.TransformerEncoderLayer(*made, **options, dtype=np.float64),
        torch.nn.TransformerEncoderLayer(*made, **options, dtype=torch.float64),
    )
    x = rng.normal(size=(3, 3, 4))
    masks = {}
    if masked:
        ended = np.zeros((3, 3), bool)
        ended[1, 2] = True
        masks = {"src_mask": np.triu(np.ones((3, 3), bool), 1), "src_key_padding_mask": ended}
    compared(torch, ours, theirs, x, **masks)


@pytest.mark.parametrize("norm", [True, False])
def test_an_encoder_equals_torch(torch, rng, norm):
    def encoder(library, dtype):
        layer = library.TransformerEncoderLayer(4, 2, 6, 0.0, batch_first=True, dtype=dtype)
        last = library.LayerNorm(4, dtype=dtype) if norm else None
        return library.TransformerEncoder(layer, 2, last, enable_nested_tensor=False)

    ours, theirs = filled(encoder(nn, np.float64), encoder(torch.nn, torch.float64))
    x = rng.normal(size=(2, 3, 4))
    compared(torch, ours, theirs, x, mask=np.triu(np.ones((3, 3), bool), 1))
    a, b = (layer.linear1.weight for layer in ours.layers)
    assert a is not b


def test_dropout_in_training_alone(rng):
    layer = nn.TransformerEncoderLayer(4, 2, 6, 0.5, dtype=np.float64)
    x = rng.normal(size=(3, 2, 4))
    assert not np.allclose(layer(x).data, layer(x).data)
    layer.eval()
    np.testing.assert_array_equal(layer(x).data, layer(x).data)


def test_errors():
    with pytest.raises(
        ValueError, match="activation must be 'relu', 'gelu' or a function, not 'x'"
    ):
        nn.TransformerEncoderLayer(4, 2, activation="x")
    with pytest.raises(TypeError, match="encoder_layer must be a module"):
        nn.TransformerEncoder(None, 2)
