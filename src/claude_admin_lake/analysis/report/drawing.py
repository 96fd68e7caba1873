"""Draws charts with matplotlib, as inline SVG with colors from the page's CSS.

Placeholder colors are replaced by CSS variables, so that one drawing serves light, dark and print.
Text stays text: it uses the page's font and can be searched.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes


INK, GRID, PAPER = "#010101", "#020202", "#030303"
SERIES = tuple(f"#0a000{n}" for n in range(1, 7))
_VARIABLES = {INK: "--muted", GRID: "--grid", PAPER: "--paper"} | {
    color: f"--series-{n}" for n, color in enumerate(SERIES, 1)
}
_SIZES = {"wide": (8.6, 2.9), "narrow": (4.1, 2.8)}
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "report",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": GRID,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


@dataclass(frozen=True)
class Chart:
    """The data of a chart: labels, and a named series of values over them."""

    name: str
    title: str
    summary: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float | None]]]
    show: Callable[[float], str]
    exact: Callable[[float], str]
    line: bool = False


def draw(chart: Chart) -> str:
    """Draw a chart for wide and for narrow screens; CSS shows one of them."""
    return "".join(_svg(chart, variant, size) for variant, size in _SIZES.items())


def _svg(chart: Chart, variant: str, size: tuple[float, float]) -> str:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        tips = _lines(axes, chart) if chart.line else _bars(axes, chart)
        _scales(axes, chart, most=10 if variant == "wide" else 5)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return _inline(out.getvalue(), chart, variant, tips)


def _bars(axes: Axes, chart: Chart) -> list[str]:
    """Draw stacked bars, negative values downwards. Returns the tooltips in drawing order."""
    tips: list[str] = []
    width = 0.82 if len(chart.labels) > 10 else 0.5
    up, down = [0.0] * len(chart.labels), [0.0] * len(chart.labels)
    for color, (name, values) in zip(SERIES, chart.series, strict=False):
        for at, value in enumerate(values):
            if not value:
                continue
            base = up if value > 0 else down
            (bar,) = axes.bar(
                at, value, width, base[at], color=color, edgecolor=PAPER, linewidth=0.5
            )
            bar.set_gid(f"tip{len(tips)}")
            tips.append(f"{chart.labels[at]}, {name}: {chart.exact(value)}")
            base[at] += value
    axes.axhline(0, color=GRID, linewidth=1)
    return tips


def _lines(axes: Axes, chart: Chart) -> list[str]:
    """Draw lines with a point for each value. Returns the tooltips in drawing order."""
    tips: list[str] = []
    for color, (name, values) in zip(SERIES, chart.series, strict=False):
        known = [(at, value) for at, value in enumerate(values) if value is not None]
        axes.plot(
            [at for at, _ in known], [value for _, value in known], color=color, linewidth=1.8
        )
        for at, value in known:
            (point,) = axes.plot([at], [value], "o", color=color, markersize=4)
            point.set_gid(f"tip{len(tips)}")
            tips.append(f"{chart.labels[at]}, {name}: {chart.exact(value)}")
    return tips


def _scales(axes: Axes, chart: Chart, most: int) -> None:
    step = max(1, -(-len(chart.labels) // most))
    places = range(0, len(chart.labels), step)
    axes.set_xticks(list(places), [chart.labels[at] for at in places])
    axes.set_xlim(-0.7, max(len(chart.labels), 1) - 0.3)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, min_n_ticks=2))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: chart.show(value)))
    if chart.line:
        axes.set_ylim(0, 1)
    elif not any(any(value or 0 for value in values) for _, values in chart.series):
        axes.set_ylim(0, 1)
        axes.set_yticks([0])


def _inline(svg: str, chart: Chart, variant: str, tips: list[str]) -> str:
    """Adapt matplotlib's SVG to the page: replace its colors, ids and descriptions."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    for mark, variable in _VARIABLES.items():
        svg = svg.replace(mark, f"var({variable})")
    for at, tip in enumerate(tips):
        svg = svg.replace(f'<g id="tip{at}">', f"<g><title>{escape(tip)}</title>")
    own = f"{chart.name}-{variant}"
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{own}-\1"', svg)
    svg = re.sub(r'(url\(|href=")#', rf"\1#{own}-", svg)
    size = re.search(r'viewBox="[^"]+"', svg)
    begin = (
        f'<svg class="{variant}" role="img" aria-labelledby="{own}-t {own}-d" '
        f'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f"{size[0] if size else ''}>"
        f'<title id="{own}-t">{escape(chart.title)}</title>'
        f'<desc id="{own}-d">{escape(chart.summary)}</desc>'
    )
    return begin + re.sub(r"\s*\n\s*", " ", svg[svg.index(">") + 1 :]).strip()
