"""Claude Enterprise adoption, and the findings of access lists and activities."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from admin_double import ACCESS_TOKEN, ENTERPRISE_KEY, KEY, AdminDouble, Organization
from claude_admin_lake.clock import SystemClock
from claude_admin_lake.plan.event import read_event
from claude_admin_lake.run.run import execute, new_run_id
from claude_admin_lake.settings import read_settings
from claude_admin_lake.wiring import on_laptop
from hand_made import TODAY, HandMade, Record, api_key, usage, user, workspace

from .deployed import objects_in
from .oracle import Oracle

DAY = "2026-11-19"
FIRST = TODAY - timedelta(days=5)
BOTH = json.dumps({"api_key": KEY, "enterprise_key": ENTERPRISE_KEY})
LOADS = {
    BOTH: ["users", "workspaces", "enterprise_summaries", "enterprise_users",
           "compliance_activities", "rate_limits", "usage_report_hourly",
           "rbac_groups", "rbac_group_members", "rbac_roles"],
    json.dumps({"api_key": ACCESS_TOKEN}): ["service_accounts", "federation_rules"],
}  # fmt: skip


@pytest.fixture(scope="module")
def api():
    organization = Organization(seed=7, users=20, workspaces=3, first_day=FIRST)
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
    with AdminDouble(organization, now=noon) as double:
        double.switches.logs_own_reads = False
        yield double


@pytest.fixture(scope="module")
def loaded_oracle(api: AdminDouble, glue_tables: list[Any], tmp_path_factory):
    """What Athena would say of a lake that the loader filled with the tables of these views."""
    folder = tmp_path_factory.mktemp("young")
    environment = {"ADMIN_API_BASE_URL": api.url, "START_DATE": str(FIRST)}
    settings = read_settings({**environment, "REQUESTS_PER_MINUTE": "99999"})
    clock = SystemClock()
    for key, tables in LOADS.items():
        services = on_laptop(
            settings, "main", clock, folder=folder, key=key, progress=lambda _: None
        )
        asked = {"scheduled_time": api.now.isoformat(), "tables": tables}
        request = read_event(asked, settings, api.now)
        assert execute(new_run_id(clock), request, services).status == "complete"
    return Oracle(glue_tables, objects_in(folder), TODAY, tmp_path_factory.mktemp("scratch"))


def days() -> list[date]:
    return [FIRST + timedelta(days=n) for n in range(5)]


def test_adoption_is_what_the_api_says_of_every_day(api: AdminDouble, loaded_oracle: Oracle):
    told = loaded_oracle.query(
        "SELECT day, daily_active_users, monthly_active_users, seats FROM enterprise_adoption "
        "WHERE product = 'all' ORDER BY day"
    ).fetchall()
    expected = []
    for day in days():
        [one] = api.truth("enterprise_summaries", day)
        counts = [one[f"{period}_active_user_count"] for period in ("daily", "monthly")]
        expected.append((day, *counts, one["assigned_seat_count"]))
    assert told == expected


@pytest.mark.parametrize(
    ("product", "messages", "sessions"),
    [
        ("chat", "chat_metrics.message_count", "chat_metrics.distinct_conversation_count"),
        ("cowork", "cowork_metrics.message_count", "cowork_metrics.distinct_session_count"),
        ("science", "science_metrics.message_count", "science_metrics.distinct_session_count"),
    ],
)
def test_messages_and_sessions_are_the_sums_over_people(
    api: AdminDouble, loaded_oracle: Oracle, product: str, messages: str, sessions: str
):
    def total(day: date, path: str) -> int:
        block, name = path.split(".")
        return sum(person[block][name] for person in api.truth("enterprise_users", day))

    told = loaded_oracle.query(
        f"SELECT day, messages, sessions FROM enterprise_adoption "
        f"WHERE product = '{product}' AND messages IS NOT NULL ORDER BY day"
    ).fetchall()
    assert told == [(day, total(day, messages), total(day, sessions)) for day in days()]


def test_activity_findings_are_the_events_that_the_feed_has(
    api: AdminDouble, loaded_oracle: Oracle
):
    kinds = Counter(one["type"] for day in days() for one in api.truth(
        "compliance_activities", day))  # fmt: skip
    told = dict(loaded_oracle.query(
        "SELECT finding, count(*) FROM activity_findings GROUP BY finding"
    ).fetchall())  # fmt: skip
    assert told == {
        "role raised": kinds["role_assignment_granted"],
        "logging switched off": kinds["org_compliance_api_settings_updated"],
    }


def test_access_findings_are_what_the_lists_say(api: AdminDouble, loaded_oracle: Oracle):
    told = loaded_oracle.query(
        "SELECT finding, subject FROM access_findings WHERE subject_type <> 'rate_limit'"
    ).fetchall()
    accounts = api.truth("service_accounts")
    admins = [a["name"] for a in accounts if a["organization_role"] == "admin"]
    assert set(told) == {
        *(("admin service account", name) for name in admins),
        ("rule matches everything", "builds"),
        ("rule grants org:admin", "loader"),
    }


def account(name: str, role: str = "developer", **columns: Any) -> Record:
    return {
        "id": f"svac_{name}", "type": "service_account", "name": name, "organization_role": role,
        "created_at": "2026-10-01T00:00:00Z", "archived_at": None, **columns,
    }  # fmt: skip


def rule(name: str, match: Mapping[str, Any], **columns: Any) -> Record:
    nothing = {"audience": None, "claims": None, "condition": None, "subject_prefix": None}
    return {
        "id": f"fdrl_{name}", "name": name, "issuer_id": "fdis_1", "issuer_name": "ci",
        "match": nothing | match, "oauth_scope": "workspace:developer", "archived_at": None,
        "target": {"type": "service_account", "service_account_id": "svac_1"},
        "created_at": "2026-10-02T00:00:00Z", **columns,
    }  # fmt: skip


def limit(models: list[str], **limits: int) -> Record:
    return {
        "id": "rlim_1", "type": "rate_limit", "models": models,
        "group": {"id": "rlg_1", "type": "model_group", "display_name": "Sonnet"},
        "limits": [{"type": f"{kind}_per_minute", "value": most} for kind, most in limits.items()],
    }  # fmt: skip


def hour(number: int, tokens: int, **columns: Any) -> Record:
    at = f"{DAY}T{number:02}:00:00Z"
    return {**usage(0), "starting_at": at, "uncached_input_tokens": tokens, **columns}


def event(number: int, kind: str, user_id: str | None = "user_ada", **details: Any) -> Record:
    """An event as it is stored."""
    actor = {"type": "user_actor", "user_id": user_id, "email_address": f"{user_id}@example.com"}
    return {
        "id": f"activity_{number}", "type": kind, "created_at": f"{DAY}T10:00:00.5Z",
        "organization_id": "org_1", "actor": actor, "details": json.dumps(details) or None,
    }  # fmt: skip


def found(oracle, view: str) -> set[tuple[Any, ...]]:
    return set(oracle.query(f"SELECT finding, subject, detail FROM {view}").fetchall())


def test_admin_service_accounts_that_are_not_archived(hand: HandMade, oracle):
    gone = "2026-11-01T00:00:00Z"
    hand.snapshot("service_accounts", DAY, [
        account("a", "admin"), account("b"), account("c", "admin", archived_at=gone),
    ])  # fmt: skip
    assert found(oracle, "access_findings") == {("admin service account", "a", "role is admin")}
    told = oracle.query("SELECT subject_type, subject_id, on_day FROM access_findings").fetchall()
    assert told == [("service_account", "svac_a", date(2026, 10, 1))]


def test_a_rule_that_matches_everything_has_no_condition_but_an_audience(hand: HandMade, oracle):
    hand.snapshot("federation_rules", DAY, [
        rule("nothing", {}), rule("audience", {"audience": "https://api.anthropic.com"}),
        rule("wildcard", {"subject_prefix": " ** "}),
        rule("empty", {"claims": {}, "condition": " "}),
        rule("prefix", {"subject_prefix": "repo:x/*"}), rule("claims", {"claims": {"env": "prod"}}),
        rule("condition", {"condition": "true"}),
        rule("old", {}, archived_at="2026-11-01T00:00:00Z"),
        rule("loader", {"subject_prefix": "arn"}, oauth_scope="workspace:developer org:admin"),
        rule("near", {"subject_prefix": "arn"}, oauth_scope="org:administration"),
    ])  # fmt: skip
    detail = "every token of ci is granted workspace:developer"
    assert found(oracle, "access_findings") == {
        *(
            ("rule matches everything", name, detail)
            for name in ("nothing", "audience", "wildcard", "empty")
        ),
        ("rule grants org:admin", "loader", "to svac_1"),
    }


def test_issuers_whose_keys_are_not_fetched(hand: HandMade, oracle):
    def issuer(name: str, failures: int | None, disabled: str | None = None) -> Record:
        status = None if failures is None else {"consecutive_failures": failures}
        return {"id": name, "name": name, "jwks_polling_disabled_at": disabled,
                "poll_status": status}  # fmt: skip

    hand.snapshot("federation_issuers", DAY, [
        issuer("fine", 0), issuer("inline", None), issuer("failing", 3),
        issuer("paused", 0, "2026-11-02T00:00:00Z"),
    ])  # fmt: skip
    assert found(oracle, "access_findings") == {
        ("issuer keys not fetched", "failing", "3 failures in a row"),
        ("issuer keys not fetched", "paused", "0 failures in a row"),
    }


def test_half_of_a_rate_limit_over_an_hour_is_near(hand: HandMade, oracle):
    hand.snapshot("rate_limits", DAY, [
        limit(["m", "m-alias"], input_tokens=1000, output_tokens=1000, requests=1),
        {"id": "rlim_2", "group": {"id": "batch", "type": "batch"}, "models": None,
         "limits": [{"type": "requests_per_minute", "value": 1}]},
    ])  # fmt: skip
    hand.day("usage_report_hourly", DAY, [
        hour(1, 29_999), hour(2, 30_000, output_tokens=5), hour(3, 20_000), hour(3, 15_000),
        hour(4, 90_000, service_tier="batch"), hour(5, 90_000, model="other"),
    ])  # fmt: skip
    assert found(oracle, "access_findings") == {(
        "rate limit near", "Sonnet input_tokens_per_minute",
        "the hour of 2026-11-19T03:00:00Z used 58 % on average",
    )}  # fmt: skip


def test_a_workspace_has_limits_of_its_own(hand: HandMade, oracle):
    own = {"rate_limit_id": "rlim_1", "workspace_id": "w1", "models": ["m"],
           "group": {"id": "rlg_1", "type": "model_group", "display_name": "Sonnet"},
           "limits": [{"type": "output_tokens_per_minute", "value": 10, "org_limit": 99,
                       "source": {"type": "workspace"}}]}  # fmt: skip
    hand.snapshot("workspaces", DAY, [workspace("One", id="w1")])
    hand.snapshot("workspace_rate_limits", DAY, [own])
    hand.day("usage_report_hourly", DAY, [
        hour(1, 0, output_tokens=450, workspace_id="w1"), hour(2, 0, output_tokens=9999),
    ])  # fmt: skip
    told = oracle.query("SELECT finding, workspace_name, detail FROM access_findings").fetchall()
    assert told == [
        ("rate limit near", "One", "the hour of 2026-11-19T01:00:00Z used 75 % on average")
    ]


def test_usage_longer_ago_than_thirty_days_is_not_near(hand: HandMade, oracle):
    hand.snapshot("rate_limits", DAY, [limit(["m"], input_tokens=1)])
    hand.day("usage_report_hourly", "2026-10-20", [hour(1, 99_999)])
    assert found(oracle, "access_findings") == set()


def test_spend_limits_that_are_switched_off(hand: HandMade, oracle):
    def spend(name: str, amount: str | None, *, on: bool) -> Record:
        return {"id": name, "amount": amount, "currency": "USD", "is_enabled": on,
                "period": "monthly", "scope": {"type": "organization"},
                "updated_at": "2026-11-03T00:00:00Z"}  # fmt: skip

    hand.snapshot("spend_limits", DAY, [
        spend("a", "50000", on=True), spend("b", "123456", on=False), spend("c", None, on=False),
    ])  # fmt: skip
    assert found(oracle, "access_findings") == {
        ("spend limit off", "monthly limit of organization", "would be 1234.56 USD"),
        ("spend limit off", "monthly limit of organization", "would be unlimited"),
    }


def test_a_key_made_by_someone_who_has_left(hand: HandMade, oracle):
    hand.snapshot("users", "2026-11-18", [user("ada"), user("bob")])
    hand.snapshot("users", DAY, [user("ada")])
    hand.snapshot("api_keys", DAY, [
        api_key("k1"), api_key("k2"), api_key("k3", status="archived"), api_key("k4"),
    ])  # fmt: skip
    made = "platform_api_key_created"
    hand.day("compliance_activities", DAY, [
        event(1, made, "user_ada", api_key_id="k1"), event(2, made, "user_bob", api_key_id="k2"),
        event(3, made, "user_bob", api_key_id="k3"), event(4, made, "user_zed", api_key_id="k4"),
        event(5, "admin_api_key_created", "user_bob", api_key_id="k9"),
        event(6, "platform_api_key_updated", "user_bob", api_key_id="k2"),
        {**event(7, made, None, api_key_id="k1"), "actor": {"type": "api_actor"}},
    ])  # fmt: skip
    left = "key made by someone who has left"
    assert found(oracle, "activity_findings") == {
        (left, "name of k2", "key is active"),
        (left, "name of k4", "key is active"),
        (left, "k9", "key is not listed"),
    }
    [told] = oracle.query(
        "SELECT CAST(at AS varchar), actor, activity_type FROM activity_findings "
        "WHERE activity_id = 'activity_2'"
    ).fetchall()
    assert told == ("2026-11-19 10:00:00.5", "bob", made)


def test_without_a_list_of_members_nobody_has_left(hand: HandMade, oracle):
    hand.day("compliance_activities", DAY, [event(1, "api_key_created", api_key_id="k1")])
    assert found(oracle, "activity_findings") == set()


def test_a_workspace_that_takes_the_name_of_one_that_is_gone(hand: HandMade, oracle):
    archived = {"created_at": "2026-01-01T00:00:00Z", "archived_at": "2026-11-10T00:00:00Z"}
    new = {"created_at": "2026-11-19T09:00:00Z"}
    hand.snapshot("workspaces", DAY, [
        workspace("Data", id="w1", **archived), workspace(" data", id="w2", **new),
        workspace("Live", id="w3"), workspace("Live", id="w4", **new),
        workspace("New", id="w5", **new),
    ])  # fmt: skip
    hand.day("compliance_activities", DAY, [
        event(n, "platform_workspace_created", workspace_id=f"w{n}") for n in (1, 2, 3, 4, 5, 6)
    ])  # fmt: skip
    assert found(oracle, "activity_findings") == {
        ("workspace re-created", "data", "the name was that of w1")
    }


def test_roles_that_were_raised(hand: HandMade, oracle):
    hand.snapshot("users", DAY, [user("ada"), user("bob")])
    granted = {"target_type": "user", "resource_type": "organization", "resource_id": None}
    hand.day("compliance_activities", DAY, [
        event(n, kind, target_id=target, role=role, **granted)
        for n, (kind, target, role) in enumerate([
            ("role_assignment_granted", "user_bob", "admin"),
            ("role_assignment_granted", "user_zed", "Primary Owner"),
            ("role_assignment_granted", "user_bob", "workspace_developer"),
            ("role_assignment_revoked", "user_bob", "admin"),
        ])
    ])  # fmt: skip
    assert found(oracle, "activity_findings") == {
        ("role raised", "bob", "granted admin"),
        ("role raised", "user_zed", "granted Primary Owner"),
    }


@pytest.mark.parametrize(
    ("enabled", "logging", "off"),
    [(True, False, True), (False, True, True), (True, True, False), (None, None, False)],
)
def test_logging_that_was_switched_off(hand: HandMade, oracle, enabled, logging, off):
    given = {"compliance_api_enabled": enabled, "compliance_api_logging_enabled": logging}
    details = {name: value for name, value in given.items() if value is not None}
    settings = [event(1, "org_compliance_api_settings_updated", **details)]
    hand.day("compliance_activities", DAY, settings)
    assert [row[0] for row in found(oracle, "activity_findings")] == ["logging switched off"] * off


def test_events_without_details_or_of_odd_ones_are_no_findings(hand: HandMade, oracle):
    kinds = ["role_assignment_granted", "platform_workspace_created",
             "org_compliance_api_settings_updated", "platform_api_key_created"]  # fmt: skip
    odd: Iterable[str | None] = (None, "{}", '{"role":null}', '{"role":["admin"]}', '{"role":5}')
    hand.snapshot("users", DAY, [user("ada")])
    hand.day("compliance_activities", DAY, [
        {**event(n, kind), "details": text} for n, text in enumerate(odd) for kind in kinds
    ])  # fmt: skip
    assert found(oracle, "activity_findings") == set()


def test_adoption_tells_what_is_not_tracked_from_nothing(hand: HandMade, oracle):
    summary = {
        "starting_at": f"{DAY}T00:00:00Z", "assigned_seat_count": 8, "daily_active_user_count": 4,
        "weekly_active_user_count": 6, "monthly_active_user_count": 8,
        "cowork_daily_active_user_count": 0, "claude_tag_daily_active_user_count": 10,
    }  # fmt: skip
    hand.day("enterprise_summaries", DAY, [summary])
    hand.day("enterprise_users", DAY, [
        {"user": {"id": name},
         "chat_metrics": {"message_count": n, "distinct_conversation_count": 1},
         "office_metrics": {"excel": {"message_count": 1}, "word": {"message_count": 2}},
         "cowork_metrics": {"message_count": 0}}
        for n, name in enumerate(("a", "b", "c"))
    ])  # fmt: skip
    told = {row[0]: row[1:] for row in oracle.query(
        "SELECT product, seats, daily_active_users, daily_share, messages, sessions "
        "FROM enterprise_adoption"
    ).fetchall()}  # fmt: skip
    assert len(told) == 9
    assert told["all"] == (8, 4, 0.5, None, None)
    assert told["chat"] == (8, None, None, 3, 3)
    assert told["cowork"] == (8, 0, 0.0, 0, None)
    assert told["office_agent"] == (8, None, None, 9, None)
    assert told["claude_tag"] == (8, 10, 1.25, None, None)


@pytest.mark.parametrize("seats", [0, None])
def test_without_seats_there_is_no_share(hand: HandMade, oracle, seats):
    hand.day("enterprise_summaries", DAY, [
        {"assigned_seat_count": seats, "daily_active_user_count": 4}
    ])  # fmt: skip
    told = oracle.query("SELECT daily_active_users, daily_share FROM enterprise_adoption "
                        "WHERE product = 'all'").fetchall()  # fmt: skip
    assert told == [(4, None)]


def test_roles_that_the_api_cannot_tell_now_are_those_last_known(hand: HandMade, oracle):
    def group(name: str, roles: list[str] | None) -> Record:
        return {"id": name, "name": name.title(), "role_ids": roles, "source_type": "direct"}

    hand.snapshot("rbac_groups", "2026-11-17", [group("a", ["r1"]), group("b", ["r1"])])
    hand.snapshot("rbac_groups", "2026-11-18", [group("a", ["r1", "r2"]), group("b", ["r1"])])
    hand.snapshot("rbac_groups", DAY, [
        group("a", None), group("b", []), group("c", None), group("d", ["r9"]),
    ])  # fmt: skip
    hand.snapshot("rbac_roles", DAY, [
        {"id": role, "display_name": role.upper(), "source": {"type": "custom"}}
        for role in ("r1", "r2")
    ])  # fmt: skip
    hand.snapshot("users", DAY, [user("ada")])
    hand.snapshot("rbac_group_members", DAY, [
        {"rbac_group_id": name, "user_id": "user_ada", "email": "x"} for name in "abcd"
    ])  # fmt: skip
    told = oracle.query(
        "SELECT user_name, rbac_group_name, rbac_role_name, role_source, known_on FROM rbac_access "
        "ORDER BY rbac_group_name, rbac_role_id"
    ).fetchall()
    day = date(2026, 11, 18)
    assert told == [
        ("ada", "A", "R1", "custom", day), ("ada", "A", "R2", "custom", day),
        ("ada", "B", None, None, None), ("ada", "C", None, None, None),
        ("ada", "D", None, None, None),
    ]  # fmt: skip


def test_access_through_groups_is_what_the_lists_say(api: AdminDouble, loaded_oracle: Oracle):
    names = {role["id"]: role["display_name"] for role in api.truth("rbac_roles")}
    told = loaded_oracle.query(
        "SELECT rbac_group_id, user_id, rbac_role_name, known_on FROM rbac_access"
    ).fetchall()
    expected = {
        (group["id"], member["user_id"], names.get(role), None)
        for group in api.truth("rbac_groups")
        for member in api.truth("rbac_group_members", group["id"])
        for role in group["role_ids"] or [None]
    }
    assert len(told) == len(expected) > 0
    assert set(told) == expected
