"""What is not loaded, or not yet, is neither zero nor complete."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from claude_admin_lake.analysis.engine import Engine
from claude_admin_lake.analysis.lake import FolderLake
from hand_made import TODAY, HandMade, api_key, coding, cost, usage, user, workspace

YESTERDAY = TODAY - timedelta(days=1)


def ago(days: int) -> str:
    return str(TODAY - timedelta(days=days))


def ask(hand: HandMade, sql: str) -> list[tuple[Any, ...]]:
    return Engine(FolderLake(hand.folder), TODAY).query(sql).rows


def loaded(hand: HandMade, table: str, cursor: str, day: str = str(TODAY), **columns: object):
    hand.run(day, table, cursor_after=cursor, **columns)


def test_a_run_that_passes_midnight_changes_nobodys_membership(hand: HandMade):
    for day in (4, 3, 2):
        hand.snapshot("users", ago(day), [user("ada")])
        hand.run(
            ago(day - 1 if day == 3 else day), "users", snapshot_date=ago(day), run_id=f"r{day}"
        )
    assert ask(hand, "SELECT * FROM membership_changes") == []
    hand.snapshot("users", ago(1), [user("ada"), user("bob")])
    hand.run(str(TODAY), "users", snapshot_date=ago(1))
    changes = "SELECT day, since, user_name, change FROM membership_changes"
    assert ask(hand, changes) == [(YESTERDAY, TODAY - timedelta(days=2), "bob", "joined")]
    fresh = "SELECT last_complete_day FROM freshness WHERE table_name = 'users'"
    assert ask(hand, fresh) == [(YESTERDAY,)]


def unused(hand: HandMade) -> list[str]:
    sql = "SELECT subject FROM access_review WHERE finding = 'key unused' ORDER BY 1"
    return [subject for (subject,) in ask(hand, sql)]


def test_no_key_is_unused_if_usage_names_none(hand: HandMade):
    hand.snapshot("api_keys", str(TODAY), [api_key("k1")])
    for day in range(1, 120):
        hand.day("usage_report", ago(day), [usage(1, None)])
    assert unused(hand) == []


def test_no_key_is_unused_if_usage_is_no_longer_loaded(hand: HandMade):
    hand.snapshot("api_keys", str(TODAY), [api_key("k1")])
    for day in range(100, 220):
        hand.day("usage_report", ago(day), [usage(1, "k1")])
    assert unused(hand) == []
    loaded(hand, "usage_report", ago(1))  # it is, and nobody used anything
    assert unused(hand) == ["name of k1"]


def test_a_week_that_is_not_loaded_to_its_end_is_not_compared(hand: HandMade):
    sunday = TODAY - timedelta(days=TODAY.isoweekday())
    for day in range(30):
        hand.day("cost_report", str(sunday - timedelta(days=day)), [cost("10000")])
    weeks = "SELECT first_day FROM cost_changes WHERE period = 'week' ORDER BY 1 DESC"
    last = sunday - timedelta(days=6)
    assert ask(hand, weeks)[0] == (last,)
    loaded(hand, "cost_report", str(sunday - timedelta(days=1)))
    assert ask(hand, weeks)[0] == (last - timedelta(days=7),)
    loaded(hand, "cost_report", str(sunday), run_id="later")
    assert ask(hand, weeks)[0] == (last,)


def test_days_after_the_cursor_are_no_anomalies_and_no_months_end(hand: HandMade):
    """Two days have failed, and a later one is only half there."""
    for day in range(1, 140):
        if day not in (3, 4):
            hand.day("cost_report", ago(day), [cost("20000" if day == 1 else "100000")])
    found = "SELECT day FROM cost_anomalies"
    assert {day for (day,) in ask(hand, found)} >= {YESTERDAY}
    loaded(hand, "cost_report", ago(5), gaps=[])
    assert ask(hand, found) == []
    status = "SELECT through_day, actual_usd FROM budget_status WHERE scope = 'organization'"
    through = TODAY - timedelta(days=5)
    assert ask(hand, status) == [(through, Decimal(1000) * through.day)]


def test_a_first_week_that_began_before_the_first_day_is_not_complete(hand: HandMade):
    monday = TODAY - timedelta(days=TODAY.isoweekday() + 13)
    first = monday + timedelta(days=3)
    day = first
    while day < TODAY:
        hand.day("claude_code_usage", str(day), [coding()])
        day += timedelta(days=1)
    weeks = "SELECT is_complete FROM claude_code_adoption WHERE period = 'week' ORDER BY first_day"
    loaded(hand, "claude_code_usage", str(YESTERDAY), first_day=str(first))
    complete = [one for (one,) in ask(hand, weeks)]
    assert complete[:2] == [False, True]


def test_usage_without_workspaces_is_in_those_of_its_keys(hand: HandMade):
    """USAGE_GROUP_BY may leave workspace_id out."""
    day, model = "2026-11-10", "claude-opus-4-6"
    hand.snapshot("workspaces", str(TODAY), [workspace("Search", id="w1")])
    keys = [api_key("k1", workspace_id="w1"), api_key("k2", workspace_id=None)]
    hand.snapshot("api_keys", str(TODAY), keys)
    used = [usage(6_000_000, "k1", model=model), usage(1_000_000, "k2", model=model)]
    hand.day("usage_report", day, used)
    costs = [cost("15000", workspace_id="w1", model=model), cost("2500", model=model)]
    hand.day("cost_report", day, costs)
    status = "SELECT workspace_id, quantity, status FROM reconciliation ORDER BY 1 NULLS LAST"
    assert ask(hand, status) == [("w1", 6_000_000, "ok"), (None, 1_000_000, "ok")]
    focus = "SELECT SubAccountName, ConsumedQuantity FROM focus_cost ORDER BY 1 NULLS LAST"
    assert ask(hand, focus) == [("Search", 6_000_000), (None, 1_000_000)]
    daily = "SELECT workspace_name, output_tokens FROM usage_daily ORDER BY 2 DESC"
    assert ask(hand, daily) == [
        ("Search", 6_000_000), ("Default workspace", 1_000_000),
    ]  # fmt: skip


def test_nobody_is_unused_if_claude_code_is_not_loaded(hand: HandMade):
    hand.snapshot("users", ago(1), [user("ada")])
    states = "SELECT state FROM seats"
    assert ask(hand, states) == [(None,)]
    loaded(hand, "claude_code_usage", ago(1))
    assert ask(hand, states) == [("unused",)]
