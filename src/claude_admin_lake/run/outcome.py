"""What became of a table and of a run, and how that is told."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field

from claude_admin_lake.days import DayRange, coarse, intervals, ranges_of
from claude_admin_lake.plan.request import Mode
from claude_admin_lake.plan.table_plan import lag_days
from claude_admin_lake.source.api import Meter

from .notes import backfill_notes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from claude_admin_lake.lake import Published
    from claude_admin_lake.plan.cursor import Cursor
    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.plan.table_plan import TablePlan


_DIFFERING = re.compile(r"""(?<=request-id )[^:\s]+|(?<="request_id":")[^"]+|0x[0-9a-f]+""")
"""What makes errors differ that are equal: request ids and addresses of objects."""

_MOST_RANGES = 12
"""Ranges of days for each table in `remaining`; some more days are read rather than more said."""


class Status(StrEnum):
    """Of a table. `loaded` may well be no rows: that is what the API says."""

    LOADED = "loaded"
    FORBIDDEN = "forbidden"
    DRIFTED = "drifted"
    NOT_OFFERED = "not_offered"
    FAILED = "failed"
    UNFINISHED = "unfinished"

    @property
    def is_well(self) -> bool:
        """Whether nothing is missing that the organization is offered."""
        return self in (Status.LOADED, Status.NOT_OFFERED)


class Problem(Struct):
    """An error and the days that had it."""

    text: str
    days: set[date] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{', '.join(intervals(self.days))}: {self.text}" if self.days else self.text


class Outcome(Struct):
    """What one run has done with one table so far."""

    plan: TablePlan
    mode: Mode
    started: datetime
    cursor_before: Cursor
    cursor: Cursor
    meter: Meter = field(default_factory=Meter)
    finished: datetime | None = None
    status: Status = Status.LOADED
    problems: dict[str, Problem] = field(default_factory=dict)
    """By text, without what differs between equal errors."""
    rows: int = 0
    bytes: int = 0
    objects_written: int = 0
    objects_unchanged: int = 0
    slices: int = 0
    """Days or snapshots stored."""
    done: set[date] = field(default_factory=set)
    failed: list[date] = field(default_factory=list)
    changed: set[date] = field(default_factory=set)
    """Days whose objects were written."""
    restated: list[date] = field(default_factory=list)
    read_on: date | None = None
    """The day on which a snapshot was read."""
    gaps: list[date] | None = None
    """Days missing up to the cursor; None if the run did not look."""
    drift: set[str] = field(default_factory=set)
    pulled_back: bool = False
    """Whether the cursor was found ahead of the time."""
    drifted: bool = False
    """Whether a stored slice lacks values in an essential column."""

    @property
    def table(self) -> str:
        """The table's name."""
        return self.plan.table.name

    def stored(self, day: date | None, rows: int, size: int, published: list[Published]) -> None:
        """Count a slice that is in the lake now."""
        written = [one for one in published if one.changed]
        self.slices += 1
        self.rows += rows
        self.bytes += size * len(written)
        self.objects_written += len(written)
        self.objects_unchanged += len(published) - len(written)
        if day:
            self.done.add(day)
            if written:
                self.changed.add(day)
            if any(one.replaced for one in written):
                self.restated.append(day)

    def lacks(self, day: date | None, lost: Iterable[str]) -> None:
        """Note what a stored slice lacks of its essential columns."""
        for what in lost:
            self.drifted = True
            self.went_wrong(Status.DRIFTED, what, [day] if day else ())

    def done_through(self, asked: DayRange) -> date | None:
        """The last of the days asked for up to which all are stored and complete."""
        last = None
        for day in asked:
            if day not in self.done or day > self.plan.complete_through:
                break
            last = day
        return last

    @property
    def error(self) -> str | None:
        """What went wrong: equal errors are told once, with the days that had them."""
        return "; ".join(map(str, self.problems.values())) or None

    def went_wrong(self, status: Status, error: object, days: Iterable[date] = ()) -> None:
        """Note an error; a failure outweighs what else may happen, but for running out of time,
        which leaves the failed days to be tried again with the rest."""
        text = str(error)
        problem = self.problems.setdefault(_DIFFERING.sub("", text), Problem(text))
        problem.days.update(days)
        if self.status is not Status.FAILED or status is Status.UNFINISHED:
            self.status = status

    def left(self) -> tuple[DayRange, ...] | None:
        """What another run must still read: ranges, none for a snapshot; None if nothing.

        An incremental run goes on without leaving a day out, so that its cursor can follow.
        """
        if self.status not in (Status.UNFINISHED, Status.FAILED):
            return None
        if not self.plan.table.days:
            return ()
        planned = (day for span in self.plan.ranges for day in span)
        days = sorted(day for day in planned if day not in self.done)
        if not days:
            return None
        if self.mode is Mode.INCREMENTAL:
            return (DayRange(days[0], self.plan.ranges[-1].last),)
        return tuple(ranges_of(days))

    def lag(self, now: datetime) -> int | None:
        """How many complete days the cursor is behind yesterday; None for snapshots and for a
        table that is not offered."""
        if not self.plan.table.days or self.status is Status.NOT_OFFERED:
            return None
        return lag_days(self.cursor, self.plan.question.start, now)

    def summary(self) -> dict[str, object]:
        """The table's part of the result."""
        return {
            "status": self.status.value,
            "rows": self.rows,
            "objects_written": self.objects_written,
            "objects_unchanged": self.objects_unchanged,
            "requests": self.meter.requests,
            "cursor": _text(self.cursor.date),
            "error": self.error,
            **self._remarks(),
        }

    def _ahead(self) -> str | None:
        """The cursor that was found ahead of the time, and was not believed."""
        return _text(self.cursor_before.date) if self.pulled_back else None

    def _remarks(self) -> dict[str, object]:
        """What is worth saying only if it is the case."""
        remarks = {
            "days_repaired": intervals(self.done) if self.mode is Mode.REPAIR else [],
            "days_failed": intervals(self.failed),
            "days_not_yet": intervals(self.plan.not_yet),
            "days_restated": intervals(self.restated),
            "gaps": intervals(self.gaps or ()),
            "cursor_was_ahead": self._ahead(),
            "reloaded": self.plan.reload,
            "drift": sorted(self.drift),
        }
        return {name: value for name, value in remarks.items() if value}


