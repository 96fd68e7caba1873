"""Time: a run stops itself, keeps what is complete and says what remains; others go on."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from admin_double import ALWAYS, faults
from claude_admin_lake.lake.packing import Packer
from claude_admin_lake.source.reader import Reader
from tests.guarantees.world import DATED, SNAPSHOTS, TODAY, World, ago, assert_day_is_true


def slow(world: World) -> None:
    """Ten requests a minute: a table of days takes minutes."""
    world.settings["REQUESTS_PER_MINUTE"] = "10"


def test_work_that_is_too_long_goes_round_until_it_is_done(world: World) -> None:
    slow(world)
    world.settings["START_DATE"] = str(ago(33))
    results = world.run_to_the_end(seconds=60)
    assert len(results) > 4
    assert results[-1].status == "complete"
    for table in DATED:
        assert world.cursor(table) == str(ago(1))
        assert len(world.days_in_lake(table)) == 33
    assert_day_is_true(world, "claude_code_usage", ago(33))
    assert_day_is_true(world, "claude_code_usage", ago(1))


def test_finished_slices_are_never_read_twice(world: World) -> None:
    slow(world)
    world.settings["START_DATE"] = str(ago(33))
    asked: list[str] = []
    event: object = {}
    while event is not None:
        event = world.run(event, seconds=60).remaining  # type: ignore[arg-type]
        asked += [
            dict(one.query)["starting_at"]
            for one in world.api.requests
            if one.table == "claude_code_usage"
        ]
    assert asked == [str(ago(n)) for n in range(33, 0, -1)]


def test_a_run_ends_before_its_time_is_up(world: World) -> None:
    slow(world)
    result = world.run(seconds=60)
    assert result.status == "incomplete"
    assert world.clock.passed <= 60
    unfinished = [one.table for one in result.outcomes if one.status == "unfinished"]
    assert "claude_code_usage" in unfinished


def days_after_each_run(world: World, table: str) -> list[int]:
    """How many days the lake has after each run of 60 seconds; none may take longer."""
    event, days = {"tables": [table]}, []
    while event:
        started = world.clock.passed
        event = world.run(event, seconds=60).remaining
        assert world.clock.passed - started <= 60
        days.append(len(world.days_in_lake(table)))
        assert len(days) < 50, "the work goes round for ever"
    return days


def test_a_slow_store_makes_no_run_late(on_laptop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of 31 days is here with one answer, but storing each day takes its time."""
    world = on_laptop
    world.settings["START_DATE"] = str(ago(31))
    publish = Packer.publish

    def slowly(packer: Packer, facts: Mapping[str, str]) -> object:
        world.clock.passed += 5
        return publish(packer, facts)

    monkeypatch.setattr(Packer, "publish", slowly)
    assert days_after_each_run(world, "usage_report")[:3] == [10, 20, 30]


