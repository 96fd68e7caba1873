"""Cursors in a file beside the lake, for laptops; the lease is a lock released on exit."""

from __future__ import annotations

import fcntl
import json
import logging
import os
from typing import TYPE_CHECKING, Any

from claude_admin_lake.errors import StateError, Superseded
from claude_admin_lake.lake.folder import partial_file, state_folder

from . import Identity, Lease, cursor_from, cursor_texts, day_from, start_from, start_texts

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from claude_admin_lake.plan.cursor import Cursor
    from claude_admin_lake.plan.start import Start

_log = logging.getLogger(__name__)

CURSOR_FILE = "cursors.json"
IDENTITY_FILE = "identity.json"
START_FILE = "start.json"
SNAPSHOT_FILE = "snapshots.json"


class FileState:
    """An organization's state in `_state/<organization>/cursors.json` of a lake's folder.

    A lock on that folder lets only one run work at a time.
    """

    def __init__(self, folder: Path, organization: str) -> None:
        self._folder = state_folder(folder, organization)
        self._file = self._folder / CURSOR_FILE
        self._identity = self._folder / IDENTITY_FILE
        self._start = self._folder / START_FILE
        self._snapshots = self._folder / SNAPSHOT_FILE
        self._lock: int | None = None

    def acquire(self, owner: str, now: datetime, expires: datetime) -> Lease | None:  # noqa: ARG002
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._folder, os.O_RDONLY)
        except OSError as error:
            raise StateError(
                f"cannot create the folder {self._folder} ({error.strerror});"
                " choose one that you may write to"
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        self._lock = handle
        return Lease(owner, 0, expires)

    def release(self, lease: Lease) -> None:  # noqa: ARG002
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def identity(self) -> Identity | None:
        found = _read(self._identity)
        if not found:
            return None
        if not isinstance(found.get("id"), str):
            raise StateError(f"{self._identity} is not a valid file of an organization")
        return Identity(found["id"], found.get("name"))

    def record(self, identity: Identity, lease: Lease) -> None:  # noqa: ARG002
        self._write(self._identity, {"id": identity.id, "name": identity.name})

    def start(self) -> Start | None:
        return start_from(_read(self._start))

    def keep_start(self, start: Start, lease: Lease) -> None:  # noqa: ARG002
        self._write(self._start, start_texts(start))

    def read_day(self, table: str) -> date | None:
        return day_from(self._read_days().get(table))

    def keep_read_day(self, table: str, day: date, lease: Lease) -> None:  # noqa: ARG002
        self._write(self._snapshots, {**self._read_days(), table: str(day)})

    def _read_days(self) -> dict[str, Any]:
        """Without the file, more is read than necessary."""
        try:
            return _read(self._snapshots)
        except StateError as error:
            _log.warning("all is read again: %s", error)
            return {}

    def cursor(self, table: str) -> Cursor:
        return cursor_from(table, _read(self._file).get(table, {}))

    def move(self, table: str, cursor: Cursor, lease: Lease, *, back: bool = False) -> None:  # noqa: ARG002
        cursors = _read(self._file)
        stored = cursor_from(table, cursors.get(table, {}))
        if stored.date and not back and (cursor.date is None or cursor.date < stored.date):
            raise Superseded(f"the cursor of {table} is at {stored.date} already")
        self._write(self._file, {**cursors, table: cursor_texts(cursor)})

    def _write(self, file: Path, content: object) -> None:
        """Replace a file as a whole."""
        try:
            new = partial_file(self._folder, file.name)
            new.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
            new.replace(file)
        except OSError as error:
            raise StateError(f"cannot write {file}: {error}") from error


def _read(file: Path) -> dict[str, Any]:
    """The JSON object in a file; empty if there is no file."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StateError(f"cannot read {file}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise StateError(
            f"{file} is not valid JSON ({error}); restore it, or delete it to load all again"
        ) from error
    if not isinstance(found, dict):
        raise StateError(f"{file} holds {type(found).__name__}; must be a JSON object")
    return found
