r"""Lone surrogates in JSON: an escape from \ud800 to \udfff without its other half. Pure.

They are no characters, but programs that cut names after a number of UTF-16 units produce them. The
parser rejects the whole answer for one of them, and DuckDB a whole file. So the escape is kept as
text: the six characters `\ud800`, as JSON writes them.
"""

import re

_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"  # a lone one
    rb"|\\.",
    re.DOTALL,
)


def spelled_out(body: bytes) -> bytes:
    """The JSON text with lone surrogates spelled out; the same object if it has none."""
    # A single byte is found many times faster than several, and most answers escape nothing.
    if b"\\" not in body or (b"\\ud" not in body and b"\\uD" not in body):
        return body
    fixed, n = _ESCAPES.subn(lambda found: b"\\" * bool(found[1]) + found[0], body)
    return fixed if n and fixed != body else body
