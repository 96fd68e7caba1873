"""The process in which statements run: DuckDB over one folder, unable to reach anything else.

`python -m claude_admin_lake.mcp.worker FOLDER`. Each line of standard input is a request,
`{"sql": …, "today": …, "rows": …}`; each line of standard output is its answer. The parent ends the
process if a statement takes too long. It has no environment, and may write no file.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date
from pathlib import Path
from typing import Any

from claude_admin_lake.analysis.engine import Engine
from claude_admin_lake.analysis.errors import AnalysisError
from claude_admin_lake.analysis.lake import FolderLake

from .answers import plain

MEMORY, THREADS = "1GB", 2
"""Resource limits of a statement."""


def locked(folder: Path) -> list[str]:
    """Settings that limit a statement to reading the lake's folder."""
    place = str(folder).replace("'", "''")
    return [
        f"SET memory_limit = '{MEMORY}'",
        f"SET threads = {THREADS}",
        "SET max_temp_directory_size = '0KB'",
        "SET autoinstall_known_extensions = false",
        "SET autoload_known_extensions = false",
        "SET allow_community_extensions = false",
        f"SET allowed_directories = ['{place}']",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ]


def answer(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """Run one request."""
    most = request["rows"]
    try:
        found = engine.query(request["sql"], most + 1)
    except AnalysisError as error:
        return {"error": str(error)}
    return {
        "columns": list(zip(found.columns, found.types, strict=True)),
        "rows": [[plain(value) for value in row] for row in found.rows[:most]],
        "more": len(found.rows) > most,
    }


def main(folder: Path) -> None:
    """Answer requests until standard input ends."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    engine, today = None, None
    for line in sys.stdin:
        request = json.loads(line)
        if engine is None or request["today"] != today:
            today = request["today"]
            engine = Engine(FolderLake(folder), date.fromisoformat(today), locked(folder))
        sys.stdout.write(json.dumps(answer(engine, request)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
