"""Compressors over real packed rows: python -m bench.compressors FILE... prints JSON."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from isal import isal_zlib

from claude_admin_lake.lake.packing import COMPRESSION_LEVEL

from . import loads
from .children import plain_environment, run
from .text import amount, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .options import Options

BATCH = 100


class Compressor(Protocol):
    """What zlib, bz2 and lzma have in common."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


def _zlib(level: int) -> Callable[[], Compressor]:
    return lambda: zlib.compressobj(level, zlib.DEFLATED, 16 + zlib.MAX_WBITS)


def _isal(level: int) -> Callable[[], Compressor]:
    return lambda: isal_zlib.compressobj(level, isal_zlib.DEFLATED, 16 + zlib.MAX_WBITS)


CANDIDATES: Mapping[str, tuple[Callable[[], Compressor], Callable[[bytes], bytes], str]] = {
    **{f"gzip by ISA-L {n}": (_isal(n), gzip.decompress, "yes") for n in (0, 1, 2, 3)},
    **{f"gzip by zlib {n}": (_zlib(n), gzip.decompress, "yes") for n in (1, 2, 3, 4, 6, 9)},
    "bzip2 9": (lambda: bz2.BZ2Compressor(9), bz2.decompress, "yes"),
    "xz 0": (lambda: lzma.LZMACompressor(preset=0), lzma.decompress, "no"),
    "xz 6": (lambda: lzma.LZMACompressor(preset=6), lzma.decompress, "no"),
}


def compare(files: list[Path]) -> list[dict[str, Any]]:
    """Each candidate over the rows of every file, in the batches that the loader uses."""
    objects = [_batches(gzip.decompress(file.read_bytes())) for file in files]
    return [{"name": name, **_one(name, objects)} for name in CANDIDATES]


def _batches(rows: bytes) -> list[bytes]:
    lines = rows.splitlines(keepends=True)
    return [b"".join(lines[at : at + BATCH]) for at in range(0, len(lines), BATCH)]


def _one(name: str, objects: list[list[bytes]]) -> dict[str, float]:
    make, unpack, _ = CANDIDATES[name]
    began = time.process_time()
    packed = [_packed(make(), batches) for batches in objects]
    done = time.process_time()
    for one in packed:
        unpack(one)
    return {
        "raw": sum(len(batch) for batches in objects for batch in batches),
        "size": sum(map(len, packed)),
        "cpu": done - began,
        "reading": time.process_time() - done,
    }


def _packed(compressor: Compressor, batches: list[bytes]) -> bytes:
    return b"".join([*map(compressor.compress, batches), compressor.flush()])


def objects(options: Options) -> dict[str, str]:
    """Tables of both kinds of rows."""
    found = {}
    for name, load in (("coding", loads.CODING), ("cost", loads.COST)):
        chosen = options.size(load)
        with chosen.double() as double:
            chosen.by_loader(double, options.folder)
        files = sorted((options.folder / "lake" / load.table).glob("*/*.gz"))[:6]
        command = [sys.executable, "-m", "bench.compressors", *map(str, files)]
        used = run(command, plain_environment(), options.folder)
        found[f"objects-{name}"] = _table(json.loads(used.output))
    return found


def _table(measured: list[dict[str, Any]]) -> str:
    chosen = f"gzip by ISA-L {COMPRESSION_LEVEL}"
    best = next(one for one in measured if one["name"] == chosen)
    rows = [
        [
            f"**{one['name']}** (chosen)" if one["name"] == chosen else one["name"],
            amount(one["size"]), f"{100 * one['size'] / one['raw']:.1f} %",
            f"{one['size'] / best['size']:.2f}", f"{one['cpu']:.3f}",
            f"{one['cpu'] / best['cpu']:.2f}", f"{one['reading']:.3f}",
            CANDIDATES[one["name"]][2],
        ]
        for one in measured
    ]  # fmt: skip
    head = ["compressor", "size", "of the rows", "against chosen", "CPU s", "against chosen",
            "reading CPU s", "Athena reads it"]  # fmt: skip
    return f"{amount(best['raw'])} of rows:\n\n" + table(head, rows)


if __name__ == "__main__":
    print(json.dumps(compare([Path(name) for name in sys.argv[1:]])))
