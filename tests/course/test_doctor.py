"""The doctor, with each thing that can be wrong made wrong on purpose."""

import os
import sys
from importlib import metadata
from pathlib import Path

import jupyter_core.paths
import jupyterlab_server.config
import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from nnlib import missing
from nnlib.course import doctor

REQUIRED = ["numpy>=2", "anywidget>=0.9; extra == 'course'", "torch>=2; extra == 'torch'"]


@pytest.fixture
def installed(monkeypatch):
    """What is installed, as a dict to change: a missing key is a missing package."""
    versions = {"nnlib-course": "0.1.0", "numpy": "2.4.6", "anywidget": "0.11.0", "torch": "2.13.0"}

    def version(name):
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(metadata, "requires", lambda name: version(name) and REQUIRED)
    return versions


@pytest.fixture
def extensions(monkeypatch, installed):
    """What JupyterLab finds, and what is switched off."""
    found = {
        "@jupyter-widgets/jupyterlab-manager": {"version": "5.0.16", "ext_path": "/lab/manager"},
        "anywidget": {"version": "0.11.0", "ext_path": "/lab/anywidget"},
    }
    page = {"disabledExtensions": []}
    monkeypatch.setattr(jupyterlab_server.config, "get_federated_extensions", lambda _: found)
    monkeypatch.setattr(jupyterlab_server.config, "get_page_config", lambda _: page)
    return found, page["disabledExtensions"]


def kernel(monkeypatch, python):
    spec = KernelSpec(argv=[python, "-m", "ipykernel_launcher"])
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda *_: spec)


def test_an_old_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    finding = doctor.check_python()
    assert finding.kind == "problem"
    assert "This Python is 3.9.2; the course needs 3.11 or newer." in finding.message
    assert "make lab PYTHON=" in finding.remedy


def test_this_python_is_new_enough():
    assert doctor.check_python().kind == "ok"


