"""Keeps results small enough for the function's callers. Pure.

Step Functions, the queues and asynchronous invocations accept 256 kB, and people read less: the
limit is 32 kB. Nearly all results have a few kB; only many failed days of many tables need more.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_BYTES = 32_000

_DETAIL = ((2000, 100), (500, 30), (200, 10), (80, 3))
"""Characters kept of a text and items kept of a list; the first pair that is enough is used."""

_FIELDS_OF_THE_REQUEST = {
    "organization", "scheduled_time", "repair", "start_date", "end_date", "load_id",
}  # fmt: skip

Json = dict[str, Any]


def brief(answer: Mapping[str, Any]) -> Json:
    """The result, shortened as little as necessary.

    `remaining` stays an event that continues the work. If its days don't fit, it repeats the
    request, so more is re-read.
    """
    shorter: Json = dict(answer)
    for shorter in _ever_shorter(answer):
        if len(json.dumps(shorter)) <= MOST_BYTES:
            break
    return shorter


def _ever_shorter(answer: Mapping[str, Any]) -> Iterator[Json]:
    yield dict(answer)
    for characters, items in _DETAIL:
        yield _each(answer, partial(_cut, characters=characters, items=items))
    characters, items = _DETAIL[-1]
    yield _each(answer, lambda one: _cut(_without_loaded(one), characters, items))
    yield _each(answer, lambda one: _cut(_without_tables(one), characters, items))
    names = list(answer.get("organizations", ()))
    while names:
        names = names[: len(names) // 2]
        kept = {name: answer["organizations"][name] for name in names}
        left_out = len(answer["organizations"]) - len(names)
        few = {**answer, "organizations": kept, "left_out": left_out}
        yield _each(few, lambda one: _cut(_without_tables(one), characters, items))


def _each(answer: Mapping[str, Any], change: Any) -> Json:
    """Change one organization's result, or each of several."""
    if "organizations" not in answer:
        return dict(change(answer))
    changed = {name: change(one) for name, one in answer["organizations"].items()}
    return {**answer, "organizations": changed}


def _cut(value: Any, characters: int, items: int) -> Any:
    """The value with long texts and lists cut, except in `remaining`."""
    if isinstance(value, str):
        return value if len(value) <= characters else f"{value[: characters - 1]}…"
    if isinstance(value, list):
        kept = [_cut(one, characters, items) for one in value[:items]]
        return kept if len(value) <= items else [*kept, f"… and {len(value) - items} more"]
    if isinstance(value, dict):
        return {
            name: one if name == "remaining" else _cut(one, characters, items)
            for name, one in value.items()
        }
    return value


def _without_loaded(one: Mapping[str, Any]) -> Json:
    """A result without the tables that were loaded."""
    tables = one.get("tables", {})
    kept = {name: table for name, table in tables.items() if table["status"] != "loaded"}
    return {**one, "tables": kept, "left_out": len(tables) - len(kept)}


def _without_tables(one: Mapping[str, Any]) -> Json:
    """A result without tables, whose `remaining` repeats the request."""
    shorter = {**one, "tables": {}, "left_out": len(one.get("tables", {}))}
    if remaining := one.get("remaining"):
        shorter["remaining"] = {
            name: value for name, value in remaining.items() if name in _FIELDS_OF_THE_REQUEST
        }
    return shorter
