"""How the report asks: one SQL statement over the views for each number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from claude_admin_lake.analysis.safe import visible

from .labels import labelled

if TYPE_CHECKING:
    from claude_admin_lake.analysis.engine import Engine

    from .period import Period

Record = dict[str, Any]

_SEEN = ("freshness", "cost_daily", "usage_daily", "claude_code_daily")


@dataclass(frozen=True)
class Found:
    """The result of a statement, with the statement, so that the page can show it."""

    sql: str
    records: list[Record]

    @property
    def one(self) -> Record:
        """The only record."""
        (record,) = self.records
        return record


class Questions:
    """Asks a lake about a period."""

    def __init__(self, engine: Engine, period: Period) -> None:
        self._engine, self.period = engine, period
        self._in = period.sql()

    def _ask(self, sql: str) -> Found:
        return Found(sql, [_shown(one) for one in self._engine.query(sql).records()])

    def _labelled(self, sql: str) -> Found:
        """Return records with a `label` that nothing else has."""
        found = self._ask(sql)
        return Found(sql, labelled(found.records, several=self.several))

    @cached_property
    def organizations(self) -> dict[str, str | None]:
        """Every organization in the lake, with its own name if that was loaded."""
        seen = " UNION ".join(f"SELECT organization, NULL FROM {view}" for view in _SEEN)
        found = self._ask(
            "SELECT organization, max(name) AS name FROM (SELECT organization, name FROM "
            f"organization UNION {seen}) AS known WHERE organization IS NOT NULL "
            "GROUP BY organization ORDER BY organization"
        )
        return {one["organization"]: one["name"] for one in found.records}

    @property
    def several(self) -> bool:
        """True if the lake has more than one organization."""
        return len(self.organizations) > 1

    @property
    def organization(self) -> str:
        """The organization's name, or how many there are."""
        if self.several:
            return f"{len(self.organizations)} organizations"
        return next(filter(None, self.organizations.values()), "Organization")


def _shown(record: Record) -> Record:
    """Return a record whose texts have no control characters."""
    return {
        name: visible(value) if isinstance(value, str) else value for name, value in record.items()
    }
