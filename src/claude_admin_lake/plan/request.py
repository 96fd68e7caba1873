"""The event of one invocation, checked field by field into a typed request."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from claude_admin_lake.days import ONE_DAY, DayRange, ranges_of
from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.settings import Settings, parse_day, parse_tables
from claude_admin_lake.tables import TABLES

# What EventBridge and its Scheduler put into their own events.
_ENVELOPE = {
    "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
}  # fmt: skip
_FIELDS = {
    "scheduled_time", "tables", "start_date", "end_date", "dry_run", "repair",
    "slices", "execution",
}  # fmt: skip
_SNAPSHOT = "snapshot"
_CLOCK_SKEW = timedelta(days=31)
"""A "now" further ahead is a slip of the pen: it would store days that have not happened as empty
ones, and move the cursor past them. Nearer ones are what rehearsals use."""


class Mode(StrEnum):
    """What a run is for; only an incremental run moves cursors."""

    INCREMENTAL = "incremental"
    BACKFILL = "backfill"
    REPAIR = "repair"


class Request(Struct, frozen=True, kw_only=True):
    """What one run is asked to do.

    `slices` is what an earlier invocation left over: for each table its ranges of days, or none
    for a snapshot. `execution` names the state machine execution that called, if one did.
    """

    now: datetime
    tables: tuple[str, ...]
    mode: Mode = Mode.INCREMENTAL
    days: DayRange | None = None
    dry_run: bool = False
    slices: Mapping[str, tuple[DayRange, ...]] | None = None
    execution: str | None = None

    def continued(self, slices: Mapping[str, tuple[DayRange, ...]]) -> dict[str, object]:
        """The event that goes on with `slices` of this request."""
        event: dict[str, object] = {"scheduled_time": self.now.isoformat().replace("+00:00", "Z")}
        if self.mode is Mode.REPAIR:
            event["repair"] = True
        if self.days:
            event |= {"start_date": str(self.days.first), "end_date": str(self.days.last)}
        event["slices"] = {
            table: [str(piece) for piece in pieces] or [_SNAPSHOT]
            for table, pieces in slices.items()
        }
        return event


def read_event(event: object, settings: Settings, clock_now: datetime) -> Request:
    """Check an invocation's event.

    Raises InvalidInput that names the field, its value and what is allowed.
    """
    if not isinstance(event, Mapping):
        raise InvalidInput(f"the event is {type(event).__name__}; allowed is a JSON object")
    unknown = sorted(set(event) - _FIELDS - _ENVELOPE)
    if unknown:
        raise InvalidInput(
            f"unknown event field {unknown[0]!r}; allowed are {', '.join(sorted(_FIELDS))}"
        )
    now = _now(event, clock_now)
    days = _days(event, now)
    repair = _flag(event, "repair")
    if repair and days:
        raise InvalidInput("repair is true and start_date is given; allowed is one of them")
    mode = Mode.REPAIR if repair else Mode.BACKFILL if days else Mode.INCREMENTAL
    slices = _slices(event, now)
    if slices is not None and event.get("tables") is not None:
        raise InvalidInput(f"tables is {event['tables']!r} beside slices; allowed is one of them")
    tables = tuple(slices) if slices is not None else _tables(event, settings, mode)
    if not tables:
        raise InvalidInput(f"a {mode} needs a table with days, and none is asked for")
    return Request(
        now=now,
        tables=tables,
        mode=mode,
        days=days,
        dry_run=_flag(event, "dry_run"),
        slices=slices,
        execution=_execution(event),
    )


def _now(event: Mapping[str, object], clock_now: datetime) -> datetime:
    name = "scheduled_time" if event.get("scheduled_time") is not None else "time"
    text = event.get(name)
    if text is None:
        return clock_now
    now = _timestamp(name, text)
    if now > clock_now + _CLOCK_SKEW:
        raise InvalidInput(f"{name} is {text!r}, in the future; allowed is the past")
    if now.year < 2023:
        raise InvalidInput(f"{name} is {text!r}; allowed is 2023 or later")
    return now


def _timestamp(name: str, text: object) -> datetime:
    shape = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"
    try:
        if not (isinstance(text, str) and re.fullmatch(shape, text)):
            raise ValueError  # noqa: TRY301 - one message for every way to be wrong
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{name} is {text!r}; allowed is an RFC 3339 time such as 2026-01-31T06:00:00Z"
        ) from None


def _days(event: Mapping[str, object], now: datetime) -> DayRange | None:
    first_text, last_text = event.get("start_date"), event.get("end_date")
    if first_text is None and last_text is None:
        return None
    if first_text is None:
        raise InvalidInput(f"end_date is {last_text!r} without start_date; allowed is both")
    first = parse_day("start_date", first_text)
    last = now.date() - ONE_DAY if last_text is None else parse_day("end_date", last_text)
    for name, day in (("start_date", first), ("end_date", last)):
        if day > now.date():
            raise InvalidInput(f"{name} is '{day}', in the future; allowed is up to {now.date()}")
    if last < first:
        raise InvalidInput(f"end_date is '{last}', before start_date '{first}'")
    return DayRange(first, last)


def _flag(event: Mapping[str, object], name: str) -> bool:
    value = event.get(name)
    if value is not None and not isinstance(value, bool):
        raise InvalidInput(f"{name} is {value!r}; allowed are true and false")
    return value is True


def _execution(event: Mapping[str, object]) -> str | None:
    value = event.get("execution")
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"execution is {value!r}; allowed is text")
    return value


def _tables(event: Mapping[str, object], settings: Settings, mode: Mode) -> tuple[str, ...]:
    """The tables to load: those named, else the settings'; a range or repair needs days."""
    given = event.get("tables")
    if given is None:
        names, dated_only = settings.tables, mode is not Mode.INCREMENTAL
    else:
        if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
            raise InvalidInput(f"tables is {given!r}; allowed is a list of table names")
        names, dated_only = parse_tables("tables", tuple(given)), mode is Mode.REPAIR
    dated = {table.name for table in TABLES if table.days}
    return tuple(name for name in names if name in dated or not dated_only)


def _slices(event: Mapping[str, object], now: datetime) -> dict[str, tuple[DayRange, ...]] | None:
    given = event.get("slices")
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise InvalidInput(f"slices is {given!r}; allowed is what an earlier result held")
    order = parse_tables("slices", tuple(given))
    return {name: _pieces(name, given[name], now) for name in order}


def _pieces(name: str, given: object, now: datetime) -> tuple[DayRange, ...]:
    dated = any(table.days for table in TABLES if table.name == name)
    if not dated and given == [_SNAPSHOT]:
        return ()
    if not dated or not isinstance(given, list) or not given:
        raise InvalidInput(f"slices.{name} is {given!r}; allowed is what an earlier result held")
    pieces = (_piece(f"slices.{name}", text, now) for text in given)
    return tuple(ranges_of(day for piece in pieces for day in piece))


def _piece(name: str, text: object, now: datetime) -> DayRange:
    first, slash, last = str(text).partition("/")
    if not slash:
        raise InvalidInput(f"{name} has {text!r}; allowed is FIRST/LAST")
    piece = DayRange(parse_day(name, first), parse_day(name, last))
    if not len(piece) or piece.last > now.date():
        raise InvalidInput(f"{name} has {text!r}; allowed are past days, the first one first")
    return piece
