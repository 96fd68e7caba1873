"""A lake as the engine reads it, and a lake in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from claude_admin_lake.catalog.tables import CATALOG

from .errors import NoLake

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from claude_admin_lake.catalog.tables import CatalogTable

_PREFIXES = {table.name for table in CATALOG}


class Lake(Protocol):
    """Something that has the files of a table."""

    is_empty: bool
    """Whether nothing at all is there yet."""

    def files(self, table: CatalogTable) -> list[Path]:
        """The table's objects as files, under `…/<partition>=<day>/` if it has partitions."""
        ...


class FolderLake:
    """A lake in a folder, as the loader writes it on a laptop."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise NoLake(f"{folder} is not a folder")
        found = {one.name for one in folder.iterdir()}
        check_prefixes(str(folder), found, _inner(folder))
        self._folder, self.is_empty = folder, not found

    def files(self, table: CatalogTable) -> list[Path]:
        """See Lake."""
        return sorted((self._folder / table.name).glob(pattern(table)))


def pattern(table: CatalogTable) -> str:
    """Where the table's objects are, below its prefix."""
    day = f"{table.partition.name}=????-??-??/" if table.partition else ""
    return f"{day}*.jsonl.gz"


def check_prefixes(place: str, found: set[str], inner: Iterable[str] = ()) -> None:
    """Raise NoLake if what is there is no lake; nothing at all may become one."""
    if not found or found & _PREFIXES:
        return
    some = ", ".join(sorted(found)[:5])
    hint = next((f"; did you mean {one}?" for one in sorted(inner)), "")
    raise NoLake(f"{place} is not a lake: it contains none of the tables, but {some}{hint}")


def _inner(folder: Path) -> list[str]:
    """Folders one level down that do look like a lake."""
    return [str(one.parent) for name in _PREFIXES for one in folder.glob(f"*/{name}")]
