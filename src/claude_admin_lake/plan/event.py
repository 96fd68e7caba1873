"""Reads the event of an invocation, field by field, into requests. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from claude_admin_lake import parsers
from claude_admin_lake.days import ONE_DAY, DayRange
from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.parsers import refusal
from claude_admin_lake.settings import Settings
from claude_admin_lake.tables import DATED, NAMES, TABLE_NAMES, Choice, choose

from .accept import Accepted, read_accept
from .request import FIELDS, Mode, Request
from .span import Slices, read_slices

# Fields that EventBridge and its Scheduler add to their own events.
_ENVELOPE = {
    "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
}  # fmt: skip
_OF_ONE_ORGANIZATION = ("accept", "adopt", "slices")
_NOT_WITH_CHECK = ("dry_run", "repair", "start_date", "end_date", "slices", "accept", "adopt")
_EARLIEST_YEAR = 2023
_MAX_AHEAD = timedelta(days=31)
"""A time further ahead is probably a typo; a smaller difference counts as the present."""


def read_events(event: object, settings: Settings, clock_now: datetime) -> tuple[Request, ...]:
    """A request for each organization that the event is for: the named one, or all.

    Raises InvalidInput as `read_event` does.
    """
    names = settings.organizations
    if not isinstance(event, Mapping) or event.get("organization") is not None or len(names) == 1:
        return (read_event(event, settings, clock_now),)
    for field in _OF_ONE_ORGANIZATION:
        if event.get(field):
            raise InvalidInput(
                f"{field} is given, but organization is missing; must be one of {', '.join(names)}"
            )
    return tuple(read_event({**event, "organization": name}, settings, clock_now) for name in names)


def read_event(event: object, settings: Settings, clock_now: datetime) -> Request:
    """Check an invocation's event.

    Raises InvalidInput that names the field, its value and what it must be.
    """
    if not isinstance(event, Mapping):
        raise InvalidInput(f"the event is {type(event).__name__}; must be a JSON object")
    unknown = sorted(set(event) - FIELDS - _ENVELOPE)
    if unknown:
        raise InvalidInput(
            f"unknown event field {unknown[0]!r}; must be one of {', '.join(sorted(FIELDS))}"
        )
    now = _now(event, clock_now)
    days = _days(event, now)
    mode = _mode(event, days)
    slices = _slices(event, now)
    choice = _choice(event, settings) if slices is None else Choice(tuple(slices))
    tables = tuple(slices) if slices is not None else _tables(event, choice, mode)
    if not tables:
        raise InvalidInput(f"a {mode} needs a dated table, but tables names none")
    return Request(
        organization=_organization(event, settings),
        now=now,
        tables=tables,
        mode=mode,
        days=days,
        since=_since(event, mode, now),
        dry_run=_flag(event, "dry_run"),
        check=_check(event),
        slices=slices,
        optional=_optional(event, choice),
        execution=_optional_text(event, "execution"),
        load_id=_optional_text(event, "load_id"),
        given_up=_flag(event, "given_up"),
        accept=_accept(event, mode, now),
        adopt=_adopt(event),
    )


def _organization(event: Mapping[str, object], settings: Settings) -> str:
    """The organization that the event names, or the only one."""
    given, known = event.get("organization"), settings.organizations
    if given is None and len(known) == 1:
        return known[0]
    if given is None:
        raise InvalidInput(f"organization is missing; must be one of {', '.join(known)}")
    if given not in known:
        raise refusal("organization", given, f"one of {', '.join(known)} (ORGANIZATIONS)")
    return str(given)


def _now(event: Mapping[str, object], clock_now: datetime) -> datetime:
    name = "scheduled_time" if event.get("scheduled_time") is not None else "time"
    text = event.get(name)
    if text is None:
        return clock_now
    now = parsers.timestamp(name, text)
    if now > clock_now + _MAX_AHEAD:
        raise refusal(name, text, "in the past")
    if now.year < _EARLIEST_YEAR:
        raise refusal(name, text, f"in {_EARLIEST_YEAR} or later")
    return min(now, clock_now)


def _days(event: Mapping[str, object], now: datetime) -> DayRange | None:
    first_text, last_text = event.get("start_date"), event.get("end_date")
    if first_text is None and last_text is None:
        return None
    if first_text is None:
        raise InvalidInput(f"end_date is {last_text!r}, but start_date is missing; give both")
    first = parsers.day("start_date", first_text)
    last = now.date() - ONE_DAY if last_text is None else parsers.day("end_date", last_text)
    for name, day in (("start_date", first), ("end_date", last)):
        if day > now.date():
            raise refusal(name, str(day), f"{now.date()} or earlier, not in the future")
    if last < first and last_text is None:
        must = f"{last} (yesterday, UTC) or earlier if end_date is missing"
        raise refusal("start_date", first_text, must)
    if last < first:
        raise InvalidInput(f"end_date is '{last}'; must be {first} (start_date) or later")
    return DayRange(first, last)


def _mode(event: Mapping[str, object], days: DayRange | None) -> Mode:
    if not _flag(event, "repair"):
        return Mode.BACKFILL if days else Mode.INCREMENTAL
    if days:
        raise InvalidInput("repair is true and start_date is given; use only one of them")
    return Mode.REPAIR


def _since(event: Mapping[str, object], mode: Mode, now: datetime) -> date | None:
    given = event.get("since")
    if given is None:
        return None
    other = "start_date" if mode is Mode.BACKFILL else "repair" if mode is Mode.REPAIR else "slices"
    if event.get(other) is not None:
        raise InvalidInput(f"since is {given!r} beside {other}; use only one of them")
    since = parsers.day("since", given)
    if since > now.date():
        raise refusal("since", given, f"{now.date()} or earlier, not in the future")
    return since


def _check(event: Mapping[str, object]) -> bool:
    check = _flag(event, "check")
    for other in _NOT_WITH_CHECK if check else ():
        if event.get(other):
            raise InvalidInput(f"check is true and {other} is given; use only one of them")
    return check


def _flag(event: Mapping[str, object], name: str) -> bool:
    value = event.get(name)
    if value is not None and not isinstance(value, bool):
        raise refusal(name, value, "true or false")
    return value is True


def _adopt(event: Mapping[str, object]) -> bool:
    adopt = _flag(event, "adopt")
    if adopt and event.get("organization") is None:
        raise InvalidInput("adopt is true, but organization is missing; name the one that moved")
    return adopt


def _accept(event: Mapping[str, object], mode: Mode, now: datetime) -> Accepted:
    accept = read_accept(event.get("accept"), now.date())
    if accept and event.get("organization") is None:
        raise InvalidInput("accept is given, but organization is missing; name the one it is for")
    if accept and (mode is not Mode.INCREMENTAL or event.get("slices") is not None):
        raise InvalidInput("accept is given beside a range, repair or slices; use only one of them")
    return accept


def _optional_text(event: Mapping[str, object], name: str) -> str | None:
    value = event.get(name)
    if value is not None and not isinstance(value, str):
        raise refusal(name, value, "a string")
    return value


def _choice(event: Mapping[str, object], settings: Settings) -> Choice:
    """The tables that the event names, else the settings' tables."""
    given = event.get("tables")
    return settings.choice if given is None else choose(_names("tables", given, NAMES))


def _tables(event: Mapping[str, object], choice: Choice, mode: Mode) -> tuple[str, ...]:
    """The tables to load: a backfill leaves out unnamed snapshots, a repair all."""
    if mode is Mode.INCREMENTAL:
        return choice.tables
    given = event.get("tables")
    named = given if isinstance(given, list) and mode is Mode.BACKFILL else []
    return tuple(name for name in choice.tables if name in DATED or name in named)


def _optional(event: Mapping[str, object], choice: Choice) -> frozenset[str]:
    """The tables that the API may not offer to every organization, also in a continuation."""
    given = event.get("optional")
    return choice.optional if given is None else frozenset(_names("optional", given, TABLE_NAMES))


def _names(field: str, given: object, known: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise refusal(field, given, "a list of names")
    return parsers.choices(field, given, known)


def _slices(event: Mapping[str, object], now: datetime) -> Slices | None:
    given = event.get("slices")
    if given is not None and event.get("tables") is not None:
        raise InvalidInput(f"tables is {event['tables']!r} beside slices; use only one of them")
    return None if given is None else read_slices(given, now.date())
