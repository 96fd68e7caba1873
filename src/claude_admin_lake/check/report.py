"""The check: the key's organization, what it may read, the surroundings, the first load's cost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from claude_admin_lake.errors import BadAnswer, LoaderError
from claude_admin_lake.run.outcome import Status
from claude_admin_lake.tables import IDENTITY

from .asking import ask_all
from .estimate import first_load, requests_of
from .fields import fields_of
from .probe import fields_of_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from msgspec import Raw

    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.run.services import Services

    from .asking import Asked, Found
    from .probe import Probe

Json = dict[str, Any]

OK = "ok"
_NOTABLE = timedelta(minutes=5)
_TODO = {
    Status.FORBIDDEN: "use a key that may read it, or take the table out of TABLES",
    Status.NOT_OFFERED: "nothing; every run asks again",
    Status.FAILED: "check again later; if it persists, the error has details",
}


def check(request: Request, services: Services) -> Json:
    """What a load would find, as JSON types. Problems are reported, not raised."""
    head: Json = {"organization": request.organization, "check": True}
    around = _surroundings(services)
    try:
        found = ask_all(request, services)
    except LoaderError as error:
        return head | {"status": "failed", "error": str(error), "surroundings": around}
    around["clock"] = _clock(services.api.clock_difference)
    tables = {name: _table(one) for name, one in found.tables.items()}
    well = all(one.probe.status.is_well for one in found.tables.values())
    return head | {
        "status": "complete" if well and set(around.values()) == {OK} else "incomplete",
        "key": services.credentials.kinds(),
        "claude_organization": {"id": found.whose.id, "name": found.whose.name}
        if found.whose
        else None,
        "surroundings": around,
        "tables": tables,
        "first_load": _estimate(found, services),
        "requests": sum(one.probe.meter.requests for one in found.tables.values()),
    }


def shapes(request: Request, services: Services) -> Json:
    """The fields and types in the API's answer for each table, without any values.

    Raises LoaderError if the API cannot be asked at all.
    """
    return {name: _shape(one.probe) for name, one in ask_all(request, services).tables.items()}


def _shape(probe: Probe) -> Json:
    """A table's path, status and fields; no error, because the API's message may contain values."""
    records = list(_records(probe))
    fields = fields_of(probe.table, records) if records else []
    return {
        "path": probe.table.path,
        "status": probe.status.value,
        "fields": [
            {"field": field.path, "declared": field.declared, "seen": list(field.seen)}
            | ({"note": field.note} if field.note else {})
            for field in fields
        ],
    }


def _surroundings(services: Services) -> dict[str, str]:
    """Whether what a load depends on is available: "ok", or what is wrong."""
    return {
        "credential": _tried(services.credentials.account),
        "lake": _tried(services.lake.check),
        "cursors": _tried(lambda: services.state.cursor(IDENTITY)),
    }


def _tried(look: Callable[[], object]) -> str:
    try:
        look()
    except LoaderError as error:
        return str(error)
    return OK


def _clock(difference: timedelta | None) -> str:
    if difference is None or abs(difference) < _NOTABLE:
        return OK
    where = "ahead of" if difference > timedelta(0) else "behind"
    return f"the clock here is {abs(difference)} {where} the API's; set it right"


def _table(one: Asked) -> Json:
    """What a load would do with a table."""
    probe, plan = one.probe, one.plan
    told: Json = {"status": probe.status.value, "error": probe.error}
    if todo := _TODO.get(probe.status):
        return told | {"todo": todo}
    if plan.ranges:
        told |= {"oldest": str(plan.ranges[0].first), "newest": _text(probe.newest)}
    requests = requests_of(one)
    return told | {"requests": requests.number, "at_least": not requests.exact}


def _text(day: date | None) -> str | None:
    return str(day) if day else None


def _estimate(found: Found, services: Services) -> Json:
    asked = list(found.tables.values())
    took = [one.probe.seconds for one in asked if one.probe.meter.requests]
    return first_load(
        [requests_of(one) for one in asked],
        [one.plan for one in asked if one.probe.status is Status.LOADED],
        sum(took) / len(took) if took else 0.0,
        services.settings,
    )


def _records(probe: Probe) -> Iterator[Mapping[str, Raw]]:
    """The records of a page, with the fields that several of them share."""
    if probe.page is None:
        return
    days = probe.table.days
    if days is None or probe.asked is None:
        yield from map(fields_of_record, probe.page.records)
        return
    try:
        for day in days.shape.days(probe.asked, iter([probe.page.records]), date.min):
            for common, records in day.batches:
                yield from (common | fields_of_record(record) for record in records)
    except BadAnswer:
        return
