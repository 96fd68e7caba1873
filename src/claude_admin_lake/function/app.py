"""The Lambda function: one invocation is one run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from claude_admin_lake import NAME
from claude_admin_lake.aws import clients
from claude_admin_lake.aws.secret import SecretCache
from claude_admin_lake.clock import SystemClock, countdown
from claude_admin_lake.errors import LoaderError, RunFailed
from claude_admin_lake.plan.request import read_event
from claude_admin_lake.run.preview import dry_run
from claude_admin_lake.run.run import execute, new_run_id, plan_all
from claude_admin_lake.settings import read_settings
from claude_admin_lake.wiring import on_aws

from . import telemetry

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_admin_lake.clock import Clock
    from claude_admin_lake.run.outcome import Result
    from claude_admin_lake.settings import Settings

# The parent of every module's logger: their messages become JSON with the run's id.
logger = Logger(service="claude_admin_lake")

_REQUIRED = ("ADMIN_KEY_SECRET_ID", "LAKE_BUCKET", "CURSOR_TABLE")
_LONGEST_INVOCATION = 900.0
"""Seconds; assumed if the caller passes no context, as in a test."""

_SECRETS = SecretCache()
"""Lives as long as the function stays warm."""


def lambda_handler(event: object, context: object = None) -> dict[str, object]:
    """Do one run; docs/operations.md describes events and results.

    Raises InvalidInput, CredentialError and the like if the run cannot begin, and RunFailed, with
    the tables and reasons in its message, if something failed and no continuation was started.
    """
    clock = SystemClock()
    run_id = new_run_id(clock)
    logger.append_keys(service=NAME, run_id=run_id, correlation_id=run_id)
    namespace = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", telemetry.DEFAULT_NAMESPACE)
    try:
        settings = read_settings(os.environ, required=_REQUIRED)
        request = read_event(event, settings, clock.now())
        equipment = on_aws(
            settings, request.organization, clock, _remaining(context, clock), _secret_cache()
        )
        logger.info("run begins", extra={"event": event, "mode": request.mode.value})
        if request.dry_run:
            plans = plan_all(request, equipment)
            return dry_run(run_id, request.organization, plans, settings)
        result = execute(run_id, request, equipment)
    except LoaderError as error:
        logger.error("the run could not begin: %s", error)
        telemetry.emit_failure(namespace)
        raise
    telemetry.emit(result, settings.tables, namespace)
    return _finish(result, settings)


def _finish(result: Result, settings: Settings) -> dict[str, object]:
    """Log the result and start a continuation if work remains."""
    answer = result.as_dict()
    logger.info("run ends", extra={"result": answer})
    continued = result.request.execution
    if result.remaining and settings.continuation and not continued:
        continued = clients.continue_later(settings, result.remaining)
        logger.info("continued by the state machine", extra={"execution": continued})
    if result.failures and not (result.remaining and continued):
        raise RunFailed("; ".join(f"{name}: {why}" for name, why in result.failures.items()))
    return answer


def _remaining(context: object, clock: Clock) -> Callable[[], float]:
    """A function that returns the seconds left in this invocation."""
    milliseconds = getattr(context, "get_remaining_time_in_millis", None)
    if milliseconds is None:
        return countdown(clock, _LONGEST_INVOCATION)
    return lambda: float(milliseconds()) / 1000


def _secret_cache() -> SecretCache:
    """The process's cache in a deployed function, else a new one."""
    return _SECRETS if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else SecretCache()
