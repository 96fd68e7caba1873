"""Planned faults: what goes wrong, and for which requests."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from admin_double.paging import ResponsePage

ALWAYS = None


class Transport(Enum):
    """How a response travels."""

    WHOLE = "whole"
    RESET = "reset before the headers"
    CUT_OFF = "reset after the headers"
    TRUNCATED = "body shorter than its Content-Length"
    HANGING = "never answered"


@dataclass(frozen=True, kw_only=True)
class CannedResponse:
    """A complete response; without a body, the documented error of its status."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong with a response."""

    name: str
    response: CannedResponse | None = None
    spoil: Callable[[ResponsePage], ResponsePage] | None = None
    transport: Transport = Transport.WHOLE
    delay_ms: float = 0
    needs_token: bool = False


def status(code: int, *, body: str | bytes | None = None, **headers: str | int) -> Fault:
    """Any response; write header names with underscores: `retry_after=2`."""
    named = tuple((name.replace("_", "-"), str(value)) for name, value in headers.items())
    raw = body.encode() if isinstance(body, str) else body
    response = CannedResponse(status=code, headers=named, body=raw)
    return Fault(name=f"status {code}", response=response)


def html(code: int) -> Fault:
    """A proxy's error page."""
    return status(code, body=f"<html><h1>{code}</h1></html>", content_type="text/html")


def not_json() -> Fault:
    """A 200 whose body ends in the middle of its JSON."""
    return replace(status(200, body='{"data":[{"id":'), name="not JSON")


def reset() -> Fault:
    """Reset the connection before sending anything."""
    return Fault(name="reset", transport=Transport.RESET)


def reset_after_headers() -> Fault:
    """Reset the connection where the body should begin."""
    return Fault(name="reset after headers", transport=Transport.CUT_OFF)


def truncated() -> Fault:
    """Send half of the body, then close the connection."""
    return Fault(name="truncated", transport=Transport.TRUNCATED)


def hang() -> Fault:
    """Never answer; the client has to give up."""
    return Fault(name="hang", transport=Transport.HANGING)


def delay(milliseconds: float) -> Fault:
    """Send the correct response late."""
    return Fault(name="delay", delay_ms=milliseconds)


def empty_page() -> Fault:
    """Send no records, but a token for the page that holds them."""
    return Fault(
        name="empty page",
        spoil=lambda page: replace(page, items=(), first=None, has_more=True, token=page.again),
    )


def repeated_token() -> Fault:
    """Send the token of this request again; a first page has none and is left alone."""
    return Fault(
        name="repeated token",
        needs_token=True,
        spoil=lambda page: replace(page, has_more=True, token=page.used),
    )


def missing_token() -> Fault:
    """Announce more records, but send no token."""
    return Fault(name="missing token", spoil=lambda page: replace(page, has_more=True, token=None))


def skipped_page() -> Fault:
    """Send the page after the requested one, so that data is lost silently."""
    return Fault(
        name="skipped page", spoil=lambda page: page.following() if page.following else page
    )


@dataclass(frozen=True, kw_only=True)
class FaultTarget:
    """The properties of a request that select its faults."""

    table: str
    number: int
    page: ResponsePage


@dataclass(kw_only=True)
class PlannedFault:
    """A fault and the requests that it applies to; `done` counts how often it was applied."""

    fault: Fault
    table: str | None = None
    day: date | None = None
    longer_than: int = 0
    page: int | None = None
    nth: int | None = None
    request: int | None = None
    times: int | None = 1
    seen: int = 0
    done: int = 0

    def matches(self, target: FaultTarget) -> bool:
        """True if the fault applies to requests like this one."""
        return (
            self.table in (None, target.table)
            and (self.day is None or self.day in target.page.days)
            and (not self.longer_than or len(target.page.days) > self.longer_than)
            and self.page in (None, target.page.number)
            and self.request in (None, target.number)
            and not (self.fault.needs_token and target.page.used is None)
        )

    def due(self) -> bool:
        """True if the fault is to be applied now."""
        return self.seen >= (self.nth or 1) and (self.times is ALWAYS or self.done < self.times)


class FaultPlan:
    """All planned faults. A request gets at most one: the oldest that is due."""

    def __init__(self) -> None:
        self._planned: list[PlannedFault] = []

    def add(self, planned: PlannedFault) -> PlannedFault:
        """Plan a fault."""
        self._planned.append(planned)
        return planned

    def clear(self) -> None:
        """Forget all planned faults."""
        self._planned.clear()

    def next_for(self, target: FaultTarget) -> Fault | None:
        """The fault for a request, if one is due."""
        matching = [planned for planned in self._planned if planned.matches(target)]
        for planned in matching:
            planned.seen += 1
        due = next((planned for planned in matching if planned.due()), None)
        if due is None:
            return None
        due.done += 1
        return due.fault
