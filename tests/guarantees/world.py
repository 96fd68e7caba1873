"""A world for whole runs: the API's double on one side, a lake and its cursors on the other.

The same tests run against S3 and DynamoDB (moto) and against a folder.
"""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import boto3
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import FakeKey, s3_backends
from msgspec.structs import replace

from admin_double import ACCESS_TOKEN, ENTERPRISE_KEY
from admin_double.api import KEY, AdminDouble
from claude_admin_lake.clock import Deadline, countdown
from claude_admin_lake.plan.event import read_event
from claude_admin_lake.run.result import Result
from claude_admin_lake.run.run import execute
from claude_admin_lake.run.services import Services
from claude_admin_lake.settings import read_settings
from claude_admin_lake.tables import STANDARD, TABLES
from claude_admin_lake.wiring import on_aws, on_laptop

MAIN = "main"
PARTITION = f"organization={MAIN}"
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
TODAY = NOW.date()
_STANDARD = [table for table in TABLES if table.group == STANDARD]
DATED = tuple(table.name for table in _STANDARD if table.days)
SNAPSHOTS = tuple(table.name for table in _STANDARD if not table.days)
REMEMBERED = tuple(table.name for table in _STANDARD if table.remembered)
_ALL_DATED = {table.name for table in TABLES if table.days}


BOTH_KEYS = json.dumps({"api_key": KEY, "enterprise_key": ENTERPRISE_KEY})
"""A secret for all tables that an Admin key or an Enterprise key can read."""
TOKEN = json.dumps({"api_key": ACCESS_TOKEN})


def ago(days: int) -> date:
    """A day before today."""
    return TODAY - timedelta(days=days)


class FakeClock:
    """Time that passes only by waiting, and by what a test adds."""

    def __init__(self, now: datetime) -> None:
        self.started, self.passed = now, 0.0
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        return self.started + timedelta(seconds=self.passed)

    def elapsed(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.passed += seconds


@cache
def client(service: str) -> Any:
    """Made once: making one takes longer than a test's whole run."""
    return boto3.client(service)


class Store(Protocol):
    """What a test wants to know of a lake and its cursors, and may do to them."""

    def objects(self) -> dict[str, bytes]: ...
    def get(self, key: str) -> bytes | None: ...
    def put(self, key: str, body: bytes) -> None: ...
    def delete(self, key: str) -> None: ...
    def cursors(self, organization: str = MAIN) -> dict[str, dict[str, str]]: ...
    def leftovers(self) -> list[str]: ...
    def services(
        self,
        environment: Mapping[str, str],
        clock: Any,
        seconds: float | None,
        organization: str = MAIN,
    ) -> Any: ...


@dataclass
class OnAws:
    """A bucket and a table in moto."""

    bucket: str = "lake"
    table: str = "cursors"
    prefix: str = "claude/"
    secret: str = "key"
    key: str = KEY

    def give_key(self, text: str) -> None:
        client("secretsmanager").put_secret_value(SecretId=self.secret, SecretString=text)

    def create(self) -> None:
        s3 = client("s3")
        s3.create_bucket(Bucket=self.bucket)
        s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        client("dynamodb").create_table(
            TableName=self.table,
            KeySchema=[
                {"AttributeName": "organization", "KeyType": "HASH"},
                {"AttributeName": "table_name", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"}
                for name in ("organization", "table_name")
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        client("secretsmanager").create_secret(Name=self.secret, SecretString=self.key)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "ADMIN_KEY_SECRET_ID": self.secret,
            "LAKE_BUCKET": self.bucket,
            "LAKE_PREFIX": self.prefix,
            "CURSOR_TABLE": self.table,
        }

    @property
    def _stored(self) -> dict[str, bytes]:
        """Straight from moto's memory, a hundred times faster than a request for each object."""
        latest = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[self.bucket].keys
        return {key: one.value for key, one in latest.items() if isinstance(one, FakeKey)}

    def objects(self) -> dict[str, bytes]:
        bodies = self._stored
        assert all(key.startswith(self.prefix) for key in bodies)
        return {key.removeprefix(self.prefix): body for key, body in bodies.items()}

    def get(self, key: str) -> bytes | None:
        return self._stored.get(self.prefix + key)

    def put(self, key: str, body: bytes) -> None:
        client("s3").put_object(Bucket=self.bucket, Key=self.prefix + key, Body=body)

    def delete(self, key: str) -> None:
        client("s3").delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def versions(self, key: str) -> int:
        listed = client("s3").list_object_versions(Bucket=self.bucket, Prefix=self.prefix + key)
        return len(listed.get("Versions", ()))

    def cursors(self, organization: str = MAIN) -> dict[str, dict[str, str]]:
        stored = dynamodb_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].tables[self.table]
        keys = {"organization", "table_name"}
        return {
            item.attrs["table_name"].value: {
                name: value.value
                for name, value in item.attrs.items()
                if value.type == "S" and name not in keys
            }
            for item in stored.all_items()
            if item.attrs["organization"].value == organization
            and item.attrs["table_name"].value in _ALL_DATED
        }

    def put_cursor(self, table: str, day: date) -> None:
        item = {
            "organization": {"S": MAIN},
            "table_name": {"S": table},
            "date": {"S": str(day)},
        }
        client("dynamodb").put_item(TableName=self.table, Item=item)

    def leftovers(self) -> list[str]:
        found = client("s3").list_multipart_uploads(Bucket=self.bucket)
        return [upload["Key"] for upload in found.get("Uploads", ())]

    def services(
        self,
        environment: Mapping[str, str],
        clock: Any,
        seconds: float | None,
        organization: str = MAIN,
    ) -> Services:
        remaining = countdown(clock, 900.0 if seconds is None else seconds)
        return on_aws(read_settings(environment), organization, clock, remaining)


@dataclass
class OnLaptop:
    """A folder."""

    folder: Path
    key: str = KEY

    def give_key(self, text: str) -> None:
        self.key = text

    @property
    def environment(self) -> dict[str, str]:
        return {}

    def objects(self) -> dict[str, bytes]:
        return {
            file.relative_to(self.folder).as_posix(): file.read_bytes()
            for file in self.folder.rglob("*.gz")
        }

    def get(self, key: str) -> bytes | None:
        file = self.folder / key
        return file.read_bytes() if file.exists() else None

    def put(self, key: str, body: bytes) -> None:
        file = self.folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)

    def delete(self, key: str) -> None:
        (self.folder / key).unlink()

    def cursors(self, organization: str = MAIN) -> dict[str, dict[str, str]]:
        file = self._cursor_file(organization)
        return json.loads(file.read_text()) if file.exists() else {}

    def put_cursor(self, table: str, day: date) -> None:
        cursors = self.cursors() | {table: {"date": str(day)}}
        file = self._cursor_file(MAIN)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(cursors))

    def _cursor_file(self, organization: str) -> Path:
        return self.folder / "_state" / organization / "cursors.json"

    def leftovers(self) -> list[str]:
        return [str(file) for file in self.folder.rglob("*.partial")]

    def services(
        self,
        environment: Mapping[str, str],
        clock: Any,
        seconds: float | None,
        organization: str = MAIN,
    ) -> Services:
        services = on_laptop(
            read_settings(environment),
            organization,
            clock,
            folder=self.folder,
            key=self.key,
            progress=lambda _: None,
        )
        return services if seconds is None else _limited(services, clock, seconds)


