"""The double itself: a running server, and the strings a test pulls."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from threading import Lock
from typing import Self

import msgspec

from admin_double import truth
from admin_double.catalogue import Catalogue, Records
from admin_double.endpoint import KeyedBy
from admin_double.endpoints import ENDPOINTS
from admin_double.faults import ALWAYS, Fault, Order, status
from admin_double.journal import Journal, Request
from admin_double.ledger import Line
from admin_double.organization import Organization
from admin_double.query import Query
from admin_double.ratelimit import RateLimit
from admin_double.server import Server
from admin_double.service import Outcome, Service
from admin_double.shelf import Rendered
from admin_double.wire import DAY, Record, as_day, in_utc

KEY = "sk-ant-admin01-double"
Key = date | str | None


class AdminApi:
    """Use as `with AdminApi(Organization(seed=7), now=...) as api:`; then `api.url` answers."""

    def __init__(
        self,
        organization: Organization | None = None,
        *,
        now: datetime | None = None,
        port: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.organization = organization or Organization()
        self.latency_ms: float = 0
        self._now = None if now is None else in_utc(now)
        self._port = port
        self._lock = Lock()
        self._journal = Journal()
        self._catalogue = Catalogue(self.organization, lambda: self.now)
        self._service = Service(self._catalogue, RateLimit(lambda: self.now, clock))
        self._service.keys.add(KEY)

    def __enter__(self) -> Self:
        self._server = Server(self._port, self._answer).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def now(self) -> datetime:
        """The double's clock: the real one until it is set."""
        return self._now or datetime.now(UTC)

    @now.setter
    def now(self, moment: datetime) -> None:
        self._now = in_utc(moment)

    @property
    def keys(self) -> set[str]:
        """The accepted credentials; change it to rotate a key."""
        return self._service.keys

    @property
    def rate_limit(self) -> int | None:
        """Requests a minute, beyond which the API answers 429; None for no limit."""
        return self._service.limit.per_minute

    @rate_limit.setter
    def rate_limit(self, per_minute: int | None) -> None:
        self._service.limit.per_minute = per_minute

    @property
    def page_cap(self) -> int | None:
        """The most records or buckets in a page, whatever was asked for."""
        return self._service.cap

    @page_cap.setter
    def page_cap(self, most: int | None) -> None:
        self._service.cap = most

    @property
    def requests(self) -> list[Request]:
        return self._journal.requests

    @property
    def max_in_flight(self) -> int:
        return self._journal.max_in_flight

    def count(self, table: str | None = None) -> int:
        return self._journal.count(table)

    def reset_log(self) -> None:
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
    ) -> Order:
        """Order a fault for matching requests: the first ones, or from the nth on."""
        if table is not None and table not in ENDPOINTS:
            raise KeyError(table)
        when = None if day is None else as_day(day)
        order = Order(
            fault=fault, table=table, day=when, page=page, nth=nth, request=request, times=times
        )
        return self._service.orders.add(order)

    def forbid(self, table: str) -> Order:
        return self.fail(table, status(403), times=ALWAYS)

    def heal(self) -> None:
        """Forget all orders."""
        self._service.orders.clear()

    def put(self, table: str, key: Key, records: Records) -> None:
        """Serve these instead; JSON text is served verbatim, element by element."""
        with self._lock:
            self._catalogue.put(table, _key(table, key), records)

    def unput(self, table: str, key: Key = None) -> None:
        with self._lock:
            self._catalogue.drop(table, _key(table, key))

    def truth(
        self, table: str, key: Key = None, *, group_by: Sequence[str] | None = None
    ) -> list[Record]:
        """The records that would be served now."""
        return [
            msgspec.json.decode(record) for record in self.truth_text(table, key, group_by=group_by)
        ]

    def truth_text(
        self, table: str, key: Key = None, *, group_by: Sequence[str] | None = None
    ) -> Rendered:
        """The same, as the JSON text of each record."""
        with self._lock:
            return list(truth.served(self._catalogue, ENDPOINTS[table], _key(table, key), group_by))

    def ledger(self, day: date | str) -> list[Line]:
        """Every line of spend of a complete day, as the reports sum it now."""
        return self.organization.ledger(as_day(day), (self.now.date() - as_day(day)).days)

    def warm(self, first: date | str, last: date | str) -> None:
        """Render these days beforehand, as the usual queries will ask for them."""
        days = (as_day(last) - as_day(first)).days + 1
        for table in (
            name for name, endpoint in ENDPOINTS.items() if endpoint.keyed_by is KeyedBy.DAY
        ):
            for day in range(days):
                self.truth_text(table, as_day(first) + day * DAY)

    def _answer(self, method: str, target: str, headers: Mapping[str, str]) -> Outcome:
        query = Query.parse(target, headers)
        with self._lock:
            self._journal.enter()
            outcome = self._service.answer(method, query)
        self._server.closing.wait((self.latency_ms + outcome.delay_ms) / 1000)
        # Noted before the answer leaves, so that whoever receives it finds it in the log.
        with self._lock:
            self._journal.leave()
            self._journal.note(method, query, outcome)
        return outcome


def _key(table: str, key: Key) -> Key:
    """A day for the dated tables, a workspace for its members, nothing else."""
    kind = ENDPOINTS[table].keyed_by
    if kind is KeyedBy.DAY and key is not None:
        return as_day(key)
    if (kind is KeyedBy.WORKSPACE and isinstance(key, str)) or (
        kind is not KeyedBy.DAY and key is None
    ):
        return key
    message = f"{table} is keyed by {kind.value}, not by {key!r}"
    raise ValueError(message)
