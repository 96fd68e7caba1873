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
_MOST_BARS = 92


@dataclass(frozen=True)
class Period:
    """The days from `start` to `end`, inclusive; the lake's first day is `known`."""

    start: date
    end: date
    known: date | None

    @cached_property
    def days(self) -> list[date]:
        """Every day."""
        return [self.start + timedelta(days=n) for n in range((self.end - self.start).days + 1)]

    @property
    def week(self) -> tuple[date, date]:
        """The last seven days."""
        return self.end - timedelta(days=6), self.end

    @property
    def week_before(self) -> tuple[date, date] | None:
        """The seven days before `week`; None if the lake does not have all of them."""
        first = self.end - timedelta(days=13)
        if self.known is None or self.known > first:
            return None
        return first, self.end - timedelta(days=7)

    @property
    def by_week(self) -> bool:
        """True if the period is too long for one bar a day: charts then show weeks."""
        return len(self.days) > _MOST_BARS

    def bar_of(self, day: date) -> date:
        """Return the first day of the bar that contains a day."""
        return day - timedelta(days=day.weekday()) if self.by_week else day

    @property
    def bars(self) -> list[date]:
        """The first day of each bar."""
        return sorted({self.bar_of(day) for day in self.days})

    def sql(self, column: str = "day") -> str:
        """Return the SQL condition that a day is in the period."""
        return between(column, (self.start, self.end))


def between(column: str, days: tuple[date, date]) -> str:
    """Return the SQL condition that a column is within a range of days."""
    return f"{column} BETWEEN DATE '{days[0]}' AND DATE '{days[1]}'"


def choose(engine: Engine, start: date | None, end: date | None, today: date) -> Period:
    """Return the requested days; by default the last 30 with costs, usage or sessions."""
    (first, last), = engine.query(
        "SELECT min(day), max(day) FROM (SELECT day FROM cost_daily UNION ALL "
        "SELECT day FROM usage_daily UNION ALL SELECT day FROM claude_code_daily) AS days"
    ).rows  # fmt: skip
    until = end or last or today - timedelta(days=1)
    since = start or max(until - _USUAL, min(first or until, until))
    if since > until:
        raise AnalysisError(f"the period begins on {since}, after its end on {until}")
    return Period(since, until, first)
