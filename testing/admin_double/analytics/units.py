"""Sums entries into units: the rows that count once towards the limit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import product
from typing import Any

from admin_double.analytics.breakdown import Breakdown
from admin_double.analytics.dimensions import is_deleted, labels, shown, values
from admin_double.analytics.entries import Entry, version
from admin_double.analytics.measures import Measure
from admin_double.contents import Contents
from admin_double.kinds.range_rows import days_between
from admin_double.wire import DAY, Record, encode, floor, midnight, stamp

Group = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A bucket and a combination of dimensions, with its rows."""

    start: datetime
    group: Group
    metrics: dict[str, Any]
    rows: tuple[bytes, ...]
    deleted: bool = False

    @property
    def day(self) -> date:
        """The day of the bucket."""
        return self.start.date()


@dataclass(frozen=True, kw_only=True)
class Summing:
    """One breakdown of one measure; `own_group_by` is the grouping of replaced records."""

    contents: Contents
    table: str
    measure: Measure
    own_group_by: tuple[str, ...]

    def units(self, breakdown: Breakdown) -> list[Unit]:
        """All units in the requested order."""
        frontier = min(breakdown.end, self.contents.refreshed_at())
        if breakdown.width is None:
            found = self._summed(replace(breakdown, end=min(breakdown.end, frontier)), breakdown)
            return self._sorted(found, breakdown)
        days = days_between(breakdown.start, breakdown.end) if breakdown.start < frontier else []
        found = [unit for day in days for unit in self._day(breakdown, day)]
        return self._sorted(found, breakdown)

    def _day(self, breakdown: Breakdown, day: date) -> list[Unit]:
        replaced = self.contents.replaced(self.table, day)
        if replaced is not None and self._is_own(breakdown):
            return [_verbatim(midnight(day), record) for record in replaced]
        start = max(breakdown.start, midnight(day))
        end = min(breakdown.end, midnight(day) + DAY, self.contents.refreshed_at())
        part = replace(breakdown, start=start, end=end, order_by="", descending=False)
        key = (self.measure.name, part, version(self.contents, day), self.contents.appearance())
        return self.contents.remembered(key, lambda: self._summed(part, breakdown))

    def _is_own(self, breakdown: Breakdown) -> bool:
        own = set(breakdown.group_by) == set(self.own_group_by)
        return own and breakdown.width == DAY and not breakdown.filters

    def _sorted(self, units: Sequence[Unit], breakdown: Breakdown) -> list[Unit]:
        by_time = breakdown.order_by == "time"
        metric = self.measure.usual_metric if by_time else breakdown.order_by
        # Within a bucket, rows ordered by time are sorted from high to low in either direction.
        high_first = breakdown.descending or (by_time and breakdown.width is not None)
        ranked = sorted(units, key=lambda unit: unit.metrics.get(metric, 0), reverse=high_first)
        if not by_time or breakdown.width is None:
            return ranked
        return sorted(ranked, key=lambda unit: unit.start, reverse=breakdown.descending)

    def _summed(self, part: Breakdown, asked: Breakdown) -> list[Unit]:
        groups: dict[tuple[datetime, Group], list[Entry]] = {}
        for entry in self._entries(part):
            start = floor(entry.at, part.width) if part.width else part.start
            for group in self.groups(entry, part):
                groups.setdefault((start, group), []).append(entry)
        return [
            self._unit(asked, start, group, entries)
            for (start, group), entries in sorted(groups.items(), key=lambda item: repr(item[0]))
        ]

    def _entries(self, part: Breakdown) -> Iterable[Entry]:
        for day in days_between(part.start, part.end) if part.start < part.end else ():
            for entry in self.measure.entries(self.contents, day):
                if part.start <= entry.at < part.end and self._includes(entry, part):
                    yield entry

    def _includes(self, entry: Entry, part: Breakdown) -> bool:
        return all(
            any(label in wanted for label in labels(self.contents, entry, name))
            for name, wanted in part.filters
        )

    def groups(self, entry: Entry, breakdown: Breakdown) -> Iterable[Group]:
        """The combinations that an entry counts in: more than one if groups overlap."""
        return product(*(values(self.contents, entry, name) for name in breakdown.dimensions))

    def _unit(
        self, asked: Breakdown, start: datetime, group: Group, entries: Sequence[Entry]
    ) -> Unit:
        named = dict(zip(asked.dimensions, group, strict=True))
        end = start + asked.width if asked.width else asked.end
        bounds = {"starting_at": stamp(start), "ending_at": stamp(end)}
        visible = {name: shown(self.contents, name, value) for name, value in named.items()}
        rows = self.measure.rows(self.contents, entries, asked.fan_out)
        return Unit(
            start=start,
            group=group,
            metrics=self.measure.metrics(entries),
            rows=tuple(self._row(bounds, visible, *row) for row in rows),
            deleted=is_deleted(self.contents, named.get("actor")),
        )

    def _row(self, bounds: Record, visible: Record, fan_out: Record, measured: Record) -> bytes:
        group = {**dict.fromkeys(self.measure.dimensions), **visible, **fan_out}
        return encode({**bounds, "group": group, self.measure.name: measured})


def _verbatim(start: datetime, record: bytes) -> Unit:
    return Unit(start=start, group=(), metrics={}, rows=(record,))
