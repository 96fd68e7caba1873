"""Awkward but legal data: credits, equal names, contractors, other groupings, unfinished weeks."""

from datetime import date
from decimal import Decimal

import pytest

from claude_admin_lake.analysis.engine import Answer
from claude_admin_lake.analysis.text import as_csv
from claude_admin_lake.catalog.views import queries
from hand_made import HandMade, api_key, coding, cost, usage, user, workspace

from .test_report import Page, write

DAY, BEFORE = "2026-11-19", "2026-11-18"
QUERIES = {one.name: one.sql for one in queries()}


def allocated(oracle, columns="api_key_id, allocation, matched_on, cost_usd"):
    sql = f"SELECT {columns} FROM cost_by_api_key ORDER BY api_key_id, cost_usd"
    return oracle.query(sql).fetchall()


def test_a_credit_without_model_and_type_is_shown(hand: HandMade, oracle, tmp_path):
    credit = cost("-500", model=None, cost_type=None, token_type=None)
    hand.day("cost_report", DAY, [credit, cost("700")])
    found = oracle.query("SELECT reason, sum(cost_usd) FROM cost_by_api_key GROUP BY 1 ORDER BY 1")
    assert found.fetchall() == [("no usage reported", 7), ("unspecified", -5)]
    page = Page(write(hand.folder, tmp_path / "r.html"))
    assert Decimal(page.numbers["model:unspecified"]) == -5
    assert Decimal(page.numbers["spend"]) == 2


@pytest.fixture
def namesakes(hand: HandMade) -> HandMade:
    hand.snapshot("users", DAY, [
        {**user("ada"), "name": "Sam"}, {**user("bob"), "name": "Sam"},
    ])  # fmt: skip
    hand.snapshot("workspaces", DAY, [
        workspace("Default workspace", id="w1"), workspace("All others", id="w2"),
        workspace("Same", id="w3"), workspace("Same", id="w4"),
    ])  # fmt: skip
    hand.snapshot("api_keys", DAY, [
        {**api_key("k1"), "name": "CI"}, {**api_key("k2"), "name": "CI"},
    ])  # fmt: skip
    places = [None, "w1", "w2", "w3", "w4"]
    hand.day("cost_report", DAY, [cost("100", workspace_id=one) for one in places])
    hand.day("usage_report", DAY, [
        usage(1, "k1", workspace_id="w3"), usage(1, "k2", workspace_id="w4"),
    ])  # fmt: skip
    hand.day("claude_code_usage", DAY, [coding("ada@example.com"), coding("bob@example.com")])
    return hand


def test_the_report_tells_namesakes_apart(namesakes: HandMade, tmp_path):
    numbers = Page(write(namesakes.folder, tmp_path / "r.html")).numbers
    found = {key: Decimal(one) for key, one in numbers.items() if key.startswith("workspace:")}
    assert found == dict.fromkeys([
        "workspace:Default workspace", "workspace:Default workspace (w1)",
        "workspace:All others", "workspace:Same (w3)", "workspace:Same (w4)",
    ], Decimal(1))  # fmt: skip
    assert numbers["key:k1"] == numbers["key:k2"]


@pytest.mark.parametrize(
    ("query", "rows"),
    [("claude_code_people", 2), ("cache_hit_share_by_key", 2), ("spend_by_workspace_and_week", 5)],
)
def test_saved_queries_tell_namesakes_apart(namesakes: HandMade, oracle, query, rows):
    assert len(oracle.query(QUERIES[query]).fetchall()) == rows


def test_people_who_are_not_members_are_counted_apart(hand: HandMade, oracle):
    hand.snapshot("users", DAY, [user("ada"), user("bob")])
    people = ["ada@example.com", "ADA@example.com", "contractor@example.com", "left@example.com"]
    hand.day("claude_code_usage", DAY, [coding(one) for one in people])
    found = oracle.query(
        "SELECT active_users, active_members, active_others, organization_users, active_share "
        "FROM claude_code_adoption WHERE period = 'day'"
    ).fetchall()
    assert found == [(3, 1, 2, 2, 0.5)]


def test_one_address_is_one_person_in_every_view(hand: HandMade, oracle):
    hand.day("claude_code_usage", DAY, [coding("ADA@example.com"), coding("ada@example.com")])
    for view in ("claude_code_daily", "claude_code_by_tool"):
        found = oracle.query(f"SELECT DISTINCT actor FROM {view}").fetchall()
        assert found == [("ada@example.com",)]


def test_days_without_activity_and_unfinished_weeks_are_told(hand: HandMade, oracle):
    hand.day("claude_code_usage", "2026-11-14", [coding()])
    hand.run("2026-11-20", "claude_code_usage", first_day="2026-11-13", cursor_after=DAY)
    found = oracle.query(
        "SELECT first_day, active_users, is_complete FROM claude_code_adoption "
        "WHERE period = 'day' ORDER BY 1"
    ).fetchall()
    assert found == [(date(2026, 11, day), int(day == 14), True) for day in range(13, 20)]
    weeks = oracle.query(
        "SELECT first_day, active_users, is_complete FROM claude_code_adoption "
        "WHERE period = 'week' ORDER BY 1"
    ).fetchall()
    assert weeks == [(date(2026, 11, 9), 1, False), (date(2026, 11, 16), 0, False)]


