"""The main job: every table, exactly, and then only what is new or may have changed."""

from datetime import timedelta

import pytest

from claude_admin_lake.plan.event import read_event
from claude_admin_lake.run.preview import dry_run
from claude_admin_lake.run.run import plan_all
from claude_admin_lake.settings import read_settings
from claude_admin_lake.source import reader
from tests.guarantees.world import (
    DATED,
    MAIN,
    REMEMBERED,
    SNAPSHOTS,
    TODAY,
    World,
    ago,
    assert_day_is_true,
    assert_rows_are,
)


def test_a_first_run_leaves_every_partition_equal_to_what_the_api_holds(world: World) -> None:
    world.settings["START_DATE"] = str(ago(33))
    result = world.run()
    assert result.status == "complete"
    for table in DATED:
        assert world.days_in_lake(table) == [ago(n) for n in range(33, 0, -1)]
        for n in range(1, 34):
            assert_day_is_true(world, table, ago(n))
        assert world.cursor(table) == str(ago(1))


@pytest.mark.parametrize("table", [name for name in SNAPSHOTS if name != "workspace_members"])
def test_a_snapshot_is_kept_twice_now_and_by_day(world: World, table: str) -> None:
    world.run({"tables": [table]})
    current = world.rows(f"{table}/organization=main/{table}.jsonl.gz")
    assert current
    assert_rows_are(table, current, world.api.truth_text(table))
    assert (
        world.rows(f"{table}_history/organization=main/snapshot_date={TODAY}/{table}.jsonl.gz")
        == current
    )


def test_members_come_from_every_workspace_archived_ones_too(world: World) -> None:
    world.run({"tables": ["workspace_members"]})
    rows = world.rows("workspace_members/organization=main/workspace_members.jsonl.gz")
    assert_rows_are("workspace_members", rows, world.api.truth_text("workspace_members"))


def test_nothing_else_is_under_the_lakes_prefixes(world: World) -> None:
    world.run()
    expected = {
        f"{t}/organization=main/date={ago(n)}/{t}.jsonl.gz" for t in DATED for n in range(1, 11)
    }
    expected |= {f"{t}/organization=main/{t}.jsonl.gz" for t in SNAPSHOTS}
    expected |= {
        f"{t}_history/organization=main/snapshot_date={TODAY}/{t}.jsonl.gz" for t in SNAPSHOTS
    }
    expected |= {f"load_runs/organization=main/date={TODAY}/run.jsonl.gz"}
    expected |= {f"{t}_seen/organization=main/{t}_seen.jsonl.gz" for t in REMEMBERED}
    assert set(world.store.objects()) == expected
    assert world.store.leftovers() == []


def test_a_laptops_folder_holds_the_lake_and_its_cursors_and_nothing_else(
    on_laptop: World,
) -> None:
    on_laptop.run()
    histories = {f"{table}_history" for table in SNAPSHOTS}
    found = {entry.name for entry in on_laptop.store.folder.iterdir()}
    seen = {f"{table}_seen" for table in REMEMBERED}
    assert found == {*DATED, *SNAPSHOTS, *histories, *seen, "load_runs", "_state"}


def test_a_daily_run_asks_no_more_than_it_must(world: World) -> None:
    world.settings |= {"START_DATE": str(ago(40)), "REPORT_LOOKBACK_DAYS": "30"}
    world.run()
    world.next_day()
    world.run()
    workspaces = [one for one in world.api.truth("workspaces") if not one["archived_at"]]
    counted = {table: world.api.count(table) for table in (*SNAPSHOTS, *DATED)}
    assert counted == {
        **dict.fromkeys(SNAPSHOTS, 1),
        **dict.fromkeys(DATED, 1),
        "workspace_members": len(workspaces),
        "claude_code_usage": 4,
    }
    assert world.api.max_in_flight == 1


