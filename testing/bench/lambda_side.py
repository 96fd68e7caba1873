"""The function in Lambda's runtime client: cold starts, memory, paced runs, as JSON.

Run by `bench.coldstart` with the emulated account's interpreter:
python -m bench.lambda_side FOLDER RUNS MEMORY,MEMORY
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from admin_double.organization import Organization
from e2e.account import Account
from e2e.lambda_client import Function, limits
from e2e.package import zipped
from e2e.runtime import scenarios

from .children import ROOT
from .lambda_place import (
    COLD_MEMORY,
    WatchedApi,
    build,
    copy_of,
    create,
    environment,
    forget_cursors,
    plain_package,
    today,
)


def cold(account: Account, api: WatchedApi, package: Path) -> dict[str, float]:
    """One cold start, up to the first request to the API."""
    with limits(COLD_MEMORY) as groups:
        api.first_asked, began = 0.0, time.perf_counter()
        function = Function(package, environment(account, api, package, COLD_MEMORY), groups)
        try:
            ready = time.perf_counter()
            _, _, processor = function.run({"tables": ["organization"]})
            return {
                "ready": function.cold_start,
                "first": function.cold_start + api.first_asked - ready,
                "processor": processor, "peak": function.peak_megabytes, "began": began,
                "limited": bool(groups),
            }  # fmt: skip
        finally:
            function.close()


def cold_starts(
    account: Account, api: WatchedApi, package: Path, runs: int
) -> dict[str, list[dict[str, float]]]:
    """Ours and the plain one, each with and without compiled files in the package, in turn."""
    source, plain = copy_of(package, "source"), plain_package(package)
    compiled = copy_of(plain, "plain-compiled")
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", compiled], check=True, stdout=sys.stderr
    )
    folders = {"ours": package, "source": source, "plain": plain, "plain-compiled": compiled}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in folders}
    for _ in range(runs):
        for name, folder in folders.items():
            found[name].append(cold(account, api, folder))
    return found


def sizes(
    account: Account, api: WatchedApi, package: Path, memory: list[int]
) -> list[dict[str, Any]]:
    """Runs in each memory size; the smallest gets no huge day."""
    found = []
    for megabytes in memory:
        with limits(megabytes) as groups:
            forget_cursors(account)
            settings = environment(
                account, api, package, megabytes, LAKE_PREFIX=f"size-{megabytes}/"
            )
            function = Function(package, settings, groups)
            try:
                for name, event in scenarios(today().date()).items():
                    if megabytes < 256 and "0,000" in name:
                        continue
                    api.organization_of_size(name)
                    answer, seconds, processor = function.run(event)
                    rows = sum(one["rows"] for one in answer["tables"].values())
                    found.append({
                        "memory": megabytes, "limited": bool(groups), "run": name, "rows": rows,
                        "status": answer["status"], "seconds": seconds, "processor": processor,
                        "peak": function.peak_megabytes, "cold": function.cold_start,
                    })  # fmt: skip
            finally:
                function.close()
    return found


def paced(account: Account, package: Path, users: int) -> dict[str, Any]:
    """A daily run at the usual pace, after an unpaced first load up to the day before."""
    exact = Organization(
        users=users, workspaces=max(2, users // 50), claude_code_records_per_day=users * 8 // 5,
        report_rows_per_day=80 if users < 100 else 300,
        first_day=(today() - timedelta(days=100)).date(),
    )  # fmt: skip
    forget_cursors(account)
    runs = {}
    with WatchedApi(exact) as api:
        for name, pace, day in (("first", "100000", 1), ("daily", "90", 0)):
            with limits(COLD_MEMORY) as groups:
                settings = environment(
                    account, api, package, COLD_MEMORY,
                    LAKE_PREFIX=f"users-{users}/", REQUESTS_PER_MINUTE=pace,
                )  # fmt: skip
                function = Function(package, settings, groups)
                try:
                    moment = today() - timedelta(days=day) + timedelta(hours=2)
                    event = {"scheduled_time": moment.isoformat()}
                    answer, seconds, processor = function.run(event)
                    runs[name] = {
                        "seconds": seconds + function.cold_start, "processor": processor,
                        "status": answer["status"],
                        "requests": sum(one["requests"] for one in answer["tables"].values()),
                    }  # fmt: skip
                finally:
                    function.close()
    return {"users": users, **runs}


def used_code(account: Account, api: WatchedApi, package: Path) -> Any:
    forget_cursors(account)
    settings = environment(account, api, package, 2048, LAKE_PREFIX="used/")
    settings["PYTHONPATH"] = str(ROOT / "testing")
    command = [sys.executable, "-m", "bench.used_code", str(package), "{}"]
    said = subprocess.run(command, env=settings, check=True, capture_output=True, text=True).stdout
    return json.loads(said.splitlines()[-1])


def import_times(account: Account, api: WatchedApi, package: Path, module: str) -> str:
    """What `python -X importtime` says of a handler."""
    settings = environment(account, api, package, 2048) | {"PYTHONPATH": str(package)}
    command = [sys.executable, "-X", "importtime", "-c", f"import {module}"]
    return subprocess.run(
        command, env=settings, cwd=package, check=True, capture_output=True, text=True
    ).stderr


def main(folder: Path, runs: int, memory: list[int]) -> None:
    package = build(folder, "local")
    organization = Organization(first_day=(today() - timedelta(days=200)).date())
    with Account(folder / "account") as account, WatchedApi(organization) as api:
        create(account)
        found = {
            "zip": len(zipped(build(folder, "arm64"))),
            "cold": cold_starts(account, api, package, runs),
            "imports": import_times(account, api, package, "claude_admin_lake.function.app"),
            "used": used_code(account, api, package),
            "sizes": sizes(account, api, package, memory),
            "paced": [paced(account, package, users) for users in (10, 1_000)],
        }
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]), [int(mb) for mb in sys.argv[3].split(",")])
