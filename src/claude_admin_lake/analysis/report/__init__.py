"""The HTML report about spend, tokens, API keys, Claude Code and access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_admin_lake.analysis.errors import AnalysisError

from .budgets import bound_people
from .numbers import Numbers
from .page import page
from .period import choose, monday

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from claude_admin_lake.analysis.engine import Engine

_SPEND = ("cost_daily", "usage_daily", "cost_by_api_key")
_CODE = "claude_code_daily"
"""Views that are queried several times; the last one over the largest table."""


def read_numbers(engine: Engine, start: date | None, end: date | None, today: date) -> Numbers:
    """Prepare the report's queries for the days `start` to `end`."""
    bound_people(engine, today)
    engine.stream(_CODE)
    for view in _SPEND:
        engine.keep(view)
    period = choose(engine, start, end, today)
    engine.keep_by_day(_CODE, monday(period.start))
    return Numbers(engine, period)


def write_report(numbers: Numbers, out: Path, made_at: datetime) -> None:
    """Write the report to a file. Raises AnalysisError if that fails."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page(numbers, made_at), "utf-8")
    except OSError as error:
        raise AnalysisError(f"cannot write {out}: {error}") from error
