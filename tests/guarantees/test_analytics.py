"""The Usage and Cost Analytics API: exact up to its frontier, in as few requests as it allows."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from admin_double import ENTERPRISE_KEY
from claude_admin_lake.run.outcome import Outcome, Status
from claude_admin_lake.run.result import Result
from tests.guarantees.world import (
    DATED,
    NOW,
    SNAPSHOTS,
    TODAY,
    World,
    ago,
    assert_day_is_true,
)
from tests.selection import only_in_check

TABLES = (
    "analytics_usage",
    "analytics_cost",
    "analytics_usage_by_actor",
    "analytics_cost_by_actor",
)
USAGE = "analytics_usage"
every_table = pytest.mark.parametrize("table", only_in_check([USAGE], TABLES))


@pytest.fixture
def world(on_laptop: World) -> World:
    return on_laptop


def load(world: World, *tables: str, **event: Any) -> Outcome:
    result = world.run({"tables": list(tables or TABLES), **event})
    return result.outcomes[0]


def told(result: Result, table: str) -> dict[str, Any]:
    summary: Any = result.as_dict()["tables"]
    return summary[table]


def assert_all_true(world: World, table: str, first: int, last: int = 1) -> None:
    for n in range(first, last - 1, -1):
        assert_day_is_true(world, table, ago(n))


def least_requests(world: World, table: str, first: int, last: int) -> int:
    """A page has 1,000 rows, not counting those into which a cost is broken down."""
    rows = [row for n in range(first, last - 1, -1) for row in world.api.truth(table, ago(n))]
    for row in rows:
        row["group"] |= {"cost_type": None, "token_type": None}
    units = {json.dumps([row["starting_at"], row["group"]]) for row in rows}
    return -(-len(units) // 1000)


@every_table
def test_every_day_is_what_the_api_holds_in_one_request(world: World, table: str) -> None:
    world.settings["START_DATE"] = str(ago(31))
    world.api.page_cap = None
    outcome = load(world, table)
    assert (outcome.status, outcome.drift) == (Status.LOADED, set())
    assert_all_true(world, table, 31)
    assert outcome.rows == sum(len(world.api.truth(table, ago(n))) for n in range(31, 0, -1))
    assert world.api.count(table) == least_requests(world, table, 31, 1)


def test_both_cuts_of_a_day_add_up_to_the_same(world: World) -> None:
    load(world)
    for n in (1, 5):
        for measure, number in (("usage", "total_tokens"), ("cost", "amount")):
            sums = {
                sum(row[number] if measure == "usage" else float(row[number]) for row in rows)
                for table in (f"analytics_{measure}", f"analytics_{measure}_by_actor")
                if (rows := world.day(table, ago(n))) is not None
            }
            assert max(sums) - min(sums) < 1e-6


def test_a_day_that_ends_after_the_frontier_is_not_complete(world: World) -> None:
    world.api.switches.analytics_lag = timedelta(hours=30)
    result = world.run({"tables": [USAGE]})
    assert result.status == "complete"
    assert world.days_in_lake(USAGE)[-1] == ago(2)
    assert world.cursor(USAGE) == str(ago(2))
    assert told(result, USAGE)["days_not_yet"] == [f"{ago(1)}/{ago(1)}"]
    world.api.switches.analytics_lag = timedelta(hours=6)
    assert "days_not_yet" not in told(world.run({"tables": [USAGE]}), USAGE)
    assert world.cursor(USAGE) == str(ago(1))


@pytest.mark.parametrize(("hour", "last"), [(6, 2), (0, 2)])
def test_without_a_frontier_a_day_is_complete_a_day_after_its_end(
    world: World, hour: int, last: int
) -> None:
    world.at(NOW.replace(hour=hour))
    world.api.switches.says_refreshed_at = False
    load(world, USAGE)
    assert world.cursor(USAGE) == str(ago(last))


def test_todays_partial_day_is_kept_on_request(world: World) -> None:
    world.settings["INCLUDE_TODAY"] = "true"
    load(world, USAGE)
    assert world.days_in_lake(USAGE)[-1] == TODAY
    assert world.cursor(USAGE) == str(ago(1))


def test_a_table_begins_where_the_api_does_and_that_is_no_gap(world: World) -> None:
    world.at(datetime(2026, 2, 1, 6, tzinfo=UTC))
    world.settings["START_DATE"] = "2025-11-01"
    result = world.run({"tables": [USAGE]})
    assert result.status == "complete"
    assert world.days_in_lake(USAGE)[0] == date(2026, 1, 1)
    assert result.outcomes[0].gaps == []
    repaired = world.run({"tables": [USAGE], "repair": True})
    assert repaired.outcomes[0].plan.ranges == ()


@pytest.mark.slow
def test_a_table_begins_with_the_first_midnight_that_is_not_a_year_old(world: World) -> None:
    world.at(datetime(2027, 3, 2, 6, tzinfo=UTC))
    world.settings["START_DATE"] = "2026-01-01"
    load(world, USAGE)
    assert world.days_in_lake(USAGE)[0] == date(2026, 3, 3)


def test_a_backfill_is_clipped_to_the_beginning_and_says_so(world: World) -> None:
    world.at(datetime(2026, 2, 1, 6, tzinfo=UTC))
    world.settings["START_DATE"] = "2025-11-01"
    asked = {"start_date": "2025-12-20", "end_date": "2026-01-03", "tables": [USAGE]}
    result = world.run(asked)
    assert result.status == "complete"
    assert [str(day) for day in world.days_in_lake(USAGE)] == [
        "2026-01-01", "2026-01-02", "2026-01-03",
    ]  # fmt: skip
    assert told(result, USAGE)["days_too_old"] == ["2025-12-20/2025-12-31"]
    (row,) = world.rows("load_runs/organization=main/date=2026-02-01/run.jsonl.gz")
    assert row["days_too_old"] == ["2025-12-20/2025-12-31"]
    assert world.api.count(USAGE) == 1


def rename(world: World, **changes: Any) -> None:
    users = [dict(user) for user in world.api.truth("users")]
    for user in users:
        user.update(changes)
    world.api.put("users", None, users)


def test_a_new_name_or_address_rewrites_the_day_but_is_no_restatement(world: World) -> None:
    table = "analytics_usage_by_actor"
    load(world, table)
    rename(world, name='New "Name"', email="new@example.com")
    outcome = load(world, table)
    assert outcome.restated == []
    assert outcome.relabelled == [ago(n) for n in range(4, 0, -1)]
    assert outcome.changed == set(outcome.relabelled)
    assert_all_true(world, table, 4)
    (row,) = world.rows(f"load_runs/organization=main/date={TODAY}/run.jsonl.gz")
    assert row["days_relabelled"] == [f"{ago(4)}/{ago(1)}"]
    assert row["days_restated"] == []
    assert row["changed"] == []


def test_new_numbers_under_a_new_name_are_a_restatement(world: World) -> None:
    table = "analytics_cost_by_actor"
    load(world, table)
    rename(world, name="New Name")
    rows = world.api.truth(table, ago(2))
    rows[0]["cost"]["amount"] = "1"
    world.api.put(table, ago(2), rows)
    outcome = load(world, table)
    assert outcome.restated == [ago(2)]
    assert outcome.relabelled == [ago(4), ago(3), ago(1)]


def test_identities_that_are_not_shown_are_never_merged(world: World) -> None:
    table = "analytics_usage_by_actor"
    world.api.switches.hidden_actors = {user["id"] for user in world.api.truth("users")}
    row = next(row for row in world.api.truth(table, ago(1)) if row["group"]["actor"] is None)
    other = json.loads(json.dumps(row))
    other["usage"]["requests"] += 1
    world.api.put(table, ago(1), [row, row, other])
    assert load(world, table).status is Status.LOADED
    assert len(world.day(table, ago(1)) or ()) == 3
    assert_all_true(world, table, 10)


@pytest.mark.parametrize("email", ["email_address", "email"])
def test_an_actors_address_and_type_are_found_under_either_name(world: World, email: str) -> None:
    table = "analytics_usage_by_actor"
    rows = world.api.truth(table, ago(1))
    for row in rows:
        actor = row["group"]["actor"]
        if actor and actor["type"] == "user_actor":
            actor[email] = actor.pop("email_address")
        elif actor:
            row["group"]["actor_type"] = actor["type"]
            row["group"]["actor"] = None
    world.api.put(table, ago(1), rows)
    outcome = load(world, table)
    assert outcome.drift == set()
    stored = world.day(table, ago(1)) or []
    assert {row["actor_type"] for row in stored} >= {"user_actor", "api_actor"}
    assert any(row["actor_email_address"] for row in stored)


def test_a_field_in_two_wrappers_is_kept_twice(world: World) -> None:
    rows = world.api.truth(USAGE, ago(1))
    rows[0]["usage"] |= {"model": "other", "depth": 1}
    rows[0]["group"] |= {"depth": 2, "actor": {"type": "a"}, "actor_type": "b"}
    rows[1]["usage"] |= {"depth": 3}
    world.api.put(USAGE, ago(1), rows)
    outcome = load(world, USAGE)
    first, second, *_ = world.day(USAGE, ago(1)) or []
    assert (first["model"], first["usage_model"]) == (rows[0]["group"]["model"], "other")
    assert (first["depth"], first["usage_depth"], second["depth"]) == (2, 1, 3)
    assert (first["actor_type"], first["actor_type__raw"]) == ("a", '"b"')
    assert "usage_model: new" in outcome.drift


@pytest.mark.parametrize("code", [400, 403, 404])
def test_an_organization_without_the_beta_is_complete_and_told(world: World, code: int) -> None:
    del world.settings["TABLES"]
    world.api.withhold("analytics", code)
    result = world.run()
    assert result.status == "complete"
    assert {told(result, table)["status"] for table in TABLES} == {"not_offered"}
    assert {world.api.count(table) for table in TABLES} == {1}


def test_an_enterprise_key_is_used_only_without_an_api_key(world: World) -> None:
    both = {"api_key": world.store.key, "enterprise_key": ENTERPRISE_KEY}
    for keys, used in ((both, "api_key"), ({"enterprise_key": both["enterprise_key"]}, None)):
        world.store.key = json.dumps(keys)
        result = world.run({"tables": ["analytics"]})
        assert {one.status for one in result.outcomes} == {Status.LOADED}
        assert world.api.count("organization") == (1 if used else 0)


@pytest.mark.slow
def test_the_daily_run_of_a_small_organization_takes_under_60_requests(world: World) -> None:
    world.settings |= {"START_DATE": str(ago(60)), "REPORT_LOOKBACK_DAYS": "30"}
    del world.settings["TABLES"]
    world.run()
    world.next_day()
    assert world.run().status == "complete"
    counted = {table: world.api.count(table) for table in (*SNAPSHOTS, *DATED, *TABLES)}
    least = {table: least_requests(world, table, 30, 0) for table in TABLES}
    assert {table: counted[table] for table in TABLES} == least
    assert sum(counted.values()) < 60


@pytest.mark.slow
def test_a_bad_range_at_the_beginning_of_the_day_is_none(world: World) -> None:
    """A midnight that is just a year old is not requested: it would be too old when it is read."""
    world.at(datetime(2027, 3, 2, 0, 0, 1, tzinfo=UTC))
    world.settings["START_DATE"] = "2026-01-01"
    assert load(world, USAGE).status is Status.LOADED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "change", "silently"),
    [
        *((table, "added", False) for table in TABLES),
        (USAGE, "added", True),
        (USAGE, "removed", False),
        (USAGE, "refreshed", False),
    ],
)
def test_days_are_exact_though_the_data_moves_three_times(
    world: World, table: str, change: str, silently: bool
) -> None:
    world.settings["START_DATE"] = str(ago(50))
    world.api.page_cap = 15  # days span pages, and pages span days
    move = world.api.move_analytics(change, times=3, silently=silently)
    result = world.run({"tables": [table]})
    assert move.done == 3
    assert result.status == "complete"
    assert_all_true(world, table, 50)
    assert world.cursor(table) == str(ago(1))


def test_a_day_whose_data_never_rests_fails_after_a_bounded_number_of_reads(world: World) -> None:
    world.settings["START_DATE"] = str(ago(2))
    world.api.page_cap = 5
    world.api.move_analytics("refreshed", times=100)
    result = world.run({"tables": [USAGE]})
    outcome = result.outcomes[0]
    assert outcome.status is Status.FAILED
    assert "refreshed between two pages" in (outcome.error or "")
    assert world.days_in_lake(USAGE) == []
    assert world.cursor(USAGE) is None
    assert world.api.count(USAGE) <= 20
