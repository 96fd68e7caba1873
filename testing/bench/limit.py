"""What no loader of this design can save: the calls into C alone, with nothing around them.

python -m bench.limit URL KEY TABLE FIRST LAST prints the processor seconds of each as JSON.
"""

from __future__ import annotations

import json
import sys
import zlib
from datetime import date
from time import process_time
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import requests
from isal import isal_zlib
from xxhash import xxh3_128_intdigest

from claude_admin_lake.lake.packing import COMPRESSION_LEVEL

from .floor import questions

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 100
_T = TypeVar("_T")
_write = msgspec.json.Encoder().encode_lines


class Stopwatch:
    """Adds up processor seconds by name."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(("fetch", "decode", "encode", "digest", "gzip"), 0.0)

    def timed(self, name: str, work: Callable[..., _T], *given: Any) -> _T:
        began = process_time()
        result = work(*given)
        self.seconds[name] += process_time() - began
        return result


def encode(records: list[Any]) -> list[bytes]:
    return _write(records).split(b"\n")[:-1]


def digest(lines: list[bytes]) -> int:
    return sum(map(xxh3_128_intdigest, lines))


def main(url: str, key: str, table: str, first: str, last: str) -> None:
    """Page by page, nothing kept."""
    session, watch = requests.Session(), Stopwatch()
    session.headers.update({"x-api-key": key, "anthropic-version": "2023-06-01"})
    packer = isal_zlib.compressobj(COMPRESSION_LEVEL, isal_zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def get(path: str, parameters: list[tuple[str, str]]) -> bytes:
        answer = session.get(url + path, params=parameters, timeout=60, stream=True)
        return answer.raw.read(decode_content=True)

    for path, parameters in questions(table, date.fromisoformat(first), date.fromisoformat(last)):
        asked = parameters
        while asked:
            body = watch.timed("fetch", get, path, asked)
            page = watch.timed("decode", msgspec.json.decode, body)
            records = [row for item in page["data"] for row in item.get("results", (item,))]
            lines = watch.timed("encode", encode, records)
            watch.timed("digest", digest, lines)
            for at in range(0, len(lines), BATCH):
                watch.timed("gzip", packer.compress, b"\n".join(lines[at : at + BATCH]))
            token = page.get("next_page")
            asked = [*parameters, ("page", token)] if token else []
    print(json.dumps(watch.seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
