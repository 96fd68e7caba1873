"""The geometry of charts: numbers become SVG paths and the places of labels. Pure.

A drawing has no width of its own. Its shapes are stretched to the width of the page, and its text
stands beside them, so that one drawing serves a phone, a wide screen and print.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor, log10
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .questions import Found

COLORS = 7
OTHER = 8
"""The color of what has none of its own."""
_HIGH = 1000
_STEP, _BAR = 10, 8
_NICE = (1, 2, 2.5, 5, 10)
_LABEL = 0.09
"""The height of a label, as a share of the drawing's."""


@dataclass(frozen=True)
class Series:
    """Named values over the chart's labels; `color` is a number from 1 to OTHER."""

    name: str
    values: Sequence[float | None]
    color: int = 1


@dataclass(frozen=True)
class Chart:
    """The data of a chart. `unit` heads the labels; `faint` are bars whose numbers are not final,
    with the reason."""

    name: str
    title: str
    summary: str
    labels: Sequence[str]
    series: Sequence[Series]
    show: Callable[[float], str]
    exact: Callable[[float], str]
    ticks: Sequence[int] = ()
    unit: str = "Day"
    line: bool = False
    faint: Sequence[int] = ()
    why_faint: str = ""
    found: Sequence[Found] = field(default=())

    @property
    def is_empty(self) -> bool:
        """True if there is nothing to draw."""
        return not self.labels or not self.series

    def drawing(self) -> Drawing:
        """Return the chart's shapes."""
        low, high, step = _scale(self)
        to_y = _placer(low, high)
        paths = _lines(self, to_y) if self.line else _bars(self, to_y)
        count = floor((high - low) / step + 0.5)
        marks = [low + step * n for n in range(count + 1)]
        return Drawing(
            width=_STEP * len(self.labels),
            paths=[(one.color, path) for one, path in zip(self.series, paths, strict=True)],
            marks=[(self.show(mark), to_y(mark) / _HIGH) for mark in marks],
            ticks=[((at + 0.5) / len(self.labels), self.labels[at]) for at in self.ticks],
            faint=[_STEP * at for at in self.faint],
            ends=_ends(self, to_y) if len(self.series) > 1 else [],
        )


@dataclass(frozen=True)
class Drawing:
    """Paths in a box of `width` by 1000, and labels at shares of its width and height."""

    width: int
    paths: list[tuple[int, str]]
    marks: list[tuple[str, float]]
    ticks: list[tuple[float, str]]
    faint: list[int]
    ends: list[tuple[str, int, float]]
    """Name, color and height of the series that are labelled at their right end."""


def spark(values: Sequence[float]) -> str:
    """Return the path of small bars in a box of 3 a bar by 20; negative values have none."""
    top = max(values, default=0) or 1
    heights = [round(20 * max(0, value) / top) for value in values]
    return "".join(f"M{3 * at} 20v-{high}h2v{high}" for at, high in enumerate(heights) if high)


def colors(names: Iterable[str]) -> dict[str, int]:
    """Give each name a color that depends on the name, not on its rank."""
    given: dict[str, int] = {}
    for name in sorted(names):
        wish = crc32(name.encode()) % COLORS
        free = [(wish + n) % COLORS + 1 for n in range(COLORS)]
        given[name] = next((one for one in free if one not in given.values()), OTHER)
    return given


def _scale(chart: Chart) -> tuple[float, float, float]:
    """Return the lowest and highest mark, and the step between marks."""
    if chart.line:
        return 0, 1, 0.25
    columns = list(zip(*(one.values for one in chart.series), strict=True))
    low = min((sum(min(value or 0, 0) for value in column) for column in columns), default=0)
    high = max((sum(max(value or 0, 0) for value in column) for column in columns), default=0)
    step = _nice((high - low) / 4) if high > low else 1
    return floor(low / step) * step, -floor(-high / step) * step or step, step


def _nice(step: float) -> float:
    size = 10.0 ** floor(log10(step))
    return next(size * one for one in _NICE if size * one >= step * 0.999)


def _placer(low: float, high: float) -> Callable[[float], int]:
    return lambda value: round(_HIGH * (high - value) / (high - low))


def _bars(chart: Chart, to_y: Callable[[float], int]) -> list[str]:
    """Stack the series, negative values downwards."""
    up, down = [0.0] * len(chart.labels), [0.0] * len(chart.labels)
    paths = []
    for one in chart.series:
        parts = []
        for at, value in enumerate(one.values):
            base = up if (value or 0) >= 0 else down
            top, bottom = to_y(base[at] + (value or 0)), to_y(base[at])
            base[at] += value or 0
            if top != bottom:
                parts.append(f"M{_STEP * at + 1} {bottom}h{_BAR}V{top}h-{_BAR}z")
        paths.append("".join(parts))
    return paths


def _lines(chart: Chart, to_y: Callable[[float], int]) -> list[str]:
    """Join neighbouring values; a value without neighbours becomes a dot."""
    paths = []
    for one in chart.series:
        parts, before = [], None
        for at, value in enumerate(one.values):
            if value is not None:
                x, y = _STEP * at + _STEP // 2, to_y(value)
                parts.append(f"M{x} {y}h0" if before is None else f"L{x} {y}")
            before = value
        paths.append("".join(parts))
    return paths


def _ends(chart: Chart, to_y: Callable[[float], int]) -> list[tuple[str, int, float]]:
    """Place a label beside the end of each series that is visible there; none overlaps another."""
    ends, base = [], 0.0
    for one in chart.series:
        value = max(0.0, one.values[-1] or 0.0)
        middle = value if chart.line else base + value / 2
        base += value
        if value and (chart.line or to_y(0) - to_y(value) >= _HIGH * _LABEL / 4):
            ends.append((one.name, one.color, to_y(middle) / _HIGH))
    ends.sort(key=lambda end: end[2], reverse=True)
    lowest = 1.0
    placed = []
    for name, color, y in ends:
        lowest = min(y, lowest)
        placed.append((name, color, lowest))
        lowest -= _LABEL
    return placed
