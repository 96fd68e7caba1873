"""Asks the API what a check reports: once for each table, and for the key's organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from claude_admin_lake.plan.cursor import Cursor
from claude_admin_lake.plan.start import start_of
from claude_admin_lake.plan.table_plan import TablePlan, plan_table
from claude_admin_lake.run import identity
from claude_admin_lake.tables import IDENTITY

from .probe import Probe, Prober

if TYPE_CHECKING:
    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.run.services import Services
    from claude_admin_lake.state import Identity


class Asked(Struct, frozen=True, kw_only=True):
    """A table's request, and what a load without a cursor would read.

    `parents` is how many records the parent table's first page has, and `more_parents` whether
    there are others.
    """

    probe: Probe
    plan: TablePlan
    parents: int = 0
    more_parents: bool = False


class Found(Struct, frozen=True, kw_only=True):
    """The answers of the API and of the state."""

    whose: Identity | None
    tables: dict[str, Asked]


def ask_all(request: Request, services: Services) -> Found:
    """Ask once for each table of the request.

    Raises LoaderError if the key is missing, refused or another organization's.
    """
    services.api.ask_once()
    services.credentials.account()
    start = start_of(services.state.start(), request.since, services.settings)
    settings = replace(services.settings, start_date=start.day)
    me = identity.ask(services.tables[IDENTITY], services.api, settings)
    whose = identity.compare(me, request, services.state, services.credentials.name)
    now = min(request.now, services.api.now())
    tables = [services.tables[name] for name in request.tables]
    plans = {
        one.name: plan_table(one, replace(request, now=now), settings, Cursor()) for one in tables
    }
    prober = Prober(services, settings, plans, request.optional, {IDENTITY: me})
    return Found(
        whose=whose,
        tables={
            one.name: Asked(
                probe=prober.probe(one),
                plan=plans[one.name],
                parents=len(prober.parents(one)),
                more_parents=prober.has_more_parents(one),
            )
            for one in tables
        },
    )
