"""The report's section on tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .charts import Chart, Series
from .html import Table, data
from .series import daily, labels, ratio
from .words import percent, short, whole

if TYPE_CHECKING:
    from .numbers import Numbers

_KINDS = (
    ("Read from cache", "cached", 3),
    ("Not cached", "uncached", 1),
    ("Written to cache", "written", 2),
    ("Output", "output", 4),
)


def tokens(numbers: Numbers) -> dict[str, Chart | Table]:
    """Tokens by day and kind, and the cache-hit share."""
    rows = [
        [label, data(f"tokens:{kind}", numbers.tokens.one[kind], whole(numbers.tokens.one[kind]))]
        for label, kind, _ in _KINDS
    ]
    kinds = Table("kinds", "Tokens of the period", ["Kind", "Tokens"], rows, found=[numbers.tokens])
    return {"by_kind": _by_kind(numbers), "kinds": kinds, "hit_share": _hit_share(numbers)}


def _by_kind(numbers: Numbers) -> Chart:
    period, total, days = numbers.period, numbers.tokens.one, numbers.tokens_by_day
    used = {kind: daily(period, days.records, kind) for _, kind, _ in _KINDS}
    return Chart(
        name="tokens",
        title=f"Tokens by {'week' if period.by_week else 'day'} and kind",
        summary=f"{whole(total['input'] or 0)} input tokens, "
        f"{whole(total['output'] or 0)} output tokens.",
        series=[Series(label, used[kind], n) for label, kind, n in _KINDS if any(used[kind])],
        show=short,
        exact=whole,
        found=[days],
        **labels(period),
    )


def _hit_share(numbers: Numbers) -> Chart:
    days, period = numbers.tokens_by_day, numbers.period
    shares = ratio(period, days.records, "cached", "input")
    overall = percent(numbers.tokens.one["hit_share"])
    return Chart(
        name="cache",
        title="Cache-hit share: input tokens read from the cache, of all input tokens",
        summary=f"{overall} of the period's input tokens were read from the cache.",
        series=[Series("Cache-hit share", shares, 3)] if any(shares) else [],
        show=percent,
        exact=percent,
        line=True,
        found=[days],
        **labels(period),
    )
