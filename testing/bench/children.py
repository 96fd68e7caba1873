"""Child processes and what they used; the API's double as one of them."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-11-20T09:00:00Z"
"""The double's clock stands still here, so that every run reads the same."""


@dataclass(frozen=True)
class Usage:
    """What one finished process has used."""

    cpu: float
    wall: float
    peak_mb: float
    output: str


def run(command: Sequence[str], environment: dict[str, str], folder: Path) -> Usage:
    """Run to the end; raises RuntimeError, with what it said, unless it ended well."""
    said = folder / "output"
    began = time.perf_counter()
    with said.open("w") as output:
        child = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)}: {child.returncode}\n{said.read_text()}")
    cpu = used.ru_utime + used.ru_stime
    return Usage(cpu, wall, used.ru_maxrss / 1024, said.read_text())


def own_peak_mb() -> float:
    """A child's peak begins with its parent's size, by vfork: the parent has to be the smaller."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def plain_environment(**more: str) -> dict[str, str]:
    """Without settings of the loader or of AWS that happen to be set here."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'testing'}", **more}


class Double:
    """The API's double in a process of its own, its days rendered before anyone asks."""

    def __init__(
        self, first: date, last: date, *, records: int, rows: int, latency_ms: float = 0
    ) -> None:
        self._command = [
            sys.executable, "-m", "admin_double", "--first-day", "2026-01-01", "--now", NOW,
            "--claude-code-records-per-day", str(records), "--report-rows-per-day", str(rows),
            "--latency-ms", str(latency_ms), "--warm", str(first), str(last),
        ]  # fmt: skip

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=plain_environment(), stdout=subprocess.PIPE, text=True
        )
        told: IO[str] | None = self._process.stdout
        assert told
        said = json.loads(told.readline())
        self.url, self.key = said["url"], said["key"]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()
