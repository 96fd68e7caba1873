"""Kinds of tables that do not exist yet: each takes a declaration, its columns and a fixture."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from admin_double import ENDPOINTS, AdminDouble, Endpoint
from admin_double.kinds.listing import TokenListing
from admin_double.kinds.range_rows import RangeRows
from claude_admin_lake.plan.request import Request
from claude_admin_lake.run.outcome import Outcome
from claude_admin_lake.run.run import execute
from claude_admin_lake.shapes.rows import TimeRows
from claude_admin_lake.tables import Column, Days, Table
from claude_admin_lake.tables.paging import by_token
from claude_admin_lake.tables.types import BIGINT, STRING
from tests.guarantees.world import NOW, TODAY, OnLaptop, World, ago

BASE = "/v1/organizations"
PLANTS = [{"id": f"plant_{n}", "height": n} for n in range(2500)]
EMPTY = ago(7)


@cache
def rows_of(_contents: object, day: date) -> list[dict[str, Any]]:
    """So many rows that days span pages of 1000; one day has none."""
    many = 0 if day == EMPTY else 100 * day.day
    return [{"starting_at": f"{day}T00:00:00Z", "n": n} for n in range(many)]


ADDED = (
    Endpoint(
        table="plants", path=f"{BASE}/plants", kind=TokenListing(records=lambda _c, _p: PLANTS)
    ),
    Endpoint(table="readings", path=f"{BASE}/readings", kind=RangeRows(rows=rows_of)),
)
LISTING = Table(
    name="plants",
    about="A listing whose pages have no has_more",
    path=f"{BASE}/plants",
    columns=(Column("id", STRING, "Plant"), Column("height", BIGINT, "Height in cm")),
    paging=by_token(1000, has_more=False),
)
ROWS = Table(
    name="readings",
    about="Flat rows over a range of days",
    path=f"{BASE}/readings",
    columns=(
        Column("starting_at", STRING, "Start of the time bucket"),
        Column("n", BIGINT, "Reading"),
    ),
    paging=by_token(1000),
    days=Days(shape=TimeRows(), lookback=lambda settings: settings.report_lookback_days),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with AdminDouble(now=NOW, endpoints=(*ADDED, *ENDPOINTS)) as api:
        yield World(api, OnLaptop(tmp_path))


def load(world: World, table: Table) -> Outcome:
    """A run of a table that the registry does not know."""
    world.api.reset_log()
    services = world.services()
    services = replace(services, tables={**services.tables, table.name: table})
    request = Request(organization="main", now=world.clock.now(), tables=(table.name,))
    [outcome] = execute("run", request, services).outcomes
    assert outcome.error is None
    assert not outcome.drift
    return outcome


def test_a_listing_without_has_more_is_read_to_its_null_token(world: World) -> None:
    load(world, LISTING)
    assert world.api.count("plants") == 3
    assert world.rows("plants/organization=main/plants.jsonl.gz") == PLANTS
    assert (
        world.rows(f"plants_history/organization=main/snapshot_date={TODAY}/plants.jsonl.gz")
        == PLANTS
    )


def test_flat_rows_come_day_by_day_in_as_few_requests_as_their_pages(world: World) -> None:
    days = [ago(n) for n in range(10, 0, -1)]
    expected = {day: rows_of(None, day) for day in days}
    load(world, ROWS)
    assert {day: world.day("readings", day) for day in days} == expected
    assert world.days_in_lake("readings") == days
    assert world.api.count("readings") == -(-sum(map(len, expected.values())) // 1000)


@pytest.mark.slow
def test_31_days_of_flat_rows_are_one_read_and_a_longer_history_is_several(world: World) -> None:
    world.settings["START_DATE"] = str(ago(40))
    world.api.put("readings", ago(20), [])
    load(world, ROWS)
    assert world.days_in_lake("readings") == [ago(n) for n in range(40, 0, -1)]
    assert world.day("readings", ago(20)) == []
    firsts = {dict(request.query)["starting_at"] for request in world.api.requests[1:]}
    assert firsts == {f"{ago(40)}T00:00:00Z", f"{ago(9)}T00:00:00Z"}


def test_the_day_after_flat_rows_are_read_again_from_the_lookback(world: World) -> None:
    load(world, ROWS)
    cursor = world.store.cursors()["readings"]
    assert (cursor["date"], cursor["query"]) == (str(ago(1)), "1d")
    changed = [{"starting_at": f"{ago(2)}T00:00:00Z", "n": -1}]
    world.api.put("readings", ago(2), changed)
    world.next_day()
    outcome = load(world, ROWS)
    assert world.day("readings", ago(2)) == changed
    assert outcome.restated == [ago(2)]
    assert world.store.cursors()["readings"]["date"] == str(ago(0))
