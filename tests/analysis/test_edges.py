"""Lakes that are empty, odd or large: the views stay right."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claude_admin_lake.analysis.engine import VIEWS, Engine
from claude_admin_lake.analysis.lake import FolderLake
from claude_admin_lake.catalog.views import queries
from hand_made import TODAY, HandMade, api_key, coding, cost, usage, user, workspace

DAY = "2026-11-19"


def test_an_empty_lake_answers_every_view_and_query(hand: HandMade, oracle, engine_over):
    for name in VIEWS:
        expected = 9 if name == "freshness" else 0
        assert len(oracle.query(f"SELECT * FROM {name}").fetchall()) == expected
    for query in queries():
        engine_over(hand.folder).query(query.sql)


def test_objects_without_rows_are_no_rows(hand: HandMade, oracle):
    for table in ("cost_report", "usage_report", "claude_code_usage"):
        hand.day(table, DAY, [])
    hand.snapshot("users", DAY, [])
    for name in VIEWS:
        oracle.query(f"SELECT * FROM {name}")
    assert oracle.query("SELECT count(*) FROM cost_by_api_key").fetchone() == (0,)


def by_key(oracle):
    return oracle.query(
        "SELECT api_key_name, allocation, reason, sum(cost_usd) FROM cost_by_api_key "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    ).fetchall()


def test_a_cent_is_shared_by_three_to_the_last_digit(hand: HandMade, oracle):
    hand.day("cost_report", DAY, [cost("1")])
    hand.day("usage_report", DAY, [usage(1, key) for key in ("k1", "k2", "k3")])
    shares = [row[3] for row in by_key(oracle)]
    assert shares == [Decimal("0.003333333334"), *[Decimal("0.003333333333")] * 2]


def test_unknown_keys_deleted_keys_and_the_console(hand: HandMade, oracle):
    gone = api_key("gone", name="Old name")
    hand.snapshot("api_keys", "2026-11-17", [gone])
    hand.snapshot(
        "api_keys", "2026-11-18", [{**gone, "name": "Last name"}, api_key("k1", name=" ")]
    )
    hand.snapshot("api_keys", "2026-11-20", [api_key("k1", name=" ")])
    hand.day("cost_report", DAY, [cost("100")])
    hand.day("usage_report", DAY, [usage(1, one) for one in ("k1", "gone", "never seen", None)])
    assert [row[:3] for row in by_key(oracle)] == [
        ("Last name", "allocated", None),
        ("k1", "allocated", None),
        ("never seen", "allocated", None),
        ("unallocated", "unallocated", "console"),
    ]
    statuses = oracle.query("SELECT api_key_id, api_key_status FROM usage_daily").fetchall()
    assert dict(statuses) == {
        "k1": "active",
        "gone": "deleted",
        "never seen": "unknown",
        None: None,
    }


def test_deleted_people_keep_their_names(hand: HandMade, oracle):
    hand.snapshot("users", "2026-11-18", [user("ada"), user("bob")])
    hand.snapshot("users", DAY, [user("bob")])
    hand.snapshot("api_keys", DAY, [api_key("k1")])
    hand.day("usage_report", DAY, [usage(1)])
    hand.day("claude_code_usage", DAY, [coding("ADA@example.com"), coding("new@example.com")])
    assert oracle.query("SELECT creator_name FROM usage_daily").fetchall() == [("ada",)]
    names = oracle.query("SELECT actor_name FROM claude_code_daily").fetchall()
    assert sorted(names) == [("ada",), ("new@example.com",)]
    found = oracle.query("SELECT finding, subject, detail FROM access_review").fetchall()
    assert ("key creator has left", "name of k1", "key is active") in found


def test_negative_and_zero_amounts(hand: HandMade, oracle):
    hand.day(
        "cost_report",
        DAY,
        [cost("-100.5"), cost("0", token_type="uncached_input_tokens"), cost("50")],
    )
    hand.day("usage_report", DAY, [usage(3, "k1"), usage(1, "k2")])
    assert [(row[0], row[3]) for row in by_key(oracle)] == [
        ("k1", Decimal("-0.378750000000")),
        ("k2", Decimal("-0.126250000000")),
        ("unallocated", Decimal(0)),
    ]
    told = oracle.query("SELECT ChargeCategory, BilledCost FROM focus_cost ORDER BY 2").fetchall()
    assert told == [("Credit", Decimal("-0.505")), ("Usage", Decimal(0))]


def test_another_currency_is_shown_and_not_added(hand: HandMade, oracle):
    hand.day("cost_report", DAY, [cost("100"), cost("700", currency="EUR")])
    hand.day("usage_report", DAY, [usage(1)])
    told = oracle.query(
        "SELECT currency, cost_usd, amount, rows_without_usd FROM cost_daily ORDER BY currency"
    ).fetchall()
    assert told == [("EUR", None, 700, 1), ("USD", 1, 100, 0)]
    assert by_key(oracle) == [
        ("k1", "direct", None, Decimal(1)),
        ("unallocated", "unallocated", "no USD amount", None),
    ]
    euros = oracle.query("SELECT BilledCost FROM focus_cost WHERE BillingCurrency = 'EUR'")
    assert euros.fetchall() == [(Decimal(7),)]


def test_amounts_that_are_none_or_too_large_are_counted(hand: HandMade, oracle):
    hand.day(
        "cost_report", DAY, [cost("many"), cost("0.00000000000001"), cost("9" * 60), cost("1")]
    )
    told = oracle.query("SELECT cost_usd, rows_without_usd FROM cost_daily").fetchall()
    assert told == [(Decimal("0.01"), 2)]
    for view in ("cost_by_api_key", "focus_cost"):
        oracle.query(f"SELECT * FROM {view}").fetchall()


def test_amounts_and_tokens_at_the_limits_break_nothing(hand: HandMade, oracle):
    hand.day("cost_report", DAY, [cost("9" * 27)])
    hand.day("usage_report", DAY, [usage(2**61, "k1"), usage(2**61, "k2")])
    assert sum(row[3] for row in by_key(oracle)) == Decimal("9" * 27) / 100


def test_workspaces_without_a_name_and_without_a_row(hand: HandMade, oracle):
    hand.snapshot(
        "workspaces",
        DAY,
        [workspace(None, id="w1"), workspace("", id="w2"), workspace("W", id="w3")],
    )
    hand.day(
        "cost_report", DAY, [cost("1", workspace_id=one) for one in ("w1", "w2", "w3", "w4", None)]
    )
    told = oracle.query("SELECT workspace_name FROM cost_daily").fetchall()
    assert sorted(told) == [("Default workspace",), ("W",), ("w1",), ("w2",), ("w4",)]


def test_costs_that_usage_does_not_cover_are_unallocated(hand: HandMade, oracle):
    hand.day(
        "cost_report",
        DAY,
        [cost("5"), cost("7", cost_type="web_search", token_type=None, model=None)],
    )
    hand.day("usage_report", DAY, [usage(9, "k1", workspace_id="other"), usage(0, "k2")])
    assert by_key(oracle) == [
        ("unallocated", "unallocated", "no usage reported", Decimal("0.12")),
    ]


def test_who_joined_left_and_changed_role(hand: HandMade, oracle):
    members = [{"user_id": "user_ada", "workspace_id": "w1", "workspace_role": "workspace_user"}]
    hand.snapshot("users", "2026-11-16", [user("ada"), user("bob")])
    hand.snapshot("users", "2026-11-18", [user("ada", "admin"), user("cyd")])
    hand.snapshot("users", DAY, [user("ada", "admin"), user("bob"), user("cyd")])
    hand.snapshot("workspace_members", "2026-11-18", members)
    hand.snapshot("workspace_members", DAY, [])
    for day in ("2026-11-16", "2026-11-18", DAY):
        hand.run(day, "users")
    hand.run("2026-11-18", "workspace_members")
    hand.run(DAY, "workspace_members")
    told = oracle.query(
        "SELECT day, since, scope, user_name, change, old_role, new_role "
        "FROM membership_changes ORDER BY 1, 3, 4"
    ).fetchall()
    day = {n: date(2026, 11, n) for n in (16, 18, 19)}
    assert told == [
        (day[18], day[16], "organization", "ada", "role changed", "developer", "admin"),
        (day[18], day[16], "organization", "bob", "left", "developer", None),
        (day[18], day[16], "organization", "cyd", "joined", None, "developer"),
        (day[19], day[18], "organization", "bob", "joined", None, "developer"),
        (day[19], day[18], "workspace", "ada", "left", "workspace_user", None),
    ]


def findings(oracle):
    return set(oracle.query("SELECT finding, subject, detail FROM access_review").fetchall())


def test_keys_to_look_at(hand: HandMade, oracle):
    soon, past = "2026-12-01T00:00:00Z", "2026-11-01T00:00:00Z"
    hand.snapshot("users", DAY, [user("ada")])
    hand.snapshot("api_keys", DAY, [
        api_key("used"), api_key("idle"), api_key("never"), api_key("soon", expires_at=soon),
        api_key("young", created_at="2026-11-01T00:00:00Z"),
        api_key("off", status="inactive"), api_key("past", status="expired", expires_at=past),
        api_key("orphan", created_by={"id": "user_zed", "type": "user"}),
        api_key("service", created_by={"id": "svac", "type": "service_account"}),
    ])  # fmt: skip
    hand.day("usage_report", "2026-08-01", [usage(1, "idle")])
    hand.day("usage_report", DAY, [usage(1, k) for k in ("used", "soon", "orphan", "service")])
    assert findings(oracle) == {
        ("key unused", "name of idle", "last used on 2026-08-01"),
        ("key unused", "name of never", "no use in the 111 days looked at"),
        ("key expires soon", "name of soon", "expires on 2026-12-01"),
        ("key creator has left", "name of orphan", "key is active"),
    }


def test_people_to_look_at(hand: HandMade, oracle):
    invite = {"type": "invite", "status": "pending", "invited_at": "2026-11-01T00:00:00Z"}
    hand.snapshot("invites", DAY, [
        {**invite, "id": "i1", "email": "x@example.com", "role": "admin"},
        {**invite, "id": "i2", "email": "y@example.com", "role": "user"},
        {**invite, "id": "i3", "email": "z@example.com", "role": "admin", "status": "accepted"},
    ])  # fmt: skip
    hand.snapshot("users", DAY, [user("ada", "admin"), user("bob")])
    hand.snapshot("workspaces", DAY, [
        workspace("live", id="w1"), workspace("dead", id="w2", archived_at="2026-10-01T00:00:00Z"),
    ])  # fmt: skip
    hand.snapshot("workspace_members", DAY, [
        {"user_id": "user_bob", "workspace_id": "w1", "workspace_role": "workspace_admin"},
        {"user_id": "user_ada", "workspace_id": "w1", "workspace_role": "workspace_user"},
        {"user_id": "user_ada", "workspace_id": "w2", "workspace_role": "workspace_user"},
    ])  # fmt: skip
    assert findings(oracle) == {
        ("admin invite pending", "x@example.com", "invited as admin"),
        ("organization admin", "ada", "role is admin"),
        ("workspace admin", "bob", "role is workspace_admin"),
        ("member of archived workspace", "ada", "role is workspace_user"),
    }


def test_nobody_is_accused_where_nothing_is_loaded(hand: HandMade, oracle):
    hand.snapshot("api_keys", DAY, [api_key("k1"), api_key("k2", created_at="not a time")])
    assert findings(oracle) == set()
    hand.snapshot("users", DAY, [user("ada")])
    assert findings(oracle) == set()


def test_freshness_tells_the_last_run_of_each_table(hand: HandMade, oracle):
    gaps = ["2026-11-01/2026-11-02"]
    hand.run("2026-11-18", "cost_report", cursor_after="2026-11-17", gaps=[])
    hand.run(
        "2026-11-20",
        "cost_report",
        cursor_after="2026-11-17",
        gaps=gaps,
        status="failed",
        error="no",
    )
    hand.run("2026-11-18", "users")
    hand.run("2026-11-20", "users", status="forbidden")
    hand.run("2026-11-20", "analytics_cost", cursor_after="2026-11-18")
    hand.run("2026-11-20", "rate_limits")
    hand.run("2026-11-20", "spend_limits", status="not_offered", error="HTTP 404")
    told = {row[0]: row[1:] for row in oracle.query(
        "SELECT table_name, last_complete_day, lag_days, last_status, gaps, error FROM freshness"
    ).fetchall()}  # fmt: skip
    assert told["cost_report"] == (date(2026, 11, 17), 2, "failed", gaps[0], "no")
    assert told["users"] == (date(2026, 11, 18), 2, "forbidden", None, None)
    assert told["invites"] == (None, None, "never run", None, None)
    assert told["analytics_cost"] == (date(2026, 11, 18), 1, "loaded", None, None)
    assert told["rate_limits"] == (date(2026, 11, 20), 0, "loaded", None, None)
    assert told["spend_limits"] == (None, None, "not_offered", None, "HTTP 404")
    assert "analytics_usage" not in told


@pytest.mark.parametrize(("then", "told"), [(None, "2026-11-01/2026-11-02"), ([], "")])
def test_a_run_that_did_not_look_hides_no_gap(hand: HandMade, oracle, then, told):
    hand.run("2026-11-18", "cost_report", cursor_after="2026-11-17", gaps=["2026-11-01/2026-11-02"])
    hand.run("2026-11-19", "cost_report", cursor_after="2026-11-17", gaps=then, mode="backfill")
    asked = "SELECT gaps FROM freshness WHERE table_name = 'cost_report'"
    assert oracle.query(asked).fetchall() == [(told,)]


def test_ten_thousand_users(hand: HandMade, engine_over):
    people = [user(f"u{n}") for n in range(10_000)]
    hand.snapshot("users", "2026-11-18", people)
    hand.snapshot("users", DAY, people)
    for n in range(1, 31):
        day = TODAY - timedelta(days=n)
        hand.day(
            "claude_code_usage", str(day), [coding(f"u{m}@example.com") for m in range(n * 100)]
        )
    engine = engine_over(hand.folder)
    told = engine.query(
        "SELECT first_day, active_users, organization_users FROM claude_code_adoption "
        "WHERE period = 'day'"
    ).rows
    assert {row[0]: row[1:] for row in told} == {
        TODAY - timedelta(days=n): (n * 100, 10_000) for n in range(1, 31)
    }


AMOUNTS = st.decimals(-10_000, 10_000, places=6, allow_nan=False).map(str)
KEYS = st.sampled_from(["k1", "k2", "k3", None])
CELLS = st.sampled_from([{}, {"workspace_id": "w1"}, {"model": None}, {"context_window": None}])


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(AMOUNTS, CELLS), max_size=6),
    st.lists(st.tuples(st.integers(0, 10**12), KEYS, CELLS), max_size=8),
)
def test_whatever_is_reported_and_used_the_day_ties_out(tmp_path_factory, costs, used):
    lake = HandMade(tmp_path_factory.mktemp("any"))
    lake.day("cost_report", DAY, [cost(amount, **cell) for amount, cell in costs])
    lake.day("usage_report", DAY, [usage(tokens, key, **cell) for tokens, key, cell in used])
    told = Engine(FolderLake(lake.folder), TODAY).query("SELECT sum(cost_usd) FROM cost_by_api_key")
    assert (told.rows[0][0] or 0) == sum(Decimal(amount) for amount, _ in costs) / 100


@pytest.mark.parametrize("table", ["users", "workspaces", "api_keys"])
def test_the_current_state_is_enough_for_names(hand: HandMade, oracle, table):
    """As after the old snapshots were deleted."""
    hand.snapshot(
        table, DAY, [{"users": user, "workspaces": workspace, "api_keys": api_key}[table]("a")]
    )
    for kept in (f"{table}_history/*/*/*", f"{table}_seen/*/*"):
        (file,) = hand.folder.glob(kept)
        file.unlink()
    assert oracle.query(f"SELECT count(*) FROM known_{table}").fetchone() == (1,)


TOOLS = {"edit_tool": {"accepted": 3, "rejected": 1}, "write_tool": {"accepted": 1, "rejected": 0}}
OF_TOOLS = "FROM claude_code_usage AS c CROSS JOIN UNNEST(map_keys(c.tool_actions)) AS"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (f"SELECT t.tool, c.tool_actions[t.tool].accepted {OF_TOOLS} t (tool)",
         [("edit_tool", 3), ("write_tool", 1)]),
        (f"SELECT t.tool AS name, count(*) {OF_TOOLS} t (tool) WHERE t.tool > 'f' GROUP BY t.tool",
         [("write_tool", 1)]),
        (f"SELECT tool {OF_TOOLS} t (tool)", [("edit_tool",), ("write_tool",)]),
        (f"SELECT t.terminal_type, c.terminal_type AS own {OF_TOOLS} t (terminal_type)",
         [("edit_tool", "vscode"), ("write_tool", "vscode")]),
        (f"SELECT t.tool, (SELECT max(t.tool || email) FROM users) AS x {OF_TOOLS} t (tool)",
         [("edit_tool", "edit_toola@example.com"), ("write_tool", "write_toola@example.com")]),
        (f"SELECT t.tool {OF_TOOLS.replace('CROSS', 'LEFT')} t (tool) ON true",
         [("edit_tool",), ("write_tool",), (None,)]),
    ],
)  # fmt: skip
def test_unnesting_gives_what_a_join_gives(hand: HandMade, sql, expected):
    records = [coding(tool_actions=TOOLS), coding("b@example.com", tool_actions={})]
    hand.day("claude_code_usage", DAY, records)
    hand.snapshot("users", DAY, [user("a")])
    answer = Engine(FolderLake(hand.folder), TODAY).query(f"{sql} ORDER BY 1")
    assert answer.rows == expected
    assert "unnested_value" not in answer.columns


def test_a_table_that_was_read_before_can_be_streamed(hand: HandMade):
    hand.day("claude_code_usage", DAY, [coding()])
    engine = Engine(FolderLake(hand.folder), TODAY)
    before = engine.query("SELECT day, sessions FROM claude_code_daily").rows
    engine.stream("claude_code_daily")
    engine.keep_by_day("claude_code_daily", date(2026, 11, 1))
    assert engine.query("SELECT day, sessions FROM claude_code_daily").rows == before
