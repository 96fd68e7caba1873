"""Every number of the report, each from one SQL statement over the views."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .period import between
from .spend_numbers import SpendNumbers
from .use_numbers import UseNumbers

if TYPE_CHECKING:
    from .questions import Found


class Numbers(SpendNumbers, UseNumbers):
    """The query results for a period."""

    @cached_property
    def outlooks(self) -> Found:
        """Month to date, forecast and budget; organizations first, then what has used most."""
        return self._labelled(
            f"SELECT * FROM budget_status WHERE month = DATE '{self.period.month[0]}'\n"
            "ORDER BY CASE scope WHEN 'organization' THEN 0 ELSE 1 END, used_share DESC, name, id"
        )

    @cached_property
    def reconciled(self) -> Found:
        """Usage times price in a week that is no longer restated much, and what the bill differs by
        without a known reason."""
        first, last = self.period.settled_week
        off = "reason IN ('other price', 'unknown')"
        return self._ask(
            f"SELECT DATE '{first}' AS first_day, DATE '{last}' AS last_day,\n"
            "  coalesce(sum(expected_usd), 0) AS expected_usd,\n"
            f"  coalesce(sum(CASE WHEN {off} THEN abs(difference_usd) END), 0) AS unexplained_usd\n"
            f"FROM reconciliation WHERE {between('day', (first, last))}"
        )

    @cached_property
    def new_roles(self) -> Found:
        """Who joined the organization or changed role, as the last week's snapshots show."""
        return self._ask(
            "SELECT user_id, user_name, day, old_role, new_role FROM membership_changes\n"
            f"WHERE scope = 'organization' AND day > DATE '{self.period.week[0]}' "
            "AND new_role IS NOT NULL ORDER BY day, user_id"
        )

    @cached_property
    def freshness(self) -> Found:
        """How current each table is."""
        return self._ask("SELECT * FROM freshness ORDER BY organization, table_name")

    @cached_property
    def findings(self) -> Found:
        """The findings of the access review."""
        return self._ask(
            "SELECT * FROM access_review\n"
            "ORDER BY finding, organization, workspace_name, subject, subject_id"
        )
