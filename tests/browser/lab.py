"""A real JupyterLab in a real Chromium: start both, run notebooks, move what is in them."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Playwright

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

# A picture is painted when the browser has come round to the task after the frame that drew it.
WATCH_PAINT = """(canvas) => {
  const context = canvas.getContext("2d"), scale = context.scale;
  window.paints = [];
  context.scale = function (...factors) {
    scale.apply(this, factors);
    if (window.paints.length % 2) setTimeout(() => window.paints.push(performance.now()));
  };
  const controls = canvas.closest(".nnlib");
  controls.addEventListener("input", () => window.paints.push(performance.now()), true);
}"""


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


def slider(widget: Locator, name: str) -> Locator:
    """The widget's slider of this name."""
    return widget.get_by_role("slider", name=name, exact=True)


def picture(widget: Locator) -> str:
    """What the widget's canvas shows, as text."""
    shown: str = widget.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")
    return shown


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


def paint_time(widget: Locator, slider: Locator, presses: int = 15) -> float:
    """The median time, in ms, from a key on a slider to the painted picture."""
    page = widget.page
    widget.locator("canvas").first.evaluate(WATCH_PAINT)
    for k in range(presses):
        slider.press("ArrowRight" if k % 6 < 3 else "ArrowLeft")
        page.wait_for_timeout(200)
    times = page.evaluate("() => window.paints")
    return statistics.median(b - a for a, b in zip(times[::2], times[1::2], strict=False))
