"""What the server would serve of a table, all pages together."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import msgspec

from admin_double.catalogue import Catalogue, Slice
from admin_double.endpoint import Endpoint, KeyedBy
from admin_double.errors import ApiError
from admin_double.shelf import Rendered
from admin_double.wire import midnight

Key = date | str | None


def served(
    catalogue: Catalogue, endpoint: Endpoint, key: Key, group_by: Sequence[str] | None = None
) -> Rendered:
    """Every record of a table, or of one day or workspace of it."""
    if endpoint.report is None or not isinstance(key, date):
        return READERS[endpoint.keyed_by](catalogue, endpoint.table, key)
    group_by = endpoint.report.usual_group_by if group_by is None else group_by
    wanted = Slice(start=midnight(key), group_by=tuple(group_by))
    return catalogue.bucket(endpoint.table, endpoint.report, wanted)


def _listing(catalogue: Catalogue, table: str, _: Key) -> Rendered:
    return catalogue.listing(table)


def _coding(catalogue: Catalogue, _: str, day: Key) -> Rendered:
    assert isinstance(day, date)
    return catalogue.coding(day)


def _members(catalogue: Catalogue, _: str, workspace_id: Key) -> Rendered:
    if isinstance(workspace_id, str):
        return _members_or_none(catalogue, workspace_id)
    ids = [msgspec.json.decode(record)["id"] for record in catalogue.listing("workspaces")]
    return [member for each in ids for member in _members_or_none(catalogue, each)]


def _members_or_none(catalogue: Catalogue, workspace_id: str) -> Rendered:
    try:
        return catalogue.members(workspace_id)
    except ApiError:
        return []


READERS: Mapping[KeyedBy, Callable[[Catalogue, str, Key], Rendered]] = {
    KeyedBy.NOTHING: _listing,
    KeyedBy.DAY: _coding,
    KeyedBy.WORKSPACE: _members,
}
