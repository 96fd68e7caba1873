"""Splits the pages of a read into days, each with its object key and records."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from claude_admin_lake.days import DayRange
    from claude_admin_lake.lake.keys import Keys
    from claude_admin_lake.plan.table_plan import TablePlan
    from claude_admin_lake.shapes import Batch
    from claude_admin_lake.source.pages import Page


class Slice(NamedTuple):
    """One day of one table."""

    key: str
    day: date
    batches: Iterator[Batch]


def slices(plan: TablePlan, days: DayRange, pages: Iterator[Page], keys: Keys) -> Iterator[Slice]:
    """The days of a read, each to be consumed before the next."""
    if not plan.table.days:
        return
    records = (page.records for page in pages)
    for day, found in plan.table.days.shape.days(days, records, plan.complete_through):
        yield Slice(keys.dated(plan.table, day), day, found)
