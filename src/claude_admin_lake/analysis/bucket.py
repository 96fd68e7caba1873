"""A lake in an S3 bucket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from claude_admin_lake.lake.keys import ORGANIZATION

from .errors import AnalysisError, NoLake
from .lake import check_layout, check_organization, check_prefixes, files_below, is_since

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from claude_admin_lake.catalog.tables import CatalogTable

_AT_ONCE = 16


class BucketLake:
    """A lake below a prefix of a bucket; a table's objects are copied on first use.

    With `organization`, only that organization's objects are copied.
    """

    def __init__(
        self, bucket: str, prefix: str, copies: Path, organization: str | None = None
    ) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
        self._copies, self.organization = copies, organization
        self._copied: dict[str, str] = {}
        self._place = f"s3://{bucket}/{self._prefix}"
        try:
            self._s3: Any = boto3.client("s3", config=Config(max_pool_connections=_AT_ONCE))
            found = self._check()
            self.is_empty = not found
        except (BotoCoreError, ClientError) as error:
            raise NoLake(f"cannot read {self._place}: {error}") from error
        if organization:
            check_organization(organization, self.organizations())

    def files(self, table: CatalogTable, first: date | None = None) -> list[Path]:
        """See Lake."""
        try:
            pages = self._pages(self._of(table))
            objects = [one for page in pages for one in page.get("Contents", ())]
            objects = [one for one in objects if is_since(one["Key"], table, first)]
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                list(pool.map(self._copy, objects))
        except (BotoCoreError, ClientError) as error:
            raise NoLake(f"cannot read {self._place}{table.prefix}: {error}") from error
        return files_below(self._copies, table, self.organization, first)

    def organizations(self) -> set[str]:
        """See Lake."""
        try:
            tables = self._below(self._prefix)
            below = {one for name in tables for one in self._below(f"{self._prefix}{name}/")}
        except (BotoCoreError, ClientError) as error:
            raise NoLake(f"cannot read {self._place}: {error}") from error
        return {one.removeprefix(ORGANIZATION) for one in below if one.startswith(ORGANIZATION)}

    def keep(self, key: str, content: bytes) -> None:
        """See Lake."""
        try:
            self._s3.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=content)
        except (BotoCoreError, ClientError) as error:
            raise AnalysisError(f"cannot write {self._place}{key}: {error}") from error

    def _of(self, table: CatalogTable) -> str:
        """Return the key prefix of a table's objects, of the organization if there is one."""
        if table.is_own or not self.organization:
            return table.prefix
        return f"{table.prefix}{ORGANIZATION}{self.organization}/"

    def _check(self) -> set[str]:
        """Return the names below the prefix. Raises NoLake if it is not a lake."""
        found = self._below(self._prefix)
        if self._prefix and not found:
            others = ", ".join(sorted(self._below(""))) or "nothing"
            raise NoLake(f"nothing is under {self._place}; the bucket contains {others}")
        inner = [
            f"s3://{self._bucket}/{self._prefix}{one}/"
            for one in found
            if _looks_like_lake(self._below(f"{self._prefix}{one}/"))
        ]
        check_prefixes(self._place, found, inner)
        check_layout(self._place, lambda path: self._below(self._prefix + path))
        return found

    def _below(self, prefix: str) -> set[str]:
        """Return the names of folders and objects directly below a prefix."""
        answer = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=prefix, Delimiter="/")
        names = [one["Prefix"] for one in answer.get("CommonPrefixes", ())]
        names += list(_keys(answer))
        return {name.removeprefix(prefix).rstrip("/") for name in names} - {""}

    def _pages(self, prefix: str) -> Iterator[dict[str, Any]]:
        pages = self._s3.get_paginator("list_objects_v2")
        yield from pages.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix)

    def _copy(self, stored: dict[str, Any]) -> None:
        """Copy an object unless this version of it is copied already."""
        key, version = stored["Key"], stored["ETag"]
        if self._copied.get(key) != version:
            target = self._copies / key.removeprefix(self._prefix)
            target.parent.mkdir(parents=True, exist_ok=True)
            self._s3.download_file(self._bucket, key, str(target))
            self._copied[key] = version


def _keys(page: dict[str, Any]) -> Iterator[str]:
    yield from (one["Key"] for one in page.get("Contents", ()))


def _looks_like_lake(found: set[str]) -> bool:
    try:
        check_prefixes("", found)
    except NoLake:
        return False
    return bool(found)
