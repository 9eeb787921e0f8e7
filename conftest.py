"""What holds for every test, and for every kernel that a test starts."""

import os
import tempfile
from pathlib import Path

# Progress bars stay off (stored outputs are compared), and Hypothesis sets no deadlines.
os.environ["CI"] = "1"
# A test run must not count as a student's progress.
_own = tempfile.TemporaryDirectory(prefix="nnlib-")  # goes when the tests end
os.environ["NNLIB_PROGRESS"] = str(Path(_own.name) / "progress.json")
# Tests run beside each other, one on each processor: more threads would wait for each other.
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
