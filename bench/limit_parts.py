"""What `bench.limit` measures, in words."""

PARTS = {
    "start": "starting: imports, settings, a plan (a dry run)",
    "fetch": "fetching: `requests`, the pages' bytes",
    "decode": "`msgspec` parses the pages",
    "encode": "`msgspec` writes each record",
    "digest": "BLAKE2b of each",
    "gzip": "gzip of a thousand at a time, at the level chosen",
}
