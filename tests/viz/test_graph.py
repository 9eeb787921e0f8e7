"""Computational graphs as SVG."""

import re
from base64 import b64decode
from xml.etree import ElementTree

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib import nn, ops, viz
from nnlib.autodiff import trace

SVG = "{http://www.w3.org/2000/svg}"


def toy():
    return trace(lambda a, b: (a + b) * (b + 1), 2, 1)


def words(drawing):
    return [t.text for t in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text")]


def test_the_scalar_graph_shows_values_gradients_and_local_derivatives():
    drawing = viz.computational_graph(toy())
    found = words(drawing)
    assert [w for w in found if w in "ab1+×"].count("+") == 2
    for text in ("a", "b", "×", "2", "u1 = 3", "u2 = 2", "u3 = 6", "∂ 2", "∂ 5", "∂ 3", "∂ 1"):
        assert text in found
    root = ElementTree.fromstring(drawing.svg)
    edges = [p for p in root.iter(f"{SVG}path") if p.get("marker-end")]
    assert len(edges) == 6
    assert len(list(root.iter(f"{SVG}polygon"))) == 3
    rects = list(root.iter(f"{SVG}rect"))[1:]  # the first one is the paper
    assert [r.get("rx") for r in rects] == ["17", "17", "0"]
    assert [r.get("stroke-dasharray") for r in rects] == [None, None, "4 3"]


def test_the_tensor_graph_shows_shapes_and_parameters():
    model, y = nn.MLP([2, 3, 2]).double(), np.array([0, 1])
    forward = model.forward
    model.forward = lambda X: F.cross_entropy(forward(X), y)
    t = trace(model, np.ones((2, 2)))
    found = words(viz.computational_graph(t))
    for text in (
        "X",
        "(2, 2)",
        "0.weight",
        "(3, 2)",
        "(3)",
        "linear",
        "u1 (2, 3)",
        "cross_entropy",
    ):
        assert text in found
    assert not any(w.startswith("∂") and w != "∂ 1" for w in found)


def test_everything_is_within_the_picture():
    t = trace(
        lambda x, W, v: (ops.exp(x @ W) @ v) * x.sum(), [1.0, 2], np.ones((2, 3)), [1.0, 2, 3]
    )
    root = ElementTree.fromstring(viz.computational_graph(t).svg)
    width, height = float(root.get("width")), float(root.get("height"))
    assert root.get("viewBox") == f"0 0 {width:.0f} {height:.0f}"
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.get("x")), float(text.get("y"))
        half = 0.35 * float(text.get("font-size")) * len(text.text)
        assert half <= x <= width - half or text.get("text-anchor") == "end"
        assert 0 < y < height
    for path in root.iter(f"{SVG}path"):
        if path.get("marker-end"):
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.get("d"))]
            assert min(numbers) >= 0 and max(numbers[::2]) <= width and max(numbers[1::2]) <= height


def test_both_edges_of_a_square_can_be_seen():
    root = ElementTree.fromstring(viz.computational_graph(trace(lambda x: x * x, 3.0)).svg)
    edges = [p.get("d") for p in root.iter(f"{SVG}path") if p.get("marker-end")]
    assert len(edges) == len(set(edges)) == 2


def test_a_picture_is_the_same_each_time_and_has_names_of_its_own():
    assert viz.computational_graph(toy()).svg == viz.computational_graph(toy()).svg
    other = viz.computational_graph(trace(lambda a: a * 2, 1.0))
    ids = [set(re.findall(r'id="([^"]+)"', d.svg)) for d in (viz.computational_graph(toy()), other)]
    assert len(ids[0]) == 3 and not ids[0] & ids[1]
    assert all(f'url(#{i})"' in other.svg for i in ids[1] if i.startswith("arrow"))


def test_a_reader_who_cannot_see_gets_words():
    drawing = viz.computational_graph(toy())
    assert drawing.alt.startswith("Computational graph. a = 2, gradient 2; b = 1, gradient 5; u1 =")
    root = ElementTree.fromstring(drawing.svg)
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert desc.text == drawing.alt == repr(drawing)
    own = viz.computational_graph(toy(), alt='c = a + b < 4 & "so on"')
    assert ElementTree.fromstring(own.svg).find(f"{SVG}desc").text == 'c = a + b < 4 & "so on"'
    assert "&lt; 4 &amp; &quot;so on&quot;" in own._repr_mimebundle_()["text/html"]


def test_a_notebook_shows_it():
    drawing = viz.computational_graph(toy())
    bundle = drawing._repr_mimebundle_()
    assert bundle["image/svg+xml"] == drawing.svg and bundle["text/plain"] == drawing.alt
    (code,) = re.findall(r"base64,([^\"]+)", bundle["text/html"])
    assert b64decode(code).decode() == drawing.svg


def test_names_are_escaped():
    model = nn.Module()
    setattr(model, "w<1 & 2", nn.Parameter([2.0]))
    model.forward = lambda x: x * getattr(model, "w<1 & 2")
    t = trace(model, np.float32(1.0))
    assert "w<1 & 2" in words(viz.computational_graph(t))


def test_too_many_nodes_are_refused():
    def chain(x):
        for _ in range(100):
            x = x + 1
        return x

    with pytest.raises(ValueError, match="201 nodes are too many for one picture"):
        viz.computational_graph(trace(chain, 0.0))
