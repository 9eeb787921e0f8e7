"""Quizzes, predictions and orderings in a browser: nothing is told before it is asked for."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page

from nnlib.course.kit.piece import Piece
from nnlib.course.kit.questions import read

from .lab import Lab, press, slider, write_notebook

QUESTIONS = Path(__file__).with_name("questions.md")
NAMES = ("warm_up", "race", "best_share", "adam_step")
# What the page must not hold before it is asked for: a verdict, a reason, what is to be seen.
SECRETS = re.compile(
    r"Right|Not this one|overshoots|never goes up|swings|9/11|0\.82|counts first|SGD's"
)
ORDER = ("t = t + 1", "m = β₁ m + (1 − β₁) g", "m̂ = m / (1 − β₁ᵗ)", "w = w − η m̂ / (√v̂ + ε)")
OTHER = "w = w − η g"
# The lowest contrast of any text in a node with what is painted behind it.
CONTRAST = """(node) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const over = (colors) => {
    canvas.fillStyle = "white";
    for (const color of ["white", ...colors]) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb
    .map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const behind = (each) => {
    const colors = [];
    for (let n = each; n; n = n.parentElement) colors.unshift(getComputedStyle(n).backgroundColor);
    return colors;
  };
  const texts = [...node.querySelectorAll("*")].filter((each) =>
    each.checkVisibility({ visibilityProperty: true }) &&
    [...each.childNodes].some((child) => child.nodeType === 3 && child.data.trim()));
  const ratios = texts.map((each) => {
    const back = behind(each);
    const [a, b] = [over([...back, getComputedStyle(each).color]), over(back)].map(light);
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), each.textContent];
  });
  return ratios.sort((a, b) => a[0] - b[0])[0];
}"""
MOVING = """(node) => [...node.querySelectorAll("*")].filter((each) => {
  const { animationName, transitionDuration } = getComputedStyle(each);
  return animationName !== "none" || transitionDuration.split(", ").some((s) => parseFloat(s) > 0);
}).map((each) => each.outerHTML)"""


def asked(lab: Lab, root: Path, *names: str) -> list[Locator]:
    """Ask what stands on the page of questions, in a notebook; one form after the other."""
    lesson = root / "pages" / "lesson_10a_momentum"
    lesson.mkdir(parents=True, exist_ok=True)
    (lesson / "questions.md").write_bytes(QUESTIONS.read_bytes())
    first = f"""from pathlib import Path
from nnlib.course import lessons
from nnlib.course.check import progress
from nnlib.course.widgets import ask
from tests.browser.kit import kit
lessons.HERE = Path({str(lesson.parent)!r})"""
    path = root / f"{uuid4()}.ipynb"
    write_notebook(path, first, *(f'ask("10a_momentum", "{name}")' for name in names), "0")
    lab.open(path.name)
    lab.run_all()
    for output in range(len(names)):
        lab.widget(output)
    return lab.notebook.locator("form").all()


def said(lab: Lab, code: str) -> str:
    """What the notebook's last cell says to this code."""
    cells = "jupyterapp.shell.currentWidget.content.widgets"
    return lab.run_cell(lab.page.evaluate(f"() => {cells}.at(-1).model.id"), code)


def status(form: Locator) -> str:
    return form.get_by_role("status").inner_text()


def focused(page: Page) -> str:
    text: str = page.evaluate("() => document.activeElement.textContent")
    return text


def lines(form: Locator) -> list[str]:
    return form.locator("li .nnlib-line").all_inner_texts()


def line(form: Locator, text: str) -> Locator:
    return form.get_by_role("button", name=text, exact=True)


# --- In JupyterLab --------------------------------------------------------------------------------


def test_nothing_is_told_before_it_is_asked_for(lab: Lab, root: Path) -> None:
    forms = asked(lab, root, *NAMES)
    for form in forms:
        html = form.evaluate("node => node.closest('.jp-Cell-outputWrapper').outerHTML")
        assert "Who is lower" in lab.notebook.inner_text()
        assert not SECRETS.search(html), html
    assert lab.errors() == []


