"""Cold starts, imports and memory under Lambda's runtime client, as tables."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from functools import cache
from statistics import median
from typing import TYPE_CHECKING, Any

from .children import ROOT, plain_environment
from .model import COLD_START, Organization, daily_run
from .text import amount, spread, table, verdict

if TYPE_CHECKING:
    from .options import Options

MOST_RATIO, MOST_ZIP = 0.8, 3
MEMORY, QUICK_MEMORY = "128,256,512", "256"
TITLES = {
    "ours": "the function",
    "source": "the function, built without Python 3.13 at hand: nothing compiled",
    "plain": "boto3, three clients, requests, Logger, Metrics, Parameters, imported plainly",
    "plain-compiled": "the same, with compiled files",
}


@cache
def measured(options: Options) -> dict[str, Any]:
    """What `bench.lambda_side` says; raises RuntimeError with its errors if it fails."""
    folder = options.folder / "lambda"
    folder.mkdir()
    memory = QUICK_MEMORY if options.quick else MEMORY
    done = subprocess.run(
        [options.cloud, "-m", "bench.lambda_side", folder, str(options.runs), memory],
        cwd=ROOT, env=plain_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def cold_start(options: Options) -> dict[str, str]:
    """From process start to the first request, in turn with the plain imports."""
    found = measured(options)
    plain = found["cold"]["plain"]
    rows = []
    for name, title in TITLES.items():
        runs = found["cold"][name]
        row = [title]
        for moment in ("ready", "first"):
            seconds = [one[moment] for one in runs]
            ratios = [one[moment] / other[moment] for one, other in zip(runs, plain, strict=True)]
            row += [f"{median(seconds):.2f} ({spread(seconds)})", f"{median(ratios):.2f}"]
            if moment == "first":
                row.append(verdict(median(ratios), MOST_RATIO, "times") if name == "ours" else "")
        rows.append(row)
    head = ["512 MB", "imported after s", "ratio", "first request after s", "ratio", "target"]
    size = f"Package, zipped: {amount(found['zip'])}, {verdict(found['zip'] / 1e6, MOST_ZIP, 'MB')}"
    return {
        "coldstart": f"{table(head, rows)}\n\n{size}.",
        "imports": _imports(found),
        "lambda-memory": _sizes(found["sizes"]),
        "paced": _paced(found["paced"]),
    }


def _imports(found: dict[str, Any]) -> str:
    """The import tree by package: its own time, and what a run calls no function of."""
    line = r"^import time: +(\d+) \| +\d+ \| +(\S+)$"
    timed = [(name, int(time)) for time, name in re.findall(line, found["imports"], re.MULTILINE)]
    unused = set(found["used"]["unused"])
    idle = [(name, time) for name, time in timed if name in unused]
    own = Counter[str]()
    for name, time in timed:
        own[_package(name)] += time
    rows = [_import_row(name, timed, idle) for name, _ in own.most_common(12)]
    rows.append(["all", *_sums(timed), *_sums(idle), ""])
    head = ["package", "modules", "own ms", "of them idle", "ms", "largest idle parts, ms"]
    return table(head, rows)


Timed = list[tuple[str, int]]


def _import_row(package: str, timed: Timed, idle: Timed) -> list[str]:
    mine, still = ([x for x in some if _package(x[0]) == package] for some in (timed, idle))
    parts = Counter[str]()
    for name, time in still:
        parts[".".join(name.split(".")[: 1 if package == STANDARD else 2])] += time
    largest = ", ".join(f"`{name}` {time / 1000:.0f}" for name, time in parts.most_common(4))
    name = package if package == STANDARD else f"`{package}`"
    return [name, *_sums(mine), *_sums(still), largest]


def _sums(timed: Timed) -> list[str]:
    return [str(len(timed)), f"{sum(time for _, time in timed) / 1000:.0f}"]


STANDARD = "the standard library and others"
LIBRARIES = (
    "aws_lambda_powertools", "boto3", "botocore", "charset_normalizer", "dateutil", "handler",
    "idna", "isal", "jmespath", "msgspec", "requests", "s3transfer", "urllib3", "certifi", "xxhash",
)  # fmt: skip


def _package(module: str) -> str:
    top = module.partition(".")[0]
    return top if top in LIBRARIES else STANDARD


def _sizes(runs: list[dict[str, Any]]) -> str:
    rows = [
        [
            f"{one['memory']}{'' if one['limited'] else ' (no limit)'}", f"{one['cold']:.1f}",
            one["run"], one["status"], f"{one['rows']:,}", f"{one['seconds']:.1f}",
            f"{one['processor']:.1f}", f"**{one['peak']}**",
        ]
        for one in runs
    ]  # fmt: skip
    head = ["MB", "cold start s", "run", "status", "rows", "s", "processor s", "peak MB"]
    return table(head, rows)


def _paced(runs: list[dict[str, Any]]) -> str:
    rows = []
    for one in runs:
        small = one["users"] < 100
        work = daily_run(_double(one["users"], rows=80 if small else 300), 61)
        seen = one["daily"]
        rows.append([
            f"{one['users']:,} users", str(work.all_requests), str(seen["requests"]),
            f"{work.paced_seconds:.0f}", f"{work.seconds:.0f}", f"{seen['seconds']:.0f}",
        ])  # fmt: skip
    head = ["daily run at 90 a minute, 512 MB", "requests, model", "counted", "pace alone s",
            f"all, model s (with {COLD_START} s of cold start)", "measured s"]  # fmt: skip
    return table(head, rows)


def _double(users: int, rows: int) -> Organization:
    """The double's organization of the paced runs in the model's terms."""
    workspaces = max(2, users // 50)
    return Organization(
        users=users, workspaces=workspaces, members=min(15, users), api_keys=rows, invites=125,
        claude_code_rows=users * 8 // 5, usage_rows=rows, cost_rows=rows,
    )  # fmt: skip
