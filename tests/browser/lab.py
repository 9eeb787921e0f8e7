"""A real JupyterLab in a real Chromium: start both, run notebooks, move what is in them."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, sync_playwright

REPOSITORY = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)
PATIENCE = 120_000  # ms
CONFIGURATION = {
    "page_config.json": {
        "disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}
    },
    # Cells out of sight stay on the page, so that widgets can be counted.
    "default_setting_overrides.json": {
        "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}
    },
}


def chromium() -> str | None:
    """Where Chromium or Chrome is on this machine, if anywhere."""
    on_path = (shutil.which(name) for name in NAMES)
    return next((place for place in (*on_path, *PLACES) if place and Path(place).exists()), None)


def launch(playwright: Playwright) -> Browser:
    """Chromium without a window."""
    # Containers give Chromium neither the rights for its sandbox nor a large /dev/shm.
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    return playwright.chromium.launch(executable_path=chromium(), args=arguments)


@contextlib.contextmanager
def browser_or_skip() -> Iterator[Browser]:
    """A browser for tests; where there is none, they are skipped."""
    if chromium() is None:
        missing = "no Chromium or Chrome found: the tests in a browser are skipped"
        warnings.warn(missing, stacklevel=1)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@contextlib.contextmanager
def jupyter_lab(root: Path, scratch: Path) -> Iterator[str]:
    """JupyterLab on a free port, serving `root`, its configuration in `scratch`; yields its URL."""
    token = secrets.token_hex(16)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": root,
        "LabApp.expose_app_in_browser": True,
        "LabApp.extension_manager": "readonly",
    }
    command += [f"--{name}={value}" for name, value in options.items()]
    with (scratch / "lab.log").open("w", encoding="utf-8") as log:
        environment = _environment(scratch, token)
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait(server, f"http://127.0.0.1:{port}/api/status?token={token}", scratch / "lab.log")
            yield f"http://127.0.0.1:{port}/lab?token={token}&reset"
        finally:
            server.terminate()
            server.wait(30)


def _environment(scratch: Path, token: str) -> dict[str, str]:
    """The environment of a JupyterLab that knows nothing of this machine's user."""
    folder = scratch / "config" / "labconfig"
    folder.mkdir(parents=True)
    for name, content in CONFIGURATION.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTER_DATA_DIR": "data",
        "IPYTHONDIR": "ipython",
        "NNLIB_PROGRESS": "progress.json",
    }
    own = {name: str(scratch / place) for name, place in places.items()}
    return {**os.environ, **own, "JUPYTER_TOKEN": token, "PYTHONPATH": str(REPOSITORY)}


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(240):
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=2).close()
            return
        time.sleep(0.25)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")


# Errors in a widget's callback appear on iopub and nowhere else, so every message is looked at.
LISTEN = """() => {
  window.seenErrors = [];
  const known = new WeakSet();
  window.listenTo = (kernel) => {
    if (known.has(kernel)) return;
    known.add(kernel);
    kernel.iopubMessage.connect((_, { header, content }) => {
      if (header.msg_type === "error") seenErrors.push(`${content.ename}: ${content.evalue}`);
    });
  };
}"""

OPEN = """async (path) => {
  const panel = await jupyterapp.commands.execute("docmanager:open", { path });
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.revealed;
  const kernel = panel.sessionContext.session.kernel;
  await kernel.info;
  listenTo(kernel);
  seenErrors.length = 0;
}"""

CLOSE = """async () => {
  for (const panel of [...jupyterapp.shell.widgets("main")]) {
    if (!panel.sessionContext) continue;
    await panel.sessionContext.shutdown();
    panel.dispose(); // not close(), which would ask whether to save
  }
}"""

# Cells are found by their id; `source` null leaves a cell as it is.
RUN_CELL = """async ([id, source]) => {
  const { content, sessionContext } = jupyterapp.shell.currentWidget;
  const k = content.widgets.findIndex((cell) => cell.model.id === id);
  if (k < 0) throw new Error(`the notebook has no cell ${id}`);
  content.activeCellIndex = k;
  if (source !== null) content.activeCell.model.sharedModel.setSource(source);
  await jupyterapp.commands.execute("notebook:run-cell");
  await sessionContext.session.kernel.requestKernelInfo();
  return content.widgets[k].outputArea.node.innerText;
}"""

# A canvas is cleared by setting its width, which can be observed; the picture is painted when the
# browser has come round to the task after the frame that drew it.
WATCH_PAINT = """(widget) => {
  window.paints = [];
  if (widget.watched) return;
  widget.watched = true;
  let pressed = null;
  widget.addEventListener("keydown", () => (pressed = performance.now()), true);
  const painted = (start) => () => window.paints.push(performance.now() - start);
  new MutationObserver(() => {
    if (pressed !== null) setTimeout(painted(pressed));
    pressed = null;
  }).observe(widget.querySelector(".nnlib-figures"), { subtree: true, attributeFilter: ["width"] });
}"""
# What moves a control forth and back; a field of text is for a test that knows what to type.
KEYS = {
    "range": ("ArrowRight", "ArrowLeft"),
    "select-one": ("ArrowDown", "ArrowUp"),
    "checkbox": ("Space", "Space"),
    "button": ("Enter", "Enter"),
}


