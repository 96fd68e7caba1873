"""The loader against the floor, alternating, in one run: processor, time, memory."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from . import loads
from .children import own_peak_mb
from .limit_parts import PARTS
from .text import spread, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .children import Usage
    from .loads import Load
    from .options import Options

MOST_CPU, MOST_WALL = 1.3, 1.10
MOST_MB, MOST_MB_OF_ANY, MOST_GROWTH = 100, 256, 1.10
LATENCIES = (20, 100)


@dataclass(frozen=True)
class Race:
    """Pairs of the loader's and the floor's runs, one right after the other."""

    load: Load
    pairs: Sequence[tuple[Usage, Usage]]

    def row(self, measure: Callable[[Usage], float], most: float) -> list[str]:
        ours, floor = ([measure(pair[side]) for pair in self.pairs] for side in (0, 1))
        ratios = [one / other for one, other in zip(ours, floor, strict=True)]
        return [
            self.load.title, f"{median(ours):.2f}", f"{median(floor):.2f}",
            f"**{median(ratios):.2f}**", spread(ratios), verdict(median(ratios), most, "times"),
        ]  # fmt: skip

    @property
    def peak_mb(self) -> float:
        return median(ours.peak_mb for ours, _ in self.pairs)


def race(load: Load, options: Options, latency_ms: float = 0) -> Race:
    with load.double(latency_ms) as double:
        load.by_loader(double, options.folder)  # whoever comes first would find cold caches
        pairs = [
            (load.by_loader(double, options.folder), load.by_floor(double, options.folder))
            for _ in range(options.runs)
        ]
    return Race(load, pairs)


def cpu(options: Options) -> dict[str, str]:
    """Processor seconds, and the memory of the same runs; a profile of the loader."""
    chosen = [options.size(load) for load in (loads.CODING, loads.USAGE, loads.COST)]
    races = [race(load, options) for load in chosen]
    rows = [one.row(lambda used: used.cpu, MOST_CPU) for one in races]
    head = ["load", "loader s", "floor s", "ratio", "lowest to highest", "target"]
    return {
        "cpu": table(head, rows),
        "limit": limit(races, options),
        "profile": profile(chosen[0], options),
        "profile-cost": profile(chosen[2], options),
    }


def wall(options: Options) -> dict[str, str]:
    load = options.size(loads.CODING)
    rows = [
        [f"{ms} ms", *race(load, options, ms).row(lambda used: used.wall, MOST_WALL)]
        for ms in LATENCIES
    ]
    head = ["latency", "load", "loader s", "floor s", "ratio", "lowest to highest", "target"]
    return {"wall": table(head, rows)}


def memory(options: Options) -> dict[str, str]:
    """Peak resident size, the usual day against one of ten times the records."""
    peaks = {}
    for load in (loads.CODING, loads.TENFOLD, loads.USAGE, loads.COST, loads.LARGE_PAGE):
        chosen = options.size(load)
        with chosen.double() as double:
            used = [chosen.by_loader(double, options.folder) for _ in range(options.runs)]
        peaks[load] = chosen.title, [one.peak_mb for one in used]
    assert min(min(peak) for _, peak in peaks.values()) > own_peak_mb()
    usual = median(peaks[loads.CODING][1])
    most = {loads.LARGE_PAGE: MOST_MB_OF_ANY}
    rows = [
        [
            title, f"**{median(peak):.0f}**", spread(peak, 1),
            verdict(median(peak), most.get(load, MOST_MB), "MB"),
        ]
        for load, (title, peak) in peaks.items()
    ]  # fmt: skip
    growth = median(peaks[loads.TENFOLD][1]) / usual
    rows.append(["ten times the records in a day, against the usual", f"**{growth:.2f} times**", "",
                 verdict(growth, MOST_GROWTH, "times")])  # fmt: skip
    return {"memory": table(["load", "peak MB", "lowest to highest", "target"], rows)}


def limit(races: Sequence[Race], options: Options) -> str:
    """The processor seconds that are there whatever the code around them does."""
    columns = []
    for one in races:
        with one.load.double() as double:
            said = one.load.by_floor(double, options.folder, "bench.limit")
            start = one.load.by_loader(double, options.folder, dry=True).cpu
        seconds = {"start": start, **json.loads(said.output)}
        columns.append([seconds[name] for name in PARTS])
    rows = [
        [title, *(f"{column[at]:.2f}" for column in columns)]
        for at, title in enumerate(PARTS.values())
    ]
    floors = [median(floor.cpu for _, floor in one.pairs) for one in races]
    rows.append(["together", *(f"{sum(column):.2f}" for column in columns)])
    rows.append([
        "against the floor",
        *(f"**{sum(column) / floor:.2f}**" for column, floor in zip(columns, floors, strict=True)),
    ])  # fmt: skip
    return table(["processor s", *(one.load.title for one in races)], rows)


def profile(load: Load, options: Options) -> str:
    """The loader's main thread, by the functions that take the time themselves."""
    with load.double() as double:
        used = load.by_loader(double, options.folder, "-m", "bench.hotspots")
    total = re.search(r"in ([\d.]+) seconds", used.output)
    assert total, used.output
    line = r"^ +(\S+) +([\d.]+) +[\d.]+ +[\d.]+ +[\d.]+ (.+)$"
    found = re.findall(line, used.output, re.MULTILINE)
    rows = [
        [f"`{_short(where)}`", calls, f"{100 * float(own) / float(total[1]):.0f} %"]
        for calls, own, where in found[:12]
    ]
    return table(["function", "calls", "share of the time"], rows)


def _short(where: str) -> str:
    place, _, function = where.rpartition("(")
    file = re.sub(r"^.*/(src|site-packages|lib/python[\d.]+)/", "", place)
    return f"{re.sub(r':[0-9]+$', '', file)} {function.rstrip(')')}".strip("{} ")