class Result(Struct, frozen=True):
    """What became of a run."""

    run_id: str
    request: Request
    outcomes: tuple[Outcome, ...] = ()
    began: datetime | None = None
    """When the tables were begun, by the real clock: an event may have been delivered late."""
    idle_lag: int = 0
    """Days that the tables of the settings which were not asked for are behind, at most."""
    busy: bool = False
    start: date | None = None
    """The first day of the lake."""
    notes: tuple[str, ...] = ()
    """What the user should know of that day."""
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
        """The event that continues the work; None unless time ran out.

        It includes failed days, which are retried. If no work is unfinished, failures are raised
        instead.
        """
        if not any(one.status is Status.UNFINISHED for one in self.outcomes):
            return None
        left = {one.table: one.left() for one in self.outcomes}
        slices: Mapping[str, tuple[DayRange, ...]] = {
            table: ranges for table, ranges in left.items() if ranges is not None
        }
        if self.request.mode is Mode.REPAIR and max(map(len, slices.values())) > _MOST_RANGES:
            return self.request.again(tuple(slices))
        return self.request.continued(
            {table: coarse(ranges, _MOST_RANGES) for table, ranges in slices.items()}
        )

    @property
    def failures(self) -> dict[str, str]:
        """Why the run should raise, by table: what failed, or everything if nothing could be
        loaded for want of permission."""
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
            "tables": {one.table: one.summary() for one in self.outcomes},
            "remaining": self.remaining,
            **self._remarks(),
        }

    def _remarks(self) -> dict[str, object]:
        """Optional fields, omitted when empty."""
        mode = self.request.mode
        remarks = {
            "mode": None if mode is Mode.INCREMENTAL else mode.value,
            "since": _text(self.start),
            "notes": [*self.notes, *self._backfill_notes()],
        }
        return {name: value for name, value in remarks.items() if value}

    def _backfill_notes(self) -> Iterable[str]:
        snapshots = [one.table for one in self.outcomes if not one.plan.table.days]
        dated = [one for one in self.outcomes if one.plan.table.days]
        has_cursor = not dated or any(one.cursor.date for one in dated)
        return backfill_notes(self.request, snapshots, has_cursor=has_cursor)


def _text(day: date | None) -> str | None:
    return None if day is None else str(day)
