"""Finds variables that are set under a misspelled name. Pure."""

import difflib
from collections.abc import Mapping, Sequence

_ALIKE = 0.87
"""How alike two names must be (difflib's ratio) for one to be a misspelling of the other."""


def misspelled(environment: Mapping[str, str], known: Sequence[str]) -> list[str]:
    """Warnings about variables whose names resemble a setting that is not set."""
    absent = [name for name in known if name not in environment]
    return [
        f"{name} is set, but no setting has this name; did you mean {near[0]}?"
        for name in sorted(set(environment) - set(known))
        if (near := difflib.get_close_matches(name, absent, n=1, cutoff=_ALIKE))
    ]
