"""From the pages of a read to its slices: each a list of keys and the records that go there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from claude_admin_lake.lake.keys import dated_key, snapshot_keys
from claude_admin_lake.shapes.bucket_order import BucketOrder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from claude_admin_lake.plan.table_plan import Read, TablePlan
    from claude_admin_lake.records.rows import Record
    from claude_admin_lake.source.pages import Page, Raw

_BATCH = 100
"""Records worked on at once: many, so that few calls do, and so few that they stay in the
processor's cache."""


class Slice(NamedTuple):
    """One table's one day, or one snapshot. `common` are fields that each record gets too."""

    keys: tuple[str, ...]
    day: date | None
    common: Record
    batches: Iterator[list[Raw]]


def slices(plan: TablePlan, read: Read, pages: Iterator[Page], today: date) -> Iterator[Slice]:
    """The slices of a read, each to be used up before the next."""
    table = read.table
    if not table.days or not read.days:
        yield Slice(snapshot_keys(table, today), None, {}, _batches(page.records for page in pages))
    elif table.days.bucketed:
        yield from _buckets(plan, read, pages)
    else:
        day = read.days.first
        yield Slice((dated_key(table, day),), day, {}, _batches(page.records for page in pages))


def _buckets(plan: TablePlan, read: Read, pages: Iterator[Page]) -> Iterator[Slice]:
    assert read.days
    order = BucketOrder(read.days)
    for page in pages:
        for raw in page.records:
            day, common, results = order.take(raw)
            yield Slice((dated_key(read.table, day),), day, common, _batches([results]))
    order.finish(plan.complete_through)


def _batches(chunks: Iterable[list[Raw]]) -> Iterator[list[Raw]]:
    for records in chunks:
        for at in range(0, len(records), _BATCH):
            yield records[at : at + _BATCH]
