"""A notebook's cells as plain Python, each run so that what fails in it costs no more than itself."""

import __future__

import ast
import linecache
import re
import types
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

# How much of a notebook is run: all of it, no loops and bare calls, or names alone that call nothing.
EVERYTHING, NAMES, PLAIN_NAMES = range(3)
EXPERIMENTS = (ast.For, ast.AsyncFor, ast.While, ast.Expr, ast.Assert)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
FUTURES = __future__.annotations.compiler_flag

CHECK = re.compile(r"^\s*check\(\s*(\w+)", re.MULTILINE)
ASSIGNED = re.compile(r"(?P<target>\s*[\w.,\[\]() ]+=\s*)[!%](?P<magic>.*)")
TIMED = re.compile(r"%?time\s+(?P<code>.+)")
RUN = re.compile(r"%run\s+(?P<file>\S+\.py)\s*$")
WRITTEN = re.compile(r"\s*%%(?:writefile|file)\s+(?P<append>-a\s+)?(?P<file>\S+)[^\n]*\n?")
OTHER_LANGUAGES = {
    *("bash", "cmd", "cython", "html", "javascript", "js", "latex", "markdown", "perl", "R"),
    *("ruby", "script", "sh", "sql", "svg", "system", "sx", "!"),
}


def without_magics(source: str) -> str:
    """A cell in plain Python: lines for IPython become `pass`, other languages' cells nothing.

    >>> without_magics("%%time\\nx = 1\\n!ls\\nfiles = !ls\\n%time y = 2")
    'pass\\nx = 1\\npass\\nfiles = get_ipython()\\ny = 2'
    """
    with suppress(Exception):
        ast.parse(source)
        return source
    if match := WRITTEN.match(source):
        mode = "a" if match["append"] else "w"
        return f"open({match['file']!r}, {mode!r}).write({source[match.end() :]!r})"
    first = source.lstrip().split(maxsplit=1)[:1]
    if first and first[0].startswith("%%") and first[0][2:] in OTHER_LANGUAGES:
        return ""
    lines, goes_on = [], False
    for line in source.split("\n"):
        plain = "" if goes_on else _line(line)
        goes_on = line.endswith("\\") and plain != line
        lines.append(plain)
    return "\n".join(lines)


def _line(line: str) -> str:
    code = line.lstrip()
    indent = line[: len(line) - len(code)]
    if match := ASSIGNED.fullmatch(line):
        timed = TIMED.fullmatch(match["magic"])
        return match["target"] + (timed["code"] if timed else "get_ipython()")
    if code.startswith("%") and (timed := TIMED.fullmatch(code)):
        return indent + timed["code"]
    if match := RUN.match(code):
        return f"{indent}exec(open({match['file']!r}).read())"
    magic = code.startswith(("%", "!", "?", "pip ", "conda ", "cd ")) or code.rstrip().endswith("?")
    return f"{indent}pass" if magic else line


@dataclass
class Cell:
    """One cell, and what became of it."""

    number: int
    source: str
    statements: list[ast.stmt] = field(default_factory=list)
    unread: str = ""  # why Python cannot read it
    failed: dict[int, str] = field(default_factory=dict)  # statements by their number, and why

    def __post_init__(self) -> None:
        linecache.cache[self.name] = (
            *(len(self.source), None),
            *(self.source.splitlines(keepends=True), self.name),
        )
        try:
            self.statements = ast.parse(self.source, self.name).body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self.unread = told(error)

    @property
    def name(self) -> str:
        return f"<cell {self.number + 1}>"

    @property
    def checked(self) -> list[str]:
        """The answers whose check stands in it."""
        return CHECK.findall(self.source)

    @property
    def problem(self) -> str:
        return self.unread or next(iter(self.failed.values()), "")


@dataclass
class Notebook:
    """Cells that are run into one namespace, statement by statement.

    A statement that fails is left out, and tried again at the end, for cells may stand in any order.
    `seen` keeps the names as they were at each answer's own check: what the student saw there.
    """

    cells: list[Cell]
    namespace: dict[str, Any]
    extent: int
    skipped: set[tuple[int, int]]
    begin: Callable[[int, int], None]  # told before each statement
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    futures: int = 0

    def run(self) -> None:
        for cell in self.cells:
            self.attempt(cell, range(len(cell.statements)))
            for name in cell.checked:
                self.seen[name] = dict(self.namespace)
        for cell in self.cells:
            self.attempt(cell, list(cell.failed))

    def attempt(self, cell: Cell, numbers: range | list[int]) -> None:
        for number in numbers:
            statement = cell.statements[number]
            if (cell.number, number) in self.skipped or not within(statement, self.extent):
                continue
            self.begin(cell.number, number)
            cell.failed.pop(number, None)
            try:
                self.execute(statement, cell.name)
            except BaseException as error:  # noqa: BLE001 (whatever it does, the next has its turn)
                cell.failed[number] = told(error)

    def why_missing(self, name: str) -> str:
        """What went wrong where the name was to be defined; if nothing did, it is not written."""
        definition = re.compile(rf"^\s*(def|class)\s+{name}\b", re.MULTILINE)
        problems = [c.problem for c in self.cells if c.problem and definition.search(c.source)]
        alike = [own for own in self.namespace if own.lower() == name.lower()]
        if alike and not problems:
            return f"NameError: there is no `{name}`, but `{alike[0]}`: capitals count"
        return problems[0] if problems else "NotImplementedError"

    def execute(self, statement: ast.stmt, name: str) -> None:
        code = compile(ast.Module([statement], []), name, "exec", self.futures, dont_inherit=True)
        self.futures |= (
            code.co_flags & FUTURES
        )  # `from __future__ import …` holds for all that follows
        exec(code, self.namespace)  # noqa: S102 (in a sandbox)


def within(statement: ast.stmt, extent: int) -> bool:
    """Whether a statement is run where only so much of a notebook is."""
    if extent == PLAIN_NAMES and not isinstance(statement, DEFINITIONS):
        named = isinstance(statement, (ast.Assign, ast.AnnAssign))
        return named and not any(isinstance(part, ast.Call) for part in ast.walk(statement))
    return extent == EVERYTHING or not isinstance(statement, EXPERIMENTS)


def told(error: BaseException) -> str:
    """An exception's type, and what it says if it can be brought to say it."""
    words = ""
    with suppress(BaseException):
        words = str(error)
    return f"{type(error).__name__}: {words}"


def differs(name: str, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether an answer may do something else among these names than among those.

    Of a function it matters what it reads, itself or through others; of anything else, all names.
    """
    answer = one.get(name)
    everything = answer is not None and not hasattr(answer, "__code__")
    todo, known = [name, *(one.keys() | other.keys() if everything else ())], set()
    while todo:
        name = todo.pop()
        if name in known:
            continue
        known.add(name)
        if one.get(name) is not other.get(name):
            return True
        todo += read(one.get(name))
    return False


def read(value: Any) -> list[str]:
    """The names that a function reads, and the functions within it."""
    codes: list[Any] = [getattr(value, "__code__", None)]
    names: list[str] = []
    while codes:
        if isinstance(code := codes.pop(), types.CodeType):
            names += code.co_names
            codes += code.co_consts
    return names
