"""What exceptions mean whose own words do not help a beginner.

An advice is true wherever it is shown: of the code as it stands, or as a sentence on Python.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Advice:
    """For a message in which `message` is found, at a line in which `line` is found.

    The words may hold what the groups of `message` have found, {0}, {1}, …, and the exception's {own}.
    """

    message: str
    words: str
    line: str = ""
    unlike: str = ""  # and in the line this is not found

    def __call__(self, message: str, line: str, own: str) -> str:
        found = re.search(self.message, message)
        fits = found and re.search(self.line, line)
        if not found or not fits or (self.unlike and re.search(self.unlike, line)):
            return ""
        return self.words.format(*found.groups(), own=own)


BRANCH = r"\b(if|while|and|or|not|assert)\b"
LARGER = r"(?<![\w.])(max|min)\("
IN_PLACE = r"([-+*/]|//|\*\*|%|@)="

ALL = (
    Advice(
        "truth value of an array",
        "`if z >= 0` asks one question of a whole array. Use `np.where(z >= 0, …)`.",
        line=BRANCH,
        unlike=LARGER,
    ),
    Advice(
        "truth value of an array",
        "`max(a, b)` and `min(a, b)` want to know of two whole arrays which one is larger. "
        "`np.maximum(a, b)` and `np.minimum(a, b)` compare them entry by entry.",
        line=LARGER,
        unlike=BRANCH,
    ),
    Advice(
        "truth value of an array",
        "This asks one question of a whole array. `np.where`, `np.maximum` and `np.minimum` ask it "
        "of every entry.",
    ),
    Advice(
        r"Cannot cast ufunc .* to dtype\('u?int",
        "`+=`, `-=`, `*=` and `/=` cannot put fractions into an array of whole numbers. Begin with "
        "an array of floats.",
        line=IN_PLACE,
    ),
    Advice(
        r"Cannot cast ufunc .* to dtype\('u?int",
        "Fractions cannot be put into an array of whole numbers. Begin with an array of floats.",
    ),
    Advice(
        r"bitwise_xor|for \^=?:",
        "`^` works on the bits of whole numbers. A power is written with two stars: `x ** 2`.",
    ),
    Advice(
        "NoneType",
        "Something here is None. If it is a `.grad`: that is None before `backward()`, after it has "
        "been set to None, and in all that was computed, such as the new t of "
        "`t = t - lr * t.grad`. `t.data = t.data - lr * t.grad` keeps the Tensor.",
        line=r"\.grad\b",
    ),
    Advice(
        "NoneType",
        "Something here is None, which is no number and no array. Functions without a `return` give "
        "None, and so do methods that change a thing in place, such as `a.sort()`. ({own})",
    ),
    Advice(
        r"matmul: .*size (\d+) is different from (\d+)",
        "The two sides of `@` do not fit: the rows of the left one have the length {1}, the columns "
        "of the right one the length {0}. Is one of them to be transposed?",
    ),
    Advice(
        r"shapes (\(.*\)) and (\(.*\)) not aligned: (\d+) \(dim \d\) != (\d+)",
        "The two do not fit: what comes first has the shape {0}, with rows of the length {2}; what "
        "comes second has the shape {1}, with columns of the length {3}.",
    ),
    Advice(
        r"could not be broadcast together with shapes (\(\S*\)) (\(\S*\)) *$",
        "The shapes {0} and {1} do not fit entry by entry. From the right, two sizes have to be "
        "equal, or one of them 1.",
    ),
    Advice(
        "inhomogeneous shape",
        "The rows are not all of one length, and so they make no array.",
    ),
    Advice(
        "can't multiply sequence by non-int",
        "This is a list (or a tuple or a string), and no array: only arrays are multiplied entry by "
        "entry. `np.array(…)` makes one.",
    ),
    Advice(
        r"unsupported operand type\(s\) for (\S+): '(?:list|tuple)' and|"
        r"unsupported operand type\(s\) for (\S+): '.*' and '(?:list|tuple)'",
        "Lists and tuples do not calculate entry by entry. `np.array(…)` makes an array of one.",
    ),
    Advice(
        r"list indices must be integers or slices, not tuple",
        "A list of lists has no `[i, j]`. Write `[i][j]`, or make an array of it by `np.array(…)`.",
    ),
    Advice(
        r"only (length-1|0-dimensional|size-1) arrays can be converted",
        "Functions of `math`, `float` and `int` take one number, and this is an array. NumPy's own, "
        "such as `np.exp`, take all its entries at once.",
    ),
    Advice(
        r"'numpy.ndarray' object is not callable",
        "Round brackets call a function, and this is an array. An entry is `a[i]`; a product needs a "
        "`*` or an `@`.",
    ),
    Advice(
        "'numpy.ndarray' object has no attribute",
        "A NumPy array has no such method: `.grad` and `.data` are arrays, and not Tensors as in "
        "PyTorch. For `p.grad.zero_()` write `p.grad = None`; docs/from_torch.md lists the others.",
        line=r"\.grad\b|\.data\b|\w_\(",
    ),
    Advice(
        "'numpy.ndarray' object has no attribute 'append'",
        "An array does not grow. Collect in a list, and make an array of it at the end.",
    ),
)

OTHERS_ARRAY = (
    "This line writes into an array that belongs to the caller. Make a new one, "
    "`w = w - …` in place of `w -= …`, or work on a copy."
)


def advice(error: str, message: str, line: str) -> str:
    """What helps, or else what the exception says."""
    own = f"{error}: {message}" if message else error
    return next(filter(None, (one(message, line, own) for one in ALL)), own)
