"""What a student may type, and what is said about the rest; nothing typed is ever run."""

import numpy as np
import pytest

from nnlib.autodiff import numerical_jacobian
from nnlib.course.lessons.lesson_11a_graphs_and_paths.expression import LETTERS, parsed, traced
from nnlib.nn import functional as F


def test_values_and_gradients_of_the_toy_graph():
    tape = traced("(a + b) * (b + 1)", 2, 1, 0)
    assert tape.nodes[-1].value == 6
    assert (tape["a"].gradient, tape["b"].gradient) == (2, 5)


@pytest.mark.parametrize(
    "expression, value",
    [
        ("a + b - c", 4.5),
        ("a * b / c", -6),
        ("-a", -2),
        ("+a * 1", 2),
        ("a**2", 4),
        ("c**-1", -2),
        ("a**(1/2)", 2**0.5),
        ("2*3 + a", 8),
        ("relu(c) + a", 2),
        ("exp(log(a)) + sigmoid(0) * c", 1.75),
    ],
)
def test_arithmetic(expression: str, value: float):
    assert traced(expression, 2.0, 1.5 if "/ c" in expression else 2.0, -0.5).nodes[-1].value == (
        pytest.approx(value)
    )


def test_gradients_are_those_of_finite_differences():
    tape = traced("tanh(a * b) / (c**2 + 1) + exp(-a) * log(b) + sigmoid(c)", 1.5, 2.5, -0.5)

    def f(x):
        a, b, c = x[0], x[1], x[2]
        return F.tanh(a * b) / (c**2 + 1) + (-a).exp() * b.log() + F.sigmoid(c)

    expected = numerical_jacobian(f, np.array([1.5, 2.5, -0.5]))
    found = [tape[name].gradient for name in "abc"]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_what_is_written_twice_is_computed_once():
    tape = traced("(a * b + a * b) * (a * b)", 1, 2, 0)
    assert [node.op for node in tape if node.kind == "operation"] == ["mul", "add", "mul"]
    assert tape["a"].gradient == 16


@pytest.mark.parametrize(
    "typed, words",
    [
        ("", "cannot be read"),
        ("a +", "cannot be read"),
        ("a\x00", "cannot be read"),
        ("x + 1", "there is no x"),
        ("sin(a)", "there is no function sin"),
        ("a^2", "two stars"),
        ("a**b", "exponent"),
        ("a", "no operation"),
        ("1 + 2", "nothing to differentiate by"),
        ("a + 5000", "−1000 to 1000"),
        ("a + 1e999", "−1000 to 1000"),
        ("a + True", "not known here"),
        ("a + 2j", "not known here"),
        ("'a' * a", "not known here"),
        ("[a][0]", "not known here"),
        ("a if a else b", "not known here"),
        ("(lambda: a)()", "not known here"),
        ("a.__class__", "not known here"),
        ("relu(a, b)", "not known here"),
        ("relu(x=a)", "not known here"),
        ("__import__('os')", "there is no function"),
        ("a // b", "not known here"),
        ("a < b", "not known here"),
        ("+".join("a" * 50), "letters long"),
        ("+".join(["a*b"] * 1 + [f"a*{k}" for k in range(2, 12)]), "too many"),
        ("-" * 80 + "a", "too many"),
        ("a + 1/0", "do not go together"),
        ("a * 1000**1000", "do not go together"),
        ("a + (-1)**(1/2)", "do not go together"),
    ],
)
def test_all_else_is_refused_in_words(typed: str, words: str):
    with pytest.raises(ValueError, match=words):
        traced(typed, 2, 1, 0)


def test_no_finite_value_is_said_with_its_numbers():
    with pytest.raises(ValueError, match="log has no finite value or no finite slope at −1"):
        traced("log(a)", -1, 0, 0)
    with pytest.raises(ValueError, match="div has no finite"):
        traced("a / b", 1, 0, 0)
    with pytest.raises(ValueError, match="exp has no finite"):
        traced("exp(exp(exp(a)))", 3, 0, 0)


def test_the_longest_text_is_read():
    text = "a + " + "b" + " " * (LETTERS - 5)
    assert len(text) == LETTERS
    assert parsed(text)
