"""Answers of the endpoints that page by id, and of the one that doesn't page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from admin_double.endpoint import Call
from admin_double.errors import ApiError
from admin_double.paging import Cursor, Page, alone, bad_token, by_id
from admin_double.wire import encode

USUAL, MOST = 20, 1000
PAGING = ("limit", "after_id", "before_id")
WITHOUT_WORKSPACE_ID = "2026-10-21"
PREFIX = "cursor_"


def single(call: Call) -> Page:
    """The one object of an endpoint that has just one."""
    call.query.refuse_unknown(())
    return Page(items=call.catalogue.listing(call.endpoint.table), envelope=alone)


def listed(call: Call) -> Page:
    """A page of a whole list."""
    return _paged(call, call.catalogue.listing(call.endpoint.table))


def members(call: Call) -> Page:
    """A page of one workspace's members."""
    return _paged(call, call.catalogue.members(call.names["workspace_id"]))


def api_keys(call: Call) -> Page:
    """A page of keys; the newer version of the API says less of them."""
    page = listed(call)
    if call.query.headers.get("anthropic-version") != WITHOUT_WORKSPACE_ID:
        return page
    return replace(page, items=[_without(item, "workspace_id") for item in page.items])


def _without(item: bytes, field: str) -> bytes:
    fields = msgspec.json.decode(item, type=dict[str, msgspec.Raw])
    fields.pop(field, None)
    return encode(fields)


def nowhere(_: Call) -> Page:
    """No endpoint has this path."""
    raise ApiError(404)


@dataclass(frozen=True)
class _Listing:
    """Everything one query may page through."""

    items: Sequence[bytes]
    ids: Sequence[str]
    bound: str
    limit: int

    def position(self, parameter: str, token: str) -> Cursor:
        """The cursor just after the item that a token stands for."""
        if token in self.ids:
            position = self.ids.index(token) + 1
            return Cursor(position, 1 + -(-position // self.limit))
        cursor = Cursor.unseal(token, PREFIX, self.bound)
        if cursor is None:
            raise bad_token(parameter)
        return cursor

    def after(self, cursor: Cursor, used: str | None) -> Page:
        end = min(cursor.position + self.limit, len(self.items))
        return replace(
            self._between(cursor, end),
            has_more=end < len(self.items),
            used=used,
            following=lambda: self.after(Cursor(end, cursor.page), used),
        )

    def before(self, end: int) -> Page:
        start = max(0, end - self.limit)
        return replace(self._between(Cursor(start), end), has_more=start > 0)

    def _between(self, cursor: Cursor, end: int) -> Page:
        filled = end > cursor.position
        return Page(
            items=self.items[cursor.position : end],
            number=cursor.page,
            token=self.name(end - 1, cursor.page + 1) if filled else None,
            first=self.name(cursor.position, cursor.page) if filled else None,
            again=Cursor(cursor.position, cursor.page + 1).seal(PREFIX, self.bound),
            envelope=by_id,
        )

    def name(self, place: int, page: int) -> str:
        return self.ids[place] or Cursor(place + 1, page).seal(PREFIX, self.bound)


def _paged(call: Call, items: Sequence[bytes]) -> Page:
    query, endpoint = call.query, call.endpoint
    query.refuse_unknown(
        {*PAGING, *endpoint.filters, *(("include_archived",) if endpoint.archives else ())}
    )
    limit = min(query.limit(USUAL, MOST), call.cap or MOST)
    after, before = query.one("after_id"), query.one("before_id")
    if after is not None and before is not None:
        raise ApiError(400, "Only one of before_id and after_id may be given")
    listing = _listing(call, items, limit)
    if before is not None:
        return listing.before(listing.position("before_id", before).position - 1)
    return listing.after(Cursor() if after is None else listing.position("after_id", after), after)


def _listing(call: Call, items: Sequence[bytes], limit: int) -> _Listing:
    asked = _asked(call)
    hide = call.endpoint.archives and not call.query.flag("include_archived")
    kept = [
        (item, fields)
        for item, fields in zip(items, map(_fields, items), strict=True)
        if all(_at(fields, path) in values for path, values in asked)
        and not (hide and fields.get("archived_at"))
    ]
    ids = [fields["id"] if isinstance(fields.get("id"), str) else "" for _, fields in kept]
    return _Listing([item for item, _ in kept], ids, call.query.path, limit)


def _asked(call: Call) -> list[tuple[str, list[str]]]:
    endpoint, query = call.endpoint, call.query
    asked = (
        (path, query.chosen(name, endpoint.choices.get(name)))
        for name, path in endpoint.filters.items()
    )
    return [(path, values) for path, values in asked if values]


def _fields(item: bytes) -> Mapping[str, Any]:
    decoded = msgspec.json.decode(item)
    return decoded if isinstance(decoded, dict) else {}


def _at(fields: Mapping[str, Any], path: str) -> object:
    value: object = fields
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
