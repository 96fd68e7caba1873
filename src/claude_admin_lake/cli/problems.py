"""The problems of a load: each error once, then the remedy. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REMEDIES = {
    "forbidden": " Give the key's owner the role that may read this, or leave it out (TABLES).",
    "unfinished": " Run the same command again to continue.",
}
_MAY_PASS = re.compile(
    r"HTTP (429|5\d\d)|broke off|stopped answering|cannot connect|cannot be resolved"
)
_RETRY = " Run the same command again to retry; what was loaded is kept."
_BUSY = (
    "Another load into this lake is running, so this one read and wrote nothing."
    " Try again when it has finished."
)
_DIFFERING = re.compile(r"/v1/\S*: |request-id \S+?(?=[:,])|(?<=not begun: ).*")
"""What differs between equal errors: paths, request ids, and where a run ended."""

_PATH = re.compile(r"^(\S+/\S+: )?/v1/\S*: ")


def problems(result: Mapping[str, Any]) -> list[str]:
    """The problems of a load of one organization or several, and its notes."""
    lines = []
    for organization, one in result.get("organizations", {"": result}).items():
        prefix = f"{organization}: " if organization else ""
        lines += [f"{prefix}{line}" for line in _problems(one)]
    return lines


def _problems(result: Mapping[str, Any]) -> Iterator[str]:
    if result["status"] == "failed":
        yield f"error: {result['error']}"
        return
    if result["status"] == "busy":
        yield f"busy: {_BUSY}"
    groups: dict[tuple[str, str], list[str]] = {}
    tables = result.get("tables", {})
    offered = sum(1 for one in tables.values() if one["status"] != "not_offered")
    for name, one in tables.items():
        if one.get("error") and one["status"] != "not_offered":
            groups.setdefault((one["status"], _DIFFERING.sub("", one["error"])), []).append(name)
    for (status, _), names in groups.items():
        whose = "all tables" if len(names) == offered > 1 else ", ".join(names)
        error = _PATH.sub(r"\1", tables[names[0]]["error"]).rstrip(".")
        remedy = _RETRY if _MAY_PASS.search(error) else _REMEDIES.get(status, "")
        yield f"{status}: {whose}: {error}.{remedy}"
    for note in result.get("notes", ()):
        yield f"note: {note}."
