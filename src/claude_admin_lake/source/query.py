"""The requests of a read: path, parameters and headers of its first page. Pure."""

from urllib.parse import quote

from msgspec import Struct, field
from msgspec.structs import replace

from claude_admin_lake.errors import BadAnswer
from claude_admin_lake.plan.read import Read
from claude_admin_lake.settings import Settings
from claude_admin_lake.tables import Key, Optional

Parameters = tuple[tuple[str, str], ...]

# Dimensions that the API serves only if a beta header asks for them (Usage and Cost API).
_BETA = {"speed": "fast-mode-2026-02-01"}


class Query(Struct, frozen=True):
    """A request without base URL and credential: a POST if it has a body, else a GET."""

    path: str
    parameters: Parameters = ()
    headers: dict[str, str] = field(default_factory=dict)
    keys: tuple[Key, ...] = (Key.API,)
    """The kinds of credential that the endpoint accepts, the preferred one first."""
    body: bytes | None = None
    optional: Parameters = ()
    """Parameters that an older API refuses; without them it answers with less."""
    is_first: bool = True
    """Whether it asks for the first page of a listing."""

    @property
    def required(self) -> "Query":
        """The query for an API that does not know the optional parameters."""
        kept = tuple(one for one in self.parameters if one not in self.optional)
        return replace(self, parameters=kept, optional=())

    def page(self, parameter: str, token: str) -> "Query":
        """The same query for a further page: one more parameter, all others unchanged."""
        parameters = (*self.parameters, (parameter, token))
        return replace(self, parameters=parameters, is_first=False)


def first_query(read: Read, settings: Settings, parent_id: str = "") -> Query:
    """The query for the first page of a read."""
    table = read.table
    parameters: list[tuple[str, str]] = list(table.params)
    optional = tuple(one for one in table.params if isinstance(one, Optional))
    dimensions: tuple[str, ...] = ()
    if table.days and read.days:
        dimensions = table.days.group_by(settings)
        parameters += table.days.shape.parameters(read.days)
        parameters += [("group_by[]", dimension) for dimension in dimensions]
    if table.paging.limit:
        parameters.append(("limit", str(table.paging.limit)))
    betas = [_BETA[dimension] for dimension in dimensions if dimension in _BETA]
    if table.access.beta:
        betas.insert(0, table.access.beta)
    headers = {"anthropic-version": settings.api_version}
    if betas:
        headers["anthropic-beta"] = ",".join(betas)
    path = table.path.format(parent_id=_segment(parent_id))
    return Query(path, tuple(parameters), headers, table.access.keys, optional=optional)


def _segment(parent_id: str) -> str:
    """An id as a path segment.

    Raises BadAnswer if it is only dots, which would lead to another endpoint, or has a slash, which
    some servers decode.
    """
    if parent_id and (parent_id.strip(".") == "" or {*parent_id} & {*"/\\"}):
        raise BadAnswer(f"the API sent the id {parent_id[:80]!r}, which cannot be part of a path")
    return quote(parent_id, safe="")
