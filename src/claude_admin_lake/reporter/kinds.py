"""What an alert is, and when there is one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Thresholds:
    """When a change becomes an alert."""

    jump: float = 1.0
    """A week's spend above the week before, as a share of it."""
    least: Decimal = Decimal(100)
    """Dollars below which no change, week's spend or difference raises an alert."""
    cache_drop: float = 0.2
    """How far the cache-hit share fell from the week before; 0.2 is 20 percentage points."""
    dominance: float = 0.9
    """One model's share of a week's spend, if it was below this in the week before."""
    used: float = 1.0
    """A month's spend, as a share of its budget."""
    expected: float = 1.0
    """The least that the month is expected to cost, as a share of its budget."""
    tolerance: float = 0.02
    """What the bill may differ by from usage times price without a known reason, as a share."""


@dataclass(frozen=True)
class Alert:
    """Something to tell once. Alerts with the same key are the same."""

    key: str
    title: str
    detail: str
    action: str


def called(kind: str, name: str) -> str:
    """Return a thing's kind and name, such as "Model claude-opus-4-6".

    The name of the default workspace says its kind already.
    """
    return name if name.startswith("Default workspace") else f"{kind} {name}"
