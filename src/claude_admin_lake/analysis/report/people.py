"""The report's sections on Claude Code and on access."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from .charts import Chart, Series
from .html import Table, data
from .period import ticks
from .series import labels, ratio
from .use_numbers import EACH
from .words import day_label, one_place, percent, plain_name, usd, whole

if TYPE_CHECKING:
    from .html import Cell
    from .numbers import Numbers
    from .questions import Record

_MOST_FINDINGS = 100
_TOOL_HEADS = ["Tool", "Accepted", "Rejected", "Acceptance rate"]
_WEEK_HEADS = [
    "Week of", "Active users", "Not members", "Members", "Share of members",
    "Sessions each", "Lines added each",
    "Commits each", "Pull requests each",
]  # fmt: skip
_COUNTS = (
    ("Sessions", "sessions"), ("Lines added", "lines_added"), ("Lines removed", "lines_removed"),
    ("Commits", "commits"), ("Pull requests", "pull_requests"),
    ("Proposals accepted", "accepted"), ("Proposals rejected", "rejected"),
)  # fmt: skip


def claude_code(numbers: Numbers) -> dict[str, Chart | Table]:
    """Claude Code usage and output, only as totals: no person is named."""
    weeks, tools = numbers.adoption, numbers.tools
    per_week = [_week(numbers, one) for one in weeks.records]
    title = "Week by week, Monday to Sunday"
    return {
        "active": _active(numbers),
        "weeks": Table("weeks", title, _WEEK_HEADS, per_week, found=[weeks]),
        "lines": _written(numbers),
        "counts": _counts(numbers),
        "acceptance": _acceptance(numbers),
        "tools": Table(
            "tools", "Proposals by tool", _TOOL_HEADS, _tools(numbers), found=[tools]
        ),
    }  # fmt: skip


def _counts(numbers: Numbers) -> Table:
    done = numbers.coding.one
    rows = [[label, data(f"code:{key}", done[key], whole(done[key]))] for label, key in _COUNTS]
    rows += [["Estimated cost", data("code:estimated", done["estimated"], usd(done["estimated"]))]]
    title = "Claude Code in the period"
    shown = rows if done["sessions"] else []
    return Table("counts", title, ["What", "Count"], shown, found=[numbers.coding])


def _week(numbers: Numbers, one: Record) -> list[Cell]:
    partial = " (partly)" if numbers.period.is_partial(one["first_day"]) else ""
    return [
        day_label(one["first_day"]) + partial,
        data(f"active:{one['first_day']}", one["active_users"], whole(one["active_users"])),
        whole(one["active_others"]),
        whole(one["organization_users"]),
        percent(one["active_share"]),
        *(one_place(one[f"{what}_per_user"]) for what in EACH),
    ]  # fmt: skip


def _weekly(numbers: Numbers) -> dict[str, Any]:
    """Return the labels of a chart by week; the weeks at the ends may be incomplete."""
    days = [one["first_day"] for one in numbers.adoption.records]
    return {
        "unit": "Week of",
        "labels": [day_label(day) for day in days],
        "ticks": ticks(days),
        "faint": [at for at, day in enumerate(days) if numbers.period.is_partial(day)],
        "why_faint": "week not wholly in the period",
        "found": [numbers.adoption],
    }


def _active(numbers: Numbers) -> Chart:
    weeks = numbers.adoption.records
    whole_weeks = [one for one in weeks if not numbers.period.is_partial(one["first_day"])]
    said = ""
    if whole_weeks:
        last = whole_weeks[-1]
        of = (
            f" of {whole(last['organization_users'])} members" if last["organization_users"] else ""
        )
        said = f"{whole(last['active_users'])}{of} were active in the last whole week."
    return Chart(
        name="active", title="People who used Claude Code, by week", summary=said,
        series=[Series("Active users", [one["active_users"] for one in weeks])] if weeks else [],
        show=whole, exact=whole, **_weekly(numbers),
    )  # fmt: skip


def _written(numbers: Numbers) -> Chart:
    weeks = numbers.adoption.records
    lines = sum(one["lines_added"] for one in weeks)
    commits = sum(one["commits"] for one in weeks)
    return Chart(
        name="lines", title="Lines of code by week",
        summary=f"{whole(lines)} lines added and {whole(commits)} commits in these weeks. "
        "Removed lines are below the axis.",
        series=[
            Series("Lines added", [one["lines_added"] for one in weeks], 3),
            Series("Lines removed", [-one["lines_removed"] for one in weeks], 2),
        ] if weeks else [],
        show=whole, exact=lambda value: whole(abs(value)), **_weekly(numbers),
    )  # fmt: skip


def _acceptance(numbers: Numbers) -> Chart:
    period, found = numbers.period, numbers.acceptance_by_day
    rates = ratio(period, found.records, "accepted", "proposed")
    overall = percent(numbers.coding.one["acceptance"])
    known = any(one is not None for one in rates)
    return Chart(
        name="acceptance", title="Acceptance rate: accepted share of all proposals",
        summary=f"{overall} of what Claude Code's editing tools proposed was accepted.",
        series=[Series("Acceptance rate", rates, 4)] if known else [],
        show=percent, exact=percent, line=True, found=[found], **labels(period),
    )  # fmt: skip


def _tools(numbers: Numbers) -> list[list[Cell]]:
    return [
        [
            plain_name(one["name"]), whole(one["accepted"]), whole(one["rejected"]),
            percent(one["acceptance"]),
        ]
        for one in numbers.tools.records
    ]  # fmt: skip


def access(numbers: Numbers) -> dict[str, Any]:
    """The access review, grouped by finding."""
    found = numbers.findings
    counts = Counter(one["finding"] for one in found.records)
    overview: list[list[Cell]] = [
        [plain_name(name), data(f"finding:{name}", n, whole(n))]
        for name, n in sorted(counts.items())
    ]
    groups = groupby(found.records, lambda one: str(one["finding"]))
    return {
        "overview": Table("findings", "Findings", ["Finding", "Count"], overview, found=[found]),
        "findings": [_finding(name, list(some), several=numbers.several) for name, some in groups],
    }


def _finding(name: str, found: list[Record], *, several: bool) -> tuple[str, int, Table, int]:
    columns = ("workspace_name", "person", "detail", *(["organization"] if several else []))
    rows = [
        [one["subject"] or one["subject_id"] or "–", *(one[column] or "–" for column in columns)]
        for one in found[:_MOST_FINDINGS]
    ]  # fmt: skip
    heads = ["What", "Workspace", "Person", "Detail", *(["Organization"] if several else [])]
    more = max(0, len(found) - _MOST_FINDINGS)
    slug = f"f-{name.replace(' ', '-')}"
    return plain_name(name), len(found), Table(slug, plain_name(name), heads, rows, words=5), more
