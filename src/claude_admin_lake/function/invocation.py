"""What the runs of one invocation of the function share."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from msgspec import Struct

from claude_admin_lake.wiring import on_aws

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_admin_lake.aws.secret import SecretCache
    from claude_admin_lake.clock import Clock
    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.run.services import Services
    from claude_admin_lake.settings import Settings


class Invocation(Struct, frozen=True, kw_only=True):
    """What the runs of one invocation share."""

    run_id: str
    settings: Settings
    clock: Clock
    remaining: Callable[[], float]
    secrets: SecretCache
    namespace: str
    name: str
    """The same for every attempt at an asynchronous invocation."""
    memory_mb: int = 0
    """The function's memory; 0 if unknown."""
    label: Callable[..., None]
    """Adds fields to the log lines of the current run."""

    def execution_name(self, request: Request) -> str:
        """The same for every attempt, so that none starts an execution twice."""
        attempt = f"{request.execution or self.name}/{request.organization}"
        return f"{request.organization[:40]}-{hashlib.sha256(attempt.encode()).hexdigest()[:32]}"

    def services(self, request: Request) -> Services:
        """The dependencies of a request's run."""
        return on_aws(
            self.settings,
            request.organization,
            self.clock,
            self.remaining,
            self.secrets,
            self.memory_mb,
        )
