"""Pieces of the page: tables, figures, tiles. Cells are HTML already, captions and heads text."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING, Any

from .drawing import Chart, draw
from .words import percent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from .period import Period

MOST_SERIES = 5
OTHERS = "All others"


def section(name: str, title: str, *parts: str) -> str:
    """A part of the page that the contents can point at."""
    inside = "\n".join(part for part in parts if part)
    return (
        f'<section id="{name}" aria-labelledby="{name}-h">\n'
        f'<h2 id="{name}-h">{escape(title)}</h2>\n{inside}\n</section>'
    )


def table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 1
) -> str:
    """A table; the first `words` columns are words, the others numbers. Empty says so."""
    if not rows:
        return f'<p class="none">{escape(caption)}: nothing in this period.</p>'
    side = ["" if at < words else ' class="n"' for at in range(len(heads))]
    top = "".join(
        f'<th scope="col"{kind}>{escape(head)}</th>' for head, kind in zip(heads, side, strict=True)
    )
    body = "\n".join(f"<tr>{_row(row, side)}</tr>" for row in rows)
    return (
        f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0">'
        f'<table class="c{len(heads)}">'
        f"<caption>{escape(caption)}</caption>"
        f"<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _row(row: Sequence[str], side: Sequence[str]) -> str:
    first, *rest = row
    cells = "".join(f"<td{kind}>{one}</td>" for one, kind in zip(rest, side[1:], strict=True))
    return f'<th scope="row">{first}</th>{cells}'


def figure(chart: Chart) -> str:
    """A chart with its legend, a sentence that says what it shows, and its numbers as a table."""
    if not chart.labels or not chart.series:
        return f'<p class="none">{escape(chart.title)}: nothing in this period.</p>'
    legend = "".join(
        f'<li class="s{n}">{escape(name)}</li>' for n, (name, _) in enumerate(chart.series, 1)
    )
    shown = f'<ul class="legend">{legend}</ul>' if len(chart.series) > 1 else ""
    heads = ["", *(name for name, _ in chart.series)]
    rows = [
        [escape(label), *(_value(chart, values[at]) for _, values in chart.series)]
        for at, label in enumerate(chart.labels)
    ]
    numbers = table(chart.title, heads, rows)
    return (
        f"<figure>\n<figcaption><h3>{escape(chart.title)}</h3>"
        f"<p>{escape(chart.summary)}</p></figcaption>\n{shown}{draw(chart)}\n"
        f"<details><summary>The same as a table</summary>{numbers}</details>\n</figure>"
    )


def _value(chart: Chart, value: float | None) -> str:
    return "–" if value is None else escape(chart.exact(value))


def bar(share: float) -> str:
    """A bar within a table's cell; the number beside it says the same."""
    width = max(0.0, min(1.0, share))
    return f'<span class="bar" aria-hidden="true"><i style="width:{width:.1%}"></i></span>'


def shared(share: float | None) -> str:
    """A share of the whole, as a bar and in figures."""
    return f'{bar(share or 0)}<span class="share">{percent(share)}</span>'


def tile(label: str, value: str, note: str) -> str:
    """One large number."""
    return (
        f"<div><dt>{escape(label)}</dt><dd><strong>{value}</strong><small>{note}</small></dd></div>"
    )


def stack(
    period: Period, records: Sequence[dict[str, Any]]
) -> list[tuple[str, list[float | None]]]:
    """Records of day, name and value as series over the bars: the largest, and the rest."""
    totals: defaultdict[str, float] = defaultdict(float)
    for one in records:
        totals[one["name"]] += abs(float(one["value"]))
    largest = sorted(totals, key=lambda name: (-totals[name], name))
    named = largest if len(largest) <= MOST_SERIES + 1 else [*largest[:MOST_SERIES], OTHERS]
    sums: defaultdict[tuple[str, date], float] = defaultdict(float)
    for one in records:
        name = one["name"] if one["name"] in named else OTHERS
        sums[name, period.bar_of(one["day"])] += float(one["value"])
    return [(name, [sums.get((name, day), 0.0) for day in period.bars]) for name in named]


def day_label(day: date) -> str:
    """A day as short as can be read."""
    return f"{day:%b} {day.day}"
