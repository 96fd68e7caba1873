"""Which days a table has, derived from the names of its objects. Pure."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from claude_admin_lake.days import DayRange, intervals
from claude_admin_lake.settings import Settings
from claude_admin_lake.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

_DATED = {table.name: table for table in TABLES if table.days}


class Coverage(NamedTuple):
    """The days of an organization's part of a table: the first (if known), the last, and the
    missing ones in between. The API may still restate days from `provisional_from` on."""

    table: str
    organization: str
    first: date | None
    last: date
    provisional_from: date
    missing: list[str]


def covered(table: str, files: Iterable[PurePath]) -> list[Coverage]:
    """The coverage of one daily table, from the paths `organization=…/<day>=…/…`."""
    days = defaultdict[str, set[date]](set)
    for file in files:
        organization, day = (part.partition("=")[2] for part in file.parts[-3:-1])
        days[organization].add(date.fromisoformat(day))
    return [_covered(table, organization, days[organization]) for organization in sorted(days)]


def _covered(table: str, organization: str, days: set[date]) -> Coverage:
    span = DayRange(min(days), max(days))
    missing = [day for day in span if day not in days]
    return covering(table, organization, span.first, span.last, intervals(missing))


def covering(
    table: str, organization: str, first: date | None, last: date, missing: list[str]
) -> Coverage:
    """A coverage, with the first provisional day."""
    provisional = last - timedelta(days=_lookback(table) - 1)
    return Coverage(table, organization, first, last, provisional, missing)


def _lookback(table: str) -> int:
    """How many days a run re-reads by default."""
    declared = _DATED.get(table)
    return max(1, declared.days.lookback(Settings())) if declared and declared.days else 1
