"""Which facts need attention. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from claude_admin_lake.analysis.report.words import percent, usd

from .budgets import budget_alerts
from .kinds import Alert, Thresholds, called
from .reconciling import reconciliation_alerts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .facts import Facts, Spending


def alerts(facts: Facts, thresholds: Thresholds, *, names_people: bool) -> list[Alert]:
    """Return every alert that the facts justify, already sent or not."""
    return [
        *budget_alerts(facts.outlooks, thresholds, names_people=names_people),
        *_anomalies(facts, thresholds),
        *_jumps(facts, thresholds),
        *_cache(facts, thresholds),
        *_dominance(facts, thresholds),
        *reconciliation_alerts(facts.reconciled, thresholds, _week(facts)),
        *_admins(facts, names_people=names_people),
    ]


def _week(facts: Facts) -> str:
    """The ISO week, part of a key so that what stays unusual is reported once a week."""
    year, week, _ = facts.day.isocalendar()
    return f"{year}-W{week:02}"


def _anomalies(facts: Facts, thresholds: Thresholds) -> Iterator[Alert]:
    for one in facts.anomalies:
        if one.cost - one.expected >= thresholds.least:
            workspace = called("Workspace", one.name)
            yield Alert(
                key=f"anomaly/{one.identity}/{one.day}",
                title=f"{workspace} cost {usd(one.cost)} on {one.day}",
                detail=f"Given its weekday and trend, {usd(one.expected)} was expected.",
                action="Choose the workspace in the report to see which model and key it was.",
            )


def _jumps(facts: Facts, thresholds: Thresholds) -> Iterator[Alert]:
    for one in facts.spending:
        if one.kind == "model" or one.before is None:
            continue
        grown = one.week - one.before
        if grown >= thresholds.least and grown > one.before * Decimal(str(thresholds.jump)):
            yield _jump(one, facts)


def _jump(one: Spending, facts: Facts) -> Alert:
    name = called("Workspace" if one.kind == "workspace" else "API key", one.name)
    return Alert(
        key=f"jump/{one.kind}/{one.identity}/{_week(facts)}",
        title=f"{name} spent {usd(one.week)} in 7 days",
        detail=f"In the 7 days before, it spent {usd(one.before)}.",
        action="Find out what started. If nobody knows, disable the key in the Console.",
    )


def _cache(facts: Facts, thresholds: Thresholds) -> Iterator[Alert]:
    now, before = facts.hit_share, facts.hit_share_before
    if now is None or before is None or facts.week < thresholds.least:
        return
    if before - now >= thresholds.cache_drop:
        yield Alert(
            key=f"cache/{_week(facts)}",
            title=f"The cache-hit share fell to {percent(now)}",
            detail=f"It was {percent(before)} the week before. Tokens not cached cost more.",
            action="Look for a prompt whose beginning changes from request to request.",
        )


def _dominance(facts: Facts, thresholds: Thresholds) -> Iterator[Alert]:
    if facts.week < thresholds.least or not facts.week or not facts.week_before:
        return
    for one in facts.spending:
        if one.kind != "model" or one.before is None:
            continue
        now, before = one.week / facts.week, one.before / facts.week_before
        if now >= Decimal(str(thresholds.dominance)) > before:
            yield Alert(
                key=f"model/{one.identity}/{_week(facts)}",
                title=f"{one.name} is {percent(float(now))} of the spend",
                detail=f"It was {percent(float(before))} the week before.",
                action="Check that the change of model was intended.",
            )


def _admins(facts: Facts, *, names_people: bool) -> Iterator[Alert]:
    for one in facts.admins:
        who = one.name if names_people else "Somebody"
        yield Alert(
            key=f"admin/{one.identity}/{one.day}",
            title=f"{who} became {one.role} of the organization",
            detail=f"First seen in the snapshot of {one.day}.",
            action="If this was not intended, remove the role in the Console. "
            "The view membership_changes names the person.",
        )


def unsent(found: Iterable[Alert], sent: Iterable[str]) -> list[Alert]:
    """Return the alerts that have not been sent before."""
    known = set(sent)
    return [one for one in found if one.key not in known]
