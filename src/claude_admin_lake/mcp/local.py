"""Runs statements in DuckDB, in a process that is replaced when it must be stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from threading import Timer
from typing import TYPE_CHECKING, Any

from claude_admin_lake.analysis.errors import BadQuery
from claude_admin_lake.catalog.tables import BY_NAME

from .answers import Found
from .coverage import Coverage, covered
from .errors import Stopped
from .statements import beneath, reads

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sqlglot import exp

    from claude_admin_lake.analysis.lake import Lake

Versions = dict[str, frozenset[tuple[str, int, int]]]
"""The files of each table: name, size and time of the last change."""


class LocalBackend:
    """Statements over a lake in a folder, or copied to one."""

    def __init__(self, lake: Lake, folder: Path, seconds: float) -> None:
        self._lake, self._folder, self._seconds = lake, folder, seconds
        self._versions: Versions = {}
        self._process = self._started()

    def query(self, tree: exp.Query, rows: int, today: date) -> Found:
        """Run a checked statement. Raises BadQuery if DuckDB rejects it, Stopped if it needs too
        much time or memory."""
        self._refresh(beneath(reads(tree)))
        request = {"sql": tree.sql("athena"), "today": str(today), "rows": rows}
        answer = self._ask(request)
        if "error" in answer:
            raise BadQuery(answer["error"])
        columns = [(name, kind) for name, kind in answer["columns"]]
        return Found(columns, answer["rows"], answer["more"])

    def coverage(self, tables: set[str]) -> list[Coverage]:
        """Which days of these base tables the lake has."""
        return [
            one
            for name in sorted(tables)
            if BY_NAME[name].by_day
            for one in covered(name, self._lake.files(BY_NAME[name]))
        ]

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _refresh(self, tables: set[str]) -> None:
        """Restart the process if files that it has read have changed."""
        now = {name: _version(self._lake.files(BY_NAME[name])) for name in tables}
        known = self._versions
        if any(known.get(name, version) != version for name, version in now.items()):
            self._restart()
        self._versions |= now

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        process = self._process
        assert process.stdin
        assert process.stdout
        timer = Timer(self._seconds, process.kill)
        timer.start()
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if line:
            found: dict[str, Any] = json.loads(line)
            return found
        self._restart()
        raise Stopped(
            f"the statement was stopped: it took more than {self._seconds:g} seconds, or too much "
            "memory; ask for fewer days or columns"
        )

    def _restart(self) -> None:
        self.close()
        self._versions = {}
        self._process = self._started()

    def _started(self) -> subprocess.Popen[str]:
        """A new process, without an environment that statements could read."""
        path = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "claude_admin_lake.mcp.worker", str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=path,
            start_new_session=True,  # Ctrl-C is the parent's business
        )


def _version(files: list[Path]) -> frozenset[tuple[str, int, int]]:
    found = ((file, file.stat()) for file in files)
    return frozenset((str(file), stat.st_size, stat.st_mtime_ns) for file, stat in found)
