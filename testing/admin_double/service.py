"""Turns a request into a response, without any network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import format_datetime
from itertools import count

from admin_double.contents import Contents
from admin_double.credentials import Admission
from admin_double.endpoint import Call, Endpoint
from admin_double.endpoints import NOWHERE
from admin_double.errors import ApiError
from admin_double.faults import CannedResponse, Fault, FaultPlan, FaultTarget, Transport
from admin_double.paging import ResponsePage
from admin_double.ratelimit import RateLimit
from admin_double.request import IncomingRequest
from admin_double.tokens import PATH, TokenEndpoint

JSON = ("content-type", "application/json")
TOKEN = "token"  # noqa: S105 - what the log calls requests of the token endpoint
NO_FAULT = Fault(name="")


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response, how it travels, and what the journal says about it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    transport: Transport = Transport.WHOLE
    delay_ms: float = 0
    fault: str = ""
    table: str = ""


class Service:
    """Applies the API's rules in the API's order."""

    def __init__(
        self, endpoints: Sequence[Endpoint], contents: Contents, limits: Mapping[str, RateLimit]
    ) -> None:
        self.endpoints = endpoints
        self.contents = contents
        self.limits = limits
        self.tokens = TokenEndpoint(contents.now)
        self.admission = Admission(switches=contents.switches, tokens=self.tokens)
        self.faults = FaultPlan()
        self.page_cap: int | None = None
        self._numbers = count(1)

    def answer(self, method: str, request: IncomingRequest) -> Response:
        """Answer a request, with the documented headers."""
        number = next(self._numbers)
        request_id = f"req_{number:024d}"
        endpoint, path_names = self._route(request)
        table = TOKEN if request.path == PATH else endpoint.table
        try:
            if table == TOKEN:
                return self._exchange(method, request, request_id)
            self._admit(method, request, endpoint)
            cap = self.page_cap
            call = Call(endpoint, request, self.contents, path_names, request_id, cap)
            response = self._served(call, number)
        except ApiError as error:
            canned = CannedResponse(status=error.status, headers=error.headers)
            response = _response(canned, error.body(request_id))
            request_id = request_id if error.identified else ""
        named = (
            JSON,
            *((("request-id", request_id),) if request_id else ()),
            ("anthropic-organization-id", self.contents.organization.id),
            *self._date(),
        )
        return replace(_with_headers(response, named), table=table)

    def _exchange(self, method: str, request: IncomingRequest, request_id: str) -> Response:
        if method != "POST":
            raise ApiError(405, f"Method {method} not allowed")
        body = self.tokens.exchange(request.body)
        headers = (JSON, ("request-id", request_id))
        return Response(status=200, headers=headers, body=body, table=TOKEN)

    def _date(self) -> tuple[tuple[str, str], ...]:
        says = self.contents.switches.says_time
        stated = format_datetime(self.contents.now(), usegmt=True) if says is True else says
        return (("date", stated),) if stated else ()

    def _served(self, call: Call, number: int) -> Response:
        page = call.endpoint.kind.respond(call)
        target = FaultTarget(table=call.table, number=number, page=page)
        return _render(self.faults.next_for(target) or NO_FAULT, page, call.request_id)

    def _admit(self, method: str, request: IncomingRequest, endpoint: Endpoint) -> None:
        if method != "GET":
            raise ApiError(405, f"Method {method} not allowed")
        self.admission.check(request, endpoint.family)
        self.limits[endpoint.family.rate_limit].check()

    def _route(self, request: IncomingRequest) -> tuple[Endpoint, Mapping[str, str]]:
        for endpoint in self.endpoints:
            match = endpoint.pattern.fullmatch(request.path)
            if match and endpoint.reads(request):
                return endpoint, match.groupdict()
        return NOWHERE, {}


def _render(fault: Fault, page: ResponsePage, request_id: str) -> Response:
    if fault.response is not None:
        body = fault.response.body
        body = ApiError(fault.response.status).body(request_id) if body is None else body
        return _response(fault.response, body, fault)
    spoilt = fault.spoil(page) if fault.spoil else page
    return _response(CannedResponse(status=200), spoilt.body(), fault)


def _response(canned: CannedResponse, body: bytes, fault: Fault = NO_FAULT) -> Response:
    return Response(
        status=canned.status,
        headers=canned.headers,
        body=body,
        transport=fault.transport,
        delay_ms=fault.delay_ms,
        fault=fault.name,
    )


def _with_headers(response: Response, named: tuple[tuple[str, str], ...]) -> Response:
    """Add headers, except those that a fault has set itself."""
    taken = {name.lower() for name, _ in response.headers}
    added = tuple(header for header in named if header[0] not in taken)
    return replace(response, headers=(*response.headers, *added))
