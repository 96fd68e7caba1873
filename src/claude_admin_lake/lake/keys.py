"""The keys of the lake's objects: one object per partition, under a fixed key. Pure."""

import re
from datetime import date

from claude_admin_lake.tables import Table

LOAD_RUNS = "load_runs"


def dated_key(table: Table, day: date) -> str:
    """The key of one day of a dated table."""
    return f"{table.name}/date={day}/{table.name}.jsonl.gz"


def snapshot_keys(table: Table, day: date) -> tuple[str, str]:
    """The keys of a snapshot: the one kept by day, then the current one."""
    file = f"{table.name}.jsonl.gz"
    return f"{table.name}_history/snapshot_date={day}/{file}", f"{table.name}/{file}"


def load_run_key(day: date, run_id: str) -> str:
    """The key of one run's report."""
    return f"{LOAD_RUNS}/date={day}/{run_id}.jsonl.gz"


def day_of(table: Table, key: str) -> date | None:
    """The day whose object has this key; None if it is not an object of the table."""
    found = re.fullmatch(r".*/date=(\d{4}-\d{2}-\d{2})/[^/]*", f"/{key}")
    try:
        day = date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
    return day if day and key == dated_key(table, day) else None
