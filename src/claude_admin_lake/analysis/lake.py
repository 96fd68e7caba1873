"""The engine's interface to a lake, and a lake in a folder."""

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
    """Gives access to the files of each table."""

    is_empty: bool
    """True if the lake contains nothing yet."""

    def files(self, table: CatalogTable) -> list[Path]:
        """Return the table's files, under `…/<partition>=<day>/` if it is partitioned."""
        ...


class FolderLake:
    """A lake in a local folder."""

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
    """Return the glob pattern of a table's objects below its prefix."""
    day = f"{table.partition.name}=????-??-??/" if table.partition else ""
    return f"{day}*.jsonl.gz"


def check_prefixes(place: str, found: set[str], inner: Iterable[str] = ()) -> None:
    """Raise NoLake if the names are not those of a lake; an empty place is accepted."""
    if not found or found & _PREFIXES:
        return
    some = ", ".join(sorted(found)[:5])
    hint = next((f"; did you mean {one}?" for one in sorted(inner)), "")
    raise NoLake(f"{place} is not a lake: it has none of the tables; it contains {some}{hint}")


def _inner(folder: Path) -> list[str]:
    """Return the subfolders that look like a lake."""
    return [str(one.parent) for name in _PREFIXES for one in folder.glob(f"*/{name}")]
