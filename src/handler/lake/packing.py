"""Rows into the bytes of an object: JSON lines, compressed as they come, and their digest."""

from __future__ import annotations

import gzip
import zlib
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import BinaryIO

    from . import Published, Upload

COMPRESSION_LEVEL = 3
"""docs/performance.md has the comparison."""

_GZIP = 16 + zlib.MAX_WBITS
_DIGEST_BYTES = 16
_DIGEST_RANGE = 1 << (8 * _DIGEST_BYTES)


class Digest:
    """A digest of rows that does not depend on their order: the sum of the rows' hashes.

    The API may answer the same rows in another order; that is no restatement.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, line: bytes) -> None:
        self._sum += int.from_bytes(blake2b(line, digest_size=_DIGEST_BYTES).digest())
        self.rows += 1

    def __str__(self) -> str:
        return f"{self.rows}-{self._sum % _DIGEST_RANGE:032x}"


class Packer:
    """Packs lines into one object under one or more keys. Memory does not grow with the rows.

    The same lines give the same bytes: the gzip header holds no time and no name.
    """

    def __init__(self, uploads: Iterable[Upload]) -> None:
        self._uploads = list(uploads)
        self._digest = Digest()
        self._gzip = zlib.compressobj(COMPRESSION_LEVEL, zlib.DEFLATED, _GZIP)
        self.bytes = 0

    @property
    def rows(self) -> int:
        return self._digest.rows

    def add(self, lines: list[bytes]) -> None:
        """Take rows, each one JSON object without its line end."""
        if lines:
            for line in lines:
                self._digest.add(line)
            self._write(self._gzip.compress(b"\n".join(lines) + b"\n"))

    def publish(self, facts: Mapping[str, str]) -> list[Published]:
        """Finish the object and put it under each key, in order."""
        self._write(self._gzip.flush())
        facts = {**facts, "rows": str(self.rows)}
        return [upload.publish(str(self._digest), facts) for upload in self._uploads]

    def discard(self) -> None:
        """Forget the object."""
        for upload in self._uploads:
            upload.discard()

    def _write(self, chunk: bytes) -> None:
        self.bytes += len(chunk)
        for upload in self._uploads:
            upload.write(chunk)


def digest_of(stored: BinaryIO) -> str:
    """The digest of a stored object. Raises OSError, EOFError or zlib.error if it is no gzip."""
    digest = Digest()
    with gzip.open(stored) as lines:
        for line in lines:
            digest.add(line.rstrip(b"\n"))
    return str(digest)
