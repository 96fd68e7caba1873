"""Groups daily records into the series of a chart."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from .charts import OTHER, Series, colors
from .labels import identity
from .period import ticks
from .words import day_label, model_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from .period import Period

_MOST_SERIES = 7
_OTHERS = "other models"
_NOBODY = {"organization": None, "id": None}
_ALL = (None, None)


def stack(period: Period, records: Iterable[Mapping[str, Any]]) -> list[Series]:
    """Sum daily values by id and bar, largest first; all but the largest become one series."""
    sums: defaultdict[str, defaultdict[date, float]] = defaultdict(lambda: defaultdict(float))
    for one in records:
        sums[one["id"]][period.bar_of(one["day"])] += float(one["value"])
    size = {name: sum(map(abs, by_day.values())) for name, by_day in sums.items()}
    ranked = sorted(sums, key=lambda name: (-size[name], name))
    color = colors(sums)
    named = ranked if len(ranked) <= _MOST_SERIES + 1 else ranked[:_MOST_SERIES]
    series = [
        Series(model_name(name), _values(period, [sums[name]]), color[name]) for name in named
    ]
    if rest := ranked[len(named) :]:
        values = _values(period, [sums[name] for name in rest])
        series.append(Series(f"{len(rest)} {_OTHERS}", values, OTHER))
    return series


def by_id(period: Period, records: Iterable[Mapping[str, Any]]) -> dict[Any, list[float]]:
    """Sum daily values by id, one value for each bar of the period."""
    place = {day: at for at, day in enumerate(period.bars)}
    sums: defaultdict[Any, list[float]] = defaultdict(lambda: [0.0] * len(place))
    for one in records:
        sums[identity(one)][place[period.bar_of(one["day"])]] += float(one["value"])
    return sums


def ratio(
    period: Period, records: Sequence[Mapping[str, Any]], part: str, whole: str
) -> list[float | None]:
    """Return one column's share of another in each bar; None where there is nothing."""
    parts, wholes = daily(period, records, part), daily(period, records, whole)
    return [one / of if of else None for one, of in zip(parts, wholes, strict=True)]


def daily(period: Period, records: Iterable[Mapping[str, Any]], column: str) -> list[float]:
    """Sum a column of daily records, one value for each bar of the period."""
    return by_id(period, ({**one, **_NOBODY, "value": one[column] or 0} for one in records))[_ALL]


def labels(period: Period) -> dict[str, Any]:
    """Return the labels of a chart over the period, and which bars are not final."""
    return {
        "unit": "Week of" if period.by_week else "Day",
        "labels": [day_label(day) for day in period.bars],
        "ticks": ticks(period.bars),
        "faint": [at for at, day in enumerate(period.bars) if period.is_unfinished(day)],
        "why_faint": "week not wholly in the period" if period.by_week else "day not complete yet",
    }


def _values(period: Period, sums: Sequence[Mapping[date, float]]) -> list[float]:
    return [sum(one.get(day, 0.0) for one in sums) for day in period.bars]
