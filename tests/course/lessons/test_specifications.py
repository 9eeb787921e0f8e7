"""What holds of every exercise: right answers pass, and no wrong one does."""

import ast
import inspect
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import nbformat
import numpy as np
import pytest

from nnlib.course.kit.exercise import Exercise
from nnlib.course.kit.judging import judge, run
from nnlib.course.kit.mutants import mutants
from nnlib.course.lessons import EXERCISES, LESSONS

ROOT = Path(__file__).parents[3]
ALL = list(EXERCISES.values())
# The lesson's name in that of the test makes it a part of `make test LESSON=…`.
each = pytest.mark.parametrize("exercise", ALL, ids=[exercise.id for exercise in ALL])
SEEDS = range(20)

EQUIVALENT = {
    "activate: z < 0 → z <= 0": "both forms of σ are 1/2 at z = 0",
    "activate: ', '.join(ACTIVATIONS) → ACTIVATIONS": "only the words of an error",
    "perceptron_fit: w @ x → x @ w": "the dot product of two vectors",
    "step_network: 1 → 0": "the first point stretches its own piece by nothing",
    "tower_network: d - 0.5 → d": "in a tower the walls add up to d, and H(0) = 1",
    "activation_max: np.array(heights) → heights": "a list of numbers will do as well",
    "kinds_of_points: np.linalg.eigvalsh(A) > 0 → np.linalg.eigvalsh(A) >= 0": "none of them is 0",
    "worst_pair: 1 → 2": "a table that is one larger has zeros more",
    "capstone: 2 → 1": "another distance reads digits as well",
    "capstone: known ** 2 → known": "another distance reads digits as well",
    "windows: np.array([padded[i:i + k] for i in range(len(ids))]) → "
    "[padded[i:i + k] for i in range(len(ids))]": "a list of rows will do as well",
    "shrink_factors: inside < 0 → inside <= 0": "a double root p/2 is √μ in size",
}


def test_names_are_unique() -> None:
    assert len(ALL) == sum(len(exercises) for exercises in LESSONS.values())


@each
def test_is_complete(exercise: Exercise) -> None:
    assert exercise.id in [f"{lesson}/{exercise.name}" for lesson in LESSONS]
    assert len(exercise.mistakes) >= 4
    assert len({mistake.sentence for mistake in exercise.mistakes}) == len(exercise.mistakes)
    assert len(set(exercise.hints)) == 2
    assert set(exercise.points) <= {"shape", "values", "inputs"}


@each
def test_the_same_seed_gives_the_same_inputs_in_fresh_arrays(exercise: Exercise) -> None:
    first, second = exercise.draw(3), exercise.draw(3)
    for one, other in zip(first, second, strict=True):
        assert list(one.args) == list(exercise.signature.parameters)
        for a, b in zip(one.args.values(), other.args.values(), strict=True):
            np.testing.assert_array_equal(a, b)
            assert not isinstance(a, np.ndarray) or not np.shares_memory(a, b)


@each
def test_inputs_tell_layouts_and_types_apart(exercise: Exercise) -> None:
    arrays = [a for c in exercise.draw(0) for a in c.args.values() if isinstance(a, np.ndarray)]
    assert any(not a.flags.c_contiguous for a in arrays)
    assert any(not a.flags.writeable for a in arrays)
    assert {np.dtype("float32"), np.dtype("float64")} <= {a.dtype for a in arrays}


@each
def test_whole_numbers_come_only_where_fractions_never_do_or_the_task_says_so(
    exercise: Exercise,
) -> None:
    kinds: dict[str, set[str]] = {}
    fractions = set()
    for case in exercise.draw(0):
        for name, value in case.args.items():
            if isinstance(value, np.ndarray):
                kinds.setdefault(name, set()).add(value.dtype.kind)
                fractions |= {name} if np.any(value != np.rint(value)) else set()
    assert {name for name in fractions if "i" in kinds[name]} <= set(exercise.whole)
    [cell] = [c for c in notebook(exercise.lesson).cells if c.source.startswith(start(exercise))]
    assert not exercise.whole or "whole numbers" in cell.source


def seeds(exercise: Exercise) -> list[Any]:
    """All seeds for `make full`, of which five are no slow ones: the same five at every time."""
    hashed = sorted(SEEDS, key=lambda seed: crc32(f"{exercise.id} {seed}".encode()))
    rare = {seed: pytest.mark.slow for seed in hashed[5:]}
    return [
        pytest.param(exercise, seed, id=f"{exercise.id}-{seed}", marks=rare.get(seed, ()))
        for seed in SEEDS
    ]


