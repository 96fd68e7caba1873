"""The report's sections on spend, tokens and API keys."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .drawing import Chart
from .html import Table, data, emphasis, shared
from .series import day_label, stack
from .words import change, percent, short, short_usd, usd, whole

if TYPE_CHECKING:
    from .numbers import Numbers

_MOST_ROWS = 15
_SUMS = ("Spend", "Share", "Last 7 days", "Week before", "Change")
_KINDS = (
    ("Read from cache", "cached"),
    ("Not cached", "uncached"),
    ("Written to cache", "written"),
    ("Output", "output"),
)


def spend(numbers: Numbers) -> dict[str, Chart | Table]:
    """Spend by day, workspace and model."""
    return {
        "by_workspace": _by_day(numbers, "workspace"),
        "workspaces": _ranking(numbers, "workspace"),
        "by_model": _by_day(numbers, "model"),
        "models": _ranking(numbers, "model"),
    }


def organizations(numbers: Numbers) -> Table:
    """A row for each organization; none if there is only one."""
    found = {one["organization"]: one for one in numbers.spend_by_organization}
    names = [*found, *(name for name in numbers.organizations if name not in found)]
    return Table(
        "Each organization",
        ["Organization", "Name", *_SUMS, "Input tokens", "Claude Code users"],
        [_organization(numbers, name, found.get(name)) for name in names if numbers.several],
        words=2,
    )


def _organization(numbers: Numbers, name: str, sums: dict[str, Any] | None) -> list[str]:
    none = {"cost": Decimal(0), "week": Decimal(0), "before": None}
    tokens = numbers.tokens_by_organization.get(name, 0)
    people = numbers.people_by_organization.get(name, 0)
    return [
        name,
        numbers.organizations[name] or "–",
        *_sums(f"organization:{name}", sums or none, numbers.spend["cost"]),
        data(f"organization:{name}:tokens", tokens, short(tokens)),
        data(f"organization:{name}:people", people, whole(people)),
    ]


def _by_day(numbers: Numbers, what: str) -> Chart:
    period, total = numbers.period, numbers.spend["cost"]
    series = stack(period, numbers.spend_by_day(what))
    mean = total / len(period.days)
    most = f"; highest: {series[0][0]}" if series else ""
    return Chart(
        name=f"spend-{what}",
        title=f"Spend by {'week' if period.by_week else 'day'} and {what}, US dollars",
        summary=f"{usd(total)} in {len(period.days)} days, {usd(mean)} a day on average{most}.",
        labels=[day_label(day) for day in period.bars],
        series=series,
        show=short_usd,
        exact=usd,
    )


def _ranking(numbers: Numbers, what: str) -> Table:
    found, total = numbers.spend_by(what), numbers.spend["cost"]
    return Table(
        f"Spend by {what}, US dollars",
        [what.capitalize(), *_SUMS],
        [
            [one["label"], *_sums(f"{what}:{one['label']}", one, total)]
            for one in found[:_MOST_ROWS]
        ],
        more=max(0, len(found) - _MOST_ROWS),
        source="cost_daily",
    )


def _sums(key: str, one: dict[str, Any], total: Any) -> list[str]:
    share = float(one["cost"] / total) if total else None
    return [
        data(key, one["cost"], usd(one["cost"])),
        shared(share),
        usd(one["week"]),
        usd(one["before"]),
        change(one["week"], one["before"]),
    ]


def tokens(numbers: Numbers) -> dict[str, Chart | Table]:
    """Tokens by day and kind, and the cache-hit share."""
    period, total = numbers.period, numbers.tokens
    by_kind = [
        {"day": one["day"], "label": label, "value": one[kind] or 0}
        for one in numbers.tokens_by_day
        for label, kind in _KINDS
    ]
    rows = [
        [label, data(f"tokens:{kind}", total[kind], whole(total[kind]))] for label, kind in _KINDS
    ]
    used = Chart(
        name="tokens",
        title=f"Tokens by {'week' if period.by_week else 'day'} and kind",
        summary=f"{whole(total['input'] or 0)} input tokens, "
        f"{whole(total['output'] or 0)} output tokens.",
        labels=[day_label(day) for day in period.bars],
        series=stack(period, [one for one in by_kind if one["value"]]),
        show=short,
        exact=whole,
    )
    kinds = Table("Tokens of the period", ["Kind", "Tokens"], rows)
    return {"by_kind": used, "kinds": kinds, "hit_share": _hit_share(numbers)}


def _hit_share(numbers: Numbers) -> Chart:
    period = numbers.period
    sums = {day: [0, 0] for day in period.bars}
    for one in numbers.tokens_by_day:
        place = sums[period.bar_of(one["day"])]
        place[0] += one["cached"] or 0
        place[1] += one["input"] or 0
    shares = [cached / all_ if all_ else None for cached, all_ in sums.values()]
    overall = percent(numbers.tokens["hit_share"])
    return Chart(
        name="cache",
        title="Cache-hit share: input tokens read from the cache, of all input tokens",
        summary=f"{overall} of the period's input tokens were read from the cache.",
        labels=[day_label(day) for day in period.bars],
        series=[("Cache-hit share", shares)] if any(shares) else [],
        show=percent,
        exact=percent,
        line=True,
    )


def keys(numbers: Numbers) -> dict[str, Table]:
    """The most expensive keys, and spend not attributed to a key."""
    total = numbers.spend["cost"]
    named = [one for one in numbers.keys if one["id"]]
    rest = [one for one in numbers.keys if not one["id"]]
    ranking = Table(
        "Spend by API key, US dollars",
        ["API key", "Workspace", "Created by", "Spend", "Share", "Of which direct"],
        [_key(numbers, one, total) for one in [*named[:_MOST_ROWS], *rest]],
        words=3,
        more=max(0, len(named) - _MOST_ROWS),
        source="cost_by_api_key",
    )
    why = [
        [one["reason"], data(f"none:{one['reason']}", one["cost"], usd(one["cost"]))]
        for one in numbers.unallocated
    ]
    unallocated = Table("Spend not attributed to a key, US dollars", ["Reason", "Spend"], why)
    return {"ranking": ranking, "unallocated": unallocated}


def _key(numbers: Numbers, one: dict[str, Any], total: Any) -> list[str]:
    share = float(one["cost"] / total) if total else None
    place = f"{one['organization']}:" if numbers.several and one["id"] else ""
    return [
        one["label"] if one["id"] else emphasis("Unallocated"),
        (one["workspace"] or "–") if one["id"] else "–",
        one["creator"] or "–",
        data(f"key:{place}{one['id'] or 'unallocated'}", one["cost"], usd(one["cost"])),
        shared(share),
        percent(float(one["direct"] / one["cost"])) if one["cost"] and one["id"] else "–",
    ]
