"""Test steps: a load that starts, continues and finishes without intervention."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from admin_double.api import KEY
from claude_admin_lake.catalog.tables import CATALOG
from e2e.context import DATED, FIRST_LOAD_DAYS, SLOW, SNAPSHOTS, check
from e2e.deployment import ROOT, until

if TYPE_CHECKING:
    from e2e.context import Proof


def deploys_by_its_guide(at: Proof) -> str:
    given = {"AdminApiBaseUrl": at.api.url, "StartDate": str(at.first_day), "Reports": "true"}
    at.stack.deploy_guided(**given, **SLOW)
    return f"{len(at.stack.outputs)} outputs"


def loads_itself_when_the_schedule_fires(at: Proof) -> str:
    """The schedule's target is invoked once; the state machine finishes the load."""
    at.stack.set_key(KEY)
    scheduler = at.stack.client("scheduler")
    name = at.stack.outputs["ScheduleName"]
    deployed = scheduler.get_schedule(Name=name)
    check("<aws.scheduler.scheduled-time>" in deployed["Target"]["Input"])
    # EventBridge Scheduler replaces this placeholder by the time; the emulator does not.
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    target = {**deployed["Target"], "Input": f'{{"scheduled_time": "{now}"}}'}
    soon = datetime.now(UTC) + timedelta(seconds=1)
    scheduler.create_schedule(
        Name="now", ScheduleExpression=f"at({soon:%Y-%m-%dT%H:%M:%S})", Target=target,
        FlexibleTimeWindow={"Mode": "OFF"}, ActionAfterCompletion="DELETE",
    )  # fmt: skip
    execution = until("a state machine execution", at.stack.executions)[0]
    ended, states = at.stack.finished(execution, 180)
    check(ended, "SUCCEEDED")
    check(states.count("Load") >= 2)
    check(at.stack.cursors(), at.expected_cursors)
    return f"{states.count('Load') + 1} invocations, {at.api.count()} requests"


def has_brought_everything(at: Proof) -> str:
    """All tables, their histories and load_runs are there, with the API's rows."""
    objects = at.stack.objects()
    for table in DATED:
        days = [at.first_day + timedelta(days=n) for n in range(FIRST_LOAD_DAYS)]
        complete = [day for day in days if str(day) <= at.expected_cursors[table]]
        wanted = [f"{table}/organization=main/date={day}/{table}.jsonl.gz" for day in complete]
        check(sorted(set(wanted) - set(objects)), [])
    for table in SNAPSHOTS:
        check(f"{table}/organization=main/{table}.jsonl.gz" in objects)
        check(
            any(
                key.startswith(f"{table}_history/organization=main/snapshot_date=")
                for key in objects
            )
        )
    check(len(at.stack.rows("users/organization=main/users.jsonl.gz")), len(at.api.truth("users")))
    for day in complete[:: FIRST_LOAD_DAYS // 5]:
        rows = at.stack.rows(
            f"claude_code_usage/organization=main/date={day}/claude_code_usage.jsonl.gz"
        )
        check(len(rows), len(at.api.truth("claude_code_usage", day)))
    runs = [key for key in objects if key.startswith("load_runs/organization=main/date=")]
    check(len(runs) >= 3)
    return f"{len(objects)} objects, {len(runs)} of them load_runs"


def answers_in_sql(at: Proof) -> str:
    """The nested catalog is deployed; the emulated Athena reads its tables (it has no views)."""
    database = at.stack.outputs["DatabaseName"]
    pages = at.stack.client("glue").get_paginator("get_tables").paginate(DatabaseName=database)
    deployed = [table for page in pages for table in page["TableList"]]
    views = [table["Name"] for table in deployed if table.get("TableType") == "VIRTUAL_VIEW"]
    names = {table["Name"] for table in deployed} - set(views)
    stored = next(one["ViewOriginalText"] for one in deployed if one["Name"] == "usage_daily")
    file = at.sam.project / "src" / "claude_admin_lake" / "catalog" / "views" / "usage_daily.sql"
    definition = json.loads(base64.b64decode(stored.removeprefix("/* Presto View: ")[:-3]))
    check((definition["originalSql"], definition["schema"]), (file.read_text().rstrip(), database))
    check(names, {table.name for table in CATALOG})
    users = at.stack.asked("SELECT count(*) FROM users")
    check(users, str(len(at.api.truth("users"))))
    day = at.expected_cursors["cost_report"]
    cents = sum(Decimal(one["amount"]) for one in at.api.truth("cost_report", day))
    spent = f"SELECT sum(CAST(amount_usd AS decimal(38,12))) FROM cost_report WHERE date = '{day}'"
    check(Decimal(at.stack.asked(spent)), cents / 100)
    return f"{len(names)} tables, {len(views)} views; {users} users, ${cents / 100:.2f} on {day}"


def runs_every_alarm_on_a_metric_that_is_there(at: Proof) -> str:
    """Each custom alarm's namespace, metric name and dimensions appear in the log's metrics."""
    emitted = {
        (block["Namespace"], metric["Name"], tuple((d, document[d]) for d in dimensions))
        for document in at.stack.metrics()
        for block in document["_aws"]["CloudWatchMetrics"]
        for metric in block["Metrics"]
        for dimensions in block["Dimensions"]
    }
    alarms = at.stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    own = [one for one in alarms if not one["Namespace"].startswith("AWS/")]
    for alarm in own:
        dimensions = tuple((d["Name"], d["Value"]) for d in alarm["Dimensions"])
        check((alarm["Namespace"], alarm["MetricName"], dimensions) in emitted)
    files = (ROOT / name for name in ("template.yaml", "reporter.yaml"))
    written = sum(file.read_text("utf-8").count("AWS::CloudWatch::Alarm") for file in files)
    check(len(alarms), written)
    return f"{len(alarms)} alarms, {len(emitted)} series emitted"


def waits_for_another_run(at: Proof) -> str:
    """A busy run sends no API request; the state machine retries until the other run ends."""
    at.stack.lend("another", expires=time.time() + 900)
    asked = at.api.count()
    check(at.stack.call({})["status"], "busy")
    check(at.api.count(), asked)
    execution = at.stack.start({"tables": ["organization"]})
    until("a wait for the other run", lambda: "WaitForOthers" in at.stack.entered(execution))
    at.stack.lend("another", expires=0)
    ended, states = at.stack.finished(execution)
    check(ended, "SUCCEEDED")
    return " > ".join(states)


def loads_a_range_by_hand(at: Proof) -> str:
    """The function runs every file of events/, the first one by `sam remote invoke`."""
    before = at.stack.cursors()
    files = sorted((at.sam.project / "events").glob("*.json"))
    shown = []
    for file in files:
        by_sam = file == files[0]  # the command needs seconds to start
        event = json.loads(file.read_text())
        answer = at.stack.call_by_sam(file) if by_sam else at.stack.call(event)
        shown.append(f"{file.name}: {answer.get('status')}")
    check(at.stack.cursors(), before)
    for execution in at.stack.executions():  # of since.json: its load goes on by itself
        at.stack.finished(execution, 180)
    return ", ".join(shown) or "no events/"
