"""The Admin credential in Secrets Manager, cached while the function stays warm."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    secret_id = settings.secret_id
    if not secret_id:
        return CredentialSource(
            f"the federation rule {settings.federation_rule_id!r} (FEDERATION_RULE_ID)",
            str,
            organization=organization,
            federation=settings.federation,
            tokens=tokens,
        )
    name = f"the secret {secret_id!r} (ADMIN_KEY_SECRET_ID)"
    place = (client.meta.endpoint_url, secret_id)

    def read() -> str:
        try:
            text = client.get_secret_value(SecretId=secret_id).get("SecretString", "")
        except (ClientError, BotoCoreError) as error:
            raise CredentialError(f"cannot read {name}: {error}") from error
        cache.keep(place, text, clock)
        return text

    put = f"aws secretsmanager put-secret-value --secret-id {secret_id}"
    source = CredentialSource(
        name,
        read,
        f"then: {put} --secret-string file://KEY-FILE",
        organization=organization,
        organizations=settings.organizations,
        federation=settings.federation,
        tokens=tokens,
    )
    if (cached := cache.text(place, clock)) is not None:
        source.keep(cached)
    return source
