"""The result of a run, and its JSON form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from claude_admin_lake.days import intervals
from claude_admin_lake.plan.request import Mode

from .notes import backfill_notes
from .outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from claude_admin_lake.plan.request import Request

    from .outcome import Outcome


class Result(Struct, frozen=True):
    """The result of a run."""

    run_id: str
    request: Request
    outcomes: tuple[Outcome, ...] = ()
    began: datetime | None = None
    """When loading began, by the actual clock: an event may have been delivered late."""
    idle_lag: int | None = 0
    """The largest lag in days among the configured tables not in the request; None if a cursor
    cannot be read."""
    busy: bool = False
    start: date | None = None
    """The first day of the lake."""
    notes: tuple[str, ...] = ()
    """Notes for the user, such as about that day."""
    stopped: bool = False
    """Whether the run ended early because nothing could be read or stored any longer."""
    report_error: str | None = None
    """Why `load_runs` could not be written, if so."""

    @property
    def status(self) -> str:
        """complete, incomplete or busy."""
        if self.busy:
            return "busy"
        complete = not self.report_error and all(one.status.is_well for one in self.outcomes)
        return "complete" if complete else "incomplete"

    @property
    def remaining(self) -> dict[str, object] | None:
        """The event that continues the work; None unless time ran out or the run was stopped.

        It names exactly what is not stored yet, and what was given up, so that the end of the load
        can report it.
        """
        if not self.stopped and not any(one.status is Status.UNFINISHED for one in self.outcomes):
            return None
        left = {one.table: one.left() for one in self.outcomes}
        return self.request.continued({table: spans for table, spans in left.items() if spans})

    @property
    def failures(self) -> dict[str, str]:
        """Errors by table for which the run should raise: those of failed tables, or all if no
        table could be loaded because permissions are missing."""
        failed = [one for one in self.outcomes if one.status is Status.FAILED]
        refused = [one for one in self.outcomes if one.status is Status.FORBIDDEN]
        missing = [one for one in self.outcomes if one.status is Status.NOT_OFFERED]
        if len(refused) + len(missing) == len(self.outcomes):
            failed = refused
        reasons = {one.table: one.error or one.status.value for one in failed}
        return reasons | ({"load_runs": self.report_error} if self.report_error else {})

    def as_dict(self) -> dict[str, object]:
        """The result as JSON types."""
        return {
            "run_id": self.run_id,
            "organization": self.request.organization,
            "status": self.status,
            "tables": {one.table: summary(one) for one in self.outcomes},
            "remaining": self.remaining,
            **self._remarks(),
        }

    def _remarks(self) -> dict[str, object]:
        """Optional fields, omitted when empty."""
        mode = self.request.mode
        remarks = {
            "stored": sum(one.slices + one.staged for one in self.outcomes),
            "mode": None if mode is Mode.INCREMENTAL else mode.value,
            "since": None if self.start is None else str(self.start),
            "notes": [*self.notes, *self._backfill_notes()],
        }
        return {name: value for name, value in remarks.items() if value}

    def _backfill_notes(self) -> Iterable[str]:
        snapshots = [one.table for one in self.outcomes if not one.plan.table.days]
        dated = [one for one in self.outcomes if one.plan.table.days]
        has_cursor = not dated or any(one.cursor.date for one in dated)
        return backfill_notes(self.request, snapshots, has_cursor=has_cursor)


def summary(outcome: Outcome) -> dict[str, object]:
    """A table's part of the result."""
    return {
        "status": outcome.status.value,
        "rows": outcome.rows,
        "objects_written": outcome.objects_written,
        "objects_unchanged": outcome.objects_unchanged,
        "requests": outcome.meter.requests,
        "cursor": _text(outcome.cursor.date),
        "error": outcome.error,
        **_remarks(outcome),
    }


def _remarks(outcome: Outcome) -> dict[str, object]:
    """Optional fields, omitted when empty."""
    repairs = outcome.mode is Mode.REPAIR
    remarks = {
        "days_repaired": intervals(outcome.done) if repairs else [],
        "days_failed": intervals(outcome.failed),
        "days_not_yet": intervals(outcome.plan.not_yet),
        "days_too_old": [str(span) for span in outcome.plan.too_old],
        "days_restated": intervals(outcome.restated),
        "days_relabelled": intervals(outcome.relabelled),
        "gaps": intervals(outcome.gaps or ()),
        "accepted": intervals(outcome.cursor.accepted),
        "cursor_was_ahead": _text(outcome.cursor_before.date) if outcome.pulled_back else None,
        "reloaded": outcome.plan.reload,
        "records_repeated": outcome.repeated,
        "rows_carried": outcome.carried,
        "drift": sorted(outcome.drift),
    }
    return {name: value for name, value in remarks.items() if value}


def _text(day: date | None) -> str | None:
    return None if day is None else str(day)
