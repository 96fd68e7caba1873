"""The lake in a folder. Objects are written to a temporary file and renamed."""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from claude_admin_lake.errors import LakeTrouble, LakeUnavailable

from . import Published
from .keys import STATE, Keys, in_old_layout, old_layout
from .packing import digest_of, replacing, with_after, with_before

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path
    from typing import BinaryIO

    from claude_admin_lake.tables import Table

    from . import Watch

_PARTIAL = ".{}.partial"


def state_folder(folder: Path, organization: str) -> Path:
    """Where an organization's cursors, lock and partial files are."""
    return folder / STATE / organization


def names_below(root: Path, path: str) -> set[str]:
    """The names directly under a path of a lake in a folder."""
    folder = root / path
    return {one.name for one in folder.iterdir()} if folder.is_dir() else set()


def partial_file(state: Path, name: str) -> Path:
    """The temporary file for `name`; a killed run may leave it behind."""
    return state / _PARTIAL.format(name.replace("/", "+"))


class FolderLake:
    """An organization's lake under `folder`, which is created if it is missing."""

    def __init__(self, folder: Path, prefix: str, organization: str) -> None:
        self._folder, self._root = folder, folder / prefix
        self._keys = Keys(organization)
        self._state = state_folder(folder, organization)

    def check(self) -> None:
        """Accepts a missing folder if its nearest existing ancestor is writable."""
        candidates = (self._root, *self._root.absolute().parents)
        try:
            there = next(path for path in candidates if path.exists())
        except OSError as error:
            raise LakeUnavailable(f"cannot use {self._root}: {error.strerror}") from error
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise LakeUnavailable(f"cannot use {self._root}: {there} is not a writable folder")

    def check_layout(self) -> None:
        if (old := self._folder / "cursors.json").exists():
            raise LakeUnavailable(old_layout(str(old)))
        if found := in_old_layout(partial(names_below, self._root)):
            raise LakeUnavailable(old_layout(f"{self._root}/{found}"))

    def upload(
        self,
        key: str,
        fence: int,  # noqa: ARG002 - see FileState
        watch: Watch | None = None,
    ) -> FileUpload:
        temporary = partial_file(self._state, key)
        try:
            return FileUpload(temporary, self._root / key, watch)
        except OSError as error:
            raise LakeTrouble(f"cannot write {temporary}: {error}") from error

    def read(self, key: str) -> BinaryIO | None:
        try:
            return (self._root / key).open("rb")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LakeTrouble(f"cannot read {self._root / key}: {error}") from error

    def drop(self, prefix: str) -> None:
        for file in (self._root / prefix).glob("*"):
            with suppress(OSError):
                file.unlink()

    def days(self, table: Table) -> set[date]:
        files = (self._root / self._keys.partition(table.name)).glob("date=*/*")
        keys = (file.relative_to(self._root).as_posix() for file in files)
        return {day for key in keys if (day := self._keys.day_of(table, key))}

    def snapshots(self, table: Table) -> dict[date, str]:
        files = (self._root / self._keys.partition(f"{table.name}_history")).glob("*/*")
        keys = [file.relative_to(self._root).as_posix() for file in files]
        return {day: key for key in keys if (day := self._keys.snapshot_day_of(table, key))}

    def holds(self, table: Table) -> bool:
        return any((self._root / self._keys.partition(table.name)).rglob("*.gz"))

    def sweep(self) -> None:
        for file in self._state.glob(_PARTIAL.format("*")):
            with suppress(OSError):
                file.unlink()


class FileUpload:
    """A file being written to the lake."""

    def __init__(self, temporary: Path, target: Path, watch: Watch | None = None) -> None:
        self._temporary, self._target, self._watch = temporary, target, watch
        try:
            self._file = temporary.open("wb")
        except FileNotFoundError:
            temporary.parent.mkdir(parents=True, exist_ok=True)
            self._file = temporary.open("wb")

    def write(self, chunk: bytes) -> None:
        try:
            self._file.write(chunk)
        except OSError as error:
            raise LakeTrouble(f"cannot write {self._temporary}: {error}") from error

    def publish(self, digest: str, facts: Mapping[str, str]) -> Published:  # noqa: ARG002
        stored = self._stored_digest()
        try:
            if stored == digest:
                return Published(changed=False)
            self._file.close()
            effect = with_before(replacing(stored, digest), self._watch, self._content)
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._temporary.replace(self._target)
        except OSError as error:
            raise LakeTrouble(f"cannot write {self._target}: {error}") from error
        finally:
            self.discard()
        return with_after(effect, self._watch, self._content)

    def discard(self) -> None:
        with suppress(OSError):  # closing flushes, which fails on a full disk
            self._file.close()
        self._temporary.unlink(missing_ok=True)

    def _content(self) -> BinaryIO:
        return self._target.open("rb")

    def _stored_digest(self) -> str | None:
        """The digest of the stored file's content, since a folder has no metadata."""
        try:
            with self._target.open("rb") as stored:
                return digest_of(stored, self._watch.table.labels if self._watch else ())
        except FileNotFoundError:
            return None
        except (OSError, EOFError, zlib.error):
            return "damaged"
