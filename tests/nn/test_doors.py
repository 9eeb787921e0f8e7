"""Doors one can see: mypy, and so every editor, knows what a function or a constructor takes."""

import os
import subprocess
import sys
from pathlib import Path

import nnlib

MISTAKES = """
nn.ReLU(slope=3)
nn.LeakyReLU("steep")
nn.Tanh(3)
nn.Dropout(probability=0.5)
nn.Linear(2, 3, biased=False)
nn.MLP([2, 3], nn.Tanh, 1)
nn.MSELoss(size=1)
nn.CrossEntropyLoss(redaction="mean")
F.relu(1, 2, 3, 4)
F.mse_loss(layer.weight)
F.cross_entropy(layer.weight, layer.bias, smoothing=0.1)
""".strip().splitlines()
RIGHT = """
nn.ReLU()
nn.LeakyReLU(0.2)
nn.Linear(2, 3, bias=False)
nn.CrossEntropyLoss(reduction="mean")
F.relu(input=layer.weight)
F.mse_loss(layer.weight, layer.weight, reduction="sum")
""".strip().splitlines()


def test_mypy_refuses_what_is_not_there(tmp_path):
    start = ["import nnlib.nn.functional as F", "from nnlib import nn", "layer = nn.Linear(1, 1)"]
    (tmp_path / "student.py").write_text("\n".join([*start, *RIGHT, *MISTAKES]))
    home = str(Path(nnlib.__file__).parents[1])
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(tmp_path / "student.py")],
        check=False, capture_output=True, text=True, cwd=home,
        env={**os.environ, "MYPYPATH": home},
    )  # fmt: skip
    errors = [line.split(":") for line in run.stdout.splitlines() if ": error:" in line]
    refused = {int(number) for _, number, *_ in errors}
    first = len(start) + len(RIGHT) + 1
    assert refused == set(range(first, first + len(MISTAKES))), run.stdout + run.stderr
