"""Puts the parts of a run together, on AWS and on a laptop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from .clock import Deadline
from .run.run import Equipment
from .source.api import AdminApi
from .source.credential import CredentialSource
from .source.pace import Pace
from .tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .aws.secret import SecretCache
    from .clock import Clock
    from .lake import Lake
    from .run.outcome import Outcome
    from .settings import Settings
    from .state import State

KEY_VARIABLE = "ANTHROPIC_ADMIN_KEY"
ENTERPRISE_KEY_VARIABLE = "ANTHROPIC_ENTERPRISE_KEY"


def on_aws(
    settings: Settings,
    organization: str,
    clock: Clock,
    remaining: Callable[[], float],
    cache: SecretCache | None = None,
) -> Equipment:
    """A run in the function, on S3, DynamoDB and Secrets Manager; `cache` outlives the run."""
    # A laptop may lack botocore and should not wait for its import.
    from .aws import clients, secret  # noqa: PLC0415

    lake = clients.lake(settings, organization)
    state = clients.state(settings, organization)
    credentials = secret.credential_source(
        clients.secrets(), settings, organization, clock, cache or secret.SecretCache()
    )
    return _equipment(settings, clock, Deadline(clock, remaining), lake, state, credentials)


def on_laptop(
    settings: Settings,
    organization: str,
    clock: Clock,
    *,
    folder: Path,
    key: str,
    progress: Callable[[Outcome], None],
) -> Equipment:
    """A run into a folder, with the given key and no time limit."""
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
    equipment = _equipment(settings, clock, Deadline(clock, None), lake, state, credentials)
    return replace(equipment, progress=progress)


def _equipment(
    settings: Settings,
    clock: Clock,
    deadline: Deadline,
    lake: Lake,
    state: State,
    credentials: CredentialSource,
) -> Equipment:
    pace = Pace(settings.requests_per_minute, clock)
    api = AdminApi(settings.base_url, credentials, pace, clock, deadline)
    return Equipment(
        settings=settings,
        tables={table.name: table for table in TABLES},
        lake=lake,
        state=state,
        credentials=credentials,
        api=api,
        clock=clock,
        deadline=deadline,
    )
