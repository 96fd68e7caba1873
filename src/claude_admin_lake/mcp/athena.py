"""Runs statements in Athena, with the caller's own rights and within the workgroup's limits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from claude_admin_lake.analysis.dialect import parse
from claude_admin_lake.analysis.errors import AnalysisError, BadQuery

from .answers import Found, clean, plain
from .coverage import Coverage, covering
from .errors import Stopped

if TYPE_CHECKING:
    from sqlglot import exp

    from claude_admin_lake.clock import Clock

_ENDED = {"SUCCEEDED", "FAILED", "CANCELLED"}
_PAUSE = 0.5
_MOST = 1_000
"""Rows of one page of results (Athena API reference, GetQueryResults)."""
_INTEGERS = ("tinyint", "smallint", "integer", "bigint")


class AthenaBackend:
    """Statements over the database of a deployment. The workgroup sets where results are stored
    and how many bytes a statement may scan."""

    def __init__(self, workgroup: str, database: str, seconds: float, clock: Clock) -> None:
        try:
            self._client: Any = boto3.client("athena")
        except BotoCoreError as error:
            raise AnalysisError(f"cannot use Athena: {error}") from error
        self._workgroup, self._database = workgroup, database
        self._seconds, self._clock = seconds, clock

    def query(self, tree: exp.Query, rows: int, today: date) -> Found:  # noqa: ARG002 - Athena knows the day
        """See Backend."""
        try:
            started = self._client.start_query_execution(
                QueryString=tree.sql("athena"),
                QueryExecutionContext={"Database": self._database},
                WorkGroup=self._workgroup,
            )
            self._wait(started["QueryExecutionId"])
            return self._found(started["QueryExecutionId"], rows)
        except (BotoCoreError, ClientError) as error:
            raise BadQuery(f"Athena: {error}") from error

    def coverage(self, tables: set[str]) -> list[Coverage]:
        """See Backend. Reading the days themselves would scan whole tables; `freshness` has the
        last day and the gaps."""
        return [one for one in self._freshness() if one.table in tables]

    def _freshness(self) -> list[Coverage]:
        sql = "SELECT organization, table_name, last_complete_day, gaps FROM freshness"
        rows = self.query(parse(sql), _MOST - 2, date.min).rows
        return [
            covering(table, organization, None, date.fromisoformat(last), _split(gaps))
            for organization, table, last, gaps in rows
            if last
        ]

    def close(self) -> None:
        """Nothing to free."""

    def _wait(self, execution: str) -> None:
        deadline = self._clock.elapsed() + self._seconds
        while True:
            answer = self._client.get_query_execution(QueryExecutionId=execution)
            status = answer["QueryExecution"]["Status"]
            if status["State"] in _ENDED:
                break
            if self._clock.elapsed() > deadline:
                self._client.stop_query_execution(QueryExecutionId=execution)
                raise Stopped(f"the statement was stopped after {self._seconds:g} seconds")
            self._clock.sleep(_PAUSE)
        if status["State"] != "SUCCEEDED":
            raise BadQuery(f"Athena: {status.get('StateChangeReason', status['State'])}")

    def _found(self, execution: str, rows: int) -> Found:
        """The first rows of a result; its first row repeats the names of the columns."""
        paginator = self._client.get_paginator("get_query_results")
        paging = {"PageSize": min(_MOST, rows + 2), "MaxItems": rows + 2}
        pages = list(paginator.paginate(QueryExecutionId=execution, PaginationConfig=paging))
        info = pages[0]["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        columns = [(one["Name"], one["Type"]) for one in info]
        found = [
            [
                _value(cell.get("VarCharValue"), kind)
                for cell, (_, kind) in zip(row["Data"], columns, strict=True)
            ]
            for row in [row for page in pages for row in page["ResultSet"]["Rows"]][1:]
        ]
        return Found(columns, found[:rows], len(found) > rows)


def _value(text: str | None, kind: str) -> Any:
    """A cell, which Athena sends as text. Only values that JSON represents exactly become
    numbers."""
    if text is None:
        return None
    if kind in _INTEGERS:
        return plain(int(text))
    if kind == "double":
        return plain(float(text))
    if kind == "boolean":
        return text == "true"
    return plain(Decimal(text)) if kind == "decimal" else clean(text)


def _split(gaps: str | None) -> list[str]:
    return gaps.split(", ") if gaps else []
