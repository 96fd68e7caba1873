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
def ends_immediately(message: Callable[[], str]) -> Iterator[None]:
    """Make Ctrl-C print a message and end the process immediately.

    A load can be killed at any time. Unwinding would first wait until the fetching thread has
    finished its request or its pause between requests.
    """

    def end(number: int, _frame: object) -> None:
        os.write(_STANDARD_ERROR, message().encode())
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def interruption(done: int, planned: int) -> str:
    """The message after Ctrl-C: what is kept, and how to continue."""
    of = f" of {planned}" if planned >= done else ""
    return (
        f"\nInterrupted. What was loaded is kept: {done}{of} days and snapshots, each whole.\n"
        "The same command continues where it stopped.\n"
    )
