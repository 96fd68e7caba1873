"""Test step: three organizations in one stack, none delayed or failed by another."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from admin_double import AdminDouble, Neighbours, Organization
from e2e.context import DATED, check
from e2e.deployment import Stack, until

if TYPE_CHECKING:
    from e2e.context import Proof

NAMES = ("healthy", "revoked", "newcomer")
A_YEAR = 365


def loads_three_organizations_side_by_side(at: Proof) -> str:
    """One is up to date, one has a revoked key, one begins a year ago: one event loads them."""
    apis = {name: _api(seed, name) for seed, name in enumerate(NAMES, 1)}
    apis["revoked"].keys.clear()
    with Neighbours(*apis.values()) as neighbours:
        stack = Stack(at.account, at.sam, "umbrella-lake").deploy(
            AdminApiBaseUrl=neighbours.url, StartDate=str(at.today - timedelta(days=A_YEAR)),
            Organizations=",".join(NAMES), RequestsPerMinute="900", FunctionTimeout="20",
        )  # fmt: skip
        keys = {name: {"api_key": _key(name)} for name in NAMES}
        stack.set_key(json.dumps({"organizations": keys}))
        queue = _announcements(stack)
        for table in DATED:
            _put_cursor(stack, "healthy", table, str(at.today - timedelta(days=2)))
        result = stack.call({})
        ended = _ended(stack, result)
        told = _told(stack, queue)
        message = until("the revoked one in the queue", stack.messages)[0]
        stack.delete()
    check({name: one[0] for name, one in ended.items()}, dict(zip(NAMES, _WANTED, strict=True)))
    check(ended["healthy"][1].count("Load"), 1)
    check(ended["newcomer"][1].count("Load") >= 2)
    check((message["event"]["organization"], "401" in str(message["error"])), ("revoked", True))
    check(sorted((one["organization"], one["status"]) for one in told), _ANNOUNCED)
    calls = {name: states.count("Load") for name, (_, states) in ended.items()}
    return f"calls: {calls}; announced: {len(told)}"


_WANTED = ("SUCCEEDED", "FAILED", "SUCCEEDED")
_ANNOUNCED = [("healthy", "complete"), ("newcomer", "complete")]


def _api(seed: int, name: str) -> AdminDouble:
    first_day = datetime.now(UTC).date() - timedelta(days=A_YEAR)
    api = AdminDouble(Organization(seed=seed, users=5, workspaces=2, first_day=first_day))
    api.keys.clear()
    api.keys.add(_key(name))
    return api


def _key(name: str) -> str:
    return f"sk-ant-admin01-{name}"


def _put_cursor(stack: Stack, organization: str, table: str, day: str) -> None:
    item = {"organization": organization, "table_name": table, "date": day}
    stack.client("dynamodb").put_item(
        TableName=stack.outputs["CursorTableName"],
        Item={name: {"S": value} for name, value in item.items()},
    )


def _ended(stack: Stack, result: Any) -> dict[str, tuple[str, list[str]]]:
    check(result["status"], "started")
    return {
        name: stack.finished(one["execution"], 180) for name, one in result["organizations"].items()
    }


def _announcements(stack: Stack) -> str:
    """A queue that gets the account's events `Lake Loaded`, by a rule as in the docs."""
    sqs, events = stack.client("sqs"), stack.client("events")
    url = str(sqs.create_queue(QueueName="announcements")["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = {"source": ["claude-admin-lake"], "detail-type": ["Lake Loaded"]}
    events.put_rule(Name="loaded", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="loaded", Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}])
    return url


def _told(stack: Stack, queue: str) -> list[Any]:
    """The details of all events in the queue."""
    sqs, details = stack.client("sqs"), []
    while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            details.append(json.loads(message["Body"])["detail"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return details
