"""The event `Lake Loaded`: what one load changed, over all of its invocations. Pure.

docs/operations.md has its schema. It names tables and days, no person.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from claude_admin_lake.days import DayRange, coarse, ranges_of

from .outcome import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .outcome import Outcome
    from .result import Result

_MOST_RANGES = 100
"""Ranges of changed days for each table; more are merged, so that the event stays small."""

Json = dict[str, Any]


def loaded_so_far(earlier: Mapping[str, Any] | None, load_id: str, result: Result) -> Json:
    """What a load has done, including its earlier invocations; `earlier` may be another load's."""
    known = earlier["tables"] if earlier and earlier["load_id"] == load_id else {}
    tables = {one.table: _table(known.get(one.table), one) for one in result.outcomes}
    return _event(result.request.organization, load_id, result.run_id, {**known, **tables})


def given_up(earlier: Mapping[str, Any] | None, load_id: str) -> Json | None:
    """The event of a load that is not continued; None if nothing was loaded."""
    if not earlier or earlier["load_id"] != load_id:
        return None
    return {**earlier, "status": "incomplete"}


def _event(organization: str, load_id: str, run_id: str, tables: Json) -> Json:
    complete = all(Status(one["status"]).is_well for one in tables.values())
    return {
        "organization": organization,
        "load_id": load_id,
        "run_id": run_id,
        "status": "complete" if complete else "incomplete",
        "tables": tables,
    }


def _table(known: Json | None, one: Outcome) -> Json:
    earlier = known or {"rows": 0, "changed": []}
    days: set[date] = {day for text in earlier["changed"] for day in _range(text)}
    days |= one.changed
    if one.objects_written and one.read_on:
        days.add(one.read_on)
    return {
        "status": one.status.value,
        "rows": earlier["rows"] + one.rows,
        "changed": [str(span) for span in coarse(ranges_of(days), _MOST_RANGES)],
    }


def _range(text: str) -> DayRange:
    first, _, last = text.partition("/")
    return DayRange(date.fromisoformat(first), date.fromisoformat(last))
