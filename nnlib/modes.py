"""What a with-block switches while it runs, for its own thread alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["modes", "switched"]


class _Modes(threading.local):
    grad = True  # whether ops are recorded: no_grad()
    replaced: dict[str, Callable[..., Any]] = {}  # noqa: RUF012  formulas that run instead: use()
    watchers: tuple[Callable[..., None], ...] = ()  # called after each op: debug(), trace()


modes = _Modes()


@contextmanager
def switched(**values: Any) -> Iterator[None]:
    """Set some of the modes, and put back what they were.

    >>> with switched(grad=False):
    ...     modes.grad
    False
    """
    before = {name: getattr(modes, name) for name in values}
    vars(modes).update(values)
    try:
        yield
    finally:
        vars(modes).update(before)
