"""Prints a run's metrics in the embedded metric format, which CloudWatch reads from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from claude_admin_lake.metrics import FAILED, METRICS, REFUSED_EVENTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from claude_admin_lake.metrics import Metric
    from claude_admin_lake.run.result import Result

DEFAULT_NAMESPACE = "ClaudeAdminLake"
"""The default, overridden by POWERTOOLS_METRICS_NAMESPACE."""

ALL_TABLES = "all"
"""The value of the dimension `table` for a run's totals."""

Values = dict["Metric", float]


def emit(result: Result, tables: Collection[str], namespace: str) -> None:
    """Print the metrics of a run.

    Args:
        result: The run's result; a busy run has no metrics.
        tables: The tables that are loaded daily.
        namespace: CloudWatch's namespace of the stack.
    """
    if not result.outcomes:
        return
    for table, values in _lines(result, tables):
        _print(table, values, namespace)


def emit_failure(namespace: str) -> None:
    """Print the metric of a run that could not begin."""
    _print(ALL_TABLES, {FAILED: 1}, namespace)


def emit_refused_event(namespace: str) -> None:
    """Print the metric of an announcement that was rejected."""
    _print(ALL_TABLES, {REFUSED_EVENTS: 1}, namespace)


def _lines(result: Result, tables: Collection[str]) -> Iterator[tuple[str, Values]]:
    yield ALL_TABLES, _known({one: one.total(result, tables) for one in METRICS})
    for outcome in result.outcomes:
        yield (
            outcome.table,
            _known({one: one.by_table(outcome, result) for one in METRICS if one.by_table}),
        )


def _known(values: Mapping[Metric, float | None]) -> Values:
    return {metric: value for metric, value in values.items() if value is not None}


def _print(table: str, values: Values, namespace: str) -> None:
    """Print metrics under one value of the dimension `table`."""
    if not values:
        return
    # The service is left empty: it would become a second dimension, which would match no alarm.
    metrics = EphemeralMetrics(namespace=namespace, service="")
    metrics.add_dimension("table", table)
    for metric, value in values.items():
        metrics.add_metric(metric.name, MetricUnit(metric.unit.value), float(value))
    metrics.flush_metrics()
