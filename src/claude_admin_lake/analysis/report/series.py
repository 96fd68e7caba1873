"""Groups daily records into the series of a chart."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from .labels import OTHERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from .period import Period

MOST_SERIES = 5


def stack(
    period: Period, records: Sequence[dict[str, Any]]
) -> list[tuple[str, list[float | None]]]:
    """Sum daily values by label and bar; all but the largest become one series."""
    totals: defaultdict[str, float] = defaultdict(float)
    for one in records:
        totals[one["label"]] += abs(float(one["value"]))
    largest = sorted(totals, key=lambda name: (-totals[name], name))
    named = largest if len(largest) <= MOST_SERIES + 1 else [*largest[:MOST_SERIES], OTHERS]
    sums: defaultdict[tuple[str, date], float] = defaultdict(float)
    for one in records:
        name = one["label"] if one["label"] in named else OTHERS
        sums[name, period.bar_of(one["day"])] += float(one["value"])
    return [(name, [sums.get((name, day), 0.0) for day in period.bars]) for name in named]


def day_label(day: date) -> str:
    """Format a day briefly, such as `Nov 5`."""
    return f"{day:%b} {day.day}"
