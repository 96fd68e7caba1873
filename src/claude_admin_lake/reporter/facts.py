"""What a digest and alerts are about: plain values taken from the report's numbers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from claude_admin_lake.analysis.report.now import late, movers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from claude_admin_lake.analysis.report.now import Mover
    from claude_admin_lake.analysis.report.numbers import Numbers

_ADMINS = ("admin", "owner", "primary_owner", "membership_admin")


@dataclass(frozen=True)
class Spending:
    """The cost of one workspace, key or model in the last seven days and in the seven before."""

    kind: str
    """workspace, key or model"""
    identity: str
    name: str
    week: Decimal
    before: Decimal | None


@dataclass(frozen=True)
class Admin:
    """Somebody who became an administrator of the organization."""

    identity: str
    name: str
    day: date
    role: str


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """A month of one scope: its cost so far, its forecast, and its budget if it has one.

    `low` and `high` are the interval that holds four of five month ends.
    """

    scope: str
    """organization, workspace, api_key, person or model"""
    identity: str
    name: str
    month: date
    actual: Decimal
    budget: Decimal | None = None
    forecast: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    days_left: int = 0


@dataclass(frozen=True)
class Reconciled:
    """Usage times price for some days, and the unexplained part of its difference to the bill."""

    first: date
    last: date
    expected: Decimal
    unexplained: Decimal


@dataclass(frozen=True)
class Anomaly:
    """A day on which a workspace cost more than its weekday and trend allow."""

    identity: str
    name: str
    day: date
    cost: Decimal
    expected: Decimal


@dataclass(frozen=True, kw_only=True)
class Facts:
    """An organization on the last day with data."""

    organization: str
    day: date
    yesterday: Decimal = Decimal(0)
    week: Decimal = Decimal(0)
    week_before: Decimal | None = None
    month: Decimal = Decimal(0)
    month_before: Decimal | None = None
    """The same days of the previous month."""
    movers: tuple[Mover, ...] = ()
    """Workspaces by how much the last whole week differs from the week before."""
    spending: tuple[Spending, ...] = ()
    hit_share: float | None = None
    hit_share_before: float | None = None
    people: int = 0
    sessions: int = 0
    late: tuple[str, ...] = ()
    reconciled: Reconciled | None = None
    anomalies: tuple[Anomaly, ...] = ()
    admins: tuple[Admin, ...] = ()
    outlooks: tuple[Outlook, ...] = ()
    """The organization's first, then what has used most of its budget."""


def facts_of(numbers: Numbers, organization: str) -> Facts:
    """Collect the facts of one organization from the report's numbers."""
    cost, recent, at = numbers.spend.one, numbers.recent.one, numbers.period
    return Facts(
        organization=organization,
        day=at.end,
        yesterday=cost["yesterday"],
        week=cost["week"],
        week_before=cost["before"],
        month=cost["month"],
        month_before=cost["month_before"],
        movers=tuple(movers(numbers)),
        spending=(
            *_spending("workspace", numbers.by_workspace.records),
            *_spending("model", numbers.by_model.records),
            *_spending("key", numbers.key_weeks.records),
        ),
        hit_share=recent["hit_share"],
        hit_share_before=recent["hit_share_before"],
        people=numbers.coding_week.one["people"] or 0,
        sessions=numbers.coding_week.one["sessions"] or 0,
        late=tuple(late(numbers)),
        reconciled=Reconciled(*numbers.reconciled.one.values()),
        anomalies=tuple(map(_anomaly, numbers.anomalies.records)),
        admins=tuple(_admins(numbers.new_roles.records)),
        outlooks=tuple(_outlooks(numbers.outlooks.records)),
    )


def _spending(kind: str, records: Iterable[dict[str, Any]]) -> Iterable[Spending]:
    for one in records:
        name = str(one["label"])
        yield Spending(kind, str(one["id"] or "default"), name, one["week"], one["before"])


def _anomaly(one: dict[str, Any]) -> Anomaly:
    identity = str(one["id"] or "default")
    return Anomaly(identity, one["label"], one["day"], one["cost_usd"], one["expected_usd"])


def _outlooks(records: Iterable[dict[str, Any]]) -> Iterable[Outlook]:
    for one in records:
        if one["actual_usd"] is not None:
            yield Outlook(
                scope=one["scope"], identity=str(one["id"] or ""), name=one["label"],
                month=one["month"], actual=one["actual_usd"], budget=one["budget_usd"],
                forecast=one["forecast_usd"], low=one["forecast_low_usd"],
                high=one["forecast_high_usd"], days_left=one["days_left"],
            )  # fmt: skip


def _admins(records: Iterable[dict[str, Any]]) -> Iterable[Admin]:
    for one in records:
        if one["new_role"] in _ADMINS and one["old_role"] not in _ADMINS:
            yield Admin(one["user_id"], one["user_name"], one["day"], one["new_role"])
