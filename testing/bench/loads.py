"""What is loaded: the same days by the loader and by the floor."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from .children import NOW, Double, Usage, plain_environment, run

if TYPE_CHECKING:
    from pathlib import Path

LAST = date.fromisoformat(NOW[:10]) - timedelta(days=1)


@dataclass(frozen=True)
class Load:
    """A table's days of a size."""

    table: str
    days: int
    records: int

    @property
    def first(self) -> date:
        return LAST - timedelta(days=self.days - 1)

    @property
    def title(self) -> str:
        return f"{self.table}, {self.days} days x {self.records:,}"

    def double(self, latency_ms: float = 0) -> Double:
        coding = self.table == "claude_code_usage"
        return Double(
            self.first, LAST, latency_ms=latency_ms,
            records=self.records if coding else 1, rows=80 if coding else self.records,
        )  # fmt: skip

    def by_loader(self, double: Double, folder: Path, *python: str, dry: bool = False) -> Usage:
        """A first load in laptop mode, into an empty folder; under a module, if one is given."""
        lake, event = folder / "lake", folder / "event.json"
        shutil.rmtree(lake, ignore_errors=True)
        event.write_text(json.dumps({"scheduled_time": NOW}))
        command = [
            sys.executable, *python, "-m", "handler", "--lake", str(lake),
            "--tables", self.table, "--event", str(event), *(["--dry-run"] if dry else []),
        ]  # fmt: skip
        environment = plain_environment(
            START_DATE=str(self.first),
            REQUESTS_PER_MINUTE="100000",
            ADMIN_API_BASE_URL=double.url,
            ANTHROPIC_ADMIN_KEY=double.key,
        )
        used = run(command, environment, folder)
        if not python and not dry:
            rows = json.loads(used.output)["tables"][self.table]["rows"]
            assert rows == self.days * self.records, used.output
        return used

    def by_floor(self, double: Double, folder: Path, module: str = "bench.floor") -> Usage:
        asked = [double.url, double.key, self.table, str(self.first), str(LAST)]
        return run([sys.executable, "-m", module, *asked], plain_environment(), folder)


CODING = Load("claude_code_usage", 30, 5_000)
TENFOLD = Load("claude_code_usage", 3, 50_000)
USAGE = Load("usage_report", 90, 1_000)
LARGE_PAGE = Load("usage_report", 31, 30_000)
COST = Load("cost_report", 90, 1_000)
QUICK = {
    CODING: Load("claude_code_usage", 6, 5_000),
    TENFOLD: Load("claude_code_usage", 1, 50_000),
    USAGE: Load("usage_report", 31, 500),
    LARGE_PAGE: Load("usage_report", 31, 1_000),
    COST: Load("cost_report", 31, 500),
}
