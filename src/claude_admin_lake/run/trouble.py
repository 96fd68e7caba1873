"""Detects that the API or the lake is down, so that a run does not flood it with requests. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_admin_lake.errors import LakeTrouble, ServerTrouble

if TYPE_CHECKING:
    from claude_admin_lake.errors import SliceError

_SUSPICIOUS = 3
_HOPELESS = 10
"""Consecutive failures. Halving a range of 31 days down to a single day takes five."""

PAUSE_SECONDS = 10.0
"""Pause before each further attempt while the API or the lake seems to be down."""


class Trouble:
    """Counts consecutive failures whose cause affects other reads too."""

    def __init__(self) -> None:
        self._in_a_row = 0

    def stored(self) -> None:
        """Note a successful read."""
        self._in_a_row = 0

    def failed(self, error: SliceError) -> None:
        """Note a failed read. Other errors prove that the API answers."""
        down = isinstance(error, (ServerTrouble, LakeTrouble))
        self._in_a_row = self._in_a_row + 1 if down else 0

    @property
    def suspected(self) -> bool:
        """Whether to try something else, or something smaller, first."""
        return self._in_a_row >= _SUSPICIOUS

    @property
    def lasting(self) -> bool:
        """Whether each further read is only a probe, with a pause before it."""
        return self._in_a_row > _SUSPICIOUS

    @property
    def hopeless(self) -> bool:
        """Whether the run should end."""
        return self._in_a_row >= _HOPELESS