def test_a_prediction_by_keyboard_is_told_and_remembered(lab: Lab, root: Path) -> None:
    said_page = root / f"{uuid4()}.md"
    [form] = asked(lab, root, "race")
    form.get_by_role("button", name="Commit").press("Enter")
    assert status(form) == "Choose an option first."
    form.get_by_role("radio", name="momentum").press("Space")
    assert status(form) == ""
    form.get_by_role("button", name="Commit").press("Enter")
    assert status(form).startswith("✗ You predicted: momentum. It is: SGD.\n")
    assert "After ten steps momentum is higher" in status(form)
    assert "It is slow, but it never goes up." in form.inner_text()
    assert "It overshoots first" in form.inner_text()
    assert "\nmomentum\nyour prediction\n" in form.inner_text()
    assert form.get_by_role("radio", name="momentum").is_checked()
    assert form.get_by_role("button").count() == 0  # what was committed stays
    lab.settle()
    assert "predicted right" in said(lab, f"progress(export={str(said_page)!r})")
    written = said_page.read_text(encoding="utf-8")
    assert "- ✗ Both start together in the ravine." in written
    assert "My prediction: momentum. What is right: SGD." in written
    assert lab.errors() == []


def test_who_asks_to_be_shown_is_shown_and_has_predicted_nothing(lab: Lab, root: Path) -> None:
    said(lab, "progress(reset=True)") if asked(lab, root, "best_share") else None
    form = lab.notebook.locator("form")
    form.get_by_role("button", name="Show me").press("Enter")
    assert status(form).startswith("The answer: 0.82.\n")
    assert "9/11" in status(form)
    lab.settle()
    assert "predicted" not in said(lab, "progress()")


def test_an_ordering_by_keyboard_alone(lab: Lab, root: Path) -> None:
    [form] = asked(lab, root, "adam_step")
    keys = lab.page.keyboard
    form.get_by_role("button", name="Check").press("Enter")
    assert re.match(r"✗ \d of 4 stand right\.", status(form))
    assert "That is SGD's step" in status(form)
    for place, text in enumerate(ORDER):
        line(form, text).focus()
        keys.press("Space")
        for _ in range(lines(form).index(text) - place):
            keys.press("ArrowUp")
            assert focused(lab.page) == text
        keys.press("Space")
    line(form, OTHER).focus()
    keys.press("Space")
    keys.press("ArrowDown")
    assert form.locator("[aria-live]:not([role])").inner_text() == f"{OTHER}: put aside."
    keys.press("ArrowUp")
    form.get_by_role("button", name="Check").press("Enter")
    assert status(form).startswith("✗ 4 of 4 stand right.\n")
    assert f"{OTHER} does not belong here. That is SGD's step" in status(form)
    line(form, OTHER).focus()
    keys.press("Space")
    keys.press("ArrowDown")
    form.get_by_role("button", name="Check").press("Enter")
    assert status(form).startswith("✓ All 4 stand right.\n")
    lab.settle()
    assert "✓ adam_step in order" in said(lab, "progress()")
    assert lab.errors() == []


def test_a_goal_is_reached_by_keyboard_and_stays_reached(lab: Lab, root: Path) -> None:
    asked(lab, root)
    said(lab, "kit()")
    widget = lab.widget()
    goal, words = widget.locator(".nnlib-goal"), widget.locator(".nnlib-words")
    assert goal.inner_text() == "Goal: bring x₀ to 0.8 or more."
    press(widget, slider(widget, "x₀"))
    assert "Reached" not in widget.inner_text()
    press(widget, slider(widget, "x₀"), "End")
    assert goal.inner_text() == "Goal: bring x₀ to 0.8 or more. ✓ Reached."
    assert words.inner_text().endswith(" Goal: bring x₀ to 0.8 or more. Reached.")
    press(widget, slider(widget, "x₀"), "Home")
    assert goal.inner_text().endswith("✓ Reached.") and "Reached" not in words.inner_text()
    assert lab.errors() == []


