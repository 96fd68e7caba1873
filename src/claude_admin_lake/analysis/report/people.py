"""The report's sections on Claude Code and on access."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from .drawing import Chart
from .html import Table, data
from .numbers import EACH
from .series import day_label
from .words import one_place, percent, usd, whole

if TYPE_CHECKING:
    from .numbers import Numbers

_MOST_FINDINGS = 25


def claude_code(numbers: Numbers) -> dict[str, Chart | Table]:
    """Claude Code usage and output, only as totals: no person is named."""
    weeks, done = numbers.adoption, numbers.coding
    counts = [
        ("Sessions", "sessions"), ("Lines added", "lines_added"),
        ("Lines removed", "lines_removed"), ("Commits", "commits"),
        ("Pull requests", "pull_requests"), ("Proposals accepted", "accepted"),
        ("Proposals rejected", "rejected"),
    ]  # fmt: skip
    rows = [[label, data(f"code:{key}", done[key], whole(done[key]))] for label, key in counts]
    rows += [["Estimated cost", data("code:estimated", done["estimated"], usd(done["estimated"]))]]
    per_week = [_week(one) for one in weeks]
    return {
        "active": _active(weeks),
        "weeks": Table("Week by week (Monday to Sunday)", _WEEK_HEADS, per_week),
        "lines": _written(weeks),
        "counts": Table(
            "Claude Code in the period", ["What", "Count"], rows if done["sessions"] else []
        ),
        "acceptance": _acceptance(numbers),
        "tools": Table("Proposals by tool", _TOOL_HEADS, _tools(numbers)),
    }


_TOOL_HEADS = ["Tool", "Accepted", "Rejected", "Acceptance rate"]
_WEEK_HEADS = [
    "Week of", "Active users", "Members", "Share", "Sessions each", "Lines added each",
    "Commits each", "Pull requests each",
]  # fmt: skip


def _week(one: dict[str, Any]) -> list[str]:
    return [
        day_label(one["first_day"]),
        data(f"active:{one['first_day']}", one["active_users"], whole(one["active_users"])),
        whole(one["organization_users"]),
        percent(one["active_share"]),
        *(one_place(one[f"{what}_per_user"]) for what in EACH),
    ]  # fmt: skip


def _active(weeks: list[dict[str, Any]]) -> Chart:
    last = weeks[-1] if weeks else {}
    of = (
        f" of {whole(last['organization_users'])} members" if last.get("organization_users") else ""
    )
    said = f"{whole(last['active_users'])}{of} were active in the last week." if weeks else ""
    return Chart(
        name="active", title="People who used Claude Code, by week", summary=said,
        labels=[day_label(one["first_day"]) for one in weeks],
        series=[("Active users", [one["active_users"] for one in weeks])] if weeks else [],
        show=whole, exact=whole,
    )  # fmt: skip


def _written(weeks: list[dict[str, Any]]) -> Chart:
    lines = sum(one["lines_added"] for one in weeks)
    commits = sum(one["commits"] for one in weeks)
    return Chart(
        name="lines", title="Lines of code by week",
        summary=f"{whole(lines)} lines added and {whole(commits)} commits in these weeks. "
        "Removed lines are below the axis.",
        labels=[day_label(one["first_day"]) for one in weeks],
        series=[
            ("Lines added", [one["lines_added"] for one in weeks]),
            ("Lines removed", [-one["lines_removed"] for one in weeks]),
        ] if weeks else [],
        show=whole, exact=lambda value: whole(abs(value)),
    )  # fmt: skip


def _acceptance(numbers: Numbers) -> Chart:
    period = numbers.period
    sums = {day: [0, 0] for day in period.bars}
    for one in numbers.acceptance_by_day:
        place = sums[period.bar_of(one["day"])]
        place[0] += one["accepted"]
        place[1] += one["proposed"]
    rates = [accepted / proposed if proposed else None for accepted, proposed in sums.values()]
    overall = percent(numbers.coding["acceptance"])
    return Chart(
        name="acceptance", title="Acceptance rate: accepted share of all proposals",
        summary=f"{overall} of what Claude Code's editing tools proposed was accepted.",
        labels=[day_label(day) for day in period.bars],
        series=[("Acceptance rate", rates)] if any(one is not None for one in rates) else [],
        show=percent, exact=percent, line=True,
    )  # fmt: skip


def _tools(numbers: Numbers) -> list[list[str]]:
    return [
        [
            one["name"], whole(one["accepted"]), whole(one["rejected"]),
            percent(one["acceptance"]),
        ]
        for one in numbers.tools
    ]  # fmt: skip


def access(numbers: Numbers) -> dict[str, Any]:
    """The access review, grouped by finding."""
    counts = Counter(one["finding"] for one in numbers.findings)
    overview = [[name, data(f"finding:{name}", n, whole(n))] for name, n in sorted(counts.items())]
    groups = groupby(numbers.findings, lambda one: one["finding"])
    return {
        "overview": Table("Findings", ["Finding", "Count"], overview),
        "findings": [
            _finding(name, list(found), several=numbers.several) for name, found in groups
        ],
    }


def _finding(name: str, found: list[dict[str, Any]], *, several: bool) -> tuple[str, int, Table]:
    title = name[0].upper() + name[1:]
    columns = ("workspace_name", "person", "detail", *(["organization"] if several else []))
    rows = [
        [one["subject"] or one["subject_id"] or "–", *(one[column] or "–" for column in columns)]
        for one in found[:_MOST_FINDINGS]
    ]  # fmt: skip
    heads = ["What", "Workspace", "Person", "Detail", *(["Organization"] if several else [])]
    more = max(0, len(found) - _MOST_FINDINGS)
    return title, len(found), Table(title, heads, rows, words=5, more=more, source="access_review")
