"""Whatever keeps failing, a load ends: with everything else in the lake, and with few requests."""

import json
from collections import Counter

import pytest

from admin_double import ALWAYS, faults
from claude_admin_lake.days import DayRange
from claude_admin_lake.plan.read import Read
from claude_admin_lake.plan.request import Request
from claude_admin_lake.run.load_runs import load_run_row
from claude_admin_lake.run.outcome import Status
from claude_admin_lake.run.result import Result
from tests.guarantees.world import DATED, NOW, World, ago, assert_day_is_true
from tests.selection import only_in_check
from tests.unit.test_telemetry import outcome

CLAUDE_CODE = "claude_code_usage"


def paced(world: World, per_minute: int = 60, **settings: str) -> None:
    """Few requests fit into an invocation."""
    world.settings |= {"REQUESTS_PER_MINUTE": str(per_minute), **settings}


def asked_days(world: World, table: str = CLAUDE_CODE) -> list[str]:
    """The first day of each request for a dated table, in order."""
    return [dict(one.query)["starting_at"][:10] for one in world.api.requests if one.table == table]


def whole_load(world: World, seconds: float, table: str = CLAUDE_CODE) -> tuple[list, list[str]]:
    """The results of a load's invocations, and the days that they asked for."""
    results, asked, event = [], [], {"tables": [table]}
    while event is not None:
        results.append(world.run(event, seconds=seconds))
        asked += asked_days(world, table)
        event = results[-1].remaining
        assert len(results) < 30, "the load goes round for ever"
    return results, asked


@pytest.mark.slow
def test_continuations_read_no_stored_day_again_and_a_failed_day_at_most_three_times(
    on_laptop: World,
) -> None:
    world = on_laptop
    paced(world, START_DATE=str(ago(250)))
    world.api.fail(CLAUDE_CODE, faults.status(400), day=ago(240), times=ALWAYS)
    results, asked = whole_load(world, seconds=60)
    assert len(results) > 4
    counted = Counter(asked)
    assert counted.pop(str(ago(240))) == 3
    assert counted == {str(ago(n)): 1 for n in range(250, 0, -1) if n != 240}
    assert world.days_in_lake(CLAUDE_CODE) == [ago(n) for n in range(250, 0, -1) if n != 240]
    assert world.cursor(CLAUDE_CODE) == str(ago(241))
    assert f"{ago(240)}/{ago(240)}" in results[-1].failures[CLAUDE_CODE]


def test_untried_days_come_before_failed_ones(on_laptop: World) -> None:
    world = on_laptop
    paced(world, START_DATE=str(ago(80)))
    world.api.fail(CLAUDE_CODE, faults.status(400), day=ago(80), times=1)
    results, asked = whole_load(world, seconds=60)
    assert len(results) > 1
    assert asked == [str(ago(n)) for n in range(80, 0, -1)] + [str(ago(80))]
    assert results[-1].status == "complete"
    assert world.cursor(CLAUDE_CODE) == str(ago(1))


def test_what_an_earlier_invocation_gave_up_is_handed_on_to_the_last_one(on_laptop: World) -> None:
    world = on_laptop
    paced(world, per_minute=1)
    gave_up = f"{ago(9)}/{ago(8)} tried 3"
    event = {"organization": "main", "slices": {CLAUDE_CODE: [f"{ago(3)}/{ago(1)}", gave_up]}}
    remaining = world.run(event, seconds=30).remaining
    assert remaining
    assert gave_up in remaining["slices"][CLAUDE_CODE]
    assert len(remaining["slices"][CLAUDE_CODE]) > 1


def test_a_day_given_up_by_an_earlier_invocation_makes_the_last_one_fail(on_laptop: World) -> None:
    world = on_laptop
    event = {
        "organization": "main",
        "slices": {
            CLAUDE_CODE: [f"{ago(2)}/{ago(1)}", f"{ago(9)}/{ago(8)} tried 3"],
            "users": ["snapshot tried 3"],
        },
    }
    result = world.run(event)
    assert asked_days(world) == [str(ago(2)), str(ago(1))]
    assert world.api.count("users") == 0
    assert f"{ago(9)}/{ago(8)}" in result.failures[CLAUDE_CODE]
    assert "users" in result.failures
    assert result.remaining is None
    assert world.cursor(CLAUDE_CODE) is None


def test_a_cursor_held_by_a_failed_day_passes_all_days_of_the_load_once_it_is_read(
    on_laptop: World,
) -> None:
    world = on_laptop
    paced(world, START_DATE=str(ago(110)))
    world.api.fail(CLAUDE_CODE, faults.status(400), day=ago(100), times=2)
    results, _ = whole_load(world, seconds=60)
    cursors = [one.outcomes[0].cursor.date for one in results]
    assert cursors[:-1] == [ago(101)] * (len(results) - 1)
    assert cursors[-1] == ago(1)


