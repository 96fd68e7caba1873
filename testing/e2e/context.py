"""State and helpers that the test steps share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from e2e.deployment import Sam, Stack

if TYPE_CHECKING:
    from pathlib import Path

    from admin_double.api import AdminDouble
    from e2e.account import Account

FIRST_LOAD_DAYS = 100
DATED = ("usage_report", "cost_report", "claude_code_usage")
SNAPSHOTS = ("organization", "workspaces", "workspace_members", "api_keys", "invites", "users")
SLOW = {"RequestsPerMinute": "150", "FunctionTimeout": "20"}
"""Slow enough for a first load of FIRST_LOAD_DAYS to need several invocations."""


class Proof:
    """One account, one API, one stack."""

    def __init__(self, account: Account, api: AdminDouble, sam: str, project: Path) -> None:
        self.account, self.api = account, api
        self.sam = Sam(sam, project, account.environment)
        self.stack = Stack(account, self.sam, "acme-lake")
        self.today = datetime.now(UTC).date()
        self.first_day = self.today - timedelta(days=FIRST_LOAD_DAYS)
        self.long_event = {
            "tables": ["claude_code_usage"],
            "start_date": str(self.first_day),
            "end_date": str(self.today - timedelta(days=2)),
        }

    @property
    def expected_cursors(self) -> dict[str, str]:
        """Return each table's last complete day; Claude Code's data is an hour late."""
        now = datetime.now(UTC)
        late = (now - timedelta(hours=1)).date() - timedelta(days=1)
        return {
            name: str(late if name == "claude_code_usage" else now.date() - timedelta(days=1))
            for name in DATED
        }


def check(found: Any, wanted: Any = True) -> None:  # noqa: FBT002
    if found != wanted:
        raise AssertionError(f"found {found!r}\nwanted {wanted!r}")
