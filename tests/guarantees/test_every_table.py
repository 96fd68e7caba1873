"""Every table of the younger groups, row by row and field by field, is what the API holds."""

import pytest

from claude_admin_lake.run.outcome import Status
from tests.guarantees.loading import BY_NAME, YOUNG, current, load, newest, truth
from tests.guarantees.world import (
    PARTITION,
    TODAY,
    World,
    ago,
    assert_day_is_true,
    assert_rows_are,
)

every_young_table = pytest.mark.parametrize("table", [one.name for one in YOUNG])


@pytest.fixture
def world(on_laptop: World) -> World:
    on_laptop.settings["START_DATE"] = str(ago(5))
    on_laptop.api.switches.logs_own_reads = False
    return on_laptop


def assert_is_true(world: World, table: str) -> None:
    """The lake's table is what the API holds, and the cursor says so."""
    if BY_NAME[table].days:
        days = [ago(n) for n in range(5, 0, -1) if ago(n) <= newest(table)]
        assert world.days_in_lake(table) == days
        assert world.cursor(table) == str(newest(table))
        for day in days:
            assert_day_is_true(world, table, day)
        assert any(world.day(table, day) for day in days)
        return
    rows = current(world, table)
    assert rows
    assert_rows_are(table, rows, truth(world, table))
    history = f"{table}_history/{PARTITION}/snapshot_date={TODAY}/{table}.jsonl.gz"
    assert world.rows(history) == rows


@every_young_table
def test_a_table_is_what_the_api_holds(world: World, table: str) -> None:
    outcome = load(world, table)
    assert (outcome.status, outcome.error, outcome.drift) == (Status.LOADED, None, set())
    assert_is_true(world, table)


@every_young_table
def test_every_page_is_read_however_small_and_however_it_says_that_it_is_the_last(
    world: World, table: str
) -> None:
    """A list can end with a null token, or with `has_more: false` beside another token."""
    world.api.page_cap = 2
    for said in (False, True):
        world.api.switches.lists_say_has_more = said
        assert load(world, table).error is None
        assert_is_true(world, table)


@pytest.mark.slow
@every_young_table
def test_the_newer_version_of_the_api_gives_the_same_table_without_drift(
    world: World, table: str
) -> None:
    load(world, table)
    before = world.lake()
    world.settings["ANTHROPIC_VERSION"] = "2026-10-21"
    outcome = load(world, table)
    assert (outcome.error, outcome.drift) == (None, set())
    if table != "rbac_roles":  # it has the name once only
        assert world.lake() == before
