"""Notices that the API or the lake has stopped working, so that a run does not storm it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_admin_lake.errors import LakeTrouble, ServerTrouble

if TYPE_CHECKING:
    from claude_admin_lake.errors import SliceError

_SUSPICIOUS = 3
_HOPELESS = 10
"""Failures in a row. Reading ever smaller ranges, down to a day, takes five of them."""

PAUSE_SECONDS = 10.0
"""Before each further attempt at something that seems to be down."""


class Trouble:
    """Counts reads that failed in a row for reasons that would fail others too."""

    def __init__(self) -> None:
        self._in_a_row = 0

    def stored(self) -> None:
        """Note that something could be read and stored."""
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
