"""The catalog's tables: one for each prefix of the lake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from claude_admin_lake.lake.keys import LOAD_RUNS as LOAD_RUNS_PREFIX
from claude_admin_lake.parsers import EARLIEST_DAY
from claude_admin_lake.tables import LOAD_RUNS, TABLES, Column, Table
from claude_admin_lake.tables.types import STRING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY = Column("date", STRING, "UTC day, YYYY-MM-DD; limit it in every query")
_SNAPSHOT_DAY = Column("snapshot_date", STRING, "UTC day of the snapshot, YYYY-MM-DD")
_RUN_DAY = Column("date", STRING, "UTC day of the run, YYYY-MM-DD")

RANGE = f"{EARLIEST_DAY},NOW"
"""The projected days, from the earliest that the loader accepts to today; needs no maintenance."""


@dataclass(frozen=True, kw_only=True)
class CatalogTable:
    """A table in SQL: a prefix, columns and, for daily data, a partition column."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    partition: Column | None = None

    @property
    def prefix(self) -> str:
        """The prefix of its objects, below the lake's prefix."""
        return f"{self.name}/"

    @property
    def projection(self) -> dict[str, str]:
        """The table properties that tell Athena which partitions exist."""
        if self.partition is None:
            return {}
        column = f"projection.{self.partition.name}"
        return {
            "projection.enabled": "true",
            f"{column}.type": "date",
            f"{column}.format": "yyyy-MM-dd",
            f"{column}.range": RANGE,
            f"{column}.interval": "1",
            f"{column}.interval.unit": "DAYS",
        }


def _of(table: Table) -> Iterator[CatalogTable]:
    if table.days:
        yield CatalogTable(
            name=table.name, comment=table.about, columns=table.columns, partition=_DAY
        )
        return
    yield CatalogTable(name=table.name, comment=table.about, columns=table.columns)
    yield CatalogTable(
        name=f"{table.name}_history",
        comment=f"{table.about}: every day's snapshot",
        columns=table.columns,
        partition=_SNAPSHOT_DAY,
    )


CATALOG: tuple[CatalogTable, ...] = (
    *(one for table in TABLES for one in _of(table)),
    CatalogTable(
        name=LOAD_RUNS_PREFIX,
        comment="What each run did with each table",
        columns=LOAD_RUNS,
        partition=_RUN_DAY,
    ),
)
BY_NAME = {table.name: table for table in CATALOG}
