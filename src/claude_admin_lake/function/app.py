"""The Lambda function: one invocation is one run, or one for each organization."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from claude_admin_lake import NAME
from claude_admin_lake.aws.secret import SecretCache
from claude_admin_lake.clock import SystemClock, countdown
from claude_admin_lake.errors import InvalidInput, LoaderError, RunFailed
from claude_admin_lake.plan.event import read_events
from claude_admin_lake.run.run import new_run_id
from claude_admin_lake.settings import FEDERATION, read_settings

from . import telemetry
from .announcement import give_up
from .invocation import Invocation
from .one_run import finish, later, load, preview
from .several import run_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_admin_lake.clock import Clock
    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.run.result import Result
    from claude_admin_lake.settings import Settings

# The parent of every module's logger: their messages become JSON with the run's id.
logger = Logger(service="claude_admin_lake")

_REQUIRED = ("LAKE_BUCKET", "CURSOR_TABLE")
_LONGEST_INVOCATION = 900.0
"""Seconds; assumed if the caller passes no context, as in a test."""

_SECRETS = SecretCache()
"""Lives as long as the function stays warm."""


def lambda_handler(event: object, context: object = None) -> dict[str, object]:
    """Run an event; docs/operations.md describes events and results.

    Raises InvalidInput, CredentialError and the like if the run cannot begin, and RunFailed, with
    the tables and reasons in its message, if something failed and no continuation was started.
    """
    clock = SystemClock()
    run_id = new_run_id(clock)
    logger.thread_safe_clear_keys()
    logger.append_keys(service=NAME, run_id=run_id, correlation_id=run_id)
    namespace = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", telemetry.DEFAULT_NAMESPACE)
    try:
        invocation = _invocation(run_id, namespace, context, clock)
        requests = read_events(event, invocation.settings, clock.now())
        logger.info("invoked", extra={"event": event})
    except LoaderError as error:
        _not_begun(error, namespace)
        raise
    fields = event if isinstance(event, Mapping) else {}
    if len(requests) > 1 and not requests[0].given_up:
        return run_all(requests, fields, invocation)
    return _run_one(requests[0], fields, invocation)


def _invocation(run_id: str, namespace: str, context: object, clock: Clock) -> Invocation:
    return Invocation(
        run_id=run_id,
        settings=_settings(os.environ),
        clock=clock,
        remaining=_remaining(context, clock),
        secrets=_secret_cache(),
        namespace=namespace,
        name=getattr(context, "aws_request_id", run_id),
        memory_mb=int(getattr(context, "memory_limit_in_mb", 0)),
        label=logger.thread_safe_append_keys,
    )


def _settings(environment: Mapping[str, str]) -> Settings:
    settings = read_settings(environment, required=_REQUIRED)
    if not settings.secret_id and not settings.federation:
        raise InvalidInput(
            "ADMIN_KEY_SECRET_ID is not set; the function needs it, or federation:"
            f" {', '.join(FEDERATION)}"
        )
    return settings


def _run_one(
    request: Request, event: Mapping[str, object], invocation: Invocation
) -> dict[str, object]:
    try:
        if request.given_up:
            return give_up(request, invocation)
        services = invocation.services(request)
        if request.only_looks:
            return preview(request, invocation, services)
        result: Result = load(request, invocation, services)
        if result.busy:
            return finish(result, invocation).answer | later(request, event, invocation)
    except LoaderError as error:
        _not_begun(error, invocation.namespace)
        raise
    ended = finish(result, invocation)
    if ended.failure:
        raise RunFailed(ended.failure)
    return ended.answer


def _not_begun(error: LoaderError, namespace: str) -> None:
    logger.error("the run could not begin: %s", error)
    telemetry.emit_failure(namespace)


def _remaining(context: object, clock: Clock) -> Callable[[], float]:
    """A function that returns the seconds left in this invocation."""
    milliseconds = getattr(context, "get_remaining_time_in_millis", None)
    if milliseconds is None:
        return countdown(clock, _LONGEST_INVOCATION)
    return lambda: float(milliseconds()) / 1000


def _secret_cache() -> SecretCache:
    """The process's cache in a deployed function, else a new one."""
    return _SECRETS if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else SecretCache()
