"""Which known mistakes an answer makes: found by what it does, whatever its code looks like.

A sentence is told only if it is true. So a mistake counts only if the answer agrees with it in every
part that the mistake spoils, and a mistake that does nothing but raise only if the answer says the
same as it raises. Of mistakes that agree equally well none is told.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from nnlib.course.kit.exercise import Answer, Exercise, Mistake, both
from nnlib.course.kit.relations import relations
from nnlib.course.kit.trial import CHANGED, WARNING, Trial, gap

FAR = 100  # so many tolerances from right, at least, is a mistake that can be told
ALL_RIGHT_BUT = re.compile(r"^Your [^.:]* (is|are) right")
# Words of an exception's message that depend on the inputs, and not on the mistake.
OF_NUMBERS = {"int", "float", "numpy", "ndarray", "float64", "float32", "int64"}

Known = tuple[Mistake, list[Trial]]
Try = Callable[[Answer], Iterator[Trial]]  # case by case, so that one may stop early


def recognized(
    exercise: Exercise, trials: list[Trial], known: Sequence[Known], attempt: Try
) -> dict[str, str]:
    """The known mistakes that explain what is wrong: name → sentence.

    At first those that explain it in every case; then two of them at once; then those that explain
    all cases in which the answer did not raise, if these are half of them and more. What is left
    may be a plain relation to what is right.
    """
    look = _Look(exercise, trials)
    spoils = look.explaining(known) or look.sharing_facts(known)
    told = _certain(spoils) if spoils else look.two_at_once(known, attempt)
    ran = [i for i, trial in enumerate(trials) if not trial.crashed]
    if not spoils and not told and len(trials) > len(ran) >= len(trials) / 2:
        rest = [(mistake, [outcomes[i] for i in ran]) for mistake, outcomes in known]
        told = _certain(_Look(exercise, [trials[i] for i in ran]).explaining(rest))
    explained = {part for m, outcomes in known if m in told for part in look.spoiled(outcomes)}
    sentences = {mistake.name: mistake.sentence for mistake in told}
    return sentences | relations(exercise, trials, look.wrong - explained)


def _certain(spoils: dict[Mistake, frozenset[str]]) -> list[Mistake]:
    """Of mistakes that agree, and the parts that each spoils, those that can be told.

    One that explains more is told in place of one that explains less. If two explain the same part,
    and each another one too, nobody knows which of them it was.
    """
    most = [m for m, parts in spoils.items() if not any(parts < more for more in spoils.values())]
    return [m for m in most if not any(spoils[m] & spoils[o] for o in most if o is not m)]


class _Look:
    """An answer's trials, and what is wrong in them."""

    def __init__(self, exercise: Exercise, trials: list[Trial]) -> None:
        self.exercise, self.trials = exercise, trials
        self.wrong = frozenset(
            part for part in trials[0].right_parts if any(self.apart(t, part) > 1 for t in trials)
        )

    def explaining(self, known: Sequence[Known]) -> dict[Mistake, frozenset[str]]:
        """The mistakes that agree with the answer in all that they spoil, and what that is."""
        return {
            mistake: spoiled
            for mistake, trials in known
            if (spoiled := self.spoiled(trials))
            and self.agrees(trials, spoiled)
            and (self.wrong - {WARNING} <= spoiled or not ALL_RIGHT_BUT.match(mistake.sentence))
        }

    def sharing_facts(self, known: Sequence[Known]) -> dict[Mistake, frozenset[str]]:
        """Where facts about one result are judged, the one mistake that explains this fact or that.

        There a sentence speaks of the result, and other facts may differ by chance.
        """
        told: dict[Mistake, frozenset[str]] = {}
        for fact in self.wrong & frozenset(self.exercise.facts):
            one = frozenset([fact])
            may = [
                m for m, trials in known if one <= self.spoiled(trials) and self.agrees(trials, one)
            ]
            if len(may) == 1 and not ALL_RIGHT_BUT.match(may[0].sentence):
                told[may[0]] = told.get(may[0], frozenset()) | one
        return told

    def two_at_once(self, known: Sequence[Known], attempt: Try) -> list[Mistake]:
        """Two changes to the right answer that, made together, do in every case what this one does.

        Where more than one pair does, what they have in common is certain.
        """
        if any(trial.yours.error == "TimeoutError" for trial in self.trials):
            return []  # whatever else takes long would look the same
        if self.wrong <= {WARNING}:  # mistakes that make up for each other would look the same
            known = [(m, trials) for m, trials in known if self.spoiled(trials) <= {WARNING}]
        mistakes = [m for m, _ in known if not ALL_RIGHT_BUT.match(m.sentence)]
        pairs = [
            {one, other}
            for one, other in combinations(mistakes, 2)
            if (answer := both(self.exercise.reference, one, other))
            and self.is_what_comes(attempt(answer))
        ]
        certain = set.intersection(*pairs) if pairs else set()
        return [mistake for mistake in mistakes if mistake in certain]

    def is_what_comes(self, known: Iterator[Trial]) -> bool:
        """Whether another answer does the same, in every case and every part."""
        parts = frozenset(self.trials[0].right_parts) - {WARNING}
        return all(
            self.alike(yours, trial, parts) and (not yours.crashed or _say_the_same(yours, trial))
            for yours, trial in zip(self.trials, known, strict=True)
        )

    def agrees(self, known: list[Trial], parts: frozenset[str]) -> bool:
        pairs = list(zip(self.trials, known, strict=True))
        if not all(self.alike(yours, trial, parts) for yours, trial in pairs):
            return False
        only_raises = all(self.right(trial) or trial.crashed for trial in known)
        everywhere = all(trial.crashed or trial.right.error for trial in known)
        return not only_raises or all(
            _say_the_same(yours, trial) or (_on_purpose(yours) and not everywhere)
            for yours, trial in pairs
            if trial.crashed
        )

    def alike(self, yours: Trial, known: Trial, parts: frozenset[str]) -> bool:
        tolerance = self.exercise.tolerance
        return all(gap(yours.parts[p], known.parts[p], tolerance) <= 1 for p in parts)

    def spoiled(self, known: list[Trial]) -> frozenset[str]:
        """The parts in which a mistake is far from right; its warnings alone if it has no others.

        (What NumPy warns of depends on how a thing is written.)
        """
        far = {p for p in known[0].right_parts if any(self.apart(t, p) > FAR for t in known)}
        return frozenset(far - {WARNING} or far)

    def right(self, trial: Trial) -> bool:
        return all(self.apart(trial, part) <= 1 for part in set(trial.right_parts) - {CHANGED})

    def apart(self, trial: Trial, part: str) -> float:
        return gap(trial.parts[part], trial.right_parts[part], self.exercise.tolerance)


def _say_the_same(one: Trial, other: Trial) -> bool:
    """Whether two exceptions are of the same kind, and of the same words."""
    same_kind = one.yours.error == other.yours.error
    return same_kind and _gist(one.yours.message) == _gist(other.yours.message)


def _on_purpose(trial: Trial) -> bool:
    """Whether the answer itself raises, in its own words. Where it does tells what it tests."""
    return trial.yours.line.startswith("raise ")


def _gist(message: str) -> tuple[frozenset[str], list[str]]:
    """What an exception says, but for the order of its operands and for types of numbers.

    >>> _gist("for *: 'float' and 'NoneType'") == _gist("for +: 'NoneType' and 'int'")
    True
    """
    words = frozenset(re.findall(r"[^\W\d]\w*|\^", message)) - OF_NUMBERS
    return words, sorted(re.findall(r"\b\d+\b", message))
