"""The lake in a folder. Objects are written aside and renamed into place."""

from __future__ import annotations

import os
import shutil
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LakeTrouble, LakeUnavailable
from . import Published
from .keys import day_of
from .packing import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ..tables import Table

PARTIAL_FOLDER = ".partial"
"""Where files are written before they are renamed; a run that was killed may leave some here."""


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
        aside = self._folder / PARTIAL_FOLDER / key.replace("/", "+")
        try:
            return FileUpload(aside, self._root / key)
        except OSError as error:
            raise LakeTrouble(f"cannot write {aside}: {error}") from error

    def days(self, table: Table) -> set[date]:
        files = (self._root / table.name).glob("date=*/*")
        keys = (file.relative_to(self._root).as_posix() for file in files)
        return {day for key in keys if (day := day_of(table, key))}

    def sweep(self) -> None:
        shutil.rmtree(self._folder / PARTIAL_FOLDER, ignore_errors=True)


def remove_if_empty(folder: Path) -> None:
    """Leave no trace of the folder for partial files, unless another one is being written."""
    with suppress(OSError):
        folder.rmdir()


class FileUpload:
    """A file on its way into the lake."""

    def __init__(self, aside: Path, target: Path) -> None:
        self._aside, self._target = aside, target
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
        self._file.close()
        self._aside.unlink(missing_ok=True)
        remove_if_empty(self._aside.parent)

    def _stored_digest(self) -> str | None:
        """The stored file's digest, taken from its content: a folder has no metadata to trust."""
        try:
            with self._target.open("rb") as stored:
                return digest_of(stored)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, zlib.error):
            return "damaged"
