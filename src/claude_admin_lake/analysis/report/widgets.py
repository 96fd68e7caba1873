"""Pieces of the report for a CloudWatch dashboard: HTML, CSS and SVG without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .html import render_piece
from .now import now
from .people import claude_code
from .spend import by_model

if TYPE_CHECKING:
    from datetime import datetime

    from .numbers import Numbers


def widgets(numbers: Numbers, made_at: datetime) -> dict[str, str]:
    """Return each piece by its name. Their colors follow a class: `light` or `dark`."""
    about = {"period": numbers.period, "made_at": made_at}
    return {
        "now": render_piece("now", {**about, "now": now(numbers)}),
        "spend": render_piece("chart", {**about, "chart": by_model(numbers)}),
        "claude-code": render_piece("chart", {**about, "chart": claude_code(numbers)["active"]}),
    }
