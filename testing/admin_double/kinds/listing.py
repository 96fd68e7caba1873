"""Lists: snapshots that page by id or by token, and single objects."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from admin_double.cache import Rendered
from admin_double.contents import Contents
from admin_double.endpoint import Call, PartedBy, Truth
from admin_double.errors import ApiError
from admin_double.kinds.chain import TokenChain
from admin_double.kinds.id_chain import PAGING, IdChain
from admin_double.paging import BY_TOKEN, BY_TOKEN_ALONE, SINGLE_OBJECT, Envelope, ResponsePage
from admin_double.request import IncomingRequest, Limit
from admin_double.wire import Record, encode

Fields = Mapping[str, Any]
Source = Callable[[Contents, str], Iterable[Record]]
LIST_LIMIT = Limit(20, 1000)
View = Callable[[Contents, str, Record], Record]


@dataclass(frozen=True, kw_only=True)
class SingleObject:
    """An endpoint that serves one object and does not page."""

    record: Callable[[Contents], Record]
    parted_by: PartedBy = PartedBy.NOTHING

    def respond(self, call: Call) -> ResponsePage:
        """The object."""
        call.request.refuse_unknown(())
        return ResponsePage(items=self._items(call.contents, call.table), envelope=SINGLE_OBJECT)

    def truth(self, truth: Truth) -> Rendered:
        """A list of the one object."""
        return self._items(truth.contents, truth.table)

    def _items(self, contents: Contents, table: str) -> Rendered:
        return contents.rendered(table, None, lambda: [self.record(contents)])


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list, or one list for each parent record; `records` gets the parent's id or "".

    A parameter in `filters` keeps the records whose field (a dotted path) has one of its values.
    A parameter in `shown_by` is a flag: without it, the records for which its predicate holds
    are left out. `too_new` are the flags that the API does not know yet. A parameter in
    `must_match` is a 404 if no record matches it. `view` changes a record to the form that the
    request asks for.
    """

    records: Source
    filters: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Collection[str]] = field(default_factory=dict)
    shown_by: Mapping[str, Callable[[Contents, Fields], object]] = field(default_factory=dict)
    usual_flags: Collection[str] = ()
    too_new: Callable[[Contents], Collection[str]] = lambda _: ()
    must_match: Collection[str] = ()
    limit: Limit = LIST_LIMIT
    view: View | None = None
    by_parent: bool = False
    parameters: Collection[str] = PAGING

    @property
    def parted_by(self) -> PartedBy:
        """A list for each parent is selected by the parent's id."""
        return PartedBy.PARENT if self.by_parent else PartedBy.NOTHING

    def respond(self, call: Call) -> ResponsePage:
        """The page that the request asks for."""
        flags = self.shown_by.keys() - set(self.too_new(call.contents))
        call.request.refuse_unknown({*self.parameters, *self.filters, *flags})
        page = self._page(call, self._kept(call))
        version = call.request.version or ""
        return replace(page, items=self._viewed(call.contents, version, page.items))

    def _page(self, call: Call, kept: Sequence[tuple[bytes, Fields]]) -> ResponsePage:
        return IdChain(
            items=[item for item, _ in kept],
            ids=[_id(fields) for _, fields in kept],
            fingerprint=call.request.path,
            limit=min(call.request.limit(self.limit), call.page_cap or self.limit.most),
        ).page(call.request)

    def truth(self, truth: Truth) -> Rendered:
        """The whole list; without a parent, the lists of all parents together.

        Without flags, archived records are included, as the loader asks for them.
        """
        return self._viewed(truth.contents, truth.version, self._all(truth))

    def _all(self, truth: Truth) -> Rendered:
        if not self.by_parent:
            items = self._items(truth.contents, truth.table, "")
            return self._visible(truth.contents, items, self._shown(truth))
        parents = [truth.part] if isinstance(truth.part, str) else truth.parents()
        items = [item for parent in parents for item in self._items_or_none(truth, parent)]
        return self._visible(truth.contents, items, self._shown(truth))

    def _shown(self, truth: Truth) -> Collection[str]:
        if truth.flags is None:
            return self.usual_flags
        return [name for name, value in truth.flags.items() if value == "true"]

    def _items_or_none(self, truth: Truth, parent: str) -> Rendered:
        try:
            return self._items(truth.contents, truth.table, parent)
        except ApiError:
            return []

    def _visible(self, contents: Contents, items: Rendered, shown: Collection[str]) -> Rendered:
        hiding = [test for name, test in self.shown_by.items() if name not in shown]
        if not hiding:
            return items
        return [i for i in items if not any(test(contents, _fields(i)) for test in hiding)]

    def _items(self, contents: Contents, table: str, parent: str) -> Rendered:
        return contents.rendered(table, parent or None, lambda: self.records(contents, parent))

    def _kept(self, call: Call) -> list[tuple[bytes, Fields]]:
        contents, request = call.contents, call.request
        asked = self._filters(request)
        shown = [name for name in self.shown_by if request.flag(name)]
        parent = next(iter(call.path_names.values()), "")
        items = self._visible(contents, self._items(contents, call.table, parent), shown)
        kept = [
            (item, fields)
            for item, fields in zip(items, map(_fields, items), strict=True)
            if all(_matches(_at(fields, path), values) for path, values in asked)
        ]
        if not kept and any(request.values(name) for name in self.must_match):
            raise ApiError(404)
        return kept

    def _filters(self, request: IncomingRequest) -> list[tuple[str, list[str]]]:
        asked = (
            (path, request.chosen(name, self.choices.get(name)))
            for name, path in self.filters.items()
        )
        return [(path, values) for path, values in asked if values]

    def _viewed(self, contents: Contents, version: str, items: Sequence[bytes]) -> Rendered:
        if self.view is None:
            return list(items)
        return [self._view(contents, version, item) for item in items]

    def _view(self, contents: Contents, version: str, item: bytes) -> bytes:
        fields = msgspec.json.decode(item)
        if self.view is None or not isinstance(fields, dict):
            return item
        seen = self.view(contents, version, fields)
        return item if seen == fields else encode(seen)


@dataclass(frozen=True, kw_only=True)
class TokenListing(Listing):
    """A list that pages by token, whose envelope usually has no `has_more`."""

    envelope: Envelope = BY_TOKEN_ALONE
    parameters: Collection[str] = ("limit", "page")

    def _page(self, call: Call, kept: Sequence[tuple[bytes, Fields]]) -> ResponsePage:
        page = TokenChain(
            call=call,
            limit=call.request.limit(self.limit),
            count=len(kept),
            items=lambda first, end: [item for item, _ in kept[first:end]],
            envelope=self.envelope,
        ).page()
        if not call.contents.switches.lists_say_has_more:
            return page
        return replace(page, envelope=BY_TOKEN, token=page.token or page.again)


def _fields(item: bytes) -> Fields:
    decoded = msgspec.json.decode(item)
    return decoded if isinstance(decoded, dict) else {}


def _id(fields: Fields) -> str:
    return fields["id"] if isinstance(fields.get("id"), str) else ""


def _matches(value: object, wanted: Collection[str]) -> bool:
    """A list matches if it has one of the wanted values."""
    if isinstance(value, list):
        return any(each in wanted for each in value)
    return value in wanted


def _at(fields: Fields, path: str) -> object:
    value: object = fields
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
