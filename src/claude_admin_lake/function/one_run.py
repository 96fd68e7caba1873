"""One run in the function: how it is logged, measured, announced and continued."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec import Struct

from claude_admin_lake.aws import clients
from claude_admin_lake.check.report import check
from claude_admin_lake.run.brief import brief
from claude_admin_lake.run.preview import dry_run
from claude_admin_lake.run.run import execute, plan_all

from . import telemetry
from .announcement import keep, load_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.run.result import Result
    from claude_admin_lake.run.services import Services

    from .invocation import Invocation

_log = logging.getLogger(__name__)


class Ended(Struct, frozen=True):
    """A run's result as JSON types, and the errors to raise, if any."""

    answer: dict[str, object]
    failure: str | None = None


def preview(request: Request, invocation: Invocation, services: Services) -> dict[str, object]:
    """The result of a dry run or of a check."""
    if request.check:
        return brief(check(request, services))
    plans = plan_all(request, services)
    return brief(dry_run(invocation.run_id, request.organization, plans, invocation.settings))


def load(request: Request, invocation: Invocation, services: Services) -> Result:
    """Run the request. Raises LoaderError if the run cannot begin."""
    invocation.label(run_id=invocation.run_id, organization=request.organization)
    _log.info("run begins", extra={"mode": request.mode.value})
    return execute(invocation.run_id, request, services, owner=invocation.name)


def later(
    request: Request, event: Mapping[str, object], invocation: Invocation
) -> dict[str, object]:
    """Let the state machine repeat a run that found another one active; what to add to the result.

    Empty if there is no state machine, or if it is the caller and therefore retries anyway. Raises
    LoaderError if the execution cannot be started, so that the invocation is retried.
    """
    if not invocation.settings.continuation or request.execution:
        return {}
    name = invocation.execution_name(request)
    started = clients.continue_later(invocation.settings, request.start(event), name)
    _log.info(
        "another run is active; the state machine retries later", extra={"execution": started}
    )
    return {"execution": started}


def finish(result: Result, invocation: Invocation) -> Ended:
    """Log and measure the result, and start a continuation if work remains."""
    telemetry.emit(result, invocation.settings.tables, invocation.namespace)
    answer, remaining = result.as_dict(), result.remaining
    if remaining:
        remaining["load_id"] = load_id(result.request, invocation)
        answer["remaining"] = remaining
    answer, continued = brief(answer), result.request.execution
    if not result.busy:
        # The state machine repeats a failed call, and reports if it gives up.
        keep(result, invocation, ended=not remaining and not (continued and result.failures))
    _log.info("run ends", extra={"result": answer})
    if remaining and invocation.settings.continuation and not continued:
        continued = clients.continue_later(invocation.settings, remaining)
        _log.info("continued by the state machine", extra={"execution": continued})
    if result.failures and not (remaining and continued):
        return Ended(answer, "; ".join(f"{name}: {why}" for name, why in result.failures.items()))
    return Ended(answer)
