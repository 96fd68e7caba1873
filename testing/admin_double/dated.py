"""Answers of the three reports, which page by token."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from admin_double.catalogue import Slice
from admin_double.endpoint import Call
from admin_double.errors import ApiError
from admin_double.paging import Cursor, Page, bad_token, by_token
from admin_double.reports import Report, Width
from admin_double.wire import encode, midnight, stamp

PREFIX = "page_"
MOST_DIMENSIONS = 5
USUAL_RECORDS, MOST_RECORDS = 20, 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def claude_code(call: Call) -> Page:
    """A page of one day's records."""
    query = call.query
    query.refuse_unknown(("starting_at", "limit", "page"))
    day = query.day("starting_at")
    records = call.catalogue.coding(day)
    return _Chain(
        call=call,
        limit=query.limit(USUAL_RECORDS, MOST_RECORDS),
        count=len(records),
        items=lambda start, end: records[start:end],
        moments=lambda _: [midnight(day)],
    ).page()


def bucketed(call: Call) -> Page:
    """A page of buckets, oldest first, empty ones included."""
    query, report = call.query, call.endpoint.report
    assert report is not None
    query.refuse_unknown(
        ("starting_at", "ending_at", "bucket_width", "limit", "page", "group_by[]", *report.filters)
    )
    width = _width(call, report)
    group_by = _group_by(call, report)
    filters = _filters(call, report)
    starts = _starts(call, width)

    def bucket(start: datetime) -> bytes:
        wanted = Slice(start=start, length=width.length, group_by=group_by, filters=filters)
        return _bucket(wanted, call.catalogue.bucket(call.endpoint.table, report, wanted))

    return _Chain(
        call=call,
        limit=query.limit(width.usual, width.most),
        count=len(starts),
        items=lambda start, end: [bucket(moment) for moment in starts[start:end]],
        moments=lambda taken: starts[taken],
    ).page()


def _bucket(wanted: Slice, results: Sequence[bytes]) -> bytes:
    start, end = encode(stamp(wanted.start)), encode(stamp(wanted.start + wanted.length))
    return b'{"starting_at":%b,"ending_at":%b,"results":[%b]}' % (start, end, b",".join(results))


def _width(call: Call, report: Report) -> Width:
    name = call.query.one("bucket_width") or "1d"
    if name not in report.widths:
        raise ApiError(400, f"bucket_width: Input should be one of {', '.join(report.widths)}")
    return report.widths[name]


def _group_by(call: Call, report: Report) -> tuple[str, ...]:
    group_by = tuple(dict.fromkeys(call.query.chosen("group_by[]", report.dimensions)))
    if len(group_by) > MOST_DIMENSIONS:
        raise ApiError(400, f"Cannot specify more than {MOST_DIMENSIONS} group_by[] dimensions.")
    betas = call.query.headers.get("anthropic-beta", "")
    for dimension in group_by:
        if report.beta.get(dimension, "") not in betas:
            needed = report.beta[dimension]
            raise ApiError(400, f"group_by[]: {dimension} requires anthropic-beta: {needed}")
    return group_by


def _filters(call: Call, report: Report) -> tuple[tuple[str, tuple[str, ...]], ...]:
    asked = (
        (field, call.query.chosen(name, report.choices.get(name)))
        for name, field in report.filters.items()
    )
    return tuple((field, tuple(values)) for field, values in asked if values)


def _floor(moment: datetime, width: timedelta) -> datetime:
    return moment - (moment - EPOCH) % width


def _starts(call: Call, width: Width) -> list[datetime]:
    """The buckets asked for, as far as they have begun."""
    asked, ending, now = (
        call.query.moment("starting_at"),
        call.query.moment("ending_at"),
        call.catalogue.now(),
    )
    if asked is None:
        raise ApiError(400, "starting_at: Field required")
    start = _floor(asked, width.length)
    end = now if ending is None else _floor(ending, width.length)
    if ending is not None and end <= start:
        message = "Invalid date range: ending date must be after starting date"
        raise ApiError(400, message, (("x-should-retry", "false"),))
    count = -(-(min(end, now) - start) // width.length)
    return [start + place * width.length for place in range(max(0, count))]


@dataclass(frozen=True, kw_only=True)
class _Chain:
    """All pages of one query."""

    call: Call
    limit: int
    count: int
    items: Callable[[int, int], Sequence[bytes]]
    moments: Callable[[slice], Sequence[datetime]]

    def page(self) -> Page:
        token = self.call.query.one("page")
        cursor = Cursor() if token is None else Cursor.unseal(token, PREFIX, self._bound)
        if cursor is None:
            raise bad_token("page")
        return self._at(cursor, token)

    @property
    def _bound(self) -> str:
        return self.call.query.bound()

    def _at(self, cursor: Cursor, used: str | None) -> Page:
        end = min(cursor.position + min(self.limit, self.call.cap or self.limit), self.count)
        has_more = end < self.count
        return Page(
            items=self.items(cursor.position, end),
            number=cursor.page,
            days=frozenset(moment.date() for moment in self.moments(slice(cursor.position, end))),
            has_more=has_more,
            token=self._token(end, cursor) if has_more else None,
            used=used,
            again=self._token(cursor.position, cursor),
            following=lambda: self._at(Cursor(end, cursor.page), used),
            envelope=by_token,
        )

    def _token(self, position: int, cursor: Cursor) -> str:
        return Cursor(position, cursor.page + 1).seal(PREFIX, self._bound)
