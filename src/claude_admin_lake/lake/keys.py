"""The keys of the lake's objects: one object per partition, under a fixed key. Pure."""

import re
from collections.abc import Callable
from datetime import date

from msgspec import Struct

from claude_admin_lake.tables import TABLES, Table

LOAD_RUNS = "load_runs"
STAGING = "_staging/"
"""Next to the tables: parts of unfinished snapshots."""

ORGANIZATION = "organization="
STATE = "_state"
"""The folder, in a lake on a laptop, that holds the organizations' cursors and locks."""

_HISTORY, _SEEN = "_history", "_seen"


class Keys(Struct, frozen=True):
    """The keys of one organization's objects, relative to the lake's prefix."""

    organization: str

    def partition(self, table_name: str) -> str:
        """The key prefix of this organization's part of a table."""
        return f"{table_name}/{ORGANIZATION}{self.organization}/"

    def dated(self, table: Table, day: date) -> str:
        """The key of one day of a dated table."""
        return f"{self.partition(table.name)}date={day}/{table.name}.jsonl.gz"

    def snapshot(self, table: Table, day: date) -> tuple[str, str]:
        """The keys of a snapshot: the one kept by day, then the current one."""
        file, history = f"{table.name}.jsonl.gz", self.partition(table.name + _HISTORY)
        return f"{history}snapshot_date={day}/{file}", f"{self.partition(table.name)}{file}"

    def staged(self, table: Table) -> str:
        """The key prefix of an unfinished snapshot's parts."""
        return f"{STAGING}{self.partition(table.name)}"

    def staged_part(self, table: Table, number: int) -> str:
        """The key of one part of an unfinished snapshot."""
        return f"{self.staged(table)}{number:05}.jsonl.gz"

    def staged_progress(self, table: Table) -> str:
        """The key of an unfinished snapshot's progress."""
        return f"{self.staged(table)}progress.json"

    def seen(self, table: str) -> str:
        """The key of the object with every record that a remembered table ever had."""
        return f"{self.partition(table + _SEEN)}{table}{_SEEN}.jsonl.gz"

    def history(self, table: Table) -> str:
        """The key prefix of a table's snapshots by day."""
        return f"{self.partition(table.name + _HISTORY)}snapshot_date="

    def snapshot_day_of(self, table: Table, key: str) -> date | None:
        """The day of the snapshot with this key; None if it is not one of the table."""
        try:
            day = date.fromisoformat(key.removeprefix(self.history(table))[:10])
        except ValueError:
            return None
        return day if key == self.snapshot(table, day)[0] else None

    def load_run(self, day: date, run_id: str) -> str:
        """The key of one run's report."""
        return f"{self.partition(LOAD_RUNS)}date={day}/{run_id}.jsonl.gz"

    def day_of(self, table: Table, key: str) -> date | None:
        """The day whose object has this key; None if it is not an object of the table."""
        found = re.fullmatch(r".*/date=(\d{4}-\d{2}-\d{2})/[^/]*", f"/{key}")
        try:
            day = date.fromisoformat(found[1]) if found else None
        except ValueError:
            return None
        return day if day and key == self.dated(table, day) else None

    def owns(self, key: str) -> bool:
        """Whether the key belongs to an object of this organization."""
        key = key.removeprefix(STAGING)
        table, _, _ = key.partition("/")
        return is_table(table) and key.startswith(self.partition(table))


def is_table(name: str) -> bool:
    """Whether this is the name of one of the lake's tables."""
    base = name.removesuffix(_HISTORY).removesuffix(_SEEN)
    return base == LOAD_RUNS or any(table.name == base for table in TABLES)


def in_old_layout(below: Callable[[str], set[str]]) -> str | None:
    """Return the first path in the layout of version 1, without organizations, or None.

    `below` returns the names directly under a path of the lake such as "" or "users/".
    """
    for table in filter(is_table, sorted(below(""))):
        for name in sorted(below(f"{table}/")):
            if name.startswith(("date=", "snapshot_date=")) or name == f"{table}.jsonl.gz":
                return f"{table}/{name}"
    return None


def old_layout(found: str) -> str:
    """The error message for a lake of version 1."""
    return (
        f"{found} is in the layout of version 1, which has no organizations; it is not migrated."
        " Load into an empty lake instead (another folder, or another LAKE_PREFIX)"
    )
