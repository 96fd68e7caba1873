"""The engagement endpoints: one day, or the rollup of a range of days."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import msgspec

from admin_double.cache import Rendered
from admin_double.contents import Contents
from admin_double.endpoint import Call, PartedBy, Truth
from admin_double.errors import ApiError
from admin_double.kinds.chain import TokenChain
from admin_double.paging import BY_TOKEN_ALONE, Envelope, ResponsePage
from admin_double.request import IncomingRequest, Limit
from admin_double.wire import DAY, Record, encode

ROW_LIMIT = Limit(100, 1000)
FIRST_DAY = date(2026, 1, 1)
COMPUTED_AT = time(10)
MOST_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class Engagement:
    """Records of one day, or of a range: rolled up by entity, or the series of all days.

    `entity` returns what identifies a record across days. A series has no date parameter, and
    `takes_range` is false if there is nothing but the date parameter.
    """

    records: Callable[[Contents, date], Iterable[Record]]
    key: Callable[[Contents, date], Hashable]
    entity: Callable[[Record], Hashable]
    takes_range: bool = True
    is_series: bool = False
    parted_by: PartedBy = PartedBy.DAY

    def respond(self, call: Call) -> ResponsePage:
        """The page that the request asks for."""
        request, contents = call.request, call.contents
        request.refuse_unknown(self._parameters())
        days = self._days(request, contents)
        rows = self._rows(contents, call.table, days)
        if request.choice("order", ("asc", "desc"), "asc") == "desc":
            rows.reverse()
        switches = contents.switches
        envelope = (
            Envelope(BY_TOKEN_ALONE.fields, switches.summaries_key)
            if self.is_series
            else BY_TOKEN_ALONE
        )
        return TokenChain(
            call=call,
            limit=max(len(rows), 1) if self.is_series else request.limit(ROW_LIMIT),
            count=len(rows),
            items=lambda first, end: rows[first:end],
            days=lambda _first, _end: days,
            envelope=envelope,
        ).page()

    def truth(self, truth: Truth) -> Rendered:
        """All records of a day."""
        return self._items(truth.contents, truth.table, truth.day)

    def _parameters(self) -> set[str]:
        dates = {"starting_date", "ending_date"} if self.takes_range else set()
        return {"limit", "page", *dates, *(() if self.is_series else ("date", "order"))}

    def _days(self, request: IncomingRequest, contents: Contents) -> list[date]:
        newest = newest_day(contents)
        if self.is_series or request.value("date") is None:
            first, last = _range(request, contents, needs_date=not self.takes_range)
        else:
            if request.value("starting_date") or request.value("ending_date"):
                raise ApiError(400, "date: cannot be combined with starting_date or ending_date")
            first = last = request.day("date")
        if first < FIRST_DAY:
            raise ApiError(400, f"Data is available from {FIRST_DAY}")
        if first > newest:
            raise ApiError(400, f"Data is not available yet. The newest available day is {newest}")
        return [first + n * DAY for n in range((min(last, newest) - first).days + 1)]

    def _rows(self, contents: Contents, table: str, days: list[date]) -> Rendered:
        daily = [item for day in days for item in self._items(contents, table, day)]
        return daily if self.is_series or len(days) == 1 else self._rolled_up(daily)

    def _rolled_up(self, items: Rendered) -> Rendered:
        rolled: dict[Hashable, Record] = {}
        for record in map(msgspec.json.decode, items):
            name = self.entity(record)
            rolled[name] = _merged(rolled[name], record) if name in rolled else record
        return [encode(record) for record in rolled.values()]

    def _items(self, contents: Contents, table: str, day: date) -> Rendered:
        key = self.key(contents, day)
        return contents.rendered(table, day, lambda: self.records(contents, day), key)


def newest_day(contents: Contents) -> date:
    """The newest day with data: yesterday from 10:00 UTC on."""
    if contents.switches.newest_engagement_day is not None:
        return contents.switches.newest_engagement_day
    now: datetime = contents.now().astimezone(UTC)
    return now.date() - DAY * (1 if now.time() >= COMPUTED_AT else 2)


def _range(request: IncomingRequest, contents: Contents, *, needs_date: bool) -> tuple[date, date]:
    if needs_date:
        raise ApiError(400, "date: Field required")
    first, today = request.day("starting_date"), contents.now().astimezone(UTC).date()
    end = today if request.value("ending_date") is None else request.day("ending_date")
    if not first < end <= today:
        raise ApiError(400, "ending_date: must be after starting_date and not in the future")
    if (end - first).days > MOST_DAYS:
        raise ApiError(400, f"ending_date: must be within {MOST_DAYS} days of starting_date")
    return first, end - DAY


def _merged(first: Record, second: Record) -> Record:
    """Counts add up over days, except that distinct counts take the larger value."""
    return {name: _merged_value(name, first.get(name), second.get(name)) for name in first | second}


def _merged_value(name: str, first: object, second: object) -> object:
    if isinstance(first, dict) and isinstance(second, dict):
        return _merged(first, second)
    if type(first) is int and type(second) is int:
        return max(first, second) if name.startswith("distinct_") else first + second
    return first if second is None else second
