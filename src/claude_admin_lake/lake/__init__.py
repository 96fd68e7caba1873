"""The lake: compressed objects under fixed keys, each replaced whole or not at all."""

from collections.abc import Mapping
from datetime import date
from typing import BinaryIO, Protocol

from msgspec import Struct

from claude_admin_lake.records.totals import Totals
from claude_admin_lake.tables import Table


class Watch(Struct, frozen=True):
    """What to find out about the rows of a table's object when it is published.

    Distinguishes a change of labels alone and adds up replaced rows. `first` also adds up the rows
    of a new object.
    """

    table: Table
    first: bool = False


class Published(Struct, frozen=True):
    """The effect of publishing an object.

    `changed` is False if an equal object was already stored; `replaced` is True if the stored
    object had different rows, and `relabelled` if they differed only in labels. `before` and
    `after` are the totals of the rows, if they are watched and have changed.
    """

    changed: bool
    replaced: bool = False
    relabelled: bool = False
    before: Totals | None = None
    after: Totals | None = None

    @property
    def is_new(self) -> bool:
        """Whether there was no object before."""
        return self.changed and not (self.replaced or self.relabelled)


class Upload(Protocol):
    """An object being written; invisible to readers until `publish`."""

    def write(self, chunk: bytes) -> None:
        """Add the next bytes of the object."""

    def publish(self, digest: str, facts: Mapping[str, str]) -> Published:
        """Replace the stored object, unless it has the same digest.

        `facts` becomes the object's metadata if the store supports metadata.
        """

    def discard(self) -> None:
        """Discard what was written; has no effect after `publish`."""


class Lake(Protocol):
    """Stores objects. Methods raise LakeTrouble, or LakeUnavailable if the store is unusable."""

    def check(self) -> None:
        """Raises LakeUnavailable unless the lake exists and is accessible."""

    def check_layout(self) -> None:
        """Raises LakeUnavailable if the lake has the layout of version 1."""

    def upload(self, key: str, fence: int, watch: Watch | None = None) -> Upload:
        """Start an object under the lease with this fence.

        `watch` says what to find out about its rows.
        """

    def read(self, key: str) -> BinaryIO | None:
        """Open a stored object, which the caller closes; None if it does not exist."""

    def drop(self, prefix: str) -> None:
        """Remove the objects under a prefix, unless the store does that itself."""

    def days(self, table: Table) -> set[date]:
        """The days of a dated table that are in the lake."""

    def snapshots(self, table: Table) -> dict[date, str]:
        """The keys of the snapshots by day that are in the lake."""

    def holds(self, table: Table) -> bool:
        """Whether any object of the table is in the lake."""

    def sweep(self) -> None:
        """Remove the leftovers of killed runs. Call only while holding the lease."""
