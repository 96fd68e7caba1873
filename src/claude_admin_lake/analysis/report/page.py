"""The whole page: one file of HTML that needs nothing else, and runs no script."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .money import keys, spend, tokens
from .parts import section, table, tile
from .people import access, claude_code
from .words import change, data, percent, short, usd, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .numbers import Numbers

_STYLE = Path(__file__).with_name("style.css").read_text("utf-8")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_HEAD = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<link rel="icon" href="data:,">
<style>
{_STYLE}</style>
"""
_PARTS = (
    ("spend", "Spend"), ("tokens", "Tokens"), ("keys", "API keys"),
    ("claude-code", "Claude Code"), ("freshness", "Freshness"), ("access", "Access review"),
)  # fmt: skip
_EXCLUDED = """\
<p>Cost is what the Admin API's cost report says, at its own prices and to its last fraction of a
cent. It is <strong>not the invoice</strong>: Priority Tier is never in it, nor are credits, taxes,
commitments or subscription seats. Days are UTC. The API corrects its reports for up to 30 days, so
recent days may still change.</p>"""


def page(numbers: Numbers) -> str:
    """The page about a period."""
    period = numbers.period
    title = f"Claude usage and cost of {numbers.organization}"
    parts = (
        spend(numbers), tokens(numbers), keys(numbers), claude_code(numbers),
        _freshness(numbers), access(numbers),
    )  # fmt: skip
    contents = "".join(f'<li><a href="#{name}">{text}</a></li>' for name, text in _PARTS)
    return f"""{_HEAD}<title>{escape(title)}</title>
</head>
<body>
<header>
<h1>{escape(title)}</h1>
<p><time datetime="{period.start}">{_long(period.start)}</time>
to <time datetime="{period.end}">{_long(period.end)}</time>,
{len(period.days)} {"day" if len(period.days) == 1 else "days"}</p>
<nav aria-label="Contents"><ul>{contents}</ul></nav>
</header>
<main>
{"".join(_warnings(numbers))}<dl class="tiles">
{"".join(_tiles(numbers))}
</dl>
{chr(10).join(parts)}
</main>
<footer id="excluded">
<h2>What these numbers leave out</h2>
{_EXCLUDED}
</footer>
</body>
</html>
"""


def _tiles(numbers: Numbers) -> Iterator[str]:
    cost, used, code = numbers.spend, numbers.tokens, numbers.coding
    yield tile("Spend", data("spend", cost["cost"], usd(cost["cost"])), "US dollars, in the period")
    yield tile(
        "Last 7 days", data("spend:week", cost["week"], usd(cost["week"])),
        f"{change(cost['week'], cost['before'])}"
        + (f" from {usd(cost['before'])} the week before" if cost["before"] is not None else ""),
    )  # fmt: skip
    yield tile(
        "Tokens", data("tokens", used["input"], short(used["input"] or 0)),
        f"input, and {short(used['output'] or 0)} output",
    )  # fmt: skip
    yield tile(
        "Cache-hit share", data("hit_share", used["hit_share"], percent(used["hit_share"])),
        "of input tokens",
    )  # fmt: skip
    yield tile(
        "Claude Code", data("people", code["people"], whole(code["people"])),
        "people in the period",
    )  # fmt: skip
    yield tile(
        "Accepted", data("acceptance", code["acceptance"], percent(code["acceptance"])),
        "of Claude Code's proposals",
    )  # fmt: skip


def _warnings(numbers: Numbers) -> Iterator[str]:
    """What a reader must know before believing the rest."""
    late = [one for one in numbers.freshness if _is_late(one)]
    if late:
        names = ", ".join(escape(one["table_name"]) for one in late)
        yield _warning("Not current", f'{names}. See <a href="#freshness">Freshness</a>.')
    for one in numbers.left_out:
        rows = f"{whole(one['n'])} {'row' if one['n'] == 1 else 'rows'} of the cost report"
        currency = escape(one["currency"] or "no currency")
        yield _warning("Left out", f"{rows} in {currency}, which no sum in dollars includes.")


def _warning(kind: str, text: str) -> str:
    return f'<p class="warning"><strong>{kind}:</strong> {text}</p>\n'


def _is_late(one: dict[str, Any]) -> bool:
    return one["last_status"] != "loaded" or (one["lag_days"] or 0) > 2 or bool(one["gaps"])


def _freshness(numbers: Numbers) -> str:
    rows = [
        [
            escape(one["table_name"]),
            escape(one["last_status"]) + (f": {escape(one['error'])}" if one["error"] else ""),
            escape(one["gaps"] or "none"),
            f"{one['last_run_at']:%Y-%m-%d %H:%M}" if one["last_run_at"] else "–",
            str(one["last_complete_day"] or "–"),
            data(f"lag:{one['table_name']}", one["lag_days"], whole(one["lag_days"])),
        ]
        for one in numbers.freshness
    ]
    heads = [
        "Table",
        "Last run",
        "Days missing",
        "Last run ended, UTC",
        "Complete through",
        "Days behind",
    ]
    return section(
        "freshness", "Freshness", table("How current each table is", heads, rows, words=3)
    )


def _long(day: Any) -> str:
    return f"{day:%B} {day.day}, {day.year}"
