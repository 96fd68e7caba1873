"""Metrics of a run: CloudWatch's embedded metric format on standard output, by table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from claude_admin_lake.run.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from claude_admin_lake.run.outcome import Outcome, Result

DEFAULT_NAMESPACE = "ClaudeAdminLake"
"""Where POWERTOOLS_METRICS_NAMESPACE does not say otherwise."""

ALL_TABLES = "all"
"""The value of the dimension `table` under which a run's totals go."""

METRICS = {
    "Rows": MetricUnit.Count,
    "ObjectsWritten": MetricUnit.Count,
    "ObjectsUnchanged": MetricUnit.Count,
    "BytesWritten": MetricUnit.Bytes,
    "RestatedDays": MetricUnit.Count,
    "Requests": MetricUnit.Count,
    "Retries": MetricUnit.Count,
    "WaitSeconds": MetricUnit.Seconds,
    "DurationSeconds": MetricUnit.Seconds,
    "CursorLagDays": MetricUnit.Count,
    "NotYetDays": MetricUnit.Count,
    "Gaps": MetricUnit.Count,
    "Drift": MetricUnit.Count,
    "Forbidden": MetricUnit.Count,
    "Failed": MetricUnit.Count,
    "Unfinished": MetricUnit.Count,
}
"""Every metric and its unit. All are sums, but CursorLagDays, whose total is the largest."""


def emit(result: Result, namespace: str) -> None:
    """Print the metrics of a run that has held the lease; a busy run has none."""
    by_table = {one.table: measures(one, result) for one in result.outcomes}
    for table, values in by_table.items():
        emit_metrics(table, values, namespace)
    if by_table:
        emit_metrics(ALL_TABLES, totals(by_table.values(), result.idle_lag), namespace)


def emit_failure(namespace: str) -> None:
    """Print the metric of a run that could not even begin."""
    emit_metrics(ALL_TABLES, {"Failed": 1}, namespace)


def measures(one: Outcome, result: Result) -> dict[str, float]:
    """A table's metrics; a snapshot has no cursor and so no lag."""
    lag = one.lag(result.request.now)
    finished = one.finished or one.started
    values: dict[str, float] = {
        "Rows": one.rows,
        "ObjectsWritten": one.objects_written,
        "ObjectsUnchanged": one.objects_unchanged,
        "BytesWritten": one.bytes,
        "RestatedDays": len(one.restated),
        "Requests": one.meter.requests,
        "Retries": one.meter.retries,
        "WaitSeconds": one.meter.wait_seconds,
        "DurationSeconds": (finished - one.started).total_seconds(),
        "NotYetDays": len(one.plan.not_yet),
        "Gaps": len(one.gaps),
        "Drift": len(one.drift),
        "Forbidden": one.status is Status.FORBIDDEN,
        "Failed": one.status is Status.FAILED,
        "Unfinished": one.status is Status.UNFINISHED,
    }
    return values if lag is None else {**values, "CursorLagDays": lag}


def totals(tables: Iterable[dict[str, float]], idle_lag: int) -> dict[str, float]:
    """The metrics of all tables together; the lag is the largest, other tables' included."""
    found = list(tables)
    values = {name: sum(one.get(name, 0) for one in found) for name in METRICS}
    lags = [one["CursorLagDays"] for one in found if "CursorLagDays" in one]
    return {**values, "CursorLagDays": max(idle_lag, *lags, 0)}


def emit_metrics(table: str, values: dict[str, float], namespace: str) -> None:
    """Print metrics under one value of the dimension `table`."""
    # The service is left empty: it would become a second dimension, which no alarm expects.
    metrics = EphemeralMetrics(namespace=namespace, service="")
    metrics.add_dimension("table", table)
    for name, value in values.items():
        metrics.add_metric(name, METRICS[name], float(value))
    metrics.flush_metrics()
