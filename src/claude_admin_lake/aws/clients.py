"""The AWS clients, and the parts of a run that use them."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session, get_session

from claude_admin_lake.errors import LoaderError
from claude_admin_lake.lake.s3 import S3Lake
from claude_admin_lake.state.dynamodb import DynamoState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_stepfunctions import SFNClient

    from claude_admin_lake.settings import Settings

_CONFIG = Config(
    connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 6}
)


@cache
def session() -> Session:
    """One session for all clients, so that botocore's data files are read once."""
    return get_session()


@cache
def _client(service: str) -> Any:
    """A botocore client, which a warm function keeps. boto3 would import a sixth more for resources
    and parallel transfers, which nothing here uses."""
    return session().create_client(service, config=_CONFIG)


def lake(settings: Settings, organization: str) -> S3Lake:
    """The organization's lake in the settings' bucket."""
    client: S3Client = _client("s3")
    return S3Lake(client, settings.bucket, settings.prefix, organization)


def state(settings: Settings, organization: str) -> DynamoState:
    """The organization's cursors and lease in the settings' table."""
    client: DynamoDBClient = _client("dynamodb")
    return DynamoState(client, settings.cursor_table, organization)


def secrets() -> SecretsManagerClient:
    """The client of Secrets Manager."""
    client: SecretsManagerClient = _client("secretsmanager")
    return client


def lake_arn(settings: Settings) -> str:
    """The ARN of the lake's place in its bucket."""
    client: Any = _client("s3")
    partition = session().get_partition_for_region(client.meta.region_name)
    return f"arn:{partition}:s3:::{settings.bucket}/{settings.prefix}"


_ONE_QUICK_TRY = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})


def put_event(source: str, detail_type: str, detail: str, resource: str) -> None:
    """Put an event on the account's default bus: one attempt, two seconds.

    `resource` is the ARN of what the event is about.

    Raises LoaderError if it is rejected.
    """
    client: Any = session().create_client("events", config=_ONE_QUICK_TRY)
    entry: Any = {
        "EventBusName": "default",
        "Source": source,
        "DetailType": detail_type,
        "Resources": [resource],
        "Detail": detail,
    }
    try:
        answer = client.put_events(Entries=[entry])
    except (ClientError, BotoCoreError) as error:
        raise LoaderError(f"cannot put an event on the default bus: {error}") from error
    if answer["FailedEntryCount"]:
        (refused,) = answer["Entries"]
        why = f"{refused.get('ErrorCode')}: {refused.get('ErrorMessage')}"
        raise LoaderError(f"the default bus rejected the event: {why}")


def step_functions() -> SFNClient:
    """The client of Step Functions."""
    client: SFNClient = _client("stepfunctions")
    return client


def continue_later(
    settings: Settings,
    event: dict[str, object],
    name: str = "",
    client: SFNClient | None = None,
) -> str:
    """Start the state machine with `event` and return the execution's ARN.

    An execution of the same `name` is not started twice. Raises LoaderError if it cannot be
    started, because the work would be left undone.
    """
    client = client or step_functions()
    machine, named = settings.continuation, {"name": name} if name else {}
    try:
        started = client.start_execution(stateMachineArn=machine, input=json.dumps(event), **named)
    except ClientError as error:
        if name and error.response["Error"]["Code"] == "ExecutionAlreadyExists":
            return f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        raise LoaderError(f"cannot start {machine}: {error}") from error
    except BotoCoreError as error:
        raise LoaderError(f"cannot start {machine}: {error}") from error
    return started["executionArn"]
