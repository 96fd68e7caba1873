import pytest
from msgspec.structs import replace

from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.plan.read import Read, days_per_read
from claude_admin_lake.settings import API_VERSIONS, DIMENSIONS, Settings
from claude_admin_lake.source.query import first_query
from claude_admin_lake.tables import Access, Key

from .fakes import BY_NAME, days, names
from .fakes import DATED as DATED_TABLES

ORGANIZATIONS = "/v1/organizations"
SPAN = days("2026-10-22", "2026-11-21")
COMPLIANCE = "/v1/compliance/activities"
LIST = [("limit", "1000")]
ARCHIVED_TOO = [("include_archived", "true"), ("limit", "100")]
ONE_DAY = [("date", "2026-10-22"), *LIST]
BUCKETS = [
    ("starting_at", "2026-10-22T00:00:00Z"),
    ("ending_at", "2026-11-22T00:00:00Z"),
    ("bucket_width", "1d"),
    ("limit", "31"),
]

ROWS = [
    *BUCKETS[:2],
    ("time_bucket_width", "1d"),
    ("order_by", "time"),
    ("order", "asc"),
    ("limit", "1000"),
]
CUT = ("workspace_id", "model", "service_tier", "context_window", "inference_geo")
BY_ACTOR = ("actor", "api_key_id", "workspace_id", "model", "product")


def groups(*dimensions: str) -> list[tuple[str, str]]:
    return [("group_by[]", dimension) for dimension in dimensions]


FIRST_PAGES = {
    "organization": ("/me", []),
    "workspaces": (
        "/workspaces",
        [
            ("include_archived", "true"),
            ("include_default", "true"),
            *LIST,
        ],
    ),
    "workspace_members": ("/workspaces/wrkspc_1/members", LIST),
    "api_keys": ("/api_keys", LIST),
    "invites": ("/invites", LIST),
    "users": ("/users", LIST),
    "usage_report": (
        "/usage_report/messages",
        [
            *BUCKETS,
            ("group_by[]", "model"),
            ("group_by[]", "workspace_id"),
            ("group_by[]", "api_key_id"),
            ("group_by[]", "service_tier"),
            ("group_by[]", "context_window"),
        ],
    ),
    "cost_report": (
        "/cost_report",
        [*BUCKETS, ("group_by[]", "workspace_id"), ("group_by[]", "description")],
    ),
    "usage_report_hourly": (
        "/usage_report/messages",
        [
            *BUCKETS[:2],
            ("bucket_width", "1h"),
            ("limit", "168"),
            ("group_by[]", "model"),
            ("group_by[]", "workspace_id"),
            ("group_by[]", "api_key_id"),
            ("group_by[]", "service_tier"),
            ("group_by[]", "context_window"),
        ],
    ),
    "analytics_usage": ("/analytics/usage", [*ROWS, *groups(*CUT)]),
    "analytics_cost": ("/analytics/cost", [*ROWS, *groups(*CUT, "cost_type", "token_type")]),
    "analytics_usage_by_actor": ("/analytics/usage", [*ROWS, *groups(*BY_ACTOR)]),
    "analytics_cost_by_actor": ("/analytics/cost", [*ROWS, *groups(*BY_ACTOR)]),
    "claude_code_usage": (
        "/usage_report/claude_code",
        [("starting_at", "2026-10-22"), ("limit", "1000")],
    ),
    "service_accounts": ("/service_accounts", ARCHIVED_TOO),
    "federation_issuers": ("/federation_issuers", ARCHIVED_TOO),
    "federation_rules": ("/federation_rules", ARCHIVED_TOO),
    "rate_limits": ("/rate_limits", LIST),
    "workspace_rate_limits": ("/workspaces/wrkspc_1/rate_limits", LIST),
    "spend_limits": ("/spend_limits", []),
    "external_keys": ("/external_keys", []),
    "rbac_groups": ("/rbac_groups", LIST),
    "rbac_group_members": ("/rbac_groups/wrkspc_1/members", LIST),
    "rbac_roles": ("/rbac_roles", LIST),
    "rbac_role_permissions": ("/rbac_roles/wrkspc_1/permissions", LIST),
    "enterprise_users": ("/analytics/users", ONE_DAY),
    "enterprise_summaries": (
        "/analytics/summaries",
        [("starting_date", "2026-10-22"), ("ending_date", "2026-10-23"), *LIST],
    ),
    "enterprise_projects": ("/analytics/apps/chat/projects", ONE_DAY),
    "enterprise_skills": ("/analytics/skills", ONE_DAY),
    "enterprise_connectors": ("/analytics/connectors", ONE_DAY),
    "enterprise_plugins": ("/analytics/plugins", ONE_DAY),
    "enterprise_artifacts": ("/analytics/artifacts", ONE_DAY),
    "compliance_activities": (
        COMPLIANCE,
        [
            ("created_at.gte", "2026-10-22T00:00:00Z"),
            ("created_at.lt", "2026-10-23T00:00:00Z"),
            ("limit", "5000"),
        ],
    ),
}


