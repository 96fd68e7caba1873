"""What is loaded: the same days by the loader and by the floor."""

import json
import shutil
import sys
from argparse import Namespace
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from .children import Double, Usage, double, plain_environment, run

NOW = "2026-11-20T09:00:00Z"
"""The run's time, and the double's clock, so that every run reads the same days."""
LAST = date.fromisoformat(NOW[:10]) - timedelta(days=1)


@dataclass(frozen=True)
class Load:
    """Days of a table, with so many records each."""

    table: str
    days: int
    records: int

    @property
    def first(self) -> date:
        return LAST - timedelta(days=self.days - 1)

    @property
    def title(self) -> str:
        return f"{self.table}, {self.days} days x {self.records:,}"

    def double(self, latency_ms: int = 0, oddity: str = "") -> AbstractContextManager[Double]:
        days = (self.first, LAST, self.records, NOW)
        return double("bench.double", self.table, *days, latency_ms, oddity)

    def by_loader(self, api: Double, folder: Path) -> Usage:
        """A first load of these days into an empty lake."""
        shutil.rmtree(folder / "lake", ignore_errors=True)
        event = {"scheduled_time": NOW, "tables": [self.table]}
        used = load(api, folder, self.first, event)
        assert result_of(used)["tables"][self.table]["rows"] == self.days * self.records
        return used

    def by_floor(self, api: Double, folder: Path) -> Usage:
        asked = (api.url, api.key, self.table, str(self.first), str(LAST))
        return run([sys.executable, "-m", "bench.floor", *asked], plain_environment(), folder)


def load(api: Double, folder: Path, start: date, event: dict[str, object]) -> Usage:
    """A run of the installed command, into the folder's lake."""
    command = [sys.executable, "-m", "claude_admin_lake", "load"]
    lake, request = folder / "lake", folder / "event.json"
    request.write_text(json.dumps(event))
    place = {"ADMIN_API_BASE_URL": api.url, "ANTHROPIC_ADMIN_KEY": api.key}
    environment = plain_environment(START_DATE=str(start), REQUESTS_PER_MINUTE="100000", **place)
    return run([*command, f"--lake={lake}", f"--event={request}"], environment, folder)


def result_of(used: Usage) -> Any:
    """The result that the command printed, after its warnings."""
    return json.loads(used.output[used.output.index("{\n") :])


CODING = Load("claude_code_usage", 30, 5_000)
HALF = Load("claude_code_usage", 15, 5_000)
TENFOLD = Load("claude_code_usage", 3, 50_000)
USAGE = Load("usage_report", 90, 1_000)
LARGE_PAGE = Load("usage_report", 31, 30_000)
COST = Load("cost_report", 90, 1_000)


def sized(options: Namespace, *loads: Load) -> list[Load]:
    """These loads, or tiny ones of the same kind for a quick try."""
    tiny = [replace(load, days=2, records=load.records // 20) for load in loads]
    return tiny if options.quick else list(loads)
