"""Measure, and write the tables of docs/performance.md between their marks.

`python -m bench` writes the page. `--only cpu,cliff` prints the tables of these parts instead, and
`--quick` tries the benchmark itself: tiny loads, one run of each, printed, nothing deployed.
"""

import argparse
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from .children import ROOT
from .text import fill, measured_with

# The modules are imported when they are needed: a child's peak memory begins with its parent's.
PARTS = {
    **dict.fromkeys(("cpu", "cliff", "wall", "memory"), "race"),
    **dict.fromkeys(("function_memory", "cold_start"), "function"),
    "counted": "checking",
    "page": "page",
    **dict.fromkeys(("bill", "athena"), "paper"),
}
DOCUMENT = ROOT / "docs" / "performance.md"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="try the benchmark itself")
    parser.add_argument("--only", help="parts, separated by commas")
    parser.add_argument("--runs", type=int, default=5, help="runs of each load; 5 by default")
    options = parser.parse_args()
    quick = [part for part in PARTS if PARTS[part] != "function"]
    options.only = options.only.split(",") if options.only else quick if options.quick else [*PARTS]
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"--only names '{', '.join(unknown)}'; must be of {', '.join(PARTS)}")
    options.runs = 1 if options.quick else options.runs
    return options


def main() -> None:
    options = parse()
    found = {"machine": measured_with(options.runs)}
    with tempfile.TemporaryDirectory() as folder:
        options.folder = Path(folder)
        for part in options.only:
            began = time.monotonic()
            found[part] = getattr(import_module(f"bench.{PARTS[part]}"), part)(options)
            print(f"\n## {part}\n\n{found[part]}", flush=True)
            print(f"{part}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    if not options.quick and set(options.only) == set(PARTS):
        document = DOCUMENT.read_text()
        for name, text in found.items():
            document = fill(document, name, text)
        DOCUMENT.write_text(document)


if __name__ == "__main__":
    main()