def test_a_slices_event_moves_no_cursor_over_days_that_are_not_in_the_lake(
    on_laptop: World,
) -> None:
    world = on_laptop
    world.store.put_cursor(CLAUDE_CODE, ago(9))
    world.run({"slices": {CLAUDE_CODE: [f"{ago(8)}/{ago(8)}", f"{ago(3)}/{ago(1)}"]}})
    assert world.cursor(CLAUDE_CODE) == str(ago(8))


FAULTS = [faults.status(503), faults.reset(), faults.status(504)]


@pytest.mark.parametrize("fault", only_in_check(FAULTS[:1], FAULTS))
def test_an_api_that_is_down_gets_a_few_requests_and_the_run_says_so(
    on_laptop: World, fault: faults.Fault
) -> None:
    world = on_laptop
    world.settings["START_DATE"] = str(ago(50))
    world.api.fail(None, fault, times=ALWAYS)
    result = world.run()
    assert world.api.count() <= 30
    assert {one.status.value for one in result.outcomes} == {"failed"}
    assert all("failures in a row" in why for why in result.failures.values())
    world.api.heal()
    assert result.remaining
    assert world.run(result.remaining).status == "complete"
    assert world.cursor(CLAUDE_CODE) == str(ago(1))


def test_an_api_that_goes_down_in_the_middle_of_a_load_costs_no_day(on_laptop: World) -> None:
    world = on_laptop
    world.settings["START_DATE"] = str(ago(50))
    world.api.fail(None, faults.status(503), nth=40, times=ALWAYS)
    result = world.run()
    assert world.api.count() <= 40 + 30
    assert result.failures
    world.api.heal()
    finished = world.run(result.remaining)
    assert finished.status == "complete"
    for table in DATED:
        assert world.days_in_lake(table) == [ago(n) for n in range(50, 0, -1)]


def test_an_endpoint_that_is_down_costs_no_other_table(on_laptop: World) -> None:
    world = on_laptop
    world.settings["START_DATE"] = str(ago(50))
    world.api.fail("usage_report", faults.status(503), times=ALWAYS)
    result = world.run()
    assert set(result.failures) == {"usage_report"}
    assert world.api.count("usage_report") <= 40
    assert world.cursor(CLAUDE_CODE) == str(ago(1))


@pytest.mark.slow
def test_a_report_that_times_out_on_long_ranges_is_read_in_short_ones(on_laptop: World) -> None:
    world = on_laptop
    world.settings |= {"START_DATE": str(ago(70)), "TABLES": "usage_report"}
    world.api.fail("usage_report", faults.status(504), longer_than=1, times=ALWAYS)
    result = world.run()
    assert result.status == "complete"
    assert_day_is_true(world, "usage_report", ago(70))


def test_days_that_the_api_refuses_for_good_cost_few_requests(on_laptop: World) -> None:
    """Such as the days before its retention: 400, however often and however they are asked."""
    world = on_laptop
    world.settings |= {"START_DATE": str(ago(400)), "TABLES": "cost_report"}
    for n in range(400, 170, -1):
        world.api.fail("cost_report", faults.status(400), day=ago(n), times=ALWAYS)
    result = world.run()
    assert world.days_in_lake("cost_report") == [ago(n) for n in range(170, 0, -1)]
    assert world.api.count() < 150
    assert result.as_dict()["tables"]["cost_report"]["days_failed"] == [f"{ago(400)}/{ago(171)}"]  # type: ignore[index]


@pytest.mark.slow
def test_many_failed_days_are_told_in_few_words(on_laptop: World) -> None:
    world = on_laptop
    paced(world, per_minute=600, START_DATE=str(ago(200)), TABLES=CLAUDE_CODE)
    for n in range(1, 200, 2):
        world.api.put(CLAUDE_CODE, ago(n), f'[{{"date":"2020-01-{n % 28 + 1:02}"}}]')
    result = world.run(seconds=15)
    assert result.remaining
    assert len(str(result.remaining)) < 500
    assert world.run(result.remaining, run_id="last").failures
    assert world.cursor(CLAUDE_CODE) == str(ago(200))
    assert world.days_in_lake(CLAUDE_CODE) == [ago(n) for n in range(200, 0, -2)]


def test_rows_of_load_runs_stay_small_whatever_failed() -> None:
    one = outcome(CLAUDE_CODE)
    days = [ago(n) for n in range(1, 1200, 2)]
    one.due = [Read(one.plan.table, DayRange(day, day), 1) for day in days]
    one.given_up, one.gaps, one.restated = one.due, days, days
    one.drift = {f"a_field_{n}: new" for n in range(1000)}
    for n, day in enumerate(days):
        one.add_error(Status.FAILED, f"error {n}" * 100, [day])
    request = Request(organization="main", now=NOW, tables=())
    row = load_run_row(Result("r", request, (one,)), one, "2023-06-01")
    assert len(json.dumps(row)) < 16_000
    assert row["gaps"][0] == f"{ago(1199)}/{ago(1199)}"  # type: ignore[index]
    assert row["gaps"][-1] == "… and 550 more"  # type: ignore[index]
