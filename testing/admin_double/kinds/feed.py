"""The activity feed: events of a time window, newest first, paged by opaque cursors."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from admin_double.activities import TYPES, own_read
from admin_double.cache import Rendered
from admin_double.contents import Contents
from admin_double.endpoint import Call, PartedBy, Truth
from admin_double.errors import ApiError
from admin_double.kinds.range_rows import days_between
from admin_double.paging import BY_ID, ResponsePage, bad_token
from admin_double.request import IGNORED, IncomingRequest, Limit
from admin_double.wire import Record, encode, midnight

EVENT_LIMIT = Limit(100, 5000)
INSTANT = timedelta(microseconds=1)
BOUNDS = ("created_at.gte", "created_at.gt", "created_at.lt", "created_at.lte")
FILTERS = {"activity_types[]": "type", "actor_ids[]": "", "organization_ids[]": "organization_id"}
PARAMETERS = ("limit", "after_id", "before_id", *BOUNDS, *FILTERS)
# Sorts before the newest event.
BEGINNING = (datetime.max.replace(tzinfo=UTC), "")
Order = tuple[datetime, str]


class _Event(NamedTuple):
    order: Order
    text: bytes
    fields: Mapping[str, Any]


class _Cursor(NamedTuple):
    order: Order
    page: int


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Events by day. Every read writes an event of its own."""

    events: Callable[[Contents, date], Iterable[Record]]
    parted_by: PartedBy = PartedBy.DAY

    def respond(self, call: Call) -> ResponsePage:
        """The page that the request asks for."""
        request = call.request
        for name, _ in request.pairs:
            if name not in PARAMETERS and name not in IGNORED:
                raise ApiError(400, f"Unknown query parameter: '{name}'.")
        limit = min(request.limit(EVENT_LIMIT), call.page_cap or EVENT_LIMIT.most)
        start, end = _window(request, call.contents)
        found = [event for event in self._events(call, start, end) if _matches(request, event)]
        page = _page(request, found, limit, start.date())
        if call.contents.switches.logs_own_reads:
            agent = request.headers.get("user-agent", "")
            reads = call.contents.own_reads
            reads.append(own_read(call.contents, len(reads), call.request_id, agent))
        return page

    def truth(self, truth: Truth) -> Rendered:
        """All events of a day, newest first."""
        return [event.text for event in self._day(truth.contents, truth.table, truth.day)]

    def _events(self, call: Call, start: datetime, end: datetime) -> list[_Event]:
        days = days_between(start, end) if start < end else []
        return [
            event
            for day in reversed(days)
            for event in self._day(call.contents, call.table, day)
            if start <= event.order[0] < end
        ]

    def _day(self, contents: Contents, table: str, day: date) -> list[_Event]:
        made = contents.rendered(table, day, lambda: self.events(contents, day), "made")
        own = [encode(event) for event in contents.own_reads if _day_of(event) == str(day)]
        now = contents.now().astimezone(UTC) + INSTANT * len(contents.own_reads)
        found = [_event(text, day) for text in (*made, *own)]
        visible = [event for event in found if event.order[0] <= now]
        return sorted(visible, key=lambda event: event.order, reverse=True)


def _event(text: bytes, day: date) -> _Event:
    """Parse an event; a replaced record without a time counts as the first of its day."""
    fields = msgspec.json.decode(text)
    fields = fields if isinstance(fields, dict) else {}
    try:
        at = datetime.fromisoformat(fields["created_at"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        at = midnight(day)
    return _Event((at, str(fields.get("id"))), text, fields)


def _day_of(event: Mapping[str, Any]) -> str:
    return str(event.get("created_at"))[:10]


def _window(request: IncomingRequest, contents: Contents) -> tuple[datetime, datetime]:
    first = midnight(contents.organization.first_day)
    now = contents.now().astimezone(UTC) + INSTANT * (1 + len(contents.own_reads))
    lower, above, upper, below = (request.moment(name) for name in BOUNDS)
    starts = [first, *_given(lower), *(moment + INSTANT for moment in _given(above))]
    ends = [now, *_given(upper), *(moment + INSTANT for moment in _given(below))]
    return max(starts), min(ends)


def _given(moment: datetime | None) -> Sequence[datetime]:
    return () if moment is None else (moment,)


def _matches(request: IncomingRequest, event: _Event) -> bool:
    types = request.values("activity_types[]")
    for number, name in enumerate(types):
        if name not in TYPES:
            problem = "Input is not one of the permitted values."
            raise ApiError(400, f"activity_types[].{number}: {problem}")
    actor = event.fields.get("actor") or {}
    ids = {value for name, value in actor.items() if name.endswith("_id")}
    actors = request.values("actor_ids[]")
    organizations = request.values("organization_ids[]")
    return (
        (not types or event.fields.get("type") in types)
        and (not actors or bool(ids & set(actors)))
        # Events without an organization match any.
        and (not organizations or event.fields.get("organization_id") in {None, *organizations})
    )


def _page(request: IncomingRequest, found: Sequence[_Event], limit: int, day: date) -> ResponsePage:
    after, before = request.value("after_id"), request.value("before_id")
    if after is not None and before is not None:
        raise ApiError(400, "Only one of before_id and after_id may be given")
    if before is not None:
        start = _cursor("before_id", before, found)
        newer = [event for event in found if event.order > start.order]
        return _backward(newer, limit, day)
    start = _Cursor(BEGINNING, 1) if after is None else _cursor("after_id", after, found)
    position = sum(event.order >= start.order for event in found)
    return _forward(found, _Position(position, start, limit, after), day)


class _Position(NamedTuple):
    position: int
    start: _Cursor
    limit: int
    used: str | None


def _forward(found: Sequence[_Event], at: _Position, day: date) -> ResponsePage:
    events = found[at.position : at.position + at.limit]
    number = at.start.page
    following = at._replace(position=at.position + len(events))
    return ResponsePage(
        items=[event.text for event in events],
        number=number,
        days=frozenset((day, *(event.order[0].date() for event in events))),
        has_more=following.position < len(found),
        token=_seal(_Cursor(events[-1].order, number + 1)) if events else None,
        first=_seal(_Cursor(events[0].order, number)) if events else None,
        used=at.used,
        again=_seal(_Cursor(at.start.order, number + 1)),
        following=lambda: _forward(found, following, day),
        envelope=BY_ID,
    )


def _backward(newer: Sequence[_Event], limit: int, day: date) -> ResponsePage:
    first = max(0, len(newer) - limit)
    page = _forward(newer, _Position(first, _Cursor(BEGINNING, 1), limit, None), day)
    return replace(page, has_more=first > 0)


def _seal(cursor: _Cursor) -> str:
    moment, name = cursor.order
    text = encode({"id": name, "created_at": moment.isoformat(), "page": cursor.page})
    return urlsafe_b64encode(text).decode()


def _cursor(parameter: str, text: str, found: Sequence[_Event]) -> _Cursor:
    """Parse a cursor; the id of an event is accepted too."""
    named = next((event for event in found if event.fields.get("id") == text), None)
    if named is not None:
        return _Cursor(named.order, 2)
    try:
        fields = msgspec.json.decode(urlsafe_b64decode(text), type=dict[str, Any])
        at = datetime.fromisoformat(fields["created_at"])
        return _Cursor((at, fields["id"]), fields["page"])
    except (KeyError, TypeError, ValueError):
        raise bad_token(parameter) from None
