"""Which failed requests are retried, and how long to wait before each retry. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from msgspec import Struct

from claude_admin_lake.errors import (
    Forbidden,
    LoaderError,
    RequestRefused,
    ServerTrouble,
    Unreachable,
)

TRANSPORT = 0
"""Pseudo-status when there was no HTTP response: the connection was reset, for example."""

UNREACHABLE = -1
"""Pseudo-status when no connection could be made."""


class Backoff(Struct, frozen=True):
    """Waits that double from `first` to `longest` seconds, over `attempts` requests in all."""

    attempts: int
    first: float
    longest: float

    def seconds(self, attempt: int, chance: float) -> float:
        """The seconds to wait after attempt number `attempt` (from 1). `chance` (0 to 1) spreads
        them over the upper half, so that clients that failed together do not retry together."""
        full = min(self.longest, self.first * 2.0 ** (attempt - 1))
        return full * (0.5 + chance / 2)


_RATE_LIMIT = Backoff(attempts=10, first=4.0, longest=60.0)
_TROUBLE = Backoff(attempts=6, first=1.0, longest=20.0)
_NEVER = Backoff(attempts=1, first=0.0, longest=0.0)

# Admin API reference, Errors. HTTP defines 408, 409 and 425 as worth retrying.
_BACKOFFS = {429: _RATE_LIMIT} | dict.fromkeys(
    (UNREACHABLE, TRANSPORT, 408, 409, 425, 500, 502, 503, 504, 520, 522, 524, 529), _TROUBLE
)

DISCOURAGED_ATTEMPTS = 2
"""Attempts for each request after one has failed for good: the API is probably down."""

FIRST_ATTEMPTS = 3
"""Attempts to connect before the API has answered any request of the run."""


class Refusal(Struct, frozen=True):
    """A request without a usable answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    def backoff(self) -> Backoff:
        """How to retry. `x-should-retry` takes precedence over the status."""
        should = self.headers.get("x-should-retry", "").lower()
        if should == "false":
            return _NEVER
        by_status = _BACKOFFS.get(self.status, _NEVER)
        return _TROUBLE if should == "true" and by_status is _NEVER else by_status

    def error(self) -> LoaderError:
        """The error to raise if there is no retry."""
        if self.status == 403:
            return Forbidden(self.text)
        if self.status == UNREACHABLE:
            return Unreachable(self.text)
        if self.status in _BACKOFFS:
            return ServerTrouble(self.text)
        return RequestRefused(self.text, self.status)

    def asked_wait(self, now: datetime) -> float | None:
        """The seconds to wait that the API names, if it does: `retry-after`, or a reset in the
        future. On 429 it has been seen to send a reset in the past, which means nothing."""
        asked = _seconds(self.headers.get("retry-after", ""), now)
        if asked is None and self.status == 429:
            reset = _moment(self.headers.get("anthropic-ratelimit-requests-reset", ""), now)
            return reset if reset and reset > 0 else None
        return asked


def wait_before_next(
    refusal: Refusal, attempt: int, *, most: int, now: datetime, chance: Callable[[], float]
) -> float:
    """The seconds to wait after attempt number `attempt` (from 1) has failed.

    `most` caps the attempts. Raises the refusal's error if there is no retry.
    """
    backoff = refusal.backoff()
    if attempt >= min(backoff.attempts, most):
        raise refusal.error()
    asked = refusal.asked_wait(now)
    return backoff.seconds(attempt, chance()) if asked is None else asked


def _seconds(text: str, now: datetime) -> float | None:
    """`retry-after`: a number of seconds, or an HTTP date."""
    text = text.strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return float(text)
    moment = http_date(text)
    ahead = (moment - now).total_seconds() if moment else 0.0
    return ahead if ahead > 0 else None


def http_date(text: str) -> datetime | None:
    """The time in a header such as `date`; None if it is not one."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _moment(text: str, now: datetime) -> float | None:
    try:
        return (datetime.fromisoformat(text) - now).total_seconds()
    except (ValueError, TypeError):
        return None
