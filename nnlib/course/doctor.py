"""Say in plain words what keeps the course from working here, and what to type.

    python -m nnlib.course.doctor

Each check looks at one thing and returns one finding. Only problems stop the course; a note does
not.
"""

import io
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from nnlib import missing

ROOT = missing.ROOT
WIDGETS = {"@jupyter-widgets/jupyterlab-manager": "ipywidgets", "anywidget": "anywidget"}
MARKS = {"ok": "✓", "note": "!", "problem": "✗"}


@dataclass(frozen=True)
class Diagnosis:
    """What one check saw, and what to do about it."""

    kind: Literal["ok", "note", "problem"]
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        lines = [f"{MARKS[self.kind]} {self.message}"]
        return "\n    ".join([*lines, *self.remedy.splitlines()])


def check_python() -> Diagnosis:
    """Python 3.11 or newer."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the question
        message = f"This Python is {version}; the course needs 3.11 or newer."
        then = ", then: make lab PYTHON=python3.12" * (ROOT / "make.py").is_file()
        return Diagnosis("problem", message, f"Install a newer one{then}")
    return Diagnosis("ok", f"Python {version} in {sys.prefix}")


def check_environment() -> Diagnosis:
    """The course's own environment is the one in use, if there is one."""
    own = ROOT / ".venv"
    if own.is_dir() and Path(sys.prefix).resolve() != own.resolve():
        message = f"The course has its own environment, .venv, but this Python is in {sys.prefix}."
        return Diagnosis("note", message, missing.remedy())
    return Diagnosis("ok", "The environment of the course is the one in use.")


def check_packages() -> Diagnosis:
    """Everything that the lessons import is there, in a version that fits."""
    try:
        absent, unfit = _requirements()
    except metadata.PackageNotFoundError:
        message = "nnlib is not installed in this Python: probably it is not the course's own."
        return Diagnosis("problem", message, missing.remedy())
    except ModuleNotFoundError:
        absent, unfit = ["packaging"], []
    if not absent and not unfit:
        return Diagnosis(
            "ok", "Every package that the lessons need is here, in a version that fits."
        )
    said = [f"{name} is not installed" for name in absent] + unfit
    conda = "\nWith conda, type: conda env update -f environment.yml"
    remedy = missing.remedy() + conda * (ROOT / "environment.yml").is_file()
    return Diagnosis("problem", "; ".join(said) + ".", remedy)


def _requirements() -> tuple[list[str], list[str]]:
    """What the extra [course] asks for: the names that are missing, the versions that do not fit."""
    asked = metadata.requires(missing.DISTRIBUTION) or []
    from packaging.requirements import Requirement

    absent, unfit = [], []
    for requirement in map(Requirement, asked):
        if requirement.marker and not requirement.marker.evaluate({"extra": "course"}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            absent.append(requirement.name)
            continue
        if version not in requirement.specifier:
            wanted = requirement.specifier
            unfit.append(f"{requirement.name} is version {version}, the course needs {wanted}")
    return absent, unfit


def check_torch() -> Diagnosis:
    """PyTorch, which only the proofs need."""
    try:
        return Diagnosis("ok", f"PyTorch {metadata.version('torch')}")
    except metadata.PackageNotFoundError:
        message = (
            "PyTorch is not installed: the lessons work, and say that their proofs are skipped."
        )
        remedy = (
            "If you want it: pip install torch --index-url https://download.pytorch.org/whl/cpu"
        )
        return Diagnosis("note", message, remedy)


def check_kernel() -> Diagnosis:
    """Notebooks run in this Python, the one that has nnlib."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ModuleNotFoundError:
        return Diagnosis("problem", "JupyterLab is not installed.", missing.remedy())
    try:
        python = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        message = "There is no Python kernel here, so a notebook cannot run."
        return Diagnosis("problem", message, "Type: python -m pip install ipykernel")
    # Jupyter replaces the bare name by its own Python.
    if os.path.basename(python) == python or _beside(python, sys.executable):
        return Diagnosis("ok", "Notebooks run in this Python.")
    message = f"Notebooks run in another Python, {python}, which need not have nnlib."
    return Diagnosis(
        "problem", message, f"Type: {sys.executable} -m ipykernel install --sys-prefix"
    )


def check_lab() -> Diagnosis:
    """The `jupyter` that a terminal finds belongs to this Python."""
    found = shutil.which("jupyter")
    if found is None or _beside(found, sys.executable):
        return Diagnosis("ok", "JupyterLab and its kernel are in one environment.")
    message = f"The command jupyter is {found}: it belongs to another environment than this Python."
    return Diagnosis("note", message, missing.remedy())


def check_widgets() -> Diagnosis:
    """JupyterLab finds the extensions that draw widgets, switched on and fitting Python's side."""
    try:
        from jupyter_core.paths import jupyter_path
        from jupyterlab_server.config import get_federated_extensions, get_page_config
    except ModuleNotFoundError:
        return Diagnosis("problem", "JupyterLab is not installed.", missing.remedy())
    places = jupyter_path("labextensions")
    found, disabled = (
        get_federated_extensions(places),
        get_page_config(places)["disabledExtensions"],
    )
    for extension, package in WIDGETS.items():
        remedy = f"Type: {sys.executable} -m pip install --force-reinstall {package}\n"
        remedy += "Then close JupyterLab, start it again and reload the page."
        if extension not in found:
            message = f"JupyterLab has no extension {extension}: widgets stay blank."
            return Diagnosis("problem", message, remedy)
        if extension in disabled:
            message = f"JupyterLab's extension {extension} is switched off: widgets stay blank."
            return Diagnosis("problem", message, f"Type: jupyter labextension enable {extension}")
        version = found[extension]["version"]
        if not version.startswith(_drawn_by(package)):
            message = f"JupyterLab's extension {extension} {version} does not fit this {package}."
            return Diagnosis(
                "problem", message, f"It lies in {found[extension]['ext_path']}.\n{remedy}"
            )
    return Diagnosis("ok", "JupyterLab finds what draws the widgets.")


def _drawn_by(package: str) -> str:
    """How the version of the extension begins that draws this package's widgets."""
    # The two sides of anywidget count together; ipywidgets 8 is drawn by an extension 5.
    try:
        return "5." if package == "ipywidgets" else metadata.version(package)
    except metadata.PackageNotFoundError:
        return "nothing"


def check_folder() -> Diagnosis:
    """Answers can be saved."""
    for folder in (ROOT / "notebooks", ROOT / "exercises"):
        if folder.is_dir() and not os.access(folder, os.W_OK):
            message = f"The folder {folder} cannot be written to, so your answers would be lost."
            return Diagnosis("problem", message, "Copy the course to a folder of your own.")
    return Diagnosis("ok", "Your answers can be saved.")


def _beside(one: str, other: str) -> bool:
    """Whether two programs lie in one folder; where a link leads is no matter, environments share."""
    folders = {os.path.normcase(Path(os.path.abspath(program)).parent) for program in (one, other)}
    return len(folders) == 1


CHECKS: tuple[Callable[[], Diagnosis], ...] = (
    check_python,
    check_environment,
    check_packages,
    check_torch,
    check_kernel,
    check_lab,
    check_widgets,
    check_folder,
)


def main() -> int:
    """Print every finding; 1 if there is a problem."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every Windows console has the marks
    findings = [check() for check in CHECKS]
    print(*findings, sep="\n")
    problems = sum(finding.kind == "problem" for finding in findings)
    if problems:
        print(
            f"\n{problems} problem{'s' if problems > 1 else ''}: what to type stands beneath each."
        )
    else:
        print("\nEverything the course needs is here.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
