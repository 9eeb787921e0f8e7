"""Numbers as they are read: few digits, a true minus sign, no minus zero."""

from __future__ import annotations

import numpy as np

from nnlib.viz import style

digits = style.digits  # at most n significant digits: what figures need, too
SUPERSCRIPTS = str.maketrans("-−0123456789()", "⁻⁻⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾")


def minus(text: str) -> str:
    """The text with true minus signs.

    >>> minus("-1 to -3")
    '−1 to −3'
    """
    return text.replace("-", "−")


def superscript(text: object) -> str:
    """Digits, signs and brackets, raised.

    >>> superscript(-12), superscript("(2)")
    ('⁻¹²', '⁽²⁾')
    """
    return str(text).translate(SUPERSCRIPTS)


def number(value: float) -> str:
    """At most two decimals.

    >>> number(-1.50), number(3.0), number(-0.001)
    ('−1.5', '3', '0')
    """
    return minus(f"{round(value, 2) + 0:g}")


def significant(value: float) -> str:
    """Two significant digits and no exponent, as a slider of equal factors shows its number.

    >>> significant(0.00012), significant(0.5), significant(-12.6), significant(100.0)
    ('0.00012', '0.5', '−13', '100')
    """
    return minus(np.format_float_positional(float(f"{value:.2g}") + 0, trim="-"))


def scientific(value: float) -> str:
    """Two significant digits; with a power of ten where there would be many zeros. Not negative.

    >>> scientific(0.63), scientific(1234.0), scientific(2.5e-14), scientific(0.0)
    ('0.63', '1200', '2.5 · 10⁻¹⁴', '0')
    """
    if 0.001 <= value < 100_000 or value == 0:
        return significant(value)
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa} · 10{superscript(int(exponent))}"


def counted(n: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "path"), counted(390625, "path"), counted(2, "pass", "passes")
    ('1 path', '390,625 paths', '2 passes')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"
