"""The page's sections about money and tokens."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from .drawing import Chart
from .parts import day_label, figure, section, shared, stack, table
from .words import change, data, percent, short, short_usd, usd, whole

if TYPE_CHECKING:
    from .numbers import Numbers

_MOST_ROWS = 15
_KINDS = (
    ("Read from cache", "cached"),
    ("Not cached", "uncached"),
    ("Written to cache", "written"),
    ("Output", "output"),
)


def spend(numbers: Numbers) -> str:
    """By day, workspace and model."""
    return section(
        "spend",
        "Spend",
        figure(_by_day(numbers, "workspace", "workspace_name")),
        _ranking(numbers, "Workspace", "workspace_name"),
        figure(_by_day(numbers, "model", "coalesce(model, cost_type)")),
        _ranking(numbers, "Model", "coalesce(model, cost_type)"),
    )


def _by_day(numbers: Numbers, what: str, column: str) -> Chart:
    period, total = numbers.period, numbers.spend["cost"]
    series = stack(period, numbers.spend_by_day(column))
    mean = total / len(period.days)
    most = f"; most on {series[0][0]}" if series else ""
    return Chart(
        name=f"spend-{what}",
        title=f"Spend by {'week' if period.by_week else 'day'} and {what}, US dollars",
        summary=f"{usd(total)} in {len(period.days)} days, {usd(mean)} a day on average{most}.",
        labels=[day_label(day) for day in period.bars],
        series=series,
        show=short_usd,
        exact=usd,
    )


def _ranking(numbers: Numbers, what: str, column: str) -> str:
    found, total = numbers.spend_by(column), numbers.spend["cost"]
    rows = [_ranked(one, what, total) for one in found[:_MOST_ROWS]]
    heads = [what, "Spend", "Share", "Last 7 days", "Week before", "Change"]
    shown = table(f"Spend by {what.lower()}, US dollars", heads, rows)
    more = len(found) - _MOST_ROWS
    return shown + (f"<p>{more} more are in <code>cost_daily</code>.</p>" if more > 0 else "")


def _ranked(one: dict[str, Any], what: str, total: Any) -> list[str]:
    share = float(one["cost"] / total) if total else None
    key = f"{what.lower()}:{one['name']}"
    return [
        escape(one["name"] or "–"),
        data(key, one["cost"], usd(one["cost"])),
        shared(share),
        usd(one["week"]),
        usd(one["before"]),
        change(one["week"], one["before"]),
    ]


def tokens(numbers: Numbers) -> str:
    """By day and kind, and the cache-hit share."""
    period, total = numbers.period, numbers.tokens
    by_kind = [
        {"day": one["day"], "name": label, "value": one[kind] or 0}
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
    return section(
        "tokens", "Tokens", figure(used), table("Tokens of the period", ["Kind", "Tokens"], rows),
        figure(_hit_share(numbers)),
    )  # fmt: skip


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


def keys(numbers: Numbers) -> str:
    """The dearest keys, and what has none."""
    total = numbers.spend["cost"]
    named = [one for one in numbers.keys if one["id"]]
    rest = [one for one in numbers.keys if not one["id"]]
    shown = [*named[:_MOST_ROWS], *rest]
    rows = [_key(one, total) for one in shown]
    heads = ["API key", "Workspace", "Created by", "Spend", "Share", "Of which direct"]
    more = (
        f" {len(named) - _MOST_ROWS} more are in <code>cost_by_api_key</code>."
        if len(named) > _MOST_ROWS
        else ""
    )
    why = [[escape(one["reason"]), data(f"none:{one['reason']}", one["cost"], usd(one["cost"]))]
           for one in numbers.unallocated]  # fmt: skip
    return section(
        "keys",
        "API keys",
        "<p>The API reports cost without keys. Each cost is put on the keys that used its tokens, "
        "in proportion: <em>direct</em> where one key was the only user, a share otherwise. "
        f"Every day adds up to the cost report exactly.{more}</p>",
        table("Spend by API key, US dollars", heads, rows, words=3),
        table("Why spend has no key, US dollars", ["Reason", "Spend"], why),
    )


def _key(one: dict[str, Any], total: Any) -> list[str]:
    share = float(one["cost"] / total) if total else None
    return [
        escape(one["name"]) if one["id"] else "<em>Unallocated</em>",
        escape(one["workspace"] or "–") if one["id"] else "–",
        escape(one["creator"] or "–"),
        data(f"key:{one['id'] or 'unallocated'}", one["cost"], usd(one["cost"])),
        shared(share),
        percent(float(one["direct"] / one["cost"])) if one["cost"] and one["id"] else "–",
    ]
