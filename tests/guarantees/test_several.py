"""An event for all organizations: each runs on its own, side by side, whatever befalls another."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from admin_double import ALWAYS, AdminDouble, faults
from claude_admin_lake import library
from claude_admin_lake.cli import INCOMPLETE, REFUSED, main
from claude_admin_lake.errors import InvalidInput, LoaderError, RunFailed
from claude_admin_lake.function.app import lambda_handler, logger
from claude_admin_lake.laptop import run_event
from claude_admin_lake.run.side_by_side import side_by_side
from tests.guarantees.organizations import document, documented, key_of, neighbours
from tests.guarantees.world import NOW, OnAws, OnLaptop, World, ago

NAMES = ("healthy", "revoked", "newcomer")
EVENT = {"scheduled_time": NOW.isoformat()}
Invoke = Callable[..., dict[str, Any]]


@pytest.fixture
def apis() -> Iterator[dict[str, AdminDouble]]:
    with neighbours(*NAMES) as made:
        yield made


@pytest.fixture
def on_three(apis: dict[str, AdminDouble], aws_account: None) -> World:
    store = OnAws(key=documented(*NAMES))
    store.create()
    return World(apis["healthy"], store, {"ORGANIZATIONS": ",".join(NAMES)})


@pytest.fixture
def invoke(on_three: World, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    def invoke(event: object, context: object = None, **environment: str) -> dict[str, Any]:
        for name, value in {**on_three.environment, **environment}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(logger.logger_handler, "stream", sys.stdout)
        return lambda_handler(event, context)

    return invoke


@pytest.fixture
def machine(on_three: World) -> str:
    """A state machine, of which only the executions matter."""
    made = boto3.client("stepfunctions").create_state_machine(
        name="load-until-done", roleArn="arn:aws:iam::123456789012:role/machine",
        definition='{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}',
    )  # fmt: skip
    return str(made["stateMachineArn"])


def executions(machine: str) -> dict[str, dict[str, Any]]:
    """The input of each execution, by organization."""
    client = boto3.client("stepfunctions")
    listed = client.list_executions(stateMachineArn=machine)["executions"]
    arns = [one["executionArn"] for one in listed]
    inputs = [json.loads(client.describe_execution(executionArn=arn)["input"]) for arn in arns]
    assert len({one["organization"] for one in inputs}) == len(inputs)
    return {one["organization"]: one for one in inputs}


def test_one_schedule_starts_an_execution_for_each(
    invoke: Invoke, machine: str, apis: dict[str, AdminDouble]
) -> None:
    answer = invoke(EVENT, CONTINUATION_STATE_MACHINE_ARN=machine)
    assert answer["status"] == "started"
    assert {name: one["status"] for name, one in answer["organizations"].items()} == dict.fromkeys(
        NAMES, "started"
    )
    when = "2026-11-20T06:00:00Z"
    assert executions(machine) == {
        name: {"organization": name, "scheduled_time": when} for name in NAMES
    }
    assert all(api.requests == [] for api in apis.values())


def test_what_the_event_asks_is_asked_of_each(invoke: Invoke, machine: str) -> None:
    event = {"repair": True, "execution": "arn:of-the-caller", "source": "aws.events", **EVENT}
    invoke(event, CONTINUATION_STATE_MACHINE_ARN=machine)
    (one, *_) = executions(machine).values()
    assert set(one) == {"organization", "scheduled_time", "repair"}


def test_a_second_attempt_starts_nothing_twice(invoke: Invoke, machine: str) -> None:
    again = SimpleNamespace(aws_request_id="the-same")
    first = invoke(EVENT, again, CONTINUATION_STATE_MACHINE_ARN=machine)
    second = invoke(EVENT, again, CONTINUATION_STATE_MACHINE_ARN=machine)
    assert first["organizations"] == second["organizations"]
    assert len(executions(machine)) == 3


def test_one_without_a_credential_is_named_after_the_others_were_started(
    invoke: Invoke, machine: str
) -> None:
    text = documented("healthy", "newcomer")
    boto3.client("secretsmanager").put_secret_value(SecretId="key", SecretString=text)
    with pytest.raises(RunFailed, match=r"revoked: .* has no credentials for the organization"):
        invoke(EVENT, CONTINUATION_STATE_MACHINE_ARN=machine)
    assert set(executions(machine)) == {"healthy", "newcomer"}


def test_the_same_key_for_two_names_fails_both_and_no_other(invoke: Invoke, machine: str) -> None:
    shared = key_of("healthy")
    text = document(healthy=shared, revoked=shared, newcomer=key_of("newcomer"))
    boto3.client("secretsmanager").put_secret_value(SecretId="key", SecretString=text)
    with pytest.raises(RunFailed, match=r"healthy: .*revoked: .*same key"):
        invoke(EVENT, CONTINUATION_STATE_MACHINE_ARN=machine)
    assert set(executions(machine)) == {"newcomer"}


def test_a_secret_of_the_old_shape_starts_nothing(invoke: Invoke, machine: str) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId="key", SecretString=key_of("healthy"))
    with pytest.raises(RunFailed, match="is for one organization"):
        invoke(EVENT, CONTINUATION_STATE_MACHINE_ARN=machine)
    assert executions(machine) == {}


def test_a_named_organization_runs_alone_and_here(
    invoke: Invoke, machine: str, apis: dict[str, AdminDouble]
) -> None:
    answer = invoke({"organization": "newcomer", **EVENT}, CONTINUATION_STATE_MACHINE_ARN=machine)
    assert (answer["organization"], answer["status"]) == ("newcomer", "complete")
    assert executions(machine) == {}
    assert apis["healthy"].requests == []


def test_without_a_state_machine_all_run_here_and_a_revoked_one_is_named_at_the_end(
    invoke: Invoke,
    on_three: World,
    apis: dict[str, AdminDouble],
    capsys: pytest.CaptureFixture[str],
) -> None:
    apis["revoked"].keys.clear()
    with pytest.raises(RunFailed, match=r"^revoked: the API refuses the key in the secret 'key'"):
        invoke(EVENT)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (told,) = (one["result"] for one in lines if one.get("message") == "all runs end")
    statuses = {name: one["status"] for name, one in told["organizations"].items()}
    assert statuses == {"healthy": "complete", "revoked": "failed", "newcomer": "complete"}
    for name, expected in (("healthy", str(ago(1))), ("newcomer", str(ago(1))), ("revoked", None)):
        cursor = on_three.store.cursors(name).get("cost_report", {})
        assert cursor.get("date") == expected
    assert all("organization=revoked" not in key for key in on_three.store.objects())
    assert sum(one.get("Failed") == [1] for one in lines if "_aws" in one) == 1


def test_the_log_says_whose_run_it_is(
    invoke: Invoke, apis: dict[str, AdminDouble], capsys: pytest.CaptureFixture[str]
) -> None:
    apis["newcomer"].fail("users", faults.status(500), times=1)
    invoke({"tables": ["users"], **EVENT})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (retried,) = (one for one in lines if "asking again" in one.get("message", ""))
    assert retried["organization"] == "newcomer"
    begun = [one for one in lines if one.get("message") == "run begins"]
    assert {one["organization"] for one in begun} == set(NAMES)
    assert len({one["run_id"] for one in begun}) == 3


def test_a_dry_run_of_all_starts_nothing(
    invoke: Invoke, machine: str, apis: dict[str, AdminDouble]
) -> None:
    answer = invoke({"dry_run": True, **EVENT}, CONTINUATION_STATE_MACHINE_ARN=machine)
    assert {one["dry_run"] for one in answer["organizations"].values()} == {True}
    assert set(answer["organizations"]) == set(NAMES)
    assert executions(machine) == {}
    assert all(api.requests == [] for api in apis.values())


@pytest.mark.parametrize(
    "event", [{"adopt": True}, {"slices": {"users": ["snapshot"]}}, {"tables": ["nothing"]}]
)
def test_a_bad_event_starts_nothing(invoke: Invoke, machine: str, event: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        invoke(event, CONTINUATION_STATE_MACHINE_ARN=machine)
    assert executions(machine) == {}


def test_results_and_messages_stay_small_whatever_fails(
    invoke: Invoke, apis: dict[str, AdminDouble], capsys: pytest.CaptureFixture[str]
) -> None:
    for api in apis.values():
        api.fail(None, faults.status(400, body="é" * 5000), times=ALWAYS)
    with pytest.raises(RunFailed) as caught:
        invoke({"start_date": str(ago(80)), **EVENT})
    assert len(json.dumps(str(caught.value))) < 32_000
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (told,) = (one["result"] for one in lines if one.get("message") == "all runs end")
    assert len(json.dumps(told)) < 32_000
    error = told["organizations"]["healthy"]["tables"]["claude_code_usage"]["error"]
    assert error.startswith(f"{ago(80)}/{ago(1)}: ")


class TestOnALaptop:
    """Without AWS they run side by side, and nothing is raised before all have ended."""

    @pytest.fixture
    def environment(self, apis: dict[str, AdminDouble]) -> dict[str, str]:
        return {
            "ANTHROPIC_ADMIN_KEY": documented(*NAMES),
            "ADMIN_API_BASE_URL": apis["healthy"].url,
            "ORGANIZATIONS": ",".join(NAMES),
            "START_DATE": str(ago(3)),
            "REQUESTS_PER_MINUTE": "60000",
        }

    def test_each_has_its_result(
        self, environment: dict[str, str], apis: dict[str, AdminDouble], tmp_path: Path
    ) -> None:
        apis["revoked"].keys.clear()
        result = run_event({**EVENT}, tmp_path, environment=environment)
        assert result["status"] == "incomplete"
        found = {name: one["status"] for name, one in result["organizations"].items()}
        assert found == {"healthy": "complete", "revoked": "failed", "newcomer": "complete"}
        assert set(OnLaptop(tmp_path).cursors("newcomer")) >= {"cost_report"}

    def test_one_may_be_named(
        self, environment: dict[str, str], apis: dict[str, AdminDouble], tmp_path: Path
    ) -> None:
        result = library.load(
            tmp_path, organization="newcomer", tables=["users"], environment=environment
        )
        assert (result["organization"], result["status"]) == ("newcomer", "complete")
        assert apis["healthy"].requests == []
        with pytest.raises(InvalidInput, match="organization is 'else'; must be one of healthy"):
            library.load(tmp_path, organization="else", environment=environment)

    def test_a_name_alone_is_enough_for_another_key(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        del environment["ORGANIZATIONS"]
        environment["ANTHROPIC_ADMIN_KEY"] = key_of("newcomer")
        result = library.load(
            tmp_path, organization="anything", tables=["users"], environment=environment
        )
        assert result["organization"] == "anything"
        assert (tmp_path / "users" / "organization=anything" / "users.jsonl.gz").exists()
        with pytest.raises(InvalidInput, match="organization is 'Any thing'; must be lower-case"):
            library.load(tmp_path, organization="Any thing", environment=environment)

    def test_the_command_s_status_tells_incomplete_from_not_begun(
        self,
        environment: dict[str, str],
        apis: dict[str, AdminDouble],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        arguments = ["load", "--lake", str(tmp_path), "--tables", "users"]
        apis["revoked"].keys.clear()
        assert main(arguments) == INCOMPLETE
        for api in apis.values():
            api.keys.clear()
        assert main(arguments) == REFUSED
        assert main([*arguments, "--organization", "healthy"]) == REFUSED


def test_all_run_at_the_same_time() -> None:
    """Each waits for the other two: one after the other they would wait for ever."""
    meeting = threading.Barrier(3, timeout=30)
    assert side_by_side({name: lambda: meeting.wait() >= 0 for name in NAMES}) == dict.fromkeys(
        NAMES, True
    )


def test_a_bug_in_one_run_does_not_cost_the_others(caplog: pytest.LogCaptureFixture) -> None:
    def bug() -> str:
        message = "a bug with sk-ant-admin01-secret"
        raise ValueError(message)

    found = side_by_side({"broken": bug, "healthy": lambda: "fine"})
    assert found["healthy"] == "fine"
    assert isinstance(found["broken"], LoaderError)
    assert str(found["broken"]) == "unexpected ValueError: a bug with [secret]"
    assert "in bug" in caplog.text
    assert "sk-ant" not in caplog.text
