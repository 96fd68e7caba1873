"""The tables, in the order in which a run loads them: the cheap and the needed first."""

from collections.abc import Callable
from datetime import timedelta
from operator import attrgetter

from claude_admin_lake.shapes.buckets import Buckets
from claude_admin_lake.shapes.one_day import OneDay

from . import columns
from .activity import ACTIVITY
from .analytics import ANALYTICS
from .enterprise import ENTERPRISE
from .lists import ACCESS, RBAC
from .money import dollars
from .paging import SINGLE, by_id, by_token
from .table import DEFAULT_WORKSPACE, Choices, Days, Derived, Optional, Parent, Table

_claude_code_lookback: Callable[[Choices], int] = attrgetter("lookback_days")
_report_lookback: Callable[[Choices], int] = attrgetter("report_lookback_days")
_usage_group_by: Callable[[Choices], tuple[str, ...]] = attrgetter("usage_group_by")

_ORGANIZATIONS = "/v1/organizations"

IDENTITY = "organization"
"""The table whose one record says which organization a credential belongs to."""

TABLES: tuple[Table, ...] = (
    Table(
        name="organization",
        about="The organization itself",
        path=f"{_ORGANIZATIONS}/me",
        columns=columns.ORGANIZATION,
        paging=SINGLE,
    ),
    Table(
        name="workspaces",
        about="Workspaces, including archived ones and the default one",
        path=f"{_ORGANIZATIONS}/workspaces",
        columns=columns.WORKSPACES,
        paging=by_id(1000),
        params=(("include_archived", "true"), Optional("include_default", "true")),
        remembered=True,
    ),
    Table(
        name="workspace_members",
        about="Who is in which workspace, with which role",
        path=f"{_ORGANIZATIONS}/workspaces/{{parent_id}}/members",
        columns=columns.WORKSPACE_MEMBERS,
        paging=by_id(1000),
        parent=Parent(
            table="workspaces",
            gone_field="archived_at",
            unlisted=DEFAULT_WORKSPACE,
            named_in="workspace_id",
        ),
    ),
    Table(
        name="api_keys",
        about="API keys: status, creator, scope, expiry",
        path=f"{_ORGANIZATIONS}/api_keys",
        columns=columns.API_KEYS,
        paging=by_id(1000),
        remembered=True,
    ),
    Table(
        name="invites",
        about="Invitations to the organization",
        path=f"{_ORGANIZATIONS}/invites",
        columns=columns.INVITES,
        paging=by_id(1000),
    ),
    Table(
        name="users",
        about="Members of the organization and their roles",
        path=f"{_ORGANIZATIONS}/users",
        columns=columns.USERS,
        paging=by_id(1000),
        remembered=True,
    ),
    Table(
        name="usage_report",
        about="Tokens by day, model, workspace, key, tier and context window",
        path=f"{_ORGANIZATIONS}/usage_report/messages",
        columns=columns.USAGE_REPORT,
        paging=by_token(31),
        days=Days(
            shape=Buckets(),
            lookback=_report_lookback,
            group_by=_usage_group_by,
        ),
    ),
    Table(
        name="cost_report",
        about="Cost by day, workspace and description, to the fraction of a cent",
        path=f"{_ORGANIZATIONS}/cost_report",
        columns=columns.COST_REPORT,
        paging=by_token(31),
        days=Days(
            shape=Buckets(),
            lookback=_report_lookback,
            group_by=lambda _: ("workspace_id", "description"),
        ),
        derived=(Derived("amount_usd", ("amount", "currency"), dollars),),
    ),
    Table(
        name="claude_code_usage",
        about="Claude Code by day and person: sessions, lines, commits, tools, models",
        path=f"{_ORGANIZATIONS}/usage_report/claude_code",
        columns=columns.CLAUDE_CODE_USAGE,
        paging=by_token(1000),
        days=Days(
            shape=OneDay(),
            lookback=_claude_code_lookback,
            settles_after=timedelta(hours=1),
            partition_field="date",
        ),
    ),
    *ANALYTICS,
    Table(
        name="usage_report_hourly",
        about="Tokens by hour, in the dimensions of usage_report",
        path=f"{_ORGANIZATIONS}/usage_report/messages",
        columns=columns.USAGE_REPORT_HOURLY,
        paging=by_token(168),
        group="hourly",
        days=Days(
            shape=Buckets("1h", 24),
            lookback=_report_lookback,
            group_by=_usage_group_by,
        ),
    ),
    *ACCESS,
    *RBAC,
    *ENTERPRISE,
    *ACTIVITY,
)
