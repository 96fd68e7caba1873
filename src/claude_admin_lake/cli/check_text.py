"""The result of a check, as people read it on a terminal. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claude_admin_lake import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]

_WORDS = {
    "loaded": "would be loaded",
    "forbidden": "is forbidden",
    "failed": "cannot be read now",
}


def lines(result: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a check of one organization or several."""
    for organization, one in result.get("organizations", {"": result}).items():
        if organization:
            yield f"Organization {organization}:"
        yield from _shapes(one["shapes"]) if "shapes" in one else _one(one)


def _one(result: Mapping[str, Any]) -> Iterator[str]:
    if result["status"] == "failed":
        yield f"A load could not begin: {result['error']}"
    else:
        yield from _whose(result)
        width = max(map(len, result["tables"]), default=0)
        for name, one in result["tables"].items():
            if one["status"] != "not_offered":
                yield f"  {name:{width}}  {_table(one)}"
        yield from _absent(result["tables"])
    wrong = [
        f"{name}: {what}" for name, what in result.get("surroundings", {}).items() if what != "ok"
    ]
    yield from wrong or ["Lake, cursors, credential and clock are fine."] * ("key" in result)
    if "first_load" in result:
        yield from _first_load(result)


def _whose(result: Mapping[str, Any]) -> Iterator[str]:
    whose = result["claude_organization"]
    yield (
        f"The key belongs to {whose['name']!r} ({whose['id']})."
        if whose
        else ("The API does not say whose key it is.")
    )
    kinds = {name: kind for name, kind in result["key"].items() if name != "place"}
    yield f"It is in {result['key']['place']}: " + "; ".join(
        f"{name} is {kind}" for name, kind in kinds.items()
    )


def _table(one: Json) -> str:
    words = _WORDS[one["status"]]
    if one["status"] != "loaded":
        return f"{words}: {one['error']}. What to do: {one['todo']}"
    days = (
        f" from {one['oldest']}, newest day with data {one['newest'] or 'none'},"
        if "oldest" in one
        else ""
    )
    return f"{words}{days} in {_requests(one['requests'], at_least=one['at_least'])}"


def _absent(tables: Mapping[str, Any]) -> Iterator[str]:
    """The tables that are not offered, by the reason."""
    reasons: dict[str, list[str]] = {}
    for name, one in tables.items():
        if one["status"] == "not_offered":
            reasons.setdefault(one["error"].rpartition(" is not_offered: ")[2], []).append(name)
    for reason, names in reasons.items():
        yield f"Not offered: {', '.join(names)} ({reason})."


def _requests(number: int, *, at_least: bool) -> str:
    """A number of requests in words."""
    return f"{'at least ' * at_least}{number:,} request{'s' * (number != 1)}"


def _first_load(result: Mapping[str, Any]) -> Iterator[str]:
    one = result["first_load"]
    requests = _requests(one["requests"], at_least=one["at_least"])
    yield (
        f"A first load takes {requests} and {one['minutes']:,} minutes,"
        f" and on AWS it costs {one['dollars']:,} dollars."
    )
    if result["status"] == "complete":
        yield f"Next: {NAME} load"


def _shapes(tables: Mapping[str, Any]) -> Iterator[str]:
    for name, one in tables.items():
        yield f"{name} ({one['path']}): {one['status']}"
        for field in one["fields"]:
            seen = " or ".join(field["seen"]) or "-"
            note = f"  <- {field['note']}" if "note" in field else ""
            yield f"  {field['field']}: {seen} (declared {field['declared'] or '-'}){note}"
