"""Renders the page's templates. Every value is escaped, except markup from a template."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .charts import Chart, spark
from .words import day_label, long_day, percent, usd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .questions import Found

Cell = str | Markup

_TEMPLATES = Path(__file__).with_name("templates")
_MOST_ROWS = 1000


@dataclass(frozen=True)
class Table:
    """A table; the first `words` columns hold text, the others numbers.

    The rows of a table with `picks` can be chosen: `picks` is w, m or k, as in the cells.
    """

    name: str
    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    words: int = 1
    found: Sequence[Found] = field(default=())
    picks: str = ""
    source: str = ""
    """The view that has the rows which are too many for the page."""

    @property
    def shown(self) -> Sequence[Sequence[Cell]]:
        """The rows that fit on the page."""
        return self.rows[:_MOST_ROWS]

    @property
    def more(self) -> int:
        """Number of rows not shown."""
        return max(0, len(self.rows) - _MOST_ROWS)


class Tile(NamedTuple):
    """A headline number."""

    label: str
    value: Cell
    note: str


def render(context: Mapping[str, Any]) -> str:
    """Render the whole page; its policy permits exactly its own style and script."""
    style = (_TEMPLATES / "style.css").read_text("utf-8") + _cards(context)
    script = (_TEMPLATES / "script.js").read_text("utf-8")
    policy = f"style-src {_hash(style)}; script-src {_hash(script)}"
    inline = {"style": Markup(style), "script": Markup(script), "policy": policy}  # noqa: S704 - our files
    return _ENVIRONMENT.get_template("page.html.j2").render({**context, **inline})


def render_piece(name: str, context: Mapping[str, Any]) -> str:
    """Render a piece that stands alone in a dashboard, with its style."""
    style = Markup((_TEMPLATES / "piece.css").read_text("utf-8"))  # noqa: S704 - our file
    return _ENVIRONMENT.get_template(f"piece-{name}.html.j2").render({**context, "style": style})


def _cards(context: Mapping[str, Any]) -> str:
    """Return the style that puts a column's head before each of its cells on narrow screens."""
    rules = [
        f"#t-{table.name} td:nth-child({place}):before{{content:{_css_text(head)}}}"
        for table in _tables(context.values())
        for place, head in enumerate(table.heads[1:], 2)
    ]
    return f"@media screen and (max-width: 68rem) {{\n{chr(10).join(rules)}\n}}\n"


def _tables(values: Iterable[Any]) -> Iterator[Table]:
    """Find the tables in the template's context, and those below charts."""
    for one in values:
        if isinstance(one, Table):
            yield one
        elif isinstance(one, Chart) and not one.is_empty:
            yield numbers_of(one)
        elif isinstance(one, dict):
            yield from _tables(one.values())
        elif isinstance(one, list | tuple):
            yield from _tables(one)


def _css_text(text: str) -> str:
    """Quote a text for CSS, where nothing but letters and digits has a meaning of its own."""
    return '"' + "".join(one if one.isalnum() else f"\\{ord(one):x} " for one in text) + '"'


def data(key: str, value: Any, text: str) -> Markup:
    """Format a number for people, with its exact value in an attribute."""
    exact = format(value, "f") if isinstance(value, Decimal) else value
    return _macro("data", key, "" if exact is None else exact, text)


def shared(share: float | None) -> Markup:
    """Format a share of the total as a bar and a percentage."""
    return _macro("shared", f"{max(0.0, min(1.0, share or 0)):.0%}", percent(share))


def emphasis(text: str) -> Markup:
    """Emphasize text that is not a name."""
    return _macro("emphasis", text)


def sparkline(values: Sequence[float]) -> Markup:
    """Draw small bars without a scale."""
    return _macro("sparkline", 3 * len(values), spark(values))


def in_script(value: Any) -> Markup:
    """Write a value as JSON that cannot end the element that holds it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - cannot contain markup


def numbers_of(chart: Chart) -> Table:
    """Return a chart's numbers as a table."""
    rows = [
        [label, *(_exact(chart, one.values[at]) for one in chart.series)]
        for at, label in enumerate(chart.labels)
    ]
    heads = [chart.unit, *(one.name for one in chart.series)]
    return Table(f"n-{chart.name}", chart.title, heads, rows, found=chart.found)


def _exact(chart: Chart, value: float | None) -> str:
    return "–" if value is None else chart.exact(value)


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _macro(name: str, *arguments: Any) -> Markup:
    return cast("Markup", getattr(_PARTS, name)(*arguments))


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals |= {
    "long_day": long_day,
    "day_label": day_label,
    "usd": usd,
    "numbers_of": numbers_of,
    "in_script": in_script,
}
_PARTS: Any = _ENVIRONMENT.get_template("parts.html.j2").module