def test_days_that_are_too_much_for_one_page_are_read_a_few_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.settings["START_DATE"] = str(ago(31))
    world.run({"tables": ["usage_report"]})
    usual, asked = world.lake(), world.api.count("usage_report")
    a_day = max(len(str(one)) for one in usual.values())
    monkeypatch.setattr(reader, "_MOST_BYTES", 8 * a_day)
    world.run({"start_date": str(ago(31)), "end_date": str(ago(1)), "tables": ["usage_report"]})
    assert world.lake() == usual
    assert asked == 1
    assert 3 < world.api.count("usage_report") - asked < 31
    assert world.api.max_in_flight == 1


def test_the_next_day_reads_the_lookback_and_the_new_day_only(world: World) -> None:
    world.run()
    world.next_day()
    world.run({"tables": ["claude_code_usage"]})
    whose, *requests = world.api.requests
    assert whose.table == "organization"
    asked = [dict(one.query)["starting_at"] for one in requests]
    assert asked == [str(ago(n)) for n in (3, 2, 1, 0)]
    assert world.cursor("claude_code_usage") == str(TODAY)


def test_a_backfill_changes_its_days_and_no_cursor(world: World) -> None:
    world.run()
    before, cursors = world.lake(), world.store.cursors()
    for day in (ago(9), ago(8), ago(5)):
        world.api.put("claude_code_usage", day, [])
    world.run(
        {
            "start_date": str(ago(9)),
            "end_date": str(ago(8)),
            "tables": ["claude_code_usage"],
        }
    )
    changed = {key for key, body in world.lake().items() if before[key] != body}
    assert changed == {
        f"claude_code_usage/organization=main/date={day}/claude_code_usage.jsonl.gz"
        for day in (ago(9), ago(8))
    }
    assert world.store.cursors() == cursors


def test_a_day_without_rows_is_an_object_without_rows(world: World) -> None:
    for table in DATED:
        world.api.put(table, ago(2), [])
    world.run()
    assert all(world.day(table, ago(2)) == [] for table in DATED)


def test_todays_partial_day_is_kept_on_request_and_the_cursor_stops_before_it(
    world: World,
) -> None:
    world.settings["INCLUDE_TODAY"] = "true"
    world.run()
    for table in DATED:
        assert world.days_in_lake(table)[-1] == TODAY
        assert world.cursor(table) == str(ago(1))


def test_an_hour_must_pass_before_a_day_of_claude_code_is_complete(world: World) -> None:
    world.at(world.clock.started.replace(hour=0, minute=30))
    result = world.run().as_dict()
    assert world.cursor("claude_code_usage") == str(ago(2))
    assert world.cursor("cost_report") == str(ago(1))
    assert result["tables"]["claude_code_usage"]["days_not_yet"] == [f"{ago(1)}/{ago(1)}"]


@pytest.mark.slow
def test_every_page_of_every_listing_is_read(world: World) -> None:
    world.api.page_cap = 2
    world.run()
    assert_rows_are(
        "users", world.rows("users/organization=main/users.jsonl.gz"), world.api.truth_text("users")
    )
    for table in DATED:
        assert_day_is_true(world, table, ago(1))


def test_a_dry_run_leaves_no_trace(world: World) -> None:
    settings = read_settings(world.environment)
    request = read_event({"dry_run": True}, settings, world.clock.now())
    answer = dry_run("run", MAIN, plan_all(request, world.services()), settings)
    assert answer["requests"] == len(SNAPSHOTS) + len(DATED) - 1 + 10
    assert world.api.requests == []
    assert world.store.objects() == {}
    assert world.store.cursors() == {}


def test_snapshots_are_kept_for_each_day(world: World) -> None:
    world.run({"tables": ["users"]})
    world.next_day()
    world.run({"tables": ["users"]})
    days = [TODAY, TODAY + timedelta(days=1)]
    assert {key for key in world.lake() if "history" in key} == {
        f"users_history/organization=main/snapshot_date={day}/users.jsonl.gz" for day in days
    }
