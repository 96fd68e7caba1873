"""After any trouble the lake is what the API says, or the run says which days are missing."""

import gc
import threading
from datetime import timedelta

import boto3
import pytest
from msgspec.structs import replace

from admin_double import KEY, faults
from admin_double.faults import ALWAYS, Fault
from claude_admin_lake.errors import CredentialError, InvalidInput
from claude_admin_lake.run.result import Result
from claude_admin_lake.run.table_run import TableRun
from tests.guarantees.world import DATED, SNAPSHOTS, TODAY, World, ago, assert_day_is_true
from tests.selection import only_in_check

BREAKING = {
    "a server error": faults.status(500),
    "overload": faults.status(529),
    "a bad request": faults.status(400),
    "not found": faults.status(404),
    "an answer that must not be asked for again": faults.status(503, x_should_retry="false"),
    "a body that is no JSON": faults.not_json(),
    "a connection that breaks": faults.reset(),
    "a body cut short": faults.truncated(),
    "a page without the token for the next": faults.missing_token(),
    "a page token given twice": faults.repeated_token(),
}

TELLING = ("overload", "a body cut short", "a page token given twice")


def tables(result: Result) -> dict[str, str]:
    return {one.table: one.status.value for one in result.outcomes}


@pytest.mark.parametrize("page", only_in_check([3], [1, 3]))
@pytest.mark.parametrize("trouble", only_in_check(TELLING, BREAKING))
def test_a_failed_day_stays_as_it_was_with_the_cursor_before_it(
    on_laptop: World, trouble: str, page: int
) -> None:
    world, table, bad = on_laptop, "claude_code_usage", ago(4)
    fault = BREAKING[trouble]
    if fault.needs_token and page == 1:
        pytest.skip("a first page has no token to repeat")
    world.settings |= {"LOOKBACK_DAYS": "0", "TABLES": f"users,{table},cost_report"}
    world.api.page_cap = 3
    world.api.fail(table, fault, day=bad, page=page, times=ALWAYS)
    result = world.run()
    assert tables(result) == {**dict.fromkeys(tables(result), "loaded"), table: "failed"}
    assert str(bad) in result.failures[table]
    assert world.day(table, bad) is None
    assert world.cursor(table) == str(bad - timedelta(days=1))
    assert world.days_in_lake(table) == [ago(n) for n in range(10, 0, -1) if ago(n) != bad]
    for day in world.days_in_lake(table):
        assert_day_is_true(world, table, day)
    world.api.heal()
    assert world.run().status == "complete"
    assert_day_is_true(world, table, bad)
    assert world.cursor(table) == str(ago(1))


def test_a_failed_read_of_a_lookback_day_holds_the_cursor(world: World) -> None:
    """Otherwise the day would leave the lookback without ever having been read again."""
    world.run()
    world.next_day()
    before = world.lake()
    world.api.fail("claude_code_usage", faults.status(500), day=ago(1), times=ALWAYS)
    world.run({"tables": ["claude_code_usage"]})
    key = f"claude_code_usage/organization=main/date={ago(1)}/claude_code_usage.jsonl.gz"
    assert world.lake()[key] == before[key]
    assert world.cursor("claude_code_usage") == str(ago(1))


@pytest.mark.slow
@pytest.mark.parametrize("table", ["cost_report", "usage_report"])
@pytest.mark.parametrize("fault", [faults.status(504), faults.not_json(), faults.status(400)])
def test_a_poisoned_day_of_a_report_costs_none_of_its_neighbours(
    on_laptop: World, table: str, fault: Fault
) -> None:
    world = on_laptop
    world.settings["START_DATE"] = str(ago(33))
    world.api.fail(table, fault, day=ago(20), times=ALWAYS)
    result = world.run()
    assert world.days_in_lake(table) == [ago(n) for n in range(33, 0, -1) if n != 20]
    assert world.cursor(table) == str(ago(21))
    assert result.failures[table].startswith(f"{ago(20)}/{ago(20)}: ")
    assert result.as_dict()["tables"][table]["days_failed"] == [f"{ago(20)}/{ago(20)}"]  # type: ignore[index]
    assert set(result.failures) == {table}
    world.api.heal()
    assert world.run().status == "complete"
    assert world.cursor(table) == str(ago(1))