STARTS = ("starting_at", "date", "starting_date", "created_at.gte")
ENDS = ("ending_at", "ending_date", "created_at.lt")


def read_of(name: str) -> Read:
    table = BY_NAME[name]
    span = SPAN if days_per_read(table) > 1 else days("2026-10-22", "2026-10-22")
    return Read(table, span if table.days else None)


def query_of(name: str, settings=None, parent_id="wrkspc_1"):
    return first_query(read_of(name), settings or Settings(), parent_id)


def test_no_table_is_left_out_here():
    assert set(FIRST_PAGES) == set(BY_NAME)


@pytest.mark.parametrize(("name", "path", "parameters"),
                         [(name, *asked) for name, asked in FIRST_PAGES.items()],
                         ids=FIRST_PAGES)  # fmt: skip
def test_the_first_page_is_asked_for_with_just_these_parameters(name, path, parameters):
    query = query_of(name)
    assert query.path == (path if path == COMPLIANCE else ORGANIZATIONS + path)
    assert sorted(query.parameters) == sorted(parameters)


@pytest.mark.parametrize("version", API_VERSIONS)
@pytest.mark.parametrize("name", BY_NAME)
def test_every_request_names_the_version_of_the_settings_and_the_table_s_beta(name, version):
    beta = BY_NAME[name].access.beta
    expected = {"anthropic-version": version, **({"anthropic-beta": beta} if beta else {})}
    assert query_of(name, Settings(api_version=version)).headers == expected


def test_several_betas_are_one_header():
    access = Access(beta="new-2026-01-01", keys=(Key.ENTERPRISE,))
    table = replace(BY_NAME["usage_report"], access=access)
    query = first_query(Read(table, SPAN), Settings(usage_group_by=("speed",)))
    assert query.headers["anthropic-beta"] == "new-2026-01-01,fast-mode-2026-02-01"
    assert query.keys == (Key.ENTERPRISE,)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_further_page_has_one_parameter_more_and_all_others_unchanged(name):
    first = query_of(name)
    second, third = first.page("page", "t1"), first.page("page", "t2")
    assert second.parameters == (*first.parameters, ("page", "t1"))
    assert third.parameters == (*first.parameters, ("page", "t2"))
    assert (second.path, second.headers) == (first.path, first.headers)


@pytest.mark.parametrize("name", names(DATED_TABLES))
def test_the_end_is_at_least_one_whole_day_after_the_start(name):
    one = Read(BY_NAME[name], days("2026-02-28", "2026-02-28"))
    parameters = dict(first_query(one, Settings()).parameters)
    starts = [parameters[name] for name in STARTS if name in parameters]
    ends = [parameters[name] for name in ENDS if name in parameters]
    assert [start[:10] for start in starts] == ["2026-02-28"]
    assert all(end in ("2026-03-01", "2026-03-01T00:00:00Z") for end in ends)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_only_speed_needs_a_beta_header(dimension):
    query = query_of("usage_report", replace(Settings(), usage_group_by=(dimension,)))
    assert ("group_by[]", dimension) in query.parameters
    expected = "fast-mode-2026-02-01" if dimension == "speed" else None
    assert query.headers.get("anthropic-beta") == expected


@pytest.mark.parametrize("parent", ["a?b=c", "a b", "ü#", "..a", "%2e%2e"])
def test_a_parent_s_id_cannot_change_the_path(parent):
    path = query_of("workspace_members", parent_id=parent).path
    assert path.startswith(f"{ORGANIZATIONS}/workspaces/")
    assert path.endswith("/members")
    assert path.count("/") == 5
    assert not set("?# ") & set(path)


@pytest.mark.parametrize("parent", ["..", ".", "../users", "a/b", "...", "\\..", "/"])
def test_an_id_that_would_lead_elsewhere_is_refused(parent):
    with pytest.raises(BadAnswer, match="cannot be part of a path"):
        query_of("workspace_members", parent_id=parent)
