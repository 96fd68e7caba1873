"""The loader against the floor, and odd records against usual ones: time and memory."""

import resource
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from statistics import median

from .children import Usage
from .loads import CODING, COST, HALF, LARGE_PAGE, TENFOLD, USAGE, Load, sized
from .text import spread, table, verdict

MOST_CPU, MOST_WALL, MOST_ODD = 1.3, 1.1, 1.5
MOST_MB, MOST_MB_OF_ANY, MOST_GROWTH = 100, 256, 1.1
LATENCIES = (20, 100)
ODDITIES = {
    "unknown": "an unknown field in every record",
    "nested": "an unknown field in a nested object of every record",
    "absent": "a declared field missing from every record",
    "mistyped": "a value of another type in one record of a hundred",
    "decimals": "amounts with 15 decimals",
}
IMPOSSIBLE = {("cost_report", "nested"), ("usage_report", "decimals")}
COMPARISON = ["ratio", "lowest to highest", "target"]

Pairs = list[tuple[Usage, Usage]]


def paired(options: Namespace, one: Callable[[], Usage], other: Callable[[], Usage]) -> Pairs:
    """Both in turn, after a run that warms the caches."""
    if not options.quick:
        one()
    return [(one(), other()) for _ in range(options.runs)]


def against_floor(load: Load, options: Namespace, latency_ms: int = 0) -> Pairs:
    with load.double(latency_ms) as api:
        sides = (partial(side, api, options.folder) for side in (load.by_loader, load.by_floor))
        return paired(options, *sides)


def compared(pairs: Pairs, measure: str, most: float) -> list[str]:
    """The cells of a comparison: medians, and the median of the pairs' ratios."""
    ours, theirs = ([getattr(pair[side], measure) for pair in pairs] for side in (0, 1))
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    ratio = median(ratios)
    seconds = [f"{median(ours):.2f}", f"{median(theirs):.2f}"]
    return [*seconds, f"**{ratio:.2f}**", spread(ratios), verdict(ratio, most, "times")]


def cpu(options: Namespace) -> str:
    """Processor seconds of a whole load, against the floor's."""
    loads = sized(options, CODING, USAGE, COST)
    rows = [[one.title, *compared(against_floor(one, options), "cpu", MOST_CPU)] for one in loads]
    return table(["load", "loader s", "floor s", *COMPARISON], rows)


def cliff(options: Namespace) -> str:
    """Processor seconds of a load whose records are odd, against the usual one's."""
    loads = sized(options, CODING, *([] if options.quick else [USAGE, COST]))
    tried = [*ODDITIES][:2] if options.quick else [*ODDITIES]
    ratios = [odd_ratios(load, tried, options) for load in loads]
    rows = []
    for oddity in tried:
        found = [one.get(oddity) for one in ratios]
        cells = [f"**{median(some):.2f}** ({spread(some)})" if some else "" for some in found]
        worst = max(median(some) for some in found if some)
        rows.append([ODDITIES[oddity], *cells, verdict(worst, MOST_ODD, "times")])
    return table(["odd / usual", *(load.title for load in loads), "target"], rows)


def odd_ratios(load: Load, tried: list[str], options: Namespace) -> dict[str, list[float]]:
    """The ratio of each pair, for each of the oddities that the table's records can have."""
    found = {}
    with load.double() as usual:
        for oddity in tried:
            if (load.table, oddity) not in IMPOSSIBLE:
                with load.double(oddity=oddity) as odd:
                    sides = (partial(load.by_loader, api, options.folder) for api in (odd, usual))
                    pairs = paired(options, *sides)
                found[oddity] = [one.cpu / other.cpu for one, other in pairs]
    return found


def wall(options: Namespace) -> str:
    """Seconds of a first load if every answer of the API takes so long."""
    [load] = sized(options, HALF)
    rows = [
        [f"{ms} ms", *compared(against_floor(load, options, ms), "wall", MOST_WALL)]
        for ms in LATENCIES
    ]
    return table([f"latency, {load.title}", "loader s", "floor s", *COMPARISON], rows)


def memory(options: Namespace) -> str:
    """Peak resident size; a usual day against one of ten times the records."""
    loads = sized(options, CODING, TENFOLD, USAGE, COST, LARGE_PAGE)
    peaks = [_peak_mb(load, options) for load in loads]
    # A child's peak begins with its parent's size: this process must be the smaller one.
    assert min(peaks) > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = [
        [load.title, f"**{peak:.0f} MB**", verdict(peak, most, "MB")]
        for load, peak, most in zip(loads, peaks, [*[MOST_MB] * 4, MOST_MB_OF_ANY], strict=True)
    ]
    growth, title = peaks[1] / peaks[0], "ten times the records in a day, compared with the usual"
    rows.append([title, f"**{growth:.2f} times**", verdict(growth, MOST_GROWTH, "times")])
    return table(["load", "peak", "target"], rows)


def _peak_mb(load: Load, options: Namespace) -> float:
    with load.double() as api:
        return median(load.by_loader(api, options.folder).peak_mb for _ in range(options.runs))
