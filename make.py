"""The course's commands on every platform: `make lab` and `python make.py lab` are the same.

It needs Python 3.11 or newer and nothing else. Everything is installed into the folder .venv
beside this file, at the versions that constraints.txt pins, and only when something changed.

    lab         open the course in JupyterLab; options are passed on: lab --no-browser --port 8899

    lint        style and types
    quick       while you write, in a minute and a half: lint, and the tests that are quick
    test        everything that must be true before a change is done
    test --lesson 17    only what is that lesson's, in a minute (make test LESSON=17)
    full        test, and what takes long: all seeds, whole lessons in a browser, other processors

    notebooks   run the lessons and solutions again and store their outputs
    exercises   make exercises/ anew from solutions/
    bench       time nnlib against PyTorch
    grade       grade a class: grade SUBMISSIONS --assignment 01_neuron --out GRADES

    student-release FOLDER      copy the course without its solutions, its grading and its tests
"""

import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python shall say so, not stumble
    sys.exit(
        f"The course needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.\n"
        "If you have another, name it: make lab PYTHON=python3.12 (Windows: py -3.12 make.py lab)."
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed.txt"
CONSTRAINTS = ROOT / "constraints.txt"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"

# What students get, by name: nothing else that lies here, marks for example, is ever copied.
RELEASED = (
    *("nnlib", "notebooks", "exercises", "docs", "make.py", "Makefile", "pyproject.toml"),
    *("constraints.txt", "environment.yml", "README.md", "LICENSE", "LICENSE-TEXT"),
    *("CITATION.cff", ".gitignore"),
)
WITHHELD = ROOT / "nnlib" / "course" / "grade"

STYLE = {
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--check"],
}
LINT = STYLE | {"mypy": ["mypy"]}
# More than four would hold PyTorch, and perhaps a browser, too often in memory.
PYTEST = ["pytest", "-n", str(min(os.cpu_count() or 2, 4))]
# loadscope keeps the cells of one notebook, which need each other, on one worker.
STORED = [
    *(*PYTEST, "--dist", "loadscope"),
    *("--nbval", "--nbval-current-env", "--nbval-cell-timeout", "120"),
    *("--nbval-sanitize-with", "tests/nbval.cfg"),
]
# Which marker leaves what out is written in pyproject.toml.
QUICK = LINT | {"pytest": [*PYTEST, "-m", "not slow and not heavy"]}
TEST = LINT | {"pytest": PYTEST, "stored outputs": [*STORED, "notebooks", "solutions"]}


def full() -> dict:
    """The test with all that is marked slow, its coverage, and the outputs on other processors."""
    kernels = {
        f"stored outputs, {kernel}": [f"OPENBLAS_CORETYPE={kernel}", *TEST["stored outputs"]]
        for kernel in blas_kernels()
    }
    everything = {
        "pytest": ["coverage", "run", "-m", *PYTEST, "-m", ""],
        "coverage": ["coverage", "combine", "--quiet"],
        "report": ["coverage", "report"],
    }
    return TEST | everything | kernels


def blas_kernels() -> list:
    """The kernels of OpenBLAS, NumPy's arithmetic, for older and newer processors than this one."""
    if platform.machine() not in {"x86_64", "AMD64"}:
        return []
    cpu = Path("/proc/cpuinfo")
    newest = ["SkylakeX"] if cpu.exists() and "avx512f" in cpu.read_text("utf-8") else []
    return ["Prescott", "Haswell", *newest]


def of_lesson(number: str) -> dict:
    """What concerns one lesson: the tests with its name in theirs or their folder's or notebook's.

    10 is 10a and 10b, where there are two.
    """
    stored = [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("solutions/*/*.ipynb")]
    folders = (ROOT / "nnlib" / "course" / "lessons").glob("lesson_*")
    known = {path.stem.removeprefix("lesson_"): None for path in [*stored, *folders]}
    names = sorted(name for name in known if re.fullmatch(rf"0?{number}[a-z]?_.*", name))
    if not names:
        sys.exit(f"There is no lesson {number}. These are there: {', '.join(sorted(known))}.")
    tests = [f"tests/{where}" for where in ("course/lessons", "notebooks", "browser")]
    outputs = [str(path.relative_to(ROOT)) for path in sorted(stored) if path.stem in names]
    return STYLE | {
        "pytest": [*PYTEST, *tests, "nnlib/course/lessons", "-k", " or ".join(names)],
        "stored outputs": [*STORED, *outputs],
    }


COMMANDS = {
    "lint": LINT,
    "quick": QUICK,
    "test": TEST,
    "full": full(),
    "notebooks": {"notebooks": ["nnlib.course.build", "notebooks"]},
    "exercises": {"exercises": ["nnlib.course.build", "exercises"]},
    "bench": {"bench": ["benchmarks"]},
    "grade": {"grade": ["nnlib.course.grade"]},
}


def main(command: str = "", *options: str) -> int:
    """Prepare .venv, then do what was asked."""
    if command == "lab":
        prepare({"course"})
        return lab(options)
    if command == "student-release" and len(options) == 1:
        return student_release(Path(options[0]))
    if command not in COMMANDS:
        print(__doc__)
        return 2
    prepare({"course", "grade", "test"} | {command} & {"bench"})
    return run_all(COMMANDS[command], options)


def prepare(extras: set) -> None:
    """Let .venv hold these extras of pyproject.toml at the pinned versions."""
    pins = fingerprint()
    installed = set(STAMP.read_text("utf-8").split()) if STAMP.exists() else set()
    if {pins, *extras} <= installed:
        return
    if pins in installed:
        extras = extras | installed - {pins}

    print("Preparing .venv: this takes a few minutes, once.", flush=True)
    if not usable() and subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]) != 0:
        sys.exit("Python could not make the environment .venv: the reason stands above.")
    STAMP.unlink(missing_ok=True)
    names = ",".join(sorted(extras | ({"torch"} if install_torch() else set())))
    if pip("-c", CONSTRAINTS, "-e", f".[{names}]") != 0:
        sys.exit("The installation stopped: the reason stands above. The same command goes on.")
    # Last, so that an interrupted installation is taken up again.
    STAMP.write_text("\n".join([pins, *sorted(extras)]), "utf-8")


