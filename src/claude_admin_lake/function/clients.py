"""The parts of a run that are on AWS, and the AWS clients behind them."""

from __future__ import annotations

import json
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session, get_session

from claude_admin_lake.errors import CredentialError, LoaderError
from claude_admin_lake.lake.s3 import S3Lake
from claude_admin_lake.source.credential import CredentialSource
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
_KEPT_SECONDS = 300.0
_kept: dict[tuple[str, str], tuple[float, str]] = {}


@cache
def session() -> Session:
    """One for all clients, which share what it has read from its files."""
    return get_session()


def _client(service: str) -> Any:
    """Made by boto3's core alone: boto3 itself would import a sixth more, of which nothing is
    used (resources, transfers in parallel processes)."""
    return session().create_client(service, config=_CONFIG)


def lake(settings: Settings) -> S3Lake:
    """The lake in the settings' bucket."""
    client: S3Client = _client("s3")
    return S3Lake(client, settings.bucket, settings.prefix)


def state(settings: Settings) -> DynamoState:
    """Cursors and lease in the settings' table."""
    client: DynamoDBClient = _client("dynamodb")
    return DynamoState(client, settings.cursor_table)


def credentials(settings: Settings, *, warm: bool) -> CredentialSource:
    """The Admin credential in the settings' secret.

    A `warm` function finds it kept for some minutes; a credential that the API refused is read
    anew.
    """
    client: SecretsManagerClient = _client("secretsmanager")
    name = f"the secret {settings.secret_id!r} (ADMIN_KEY_SECRET_ID)"
    place = (client.meta.endpoint_url, settings.secret_id)

    def read() -> str:
        try:
            text = client.get_secret_value(SecretId=settings.secret_id).get("SecretString", "")
        except (ClientError, BotoCoreError) as error:
            raise CredentialError(f"cannot read {name}: {error}") from error
        _kept[place] = (monotonic(), text)
        return text

    read_at, text = _kept.get(place, (-_KEPT_SECONDS, ""))
    put = f"aws secretsmanager put-secret-value --secret-id {settings.secret_id}"
    source = CredentialSource(name, read, f"then: {put} --secret-string file://KEY-FILE")
    if warm and monotonic() - read_at < _KEPT_SECONDS:
        source.keep(text)
    return source


def continue_later(settings: Settings, event: dict[str, object]) -> str:
    """Have the state machine go on with `event`; the execution's ARN.

    Raises LoaderError if it cannot be started: then nobody would do what remains.
    """
    client: SFNClient = _client("stepfunctions")
    try:
        started = client.start_execution(
            stateMachineArn=settings.continuation, input=json.dumps(event)
        )
    except (ClientError, BotoCoreError) as error:
        raise LoaderError(f"cannot start {settings.continuation}: {error}") from error
    return started["executionArn"]
