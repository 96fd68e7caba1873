"""Ranges of UTC days, and their text form `first/last` (ISO 8601 intervals, both inclusive)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct

ONE_DAY = timedelta(days=1)


class DayRange(Struct, frozen=True, order=True):
    """Days from `first` through `last`; empty if `last` is before `first`."""

    first: date
    last: date

    def __iter__(self) -> Iterator[date]:
        return (self.first + n * ONE_DAY for n in range(len(self)))

    def __len__(self) -> int:
        return max(0, (self.last - self.first).days + 1)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first}/{self.last}"

    def pieces(self, size: int) -> Iterator["DayRange"]:
        """The range in order, split into ranges of at most `size` days."""
        for start in range(0, len(self), size):
            first = self.first + start * ONE_DAY
            yield DayRange(first, min(self.last, first + (size - 1) * ONE_DAY))


def ranges_of(days: Iterable[date]) -> list[DayRange]:
    """The fewest ranges that contain exactly these days, in order."""
    ranges: list[DayRange] = []
    for day in sorted(set(days)):
        if ranges and ranges[-1].last + ONE_DAY == day:
            ranges[-1] = DayRange(ranges[-1].first, day)
        else:
            ranges.append(DayRange(day, day))
    return ranges


def coarse(ranges: Sequence[DayRange], most: int) -> tuple[DayRange, ...]:
    """At most `most` ranges that contain all these: those closest to each other are merged."""
    merged = sorted(ranges)
    while len(merged) > most:
        at = min(range(1, len(merged)), key=lambda n: merged[n].first - merged[n - 1].last)
        merged[at - 1 : at + 1] = [DayRange(merged[at - 1].first, merged[at].last)]
    return tuple(merged)


def intervals(days: Iterable[date]) -> list[str]:
    """The fewest ranges that contain exactly these days, as text."""
    return [str(found) for found in ranges_of(days)]
