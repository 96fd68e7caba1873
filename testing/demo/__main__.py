"""Run the real handler twice against the test double and AWS in memory, then run queries."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import boto3
from moto import mock_aws
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

from admin_double import ENTERPRISE_KEY, KEY, AdminDouble, Organization
from admin_double.rhythm import FINAL_AGE
from claude_admin_lake.analysis.engine import Engine
from claude_admin_lake.analysis.lake import FolderLake
from claude_admin_lake.analysis.report import read_numbers, write_report
from claude_admin_lake.analysis.text import as_table
from claude_admin_lake.cli import main as command
from claude_admin_lake.reporter.alerts import alerts
from claude_admin_lake.reporter.digest import alert_message, digest_of
from claude_admin_lake.reporter.facts import facts_of
from claude_admin_lake.reporter.kinds import Thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from admin_double.ledger import LedgerLine
    from admin_double.spend import Usage
    from claude_admin_lake.reporter.facts import Facts

BUCKET, CURSORS, SECRET = "demo-lake", "demo-cursors", "demo-admin-key"
SECRET_TEXT = json.dumps({"api_key": KEY, "enterprise_key": ENTERPRISE_KEY})
FOLDER = Path("build/demo")
US_PRICE = Decimal("1.1")
"""The factor for inference that is limited to the US."""
DAYS = 72
"""Ten weeks and the week that shows an anomaly."""
COUNTS = {
    "rows": "rows",
    "written": "objects_written",
    "unchanged": "objects_unchanged",
    "requests": "requests",
}
BUDGETS = """\
scope,id,amount_usd
organization,,1900
workspace,{workspace_id},600
model,claude-opus-4-6,750.50
"""
ANSWERS = {
    "Forecast against budget": """
        SELECT name, budget_usd, CAST(actual_usd AS decimal(18,2)) AS actual_usd, forecast_usd,
               forecast_low_usd, forecast_high_usd, status
        FROM budget_status ORDER BY budget_usd DESC""",
    "Cost by workspace and model, last 7 days": """
        SELECT workspace_name, model, CAST(sum(cost_usd) AS decimal(18,2)) AS usd
        FROM cost_daily
        WHERE day > CAST(current_date - interval '8' day AS date)
        GROUP BY workspace_name, model ORDER BY usd DESC LIMIT 8""",
    "Most active Claude Code users, last 30 days": """
        SELECT actor, sum(sessions) AS sessions, sum(lines_added) AS lines_added,
               sum(commits) AS commits, CAST(sum(estimated_cost_usd) AS decimal(18,2)) AS usd
        FROM claude_code_daily
        WHERE day >= current_date - INTERVAL '30' DAY
        GROUP BY actor ORDER BY sessions DESC LIMIT 6""",
    "Cache-hit share of input tokens by model": """
        SELECT model,
               CAST(100.0 * sum(cache_read_tokens) / sum(input_tokens) AS decimal(5,1))
                   AS cache_hit_percent
        FROM usage_daily GROUP BY model ORDER BY cache_hit_percent DESC LIMIT 6""",
}


class Runaway(Organization):
    """An organization with an anomaly: one workspace uses twenty times the tokens from a day on.

    Inference that is limited to the US costs a tenth more, as on the public price list.
    """

    since = date.max

    def usages(self, day: date, age: int = FINAL_AGE) -> list[Usage]:
        found = super().usages(day, age)
        if day < self.since:
            return found
        return [self._more(one) for one in found]

    def ledger(self, day: date, age: int = FINAL_AGE) -> list[LedgerLine]:
        lines = super().ledger(day, age)
        return [
            one._replace(cents=one.cents * US_PRICE) if one.inference_geo == "us" else one
            for one in lines
        ]

    def _more(self, one: Usage) -> Usage:
        if one.workspace_id != self.all_spaces[0].id:
            return one
        return one._replace(tokens=tuple(20 * count for count in one.tokens))


def main() -> int:
    """Run the demo. Returns 0 if both runs are complete."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--tables", help="tables and groups of tables to load, with commas")
    options = parser.parse_args()
    if options.tables:
        os.environ["TABLES"] = options.tables
    now = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0)
    yesterday = now - timedelta(days=1)
    first_day = (yesterday - timedelta(days=DAYS)).date()
    organization = Runaway(seed=11, users=60, first_day=first_day - timedelta(days=120))
    organization.since = (now - timedelta(days=4)).date()
    with mock_aws(), AdminDouble(organization, now=yesterday) as api:
        _prepare(api.url, str(first_day))
        _say(f"An organization of {organization.users} people on a test double of the Admin API,")
        _say(
            "and an AWS account in memory. Requests are not paced here; the default is 90 a minute."
        )
        first = _run(api, f"First load, {DAYS} days", yesterday)
        api.now = now
        second = _run(api, "Next morning", now)
        _download(FOLDER / "lake")
    _set_budgets(FOLDER / "lake", organization.all_spaces[0].id)
    _answers(FOLDER / "lake", now)
    return 0 if {first["status"], second["status"]} == {"complete"} else 1


