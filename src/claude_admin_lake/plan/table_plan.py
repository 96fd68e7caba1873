"""What a run reads: from the request, the settings and the cursors to ranges of days. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from claude_admin_lake.days import ONE_DAY, DayRange, ranges_of
from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.settings import Settings
from claude_admin_lake.tables import Table

from .accept import without
from .cursor import Cursor, Question, first_day, gaps, is_reload
from .read import Read, days_per_read
from .request import Mode, Request
from .served import complete_through, oldest_day, question
from .span import Span, merged


class TablePlan(Struct, frozen=True, kw_only=True):
    """What one run does with one table.

    `ranges` are the days to read, oldest first; none for a snapshot. `failed` is what has failed in
    earlier invocations of the load, and `stored` are the days in the lake if there were such
    invocations. `complete_through` is the last day the API can serve completely; `not_yet` are
    requested days after it, `too_old` requested days that it no longer serves. If `partial`,
    incomplete days are stored too.
    """

    table: Table
    ranges: tuple[DayRange, ...] = ()
    failed: tuple[Span, ...] = ()
    stored: frozenset[date] = frozenset()
    question: Question
    complete_through: date
    not_yet: tuple[date, ...] = ()
    too_old: tuple[DayRange, ...] = ()
    partial: bool = False
    reload: bool = False

    def reads(self) -> Iterator[Read]:
        """The fewest chains of pages that cover what has not been tried yet, oldest first."""
        if not self.table.days:
            yield from () if self.failed else (Read(self.table),)
            return
        size = days_per_read(self.table)
        for span in self.ranges:
            for piece in span.pieces(size):
                yield Read(self.table, piece)

    def until(self, newest: date) -> Self:
        """The same plan if the API has complete days only up to `newest`."""
        ranges = self.ranges if self.partial else tuple(_until(self.ranges, newest))
        later = {day for span in self.ranges for day in span if day > newest}
        return replace(
            self,
            ranges=tuple(span for span in ranges if len(span)),
            complete_through=min(self.complete_through, newest),
            not_yet=tuple(sorted({*self.not_yet, *later})),
        )

    def retries(self) -> Iterator[Read]:
        """What has failed and is retried, newest first."""
        size = days_per_read(self.table)
        for span in reversed(self.failed):
            if span.given_up:
                continue
            if span.days is None:
                yield Read(self.table, tries=span.tries)
                continue
            for piece in reversed([*span.days.pieces(size)]):
                yield Read(self.table, piece, span.tries)

    @property
    def days(self) -> Iterator[date]:
        """Every day that is still missing, including those that are not retried."""
        failed = (span.days for span in self.failed if span.days)
        return chain.from_iterable((*self.ranges, *failed))

    @property
    def whole(self) -> DayRange | None:
        """All days that the lake should have; None for a snapshot."""
        return DayRange(self.question.start, self.complete_through) if self.table.days else None

    @property
    def given_up(self) -> list[Read]:
        """What has failed too often to be tried again."""
        return [Read(self.table, one.days, one.tries) for one in self.failed if one.given_up]

    @property
    def slices(self) -> int:
        """How many objects' worth of work this is: days, or one snapshot."""
        due = (one.days for one in self.failed if one.days and not one.given_up)
        return sum(map(len, (*self.ranges, *due))) if self.table.days else 1


def plan_table(table: Table, request: Request, settings: Settings, cursor: Cursor) -> TablePlan:
    """What to read of a table, apart from repairs, which need to know what the lake holds."""
    asked = question(table, settings, request.now)
    left = (request.slices or {}).get(table.name, ())
    failed = tuple(span for span in left if span.tries)
    if table.days is None:
        today = request.now.date()
        return TablePlan(table=table, question=asked, failed=failed, complete_through=today)
    complete = complete_through(table.days, request.now)
    ranges: tuple[DayRange, ...]
    if request.slices is not None:
        ranges = tuple(span.days for span in left if span.days and not span.tries)
    elif request.days:
        ranges = (request.days,)
    else:
        first = first_day(cursor, asked, table.days.lookback(settings))
        ranges = (DayRange(first, request.now.date() if settings.include_today else complete),)
    yesterday = request.now.date() - ONE_DAY
    incremental = request.mode is Mode.INCREMENTAL
    if incremental:
        ranges = without(ranges, cursor.accepted)
        failed = merged(
            Span(days, span.tries)
            for span in failed
            for days in without([span.days] if span.days else [], cursor.accepted)
        )
    else:
        _check_query(table, cursor, asked)
    past = tuple(_until(ranges, request.now.date()))
    too_old, served = _split(past, oldest_day(table, request.now))
    return TablePlan(
        table=table,
        question=asked,
        ranges=served,
        too_old=too_old,
        partial=settings.include_today or request.mode is Mode.BACKFILL,
        failed=failed,
        complete_through=complete,
        not_yet=tuple(DayRange(complete + ONE_DAY, yesterday)) if incremental else (),
        reload=incremental and is_reload(cursor, asked),
    )


def _check_query(table: Table, cursor: Cursor, asked: Question) -> None:
    """Raise InvalidInput if single days would be stored with other dimensions than the rest."""
    if cursor.date and is_reload(cursor, asked) and cursor.reload_query != asked.query:
        raise InvalidInput(
            f"{table.name} is stored as {cursor.query!r} but would be read as {asked.query!r};"
            " must be the same: set USAGE_GROUP_BY back, or run a load without dates first, which"
            " reloads the history"
        )


def _until(ranges: Iterable[DayRange], today: date) -> Iterator[DayRange]:
    return (DayRange(span.first, min(span.last, today)) for span in ranges)


def _split(
    ranges: Iterable[DayRange], oldest: date
) -> tuple[tuple[DayRange, ...], tuple[DayRange, ...]]:
    """The days before `oldest`, and those from it on."""
    if oldest == date.min:
        return (), tuple(filter(len, ranges))
    before = (DayRange(span.first, min(span.last, oldest - ONE_DAY)) for span in ranges)
    after = (DayRange(max(span.first, oldest), span.last) for span in ranges)
    return tuple(filter(len, before)), tuple(filter(len, after))


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
        ranges=tuple(ranges_of(gaps(cursor, plan.question.start, present))),
        complete_through=plan.complete_through,
    )


def plan_since(
    table: Table, request: Request, settings: Settings, cursor: Cursor, present: set[date]
) -> TablePlan:
    """What to read of a dated table as usual, and to fill its gaps, after `since` set its first
    day."""
    plan = plan_table(table, request, settings, cursor)
    missing = gaps(cursor, plan.question.start, present)
    planned = (day for span in plan.ranges for day in span)
    return replace(plan, ranges=tuple(ranges_of({*missing, *planned})))
