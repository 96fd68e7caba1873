"""The controls of a running double: faults, credentials, limits and the log of requests."""

from datetime import date

from admin_double.contents import Contents
from admin_double.families import FAMILIES
from admin_double.faults import ALWAYS, Fault, PlannedFault, status
from admin_double.journal import Journal, LoggedRequest
from admin_double.movement import Move
from admin_double.service import Service
from admin_double.switches import Switches
from admin_double.tokens import Rule
from admin_double.wire import as_day


class Controls:
    """What a test can see and change while the double runs."""

    def __init__(self, contents: Contents, service: Service) -> None:
        self.latency_ms: float = 0
        self._contents = contents
        self._service = service
        self._journal = Journal()

    @property
    def switches(self) -> Switches:
        """Behaviour that is undocumented or varies."""
        return self._contents.switches

    @property
    def keys(self) -> set[str]:
        """The accepted credentials; change the set to rotate a key."""
        return self._service.admission.keys

    @property
    def enterprise_keys(self) -> set[str]:
        """The accepted Claude Enterprise keys."""
        return self._service.admission.enterprise_keys

    def trust(self, rule: Rule) -> None:
        """Exchange the tokens that a federation rule lets in."""
        self._service.tokens.rules[rule.id] = rule

    def expire_tokens(self) -> None:
        """End all access tokens that were given."""
        self._service.tokens.ends.clear()

    def knows(self, credential: str, body: bytes = b"") -> bool:
        """Whether a credential, or the rule that a token request names, is this organization's."""
        admitted = credential in {*self.keys, *self.enterprise_keys}
        rules = self._service.tokens.rules
        return (
            admitted
            or self._service.tokens.admits(credential)
            or any(name.encode() in body for name in rules)
        )

    def withhold(self, family: str, status: int = 403, credential: str | None = None) -> None:
        """Answer this status to all requests of a family, or to those with one credential."""
        if family not in FAMILIES:
            raise ValueError(f"family is {family!r}; must be one of {', '.join(FAMILIES)}")
        self._service.admission.withheld[family, credential] = status

    def offer(self, family: str, credential: str | None = None) -> None:
        """End a `withhold`."""
        self._service.admission.withheld.pop((family, credential), None)

    @property
    def rate_limit(self) -> int | None:
        """Requests a minute before the API answers 429; None for no limit."""
        return self._service.limits["general"].per_minute

    @rate_limit.setter
    def rate_limit(self, per_minute: int | None) -> None:
        self._service.limits["general"].per_minute = per_minute

    @property
    def enterprise_rate_limit(self) -> int | None:
        """The limit of the engagement endpoints; the API's is 60."""
        return self._service.limits["enterprise"].per_minute

    @enterprise_rate_limit.setter
    def enterprise_rate_limit(self, per_minute: int | None) -> None:
        self._service.limits["enterprise"].per_minute = per_minute

    @property
    def page_cap(self) -> int | None:
        """The most records or buckets on a page, whatever the request asks for."""
        return self._service.page_cap

    @page_cap.setter
    def page_cap(self, most: int | None) -> None:
        self._service.page_cap = most

    @property
    def requests(self) -> list[LoggedRequest]:
        """All requests since the log was reset."""
        return self._journal.requests

    @property
    def max_in_flight(self) -> int:
        """The highest number of requests that were being answered at the same time."""
        return self._journal.max_in_flight

    def count(self, table: str | None = None) -> int:
        """Count the requests for a table, or all of them."""
        return self._journal.count(table)

    def reset_log(self) -> None:
        """Forget the requests so far."""
        self._journal.reset()

    def fail(
        self,
        table: str | None,
        fault: Fault,
        *,
        day: date | str | None = None,
        longer_than: int = 0,
        page: int | None = None,
        nth: int | None = None,
        request: int | None = None,
        times: int | None = 1,
    ) -> PlannedFault:
        """Plan a fault for matching requests, from the first or the nth on."""
        if table is not None and table not in {each.table for each in self._service.endpoints}:
            raise KeyError(table)
        when = None if day is None else as_day(day)
        planned = PlannedFault(
            fault=fault, table=table, day=when, longer_than=longer_than, page=page, nth=nth,
            request=request, times=times,
        )  # fmt: skip
        return self._service.faults.add(planned)

    def forbid(self, table: str) -> PlannedFault:
        """Answer 403 from now on."""
        return self.fail(table, status(403), times=ALWAYS)

    def heal(self) -> None:
        """Forget all planned faults."""
        self._service.faults.clear()

    def move_analytics(
        self, change: str, *, table: str | None = None, times: int = 1, silently: bool = False
    ) -> Move:
        """Change the analytics data before the next requests for a second or later page.

        The change is "added", "removed" or "refreshed". Unless it happens silently, it also moves
        `data_refreshed_at`. The move returned counts how often it was `done`.
        """
        move = Move(change=change, table=table, times=times, silently=silently)
        return self._contents.movements.plan(move)
