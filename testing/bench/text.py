"""Tables in Markdown, and their marks in docs/performance.md."""

import os
import platform
import re
import sys
import time
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(values: Sequence[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"


def verdict(value: float, most: float, unit: str) -> str:
    """The target and whether it is met, judged by the two decimals that are shown."""
    return f"≤ {most:g} {unit}: {'met' if round(value, 2) <= most else '**not met**'}"


def amount(number: float) -> str:
    """Bytes, in the largest unit that leaves a whole number."""
    units = ["B", "kB", "MB", "GB", "TB"]
    while number >= 1000 and len(units) > 1:
        number, units = number / 1000, units[1:]
    digits = 0 if number >= 100 or units[0] == "B" else 1
    return f"{number:.{digits}f} {units[0]}"


def dollars(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{float(f'{value:.2g}'):.7f}".rstrip("0")


def measured_with(runs: int) -> str:
    """How often, when and on what machine the tables were measured."""
    machine = f"{os.cpu_count()} processors ({platform.machine()}), Python {sys.version.split()[0]}"
    return f"Measured {time.strftime('%Y-%m-%d', time.gmtime())}, {runs} runs of each, {machine}."


def fill(document: str, name: str, text: str) -> str:
    """The document with this text below the mark of that name, instead of the lines up to the
    next blank one; KeyError if there is no such mark."""
    mark = f"<!-- bench: {name} -->\n"
    if mark not in document:
        raise KeyError(name)
    return re.sub(re.escape(mark) + r"(?:.+\n)*", lambda _: f"{mark}{text}\n", document)
