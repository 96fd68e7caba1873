"""From JSON lines to the bytes of an object: compressed as they arrive, with a digest."""

from __future__ import annotations

import gzip
import re
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

from isal import isal_zlib
from msgspec.structs import replace
from xxhash import xxh3_128_intdigest

from claude_admin_lake.errors import LakeTrouble
from claude_admin_lake.records.totals import Totals, added_up

from . import Published

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import BinaryIO

    from claude_admin_lake.tables import Table

    from . import Upload, Watch

    Opened = Callable[[], BinaryIO]

COMPRESSION_LEVEL = 2
"""Chosen by measurement; docs/decisions.md has the comparison."""

_GZIP = 16 + zlib.MAX_WBITS
_CHUNK_BYTES = 1 << 20
_DIGEST_RANGE = 1 << 128


class Digest:
    """A digest of rows that does not depend on their order: the sum of the rows' hashes.

    The API may return the same rows in a different order; that is not a restatement. With `labels`
    (columns whose change alone is no restatement) there is a second sum, of the rows without them.
    """

    def __init__(self, labels: tuple[str, ...] = ()) -> None:
        self.rows = 0
        self._sums = [0, 0] if labels else [0]
        self._labelled = _labelled(labels)

    def add(self, lines: bytes) -> None:
        """Add rows, each with its line feed."""
        rows = lines.split(b"\n")[:-1]
        self.rows += len(rows)
        self._sums[0] += sum(map(xxh3_128_intdigest, rows))
        if len(self._sums) > 1:
            bare = self._labelled.sub(b"", lines).split(b"\n")[:-1]
            self._sums[1] += sum(map(xxh3_128_intdigest, bare))

    def __str__(self) -> str:
        return "-".join([str(self.rows), *(f"{one % _DIGEST_RANGE:032x}" for one in self._sums)])


def _labelled(labels: tuple[str, ...]) -> re.Pattern[bytes]:
    """A pattern for the labels in rows. Quotes within strings are escaped, so a string cannot look
    like a quoted name."""
    names = "|".join(map(re.escape, labels)).encode()
    return re.compile(rb'"(?:' + names + rb')":(?:"(?:[^"\\]|\\.)*"|[^",}]*)')


def replacing(stored: str | None, digest: str) -> Published:
    """The effect of replacing the rows with the digest `stored` (None if there were none)."""
    if stored is None:
        return Published(changed=True)
    before, after = stored.split("-"), digest.split("-")
    relabelled = len(before) == len(after) == 3 and before[::2] == after[::2]
    return Published(changed=True, replaced=not relabelled, relabelled=relabelled)


def with_before(effect: Published, watch: Watch | None, stored: Opened) -> Published:
    """Add the totals of an object that is about to be replaced, if they are watched."""
    if watch is None or not effect.replaced:
        return effect
    return replace(effect, before=totals_of(stored, watch.table))


def with_after(effect: Published, watch: Watch | None, stored: Opened) -> Published:
    """Add the totals of the new object, if they are watched."""
    if watch is None or not (effect.before or (watch.first and effect.is_new)):
        return effect
    return replace(effect, after=totals_of(stored, watch.table))


def totals_of(opened: Opened, table: Table) -> Totals:
    """Add up an object's rows. Unknown if it can't be read or its rows don't match the schema."""
    try:
        with closing(opened()) as stored:
            return added_up(chunks_of(stored, table.name), table)
    except (LakeTrouble, OSError, EOFError, zlib.error, ValueError, ArithmeticError):
        return Totals()


class Packer:
    """Packs lines into one object under one or more keys. Memory does not grow with the rows.

    The same lines give the same bytes: the gzip header has no timestamp and no name.
    """

    def __init__(self, uploads: Iterable[Upload], labels: tuple[str, ...] = ()) -> None:
        self._uploads = list(uploads)
        self._digest = Digest(labels)
        self._gzip = isal_zlib.compressobj(COMPRESSION_LEVEL, isal_zlib.DEFLATED, _GZIP)
        self.bytes = 0

    @property
    def rows(self) -> int:
        return self._digest.rows

    def add(self, lines: bytes) -> None:
        """Add rows: one JSON object and a newline each."""
        self._digest.add(lines)
        self._write(self._gzip.compress(lines))

    def publish(self, facts: Mapping[str, str]) -> list[Published]:
        """Finish the object and publish it under each key, in order."""
        self._write(self._gzip.flush())
        facts = {**facts, "rows": str(self.rows)}
        return [upload.publish(str(self._digest), facts) for upload in self._uploads]

    def discard(self) -> None:
        """Drop the object."""
        for upload in self._uploads:
            upload.discard()

    def _write(self, chunk: bytes) -> None:
        self.bytes += len(chunk)
        for upload in self._uploads:
            upload.write(chunk)


def chunks_of(stored: BinaryIO, name: str) -> Iterator[bytes]:
    """The lines of a stored object, many at a time. Raises LakeTrouble if it is damaged."""
    rest = b""
    try:
        with gzip.open(stored) as content:
            while chunk := content.read(_CHUNK_BYTES):
                whole, newline, rest = (rest + chunk).rpartition(b"\n")
                if newline:
                    yield whole + newline
    except (OSError, EOFError, zlib.error) as error:
        raise LakeTrouble(f"{name} is damaged: {error}") from error


def digest_of(stored: BinaryIO, labels: tuple[str, ...] = ()) -> str:
    """The digest of a stored object. Raises OSError, EOFError or zlib.error if it is not gzip."""
    digest = Digest(labels)
    with gzip.open(stored) as lines:
        for line in lines:
            digest.add(line.rstrip(b"\n") + b"\n")
    return str(digest)
