"""Every table, row by row and field by field, is what the API holds; whatever group it is of."""

import json
from datetime import date
from typing import Any

import pytest

from claude_admin_lake.run.outcome import Status
from claude_admin_lake.tables import TABLES, Key, Table
from tests.guarantees.world import (
    BOTH_KEYS,
    PARTITION,
    TODAY,
    TOKEN,
    World,
    ago,
    assert_day_is_true,
    assert_rows_are,
)

YOUNG = tuple(table for table in TABLES if table.group in ("access", "enterprise", "activity"))
BY_NAME = {table.name: table for table in TABLES}
every_young_table = pytest.mark.parametrize("table", YOUNG, ids=lambda table: table.name)
dated = pytest.mark.parametrize(
    "table", [one for one in YOUNG if one.days], ids=lambda table: table.name
)


@pytest.fixture
def world(on_laptop: World) -> World:
    on_laptop.settings["START_DATE"] = str(ago(5))
    return on_laptop


def load(world: World, table: Table | str) -> Any:
    """A run of one table, with the key that it needs."""
    table = BY_NAME[table] if isinstance(table, str) else table
    world.store.give_key(TOKEN if Key.OAUTH in table.access.keys else BOTH_KEYS)
    [outcome] = world.run({"tables": [table.name]}).outcomes
    return outcome


def current(world: World, table: str) -> list[dict[str, Any]]:
    return world.rows(f"{table}/{PARTITION}/{table}.jsonl.gz")


def truth(world: World, table: str) -> list[bytes]:
    """The API's records of a list, with the parent's id where they do not have it themselves."""
    rule = BY_NAME[table].parent
    if rule is None or not rule.column:
        return world.api.truth_text(table)
    return [
        json.dumps({rule.column: parent["id"], **record}).encode()
        for parent in world.api.truth(rule.table)
        for record in world.api.truth(table, parent["id"])
    ]


def newest(table: Table) -> date:
    """The newest day that is complete at six in the morning."""
    return ago(2) if table.group == "enterprise" else ago(1)


@every_young_table
def test_a_table_is_what_the_api_holds(world: World, table: Table) -> None:
    if table.group == "activity":
        world.api.switches.logs_own_reads = False
    outcome = load(world, table)
    assert (outcome.status, outcome.error, outcome.drift) == (Status.LOADED, None, set())
    if table.days:
        days = [ago(n) for n in range(5, 0, -1) if ago(n) <= newest(table)]
        assert world.days_in_lake(table.name) == days
        assert world.cursor(table.name) == str(newest(table))
        for day in days:
            assert_day_is_true(world, table.name, day)
        assert any(world.day(table.name, day) for day in days)
        return
    rows = current(world, table.name)
    assert rows
    assert_rows_are(table.name, rows, truth(world, table.name))
    history = f"{table.name}_history/{PARTITION}/snapshot_date={TODAY}/{table.name}.jsonl.gz"
    assert world.rows(history) == rows
