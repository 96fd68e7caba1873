"""The records that the server would serve of a table, across all pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from admin_double.cache import Rendered
from admin_double.contents import Contents
from admin_double.credentials import OLDER_VERSION
from admin_double.endpoint import Endpoint, Flags, Part, PartedBy, Truth
from admin_double.wire import as_day


@dataclass(frozen=True)
class Oracle:
    """Answers what the server would serve."""

    endpoints: Mapping[str, Endpoint]
    contents: Contents

    def served(
        self,
        table: str,
        part: Part = None,
        group_by: Sequence[str] | None = None,
        flags: Flags | None = None,
        version: str = OLDER_VERSION,
    ) -> Rendered:
        """Every record of one part of a table."""
        endpoint = self.endpoints[table]
        truth = Truth(
            endpoint=endpoint,
            contents=self.contents,
            part=self.checked(table, part),
            group_by=group_by,
            flags=flags,
            version=version,
            parents=lambda: self._ids(endpoint.parent, flags),
        )
        return endpoint.kind.truth(truth)

    def checked(self, table: str, part: Part) -> Part:
        """Check that a part is a day for dated tables, an id for child lists, else nothing."""
        kind = self.endpoints[table].kind.parted_by
        if kind is PartedBy.DAY and part is not None:
            return as_day(part)
        if part is None and kind is not PartedBy.DAY:
            return part
        if isinstance(part, str) and not isinstance(part, date) and kind is PartedBy.PARENT:
            return part
        raise ValueError(f"the part of {table} is {part!r}; must be {kind.value}")

    def _ids(self, parent: str | None, flags: Flags | None) -> list[str]:
        if parent is None:
            return []
        records = map(msgspec.json.decode, self.served(parent, flags=flags))
        return [record["id"] for record in records]