def _prepare(url: str, start: str) -> None:
    """Create the resources of template.yaml, and set the function's environment variables."""
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_DEFAULT_REGION": "us-east-1",
        "ADMIN_KEY_SECRET_ID": SECRET,
        "ADMIN_API_BASE_URL": url,
        "LAKE_BUCKET": BUCKET,
        "CURSOR_TABLE": CURSORS,
        "START_DATE": start,
        "REQUESTS_PER_MINUTE": "100000",
        "POWERTOOLS_LOG_LEVEL": "ERROR",
    }
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    boto3.client("secretsmanager").create_secret(Name=SECRET, SecretString=SECRET_TEXT)
    boto3.client("dynamodb").create_table(
        TableName=CURSORS,
        KeySchema=[
            {"AttributeName": "organization", "KeyType": "HASH"},
            {"AttributeName": "table_name", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("organization", "table_name")
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def _run(api: AdminDouble, title: str, now: datetime) -> dict[str, Any]:
    """Invoke the handler once and print a summary."""
    from claude_admin_lake.function.app import lambda_handler  # noqa: PLC0415 - reads the log level when imported

    api.reset_log()
    started = time.monotonic()
    with Console(stderr=True).status(f"{title} …"), _quiet():
        result = lambda_handler({"scheduled_time": now.isoformat()})
    seconds = time.monotonic() - started
    _say(f"\n{title}: {result['status']}, {api.count()} requests, {seconds:.1f} s\n")
    counts = (Column(name, justify="right") for name in COUNTS)
    table = Table(
        Column("table", no_wrap=True), *counts, Column("cursor", no_wrap=True),
        box=SIMPLE_HEAD, padding=(0, 1, 0, 0),
    )  # fmt: skip
    for name, one in result["tables"].items():
        numbers = (f"{one[count]:,}" for count in COUNTS.values())
        table.add_row(name, *numbers, one["cursor"] or "–")
    Console().print(table)
    return dict(result)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide the metrics that the function prints for CloudWatch."""
    with Path(os.devnull).open("w") as nowhere:
        shown, sys.stdout = sys.stdout, nowhere
        try:
            yield
        finally:
            sys.stdout = shown


def _download(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    s3 = boto3.client("s3")
    objects = 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for item in page.get("Contents", ()):
            file = folder / item["Key"]
            file.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(BUCKET, item["Key"], str(file))
            objects += 1
    size = sum(file.stat().st_size for file in folder.rglob("*.gz"))
    _say(f"\nThe lake: {objects} objects, {size / 1e6:.1f} MB, copied to {folder}/")


def _set_budgets(folder: Path, workspace_id: str) -> None:
    """Set budgets as a person would, by a file and the command."""
    file = FOLDER / "budgets.csv"
    file.write_text(BUDGETS.format(workspace_id=workspace_id))
    _say(f"\nBudgets:     {file}")
    if command(["budgets", "set", str(file), "--lake", str(folder)]):
        raise SystemExit(1)


def _answers(folder: Path, now: datetime) -> None:
    engine = Engine(FolderLake(folder), now.date())
    for question, sql in ANSWERS.items():
        _say(f"\n{question}\n")
        _say(as_table(engine.query(sql), 10))
    page = FOLDER / "report.html"
    numbers = read_numbers(engine, None, None, now.date())
    write_report(numbers, page, now)
    _say(f"\nThe report:  {page}")
    _told(facts_of(numbers, "main"))
    _say(f"More:        make sql LAKE={folder} Q='SELECT * FROM freshness'")


def _told(facts: Facts) -> None:
    """Show what the reporter would send: the digest and the first alert."""
    found = alerts(facts, Thresholds(), names_people=False)
    messages = [digest_of(facts, found, ()), *(alert_message(one, facts, ()) for one in found[:1])]
    for one in messages:
        _say(f"\nA mail:      {one.subject}\n")
        _say(indent(one.text, "    "))


def _say(text: str) -> None:
    print(text)


if __name__ == "__main__":
    sys.exit(main())