def test_another_environment_than_the_courses(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    assert doctor.check_environment().kind == "ok"
    (tmp_path / ".venv").mkdir()
    finding = doctor.check_environment()
    assert finding.kind == "note"
    assert f"this Python is in {sys.prefix}" in finding.message
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    assert doctor.check_environment().kind == "ok"


def test_all_packages(installed):
    assert doctor.check_packages().kind == "ok"


def test_a_missing_package(installed):
    del installed["anywidget"]
    finding = doctor.check_packages()
    assert finding.kind == "problem"
    assert finding.message == "anywidget is not installed."
    assert "make lab" in finding.remedy


def test_from_a_wheel_no_make_is_spoken_of(installed, monkeypatch, tmp_path):
    for module in (doctor, missing):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    del installed["anywidget"]
    finding = doctor.check_packages()
    assert finding.remedy == 'Please type: python -m pip install "anywidget>=0.9"'
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert doctor.check_python().remedy == "Install a newer one"


def test_an_old_package(installed):
    installed["numpy"] = "1.26.4"
    finding = doctor.check_packages()
    assert finding.kind == "problem"
    assert finding.message == "numpy is version 1.26.4, the course needs >=2."


def test_a_python_without_nnlib(installed):
    del installed["nnlib-course"]
    assert "nnlib is not installed in this Python" in doctor.check_packages().message


def test_a_python_without_the_course_extra(installed, monkeypatch):
    monkeypatch.setitem(sys.modules, "packaging.requirements", None)
    assert doctor.check_packages().message == "packaging is not installed."


def test_no_torch_is_only_a_note(installed):
    assert doctor.check_torch().kind == "ok"
    del installed["torch"]
    finding = doctor.check_torch()
    assert finding.kind == "note"
    assert "their proofs are skipped" in finding.message


@pytest.mark.parametrize("python", ["python", sys.executable])
def test_a_kernel_of_this_python(monkeypatch, python):
    kernel(monkeypatch, python)
    assert doctor.check_kernel().kind == "ok"


def test_a_kernel_of_another_python(monkeypatch, tmp_path):
    kernel(monkeypatch, str(tmp_path / "python"))
    finding = doctor.check_kernel()
    assert finding.kind == "problem"
    assert f"Notebooks run in another Python, {tmp_path / 'python'}" in finding.message
    assert "ipykernel install --sys-prefix" in finding.remedy


def test_no_kernel(monkeypatch):
    def none(*_):
        raise NoSuchKernel("python3")

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", none)
    assert "There is no Python kernel here" in doctor.check_kernel().message


def test_no_jupyter(monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyter_client.kernelspec", None)
    monkeypatch.setitem(sys.modules, "jupyterlab_server.config", None)
    assert doctor.check_kernel().message == "JupyterLab is not installed."
    assert doctor.check_widgets().message == "JupyterLab is not installed."


def test_a_lab_of_another_environment(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor.shutil, "which", lambda _: str(tmp_path / "jupyter"))
    finding = doctor.check_lab()
    assert finding.kind == "note"
    assert "it belongs to another environment than this Python" in finding.message
    beside = str(Path(sys.executable).parent / "jupyter")
    monkeypatch.setattr(doctor.shutil, "which", lambda _: beside)
    assert doctor.check_lab().kind == "ok"


def test_widgets_that_render(extensions):
    assert doctor.check_widgets().kind == "ok"


@pytest.mark.parametrize("extension", list(doctor.WIDGETS))
def test_an_extension_that_lab_does_not_find(extensions, extension):
    found, _ = extensions
    del found[extension]
    finding = doctor.check_widgets()
    assert finding.kind == "problem"
    assert finding.message == f"JupyterLab has no extension {extension}: widgets stay blank."
    assert doctor.WIDGETS[extension] in finding.remedy


@pytest.mark.parametrize("extension", list(doctor.WIDGETS))
def test_an_extension_that_is_switched_off(extensions, extension):
    _, disabled = extensions
    disabled.append(extension)
    finding = doctor.check_widgets()
    assert "is switched off" in finding.message
    assert finding.remedy == f"Type: jupyter labextension enable {extension}"


@pytest.mark.parametrize(
    ("extension", "version"),
    [("@jupyter-widgets/jupyterlab-manager", "3.1.9"), ("anywidget", "0.9.2")],
)
def test_an_extension_of_another_version(extensions, extension, version):
    found, _ = extensions
    found[extension]["version"] = version
    finding = doctor.check_widgets()
    assert finding.message.startswith(f"JupyterLab's extension {extension} {version} does not fit")
    assert found[extension]["ext_path"] in finding.remedy


def test_an_extension_without_its_package(extensions, installed):
    del installed["anywidget"]
    assert "does not fit this anywidget" in doctor.check_widgets().message


def test_extensions_are_looked_for_where_lab_looks(monkeypatch, tmp_path):
    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *_: [str(tmp_path)])
    assert "widgets stay blank" in doctor.check_widgets().message


def test_a_folder_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "exercises").mkdir()
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    assert doctor.check_folder().kind == "ok"
    # Root may write everywhere, so the answer of the system is replaced.
    monkeypatch.setattr(os, "access", lambda *_: False)
    finding = doctor.check_folder()
    assert finding.kind == "problem"
    assert "your answers would be lost" in finding.message


def test_the_report_counts_problems_and_says_so_to_the_shell(monkeypatch, capsys):
    good = doctor.Diagnosis("ok", "Good.")
    bad = doctor.Diagnosis("problem", "Bad.", "Type: this")
    monkeypatch.setattr(doctor, "CHECKS", (lambda: good, lambda: bad))
    assert doctor.main() == 1
    assert capsys.readouterr().out == (
        "✓ Good.\n✗ Bad.\n    Type: this\n\n1 problem: what to type stands beneath each.\n"
    )
    monkeypatch.setattr(doctor, "CHECKS", (lambda: good,))
    assert doctor.main() == 0
    assert "Everything the course needs is here." in capsys.readouterr().out
