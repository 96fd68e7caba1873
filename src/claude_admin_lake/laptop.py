"""The run on a laptop: into a folder, with the key and the settings of the environment."""

from __future__ import annotations

import json
import logging
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from .check.report import check
from .clock import SystemClock
from .parsers import slug
from .plan.event import read_events
from .resume import Backfill
from .run.brief import brief
from .run.preview import dry_run as preview
from .run.run import execute, new_run_id, plan_all, try_key
from .run.side_by_side import side_by_side, together
from .settings import VARIABLES, read_settings
from .source.key_headers import KeyHeaders
from .spelling import misspelled
from .wiring import ENTERPRISE_KEY_VARIABLE, KEY_VARIABLE, on_laptop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .clock import Clock
    from .plan.request import Request
    from .plan.table_plan import TablePlan
    from .run.outcome import Outcome
    from .run.services import Services
    from .settings import Settings

    Planned = Callable[[str, Callable[[], list[TablePlan]], Settings], None]

_KEY_HEADERS = KeyHeaders()
"""Lives as long as the process, so that a key is tried in another header only once."""

_log = logging.getLogger(__name__)


def run_event(
    event: Mapping[str, object],
    folder: Path,
    *,
    organization: str | None = None,
    key: str | None = None,
    environment: Mapping[str, str] | None = None,
    planned: Planned = lambda *_: None,
    progress: Callable[[str, Outcome], None] = lambda *_: None,
    look: Callable[[Request, Services], dict[str, Any]] = check,
) -> dict[str, Any]:
    """Run an event into a folder and return the result as JSON types.

    Calls `planned` with the organization, a function that plans the run, and the settings, and
    `progress` with the organization and the outcome so far of the table being loaded. `look`
    performs a check. Raises LoaderError if the runs cannot begin.
    """
    variables = os.environ if environment is None else environment
    if organization is not None:
        event = {**event, "organization": slug("organization", organization)}
        variables = {"ORGANIZATIONS": organization, **variables}
    settings, clock = read_settings(variables), SystemClock()
    for warning in misspelled(variables, (*VARIABLES, KEY_VARIABLE, ENTERPRISE_KEY_VARIABLE)):
        _log.warning(warning)
    key = _credentials(variables) if key is None else key
    laptop = _Laptop(settings, clock, folder, key, planned, progress, look)
    requests = read_events(event, settings, clock.now())
    if len(requests) == 1:
        return brief(laptop.run(requests[0]))
    runs = {request.organization: partial(laptop.run, request) for request in requests}
    return brief(together(side_by_side(runs)))


class _Laptop(Struct, frozen=True):
    """What the runs of one event share."""

    settings: Settings
    clock: Clock
    folder: Path
    key: str
    planned: Planned
    progress: Callable[[str, Outcome], None]
    look: Callable[[Request, Services], dict[str, Any]]

    def run(self, asked: Request) -> dict[str, Any]:
        """Run one organization."""
        backfill = Backfill(asked, self.folder, self.clock.now(), self.settings)
        request = backfill.request()
        services, run_id = self._services(request.organization, backfill), new_run_id(self.clock)
        if request.check:
            return self.look(request, services)
        plan = partial(plan_all, request, services)
        if request.dry_run:
            plans, notes = plan(), try_key(request, services)
            return preview(run_id, request.organization, plans, self.settings) | notes
        self.planned(request.organization, plan, self.settings)
        result = execute(run_id, request, services)
        backfill.end(complete=result.status == "complete")
        return replace(result, notes=(*result.notes, *backfill.notes)).as_dict()

    def _services(self, organization: str, backfill: Backfill) -> Services:
        def progress(outcome: Outcome) -> None:
            backfill.follow(outcome)
            self.progress(organization, outcome)

        return on_laptop(
            self.settings, organization, self.clock, folder=self.folder, key=self.key,
            progress=progress, key_headers=_KEY_HEADERS,
        )  # fmt: skip


def _credentials(variables: Mapping[str, str]) -> str:
    """The credentials in a secret's format: one key, both keys as JSON, or the variable's JSON."""
    key, enterprise_key = variables.get(KEY_VARIABLE, ""), variables.get(ENTERPRISE_KEY_VARIABLE)
    if not enterprise_key or key.strip().startswith("{"):
        return key
    return json.dumps({"api_key": key or None, "enterprise_key": enterprise_key})
