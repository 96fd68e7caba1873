"""The report of a run as rows of the table `load_runs`: was it loaded, when, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_admin_lake import VERSION
from claude_admin_lake.days import intervals, ranges_of
from claude_admin_lake.lake.packing import Packer
from claude_admin_lake.records.layout import encoder

if TYPE_CHECKING:
    from datetime import date, datetime

    from .outcome import Outcome, Result
    from .table_run import Workplace


def write_load_runs(result: Result, at: Workplace) -> None:
    """Store one row for each table of the run; raises LakeTrouble if that fails."""
    key = at.keys.load_run(at.today(), result.run_id)
    packer = Packer([at.lake.upload(key, at.lease.fence)])
    rows = [load_run_row(result, outcome, at.api_version) for outcome in result.outcomes]
    packer.add(encoder.encode_lines(rows))
    packer.publish({"run-id": result.run_id, "loader": VERSION})


def load_run_row(result: Result, one: Outcome, api_version: str) -> dict[str, object]:
    """What one run did with one table, in the columns of `load_runs`."""
    spans = ranges_of(day for span in one.plan.ranges for day in span)
    left = one.left()
    return {
        "run_id": result.run_id,
        "table_name": one.table,
        "status": one.status.value,
        "mode": one.mode.value,
        "scheduled_time": _time(result.request.now),
        "started_at": _time(one.started),
        "finished_at": _time(one.finished),
        "first_day": _day(spans[0].first if spans else None),
        "last_day": _day(spans[-1].last if spans else None),
        "days_planned": one.plan.slices,
        "days_loaded": one.slices,
        "days_failed": intervals(one.failed),
        "days_remaining": [str(span) for span in left or ()],
        "days_not_yet": intervals(one.plan.not_yet),
        "days_restated": intervals(one.restated),
        "gaps": None if one.gaps is None else intervals(one.gaps),
        "rows": one.rows,
        "objects_written": one.objects_written,
        "objects_unchanged": one.objects_unchanged,
        "bytes_written": one.bytes,
        "requests": one.meter.requests,
        "retries": one.meter.retries,
        "wait_seconds": round(one.meter.wait_seconds, 3),
        "cursor_before": _day(one.cursor_before.date),
        "cursor_after": _day(one.cursor.date),
        "reloaded": one.plan.reload,
        "drift": sorted(one.drift),
        "error": one.error,
        "loader_version": VERSION,
        "api_version": api_version,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _day(day: date | None) -> str | None:
    return str(day) if day else None
