"""Measures, and writes the tables of docs/performance.md between their markers.

    python -m bench [--quick] [--only cpu,wall,...] [--runs 5]

`--quick` is for trying the benchmark itself: small loads, few runs, nothing written.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .children import ROOT
from .options import Options
from .text import fill

# Imported when they are needed, so that this process stays smaller than those it measures.
PARTS = {
    "cpu": ("race", "cpu"),
    "wall": ("race", "wall"),
    "memory": ("race", "memory"),
    "objects": ("compressors", "objects"),
    "requests": ("checking", "requests"),
    "coldstart": ("coldstart", "cold_start"),
    "model": ("checking", "model"),
}
DOCUMENT = ROOT / "docs" / "performance.md"
CLOUD = ROOT / ".venv-cloud" / "bin" / "python"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cloud", type=Path, default=CLOUD, help="the interpreter for coldstart")
    return parser.parse_args()


def machine(command: str) -> str:
    """Where and with what it was measured."""
    said = Path("/proc/cpuinfo").read_text()
    names = [x.partition(": ")[2] for x in said.splitlines() if x.startswith("model name")]
    name = names[0] if names else platform.machine()
    ask = "from importlib.metadata import version as v; print(v('requests'), v('msgspec'))"
    requests, msgspec = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, check=True
    ).stdout.split()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return (
        f"`{command}` · {time.strftime('%Y-%m-%d', time.gmtime())} · {os.cpu_count()} x {name}, "
        f"{memory} GB · {platform.system()} {platform.release()} · Python "
        f"{platform.python_version()} · requests {requests} · msgspec {msgspec}"
    )


def main() -> None:
    options = parse()
    chosen = options.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        raise SystemExit(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    command = f"python -m bench --runs {options.runs}"
    with tempfile.TemporaryDirectory() as folder:
        how = Options(
            Path(folder), min(2, options.runs) if options.quick else options.runs,
            options.quick, options.cloud,
        )  # fmt: skip
        for part in (name for name in PARTS if name in chosen):
            module, function = PARTS[part]
            began = time.monotonic()
            found = getattr(importlib.import_module(f"bench.{module}"), function)(how)
            write({f"{part}-machine": machine(command), **found}, quick=options.quick)
            print(f"{part}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def write(found: dict[str, str], *, quick: bool) -> None:
    if quick:
        for name, text in found.items():
            print(f"\n## {name}\n\n{text}", flush=True)
        return
    document = DOCUMENT.read_text()
    for name, text in found.items():
        document = fill(document, name, text)
    DOCUMENT.write_text(document)


if __name__ == "__main__":
    main()
