"""Labels for things that share a name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Record = dict[str, Any]


def labelled(records: list[Record], *, several: bool) -> list[Record]:
    """Add a `label` to each record: its name, and what tells it from others of the same name.

    A record has an `organization`, an `id` and a `name`. With several organizations, the label
    names the organization; where names are equal, it has the id too.
    """
    named = {identity(one): _named(one, several=several) for one in records}
    uses = Counter(named.values())
    return [
        one | {"label": _label(named[identity(one)], one["id"], uses[named[identity(one)]])}
        for one in records
    ]


def identity(one: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return what makes a thing the same thing: its organization and its id."""
    return one["organization"], one["id"]


def _named(one: Record, *, several: bool) -> str:
    suffix = f" · {one['organization']}" if several and one["organization"] else ""
    return f"{one['name']}{suffix}"


def _label(name: str, identity: str | None, uses: int) -> str:
    return f"{name} ({identity})" if uses > 1 and identity else name
