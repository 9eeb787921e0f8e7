"""The first page: what the course is, for whoever decides whether to take it or to teach with it."""

from collections.abc import Sequence
from pathlib import Path

from nnlib.course import build, lessons
from nnlib.course.kit.widget import Widget
from nnlib.course.site import live

FEATURED = "neuron_boundary"  # if there is one


def page(root: Path, lives: Sequence[live.Live]) -> str:
    """Its source."""
    known = build.lessons(root)
    parts = {
        "lessons": len(known),
        "exercises": sum(len(lessons.exercises(name)) for name in lessons.lessons()),
        "reading": round(sum(lesson.read for lesson in known) / 60),
        "solving": round(sum(lesson.exercises for lesson in known) / 60),
        "widget": featured(lives),
        "ways": ways(known),
        "where": where_it_runs((root / "README.md").read_text(encoding="utf-8")),
    }
    return "\n".join([TEXT.format(**parts), *contents(known)])


def featured(lives: Sequence[live.Live]) -> str:
    """A lesson's widget, alive."""
    shown = [each for each in lives if isinstance(each.shown, Widget)]
    liked = [each for each in shown if each.shown.model.function == FEATURED]
    chosen = next(iter([*liked, *shown]), None)
    if chosen is None:
        return ""
    return (
        f'<div class="nnlib-live" data-kind="widget" data-name="{chosen.name}"></div>\n\n'
        f"Try it: it is a widget of [a lesson](notebooks/{chosen.page}.ipynb)."
    )


def ways(known: Sequence[build.Lesson]) -> str:
    """The ways through the course, with their hours."""
    lines = ["| way | lessons | to read | to solve |", "|---|---|---|---|"]
    told: list[list[build.Lesson]] = []
    for key, name in build.PATHS.items():
        own = [lesson for lesson in known if key in lesson.paths]
        if own and own not in told:
            told.append(own)
            hours = [
                sum(minutes) / 60
                for minutes in zip(*((x.read, x.exercises) for x in own), strict=True)
            ]
            lines.append(f"| {name} | {len(own)} | {hours[0]:.0f} hours | {hours[1]:.0f} hours |")
    return "\n".join(lines)


def where_it_runs(readme: str) -> str:
    """The section of that name."""
    _, _, rest = readme.partition("## Where it runs\n")
    section, _, _ = rest.partition("\n## ")
    return f"## Where it runs\n{section}"


def contents(known: Sequence[build.Lesson]) -> list[str]:
    """The side bar: what stands beneath which heading."""
    pages = [f"notebooks/{Path(lesson.file).stem}" for lesson in known]
    teaching = ["docs/grading", "docs/appeals", "docs/scale", "nnlib/course/lessons/README"]
    library = ["api/index", "docs/reading", "docs/from_torch", "CONTRIBUTING"]
    return [
        toctree(["notebooks/index", *pages], "The course"),
        toctree(teaching, "Teaching with it"),
        toctree(library, "The library"),
    ]


def toctree(pages: list[str], caption: str = "", hidden: bool = True) -> str:
    """Pages that stand beneath this one."""
    options = [f":caption: {caption}"] * bool(caption) + [":hidden:"] * hidden
    return "\n".join(["```{toctree}", ":maxdepth: 1", *options, "", *pages, "```", ""])


TEXT = """\
# Neural networks to read, move, break and check

A course that runs on your own computer, and the small NumPy library that it is written with. Every topic
is one thing you can *read*, as a few lines of Python; *move*, as a picture with sliders; *break*, where it
fails; and *check*, by exercises that say what went wrong.

{widget}

## What it is

{lessons} lessons and {exercises} exercises: {reading} hours to read, to play and to answer, {solving} hours
to solve. [The map](notebooks/index.ipynb) has them all. Students need derivatives, matrices and a little
Python, and nothing else.

Each lesson asks before it tells. You commit to a prediction, move a widget and see whether you were right;
then comes the formula, in at most six steps, then your own code of it in plain NumPy, then the proof that
this code, the library's and PyTorch's give the same numbers. At the end the method is broken on purpose,
and a few lines say what one uses today.

**The minutes are honest.** They are counted at the pace of first readers, with widgets and questions, and
a test holds each lesson to them. No lesson takes more than an hour to read.

{ways}

## What it has that you may miss elsewhere

- **Checks that know the mistake.** An answer is compared by what it does, not by how it is written. Where
  it does what a known mistake does, the check says which: a missing derivative, a wrong axis, a sum where
  a mean belongs.
- **A library that is meant to be read.** [An evening](docs/reading.md) leads from the tape to a training
  step. It has PyTorch's names, arguments and defaults, so that what is learnt here
  [goes with you](docs/from_torch.md), and every layer, loss and optimizer is tested against PyTorch.
- **Claims that are run.** What a lesson says of an experiment is asserted in the cell that makes it, so
  that text and code cannot drift apart.
- **Pages that live.** You are reading one: its widgets move without Python, its questions judge without a
  server, and what you answer stays in your browser: it is sent nowhere.
- **For keyboards and screen readers, too.** Every picture says in words what it shows, and so does every
  widget, at every position.

## Teach with it

Take single lessons or the whole way; each says what it builds on, and recalls it where the lesson before is
not written yet.

1. `make student-release` copies the course without its solutions.
2. Students solve exercises with `check`, on their own computers, and hand in notebooks.
3. `make grade` runs what they handed in, each answer in isolation, and writes marks, a page for each student
   and a page on what the class misunderstood. [Grading a class](docs/grading.md) leads through it.
4. Sentences of hints, mistakes and questions are
   [prose that you mend without Python](nnlib/course/lessons/README.md).

The exercises are formative: solutions are public. For marks that count, the grader takes exercises of your
own. Code is under the BSD 3-Clause license, text and figures under CC BY 4.0.

{where}

## Begin

With Python 3.11 or newer, in a copy of the repository:

```
make lab
```

"""
