"""Pacing: a token bucket that keeps the client below the organization's rate limit.

The limit, about 100 requests a minute, is shared by all keys of an organization (Admin API
reference, Rate limits), so exceeding it slows others down; parallel requests would only reach it
sooner.
"""

from claude_admin_lake.clock import Clock, Deadline

_BURST_SHARE = 1 / 9
"""The share of a minute's requests that may go at once: at 90 a minute, a burst of 10 keeps
every minute at or below 100."""

ENTERPRISE_SHARE = 0.6
"""Requests with the Enterprise key have their own limit: 60 a minute, not 100."""


def burst(per_minute: int) -> float:
    """How many requests may be sent at once before the steady rate applies."""
    return max(1.0, per_minute * _BURST_SHARE)


class Pace:
    """Allows `per_minute` requests a minute after a burst of a ninth as many."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_second = per_minute / 60
        self._most = burst(per_minute)
        self._clock = clock
        self._saved = self._most
        self._at = clock.elapsed()

    def wait_turn(self, deadline: Deadline) -> float:
        """Wait until a request may be sent. Returns the seconds waited; raises OutOfTime if that
        takes too long."""
        deadline.check()
        self._refill()
        seconds = max(0.0, (1 - self._saved) / self._per_second)
        if seconds:
            deadline.wait(seconds, "the request rate")
            self._refill()
        self._saved -= 1
        return seconds

    def drain(self) -> None:
        """Drop the burst, because the API says that the organization is at its limit."""
        self._refill()
        self._saved = min(self._saved, 0.0)

    def _refill(self) -> None:
        now = self._clock.elapsed()
        self._saved = min(self._most, self._saved + (now - self._at) * self._per_second)
        self._at = now
