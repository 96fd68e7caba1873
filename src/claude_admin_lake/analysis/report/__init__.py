"""The HTML report about spend, tokens, API keys, Claude Code and access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_admin_lake.analysis.errors import AnalysisError

from .numbers import Numbers
from .page import page
from .period import choose

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from claude_admin_lake.analysis.engine import Engine

_KEPT = ("cost_daily", "usage_daily", "cost_by_api_key", "claude_code_daily")


def write_report(
    engine: Engine, out: Path, start: date | None, end: date | None, today: date
) -> None:
    """Write the report on the days `start` to `end`. Raises AnalysisError if that fails."""
    for view in _KEPT:
        engine.keep(view)
    numbers = Numbers(engine, choose(engine, start, end, today))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page(numbers), "utf-8")
    except OSError as error:
        raise AnalysisError(f"cannot write {out}: {error}") from error
