"""The engine's interface to a lake, and a lake in a folder."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from claude_admin_lake.catalog.tables import CATALOG
from claude_admin_lake.lake.folder import names_below, partial_file
from claude_admin_lake.lake.keys import ORGANIZATION, STATE, in_old_layout, old_layout

from .errors import AnalysisError, NoLake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from pathlib import Path

    from claude_admin_lake.catalog.tables import CatalogTable

_PREFIXES = {table.name for table in CATALOG}


class Lake(Protocol):
    """Gives access to the files of each table, of all organizations or of one."""

    is_empty: bool
    """True if the lake contains nothing yet."""

    organization: str | None
    """The only organization to read; None for all."""

    def organizations(self) -> set[str]:
        """Return the organizations that have data in the lake."""
        ...

    def keep(self, key: str, content: bytes) -> None:
        """Replace the file of a table that a person keeps; readers see the old one or the new."""
        ...

    def files(self, table: CatalogTable, first: date | None = None) -> list[Path]:
        """Return the table's files, under `…/organization=<name>/` and the day's partition.

        With `first`, days before it are left out.
        """
        ...


class FolderLake:
    """A lake in a local folder; with `organization`, only its data."""

    def __init__(self, folder: Path, organization: str | None = None) -> None:
        if not folder.is_dir():
            what = "not a folder" if folder.exists() else "missing"
            raise NoLake(f"the lake {str(folder)!r} is {what}; must be a folder that was loaded")
        found = {one.name for one in folder.iterdir()} - {STATE}
        check_prefixes(str(folder), found, _inner(folder))
        check_layout(f"{folder}/", partial(names_below, folder))
        self._folder, self.is_empty, self.organization = folder, not found, organization
        check_organization(organization, self.organizations())

    def files(self, table: CatalogTable, first: date | None = None) -> list[Path]:
        """See Lake."""
        return files_below(self._folder, table, self.organization, first)

    def organizations(self) -> set[str]:
        """See Lake."""
        found = self._folder.glob(f"*/{ORGANIZATION}*")
        return {
            one.name.removeprefix(ORGANIZATION) for one in found if one.parent.name in _PREFIXES
        }

    def keep(self, key: str, content: bytes) -> None:
        """See Lake."""
        target, temporary = self._folder / key, partial_file(self._folder / STATE, key)
        try:
            for one in (target, temporary):
                one.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(content)
            temporary.replace(target)
        except OSError as error:
            raise AnalysisError(f"cannot write {target}: {error.strerror}") from error


def files_below(
    folder: Path, table: CatalogTable, organization: str | None, first: date | None
) -> list[Path]:
    """Return a table's files in a folder, in order: of the organization, if there is one, and from
    the day `first` on, if there is one."""
    found = sorted((folder / table.name).glob(_pattern(table, organization)))
    return [one for one in found if is_since(str(one), table, first)]


def _pattern(table: CatalogTable, organization: str | None) -> str:
    if table.is_own:
        return f"{table.name}.jsonl"
    day = f"{table.by_day.name}=????-??-??/" if table.by_day else ""
    return f"{ORGANIZATION}{organization or '*'}/{day}*.jsonl.gz"


def is_since(path: str, table: CatalogTable, first: date | None) -> bool:
    """True if an object's day is not before `first`."""
    if first is None or not table.by_day:
        return True
    return path.rpartition(f"/{table.by_day.name}=")[2] >= str(first)


def check_prefixes(place: str, found: set[str], inner: Iterable[str] = ()) -> None:
    """Raise NoLake if the names are not those of a lake; an empty place is accepted."""
    if not found or found & _PREFIXES:
        return
    some = ", ".join(sorted(found)[:5])
    hint = next((f"; did you mean {one}?" for one in sorted(inner)), "")
    raise NoLake(f"{place} is not a lake: it has none of the tables; it contains {some}{hint}")


def check_layout(place: str, below: Callable[[str], set[str]]) -> None:
    """Raise NoLake if what is there is a lake of version 1; `below` lists names under a path."""
    if found := in_old_layout(below):
        raise NoLake(old_layout(place + found))


def check_organization(organization: str | None, known: set[str]) -> None:
    """Raise NoLake if the lake has data, but none of this organization."""
    if organization is None or not known or organization in known:
        return
    raise NoLake(
        f"organization is {organization!r}; must be one in this lake: {', '.join(sorted(known))}"
    )


def _inner(folder: Path) -> list[str]:
    """Return the subfolders that look like a lake."""
    return [str(one.parent) for name in _PREFIXES for one in folder.glob(f"*/{name}")]
