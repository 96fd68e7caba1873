"""Which of a test's parameters `make check` tries; the others are marked slow."""

from collections.abc import Container, Iterable

import pytest


def only_in_check(kept: Container[object], values: Iterable[object]) -> list[object]:
    """The values as parameters, all of them slow except those kept."""
    return [one if one in kept else pytest.param(one, marks=pytest.mark.slow) for one in values]
