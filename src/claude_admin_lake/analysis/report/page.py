"""Assembles the report's sections for the template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .html import render
from .now import freshness, now, totals
from .people import access, claude_code
from .spend import organizations, spend
from .tokens import tokens

if TYPE_CHECKING:
    from datetime import datetime

    from .numbers import Numbers


def page(numbers: Numbers, made_at: datetime) -> str:
    """Render the report as one HTML page that needs no network."""
    return render(
        {
            "organization": numbers.organization,
            "period": numbers.period,
            "made_at": made_at,
            "left_out": numbers.left_out.records,
            "now": now(numbers),
            "totals": list(totals(numbers)),
            "organizations": organizations(numbers),
            "spend": spend(numbers),
            "tokens": tokens(numbers),
            "code": claude_code(numbers),
            "freshness": freshness(numbers),
            "access": access(numbers),
        }
    )
