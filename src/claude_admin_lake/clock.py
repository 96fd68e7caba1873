"""Time, as everything below the entry points gets it: handed in, so that tests own it."""

import time
from collections.abc import Callable
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


def countdown(clock: Clock, seconds: float) -> Callable[[], float]:
    """What is left of `seconds` from now on."""
    end = clock.elapsed() + seconds
    return lambda: end - clock.elapsed()


class Deadline:
    """The end of an invocation, less what it takes to end in good order."""

    LONGEST_WAIT = 900.0
    """Seconds. No single wait is longer, even where time is unlimited."""

    def __init__(self, clock: Clock, remaining: Callable[[], float] | None) -> None:
        """`remaining` tells the seconds that the invocation has left; None is no limit, as on a
        laptop."""
        self._clock, self._remaining = clock, remaining
        self._reserve = min(15.0, max(2.0, remaining() * 0.1)) if remaining else 0.0

    @property
    def invocation_left(self) -> float | None:
        """Seconds until the invocation is ended from outside; None if it never is."""
        return self._remaining() if self._remaining else None

    @property
    def left(self) -> float:
        """Seconds that work may still take."""
        return self._remaining() - self._reserve if self._remaining else float("inf")

    def wait(self, seconds: float, why: str) -> None:
        """Wait, or raise OutOfTime at once if that is longer than what is left."""
        if seconds > self.LONGEST_WAIT or seconds >= self.left:
            raise OutOfTime(f"{why} asks to wait {seconds:.0f} s, more than is left")
        self._clock.sleep(seconds)

    def check(self) -> None:
        """Raise OutOfTime if there is no time for another request."""
        if self.left <= 0:
            raise OutOfTime("the invocation's time is up")
