"""Every number of the report, each from one SQL statement over the views."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from claude_admin_lake.analysis.safe import visible

from .labels import labelled
from .period import between

if TYPE_CHECKING:
    from claude_admin_lake.analysis.engine import Engine

    from .period import Days, Period

Record = dict[str, Any]


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


class Numbers:
    """The query results for a period."""

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

    @cached_property
    def by_organization(self) -> Found:
        """Cost of the period, its last week and the week before, by organization."""
        return self._spend_by("organization, organization AS id", "organization")

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
        return {one["organization"]: one["value"] for one in found.records}

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
        """The same by model; a cost without a model has its kind in place of a model."""
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
    def tokens(self) -> Found:
        """Tokens of the period by kind, and the cache-hit share."""
        return self._ask(f"SELECT {_KINDS},\n  {_HIT_SHARE}\nFROM usage_daily WHERE {self._in}")

    @cached_property
    def tokens_by_day(self) -> Found:
        """Tokens by kind, and the cache-hit share, for each day."""
        return self._ask(
            f"SELECT day, {_KINDS},\n  {_HIT_SHARE}\nFROM usage_daily WHERE {self._in} GROUP BY day"
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
    def adoption(self) -> Found:
        """Claude Code by week, for all weeks that overlap the period."""
        days = self.period.start, self.period.end
        return self._ask(
            f"SELECT first_day, {_WEEK}\nFROM claude_code_adoption WHERE period = 'week' "
            f"AND last_day >= DATE '{days[0]}'\nAND first_day <= DATE '{days[1]}' "
            "GROUP BY first_day ORDER BY first_day"
        )

    @cached_property
    def coding(self) -> Found:
        """Claude Code in the whole period."""
        return self._ask(
            f"SELECT count(DISTINCT organization || '/' || {_PERSON}) AS people,\n"
            "  sum(sessions) AS sessions, sum(lines_added) AS lines_added, "
            "sum(lines_removed) AS lines_removed, sum(commits) AS commits, "
            "sum(pull_requests) AS pull_requests,\n  sum(accepted) AS accepted, "
            "sum(rejected) AS rejected, CAST(sum(accepted) AS double) / "
            "nullif(sum(accepted + rejected), 0) AS acceptance,\n"
            f"  sum(estimated_cost_usd) AS estimated FROM claude_code_daily WHERE {self._in}"
        )

    @cached_property
    def tools(self) -> Found:
        """Proposals accepted and rejected by tool."""
        days = self.period.sql('CAST("date" AS date)')
        return self._ask(
            "WITH proposed AS (\n"
            "  SELECT t.tool AS name,\n"
            "    sum(coalesce(tool_actions[t.tool].accepted, 0)) AS accepted,\n"
            "    sum(coalesce(tool_actions[t.tool].rejected, 0)) AS rejected\n"
            "  FROM claude_code_usage CROSS JOIN UNNEST(map_keys(tool_actions)) AS t (tool)\n"
            f"  WHERE {days} GROUP BY t.tool\n)\n"
            "SELECT *, CAST(accepted AS double) / nullif(accepted + rejected, 0) AS acceptance\n"
            "FROM proposed ORDER BY accepted DESC, name"
        )

    @cached_property
    def acceptance_by_day(self) -> Found:
        """Proposals made and accepted on each day."""
        return self._ask(
            "SELECT day, sum(accepted) AS accepted, sum(accepted + rejected) AS proposed\n"
            f"FROM claude_code_daily WHERE {self._in} GROUP BY day"
        )

    @cached_property
    def recent(self) -> Found:
        """The cache-hit share of the last week and of the week before."""
        at = self.period
        shares = {"hit_share": at.week, "hit_share_before": at.week_before or at.week}
        columns = ",\n  ".join(f"{_hit_share(days)} AS {name}" for name, days in shares.items())
        return self._ask(
            f"SELECT\n  {columns}\nFROM usage_daily WHERE {between('day', at.recent_days)}"
        )

    @cached_property
    def moves(self) -> Found:
        """What changed in each workspace from the last whole week but one to the last, and why."""
        return self._labelled(
            "SELECT organization, workspace_id AS id, workspace_name AS name, first_day,\n"
            "  previous_usd, cost_usd, change_usd, volume_usd, price_usd, mix_usd\n"
            "FROM cost_changes WHERE period = 'week' AND change_usd <> 0 "
            f"AND first_day = DATE '{self.period.whole_week}'\n"
            "ORDER BY abs(change_usd) DESC, name, organization, workspace_id"
        )

    @cached_property
    def outlooks(self) -> Found:
        """Month to date, forecast and budget; organizations first, then what has used most."""
        return self._labelled(
            f"SELECT * FROM budget_status WHERE month = DATE '{self.period.month[0]}'\n"
            "ORDER BY CASE scope WHEN 'organization' THEN 0 ELSE 1 END, used_share DESC, name, id"
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
    def coding_week(self) -> Found:
        """People and sessions of Claude Code in the last week."""
        return self._ask(
            f"SELECT count(DISTINCT organization || '/' || {_PERSON}) AS people, "
            f"sum(sessions) AS sessions\nFROM claude_code_daily "
            f"WHERE {between('day', self.period.week)}"
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


def _shown(record: Record) -> Record:
    """Return a record whose texts have no control characters."""
    return {
        name: visible(value) if isinstance(value, str) else value for name, value in record.items()
    }


def _sum(days: Days | None) -> str:
    """Return SQL for the cost of some days; null without days to compare with."""
    if days is None:
        return "CAST(NULL AS decimal(38,12))"
    zero = "CAST(0 AS decimal(38,12))"
    return f"coalesce(sum(CASE WHEN {between('day', days)} THEN cost_usd END), {zero})"


_MODEL = "coalesce(model, cost_type, 'unspecified')"


def _hit_share(days: Days) -> str:
    """Return SQL for the share of some days' input tokens that was read from the cache."""
    inside = between("day", days)
    return (
        f"CAST(sum(CASE WHEN {inside} THEN cache_read_tokens END) AS double) / "
        f"nullif(sum(CASE WHEN {inside} THEN input_tokens END), 0)"
    )


_WORKSPACE = "organization, workspace_id AS id"
_AS_MODEL = f"NULL AS organization, {_MODEL} AS id"
_PERSON = "CASE WHEN actor_type = 'user_actor' THEN lower(actor) END"
_SEEN = ("freshness", "cost_daily", "usage_daily", "claude_code_daily")
EACH = ("sessions", "lines_added", "commits", "pull_requests")
_WEEK = (
    "sum(active_users) AS active_users,\n  sum(organization_users) AS organization_users, "
    "sum(active_others) AS active_others, "
    "CAST(sum(active_members) AS double) / sum(organization_users) AS active_share,\n  "
    "sum(lines_added) AS lines_added, sum(lines_removed) AS lines_removed, "
    "sum(commits) AS commits,\n  "
) + ",\n  ".join(
    f"sum({one}_per_user * active_users) / nullif(sum(active_users), 0) AS {one}_per_user"
    for one in EACH
)
_KINDS = (
    "sum(uncached_input_tokens) AS uncached, "
    "sum(cache_write_5m_tokens + cache_write_1h_tokens) AS written, "
    "sum(cache_read_tokens) AS cached, sum(output_tokens) AS output, sum(input_tokens) AS input"
)
_HIT_SHARE = "CAST(sum(cache_read_tokens) AS double) / nullif(sum(input_tokens), 0) AS hit_share"
