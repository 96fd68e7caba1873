"""What the reporter does in AWS: objects below `reports/`, messages, the webhook's secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from claude_admin_lake.errors import LoaderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .settings import ReporterSettings

REPORTS = "reports/"
_SERVICES = ("s3", "sns", "secretsmanager")
_MOST_TOLD = 1000
_CONFIG = Config(
    connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4}
)


class ReportFailed(LoaderError):
    """A report or a message could not be delivered."""


class Outside:
    """The reporter's bucket, topic and secret."""

    def __init__(self, settings: ReporterSettings, organization: str) -> None:
        session = get_session()
        self._settings, self._below = settings, f"{REPORTS}{organization}/"
        clients = {one: session.create_client(one, config=_CONFIG) for one in _SERVICES}
        self._s3: Any = clients["s3"]
        self._sns: Any = clients["sns"]
        self._secrets: Any = clients["secretsmanager"]

    def put(self, name: str, text: str, kind: str = "text/html") -> None:
        """Store a file of the report."""
        where = {"Bucket": self._settings.bucket, "Key": self._below + name}
        content = {"Body": text.encode(), "ContentType": f"{kind}; charset=utf-8"}
        _do(f"write {where['Key']}", self._s3.put_object, **where, **content)

    def told(self) -> list[str]:
        """Return what was remembered last: the keys of the digests and alerts that were sent."""
        where = {"Bucket": self._settings.bucket, "Key": f"{self._below}told.json"}
        try:
            return list(json.loads(self._s3.get_object(**where)["Body"].read()))
        except self._s3.exceptions.NoSuchKey:
            return []
        except (ClientError, BotoCoreError) as error:
            raise ReportFailed(f"cannot read {where['Key']}: {error}") from error

    def keep_told(self, keys: Sequence[str]) -> None:
        """Remember what was sent."""
        self.put("told.json", json.dumps(list(keys)[-_MOST_TOLD:]), "application/json")

    def mail(self, subject: str, text: str) -> None:
        """Publish a message to the topic."""
        arguments = {"TopicArn": self._settings.topic, "Subject": subject, "Message": text}
        _do("publish to the topic", self._sns.publish, **arguments)

    def webhook(self) -> str:
        """Return the webhook's URL from its secret."""
        secret = self._settings.webhook_secret
        answer = _do("read the webhook's secret", self._secrets.get_secret_value, SecretId=secret)
        return str(answer["SecretString"]).strip()


def _do(what: str, call: Any, **arguments: Any) -> Any:
    try:
        return call(**arguments)
    except (ClientError, BotoCoreError) as error:
        raise ReportFailed(f"cannot {what}: {error}") from error
