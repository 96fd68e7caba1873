"""What an endpoint's declaration consists of."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Protocol

from admin_double.cache import Rendered
from admin_double.contents import Contents
from admin_double.families import STANDARD, Family
from admin_double.paging import ResponsePage
from admin_double.request import IncomingRequest

Part = date | str | None
Flags = Mapping[str, str]


class PartedBy(Enum):
    """What selects the part of a table that one `put` or `truth` call is about."""

    NOTHING = "nothing"
    DAY = "a day"
    PARENT = "the id of a parent record"


@dataclass(frozen=True)
class Call:
    """A request that has been routed to an endpoint."""

    endpoint: "Endpoint"
    request: IncomingRequest
    contents: Contents
    path_names: Mapping[str, str]
    request_id: str = ""
    page_cap: int | None = None

    @property
    def table(self) -> str:
        """The table that the request reads."""
        return self.endpoint.table


class Kind(Protocol):
    """How an endpoint is asked and answered."""

    @property
    def parted_by(self) -> PartedBy: ...

    def respond(self, call: Call) -> ResponsePage:
        """The page that a request asks for."""
        ...

    def truth(self, truth: "Truth") -> Rendered:
        """All records of one part, across all pages."""
        ...


@dataclass(frozen=True, kw_only=True)
class Truth:
    """A question about the records that an endpoint serves."""

    endpoint: "Endpoint"
    contents: Contents
    part: Part = None
    group_by: Sequence[str] | None = None
    flags: Flags | None = None
    version: str = "2023-06-01"
    parents: Callable[[], Sequence[str]] = tuple

    @property
    def table(self) -> str:
        """The table that the question is about."""
        return self.endpoint.table

    @property
    def day(self) -> date:
        """The day that the question is about."""
        assert isinstance(self.part, date)
        return self.part


def always(_: IncomingRequest) -> bool:
    """Every request to the path reads the table."""
    return True


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A table and the requests that read it.

    Several tables may share a path. The first endpoint whose `reads` accepts the request is used.
    """

    table: str
    path: str
    kind: Kind
    family: Family = STANDARD
    parent: str | None = None
    reads: Callable[[IncomingRequest], bool] = always

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the path; each name in braces becomes a group."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))
