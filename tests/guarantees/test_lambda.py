"""The function's entrance: events from events/, the result, what is raised, logged and measured."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from admin_double import faults
from admin_double.api import KEY
from admin_double.faults import ALWAYS
from claude_admin_lake.errors import (
    CredentialError,
    InvalidInput,
    LakeUnavailable,
    RunFailed,
    StateError,
    WrongOrganization,
)
from claude_admin_lake.function.app import lambda_handler, logger
from tests.guarantees.world import DATED, SNAPSHOTS, World, ago

EVENTS = Path(__file__).parents[2] / "events"
Invoke = Callable[..., dict[str, Any]]


def event(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return found


@pytest.fixture
def invoke(on_aws: World, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Invoke the real handler in an environment like the function's."""

    def invoke(event: object, **environment: str) -> dict[str, Any]:
        for name, value in {**on_aws.environment, **environment}.items():
            monkeypatch.setenv(name, value)
        # The logger took hold of the standard output of the time when it was imported.
        monkeypatch.setattr(logger.logger_handler, "stream", sys.stdout)
        return lambda_handler(event)

    return invoke


def test_every_event_in_the_folder_is_used_by_a_test() -> None:
    text = Path(__file__).read_text()
    assert all(f'"{file.stem}"' in text for file in EVENTS.iterdir())


def test_a_day_is_given_up(on_aws: World, invoke: Invoke) -> None:
    answer = invoke(event("accept"))
    assert answer["tables"]["claude_code_usage"]["accepted"] == ["2026-11-14/2026-11-14"]
    assert answer["status"] == "complete"


def test_the_schedules_event_loads_all_tables(on_aws: World, invoke: Invoke) -> None:
    answer = invoke(event("schedule"))
    assert answer["status"] == "complete"
    assert set(answer["tables"]) == {*DATED, *SNAPSHOTS}
    assert answer["remaining"] is None
    assert answer["tables"]["cost_report"] == {
        "status": "loaded",
        "rows": sum(len(on_aws.api.truth("cost_report", ago(n))) for n in range(1, 11)),
        "objects_written": 10,
        "objects_unchanged": 0,
        "requests": 1,
        "cursor": "2026-11-19",
        "error": None,
    }


def test_a_check_loads_nothing(on_aws: World, invoke: Invoke) -> None:
    answer = invoke(event("check"))
    assert set(answer["tables"]) == {*DATED, *SNAPSHOTS}
    assert {one["status"] for one in answer["tables"].values()} == {"loaded"}
    assert on_aws.store.objects() == {}


def test_one_table_is_loaded_alone(on_aws: World, invoke: Invoke) -> None:
    assert set(invoke(event("one-table"))["tables"]) == {"users"}
    assert [request.table for request in on_aws.api.requests] == ["organization", "users"]


def test_one_organization_is_loaded_alone(invoke: Invoke) -> None:
    answer = invoke(event("one-organization"), TABLES="users")
    assert (answer["organization"], answer["status"]) == ("main", "complete")


def test_a_move_is_confirmed(on_aws: World, invoke: Invoke) -> None:
    invoke(event("one-table"))
    moved = {**on_aws.api.truth("organization")[0], "id": "another-id"}
    on_aws.api.put("organization", None, [moved])
    with pytest.raises(WrongOrganization, match="another-id"):
        invoke(event("one-table"))
    assert invoke(event("adopt"), TABLES="users")["status"] == "complete"
    assert invoke(event("one-table"))["status"] == "complete"


def test_a_date_range_is_loaded_again(on_aws: World, invoke: Invoke) -> None:
    answer = invoke(event("date-range"))
    assert answer["tables"]["usage_report"]["objects_written"] == 7
    assert on_aws.store.cursors() == {}


def test_an_event_chooses_the_first_day_of_an_organizations_lake(invoke: Invoke) -> None:
    costs = {"tables": ["cost_report"], **event("schedule")}
    answer = invoke(event("since") | costs)
    assert answer["tables"]["cost_report"]["objects_written"] == 172
    answer = invoke(costs)
    assert (answer["since"], answer["status"]) == ("2026-06-01", "complete")
    assert "START_DATE is '2026-11-10', but `since` has chosen 2026-06-01" in answer["notes"][0]


