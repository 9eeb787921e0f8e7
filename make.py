"""The course's commands on every platform: `make lab` and `python make.py lab` are the same.

It needs Python 3.11 or newer and nothing else. Everything is installed into the folder .venv
beside this file, at the versions that constraints.txt pins, and only when something changed.

    lab         open the course in JupyterLab; options are passed on: lab --no-browser --port 8899

    lint        style and types
    quick       while you write, in a minute and a half: lint, and the tests that are quick
    test        everything that must be true before a change is done
    test --lesson 17    only what is that lesson's, in a minute (make test LESSON=17)
    full        test, and what takes long: all seeds, whole lessons in a browser, other processors

    site        build the course as web pages, into build/site/html; site --lite: with JupyterLite
    test-site   build them, and try them in a browser

    notebooks   run the lessons and solutions again and store their outputs
    exercises   make exercises/ anew from solutions/
    bench       time nnlib against PyTorch
    grade       grade a class: grade SUBMISSIONS --assignment 01a_neuron --out GRADES

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
from itertools import takewhile
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
CPU = Path("/proc/cpuinfo")  # Linux alone has it
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
# Four workers at most: each holds PyTorch. worksteal gives each of them tests that stand together,
# so that one browser serves all that need one.
PYTEST = ["pytest", "-n", str(min(os.cpu_count() or 2, 4)), "--dist", "worksteal"]
# loadscope keeps the cells of one notebook, which need each other, on one worker.
STORED = [
    *(*PYTEST[:-1], "loadscope"),
    *("--nbval", "--nbval-current-env", "--nbval-cell-timeout", "120"),
    *("--nbval-sanitize-with", "tests/nbval.cfg"),
]
ALL_STORED = [*STORED, "notebooks", "solutions"]
# pyproject.toml says what the markers mean, and leaves out what is slow where no -m is given.
# What only stored outputs need takes two seconds to import.
QUICK = LINT | {"pytest": [*PYTEST, "-p", "no:nbval", "-m", "not slow and not heavy"]}
SITE = {"site": ["nnlib.course.site"]}
LITE = {"site": ["nnlib.course.site", "--lite"]}
TEST = LINT | {"pytest": PYTEST, "stored outputs": ALL_STORED}


def of_lesson(number: str) -> dict:
    """What is one lesson's: all tests with its name in their own, their folder's or notebook's.

    10 is 10a and 10b, where there are two.
    """
    stored = [*ROOT.glob("notebooks/[0-9]*.ipynb"), *ROOT.glob("solutions/*/*.ipynb")]
    known = {path.stem for path in stored}
    names = sorted(name for name in known if re.match(f"0?{re.escape(number)}[a-z]?_", name))
    if not names:
        sys.exit(f"There is no lesson {number}. There are: {', '.join(sorted(known))}.")
    own = [path.relative_to(ROOT).as_posix() for path in sorted(stored) if path.stem in names]
    return STYLE | {
        "pytest": [*PYTEST, "-k", " or ".join(names)],
        "stored outputs": [*STORED, *own],
    }


def full() -> dict:
    """The test with all that is slow, its coverage, and stored outputs by other arithmetic."""
    everything = LITE | {
        "pytest": ["coverage", "run", "-m", *PYTEST, "-m", ""],
        "stored outputs": ALL_STORED,
        "coverage, collected": ["coverage", "combine", "--quiet"],
        "coverage": ["coverage", "report"],
    }
    kernels = {
        f"stored outputs, {k}": [f"OPENBLAS_CORETYPE={k}", *ALL_STORED] for k in blas_kernels()
    }
    return LINT | everything | kernels


def blas_kernels() -> list:
    """Older and newer processors whose arithmetic NumPy's BLAS can do on this one."""
    if platform.machine() not in {"x86_64", "AMD64"}:
        return []
    newest = ["SkylakeX"] if CPU.exists() and "avx512f" in CPU.read_text("utf-8") else []
    return ["Prescott", "Haswell", *newest]


COMMANDS = {
    "lint": LINT,
    "quick": QUICK,
    "test": TEST,
    "full": full(),
    "notebooks": {"notebooks": ["nnlib.course.build", "notebooks"]},
    "exercises": {"exercises": ["nnlib.course.build", "exercises"]},
    "bench": {"bench": ["benchmarks"]},
    "grade": {"grade": ["nnlib.course.grade"]},
    "site": SITE,
    "test-site": LITE | {"pytest": [*PYTEST, "-m", "", "tests/site"]},
}


def main(command: str = "", *options: str) -> int:
    """Prepare .venv, then do what was asked."""
    match command, *options:
        case "lab", *_:
            prepare({"course"})
            return lab(options)
        case "student-release", folder:
            return student_release(Path(folder))
        case "test", "--lesson", number:
            steps, options = of_lesson(number), ()
        case _ if command in COMMANDS:
            steps = COMMANDS[command]
        case _:
            print(__doc__)
            return 2
    more = {"bench": {"bench"}, "site": {"site"}, "test-site": {"site"}, "full": {"site"}}
    prepare({"course", "grade", "test"} | more.get(command, set()))
    return run_all(steps, options)


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
    """Copy the course for students. Their checks need the references, so these stay in nnlib.

    In a git repository of an earlier release, what is released takes the place of what was.
    """
    repository = (target / ".git").exists() and not (target / "solutions").exists()
    if target.exists() and not repository:
        sys.exit(f"{target} is there already: name a new folder, or the repository of a release.")
    target.mkdir(parents=True, exist_ok=True)
    for name in RELEASED:
        shutil.rmtree(target / name, ignore_errors=True)
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


def run(step: list) -> int:
    """Run a Python module of .venv here, with the settings NAME=value that stand before it."""
    settings = dict(word.split("=", 1) for word in takewhile(lambda word: "=" in word, step))
    command = [PYTHON, "-m", *step[len(settings) :]]
    return subprocess.call(command, cwd=ROOT, env=os.environ | settings)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
