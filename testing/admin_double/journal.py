"""A log of all requests."""

from collections.abc import Mapping
from dataclasses import dataclass

from admin_double.credentials import masked
from admin_double.request import IncomingRequest
from admin_double.service import Response


@dataclass(frozen=True, kw_only=True)
class LoggedRequest:
    """A request as logged, with its credentials masked."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    table: str
    status: int
    fault: str


class Journal:
    """All requests since the last reset, in the order in which they were answered."""

    def __init__(self) -> None:
        self.requests: list[LoggedRequest] = []
        self.max_in_flight = 0
        self._in_flight = 0

    def enter(self) -> None:
        """Count a request that is about to be answered."""
        self._in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self._in_flight)

    def leave(self) -> None:
        """Count a request that was answered."""
        self._in_flight -= 1

    def note(self, method: str, request: IncomingRequest, response: Response) -> None:
        """Log a request."""
        self.requests.append(
            LoggedRequest(
                method=method,
                path=request.path,
                query=request.pairs,
                headers=masked(request.headers),
                table=response.table,
                status=response.status,
                fault=response.fault,
            )
        )

    def reset(self) -> None:
        """Forget the requests so far."""
        self.requests.clear()
        self.max_in_flight = self._in_flight

    def count(self, table: str | None) -> int:
        """Count the requests for a table, or all of them."""
        return sum(table in (None, request.table) for request in self.requests)
