"""From the pages of a read to its slices: each a list of keys and the records that go there."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from claude_admin_lake.shapes import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from claude_admin_lake.lake.keys import Keys
    from claude_admin_lake.plan.table_plan import Read, TablePlan
    from claude_admin_lake.shapes import Batch
    from claude_admin_lake.source.pages import Page


class Slice(NamedTuple):
    """One table's one day, or one snapshot (`day` None)."""

    keys: tuple[str, ...]
    day: date | None
    batches: Iterator[Batch]
    read_on: date | None = None
    """The UTC day of a snapshot."""


def slices(
    plan: TablePlan, read: Read, pages: Iterator[Page], today: Callable[[], date], keys: Keys
) -> Iterator[Slice]:
    """The slices of a read, each to be consumed before the next. A snapshot is of the day on which
    its reading begins."""
    table = read.table
    if not table.days or not read.days:
        day = today()
        each = (batches(page.common, [page.records]) for page in pages)
        yield Slice(keys.snapshot(table, day), None, chain.from_iterable(each), day)
        return
    records = (page.records for page in pages)
    for day, found in table.days.shape.days(read.days, records, plan.complete_through):
        yield Slice((keys.dated(table, day),), day, found)
