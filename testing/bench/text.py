"""Tables in Markdown, and their place in docs/performance.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(values: Sequence[float], digits: int = 2) -> str:
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"


def verdict(value: float, most: float, unit: str) -> str:
    """Judged as it is shown, to two decimals."""
    value = round(value, 2)
    return f"≤ {most:g} {unit}: {'met' if value <= most else '**not met**'}"


def amount(number: float) -> str:
    """Bytes in the unit that people would choose."""
    units = ["B", "kB", "MB", "GB", "TB"]
    while number >= 1000 and len(units) > 1:
        number, units = number / 1000, units[1:]
    digits = 0 if number >= 100 or units[0] == "B" else 1
    return f"{number:.{digits}f} {units[0]}"


def dollars(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}" if value else "0"


def fill(document: str, name: str, text: str) -> str:
    """The document with the text between the markers of that name; raises KeyError without."""
    begin, end = f"<!-- bench: {name} -->", "<!-- end -->"
    pattern = re.compile(re.escape(begin) + r"\n.*?" + re.escape(end), re.DOTALL)
    if not pattern.search(document):
        raise KeyError(name)
    return pattern.sub(lambda _: f"{begin}\n{text}\n{end}", document)
