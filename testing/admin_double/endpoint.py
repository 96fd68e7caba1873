"""The form of an endpoint's declaration."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from admin_double.catalogue import Catalogue
from admin_double.paging import Page
from admin_double.query import Query
from admin_double.reports import Report


class KeyedBy(Enum):
    """What one put, or one truth, of a table is for."""

    NOTHING = "nothing"
    DAY = "a day"
    WORKSPACE = "a workspace id"


@dataclass(frozen=True)
class Call:
    """A request that reached an endpoint."""

    endpoint: "Endpoint"
    query: Query
    catalogue: Catalogue
    names: Mapping[str, str]
    cap: int | None = None


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One of the nine; what differs between them is said here."""

    table: str
    path: str
    answer: Callable[[Call], Page]
    keyed_by: KeyedBy = KeyedBy.NOTHING
    filters: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Collection[str]] = field(default_factory=dict)
    archives: bool = False
    report: Report | None = None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))
