"""What a group brings in may be missing; what is named, or was loaded before, may not."""

from typing import Any

import pytest
from msgspec.structs import replace

from admin_double import status
from admin_double.faults import ALWAYS
from claude_admin_lake.metrics import METRICS, measures
from claude_admin_lake.plan.event import read_event
from claude_admin_lake.run.loaded_event import loaded_so_far
from claude_admin_lake.run.outcome import Outcome, Status
from claude_admin_lake.run.result import Result
from claude_admin_lake.run.run import execute
from claude_admin_lake.settings import read_settings
from claude_admin_lake.tables import Access, Key
from tests.guarantees.world import TODAY, World, ago
from tests.selection import only_in_check

HOURLY = "usage_report_hourly"
BETA = Access(beta="new-2026-01-01")


def only(result: Result, table: str = HOURLY) -> Outcome:
    return next(one for one in result.outcomes if one.table == table)


def run_as(world: World, access: Access, *, event: dict[str, Any]) -> Result:
    """A run in which the hourly table needs something else."""
    world.api.reset_log()
    services = world.services()
    tables = {
        **services.tables,
        HOURLY: replace(services.tables[HOURLY], access=access),
    }
    request = read_event(event, read_settings(world.environment), world.clock.now())
    return execute("run", request, replace(services, tables=tables))


def refuse(world: World, code: int) -> None:
    world.api.fail(HOURLY, status(code), times=ALWAYS)


@pytest.mark.parametrize("code", [403, 404])
def test_a_table_of_a_group_that_is_not_offered_is_no_failure(world: World, code: int) -> None:
    refuse(world, code)
    result = world.run({"tables": ["standard", "hourly"]})
    missing = only(result)
    assert missing.status is Status.NOT_OFFERED
    assert f"HTTP {code}" in (missing.error or "")
    assert (result.status, result.failures, result.remaining) == ("complete", {}, None)
    assert (missing.meter.requests, missing.meter.retries) == (1, 0)
    assert world.days_in_lake(HOURLY) == []
    rows = world.rows(f"load_runs/organization=main/date={TODAY}/run.jsonl.gz")
    told = next(row for row in rows if row["table_name"] == HOURLY)
    assert (told["status"], told["error"]) == ("not_offered", missing.error)


def test_every_run_asks_again_for_a_table_that_is_not_offered(on_laptop: World) -> None:
    refuse(on_laptop, 404)
    on_laptop.run({"tables": ["hourly"]})
    on_laptop.api.heal()
    assert only(on_laptop.run({"tables": ["hourly"]})).status is Status.LOADED
    assert on_laptop.cursor(HOURLY) == str(ago(1))


def test_a_table_that_is_not_offered_is_no_problem_to_measure(on_laptop: World) -> None:
    refuse(on_laptop, 404)
    on_laptop.settings["TABLES"] = "standard,hourly"
    result = on_laptop.run()
    tables = read_settings(on_laptop.environment).tables
    totals = {metric.name: metric.total(result, tables) for metric in METRICS}
    expected = {"Forbidden": 0, "Failed": 0, "Gaps": 0, "Drift": 0, "CursorLagDays": 0}
    assert {name: totals[name] for name in expected} == expected
    assert measures.table_lag(only(result), result) is None
    assert loaded_so_far(None, "load", result)["status"] == "complete"
    assert on_laptop.run({"tables": ["users"]}).idle_lag == 0


@pytest.mark.parametrize(("code", "expected"), [(403, "forbidden"), (404, "failed")])
def test_a_table_that_is_named_is_expected_to_be_there(
    on_laptop: World, code: int, expected: str
) -> None:
    refuse(on_laptop, code)
    result = on_laptop.run({"tables": ["users", "hourly", HOURLY]})
    assert only(result).status.value == expected
    assert result.status == "incomplete"


@pytest.mark.parametrize("table", ["users", "cost_report"])
@pytest.mark.parametrize(
    ("code", "expected"), [(403, "forbidden"), pytest.param(404, "failed", marks=pytest.mark.slow)]
)
def test_the_standard_tables_are_expected_to_be_there(
    on_laptop: World, table: str, code: int, expected: str
) -> None:
    on_laptop.api.fail(table, status(code), times=ALWAYS)
    assert only(on_laptop.run(), table).status.value == expected


@pytest.mark.parametrize("code", only_in_check([404], [403, 404]))
def test_a_table_that_was_loaded_before_does_not_disappear_unnoticed(
    world: World, code: int
) -> None:
    world.run({"tables": ["standard", "hourly"]})
    refuse(world, code)
    world.next_day()
    for _ in range(2):
        result = world.run({"tables": ["standard", "hourly"]})
        assert only(result).status is Status.FORBIDDEN
        assert result.status == "incomplete"
    assert len(world.days_in_lake(HOURLY)) == 10


def test_only_the_first_request_tells_whether_a_table_is_offered(on_laptop: World) -> None:
    on_laptop.api.fail(HOURLY, status(404), nth=2, times=None)
    assert only(on_laptop.run({"tables": ["hourly"]})).status is Status.FAILED
    assert on_laptop.cursor(HOURLY) == str(ago(4))


def test_400_says_so_at_a_beta_only(on_laptop: World) -> None:
    refuse(on_laptop, 400)
    asked = {"tables": ["standard", "hourly"]}
    assert only(run_as(on_laptop, BETA, event=asked)).status is Status.NOT_OFFERED
    assert only(run_as(on_laptop, Access(), event=asked)).status is Status.FAILED


@pytest.mark.parametrize("key", [Key.ENTERPRISE, Key.OAUTH])
def test_a_table_whose_key_is_absent_is_not_offered_and_not_asked_for(
    on_laptop: World, key: Key
) -> None:
    result = run_as(on_laptop, Access(keys=(key,)), event={"tables": ["standard", "hourly"]})
    missing = only(result)
    assert missing.status is Status.NOT_OFFERED
    assert key.value in (missing.error or "")
    assert on_laptop.api.count(HOURLY) == 0
    assert result.status == "complete"


def test_a_table_whose_key_was_taken_away_is_forbidden(on_laptop: World) -> None:
    on_laptop.run({"tables": ["hourly"]})
    access = Access(keys=(Key.ENTERPRISE,))
    result = run_as(on_laptop, access, event={"tables": ["standard", "hourly"]})
    assert only(result).status is Status.FORBIDDEN


def test_an_enterprise_key_alone_forbids_the_standard_tables_and_goes_on(
    on_laptop: World,
) -> None:
    on_laptop.store.key = '{"enterprise_key": "sk-ant-api01-alone"}'
    on_laptop.settings["TABLES"] = "standard"
    result = on_laptop.run()
    assert {one.status for one in result.outcomes} == {Status.FORBIDDEN}
    assert all("no api_key" in why for why in result.failures.values())
    assert on_laptop.api.count() == 0


@pytest.mark.parametrize("event", [{"tables": ["hourly"]}, {"tables": ["hourly", HOURLY]}])
def test_a_continuation_knows_what_may_be_missing(on_laptop: World, event: dict[str, Any]) -> None:
    optional = event == {"tables": ["hourly"]}
    began = on_laptop.run(event, seconds=0.5)
    assert began.remaining
    refuse(on_laptop, 404)
    result = on_laptop.run(began.remaining)
    assert (only(result).status is Status.NOT_OFFERED) == optional


def test_the_setting_takes_groups(on_laptop: World) -> None:
    on_laptop.settings["TABLES"] = "hourly,users"
    assert [one.table for one in on_laptop.run().outcomes] == ["users", HOURLY]
