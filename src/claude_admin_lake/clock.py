"""Time, passed in from the entry points so that tests control it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from .errors import OutOfTime


class Clock(Protocol):
    """A wall clock, a stopwatch and a way to wait."""

    def now(self) -> datetime:
        """The current time, UTC."""

    def elapsed(self) -> float:
        """Seconds since a fixed moment; never decreases."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class EarlierClock:
    """The earlier of the machine's clock and a server's: a day is over only if both say so."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ahead = timedelta(0)
        """How far the machine's clock is ahead of the server's."""
        self.difference: timedelta | None = None
        """The machine's clock minus the server's, negative if behind; None before the first
        response."""

    def hear(self, stated: datetime) -> None:
        """Note the time that the server has just reported."""
        self.difference = self._clock.now() - stated
        self.ahead = max(timedelta(0), self.difference)

    def now(self) -> datetime:
        """The current time, UTC."""
        return self._clock.now() - self.ahead


def countdown(clock: Clock, seconds: float) -> Callable[[], float]:
    """A function that returns what is left of `seconds`, counted from now."""
    end = clock.elapsed() + seconds
    return lambda: end - clock.elapsed()


class Deadline:
    """Invocation deadline, minus a reserve for a clean shutdown."""

    LONGEST_WAIT = 900.0
    """Seconds. The longest single wait, even if time is unlimited."""

    def __init__(self, clock: Clock, remaining: Callable[[], float] | None) -> None:
        """`remaining` returns the seconds left in the invocation; None means no limit."""
        self._clock, self._remaining = clock, remaining
        self._reserve = min(15.0, max(2.0, remaining() * 0.2)) if remaining else 0.0

    @property
    def invocation_left(self) -> float | None:
        """Seconds until the invocation is terminated; None if it has no limit."""
        return self._remaining() if self._remaining else None

    @property
    def left(self) -> float:
        """Seconds left for work."""
        return self._remaining() - self._reserve if self._remaining else float("inf")

    def wait(self, seconds: float, why: str) -> None:
        """Wait. Raises OutOfTime immediately if that would take longer than the time left."""
        if seconds > self.LONGEST_WAIT or seconds >= self.left:
            raise OutOfTime(f"{why} requires waiting {seconds:.0f} s, more than the time left")
        self._clock.sleep(seconds)

    def check(self) -> None:
        """Raises OutOfTime if no time is left for work."""
        if self.left <= 0:
            raise OutOfTime("the invocation's time is up")
