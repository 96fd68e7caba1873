"""The days that the report covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from claude_admin_lake.analysis.errors import AnalysisError

if TYPE_CHECKING:
    from claude_admin_lake.analysis.engine import Engine

_USUAL = timedelta(days=29)
_BEFORE_UNUSUAL = timedelta(days=63)
_MOST_BARS = 92
_MOST_TICKS = 6

Days = tuple[date, date]
"""The first and the last day of a range."""


@dataclass(frozen=True)
class Period:
    """The days from `start` to `end`, inclusive; the lake's first day is `known`.

    Days after `complete` may still grow; None if no day is known to be complete.
    """

    start: date
    end: date
    known: date | None
    complete: date | None = None

    @cached_property
    def days(self) -> list[date]:
        """Every day."""
        return [self.start + timedelta(days=n) for n in range((self.end - self.start).days + 1)]

    @property
    def week(self) -> Days:
        """The last seven days."""
        return self.end - timedelta(days=6), self.end

    @property
    def settled_week(self) -> Days:
        """Seven days whose costs are no longer expected to arrive late."""
        return self.end - timedelta(days=9), self.end - timedelta(days=3)

    @property
    def week_before(self) -> Days | None:
        """The seven days before `week`; None if the lake does not have all of them."""
        return self._if_known(self.end - timedelta(days=13), self.end - timedelta(days=7))

    @property
    def whole_week(self) -> date:
        """The Monday of the last week that is over."""
        return monday(self.end + timedelta(days=1)) - timedelta(days=7)

    @property
    def month(self) -> Days:
        """The month of the last day, up to this day."""
        return self.end.replace(day=1), self.end

    @property
    def month_before(self) -> Days | None:
        """The same days of the previous month; None if the lake does not have all of them."""
        last = self.month[0] - timedelta(days=1)
        return self._if_known(last.replace(day=1), last.replace(day=min(last.day, self.end.day)))

    @property
    def can_be_unusual(self) -> bool:
        """True if the lake has the nine weeks that `cost_anomalies` needs before the last day."""
        return self._if_known(self.end - _BEFORE_UNUSUAL, self.end) is not None

    @property
    def recent_days(self) -> Days:
        """The period and the weeks that are compared."""
        return min(self.start, (self.week_before or self.week)[0]), self.end

    @property
    def all_days(self) -> Days:
        """All of this, and the months that are compared."""
        return min(self.recent_days[0], (self.month_before or self.month)[0]), self.end

    @property
    def by_week(self) -> bool:
        """True if the period is too long for one bar a day: charts then show weeks."""
        return len(self.days) > _MOST_BARS

    def bar_of(self, day: date) -> date:
        """Return the first day of the bar that contains a day."""
        return monday(day) if self.by_week else day

    @cached_property
    def bars(self) -> list[date]:
        """The first day of each bar."""
        return sorted({self.bar_of(day) for day in self.days})

    def is_unfinished(self, bar: date) -> bool:
        """True if a bar lacks days of its week, or its day may still grow."""
        if self.by_week:
            return self.is_partial(bar)
        return self.complete is not None and bar > self.complete

    def is_partial(self, week: date) -> bool:
        """True if a week, by its Monday, is not wholly within the period."""
        return week < self.start or week + timedelta(days=6) > self.end

    def sql(self, column: str = "day") -> str:
        """Return the SQL condition that a day is in the period."""
        return between(column, (self.start, self.end))

    def _if_known(self, first: date, last: date) -> Days | None:
        return None if self.known is None or self.known > first else (first, last)


def monday(day: date) -> date:
    """Return the first day of a day's week."""
    return day - timedelta(days=day.weekday())


def ticks(days: list[date]) -> list[int]:
    """Return the places of the bars that get a label: Mondays if there are any, a few at most."""
    mondays = [at for at, day in enumerate(days) if not day.weekday()] or list(range(len(days)))
    return mondays[:: -(-len(mondays) // _MOST_TICKS) or 1]


def between(column: str, days: Days) -> str:
    """Return the SQL condition that a column is within a range of days."""
    return f"{column} BETWEEN DATE '{days[0]}' AND DATE '{days[1]}'"


def choose(engine: Engine, start: date | None, end: date | None, today: date) -> Period:
    """Return the requested days; by default the last 30 with costs or usage, else sessions."""
    first, last = _days_of(engine, "cost_daily UNION ALL SELECT day FROM usage_daily")
    if last is None:
        first, last = _days_of(engine, "claude_code_daily")
    until = end or last or today - timedelta(days=1)
    since = start or max(until - _USUAL, min(first or until, until))
    if since > until:
        raise AnalysisError(f"the period begins on {since}, after its end on {until}")
    return Period(since, until, first, _complete(engine))


def _complete(engine: Engine) -> date | None:
    """Return the last day of which all costs and usage are in the lake."""
    sql = (
        "SELECT min(last_complete_day) FROM freshness "
        "WHERE table_name IN ('cost_report', 'usage_report')"
    )
    ((day,),) = engine.query(sql).rows
    found: date | None = day
    return found


def _days_of(engine: Engine, views: str) -> tuple[date | None, date | None]:
    sql = f"SELECT min(day), max(day) FROM (SELECT day FROM {views}) AS days"
    ((first, last),) = engine.query(sql).rows
    return first, last
