"""From reads to pages: follows each chain of pages, one request at a time."""

from __future__ import annotations

import logging
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from claude_admin_lake.errors import (
    BadAnswer,
    DataMoved,
    Forbidden,
    LoaderError,
    NotOffered,
    OutOfTime,
    RequestRefused,
    RunError,
    SliceError,
    TableError,
    TooLarge,
    scrub,
)
from claude_admin_lake.plan.read import Read

from .newest import not_yet
from .pages import Page, read_page
from .parents import id_text, parent_of
from .prefetch import ahead
from .query import first_query
from .seams import without_repeats
from .steps import Fetched

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import msgspec

    from claude_admin_lake.settings import Settings
    from claude_admin_lake.tables import Parent, Table

    from .api import AdminApi, Meter
    from .parents import ParentRecord
    from .query import Query
    from .steps import Answered

_log = logging.getLogger(__name__)
_GONE = (400, 404)
_MOST_BYTES = 32 << 20
"""Size limit for a page that covers several days. Two pages are in memory at once, and one of
them may be copied: that must fit into a function of 256 MB."""
_MOST_EMPTY_PAGES = 100
"""Consecutive empty pages tolerated before giving up."""


class Reader:
    """Reads the API for one run."""

    def __init__(
        self,
        api: AdminApi,
        settings: Settings,
        tables: Mapping[str, Table],
        answered: Mapping[str, Answered] | None = None,
    ) -> None:
        """`answered` has the answers to requests that were already sent, by path."""
        self._api, self._settings, self._tables = api, settings, tables
        self._answered = dict(answered or {})
        self._abandoned: Read | None = None
        self._parents: dict[str, list[ParentRecord]] = {}
        self._most_days: dict[str, int] = {}
        self._rules = {
            table.parent.table: table.parent for table in tables.values() if table.parent
        }

    def fetch(
        self, reads: Iterable[Read], meter: Meter, refusals: frozenset[int] = frozenset()
    ) -> Generator[Fetched, None, None]:
        """The pages and the end of every read; each page is fetched while its predecessor is in
        use. Close the generator if it is not exhausted.

        After a failed read the others follow, unless the error means that they would fail too.
        `refusals` are the statuses of the first request that become NotOffered.
        """
        return ahead(self._steps(reads, meter, refusals))

    def abandon(self, read: Read) -> None:
        """Request no further page of a read, because storing it has failed."""
        self._abandoned = read

    def _steps(
        self, reads: Iterable[Read], meter: Meter, refusals: frozenset[int]
    ) -> Iterator[Fetched]:
        for read in reads:
            try:
                for page in _offered(self._pages(read, meter), refusals):
                    refusals = frozenset()
                    yield Fetched(read, page)
                    if read is self._abandoned:
                        break
                yield Fetched(read)
            except LoaderError as caught:
                error = _told(read, caught)
                yield Fetched(read, error=error)
                if isinstance(error, (TableError, RunError, OutOfTime)):
                    return

    def _pages(self, read: Read, meter: Meter) -> Iterator[Page]:
        if read.table.parent:
            return self._children(read, read.table.parent, meter)
        if "" in read.place.done:
            return iter(())
        if read.table.name in self._rules and not read.place.next:
            return self._remembered(read, meter)
        return self._chain(read, meter)

    def _remembered(self, read: Read, meter: Meter) -> Iterator[Page]:
        """The pages of a parent table, whose records are kept for its child tables."""
        rule, found = self._rules[read.table.name], []
        for page in self._chain(read, meter):
            found += [parent_of(record, rule) for record in page.records]
            yield page
        # A record that changes while it is listed may be there twice.
        self._parents[read.table.name] = list({parent.id: parent for parent in found}.values())

    def parents(self, rule: Parent, meter: Meter) -> list[ParentRecord]:
        """The records whose listings a table reads, requested unless this run already has."""
        if rule.table not in self._parents:
            for _ in self._remembered(Read(self._tables[rule.table]), meter):
                pass
        return self._parents[rule.table]

    def _children(self, read: Read, rule: Parent, meter: Meter) -> Iterator[Page]:
        """The listings of all parent records, one after the other."""
        for parent in self.parents(rule, meter):
            if parent.id in read.place.done:
                continue
            common = {rule.column: id_text(parent)} if rule.column else {}
            begun = read.place.next is not None and read.place.parent == parent.id
            try:
                for page in self._chain(read, meter, parent.id):
                    begun = True
                    yield replace(page, common=common, parent=parent.id)
            except RequestRefused as error:
                if begun or not (parent.may_lack_it and error.status in _GONE):
                    raise
                _log.info("no listing for %s", scrub(parent.id))
                yield Page([], parent=parent.id)

    def _chain(self, read: Read, meter: Meter, parent_id: str = "") -> Iterator[Page]:
        """The pages of a read, in smaller day ranges if one page would be too large."""
        days, most = read.days, self._most_days.get(read.table.name)
        if days and most and most < len(days):
            for piece in days.pieces(most):
                yield from self._chain(replace(read, days=piece), meter, parent_id)
            return
        first = first_query(read, self._settings, parent_id)
        most_bytes = _MOST_BYTES if days and len(days) > 1 else None
        begun = read.place.next if read.place.parent == parent_id else None
        try:
            yield from self._follow(read.table, first, meter, most_bytes, begun)
        except TooLarge:
            if not days or len(days) == 1:
                raise
        else:
            return
        self._most_days[read.table.name] = (len(days) + 1) // 2
        yield from self._chain(read, meter, parent_id)

    def _follow(
        self,
        table: Table,
        first: Query,
        meter: Meter,
        most_bytes: int | None,
        begun: tuple[str, str] | None,
    ) -> Iterator[Page]:
        """All pages from the first one, or from `begun`, where an earlier invocation stopped.

        Raises TooLarge only for the first one; a later page that is too large is a SliceError.
        """
        query = first.page(*begun) if begun else first
        seen: set[str] = set()
        empty = 0
        before: Sequence[msgspec.Raw] = ()
        frontier: list[datetime | None] = []
        while True:
            try:
                page = self._page(table, query, meter, most_bytes)
            except TooLarge as error:
                if query is first:
                    raise
                raise SliceError(str(error)) from error  # earlier pages are already in use
            if frontier and page.frontier != frontier[0]:
                raise DataMoved(f"{first.path}: the data was refreshed between two pages")
            frontier, most_bytes = [page.frontier], None
            # The shape detects rows that are repeated because the data has moved.
            yield page if table.paging.frontier else without_repeats(before, page)
            before = page.records or before
            if page.next is None:
                return
            empty = 0 if page.records else empty + 1
            if page.next[1] in seen or empty > _MOST_EMPTY_PAGES:
                raise BadAnswer(
                    f"{first.path}: the pages do not end: a page token was repeated, or more than"
                    f" {_MOST_EMPTY_PAGES} pages in a row were empty"
                )
            seen.add(page.next[1])
            query = first.page(*page.next)

    def _page(self, table: Table, query: Query, meter: Meter, most_bytes: int | None) -> Page:
        if answered := self._answered.pop(query.path, None):
            return answered.counted(meter)
        return self._api.get(query, partial(read_page, table.paging), meter, most_bytes)


def _told(read: Read, error: LoaderError) -> LoaderError:
    """The error, or NotYet if it means that the requested days are too recent."""
    days = read.table.days
    if not read.days or not days or not days.names_newest:
        return error
    return not_yet(read.days, error) or error


def _offered(pages: Iterator[Page], refusals: frozenset[int]) -> Iterator[Page]:
    """The pages. Raises NotOffered if the first request is refused with one of these statuses."""
    try:
        yield from islice(pages, 1)
    except (Forbidden, RequestRefused) as error:
        status = error.status if isinstance(error, RequestRefused) else 403
        if status not in refusals:
            raise
        raise NotOffered(str(error)) from error
    yield from pages
