"""Makes text from the API safe to show: in a terminal, in a spreadsheet, on a page."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters except tab and newline, and those that change the direction of text."""


def visible(text: str) -> str:
    """Replace control characters and direction marks by visible escapes."""
    return _INVISIBLE.sub(lambda found: repr(found[0])[1:-1], text)


def no_formula(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
