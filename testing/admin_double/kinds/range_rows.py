"""Flat rows over a time range, paged by row."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from admin_double.cache import Rendered
from admin_double.contents import Contents
from admin_double.endpoint import Call, PartedBy, Truth
from admin_double.errors import ApiError
from admin_double.kinds.chain import TokenChain
from admin_double.paging import BY_TOKEN, Envelope, ResponsePage
from admin_double.request import IncomingRequest, Limit
from admin_double.wire import DAY, Record, stamp

ROW_LIMIT = Limit(20, 1000)
ORDERS = ("asc", "desc")
RANGE_PARAMETERS = (
    "starting_at",
    "ending_at",
    "time_bucket_width",
    "group_by[]",
    "order_by",
    "order",
    "limit",
    "page",
)


def just_now(contents: Contents) -> datetime:
    """The data is complete up to this moment."""
    return contents.now()


@dataclass(frozen=True, kw_only=True)
class RangeRows:
    """Rows of daily buckets in the order of their days, with `data_refreshed_at`.

    `rows` returns the complete rows of a day. Grouping is accepted and has no effect.
    """

    rows: Callable[[Contents, date], Iterable[Record]]
    most: timedelta = 31 * DAY
    limit: Limit = ROW_LIMIT
    refreshed_at: Callable[[Contents], datetime | None] = just_now
    envelope: Envelope = BY_TOKEN
    parameters: Collection[str] = RANGE_PARAMETERS
    parted_by: PartedBy = PartedBy.DAY

    def respond(self, call: Call) -> ResponsePage:
        """The page that the request asks for."""
        request, contents = call.request, call.contents
        request.refuse_unknown(self.parameters)
        days = days_between(*required_range(request, self.most))
        if request.choice("order", ORDERS, "desc") == "desc":
            days.reverse()
        rows = [(day, row) for day in days for row in self._items(contents, call.table, day)]
        refreshed = self.refreshed_at(contents)
        return TokenChain(
            call=call,
            limit=request.limit(self.limit),
            count=len(rows),
            items=lambda first, end: [row for _, row in rows[first:end]],
            days=lambda first, end: [day for day, _ in rows[first:end]],
            envelope=self.envelope,
            extra={"data_refreshed_at": None if refreshed is None else stamp(refreshed)},
        ).page()

    def truth(self, truth: Truth) -> Rendered:
        """All rows of a day."""
        return self._items(truth.contents, truth.table, truth.day)

    def _items(self, contents: Contents, table: str, day: date) -> Rendered:
        return contents.rendered(table, day, lambda: self.rows(contents, day))


def required_range(request: IncomingRequest, most: timedelta) -> tuple[datetime, datetime]:
    """The requested range, whose end is exclusive."""
    start, end = request.moment("starting_at"), request.moment("ending_at")
    if start is None:
        raise ApiError(400, "starting_at: Field required")
    if end is None:
        raise ApiError(400, "ending_at: Field required when time_bucket_width is set")
    check_range(start, end, most)
    return start, end


def check_range(start: datetime, end: datetime, most: timedelta) -> None:
    """Raise a 400 for an empty range or one that is too long."""
    if end <= start:
        message = "Invalid date range: ending date must be after starting date"
        raise ApiError(400, message, (("x-should-retry", "false"),))
    if end - start > most:
        raise ApiError(400, f"Invalid date range: must span at most {most}")


def days_between(start: datetime, end: datetime) -> list[date]:
    """The UTC days that a range touches."""
    first, last = start.astimezone(UTC).date(), (end - timedelta.resolution).astimezone(UTC).date()
    return [first + n * DAY for n in range((last - first).days + 1)]
