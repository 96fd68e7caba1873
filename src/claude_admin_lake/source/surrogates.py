r"""Half characters in JSON: an escape from \ud800 to \udfff without its other half. Pure.

They stand for no text, but programs that cut names at a number of UTF-16 units produce them. The
parser refuses the whole answer for one, and DuckDB a whole file. So the escape itself becomes the
text: the six characters `\ud800`, as JSON writes them.
"""

import re

_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"  # a half
    rb"|\\.",
    re.DOTALL,
)


def spelled_out(body: bytes) -> bytes:
    """The JSON text with half characters spelled out; the same object if it has none."""
    # A single byte is found many times faster than several, and most answers escape nothing.
    if b"\\" not in body or (b"\\ud" not in body and b"\\uD" not in body):
        return body
    fixed, n = _ESCAPES.subn(lambda found: b"\\" * bool(found[1]) + found[0], body)
    return fixed if n and fixed != body else body