def test_a_dry_run_says_what_it_would_take(on_aws: World, invoke: Invoke) -> None:
    answer = invoke(event("dry-run"), START_DATE="2026-11-01", REQUESTS_PER_MINUTE="60")
    assert answer["dry_run"] is True
    assert answer["requests"] == sum(one["requests"] for one in answer["tables"].values())
    assert on_aws.api.requests == []
    assert on_aws.store.objects() == {}


def test_a_repair_loads_the_missing_days_and_no_other(on_aws: World, invoke: Invoke) -> None:
    invoke(event("schedule"))
    on_aws.store.delete(f"usage_report/organization=main/date={ago(5)}/usage_report.jsonl.gz")
    answer = invoke(event("repair"))
    assert answer["tables"]["usage_report"]["objects_written"] == 1
    assert answer["tables"]["cost_report"]["requests"] == 0
    assert on_aws.day("usage_report", ago(5)) is not None


def test_a_failed_table_is_raised_after_all_were_tried(on_aws: World, invoke: Invoke) -> None:
    on_aws.api.fail("organization", faults.status(400), times=ALWAYS)
    with pytest.raises(RunFailed, match=r"organization: .*HTTP 400.*request-id"):
        invoke(event("schedule"))
    assert on_aws.cursor("claude_code_usage") == "2026-11-19"


BAD_EVENTS = {
    "not an object": (["tables"], "JSON object"),
    "an unknown field": ({"start": "2026-01-01"}, "'start'.*start_date"),
    "an unknown table": ({"tables": ["costs"]}, "'costs'.*cost_report"),
    "an impossible date": ({"start_date": "2026-02-30"}, "start_date.*2026-02-30"),
    "an inverted range": ({"start_date": "2026-02-03", "end_date": "2026-02-01"}, "end_date"),
    "a date before 2023": ({"start_date": "2022-12-31"}, "2023-01-01"),
    "a date in the future": ({"start_date": "2099-01-01"}, "future"),
    "a dry run that is no boolean": ({"dry_run": "yes"}, "dry_run.*true or false"),
}


@pytest.mark.parametrize("case", BAD_EVENTS)
def test_a_bad_event_is_refused_before_anything_is_asked(
    on_aws: World, invoke: Invoke, case: str
) -> None:
    bad, words = BAD_EVENTS[case]
    with pytest.raises(InvalidInput, match=words):
        invoke(bad)
    assert on_aws.api.requests == []
    assert on_aws.store.objects() == {}


