"""Lakes made by hand: records become rows and objects by the loader's own code."""

import gzip
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec

from claude_admin_lake.lake.folder import FolderLake
from claude_admin_lake.lake.keys import Keys
from claude_admin_lake.records.layout import encoder
from claude_admin_lake.records.lines import LineMaker
from claude_admin_lake.run.seen import remember
from claude_admin_lake.tables import LOAD_RUNS, TABLES

Record = Mapping[str, Any]
TODAY = date(2026, 11, 20)
_BY_NAME = {table.name: table for table in TABLES}


class HandMade:
    """A folder that is filled object by object, for one organization."""

    def __init__(self, folder: Path, organization: str = "main") -> None:
        self.folder = folder
        self._keys = Keys(organization)

    def day(self, table: str, day: str, records: Iterable[Record]) -> None:
        declared = _BY_NAME[table]
        self._write(self._keys.dated(declared, date.fromisoformat(day)), _lines(table, records))

    def snapshot(self, table: str, day: str, records: Iterable[Record]) -> None:
        lines, declared = _lines(table, records), _BY_NAME[table]
        if declared.remembered:
            lake = FolderLake(self.folder, "", self._keys.organization)
            place = SimpleNamespace(lake=lake, keys=self._keys, lease=SimpleNamespace(fence=1))
            remember(declared, lines, date.fromisoformat(day), place, {})
        for key in self._keys.snapshot(declared, date.fromisoformat(day)):
            self._write(key, lines)

    def run(self, day: str, table: str, **columns: object) -> None:
        """A row of load_runs."""
        row = dict.fromkeys(column.name for column in LOAD_RUNS)
        row |= {"run_id": f"{day}-{table}", "table_name": table, "status": "loaded"}
        row |= {"mode": "incremental", "finished_at": f"{day}T05:00:00.5Z", **columns}
        key = self._keys.load_run(date.fromisoformat(day), row["run_id"])
        self._write(key, [encoder.encode(row)])

    def raw(self, key: str, text: bytes) -> None:
        """An object that no loader would write."""
        target = self.folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)

    def _write(self, key: str, lines: Iterable[bytes]) -> None:
        self.raw(key, gzip.compress(b"".join(line + b"\n" for line in lines)))


def _lines(table: str, records: Iterable[Record]) -> list[bytes]:
    raws = [msgspec.Raw(encoder.encode(dict(record))) for record in records]
    return LineMaker(_BY_NAME[table]).lines(raws, {}, None).splitlines()


def cost(cents: str, **columns: object) -> Record:
    """A result of cost_report."""
    return {
        "workspace_id": None, "description": "Tokens", "amount": cents, "currency": "USD",
        "cost_type": "tokens", "token_type": "output_tokens", "model": "m",
        "service_tier": "standard", "context_window": "0-200k", "inference_geo": None, **columns,
    }  # fmt: skip


DEFAULT = "wrkspc_default"
"""The default workspace, as the analytics name it."""


def analytics_cost(cents: str, listed: str | None = None, **group: Any) -> Record:
    """A row of analytics_cost or analytics_cost_by_actor."""
    dimensions = {
        "workspace_id": DEFAULT, "model": "m", "service_tier": "standard", "cost_type": "tokens",
        "context_window": "0-200k", "inference_geo": None, "token_type": "output_tokens",
        "actor": None, "actor_type": None, "api_key_id": None, "product": None,
    }  # fmt: skip
    return {
        "starting_at": "2026-11-01T00:00:00Z", "ending_at": "2026-11-02T00:00:00Z",
        "group": {**dimensions, **group},
        "cost": {"amount": cents, "list_amount": listed or cents, "currency": "USD"},
    }  # fmt: skip


def usage(output: int, key: str | None = "k1", **columns: object) -> Record:
    """A result of usage_report with output tokens only, unless told otherwise."""
    return {
        "uncached_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": output,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "server_tool_use": {"web_search_requests": 0}, "model": "m", "workspace_id": None,
        "api_key_id": key, "service_tier": "standard", "context_window": "0-200k", **columns,
    }  # fmt: skip


def coding(email: str | None = "a@example.com", **columns: object) -> Record:
    """A record of claude_code_usage."""
    who = {"type": "user_actor", "email_address": email}
    return {
        "date": "2026-11-19T00:00:00Z", "actor": who, "organization_id": "o",
        "customer_type": "subscription", "terminal_type": "vscode",
        "core_metrics": {
            "num_sessions": 1, "lines_of_code": {"added": 10, "removed": 2},
            "commits_by_claude_code": 1, "pull_requests_by_claude_code": 0,
        },
        "tool_actions": {"edit_tool": {"accepted": 3, "rejected": 1}},
        "model_breakdown": [], **columns,
    }  # fmt: skip


def user(name: str, role: str = "developer", **columns: object) -> Record:
    """A user of the organization."""
    return {
        "id": f"user_{name}", "type": "user", "email": f"{name}@example.com", "name": name,
        "role": role, "added_at": "2026-01-01T00:00:00Z", **columns,
    }  # fmt: skip


def api_key(key: str, **columns: object) -> Record:
    """An API key."""
    return {
        "id": key, "type": "api_key", "name": f"name of {key}", "status": "active",
        "created_at": "2026-01-01T00:00:00Z", "created_by": {"id": "user_ada", "type": "user"},
        "expires_at": None, "partial_key_hint": None, "principal": None,
        "scope": {"type": "workspace", "workspace_id": None}, "workspace_id": None, **columns,
    }  # fmt: skip


def workspace(name: str | None, **columns: object) -> Record:
    """A workspace."""
    return {
        "id": f"wrkspc_{name}", "type": "workspace", "name": name,
        "created_at": "2026-01-01T00:00:00Z", "archived_at": None, "tags": {}, **columns,
    }  # fmt: skip