def test_a_tour_by_keyboard(lab: Lab, root: Path) -> None:
    asked(lab, root)
    said(lab, "kit()")
    widget, keys = lab.widget(), lab.page.keyboard
    press(widget, slider(widget, "x₀"), "ArrowRight")
    widget.get_by_role("button", name="Tour").press("Enter")
    tour = widget.get_by_role("group", name="Tour")
    tour.get_by_text("1 of 3. Drag me: It is drawn").wait_for()
    widget.locator("canvas.nnlib-lit").wait_for()
    assert widget.locator(".nnlib-tag").inner_text() == "◀ 1"
    assert slider(widget, "x₀").input_value() == "0.2"
    assert focused(lab.page) == "Next"
    keys.press("Enter")
    tour.get_by_text("2 of 3. Step: ").wait_for()
    widget.locator(".nnlib-row.nnlib-lit").wait_for()
    assert widget.locator(".nnlib-lit").count() == 1
    widget.get_by_role("status").get_by_text("2 of 3. Step: ").wait_for(state="attached")
    tour.get_by_role("button", name="Back").press("Enter")
    tour.get_by_text("1 of 3").wait_for()
    keys.press("Escape")
    tour.wait_for(state="hidden")
    assert focused(lab.page) == "Tour"
    assert slider(widget, "x₀").input_value() == "0.6"  # where it began
    assert widget.locator(".nnlib-lit, .nnlib-tag:visible").count() == 0
    assert lab.errors() == []


def test_it_can_be_read_in_the_dark(lab: Lab, root: Path) -> None:
    forms = asked(lab, root, *NAMES)
    said(lab, "kit()")
    lab.widget(len(NAMES)).get_by_role("button", name="Tour").press("Enter")
    for form in forms:
        for radio in form.get_by_role("radio").all()[:1]:
            radio.check()
        form.get_by_role("button").last.click()
    lab.command("apputils:change-theme", theme="JupyterLab Dark")
    lab.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    lab.page.wait_for_timeout(500)
    worst = [node.evaluate(CONTRAST) for node in lab.notebook.locator(".nnlib").all()]
    lab.command("apputils:change-theme", theme="JupyterLab Light")
    assert min(ratio for ratio, _ in worst) >= 4.5, worst


# --- On a page without Python ---------------------------------------------------------------------

Bare = Callable[..., Locator]


@pytest.fixture
def bare(browser: Browser) -> Iterator[Bare]:
    """A page with no kernel behind it, where sending fails, and one question on it."""
    page = browser.new_page(viewport={"width": 800, "height": 900})
    errors: list[str] = []
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(str(error)))

    def show(name: str) -> Locator:
        [section] = [section for section in read(QUESTIONS) if section.name == name]
        page.set_content(as_page(section.piece("10a_momentum")))
        page.locator("form").first.wait_for()
        return page.locator("form").first

    yield show
    page.close()
    assert errors == []


def as_page(piece: Piece) -> str:
    script = piece._esm.replace("export default { render };", "")
    return f"""<meta charset="utf-8"><style>{piece._css}</style><div id="here"></div>
<script type="module">{script}
const model = {{ get: () => ({json.dumps(piece.asked)}), send() {{ throw new Error("no kernel"); }} }};
render({{ model, el: document.getElementById("here") }});
</script>"""


def test_a_quiz_without_a_kernel(bare: Bare) -> None:
    form = bare("warm_up")
    form.get_by_role("radio").first.press("Space")
    form.get_by_role("button", name="Check").press("Enter")
    assert status(form) == "✗ Not this one. That is one step."


