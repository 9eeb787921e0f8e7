"""Whether ops are recorded: ``no_grad`` and its relatives, as in PyTorch."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from functools import wraps
from typing import Any

from nnlib.modes import modes

__all__ = ["enable_grad", "inference_mode", "is_grad_enabled", "no_grad", "set_grad_enabled"]


def is_grad_enabled() -> bool:
    """Whether ops on Tensors that require gradients are recorded here and now. As in PyTorch.

    >>> is_grad_enabled()
    True
    """
    return modes.grad


class _GradMode:
    """A with-block, and a decorator of functions and generators, that switches recording."""

    def __init__(self, mode: bool) -> None:
        self.mode = mode
        self.before: list[bool] = []  # a with-block may be entered again inside itself

    def __enter__(self) -> None:
        self.before.append(modes.grad)
        modes.grad = self.mode

    def __exit__(self, *error: object) -> None:
        modes.grad = self.before.pop()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        mode = self.mode

        @wraps(function)
        def run(*args: Any, **options: Any) -> Any:
            with _GradMode(mode):
                return function(*args, **options)

        @wraps(function)
        def resume(*args: Any, **options: Any) -> Generator[Any, Any, Any]:
            """A generator runs in pieces: its mode holds in them, its caller's in between."""
            pieces, step, given = function(*args, **options), "send", None
            while True:
                try:
                    with _GradMode(mode):
                        got = getattr(pieces, step)(given)
                except StopIteration as end:
                    return end.value
                try:
                    step, given = "send", (yield got)
                except GeneratorExit:
                    with _GradMode(mode):
                        pieces.close()
                    raise
                except BaseException as error:  # noqa: BLE001  thrown in, to be thrown on
                    step, given = "throw", error

        return resume if inspect.isgeneratorfunction(function) else run


class _FromNowOn(_GradMode):
    """The mode holds at once; a with-block around what follows ends it."""

    def __init__(self, mode: bool) -> None:
        super().__init__(mode)
        super().__enter__()

    def __enter__(self) -> None:
        modes.grad = self.mode

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        self.__exit__()  # it is meant for the function alone
        return super().__call__(function)


def _mode(grad: bool, function: Callable[..., Any] | None) -> Any:
    return _GradMode(grad) if function is None else _GradMode(grad)(function)


def no_grad(function: Callable[..., Any] | None = None) -> Any:
    """Run without writing the tape: ``with no_grad(): …`` or ``@no_grad()``, as in PyTorch.

    >>> from nnlib import Tensor
    >>> x = Tensor([3.0], requires_grad=True)
    >>> with no_grad():
    ...     (2 * x).requires_grad
    False
    """
    return _mode(False, function)


def inference_mode(mode: Any = True) -> Any:
    """The same as :func:`no_grad`, under another name, as in PyTorch.

    >>> with inference_mode():
    ...     is_grad_enabled()
    False
    """
    return _mode(not mode, None) if isinstance(mode, bool) else _mode(False, mode)


def enable_grad(function: Callable[..., Any] | None = None) -> Any:
    """Write the tape again, inside a ``with no_grad(): …``. As in PyTorch.

    >>> with no_grad(), enable_grad():
    ...     is_grad_enabled()
    True
    """
    return _mode(True, function)


def set_grad_enabled(mode: bool) -> Any:
    """Write the tape, or not, from here on; or in a with-block alone. As in PyTorch.

    >>> with set_grad_enabled(False):
    ...     is_grad_enabled()
    False
    """
    return _FromNowOn(bool(mode))
