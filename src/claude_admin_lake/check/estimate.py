"""How many requests a first load needs, how long they take, and what they cost on AWS. Pure.

The number of pages is estimated from a table's newest request: how many of the requested days does
the first page hold? What only the API knows, such as the length of a list whose first page is full,
counts as one more page, and the estimate is marked as a minimum.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from msgspec import Struct

from claude_admin_lake.run.outcome import Status
from claude_admin_lake.source.pace import burst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claude_admin_lake.plan.table_plan import TablePlan
    from claude_admin_lake.settings import Settings

    from .asking import Asked
    from .probe import Probe

_GIGABYTES = 0.5
_DOLLARS_PER_GIGABYTE_SECOND = 0.0000133334
_DOLLARS_PER_PUT = 0.005 / 1000
"""AWS's prices in us-east-1 for a function of 512 MB on arm64 and for S3, 2026-11."""


class Requests(Struct, frozen=True):
    """How many requests a table's first load takes; `exact` unless there may be more."""

    number: int
    exact: bool = True


def requests_of(one: Asked) -> Requests:
    """The requests of a table's first load, by the pages of its newest request."""
    plan, probe, parent = one.plan, one.probe, one.plan.table.parent
    chains = one.parents if parent else sum(1 for _ in plan.reads())
    if probe.status is not Status.LOADED:
        return Requests(1)
    if probe.page is None:
        return Requests(chains, exact=parent is not None and not one.more_parents)
    pages = _pages(probe)
    return Requests(chains * pages, exact=pages == 1 and not one.more_parents)


def _pages(probe: Probe) -> int:
    """The number of pages of the newest request."""
    if not probe.has_more:
        return 1
    if probe.asked is None or probe.newest is None:
        return 2
    held = (probe.newest - probe.asked.first).days + 1
    return max(2, ceil(len(probe.asked) / held))


def first_load(
    requests: Sequence[Requests], plans: Sequence[TablePlan], seconds: float, settings: Settings
) -> dict[str, object]:
    """The estimate for all tables; `seconds` is how long a request took in this check."""
    number = sum(one.number for one in requests)
    rate = settings.requests_per_minute
    paced = max(0.0, number - burst(rate)) / rate
    minutes = max(paced, number * seconds / 60)
    objects = sum(plan.slices * (1 if plan.table.days else 2) for plan in plans)
    computing = minutes * 60 * _GIGABYTES * _DOLLARS_PER_GIGABYTE_SECOND
    return {
        "requests": number,
        "at_least": not all(one.exact for one in requests),
        "minutes": round(minutes, 1),
        "dollars": round(computing + objects * _DOLLARS_PER_PUT, 4),
    }
