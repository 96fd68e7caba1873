"""Formats numbers for people."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

Number = float | Decimal

_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def usd(value: Number | None) -> str:
    """Format an amount in dollars and cents."""
    if value is None:
        return "–"
    text = f"{abs(value):,.2f}"
    return f"−${text}" if float(value) < 0 and text != "0.00" else f"${text}"


def short_usd(value: Number) -> str:
    """Format dollars for an axis."""
    return f"${short(value)}" if float(value) >= 0 else f"−${short(-value)}"


def whole(value: Number | None) -> str:
    """Format a count with thousands separators."""
    return "–" if value is None else f"{value:,.0f}"


def one_place(value: Number | None) -> str:
    """Format a mean with one decimal."""
    return "–" if value is None else f"{value:,.1f}"


def short(value: Number) -> str:
    """Format a number with three digits and a unit letter."""
    rounded = float(f"{float(value):.3g}")
    for scale, letter in _SCALES:
        if abs(rounded) >= scale:
            return f"{rounded / scale:.3g}{letter}"
    return f"{rounded:.3g}"


def percent(share: float | None) -> str:
    """Format a share as a percentage, with one decimal below 10 %."""
    if share is None:
        return "–"
    return f"{share:.0%}" if abs(share) >= 0.1 or not share else f"{share:.1%}"


def change(now: Number, before: Number | None) -> str:
    """Describe a change without relying on color."""
    if before is None:
        return "no previous week"
    if not before:
        return "new" if now else "none"
    by = (float(now) - float(before)) / abs(float(before))
    if abs(by) < 0.005:
        return "unchanged"
    return f"{'▲' if by > 0 else '▼'} {abs(by):.0%}"


def moved(by: Number) -> str:
    """Format a change in dollars with its sign."""
    return f"+{usd(by)}" if by > 0 else usd(by)


def plain_name(identifier: str) -> str:
    """Turn an identifier of the API into words: `multi_edit_tool` becomes `Multi edit`."""
    words = identifier.removesuffix("_tool").replace("_", " ").strip()
    return words[:1].upper() + words[1:] or identifier


def model_name(name: str) -> str:
    """Name a model; a cost without one has its kind in place of a model, such as `web_search`."""
    return name if "-" in name else plain_name(name)


def day_label(day: date) -> str:
    """Format a day briefly, such as `Nov 5`."""
    return f"{day:%b} {day.day}"


def long_day(day: date) -> str:
    """Format a day in full, such as `November 5, 2026`."""
    return f"{day:%B} {day.day}, {day.year}"
