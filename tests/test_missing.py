"""What is missing is named, with what to type, by every part that needs more than NumPy."""

import subprocess
import sys
from importlib import metadata

import pytest

from nnlib import missing

# A part, a package that it needs, and the command that installs it in a checkout.
PARTS = [
    ("nnlib.viz", "matplotlib", "lab"),
    ("nnlib.course.check", "platformdirs", "lab"),
    ("nnlib.course.check", "IPython", "lab"),
    ("nnlib.course.widgets", "anywidget", "lab"),
    ("nnlib.course.grade.__main__", "dask", "grade"),
    ("nnlib.course.grade.__main__", "nbgrader", "grade"),
]
ASKED = [
    "numpy<3,>=2.1",
    'anywidget<1,>=0.9; extra == "course"',
    "matplotlib<4,>=3.9; extra == 'course'",
    'nbgrader<1; extra == "grade"',
    'pytest<10; extra == "test"',
]


@pytest.fixture
def wheel(monkeypatch, tmp_path):
    """nnlib as it lies in site-packages, where there is no make.py."""
    monkeypatch.setattr(missing, "ROOT", tmp_path)
    monkeypatch.setattr(metadata, "requires", lambda name: name == "nnlib-course" and ASKED)


@pytest.mark.parametrize(("part", "package", "command"), PARTS)
def test_each_part_says_what_to_type(part, package, command):
    code = f"import sys\nsys.modules[{package!r}] = None\nimport {part}"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said = run.stderr.splitlines()[-1]
    assert said.startswith(f"ModuleNotFoundError: {part.removesuffix('.__main__')} needs {package}")
    assert said.endswith(f"type: make {command}   (on Windows: py make.py {command})")


def test_a_widget_says_it_too():
    code = (
        "import sys\nsys.modules['matplotlib'] = None\n"
        "from nnlib.course.widgets import momentum_map"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "needs matplotlib, which is not installed here" in run.stderr
    assert "type: make lab" in run.stderr.splitlines()[-1]


def test_in_a_checkout_make_installs_it():
    assert missing.remedy().startswith(f"In the folder {missing.ROOT}, type: make lab")
    assert "py make.py grade" in missing.remedy("grade")


def test_from_a_wheel_the_packages_are_named(wheel):
    course = 'python -m pip install "anywidget<1,>=0.9" "matplotlib<4,>=3.9"'
    assert missing.remedy().endswith(f"type: {course}")
    assert missing.remedy("grade").endswith(f'type: {course} "nbgrader<1"')
    assert "nnlib" not in missing.remedy()


def test_our_own_name_is_said_once_it_is_ours(wheel, monkeypatch):
    monkeypatch.setattr(missing, "PUBLISHED", True)
    assert missing.remedy().endswith('type: python -m pip install "nnlib-course[course]"')


def test_a_folder_that_nobody_installed(monkeypatch, tmp_path):
    def none(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(missing, "ROOT", tmp_path)
    monkeypatch.setattr(metadata, "requires", none)
    assert "pip install jupyterlab anywidget matplotlib" in missing.remedy()


def test_other_errors_pass():
    bare = pytest.raises(ModuleNotFoundError, match=r"^No module named 'nnlib\.nowhere'$")
    with bare, missing.needs("nnlib.viz"):
        import nnlib.nowhere  # noqa: F401
    said_once = pytest.raises(
        ModuleNotFoundError, match=r"^inner needs nothing_like_it, .*make lab"
    )
    with said_once, missing.needs("outer"), missing.needs("inner"):
        import nothing_like_it  # noqa: F401
    with pytest.raises(ImportError, match="cannot import name"), missing.needs("nnlib.viz"):
        from nnlib import nothing  # noqa: F401
