"""A tenth table is one declaration and its columns, which here read what the double knows."""

import json
from collections import Counter
from typing import Any

from msgspec.structs import replace

from claude_admin_lake.days import DayRange
from claude_admin_lake.plan.request import Mode, Request
from claude_admin_lake.run.result import Result
from claude_admin_lake.run.run import execute
from claude_admin_lake.shapes.buckets import Buckets
from claude_admin_lake.tables import Column, Days, Table
from claude_admin_lake.tables.paging import by_id, by_token
from claude_admin_lake.tables.types import BIGINT, STRING
from tests.guarantees.world import NOW, TODAY, World, ago

TENTH = Table(
    name="people",
    about="Members of the organization, by another name",
    path="/v1/organizations/users",
    columns=(
        Column("id", STRING, "User"),
        Column("email", STRING, "E-mail address"),
        Column("role", STRING, "Role"),
    ),
    paging=by_id(1000),
)
HOURLY = Table(
    name="usage_by_hour",
    about="Tokens by hour and model",
    path="/v1/organizations/usage_report/messages",
    columns=(
        Column("starting_at", STRING, "Start of the hour"),
        Column("ending_at", STRING, "End of the hour (exclusive)"),
        Column("model", STRING, "Model"),
        Column("uncached_input_tokens", BIGINT, "Input tokens that no cache served"),
        Column("output_tokens", BIGINT, "Output tokens"),
    ),
    paging=by_token(168),
    days=Days(
        shape=Buckets("1h", 24),
        lookback=lambda settings: settings.report_lookback_days,
        group_by=lambda _: ("model",),
    ),
)


def load(world: World, table: Table, request: Request | None = None) -> Result:
    """A run of a table that the registry does not know."""
    services = world.services()
    services = replace(services, tables={**services.tables, table.name: table})
    asked = request or Request(organization="main", now=NOW, tables=(table.name,))
    return execute("run", asked, services)


def test_a_tenth_table_needs_its_declaration_and_nothing_else(world: World) -> None:
    result = load(world, TENTH)
    rows = world.rows("people/organization=main/people.jsonl.gz")
    assert [row["id"] for row in rows] == [user["id"] for user in world.api.truth("users")]
    assert list(rows[0])[:3] == ["id", "email", "role"]
    assert "name: new" in result.outcomes[0].drift
    assert (
        world.rows(f"people_history/organization=main/snapshot_date={TODAY}/people.jsonl.gz")
        == rows
    )
    (report,) = world.rows(f"load_runs/organization=main/date={TODAY}/run.jsonl.gz")
    assert report["table_name"] == "people"
    assert json.dumps(result.as_dict())


def tokens(rows: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """The input and the output tokens of each model."""
    sums = Counter[tuple[str, str]]()
    for row in rows:
        for name in ("uncached_input_tokens", "output_tokens"):
            sums[row["model"], name] += row[name]
    return sums


def test_hours_are_a_day_s_rows_and_add_up_to_the_day(world: World) -> None:
    [outcome] = load(world, HOURLY).outcomes
    assert outcome.error is None
    assert world.days_in_lake("usage_by_hour") == [ago(n) for n in range(10, 0, -1)]
    assert outcome.meter.requests == 2
    for n in (10, 4, 3, 1):
        rows = world.day("usage_by_hour", ago(n))
        assert rows
        hours = [row["starting_at"] for row in rows]
        assert hours == sorted(hours)
        assert {hour[:10] for hour in hours} == {str(ago(n))}
        assert len(set(hours)) > 1
        assert tokens(rows) == tokens(world.api.truth("usage_report", ago(n), group_by=["model"]))


def test_pages_that_end_within_a_day_change_no_day_of_hours(world: World) -> None:
    load(world, HOURLY)
    whole = world.lake()
    world.api.page_cap = 31
    backfill = Request(
        organization="main",
        now=NOW,
        tables=(HOURLY.name,),
        mode=Mode.BACKFILL,
        days=DayRange(ago(10), ago(1)),
    )
    [outcome] = load(world, HOURLY, backfill).outcomes
    assert outcome.meter.requests == 9
    assert world.lake() == whole