def test_days_read_before_a_report_breaks_are_kept(world: World) -> None:
    world.api.page_cap = 4
    world.api.fail("cost_report", faults.status(500), nth=2, times=ALWAYS)
    world.run()
    assert world.days_in_lake("cost_report") == [ago(n) for n in range(10, 6, -1)]
    assert world.cursor("cost_report") == str(ago(7))


TRANSIENT = {
    "a server error": faults.status(500),
    "a proxy's page": faults.html(502),
    "overload": faults.status(529),
    "a rate limit without advice": faults.status(429),
    "a rate limit with seconds": faults.status(429, retry_after=7),
    "a rate limit reset in the past": faults.status(
        429, anthropic_ratelimit_requests_reset="2020-01-01T00:00:00Z"
    ),
    "a bad request that is worth another try": faults.status(400, x_should_retry="true"),
    "a reset": faults.reset(),
    "a reset after the headers": faults.reset_after_headers(),
    "a body cut short": faults.truncated(),
    "a body that is no JSON": faults.not_json(),
    "an empty page with more behind it": faults.empty_page(),
}


@pytest.mark.parametrize(
    "table", only_in_check(["cost_report"], ["users", "cost_report", "claude_code_usage"])
)
@pytest.mark.parametrize("fault", TRANSIENT.values(), ids=TRANSIENT)
def test_trouble_that_passes_leaves_no_trace(on_laptop: World, fault: Fault, table: str) -> None:
    order = on_laptop.api.fail(table, fault, nth=1)
    result = on_laptop.run({"tables": [table]})
    assert order.done == 1
    assert result.status == "complete"
    if table in DATED:
        for n in range(1, 11):
            assert_day_is_true(on_laptop, table, ago(n))


def test_a_forbidden_table_is_forbidden_and_not_empty(world: World) -> None:
    world.api.forbid("cost_report")
    result = world.run()
    assert tables(result)["cost_report"] == "forbidden"
    assert set(tables(result).values()) == {"loaded", "forbidden"}
    assert result.status == "incomplete"
    assert result.failures == {}
    assert world.api.count("cost_report") == 1
    assert world.days_in_lake("cost_report") == []
    assert world.cursor("cost_report") is None


def test_a_run_that_may_read_nothing_at_all_fails(world: World) -> None:
    for table in tables(world.run()):
        world.api.forbid(table)
    assert set(world.run().failures) == {*DATED, *SNAPSHOTS}


def test_a_refused_key_ends_the_run_and_names_where_it_is(world: World) -> None:
    world.api.keys.clear()
    with pytest.raises(CredentialError, match=r"(?s)Admin API key.*401"):
        world.run()
    assert world.api.count() == 2  # as x-api-key and as Bearer
    assert world.store.objects() == {}


def test_a_key_revoked_in_the_middle_of_a_run_ends_it(world: World) -> None:
    revoke = replace(world.services(), progress=lambda _: world.api.keys.clear())
    result = world.run(services=revoke)
    assert set(list(tables(result).values())[1:]) == {"failed"}
    assert result.outcomes[0].status == "loaded"
    assert "401" in "; ".join(result.failures.values())


def test_a_key_rotated_in_the_middle_of_a_run_loses_nothing(on_aws: World) -> None:
    new = "sk-ant-admin01-rotated"

    def rotate(_: object) -> None:
        if len(on_aws.api.requests) > 12 and new not in on_aws.api.keys:
            boto3.client("secretsmanager").put_secret_value(SecretId="key", SecretString=new)
            on_aws.api.keys.clear()
            on_aws.api.keys.add(new)

    result = on_aws.run(services=replace(on_aws.services(), progress=rotate))
    assert new in on_aws.api.keys
    assert result.status == "complete"
    for n in range(1, 11):
        assert_day_is_true(on_aws, "claude_code_usage", ago(n))