@pytest.mark.heavy
@pytest.mark.parametrize(("exercise", "seed"), [case for e in ALL for case in seeds(e)])
def test_reference_is_right_and_mistakes_are_named(exercise: Exercise, seed: int) -> None:
    assert judge(exercise, seed, run(exercise, exercise.reference, seed)).passed
    for mistake in exercise.mistakes:
        verdict = judge(exercise, seed, run(exercise, mistake.answer, seed))
        assert not verdict.passed, mistake.name
        assert verdict.mistakes == {mistake.name: mistake.sentence}


@pytest.mark.heavy
@each
def test_every_mutant_of_the_reference_is_rejected(exercise: Exercise) -> None:
    quick = replace(exercise, seconds=2.0, mistakes=[])
    survivors = [
        what
        for what, mutant in mutants(exercise.reference)
        if judge(quick, 1, run(quick, mutant, 1)).passed
    ]
    assert set(survivors) <= set(EQUIVALENT)
    assert len(survivors) == len(set(survivors))


def test_each_equivalent_mutant_is_one() -> None:
    made = {what for exercise in ALL for what, _ in mutants(exercise.reference)}
    assert set(EQUIVALENT) <= made


@each
def test_a_stub_is_not_written_yet(exercise: Exercise) -> None:
    def stub(*_: Any) -> None:
        raise NotImplementedError

    verdict = judge(exercise, 1, run(exercise, stub, 1))
    assert verdict.headline == f"{exercise.name}: not written yet"
    assert not verdict.mistakes


def notebook(lesson: str) -> Any:
    return nbformat.read(ROOT / "solutions" / lesson / f"{lesson}.ipynb", as_version=4)


@each
def test_the_notebook_agrees_with_the_specification(exercise: Exercise) -> None:
    cells = {c.metadata.nbgrader.grade_id: c for c in notebook(exercise.lesson).cells if graded(c)}
    grade_id = exercise.name.replace("_", "-")
    checked, answer = cells[f"{grade_id}-check"], cells[f"{grade_id}-answer"]
    assert checked.source == f"check({exercise.name})"
    assert checked.metadata.tags == ["raises-exception"]
    assert checked.metadata.nbgrader.locked
    assert checked.metadata.nbgrader.points == sum(exercise.points.values())
    parameters = ", ".join(exercise.signature.parameters)
    assert answer.source.startswith(f"def {exercise.name}({parameters}):")
    assert len(answer.source.splitlines()) <= 60
    namespace: dict[str, Any] = {}
    [setup] = [c for c in notebook(exercise.lesson).cells if c.id == "setup"]
    exec(setup.source, namespace)  # noqa: S102 (our own imports)
    exec(answer.source, namespace)  # noqa: S102 (our own solution)
    solution = namespace[exercise.name]
    assert judge(exercise, 5, run(exercise, solution, 5)).passed
    assert all(name in inspect.getdoc(solution) for name in exercise.signature.parameters)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_its_exercises_in_order(lesson: str) -> None:
    sources = [cell.source for cell in notebook(lesson).cells]
    checks = [source for source in sources if source.startswith("check(")]
    assert checks == [f"check({exercise.name})" for exercise in LESSONS[lesson]]


@pytest.mark.parametrize("lesson", LESSONS)
def test_students_get_no_solution(lesson: str) -> None:
    path = ROOT / "exercises" / lesson / f"{lesson}.ipynb"
    text = path.read_text(encoding="utf-8")
    assert "SOLUTION" not in text
    cells = json.loads(text)["cells"]
    stubs = ["".join(c["source"]) for c in cells if "# your code here" in "".join(c["source"])]
    assert sum("raise NotImplementedError(" in stub for stub in stubs) == len(LESSONS[lesson])


@each
def test_no_answer_is_a_cell_of_its_lesson(exercise: Exercise) -> None:
    path = ROOT / "notebooks" / f"{exercise.lesson}.ipynb"
    if not path.exists():
        pytest.skip(f"{path.name} is not written yet")
    cells = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    shown = {body for source in cells if "%" not in source for body in bodies(source)}
    answer = next(
        c for c in notebook(exercise.lesson).cells if c.source.startswith(start(exercise))
    )
    assert not shown & set(bodies(answer.source))


def start(exercise: Exercise) -> str:
    return f"def {exercise.name}("


def bodies(source: str) -> list[str]:
    """What the source and each of its functions do, without docstrings, names and stubs."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return ["\n".join(map(ast.dump, steps(block.body))) for block in [*functions, tree]]


def steps(body: list[ast.stmt]) -> list[ast.stmt]:
    return [s for s in body if not isinstance(s, ast.Raise) and not is_text(s)]


def is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def graded(cell: Any) -> bool:
    return "nbgrader" in cell.metadata
