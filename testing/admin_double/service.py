"""From a request to what is sent back, without any network."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count

from admin_double import credentials
from admin_double.catalogue import Catalogue
from admin_double.endpoint import Call, Endpoint
from admin_double.endpoints import ENDPOINTS, NOWHERE
from admin_double.errors import ApiError
from admin_double.faults import Answer, Fault, Hit, Orders, Wire
from admin_double.paging import Page
from admin_double.query import Query
from admin_double.ratelimit import RateLimit

JSON = ("content-type", "application/json")
NOTHING_WRONG = Fault(name="")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """An answer, how it travels, and what the log says about it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    wire: Wire = Wire.WHOLE
    delay_ms: float = 0
    fault: str = ""
    table: str = ""


class Service:
    """The API's rules, in the order in which it applies them."""

    def __init__(self, catalogue: Catalogue, limit: RateLimit) -> None:
        self.catalogue = catalogue
        self.limit = limit
        self.orders = Orders()
        self.keys: set[str] = set()
        self.cap: int | None = None
        self._numbers = count(1)

    def answer(self, method: str, query: Query) -> Outcome:
        number = next(self._numbers)
        request_id = f"req_{number:024d}"
        endpoint, names = route(query.path)
        try:
            self._admit(method, query)
            call = Call(endpoint, query, self.catalogue, names, self.cap)
            outcome = self._served(call, number, request_id)
        except ApiError as error:
            answer = Answer(status=error.status, headers=error.headers)
            outcome = _outcome(answer, error.body(request_id))
        named = (
            JSON,
            ("request-id", request_id),
            ("anthropic-organization-id", self.catalogue.organization.id),
        )
        return replace(_with_headers(outcome, named), table=endpoint.table)

    def _served(self, call: Call, number: int, request_id: str) -> Outcome:
        page = call.endpoint.answer(call)
        hit = Hit(table=call.endpoint.table, number=number, page=page)
        return _render(self.orders.strike(hit) or NOTHING_WRONG, page, request_id)

    def _admit(self, method: str, query: Query) -> None:
        if method != "GET":
            raise ApiError(405, f"Method {method} not allowed")
        credentials.check(query.headers, self.keys)
        self.limit.check()


def route(path: str) -> tuple[Endpoint, Mapping[str, str]]:
    """The endpoint of a path, and the names in it."""
    for endpoint in ENDPOINTS.values():
        if match := endpoint.pattern.fullmatch(path):
            return endpoint, match.groupdict()
    return NOWHERE, {}


def _render(fault: Fault, page: Page, request_id: str) -> Outcome:
    if fault.answer is not None:
        body = fault.answer.body
        body = ApiError(fault.answer.status).body(request_id) if body is None else body
        return _outcome(fault.answer, body, fault)
    spoilt = fault.spoil(page) if fault.spoil else page
    return _outcome(Answer(status=200), spoilt.envelope(spoilt), fault)


def _outcome(answer: Answer, body: bytes, fault: Fault = NOTHING_WRONG) -> Outcome:
    return Outcome(
        status=answer.status,
        headers=answer.headers,
        body=body,
        wire=fault.wire,
        delay_ms=fault.delay_ms,
        fault=fault.name,
    )


def _with_headers(outcome: Outcome, named: tuple[tuple[str, str], ...]) -> Outcome:
    """Headers that a fault set itself stay as ordered."""
    taken = {name.lower() for name, _ in outcome.headers}
    added = tuple(header for header in named if header[0] not in taken)
    return replace(outcome, headers=(*outcome.headers, *added))
