"""What Ctrl-C does during a load."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STANDARD_ERROR = 2


@contextmanager
def ends_at_once(last_words: Callable[[], str]) -> Iterator[None]:
    """Let Ctrl-C write the last words and end the process at once.

    A load may be killed at any moment. Unwinding would first wait for the request, or the pause
    between requests, that the fetching thread is in.
    """

    def end(number: int, _frame: object) -> None:
        os.write(_STANDARD_ERROR, last_words().encode())
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def farewell(done: int, planned: int) -> str:
    """What is kept after Ctrl-C, and how to go on."""
    of = f" of {planned}" if planned >= done else ""
    return (
        f"\nInterrupted. What was loaded is kept: {done}{of} days and snapshots, each whole.\n"
        "The same command goes on where it stopped.\n"
    )
