"""Where every object of the lake lies. One partition is one object under a fixed key. Pure."""

import re
from datetime import date

from claude_admin_lake.tables import Table

LOAD_RUNS = "load_runs"


def dated_key(table: Table, day: date) -> str:
    """The object that holds one day of a dated table."""
    return f"{table.name}/date={day}/{table.name}.jsonl.gz"


def snapshot_keys(table: Table, day: date) -> tuple[str, str]:
    """The two objects that hold a snapshot: kept by day, and current."""
    file = f"{table.name}.jsonl.gz"
    return f"{table.name}_history/snapshot_date={day}/{file}", f"{table.name}/{file}"


def load_run_key(day: date, run_id: str) -> str:
    """The object that holds what one run did."""
    return f"{LOAD_RUNS}/date={day}/{run_id}.jsonl.gz"


def day_of(table: Table, key: str) -> date | None:
    """The day whose object `key` is; None if it is no object of the table."""
    found = re.fullmatch(r".*/date=(\d{4}-\d{2}-\d{2})/[^/]*", f"/{key}")
    try:
        day = date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
    return day if day and key == dated_key(table, day) else None
