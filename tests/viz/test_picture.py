"""How a stored picture travels."""

from base64 import b64decode
from io import BytesIO

import pytest
from PIL import Image

from nnlib.viz.picture import picture_bundle


def test_one_output_for_everyone() -> None:
    png = BytesIO()
    Image.new("RGB", (3, 2), "#0072B2").save(png, "png")
    data, metadata = picture_bundle(png.getvalue(), alt='A "line" & z < 0')
    stored = Image.open(BytesIO(b64decode(data["image/png"]))).convert("RGB")
    assert stored.size == (3, 2) and stored.getpixel((0, 0)) == (0, 0x72, 0xB2)
    assert data["text/plain"] == 'A "line" & z < 0'
    assert data["text/html"].startswith('<img alt="A &quot;line&quot; &amp; z &lt; 0" src="data:')
    assert data["image/png"] in data["text/html"]
    assert metadata == {"image/png": {"alt": 'A "line" & z < 0'}}


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_picture_without_words_is_refused(alt: str) -> None:
    with pytest.raises(ValueError, match="say in words"):
        picture_bundle(b"", alt)
