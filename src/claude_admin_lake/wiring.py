"""Puts the parts of a run together, on AWS and on a laptop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from .clock import Deadline
from .run.services import Services
from .source.api import AdminApi
from .source.credential import Anonymous, CredentialSource
from .source.exchange import MOST_ON_A_LAPTOP, most_bytes
from .source.federation import Tokens
from .source.pace import ENTERPRISE_SHARE, Pace
from .tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .aws.secret import SecretCache
    from .clock import Clock
    from .lake import Lake
    from .run.outcome import Outcome
    from .settings import Settings
    from .source.key_headers import KeyHeaders
    from .state import State

KEY_VARIABLE = "ANTHROPIC_ADMIN_KEY"
ENTERPRISE_KEY_VARIABLE = "ANTHROPIC_ENTERPRISE_KEY"


def on_aws(
    settings: Settings,
    organization: str,
    clock: Clock,
    remaining: Callable[[], float],
    cache: SecretCache | None = None,
    memory_mb: int = 0,
) -> Services:
    """A run in the function, on S3, DynamoDB and Secrets Manager; `cache` outlives the run.

    `memory_mb`, if known, is the function's memory, which limits the size of an answer.
    """
    # A laptop may lack botocore and should not wait for its import.
    from .aws import clients, identity, secret  # noqa: PLC0415

    lake = clients.lake(settings, organization)
    state = clients.state(settings, organization)
    cache = cache or secret.SecretCache()
    deadline = Deadline(clock, remaining)
    tokens = Tokens(
        _api(settings, Anonymous(), clock, deadline, None),
        lambda: identity.web_identity_token(clients.session(), deadline),
        clock,
        cache.tokens,
    )
    credentials = secret.credential_source(
        clients.secrets(), settings, organization, clock, cache, tokens
    )
    most = most_bytes(memory_mb)
    api = _api(settings, credentials, clock, deadline, cache.key_headers, most_bytes=most)
    return _services(settings, api, clock, deadline, lake, state, credentials)


def on_laptop(
    settings: Settings,
    organization: str,
    clock: Clock,
    *,
    folder: Path,
    key: str,
    progress: Callable[[Outcome], None],
    key_headers: KeyHeaders | None = None,
) -> Services:
    """A run into a folder, with the given key and no time limit; `key_headers` outlives it."""
    from .lake.folder import FolderLake  # noqa: PLC0415 - see on_aws
    from .state.file import FileState  # noqa: PLC0415

    lake = FolderLake(folder, settings.prefix, organization)
    state = FileState(folder, organization)
    credentials = CredentialSource(
        f"the variable {KEY_VARIABLE}",
        lambda: key,
        f"then: export {KEY_VARIABLE}=sk-ant-admin...",
        organization=organization,
        organizations=settings.organizations,
    )
    deadline = Deadline(clock, None)
    api = _api(settings, credentials, clock, deadline, key_headers)
    services = _services(settings, api, clock, deadline, lake, state, credentials)
    return replace(services, progress=progress)


def _api(
    settings: Settings,
    credentials: CredentialSource,
    clock: Clock,
    deadline: Deadline,
    key_headers: KeyHeaders | None,
    *,
    most_bytes: int = MOST_ON_A_LAPTOP,
) -> AdminApi:
    per_minute = settings.requests_per_minute
    return AdminApi(
        settings.base_url,
        credentials,
        Pace(per_minute, clock),
        clock,
        deadline,
        key_headers,
        enterprise_pace=Pace(max(1, round(per_minute * ENTERPRISE_SHARE)), clock),
        most_bytes=most_bytes,
    )


def _services(
    settings: Settings,
    api: AdminApi,
    clock: Clock,
    deadline: Deadline,
    lake: Lake,
    state: State,
    credentials: CredentialSource,
) -> Services:
    return Services(
        settings=settings,
        tables={table.name: table for table in TABLES},
        lake=lake,
        state=state,
        credentials=credentials,
        api=api,
        clock=clock,
        deadline=deadline,
    )
