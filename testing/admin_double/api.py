"""The double itself: a running server over an organization."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any, Self

import msgspec

from admin_double.cache import Rendered
from admin_double.contents import Contents, Records
from admin_double.controls import Controls
from admin_double.credentials import OLDER_VERSION
from admin_double.endpoint import Endpoint, Flags, Part
from admin_double.endpoints import ENDPOINTS
from admin_double.families import FAMILIES
from admin_double.ledger import LedgerLine
from admin_double.organization import Organization
from admin_double.ratelimit import RateLimit
from admin_double.request import IncomingRequest
from admin_double.server import Server
from admin_double.service import Response, Service
from admin_double.truth import Oracle
from admin_double.wire import DAY, Record, as_day, in_utc

KEY = "sk-ant-admin01-double"
ENTERPRISE_KEY = "sk-ant-api01-double"
ACCESS_TOKEN = "sk-ant-oat01-double"  # noqa: S105 - accepted by the double only
LIMITS = {family.rate_limit for family in FAMILIES.values()}
WARM_TABLES = ("usage_report", "cost_report", "claude_code_usage")


class AdminDouble(Controls):
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
        self._now = None if now is None else in_utc(now)
        self._port = port
        self._lock = Lock()
        contents = Contents(self.organization, lambda: self.now)
        limits = {name: RateLimit(lambda: self.now, clock) for name in LIMITS}
        super().__init__(contents, Service(endpoints, contents, limits))
        self.keys.update((KEY, ACCESS_TOKEN))
        self.enterprise_keys.add(ENTERPRISE_KEY)
        self._oracle = Oracle({each.table: each for each in endpoints}, contents)

    def __enter__(self) -> Self:
        self._server = Server(self._port, self.answer).start()
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
        version: str = OLDER_VERSION,
    ) -> list[Record]:
        """The records that would be served now."""
        asked = {"group_by": group_by, "flags": flags, "version": version}
        return [msgspec.json.decode(text) for text in self.truth_text(table, part, **asked)]

    def truth_text(self, table: str, part: Part = None, **asked: Any) -> Rendered:
        """The JSON text of each record that would be served now; arguments as for `truth`."""
        with self._lock:
            return list(self._oracle.served(table, part, **asked))

    def ledger(self, day: date | str) -> list[LedgerLine]:
        """Every line of spend of a complete day, as the reports sum it now."""
        when = as_day(day)
        return self._contents.rows("ledger", when, self._contents.age(when))

    def warm(
        self, first: date | str, last: date | str, tables: Sequence[str] = WARM_TABLES
    ) -> None:
        """Render these days beforehand, grouped as the loader groups them."""
        days = (as_day(last) - as_day(first)).days + 1
        for table in tables:
            for day in range(days):
                self.truth_text(table, as_day(first) + day * DAY)

    def answer_through(self, server: Server) -> None:
        """Answer the requests that another server receives."""
        self._server = server

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Response:
        request = IncomingRequest.parse(target, headers, body)
        with self._lock:
            self._journal.enter()
            response = self._service.answer(method, request)
        self._server.closing.wait((self.latency_ms + response.delay_ms) / 1000)
        # Logged before it is sent, so that a client that has its response finds it in the log.
        with self._lock:
            self._journal.leave()
            self._journal.note(method, request, response)
        return response
