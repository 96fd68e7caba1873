"""A wrong time, of an event, a machine or a cursor, does not become data."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from claude_admin_lake.metrics import LAG
from tests.guarantees.world import DATED, NOW, SNAPSHOTS, TODAY, FakeClock, World, ago
from tests.selection import only_in_check

AHEAD = {"scheduled_time": (NOW + timedelta(days=30)).isoformat()}


def told(result, table: str = "claude_code_usage"):
    return result.as_dict()["tables"][table]


def assert_only_days_that_are_over_count(world: World) -> None:
    for table in DATED:
        assert world.cursor(table) == str(ago(1))
        assert world.days_in_lake(table) == [ago(n) for n in range(10, 0, -1)]
    for key in world.store.objects():
        assert key.partition("date=")[2][:10] in ("", *(str(ago(n)) for n in range(11)))


def test_a_scheduled_time_ahead_stores_no_day_that_is_not_over(world: World) -> None:
    assert world.run(AHEAD).status == "complete"
    assert_only_days_that_are_over_count(world)
    world.next_day()
    assert world.run().status == "complete"
    assert world.cursor("claude_code_usage") == str(TODAY)
    assert len(world.day("cost_report", TODAY) or ()) > 0


@pytest.mark.parametrize("days", [1, 400])
def test_a_machine_whose_clock_is_ahead_of_the_apis_is_not_believed(
    on_laptop: World, days: int
) -> None:
    on_laptop.clock = FakeClock(NOW + timedelta(days=days))
    assert on_laptop.run().status == "complete"
    assert_only_days_that_are_over_count(on_laptop)


def test_a_machine_whose_clock_is_behind_the_apis_waits(on_laptop: World) -> None:
    on_laptop.clock = FakeClock(NOW - timedelta(days=2))
    on_laptop.run()
    assert on_laptop.cursor("cost_report") == str(ago(3))


def test_without_a_date_header_the_machines_clock_counts(on_laptop: World) -> None:
    on_laptop.api.switches.says_time = False
    on_laptop.run(AHEAD)
    assert_only_days_that_are_over_count(on_laptop)


NONSENSE = ["", "yesterday", "Thu, 01 Jan 1970 00:00:00 GMT"]


@pytest.mark.parametrize("stated", only_in_check(["yesterday"], NONSENSE))
def test_a_date_header_that_is_nonsense_is_ignored(on_laptop: World, stated: str) -> None:
    on_laptop.api.switches.says_time = stated
    on_laptop.run()
    assert_only_days_that_are_over_count(on_laptop)


def test_a_backfill_of_days_to_come_by_the_apis_clock_reads_none_of_them(
    on_laptop: World,
) -> None:
    on_laptop.clock = FakeClock(NOW + timedelta(days=5))
    on_laptop.run({"start_date": str(ago(2)), "end_date": str(ago(-5)), "tables": ["cost_report"]})
    assert on_laptop.days_in_lake("cost_report") == [ago(2), ago(1), ago(0)]


@pytest.mark.parametrize("ahead", only_in_check([29], [0, 1, 29, 365]))
def test_a_cursor_ahead_is_pulled_back_and_said(world: World, ahead: int) -> None:
    world.run()
    for table in DATED:
        world.store.put_cursor(table, ago(-ahead))
    world.next_day()
    result = world.run(run_id="pulled")
    assert result.status == "complete"
    for table in DATED:
        assert world.cursor(table) == str(TODAY)
        if ahead > 0:
            assert told(result, table)["cursor_was_ahead"] == str(ago(-ahead))
            assert world.day(table, TODAY) is not None
    rows = world.rows(f"load_runs/organization=main/date={ago(-1)}/pulled.jsonl.gz")
    assert {row["cursor_before"] for row in rows if row["table_name"] in DATED} == {
        str(ago(-ahead))
    }
    assert "cursor_was_ahead" not in told(world.run())


def test_days_stored_empty_by_a_cursor_that_ran_ahead_are_read_when_they_are_over(
    on_laptop: World,
) -> None:
    """As a version without this check has left it: future days empty, ten days ago."""
    on_laptop.settings |= {"LOOKBACK_DAYS": "1", "TABLES": "claude_code_usage"}
    on_laptop.run()
    for n in range(30):
        on_laptop.api.put("claude_code_usage", ago(-n), [])
    on_laptop.next_day(31)
    on_laptop.run()
    on_laptop.next_day(-20)
    for n in range(30):
        on_laptop.api.unput("claude_code_usage", ago(-n))
    on_laptop.run()
    assert on_laptop.cursor("claude_code_usage") == str(ago(-10))
    for n in range(11):
        assert on_laptop.day("claude_code_usage", ago(-n))


def test_a_repair_does_not_take_days_to_come_for_gaps(on_laptop: World) -> None:
    on_laptop.run()
    on_laptop.store.put_cursor("cost_report", ago(-20))
    result = on_laptop.run({"repair": True})
    assert result.status == "complete"
    assert on_laptop.days_in_lake("cost_report")[-1] == ago(1)
    assert on_laptop.cursor("cost_report") == str(ago(-20))


def test_an_event_delivered_again_days_later_leaves_the_history_as_it_was(
    world: World,
) -> None:
    event = {"scheduled_time": NOW.isoformat()}
    world.run(event)
    before = world.lake()
    world.next_day(5)
    world.api.put("users", None, [{"id": "user_new", "type": "user"}])
    world.run(event, run_id="again")
    history = "users_history/organization=main/snapshot_date={}/users.jsonl.gz"
    assert world.lake()[history.format(TODAY)] == before[history.format(TODAY)]
    assert [row["id"] for row in world.rows(history.format(ago(-5)))] == ["user_new"]
    (row, *_) = world.rows(f"load_runs/organization=main/date={ago(-5)}/again.jsonl.gz")
    assert row["scheduled_time"] == "2026-11-20T06:00:00Z"


def test_a_snapshot_read_after_midnight_is_of_the_new_day(on_laptop: World) -> None:
    """The run began the day before, and the API moves on while it works."""
    on_laptop.at(NOW.replace(hour=23, minute=59))
    services = on_laptop.services()

    def midnight(_: object) -> None:
        on_laptop.clock.passed = 120.0
        on_laptop.api.now = NOW.replace(hour=0) + timedelta(days=1, minutes=1)

    on_laptop.run({"tables": ["api_keys", "users"]}, services=replace(services, progress=midnight))
    kept = {key.split("/")[0]: key for key in on_laptop.lake() if "snapshot_date" in key}
    assert f"snapshot_date={TODAY}" in kept["api_keys_history"]
    assert f"snapshot_date={ago(-1)}" in kept["users_history"]
    (key,) = [one for one in on_laptop.store.objects() if one.startswith("load_runs")]
    assert f"date={ago(-1)}" in key
    stored = {row["table_name"]: row["snapshot_date"] for row in on_laptop.rows(key)}
    assert stored == {"api_keys": str(TODAY), "users": str(ago(-1))}


def test_a_redelivered_event_does_not_hide_that_a_table_is_late(on_laptop: World) -> None:
    event = {"scheduled_time": NOW.isoformat()}
    on_laptop.run(event)
    on_laptop.next_day(5)
    result = on_laptop.run(event)
    assert LAG.total(result, [*DATED, *SNAPSHOTS]) == 5
