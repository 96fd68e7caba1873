"""The catalog's tables: one for each prefix of the lake."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from claude_admin_lake.lake.keys import LOAD_RUNS as LOAD_RUNS_PREFIX
from claude_admin_lake.own import OWN_TABLES
from claude_admin_lake.parsers import EARLIEST_DAY
from claude_admin_lake.tables import LOAD_RUNS, TABLES, Column, Table
from claude_admin_lake.tables.table import FIRST_SEEN, LAST_SEEN
from claude_admin_lake.tables.types import STRING

if TYPE_CHECKING:
    from collections.abc import Iterator

ORGANIZATION = Column("organization", STRING, "Name of the organization in this lake")
_DAY = Column("date", STRING, "UTC day, YYYY-MM-DD; limit it in every query")
_SNAPSHOT_DAY = Column("snapshot_date", STRING, "UTC day of the snapshot, YYYY-MM-DD")
_SEEN = (
    Column(FIRST_SEEN, STRING, "UTC day of the first snapshot that has it, YYYY-MM-DD"),
    Column(LAST_SEEN, STRING, "UTC day of the last snapshot that has it, YYYY-MM-DD"),
)
_RUN_DAY = Column("date", STRING, "UTC day of the run, YYYY-MM-DD")

RANGE = f"{EARLIEST_DAY},NOW"
"""The projected days, from the earliest that the loader accepts to today; needs no maintenance."""


@dataclass(frozen=True, kw_only=True)
class CatalogTable:
    """A table in SQL: a prefix, columns, and a partition for each organization.

    Within an organization's partition, `by_day` is the partition by day of daily data. `group` is
    the group in which it can be chosen for loading. A table that a person keeps (`is_own`) is one
    file for all organizations: it has no partitions, and `organization` is a column.
    """

    name: str
    comment: str
    columns: tuple[Column, ...]
    by_day: Column | None = None
    group: str | None = None
    is_own: bool = False

    @property
    def prefix(self) -> str:
        """The prefix of its objects, below the lake's prefix."""
        return f"{self.name}/"

    @property
    def partitions(self) -> tuple[Column, ...]:
        """The partition columns, in the order of the keys."""
        if self.is_own:
            return ()
        return (ORGANIZATION, self.by_day) if self.by_day else (ORGANIZATION,)

    @property
    def projection(self) -> dict[str, str]:
        """The table properties that tell Athena which partitions exist.

        The names of the organizations are missing: only a deployment knows them.
        """
        enabled = {"projection.enabled": "true", "projection.organization.type": "enum"}
        if self.by_day is None:
            return enabled
        column = f"projection.{self.by_day.name}"
        return enabled | {
            f"{column}.type": "date",
            f"{column}.format": "yyyy-MM-dd",
            f"{column}.range": RANGE,
            f"{column}.interval": "1",
            f"{column}.interval.unit": "DAYS",
        }


def _of(table: Table) -> Iterator[CatalogTable]:
    current = CatalogTable(
        name=table.name, comment=table.about, columns=table.columns, group=table.group
    )
    if table.days:
        yield replace(current, by_day=_DAY)
        return
    yield current
    yield CatalogTable(
        name=f"{table.name}_history",
        comment=f"{table.about}: every day's snapshot",
        columns=table.columns,
        by_day=_SNAPSHOT_DAY,
    )
    if table.remembered:
        yield CatalogTable(
            name=f"{table.name}_seen",
            comment=f"{table.about}: every record ever seen, as last known",
            columns=(*table.columns, *_SEEN),
        )


CATALOG: tuple[CatalogTable, ...] = (
    *(one for table in TABLES for one in _of(table)),
    CatalogTable(
        name=LOAD_RUNS_PREFIX,
        comment="What each run did with each table",
        columns=LOAD_RUNS,
        by_day=_RUN_DAY,
    ),
    *(
        CatalogTable(name=own.name, comment=own.comment, columns=own.columns, is_own=True)
        for own in OWN_TABLES
    ),
)
BY_NAME = {table.name: table for table in CATALOG}
