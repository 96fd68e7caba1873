"""Rate limiting over a sliding minute."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from admin_double.errors import ApiError
from admin_double.wire import stamp

WINDOW_SECONDS = 60
PAST = timedelta(seconds=30)


class RateLimit:
    """Refuses requests beyond the limit as observed: no retry-after, and a reset in the past."""

    def __init__(self, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self.per_minute: int | None = None
        self._now, self._clock = now, clock
        self._served: deque[float] = deque()

    def check(self) -> None:
        if self.per_minute is None:
            return
        moment = self._clock()
        while self._served and moment - self._served[0] >= WINDOW_SECONDS:
            self._served.popleft()
        if len(self._served) >= self.per_minute:
            raise self._refusal(self.per_minute)
        self._served.append(moment)

    def _refusal(self, limit: int) -> ApiError:
        headers = (
            ("anthropic-ratelimit-requests-limit", str(limit)),
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", stamp(self._now() - PAST)),
        )
        return ApiError(429, headers=headers)
