"""What `bench.limit` measures, in words."""

PARTS = {
    "start": "starting: imports, settings, a plan (a dry run)",
    "fetch": "fetching: `requests`, the pages' bytes",
    "decode": "`msgspec` parses the pages",
    "encode": "`msgspec` writes the records",
    "digest": "XXH3 of each",
    "gzip": "gzip of a hundred at a time, at the level chosen",
}
