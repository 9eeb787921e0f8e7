"""Whose work it is: what a platform or a file says of its owner, compared with the roster.

Identifiers have to agree. Capitals, accents, leading zeros and middle names are free where that fits
one student; what fits two, or says one name and another's number, is nobody's until `owners.csv`
says whose. Moodle's participant numbers are known to Moodle alone, and are never compared.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
APOSTROPHES = str.maketrans("", "", "'’‘`´ʼ")
FEWEST_WORDS = 2  # that two names have in common where only middle names differ


class Student(Protocol):
    """A line of the roster."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def lms(self) -> str: ...


Roster = Mapping[str, Student]


@dataclass(frozen=True)
class Owner:
    """The student, and what a person should know of it; or nobody, why, and who it may be."""

    student: str = ""
    note: str = ""
    doubt: str = ""
    perhaps: tuple[str, ...] = ()


UNKNOWN = Owner(doubt="whose it is cannot be told")


def composed(text: str) -> str:
    """One spelling for what looks the same: macOS takes accents and letters apart."""
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=100_000)
def plain(text: str) -> str:
    """Small letters without accents and apostrophes.

    >>> plain("Çelik O’Néill")
    'celik oneill'
    """
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return bare.translate(LETTERS).translate(APOSTROPHES)


def by_id(word: str, roster: Roster) -> set[str]:
    """The students with this id, or whom their platform calls so."""
    word = composed(word)
    return _first(
        {s.id for s in roster.values() if word and word in map(composed, (s.id, s.lms))},
        {s.id for s in roster.values() if _short(word) in {_short(s.id), _short(s.lms)} - {""}},
    )


def _short(word: str) -> str:
    return plain(word).lstrip("0")  # spreadsheets take leading zeros away


def by_name(name: str, roster: Roster) -> set[str]:
    """The students who may be called so. The order of names is free; Canvas writes lovelaceada."""
    name, joined = composed(name).casefold(), "".join(filter(str.isalnum, plain(name)))
    if not joined:
        return set()
    return _first(
        {s.id for s in roster.values() if sorted(_split(composed(s.name).casefold())) == sorted(_split(name))},
        {s.id for s in roster.values() if sorted(_words(s.name)) == sorted(_words(name))},
        {s.id for s in roster.values() if joined in _joined(s.name)},
        {s.id for s in roster.values() if _but_for_middle_names(_words(s.name), _words(name))},
    )  # fmt: skip


def _first(*found: set[str]) -> set[str]:
    """The closest kind of likeness that fits anybody."""
    return next(filter(None, found), set())


def _split(name: str) -> list[str]:
    return name.replace(",", " ").replace("-", " ").split()


def _words(name: str) -> list[str]:
    return _split(plain(name))


def _joined(name: str) -> set[str]:
    """A name without spaces, also with the last word first, or the first one last."""
    words = _words(name)
    orders = [words, words[-1:] + words[:-1], words[1:] + words[:1]]
    return {"".join(filter(str.isalnum, "".join(order))) for order in orders} - {""}


def _but_for_middle_names(one: Sequence[str], other: Sequence[str]) -> bool:
    fewer, more = sorted((set(one), set(other)), key=len)
    return len(fewer) >= FEWEST_WORDS and fewer < more


def agreed(roster: Roster, *found: set[str]) -> Owner:
    """The one student on whom all agree that know anybody."""
    known = [students for students in found if students]
    everybody = tuple(sorted(set().union(*known)))
    common = set(everybody).intersection(*known)
    if len(common) == 1:
        return Owner(common.pop())
    who = " or ".join(f"{s} ({roster[s].name})" if roster[s].name else s for s in everybody)
    return Owner(doubt=f"it may be of {who}", perhaps=everybody) if everybody else UNKNOWN


def of_folder(word: str, roster: Roster) -> Owner:
    """Of what an instructor, or nbgrader, called a folder or a file."""
    if not roster:
        return Owner(composed(word))
    return _noted(agreed(roster, by_id(word, roster), by_name(word, roster)), word, roster)


def in_moodle(name: str, number: str, roster: Roster) -> Owner:
    if not roster:
        return Owner(composed(f"{name}_{number}"))
    return _noted(agreed(roster, by_name(name, roster)), name, roster)


def in_canvas(name: str, number: str, roster: Roster) -> Owner:
    """Canvas tells name and number. Who has another number by the roster is not meant."""
    if not roster:
        return Owner(composed(f"{name}_{number}"))
    if name.casefold() == "anon":
        return UNKNOWN
    named, numbered = by_name(name, roster), by_id(number, roster)
    others = {s for s in named - numbered if roster[s].lms.isdecimal()}
    if not numbered and named and named == others:
        numbers = ", ".join(f"{s} has {roster[s].lms}" for s in sorted(others))
        return Owner(doubt=f"its number {number} is not the name's: {numbers}", perhaps=(*others,))
    return _noted(agreed(roster, named - others or named, numbered), name, roster)


def in_blackboard(names: str, roster: Roster) -> Owner:
    """The user in TITLE_USER; both may have underscores, and then the roster decides."""
    words = composed(names).split("_")
    if not roster:
        return Owner(words[-1])
    users = ["_".join(words[start:]) for start in range(1, len(words))]
    return agreed(roster, set().union(*(by_id(user, roster) for user in users)))


def _noted(owner: Owner, written: str, roster: Roster) -> Owner:
    """With a word on a name that is not quite the roster's."""
    if not owner.student:
        return owner
    student = roster[owner.student]
    same = composed(written) in map(composed, (student.id, student.lms))
    same |= sorted(_words(written)) == sorted(_words(student.name))
    same |= "".join(_words(written)) in _joined(student.name)
    return owner if same else Owner(owner.student, f"handed in under the name {written}")
