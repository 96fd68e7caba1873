"""What the report says about tokens and Claude Code, each number from one SQL statement."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .period import between
from .questions import Questions

if TYPE_CHECKING:
    from .period import Days
    from .questions import Found

_PERSON = "CASE WHEN actor_type = 'user_actor' THEN lower(actor) END"
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


class UseNumbers(Questions):
    """Tokens, and the use of Claude Code."""

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
    def recent(self) -> Found:
        """The cache-hit share of the last week and of the week before."""
        at = self.period
        shares = {"hit_share": at.week, "hit_share_before": at.week_before or at.week}
        columns = ",\n  ".join(f"{_hit_share(days)} AS {name}" for name, days in shares.items())
        return self._ask(
            f"SELECT\n  {columns}\nFROM usage_daily WHERE {between('day', at.recent_days)}"
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
    def coding_week(self) -> Found:
        """People and sessions of Claude Code in the last week."""
        return self._ask(
            f"SELECT count(DISTINCT organization || '/' || {_PERSON}) AS people, "
            f"sum(sessions) AS sessions\nFROM claude_code_daily "
            f"WHERE {between('day', self.period.week)}"
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


def _hit_share(days: Days) -> str:
    """Return SQL for the share of some days' input tokens that was read from the cache."""
    inside = between("day", days)
    return (
        f"CAST(sum(CASE WHEN {inside} THEN cache_read_tokens END) AS double) / "
        f"nullif(sum(CASE WHEN {inside} THEN input_tokens END), 0)"
    )
