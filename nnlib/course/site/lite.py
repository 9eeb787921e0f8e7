"""The course in the browser alone: JupyterLite, with the course's own wheel and what it needs.

Python for the browser, NumPy and Matplotlib come from Pyodide's own address when a page is opened.
What is pure Python lies beside the pages, pinned: where one such package is missing, the kernel does
not start, and does not say why.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from nnlib.course.site import copies
from nnlib.missing import needs

# What the extra `lite` needs and Pyodide does not have.
PURE = ("anywidget", "comm", "ipywidgets", "jupyterlab-widgets", "psygnal")
PYTHON = "3.14"  # Pyodide's
EXTENSIONS = (
    "@jupyterlite/pyodide-kernel-extension",
    "@jupyter-widgets/jupyterlab-manager",
    "anywidget",
)


def make(root: Path, out: Path, work: Path, repository: str) -> None:
    """JupyterLite at `out`; what was fetched and built for it is kept in `work`."""
    with needs("make site --lite", "site"):
        import jupyterlite_core  # noqa: F401
    wheels = [*fetched(root, work / "wheels"), built(root, work)]
    shutil.rmtree(work / "contents", ignore_errors=True)
    copies.for_lite(root, work / "contents", repository)
    extensions = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    settings = {
        "LiteBuildConfig": {
            "apps": ["lab"],
            "contents": [str(work / "contents")],
            "federated_extensions": [str(extensions / name) for name in EXTENSIONS],
            "ignore_sys_prefix": ["federated_extensions"],  # what else may be installed here
            "no_sourcemaps": True,
            "output_dir": str(out),
        },
        "PipliteAddon": {"piplite_urls": [str(wheel) for wheel in wheels]},
    }
    text = json.dumps(settings, indent=2)
    (work / "jupyter_lite_config.json").write_text(text, encoding="utf-8")
    run(work, "jupyterlite_core", "build")


def fetched(root: Path, wheels: Path) -> list[Path]:
    """The wheels of what is pure Python, at the versions of the constraints; fetched once."""
    pins = (root / "constraints.txt").read_text("utf-8")
    pure = ["--platform", "any", "--abi", "none", "--implementation", "py"]
    pure += ["--no-deps", "--only-binary", ":all:", "--python-version", PYTHON]
    found: list[Path] = []
    for name, version in re.findall(r"^([\w-]+)==([\d.]+)", pins, re.MULTILINE):
        if name in PURE:
            pattern = f"{name.replace('-', '_')}-{version}-*.whl"
            if not list(wheels.glob(pattern)):
                run(root, "pip", "download", "-q", *pure, "-d", wheels, f"{name}=={version}")
            found += wheels.glob(pattern)
    return found


def built(root: Path, work: Path) -> Path:
    """The wheel of the course, of a copy, so that nothing older lies about in it."""
    source = work / "source"
    shutil.rmtree(source, ignore_errors=True)
    left_out = shutil.ignore_patterns("__pycache__", "grade", "site")
    shutil.copytree(root / "nnlib", source / "nnlib", ignore=left_out)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(root / name, source / name)
    run(source, "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", work, ".")
    [wheel] = work.glob("nnlib_course-*.whl")
    return wheel


def run(folder: Path, module: str, *arguments: str | Path) -> None:
    """Run a module of this Python there; what it says is shown where it fails."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n")
        raise subprocess.CalledProcessError(done.returncode, command)
