"""The report of a run as rows of the table `load_runs`: was it loaded, when, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_admin_lake import VERSION
from claude_admin_lake.days import intervals, ranges_of
from claude_admin_lake.lake.packing import Packer
from claude_admin_lake.records.layout import encoder
from claude_admin_lake.records.totals import Totals

_MOST_ITEMS, _MOST_CHARACTERS = 50, 2000
"""Of a list and of a text. More is only in the log."""

_MOST_CHANGES = 2000
"""Of the days with totals: more than there are days since the earliest that can be loaded."""

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from .context import RunContext
    from .outcome import Change, Outcome
    from .result import Result


def write_load_runs(result: Result, context: RunContext) -> None:
    """Store one row for each table of the run; raises LakeTrouble if that fails."""
    key = context.keys.load_run(context.today(), result.run_id)
    packer = Packer([context.lake.upload(key, context.lease.fence)])
    rows = [load_run_row(result, outcome, context.api_version) for outcome in result.outcomes]
    packer.add(encoder.encode_lines(rows))
    packer.publish({"run-id": result.run_id, "loader": VERSION})


def load_run_row(result: Result, one: Outcome, api_version: str) -> dict[str, object]:
    """What one run did with one table, in the columns of `load_runs`."""
    spans = ranges_of(one.plan.days)
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
        "snapshot_date": _day(one.read_on),
        "days_failed": _few(one.failed),
        "days_remaining": _few(one.remaining),
        "days_not_yet": _few(one.plan.not_yet),
        "days_too_old": [str(span) for span in one.plan.too_old],
        "days_restated": _few(one.restated),
        "days_relabelled": _few(one.relabelled),
        "changed": [_change(change) for change in one.totals[-_MOST_CHANGES:]],
        "gaps": None if one.gaps is None else _few(one.gaps),
        "accepted": _few(one.cursor.accepted),
        "rows": one.rows,
        "rows_carried": one.carried,
        "objects_written": one.objects_written,
        "objects_unchanged": one.objects_unchanged,
        "bytes_written": one.bytes,
        "requests": one.meter.requests,
        "retries": one.meter.retries,
        "wait_seconds": round(one.meter.wait_seconds, 3),
        "cursor_before": _day(one.cursor_before.date),
        "cursor_after": _day(one.cursor.date),
        "reloaded": one.plan.reload,
        "drift": _shortened(sorted(one.drift)),
        "error": _cut(one.error),
        "loader_version": VERSION,
        "api_version": api_version,
    }


def _change(one: Change) -> dict[str, object]:
    before, after = one.before or Totals(), one.after
    return {
        "date": str(one.day),
        "rows_before": before.rows,
        "rows_after": after.rows,
        "usd_before": before.usd,
        "usd_after": after.usd,
        "tokens_before": before.tokens,
        "tokens_after": after.tokens,
    }


def _few(days: Iterable[date]) -> list[str]:
    return _shortened(intervals(days))


def _shortened(texts: Sequence[str]) -> list[str]:
    """The first of the texts, and how many more there are."""
    kept = [_cut(text) or "" for text in texts[:_MOST_ITEMS]]
    more = len(texts) - len(kept)
    return [*kept, f"… and {more} more"] if more else kept


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _day(day: date | None) -> str | None:
    return str(day) if day else None
