"""The first day of a lake: chosen by `since` or START_DATE, and kept with the lake."""

import pytest
from msgspec.structs import replace

from claude_admin_lake.days import DayRange
from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.plan.event import read_event
from claude_admin_lake.run.run import plan_all
from claude_admin_lake.settings import read_settings

from .world import DATED, SNAPSHOTS, World, ago

YESTERDAY = str(ago(1))


@pytest.fixture
def unset(world: World) -> World:
    """A world whose settings do not say when to start."""
    del world.settings["START_DATE"]
    return world


def gaps(result):
    return {name: one["gaps"] for name, one in result.as_dict()["tables"].items() if "gaps" in one}


def test_a_first_load_since_a_day_loads_everything_from_there_and_keeps_cursors(unset):
    result = unset.run({"since": str(ago(6))})
    assert result.status == "complete"
    assert set(result.as_dict()["tables"]) == {*DATED, *SNAPSHOTS}
    for table in DATED:
        assert unset.days_in_lake(table) == [ago(n) for n in range(6, 0, -1)]
        assert unset.cursor(table) == YESTERDAY


def test_later_runs_need_no_option_and_report_no_gap_before_the_day(unset):
    unset.run({"since": str(ago(6))})
    unset.next_day()
    result = unset.run()
    assert (result.status, gaps(result)) == ("complete", {})
    assert result.as_dict()["since"] == str(ago(6))
    assert min(unset.days_in_lake("cost_report")) == ago(6)
    assert gaps(unset.run({"repair": True})) == {}
    assert min(unset.days_in_lake("cost_report")) == ago(6)


def test_a_dry_run_plans_from_the_day_and_does_not_keep_it(unset):
    event = {"since": str(ago(6)), "tables": ["cost_report"], "dry_run": True}
    request = read_event(event, read_settings(unset.environment), unset.clock.now())
    (plan,) = plan_all(request, unset.services())
    assert plan.ranges == (DayRange(ago(6), ago(1)),)
    assert unset.services().state.start() is None


def test_an_earlier_day_loads_what_is_missing_and_leaves_the_cursor(unset):
    unset.run({"since": str(ago(4))})
    result = unset.run({"since": str(ago(9))})
    assert (result.status, gaps(result)) == ("complete", {})
    assert unset.days_in_lake("cost_report") == [ago(n) for n in range(9, 0, -1)]
    assert unset.cursor("cost_report") == YESTERDAY
    assert gaps(unset.run()) == {}


def test_a_later_day_keeps_the_older_ones_and_reports_no_gap(unset):
    unset.run({"since": str(ago(9))})
    unset.store.delete(f"cost_report/organization=main/date={ago(8)}/cost_report.jsonl.gz")
    assert gaps(unset.run()) == {"cost_report": [f"{ago(8)}/{ago(8)}"]}
    assert gaps(unset.run({"since": str(ago(5))})) == {}
    assert ago(9) in unset.days_in_lake("cost_report")


def test_an_interrupted_first_load_goes_on_without_the_option(unset):
    with pytest.raises(KeyboardInterrupt):
        unset.run({"since": str(ago(6))}, services=killed_after_one_object(unset))
    assert unset.run().status == "complete"
    assert unset.days_in_lake("cost_report") == [ago(n) for n in range(6, 0, -1)]


def killed_after_one_object(world):
    def kill(_outcome):
        raise KeyboardInterrupt

    return replace(world.services(), progress=kill)


def test_start_date_does_not_change_a_chosen_day_and_says_so(world):
    world.run({"since": str(ago(6))})
    result = world.run().as_dict()
    assert result["since"] == str(ago(6))
    assert f"START_DATE is '{ago(10)}', but `since` has chosen {ago(6)}" in result["notes"][0]
    world.settings["START_DATE"] = str(ago(6))
    assert "notes" not in world.run().as_dict()


def test_a_changed_start_date_counts_and_says_so(world):
    assert "notes" not in world.run().as_dict()
    world.settings["START_DATE"] = str(ago(12))
    result = world.run()
    assert f"has changed from {ago(10)} to {ago(12)}; repair" in result.as_dict()["notes"][0]
    assert gaps(result)["cost_report"] == [f"{ago(12)}/{ago(11)}"]
    assert "notes" not in world.run().as_dict()


def test_the_day_of_a_first_load_is_kept_when_the_setting_is_gone(world):
    world.run()
    del world.settings["START_DATE"]
    assert gaps(world.run()) == {}


def test_a_backfill_into_an_empty_lake_says_that_it_is_no_first_load(world):
    result = world.run({"start_date": str(ago(3))}).as_dict()
    assert result["mode"] == "backfill"
    assert "--since" in result["notes"][0]
    assert world.services().state.start() is None
    world.run()
    assert "notes" not in world.run({"start_date": str(ago(3))}).as_dict()


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"since": "2026-11-21"}, "since is '2026-11-21'; must be 2026-11-20 or earlier"),
        ({"since": "June"}, "since is 'June'; must be a day as YYYY-MM-DD"),
        ({"since": str(ago(5)), "start_date": str(ago(3))}, "beside start_date; use only one"),
        ({"since": str(ago(5)), "repair": True}, "beside repair; use only one of them"),
        ({"since": str(ago(5)), "slices": {"users": ["snapshot"]}}, "beside slices; use only one"),
    ],
)
def test_a_wrong_day_is_refused(world, event, said):
    with pytest.raises(InvalidInput, match="since is") as raised:
        world.run(event)
    assert said in str(raised.value)
