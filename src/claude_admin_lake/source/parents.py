"""Records that have listings of their own, such as workspaces with their members."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.shapes.stamps import moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from claude_admin_lake.tables import Parent

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode
_NULL = msgspec.Raw(b"null")


class ParentRecord(NamedTuple):
    """A record with a listing of its own."""

    id: str
    may_lack_it: bool
    """It is archived, or the default workspace."""
    gone_on: date | None
    """The UTC day on which it was archived, if known."""


def id_text(parent: ParentRecord) -> msgspec.Raw:
    """The record's id as JSON."""
    return msgspec.Raw(msgspec.json.encode(parent.id))


def parent_of(raw: msgspec.Raw, rule: Parent) -> ParentRecord:
    """The record, as far as `rule` needs it. Raises BadAnswer if it has no id."""
    try:
        record = _fields(raw)
    except msgspec.DecodeError as error:
        raise BadAnswer(f"a record of {rule.table} is not an object: {error}") from error
    try:
        parent_id = _text(record.get("id", _NULL))
    except msgspec.DecodeError:
        parent_id = ""
    if not parent_id:
        raise BadAnswer(f"a record of {rule.table} has no id")
    gone = record.get(rule.gone_field, _NULL)
    return ParentRecord(parent_id, gone != _NULL or _is_unlisted(record, rule), _day(gone))


def _is_unlisted(record: Mapping[str, msgspec.Raw], rule: Parent) -> bool:
    try:
        return bool(rule.unlisted) and _text(record.get("name", _NULL)) == rule.unlisted
    except msgspec.DecodeError:
        return False


def _day(raw: msgspec.Raw) -> date | None:
    try:
        return moment(raw).date()
    except BadAnswer:
        return None
