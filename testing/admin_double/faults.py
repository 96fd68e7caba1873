"""Failures on order: what goes wrong, and for which requests."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from admin_double.paging import Page

ALWAYS = None


class Wire(Enum):
    """How an answer travels."""

    WHOLE = "whole"
    RESET = "reset before the headers"
    CUT_OFF = "reset after the headers"
    TRUNCATED = "body shorter than its Content-Length"
    HANGING = "never answered"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A complete answer; without a body, the documented error of its status."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong with an answer."""

    name: str
    answer: Answer | None = None
    spoil: Callable[[Page], Page] | None = None
    wire: Wire = Wire.WHOLE
    delay_ms: float = 0
    needs_token: bool = False


def status(code: int, *, body: str | bytes | None = None, **headers: str | int) -> Fault:
    """Any answer; header names are given with underscores: `retry_after=2`."""
    named = tuple((name.replace("_", "-"), str(value)) for name, value in headers.items())
    raw = body.encode() if isinstance(body, str) else body
    return Fault(name=f"status {code}", answer=Answer(status=code, headers=named, body=raw))


def html(code: int) -> Fault:
    """A proxy's error page."""
    return status(code, body=f"<html><h1>{code}</h1></html>", content_type="text/html")


def not_json() -> Fault:
    """A 200 whose body breaks off in the middle of its JSON."""
    return replace(status(200, body='{"data":[{"id":'), name="not JSON")


def reset() -> Fault:
    """The connection is reset before anything was sent."""
    return Fault(name="reset", wire=Wire.RESET)


def reset_after_headers() -> Fault:
    """The connection is reset where the body should begin."""
    return Fault(name="reset after headers", wire=Wire.CUT_OFF)


def truncated() -> Fault:
    """Half a body, then an orderly end."""
    return Fault(name="truncated", wire=Wire.TRUNCATED)


def hang() -> Fault:
    """No answer at all, until the client gives up."""
    return Fault(name="hang", wire=Wire.HANGING)


def delay(milliseconds: float) -> Fault:
    """The right answer, later."""
    return Fault(name="delay", delay_ms=milliseconds)


def empty_page() -> Fault:
    """No data, but a next page with what should have been here."""
    return Fault(
        name="empty page",
        spoil=lambda page: replace(page, items=(), first=None, has_more=True, token=page.again),
    )


def repeated_token() -> Fault:
    """The token that was just used is given again; there is none on a first page."""
    return Fault(
        name="repeated token",
        needs_token=True,
        spoil=lambda page: replace(page, has_more=True, token=page.used),
    )


def missing_token() -> Fault:
    """More data is promised, but not how to get it."""
    return Fault(name="missing token", spoil=lambda page: replace(page, has_more=True, token=None))


def skipped_page() -> Fault:
    """The page after the one asked for: data silently lost."""
    return Fault(
        name="skipped page", spoil=lambda page: page.following() if page.following else page
    )


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A request, as far as orders look at it."""

    table: str
    number: int
    page: Page


@dataclass(kw_only=True)
class Order:
    """A fault and the requests it is meant for; `done` counts how often it struck."""

    fault: Fault
    table: str | None = None
    day: date | None = None
    page: int | None = None
    nth: int | None = None
    request: int | None = None
    times: int | None = 1
    seen: int = 0
    done: int = 0

    def meant_for(self, hit: Hit) -> bool:
        return (
            self.table in (None, hit.table)
            and (self.day is None or self.day in hit.page.days)
            and self.page in (None, hit.page.number)
            and self.request in (None, hit.number)
            and not (self.fault.needs_token and hit.page.used is None)
        )

    def due(self) -> bool:
        return self.seen >= (self.nth or 1) and (self.times is ALWAYS or self.done < self.times)


class Orders:
    """At most one order strikes a request: the oldest one that is due."""

    def __init__(self) -> None:
        self._orders: list[Order] = []

    def add(self, order: Order) -> Order:
        self._orders.append(order)
        return order

    def clear(self) -> None:
        self._orders.clear()

    def strike(self, hit: Hit) -> Fault | None:
        meant = [order for order in self._orders if order.meant_for(hit)]
        for order in meant:
            order.seen += 1
        due = next((order for order in meant if order.due()), None)
        if due is None:
            return None
        due.done += 1
        return due.fault
