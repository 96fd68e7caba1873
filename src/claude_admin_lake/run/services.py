"""The dependencies of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from claude_admin_lake.clock import Clock, Deadline
    from claude_admin_lake.lake import Lake
    from claude_admin_lake.settings import Settings
    from claude_admin_lake.source.api import AdminApi
    from claude_admin_lake.source.credential import CredentialSource
    from claude_admin_lake.state import State
    from claude_admin_lake.tables import Table

    from .outcome import Outcome


class Services(Struct, frozen=True, kw_only=True):
    """The settings, the declarations and everything outside the process; see `wiring`."""

    settings: Settings
    tables: Mapping[str, Table]
    lake: Lake
    state: State
    credentials: CredentialSource
    api: AdminApi
    clock: Clock
    deadline: Deadline

    progress: Callable[[Outcome], None] = lambda _: None
