"""Announces the end of a load with an event on the account's default bus."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING

from claude_admin_lake import NAME
from claude_admin_lake.aws import clients
from claude_admin_lake.errors import LoaderError
from claude_admin_lake.run.loaded_event import given_up, loaded_so_far

from . import telemetry

if TYPE_CHECKING:
    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.run.result import Result
    from claude_admin_lake.state.dynamodb import DynamoState

    from .invocation import Invocation

_log = logging.getLogger(__name__)
DETAIL_TYPE = "Lake Loaded"


def load_id(request: Request, invocation: Invocation) -> str:
    """The id of a load: the same for its continuations and for repeated attempts."""
    if request.load_id:
        return request.load_id
    attempt = f"{request.execution or invocation.name}/{request.organization}"
    return hashlib.sha256(attempt.encode()).hexdigest()[:32]


def keep(result: Result, invocation: Invocation, *, ended: bool) -> None:
    """Record the load's progress and announce its end. Errors here never fail a load."""
    request = result.request
    state = clients.state(invocation.settings, request.organization)
    try:
        progress = loaded_so_far(state.progress(), load_id(request, invocation), result)
        state.keep_progress(progress)
        if ended:
            _announce(progress, invocation)
    except LoaderError as error:
        _refused(error, invocation)


def give_up(request: Request, invocation: Invocation) -> dict[str, object]:
    """Announce the end of a load that the state machine does not continue."""
    state: DynamoState = clients.state(invocation.settings, request.organization)
    try:
        if progress := given_up(state.progress(), load_id(request, invocation)):
            _announce(progress, invocation)
    except LoaderError as error:
        _refused(error, invocation)
    return {"run_id": invocation.run_id, "organization": request.organization, "status": "given up"}


def _announce(progress: dict[str, object], invocation: Invocation) -> None:
    lake = clients.lake_arn(invocation.settings)
    clients.put_event(NAME, DETAIL_TYPE, json.dumps(progress), lake)
    _log.info("announced", extra={"event": progress})


def _refused(error: LoaderError, invocation: Invocation) -> None:
    _log.warning("the end of the load could not be announced: %s", error)
    telemetry.emit_refused_event(invocation.namespace)
