"""A stack, built and deployed with the README's commands and used through the AWS APIs."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from e2e.account import Account

ROOT = Path(__file__).resolve().parents[2]
WHAT_A_CLONE_HAS = (
    "template.yaml",
    "catalog.yaml",
    "reporter.yaml",
    "samconfig.toml",
    "requirements.txt",
    "requirements-reporter.txt",
    "packaging",
    "src",
    "events",
)

_T = TypeVar("_T")


def until(what: str, look: Callable[[], _T], seconds: float = 60) -> _T:
    """Wait for the first true value of `look`."""
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.2)
    return found


def copy_project(to: Path) -> Path:
    """Copy the project's files, so that the user's own build is not touched."""
    to.mkdir(parents=True)
    for name in WHAT_A_CLONE_HAS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, to / name)
    return to


class Sam:
    """The SAM command line, run in a copy of the project."""

    def __init__(self, command: str, project: Path, environment: dict[str, str]) -> None:
        self._command, self.project, self._environment = command, project, environment

    def __call__(self, *arguments: str, typed: str = "", **more: str) -> str:
        done = subprocess.run(
            [self._command, *arguments], cwd=self.project, env={**self._environment, **more},
            capture_output=True, text=True, check=False, input=typed,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"sam {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def build(self, *only: str, platform: str = "arm64") -> Path:
        self("build", *only, FUNCTION_PLATFORM=platform)
        return self.project / ".aws-sam" / "build" / "LoadFunction"


class Stack:
    """A deployed stack."""

    def __init__(self, account: Account, sam: Sam, name: str) -> None:
        self.account, self._sam, self.name = account, sam, name

    def deploy_guided(self, **parameters: str) -> Stack:
        """Deploy like a new user: press Enter at each question except that on the change set."""
        template = (self._sam.project / "template.yaml").read_text()
        parameters_of_it = template.partition("\nParameters:\n")[2].partition("\nRules:\n")[0]
        asked_before = 2 + len(re.findall(r"^  \w+:", parameters_of_it, re.MULTILINE))
        typed = "\n" * asked_before + "n\n" + "\n" * 5
        self._sam("deploy", "--guided", *self._given(parameters), typed=typed)
        return self._with_outputs()

    def deploy(self, **parameters: str) -> Stack:
        given = self._given(parameters)
        self._sam("deploy", "--no-confirm-changeset", "--s3-prefix", self.name, *given)
        return self._with_outputs()

    def _given(self, parameters: dict[str, str]) -> list[str]:
        # The emulator does not support AWS::Athena::NamedQuery. The steps count standard tables.
        usual = {"SavedQueries": "false", "Reports": "false", "Tables": "standard"}
        given = usual | parameters
        pairs = [f"{name}={value}" for name, value in given.items()]
        return ["--stack-name", self.name, "--parameter-overrides", *pairs]

    def asked(self, sql: str) -> str:
        """Run a query in the stack's database and workgroup; return its single value."""
        athena = self.client("athena")
        query = athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": self.outputs["DatabaseName"]},
            WorkGroup=self.outputs["WorkGroupName"],
        )["QueryExecutionId"]

        def ended() -> dict[str, Any] | None:
            status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            return status if status["State"] not in ("QUEUED", "RUNNING") else None

        status = until("an answer from Athena", ended)
        if status["State"] != "SUCCEEDED":
            raise AssertionError(f"{sql}: {status}")
        rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return str(rows[1]["Data"][0]["VarCharValue"])

    def _with_outputs(self) -> Stack:
        described = self.client("cloudformation").describe_stacks(StackName=self.name)
        outputs = described["Stacks"][0]["Outputs"]
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in outputs}
        return self

    def delete(self) -> None:
        """Delete the stack; on the emulator, `sam delete` fails for nested stacks."""
        client = self.client("cloudformation")
        client.delete_stack(StackName=self.name)
        waiter = client.get_waiter("stack_delete_complete")
        waiter.wait(StackName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def client(self, service: str) -> Any:
        return self.account.client(service)

    # The key

    def set_key(self, key: str) -> None:
        """Set the key like the output SetKeyCommand."""
        command = self.outputs["SetKeyCommand"].split()
        secret = command[command.index("--secret-id") + 1]
        self.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=key)

    # The function

    @property
    def function(self) -> str:
        return self.outputs["FunctionName"]

    def call(self, event: dict[str, Any]) -> Any:
        """Return the result of a run. Raises RunError with the function's message and log."""
        answer = self.client("lambda").invoke(
            FunctionName=self.function, Payload=json.dumps(event).encode(), LogType="Tail"
        )
        result = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            log = base64.b64decode(answer.get("LogResult", "")).decode()
            raise RunError(f"{event}: {result.get('errorMessage', result)}", log)
        return result

    def call_later(self, event: dict[str, Any]) -> None:
        self.client("lambda").invoke(
            FunctionName=self.function, InvocationType="Event", Payload=json.dumps(event).encode()
        )

    def call_by_sam(self, event_file: Path) -> Any:
        return json.loads(
            self._sam(
                "remote", "invoke", "LoadFunction", "--stack-name", self.name,
                "--event-file", str(event_file), "--output", "text",
            )
        )  # fmt: skip

    def go_cold(self) -> None:
        """End all warm copies of the function, with the state they cached."""
        client = self.client("lambda")
        memory = client.get_function_configuration(FunctionName=self.function)["MemorySize"]
        client.update_function_configuration(FunctionName=self.function, MemorySize=memory)

    # What it wrote

    @property
    def bucket(self) -> str:
        return self.outputs["LakeBucketName"]

    def objects(self, prefix: str = "") -> list[str]:
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        keys = (item["Key"] for page in pages for item in page.get("Contents", ()))
        place = self.outputs["LakeLocation"].split("/", 3)[3]
        return [key.removeprefix(place) for key in keys if key.startswith(place + prefix)]

    def rows(self, name: str) -> list[Any]:
        place = self.outputs["LakeLocation"].split("/", 3)[3]
        body = self.client("s3").get_object(Bucket=self.bucket, Key=place + name)["Body"].read()
        return [json.loads(line) for line in gzip.decompress(body).splitlines()]

    def cursors(self) -> dict[str, str]:
        items = self.client("dynamodb").scan(TableName=self.outputs["CursorTableName"])["Items"]
        # An item with a name of the loader's own, such as the first day, is no cursor.
        found = {item["table_name"]["S"]: item["date"]["S"] for item in items if "date" in item}
        return {name: day for name, day in found.items() if not name.startswith("_")}

    def lend(self, owner: str, expires: float) -> None:
        """Give the lease of `main` to another run, until a time in seconds since 1970."""
        self.client("dynamodb").update_item(
            TableName=self.outputs["CursorTableName"],
            Key={"organization": {"S": "main"}, "table_name": {"S": "_lease"}},
            UpdateExpression="SET expires_at = :t, lease_owner = :o",
            ExpressionAttributeValues={":t": {"N": str(expires)}, ":o": {"S": owner}},
        )

    def messages(self, queue: str = "FailedRunsQueueUrl") -> list[Any]:
        """Receive and delete a queue's messages."""
        sqs, url = self.client("sqs"), self.outputs[queue]
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    def log_lines(self) -> list[str]:
        logs = self.client("logs")
        groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
        mine = [group for group in groups if self.name in group]
        return [line for group in mine for line in _lines(logs, group)]

    def metrics(self) -> Iterator[dict[str, Any]]:
        """Return every embedded metric format document in the log."""
        for line in self.log_lines():
            start = line.find("{")
            if start >= 0 and '"_aws"' in line:
                yield json.loads(line[start:])

    # The state machine

    def start(self, event: dict[str, Any]) -> str:
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=self.outputs["StateMachineArn"], input=json.dumps(event)
        )
        return str(started["executionArn"])

    def executions(self) -> list[str]:
        listed = self.client("stepfunctions").list_executions(
            stateMachineArn=self.outputs["StateMachineArn"]
        )
        return [one["executionArn"] for one in listed["executions"]]

    def finished(self, execution: str, seconds: float = 120) -> tuple[str, list[str]]:
        """Wait for an execution to end; return its status and the states it entered."""
        client = self.client("stepfunctions")

        def status() -> str | None:
            now = client.describe_execution(executionArn=execution)["status"]
            return None if now == "RUNNING" else str(now)

        ended = until(f"the end of {execution}", status, seconds)
        return ended, self.entered(execution)

    def entered(self, execution: str) -> list[str]:
        """The states that an execution has entered so far."""
        client = self.client("stepfunctions")
        events = client.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        return [
            e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e
        ]


class RunError(Exception):
    """The function returned an error; `log` is the end of what it logged."""

    def __init__(self, why: str, log: str) -> None:
        super().__init__(why)
        self.log = log


def _lines(logs: Any, group: str) -> Iterator[str]:
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    for stream in streams:
        found = logs.get_log_events(
            logGroupName=group,
            logStreamName=stream["logStreamName"],
            startFromHead=True,
            limit=10000,
        )
        yield from (event["message"] for event in found["events"])


def tools_environment() -> dict[str, str]:
    """Return the environment without AWS variables: a build must not need them."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**plain, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}
