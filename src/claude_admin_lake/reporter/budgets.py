"""Alerts about budgets, and what the digest says of them. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from claude_admin_lake.analysis.report.words import percent, usd

from .kinds import Alert, called

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .facts import Outlook
    from .kinds import Thresholds

_KINDS = {"organization": "The organization", "workspace": "Workspace", "api_key": "API key",
          "model": "Model", "person": "A person"}  # fmt: skip
_LOOK = "Open the report to see which models and keys it comes from"
_MOST = 5
_PREFIXES = _USED, _FORECAST = "budget/", "budget-forecast/"


def budget_alerts(
    outlooks: Iterable[Outlook], thresholds: Thresholds, *, names_people: bool
) -> Iterator[Alert]:
    """Budgets that are used up, or will be, each once a month.

    A budget counts as about to be crossed only if even the low end of the forecast crosses it.
    """
    for one in outlooks:
        if one.budget is None:
            continue
        who = _who(one, names_people=names_people)
        if one.actual > one.budget * Decimal(str(thresholds.used)):
            yield _crossed(one, one.budget, who)
        elif one.low is not None and one.low > one.budget * Decimal(str(thresholds.expected)):
            yield _expected(one, one.budget, who)


def outlook_text(one: Outlook) -> str:
    """Say what the organization's month is expected to cost, and what its budget says."""
    said = []
    if one.days_left and one.forecast is not None:
        between = "" if one.low is None else f", between {usd(one.low)} and {usd(one.high)}"
        said.append(f"{one.month:%B} is expected to cost {usd(one.forecast)}{between}.")
    if one.budget is not None:
        said.append(f"{_used(one, one.budget)} of the budget of {usd(one.budget)} is used.")
    return " ".join(said)


def tight(outlooks: Iterable[Outlook], alerted: Sequence[str]) -> list[str]:
    """Return the lines about budgets of workspaces, keys and models that are or may be exceeded.

    `alerted` are the keys of all alerts.
    """
    parts = [one for one in outlooks if one.scope not in ("organization", "person")]
    found = [_line(one) for one in parts if _is_tight(one) or _keys(one) & {*alerted}]
    more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return found[:_MOST] + more


def is_listed(key: str) -> bool:
    """True if the digest's part about budgets covers the alert with this key."""
    return key.startswith(_PREFIXES) and "/person/" not in key


def _is_tight(one: Outlook) -> bool:
    return one.budget is not None and max(one.actual, one.high or one.actual) > one.budget


def _line(one: Outlook) -> str:
    more = "" if one.forecast is None or not one.days_left else f", {usd(one.forecast)} expected"
    return f"{one.name}: {usd(one.actual)} of {usd(one.budget)} used{more}"


def _who(one: Outlook, *, names_people: bool) -> str:
    kind = _KINDS[one.scope]
    if one.scope == "person":
        return one.name if names_people else kind
    return kind if one.scope == "organization" else called(kind, one.name)


def _crossed(one: Outlook, budget: Decimal, who: str) -> Alert:
    left = f"{one.days_left} {'day' if one.days_left == 1 else 'days'} left"
    more = ""
    if one.forecast is not None and one.days_left:
        more = f"; {usd(one.forecast)} is expected by its end"
    return Alert(
        key=f"{_USED}{_key(one)}",
        title=f"{who} has used {usd(one.actual)} of a budget of {usd(budget)}",
        detail=f"That is {_used(one, budget)}, with {left} in {one.month:%B}{more}.",
        action=f"{_LOOK}. If the use is intended, raise the budget; if not, set a limit in the "
        "Console.",
    )


def _expected(one: Outlook, budget: Decimal, who: str) -> Alert:
    left = "1 day is" if one.days_left == 1 else f"{one.days_left} days are"
    return Alert(
        key=f"{_FORECAST}{_key(one)}",
        title=f"{who} is on course to exceed a budget of {usd(budget)}",
        detail=f"{usd(one.actual)} is used, and {one.month:%B} is expected to cost "
        f"{usd(one.forecast)}, at least {usd(one.low)}.",
        action=f"{_LOOK} while there is time: {left} left.",
    )


def _key(one: Outlook) -> str:
    return f"{one.scope}/{one.identity}/{one.month:%Y-%m}"


def _keys(one: Outlook) -> set[str]:
    return {f"{prefix}{_key(one)}" for prefix in _PREFIXES}


def _used(one: Outlook, budget: Decimal) -> str:
    return percent(float(one.actual / budget))
