"""Metrics and their alarms. Pure.

Every run reports its own numbers, even if a lake holds several organizations. Numbers of several
runs are therefore summed, or the largest is used, and an alarm evaluates all reports of the last
hours: a healthy organization's report cannot end another organization's alarm.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_admin_lake.run.outcome import Outcome
    from claude_admin_lake.run.result import Result

    from .measures import Total


class Unit(StrEnum):
    """CloudWatch's names of units."""

    COUNT = "Count"
    BYTES = "Bytes"
    SECONDS = "Seconds"


class Graph(StrEnum):
    """A graph of the dashboard, by its title."""

    LAG = "Days behind, by table"
    PROBLEMS = "Problems"
    REQUESTS = "Rows, requests and waiting"
    OBJECTS = "Objects and restated days"
    DURATION = "Duration in seconds"


class Watch(Struct, frozen=True, kw_only=True):
    """When an alarm is raised, in CloudWatch's terms. A string names a template parameter."""

    statistic: str
    period: int = 3600
    periods: int | str = "MaxSilenceHours"
    breaches: int | str = 1
    comparison: str = "GreaterThanThreshold"
    threshold: int | str = 0
    missing: str = "ignore"


ANY_REPORT = Watch(statistic="Maximum")
"""Any report of the last hours is above the threshold. Without a report the state stays as it is:
only good reports, and no bad one among them, end the alarm."""

ANY_LAG = Watch(statistic="Maximum", threshold="MaxLagDays")

NO_REPORT = Watch(
    statistic="SampleCount",
    breaches="MaxSilenceHours",
    comparison="LessThanThreshold",
    threshold=1,
    missing="breaching",
)
"""There was no report at all in the last hours."""


class Alarm(Struct, frozen=True, kw_only=True):
    """An alarm's logical id in the template, what it means, and what to do."""

    name: str
    means: str
    action: str
    watch: Watch = ANY_REPORT


class Metric(Struct, frozen=True, kw_only=True):
    """A run's total; with `by_table`, each table's value too."""

    name: str
    meaning: str
    total: Total
    graph: Graph
    unit: Unit = Unit.COUNT
    over_runs: str = "Sum"
    """The statistic that combines the numbers of several runs."""
    by_table: Callable[[Outcome, Result], float | None] | None = None
    alarms: tuple[Alarm, ...] = ()
