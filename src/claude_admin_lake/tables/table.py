"""What a table declaration may say. A difference between tables is a field here, never an `if`."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from msgspec import Struct

from claude_admin_lake.shapes import Shape

from .access import Access
from .columns import Columns
from .paging import Paging

STANDARD = "standard"
"""The group of tables that every organization has."""


FIRST_SEEN, LAST_SEEN = "first_seen_on", "last_seen_on"
"""Columns of `<table>_seen` beside those of the table."""


DEFAULT_WORKSPACE = "Default"
"""The name of the workspace for work outside all others."""


class Choices(Protocol):
    """The settings that a declaration may refer to."""

    @property
    def lookback_days(self) -> int: ...
    @property
    def report_lookback_days(self) -> int: ...
    @property
    def usage_group_by(self) -> tuple[str, ...]: ...


class Floor(Struct, frozen=True, kw_only=True):
    """The oldest data that the API serves: a first day, or an age, whichever is later."""

    first: date
    oldest: timedelta | None = None

    def day(self, now: datetime) -> date:
        """The first day that can be read whole at `now`."""
        if self.oldest is None:
            return self.first
        oldest = now - self.oldest
        midnight = oldest.replace(hour=0, minute=0, second=0, microsecond=0)
        whole = oldest.date() if midnight == oldest else oldest.date() + timedelta(days=1)
        return max(self.first, whole)


class Days(Struct, frozen=True, kw_only=True):
    """A dated table: one object for each UTC day, re-read while the API may restate it.

    `shape` is how days are asked for and found in pages. `settles_after` is how long after
    midnight UTC the API can serve all of the day before; with `names_newest`, it may take longer,
    and a 400 for a day that is too recent names the newest day that there is. `partition_field` is
    a field that only repeats the partition's day. `floor` is the oldest that the API serves, if it
    has such a limit.
    """

    shape: Shape
    lookback: Callable[[Choices], int]
    settles_after: timedelta = timedelta(0)
    group_by: Callable[[Choices], tuple[str, ...]] = lambda _: ()
    partition_field: str | None = None
    names_newest: bool = False
    floor: Floor | None = None


class Parent(Struct, frozen=True, kw_only=True):
    """A table whose every record has a listing of its own under this one's path.

    `gone_field` marks records that may have no listing any more, `unlisted` is the name of one that
    may never have had one: a 400 or 404 then means none.
    `column` gets the parent's id, where the records of the listing do not name their parent.
    `named_in` is the column that names it where they do; the rows of a parent that is gone for some
    time are then carried over from the stored snapshot.
    """

    table: str
    gone_field: str = ""
    unlisted: str = ""
    column: str = ""
    named_in: str = ""


class Optional(NamedTuple):
    """A parameter of a table that an older API may refuse; it is then asked without."""

    name: str
    value: str


class Derived(Struct, frozen=True):
    """A column computed from fields that the API sent, and stored beside them.

    `of` takes the fields as columns, any JSON values, and returns the derived column.
    """

    column: str
    fields: tuple[str, ...]
    of: Callable[..., Sequence[object]]


class Table(Struct, frozen=True, kw_only=True):
    """One dataset: one declaration, one S3 prefix, one Glue table, one name in every layer.

    `days` None means a snapshot. Common columns of a shape come first, derived ones last. Tables of
    a `group` can be chosen together. For a `remembered` snapshot, the lake also has the latest
    record of every id that was ever in it.
    """

    name: str
    about: str
    path: str
    columns: Columns
    paging: Paging
    group: str = STANDARD
    access: Access = Access()
    params: tuple[tuple[str, str], ...] = ()
    days: Days | None = None
    parent: Parent | None = None
    derived: tuple[Derived, ...] = ()
    remembered: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """The declared columns' names, in the order in which rows hold them."""
        return tuple(column.name for column in self.columns)

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns whose change alone is no restatement."""
        return tuple(column.name for column in self.columns if column.label)

    @property
    def partition_field(self) -> str | None:
        """The field that only repeats the partition's day, if records have one."""
        return self.days.partition_field if self.days else None

    @property
    def wrappers(self) -> tuple[str, ...]:
        """The objects of a record whose fields are stored without their name."""
        return self.days.shape.wrappers if self.days else ()

    @property
    def common(self) -> tuple[str, ...]:
        """The columns that several records share, and that are not in the records themselves."""
        if self.parent and self.parent.column:
            return (self.parent.column,)
        return self.days.shape.common if self.days else ()
