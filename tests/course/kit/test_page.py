"""A page is read whole, or it is told where it cannot be."""

import re
from pathlib import Path

import pytest

from nnlib.course.kit import page
from nnlib.course.kit.exercise import Array, Exercise, exercise
from nnlib.course.kit.judging import run
from nnlib.course.kit.page import PageError, Told
from nnlib.course.lessons import EXERCISES

WHOLE = """\
# triple

## Hints

1. Three times
   the number.
2. `3 * x`.

## Known mistakes

- You double.
  `3 * y` → `2 * y`
- You add,
  and more than once.

  ```diff
       y = shifted(x)
  -    return 3 * y
  +    y += 1
  +
  +    return 3 * y
  ```

- The helper is wrong.

  ```diff
  -    return x
  +    return -x
  ```

- You return nothing but zeros.

  ```python
  def zeros(x):
      right = triple(x)

      return nothing(right)
  ```

## Code that several mistakes share

```python
def nothing(x):
    return 0 * x
```
"""


def written(text: str, tmp_path: Path) -> Path:
    path = tmp_path / "triple.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_page_is_read_whole(tmp_path: Path) -> None:
    path = written(WHOLE, tmp_path)
    notes = page.read(path)
    assert notes.hints == ("Three times the number.", "`3 * x`.")
    assert notes.shared == "def nothing(x):\n    return 0 * x"
    double, add, helper, zeros = notes.mistakes
    assert double == Told(f"{path}:11", "You double.", "3 * y", "2 * y")
    assert double.name == "3 * y → 2 * y"
    assert add.where == f"{path}:13"
    assert add.sentence == "You add, and more than once."
    assert add.old == "\n    y = shifted(x)\n    return 3 * y\n"
    assert add.new == "\n    y = shifted(x)\n    y += 1\n\n    return 3 * y\n"
    assert helper.name == "return x → return -x"
    assert zeros.name == "zeros"
    assert zeros.code == "def zeros(x):\n    right = triple(x)\n\n    return nothing(right)"


def inputs(_: object) -> list[object]:
    return []


def triple(x: Array) -> Array:
    y = shifted(x)
    return 3 * y


def shifted(x: Array) -> Array:
    return x


def told(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exercise:
    path = written(text, tmp_path)
    monkeypatch.setattr("nnlib.course.kit.exercise._page", lambda _: path)
    return exercise(returns=("y",), inputs=inputs, points={})(triple)  # type: ignore[arg-type]


def test_a_mistake_is_made_of_the_right_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {m.name: m.answer(5) for m in told(WHOLE, tmp_path, monkeypatch).mistakes}
    assert list(found.values()) == [10, 18, -15, 0]


def test_where_a_mistake_raises_no_line_of_the_right_answer_is_shown() -> None:
    neuron = EXERCISES["neuron"]
    outcomes = [came for wrong in neuron.mistakes for came in run(neuron, wrong.answer, 1)]
    assert {came.line for came in outcomes if came.error} == {""}


def test_a_change_that_does_not_fit_the_answer_is_told_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = told(WHOLE.replace("`3 * y`", "`4 * y`"), tmp_path, monkeypatch)
    with pytest.raises(PageError, match=r"triple\.md:11: the right answer has no '4 \* y'"):
        _ = changed.mistakes[0].answer


@pytest.mark.parametrize(
    ("line", "instead", "where", "expected"),
    [
        ("# triple", "# double", 1, "the title is expected, `# triple`"),
        ("## Hints", "## Hint", 3, "the headings are: Hints, Known mistakes"),
        ("## Hints", "A word before.", 3, "`## Hints` is expected"),
        ("2. `3 * x`.", "", 1, "two hints are expected"),
        ("2. `3 * x`.", "3. `3 * x`.", 7, "an item of a list is expected"),
        ("   the number.", "the number.", 6, "an item of a list is expected"),
        ("- You double.", "You double.", 11, "an item of a list is expected"),
        ("- You double.", "-", 11, "an item of a list is expected"),
        ("- You double.", "- `a` → `b`", 11, "one sentence is expected"),
        ("  `3 * y` → `2 * y`", "", 11, "one sentence is expected"),
        ("  `3 * y` → `2 * y`", "  `3 * y` -> `2 * y`", 12, "`old` → `new` is expected"),
        ("  `3 * y` → `2 * y`", "  `3 * y` → ``", 12, "`old` → `new` is expected"),
        ("  `3 * y` → `2 * y`", "  `3 * y` → `2 * y`.", 12, "`old` → `new` is expected"),
        ("  and more than once.", "and more than once.", 14, "an item of a list is expected"),
        ("  -    return 3 * y", "  return 3 * y", 18, "a line of a diff begins with -, + or"),
        ("  +", "", 20, "a line of a diff begins with -, + or a space"),
        ("  -    return x", "  +    return x", 26, "a diff needs a line of the right answer"),
        ("  ```python", "  ```py", 33, "a block is expected, which begins with ```python"),
        ("  def zeros(x):", "  zeros = 0", 33, "a block `python` has to begin with `def …(`"),
        ("      return nothing(right)", "  ```", 37, "nothing is expected after a block"),
        ("def nothing(x):", "```", 43, "nothing is expected after a block"),
        ("```python", "Some words.", 42, "a block is expected"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(
    line: str, instead: str, where: int, expected: str, tmp_path: Path
) -> None:
    assert f"\n{line}\n" in f"\n{WHOLE}"
    text = f"\n{WHOLE}".replace(f"\n{line}\n", f"\n{instead}\n", 1)[1:]
    place = re.escape(f"triple.md:{where}: {expected}")
    with pytest.raises(PageError, match=place):
        page.read(written(text, tmp_path))


@pytest.mark.parametrize("length", range(len(WHOLE.splitlines())))
def test_no_page_that_ends_too_early_is_taken_for_a_whole_one(length: int, tmp_path: Path) -> None:
    """Wherever it is cut, what is left is told to be broken or holds fewer things."""
    cut = "\n".join(WHOLE.splitlines()[:length])
    whole = page.read(written(WHOLE, tmp_path))
    try:
        assert page.read(written(cut, tmp_path)) != whole
    except PageError as error:
        assert re.search(r"triple\.md:\d+: ", str(error))
