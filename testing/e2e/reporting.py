"""Test steps: a loaded lake leads to a report, a digest and an answer for the dashboard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from e2e.context import check
from e2e.deployment import Stack, until

if TYPE_CHECKING:
    from e2e.context import Proof

TOLD = "reports/main/told.json"
PAGE = "reports/main/report.html"


def reports_when_a_load_has_ended(at: Proof) -> str:
    """The event `Lake Loaded` starts the reporter: a page, a digest and a widget's answer."""
    stack, s3 = at.stack, at.stack.client("s3")
    until("the report of an earlier load", lambda: _has(stack, TOLD), 120)
    for key in (TOLD, PAGE):
        s3.delete_object(Bucket=stack.bucket, Key=key)
    queue = _subscribed(stack)
    ended, _ = stack.finished(stack.start({"tables": ["organization"]}))
    check(ended, "SUCCEEDED")
    until("a report", lambda: _has(stack, PAGE) and _has(stack, TOLD), 120)
    page = s3.get_object(Bucket=stack.bucket, Key=PAGE)["Body"].read().decode()
    check("Biggest movers" in page and "All tables are current" in page)
    mails = until("a digest", lambda: _received(stack, queue))
    check([one["Subject"].endswith(" this month") for one in mails][-1:], [True])
    shown = _shown(stack, {"widget": "spend", "widgetContext": {"theme": "dark"}})
    check(shown.startswith('<div class="lake dark">') and "<svg" in shown)
    _stop_reporting(stack)
    return f"{len(page) / 1000:.0f} kB, {mails[-1]['Subject']!r}, a widget of {len(shown)} bytes"


def _has(stack: Stack, key: str) -> bool:
    found = stack.client("s3").list_objects_v2(Bucket=stack.bucket, Prefix=key)
    return found["KeyCount"] == 1


def _subscribed(stack: Stack) -> str:
    sqs, sns = stack.client("sqs"), stack.client("sns")
    url = str(sqs.create_queue(QueueName="digest")["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    topic = stack.outputs["DigestTopicArn"]
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [allowed]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    return url


def _received(stack: Stack, queue: str) -> list[Any]:
    found = stack.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    return [json.loads(one["Body"]) for one in found.get("Messages", [])]


def _stop_reporting(stack: Stack) -> None:
    """A report occupies the emulated S3, so that the loads of later steps would run out of time."""
    events = stack.client("events")
    (rule,) = [
        one["Name"]
        for one in events.list_rules()["Rules"]
        if one.get("Description") == f"Starts the reporter of {stack.name} when a load has ended"
    ]
    events.disable_rule(Name=rule)


def _shown(stack: Stack, event: dict[str, Any]) -> str:
    """The answer of the function that the dashboard names."""
    name = stack.outputs["DashboardUrl"].rpartition("/")[2]
    body = stack.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
    widgets = json.loads(body)["widgets"]
    endpoint = next(one["properties"]["endpoint"] for one in widgets if one["type"] == "custom")
    answer = stack.client("lambda").invoke(FunctionName=endpoint, Payload=json.dumps(event))
    return str(json.loads(answer["Payload"].read()))