@pytest.mark.parametrize(
    "typed, verdict",
    [
        ("0.82", "✓ Near: you predicted 0.82, it is 0.82."),
        (" 0,80 ", "✓ Near: you predicted 0.8, it is 0.82."),
        ("0.84", "✓ Near: you predicted 0.84, it is 0.82."),
        (".5", "✗ Far, too low: you predicted 0.5, it is 0.82."),
        ("−1", "✗ Far, too low: you predicted −1, it is 0.82."),
        ("1e1", "✗ Far, too high: you predicted 10, it is 0.82."),
        ("", "Type a number first, such as 0.5."),
        ("half", "Type a number first, such as 0.5."),
    ],
)
def test_a_number_is_near_or_far(bare: Bare, typed: str, verdict: str) -> None:
    form = bare("best_share")
    field = form.get_by_role("textbox", name="Your number")
    field.fill(typed)
    field.press("Enter")
    assert status(form).split("\n")[0] == verdict
    assert ("9/11" in form.inner_text()) == verdict.startswith(("✓", "✗"))
    assert field.input_value() == typed


def test_a_prediction_without_a_kernel(bare: Bare) -> None:
    form = bare("race")
    assert not SECRETS.search(form.evaluate("node => node.outerHTML"))
    form.get_by_role("radio", name="SGD").check()
    form.get_by_role("button", name="Commit").click()
    assert status(form).startswith("✓ Right: so it is.\n")
    assert form.locator("p.nnlib-reason").all_inner_texts() == [
        "✗ It overshoots first, and has to come back: v still points beyond the valley.",
        "✓ It is slow, but it never goes up.",
    ]
    assert form.locator("code").inner_text() == "v"


def test_lines_are_dragged(bare: Bare) -> None:
    form = bare("adam_step")
    mouse = form.page.mouse

    def drag(text: str, to: Locator, beyond: int) -> None:
        line(form, text).hover()
        mouse.down()
        box = to.bounding_box()
        assert box
        mouse.move(box["x"] + 40, box["y"] + box["height"] / 2 + beyond, steps=12)
        mouse.up()

    drag(OTHER, form.locator(".nnlib-divider"), 12)
    assert lines(form)[-1] == OTHER
    for text in reversed(ORDER):
        drag(text, line(form, lines(form)[0]), -12)
    assert lines(form) == [*ORDER, OTHER]
    assert form.locator("[aria-pressed=true], .nnlib-held").count() == 0
    form.get_by_role("button", name="Check").click()
    assert status(form).startswith("✓ All 4 stand right.")


def test_lines_are_moved_by_their_buttons_which_keep_the_focus(bare: Bare) -> None:
    form = bare("adam_step")
    before = lines(form)
    down = form.get_by_role("button", name=f"Move down: {before[0]}")
    down.press("Enter")
    down.press("Enter")
    assert lines(form)[:3] == [before[1], before[2], before[0]]
    assert down.evaluate("node => node === document.activeElement")
    aside = form.get_by_role("button", name=f"Put aside or take back: {before[0]}")
    aside.press("Enter")
    assert form.locator(".nnlib-divider ~ li .nnlib-line").all_inner_texts() == [before[0]]
    assert aside.evaluate("node => node === document.activeElement")
    form.get_by_role("button", name="Check").click()
    assert f"{before[0]} belongs to it." in status(form)
    aside.press("Enter")
    assert form.locator(".nnlib-divider ~ li").count() == 0
    assert form.locator(".nnlib-mark").all_inner_texts() == [""] * 5  # no mark of an older check


def test_show_me_brings_the_lines_into_order(bare: Bare) -> None:
    form = bare("adam_step")
    form.get_by_role("button", name="Show me").press("Enter")
    assert lines(form) == [*ORDER, OTHER]
    assert "t = t + 1: The correction divides by 1 − β₁ᵗ, so t counts first." in status(form)


@pytest.mark.parametrize("name", NAMES)
def test_it_needs_no_motion_no_width_and_prints(bare: Bare, name: str) -> None:
    form = bare(name)
    page = form.page
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 320, "height": 600})  # 640 pixels, at 200 %
    form.get_by_role("button").last.click()
    assert form.evaluate(MOVING) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
    page.emulate_media(media="print")
    assert form.get_by_text("Check").count() == 0 or not form.get_by_text("Check").is_visible()
    page.emulate_media(media="screen", reduced_motion="no-preference")
