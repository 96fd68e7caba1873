"""Time, as everything below the entry points gets it: handed in, so that tests own it."""

import time
from datetime import UTC, datetime
from typing import Protocol

from .errors import OutOfTime


class Clock(Protocol):
    """A wall clock, a stop-watch and the means to wait."""

    def now(self) -> datetime:
        """The time of day, UTC."""

    def elapsed(self) -> float:
        """Seconds since some moment; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Deadline:
    """The end of an invocation, less what it takes to end in good order."""

    LONGEST_WAIT = 900.0
    """Seconds. No single wait is longer, even where time is unlimited."""

    def __init__(self, clock: Clock, seconds: float | None) -> None:
        """`seconds` is what the invocation has left; None is no limit, as on a laptop."""
        self._clock = clock
        self._end = None
        if seconds is not None:
            reserve = min(15.0, max(2.0, seconds * 0.1))
            self._end = clock.elapsed() + seconds - reserve

    @property
    def left(self) -> float:
        """Seconds that work may still take."""
        return float("inf") if self._end is None else self._end - self._clock.elapsed()

    def wait(self, seconds: float, why: str) -> None:
        """Wait, or raise OutOfTime at once if that is longer than what is left."""
        if seconds > self.LONGEST_WAIT or seconds >= self.left:
            raise OutOfTime(f"{why} asks to wait {seconds:.0f} s, more than is left")
        self._clock.sleep(seconds)

    def check(self) -> None:
        """Raise OutOfTime if there is no time for another request."""
        if self.left <= 0:
            raise OutOfTime("the invocation's time is up")
