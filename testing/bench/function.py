"""The function under Lambda's runtime client, as tables: memory, package, cold start."""

import json
from argparse import Namespace
from statistics import median

from .children import ROOT, plain_environment, run
from .text import amount, spread, table, verdict

CLOUD, SAM = (str(ROOT / name) for name in (".venv-cloud/bin/python", ".venv-sam/bin/sam"))
MOST_COLD, MOST_ZIP_MB, MOST_MB, MOST_MB_OF_SMALL = 0.8, 3, 256, 128


def _output(options: Namespace, *arguments: object) -> list[str]:
    """The lines that a module prints under the emulated account's interpreter."""
    command = [CLOUD, "-m", *map(str, arguments)]
    return run(command, plain_environment(), options.folder).output.splitlines()


def function_memory(options: Namespace) -> str:
    """The runs of `e2e.runtime`: the memory is a hard limit, the environment the template's."""
    place = options.folder / "runtime"
    lines = _output(options, "e2e.runtime", "--sam", SAM, "--folder", place, "--memory", MOST_MB)
    head, _, *runs = ([x.strip() for x in line.split("|")[1:-1]] for line in lines if "|" in line)
    rows = []
    for cells in runs:
        one = dict(zip(head, cells, strict=True))
        most = MOST_MB if "0,000" in one["run"] else MOST_MB_OF_SMALL
        target = verdict(float(one["peak MB"]), most, "MB")
        rows.append([*(one[name] for name in ("run", "rows", "s", "peak MB")), target])
    return table(["run", "rows", "s", "peak MB", "target"], rows)


def cold_start(options: Namespace) -> str:
    """From process start to the first request, in turn with plain imports; the package's size."""
    found = json.loads(_output(options, "bench.cold", options.folder / "cold", options.runs)[-1])
    ratio = median(ours / plain for ours, plain in found["pairs"])
    ours, plain = zip(*found["pairs"], strict=True)
    size, name = found["zip"], "the package, zipped" + " (not compiled)" * (not found["compiled"])
    met = verdict(ratio, MOST_COLD, "times"), verdict(size / 1e6, MOST_ZIP_MB, "MB")
    rows = [
        ["the function", f"{median(ours):.2f} s", spread(ours), f"**{ratio:.2f}**", met[0]],
        ["plain imports", f"{median(plain):.2f} s", spread(plain), "1.00", ""],
        [name, amount(size), "", "", met[1]],
    ]
    return table(["512 MB", "first request after", "lowest to highest", "ratio", "target"], rows)
