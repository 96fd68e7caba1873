"""`Lake Loaded`: announced once for each load, and no load suffers if it is refused."""

import json
import os
import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from botocore.client import BaseClient

from admin_double import ALWAYS, faults
from claude_admin_lake.errors import RunFailed
from claude_admin_lake.function.app import lambda_handler, logger
from tests.guarantees.world import NOW, World, ago

Invoke = Callable[..., dict[str, Any]]
EVENT = {"scheduled_time": NOW.isoformat()}


class Context:
    """An invocation of so many seconds."""

    def __init__(self, seconds: float = 900) -> None:
        self.aws_request_id = str(uuid4())
        self._left = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._left * 1000)


@pytest.fixture
def invoke(on_aws: World, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    def invoke(event: object, context: object = None) -> dict[str, Any]:
        for name, value in on_aws.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(logger.logger_handler, "stream", sys.stdout)
        return lambda_handler(event, context or Context())

    return invoke


@pytest.fixture
def announced(aws_account: None, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The details of the events that were put on the default bus."""
    details: list[dict[str, Any]] = []
    call = BaseClient._make_api_call

    def watched(client: Any, name: str, arguments: Any) -> Any:
        answer = call(client, name, arguments)
        if name == "PutEvents":
            (entry,) = arguments["Entries"]
            assert entry["Source"] == "claude-admin-lake"
            assert entry["DetailType"] == "Lake Loaded"
            assert entry["EventBusName"] == "default"
            lake = os.environ["LAKE_BUCKET"] + "/" + os.environ["LAKE_PREFIX"]
            assert entry["Resources"] == [f"arn:aws:s3:::{lake}"]
            details.append(json.loads(entry["Detail"]))
        return answer

    monkeypatch.setattr(BaseClient, "_make_api_call", watched)
    return details


def test_a_load_is_announced_with_its_changed_days(
    invoke: Invoke, announced: list[dict[str, Any]]
) -> None:
    answer = invoke(EVENT)
    (told,) = announced
    assert (told["organization"], told["status"]) == ("main", "complete")
    assert told["run_id"] == answer["run_id"]
    assert told["tables"]["cost_report"]["changed"] == [f"{ago(10)}/{ago(1)}"]
    assert told["tables"]["users"]["rows"] == answer["tables"]["users"]["rows"]
    invoke(EVENT)
    assert announced[1]["tables"]["cost_report"]["changed"] == []


def test_several_invocations_are_one_load(
    invoke: Invoke, on_aws: World, announced: list[dict[str, Any]]
) -> None:
    on_aws.api.fail("cost_report", faults.status(429, retry_after=5000), nth=1, times=1)
    first = invoke(EVENT)
    assert first["status"] == "incomplete"
    assert announced == []
    second = invoke({**first["remaining"], "execution": "arn:of-an-execution"})
    assert second["status"] == "complete"
    (told,) = announced
    assert told["load_id"] == first["remaining"]["load_id"]
    assert told["run_id"] == second["run_id"]
    assert told["status"] == "complete"
    assert set(told["tables"]) == set(first["tables"])
    assert told["tables"]["cost_report"]["changed"] == [f"{ago(10)}/{ago(1)}"]


def test_a_load_that_the_state_machine_gives_up_is_announced_once(
    invoke: Invoke, on_aws: World, announced: list[dict[str, Any]]
) -> None:
    on_aws.api.fail("cost_report", faults.status(400), times=ALWAYS)
    event = {**EVENT, "tables": ["cost_report", "users"], "execution": "arn:of-an-execution"}
    for _ in range(2):
        with pytest.raises(RunFailed):
            invoke(event)
    assert announced == []
    assert invoke({**event, "given_up": True})["status"] == "given up"
    (told,) = announced
    assert told["status"] == "incomplete"
    assert {name: one["status"] for name, one in told["tables"].items()} == {
        "cost_report": "failed",
        "users": "loaded",
    }


def test_a_load_that_never_began_is_not_announced(
    invoke: Invoke, on_aws: World, announced: list[dict[str, Any]]
) -> None:
    invoke({**EVENT, "given_up": True, "execution": "arn:of-an-execution"})
    assert announced == []
    assert on_aws.api.requests == []


def test_a_dry_run_and_a_busy_run_are_not_announced(
    invoke: Invoke, on_aws: World, announced: list[dict[str, Any]]
) -> None:
    invoke({**EVENT, "dry_run": True})
    far = NOW.replace(year=NOW.year + 50)
    assert on_aws.services().state.acquire("other", NOW, far)
    assert invoke(EVENT)["status"] == "busy"
    assert announced == []


@pytest.mark.parametrize("how", ["denied", "entry refused"])
def test_a_refused_announcement_is_logged_and_measured_and_harms_nothing(
    invoke: Invoke,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    how: str,
) -> None:
    call = BaseClient._make_api_call
    attempts = []

    def refusing(client: Any, name: str, arguments: Any) -> Any:
        if name != "PutEvents":
            return call(client, name, arguments)
        attempts.append(name)
        if how == "denied":
            answer = {"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}
            raise client.exceptions.ClientError(answer, name)
        refused = {"ErrorCode": "AccessDeniedException", "ErrorMessage": "not authorized"}
        return {"FailedEntryCount": 1, "Entries": [refused]}

    monkeypatch.setattr(BaseClient, "_make_api_call", refusing)
    assert invoke(EVENT)["status"] == "complete"
    assert len(attempts) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (warning,) = (one for one in lines if "could not be announced" in one.get("message", ""))
    assert "not authorized" in warning["message"]
    assert [1.0] in [one.get("EventsRefused") for one in lines if "_aws" in one]


def test_nothing_waits_longer_than_two_seconds_for_the_bus() -> None:
    from claude_admin_lake.aws import clients  # noqa: PLC0415 - beside what it looks at

    config = clients._ONE_QUICK_TRY
    assert config.connect_timeout + config.read_timeout <= 2  # type: ignore[attr-defined]
    assert config.retries["total_max_attempts"] == 1  # type: ignore[attr-defined]


def test_no_person_is_in_an_announcement(
    invoke: Invoke, on_aws: World, announced: list[dict[str, Any]]
) -> None:
    invoke(EVENT)
    text = json.dumps(announced)
    for user in on_aws.api.truth("users"):
        assert user["email"] not in text
