"""Planned changes of the spend while a client reads it page by page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from admin_double import ledger
from admin_double.chance import identifier
from admin_double.ledger import LedgerLine
from admin_double.prices import FLEX, MODELS, SHORT
from admin_double.spend import Usage
from admin_double.wire import midnight

CHANGES = ("added", "removed", "refreshed")
LATE_TOKENS = (90_000_000, 90_000_000, 0, 0, 0)
Test = Callable[[Usage], bool]


@dataclass(kw_only=True)
class Move:
    """A planned change; `done` counts how often it happened."""

    change: str
    table: str | None = None
    times: int = 1
    silently: bool = False
    done: int = 0

    def __post_init__(self) -> None:
        if self.change not in CHANGES:
            raise ValueError(f"change is {self.change!r}; must be one of {', '.join(CHANGES)}")


@dataclass
class Movements:
    """All planned moves, and the changes that happened.

    `refreshes` counts how often the analytics data was refreshed, `revision` counts changes.
    """

    refreshes: int = 0
    revision: int = 0
    _planned: list[Move] = field(default_factory=list)
    _added: dict[date, list[Usage]] = field(default_factory=dict)
    _removed: dict[date, list[Test]] = field(default_factory=dict)

    def plan(self, move: Move) -> Move:
        """Plan a move."""
        self._planned.append(move)
        return move

    def due(self, table: str) -> Move | None:
        """The oldest move for a table that still has to happen."""
        waiting = (each for each in self._planned if each.done < each.times)
        return next((each for each in waiting if each.table in (None, table)), None)

    def refresh(self, move: Move) -> None:
        """Count a move, and move the frontier unless it happens silently."""
        move.done += 1
        self.refreshes += not move.silently

    def happen(self, move: Move, day: date, workspace_id: str | None, served: Test) -> None:
        """Carry out a move: add usage to a day, or remove the usage that was served."""
        self.refresh(move)
        self.revision += 1
        if move.change == "added":
            late = _late_usage(self.revision, day, workspace_id)
            self._added.setdefault(day, []).append(late)
        if move.change == "removed":
            self._removed.setdefault(day, []).append(served)

    def usages(self, day: date, usages: Sequence[Usage]) -> list[Usage]:
        """The usage of a day after all changes."""
        kept = [used for used in usages if not self._gone(day, used)]
        return [*kept, *(used for used in self._added.get(day, ()) if not self._gone(day, used))]

    def ledger(self, day: date, lines: Sequence[LedgerLine]) -> list[LedgerLine]:
        """The lines of spend of a day after all changes."""
        kept = [line for line in lines if line.used is None or not self._gone(day, line.used)]
        added = (used for used in self._added.get(day, ()) if not self._gone(day, used))
        return [*kept, *(line for used in added for line in ledger.lines(used))]

    def changed(self, name: str, day: date, rows: Sequence[Any]) -> list[Any]:
        """The rows of an organization's method after all changes."""
        if not self.revision:
            return list(rows)
        if name == "usages":
            return self.usages(day, rows)
        return self.ledger(day, rows) if name == "ledger" else list(rows)

    def _gone(self, day: date, used: Usage) -> bool:
        return any(test(used) for test in self._removed.get(day, ()))


def _late_usage(number: int, day: date, workspace_id: str | None) -> Usage:
    """Usage in a combination of its own, whose size puts its row first in the day."""
    model = MODELS[number % len(MODELS)].name
    return Usage(
        midnight(day),
        workspace_id,
        identifier("apikey", "late", number, day),
        None,
        None,
        model,
        FLEX,
        SHORT,
        "not_available",
        "standard",
        LATE_TOKENS,
        0,
    )
