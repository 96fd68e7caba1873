"""What the report says about costs, each number from one SQL statement."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .period import between
from .questions import Questions

if TYPE_CHECKING:
    from .period import Days
    from .questions import Found

_MODEL = "coalesce(model, cost_type, 'unspecified')"
_WORKSPACE = "organization, workspace_id AS id"
_AS_MODEL = f"NULL AS organization, {_MODEL} AS id"


class SpendNumbers(Questions):
    """Costs by day, workspace, model and key, and how they changed."""

    @cached_property
    def by_organization(self) -> Found:
        """Cost of the period, its last week and the week before, by organization."""
        return self._spend_by("organization, organization AS id", "organization")

    @cached_property
    def spend(self) -> Found:
        """Cost of the period, of its last day and week, of the month, and of what came before."""
        at = self.period
        sums = {
            "cost": (at.start, at.end), "yesterday": (at.end, at.end), "week": at.week,
            "before": at.week_before, "month": at.month, "month_before": at.month_before,
        }  # fmt: skip
        columns = ",\n  ".join(f"{_sum(days)} AS {name}" for name, days in sums.items())
        return self._ask(
            f"SELECT\n  {columns}\nFROM cost_daily WHERE {between('day', at.all_days)}"
        )

    @cached_property
    def by_workspace(self) -> Found:
        """Cost of the period, its last week and the week before, by workspace."""
        return self._spend_by(_WORKSPACE, "workspace_name")

    @cached_property
    def by_model(self) -> Found:
        """Cost of the period, its last week and the week before, by model.

        A cost without a model is listed under its kind, such as `web_search`.
        """
        return self._spend_by(_AS_MODEL, _MODEL)

    @cached_property
    def workspace_days(self) -> Found:
        """Cost by day and workspace."""
        return self._by_day(_WORKSPACE)

    @cached_property
    def model_days(self) -> Found:
        """Cost by day and model."""
        return self._by_day(_AS_MODEL)

    def _spend_by(self, identity: str, name: str) -> Found:
        at = self.period
        return self._labelled(
            f"SELECT {identity}, max({name}) AS name,\n"
            f"  {_sum((at.start, at.end))} AS cost,\n"
            f"  {_sum(at.week)} AS week,\n  {_sum(at.week_before)} AS before\n"
            f"FROM cost_daily WHERE {between('day', at.recent_days)}\n"
            "GROUP BY 1, 2 ORDER BY cost DESC NULLS LAST, name, 1, 2"
        )

    def _by_day(self, identity: str) -> Found:
        return self._ask(
            f"SELECT {identity}, day, sum(cost_usd) AS value FROM cost_daily\n"
            f"WHERE {self._in} AND cost_usd IS NOT NULL GROUP BY 1, 2, day"
        )

    @cached_property
    def cells(self) -> Found:
        """Cost by day, workspace, model and key: what the page filters."""
        return self._ask(
            f"SELECT organization, workspace_id, {_MODEL} AS model, api_key_id, day,\n"
            f"  sum(cost_usd) AS value FROM cost_by_api_key\nWHERE {self._in} "
            "AND cost_usd IS NOT NULL GROUP BY 1, 2, 3, 4, 5"
        )

    @cached_property
    def left_out(self) -> Found:
        """Rows and amounts in other currencies than US dollars, by currency."""
        return self._ask(
            "SELECT currency, sum(rows_without_usd) AS n, sum(amount) AS amount "
            f"FROM cost_daily WHERE {self._in} AND rows_without_usd > 0 "
            "GROUP BY currency ORDER BY 1"
        )

    @cached_property
    def keys(self) -> Found:
        """Cost by API key, most expensive first; unallocated cost is one row without an id."""
        return self._labelled(
            "SELECT CASE WHEN api_key_id IS NOT NULL THEN organization END AS organization,\n"
            "  api_key_id AS id, max(api_key_name) AS name, max(creator_name) AS creator,\n"
            "  CASE WHEN count(DISTINCT coalesce(workspace_id, '')) = 1 "
            "THEN max(workspace_name) ELSE 'several' END AS workspace,\n  sum(cost_usd) AS cost, "
            "sum(CASE WHEN allocation = 'direct' THEN cost_usd ELSE 0 END) AS direct\n"
            f"FROM cost_by_api_key WHERE {self._in} AND cost_usd IS NOT NULL\n"
            "GROUP BY 1, 2 ORDER BY cost DESC, name, 1, 2"
        )

    @cached_property
    def unallocated(self) -> Found:
        """Unallocated cost, by reason."""
        return self._ask(
            f"SELECT reason, sum(cost_usd) AS cost FROM cost_by_api_key WHERE {self._in}\n"
            "AND api_key_id IS NULL AND cost_usd IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1"
        )

    @cached_property
    def moves(self) -> Found:
        """Each workspace's cost in the last whole week against the week before, and why."""
        return self._labelled(
            "SELECT organization, workspace_id AS id, workspace_name AS name, first_day,\n"
            "  previous_usd, cost_usd, change_usd, volume_usd, price_usd, mix_usd\n"
            "FROM cost_changes WHERE period = 'week' AND change_usd <> 0 "
            f"AND first_day = DATE '{self.period.whole_week}'\n"
            "ORDER BY abs(change_usd) DESC, name, organization, workspace_id"
        )

    @cached_property
    def anomalies(self) -> Found:
        """Days of the last week on which a workspace cost more than expected."""
        return self._labelled(
            "SELECT organization, workspace_id AS id, workspace_name AS name, day, cost_usd, "
            f"expected_usd\nFROM cost_anomalies WHERE {between('day', self.period.week)} "
            "AND direction = 'high'\n"
            "ORDER BY day DESC, cost_usd - expected_usd DESC, organization, workspace_id"
        )

    @cached_property
    def key_weeks(self) -> Found:
        """Cost of the last week and of the week before, by API key."""
        at = self.period
        return self._labelled(
            "SELECT organization, api_key_id AS id, max(api_key_name) AS name,\n"
            f"  {_sum(at.week)} AS week,\n  {_sum(at.week_before)} AS before\n"
            f"FROM cost_by_api_key WHERE {between('day', at.recent_days)} "
            "AND api_key_id IS NOT NULL GROUP BY 1, 2 ORDER BY name, 1, 2"
        )


def _sum(days: Days | None) -> str:
    """Return SQL for the cost of some days; null without days to compare with."""
    if days is None:
        return "CAST(NULL AS decimal(38,12))"
    zero = "CAST(0 AS decimal(38,12))"
    return f"coalesce(sum(CASE WHEN {between('day', days)} THEN cost_usd END), {zero})"
