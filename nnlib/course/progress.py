"""What was solved, predicted, ordered and reached: one small file on this computer, sent nowhere.

It holds, per exercise, "solved" or "tried" and a date; never code. Beside them, under "predict: …",
"order: …" and "goal: …", it holds what was answered on the page. The environment variable
NNLIB_PROGRESS names another file.
"""

import contextlib
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import platformdirs

from nnlib.course.lessons import exercises, lessons
from nnlib.course.message import Page, box, paragraph, show

Record = dict[str, dict[str, str]]

DRIVE = Path("/drive")  # JupyterLite's
RESULTS = {"solved": "✓ {} solved", "tried": "○ {} tried", "": "· {} not begun"}
ANSWERS = {"predict": "Predictions", "order": "Orderings", "goal": "Goals"}
WRITTEN = "<!-- Written by progress() of nnlib. -->"


def progress(reset: bool = False, export: str | Path = "") -> None:
    """Show what you have solved, predicted and reached in each lesson.

    `progress(export="my-lesson-10.md")` writes a page of it, to keep or to hand in, and
    `progress(reset=True)` forgets it all.
    """
    try:
        if reset:
            progress_file().unlink(missing_ok=True)
        record, note = read()
    except OSError as error:
        record, note = {}, f"{progress_file()} could not be opened: {error.strerror}."
    if export:
        note = f"{note} {_exported(record, Path(export))}".strip()
    show(_table(record, note or ("Your progress was deleted." if reset else "")))


def progress_file() -> Path:
    """Where it is kept."""
    if elsewhere := os.environ.get("NNLIB_PROGRESS"):
        return Path(elsewhere)
    # A browser keeps what lies beside the notebooks, and forgets the home folder.
    kept = DRIVE if sys.platform == "emscripten" else platformdirs.user_data_path("nnlib", False)
    return kept / "progress.json"


def remember(exercise: str, solved: bool) -> str:
    """Write one result down; what is solved stays solved. Returns a note if there is one."""
    try:
        record, note = read()
        if record.get(exercise, {}).get("result") != "solved":
            record[exercise] = {"result": "solved" if solved else "tried", "date": _now()}
            _write(record)
        return note
    except OSError as error:
        return f"Your progress could not be saved in {progress_file()}: {error.strerror}."


def remember_answer(kind: str, name: str, result: str, **told: str) -> None:
    """Write down what was answered on the page: the first prediction, the first success.

    `kind` is "predict", "order" or "goal". Nothing on the page hangs on it, so a file that cannot be
    written is no error here; `progress()` tells of it.
    """
    key = f"{kind}: {name}"
    with contextlib.suppress(OSError):
        record, _ = read()
        if key not in record or (kind != "predict" and record[key]["result"] == "wrong"):
            record[key] = {"result": result, "date": _now(), **told}
            _write(record)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def read() -> tuple[Record, str]:
    """The record so far, and a note if the file was unreadable and has been set aside."""
    path = progress_file()
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return {
            key: {**v, "result": v["result"], "date": v["date"]} for key, v in record.items()
        }, ""
    except FileNotFoundError:
        return {}, ""
    except (ValueError, AttributeError, TypeError, KeyError):
        aside = path.with_suffix(".unreadable.json")
        os.replace(path, aside)
        return {}, f"The file with your progress was unreadable. It was set aside as {aside}."


def _write(record: Record) -> None:
    """All or nothing: a kernel killed half-way leaves the old file whole."""
    path = progress_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(record, file, indent=2)
        os.replace(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)


def _table(record: Record, note: str) -> Page:
    rows = [(lesson, *_row(record, lesson), _told(record, lesson)) for lesson in _begun(record)]
    cells = "".join(
        f'<tr><th scope="row" style="text-align: left">{escape(lesson)}</th><td>{count}</td>'
        f'<td style="text-align: left">{escape(marks)}</td>'
        f'<td style="text-align: left">{escape(told)}</td></tr>'
        for lesson, count, marks, told in rows
    )
    head = "".join(
        f'<th scope="col" style="text-align: left">{title}</th>'
        for title in ("Lesson", "Solved", "Exercises", "In the lesson")
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table>"
    text = "\n".join(
        f"{lesson}: {count} solved\n  {marks}" + (f"\n  {told}" if told else "")
        for lesson, count, marks, told in rows
    )
    html = box("neutral", paragraph(note) if note else "", table)
    return Page(html, f"{note}\n{text}".strip())


def _row(record: Record, lesson: str) -> tuple[str, str]:
    names = exercises(lesson)
    results = [record.get(f"{lesson}/{name}", {}).get("result", "") for name in names]
    marks = [
        RESULTS.get(result, RESULTS[""]).format(name)
        for result, name in zip(results, names, strict=True)
    ]
    return f"{results.count('solved')} of {len(names)}", ", ".join(marks)


def _begun(record: Record) -> list[str]:
    """The lessons that have exercises, and those where something was answered."""
    answered = {key.partition(": ")[2].partition("/")[0] for key in record if ": " in key}
    return sorted({*lessons(), *answered})


def _answers(record: Record, kind: str, lesson: str) -> dict[str, dict[str, str]]:
    """What was answered in a lesson, by its name."""
    start = f"{kind}: {lesson}/"
    return {key.removeprefix(start): v for key, v in record.items() if key.startswith(start)}


def _told(record: Record, lesson: str) -> str:
    """What was predicted, ordered and reached, in a few words."""
    predicted = [answer["result"] for answer in _answers(record, "predict", lesson).values()]
    told = [f"{predicted.count('right')} of {len(predicted)} predicted right"] if predicted else []
    for name, answer in _answers(record, "order", lesson).items():
        told.append(f"✓ {name} in order" if answer["result"] == "right" else f"○ {name} tried")
    told += [f"✓ goal of {name} reached" for name in _answers(record, "goal", lesson)]
    return ", ".join(told)


def _exported(record: Record, path: Path) -> str:
    """Write the page, unless another's file is in its way; returns what was done."""
    try:
        if path.exists() and not path.read_text(encoding="utf-8").startswith(WRITTEN):
            return f"{path} was not written: there is a file of that name that is not from here."
        path.write_text(_markdown(record), encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return f"{path} could not be written: {error}."
    return f"{path} was written."


def _markdown(record: Record) -> str:
    """All that was begun, lesson by lesson."""
    lines = [WRITTEN, "", f"# My progress on {_now()[:10]}"]
    for lesson in _begun(record):
        solved = [
            f"- {key.removeprefix(f'{lesson}/')}: {result['result']}, {result['date'][:10]}"
            for key, result in record.items()
            if key.startswith(f"{lesson}/")
        ]
        parts = {
            title: [
                _line(kind, name, answer) for name, answer in _answers(record, kind, lesson).items()
            ]
            for kind, title in ANSWERS.items()
        } | {"Exercises": solved}
        if any(parts.values()):
            lines += ["", f"## Lesson {lesson}"]
        for title, items in parts.items():
            if items:
                lines += ["", f"### {title}", "", *items]
    return "\n".join(lines) + "\n"


def _line(kind: str, name: str, answer: dict[str, str]) -> str:
    """One answer, as an item of a list."""
    date = answer["date"][:10]
    if kind == "goal":
        return f"- ✓ {name}: {answer.get('goal', '')}, {date}"
    mark = "✓" if answer["result"] == "right" else "✗"
    question = answer.get("question", name)
    if kind == "order":
        return f"- {mark} {question} {answer.get('words', '')} {date}"
    return (
        f"- {mark} {question}\n  My prediction: {answer.get('chosen', '')}. "
        f"What is right: {answer.get('right', '')}. {date}"
    )
