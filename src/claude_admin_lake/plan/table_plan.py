"""What a run reads: from the request, the settings and the cursors to ranges of days. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from claude_admin_lake.days import ONE_DAY, DayRange, ranges_of
from claude_admin_lake.settings import Settings
from claude_admin_lake.tables import Days, Table

from .cursor import Cursor, Question, first_day, is_reload
from .request import Mode, Request


class Read(Struct, frozen=True):
    """One chain of pages: a range of days that one request chain answers, or a snapshot."""

    table: Table
    days: DayRange | None = None


class TablePlan(Struct, frozen=True, kw_only=True):
    """What one run does with one table.

    `ranges` are the days to read, oldest first; none for a snapshot. `complete_through` is the
    last day the API can serve all of; `not_yet` are days asked for that come after it.
    """

    table: Table
    ranges: tuple[DayRange, ...] = ()
    question: Question
    complete_through: date
    not_yet: tuple[date, ...] = ()
    reload: bool = False

    def reads(self) -> Iterator[Read]:
        """The fewest chains of pages that cover the ranges, oldest first."""
        if not self.table.days:
            yield Read(self.table)
            return
        size = days_per_read(self.table)
        for span in self.ranges:
            for piece in span.pieces(size):
                yield Read(self.table, piece)

    def until(self, newest: date) -> Self:
        """The same plan without the days that the API does not have yet."""
        ranges = (DayRange(span.first, min(span.last, newest)) for span in self.ranges)
        later = DayRange(newest + ONE_DAY, self.complete_through)
        asked = {day for span in self.ranges for day in span}
        return replace(
            self,
            ranges=tuple(span for span in ranges if len(span)),
            complete_through=min(self.complete_through, newest),
            not_yet=tuple(sorted({*self.not_yet, *asked.intersection(later)})),
        )

    @property
    def slices(self) -> int:
        """How many objects' worth of work this is: days, or one snapshot."""
        return sum(map(len, self.ranges)) if self.table.days else 1


def days_per_read(table: Table) -> int:
    """How many days one request can answer."""
    return table.days.shape.days_per_request(table.paging.limit) if table.days else 1


def question(table: Table, settings: Settings) -> Question:
    """What the table is asked under these settings."""
    dimensions = sorted(table.days.group_by(settings)) if table.days else []
    width = table.days.shape.width if table.days else ""
    query = f"{width}:{','.join(dimensions)}" if dimensions else width
    return Question(query=query, start=settings.start_date)


def complete_through(days: Days, now: datetime) -> date:
    """The last UTC day that the API can serve all of at `now`."""
    return (now - days.settles_after).date() - ONE_DAY


def plan_table(table: Table, request: Request, settings: Settings, cursor: Cursor) -> TablePlan:
    """What to read of a table, apart from repairs, which need to know what the lake holds."""
    asked = question(table, settings)
    if table.days is None:
        return TablePlan(table=table, question=asked, complete_through=request.now.date())
    complete = complete_through(table.days, request.now)
    if request.slices is not None:
        ranges = request.slices.get(table.name, ())
    elif request.days:
        ranges = (request.days,)
    else:
        first = first_day(cursor, asked, table.days.lookback(settings))
        ranges = (DayRange(first, request.now.date() if settings.include_today else complete),)
    yesterday = request.now.date() - ONE_DAY
    incremental = request.mode is Mode.INCREMENTAL
    return TablePlan(
        table=table,
        question=asked,
        ranges=tuple(span for span in _until(ranges, request.now.date()) if len(span)),
        complete_through=complete,
        not_yet=tuple(DayRange(complete + ONE_DAY, yesterday)) if incremental else (),
        reload=incremental and is_reload(cursor, asked),
    )


def _until(ranges: Iterable[DayRange], today: date) -> Iterator[DayRange]:
    return (DayRange(span.first, min(span.last, today)) for span in ranges)


def plan_repair(
    table: Table, request: Request, settings: Settings, cursor: Cursor, present: set[date]
) -> TablePlan:
    """What to read of a dated table to fill its gaps, and nothing else."""
    plan = plan_table(table, request, settings, cursor)
    if request.slices is not None:
        return plan
    return TablePlan(
        table=table,
        question=plan.question,
        ranges=tuple(ranges_of(gaps(cursor, settings.start_date, present))),
        complete_through=plan.complete_through,
    )


def plan_since(
    table: Table, request: Request, settings: Settings, cursor: Cursor, present: set[date]
) -> TablePlan:
    """What to read of a dated table as usual, and to fill its gaps: its first day was chosen."""
    plan = plan_table(table, request, settings, cursor)
    missing = gaps(cursor, settings.start_date, present)
    planned = (day for span in plan.ranges for day in span)
    return replace(plan, ranges=tuple(ranges_of({*missing, *planned})))


def gaps(cursor: Cursor, start: date, present: set[date]) -> list[date]:
    """The days between `start` and the cursor that the lake lacks."""
    if cursor.date is None:
        return []
    return [day for day in DayRange(start, cursor.date) if day not in present]


def lag_days(cursor: Cursor, start: date, now: datetime) -> int:
    """How many days the cursor is behind yesterday; without one, all since `start` are missing."""
    known = cursor.date or start - ONE_DAY
    return max(0, (now.date() - ONE_DAY - known).days)
