"""The key's organization, asked once at the start of a run and compared with the lake's."""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import TYPE_CHECKING

from claude_admin_lake.errors import LoaderError, RunError, Unreachable, WrongOrganization
from claude_admin_lake.plan.read import Read
from claude_admin_lake.source.api import Meter
from claude_admin_lake.source.pages import read_page
from claude_admin_lake.source.query import first_query
from claude_admin_lake.source.steps import Answered
from claude_admin_lake.state import Identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.settings import Settings
    from claude_admin_lake.source.api import AdminApi
    from claude_admin_lake.source.pages import Page
    from claude_admin_lake.state import Lease, State
    from claude_admin_lake.tables import Table

_log = logging.getLogger(__name__)


def ask(table: Table, api: AdminApi, settings: Settings) -> Answered:
    """Ask the API which organization the credential belongs to.

    Raises CredentialError and Unreachable; other errors, which don't end the run, are returned.
    """
    meter = Meter()
    try:
        query = first_query(Read(table), settings)
        page = api.get(query, partial(read_page, table.paging), meter)
    except (RunError, Unreachable):
        raise
    except LoaderError as error:
        return Answered(meter, error=error)
    return Answered(meter, page)


def confirm(
    answered: Answered,
    request: Request,
    state: State,
    lease: Lease,
    credentials: str,
    forget: Callable[[], None],
) -> None:
    """Compare the answer with the recorded identity; record it at the first load or to adopt it.

    `forget` is called before another organization is recorded than was known.

    Raises WrongOrganization if they differ. `credentials` describes where the key is stored. If the
    API does not tell which organization it is, the run continues.
    """
    found = compare(answered, request, state, credentials)
    known = state.identity()
    if found and known and known.id != found.id:
        forget()
    if found and found != known:
        state.record(found, lease)


def compare(
    answered: Answered, request: Request, state: State, credentials: str
) -> Identity | None:
    """The key's organization, if known. Raises WrongOrganization if it is not the lake's."""
    found = _identity(answered.page) if answered.page else None
    if found is None:
        why = answered.error or "it names no organization"
        _log.warning("the API does not say which organization the key belongs to: %s", why)
        return None
    known = state.identity()
    if known and known.id != found.id and not request.adopt:
        raise WrongOrganization(_mismatch(known, found, request.organization, credentials))
    return found


def _identity(page: Page) -> Identity | None:
    try:
        record = json.loads(bytes(page.records[0]))
    except ValueError:  # such as a number with too many digits
        return None
    found, name = record.get("id"), record.get("name")
    if not isinstance(found, str) or not found:
        return None
    return Identity(found, name if isinstance(name, str) else None)


def _mismatch(known: Identity, found: Identity, organization: str, credentials: str) -> str:
    adopt = json.dumps({"organization": organization, "adopt": True})
    return (
        f"the key in {credentials} belongs to the organization {found}, but {organization!r} in"
        f" this lake is {known}; nothing was written. Store the key of {known}, or load {found}"
        f" under a name of its own (ORGANIZATIONS). To continue this lake with {found}: {adopt}"
    )
