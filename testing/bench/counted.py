"""Runs that are counted: the real handler against the double and an AWS in memory (moto).

python -m bench.counted USERS RECORDS ROWS DAYS prints JSON on its last line.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import moto

from admin_double.api import KEY, AdminApi
from admin_double.organization import Organization

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
    "ADMIN_KEY_SECRET_ID": "key", "LAKE_BUCKET": "lake", "LAKE_PREFIX": "", "CURSOR_TABLE": "state",
    "REQUESTS_PER_MINUTE": "100000",
}  # fmt: skip


def count(users: int, records: int, rows: int, days: int) -> dict[str, Any]:
    """A first load and the next morning's run."""
    organization = Organization(
        users=users, workspaces=max(2, users // 50), first_day=date(2026, 1, 1),
        claude_code_records_per_day=records, report_rows_per_day=rows,
    )  # fmt: skip
    with moto.mock_aws(), AdminApi(organization, now=NOW) as api:
        start = NOW.date() - timedelta(days=days)
        os.environ.update(ENVIRONMENT, ADMIN_API_BASE_URL=api.url, START_DATE=str(start))
        _create()
        first = _run(api)
        api.now += timedelta(days=1)
        return {"organization": _size(api), "first": first, "daily": _run(api), "days": days}


def _create() -> None:
    boto3.client("s3").create_bucket(Bucket="lake")
    boto3.client("secretsmanager").create_secret(Name="key", SecretString=KEY)
    boto3.client("dynamodb").create_table(
        TableName="state",
        KeySchema=[{"AttributeName": "table_name", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "table_name", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _run(api: AdminApi) -> dict[str, Any]:
    from claude_admin_lake.aws import clients  # noqa: PLC0415 - reads the environment
    from claude_admin_lake.function.app import lambda_handler  # noqa: PLC0415

    calls: Counter[str] = Counter()
    clients.session.cache_clear()

    def note(model: Any, **_: Any) -> None:
        calls[model.name] += 1

    for service in ("s3", "dynamodb", "secrets-manager"):
        clients.session().register(f"before-call.{service}", note)
    api.reset_log()
    answer: dict[str, Any] = lambda_handler({"scheduled_time": api.now.isoformat()})
    assert answer["status"] == "complete", answer
    tables = answer["tables"]
    asked = {name: api.count(name) for name in tables}
    assert asked == {name: one["requests"] for name, one in tables.items()}
    return {
        "requests": asked,
        "rows": {name: one["rows"] for name, one in tables.items()},
        "objects": sum(one["objects_written"] for one in tables.values()) + 1,
        "calls": dict(calls),
        "stored": _stored(),
    }


def _stored() -> dict[str, list[int]]:
    """Objects and bytes in the lake, by table."""
    found: dict[str, list[int]] = {}
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket="lake")
    for item in (item for page in pages for item in page["Contents"]):
        sizes = found.setdefault(item["Key"].partition("/")[0], [0, 0])
        sizes[0] += 1
        sizes[1] += item["Size"]
    return found


def _size(api: AdminApi) -> dict[str, int]:
    """The organization in the model's terms."""
    workspaces = api.truth("workspaces")
    return {
        "users": len(api.truth("users")), "workspaces": len(workspaces),
        "members": len(api.truth("workspace_members")) // len(workspaces),
        "api_keys": len(api.truth("api_keys")), "invites": len(api.truth("invites")),
        "claude_code_rows": api.organization.claude_code_records_per_day or 0,
        "usage_rows": api.organization.report_rows_per_day or 0,
        "cost_rows": api.organization.report_rows_per_day or 0,
    }  # fmt: skip


if __name__ == "__main__":
    print("\n" + json.dumps(count(*map(int, sys.argv[1:5]))))
