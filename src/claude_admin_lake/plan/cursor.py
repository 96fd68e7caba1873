"""The cursor of a dated table: its contents, where a run begins to read, how far it moves. Pure.

The cursor's `date` is the last day such that it and every day before it, back to START_DATE, are
complete in the lake. It is stored with the query that filled the lake. If the query changes (other
dimensions), the history is reloaded; `reload_*` records the progress while `date` does not move.
"""

import datetime as dt
from collections.abc import Collection, Container, Iterator

from msgspec import Struct
from msgspec.structs import replace

from claude_admin_lake.days import ONE_DAY, DayRange


class Cursor(Struct, frozen=True, kw_only=True):
    """What the state store keeps for one dated table."""

    date: dt.date | None = None
    query: str | None = None
    reload_query: str | None = None
    reload_through: dt.date | None = None
    accepted: frozenset[dt.date] = frozenset()
    """Days that the operator has given up; the cursor passes them."""


class Question(Struct, frozen=True, kw_only=True):
    """What a run asks for: the table's query, and the first day that should be in the lake."""

    query: str
    start: dt.date


def not_ahead(cursor: Cursor, today: dt.date) -> Cursor:
    """The cursor, corrected if it is beyond yesterday because of a wrong clock or a manual change.

    One day ahead is a matter of seconds around midnight, and that day is reloaded. A cursor further
    ahead is discarded: nobody knows which of its days were stored before they were over.
    """
    if cursor.reload_through and cursor.reload_through >= today:
        cursor = replace(cursor, reload_through=None)
    if cursor.date is None or cursor.date < today:
        return cursor
    if cursor.date == today:
        return replace(cursor, date=today - ONE_DAY)
    return Cursor(accepted=cursor.accepted)


def is_reload(cursor: Cursor, question: Question) -> bool:
    """Whether another query filled the lake. A cursor without a query counts as today's query."""
    changed = cursor.query not in (None, question.query) or cursor.reload_query is not None
    return cursor.date is not None and changed


def first_day(cursor: Cursor, question: Question, lookback: int) -> dt.date:
    """The first day an incremental run reads: `lookback` days before the first new one."""
    if cursor.date is None:
        return question.start
    again = max(cursor.date, question.start - ONE_DAY) + ONE_DAY - lookback * ONE_DAY
    if is_reload(cursor, question):
        again = min(again, _reloaded_through(cursor, question) + ONE_DAY)
    return max(question.start, again)


def next_days(
    cursor: Cursor, question: Question, *, stored: Container[dt.date], pending: Collection[dt.date]
) -> Iterator[dt.date]:
    """The stored or accepted days that follow the last complete one without a gap.

    Empty while a pending day precedes them: it would leave the lookback without being re-read.
    """
    day = _known(cursor, question) + ONE_DAY
    if any(one < day for one in pending):
        return
    while (day in stored or day in cursor.accepted) and day not in pending:
        yield day
        day += ONE_DAY


def after_loading(cursor: Cursor, question: Question, loaded: DayRange) -> Cursor:
    """The cursor once the days `loaded` are stored: moved only if no day is skipped."""
    if is_reload(cursor, question):
        return _after_reloading(cursor, question, loaded)
    known = _known(cursor, question)
    if loaded.first > known + ONE_DAY or loaded.last <= known:
        return cursor
    return _at(loaded.last, cursor, question)


def _after_reloading(cursor: Cursor, question: Question, loaded: DayRange) -> Cursor:
    through = _reloaded_through(cursor, question)
    if loaded.first > through + ONE_DAY or loaded.last <= through:
        return cursor
    if cursor.date is not None and loaded.last < cursor.date:
        return replace(cursor, reload_query=question.query, reload_through=loaded.last)
    return _at(loaded.last, cursor, question)


def _at(day: dt.date, cursor: Cursor, question: Question) -> Cursor:
    return Cursor(date=day, query=question.query, accepted=cursor.accepted)


def _known(cursor: Cursor, question: Question) -> dt.date:
    """The last day up to which the lake is complete, in answer to today's question."""
    if is_reload(cursor, question):
        return _reloaded_through(cursor, question)
    return max(cursor.date or dt.date.min, question.start - ONE_DAY)


def _reloaded_through(cursor: Cursor, question: Question) -> dt.date:
    before_start = question.start - ONE_DAY
    if cursor.reload_query != question.query or cursor.reload_through is None:
        return before_start
    return max(cursor.reload_through, before_start)


def gaps(cursor: Cursor, start: dt.date, present: set[dt.date]) -> list[dt.date]:
    """The days between `start` and the cursor that are missing from the lake and not given up."""
    if cursor.date is None:
        return []
    days = DayRange(start, cursor.date)
    return [day for day in days if day not in present and day not in cursor.accepted]


def lag_days(cursor: Cursor, start: dt.date, now: dt.datetime) -> int:
    """How many days the cursor is behind yesterday; without one, all since `start` are missing."""
    known = cursor.date or start - ONE_DAY
    return max(0, (now.date() - ONE_DAY - known).days)
