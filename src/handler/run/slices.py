"""From the pages of a read to its slices: each a list of keys and the records that go there."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from handler.buckets import BucketOrder, records_of_day
from handler.lake.keys import dated_key, snapshot_keys
from handler.rows import Record, decode_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from handler.plan import Read, TablePlan
    from handler.source.pages import Page

_BATCH = 1000


class Slice(NamedTuple):
    """One table's one day, or one snapshot."""

    keys: tuple[str, ...]
    day: date | None
    batches: Iterator[list[Record]]


def slices(plan: TablePlan, read: Read, pages: Iterator[Page], today: date) -> Iterator[Slice]:
    """The slices of a read, each to be used up before the next."""
    table = read.table
    if not table.days or not read.days:
        records = (decode_record(raw) for page in pages for raw in page.records)
        yield Slice(snapshot_keys(table, today), None, _batches(records))
    elif table.days.bucketed:
        yield from _buckets(plan, read, pages)
    else:
        day = read.days.first
        found = (one for page in pages for one in records_of_day(table, day, page.records))
        yield Slice((dated_key(table, day),), day, _batches(found))


def _buckets(plan: TablePlan, read: Read, pages: Iterator[Page]) -> Iterator[Slice]:
    assert read.days
    order = BucketOrder(read.days)
    for page in pages:
        for raw in page.records:
            day, records = order.take(raw)
            yield Slice((dated_key(read.table, day),), day, _batches(records))
    order.finish(plan.complete_through)


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    source = iter(records)
    while batch := list(islice(source, _BATCH)):
        yield batch
