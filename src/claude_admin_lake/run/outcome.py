"""What one run has done with one table."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field

from claude_admin_lake.days import intervals, ranges_of
from claude_admin_lake.plan.cursor import lag_days
from claude_admin_lake.plan.read import up_to
from claude_admin_lake.plan.span import MOST_TRIES, Span, merged
from claude_admin_lake.source.api import Meter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from claude_admin_lake.lake import Published
    from claude_admin_lake.plan.cursor import Cursor
    from claude_admin_lake.plan.read import Read
    from claude_admin_lake.plan.request import Mode
    from claude_admin_lake.plan.table_plan import TablePlan
    from claude_admin_lake.records.totals import Totals


_DIFFERING = re.compile(r"""(?<=request-id )[^:\s]+|(?<="request_id":")[^"]+|0x[0-9a-f]+""")
"""What differs between otherwise equal errors: request ids and object addresses."""


class Status(StrEnum):
    """A table's status. `loaded` may mean zero rows, if the API returned none."""

    LOADED = "loaded"
    FORBIDDEN = "forbidden"
    DRIFTED = "drifted"
    NOT_OFFERED = "not_offered"
    FAILED = "failed"
    UNFINISHED = "unfinished"

    @property
    def is_well(self) -> bool:
        """Whether everything that the organization is offered has been loaded."""
        return self in (Status.LOADED, Status.NOT_OFFERED)


class Problem(Struct):
    """An error and the days that had it."""

    text: str
    days: set[date] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{', '.join(intervals(self.days))}: {self.text}" if self.days else self.text


class Change(Struct, frozen=True):
    """A day whose rows were stored for the first time or replaced."""

    day: date
    before: Totals | None
    after: Totals


class Outcome(Struct):
    """What one run has done with one table so far."""

    plan: TablePlan
    mode: Mode
    started: datetime
    cursor_before: Cursor
    cursor: Cursor
    meter: Meter = field(default_factory=Meter)
    finished: datetime | None = None
    seconds: float = 0.0
    """Time spent on the table, possibly in several turns."""
    status: Status = Status.LOADED
    problems: dict[str, Problem] = field(default_factory=dict)
    """By the error's text, without the parts that differ between equal errors."""
    rows: int = 0
    bytes: int = 0
    objects_written: int = 0
    objects_unchanged: int = 0
    slices: int = 0
    """Days or snapshots stored."""
    done: set[date] = field(default_factory=set)
    pending: set[date] = field(default_factory=set)
    """Days of the load that are still missing."""
    known: set[date] = field(default_factory=set)
    """Days that the load has stored, including earlier invocations."""
    staged: int = 0
    """Stored parts of an unfinished snapshot."""
    refused: set[date] = field(default_factory=set)
    """Days that the API refuses with 400."""
    carried: int = 0
    """Rows carried over from the stored snapshot."""
    due: list[Read] = field(default_factory=list)
    """What is still to be read, for the first time or again."""
    given_up: list[Read] = field(default_factory=list)
    """What has failed and is not read again in this run."""
    planned: bool = True
    """Whether the table could be planned."""
    changed: set[date] = field(default_factory=set)
    """Days whose objects were written."""
    restated: list[date] = field(default_factory=list)
    totals: list[Change] = field(default_factory=list)
    """Totals of days before and after their rows were replaced."""
    relabelled: list[date] = field(default_factory=list)
    """Days in which only names and addresses have changed."""
    read_on: date | None = None
    """The day on which a snapshot was read."""
    gaps: list[date] | None = None
    """Days missing up to the cursor; None if the run did not look."""
    drift: set[str] = field(default_factory=set)
    pulled_back: bool = False
    """Whether the cursor was moved back because it was beyond yesterday."""
    repeated: int = 0
    """Records repeated at the beginning of the next page, and therefore dropped."""
    drifted: bool = False
    """Whether a stored slice lacks values in an essential column."""

    def __post_init__(self) -> None:
        self.pending = {*self.plan.days}
        self.known = {*self.plan.stored}

    @property
    def table(self) -> str:
        """The table's name."""
        return self.plan.table.name

    def stored(self, day: date | None, rows: int, size: int, published: list[Published]) -> None:
        """Count a slice that has been stored."""
        written = [one for one in published if one.changed]
        self.slices += 1
        self.rows += rows
        self.bytes += size * len(written)
        self.objects_written += len(written)
        self.objects_unchanged += len(published) - len(written)
        if day:
            self.done.add(day)
            self.known.add(day)
            self.pending.discard(day)
            if written:
                self.changed.add(day)
            self.totals += [Change(day, one.before, one.after) for one in written if one.after]
            if any(one.replaced for one in written):
                self.restated.append(day)
            elif any(one.relabelled for one in written):
                self.relabelled.append(day)

    def must_be_read_again(self, days: Iterable[date]) -> None:
        """Mark days, including stored ones, as possibly stale."""
        again = self.done.intersection(days)
        self.done -= again
        self.known -= again
        self.pending |= again

    def note_lost(self, day: date | None, lost: Iterable[str]) -> None:
        """Note essential columns without values in a stored slice."""
        for what in lost:
            self.drifted = True
            self.add_error(Status.DRIFTED, what, [day] if day else ())

    @property
    def failed(self) -> list[date]:
        """The days that were given up."""
        return [day for read in self.given_up for day in self._missing(read)]

    @property
    def remaining(self) -> list[date]:
        """The days that are still to be read."""
        return [day for read in self.due for day in self._missing(read)]

    def _missing(self, read: Read) -> list[date]:
        return [day for day in read.days or () if day not in self.done]

    @property
    def error(self) -> str | None:
        """The errors; equal ones appear once, with their days."""
        return "; ".join(map(str, self.problems.values())) or None

    def add_error(self, status: Status, error: object, days: Iterable[date] = ()) -> None:
        """Note an error. UNFINISHED overrides FAILED, which overrides the rest: a continuation
        retries failed days."""
        text = str(error)
        problem = self.problems.setdefault(_DIFFERING.sub("", text), Problem(text))
        problem.days.update(days)
        if status is Status.UNFINISHED or self.status not in (Status.FAILED, Status.UNFINISHED):
            self.status = status

    def limit_to(self, newest: date) -> TablePlan:
        """Drop the days that the API does not have yet, and return the plan without them."""
        self.plan = self.plan.until(newest)
        self.pending = {day for day in self.pending if day <= newest}
        self.due = up_to(newest, self.due)
        return self.plan

    def fail_table(self, error: object) -> None:
        """Note an error that ends the table's part of the run."""
        self.add_error(Status.FAILED, error)
        self.given_up += [read.failed_once_more() for read in self.due]
        self.due = []

    def left(self) -> tuple[Span, ...]:
        """What a continuation needs to know: what is left to read, and what was given up."""
        if self.status not in (Status.UNFINISHED, Status.FAILED):
            return ()
        if not self.planned:
            return (Span(self.plan.whole, MOST_TRIES),)
        reads = (*self.due, *self.given_up)
        if not self.plan.table.days:
            return merged(Span(None, read.tries) for read in reads)
        return merged(
            Span(days, read.tries) for read in reads for days in ranges_of(self._missing(read))
        )

    def lag(self, now: datetime) -> int | None:
        """How many complete days the cursor is behind yesterday; None for snapshots and for a
        table that is not offered."""
        if not self.plan.table.days or self.status is Status.NOT_OFFERED:
            return None
        return lag_days(self.cursor, self.plan.question.start, now)
