"""JupyterLite beside the pages: Lab, its kernel, and the course in it as far as there is a network.

Python for the browser comes from Pyodide's address when a page is opened. Here it is that of npm, with the pure
wheels of its own list from PyPI; NumPy for it is on neither. What needs NumPy runs where NNLIB_ONLINE
is set, which the workflow *pages* does.
"""

import functools
import hashlib
import http.server
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from nnlib.course.check import EXERCISES

pytestmark = pytest.mark.slow  # make test-site
PYODIDE = "314.0.6"  # that of jupyterlite-pyodide-kernel
ADDRESS = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE}/full/"
TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}
PATIENCE = 240_000  # ms
# What the kernel imports before it is there, and what anywidget does.
NEEDED = ["micropip", "packaging", "ipython", "jedi", "platformdirs", "typing-extensions"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def address(html: Path) -> Iterator[str]:
    """Where a web server hands the site out; JupyterLite does not run from disk."""
    handler = functools.partial(Quiet, directory=str(html))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def pyodide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pyodide from npm, with the wheels of its list that are pure Python."""
    folder = tmp_path_factory.mktemp("pyodide")
    npm = shutil.which("npm") or pytest.skip("npm is not installed")
    packed = [npm, "pack", "--silent", f"pyodide@{PYODIDE}"]
    if subprocess.run(packed, cwd=folder, check=False, capture_output=True).returncode != 0:
        pytest.skip("npm has no network")
    with tarfile.open(folder / f"pyodide-{PYODIDE}.tgz") as archive:
        archive.extractall(folder, filter="data")
    folder /= "package"
    listed = json.loads((folder / "pyodide-lock.json").read_text("utf-8"))
    for entry in wanted(listed["packages"], NEEDED):
        wheel = fetched(folder, f"{entry['name']}=={entry['version']}")
        # PyPI's wheel has the list's version, but not its bytes.
        entry["file_name"] = wheel.name
        entry["sha256"] = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / "pyodide-lock.json").write_text(json.dumps(listed), encoding="utf-8")
    return folder


def wanted(packages: dict[str, Any], names: list[str]) -> list[dict[str, Any]]:
    """The entries of these packages and of what they depend on."""
    found: dict[str, dict[str, Any]] = {}
    names = list(names)
    while names:
        name = names.pop().replace("_", "-")
        if name not in found:
            found[name] = packages[name]
            names += packages[name]["depends"]
    return list(found.values())


def fetched(folder: Path, requirement: str) -> Path:
    """A wheel from PyPI that suits every machine."""
    before = set(folder.glob("*.whl"))
    pure = ["--platform", "any", "--abi", "none", "--implementation", "py", "--no-deps"]
    pure += ["--only-binary", ":all:", "--python-version", "3.14", "-d", str(folder)]
    command = [sys.executable, "-m", "pip", "download", "-q", *pure, requirement]
    subprocess.run(command, check=True, capture_output=True)
    [wheel] = set(folder.glob("*.whl")) - before
    return wheel


class Lab:
    """JupyterLite with a notebook open in it."""

    def __init__(self, page: Page, address: str, notebook: str) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.goto(f"{address}/lite/lab/index.html?path={notebook}")
        self.cells = page.locator(".jp-Notebook .jp-CodeCell")
        self.cells.first.wait_for()

    def run(self, code: str, cell: int = 0) -> str:
        """What a cell shows when it holds this code."""
        there = self.cells.nth(cell)
        there.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_timeout(500)
        expect(there.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]"))
        return there.locator(".jp-OutputArea").inner_text()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 900})
    yield context.new_page()
    context.close()


def test_the_kernel_starts_and_takes_the_course_up_to_numpy(
    address: str, pyodide: Path, page: Page
) -> None:
    missing = []

    def answer(route: Route) -> None:
        file = pyodide / route.request.url.removeprefix(ADDRESS)
        if not route.request.url.startswith(ADDRESS) or not file.is_file():
            missing.append(route.request.url)
            return route.abort()
        kind = TYPES.get(file.suffix, "application/octet-stream")
        anyone = {"Access-Control-Allow-Origin": "*"}
        return route.fulfill(body=file.read_bytes(), content_type=kind, headers=anyone)

    page.context.route(lambda url: not url.startswith(address), answer)
    lab = Lab(page, address, "notebooks/01a_neuron.ipynb")
    assert "nnlib-course[lite]" in lab.cells.first.inner_text()
    assert "/drive/notebooks emscripten" in lab.run(
        "import os, sys; print(os.getcwd(), sys.platform)"
    )

    shown = lab.run(
        "import piplite\n"
        "names = ['nnlib-course', 'anywidget', 'ipywidgets', 'comm', 'psygnal', 'jupyterlab-widgets']\n"
        "await piplite.install([*names, 'platformdirs', 'typing-extensions'], deps=False)\n"
        "import anywidget, ipywidgets, platformdirs\n"
        "import nnlib\n"
    )
    assert shown.strip().endswith("Elsewhere: pip install numpy")
    assert missing == []

    # What is saved by replacing a file is kept; a notebook that is deleted is the original again.
    shown = lab.run(
        "from pathlib import Path\n"
        "for text in ('old', 'new'):\n"
        "    Path('/drive/draft').write_text(text)\n"
        "    os.replace('/drive/draft', '/drive/progress.json')\n"
        "here = Path('/drive/notebooks/01b_perceptron.ipynb')\n"
        "original = here.read_text()\n"
        "here.write_text('{}')\n"
        "spoiled = here.read_text()\n"
        "here.unlink()\n"
        "print(Path('/drive/progress.json').read_text(), spoiled, here.read_text() == original)"
    )
    assert shown.strip() == "new {} True"


@pytest.mark.skipif("NNLIB_ONLINE" not in os.environ, reason="NumPy for a browser needs a network")
def test_a_lesson_and_an_exercise_in_the_browser_alone(address: str, page: Page) -> None:
    lab = Lab(page, address, "notebooks/01a_neuron.ipynb")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    slider = page.locator(".jp-Notebook .nnlib input[type=range]").first
    slider.wait_for()
    words = page.locator(".jp-Notebook .nnlib [aria-live]").first
    before = words.inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(words).not_to_have_text(before)

    lab = Lab(page, address, "exercises/01a_neuron/01a_neuron.ipynb")
    installed = lab.cells.first.locator(".cm-content").inner_text()
    lab.run(installed)
    reference = inspect.getsource(EXERCISES["neuron"].reference)
    answer = reference[reference.index("def ") :]
    preamble = "import numpy as np\nfrom nnlib.course.check import check\n"
    assert "neuron: right" in lab.run(f"{preamble}\n{answer}\ncheck(neuron)")
