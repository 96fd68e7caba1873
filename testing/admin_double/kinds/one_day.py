"""Endpoints that serve the records of one day."""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from admin_double.cache import Rendered
from admin_double.contents import Contents
from admin_double.endpoint import Call, PartedBy, Truth
from admin_double.kinds.chain import TokenChain
from admin_double.paging import BY_TOKEN, Envelope, ResponsePage
from admin_double.request import Limit
from admin_double.wire import Record

RECORD_LIMIT = Limit(20, 1000)


def no_key(_contents: Contents, _day: date) -> Hashable:
    """Makes the records again for every request."""
    return None


@dataclass(frozen=True, kw_only=True)
class OneDay:
    """One day a request, paged by token.

    `parameter` names the day. `key` changes whenever a day's records may have changed.
    """

    records: Callable[[Contents, date], Iterable[Record]]
    parameter: str = "starting_at"
    key: Callable[[Contents, date], Hashable] = no_key
    limit: Limit = RECORD_LIMIT
    envelope: Envelope = BY_TOKEN
    parameters: Collection[str] = ("limit", "page")
    parted_by: PartedBy = PartedBy.DAY

    def respond(self, call: Call) -> ResponsePage:
        """The page that the request asks for."""
        call.request.refuse_unknown({self.parameter, *self.parameters})
        day = call.request.day(self.parameter)
        records = self._items(call.contents, call.table, day)
        return TokenChain(
            call=call,
            limit=call.request.limit(self.limit),
            count=len(records),
            items=lambda first, end: records[first:end],
            days=lambda _first, _end: _only(day),
            envelope=self.envelope,
        ).page()

    def truth(self, truth: Truth) -> Rendered:
        """All records of a day."""
        return self._items(truth.contents, truth.table, truth.day)

    def _items(self, contents: Contents, table: str, day: date) -> Rendered:
        key = self.key(contents, day)
        return contents.rendered(table, day, lambda: self.records(contents, day), key)


def _only(day: date) -> Sequence[date]:
    return (day,)
