"""An event for all of several organizations: each is a run of its own."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from claude_admin_lake.aws import clients, secret
from claude_admin_lake.errors import LoaderError, RunFailed
from claude_admin_lake.run.brief import brief
from claude_admin_lake.run.run import new_run_id
from claude_admin_lake.run.side_by_side import side_by_side, together

from . import telemetry
from .one_run import Ended, finish, load, preview

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from claude_admin_lake.plan.request import Request

    from .invocation import Invocation

_log = logging.getLogger(__name__)
Told = dict[str, "dict[str, object] | LoaderError"]


def run_all(
    requests: Sequence[Request], event: Mapping[str, object], invocation: Invocation
) -> dict[str, object]:
    """Start an execution for each organization, or run them here if there is no state machine.

    Raises RunFailed, with the organizations and reasons in its message, after all were tried.
    """
    failures: dict[str, str] = {}
    if requests[0].only_looks:
        told = _previews(requests, invocation)
    elif invocation.settings.continuation:
        told = _executions(requests, event, invocation)
    else:
        told, failures = _results(requests, invocation)
    for organization, one in told.items():
        if isinstance(one, LoaderError):
            _log.error("the run of %s could not begin: %s", organization, one)
            telemetry.emit_failure(invocation.namespace)
            failures[organization] = str(one)
    answer = brief(together(told))
    _log.info("all runs end", extra={"result": answer})
    if failures:
        raise RunFailed(_message(failures))
    return answer


def _previews(requests: Sequence[Request], invocation: Invocation) -> Told:
    runs = {
        one.organization: partial(preview, one, invocation, invocation.services(one))
        for one in requests
    }
    return dict(side_by_side(runs))


def _executions(
    requests: Sequence[Request], event: Mapping[str, object], invocation: Invocation
) -> Told:
    """Start an execution for each organization that has a credential."""
    secrets, machines = clients.secrets(), clients.step_functions()
    told: Told = {}
    for one in requests:
        try:
            secret.credential_source(
                secrets, invocation.settings, one.organization, invocation.clock, invocation.secrets
            ).account()
            started = clients.continue_later(
                invocation.settings, one.start(event), invocation.execution_name(one), machines
            )
            told[one.organization] = {"status": "started", "execution": started}
        except LoaderError as error:
            told[one.organization] = error
    return told


def _results(requests: Sequence[Request], invocation: Invocation) -> tuple[Told, dict[str, str]]:
    """The full results of runs side by side, and the reasons of those that failed."""
    # Created one after another: botocore's session is not thread-safe.
    runs = {
        one.organization: partial(load, one, _named(invocation), invocation.services(one))
        for one in requests
    }
    told: Told = {}
    failures: dict[str, str] = {}
    for organization, result in side_by_side(runs).items():
        if isinstance(result, LoaderError):
            told[organization] = result
            continue
        ended: Ended = finish(result, invocation)
        told[organization] = ended.answer
        if ended.failure:
            failures[organization] = ended.failure
    return told, failures


def _named(invocation: Invocation) -> Invocation:
    """The invocation with a new run id."""
    return replace(invocation, run_id=new_run_id(invocation.clock))


def _message(failures: Mapping[str, str]) -> str:
    """All failures in one message; the fewer they are, the more of each is shown."""
    most = 20_000 // len(failures)
    return "; ".join(
        f"{organization}: {why if len(why) <= most else why[: most - 1] + '…'}"
        for organization, why in failures.items()
    )
