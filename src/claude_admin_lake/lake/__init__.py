"""The lake: compressed objects under fixed keys, each replaced whole or not at all."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from msgspec import Struct

from claude_admin_lake.tables import Table


class Published(Struct, frozen=True):
    """What publishing an object did. `changed` is False if the stored one was equal already;
    `replaced` is True if there was a stored one with other rows."""

    changed: bool
    replaced: bool = False


class Upload(Protocol):
    """An object on its way; no reader sees anything of it before `publish`."""

    def write(self, chunk: bytes) -> None:
        """Take the next bytes of the object."""

    def publish(self, digest: str, facts: Mapping[str, str]) -> Published:
        """Put the object in place of the old one, unless that has the same digest.

        `facts` is kept beside the object as metadata where the store has such a thing.
        """

    def discard(self) -> None:
        """Forget what was written; harmless after `publish`."""


class Lake(Protocol):
    """Where objects are kept. Methods raise LakeTrouble, or LakeUnavailable if nothing works."""

    def check(self) -> None:
        """Raise LakeUnavailable unless the lake is there and open to us."""

    def upload(self, key: str, fence: int) -> Upload:
        """Begin an object, in the name of the lease with this fence."""

    def days(self, table: Table) -> set[date]:
        """The days of a dated table that the lake holds."""

    def sweep(self) -> None:
        """Remove what runs that were killed left unfinished. Call only while holding the lease."""
