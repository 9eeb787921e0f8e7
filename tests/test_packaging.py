"""The files that tell what to install agree with each other."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nnlib import missing

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
STUDENT = [*PYPROJECT["project"]["dependencies"], *EXTRAS["course"], *EXTRAS["torch"]]
EVERYTHING = [*STUDENT, *EXTRAS["grade"], *EXTRAS["test"], *EXTRAS["bench"], *EXTRAS["site"]]
OF_CONDA = {"pytorch-cpu": "torch"}


def pins():
    """The requirement of every line of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def named(requirements):
    """The version range of each package."""
    parsed = (Requirement(text) for text in requirements)
    return {canonicalize_name(r.name): str(r.specifier) for r in parsed}


def test_conda_gets_the_packages_and_ranges_of_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    packages = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    conda = named(packages)
    assert conda.pop("python") == PYPROJECT["project"]["requires-python"]
    del conda["pip"]
    assert {OF_CONDA.get(name, name): range_ for name, range_ in conda.items()} == named(STUDENT)
    assert {"pip": ["-e .[grade,test]"]} in environment["dependencies"]


def test_binder_gets_the_course_without_what_is_large():
    environment = yaml.safe_load((ROOT / ".binder" / "environment.yml").read_text(encoding="utf-8"))
    packages = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    binder = named(packages)
    assert binder.pop("python") == PYPROJECT["project"]["requires-python"]
    del binder["pip"]
    assert binder == named([*PYPROJECT["project"]["dependencies"], *EXTRAS["course"]])


def test_lite_has_ranges_of_the_course():
    assert set(EXTRAS["lite"]) < set(EXTRAS["course"])


@pytest.mark.parametrize("text", EVERYTHING)
def test_every_package_is_pinned_within_its_range(text):
    wanted = Requirement(text)
    found = [pin for pin in pins() if canonicalize_name(pin.name) == canonicalize_name(wanted.name)]
    assert found, f"{wanted.name} has no line in constraints.txt"
    for pin in found:
        (version,) = pin.specifier
        assert version.operator == "=="
        assert version.version in wanted.specifier


def test_pins_are_exact_and_free_of_cuda():
    for pin in pins():
        (version,) = pin.specifier
        assert version.operator == "==", pin
        assert "+" not in version.version, pin
        assert not re.match(r"nvidia|cuda|triton", pin.name), pin


def test_the_distribution_has_a_name_of_its_own():
    """On PyPI the name nnlib belongs to another, abandoned package."""
    assert PYPROJECT["project"]["name"] == missing.DISTRIBUTION == "nnlib-course"
    for file in ("README.md", "CITATION.cff"):
        assert missing.DISTRIBUTION in (ROOT / file).read_text(encoding="utf-8")
    written = subprocess.run(
        ["git", "grep", "-nIE", r"pip install .*\bnnlib(\[|\s|$)", "--", ".", ":!tests"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert written.stdout == ""


def test_the_parts_of_a_widget_are_packaged():
    data = PYPROJECT["tool"]["setuptools"]["package-data"]
    assert data["nnlib"] == ["py.typed"]
    assert (ROOT / "nnlib" / "py.typed").is_file()
    for path in (ROOT / "nnlib").rglob("*"):
        if path.suffix in {".js", ".css", ".pyi"}:
            package = ".".join(path.relative_to(ROOT).parts[:-1])
            assert f"*{path.suffix}" in data.get(package, []), f"{path.name} would be left out"


@pytest.mark.parametrize(
    "command",
    [
        *("lab", "lint", "quick", "test", "full", "notebooks", "exercises", "bench", "grade"),
        *("site", "test-site", "student-release"),
    ],
)
def test_make_and_make_py_know_the_same_commands(command):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert command in targets.split()
    assert f"\n    {command} " in (ROOT / "make.py").read_text(encoding="utf-8")


def test_an_unknown_command_lists_those_that_there_are():
    asked = [sys.executable, str(ROOT / "make.py"), "lba"]
    answer = subprocess.run(asked, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert answer.returncode == 2
    assert "open the course in JupyterLab" in answer.stdout
