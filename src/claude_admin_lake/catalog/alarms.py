"""All alarms: those of the metrics list, and those on AWS's own metrics."""

from __future__ import annotations

import json
from textwrap import fill
from typing import TYPE_CHECKING

from msgspec import Struct

from claude_admin_lake.function.telemetry import ALL_TABLES
from claude_admin_lake.metrics import METRICS, Alarm, Watch

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMESPACE = "claude-admin-lake/${AWS::StackName}"

_SUM = Watch(statistic="Sum", period=300, periods=1, missing="notBreaching")
_MOST = Watch(statistic="Maximum", period=300, periods=1, missing="notBreaching")


class Watched(Struct, frozen=True, kw_only=True):
    """A metric and its alarm; `value` is the dimension's value as YAML."""

    namespace: str
    metric: str
    dimension: str
    value: str
    alarm: Alarm
    label: str = ""
    """The metric's name on the dashboard; empty if it is not shown."""


_OF_AWS = (
    Watched(
        namespace="AWS/Lambda",
        metric="Errors",
        dimension="FunctionName",
        value="!Ref LoadFunction",
        label="failed invocations",
        alarm=Alarm(
            name="FailedRunAlarm",
            means="A run failed; Lambda retries it twice",
            action="usually nothing: the next run retries what failed; the log has the reason",
            watch=_SUM,
        ),
    ),
    Watched(
        namespace="AWS/States",
        metric="ExecutionsFailed",
        dimension="StateMachineArn",
        value="!Ref LoadUntilDone",
        label="failed long loads",
        alarm=Alarm(
            name="FailedLongLoadAlarm",
            means="The state machine gave up on a load before it was complete",
            action="find and fix the cause, then start it again with the queued event",
            watch=_SUM,
        ),
    ),
    Watched(
        namespace="AWS/SQS",
        metric="ApproximateNumberOfMessagesVisible",
        dimension="QueueName",
        value="!GetAtt FailedRunsQueue.QueueName",
        alarm=Alarm(
            name="FailedRunsQueueAlarm",
            means="A run failed at every attempt; the queue of failed runs contains its event",
            action="fix the cause, invoke the function with the event, delete the message",
            watch=_MOST,
        ),
    ),
    Watched(
        namespace="AWS/SQS",
        metric="ApproximateNumberOfMessagesVisible",
        dimension="QueueName",
        value="!GetAtt UndeliveredScheduleQueue.QueueName",
        alarm=Alarm(
            name="UndeliveredScheduleAlarm",
            means="The schedule could not start the function",
            action="the message's attributes have the reason; fix it and delete the message",
            watch=_MOST,
        ),
    ),
)

_OWN = tuple(
    Watched(
        namespace=NAMESPACE,
        metric=metric.name,
        dimension="table",
        value=ALL_TABLES,
        alarm=alarm,
    )
    for metric in METRICS
    for alarm in metric.alarms
)

WATCHED = (*_OF_AWS, *_OWN)


_WIDTH = 147
_LAYOUT = """\
  {name}: {{ Type: AWS::CloudWatch::Alarm, Properties: {{
      {description},
      {properties} }} }}
"""


def alarm_yaml(one: Watched) -> str:
    """Render an alarm as a compact CloudFormation resource."""
    text = json.dumps(f"{one.alarm.means}. What to do: {one.alarm.action}.")
    lines = fill(f"AlarmDescription: {text}", _WIDTH, subsequent_indent=" " * 8)
    return _LAYOUT.format(
        name=one.alarm.name,
        description=lines,
        properties=",\n      ".join(in_lines(_properties(one), _WIDTH)),
    )


def _properties(one: Watched) -> list[str]:
    watch = one.alarm.watch
    values = {
        "Namespace": f'!Sub "{one.namespace}"' if "${" in one.namespace else one.namespace,
        "MetricName": one.metric,
        "Dimensions": f"[{{ Name: {one.dimension}, Value: {one.value} }}]",
        "Statistic": watch.statistic,
        "Period": watch.period,
        "EvaluationPeriods": _number(watch.periods),
        "DatapointsToAlarm": _number(watch.breaches),
        "Threshold": _number(watch.threshold),
        "ComparisonOperator": watch.comparison,
        "TreatMissingData": watch.missing,
        "AlarmActions": "[!Ref AlarmTopic]",
        "OKActions": "[!Ref AlarmTopic]",
    }
    return [f"{name}: {value}" for name, value in values.items()]


def _number(value: int | str) -> str:
    return f"!Ref {value}" if isinstance(value, str) else str(value)


def in_lines(pieces: Iterable[str], width: int) -> list[str]:
    """Join the pieces with commas, in as few lines of this width as possible."""
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + len(piece) + 2 <= width:
            lines[-1] += f", {piece}"
        else:
            lines.append(piece)
    return lines