class Lab:
    """JupyterLab in a browser page: one notebook open at a time."""

    def __init__(self, browser: Browser, url: str, **page_options: Any) -> None:
        size = {"width": 1280, "height": 1600}
        self.page: Page = browser.new_page(viewport=size, **page_options)
        self.page.set_default_timeout(60_000)
        self.page.goto(url)
        self.page.wait_for_function("() => window.jupyterapp?.restored.then(() => true)")
        self.page.evaluate(LISTEN)

    def _ask(self, script: str, argument: Any = None) -> Any:
        """Run a script in JupyterLab; fail where it does not answer, rather than wait for ever."""
        late = f"setTimeout(() => no(new Error('JupyterLab did not answer')), {PATIENCE})"
        race = f"(it) => Promise.race([({script})(it), new Promise((_, no) => {late})])"
        return self.page.evaluate(race, argument)

    def open(self, path: str) -> None:
        """Open the notebook at `path`, below the server's root, and wait for its kernel."""
        self._ask(OPEN, path)

    def run_all(self) -> None:
        """Run all cells, to the end or to the first error."""
        self.command("notebook:run-all-cells")
        self.settle()

    def command(self, name: str, **arguments: Any) -> None:
        self._ask(
            "([name, args]) => jupyterapp.commands.execute(name, args).then(() => null)",
            [name, arguments],
        )

    def settle(self) -> None:
        """Wait until the kernel has nothing left to do."""
        kernel = "jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        self._ask(f"() => {kernel}.requestKernelInfo().then(() => null)")
        self.page.wait_for_timeout(300)

    def errors(self) -> list[str]:
        """Every error since the notebook was opened, from cells and from widgets' callbacks."""
        errors: list[str] = self.page.evaluate("() => seenErrors.slice()")
        return errors

    def run_cell(self, cell: str, source: str | None = None) -> str:
        """Run the cell of this id, with a new source if one is given; returns what it shows."""
        shown: str = self._ask(RUN_CELL, [cell, source])
        return shown

    def restart(self) -> None:
        """Restart the kernel."""
        context = "jupyterapp.shell.currentWidget.sessionContext"
        self._ask(f"() => {context}.restartKernel()")
        self.settle()

    def close_all(self) -> None:
        """Shut down and close every notebook."""
        self._ask(CLOSE)

    @property
    def notebook(self) -> Locator:
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    def widget(self, number: int = 0) -> Locator:
        """The notebook's widget of this number, in view."""
        widget = self.notebook.locator(".nnlib").nth(number)
        widget.wait_for()
        widget.scroll_into_view_if_needed()
        return widget


def write_notebook(path: Path, *cells: str) -> None:
    """A notebook of these code cells, which JupyterLab runs without asking for a kernel."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)


def slider(widget: Locator, name: str) -> Locator:
    """The widget's slider of this name."""
    return widget.get_by_role("slider", name=name, exact=True)


def picture(widget: Locator) -> str:
    """What the widget's canvases show, as text."""
    shown: str = widget.locator("canvas").evaluate_all(
        "(all) => all.map((c) => c.toDataURL()).join()"
    )
    return shown


def movable(widget: Locator) -> list[tuple[Locator, tuple[str, str]]]:
    """The widget's controls that can be moved now, each with its keys forth and back."""
    controls = widget.locator(".nnlib-controls").locator("input, select, button:visible").all()
    kinds = [control.evaluate("node => node.type") for control in controls]
    idle = [control.get_attribute("aria-disabled") == "true" for control in controls]
    return [
        (control, _turned(control, KEYS[kind]))
        for control, kind, stuck in zip(controls, kinds, idle, strict=True)
        if kind in KEYS and not stuck
    ]


def telling(widget: Locator) -> tuple[Locator, str]:
    """A control whose key must be seen, and the key: the last slider, if there is one.

    That is the step's, before which other choices may say nothing.
    """
    controls = movable(widget)
    control, keys = [controls[0], *(pair for pair in controls if "ArrowRight" in pair[1])][-1]
    return control, keys[0]


def _turned(control: Locator, keys: tuple[str, str]) -> tuple[str, str]:
    """The keys, the other way round where the control is at its end."""
    at_end = """node => node.type === "range" ? node.value === node.max :
      node.type === "select-one" && node.selectedIndex === node.length - 1"""
    return keys[::-1] if control.evaluate(at_end) else keys


def press(widget: Locator, control: Locator, key: str = "ArrowRight") -> None:
    """Press a key on one of the widget's controls; picture and words must change, and both settle."""
    before = picture(widget), widget.locator(".nnlib-words").inner_text()
    control.press(key)
    for _ in range(30):
        after = picture(widget), widget.locator(".nnlib-words").inner_text()
        if after[0] != before[0] and after[1] != before[1]:
            break
        time.sleep(0.1)
    else:
        raise AssertionError(f"{key} did not change both the picture and the words: {before[1]}")
    status = widget.locator("[role=status]")
    for _ in range(20):
        if status.inner_text() == widget.locator(".nnlib-words").inner_text():
            return
        time.sleep(0.1)
    raise AssertionError("the words were never read out")


def paint_times(
    widget: Locator, control: Locator, keys: tuple[str, str] = KEYS["range"], presses: int = 15
) -> list[float]:
    """The times, in ms, from keys on a control to the painted picture."""
    page = widget.page
    widget.evaluate(WATCH_PAINT)
    for k in range(presses):
        control.press(keys[k % 6 >= 3] if keys[0] == "ArrowRight" else keys[k % 2])
        page.wait_for_timeout(200)
    times: list[float] = page.evaluate("() => window.paints")
    return times
