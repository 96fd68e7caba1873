"""Every number of the report, each from one SQL statement over the views."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from .labels import labelled
from .period import between

if TYPE_CHECKING:
    from claude_admin_lake.analysis.engine import Engine

    from .period import Period

Record = dict[str, Any]


class Numbers:
    """The query results for a period."""

    def __init__(self, engine: Engine, period: Period) -> None:
        self._engine, self.period = engine, period
        self._in = period.sql()

    def _ask(self, sql: str) -> list[Record]:
        return self._engine.query(sql).records()

    @cached_property
    def organizations(self) -> dict[str, str | None]:
        """Every organization in the lake, with its own name if that was loaded."""
        seen = " UNION ".join(f"SELECT organization, NULL FROM {view}" for view in _SEEN)
        found = self._ask(
            "SELECT organization, max(name) AS name FROM (SELECT organization, name FROM "
            f"organization UNION {seen}) AS known WHERE organization IS NOT NULL "
            "GROUP BY organization ORDER BY organization"
        )
        return {one["organization"]: one["name"] for one in found}

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

    @cached_property
    def spend_by_organization(self) -> list[Record]:
        """The costs of each organization, most expensive first."""
        return self._ask(
            f"SELECT organization, {self._sums()} FROM cost_daily WHERE {self._touched()} "
            "GROUP BY organization ORDER BY cost DESC NULLS LAST, organization"
        )

    @cached_property
    def tokens_by_organization(self) -> dict[str, int]:
        """The input tokens of each organization."""
        return self._by_organization("sum(input_tokens)", "usage_daily")

    @cached_property
    def people_by_organization(self) -> dict[str, int]:
        """The people who used Claude Code in each organization."""
        return self._by_organization(f"count(DISTINCT {_PERSON})", "claude_code_daily")

    def _by_organization(self, value: str, view: str) -> dict[str, int]:
        found = self._ask(
            f"SELECT organization, {value} AS value FROM {view} WHERE {self._in} "
            "GROUP BY organization"
        )
        return {one["organization"]: one["value"] for one in found}

    @cached_property
    def spend(self) -> Record:
        """Cost of the period, of its last week, and of the week before."""
        return self._ask(f"SELECT {self._sums()} FROM cost_daily")[0]

    def spend_by(self, what: str) -> list[Record]:
        """The same costs for each workspace or model, most expensive first."""
        return self._labelled(
            f"SELECT {_IDENTITY[what]}, {self._sums()} FROM cost_daily "
            f"WHERE {self._touched()} GROUP BY 1, 2 ORDER BY cost DESC NULLS LAST, name, 1, 2"
        )

    def spend_by_day(self, what: str) -> list[Record]:
        """Cost by day, for each workspace or model."""
        return self._labelled(
            f"SELECT {_IDENTITY[what]}, day, sum(cost_usd) AS value FROM cost_daily "
            f"WHERE {self._in} AND cost_usd IS NOT NULL GROUP BY 1, 2, day"
        )

    def _labelled(self, sql: str) -> list[Record]:
        """Return records with a `label` that nothing else has."""
        return labelled(self._ask(sql), several=self.several)

    @cached_property
    def left_out(self) -> list[Record]:
        """Rows and amounts in other currencies than US dollars, by currency."""
        return self._ask(
            "SELECT currency, sum(rows_without_usd) AS n, sum(amount) AS amount "
            f"FROM cost_daily WHERE {self._in} AND rows_without_usd > 0 "
            "GROUP BY currency ORDER BY 1"
        )

    @cached_property
    def tokens(self) -> Record:
        """Tokens of the period by kind, and the cache-hit share."""
        return self._ask(f"SELECT {_KINDS}, {_HIT_SHARE} FROM usage_daily WHERE {self._in}")[0]

    @cached_property
    def tokens_by_day(self) -> list[Record]:
        """Tokens by kind, and the cache-hit share, for each day."""
        return self._ask(
            f"SELECT day, {_KINDS}, {_HIT_SHARE} FROM usage_daily WHERE {self._in} GROUP BY day"
        )

    @cached_property
    def keys(self) -> list[Record]:
        """Cost by API key, most expensive first; unallocated cost is one row without an id."""
        return self._labelled(
            "SELECT CASE WHEN api_key_id IS NOT NULL THEN organization END AS organization, "
            "api_key_id AS id, max(api_key_name) AS name, max(creator_name) AS creator, "
            "CASE WHEN count(DISTINCT coalesce(workspace_id, '')) = 1 THEN max(workspace_name) "
            "ELSE 'several' END AS workspace, sum(cost_usd) AS cost, "
            "sum(CASE WHEN allocation = 'direct' THEN cost_usd ELSE 0 END) AS direct "
            f"FROM cost_by_api_key WHERE {self._in} AND cost_usd IS NOT NULL "
            "GROUP BY 1, 2 ORDER BY cost DESC, name, 1, 2"
        )

    @cached_property
    def unallocated(self) -> list[Record]:
        """Unallocated cost, by reason."""
        return self._ask(
            f"SELECT reason, sum(cost_usd) AS cost FROM cost_by_api_key WHERE {self._in} "
            "AND api_key_id IS NULL AND cost_usd IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1"
        )

    @cached_property
    def adoption(self) -> list[Record]:
        """Claude Code by week, for all weeks that overlap the period."""
        days = self.period.bars[0], self.period.end
        return self._ask(
            f"SELECT first_day, {_WEEK} FROM claude_code_adoption WHERE period = 'week' "
            f"AND last_day >= DATE '{days[0]}' AND first_day <= DATE '{days[1]}' "
            "GROUP BY first_day ORDER BY first_day"
        )

    @cached_property
    def coding(self) -> Record:
        """Claude Code in the whole period."""
        return self._ask(
            f"SELECT count(DISTINCT organization || '/' || {_PERSON}) AS people, "
            "sum(sessions) AS sessions, sum(lines_added) AS lines_added, "
            "sum(lines_removed) AS lines_removed, sum(commits) AS commits, "
            "sum(pull_requests) AS pull_requests, sum(accepted) AS accepted, "
            "sum(rejected) AS rejected, CAST(sum(accepted) AS double) / "
            "nullif(sum(accepted + rejected), 0) AS acceptance, "
            f"sum(estimated_cost_usd) AS estimated FROM claude_code_daily WHERE {self._in}"
        )[0]

    @cached_property
    def tools(self) -> list[Record]:
        """Proposals accepted and rejected by tool."""
        return self._ask(
            "SELECT tool AS name, sum(accepted) AS accepted, sum(rejected) AS rejected, "
            "CAST(sum(accepted) AS double) / nullif(sum(accepted + rejected), 0) AS acceptance "
            f"FROM claude_code_by_tool WHERE {self._in} GROUP BY tool ORDER BY 2 DESC, 1"
        )

    @cached_property
    def acceptance_by_day(self) -> list[Record]:
        """Proposals made and accepted on each day."""
        return self._ask(
            "SELECT day, sum(accepted) AS accepted, sum(accepted + rejected) AS proposed "
            f"FROM claude_code_daily WHERE {self._in} GROUP BY day"
        )

    @cached_property
    def freshness(self) -> list[Record]:
        """How current each table is."""
        return self._ask("SELECT * FROM freshness ORDER BY organization, table_name")

    @cached_property
    def findings(self) -> list[Record]:
        """The findings of the access review."""
        return self._ask(
            "SELECT * FROM access_review "
            "ORDER BY finding, organization, workspace_name, subject, subject_id"
        )

    def _sums(self) -> str:
        week, before = self.period.week, self.period.week_before
        earlier = _sum(between("day", before)) if before else "CAST(NULL AS decimal(38,12))"
        return (
            f"{_sum(self._in)} AS cost, {_sum(between('day', week))} AS week, {earlier} AS before"
        )

    def _touched(self) -> str:
        """The date ranges of the sums."""
        first = min(self.period.start, (self.period.week_before or self.period.week)[0])
        return between("day", (first, self.period.end))


def _sum(condition: str) -> str:
    zero = "CAST(0 AS decimal(38,12))"
    return f"coalesce(sum(CASE WHEN {condition} THEN cost_usd END), {zero})"


_SEEN = ("freshness", "cost_daily", "usage_daily", "claude_code_daily")
_PERSON = "CASE WHEN actor_type = 'user_actor' THEN lower(actor) END"
_MODEL = "coalesce(model, cost_type, 'unspecified')"
_IDENTITY = {
    "workspace": "organization, workspace_id AS id, max(workspace_name) AS name",
    "model": f"NULL AS organization, {_MODEL} AS id, max({_MODEL}) AS name",
}
EACH = ("sessions", "lines_added", "commits", "pull_requests")
_WEEK = (
    "sum(active_users) AS active_users, sum(organization_users) AS organization_users, "
    "CAST(sum(active_users) AS double) / sum(organization_users) AS active_share, "
    "sum(lines_added) AS lines_added, sum(lines_removed) AS lines_removed, "
    "sum(commits) AS commits, "
) + ", ".join(
    f"sum({one}_per_user * active_users) / nullif(sum(active_users), 0) AS {one}_per_user"
    for one in EACH
)
_KINDS = (
    "sum(uncached_input_tokens) AS uncached, "
    "sum(cache_write_5m_tokens + cache_write_1h_tokens) AS written, "
    "sum(cache_read_tokens) AS cached, sum(output_tokens) AS output, sum(input_tokens) AS input"
)
_HIT_SHARE = "CAST(sum(cache_read_tokens) AS double) / nullif(sum(input_tokens), 0) AS hit_share"
