"""The model's numbers beside those of runs that were counted."""

from __future__ import annotations

import json
import sys
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from .children import plain_environment, run
from .model import DATED, Organization, Work, daily_run, first_load
from .text import amount, table

if TYPE_CHECKING:
    from .options import Options

COUNTED = ((10, 16, 80, 60), (1_000, 1_600, 300, 60))
"""Users, Claude Code records and report rows a day, days."""


@cache
def counted(options: Options) -> list[dict[str, Any]]:
    return [
        json.loads(
            run(
                [sys.executable, "-m", "bench.counted", *map(str, size)],
                plain_environment(), options.folder,
            ).output.splitlines()[-1]
        )
        for size in COUNTED
    ]  # fmt: skip


def predicted(one: dict[str, Any], kind: str) -> Work:
    size = Organization(**one["organization"])
    days = one["days"]
    if kind == "first":
        return first_load(size, days)
    return daily_run(size, days + 1, snapshots_change=False)  # those of the double don't


def requests(options: Options) -> dict[str, str]:
    """Requests counted by the double against the fewest that the API allows."""
    runs = [(one, kind) for one in counted(options) for kind in ("first", "daily")]
    head = ["table"]
    for one, kind in runs:
        title = f"first load, {one['days']} days" if kind == "first" else "daily run"
        head.append(f"{one['organization']['users']:,} users, {title}: counted / least")
    least = [predicted(one, kind).requests for one, kind in runs]
    rows = [
        [
            f"`{name}`",
            *(
                f"{one[kind]['requests'][name]} / {fewest[name]}"
                for (one, kind), fewest in zip(runs, least, strict=True)
            ),
        ]
        for name in least[0]
    ]
    same = all(
        one[kind]["requests"] == fewest for (one, kind), fewest in zip(runs, least, strict=True)
    )
    return {
        "requests": table(head, rows) + f"\n\nExactly the least: {'yes' if same else '**no**'}."
    }


def check(options: Options) -> str:
    """Model against count."""
    rows = []
    for one in counted(options):
        for kind in ("first", "daily"):
            work, seen = predicted(one, kind), one[kind]
            name = f"{one['organization']['users']:,} users, {kind}"
            rows += [[name, *line] for line in _lines(work, seen, one if kind == "first" else None)]
    return table(["run", "what", "model", "counted"], rows)


def _lines(work: Work, seen: dict[str, Any], first: dict[str, Any] | None) -> list[list[str]]:
    calls = Counter(seen["calls"])
    s3 = {name: calls[name] for name in sorted(work.s3 | calls) if _is_s3(name)}
    lines = [
        ["requests", f"{work.all_requests:,}", f"{sum(seen['requests'].values()):,}"],
        ["rows", f"{work.rows:,}", f"{sum(seen['rows'].values()):,}"],
        ["objects written", f"{work.objects:,}", f"{seen['objects']:,}"],
        ["S3 calls", f"{work.s3.total():,}", f"{sum(s3.values()):,}"],
        ["of these PUT", f"{work.s3['PutObject']:,}", f"{s3['PutObject']:,}"],
    ]
    if first:
        stored = sum(size for _, size in seen["stored"].values())
        lines.append(["bytes in the lake", amount(work.bytes), amount(stored)])
        for name in DATED:
            size = Organization(**first["organization"]).size(name) * first["days"]
            lines.append([f"bytes of {name}", amount(size), amount(seen["stored"][name][1])])
    return lines


def _is_s3(name: str) -> bool:
    return name.endswith(("Object", "Bucket", "Upload", "Uploads", "UploadPart", "ObjectsV2"))


def model(options: Options) -> dict[str, str]:
    """Every table of the model."""
    from . import paper  # noqa: PLC0415 - brings sqlglot and powertools

    return {
        "organizations": paper.organizations(),
        "daily": paper.daily(),
        "first": paper.first(),
        "athena": paper.athena(),
        "check": check(options),
    }
