"""The Admin credential in Secrets Manager, cached while the function stays warm."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from claude_admin_lake.errors import CredentialError
from claude_admin_lake.source.credential import CredentialSource
from claude_admin_lake.source.key_headers import KeyHeaders

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from claude_admin_lake.clock import Clock
    from claude_admin_lake.settings import Settings
    from claude_admin_lake.source.federation import Kept, Tokens

Place = tuple[str, str]
"""An endpoint of Secrets Manager and the secret's name or ARN."""


class SecretCache:
    """What a warm function keeps between invocations: the text of secrets for MAX_AGE seconds, the
    header that works for each key, and access tokens."""

    MAX_AGE = 300.0

    def __init__(self) -> None:
        self.key_headers = KeyHeaders()
        self.tokens: Kept = {}
        self._texts: dict[Place, tuple[float, str]] = {}

    def text(self, place: Place, clock: Clock) -> str | None:
        """The text if it was read recently."""
        read_at, text = self._texts.get(place, (0.0, None))
        return text if clock.elapsed() - read_at < self.MAX_AGE else None

    def keep(self, place: Place, text: str, clock: Clock) -> None:
        """Keep a text that was just read."""
        self._texts[place] = (clock.elapsed(), text)


def credential_source(
    client: SecretsManagerClient,
    settings: Settings,
    organization: str,
    clock: Clock,
    cache: SecretCache,
    tokens: Tokens | None = None,
) -> CredentialSource:
    """The organization's credential: in the secret that the settings name, or federated.

    Starts with the cached text, if any; after a refusal by the API, the secret is re-read.
    """
    if not settings.secret_id:
        return CredentialSource(
            f"the federation rule {settings.federation_rule_id!r} (FEDERATION_RULE_ID)",
            str,
            organization=organization,
            federation=settings.federation,
            tokens=tokens,
        )
    secret = _Secret(client, settings.secret_id, clock, cache)
    source = CredentialSource(
        secret.name,
        secret.read,
        f"then: {secret.put}",
        organization=organization,
        organizations=settings.organizations,
        federation=settings.federation,
        tokens=tokens,
    )
    if (cached := cache.text(secret.place, clock)) is not None:
        source.keep(cached)
    return source


class _Secret(NamedTuple):
    client: SecretsManagerClient
    secret_id: str
    clock: Clock
    cache: SecretCache

    @property
    def name(self) -> str:
        return f"the secret {self.secret_id!r} (ADMIN_KEY_SECRET_ID)"

    @property
    def place(self) -> Place:
        return self.client.meta.endpoint_url, self.secret_id

    @property
    def put(self) -> str:
        command = f"aws secretsmanager put-secret-value --secret-id {self.secret_id}"
        return f"{command} --secret-string file://KEY-FILE"

    def read(self) -> str:
        try:
            answer = self.client.get_secret_value(SecretId=self.secret_id)
        except (ClientError, BotoCoreError) as error:
            raise CredentialError(f"cannot read {self.name}: {error}") from error
        text = answer.get("SecretString", "")
        self.cache.keep(self.place, text, self.clock)
        return text