def test_at_least_a_day_is_stored_however_late_its_page(
    on_laptop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = on_laptop
    fetch = Reader.fetch

    def late(*arguments: object) -> Iterator[object]:
        steps = fetch(*arguments)
        first = next(steps)
        world.clock.passed += 55
        yield first
        yield from steps

    monkeypatch.setattr(Reader, "fetch", late)
    assert days_after_each_run(world, "cost_report")[:3] == [1, 2, 3]


def test_a_backfill_goes_on_as_a_backfill(world: World) -> None:
    slow(world)
    results = world.run_to_the_end(
        {"start_date": str(ago(20)), "end_date": str(ago(3))}, seconds=40
    )
    assert len(results) > 1
    assert world.days_in_lake("claude_code_usage") == [ago(n) for n in range(20, 2, -1)]
    assert world.store.cursors() == {}


def test_days_that_failed_are_tried_again_with_what_remains(world: World) -> None:
    slow(world)
    world.settings["START_DATE"] = str(ago(33))
    world.api.fail("organization", faults.status(400), times=1)
    first = world.run(seconds=60)
    assert first.failures == {}
    assert first.remaining
    assert first.remaining["slices"]["organization"] == ["snapshot tried 1"]  # type: ignore[index]
    event = first.remaining
    while event:
        result = world.run(event, seconds=60)
        event = result.remaining
    assert result.status == "complete"
    assert world.rows("organization/organization=main/organization.jsonl.gz")


def test_a_table_that_fails_and_then_runs_out_of_time_is_continued(world: World) -> None:
    slow(world)
    world.settings |= {"START_DATE": str(ago(33)), "TABLES": "claude_code_usage"}
    world.api.fail("claude_code_usage", faults.status(400), day=ago(32), times=1)
    first = world.run(seconds=60)
    assert first.failures == {}
    assert first.remaining
    next_day = world.days_in_lake("claude_code_usage")[-1] + timedelta(days=1)
    assert first.remaining["slices"] == {
        "claude_code_usage": [f"{next_day}/{ago(1)}", f"{ago(32)}/{ago(32)} tried 1"]
    }
    assert world.run(first.remaining).status == "complete"
    assert world.cursor("claude_code_usage") == str(ago(1))


def test_a_changed_question_loads_the_history_again(world: World) -> None:
    world.settings["START_DATE"] = str(ago(33))
    world.run()
    world.settings["USAGE_GROUP_BY"] = "model"
    result = world.run().as_dict()
    assert result["tables"]["usage_report"]["reloaded"] is True  # type: ignore[index]
    assert "reloaded" not in result["tables"]["cost_report"]  # type: ignore[index]
    for n in (33, 20, 1):
        rows = world.day("usage_report", ago(n))
        assert rows
        assert all(row["workspace_id"] is None for row in rows)
    assert world.store.cursors()["usage_report"] == {"date": str(ago(1)), "query": "1d:model"}
    assert "reloaded" not in world.run().as_dict()["tables"]["usage_report"]  # type: ignore[index]


def test_a_reload_that_is_interrupted_goes_on_where_it_was(world: World) -> None:
    world.settings |= {"START_DATE": str(ago(90)), "TABLES": "usage_report"}
    world.run()
    world.settings["USAGE_GROUP_BY"] = "model"
    world.api.fail("usage_report", faults.status(400), day=ago(45), times=ALWAYS)
    assert world.run().failures
    cursor = world.store.cursors()["usage_report"]
    assert cursor["date"] == str(ago(1))
    assert cursor["reload_through"] == str(ago(46))
    world.api.heal()
    world.run()
    first = dict(world.api.requests[1].query)["starting_at"]
    assert first == f"{ago(45)}T00:00:00Z"
    assert set(world.store.cursors()["usage_report"]) == {"date", "query"}


def test_the_order_of_dimensions_is_no_change(world: World) -> None:
    world.settings["USAGE_GROUP_BY"] = "model,workspace_id"
    world.run()
    world.settings["USAGE_GROUP_BY"] = "workspace_id,model"
    assert "reloaded" not in world.run().as_dict()["tables"]["usage_report"]  # type: ignore[index]


def test_a_cursor_put_by_hand_is_believed(world: World) -> None:
    world.store.put_cursor("claude_code_usage", ago(5))
    world.settings["LOOKBACK_DAYS"] = "1"
    world.run({"tables": ["claude_code_usage"]})
    assert world.days_in_lake("claude_code_usage") == [ago(n) for n in range(5, 0, -1)]


def test_gaps_are_reported_and_repaired(world: World) -> None:
    world.run()
    for table, n in (("usage_report", 7), ("claude_code_usage", 6), ("claude_code_usage", 5)):
        world.store.delete(f"{table}/organization=main/date={ago(n)}/{table}.jsonl.gz")
    world.settings |= {"LOOKBACK_DAYS": "1", "REPORT_LOOKBACK_DAYS": "1"}
    found = world.run()
    assert found.status == "complete"
    tables = found.as_dict()["tables"]
    assert tables["claude_code_usage"]["gaps"] == [f"{ago(6)}/{ago(5)}"]  # type: ignore[index]
    repaired = world.run({"repair": True})
    assert repaired.status == "complete"
    named = repaired.as_dict()["tables"]["claude_code_usage"]  # type: ignore[index]
    assert named["days_repaired"] == [f"{ago(6)}/{ago(5)}"]
    assert len(world.api.requests) == 1 + 3
    assert world.run().status == "complete"


def test_a_start_date_moved_back_shows_as_gaps(world: World) -> None:
    world.run()
    world.settings["START_DATE"] = str(ago(13))
    tables = world.run().as_dict()["tables"]
    assert tables["cost_report"]["gaps"] == [f"{ago(13)}/{ago(11)}"]  # type: ignore[index]
    assert world.run({"repair": True}).status == "complete"
    assert world.days_in_lake("cost_report")[0] == ago(13)


@pytest.mark.parametrize("mode", ["incremental", "backfill", "repair"])
def test_every_mode_reports_itself_in_load_runs(world: World, mode: str) -> None:
    event = {
        "incremental": {},
        "backfill": {"start_date": str(ago(3))},
        "repair": {"repair": True},
    }[mode]
    world.run()
    world.run(event, run_id="second")
    rows = world.rows(f"load_runs/organization=main/date={TODAY}/second.jsonl.gz")
    assert {row["mode"] for row in rows} == {mode}


def test_load_runs_says_what_was_loaded_and_why_not(world: World) -> None:
    world.api.forbid("users")
    world.api.fail("cost_report", faults.status(400), times=ALWAYS)
    world.api.fail("invites", faults.status(503), times=2)
    world.at(world.clock.started.replace(hour=0, minute=30))
    world.run()
    rows = {
        row["table_name"]: row
        for row in world.rows(f"load_runs/organization=main/date={TODAY}/run.jsonl.gz")
    }
    assert set(rows) == {*DATED, *SNAPSHOTS}
    assert rows["users"]["status"] == "forbidden"
    assert rows["cost_report"]["status"] == "failed"
    assert "HTTP 400" in rows["cost_report"]["error"]
    assert rows["cost_report"]["days_failed"] == [f"{ago(10)}/{ago(1)}"]
    assert rows["invites"]["retries"] == 2
    assert rows["invites"]["wait_seconds"] > 0
    assert rows["claude_code_usage"]["days_not_yet"] == [f"{ago(1)}/{ago(1)}"]
    assert rows["claude_code_usage"]["cursor_after"] == str(ago(2))
    assert rows["claude_code_usage"]["days_loaded"] == 9


def test_empty_forbidden_not_yet_and_failed_are_four_things(world: World) -> None:
    world.api.put("claude_code_usage", ago(3), [])
    world.api.forbid("usage_report")
    world.api.fail("cost_report", faults.status(400), times=ALWAYS)
    world.at(world.clock.started.replace(hour=0, minute=30))
    tables = world.run().as_dict()["tables"]
    assert world.day("claude_code_usage", ago(3)) == []
    claude, usage, cost = (tables[t] for t in ("claude_code_usage", "usage_report", "cost_report"))  # type: ignore[index]
    assert (claude["status"], claude["days_not_yet"]) == ("loaded", [f"{ago(1)}/{ago(1)}"])
    assert (usage["status"], "days_failed" in usage) == ("forbidden", False)
    assert (cost["status"], cost["days_failed"]) == ("failed", [f"{ago(10)}/{ago(1)}"])
