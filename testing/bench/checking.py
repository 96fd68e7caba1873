"""Whole runs of the installed command against the fewest requests, and against the model."""

import shutil
from argparse import Namespace
from datetime import timedelta
from pathlib import Path
from typing import Any

from .children import double
from .loads import LAST, NOW, load, result_of
from .model import DATED, Work, daily_run, first_load
from .text import amount, table

SIZES, QUICK_SIZES = ((10, 16, 80, 60), (1_000, 1_600, 300, 60)), ((3, 5, 80, 9),)
"""Users, Claude Code records and report rows a day, days."""
TOMORROW = f"{LAST + timedelta(days=2)}{NOW[10:]}"


def counted(options: Namespace) -> str:
    """Requests and objects by run, bytes in the lake: counted / modelled."""
    rows = []
    for size in QUICK_SIZES if options.quick else SIZES:
        first, daily, stored = runs_of(*size, options.folder)
        lake = f"{amount(stored)} / {amount(first[1].bytes)}"
        rows.append([f"{size[0]:,} users, first load of {size[3]} days", *_cells(*first), lake])
        rows.append([f"{size[0]:,} users, daily run", *_cells(*daily), ""])
    head = ["counted / modelled", "requests", "fewest for each table", "objects", "lake"]
    return table(head, rows)


def _cells(tables: Any, work: Work) -> list[str]:
    requests = {name: one["requests"] for name, one in tables.items()}
    objects = sum(one["objects_written"] for one in tables.values()) + 1  # of load_runs
    fewest = "yes" if requests == work.requests else "**no**"
    counted = f"{sum(requests.values()):,} / {work.all_requests:,}"
    return [counted, fewest, f"{objects:,} / {work.objects:,}"]


def runs_of(users: int, records: int, rows: int, days: int, folder: Path) -> Any:
    """A first load and the next morning's run: the result's tables and the model's work; and the
    bytes in the lake after the first."""
    shutil.rmtree(folder / "lake", ignore_errors=True)
    sizes = ("--users", users, "--workspaces", max(2, users // 50), "--first-day", "2026-01-01",
             "--claude-code-records-per-day", records, "--report-rows-per-day", rows)  # fmt: skip
    tables, stored = [], []
    for now in (NOW, TOMORROW):
        with double("admin_double", *sizes, "--now", now) as api:
            start = LAST - timedelta(days=days - 1)
            used = load(api, folder, start, {"scheduled_time": now})
        tables.append(result_of(used)["tables"])
        stored.append(sum(f.stat().st_size for f in folder.glob("lake/**/*.jsonl.gz")))
    found = {name: one["rows"] for name, one in tables[0].items()}
    one = {name: rows // days if name in DATED else rows for name, rows in found.items()}
    return (tables[0], first_load(one, days)), (tables[1], daily_run(one, days + 1)), stored[0]
