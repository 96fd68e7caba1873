"""From JSON lines to the bytes of an object: compressed as they arrive, with a digest."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from isal import isal_zlib
from xxhash import xxh3_128_intdigest

from claude_admin_lake.errors import LakeTrouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import BinaryIO

    from . import Published, Upload

COMPRESSION_LEVEL = 2
"""Chosen by measurement; docs/decisions.md has the comparison."""

_GZIP = 16 + zlib.MAX_WBITS
_CHUNK_BYTES = 1 << 20
_DIGEST_RANGE = 1 << 128


class Digest:
    """A digest of rows that does not depend on their order: the sum of the rows' hashes.

    The API may return the same rows in a different order; that is not a restatement.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, lines: list[bytes]) -> None:
        self._sum += sum(map(xxh3_128_intdigest, lines))
        self.rows += len(lines)

    def __str__(self) -> str:
        return f"{self.rows}-{self._sum % _DIGEST_RANGE:032x}"


class Packer:
    """Packs lines into one object under one or more keys. Memory does not grow with the rows.

    The same lines give the same bytes: the gzip header has no time stamp and no name.
    """

    def __init__(self, uploads: Iterable[Upload]) -> None:
        self._uploads = list(uploads)
        self._digest = Digest()
        self._gzip = isal_zlib.compressobj(COMPRESSION_LEVEL, isal_zlib.DEFLATED, _GZIP)
        self.bytes = 0

    @property
    def rows(self) -> int:
        return self._digest.rows

    def add(self, lines: bytes) -> None:
        """Add rows: one JSON object and a newline each."""
        self._digest.add(lines.split(b"\n")[:-1])
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


def digest_of(stored: BinaryIO) -> str:
    """The digest of a stored object. Raises OSError, EOFError or zlib.error if it is not gzip."""
    digest = Digest()
    with gzip.open(stored) as lines:
        for line in lines:
            digest.add([line.rstrip(b"\n")])
    return str(digest)