def _limited(services: Services, clock: Any, seconds: float) -> Services:
    """A laptop run with a limit of time, which only tests give it."""
    services.api._deadline = Deadline(clock, countdown(clock, seconds))
    return replace(services, deadline=services.api._deadline)


@dataclass
class World:
    """One organization, one lake, and time."""

    api: AdminDouble
    store: Any
    settings: dict[str, str] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))

    def __post_init__(self) -> None:
        self.settings = {
            "START_DATE": str(ago(10)),
            "TABLES": STANDARD,
            "REPORT_LOOKBACK_DAYS": "4",
            "REQUESTS_PER_MINUTE": "60000",
            **self.settings,
        }

    @property
    def environment(self) -> dict[str, str]:
        url = {"ADMIN_API_BASE_URL": self.api.url}
        return {**self.store.environment, **url, **self.settings}

    def at(self, moment: datetime) -> None:
        """Move every clock to another time."""
        self.api.now = moment
        self.clock = FakeClock(moment)

    def next_day(self, days: int = 1) -> None:
        self.at(self.clock.started + timedelta(days=days))

    def services(self, seconds: float | None = None) -> Services:
        return self.store.services(self.environment, self.clock, seconds)

    def run(
        self, event: Mapping[str, Any] | None = None, *, seconds: float | None = None,
        services: Services | None = None, run_id: str = "run",
    ) -> Result:  # fmt: skip
        """One run, as the entrances do it."""
        self.api.reset_log()
        request = read_event(event or {}, read_settings(self.environment), self.clock.now())
        return execute(run_id, request, services or self.services(seconds))

    def run_to_the_end(
        self, event: Mapping[str, Any] | None = None, *, seconds: float
    ) -> list[Result]:
        """As many runs as it takes, each with `seconds`, each given what the last one left."""
        results = [self.run(event, seconds=seconds)]
        while results[-1].remaining:
            assert len(results) < 100, "the work goes round for ever"
            results.append(self.run(results[-1].remaining, seconds=seconds))
        return results

    def cursor(self, table: str) -> str | None:
        return self.store.cursors().get(table, {}).get("date")

    def rows(self, key: str) -> list[dict[str, Any]]:
        body = self.store.get(key)
        assert body is not None, f"the lake lacks {key}"
        return rows_of(body)

    def day(self, table: str, day: date) -> list[dict[str, Any]] | None:
        """The rows of a day; None if the lake doesn't have it."""
        body = self.store.get(f"{table}/{PARTITION}/date={day}/{table}.jsonl.gz")
        return None if body is None else rows_of(body)

    def lake(self) -> dict[str, bytes]:
        """Every object but the reports of runs, which differ from run to run."""
        objects = self.store.objects()
        return {key: body for key, body in objects.items() if not key.startswith("load_runs/")}

    def days_in_lake(self, table: str) -> list[date]:
        keys = (key for key in self.lake() if key.startswith(f"{table}/{PARTITION}/date="))
        return sorted(date.fromisoformat(key.split("date=")[1][:10]) for key in keys)


