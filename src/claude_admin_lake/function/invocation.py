"""One run in the function: what it needs, and how it is logged, measured and continued."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec import Struct

from claude_admin_lake.aws import clients
from claude_admin_lake.run.brief import brief
from claude_admin_lake.run.preview import dry_run
from claude_admin_lake.run.run import execute, plan_all
from claude_admin_lake.wiring import on_aws

from . import telemetry

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_admin_lake.aws.secret import SecretCache
    from claude_admin_lake.clock import Clock
    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.run.outcome import Result
    from claude_admin_lake.run.run import Equipment
    from claude_admin_lake.settings import Settings

_log = logging.getLogger(__name__)


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
    label: Callable[..., None]
    """Adds fields to the log lines of the current run."""

    def equipment(self, request: Request) -> Equipment:
        """What the run of a request works with."""
        return on_aws(self.settings, request.organization, self.clock, self.remaining, self.secrets)


class Ended(Struct, frozen=True):
    """A run's result as JSON types, and why it should be raised, if so."""

    answer: dict[str, object]
    failure: str | None = None


def preview(request: Request, at: Invocation, equipment: Equipment) -> dict[str, object]:
    """The result of a dry run."""
    plans = plan_all(request, equipment)
    return brief(dry_run(at.run_id, request.organization, plans, at.settings))


def load(request: Request, at: Invocation, equipment: Equipment) -> Result:
    """Do the run. Raises LoaderError if it cannot begin."""
    at.label(run_id=at.run_id, organization=request.organization)
    _log.info("run begins", extra={"mode": request.mode.value})
    return execute(at.run_id, request, equipment)


def finish(result: Result, at: Invocation) -> Ended:
    """Log and measure the result, and start a continuation if work remains."""
    telemetry.emit(result, at.settings.tables, at.namespace)
    answer, remaining = brief(result.as_dict()), result.remaining
    _log.info("run ends", extra={"result": answer})
    continued = result.request.execution
    if remaining and at.settings.continuation and not continued:
        continued = clients.continue_later(at.settings, remaining)
        _log.info("continued by the state machine", extra={"execution": continued})
    if result.failures and not (remaining and continued):
        return Ended(answer, "; ".join(f"{name}: {why}" for name, why in result.failures.items()))
    return Ended(answer)
