"""The model as tables: what each size of organization needs and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_admin_lake.catalog.alarms import WATCHED
from claude_admin_lake.run.metrics import METRICS
from claude_admin_lake.tables import TABLES

from . import prices
from .model import (
    DATED,
    MEMORY_MB,
    Organization,
    Work,
    daily_run,
    first_load,
    organization,
)
from .scans import scans
from .text import amount, dollars, table

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

SIZES = (10, 1_000, 50_000)
TWO_YEARS, BOUND, RUNS_A_MONTH = 730, 30, 30
PROJECTED_DAYS = 1420
"""From 2023-01-01 to now: what Athena lists of a table that is read without a bound."""
PUT_CLASS = {
    "PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload",
    "ListObjectsV2", "ListMultipartUploads",
}  # fmt: skip
FREE = {"AbortMultipartUpload"}
VIEWS = ("claude_code_daily", "claude_code_adoption", "usage_daily", "cost_daily",
         "cost_by_api_key", "membership_changes")  # fmt: skip


def lambda_dollars(work: Work) -> float:
    gigabyte_seconds = work.seconds * MEMORY_MB / 1024
    return gigabyte_seconds * prices.LAMBDA_GB_SECOND + work.invocations() * prices.LAMBDA_REQUEST


def s3_dollars(calls: Counter[str]) -> float:
    paid = sum(number for name, number in calls.items() if name not in FREE)
    dear = sum(number for name, number in calls.items() if name in PUT_CLASS)
    return dear * prices.S3_PUT + (paid - dear) * prices.S3_GET


def metrics_sent() -> int:
    """A run's totals, and some metrics of each dated table."""
    by_table = sum(metric.by_table is not None for metric in METRICS)
    return len(METRICS) + by_table * sum(one.days is not None for one in TABLES)


def stored_bytes(one: Organization, days: int) -> int:
    """Current objects: each day of each dated table, each day's snapshot."""
    return days * sum(map(one.size, one.rows)) + sum(
        one.size(name) for name in one.rows if name not in DATED
    )


def month(users: int) -> dict[str, float]:
    """The bill of a month of daily runs, two years in, by service."""
    one = organization(users)
    work = daily_run(one, TWO_YEARS)
    restated = sum(one.size(name) for name in DATED) * 365  # kept for a year by versioning
    held = stored_bytes(one, TWO_YEARS) + restated
    return {
        "Lambda": RUNS_A_MONTH * lambda_dollars(work),
        "S3 requests": RUNS_A_MONTH * s3_dollars(work.s3),
        "S3 storage": held / 1e9 * prices.S3_GB_MONTH,
        "DynamoDB": RUNS_A_MONTH
        * ((work.cursor_writes + 2) * prices.DYNAMODB_WRITE + 3 * prices.DYNAMODB_READ),
        "the secret": prices.SECRET_MONTH + RUNS_A_MONTH * prices.SECRET_CALL,
        "metrics": metrics_sent() * prices.METRIC_MONTH * RUNS_A_MONTH / prices.HOURS_A_MONTH,
        "alarms": len(WATCHED) * prices.ALARM_MONTH,
    }


Line = tuple[str, "Callable[[int], str]"]


def _columns(lines: list[Line]) -> str:
    head = ["Claude Code users", *(f"{users:,}" for users in SIZES)]
    return table(head, [[name, *(value(users) for users in SIZES)] for name, value in lines])


def organizations() -> str:
    def line(name: str, title: str) -> Line:
        return title, lambda users: f"{getattr(organization(users), name):,}"

    return _columns([
        line("workspaces", "workspaces"), line("members", "members in each"),
        line("api_keys", "API keys"), line("claude_code_rows", "claude_code_usage rows a day"),
        line("usage_rows", "usage_report rows a day"), line("cost_rows", "cost_report rows a day"),
    ])  # fmt: skip


def _work_lines(work: Callable[[int], Work]) -> list[Line]:
    return [
        ("requests to the API", lambda n: f"{work(n).all_requests:,}"),
        ("minutes at the pace", lambda n: f"{work(n).paced_seconds / 60:.1f}"),
        ("Lambda seconds", lambda n: f"{work(n).seconds:,.0f}"),
        ("invocations", lambda n: f"{work(n).invocations():,}"),
        ("objects written", lambda n: f"{work(n).objects:,}"),
        ("bytes written", lambda n: amount(work(n).bytes)),
        ("S3 requests", lambda n: f"{work(n).s3.total():,}"),
    ]


def daily() -> str:
    """A daily run two years in, and the month's bill."""
    bill: list[Line] = [
        (f"{name}, $ a month", lambda n, name=name: dollars(month(n)[name]))  # type: ignore[misc]
        for name in month(SIZES[0])
    ]
    total: Line = ("**together, $ a month**", lambda n: f"**{sum(month(n).values()):.2f}**")
    lines = _work_lines(lambda n: daily_run(organization(n), TWO_YEARS))
    return _columns([*lines, *bill, total])


def first() -> str:
    def work(users: int) -> Work:
        return first_load(organization(users), TWO_YEARS)

    return _columns([
        *_work_lines(work),
        ("Lambda, $", lambda n: dollars(lambda_dollars(work(n)))),
        ("state machine, $",
         lambda n: dollars(5 * work(n).invocations() * prices.STATE_TRANSITION)),
        ("S3 requests, $", lambda n: dollars(s3_dollars(work(n).s3))),
    ])  # fmt: skip


def scanned(view: str, one: Organization, days: int) -> tuple[int, int]:
    """Bytes scanned with the dated tables bounded to so many days, and of these the bytes of
    the snapshots' history, which no bound on a view's day reaches."""
    bounded = history = 0
    for name, times in scans(view).items():
        if name in DATED:
            bounded += times * one.size(name) * days
        elif name.endswith("_history"):
            history += times * one.size(name.removesuffix("_history")) * TWO_YEARS
        elif name in one.rows:
            bounded += times * one.size(name)
    return bounded + history, history


def _query(view: str, one: Organization) -> str:
    with_, history = scanned(view, one, BOUND)
    without, _ = scanned(view, one, TWO_YEARS)
    cost = max(prices.ATHENA_LEAST, with_) * prices.ATHENA_BYTE
    return f"{amount(with_)} ({amount(history)}) · {amount(without)} · {dollars(cost)}"


def athena() -> str:
    rows = []
    for view in VIEWS:
        read = scans(view)
        reads = ", ".join(f"{name} x {times}" for name, times in sorted(read.items()))
        unbounded = sum(times for name, times in read.items() if name.endswith("_history"))
        lists = f"{unbounded * PROJECTED_DAYS * prices.S3_PUT:.3f}" if unbounded else "0"
        rows.append(
            [f"`{view}`", reads, *(_query(view, organization(users)) for users in SIZES), lists]
        )
    head = ["view", "tables read", *(f"{users:,} users" for users in SIZES), "lists, $"]
    return table(head, rows)
