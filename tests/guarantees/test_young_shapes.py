"""The guarantees of every load, for a table of each shape that the standard group lacks."""

import gc
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from admin_double.api import AdminDouble
from tests.guarantees.effects import Effects, Killed, assert_published_before_moved
from tests.guarantees.loading import BY_NAME, key_for, load, newest
from tests.guarantees.world import OnLaptop, World, ago, assert_day_is_true
from tests.selection import only_in_check

DATED = (
    "enterprise_users", "enterprise_summaries", "compliance_activities", "analytics_usage",
    "usage_report_hourly",
)  # fmt: skip
LISTS = ("external_keys", "rbac_role_permissions")
IN_CHECK = ("compliance_activities", "usage_report_hourly", "rbac_role_permissions")
every_dated = pytest.mark.parametrize("table", only_in_check(IN_CHECK, DATED))
every_shape = pytest.mark.parametrize("table", only_in_check(IN_CHECK, [*DATED, *LISTS]))


@pytest.fixture(autouse=True)
def quiet(api: AdminDouble) -> None:
    """Reads of the activity feed write no events: runs can be compared."""
    api.switches.logs_own_reads = False


def a_world(api: AdminDouble, folder: Path, table: str) -> World:
    settings = {"START_DATE": str(ago(4)), "LOOKBACK_DAYS": "2", "REPORT_LOOKBACK_DAYS": "2"}
    return World(api, OnLaptop(folder, key_for(BY_NAME[table])), {**settings, "TABLES": table})


def restate(api: AdminDouble, table: str) -> None:
    """Take a record out of the newest day; of hours, out of the first that has any."""
    served = api.truth(table, newest(table))
    if "results" not in served[0]:
        served = served[1:]
    else:
        hour = next(one for one in served if one["results"])
        hour["results"] = hour["results"][1:]
    api.put(table, newest(table), served)


@every_shape
def test_a_second_run_of_the_same_day_writes_nothing(world: World, table: str) -> None:
    load(world, table)
    before = world.lake()
    again = load(world, table)
    assert world.lake() == before
    assert (again.objects_written, again.restated) == (0, [])
    assert again.objects_unchanged > 0


@every_dated
def test_a_restated_day_is_replaced_and_counted(world: World, table: str) -> None:
    load(world, table)
    restate(world.api, table)
    again = load(world, table)
    assert (again.restated, again.objects_written) == ([newest(table)], 1)
    assert_day_is_true(world, table, newest(table))


@every_dated
def test_a_gap_is_reported_and_repaired(world: World, table: str) -> None:
    load(world, table)
    before = world.lake()
    world.store.delete(f"{table}/organization=main/date={ago(8)}/{table}.jsonl.gz")
    assert load(world, table).gaps == [ago(8)]
    repaired = load(world, table, {"repair": True})
    assert repaired.done == {ago(8)}
    assert world.lake() == before


@every_dated
def test_work_that_is_too_long_goes_round_until_it_is_done(on_laptop: World, table: str) -> None:
    on_laptop.settings["REQUESTS_PER_MINUTE"] = "20"
    on_laptop.api.page_cap = 24
    on_laptop.store.give_key(key_for(BY_NAME[table]))
    results = on_laptop.run_to_the_end({"tables": [table]}, seconds=12)
    assert len(results) > 1
    assert results[-1].status == "complete"
    assert on_laptop.cursor(table) == str(newest(table))
    days = [day for n in range(10, 0, -1) if (day := ago(n)) <= newest(table)]
    assert on_laptop.days_in_lake(table) == days
    for day in days:
        assert_day_is_true(on_laptop, table, day)


@every_dated
def test_a_cursor_never_moves_past_a_day_that_is_not_published(
    api: AdminDouble, tmp_path: Path, table: str
) -> None:
    world = a_world(api, tmp_path, table)
    effects = Effects(world)
    with effects.watched():
        assert world.run().status == "complete"
    assert assert_published_before_moved(effects.seen, ago(4)) > 0
    assert world.cursor(table) == str(newest(table))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # a dead process closes none
@every_shape
def test_a_daily_run_killed_after_any_effect_is_made_good_by_the_next(
    api: AdminDouble, tmp_path: Path, table: str
) -> None:
    """Into a folder that already holds days, one of them restated since."""
    loaded = tmp_path / "loaded"
    a_world(api, loaded, table).run()
    if BY_NAME[table].days:
        restate(api, table)
    api.page_cap = 8

    def next_morning(name: str) -> World:
        folder = tmp_path / name
        shutil.copytree(loaded, folder)
        world = a_world(api, folder, table)
        world.next_day()
        return world

    undisturbed = next_morning("undisturbed")
    effects = Effects(undisturbed)
    with effects.watched():
        assert undisturbed.run().status == "complete"
    assert effects.count >= 4
    for moment in range(1, effects.count + 1):
        world = next_morning(f"killed at {moment}")
        with Effects(world, moment).watched(), pytest.raises(Killed):
            world.run()
        world.clock.passed += timedelta(minutes=16).total_seconds()
        assert world.run(run_id="again").status == "complete"
        assert world.lake() == undisturbed.lake(), f"killed at effect {moment}"
        assert world.store.cursors() == undisturbed.store.cursors()
        assert world.store.leftovers() == []
    gc.collect()
