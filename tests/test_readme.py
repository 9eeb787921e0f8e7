"""What the README shows is true: its example runs, is short, and reads the digits."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def test_the_example_reads_97_percent_of_the_test_digits() -> None:
    pytest.importorskip("sklearn")
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(example.strip().splitlines()) <= 20
    command = [sys.executable, "-c", example]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert float(printed.split()[0]) >= 0.97


def test_every_file_it_points_to_is_there() -> None:
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    assert linked
    for name in linked:
        assert (Path(__file__).parent.parent / name).exists(), name
