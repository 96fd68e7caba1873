"""The model as tables: what organizations of several sizes need, and the bill for it."""

from argparse import Namespace
from collections import Counter
from functools import cache

import sqlglot
from sqlglot import exp

from claude_admin_lake.catalog.alarms import WATCHED
from claude_admin_lake.metrics import METRICS

from . import prices
from .children import ROOT
from .model import DATED, MEMORY_MB, Rows, Work, daily_run, first_load, organization, size
from .text import amount, dollars, table, verdict

SIZES = (10, 1_000, 50_000)
TWO_YEARS, BOUND, RUNS_A_MONTH = 730, 30, 30
HISTORY_DAYS = 366
"""How far back `membership_changes` looks."""
VIEWS = ("claude_code_daily", "claude_code_adoption", "usage_daily", "cost_daily",
         "cost_by_api_key", "membership_changes")  # fmt: skip
SQL = ROOT / "src" / "claude_admin_lake" / "catalog" / "views"
MOST_DOLLARS = 1.80  # a month, for a small organization
REPORT_SECONDS, REPORT_MB = 20, 1769
"""What a report may take at most; the memory of its function."""


def metrics_sent() -> int:
    """A run's totals, and some metrics of each dated table."""
    by_table = sum(metric.by_table is not None for metric in METRICS)
    return len(METRICS) + by_table * len(DATED)


def run_costs(work: Work) -> tuple[float, float]:
    """Of Lambda and of S3 requests; DynamoDB and Step Functions cost next to nothing."""
    seconds = work.seconds * MEMORY_MB / 1024
    s3 = work.s3_puts * prices.S3_PUT + work.s3_gets * prices.S3_GET
    return seconds * prices.LAMBDA_GB_SECOND, s3


def month(one: Rows) -> dict[str, float]:
    """The bill of a month of daily runs, two years in, by service."""
    restated = sum(size(one, name) for name in DATED) * 365  # kept for a year by versioning
    held = sum(size(one, name) for name in one) * TWO_YEARS + restated
    compute, requests = run_costs(daily_run(one, TWO_YEARS))
    return {
        "Lambda": RUNS_A_MONTH * compute,
        "S3 requests": RUNS_A_MONTH * requests,
        "S3 storage": held / 1e9 * prices.S3_GB_MONTH,
        "the secret": prices.SECRET_MONTH,
        "metrics": metrics_sent() * prices.METRIC_MONTH * RUNS_A_MONTH / prices.HOURS_A_MONTH,
        "alarms": len(WATCHED) * prices.ALARM_MONTH,
    }


def bill(_: Namespace) -> str:
    """A daily run and its month's bill, two years in; the first load of two years."""
    sizes = [organization(users) for users in SIZES]
    firsts, months = [first_load(one, TWO_YEARS) for one in sizes], [month(one) for one in sizes]
    totals = [sum(costs.values()) for costs in months]
    target = f"small organization {verdict(totals[0], MOST_DOLLARS, 'dollars')}"
    rows = [
        ["claude_code_usage rows a day", *(f"{one['claude_code_usage']:,}" for one in sizes)],
        *_work_rows("daily run", [daily_run(one, TWO_YEARS) for one in sizes]),
        *([f"{name}, $ a month", *(dollars(one[name]) for one in months)] for name in months[0]),
        [f"**total, $ a month** ({target})", *(f"**{total:.2f}**" for total in totals)],
        ["plus reports, $ a month at most", *[dollars(_reports())] * len(sizes)],
        *_work_rows("first load", firsts),
        ["first load: Lambda and S3 requests, $", *(dollars(sum(run_costs(x))) for x in firsts)],
    ]
    return table(["Claude Code users", *(f"{users:,}" for users in SIZES)], rows)


def _reports() -> float:
    """The reporter's alarm and a report a day."""
    compute = REPORT_SECONDS * REPORT_MB / 1024 * prices.LAMBDA_GB_SECOND
    return prices.ALARM_MONTH + RUNS_A_MONTH * compute


def _work_rows(run: str, works: list[Work]) -> list[list[str]]:
    return [
        [f"{run}: requests to the API", *(f"{work.all_requests:,}" for work in works)],
        [f"{run}: minutes", *(f"{work.seconds / 60:.1f}" for work in works)],
    ]


@cache
def scans(view: str) -> Counter[str]:
    """Reads of each table. Athena evaluates a WITH clause, and a view, wherever it is used."""
    return _reads(sqlglot.parse_one((SQL / f"{view}.sql").read_text(), read="athena"), {})


def _reads(query: exp.Expr, known: dict[str, Counter[str]]) -> Counter[str]:
    body, known = query.copy(), dict(known)
    if clause := body.find(exp.With):
        for one in clause.expressions:
            known[one.alias] = _reads(one.this, known)
        clause.pop()
    found: Counter[str] = Counter()
    for name in (read.name for read in body.find_all(exp.Table)):
        is_view = name not in known and (SQL / f"{name}.sql").exists()
        found += scans(name) if is_view else known.get(name, Counter({name: 1}))
    return found


def scanned(view: str, one: Rows, days: int) -> int:
    """Bytes scanned by a view whose dated tables are bounded to so many days.

    Of the history of the snapshots, `membership_changes` reads a day and the one before: a bound on
    its day reaches the first of these reads; the second is bounded only by the view itself."""
    total = 0
    for name, times in scans(view).items():
        if name in DATED:
            total += times * size(one, name) * days
        elif name.endswith("_history"):
            held = min(days, HISTORY_DAYS) + HISTORY_DAYS
            total += times * size(one, name.removesuffix("_history")) * held // 2
        elif (current := name.removesuffix("_seen")) in one:
            total += times * size(one, current)
    return total


def athena(_: Namespace) -> str:
    """Bytes scanned by the views, bounded and not, and the price of the bounded ones."""
    rows = [[f"`{view}`", *(_scan(view, organization(users)) for users in SIZES)] for view in VIEWS]
    return table(["view", *(f"{users:,} users" for users in SIZES)], rows)


def _scan(view: str, one: Rows) -> str:
    bounded, everything = scanned(view, one, BOUND), scanned(view, one, TWO_YEARS)
    cost = max(prices.ATHENA_LEAST, bounded) * prices.ATHENA_BYTE
    return f"{amount(bounded)} / {amount(everything)}, ${dollars(cost)}"
