"""The report of a small and of a large organization: time, memory and size."""

import sys
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hand_made import HandMade, api_key, coding, cost, usage, user, workspace

from .children import Usage, plain_environment, run
from .loads import LAST
from .text import amount, table, verdict

DAYS = 35
MODELS = ("claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5-20251001")
TOOLS = {f"{name}_tool": {"accepted": 3, "rejected": 1} for name in ("edit", "write")}
TOKENS = {"input": 100, "output": 900, "cache_read": 9000, "cache_creation": 50}
PRICE = {"amount": 12, "currency": "USD"}
MOST_MB, MOST_SECONDS, MOST_PAGE_MB = 600, 20, 1


@dataclass(frozen=True)
class Size:
    """An organization; everybody uses Claude Code every day."""

    name: str
    people: int
    workspaces: int
    keys: int

    @property
    def title(self) -> str:
        counts = f"{self.people:,} people, {self.workspaces} workspaces, {self.keys} keys"
        return f"{self.name}: {counts}"

    def write(self, folder: Path) -> None:
        """Write a lake of this size, with 35 days that end with the benchmark's last day."""
        lake, last = HandMade(folder), str(LAST)
        lake.snapshot("users", last, [user(f"u{n}") for n in range(self.people)])
        lake.snapshot("workspaces", last, [workspace(f"w{n}") for n in range(self.workspaces)])
        keys = [api_key(f"k{n}", workspace_id=self._workspace(n)) for n in range(self.keys)]
        lake.snapshot("api_keys", last, keys)
        for n in range(DAYS):
            self._write_day(lake, LAST - timedelta(days=n))
        for name in ("cost_report", "usage_report", "claude_code_usage"):
            lake.run(last, name, cursor_after=last)

    def _write_day(self, lake: HandMade, day: date) -> None:
        models = [{"model": MODELS[0], "tokens": TOKENS, "estimated_cost": PRICE}]
        people = (
            coding(f"u{n}@example.com", tool_actions=TOOLS, model_breakdown=models)
            for n in range(self.people)
        )
        lake.day("claude_code_usage", str(day), people)
        start = day.toordinal()
        tokens = (usage(_spread(start + n), f"k{n}", **more) for n, more in self._cells())
        lake.day("usage_report", str(day), tokens)
        places = {one["workspace_id"] + one["model"]: one for _, one in self._cells()}.values()
        costs = (cost(str(_spread(start + n) / 8), **one) for n, one in enumerate(places))
        lake.day("cost_report", str(day), costs)

    def _cells(self) -> Iterable[tuple[int, dict[str, Any]]]:
        for n in range(self.keys):
            for model in MODELS:
                yield n, {"workspace_id": self._workspace(n), "model": model}

    def _workspace(self, key: int) -> str:
        return f"wrkspc_w{key % self.workspaces}"


def _spread(number: int) -> int:
    """A number below 100,000 that looks random."""
    return number * 7919 % 99_991


SIZES = (Size("small", 40, 6, 12), Size("large", 50_000, 150, 800))


def page(options: Namespace) -> str:
    """A report as the reporter makes it, from a folder."""
    heads = ["organization", "page", "s", "processor s", "peak", "target of the large one"]
    sizes = SIZES[:1] if options.quick else SIZES
    return table(heads, [_row(size, options.folder / size.name) for size in sizes])


def _row(size: Size, folder: Path) -> list[str]:
    size.write(folder / "lake")
    file, used = folder / "report.html", _report(folder)
    targets = (
        verdict(used.wall, MOST_SECONDS, "s"),
        verdict(used.peak_mb, MOST_MB, "MB"),
        f"page {verdict(file.stat().st_size / 1e6, MOST_PAGE_MB, 'MB')}",
    )
    figures = (amount(file.stat().st_size), f"{used.wall:.1f}", f"{used.cpu:.1f}")
    return [size.title, *figures, f"{used.peak_mb:.0f} MB", "; ".join(targets)]


def _report(folder: Path) -> Usage:
    command = [sys.executable, "-m", "claude_admin_lake", "report", f"--lake={folder / 'lake'}"]
    places = [f"--out={folder / 'report.html'}", f"--today={LAST + timedelta(days=1)}"]
    return run([*command, *places], plain_environment(), folder)
