"""What Ctrl-C does during a load."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def ends_at_once(restore_terminal: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Let Ctrl-C end the process at once.

    A load may be killed at any moment. Unwinding would first wait for the request, or the pause
    between requests, that the fetching thread is in.
    """

    def end(number: int, _frame: object) -> None:
        restore_terminal()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
