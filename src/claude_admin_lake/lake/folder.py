"""The lake in a folder. Objects are written aside and renamed into place."""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from claude_admin_lake.errors import LakeTrouble, LakeUnavailable

from . import Published
from .keys import day_of
from .packing import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from claude_admin_lake.tables import Table

_PARTIAL = ".{}.partial"


def partial(folder: Path, name: str) -> Path:
    """Where a file is written before it is renamed; a run that was killed may leave it there."""
    return folder / _PARTIAL.format(name.replace("/", "+"))


class FolderLake:
    """The lake under `folder`, which is made if it is missing."""

    def __init__(self, folder: Path, prefix: str = "") -> None:
        self._folder = folder
        self._root = folder / prefix

    def check(self) -> None:
        """The folder need not exist yet; then its nearest ancestor must be open to us."""
        there = next(one for one in (self._root, *self._root.absolute().parents) if one.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise LakeUnavailable(f"cannot use {self._root}: {there} is no folder we may write to")

    def upload(self, key: str, fence: int) -> FileUpload:  # noqa: ARG002 - see FileState
        aside = partial(self._folder, key)
        try:
            return FileUpload(aside, self._root / key)
        except OSError as error:
            raise LakeTrouble(f"cannot write {aside}: {error}") from error

    def days(self, table: Table) -> set[date]:
        files = (self._root / table.name).glob("date=*/*")
        keys = (file.relative_to(self._root).as_posix() for file in files)
        return {day for key in keys if (day := day_of(table, key))}

    def sweep(self) -> None:
        for file in self._folder.glob(_PARTIAL.format("*")):
            with suppress(OSError):
                file.unlink()


class FileUpload:
    """A file on its way into the lake."""

    def __init__(self, aside: Path, target: Path) -> None:
        self._aside, self._target = aside, target
        try:
            self._file = aside.open("wb")
        except FileNotFoundError:
            aside.parent.mkdir(parents=True, exist_ok=True)
            self._file = aside.open("wb")

    def write(self, chunk: bytes) -> None:
        try:
            self._file.write(chunk)
        except OSError as error:
            raise LakeTrouble(f"cannot write {self._aside}: {error}") from error

    def publish(self, digest: str, facts: Mapping[str, str]) -> Published:  # noqa: ARG002
        stored = self._stored_digest()
        try:
            if stored == digest:
                return Published(changed=False)
            self._file.close()
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._aside.replace(self._target)
        except OSError as error:
            raise LakeTrouble(f"cannot write {self._target}: {error}") from error
        finally:
            self.discard()
        return Published(changed=True, replaced=stored is not None)

    def discard(self) -> None:
        with suppress(OSError):  # a full disk cannot take what is still to be written
            self._file.close()
        self._aside.unlink(missing_ok=True)

    def _stored_digest(self) -> str | None:
        """The stored file's digest, taken from its content: a folder has no metadata to trust."""
        try:
            with self._target.open("rb") as stored:
                return digest_of(stored)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, zlib.error):
            return "damaged"
