"""The double itself: a running server, and the switches that tests use."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from threading import Lock
from typing import Self

import msgspec

from admin_double.cache import Rendered
from admin_double.contents import Contents, Records
from admin_double.endpoint import Endpoint, Flags, Part, PartedBy
from admin_double.endpoints import ENDPOINTS
from admin_double.faults import ALWAYS, Fault, PlannedFault, status
from admin_double.journal import Journal, LoggedRequest
from admin_double.ledger import LedgerLine
from admin_double.organization import Organization
from admin_double.ratelimit import RateLimit
from admin_double.request import IncomingRequest
from admin_double.server import Server
from admin_double.service import Response, Service
from admin_double.truth import Oracle
from admin_double.wire import DAY, Record, as_day, in_utc

KEY = "sk-ant-admin01-double"


class AdminDouble:
    """Use as `with AdminDouble(Organization(seed=7), now=...) as api:`; then `api.url` answers."""

    def __init__(
        self,
        organization: Organization | None = None,
        *,
        now: datetime | None = None,
        port: int = 0,
        clock: Callable[[], float] = time.monotonic,
        endpoints: Sequence[Endpoint] = ENDPOINTS,
    ) -> None:
        self.organization = organization or Organization()
        self.latency_ms: float = 0
        self._now = None if now is None else in_utc(now)
        self._port = port
        self._lock = Lock()
        self._journal = Journal()
        self._contents = Contents(self.organization, lambda: self.now)
        self._service = Service(endpoints, self._contents, RateLimit(lambda: self.now, clock))
        self._service.keys.add(KEY)
        self._oracle = Oracle({each.table: each for each in endpoints}, self._contents)

    def __enter__(self) -> Self:
        self._server = Server(self._port, self._answer).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        """The base URL."""
        return self._server.url

    @property
    def now(self) -> datetime:
        """The double's clock: real time until it is set."""
        return self._now or datetime.now(UTC)

    @now.setter
    def now(self, moment: datetime) -> None:
        self._now = in_utc(moment)

    @property
    def keys(self) -> set[str]:
        """The accepted credentials; change the set to rotate a key."""
        return self._service.keys

    @property
    def rate_limit(self) -> int | None:
        """Requests a minute before the API answers 429; None for no limit."""
        return self._service.limit.per_minute

    @rate_limit.setter
    def rate_limit(self, per_minute: int | None) -> None:
        self._service.limit.per_minute = per_minute

    @property
    def page_cap(self) -> int | None:
        """The most records or buckets on a page, whatever the request asks for."""
        return self._service.page_cap

    @page_cap.setter
    def page_cap(self, most: int | None) -> None:
        self._service.page_cap = most

    @property
    def requests(self) -> list[LoggedRequest]:
        """All requests since the log was reset."""
        return self._journal.requests

    @property
    def max_in_flight(self) -> int:
        """The highest number of requests that were being answered at the same time."""
        return self._journal.max_in_flight

    def count(self, table: str | None = None) -> int:
        """Count the requests for a table, or all of them."""
        return self._journal.count(table)

    def reset_log(self) -> None:
        """Forget the requests so far."""
        self._journal.reset()

    def fail(
        self,
        table: str | None,
        fault: Fault,
        *,
        day: date | str | None = None,
        page: int | None = None,
        nth: int | None = None,
        request: int | None = None,
        times: int | None = 1,
    ) -> PlannedFault:
        """Plan a fault for matching requests, from the first or the nth on."""
        if table is not None and table not in self._oracle.endpoints:
            raise KeyError(table)
        when = None if day is None else as_day(day)
        planned = PlannedFault(
            fault=fault, table=table, day=when, page=page, nth=nth, request=request, times=times
        )
        return self._service.faults.add(planned)

    def forbid(self, table: str) -> PlannedFault:
        """Answer 403 from now on."""
        return self.fail(table, status(403), times=ALWAYS)

    def heal(self) -> None:
        """Forget all planned faults."""
        self._service.faults.clear()

    def put(self, table: str, part: Part, records: Records) -> None:
        """Serve these records instead; JSON text is served verbatim, element by element."""
        with self._lock:
            self._contents.put(table, self._oracle.checked(table, part), records)

    def unput(self, table: str, part: Part = None) -> None:
        """Serve the organization's own records again."""
        with self._lock:
            self._contents.drop(table, self._oracle.checked(table, part))

    def truth(
        self,
        table: str,
        part: Part = None,
        *,
        group_by: Sequence[str] | None = None,
        flags: Flags | None = None,
    ) -> list[Record]:
        """The records that would be served now."""
        text = self.truth_text(table, part, group_by=group_by, flags=flags)
        return [msgspec.json.decode(record) for record in text]

    def truth_text(
        self,
        table: str,
        part: Part = None,
        *,
        group_by: Sequence[str] | None = None,
        flags: Flags | None = None,
    ) -> Rendered:
        """The JSON text of each record that would be served now."""
        with self._lock:
            return list(self._oracle.served(table, part, group_by, flags))

    def ledger(self, day: date | str) -> list[LedgerLine]:
        """Every line of spend of a complete day, as the reports sum it now."""
        return self.organization.ledger(as_day(day), (self.now.date() - as_day(day)).days)

    def warm(self, first: date | str, last: date | str) -> None:
        """Render these days beforehand, grouped as the loader groups them."""
        days = (as_day(last) - as_day(first)).days + 1
        for endpoint in self._service.endpoints:
            if endpoint.kind.parted_by is PartedBy.DAY:
                for day in range(days):
                    self.truth_text(endpoint.table, as_day(first) + day * DAY)

    def _answer(self, method: str, target: str, headers: Mapping[str, str]) -> Response:
        request = IncomingRequest.parse(target, headers)
        with self._lock:
            self._journal.enter()
            response = self._service.answer(method, request)
        self._server.closing.wait((self.latency_ms + response.delay_ms) / 1000)
        # Logged before it is sent, so that a client that has its response finds it in the log.
        with self._lock:
            self._journal.leave()
            self._journal.note(method, request, response)
        return response


# The double's first name, until every caller says AdminDouble.
AdminApi = AdminDouble
