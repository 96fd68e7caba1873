"""Loads of single tables, each with the key that it needs."""

import json
from datetime import date
from typing import Any

from claude_admin_lake.run.outcome import Outcome
from claude_admin_lake.tables import TABLES, Key, Table
from tests.guarantees.world import BOTH_KEYS, PARTITION, TOKEN, World, ago

BY_NAME = {table.name: table for table in TABLES}
YOUNG = tuple(table for table in TABLES if table.group in ("access", "enterprise", "activity"))


def key_for(table: Table) -> str:
    """The text of a secret with the credentials that a table needs."""
    return TOKEN if Key.OAUTH in table.access.keys else BOTH_KEYS


def load(world: World, name: str, event: dict[str, Any] | None = None) -> Outcome:
    """A run of one table that its group brought in, with the key that it needs."""
    world.store.give_key(key_for(BY_NAME[name]))
    result = world.run({"tables": [name], **(event or {})})
    return next(one for one in result.outcomes if one.table == name)


def current(world: World, name: str) -> list[dict[str, Any]]:
    """The rows of a list, as of now."""
    return world.rows(f"{name}/{PARTITION}/{name}.jsonl.gz")


def truth(world: World, name: str) -> list[bytes]:
    """The API's records of a list, with the parent's id where they do not have it themselves."""
    rule = BY_NAME[name].parent
    if rule is None or not rule.column:
        return world.api.truth_text(name)
    return [
        json.dumps({rule.column: parent["id"], **record}).encode()
        for parent in world.api.truth(rule.table)
        for record in world.api.truth(name, parent["id"])
    ]


def newest(name: str) -> date:
    """The newest day that is complete at six in the morning."""
    return ago(2) if BY_NAME[name].group == "enterprise" else ago(1)
