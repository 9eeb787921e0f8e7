"""A time limit for code that somebody else wrote: whatever it does, it is stopped."""

import _thread
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise a KeyboardInterrupt after so long, as the stop button does; works on Windows too.

    Outside the main thread there is no limit. A Python that cannot start threads, as that of a
    browser, looks at the clock at every line instead.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    finished, lock = threading.Event(), threading.Lock()

    def interrupt() -> None:
        wait = seconds
        while not finished.wait(wait):
            with lock:
                if not finished.is_set():
                    _thread.interrupt_main()
            wait = 0.1  # one may be lost, to a callback of the garbage collector, say

    out_of_time = _persistent()

    def stop(*_: object) -> None:
        if not finished.is_set():
            raise out_of_time

    # A process that a script started in the background ignores interrupts, hence a handler.
    before = signal.signal(signal.SIGINT, stop) or signal.SIG_DFL
    try:
        threading.Thread(target=interrupt, daemon=True).start()
    except RuntimeError:
        signal.signal(signal.SIGINT, before)
        with _looking_at_the_clock(seconds):
            yield
        return
    try:
        yield
    finally:
        while not finished.is_set():
            with suppress(KeyboardInterrupt):
                finished.set()
        del out_of_time.__del__
        with lock:  # whoever was about to interrupt has done so, and `stop` has let it pass
            pass
        signal.signal(signal.SIGINT, before)


def _persistent() -> Any:
    """An exception that an `except:` may catch: as soon as it is forgotten, the next one comes.

    `while True: try: … except: pass` is left that way, for the next one comes where the loop turns
    round, which is outside of its `try`. The method is one of C: a function of Python's would be
    interrupted itself.
    """
    return type("OutOfTime", (KeyboardInterrupt,), {"__del__": _thread.interrupt_main})


@contextmanager
def _looking_at_the_clock(seconds: float) -> Iterator[None]:
    until, before = time.monotonic() + seconds, sys.gettrace()

    def look(frame: FrameType, event: str, argument: Any) -> Any:
        if time.monotonic() > until:
            raise KeyboardInterrupt
        return look

    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(before)