def fingerprint() -> str:
    """What the installed packages depend on; a moved checkout needs its nnlib installed again."""
    files = CONSTRAINTS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(files + f"{ROOT} {sys.version_info[:2]}".encode()).hexdigest()


def usable() -> bool:
    """Whether .venv has a pip and the version of the Python that runs this."""
    probe = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return PYTHON.exists() and subprocess.call([PYTHON, "-c", probe], **quiet) == 0


def install_torch() -> bool:
    """Install PyTorch's CPU build from its own index, or from where pip looks, if either has it."""
    torch = re.search(r"^torch==[\d.]+", CONSTRAINTS.read_text("utf-8"), re.MULTILINE)[0]
    places = [[]]
    if sys.platform == "linux":
        # Without this label pip would fetch 3 GB of CUDA; elsewhere the usual build is the CPU's.
        torch += "+cpu"
        places = [["--index-url", TORCH_CPU_INDEX, "--timeout", "5", "--retries", "0"], []]
    print(f"Looking for {torch} (about 200 MB) ...", flush=True)
    for place in places:
        if pip("--quiet", "--no-deps", *place, torch, stderr=subprocess.DEVNULL) == 0:
            return True
    print("PyTorch could not be had here: the course works, its proofs in PyTorch are skipped.")
    return False


def pip(*arguments, **how) -> int:
    """Install into .venv."""
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *arguments]
    return subprocess.call(command, cwd=ROOT, **how)


def lab(options: tuple) -> int:
    """Open JupyterLab at the map of the course."""
    # Jupyter asks by itself, on Ctrl-C, whether it shall stop: this process waits for its answer.
    signal.signal(signal.SIGINT, lambda *_: None)
    where = [f"--ServerApp.root_dir={ROOT}", "--LabApp.default_url=/lab/tree/notebooks/index.ipynb"]
    # Whoever is root is in a container, mostly; the server listens on this machine alone.
    root = ["--allow-root"] if os.name == "posix" and os.geteuid() == 0 else []
    return run(["jupyterlab", *where, *root, *options])


def student_release(target: Path) -> int:
    """Copy the course for students. Their checks need the references, so these stay in nnlib."""
    if target.exists():
        sys.exit(f"{target} is there already: name a new folder.")
    target.mkdir(parents=True)
    for name in RELEASED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=withheld)
        elif (ROOT / name).exists():
            shutil.copy2(ROOT / name, target / name)
    print(f"The students' course is in {target}.")
    return 0


def withheld(folder: str, names: list) -> set:
    """The names in a folder that are not copied."""
    rests = {"__pycache__", ".ipynb_checkpoints"} & set(names)
    return rests | {name for name in names if Path(folder, name) == WITHHELD}


def run_all(steps: dict, options: tuple) -> int:
    """Run every step, also after one failed, and name those that did."""
    failed = []
    for name, step in steps.items():
        if len(steps) > 1:
            print(f"\n-- {name} ".ljust(80, "-"), flush=True)
        if run([*step, *options]) != 0:
            failed.append(name)
    if len(steps) > 1:
        print("\nFailed: " + ", ".join(failed) if failed else "\nAll is well.")
    return 1 if failed else 0


def run(module: list) -> int:
    """Run a Python module of .venv here."""
    return subprocess.call([PYTHON, "-m", *module], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