def test_a_retry_after_of_a_day_is_not_slept(world: World) -> None:
    world.api.fail("users", faults.status(429, retry_after=86400), times=ALWAYS)
    result = world.run()
    assert tables(result)["users"] == "unfinished"
    assert sum(world.clock.sleeps) < 10
    assert result.remaining
    assert result.remaining["slices"]["users"] == ["snapshot"]
    assert tables(result)["claude_code_usage"] == "unfinished"


def test_an_api_that_is_down_does_not_eat_the_whole_invocation(world: World) -> None:
    for table in tables(world.run()):
        world.api.fail(table, faults.status(503), times=ALWAYS)
    result = world.run()
    assert set(tables(result).values()) == {"failed"}
    assert sum(world.clock.sleeps) < 120


def test_a_table_that_fails_is_mended_by_the_next_run(world: World) -> None:
    world.api.fail("users", faults.status(500), times=ALWAYS)
    assert "users" in world.run().failures
    world.api.heal()
    assert world.run().status == "complete"
    assert world.rows("users/organization=main/users.jsonl.gz")


def test_members_fail_if_a_live_workspace_has_no_listing(world: World) -> None:
    live = next(one for one in world.api.truth("workspaces") if one["archived_at"] is None)
    order = world.api.fail("workspace_members", faults.status(404), times=ALWAYS)
    result = world.run({"tables": ["workspace_members"]})
    assert order.done
    assert live["id"] in result.failures["workspace_members"]


def test_a_bucket_of_another_day_is_refused(world: World) -> None:
    world.api.put("claude_code_usage", ago(3), '[{"date":"2024-01-01T00:00:00Z"}]')
    result = world.run({"tables": ["claude_code_usage"]})
    assert "2024-01-01" in result.failures["claude_code_usage"]
    assert world.cursor("claude_code_usage") == str(ago(4))


@pytest.mark.slow
@pytest.mark.parametrize("table", ["users", "cost_report", "claude_code_usage"])
def test_a_listing_that_never_ends_fails(on_laptop: World, table: str) -> None:
    on_laptop.settings["START_DATE"] = str(ago(2))
    order = on_laptop.api.fail(table, faults.empty_page(), times=ALWAYS)
    result = on_laptop.run({"tables": [table]})
    assert "the pages do not end" in result.failures[table]
    assert order.done > 1


def test_a_bug_in_one_table_leaves_no_request_behind_for_the_next(
    on_laptop: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor a key in the log. The error refers to itself, so that only the garbage collector frees
    the frames that it holds; the prefetching must end without that."""

    def fail(*_: object) -> None:
        error = RuntimeError(f"a bug with {KEY}")
        error.__context__ = error
        raise error

    monkeypatch.setattr(TableRun, "_load_read", fail)
    gc.disable()
    try:
        assert set(tables(on_laptop.run()).values()) == {"failed"}
        assert not [one.name for one in threading.enumerate() if one.name.startswith("ahead")]
    finally:
        gc.enable()
    assert "a bug with [secret]" in caplog.text
    assert KEY not in caplog.text


def test_start_date_in_the_future_is_refused(world: World) -> None:
    world.settings["START_DATE"] = str(TODAY + timedelta(days=1))
    with pytest.raises(InvalidInput, match="START_DATE"):
        world.run()


def test_a_secret_that_holds_no_key_stops_the_run_before_it_writes(on_aws: World) -> None:
    secrets = boto3.client("secretsmanager")
    for text in ("", " ", "not-set-yet", "{}", '{"api_key": ""}', '{"key": "sk-ant-admin01-abc"}'):
        secrets.put_secret_value(SecretId="key", SecretString=text or " ")
        with pytest.raises(CredentialError, match="Admin API key"):
            on_aws.run()
    assert on_aws.store.objects() == {}
    assert on_aws.api.requests == []
