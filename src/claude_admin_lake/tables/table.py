"""What a table declaration may say. A difference between tables is a field here, never an `if`."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import Enum
from typing import Protocol

from msgspec import Struct

from .columns import Columns


class Paging(Enum):
    """How an endpoint continues its answer; see `handler.source.pages`."""

    NONE = "one object, no pages"
    ID_CURSOR = "after_id = last_id"
    PAGE_TOKEN = "page = next_page"  # noqa: S105 - no password


class Choices(Protocol):
    """The settings that a declaration may refer to."""

    @property
    def lookback_days(self) -> int: ...
    @property
    def report_lookback_days(self) -> int: ...
    @property
    def usage_group_by(self) -> tuple[str, ...]: ...


class Days(Struct, frozen=True, kw_only=True):
    """A dated table: one object for each UTC day, read again while the API may restate it.

    `bucketed` endpoints answer a range of days with one bucket a day; the others answer one day.
    `settles_after` is how long after midnight UTC the API can serve all of the day before.
    """

    bucketed: bool
    lookback: Callable[[Choices], int]
    settles_after: timedelta
    group_by: Callable[[Choices], tuple[str, ...]] = lambda _: ()


class Parent(Struct, frozen=True, kw_only=True):
    """A table whose every record has a listing of its own under this one's path.

    `gone_field` marks records that may have no listing any more: a 400 or 404 then means none.
    """

    table: str
    gone_field: str


class Derived(Struct, frozen=True):
    """A column computed from fields that the API sent, and stored beside them.

    `of` takes the fields of one record, any JSON values. `of_columns` takes them as columns,
    and gives one whose every value fits, or None where it cannot.
    """

    column: str
    fields: tuple[str, ...]
    of: Callable[..., object]
    of_columns: Callable[..., Sequence[object] | None]


class Table(Struct, frozen=True, kw_only=True):
    """One dataset: one declaration, one S3 prefix, one Glue table, one name in every layer.

    `days` None means a snapshot. `page_limit` is the API's largest `limit` (records, or buckets
    for bucketed reports). `partition_field` is a field that only repeats the partition's day.
    Columns of a bucket come first, derived ones last.
    """

    name: str
    about: str
    path: str
    columns: Columns
    paging: Paging
    page_limit: int | None = None
    params: tuple[tuple[str, str], ...] = ()
    days: Days | None = None
    parent: Parent | None = None
    partition_field: str | None = None
    derived: tuple[Derived, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """The declared columns' names, in the order in which rows hold them."""
        return tuple(column.name for column in self.columns)
