"""Renders the page's templates. Every value is escaped, except markup from a template."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .drawing import draw
from .words import percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from .drawing import Chart

Cell = str | Markup


@dataclass(frozen=True)
class Table:
    """A table; the first `words` columns hold text, the others numbers."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    words: int = 1
    more: int = 0
    """Number of rows not shown; the view `source` has them."""
    source: str = ""


class Tile(NamedTuple):
    """A headline number."""

    label: str
    value: Cell
    note: str


def render(context: Mapping[str, Any]) -> str:
    """Render the whole page."""
    return _ENVIRONMENT.get_template("page.html.j2").render(context)


def data(key: str, value: Any, text: str) -> Markup:
    """Format a number for people, with its exact value in an attribute."""
    exact = format(value, "f") if isinstance(value, Decimal) else value
    return _macro("data", key, "" if exact is None else exact, text)


def shared(share: float | None) -> Markup:
    """Format a share of the total as a bar and a percentage."""
    width = max(0.0, min(1.0, share or 0))
    return _macro("shared", f"{width:.1%}", percent(share))


def emphasis(text: str) -> Markup:
    """Emphasize text that is not a name."""
    return _macro("emphasis", text)


def _macro(name: str, *arguments: Any) -> Markup:
    return cast("Markup", getattr(_PARTS, name)(*arguments))


def _numbers_of(chart: Chart) -> Table:
    """Return a chart's numbers as a table."""
    rows = [
        [label, *(_exact(chart, values[at]) for _, values in chart.series)]
        for at, label in enumerate(chart.labels)
    ]
    return Table(chart.title, ["", *(name for name, _ in chart.series)], rows)


def _exact(chart: Chart, value: float | None) -> str:
    return "–" if value is None else chart.exact(value)


def _long_day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals |= {
    "draw": lambda chart: Markup(draw(chart)),  # noqa: S704 - drawing escapes every text
    "long_day": _long_day,
    "numbers_of": _numbers_of,
}
_PARTS: Any = _ENVIRONMENT.get_template("parts.html.j2").module