def test_web_searches_are_charged_to_the_keys_that_searched(hand: HandMade, oracle):
    searched = {"server_tool_use": {"web_search_requests": 3}}
    hand.day("cost_report", DAY, [cost("4", cost_type="web_search", token_type=None, model=None)])
    hand.day("usage_report", DAY, [
        usage(0, "k1", **searched), usage(9, "k2"),
        usage(0, None, server_tool_use={"web_search_requests": 1}),
    ])  # fmt: skip
    found = allocated(oracle, "api_key_id, allocation, reason, cost_usd")
    assert sorted(map(str, found)) == sorted(map(str, [
        ("k1", "allocated", None, Decimal("0.030000000000")),
        (None, "unallocated", "console", Decimal("0.010000000000")),
    ]))  # fmt: skip


def test_a_model_spelt_differently_is_matched_in_its_workspace(hand: HandMade, oracle):
    hand.day("cost_report", DAY, [cost("300", model="m"), cost("100", model="n-20260101")])
    hand.day("usage_report", DAY, [
        usage(5, "k1", model="m"), usage(3, "k2", model="n"), usage(1, "k3", model="n"),
    ])  # fmt: skip
    assert allocated(oracle) == [
        ("k1", "direct", "cell", 3),
        ("k2", "allocated", "workspace", Decimal("0.75")),
        ("k3", "allocated", "workspace", Decimal("0.25")),
    ]


def test_without_the_dimension_of_the_window_costs_are_matched_by_model(hand: HandMade, oracle):
    windows = ("0-200k", "200k-1M")
    hand.day("cost_report", DAY, [cost("100", context_window=one) for one in windows])
    hand.day("usage_report", DAY, [
        usage(3, "k1", context_window=None), usage(1, "k2", context_window=None),
    ])  # fmt: skip
    sums = oracle.query(
        "SELECT api_key_id, matched_on, sum(cost_usd) FROM cost_by_api_key GROUP BY 1, 2 ORDER BY 1"
    ).fetchall()
    assert sums == [("k1", "model", Decimal("1.5")), ("k2", "model", Decimal("0.5"))]


def test_without_the_dimension_of_the_workspace_keys_tell_it(hand: HandMade, oracle):
    hand.snapshot("api_keys", DAY, [api_key("k1", workspace_id="w1"), api_key("k2")])
    hand.day("cost_report", DAY, [cost("100", workspace_id="w1"), cost("700")])
    hand.day("usage_report", DAY, [usage(1, "k1"), usage(1, "k2")])
    assert allocated(oracle) == [("k1", "direct", "cell", 1), ("k2", "direct", "cell", 7)]


def test_a_key_is_called_unused_only_after_ninety_days_of_usage(hand: HandMade, oracle):
    hand.snapshot("api_keys", DAY, [api_key("k1")])
    hand.day("usage_report", DAY, [usage(1, "k2")])
    sql = "SELECT subject FROM access_review WHERE finding = 'key unused'"
    assert oracle.query(sql).fetchall() == []


def test_members_of_a_workspace_who_are_not_in_the_organization_are_found(hand: HandMade, oracle):
    member = {"workspace_id": "w1", "workspace_role": "workspace_user"}
    hand.snapshot("users", BEFORE, [user("ada"), user("bob")])
    hand.snapshot("users", DAY, [user("ada")])
    hand.snapshot("workspace_members", DAY, [
        {**member, "user_id": f"user_{one}"} for one in ("ada", "bob", "zed")
    ])  # fmt: skip
    found = oracle.query("SELECT finding, subject FROM access_review ORDER BY 2").fetchall()
    left = "workspace member who has left"
    assert found == [(left, "bob"), (left, "user_zed")]


def test_archiving_a_workspace_is_not_its_members_leaving(hand: HandMade, oracle):
    members = [
        {"user_id": "user_ada", "workspace_id": one, "workspace_role": "workspace_user"}
        for one in ("w1", "w2")
    ]
    archived = f"{DAY}T01:00:00Z"
    hand.snapshot("workspaces", DAY, [
        workspace("gone", id="w1", archived_at=archived), workspace("here", id="w2"),
    ])  # fmt: skip
    hand.snapshot("workspace_members", BEFORE, members)
    hand.snapshot("workspace_members", DAY, [])
    hand.run(BEFORE, "workspace_members")
    hand.run(DAY, "workspace_members")
    found = oracle.query("SELECT workspace_name, change FROM membership_changes ORDER BY 1")
    assert found.fetchall() == [("gone", "workspace archived"), ("here", "left")]


def test_csv_has_no_formulas_and_no_codes_but_exact_money():
    names = ("=HYPERLINK(1)", "@x", "-5.10", "+x", "a\x1b[31mred", "\u202eevil", "two\nlines")
    rows = [(name, Decimal("-0.100000000001")) for name in names]
    text = as_csv(Answer(("name", "usd"), ("VARCHAR", "DECIMAL(38,12)"), rows))
    assert text.replace("two\nlines", "two lines").splitlines() == [
        "name,usd",
        "'=HYPERLINK(1),-0.100000000001", "'@x,-0.100000000001", "-5.10,-0.100000000001",
        "'+x,-0.100000000001", "a\\x1b[31mred,-0.100000000001", "\\u202eevil,-0.100000000001",
        '"two lines",-0.100000000001',
    ]  # fmt: skip


def test_marks_that_turn_text_around_are_shown_in_the_report(hand: HandMade, tmp_path):
    hand.snapshot("workspaces", DAY, [workspace("a\u202egnp.exe", id="w1")])
    hand.day("cost_report", DAY, [cost("1", workspace_id="w1")])
    text = write(hand.folder, tmp_path / "r.html")
    assert "\u202e" not in text
    assert "a\\u202egnp.exe" in text
