"""How a run's metrics are measured; they cover only what the run has checked. Pure.

A problem is always reported. Its absence is reported only by a run that checked every table, since
a zero may end an alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from claude_admin_lake.plan.request import Mode
from claude_admin_lake.run.outcome import Outcome, Status
from claude_admin_lake.run.result import Result
from claude_admin_lake.tables import DATED

Measure = Callable[[Outcome], float | None]
"""A table's value; None if this run cannot tell."""
Total = Callable[[Result, Collection[str]], float | None]
"""A run's value, given the tables that are loaded daily; None if this run cannot tell."""


def work(measure: Callable[[Outcome], float]) -> Total:
    """Total of what the run did."""
    return lambda result, _: sum(map(measure, result.outcomes))


def with_status(status: Status) -> Total:
    """Number of tables that have this status."""
    return _problems(lambda one: one.status is status or (False if _answered(one) else None))


def _problems(measure: Measure, among: Collection[str] | None = None) -> Total:
    """Total of a problem; `among` are the tables that can have it, if not all."""

    def total(result: Result, tables: Collection[str]) -> float | None:
        values = {one.table: measure(one) for one in result.outcomes}
        known = [value for value in values.values() if value is not None]
        expected = {table for table in tables if among is None or table in among}
        # The other tables of a continuation were checked by the invocations before it.
        asked = result.request.slices is not None or expected <= values.keys()
        return sum(known) if any(known) or (asked and len(known) == len(values)) else None

    return total


def _answered(one: Outcome) -> bool:
    """Whether the API has answered for this table in a run that loads what is due."""
    if one.mode is not Mode.INCREMENTAL or one.status is Status.UNFINISHED:
        return False
    return one.slices > 0 or one.status not in (Status.LOADED, Status.FAILED)


def _drift(one: Outcome) -> int | None:
    return len(one.drift) if one.drift or _answered(one) else None


def _missing(one: Outcome) -> int | None:
    if one.table not in DATED:
        return 0
    return None if one.gaps is None else len(one.gaps)


def _drifted(one: Outcome) -> int | None:
    return int(one.drifted) if one.drifted or _answered(one) else None


DRIFT = _problems(_drift)
DRIFTED = _problems(_drifted)
GAPS = _problems(_missing, among=DATED)


def table_lag(one: Outcome, result: Result) -> int | None:
    """Days that a table is behind; None if it is still catching up, or has no cursor."""
    return one.lag(result.began or result.request.now) if _has_caught_up(one) else None


def worst_lag(result: Result, _: Collection[str]) -> int | None:
    """The largest lag of any table, whether the run loaded it or not."""
    unknown = result.report_error or result.idle_lag is None
    if unknown or not all(map(_has_caught_up, result.outcomes)):
        return None
    lags = [one.lag(result.began or result.request.now) for one in result.outcomes]
    return max(result.idle_lag or 0, 0, *(lag for lag in lags if lag is not None))


def _has_caught_up(one: Outcome) -> bool:
    """Whether the run has moved the table's cursor as far as it could."""
    if one.mode is not Mode.INCREMENTAL or one.status is Status.UNFINISHED:
        return False
    # Without a request, a missing cursor may just not have been read.
    begun = one.meter.requests > 0 or one.cursor.date is not None
    return begun or one.status is not Status.FAILED or one.table not in DATED
