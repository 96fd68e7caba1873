"""What was asked, and how many requests were being answered at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from admin_double.credentials import masked
from admin_double.query import Query
from admin_double.service import Outcome


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as recorded; credentials are masked."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    table: str
    status: int
    fault: str


class Journal:
    """All requests since the last reset, in the order of their answers."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.max_in_flight = 0
        self._in_flight = 0

    def enter(self) -> None:
        self._in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self._in_flight)

    def leave(self) -> None:
        self._in_flight -= 1

    def note(self, method: str, query: Query, outcome: Outcome) -> None:
        self.requests.append(
            Request(
                method=method,
                path=query.path,
                query=query.pairs,
                headers=masked(query.headers),
                table=outcome.table,
                status=outcome.status,
                fault=outcome.fault,
            )
        )

    def reset(self) -> None:
        self.requests.clear()
        self.max_in_flight = self._in_flight

    def count(self, table: str | None) -> int:
        return sum(table in (None, request.table) for request in self.requests)
