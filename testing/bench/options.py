"""What was asked for on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .loads import QUICK

if TYPE_CHECKING:
    from pathlib import Path

    from .loads import Load


@dataclass(frozen=True)
class Options:
    """How much to measure, and where files may be put meanwhile."""

    folder: Path
    runs: int
    quick: bool
    cloud: Path
    """The interpreter of the emulated account's environment."""

    def size(self, load: Load) -> Load:
        return QUICK[load] if self.quick else load