BAD_SETTINGS = {
    "START_DATE": "yesterday",
    "LOOKBACK_DAYS": "-1",
    "REPORT_LOOKBACK_DAYS": "many",
    "INCLUDE_TODAY": "maybe",
    "USAGE_GROUP_BY": "model,color",
    "REQUESTS_PER_MINUTE": "0",
    "TABLES": "users,costs",
    "LAKE_PREFIX": "lake",
    "ADMIN_API_BASE_URL": "http://example.com",
    "LAKE_BUCKET": "",
    "CURSOR_TABLE": "",
    "ADMIN_KEY_SECRET_ID": "",
}


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_a_bad_setting_is_named(on_aws: World, invoke: Invoke, name: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        invoke({}, **{name: BAD_SETTINGS[name]})
    assert on_aws.api.requests == []


def test_a_missing_bucket_is_named(on_aws: World, invoke: Invoke) -> None:
    with pytest.raises(LakeUnavailable, match=r"no-such-bucket.*LAKE_BUCKET"):
        invoke({}, LAKE_BUCKET="no-such-bucket")
    assert on_aws.api.requests == []


def test_a_missing_cursor_table_is_named(on_aws: World, invoke: Invoke) -> None:
    with pytest.raises(StateError, match="no-such-table"):
        invoke({}, CURSOR_TABLE="no-such-table")
    assert on_aws.api.requests == []


def test_a_missing_secret_is_named(on_aws: World, invoke: Invoke) -> None:
    with pytest.raises(CredentialError, match="no-such-secret"):
        invoke({}, ADMIN_KEY_SECRET_ID="no-such-secret")
    assert on_aws.api.requests == []


def test_the_secret_is_read_once_while_the_function_is_warm(
    on_aws: World, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "loader")
    invoke(event("one-table"))
    boto3.client("secretsmanager").delete_secret(SecretId="key", ForceDeleteWithoutRecovery=True)
    assert invoke(event("one-table"))["status"] == "complete"


def test_a_key_in_json_is_used_and_sent_in_its_header(on_aws: World, invoke: Invoke) -> None:
    boto3.client("secretsmanager").put_secret_value(
        SecretId="key", SecretString=json.dumps({"api_key": KEY})
    )
    assert invoke(event("one-table"))["status"] == "complete"


def test_the_key_is_nowhere_but_in_the_secret(
    on_aws: World, invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even where a server echoes it in an error."""
    echo = faults.status(400, body=f"your key is {KEY}, {'x' * 2000}")
    on_aws.api.fail("users", echo, times=ALWAYS)
    on_aws.api.fail("invites", faults.status(500, body=f"key {KEY}"), times=1)
    with pytest.raises(RunFailed) as raised:
        invoke(event("schedule"))
    printed = capsys.readouterr()
    stored = b"".join(on_aws.store.objects().values())
    assert "your key is [secret]" in str(raised.value)
    assert len(str(raised.value)) < 1000
    assert "run ends" in printed.out
    for text in (str(raised.value), printed.out, printed.err, stored.decode("latin-1")):
        assert KEY not in text


def test_logs_are_json_with_the_runs_id(invoke: Invoke, capsys: pytest.CaptureFixture[str]) -> None:
    answer = invoke(event("one-table"))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    logs = [line for line in lines if "_aws" not in line]
    assert {line["run_id"] for line in logs} == {answer["run_id"]}
    assert logs[-1]["result"]["status"] == "complete"


def test_metrics_are_the_runs_totals_and_the_lag_of_each_dated_table(
    on_aws: World, invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    on_aws.api.forbid("cost_report")
    on_aws.api.fail("users", faults.status(500), times=1)
    answer = invoke(event("schedule"))
    metrics = _metrics(capsys)
    assert set(metrics) == {*DATED, "all"}
    assert metrics["cost_report"]["CursorLagDays"] == [10]
    assert metrics["usage_report"]["CursorLagDays"] == [0]
    totals = metrics["all"]
    assert (totals["Forbidden"], totals["Retries"], totals["CursorLagDays"]) == ([1], [1], [10])
    tables = answer["tables"]
    assert totals["Rows"] == [sum(one["rows"] for one in tables.values())]


@pytest.mark.parametrize("name", ["one-table", "date-range"])
def test_a_run_that_did_not_look_ends_no_alarm(
    on_aws: World, invoke: Invoke, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    on_aws.api.forbid("cost_report")
    invoke(event("schedule"))
    assert _metrics(capsys)["all"]["Forbidden"] == [1]
    on_aws.api.heal()
    invoke(event(name))
    assert not {"Forbidden", "Gaps", "Drift"} & set(_metrics(capsys)["all"])
    invoke(event("schedule"))
    totals = _metrics(capsys)["all"]
    assert [totals[name] for name in ("Forbidden", "Gaps", "Drift")] == [[0], [0], [0]]


def _metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, list[float]]]:
    """What was printed since the last look, by table."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {line["table"]: line for line in lines if "_aws" in line}


def test_a_run_that_cannot_begin_counts_as_failed(
    invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InvalidInput):
        invoke({"tables": []})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["Failed"] for line in lines if "_aws" in line] == [[1]]


def test_without_an_event_time_the_clock_is_asked(invoke: Invoke, on_aws: World) -> None:
    on_aws.api.now = datetime.now(UTC)
    answer = invoke({}, START_DATE=str(datetime.now(UTC).date()), TABLES="organization")
    assert answer["status"] == "complete"