def rows_of(body: bytes) -> list[dict[str, Any]]:
    """An object's rows, numbers exact."""
    lines = gzip.decompress(body).decode().split("\n")[:-1]
    return [json.loads(line, parse_float=Decimal) for line in lines]


def wanted(
    table: str, records: Iterable[str | bytes], day: date | None = None
) -> list[dict[str, Any]]:
    """The rows that the API's records should become, computed independently of the loader from the
    documented interface. Nulls are left out."""
    found = [json.loads(text, parse_float=Decimal) for text in records]
    if table == "usage_report_hourly":  # held by the double as the hours of the day
        found = [
            {"starting_at": hour["starting_at"], "ending_at": hour["ending_at"], **record}
            for hour in found
            for record in hour["results"]
        ]
    return [_wanted(table, record, day) for record in found]


_WHOLE = {
    "match_claims",
    "tool_actions",
    "model_breakdown",
    "tags",
    "rbac_group_ids",
    "data_residency_allowed_inference_geos",
}


_AMOUNTS = ("amount", "list_amount", "attributed_list_price", "estimated_overage_spend")
_OF_ALL_EVENTS = {"id", "created_at", "organization_id", "organization_uuid", "type", "actor"}


def _wanted(table: str, record: dict[str, Any], day: date | None) -> dict[str, Any]:
    if table == "compliance_activities":
        record = _wanted_event(record)
    if table.startswith("analytics_"):
        record = _lifted(record)
    row = dict(_leaves(record))
    if table == "claude_code_usage":
        row.pop("date", None)
    if table in ("usage_report", "cost_report") and day:
        row |= {
            "starting_at": f"{day}T00:00:00Z",
            "ending_at": f"{day + timedelta(days=1)}T00:00:00Z",
        }
    row |= {
        f"{name}_usd": Decimal(row[name]) / 100 for name in _AMOUNTS if row.get(name) is not None
    }
    geos = row.get("data_residency_allowed_inference_geos")
    if isinstance(geos, str):
        row["data_residency_allowed_inference_geos"] = [geos]
    return {name: value for name, value in row.items() if value is not None}


def _wanted_event(event: dict[str, Any]) -> dict[str, Any]:
    details = {name: value for name, value in event.items() if name not in _OF_ALL_EVENTS}
    agent = event["actor"].get("user_agent") or ""
    is_own = event["type"] == "compliance_api_accessed" and agent.startswith("claude-admin-lake/")
    common = {name: value for name, value in event.items() if name in _OF_ALL_EVENTS}
    return {**common, "details": details or None, "is_own_read": is_own}


def _lifted(record: dict[str, Any]) -> dict[str, Any]:
    """A record of the analytics without its wrappers."""
    group, (measure,) = record["group"], record.keys() & {"usage", "cost"}
    if group["actor"] and not group["actor_type"]:
        del group["actor_type"]
    bounds = {name: record[name] for name in ("starting_at", "ending_at")}
    return {**bounds, **group, **record[measure]}


def _leaves(record: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, dict) and prefix + name not in {*_WHOLE, "details"}:
            yield from _leaves(value, f"{prefix}{name}_")
        else:
            yield prefix + name, value


def present(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Stored rows without their nulls, dollars as numbers, texts of JSON as their values."""
    found = [{name: value for name, value in row.items() if value is not None} for row in rows]
    for row in found:
        for name in row.keys() & {f"{amount}_usd" for amount in _AMOUNTS}:
            row[name] = Decimal(row[name])
        if "details" in row:
            row["details"] = json.loads(row["details"], parse_float=Decimal)
    return found


def assert_day_is_true(world: World, table: str, day: date) -> None:
    """The lake's day is, row by row and field by field, what the API holds."""
    rows = world.day(table, day)
    assert rows is not None, f"{table} lacks {day}"
    assert_rows_are(table, rows, world.api.truth_text(table, day), day)


def assert_rows_are(
    table: str, rows: list[dict[str, Any]], truth: Iterable[str | bytes], day: date | None = None
) -> None:
    columns = next(one for one in TABLES if one.name == table).column_names
    for row in rows:
        assert tuple(row)[: len(columns)] == columns
    assert present(rows) == wanted(table, truth, day)
